"""Repair with interpreters: somebody else takes over where one is gone, so that cards stay right."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import solve
from matcher.plan import Plan
from matcher.problem import Interpreter, Lock, Person, Problem, Session
from matcher.repair.changes import Changes
from tests.breadth import breadth

from .strategies import sessions
from .test_honesty import solved
from .test_repair import events, faults, repair, timeless


@st.composite
def cases(draw: st.DrawFn, most: int = 7) -> tuple[Problem, Plan, Changes]:
    problem = draw(sessions("pairs", most=most, rounds=4, helped=True))
    plan = solved(problem)
    changes = draw(events(problem, plan))
    ids = [one.id for one in problem.interpreters]
    lost = tuple(draw(st.lists(st.sampled_from(ids), max_size=1))) if ids else ()
    late = tuple(replace(one, languages=draw(st.sampled_from(((), ("km",), ("fr",))))) for one in changes.late)
    return problem, plan, replace(changes, lost_interpreters=lost, late=late)


@settings(max_examples=breadth(120, quick=25), deadline=None)
@given(cases())
def test_any_room_with_interpreters_is_repaired_without_breach(case: tuple[Problem, Plan, Changes]) -> None:
    problem, plan, changes = case
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    served = [one for one in fresh.meetings if one.round >= changes.from_round and one.interpreter is not None]
    assert not {one.interpreter for one in served} & set(changes.lost_interpreters)
    assert not faults(fresh, *repair(now, fresh, Changes(now.session.rounds)), Changes(now.session.rounds))


def room(number: int = 2, *, running: int = 3) -> Problem:
    people = tuple(Person(f"p{at}", languages=("en",) if at % 2 else ("km",)) for at in range(6))
    helpers = tuple(Interpreter(f"i{at}", ("en", "km"), most_in_a_row=running) for at in range(number))
    return Problem(Session(rounds=4), people, interpreters=helpers)


def test_another_interpreter_takes_over_and_no_card_is_stale() -> None:
    problem = room()
    plan = solve(problem, clock=timeless)
    spare = replace(problem, interpreters=(*problem.interpreters, Interpreter("i9", ("km", "en"))))
    lost = Changes(2, lost_interpreters=("i0",))
    now, fresh = repair(spare, plan, lost)
    assert not faults(plan, now, fresh, lost)
    assert fresh.stale == ()
    assert {(one.round, one.people) for one in fresh.meetings} == {(one.round, one.people) for one in plan.meetings}
    assert next(one.away for one in now.interpreters if one.id == "i0") == {2, 3, 4}


def test_a_meeting_that_nobody_interprets_is_broken_up() -> None:
    problem = room(1)
    plan = solve(problem, clock=timeless)
    assert [one for one in plan.meetings if one.round > 1 and one.interpreter]
    lost = Changes(2, lost_interpreters=("i0",))
    now, fresh = repair(problem, plan, lost)
    assert not faults(plan, now, fresh, lost)
    assert not [one for one in fresh.meetings if one.round > 1 and one.interpreter]


def test_a_late_comer_whom_only_an_interpreter_understands_finds_somebody() -> None:
    people = tuple(Person(f"p{at}", languages=("en",)) for at in range(3))
    problem = Problem(Session(rounds=3), people, interpreters=(Interpreter("i0", ("en", "km"), most_in_a_row=1),))
    plan = solve(problem, clock=timeless)
    late = Changes(2, late=(Person("l0", languages=("km",)),))
    now, fresh = repair(problem, plan, late)
    assert not faults(plan, now, fresh, late)
    assert [one.interpreter for one in fresh.meetings if "l0" in one.people] == ["i0"]


def test_who_rested_in_a_begun_round_does_not_look_idle_later() -> None:
    people = tuple(Person(f"p{at}", languages=("en",) if at % 2 else ("km",)) for at in range(4))
    locks = (Lock(1, ("p0", "p1")), Lock(2, ("p2", "p3")))
    problem = Problem(
        Session(rounds=2), people, interpreters=(Interpreter("i0", ("en", "km"), most_in_a_row=1),),
        locks=locks, benefits=(("p2", "p3", 900),),
    )  # fmt: skip
    plan = solve(problem, clock=timeless)
    assert [one.interpreter for one in plan.meetings] == [None, "i0"]
    now, fresh = repair(problem, plan, Changes(2, absent=("p2",)))
    assert now.interpreters[0].away == {1}
    assert not faults(plan, now, fresh, Changes(2, absent=("p2",)))
