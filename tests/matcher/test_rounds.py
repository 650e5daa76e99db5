"""In which round: colouring, exchange of chains, repair."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.graph import MeetingGraph, meeting_graph
from matcher.problem import Person, Problem, Session
from matcher.rules import Admissibility
from matcher.when.mend import Wanted, counts, mend
from matcher.when.refill import Refill
from matcher.when.rounds import timed
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


@settings(max_examples=60, deadline=None)
@given(problems(most=10, rounds=4), st.integers(0, 9))
def test_whatever_is_timed_is_sound(problem: Problem, seed: int) -> None:
    graph = graph_of(problem)
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    table, left = timed(graph, pairs, random.Random(seed))
    assert sound(table)
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
