"""Wishes that were not granted: every one is told, once, and with a code that is true."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.check.case import Case
from matcher.check.pairings import Pairings, pairings
from matcher.plan import Meeting, UnmetCode
from matcher.rules import RuleName

GENTLE: set[RuleName] = {"language", "away"}


def unmet(case: Case) -> Iterator[str]:
    """Every wish by name that no table grants is told; the code is the first that holds."""
    wishes = _Wishes(case)
    told = Counter((one.person, one.wish) for one in case.plan.unmet)
    for (name, wish), times in told.items():
        if times > 1:
            yield f"unmet: the wish of {name} for {wish} is told {times} times"
    for one in case.plan.unmet:
        person = case.persons.get(one.person)
        if person is None or one.wish not in person.wishes:
            yield f"unmet: {one.person} does not wish to meet {one.wish}"
        elif one.wish in wishes.granted[one.person]:
            yield f"unmet: the wish of {one.person} for {one.wish} is granted"
        elif one.code not in (codes := wishes.codes(one.person, one.wish)):
            right = " or ".join(sorted(codes))
            yield f"unmet: the wish of {one.person} for {one.wish} is told as {one.code}, it is {right}"
    for name, wish in wishes.open:
        if (name, wish) not in told:
            yield f"unmet: the wish of {name} for {wish} is not granted and not told"


@dataclass(frozen=True, eq=False)
class _Wishes:
    case: Case

    @cached_property
    def granted(self) -> defaultdict[str, set[str]]:
        """With whom each person is at a table once at least."""
        granted: defaultdict[str, set[str]] = defaultdict(set)
        for meeting in self.case.meetings:
            table = {*meeting.people} | ({meeting.host} if meeting.host else set())
            for name in meeting.people:
                granted[name] |= table
        return granted

    @cached_property
    def open(self) -> list[tuple[str, str]]:
        """Every wish by name that is not granted."""
        return [
            (person.id, wish)
            for person in self.case.problem.people
            for wish in dict.fromkeys(person.wishes)
            if isinstance(wish, str) and wish in self.case.rules.index and wish not in self.granted[person.id]
        ]

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """Where in `pairings` such a wish stands; where people come to hosts, wishes for people stand nowhere."""
        told = [wish for wish in self.open if not self.case.problem.hosted or wish[1] in self.case.hosts]
        return {wish: place for place, wish in enumerate(told)}

    @cached_property
    def pairings(self) -> Pairings:
        index = self.case.rules.index
        rows = [(place, index[name], index[wish]) for (name, wish), place in self.places.items()]
        return pairings(self.case.rules, np.array(rows, np.int64).reshape(len(rows), 3))

    @cached_property
    def visitors(self) -> defaultdict[tuple[str, int], list[Meeting]]:
        """The meetings of each host in each round."""
        visitors: defaultdict[tuple[str, int], list[Meeting]] = defaultdict(list)
        for meeting in self.case.meetings:
            visitors[meeting.host or "", meeting.round].append(meeting)
        return visitors

    @cached_property
    def gains(self) -> dict[tuple[str, str], int]:
        """What each visit that is held is worth."""
        found, nodes = self.case.pairings, self.case.rules.nodes
        rows = zip(found.one.tolist(), found.other.tolist(), found.value.tolist(), strict=True)
        return {(nodes[one].id, nodes[other].id): value for one, other, value in rows}

    def codes(self, name: str, wish: str) -> set[UnmetCode]:
        """Return the codes that are true: one, but where the plan alone cannot decide between two."""
        place = self.places.get((name, wish))
        if place is None:
            return {"not_possible"}
        found = self.pairings
        against = {rule for rule, barred in found.against.items() if barred[place]}
        visit = wish in self.case.hosts
        useless = visit and self.case.problem.session.format == "clinics" and not found.value[place]
        if useless or self._limited(name) or self._limited(wish):
            return {"not_possible"}
        if against:
            return {_of_rules(against)}
        return self._of_places(name, wish) if visit else {"clash"}

    def _limited(self, name: str) -> bool:
        """Whether somebody's limit, rather than the time, leaves no room for one meeting more."""
        person = self.case.persons.get(name)
        if person is None:
            return False
        limit, there = self.case.limit(person), self.case.problem.session.rounds - len(person.away)
        return limit < there and len(self.case.seats[name]) >= limit

    def _of_places(self, name: str, wish: str) -> set[UnmetCode]:
        """Whether the host is full: in every round that both are there, or in every round of the host.

        By people with fewer talks or more benefit; between equals, both codes can be right. Where there was time and a
        place, only a rule at that table can have been in the way.
        """
        case = self.case
        host, person = case.hosts[wish], case.persons[name]
        rounds = [number for number in range(1, case.problem.session.rounds + 1) if number not in host.away]
        common = [number for number in rounds if number not in person.away]
        busy = {number for number, _ in case.seats[name]}
        if any(len(self._guests(wish, number)) < host.places for number in common if number not in busy):
            return {"not_possible"}
        if not all(self._full(name, wish, number, strictly=False) for number in common):
            return {"clash"}
        if all(self._full(name, wish, number, strictly=True) for number in rounds):
            return {"host_full"}
        return {"host_full", "clash"}

    def _guests(self, wish: str, number: int) -> list[str]:
        return [guest for meeting in self.visitors[wish, number] for guest in meeting.people]

    def _full(self, name: str, wish: str, number: int, *, strictly: bool) -> bool:
        case, talks = self.case, self.case.seats
        value = int(self.pairings.value[self.places[name, wish]])
        guests = self._guests(wish, number)
        if len(guests) < case.hosts[wish].places:
            return False
        edge = 0 if strictly else 1
        return all(
            len(talks[guest]) < len(talks[name]) + edge or self.gains[guest, wish] > value - edge for guest in guests
        )


def _of_rules(against: set[RuleName]) -> UnmetCode:
    if against - GENTLE:
        return "not_possible"
    if "language" in against:
        return "no_shared_language"
    return "away" if "away" in against else "clash"
