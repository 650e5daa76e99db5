"""Repair where fixed groups go round: no breach, and as few rests and stale cards as brute force finds."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Person, Problem
from matcher.repair.changes import Changes
from tests.breadth import breadth
from tests.matcher.stations_oracle import NOWHERE, _Case, rooms
from tests.matcher.strategies import sessions
from tests.matcher.test_groups import grouped, hosts_of
from tests.matcher.test_honesty import solved
from tests.matcher.test_repair import CALM, faults, repair, timeless
from tests.matcher.test_repair_hosts import events
from tests.matcher.test_stations import fair

Stale = frozenset[int]


def oracle(plan: Plan, changes: Changes, now: Problem) -> tuple[tuple[int, int] | None, int, float]:
    """Try all groups from round K on and all who might sit with them: fewest rests, then fewest stale cards.

    Beside them the most benefit and the highest lowest satisfaction of any.
    """
    case, first = _Case(now), changes.from_round
    index, late = case.rules.index, {one.id for one in changes.late}
    apart = [(index[a], index[b]) for a, b in changes.keep_apart]
    begun, said = [()] * case.n, {}
    for meeting in plan.meetings:
        for name in meeting.people:
            if meeting.round < first:
                begun[index[name]] += (index[meeting.host] - case.n,)
            else:
                said[index[name], meeting.round] = index[meeting.host] - case.n
    best, hads = None, set()
    rounds = range(first, now.session.rounds + 1)
    every = {number: [one for one in case.rounds(number - 1) if parted(one, apart)] for number in rounds}
    for starts in product(range(len(now.hosts)), repeat=case.n):
        states: dict[tuple[tuple[tuple[int, ...], ...], Stale], int] = {(tuple(begun), frozenset()): 0}
        for number in rounds:
            mine = [(start + number - 1) % len(now.hosts) for start in starts]
            ways = [one for one in every[number] if all(s in (NOWHERE, own) for s, own in zip(one, mine, strict=True))]
            states = dict(onward(now, case, states, (number, ways, said), late))
        for (had, stale), rests in states.items():
            if case.within(had):
                found = rests, len(stale)
                best = found if best is None else min(best, found)
                hads.add(tuple(tuple(sorted(mine)) for mine in had))
    told = [case.judged(had) for had in hads]
    return best, max((one[1] for one in told), default=0), max((one[2] for one in told), default=0.0)


def parted(seats: tuple[int, ...], apart: list[tuple[int, int]]) -> bool:
    return all(b >= len(seats) or a >= len(seats) or seats[a] == NOWHERE or seats[a] != seats[b] for a, b in apart)


def onward(now, case, states, here, late) -> Iterator[tuple[tuple[tuple[tuple[int, ...], ...], Stale], int]]:
    number, ways, said = here
    found = defaultdict(lambda: 10**6)
    there = [number not in one.away for one in now.people]
    for (had, stale), rests in states.items():
        for seats in ways:
            if any(seat in mine for seat, mine in zip(seats, had, strict=True)):
                continue
            wrong = {
                who
                for who, seat in enumerate(seats)
                if there[who] and now.people[who].id not in late and said.get((who, number), NOWHERE) != seat
            }
            then = tuple(mine if seat == NOWHERE else (*mine, seat) for seat, mine in zip(seats, had, strict=True))
            idle = sum(here and seat == NOWHERE for here, seat in zip(there, seats, strict=True))
            key = then, stale | wrong
            found[key] = min(found[key], rests + idle)
    yield from found.items()


@settings(CALM, max_examples=breadth(150, quick=50))
@given(st.data())
def test_no_groups_leave_fewer_rests_or_fewer_stale_cards(data: st.DataObject) -> None:
    problem = data.draw(rooms(most=4, most_hosts=3, rounds=3, move="groups"))
    plan = solved(problem)
    changes = data.draw(events(problem))
    assume(len(problem.people) + len(changes.late) <= 5)
    try:
        now, fresh = repair(problem, plan, changes)
    except NotPossible:
        assert problem.locks
        return
    assert not faults(plan, now, fresh, changes)
    rests = sum(rest.round >= changes.from_round for rest in fresh.rests)
    best, benefit, least = oracle(plan, changes, now) if problem.hosts else ((rests, 0), 0, 0.0)
    assert (rests, len(fresh.stale)) == best
    assert fresh.quality.bound >= benefit
    assert fresh.quality.lowest_bound >= min(least, 1.0) - 1e-4
    assert fresh.quality.stale_bound == len(fresh.stale)


@settings(CALM, max_examples=breadth(100, quick=40), suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(0, 60))
def test_the_way_of_larger_rooms_is_lawful_and_its_bound_true(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject, budget: int
) -> None:
    monkeypatch.setattr("matcher.repair.groups.refill.SMALL", -1)
    monkeypatch.setattr("matcher.repair.groups.refill.BUDGET", budget)
    problem = data.draw(rooms(most=5, most_hosts=3, rounds=3, move="groups"))
    plan = solved(problem)
    changes = data.draw(events(problem))
    assume(problem.hosts and len(problem.people) + len(changes.late) <= 5)
    try:
        now, fresh = repair(problem, plan, changes)
    except NotPossible:
        assert problem.locks
        return
    assert not faults(plan, now, fresh, changes)
    (rests, fewest), _, _ = oracle(plan, changes, now)
    assert sum(rest.round >= changes.from_round for rest in fresh.rests) >= rests
    assert fresh.quality.stale_bound <= fewest


@settings(CALM, max_examples=breadth(100, quick=20))
@given(st.data())
def test_repair_after_repair_keeps_every_rule(data: st.DataObject) -> None:
    problem = data.draw(sessions("stations", most=7, rounds=4, move="groups"))
    plan = solved(problem)
    for step in range(3):
        changes = data.draw(events(problem))
        names = {one.id: f"{one.id}n{step}" for one in changes.late}
        changes = replace(
            changes,
            late=tuple(replace(one, id=names[one.id]) for one in changes.late),
            late_benefits=tuple((names[one], other, value) for one, other, value in changes.late_benefits),
        )
        try:
            now, fresh = repair(problem, plan, changes)
        except NotPossible:
            assert problem.locks
            return
        assert not faults(plan, now, fresh, changes)
        problem, plan = now, fresh


def open_rests(plan: Plan, first: int) -> int:
    return sum(rest.round >= first for rest in plan.rests)


def test_a_no_show_changes_nothing_for_anybody_else() -> None:
    problem = grouped(fair(60, 6, 5, 12, seed=1))
    plan = solve(problem, clock=timeless)
    for absent in (("p3",), ("p3", "p9", "p10", "p30", "p59")):
        now, fresh = repair(problem, plan, Changes(3, absent=absent))
        assert not faults(plan, now, fresh, Changes(3, absent=absent))
        assert (fresh.stale, fresh.quality.stale_bound, fresh.rests) == ((), 0, ())
        for one, two in zip(plan.meetings, fresh.meetings, strict=True):
            assert set(one.people) - set(two.people) == (set(absent) & set(one.people) if one.round > 2 else set())


def test_late_comers_join_the_group_with_room_that_is_worth_most_to_them() -> None:
    problem = grouped(fair(10, 4, 4, 3, seed=2))
    plan = solve(problem, clock=timeless)
    value = {"h0": 500, "h1": 900, "h2": 300, "h3": 700}
    changes = Changes(3, late=(Person("l0"),), late_benefits=tuple(("l0", *one) for one in value.items()))
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    assert (fresh.stale, [one for one in fresh.rests if one.person == "l0"]) == ((), [])
    ways = {name: stops for name, stops in hosts_of(plan).items() if len(stops) == 4}
    crowds = Counter(tuple(host for number, host in stops if number > 2) for stops in ways.values())
    mine = tuple(host for _, host in hosts_of(fresh)["l0"])
    with_room = [way for way, people in crowds.items() if people < 3]
    assert mine in with_room
    assert sum(map(value.get, mine)) == max(sum(map(value.get, way)) for way in with_room)


def test_whoever_rests_takes_the_place_of_somebody_absent() -> None:
    problem = grouped(fair(12, 2, 2, 4))
    plan = solve(problem, clock=timeless)
    assert open_rests(plan, 2) == 4
    gone = next(one.people[0] for one in plan.meetings if one.round == 2)
    now, fresh = repair(problem, plan, Changes(2, absent=(gone,)))
    assert not faults(plan, now, fresh, Changes(2, absent=(gone,)))
    assert (open_rests(fresh, 2), len(fresh.stale), fresh.quality.stale_bound) == (3, 1, 1)


def test_at_a_lost_host_a_group_rests_and_all_go_on_the_same_way() -> None:
    problem = grouped(fair(24, 6, 4, 4))
    plan = solve(problem, clock=timeless)
    table = next(one.table for one in plan.meetings if one.host == "h2")
    for changes in (Changes(2, lost_hosts=("h2",)), Changes(2, lost_tables=(table,))):
        now, fresh = repair(problem, plan, changes)
        assert not faults(plan, now, fresh, changes)
        assert (open_rests(fresh, 2), len(fresh.stale), fresh.quality.stale_bound) == (12, 12, 12)
        assert set(fresh.meetings) == {one for one in plan.meetings if one.round < 2 or one.host != "h2"}


def test_whom_a_lost_host_would_let_rest_goes_over_to_a_group_with_room() -> None:
    problem = grouped(replace(fair(4, 4, 2, 3), benefits=()))
    plan = solve(problem, clock=timeless)
    lost = next(one.host for one in plan.meetings if one.round == 2)
    now, fresh = repair(problem, plan, Changes(2, lost_hosts=(lost,)))
    assert not faults(plan, now, fresh, Changes(2, lost_hosts=(lost,)))
    assert (open_rests(fresh, 2), len(fresh.stale), fresh.quality.stale_bound) == (0, 1, 1)


def test_of_two_kept_apart_from_now_on_one_goes_over() -> None:
    problem = grouped(fair(20, 5, 4, 6))
    plan = solve(problem, clock=timeless)
    pair = plan.meetings[-1].people[:2]
    now, fresh = repair(problem, plan, Changes(2, keep_apart=(pair,)))
    assert not faults(plan, now, fresh, Changes(2, keep_apart=(pair,)))
    assert (fresh.rests, len(fresh.stale), fresh.quality.stale_bound) == ((), 1, 1)
    assert len(set(fresh.stale) & set(pair)) == 1


def test_a_group_that_is_too_small_now_is_filled() -> None:
    problem = grouped(fair(13, 4, 4, 6, seed=4))
    problem = replace(problem, hosts=tuple(replace(host, min_places=3) for host in problem.hosts))
    plan = solve(problem, clock=timeless)
    groups = sorted((one.people for one in plan.meetings if one.round == 1), key=len)
    assert [len(people) for people in groups] == [3, 5, 5]
    changes = Changes(1, absent=groups[0][:1])
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    assert (fresh.rests, len(fresh.stale), fresh.quality.stale_bound) == ((), 1, 1)


def test_groups_are_made_anew_only_so_often_as_a_plan_was_repaired() -> None:
    problem = grouped(replace(fair(6, 3, 3, 4), benefits=()))
    plan = solve(problem, clock=timeless)
    at = {(name, one.round): one for one in plan.meetings for name in one.people}
    one, other = plan.meetings[0].people[0], plan.meetings[1].people[0]

    def exchanged(number: int) -> Plan:
        swap = {one: other, other: one}
        meetings = tuple(
            replace(each, people=tuple(swap.get(name, name) for name in each.people)) if each.round == number else each
            for each in plan.meetings
        )
        return replace(plan, meetings=meetings)

    def words(version: int, number: int) -> list[str]:
        return [line for line in breaches(problem, replace(exchanged(number), version=version)) if "group" in line]

    assert at[one, 1] != at[other, 1]
    assert words(1, 3)
    assert not words(2, 3)
    assert words(2, 2)  # there and back again
    assert not words(3, 2)
