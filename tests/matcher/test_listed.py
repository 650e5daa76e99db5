"""All ways listed: what is proven of groups that go round, against brute force in tiny rooms, and larger ones."""

import random
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.choose.groups import exact, lowest, offered
from matcher.choose.groups.choice import _listed
from matcher.choose.groups.exact import Answers
from matcher.choose.groups.listed import Listed
from matcher.choose.groups.lowest import highest, lift
from matcher.choose.groups.offered import Offer
from matcher.choose.groups.paths import Paths
from matcher.choose.groups.ways import Wanted
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.solver import Deadline
from tests.breadth import breadth
from tests.matcher.stations_oracle import rooms
from tests.matcher.test_groups import best_groups, grouped, hosts_of
from tests.matcher.test_regroup import absent
from tests.matcher.test_stations import counts, fair, still


def paths_of(problem: Problem) -> Paths:
    return Paths(visit_graph(problem, Admissibility(problem)))


@settings(max_examples=breadth(120, quick=50), deadline=None)
@given(rooms(most=4, most_hosts=3, rounds=3, move="groups"))
def test_listed_ways_are_as_good_as_brute_force(problem: Problem) -> None:
    problem = replace(problem, locks=())
    if not (problem.people and problem.hosts) or not Listed.few(paths := paths_of(problem)):
        event("no list")
        return
    best, answers = best_groups(problem), Answers(Listed(paths))
    assert best is not None
    assert answers.fill()
    assert tuple(answers.reached) == best.counts
    assert answers.sure == answers.reached
    assert answers.most() == answers.total == best.benefit
    top = lift(answers, highest(answers))
    assert best.lowest - 1e-6 <= top <= best.lowest + 0.003
    assert answers.total >= 0.99 * best.benefit
    assert answers.lowest <= best.lowest + 1e-6


@settings(max_examples=breadth(60, quick=12), deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_bounds_hold_however_little_is_tried(seed: int, data: st.DataObject) -> None:
    rng = random.Random(seed)
    problem = absent(grouped(fair(rng.randint(10, 16), 3, rng.randint(3, 5), rng.randint(1, 3), seed=seed)), 0.25, seed)
    apart = tuple((f"p{at}", f"p{at + 1}") for at in range(rng.randint(0, 5)))
    listed = Listed(paths_of(replace(problem, keep_apart=apart)))
    full, brief = Answers(listed), Answers(listed)
    assert full.fill()
    most = full.most()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "ASKED", data.draw(st.integers(1, 6), "questions"))
        patch.setattr(offered, "STEPS", data.draw(st.integers(1, 4), "steps"))
        patch.setattr(offered, "FEWEST", 1)
        patch.setattr(offered, "KEPT", data.draw(st.sampled_from(((1, 1), (1, 2), (2, 4))), "kept"))
        patch.setattr(offered, "SPREAD", data.draw(st.sampled_from((1, 3)), "spread"))
        patch.setattr(lowest, "PRICE", price := data.draw(st.sampled_from((0.0, 0.0099)), "price"))
        if not brief.fill():
            event("nothing found")
            return
        bound, total = brief.most(), brief.total
        top = lift(brief, highest(brief) if data.draw(st.booleans(), "bounded") else 1.0)
    event(f"{brief.proven} of {len(brief.reached)} counts proven")
    assert full.total <= most
    assert brief.lowest <= top + 1e-6
    assert (1 - price) * total <= brief.total
    assert total <= bound
    proven = min(full.proven, brief.proven)
    assert full.reached[:proven] == brief.reached[:proven]
    if full.reached == brief.reached:
        event("as many visits as by all that is tried")
        assert full.total <= bound
        assert total <= most
        assert full.lowest <= top + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 1.0))
def test_nothing_below_a_floor_is_sought(seed: int, floor: float) -> None:
    listed = Listed(paths_of(absent(grouped(fair(8, 3, 4, 2, seed=seed)), 0.2, seed)))
    sought, graph = listed.sought(floor), listed.graph
    for who, start, way in np.argwhere(listed.open):
        seats = listed.seats[way]
        gained = graph.benefit[who, listed.paths.host[start, seats]].sum()
        assert gained == listed.worth[who, start, way]
        assert sought.open[who, start, way] == (gained >= floor * graph.best[who] - 1e-6)


