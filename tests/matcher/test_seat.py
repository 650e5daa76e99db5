"""At which table."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from matcher.errors import NotPossible
from matcher.graph import MeetingGraph, meeting_graph
from matcher.problem import Lock, Person, Problem, Session
from matcher.rules import Admissibility
from matcher.when.rounds import timed
from matcher.where.seat import seat
from tests.matcher.strategies import problems

Spot = tuple[int, int, int]


def graph_of(problem: Problem) -> MeetingGraph:
    return meeting_graph(problem, Admissibility(problem))


def changes(seats: dict[Spot, str]) -> int:
    last: dict[int, list[str]] = {}
    for (_, one, other), table in sorted(seats.items()):
        for who in (one, other):
            last.setdefault(who, []).append(table)
    return sum(first != second for tables in last.values() for first, second in pairwise(tables))


def test_one_of_each_two_stays() -> None:
    graph = graph_of(Problem(Session(rounds=3), tuple(Person(f"p{at}") for at in range(8))))
    pairs = np.array([(one, 4 + (one + turn) % 4) for turn in range(3) for one in range(4)])
    table, left = timed(graph, pairs, random.Random(0))
    seats, dropped = seat(graph, None, list(table.spots()))
    assert (left, dropped) == ([], [])
    assert changes(seats) == 2 * 4


@settings(max_examples=60, deadline=None)
@given(problems(most=9, rounds=4, seated=True))
def test_no_table_is_used_twice_and_the_seated_stay(problem: Problem) -> None:
    graph = graph_of(problem)
    table, _ = timed(graph, np.argwhere(np.triu(graph.allowed, 1)), random.Random(0))
    spots = list(table.spots())
    seats, dropped = seat(graph, problem.session.tables, spots)
    assert sorted([*seats, *dropped]) == sorted(spots)
    assert len({(spot[0], name) for spot, name in seats.items()}) == len(seats)
    for who in np.flatnonzero(graph.seated).tolist():
        assert len({name for spot, name in seats.items() if who in spot[1:]}) <= 1


def test_more_seated_people_than_tables_drop_what_cannot_be_held() -> None:
    people = (Person("p0", seated=True), Person("p1", seated=True), Person("p2"), Person("p3"))
    graph = graph_of(Problem(Session(rounds=1, tables=("only",)), people))
    seats, dropped = seat(graph, ("only",), [(0, 0, 2), (0, 1, 3)])
    assert (seats, dropped) == ({(0, 0, 2): "only"}, [(0, 1, 3)])


def test_two_locks_at_one_table_are_refused() -> None:
    people = tuple(Person(f"p{at}") for at in range(4))
    locks = (Lock(1, ("p0", "p1"), "5"), Lock(1, ("p2", "p3"), "5"))
    graph = graph_of(Problem(Session(rounds=1), people, locks=locks))
    with pytest.raises(NotPossible, match="table '5'"):
        seat(graph, None, [(0, 0, 1), (0, 2, 3)])
