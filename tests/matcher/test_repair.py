"""Repair: no breach, begun rounds untouched, the stale cards told exactly, as few as brute force finds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from matcher.check import breaches
from matcher.engine import solve
from matcher.errors import BadProblem, MatcherError, NotPossible, UnknownId
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.repair.again import repaired
from matcher.repair.changes import Changes, changed
from matcher.rules import Admissibility
from matcher.wire import write_plan
from tests.breadth import breadth

from .strategies import problems

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
Seats = dict[tuple[str, int], str]


def timeless() -> float:
    return 0.0


def room(number: int, rounds: int = 3, **more: object) -> Problem:
    return Problem(Session(rounds=rounds), tuple(Person(f"p{at}") for at in range(number)), **more)


def repair(problem: Problem, plan: Plan, changes: Changes) -> tuple[Problem, Plan]:
    return repaired(problem, plan, changes, clock=timeless)


def seats(plan: Plan, first: int) -> Seats:
    return {(name, one.round): one.table for one in plan.meetings if one.round >= first for name in one.people}


def stale(printed: Plan, fresh: Plan, now: Problem, changes: Changes) -> set[str]:
    """Told anew from the definition: somebody with a card, there in a round, at another table than it says."""
    said, sits = seats(printed, changes.from_round), seats(fresh, changes.from_round)
    late = {one.id for one in changes.late}
    return {
        one.id
        for one in now.people
        if one.id not in late
        for number in range(changes.from_round, now.session.rounds + 1)
        if number not in one.away and said.get((one.id, number)) != sits.get((one.id, number))
    }


def faults(printed: Plan, now: Problem, fresh: Plan, changes: Changes) -> list[str]:
    """What a repaired plan must not have."""
    first = changes.from_round
    found = breaches(now, fresh)
    for one in ("meetings", "rests"):
        before = [each for each in getattr(printed, one) if each.round < first]
        if before != [each for each in getattr(fresh, one) if each.round < first]:
            found.append(f"begun {one} are changed")
    if list(fresh.stale or ()) != sorted(stale(printed, fresh, now, changes)):
        found.append("stale is not what has changed")
    if not 0 <= (fresh.quality.stale_bound or 0) <= len(fresh.stale or ()):
        found.append("stale_bound is above stale")
    if fresh.version != printed.version + 1:
        found.append("version")
    for meeting in fresh.meetings:
        if meeting.round >= first and meeting.table in changes.lost_tables:
            found.append("a lost table is used")
        if meeting.round >= first and any(set(pair) <= set(meeting.people) for pair in changes.keep_apart):
            found.append("two who are kept apart meet")
        if any(meeting.round >= number and name in meeting.people for name, number in changes.gone().items()):
            found.append("somebody who is gone has a meeting")
    return found


@st.composite
def events(draw: st.DrawFn, problem: Problem, plan: Plan, most: int = 2, least: int = 1) -> Changes:
    """Something that happens at a conference."""
    rounds, ids = problem.session.rounds, [one.id for one in problem.people]
    first = draw(st.integers(least, rounds))
    few = st.lists(st.sampled_from(ids), max_size=most, unique=True) if ids else st.just([])
    late = draw(st.integers(0, most))
    fresh = [f"late{first}x{at}" for at in range(late)]
    pairs = list(combinations([*ids, *fresh], 2))
    tables = sorted({one.table for one in plan.meetings})
    given = problem.session.tables
    number = len(given) if isinstance(given, tuple) else given
    spare = number is None or (number > 1 and not problem.locks)
    return Changes(
        from_round=first,
        absent=tuple(draw(few)),
        leaves=tuple((name, draw(st.integers(first, rounds))) for name in draw(few)),
        late=tuple(
            Person(name, organisation=draw(st.sampled_from((None, "o1"))), seated=draw(st.sampled_from((False, True))))
            for name in fresh
        ),
        late_benefits=()
        if problem.benefits is None
        else tuple((name, other, draw(st.integers(0, 1000))) for name in fresh for other in ids[:2]),
        lost_tables=tuple(draw(st.lists(st.sampled_from(tables), max_size=1))) if tables and spare else (),
        keep_apart=tuple(draw(st.lists(st.sampled_from(pairs), max_size=1))) if pairs else (),
    )


@st.composite
def cases(draw: st.DrawFn, most: int = 9, rounds: int = 4) -> tuple[Problem, Plan, Changes]:
    problem = draw(problems(most, rounds, seated=True))
    plan = solve(problem, seed=draw(st.integers(0, 3)), clock=timeless)
    return problem, plan, draw(events(problem, plan))


@settings(CALM, max_examples=breadth(150, quick=30))
@given(cases())
def test_any_room_is_repaired_without_breach(case: tuple[Problem, Plan, Changes]) -> None:
    problem, plan, changes = case
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    assert not faults(fresh, *repair(now, fresh, Changes(now.session.rounds)), Changes(now.session.rounds))


def test_a_wrong_repair_is_noticed() -> None:
    problem = room(6)
    plan = solve(problem, clock=timeless)
    changes = Changes(2, absent=("p0",), lost_tables=("1",), keep_apart=(("p1", "p2"),))
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    assert "stale is not what has changed" in faults(plan, now, replace(fresh, stale=fresh.stale[1:]), changes)
    assert "version" in faults(plan, now, replace(fresh, version=1), changes)
    moved = replace(fresh.meetings[0], table="9")
    assert "begun meetings are changed" in faults(
        plan, now, replace(fresh, meetings=(moved, *fresh.meetings[1:])), changes
    )
    assert "somebody who is gone has a meeting" in faults(plan, now, replace(plan, version=2, stale=()), changes)
    assert "a lost table is used" in faults(plan, now, plan, changes)
    high = replace(fresh, quality=replace(fresh.quality, stale_bound=len(fresh.stale) + 1))
    assert "stale_bound is above stale" in faults(plan, now, high, changes)


# --- brute force -------------------------------------------------------------------------------------------------


class Oracle:
    """All ways to fill the open rounds of a tiny room: fewest rests, then fewest stale cards."""

    def __init__(self, problem: Problem, plan: Plan, changes: Changes, now: Problem) -> None:
        self.now, self.first, self.changes = now, changes.from_round, changes
        self.rules = Admissibility(now)
        self.said, self.index = seats(plan, self.first), self.rules.index
        self.met = {frozenset(one.people) for one in plan.meetings if one.round < self.first}
        self.old = {(frozenset(one.people), one.round) for one in plan.meetings}
        self.held = {
            one.id: sum(one.id in m.people for m in plan.meetings if m.round < self.first) for one in now.people
        }
        tables = problem.session.tables
        self.most = len(now.people) if tables is None else tables - len(set(changes.lost_tables))
        self.late = {one.id for one in changes.late}
        self.apart = {frozenset(pair) for pair in changes.keep_apart}

    def best(self) -> tuple[int, int]:
        found = {(frozenset[frozenset[str]](), frozenset[str](), 0)}
        for number in range(self.first, self.now.session.rounds + 1):
            ways = list(self._ways(number))
            found = {
                (held | pairs, changed | more, rests + idle)
                for held, changed, rests in found
                for pairs, more, idle in ways
                if not held & pairs and self._within(held | pairs)
            }
        return min((rests, len(changed)) for _, changed, rests in found)

    def _within(self, held: frozenset[frozenset[str]]) -> bool:
        return all(
            sum(one.id in pair for pair in held) + self.held[one.id] <= self.rules.caps[self.index[one.id]]
            for one in self.now.people
        )

    def _ways(self, number: int) -> Iterator[tuple[frozenset[frozenset[str]], frozenset[str], int]]:
        there = [one.id for one in self.now.people if number not in one.away]
        may = [
            frozenset(pair)
            for pair in combinations(there, 2)
            if self.rules.allowed[self.index[pair[0]], self.index[pair[1]]]
            and frozenset(pair) not in self.met | self.apart
        ]
        for size in range(min(self.most, len(there) // 2) + 1):
            for pairs in combinations(may, size):
                busy = [name for pair in pairs for name in pair]
                if len(set(busy)) == len(busy):
                    for sits in self._tables(pairs, number):
                        wrong = {n for n in there if n not in self.late and self.said.get((n, number)) != sits.get(n)}
                        yield frozenset(pairs), frozenset(wrong), len(there) - len(busy)

    def _tables(self, pairs: tuple[frozenset[str], ...], number: int) -> Iterator[dict[str, str]]:
        """Each pair at the table one of the two has on the card, or at a table of its own."""
        options = [
            [f"new{at}", *{self.said[name, number] for name in pair if (name, number) in self.said}]
            for at, pair in enumerate(pairs)
        ]
        for tables in product(*options):
            if len(set(tables)) == len(tables) and not set(tables) & set(self.changes.lost_tables):
                yield {name: table for pair, table in zip(pairs, tables, strict=True) for name in pair}


@settings(CALM, max_examples=breadth(200, quick=40))
@given(st.data())
def test_no_way_leaves_fewer_rests_or_fewer_stale_cards(data: st.DataObject) -> None:
    problem = data.draw(problems(5, 3))
    problem = replace(problem, locks=())
    plan = solve(problem, clock=timeless)
    changes = data.draw(events(problem, plan, most=1, least=max(1, problem.session.rounds - 1)))
    changes = replace(changes, late=tuple(replace(one, seated=False) for one in changes.late))
    assume(len(problem.people) + len(changes.late) <= 6)
    now, fresh = repair(problem, plan, changes)
    rests, fewest = Oracle(problem, plan, changes, now).best()
    there = [
        (one.id, r)
        for one in now.people
        for r in range(changes.from_round, now.session.rounds + 1)
        if r not in one.away
    ]
    assert len(there) - len(seats(fresh, changes.from_round)) == rests
    assert len(fresh.stale) == fewest == fresh.quality.stale_bound


# --- larger rooms ------------------------------------------------------------------------------------------------


@settings(CALM, max_examples=8)
@given(st.integers(0, 10**6), st.integers(1, 6), st.booleans())
def test_absences_in_a_room_leave_no_hole_and_few_stale_cards(seed: int, number: int, sides: bool) -> None:
    people = tuple(
        Person(
            f"p{at}",
            organisation=f"o{at % 9}",
            side="ab"[at % 2] if sides else None,
            offers=(f"t{at % 5}",),
            seeks=(f"t{at % 7}",),
        )
        for at in range(48)
    )
    problem = Problem(Session(rounds=5), people)
    plan = solve(problem, seed=seed % 100, floor=False, clock=timeless)
    absent = tuple(f"p{(seed + 7 * at) % 48}" for at in range(number))
    changes = Changes(3, absent=absent)
    now, fresh = repair(problem, plan, changes)
    assert not faults(plan, now, fresh, changes)
    missing = [sum(int(name[1:]) % 2 == side for name in absent) for side in (0, 1)]
    unavoidable = abs(missing[0] - missing[1]) if sides else len(set(absent)) % 2
    assert sum(rest.round >= 3 for rest in fresh.rests) == 3 * unavoidable
    assert len(fresh.stale) <= 3 * number


class Conference(RuleBasedStateMachine):
    """A day of repairs, one after the other, each from the problem and plan that the last one left."""

    @initialize(problem=problems(8, 4, seated=True))
    def begin(self, problem: Problem) -> None:
        self.problem, self.number, self.late = problem, 1, 0
        self.plan = solve(problem, clock=timeless)

    @precondition(lambda self: self.number <= self.problem.session.rounds)
    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        changes = data.draw(events(self.problem, self.plan, most=1, least=self.number))
        self.late += 1
        names = {one.id: f"{one.id}n{self.late}" for one in changes.late}
        changes = replace(
            changes,
            late=tuple(replace(one, id=names[one.id]) for one in changes.late),
            late_benefits=tuple((names[one], other, value) for one, other, value in changes.late_benefits),
            keep_apart=tuple((names.get(a, a), names.get(b, b)) for a, b in changes.keep_apart),
        )
        now, fresh = repair(self.problem, self.plan, changes)
        assert not faults(self.plan, now, fresh, changes)
        self.problem, self.plan, self.number = now, fresh, changes.from_round

    @rule()
    def a_round_begins(self) -> None:
        self.number = min(self.number + 1, self.problem.session.rounds)

    @invariant()
    def the_plan_is_good(self) -> None:
        assert not breaches(self.problem, self.plan)


TestConference = Conference.TestCase
TestConference.settings = settings(CALM, max_examples=40, stateful_step_count=5)


# --- what the problem becomes ------------------------------------------------------------------------------------


def test_nothing_happens() -> None:
    problem = room(8)
    plan = solve(problem, clock=timeless)
    now, fresh = repair(problem, plan, Changes(2))
    assert now == problem
    assert (fresh.meetings, fresh.stale, fresh.quality.stale_bound) == (plan.meetings, (), 0)


def test_the_same_repair_twice_gives_the_same_bytes() -> None:
    problem = room(40, 5, rules=Rules(limit=4))
    plan = solve(problem, clock=timeless)
    changes = Changes(3, absent=("p1", "p2", "p3"), leaves=(("p4", 5),))
    first, second = (write_plan(repair(problem, plan, changes)[1]) for _ in range(2))
    assert first == second
    assert set(json.loads(first)["stale"]).isdisjoint({"p1", "p2", "p3"})


def test_locks_that_nobody_can_keep_are_taken_out() -> None:
    locks = (Lock(1, ("p0", "p1"), "1"), Lock(2, ("p0", "p2"), "1"), Lock(3, ("p3", "p4"), "2"))
    problem = room(6, locks=locks)
    plan = solve(problem, clock=timeless)
    now = changed(problem, plan, Changes(2, absent=("p0",), lost_tables=("2",)))
    assert now.locks == (locks[0], Lock(3, ("p3", "p4")))
    assert not changed(problem, plan, Changes(1, keep_apart=(("p4", "p3"), ("p0", "p1"), ("p0", "p2")))).locks


def test_lost_tables_leave_the_room_as_far_as_begun_rounds_allow() -> None:
    named = replace(room(6), session=Session(rounds=3, tables=("A", "B", "C", "D")))
    plan = solve(named, clock=timeless)
    assert {one.table for one in plan.meetings} == {"A", "B", "C"}
    assert changed(named, plan, Changes(2, lost_tables=("A", "D"))).session.tables == ("A", "B", "C")
    assert changed(named, plan, Changes(1, lost_tables=("A", "D"))).session.tables == ("B", "C")
    counted = replace(room(6), session=Session(rounds=3, tables=4))
    plan = solve(counted, clock=timeless)
    assert changed(counted, plan, Changes(2, lost_tables=("1",))).session.tables == 3
    assert changed(counted, plan, Changes(2, lost_tables=("1", "2"))).session.tables == 3
    _, fresh = repair(counted, plan, Changes(2, lost_tables=("1", "2")))
    assert len(fresh.rests) == 4


def test_two_who_have_met_get_no_entry_that_would_condemn_the_past() -> None:
    problem = room(6)
    plan = solve(problem, clock=timeless)
    begun, later = plan.meetings[0].people, plan.meetings[-1].people
    now = changed(problem, plan, Changes(2, keep_apart=(begun, later, later[::-1])))
    assert [set(pair) for pair in now.keep_apart] == [set(later)]


REFUSALS = [
    (Changes(0), BadProblem, "--from-round 0: the session has rounds 1 to 3"),
    (Changes(2, absent=("p9",)), UnknownId, "--absent: 'p9' is not in people"),
    (Changes(2, leaves=(("p1", 1),)), BadProblem, "--leaves p1:1: give a round from 2 to 3"),
    (Changes(2, lost_tables=("9",)), UnknownId, "--lost-table: '9' is not a table of the plan"),
    (Changes(2, lost_hosts=("h1",)), UnknownId, "--lost-host: 'h1' is not in hosts"),
    (Changes(2, lost_interpreters=("i1",)), UnknownId, "--lost-interpreter: 'i1' is not in interpreters"),
    (Changes(2, keep_apart=(("p1", "p9"),)), UnknownId, "--keep-apart: 'p9' is not in people"),
    (Changes(2, keep_apart=(("p1", "p1"),)), BadProblem, "--keep-apart p1:p1: name two different people"),
    (Changes(2, late=(Person("p1"),)), BadProblem, "--late: 'p1' is in people already"),
    (Changes(2, late=(Person("p8"),), late_benefits=(("p8", "p1", 3),)), BadProblem, "--late: the problem takes"),
]


@pytest.mark.parametrize(("changes", "error", "sentence"), REFUSALS)
def test_what_is_not_there_is_refused(changes: Changes, error: type[MatcherError], sentence: str) -> None:
    problem = room(6)
    with pytest.raises(error) as caught:
        repair(problem, solve(problem, clock=timeless), changes)
    assert str(caught.value).startswith(sentence)


def test_benefits_of_late_comers_name_a_late_comer() -> None:
    problem = room(4, benefits=())
    plan = solve(problem, clock=timeless)
    late = (Person("p8"),)
    with pytest.raises(BadProblem, match="names no late-comer"):
        repair(problem, plan, Changes(2, late=late, late_benefits=(("p1", "p2", 3),)))
    now, _ = repair(problem, plan, Changes(2, late=late, late_benefits=(("p8", "p2", 3),)))
    assert now.benefits == (("p8", "p2", 3),)


def test_too_few_tables_are_refused() -> None:
    one = replace(room(4), session=Session(rounds=3, tables=1))
    with pytest.raises(BadProblem, match="--lost-table: no table would be left"):
        repair(one, solve(one, clock=timeless), Changes(2, lost_tables=("1",)))
    locks = (Lock(1, ("p0", "p1")), Lock(1, ("p2", "p3")), Lock(3, ("p0", "p2")), Lock(3, ("p1", "p3")))
    two = replace(room(4, locks=locks), session=Session(rounds=3, tables=2))
    with pytest.raises(NotPossible, match="locks: round 3 has more locks than tables are left"):
        repair(two, solve(two, clock=timeless), Changes(2, lost_tables=("1",)))


def test_a_plan_for_another_problem_is_refused() -> None:
    with pytest.raises(BadProblem, match="the plan does not answer the problem: "):
        repair(room(6), solve(room(5), clock=timeless), Changes(2))