@pytest.mark.parametrize("hosts", [2, 3])
def test_nobody_comes_to_a_host_twice(hosts: int) -> None:
    listed = Listed(paths_of(grouped(fair(6, hosts, 7, 2))))
    for seats in listed.seats:
        when = np.flatnonzero(seats) % hosts
        assert len(set(when.tolist())) == len(when)
    assert len(listed.seats) == np.prod([1 + len(range(at, 7, hosts)) for at in range(hosts)]) - 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_whole_ways_do_not_pass_their_bound(seed: int) -> None:
    listed = Listed(paths_of(absent(grouped(fair(12, 3, 4, 3, seed=seed)), 0.2, seed)))
    wanted, nothing = Wanted(1.0, np.zeros(4), np.zeros(4)), np.empty(0, np.int64)
    offer = Offer(listed, wanted, listed.sought(0.0), (nothing, nothing))
    offer.share()
    chosen = offer.whole()
    assert chosen.ways is not None
    seats = listed.sits(chosen.ways)
    assert offer.value <= offer.bound + 1e-4
    assert chosen.value <= chosen.bound <= offer.bound + 1e-4
    assert (seats.sum(0) <= listed.room).all()
    assert (seats.any(2).sum(1) <= 1).all()


def test_a_floor_that_somebody_cannot_reach_is_refused_at_once() -> None:
    listed = Listed(paths_of(absent(grouped(fair(12, 3, 4, 3, seed=1)), 0.2, 1)))
    wanted, nothing = Wanted(1.0, np.zeros(4), np.zeros(4)), np.empty(0, np.int64)
    offer = Offer(listed, wanted, listed.sought(1.01), (nothing, nothing))
    offer.share()
    assert offer.bound == -np.inf
    assert offer.whole().ways is None


@pytest.mark.parametrize("apart", [0, 8])
def test_a_scarce_room_reaches_its_bounds(apart: int) -> None:
    problem = absent(grouped(fair(60, 6, 5, 8, seed=5)), 0.1, 5)
    problem = replace(problem, keep_apart=tuple((f"p{at}", f"p{at + 1}") for at in range(1, apart + 1)))
    plan, plain = solve(problem, clock=still), solve(problem, floor=False, clock=still)
    assert breaches(problem, plan) == breaches(problem, plain) == []
    assert counts(problem, plan) == counts(problem, plain)
    assert plain.quality.gap <= 0.002
    assert plan.quality.benefit >= 0.99 * plain.quality.benefit
    assert plan.quality.lowest_satisfaction >= 0.95 * plan.quality.lowest_bound
    path = hosts_of(plan)
    assert all(not set(path[one]) & set(path[other]) for one, other in problem.keep_apart)
    for stops in path.values():
        places = [(int(host[1:]), when) for when, host in stops]
        assert all((a - b) % 6 == (s - t) % 6 for (a, s), (b, t) in pairwise(places))


def test_what_cannot_be_leaves_the_ways_as_they_were() -> None:
    answers = Answers(Listed(paths_of(absent(grouped(fair(12, 3, 4, 3, seed=1)), 0.2, 1))))
    assert answers.fill()
    before = answers.ways.tolist()
    chosen = answers.take(answers.worth(answers.reached), answers.listed.sought(1.01))
    assert (chosen.ways, chosen.bound) == (None, -np.inf)
    assert answers.ways.tolist() == before


def test_no_list_is_searched_when_time_is_over() -> None:
    paths, ticks = paths_of(absent(grouped(fair(60, 6, 5, 8, seed=5)), 0.1, 5)), count()
    assert _listed(paths, floor=True, deadline=Deadline(lambda: float(next(ticks)), 0.5)) is None
    assert next(ticks) > 1


def test_a_deadline_leaves_a_plan_with_bounds() -> None:
    problem, late = absent(grouped(fair(60, 6, 5, 8, seed=6)), 0.1, 6), iter(range(10**9))
    plan, full = solve(problem, deadline=30.0, clock=lambda: float(next(late))), solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert counts(problem, plan) <= counts(problem, full)
    assert plan.quality.benefit <= plan.quality.bound
    assert plan.quality.lowest_satisfaction <= plan.quality.lowest_bound
