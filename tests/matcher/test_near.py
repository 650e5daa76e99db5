"""Whole meetings proven best, choices near them, and ways round meetings that find no round."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.pairs.choice import choose, fewest_rests
from matcher.choose.pairs.columns import Master
from matcher.choose.pairs.near import Near
from matcher.engine import solve
from matcher.graph import Ints, MeetingGraph, meeting_graph
from matcher.problem import Person, Problem, Session
from matcher.rules import Admissibility
from matcher.solver import Programme, whole
from matcher.when.detour import Detours
from matcher.when.rounds import go_round, timed
from matcher.when.timetable import Timetable


def room(people: int, rounds: int, chance: random.Random, away: float = 0.0) -> MeetingGraph:
    """A room with random benefits, in which everybody may meet everybody."""
    names = [f"p{number}" for number in range(people)]
    persons = tuple(
        Person(name, away=tuple(when for when in range(1, rounds + 1) if chance.random() < away)) for name in names
    )
    benefits = tuple((one, other, chance.randrange(1001)) for at, one in enumerate(names) for other in names[at + 1 :])
    problem = Problem(Session(rounds=rounds), persons, benefits=benefits)
    return meeting_graph(problem, Admissibility(problem))


def worth(graph: MeetingGraph, pairs: Ints) -> int:
    """Benefit of these meetings."""
    return int(graph.benefit[pairs[:, 0], pairs[:, 1]].sum())


def degrees(graph: MeetingGraph, pairs: Ints) -> list[int]:
    """Meetings of each person."""
    return np.bincount(pairs.ravel(), minlength=graph.size).tolist()


def best_of_all(graph: MeetingGraph, near: Near) -> int:
    """The most benefit, with every pair open to branch and bound."""
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    rows = np.zeros((graph.size + 1, len(pairs)))
    rows[pairs[:, 0], np.arange(len(pairs))] = rows[pairs[:, 1], np.arange(len(pairs))] = 1
    rows[-1] = 1
    low = np.append(near.question.low, near.question.least).astype(float)
    high = np.append(near.question.high, near.question.most).astype(float)
    gain = graph.benefit[pairs[:, 0], pairs[:, 1]].astype(float)
    found = whole(Programme(gain, rows, low, high, np.ones(len(pairs))), nodes=100_000)
    assert found is not None
    assert found.best
    return round(float(found.x @ gain))


def nearby(graph: MeetingGraph) -> tuple[Near, Ints]:
    """What the choice of the engine starts from."""
    question, choice, pairs = fewest_rests(Master(graph))
    assert question.spared is None
    return Near(graph, question, choice.reduced, choice.bound), pairs


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 24), st.integers(1, 5), st.integers(0, 10_000))
def test_what_is_proven_is_the_best_of_all_choices(people: int, rounds: int, seed: int) -> None:
    graph = room(people, rounds, random.Random(seed))
    near, pairs = nearby(graph)
    found, most = near.best(pairs)
    assert most == worth(graph, found) == best_of_all(graph, near)
    assert choose(graph, floor=False).bound == most


def test_a_worse_choice_is_bettered() -> None:
    graph = room(16, 4, random.Random(1))
    near, pairs = nearby(graph)
    one, most = near.best(pairs)
    assert most is not None
    detours = Detours(graph, one, np.zeros(16), random.Random(0))
    detours.around((int(one[0, 0]), int(one[0, 1])))
    worse = np.argwhere(np.triu(detours.met, 1))
    assert worth(graph, worse) < most
    assert worth(graph, near.best(worse)[0]) == most


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 40), st.integers(1, 6), st.integers(0, 10_000))
def test_another_choice_has_as_many_meetings_and_nearly_as_much_benefit(people: int, rounds: int, seed: int) -> None:
    graph = room(people, rounds, random.Random(seed))
    near, pairs = nearby(graph)
    best, most = near.best(pairs)
    assert most is not None
    other = near.another(best, random.Random(seed))
    have = np.array(degrees(graph, other))
    assert np.all((near.question.low <= have) & (have <= near.question.high))
    assert len(other) == len(best)
    assert most - 2 * len(best) <= worth(graph, other) <= most


@pytest.mark.parametrize(("people", "seed"), [(8, 1), (8, 7), (12, 14)])
def test_where_meetings_find_no_round_those_of_another_choice_are_held(people: int, seed: int) -> None:
    chance = random.Random(seed)
    absences = [chance.sample(range(1, 5), chance.choice((0, 0, 1, 2))) for _ in range(people)]
    persons = tuple(Person(f"p{at}", away=frozenset(away)) for at, away in enumerate(absences))
    alike = tuple((f"p{one}", f"p{other}", chance.randrange(3)) for other in range(people) for one in range(other))
    problem = Problem(Session(rounds=4), persons, benefits=alike)
    graph = meeting_graph(problem, Admissibility(problem))
    chosen = choose(graph, floor=False)
    assert timed(graph, chosen.pairs, random.Random(0))[1]
    quality = solve(problem, floor=False, clock=lambda: 0.0).quality
    assert quality.meetings == len(chosen.pairs)
    assert worth(graph, chosen.pairs) - 2 * quality.meetings <= quality.benefit <= quality.bound == chosen.bound


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 30), st.integers(2, 5), st.floats(0, 0.8), st.integers(0, 10_000))
def test_a_way_round_keeps_degrees_rules_and_needs(people: int, rounds: int, floor: float, seed: int) -> None:
    graph = room(people, rounds, random.Random(seed), away=0.1)
    pairs = choose(graph, floor=False).pairs
    if not len(pairs):
        return
    detours = Detours(graph, pairs, floor * graph.best.astype(float), random.Random(seed))
    before = detours.gained.copy()
    one, other = pairs[seed % len(pairs)].tolist()
    gone, come = detours.around((one, other))
    after = {*map(tuple, pairs.tolist())} - set(gone) | set(come)
    assert set(gone) <= set(map(tuple, pairs.tolist()))
    assert (one, other) in gone or not come
    assert all(graph.allowed[pair] for pair in come)
    held = np.array(sorted(after)).reshape(-1, 2)
    assert degrees(graph, held) == degrees(graph, pairs)
    assert len(held) == len(pairs)
    assert np.array_equal(np.argwhere(np.triu(detours.met, 1)), held)
    assert np.all(detours.gained >= np.minimum(before, detours.need))


def test_a_meeting_without_a_common_round_is_replaced() -> None:
    graph = room(8, 2, random.Random(3))
    table = Timetable(graph)
    for one, other in ((0, 1), (2, 3), (4, 5), (6, 7)):
        table.put(one, other, 0)
    for one, other in ((1, 2), (0, 3), (5, 6)):
        table.put(one, other, 1)
    chosen = np.array([*((0, 1), (2, 3), (4, 5), (6, 7), (0, 3), (1, 2), (5, 6)), (4, 7)])
    barred = graph.allowed.copy()
    chance = random.Random(0)
    assert go_round(table, [(4, 7)], (Detours(graph, chosen, np.zeros(8), chance), chance)) == []
    assert table.degrees().tolist() == [2] * 8
    assert not table.met()[4, 7]
    assert np.array_equal(barred, graph.allowed)
