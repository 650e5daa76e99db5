"""Repair where people come to hosts: no breach, begun rounds untouched, others keep their cards."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from matcher.engine import WAYS, solve
from matcher.errors import NotPossible
from matcher.problem import Format, Host, Lock, Person, Problem, Rules, Session
from matcher.repair.again import REFILLS
from matcher.repair.changes import Changes
from tests.breadth import breadth

from .strategies import sessions
from .test_honesty import solved
from .test_repair import faults, repair, timeless

HOSTED = sorted({"clinics", "stations"} & set(WAYS) & set(REFILLS))


@st.composite
def events(draw: st.DrawFn, problem: Problem) -> Changes:
    """Something that happens at a conference with hosts."""
    rounds, ids, ports = problem.session.rounds, [one.id for one in problem.people], [one.id for one in problem.visited]
    first = draw(st.integers(1, rounds))
    few = st.lists(st.sampled_from(ids), max_size=2, unique=True).map(tuple) if ids else st.just(())
    late = tuple(Person(f"late{at}") for at in range(draw(st.integers(0, 2))))
    pairs = [*combinations(ids, 2), *((name, port) for name in ids for port in ports)]
    worth = st.integers(0, 1000)
    return Changes(
        from_round=first,
        absent=draw(few),
        leaves=tuple((name, draw(st.integers(first, rounds))) for name in draw(few)),
        late=late,
        late_benefits=()
        if problem.benefits is None
        else tuple((one.id, port, draw(worth)) for one in late for port in ports),
        lost_hosts=tuple(draw(st.lists(st.sampled_from(ports), max_size=1))) if ports else (),
        keep_apart=tuple(draw(st.lists(st.sampled_from(pairs), max_size=1))) if pairs else (),
    )


@pytest.mark.parametrize("kind", HOSTED)
@settings(max_examples=breadth(80, quick=15), deadline=None)
@given(st.data())
def test_any_session_with_hosts_is_repaired_without_breach(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(kind, most=7, rounds=4))
    plan = solved(problem)
    changes = data.draw(events(problem))
    try:
        now, fresh = repair(problem, plan, changes)
    except NotPossible:
        assert problem.locks
        reject()
    assert not faults(plan, now, fresh, changes)
    assert not faults(fresh, *repair(now, fresh, Changes(now.session.rounds)), Changes(now.session.rounds))


def clinic(people: int = 6, *, places: int = 2, least: int = 1) -> Problem:
    hosts = tuple(Host(f"h{at}", places=places, min_places=least) for at in range(3))
    persons = tuple(Person(f"p{at}") for at in range(people))
    benefits = tuple((one.id, host.id, 100 + at) for at, one in enumerate(persons) for host in hosts)
    return Problem(Session(rounds=3, format="clinics"), persons, Rules(), hosts=hosts, benefits=benefits)


def test_an_absence_changes_nobody_elses_card() -> None:
    problem = clinic()
    plan = solve(problem, clock=timeless)
    now, fresh = repair(problem, plan, Changes(2, absent=("p0", "p3")))
    assert (fresh.stale, fresh.quality.stale_bound) == ((), 0)
    others = [one for one in plan.meetings if not {"p0", "p3"} & set(one.people)]
    assert all(one in fresh.meetings for one in others)
    assert not faults(plan, now, fresh, Changes(2, absent=("p0", "p3")))


def test_a_lost_host_makes_only_its_own_visitors_move() -> None:
    problem = clinic(3)
    plan = solve(problem, clock=timeless)
    table = next(one.table for one in plan.meetings if one.host == "h1")
    mine = {name for one in plan.meetings if one.host == "h1" and one.round > 1 for name in one.people}
    for changes in (Changes(2, lost_hosts=("h1",)), Changes(2, lost_tables=(table,))):
        now, fresh = repair(problem, plan, changes)
        assert set(fresh.stale) == mine
        assert fresh.quality.stale_bound == len(mine)
        assert not [one for one in fresh.meetings if one.host == "h1" and one.round > 1]
        assert next(host.away for host in now.hosts if host.id == "h1") == {2, 3}


def test_late_comers_take_places_that_are_free() -> None:
    problem = clinic(3)
    plan = solve(problem, clock=timeless)
    late = Changes(2, late=(Person("l1"),), late_benefits=(("l1", "h0", 7), ("l1", "h1", 9)))
    now, fresh = repair(problem, plan, late)
    assert fresh.stale == ()
    assert sum("l1" in one.people for one in fresh.meetings) == 2
    assert not faults(plan, now, fresh, late)


def test_two_kept_apart_from_now_on_are_parted_at_the_price_of_one_card() -> None:
    problem = clinic()
    plan = solve(problem, clock=timeless)
    pair = next(one.people for one in plan.meetings if one.round == 3 and len(one.people) == 2)
    together = Changes(3, keep_apart=(pair,))
    now, fresh = repair(problem, plan, together)
    assert len(fresh.stale) == fresh.quality.stale_bound == 1
    assert not faults(plan, now, fresh, together)


def test_a_locked_visit_with_too_few_people_is_refused() -> None:
    problem = replace(clinic(2, least=2), locks=(Lock(2, ("p0",), "1"),))
    plan = solve(problem, clock=timeless)
    with pytest.raises(NotPossible, match="locks: no way was found that brings every locked visit enough people"):
        repair(problem, plan, Changes(2, absent=("p1",)))
    now, _ = repair(problem, plan, Changes(2, absent=("p0",)))
    assert now.locks == ()


def stations(people: int = 24, *, places: int = 8) -> Problem:
    hosts = tuple(Host(f"h{at}", places=places, table=f"T{at}") for at in range(6))
    persons = tuple(Person(f"p{at}") for at in range(people))
    benefits = tuple((one.id, host.id, 37 * at * (at + 3) % 400) for at, one in enumerate(persons) for host in hosts)
    return Problem(Session(rounds=4, format="stations"), persons, Rules(), hosts=hosts, benefits=benefits)


def test_an_absence_or_a_late_comer_at_stations_changes_nobodys_card() -> None:
    problem = stations()
    plan = solve(problem, clock=timeless)
    late = tuple(Person(f"l{at}") for at in range(3))
    changes = Changes(2, absent=("p0", "p3"), late=late)
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    assert (fresh.stale, fresh.rests) == ((), ())
    assert all(sum(one.id in meeting.people for meeting in fresh.meetings) == 3 for one in late)


def test_a_lost_station_makes_its_own_visitors_move_and_nobody_rest() -> None:
    problem = stations()
    plan = solve(problem, clock=timeless)
    mine = {name for one in plan.meetings if one.host == "h2" and one.round > 1 for name in one.people}
    for changes in (Changes(2, lost_hosts=("h2",)), Changes(2, lost_tables=("T2",))):
        now, fresh = repair(problem, plan, changes)
        assert not faults(plan, now, fresh, changes)
        assert (set(fresh.stale), fresh.quality.stale_bound, fresh.rests) == (mine, len(mine), ())
        assert not [one for one in fresh.meetings if one.host == "h2" and one.round > 1]


def test_where_a_lost_station_leaves_too_few_places_just_so_many_rest() -> None:
    problem = stations(places=4)
    plan = solve(problem, clock=timeless)
    now, fresh = repair(problem, plan, Changes(3, lost_hosts=("h2",)))
    assert not faults(plan, now, fresh, Changes(3, lost_hosts=("h2",)))
    assert [sum(one.round == number for one in fresh.rests) for number in range(1, 5)] == [0, 0, 4, 4]


def test_a_visit_excused_by_a_lock_ends_with_the_lock() -> None:
    lock = Lock(2, ("p0", "p1"))
    for limit, benefits in ((None, (("p1", "h0", 5),)), (0, (("p0", "h0", 5),))):
        people = (Person("p0", limit=limit), Person("p1"))
        problem = Problem(
            Session(rounds=2, format="clinics"), people, hosts=(Host("h0", places=2),), benefits=benefits, locks=(lock,)
        )
        plan = solve(problem, clock=timeless)
        for changes in (Changes(2, absent=("p1",)), Changes(2, keep_apart=(("p0", "p1"),))):
            now, fresh = repair(problem, plan, changes)
            assert not faults(plan, now, fresh, changes)
            assert "p0" in fresh.stale


def test_a_lock_that_leaves_no_host_is_taken_out() -> None:
    people, hosts = tuple(Person(f"p{at}") for at in range(3)), (Host("h0"),)
    problem = Problem(Session(rounds=1, format="stations"), people, hosts=hosts, locks=(Lock(1, ("p0",)),))
    plan = solve(problem, clock=lambda: 0.0)
    now, fresh = repair(problem, plan, Changes(from_round=1, keep_apart=(("p0", "h0"),)))
    assert now.locks == ()
    assert [meeting.people for meeting in fresh.meetings] in ([("p1",)], [("p2",)])


@pytest.mark.parametrize("kind", HOSTED)
def test_a_lock_that_names_no_host_finds_another_one(kind: Format) -> None:
    problem = clinic(4, places=2)
    locked = replace(problem, session=Session(rounds=3, format=kind), locks=(Lock(1, ("p0", "p1")),))
    plan = solve(locked, clock=timeless)
    lost = Changes(1, lost_hosts=(next(str(one.host) for one in plan.meetings if one.people == ("p0", "p1")),))
    now, fresh = repair(locked, plan, lost)
    assert now.locks == locked.locks
    assert not faults(plan, now, fresh, lost)
    assert [one.round for one in fresh.meetings if one.people == ("p0", "p1")] == [1]


@pytest.mark.parametrize("kind", HOSTED)
def test_a_lock_ends_where_all_its_hosts_are_gone_or_visited(kind: Format) -> None:
    people, hosts = tuple(Person(f"p{at}") for at in range(2)), (Host("h0"), Host("h1"))
    locks = (Lock(1, ("p0",), "1"), Lock(2, ("p0",)))
    problem = Problem(Session(rounds=2, format=kind), people, hosts=hosts, locks=locks)
    plan = solve(problem, clock=timeless)
    now, fresh = repair(problem, plan, Changes(2, lost_hosts=("h1",)))
    assert now.locks == locks[:1]
    assert not faults(plan, now, fresh, Changes(2, lost_hosts=("h1",)))


def test_guests_give_way_to_those_who_are_locked() -> None:
    people, hosts = tuple(Person(f"p{at}") for at in range(2)), (Host("h0"), Host("h1"))
    worth = (("p0", "h0", 9), ("p1", "h1", 9))
    problem = Problem(
        Session(rounds=1, format="clinics"), people, hosts=hosts, benefits=worth, locks=(Lock(1, ("p0",)),)
    )  # fmt: skip
    plan = solve(problem, clock=timeless)
    lost = next(str(one.host) for one in plan.meetings if one.people == ("p0",))
    now, fresh = repair(problem, plan, Changes(1, lost_hosts=(lost,)))
    assert [one.people for one in fresh.meetings] == [("p0",)]
    assert now.locks == problem.locks
    assert fresh.stale == tuple(sorted({"p0", *(name for one in plan.meetings for name in one.people)}))
