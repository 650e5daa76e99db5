"""The referee: every breach of a plan, judged from the problem and the plan alone; it knows no solver."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from matcher import points
from matcher.plan import Meeting, Plan
from matcher.problem import Person, Problem
from matcher.rules import Admissibility

SHARE_TOLERANCE = 0.00051
GAP_TOLERANCE = 0.00000051


def breaches(problem: Problem, plan: Plan) -> list[str]:
    """Judge a plan against its problem.

    Parameters
    ----------
    problem : Problem
        What was asked.
    plan : Plan
        What was answered. Shares may be rounded to 3 digits and the gap to 6; all other figures must be exact.

    Returns
    -------
    list of str
        One sentence for each broken rule and each wrong figure; empty where the plan keeps its word.

    Examples
    --------
    >>> from matcher.plan import Quality
    >>> from matcher.problem import Lock, Session
    >>> problem = Problem(Session(rounds=1), (Person("p1"), Person("p2")), locks=(Lock(1, ("p1", "p2")),))
    >>> nothing = Quality(0, 0, 0, 0.0, 1.0, None, 0, 0, 0.0)
    >>> for sentence in breaches(problem, Plan("", (), (), (), nothing)):
    ...     print(sentence)
    the lock of p1 and p2 in round 1 is not kept
    p1 is there in round 1, has no table, and no rest is told
    p2 is there in round 1, has no table, and no rest is told
    """
    case = _Case(problem, plan)
    judges = (_frame, _attendance, _tables, _limits, _pairs, _seated, _locks, _rests, _unmet, _words, _worth, _quality)
    return [sentence for judge in judges for sentence in judge(case)]


@dataclass(frozen=True, eq=False)
class _Case:
    problem: Problem
    plan: Plan

    @cached_property
    def persons(self) -> dict[str, Person]:
        return {person.id: person for person in self.problem.people}

    @cached_property
    def meetings(self) -> list[Meeting]:
        """The meetings that can be judged further: an existing round and two known, different people."""
        return [meeting for meeting in self.plan.meetings if not list(_malformed(meeting, self))]

    @cached_property
    def seats(self) -> dict[str, list[tuple[int, str]]]:
        """Each person's (round, table), sorted."""
        seats: dict[str, list[tuple[int, str]]] = {name: [] for name in self.persons}
        for meeting in self.meetings:
            for name in meeting.people:
                seats[name].append((meeting.round, meeting.table))
        return {name: sorted(places) for name, places in seats.items()}

    @cached_property
    def locked(self) -> set[tuple[int, frozenset[str]]]:
        return {(lock.round, frozenset(lock.people)) for lock in self.problem.locks}

    @cached_property
    def rules(self) -> Admissibility:
        return Admissibility(self.problem)

    @cached_property
    def worth(self) -> NDArray[np.int64]:
        return points.matrix(self.problem)

    def limit(self, person: Person) -> int:
        common = self.problem.rules.limit
        own = common if person.limit is None else person.limit
        there = self.problem.session.rounds - len(person.away)
        return there if own is None else min(own, there)

    def value(self, meeting: Meeting) -> int:
        one, other = (self.rules.index[name] for name in meeting.people)
        return int(self.worth[one, other])


def _malformed(meeting: Meeting, case: _Case) -> Iterator[str]:
    where = f"the meeting in round {meeting.round} at table {meeting.table}"
    if not 1 <= meeting.round <= case.problem.session.rounds:
        yield f"{where}: round {meeting.round} does not exist"
    for name in meeting.people:
        if name not in case.persons:
            yield f"{where}: {name} is not in people"
    if len(meeting.people) != 2 or len(set(meeting.people)) != 2:
        yield f"{where} has {len(set(meeting.people))} different people, not 2"


def _told(meeting: Meeting) -> str:
    return f"{' and '.join(meeting.people)} in round {meeting.round}"


def _frame(case: _Case) -> Iterator[str]:
    """The plan belongs to the problem; rounds and ids exist; times are right."""
    session, plan = case.problem.session, case.plan
    if plan.session != session.id:
        yield f"the plan is for session {plan.session!r}, the problem for {session.id!r}"
    for meeting in plan.meetings:
        yield from _malformed(meeting, case)
    step = timedelta(minutes=session.round_minutes + session.change_minutes)
    for meeting in case.meetings:
        true = None if session.start is None else session.start + (meeting.round - 1) * step
        if meeting.starts is not None and meeting.starts != true:
            really = "without a start" if true is None else f"really at {true.isoformat()}"
            yield f"the meeting of {_told(meeting)} is told to start at {meeting.starts.isoformat()}, it is {really}"


