"""The case before the judges: a problem and a plan with the look-ups that they share, each worked out once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from matcher.check.pairings import Pairings, pairings
from matcher.plan import Meeting, Plan
from matcher.problem import Host, Interpreter, Lock, Person, Problem
from matcher.rules import Admissibility, IntArray, RuleName


@dataclass(frozen=True, eq=False)
class Case:
    """A problem and a plan; everything is found by id, and a meeting by its place in `meetings`."""

    problem: Problem
    plan: Plan

    @cached_property
    def persons(self) -> dict[str, Person]:
        """People by id."""
        return {person.id: person for person in self.problem.people}

    @cached_property
    def hosts(self) -> dict[str, Host]:
        """The hosts that people come to, by id."""
        return {host.id: host for host in self.problem.visited}

    @cached_property
    def nodes(self) -> dict[str, Person | Host]:
        """People and the hosts they come to, by id."""
        return {**self.persons, **self.hosts}

    @cached_property
    def helpers(self) -> dict[str, Interpreter]:
        """Interpreters by id."""
        return {one.id: one for one in self.problem.interpreters}

    @cached_property
    def rules(self) -> Admissibility:
        """Who may meet whom."""
        return Admissibility(self.problem)

    @cached_property
    def meetings(self) -> list[Meeting]:
        """The meetings that can be judged further: an existing round and known, different people and host."""
        return [meeting for meeting in self.plan.meetings if not any(malformed(meeting, self))]

    @cached_property
    def seats(self) -> dict[str, list[tuple[int, str]]]:
        """Each person's (round, table), sorted."""
        seats: dict[str, list[tuple[int, str]]] = {name: [] for name in self.persons}
        for meeting in self.meetings:
            for name in meeting.people:
                seats[name].append((meeting.round, meeting.table))
        return {name: sorted(places) for name, places in seats.items()}

    @cached_property
    def locks(self) -> dict[tuple[int, str], list[Lock]]:
        """The locks of each person in each round."""
        locks: defaultdict[tuple[int, str], list[Lock]] = defaultdict(list)
        for lock in self.problem.locks:
            for name in lock.people:
                locks[lock.round, name].append(lock)
        return dict(locks)

    @cached_property
    def agreed(self) -> set[frozenset[str]]:
        """The pairs of `chosen`."""
        return {frozenset(one.people) for one in self.problem.chosen or ()}

    @cached_property
    def apart(self) -> set[frozenset[str]]:
        """The pairs that never share a table."""
        return {frozenset(pair) for pair in self.problem.keep_apart}

    def kept_locks(self, meeting: Meeting) -> list[Lock]:
        """Return the locks that this meeting keeps."""
        found = {id(lock): lock for name in meeting.people for lock in self.locks.get((meeting.round, name), ())}
        there = set(meeting.people)
        return [lock for lock in found.values() if there >= set(lock.people) and lock.table in (None, meeting.table)]

    def pardoned(self, meeting: Meeting) -> set[frozenset[str]]:
        """Return the pairs that meet here because a lock or an agreement wants it, whatever the lesser rules say."""
        found: set[frozenset[str]] = set()
        for lock in self.kept_locks(meeting):
            if meeting.host is None:
                found |= {frozenset(two) for two in combinations(lock.people, 2)}
            else:
                found |= {frozenset((name, meeting.host)) for name in lock.people}
        pair = frozenset(meeting.people)
        return found | ({pair} if pair in self.agreed else set())

    def limit(self, person: Person) -> int:
        """Return the most meetings of a person: the own limit, else the common one, at most the rounds there."""
        common = self.problem.rules.limit
        own = common if person.limit is None else person.limit
        there = self.problem.session.rounds - len(person.away)
        return there if own is None else min(own, there)

    @cached_property
    def pairings(self) -> Pairings:
        """Who meets whom, as arrays: the two of `pairs`, a visitor and the host, everybody with everybody of a circle.

        `Pairings.meeting` are places in `meetings`.
        """
        index = self.rules.index
        rows = [
            (at, index[one], index[other]) for at, meeting in enumerate(self.meetings) for one, other in met(meeting)
        ]
        return pairings(self.rules, np.array(rows, np.int64).reshape(len(rows), 3))

    @cached_property
    def worth(self) -> IntArray:
        """The true benefit of each of `meetings`."""
        worth = np.zeros(len(self.meetings), np.int64)
        np.add.at(worth, self.pairings.meeting, self.pairings.value)
        return worth

    def forbidden(self) -> Iterator[tuple[Meeting, str, str, RuleName]]:
        """Yield each pair that meets against a rule, with the first such rule; pardons are not looked at."""
        nodes, found = self.rules.nodes, self.pairings
        for place, rule in found.barred():
            meeting = self.meetings[int(found.meeting[place])]
            yield meeting, nodes[int(found.one[place])].id, nodes[int(found.other[place])].id, rule


def met(meeting: Meeting) -> list[tuple[str, str]]:
    """Return who is with whom: each visitor with the host, else every two of the table."""
    if meeting.host is None:
        return list(combinations(meeting.people, 2))
    return [(name, meeting.host) for name in meeting.people]


def malformed(meeting: Meeting, case: Case) -> Iterator[str]:
    """Yield why a meeting cannot be judged further."""
    where = f"the meeting in round {meeting.round} at table {meeting.table}"
    if not 1 <= meeting.round <= case.problem.session.rounds:
        yield f"{where}: round {meeting.round} does not exist"
    for name in meeting.people:
        if name not in case.persons:
            yield f"{where}: {name} is not in people"
    different = len(set(meeting.people))
    if different < len(meeting.people):
        yield f"{where} names {different} different people, not {len(meeting.people)}"
    if case.problem.hosted:
        if meeting.host not in case.hosts:
            yield f"{where} has no host" if meeting.host is None else f"{where}: {meeting.host} is not in hosts"
        if not meeting.people:
            yield f"{where} has no people"
        return
    if meeting.host is not None:
        yield f"{where} names {meeting.host} as its host; in {case.problem.session.format} nobody is a host"
    if case.problem.session.format == "pairs" and different != 2:
        yield f"{where} has {different} different people, not 2"
    elif different < 2:
        yield f"{where} has {different} different people, not 2 or more"


def told(meeting: Meeting) -> str:
    """Return how a sentence names a meeting."""
    host = f" with {meeting.host}" if meeting.host else ""
    return f"{' and '.join(meeting.people)}{host} in round {meeting.round}"


def table_of(case: Case, meeting: Meeting) -> list[Person | Host]:
    """Return everybody at a table: the people, then the host they visit."""
    names = meeting.people if meeting.host is None else (*meeting.people, meeting.host)
    return [case.nodes[name] for name in names]
