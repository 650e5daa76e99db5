"""Groups bettered by exchanges: what prices promise, and what is reached."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.choose.groups import search
from matcher.choose.groups.paths import Paths
from matcher.choose.groups.regroup import regrouped
from matcher.choose.groups.seats import Seats
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.problem import Problem
from matcher.rules import Admissibility
from tests.breadth import breadth
from tests.matcher.stations_oracle import rooms
from tests.matcher.test_groups import best_groups, grouped, hosts_of
from tests.matcher.test_stations import counts, fair, still


def absent(problem: Problem, chance: float, seed: int = 0) -> Problem:
    """The same problem with people away now and then."""
    rng = random.Random(seed)
    rounds = range(1, problem.session.rounds + 1)
    return replace(
        problem,
        people=tuple(
            replace(one, away=frozenset(when for when in rounds if rng.random() < chance)) for one in problem.people
        ),
    )


def seats_of(problem: Problem, floor: float = 0.0) -> Seats:
    return Seats(Paths(visit_graph(problem, Admissibility(problem))), floor)


def adds_no_more_than_promised(seats: Seats, rng: random.Random, *, within: float) -> np.ndarray:
    """Somebody of nine goes over to another of three groups; the groups as they were before."""
    start = np.array([rng.randrange(3) for _ in range(9)])
    now, after, who = seats.seated(start), start.copy(), rng.randrange(9)
    after[who] = rng.randrange(3)
    worth = seats.worth(now)
    promise = worth[who, after[who]] - worth[who, start[who]]
    assert seats.seated(after).value.sum() - now.value.sum() <= promise + within
    return start


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_nobody_adds_more_to_a_group_than_prices_promise(seed: int) -> None:
    rng = random.Random(seed)
    problem = absent(grouped(fair(9, 3, rng.randint(1, 4), rng.randint(1, 3), seed=seed)), 0.2, seed)
    adds_no_more_than_promised(seats_of(problem), rng, within=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_exchanges_make_groups_no_worse(seed: int) -> None:
    rng = random.Random(seed)
    seats = seats_of(absent(grouped(fair(14, 4, 3, 3, seed=seed)), 0.1, seed))
    start = np.array([rng.randrange(4) for _ in range(14)])
    found = regrouped(seats, start, work=800)
    assert found.value.sum() >= seats.seated(start).value.sum()
    assert found.value == pytest.approx(seats.seated(found.start).value)
    assert (regrouped(seats, start, work=800).start == found.start).all()


def test_rivals_go_to_different_groups() -> None:
    problem = grouped(replace(fair(8, 4, 2, 4, seed=1), keep_apart=(("p0", "p1"), ("p1", "p2"))))
    found = regrouped(seats_of(problem), np.zeros(8, np.int64), work=10_000).start
    assert found[0] != found[1] != found[2]


@pytest.mark.parametrize(("away", "gap"), [(0.0, 0.01), (0.1, 0.03)])
def test_every_place_is_taken_where_places_are_too_few(away: float, gap: float) -> None:
    problem = absent(grouped(fair(64, 6, 5, 9, seed=3)), away)
    plan = solve(problem, floor=False, clock=still)
    there = sum(5 - len(person.away) for person in problem.people)
    assert sum(counts(problem, plan)) >= 0.99 * min(6 * 9 * 5, there)
    assert plan.quality.gap <= gap
    assert len(hosts_of(plan)) == 64


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_nobody_adds_more_below_a_floor_than_prices_promise(seed: int) -> None:
    rng = random.Random(seed)
    problem = absent(grouped(fair(9, 3, rng.randint(1, 4), rng.randint(1, 3), seed=seed)), 0.2, seed)
    seats = seats_of(problem, rng.uniform(0.3, 1.0))
    start = adds_no_more_than_promised(seats, rng, within=0.1)
    now = seats.seated(start)
    own = seats.worth(now)[np.arange(9), start]
    room = (now.prices * seats.room).sum(1)
    assert now.value == pytest.approx(np.bincount(start, own, minlength=3) + room, abs=0.1)


@settings(max_examples=breadth(6, quick=3), deadline=None)
@given(st.integers(0, 10**6))
def test_a_floor_lifts_the_worst_off_and_leaves_nobody_out(seed: int) -> None:
    rng = random.Random(seed)
    people, hosts = rng.randint(16, 24), rng.randint(4, 5)
    problem = absent(grouped(fair(people, hosts, 4, rng.randint(3, 6), seed=seed)), rng.choice([0.0, 0.1]), seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        plain, plan = solve(problem, floor=False, clock=still), solve(problem, clock=still)
    event("lifted" if plan.quality.lowest_satisfaction > plain.quality.lowest_satisfaction else "as it was")
    assert breaches(problem, plan) == []
    assert counts(problem, plan) >= counts(problem, plain)
    if counts(problem, plan) == counts(problem, plain):
        assert plan.quality.lowest_satisfaction >= plain.quality.lowest_satisfaction - 1e-6
        assert plan.quality.benefit >= 0.9895 * plain.quality.benefit
    assert plan.quality.lowest_satisfaction <= plan.quality.lowest_bound + 1e-6
    assert plan.quality.benefit <= plan.quality.bound


@settings(max_examples=40, deadline=None)
@given(rooms(most=4, most_hosts=3, rounds=3, move="groups"))
def test_bounds_of_large_rooms_hold_beside_brute_force(problem: Problem) -> None:
    best = best_groups(problem) if problem.hosts else None
    assume(best is not None and all(lock.table for lock in problem.locks))
    assert best is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        plan = solve(problem, clock=still)
    assert counts(problem, plan) <= best.counts
    assert plan.quality.bound >= best.benefit
    assert plan.quality.lowest_bound >= best.lowest - 1e-4
    if counts(problem, plan) == best.counts:
        assert plan.quality.benefit <= best.benefit
        assert plan.quality.lowest_satisfaction <= best.lowest + 1e-4