def _attendance(case: _Case) -> Iterator[str]:
    """Nobody sits anywhere while away, nor at two tables at once."""
    for name, seats in case.seats.items():
        for number, times in Counter(number for number, _ in seats).items():
            if number in case.persons[name].away:
                yield f"{name} is away in round {number} and has a meeting there"
            if times > 1:
                yield f"{name} is at {times} tables in round {number}"


def _tables(case: _Case) -> Iterator[str]:
    tables = case.problem.session.tables
    names = set(tables) if isinstance(tables, tuple) else None
    most = len(tables) if isinstance(tables, tuple) else tables
    used: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for meeting in case.plan.meetings:
        used[meeting.round][meeting.table] += 1
        if names is not None and meeting.table not in names:
            yield f"table {meeting.table} in round {meeting.round} does not exist"
    for number, counts in used.items():
        for table, times in counts.items():
            if times > 1:
                yield f"table {table} is used {times} times in round {number}"
        if most is not None and counts.total() > most:
            yield f"{counts.total()} tables are in use in round {number}, there are {most}"


def _limits(case: _Case) -> Iterator[str]:
    """Only locks may lift somebody above the own limit."""
    pinned = Counter(name for _, pair in case.locked for name in pair)
    for name, seats in case.seats.items():
        limit = case.limit(case.persons[name])
        if len(seats) > max(limit, pinned[name]):
            yield f"{name} has {len(seats)} meetings, the limit is {limit}"


def _pairs(case: _Case) -> Iterator[str]:
    apart = {frozenset(pair) for pair in case.problem.keep_apart}
    times = Counter(frozenset(meeting.people) for meeting in case.meetings)
    for pair, count in times.items():
        if count > 1:
            yield f"{' and '.join(sorted(pair))} meet {count} times"
    for meeting in case.meetings:
        pair = frozenset(meeting.people)
        if pair in apart:
            yield f"{_told(meeting)} are kept apart and have a meeting"
        elif all(case.persons[name].seated for name in pair):
            yield f"{_told(meeting)} are both seated and cannot come to each other"
        elif (meeting.round, pair) not in case.locked:
            one, other = (case.rules.index[name] for name in meeting.people)
            if not case.rules.allowed[one, other]:
                yield f"{_told(meeting)} may not meet: {case.rules.forbidden_by(one, other)}"


def _seated(case: _Case) -> Iterator[str]:
    for name, seats in case.seats.items():
        tables = {table for _, table in seats}
        if case.persons[name].seated and len(tables) > 1:
            yield f"{name} should stay seated and is at {len(tables)} tables"


def _locks(case: _Case) -> Iterator[str]:
    held = {(meeting.round, frozenset(meeting.people)): meeting.table for meeting in case.meetings}
    for lock in case.problem.locks:
        one, other = lock.people
        table = held.get((lock.round, frozenset(lock.people)))
        if table is None:
            yield f"the lock of {one} and {other} in round {lock.round} is not kept"
        elif lock.table not in (None, table):
            yield f"the lock of {one} and {other} in round {lock.round} is at table {table}, not at {lock.table}"


def _rests(case: _Case) -> Iterator[str]:
    """Everybody who is there has a table or a rest, never both."""
    busy = {(name, number) for name, seats in case.seats.items() for number, _ in seats}
    told = Counter((rest.person, rest.round) for rest in case.plan.rests)
    accounted = busy | told.keys()
    for person in case.problem.people:
        for number in range(1, case.problem.session.rounds + 1):
            if number not in person.away and (person.id, number) not in accounted:
                yield f"{person.id} is there in round {number}, has no table, and no rest is told"
    for (name, number), times in told.items():
        if times > 1:
            yield f"the rest of {name} in round {number} is told {times} times"
        if name not in case.persons:
            yield f"the rest in round {number} names {name}, who is not in people"
        elif not 1 <= number <= case.problem.session.rounds:
            yield f"the rest of {name} is in round {number}, which does not exist"
        elif (name, number) in busy:
            yield f"the rest of {name} in round {number} is wrong: there is a meeting"
        elif number in case.persons[name].away:
            yield f"the rest of {name} in round {number} is wrong: {name} is away"
    yield from _rest_codes(case)


