"""In which round: colouring, exchange of chains, repair."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.pairs.choice import fewest_rests
from matcher.choose.pairs.columns import Master
from matcher.graph import MeetingGraph, meeting_graph
from matcher.problem import Person, Problem, Session
from matcher.rules import Admissibility
from matcher.when.mend import Wanted, counts, mend
from matcher.when.refill import Refill
from matcher.when.rounds import place, timed
from matcher.when.threes import in_three_rounds
from matcher.when.timetable import Timetable
from tests.matcher.strategies import problems


def graph_of(problem: Problem) -> MeetingGraph:
    return meeting_graph(problem, Admissibility(problem))


def room(number: int, rounds: int) -> MeetingGraph:
    return graph_of(Problem(Session(rounds=rounds), tuple(Person(f"p{at}") for at in range(number))))


def sound(table: Timetable) -> bool:
    """Nobody is away or at two tables, and no round has more meetings than it takes."""
    for when in range(table.graph.rounds):
        pairs = table.pairs(when)
        assert len(pairs) == table.load[when] <= table.room[when]
        assert table.graph.free[pairs.ravel(), when].all()
        assert all(table.at[table.at[who][when]][when] == who for who in pairs.ravel().tolist())
    return True


def test_two_sided_choices_always_fit() -> None:
    graph = room(12, 6)
    pairs = np.array([(one, 6 + other) for one in range(6) for other in range(6)])
    table, left = timed(graph, pairs, random.Random(1))
    assert left == []
    assert sorted((one, other) for _, one, other in table.spots()) == sorted(map(tuple, pairs.tolist()))
    assert sound(table)


def test_everybody_meets_everybody_in_the_fewest_rounds() -> None:
    graph = room(16, 15)
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    table = mend(timed(graph, pairs, random.Random(0))[0], Wanted(np.full(16, 15), 0, 0.0), random.Random(0)).table
    assert sound(table)
    assert counts(table)[:14] == (16,) * 14


def chosen_with_absences(
    number: int, rounds: int, seed: int, *, sides: bool = False
) -> tuple[MeetingGraph, np.ndarray]:
    """The most beneficial meetings of people who are away now and then."""
    rng = np.random.default_rng(seed)
    away = [frozenset((1 + np.flatnonzero(rng.random(rounds) < 0.12)).tolist()) for _ in range(number)]
    side = ("a", "b") if sides else (None, None)
    people = tuple(Person(f"p{at}", away=away[at], side=side[at % 2]) for at in range(number))
    benefits = tuple(
        (f"p{one}", f"p{other}", int(rng.integers(0, 1001))) for one in range(number) for other in range(one)
    )
    graph = graph_of(Problem(Session(rounds=rounds), people, benefits=benefits))
    return graph, fewest_rests(Master(graph))[2]


@pytest.mark.parametrize("sides", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_people_are_away_all_chosen_meetings_still_find_a_round(seed: int, sides: bool) -> None:
    graph, pairs = chosen_with_absences(60, 7, seed, sides=sides)
    table, left = timed(graph, pairs, random.Random(0))
    assert left == []
    assert sorted((one, other) for _, one, other in table.spots()) == sorted(map(tuple, pairs.tolist()))
    assert sound(table)


def test_chains_alone_would_leave_some_of_them_over() -> None:
    graph, pairs = chosen_with_absences(60, 7, 1)
    table = Timetable(graph)
    assert [pair for pair in pairs.tolist() if not place(table, *pair)]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_three_rounds_are_coloured_anew_wherever_that_is_possible(data: st.DataObject) -> None:
    number = data.draw(st.integers(4, 7))
    away = st.frozensets(st.integers(1, 3), max_size=1)
    graph = graph_of(Problem(Session(rounds=3), tuple(Person(f"p{at}", away=data.draw(away)) for at in range(number))))
    pairs = data.draw(st.permutations([(one, other) for one in range(number) for other in range(one)]))
    table, waiting = Timetable(graph), []
    for one, other in pairs[: data.draw(st.integers(3, 8))]:
        when = next((when for when in range(3) if table.idle(one, when) and table.idle(other, when)), None)
        if when is None:
            waiting.append((one, other))
        else:
            table.put(one, other, when)
    for pair in waiting:
        resting = all(any(table.idle(who, when) for when in range(3)) for who in pair)
        before = sorted((one, other) for _, one, other in table.spots())
        could = resting and colourable(graph, [*before, pair])
        assert in_three_rounds(table, pair, random.Random(0)) == could
        after = [*before, (min(pair), max(pair))] if could else before
        assert sorted((one, other) for _, one, other in table.spots()) == sorted(after)
        assert sound(table)


def colourable(graph: MeetingGraph, pairs: list[tuple[int, int]]) -> bool:
    """Whether some choice of rounds has nobody twice in one: by trying them all."""
    busy: set[tuple[int, int]] = set()

    def rest(at: int) -> bool:
        if at == len(pairs):
            return True
        for when in range(graph.rounds):
            spots = {(who, when) for who in pairs[at]}
            if graph.free[list(pairs[at]), when].all() and not busy & spots:
                busy.update(spots)
                if rest(at + 1):
                    return True
                busy.difference_update(spots)
        return False

    return rest(0)


def test_a_round_takes_no_more_meetings_than_the_smaller_side_has_people() -> None:
    people = tuple(
        Person(f"p{at}", side="a" if at < 5 else "b", away=frozenset({2} if at in (5, 6) else ())) for at in range(9)
    )
    assert graph_of(Problem(Session(rounds=2), people)).room.tolist() == [4, 2]


def test_a_meeting_that_finds_no_round_is_told_and_the_rest_stands() -> None:
    people = (Person("p0", away=frozenset({2, 3})), *(Person(f"p{at}") for at in range(1, 4)))
    graph = graph_of(Problem(Session(rounds=3), people))
    table, left = timed(graph, np.array([[0, 1], [0, 2], [1, 2], [2, 3]]), random.Random(0))
    assert len(left) == 1
    assert 0 in left[0]
    assert sum(table.load) == 3
    assert sound(table)


def test_filling_spares_whom_a_floor_protects() -> None:
    people = tuple(Person(f"p{at}") for at in range(6))
    benefits = (("p2", "p3", 900), ("p4", "p5", 900), ("p0", "p2", 1000), ("p1", "p3", 500), ("p0", "p4", 600),
                ("p1", "p5", 850))  # fmt: skip
    graph = graph_of(Problem(Session(rounds=1), people, keep_apart=(("p0", "p1"),), benefits=benefits))
    tables = []
    for floor in (0.0, 0.9):
        table = Timetable(graph)
        table.put(2, 3, 0)
        table.put(4, 5, 0)
        Refill(table, floor=floor).run()
        tables.append(sorted((one, other) for _, one, other in table.spots()))
    assert tables == [[(0, 2), (1, 3), (4, 5)], [(0, 4), (1, 5), (2, 3)]]


@settings(max_examples=30, deadline=None)
@given(problems(most=10, rounds=4), st.integers(0, 9))
def test_whatever_is_timed_is_sound(problem: Problem, seed: int) -> None:
    graph = graph_of(problem)
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    table, left = timed(graph, pairs, random.Random(seed))
    assert sound(table)
    placed = [(one, other) for when in range(graph.rounds) for one, other in table.pairs(when).tolist()]
    assert sorted([*placed, *left]) == sorted(map(tuple, pairs.tolist()))
    assert len(left) + sum(table.load) == len(pairs)


@settings(max_examples=60, deadline=None)
@given(problems(most=10, rounds=4))
def test_refilling_from_nothing_is_sound_and_keeps_limits(problem: Problem) -> None:
    table = Timetable(graph_of(problem))
    Refill(table).run()
    assert sound(table)
    assert (table.degrees() <= table.graph.caps).all()
    assert not (table.met() & ~table.graph.allowed).any()


def test_a_chain_is_not_exchanged_onto_somebody_who_is_away() -> None:
    people = (Person("p0", away=frozenset({2})), Person("p1"), Person("p2"))
    table = Timetable(graph_of(Problem(Session(rounds=2), people)))
    table.put(0, 1, 0)
    assert not table.swap(table.chain(1, 0, 1), 0, 1)
    assert table.at[1][0] == 0
