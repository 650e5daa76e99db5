"""Repairs one after the other, of every kind of session: each is sound on what the one before left."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from matcher.answer import Sitting
from matcher.engine import BrokenPlan, solve
from matcher.errors import BadProblem, NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Interpreter, Lock, Person, Problem, Session
from matcher.repair import again
from matcher.repair.changes import Changes, names_of
from matcher.repair.outlook import Refilled
from matcher.wire import read_plan, read_problem, write_plan, write_problem
from tests.breadth import breadth
from tests.matcher.strategies import KINDS, LANGUAGES, sessions
from tests.matcher.test_honesty import room, solved
from tests.matcher.test_repair import faults, repair, timeless

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOST_REPAIRS = 4


@st.composite
def latecomers(draw: st.DrawFn, problem: Problem, before: str, first: int) -> tuple[Person, ...]:
    """Up to two people with all that a person may have, whose ids begin with `before`."""
    rounds = problem.session.rounds
    others = [one.id for one in (*problem.people, *problem.visited)]
    wishes = st.lists(st.sampled_from(others), max_size=2, unique=True).map(tuple) if others else st.just(())
    return tuple(
        Person(
            f"{before}x{at}",
            organisation=draw(st.sampled_from((None, "o1", "o2"))),
            languages=tuple(draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2))),
            side=draw(st.sampled_from((None, None, "a", "b"))),
            away=frozenset(draw(st.sets(st.integers(first, rounds), max_size=1))),
            limit=draw(st.none() | st.integers(0, rounds)),
            wishes=draw(wishes),
            seated=not problem.hosted and draw(st.sampled_from((False, False, True))),
        )
        for at in range(draw(st.integers(0, 2)))
    )


@st.composite
def happenings(draw: st.DrawFn, problem: Problem, plan: Plan, least: int) -> Changes:
    """What may happen between two rounds, from round `least` on, at a session of any kind."""
    rounds, first = problem.session.rounds, draw(st.integers(least, problem.session.rounds))
    ids, ports = [one.id for one in problem.people], [one.id for one in problem.visited]
    late = draw(latecomers(problem, f"late{plan.version}", first))
    fresh = [one.id for one in late]
    met = ports if problem.hosted else [*ids, *fresh]
    worth = [(one, other) for at, one in enumerate(fresh) for other in met if other not in fresh[: at + 1]]
    pairs = [*combinations([*ids, *fresh], 2), *((name, port) for name in [*ids, *fresh] for port in ports)]

    def few(names: list[str] | list[tuple[str, str]], most: int = 1) -> tuple:
        return draw(st.lists(st.sampled_from(names), max_size=most, unique=True).map(tuple)) if names else ()

    return Changes(
        from_round=first,
        absent=few(ids),
        leaves=tuple((name, draw(st.integers(first, rounds))) for name in few(ids)),
        late=late,
        late_benefits=tuple((*pair, draw(st.integers(0, 1000))) for pair in few(worth, 4)) if problem.benefits else (),
        lost_tables=few(names_of(problem, plan)),
        lost_hosts=few(ports),
        lost_interpreters=few([one.id for one in problem.interpreters]),
        keep_apart=few(pairs),
    )


def unsound(printed: Plan, now: Problem, fresh: Plan, changes: Changes) -> list[str]:
    """What no repaired plan of any kind may have."""
    found, quality, first = faults(printed, now, fresh, changes), fresh.quality, changes.from_round
    apart = {frozenset(pair) for pair in (*now.keep_apart, *changes.keep_apart)}
    coming = [one for one in fresh.meetings if one.round >= first]
    if any(pair <= {*one.people, one.host} for one in coming for pair in apart):
        found.append("two who are kept apart share a table")
    if any(one.host in changes.lost_hosts or one.interpreter in changes.lost_interpreters for one in coming):
        found.append("a host or an interpreter who is lost is at a table")
    if quality.stale_bound is None or fresh.stale is None:
        found.append("the stale cards are not told")
    if quality.benefit > quality.bound:
        found.append("benefit is above its bound")
    if quality.lowest_bound is not None and quality.lowest_satisfaction > quality.lowest_bound:
        found.append("lowest_satisfaction is above its bound")
    if quality.repeats_bound is not None and (quality.repeats is None or quality.repeats < quality.repeats_bound):
        found.append("repeats are below their bound")
    if read_problem(write_problem(now)) != now or read_plan(write_plan(fresh)) != fresh:
        found.append("the files are read back as something else")
    return found


def refused(problem: Problem, refusal: BadProblem) -> str:
    """What is said about changes that nobody can answer: one line, and of locks only where there are any."""
    said = str(refusal)
    assert "\n" not in said
    assert problem.locks or not said.startswith("locks")
    return said.split(":", maxsplit=1)[0]


def goes_on(data: st.DataObject, problem: Problem) -> None:
    """Repair a plan again and again; where that is refused, the day goes on with the plan as it was."""
    plan, least = solved(problem), 1
    for _ in range(data.draw(st.integers(1, MOST_REPAIRS))):
        changes = data.draw(happenings(problem, plan, least))
        try:
            now, fresh = repair(problem, plan, changes)
        except BadProblem as refusal:
            event(f"refused: {refused(problem, refusal)}")
            continue
        event("repaired")
        assert not unsound(plan, now, fresh, changes)
        problem, plan, least = now, fresh, changes.from_round


@pytest.mark.parametrize("kind", KINDS)
@settings(CALM, max_examples=breadth(40, quick=15))
@given(st.data())
def test_a_repaired_plan_is_repaired_again(kind: str, data: st.DataObject) -> None:
    goes_on(data, data.draw(sessions(**KINDS[kind], most=7, rounds=4)))


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@settings(CALM, max_examples=300)
@given(st.data())
def test_a_larger_plan_too(kind: str, data: st.DataObject) -> None:
    goes_on(data, data.draw(sessions(**KINDS[kind], most=10, rounds=5)))


@pytest.mark.parametrize("kind", ["pairs", "circles"])
def test_a_lock_of_somebody_seated_at_a_lost_table_is_taken_out(kind: str) -> None:
    people = tuple(Person(f"p{at}", seated=at == 0) for at in range(6))
    problem = Problem(Session(rounds=3, format=kind, size=3), people, locks=(Lock(3, ("p0", "p1")),))
    plan = solve(problem, clock=timeless)
    own = next(one.table for one in plan.meetings if "p0" in one.people)
    for first, locks in ((1, problem.locks), (2, ())):
        changes = Changes(first, lost_tables=(own,))
        now, fresh = repair(problem, plan, changes)
        assert not unsound(plan, now, fresh, changes)
        assert now.locks == locks


def test_a_lock_of_somebody_seated_who_finds_no_table_is_refused() -> None:
    people = tuple(Person(f"p{at}", seated=at in (0, 2)) for at in range(4))
    problem = Problem(Session(rounds=2, tables=2), people, locks=(Lock(1, ("p0", "p1"), "1"),))
    plan = solve(problem, clock=timeless)
    with pytest.raises(NotPossible, match="locks: no table is left where 'p0' can stay seated in round 1"):
        repair(problem, plan, Changes(1, lost_tables=("1",)))


@pytest.mark.parametrize(("seated", "gone"), [(True, ("p7",)), (False, ("p1", "p2", "p3"))])
def test_a_locked_meeting_at_a_lost_table_is_held_at_another(seated: bool, gone: tuple[str, ...]) -> None:
    problem = room("pairs", 60, 4)
    plan = solve(problem, floor=False, clock=timeless)
    lock = [one for one in plan.meetings if one.round == 4 and not set(gone) & set(one.people)][1]
    people = tuple(replace(one, seated=seated and one.id == lock.people[0]) for one in problem.people)
    problem = replace(problem, people=people, locks=(Lock(4, lock.people),))
    plan = solve(problem, floor=False, clock=timeless)
    table = next(one.table for one in plan.meetings if one.round == 4 and one.people == lock.people)
    changes = Changes(1, absent=gone, lost_tables=(table,))
    now, fresh = repair(problem, plan, changes)
    assert not unsound(plan, now, fresh, changes)
    assert now.locks == problem.locks
    assert set(lock.people) <= set(fresh.stale)


@pytest.mark.parametrize("kind", ["clinics", "stations"])
def test_two_kept_apart_are_parted_though_both_lose_another_host_too(kind: str) -> None:
    people = (Person("p0"), Person("p1"))
    hosts = tuple(Host(f"h{at}", places=2, table=f"T{at}") for at in range(3))
    locks = tuple(Lock(at + 1, ("p0", "p1"), f"T{at}") for at in range(3))
    worth = tuple((one.id, host.id, 9) for one in people for host in hosts)
    problem = Problem(Session(rounds=3, format=kind), people, hosts=hosts, locks=locks, benefits=worth)
    plan = solve(problem, clock=timeless)
    changes = Changes(2, lost_hosts=("h1",), keep_apart=(("p0", "p1"),))
    now, fresh = repair(problem, plan, changes)
    assert not unsound(plan, now, fresh, changes)
    assert set(fresh.stale) == {"p0", "p1"}


def test_a_visit_left_with_too_few_ends_without_a_lock_to_blame() -> None:
    people = tuple(Person(f"p{at}", limit=2) for at in range(2))
    hosts = (Host("h0", places=2, min_places=2), Host("h1", places=2))
    worth = tuple((one.id, host.id, 9) for one in people for host in hosts)
    problem = Problem(Session(rounds=2, format="clinics"), people, hosts=hosts, benefits=worth)
    plan = solve(problem, clock=timeless)
    changes = Changes(1, absent=("p1",), lost_hosts=("h1",))
    now, fresh = repair(problem, plan, changes)
    assert not unsound(plan, now, fresh, changes)
    assert (fresh.meetings, fresh.stale) == ((), ("p0",))


@pytest.mark.parametrize("kind", ["pairs", "clinics"])
@pytest.mark.parametrize("first", [2, 3])
def test_an_interpreter_who_rested_is_not_missed_later(kind: str, first: int) -> None:
    rounds = 3
    guests = tuple(Person(f"p{at}", languages=("km",)) for at in range(rounds))
    others = tuple(Person(f"q{at}", languages=("en",)) for at in range(rounds) if kind == "pairs")
    hosts = () if others else (Host("h0", languages=("en",), table="T"),)
    table = "T" if hosts else None
    locks = tuple(Lock(at + 1, (f"p{at}", *(one.id for one in others[at : at + 1])), table) for at in range(rounds))
    helper = Interpreter("i0", ("en", "km"), most_in_a_row=2)
    problem = Problem(
        Session(rounds=rounds, format=kind), (*guests, *others), hosts=hosts, locks=locks, interpreters=(helper,)
    )
    plan = solve(problem, clock=timeless)
    assert any(one.round < first and one.interpreter is None for one in plan.meetings)
    for gone in range(first - 1, rounds):
        changes = Changes(first, absent=(f"p{gone}",))
        now, fresh = repair(problem, plan, changes)
        assert not unsound(plan, now, fresh, changes)


def test_a_broken_repair_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = room("pairs", 6, 3)
    twice = Refilled((Sitting(1, (0, 1), "1"), Sitting(1, (0, 2), "2")), 0, 0, 1.0)
    monkeypatch.setitem(again.REFILLS, "pairs", lambda *_: twice)
    with pytest.raises(BrokenPlan, match="p0"):
        repair(problem, solve(problem, clock=timeless), Changes(2))
