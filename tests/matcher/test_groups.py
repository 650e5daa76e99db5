"""Stations with fixed groups that go round, against brute force over all groups and seats, and by their properties."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import event, given, settings

from matcher.check import breaches
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Lock, Person, Problem, Session
from tests.breadth import breadth
from tests.matcher.stations_oracle import NOWHERE, Best, _Case, rooms
from tests.matcher.test_stations import counts, fair, still


def grouped(problem: Problem) -> Problem:
    return replace(problem, session=replace(problem.session, move="groups"))


def best_groups(problem: Problem) -> Best | None:
    """Try all groups and, in each round, all who might sit with their group; None where no plan keeps the locks."""
    case, hosts, rounds = _Case(problem), len(problem.hosts), problem.session.rounds
    every = [list(case.rounds(when)) for when in range(rounds)]
    judged = []
    for starts in product(range(hosts), repeat=case.n):
        states = {tuple(() for _ in starts)}
        for when in range(rounds):
            mine = [(NOWHERE, (start + when) % hosts) for start in starts]
            seated = [one for one in every[when] if all(seat in may for seat, may in zip(one, mine, strict=True))]
            states = {
                tuple(
                    tuple(sorted((*had, seat))) if seat != NOWHERE else had
                    for had, seat in zip(state, seats, strict=True)
                )
                for state in states
                for seats in seated
                if not any(seat in had for had, seat in zip(state, seats, strict=True))
            }
        judged += [case.judged(state) for state in states if case.within(state)]
    if not judged:
        return None
    top = max(one[0] for one in judged)
    equal = [one for one in judged if one[0] == top]
    return Best(top, max(one[1] for one in equal), max(one[2] for one in equal))


def hosts_of(plan: Plan) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for meeting in plan.meetings:
        for name in meeting.people:
            found.setdefault(name, []).append((meeting.round, meeting.host))
    return found


@settings(max_examples=breadth(60, quick=25), deadline=None)
@given(rooms(most=4, most_hosts=3, rounds=3, move="groups"))
def test_groups_are_as_good_as_brute_force(problem: Problem) -> None:
    best = best_groups(problem) if problem.hosts else Best((0,) * problem.session.rounds, 0, 1.0)
    try:
        plain, plan = solve(problem, floor=False, clock=still), solve(problem, clock=still)
    except NotPossible:
        assert best is None or any(lock.table is None for lock in problem.locks)
        return
    assert best is not None
    assert plain.quality.bound >= best.benefit
    assert plain.quality.lowest_bound >= best.lowest - 1e-4
    if all(lock.table for lock in problem.locks):
        assert counts(problem, plain) == counts(problem, plan) == best.counts
        assert plain.quality.bound == best.benefit
        assert plain.quality.lowest_bound <= best.lowest + 0.0021
        assert plan.quality.benefit >= 0.98 * best.benefit
        assert plain.quality.benefit >= 0.999 * best.benefit
    assert plan.quality.lowest_satisfaction >= plain.quality.lowest_satisfaction - 0.002


@settings(max_examples=breadth(60, quick=25), deadline=None)
@given(rooms(most=12, most_hosts=5, rounds=6, move="groups"))
def test_every_grouping_keeps_every_rule(problem: Problem) -> None:
    try:
        plan = solve(problem, clock=still)
    except NotPossible:
        event("a lock that groups cannot keep")
        return
    assert breaches(problem, plan) == []
    assert plan.quality.benefit <= plan.quality.bound


def test_groups_go_round_as_a_block() -> None:
    problem = grouped(fair(30, 6, 5, 5))
    plan = solve(problem, clock=still)
    blocks = Counter(tuple(stops) for stops in hosts_of(plan).values())
    assert sorted(blocks.values()) == [5] * 6
    for stops in blocks:
        places = [int(host[1:]) for _, host in stops]
        assert all((after - before) % 6 == 1 for before, after in pairwise(places))


def test_groups_are_even_where_benefits_leave_them_so() -> None:
    plan = solve(grouped(replace(fair(27, 6, 4, 20), benefits=())), clock=still)
    assert {len(meeting.people) for meeting in plan.meetings} == {4, 5}


def test_fewer_groups_where_hosts_need_more_people() -> None:
    problem = grouped(fair(13, 6, 4, 8, seed=3))
    problem = replace(problem, hosts=tuple(replace(host, min_places=4) for host in problem.hosts))
    plan = solve(problem, clock=still)
    assert min(len(meeting.people) for meeting in plan.meetings) >= 4
    assert counts(problem, plan) == (13,) * 4


def test_groups_too_large_for_a_host_rest_in_turn() -> None:
    problem = grouped(fair(24, 4, 4, 5))
    assert counts(problem, solve(problem, clock=still)) == (24, 24, 24, 8)


@pytest.mark.parametrize(("number", "places", "gap"), [(120, 12, 0.001), (120, 9, 0.02)])
def test_a_larger_room_is_near_its_bounds(number: int, places: int, gap: float) -> None:
    problem = grouped(fair(number, 10, 6, places, seed=7))
    plan = solve(problem, floor=False, clock=still)
    held = counts(problem, plan)
    assert sum(held) == min(number, 10 * places) * 6
    assert held[:5] == ((number,) * 5 if places == 12 else (number, number, number, number, 60))
    assert plan.quality.gap <= gap


def test_people_who_are_kept_apart_never_share_a_table() -> None:
    problem = grouped(fair(20, 4, 3, 6, seed=2))
    apart = tuple((f"p{at}", f"p{at + 1}") for at in range(12))
    path = hosts_of(solve(replace(problem, keep_apart=apart), clock=still))
    assert all(not set(path[one]) & set(path[other]) for one, other in apart)
    assert all(len(stops) == 3 for stops in path.values())


def test_a_lock_decides_the_group() -> None:
    problem = grouped(fair(20, 5, 4, 6, locks=(Lock(3, ("p4", "p9"), "2"),)))
    path = hosts_of(solve(problem, clock=still))
    assert path["p4"] == path["p9"]
    assert (3, "h1") in path["p4"]


def test_open_locks_go_where_one_group_keeps_them() -> None:
    locks = (Lock(1, ("p4",), "2"), Lock(3, ("p4",)), Lock(2, ("p4", "p5")))
    path = hosts_of(solve(grouped(fair(20, 5, 4, 6, locks=locks)), clock=still))
    assert path["p4"] == path["p5"] == [(1, "h1"), (2, "h2"), (3, "h3"), (4, "h4")]


def test_locks_that_no_group_can_keep_are_refused() -> None:
    locks = (Lock(1, ("p4",), "2"), Lock(2, ("p4",), "1"))
    with pytest.raises(NotPossible, match="their group does not meet"):
        solve(grouped(fair(20, 5, 4, 6, locks=locks)), clock=still)


def test_nobody_who_can_visit_anybody() -> None:
    people = tuple(Person(f"p{at}", languages=("km",)) for at in range(4))
    hosts = (Host("h0", languages=("en",), places=4),)
    plan = solve(Problem(Session(2, "stations", move="groups"), people, hosts=hosts), clock=still)
    assert plan.meetings == ()
    assert {rest.code for rest in plan.rests} == {"no_partner"}
