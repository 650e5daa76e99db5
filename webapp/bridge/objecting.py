"""What stands against a change by hand, as codes: who is away, whom a rule parts, which table is too full.

The code `rules` says that two cannot sit together. It has several causes, keep-apart and met-before among them, and no
lock overrides it whatever the cause; where it holds for two, nothing else is said of the two.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import matcher
from matcher.points import visits

GENTLE = {"organisation", "language", "worthless", "limit"}
"""What a lock overrides."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a change breaks a rule: a code, people by row id, the table and a number that the code speaks of."""

    code: str
    people: tuple[int, ...] = ()
    table: str = ""
    number: int = 0

    @property
    def gentle(self) -> bool:
        """Whether a lock overrides it."""
        return self.code in GENTLE


class Hearing:
    """Hears what stands against the meetings of one round as they would be, compared with how they are."""

    def __init__(
        self, problem: matcher.Problem, before: Sequence[matcher.Meeting], after: Sequence[matcher.Meeting], number: int
    ) -> None:
        self.problem, self.after, self.number = problem, after, number
        self.was = {one.table: set(one.people) for one in before if one.round == number}
        self.now = [one for one in after if one.round == number]
        self.changed = [one for one in self.now if set(one.people) != self.was.get(one.table)]
        self.people = {person.id: person for person in problem.people}
        self.hosts = {host.id: host for host in problem.visited}
        self.together = {frozenset(two) for table in self.was.values() for two in combinations(sorted(table), 2)}

    def objections(self) -> list[Objection]:
        """Return all there is, each once."""
        found = [one for meeting in self.changed for one in (*self._table(meeting), *self._company(meeting))]
        return list(dict.fromkeys([*found, *self._sizes(), *self._limits()]))

    def _table(self, meeting: matcher.Meeting) -> Iterator[Objection]:
        """Who is away, who stays seated, and whether the table holds so many."""
        table, count = meeting.table, len(meeting.people)
        for name in meeting.people:
            if self.number in self.people[name].away:
                yield Objection("away", (int(name),), number=self.number)
            if self.people[name].seated and not self.problem.hosted and len(self.tables[name]) > 1:
                yield Objection("seated", (int(name),))
        most, least = self.problem.session.size + 1, 0
        if self.problem.session.format == "pairs":
            most = 2
        elif meeting.host is not None:
            host = self.hosts[meeting.host]
            most, least = host.places, host.min_places
            if self.number in host.away:
                yield Objection("nobody", table=table)
        if count > most:
            yield Objection("full", table=table, number=self.number)
        if count < least:
            yield Objection("few", table=table, number=least)

    def _company(self, meeting: matcher.Meeting) -> Iterator[Objection]:
        """Who may not meet whom at this table."""
        table = meeting.table
        new = [two for two in combinations(meeting.people, 2) if frozenset(two) not in self.together]
        strange = [two for two in new if self._strange(*two)]
        for two in strange:
            yield Objection("rules", _rows(*two), table)
        if meeting.host is not None:
            came = [name for name in meeting.people if name not in self.was.get(table, ())]
            for name in came:
                yield from self._visit(meeting, name)
            return
        for one, other in (two for two in new if two not in strange):
            if self._colleagues(self.people[one].organisation, self.people[other].organisation):
                yield Objection("organisation", _rows(one, other), table)
            if self.problem.session.format == "pairs" and (rounds := self.met[frozenset((one, other))]):
                yield Objection("met", _rows(one, other), table, rounds[0])
        if self._mute([self.people[name].languages for name in meeting.people]) and not meeting.interpreter:
            hidden = self.problem.session.format == "pairs" and bool(strange)
            yield from () if hidden else (Objection("language", _rows(*meeting.people), table),)

    def _visit(self, meeting: matcher.Meeting, name: str) -> Iterator[Objection]:
        person, host = self.people[name], self.hosts[str(meeting.host)]
        who, table = (int(name),), meeting.table
        others = [one.round for one in self.after if one.host == host.id and name in one.people]
        again = [number for number in others if number != self.number]
        if frozenset((name, host.id)) in self.hidden:
            yield Objection("rules", who, table)
            return
        if again:
            yield Objection("twice", who, table, again[0])
        if self._colleagues(person.organisation, host.organisation):
            yield Objection("organisation", who, table)
        if self._mute([person.languages, host.languages]) and not meeting.interpreter:
            yield Objection("language", who, table)
        if self.problem.session.format == "clinics" and not self.worth[name, host.id]:
            yield Objection("worthless", who, table)

    def _strange(self, one: str, other: str) -> bool:
        both = self.people[one].seated and self.people[other].seated
        return frozenset((one, other)) in self.hidden or (self.problem.session.format == "pairs" and both)

    def _colleagues(self, one: str | None, other: str | None) -> bool:
        return self.problem.rules.same_organisation == "apart" and bool(one) and one == other

    def _mute(self, lists: Sequence[tuple[str, ...]]) -> bool:
        spoken = [set(languages) for languages in lists if languages]
        return self.problem.rules.shared_language and bool(spoken) and not set.intersection(*spoken)

    def _sizes(self) -> Iterator[Objection]:
        """Small tables of a round differ by one at most, and from the size by one wherever people can be shared out."""
        counts = [len(one.people) for one in self.now]
        if self.problem.session.format != "circles" or not self.changed or not counts:
            return
        size = self.problem.session.size
        there = sum(self.number not in person.away for person in self.problem.people)
        shared = -(-there // (size + 1)) * (size - 1) <= there
        if max(counts) - min(counts) > 1 or (shared and min(counts) < size - 1):
            yield Objection("uneven")

    def _limits(self) -> Iterator[Objection]:
        limit = self.problem.rules.limit
        if limit is not None:
            over = (name for name in self.came if len(self.meetings[name]) > limit)
            yield from (Objection("limit", (int(name),), number=limit) for name in over)

    @cached_property
    def came(self) -> list[str]:
        """Who has a table in this round, and had none."""
        had = set().union(*self.was.values())
        return [name for one in self.now for name in one.people if name not in had]

    @cached_property
    def hidden(self) -> set[frozenset[str]]:
        """Pairs that nobody brings together by hand."""
        return {frozenset(pair) for pair in (*self.problem.keep_apart, *self.problem.met_before)}

    @cached_property
    def meetings(self) -> dict[str, list[matcher.Meeting]]:
        """The meetings of each person, in all rounds."""
        held: defaultdict[str, list[matcher.Meeting]] = defaultdict(list)
        for one in self.after:
            for name in one.people:
                held[name].append(one)
        return held

    @cached_property
    def tables(self) -> dict[str, set[str]]:
        """The tables of each person, in all rounds."""
        return {name: {one.table for one in held} for name, held in self.meetings.items()}

    @cached_property
    def met(self) -> dict[frozenset[str], list[int]]:
        """In which other rounds two people meet."""
        found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        for one in self.after:
            if one.round != self.number:
                found[frozenset(one.people)].append(one.round)
        return found

    @cached_property
    def worth(self) -> Counter[tuple[str, str]]:
        """What each visit is worth."""
        table, hosts = visits(self.problem), self.problem.visited
        rows = enumerate(self.problem.people)
        return Counter({(who.id, host.id): int(table[at, to]) for at, who in rows for to, host in enumerate(hosts)})


def _rows(*names: str) -> tuple[int, ...]:
    return tuple(sorted(map(int, names)))
