"""Rests at the ends of tours: against all rounds on tiny rooms, by their properties on larger ones."""

import random
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.choose.stations.choice import choose
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.problem import Problem, Rules
from matcher.rules import Admissibility
from matcher.when import settle
from matcher.when.equitable import share_out
from matcher.when.rests import gather
from matcher.when.tour import NOWHERE, Tour
from tests.breadth import breadth
from tests.matcher.test_regroup import absent
from tests.matcher.test_stations import counts, fair, repeats, sizes, still


def breaks(at: np.ndarray) -> int:
    """Runs of idle rounds between two visits of one person."""
    busy = at != NOWHERE
    return int(np.maximum((busy[:, 1:] & ~busy[:, :-1]).sum(1) + busy[:, 0] - 1, 0).sum())


def shared_out(problem: Problem) -> Tour:
    graph = visit_graph(problem, Admissibility(problem))
    tour = Tour(graph)
    share_out(tour, choose(graph, floor=False).table, random.Random(0))
    return tour


@settings(max_examples=breadth(60, quick=25), deadline=None)
@given(st.integers(0, 10**6))
def test_tours_have_no_more_breaks_and_nothing_else_changes(seed: int) -> None:
    rng = random.Random(seed)
    problem = fair(rng.randint(2, 20), 4, rng.randint(1, 6), rng.randint(1, 6), seed=seed)
    problem = absent(replace(problem, rules=Rules(limit=rng.randint(1, 6))), rng.choice((0, 0.2)), seed)
    tour = shared_out(problem)
    before = tour.copy()
    bound = gather(tour, rng, steps=300)
    assert (tour.visited() == before.visited()).all()
    assert bound <= breaks(tour.at) <= breaks(before.at)
    assert not ((tour.at != NOWHERE) & ~tour.graph.free).any()
    assert (tour.load().max(1) <= before.load().max(1)).all()
    assert (tour.load() <= tour.graph.room).all()


@settings(max_examples=breadth(40, quick=20), deadline=None)
@given(st.integers(0, 10**6))
def test_the_bound_holds_for_all_rounds_of_the_visits(seed: int) -> None:
    rng = random.Random(seed)
    problem = absent(fair(3, 3, 4, 1, seed=seed), rng.choice((0, 0.3)), seed)
    problem = replace(problem, rules=Rules(limit=rng.randint(1, 3)))
    tour = shared_out(problem)
    visited, graph = tour.visited(), tour.graph
    ways = []
    for who in range(3):
        hosts = np.flatnonzero(visited[who]).tolist()
        orders = {(*some, *[NOWHERE] * (4 - len(some))) for some in permutations(hosts)}
        rows = {row for order in orders for row in permutations(order)}
        ways.append([row for row in rows if all(graph.free[who, at] for at, host in enumerate(row) if host != NOWHERE)])
    found = []
    for rows in product(*ways):
        at = np.array(rows)
        held = [at[:, when][at[:, when] != NOWHERE] for when in range(4)]
        if all(len(set(one.tolist())) == len(one) for one in held):
            found.append(breaks(at))
    assert gather(tour, rng, steps=100) <= min(found)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_full_room_has_no_more_breaks_than_it_must(seed: int) -> None:
    problem = fair(60, 5, 5, 10, seed=seed)
    plan = solve(problem, clock=still)
    assert counts(problem, plan) == (60, 60, 60, 60, 10)
    assert plan.quality.breaks == plan.quality.breaks_bound == 30


def test_fewer_breaks_cost_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = fair(60, 8, 6, 9, seed=4, keep_apart=(("p0", "p1"), ("p2", "p3")))
    problem = replace(problem, people=tuple(replace(one, limit=3 + at % 4) for at, one in enumerate(problem.people)))
    plan = solve(problem, clock=still)
    monkeypatch.setattr(settle, "gather", lambda *_, **__: None)
    loose = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert plan.quality.breaks < loose.quality.breaks
    assert plan.quality.benefit >= loose.quality.benefit
    assert plan.quality.lowest_satisfaction >= loose.quality.lowest_satisfaction
    assert counts(problem, plan) == counts(problem, loose)
    assert repeats(plan) <= 1.1 * repeats(loose)
    assert (sizes(problem, plan).max(1) <= sizes(problem, loose).max(1)).all()