def _rest_codes(case: _Case) -> Iterator[str]:
    for rest in case.plan.rests:
        person = case.persons.get(rest.person)
        if rest.code == "no_table" and case.problem.session.tables is None:
            yield f"the rest of {rest.person} in round {rest.round} is told as no_table, but tables are without limit"
        if rest.code == "limit" and person and len(case.seats[rest.person]) < case.limit(person):
            yield f"the rest of {rest.person} in round {rest.round} is told as limit, which is not reached"


def _unmet(case: _Case) -> Iterator[str]:
    met = {frozenset(meeting.people) for meeting in case.meetings}
    for unmet in case.plan.unmet:
        person = case.persons.get(unmet.person)
        if person is None or unmet.wish not in person.wishes:
            yield f"unmet: {unmet.person} does not wish to meet {unmet.wish}"
        elif frozenset((unmet.person, unmet.wish)) in met:
            yield f"unmet: the wish of {unmet.person} for {unmet.wish} is granted"


def _words(case: _Case) -> Iterator[str]:
    """A named language is one that both speak; a person without languages may speak it."""
    for meeting in case.meetings:
        lists = [case.persons[name].languages for name in meeting.people]
        silent = not any(lists)
        if meeting.language is not None and (
            silent or any(spoken and meeting.language not in spoken for spoken in lists)
        ):
            yield f"{_told(meeting)} are told to speak {meeting.language}, which not both speak"


def _worth(case: _Case) -> Iterator[str]:
    """Benefits are as given or as the profiles say; reasons with points add up to them."""
    for meeting in case.meetings:
        true = case.value(meeting)
        if meeting.benefit != true:
            yield f"the benefit of {_told(meeting)} is told as {meeting.benefit}, it is {true}"
        strangers = {name for reason in meeting.reasons for name in (reason.giver, reason.taker)} - {
            None,
            *meeting.people,
        }
        if strangers:
            yield f"a reason for the meeting of {_told(meeting)} speaks of somebody else"
        told = sum(reason.points for reason in meeting.reasons)
        if told and told != true:
            yield f"the reasons for the meeting of {_told(meeting)} add up to {told}, not to {true}"


def _quality(case: _Case) -> Iterator[str]:
    quality = case.plan.quality
    benefit = sum(case.value(meeting) for meeting in case.meetings)
    gaps = [b - a > 1 for seats in case.seats.values() for (a, _), (b, _) in pairwise(seats)]
    changes = [a != b for seats in case.seats.values() for (_, a), (_, b) in pairwise(seats)]
    true = {"meetings": len(case.plan.meetings), "benefit": benefit, "breaks": sum(gaps), "table_changes": sum(changes)}
    for name, value in true.items():
        if getattr(quality, name) != value:
            yield f"quality.{name} is told as {getattr(quality, name)}, it is {value}"
    lowest = _lowest_satisfaction(case)
    if not abs(quality.lowest_satisfaction - lowest) <= SHARE_TOLERANCE:
        yield f"quality.lowest_satisfaction is told as {quality.lowest_satisfaction}, it is {lowest:.4f}"
    if quality.lowest_bound is not None and not quality.lowest_bound >= lowest - SHARE_TOLERANCE:
        yield f"quality.lowest_bound {quality.lowest_bound} is below the lowest satisfaction {lowest:.4f}"
    if quality.bound < benefit:
        yield f"quality.bound {quality.bound} is below the benefit {benefit}"
    gap = (quality.bound - benefit) / quality.bound if quality.bound else 0.0
    if not abs(quality.gap - gap) <= GAP_TOLERANCE:
        yield f"quality.gap is told as {quality.gap}, it is {gap:.6f}"
    if not (isfinite(quality.seconds) and quality.seconds >= 0):
        yield f"quality.seconds is {quality.seconds}, not a time"


def _lowest_satisfaction(case: _Case) -> float:
    """The smallest of benefit received / the best that person could have had alone; 1 where that is 0."""
    received: Counter[str] = Counter()
    for meeting in case.meetings:
        for name in meeting.people:
            received[name] += case.value(meeting)
    ranked = -np.sort(np.where(case.rules.allowed, -case.worth, 0), axis=1)
    shares = []
    for row, person in enumerate(case.problem.people):
        best = int(ranked[row, : case.limit(person)].sum())
        shares.append(received[person.id] / best if best else 1.0)
    return min(shares, default=1.0)
