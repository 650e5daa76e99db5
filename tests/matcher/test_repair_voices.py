"""Repair of clinics with interpreters: another one takes over, and as few cards change as brute force finds."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from matcher.engine import solve
from matcher.errors import MatcherError, NotPossible
from matcher.plan import Meeting, Plan
from matcher.problem import Host, Interpreter, Lock, Person, Problem, Rules, Session
from matcher.refusals import refuse_locks
from matcher.repair.changes import Changes
from tests.breadth import breadth

from .strategies import sessions, some_of
from .test_honesty import solved
from .test_repair import faults, repair, timeless
from .test_repair_hosts import events


@st.composite
def clinics(draw: st.DrawFn) -> Problem:
    """A small clinic in which many need an interpreter, with places for one or two."""
    codes = st.sampled_from((("en",), ("km",), ("fr",), ("km", "fr"), ()))
    people = tuple(Person(f"p{at}", languages=draw(codes)) for at in range(draw(st.integers(2, 5))))
    places = draw(st.integers(1, 2))
    hosts = tuple(
        Host(f"h{at}", languages=draw(codes), places=places, table=f"T{at}") for at in range(draw(st.integers(1, 2)))
    )
    spoken = st.lists(st.sampled_from(("en", "km", "fr")), min_size=2, max_size=3, unique=True).map(tuple)
    helpers = tuple(
        Interpreter(f"i{at}", draw(spoken), most_in_a_row=draw(st.integers(1, 3)))
        for at in range(draw(st.integers(1, 3)))
    )
    worth = tuple((one.id, host.id, draw(st.integers(1, 9))) for one in people for host in hosts)
    session = Session(rounds=draw(st.integers(2, 4)), format="clinics")
    return Problem(session, people, Rules(), hosts=hosts, interpreters=helpers, benefits=worth)


@st.composite
def ruled(draw: st.DrawFn) -> Problem:
    """The same with limits, people kept apart, hosts who want two, and a locked visit where it is possible."""
    problem = draw(clinics())
    ids, rounds = [one.id for one in problem.people], problem.session.rounds
    least = draw(st.integers(1, problem.hosts[0].places))
    problem = replace(
        problem,
        people=tuple(replace(one, limit=draw(st.none() | st.integers(0, rounds))) for one in problem.people),
        hosts=(replace(problem.hosts[0], min_places=least), *problem.hosts[1:]),
        keep_apart=draw(some_of(list(combinations(ids, 2)))),
    )
    if draw(st.booleans()):
        return problem
    table = draw(st.sampled_from((None, "T0")))
    locked = replace(problem, locks=(Lock(draw(st.integers(1, rounds)), (draw(st.sampled_from(ids)),), table),))
    try:
        refuse_locks(locked)
    except MatcherError:
        return problem
    return locked


@st.composite
def cases(draw: st.DrawFn) -> tuple[Problem, Plan, Changes]:
    problem = draw(sessions("clinics", most=7, rounds=4, helped=True) | ruled())
    plan = solved(problem)
    changes = draw(events(problem))
    ids = [one.id for one in problem.interpreters]
    lost = tuple(draw(st.lists(st.sampled_from(ids), max_size=1))) if ids else ()
    late = tuple(replace(one, languages=draw(st.sampled_from(((), ("km",), ("fr",))))) for one in changes.late)
    return problem, plan, replace(changes, lost_interpreters=lost, late=late)


@settings(max_examples=breadth(150, quick=60), deadline=None)
@given(cases())
def test_any_clinic_with_interpreters_is_repaired_without_breach(case: tuple[Problem, Plan, Changes]) -> None:
    problem, plan, changes = case
    try:
        now, fresh = repair(problem, plan, changes)
    except NotPossible:
        assert problem.locks
        reject()
    assert not faults(plan, now, fresh, changes)
    served = [one for one in fresh.meetings if one.round >= changes.from_round and one.interpreter is not None]
    assert not {one.interpreter for one in served} & set(changes.lost_interpreters)
    assert not faults(fresh, *repair(now, fresh, Changes(now.session.rounds)), Changes(now.session.rounds))


def fewest_stale(problem: Problem, now: Problem, plan: Plan, first: int) -> int:
    """Try every interpreter or none at every open table of the cards; nobody new can make a card right again."""
    spoken = {one.id: set(one.languages) for one in (*problem.people, *problem.hosts)}
    open_ = [one for one in plan.meetings if one.round >= first]
    helpers = {one.id: one for one in now.interpreters}

    def right(meeting: Meeting, who: str, helper: str | None) -> bool:
        mine, host = spoken[who], spoken[str(meeting.host)]
        if helper is None:
            return not mine or not host or bool(mine & host)
        said = set(helpers[helper].languages)
        return (not mine or bool(mine & said)) and (not host or bool(host & said))

    best = len(problem.people)
    for choice in product((None, *helpers), repeat=len(open_)):
        work = defaultdict(list)
        for meeting in plan.meetings:
            if meeting.round < first and meeting.interpreter:
                work[meeting.interpreter].append(meeting.round)
        for meeting, helper in zip(open_, choice, strict=True):
            if helper:
                work[helper].append(meeting.round)
        if all(_may_work(helpers[name], rounds, first) for name, rounds in work.items()):
            wrong = {
                who
                for meeting, helper in zip(open_, choice, strict=True)
                for who in meeting.people
                if not right(meeting, who, helper)
            }
            best = min(best, len(wrong))
    return best


def _may_work(helper: Interpreter, rounds: list[int], first: int) -> bool:
    most = helper.most_in_a_row
    tired = any(set(range(start, start + most + 1)) <= set(rounds) for start in rounds)
    return len(set(rounds)) == len(rounds) and not tired and not any(at in helper.away for at in rounds if at >= first)


@settings(max_examples=breadth(120, quick=25), deadline=None)
@given(clinics(), st.data())
def test_no_way_of_taking_over_leaves_fewer_stale(problem: Problem, data: st.DataObject) -> None:
    plan = solve(problem, clock=timeless)
    first = data.draw(st.integers(1, problem.session.rounds))
    if 4 ** sum(one.round >= first for one in plan.meetings) > 5_000:
        reject()
    lost = Changes(first, lost_interpreters=(data.draw(st.sampled_from(problem.interpreters)).id,))
    now, fresh = repair(problem, plan, lost)
    assert not faults(plan, now, fresh, lost)
    assert fresh.quality.stale_bound == fewest_stale(problem, now, plan, first)
    assert len(fresh.stale) == fresh.quality.stale_bound


def clinic(number: int = 2, *, running: int = 3, places: int = 1) -> Problem:
    people = tuple(Person(f"p{at}", languages=("en",) if at % 2 else ("km",)) for at in range(6))
    helpers = tuple(Interpreter(f"i{at}", ("en", "km"), most_in_a_row=running) for at in range(number))
    hosts = tuple(Host(f"h{at}", languages=("en",), places=places) for at in range(2))
    worth = tuple((one.id, host.id, 100 + at) for at, one in enumerate(people) for host in hosts)
    return Problem(Session(rounds=4, format="clinics"), people, hosts=hosts, interpreters=helpers, benefits=worth)


def test_another_interpreter_takes_over_at_hosts_and_no_card_is_stale() -> None:
    problem = clinic(1)
    plan = solve(problem, clock=timeless)
    assert [one for one in plan.meetings if one.round > 1 and one.interpreter == "i0"]
    spare = replace(problem, interpreters=(*problem.interpreters, Interpreter("i9", ("km", "en"))))
    lost = Changes(2, lost_interpreters=("i0",))
    now, fresh = repair(spare, plan, lost)
    assert not faults(plan, now, fresh, lost)
    assert (fresh.stale, fresh.quality.stale_bound) == ((), 0)
    assert [replace(one, interpreter=None) for one in fresh.meetings] == [
        replace(one, interpreter=None) for one in plan.meetings
    ]


def test_visits_that_nobody_interprets_end_and_no_other_card_changes() -> None:
    problem = clinic(1)
    plan = solve(problem, clock=timeless)
    lost = Changes(2, lost_interpreters=("i0",))
    now, fresh = repair(problem, plan, lost)
    mute = {name for one in plan.meetings if one.round > 1 and one.interpreter for name in one.people}
    assert not faults(plan, now, fresh, lost)
    assert set(fresh.stale) == mute
    assert fresh.quality.stale_bound == len(mute)
    assert not [one for one in fresh.meetings if one.round > 1 and one.interpreter]


def test_a_late_comer_talks_through_an_interpreter_who_is_free() -> None:
    problem = replace(clinic(0), interpreters=(Interpreter("i0", ("en", "fr"), most_in_a_row=1),))
    plan = solve(problem, clock=timeless)
    assert not [one for one in plan.meetings if one.interpreter]
    late = Changes(2, late=(Person("l0", languages=("fr",)),), late_benefits=(("l0", "h0", 5), ("l0", "h1", 9)))
    now, fresh = repair(problem, plan, late)
    assert not faults(plan, now, fresh, late)
    assert fresh.stale == ()
    talks = [one for one in fresh.meetings if "l0" in one.people]
    assert {one.interpreter for one in talks} == {"i0"}


def test_a_locked_visit_is_interpreted_before_others() -> None:
    people = tuple(Person(f"p{at}", languages=("km",)) for at in range(2))
    hosts = tuple(Host(f"h{at}", languages=("en",), table=f"T{at}") for at in range(2))
    helpers = tuple(Interpreter(f"i{at}", ("en", "km")) for at in range(2))
    worth = (("p0", "h0", 9), ("p1", "h1", 9))
    problem = Problem(
        Session(rounds=1, format="clinics"), people, hosts=hosts, interpreters=helpers, benefits=worth,
        locks=(Lock(1, ("p1",), "T1"),),
    )  # fmt: skip
    plan = solve(problem, clock=timeless)
    assert len(plan.meetings) == 2
    for lost in ("i0", "i1"):
        changes = Changes(1, lost_interpreters=(lost,))
        now, fresh = repair(problem, plan, changes)
        assert not faults(plan, now, fresh, changes)
        assert [one.people for one in fresh.meetings] == [("p1",)]
        assert fresh.stale == ("p0",)


@pytest.mark.parametrize(("most", "stale"), [(1, 1), (2, 1), (3, 0)])
def test_begun_rounds_count_as_work(most: int, stale: int) -> None:
    people = tuple(Person(f"p{at}", languages=("km",)) for at in range(3))
    hosts = (Host("h0", languages=("en",)),)
    helpers = tuple(Interpreter(f"i{at}", ("en", "km"), most_in_a_row=most) for at in range(2))
    worth = tuple((one.id, "h0", 9) for one in people)
    problem = Problem(Session(rounds=3, format="clinics"), people, hosts=hosts, interpreters=helpers, benefits=worth)
    plan = solve(problem, clock=timeless)
    names = [one.interpreter for one in sorted(plan.meetings, key=lambda one: one.round)]
    assert len(names) == 3
    lost = Changes(2, lost_interpreters=(next(name for name in ("i0", "i1") if name != names[0]),))
    now, fresh = repair(problem, plan, lost)
    assert not faults(plan, now, fresh, lost)
    assert len(fresh.stale) == fresh.quality.stale_bound == stale


def test_who_rested_in_a_begun_round_does_not_look_idle_later() -> None:
    people = tuple(Person(f"p{at}", languages=("km",)) for at in range(2))
    problem = Problem(
        Session(rounds=2, format="clinics"), people, hosts=(Host("h0", languages=("en",)),),
        interpreters=(Interpreter("i0", ("en", "km"), most_in_a_row=1),),
        locks=(Lock(1, ("p0",), "1"), Lock(2, ("p1",), "1")), benefits=(("p0", "h0", 1), ("p1", "h0", 900)),
    )  # fmt: skip
    plan = solve(problem, clock=timeless)
    assert [one.interpreter for one in plan.meetings] == [None, "i0"]
    now, fresh = repair(problem, plan, Changes(2, absent=("p1",)))
    assert now.interpreters[0].away == {1}
    assert not faults(plan, now, fresh, Changes(2, absent=("p1",)))
