"""Rests at the ends: the same meetings, fewer breaks, a proof."""

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import solve
from matcher.problem import Person, Problem, Rules, Session
from matcher.when.rounds import timed
from matcher.when.tidy import tidy
from matcher.when.timetable import Timetable
from tests.breadth import breadth
from tests.matcher.strategies import problems
from tests.matcher.test_rounds import graph_of, sound


def breaks(table: Timetable) -> int:
    """Count idle runs between two meetings, locked ones included."""
    busy: dict[int, list[int]] = {}
    for when, one, other in sorted(table.spots()):
        for who in (one, other):
            busy.setdefault(who, []).append(when)
    return sum(second - first > 1 for rounds in busy.values() for first, second in pairwise(rounds))


def company(table: Timetable) -> list[tuple[int, int]]:
    return sorted((one, other) for _, one, other in table.spots())


@settings(max_examples=breadth(100, quick=40), deadline=None)
@given(problems(most=10, rounds=4), st.integers(0, 9))
def test_nobody_changes_company_and_breaks_only_fall(problem: Problem, seed: int) -> None:
    graph = graph_of(problem)
    table, _ = timed(graph, np.argwhere(np.triu(graph.allowed, 1)), random.Random(seed))
    found = tidy(table, random.Random(seed), steps=200)
    assert sound(found.table)
    assert company(found.table) == company(table)
    assert found.bound <= breaks(found.table) <= breaks(table)


def crowd(people: int, rounds: int, limit: int | None = None) -> Problem:
    return Problem(Session(rounds=rounds), tuple(Person(f"p{at}") for at in range(people)), Rules("allow", limit=limit))


def test_rests_go_to_the_ends() -> None:
    plan = solve(crowd(40, 8, limit=4), clock=lambda: 0.0)
    assert plan.quality.meetings == 80
    assert plan.quality.breaks_bound <= plan.quality.breaks <= 4


def test_an_odd_number_has_a_break_in_every_middle_round() -> None:
    """One of eleven rests in each of five rounds; only the first and the last rest are no break."""
    quality = solve(crowd(11, 5), clock=lambda: 0.0).quality
    assert (quality.breaks, quality.breaks_bound) == (3, 3)


def test_seated_people_keep_their_tables_whatever_moves() -> None:
    """Two tables, two seated: where the new rounds leave somebody without a table, the old ones stay."""
    people = tuple(replace(one, seated=at < 2, limit=2) for at, one in enumerate(crowd(6, 4).people))
    problem = Problem(Session(rounds=4, tables=2), people, Rules("allow"))
    plan = solve(problem, clock=lambda: 0.0)
    for name in ("p0", "p1"):
        assert len({one.table for one in plan.meetings if name in one.people}) == 1
