"""Numbers for a donor, with no person in them: what was held, who was reached, what was connected, what people say.

Everything that counts people goes through `small_counts` before it is told, on the page as in every file.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import Actor
from webapp.db import db
from webapp.models import Event, Feedback, HostWish, Person, Region, Wish
from webapp.operations.event.programme import only_organisers, regions, sessions, the_event
from webapp.operations.figures.small_counts import FEWEST, NOTHING, Cell, Share, Table, merged, nested, people, share
from webapp.operations.meetings.feedback import NOT_USEFUL, USEFUL
from webapp.operations.meetings.held import Held, by_session, held_meetings

Key = TypeVar("Key", bound=Hashable)
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OfSession:
    """One session: meetings and people as they may be told, and the share of answers that found them useful."""

    title: str
    meetings: int
    people: int
    useful: Share | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where people come from: a region by slug (None for the others), so many, and its countries by code."""

    region: str | None
    people: int
    countries: tuple[tuple[str | None, int], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that may be told of what was held; `held` is false before anything was, `enough` where too few have met.

    Counts of people and meetings are rounded down, those of different countries, regions and languages are exact.
    """

    event: Event | None
    held: bool
    enough: bool
    people: int = 0
    meetings: int = 0
    organisations: int = 0
    countries: int = 0
    regions: int = 0
    languages: int = 0
    country_pairs: int = 0
    region_pairs: int = 0
    wishers: int = 0
    granted: Share | None = None
    across: Share | None = None
    answered: int = 0
    useful: Share | None = None
    sessions: tuple[OfSession, ...] = ()
    places: tuple[Place, ...] = ()
    spoken: tuple[tuple[str | None, int], ...] = ()
    roles: tuple[tuple[str | None, int], ...] = ()
    met: tuple[tuple[Pair | None, int], ...] = ()


def numbers(*, by: Actor, now: datetime | None = None) -> Numbers:
    """Return the numbers as things stand at `now`, for organisers."""
    only_organisers(by)
    rows, event = db.session(), the_event()
    held = held_meetings(rows, now=now or datetime.now(UTC)) if event else []
    if not held or len(_reached(held)) < FEWEST:
        return Numbers(event, bool(held), enough=False)
    return _Count(rows, held).all(event)


def _reached(held: Iterable[Held]) -> set[int]:
    return {person for one in held for person in one.people}


def _meetings(held: Iterable[Held]) -> Cell:
    listed = list(held)
    return Cell(len(listed), frozenset(person for one in listed for person in one.people))


class _Count:
    """Counts over what was held, with what is known of those who were there."""

    def __init__(self, rows: Rows, held: list[Held]) -> None:
        self.rows, self.held = rows, held
        everybody = rows.scalars(select(Person).options(selectinload(Person.regions)))
        reached = _reached(held)
        self.people = {one.id: one for one in everybody if one.id in reached}
        self.lies_in = _by_country(regions())
        self.region = {one.id: self._region(one) for one in self.people.values()}
        self.contacts = [pair for one in held for pair in one.contacts]
        self.answers = list(rows.scalars(select(Feedback)))

    def _region(self, person: Person) -> str | None:
        """The region of the person's country, else the first that they work in."""
        return self.lies_in.get(person.country or "") or next((one.slug for one in person.regions), None)

    def all(self, event: Event | None) -> Numbers:
        """Return everything that is told."""
        everybody = list(self.people.values())
        countries = {one.id: one.country for one in everybody}
        wishers = self._wishers()
        granted = {person for one in self.held for person in one.wished} & wishers
        useful, not_useful = self._said(self.answers, USEFUL), self._said(self.answers, NOT_USEFUL)
        return Numbers(
            event=event,
            held=True,
            enough=True,
            people=people(self.people).told,
            meetings=_meetings(self.held).told,
            organisations=len({one.organisation_id for one in everybody} - {None}),
            countries=len({*countries.values()} - {None}),
            regions=len({*self.region.values()} - {None}),
            languages=len({one.language for one in self.held} - {None}),
            country_pairs=len(_pairs(self.contacts, countries)),
            region_pairs=len(_pairs(self.contacts, self.region)),
            wishers=people(wishers).told,
            granted=share(people(granted), people(wishers - granted)),
            across=self._across(),
            answered=people(useful.who | not_useful.who).told,
            useful=share(useful, not_useful),
            sessions=tuple(self._sessions()),
            places=self._places(),
            spoken=tuple(merged(_grouped((one.language, one) for one in self.held)).told),
            roles=tuple(_counted((one.role, one.id) for one in everybody).told),
            met=tuple(self._met().told),
        )

    def _wishers(self) -> set[int]:
        """Who of those who were reached wished to meet somebody."""
        wished = {*self.rows.scalars(select(Wish.person_id)), *self.rows.scalars(select(HostWish.person_id))}
        return wished & self.people.keys()

    def _said(self, answers: Iterable[Feedback], kind: str) -> Cell:
        own = [one.person_id for one in answers if one.kind == kind]
        return Cell(len(own), frozenset(own))

    def _sessions(self) -> list[OfSession]:
        """The sessions in the order of the programme; those with too little in one line at the end."""
        own = by_session(self.held)
        listed = {one.id: one for one in sessions() if one.id in own}
        table = merged({key: _meetings(own[key]) for key in listed})
        shown = {key for key, _cell in table.rows}
        told = [self._session(one.title, own[key], key) for key, one in listed.items() if key in shown]
        if table.others is not None:
            rest = [one for key in listed if key not in shown for one in own[key]]
            told.append(OfSession("", table.others.told, people(_reached(rest)).told, None))
        return told

    def _session(self, title: str, held: list[Held], key: int) -> OfSession:
        """One session; its share of answers is told only where that of all the others together could be told, too."""
        here = [one for one in self.answers if one.session_id == key]
        others = [one for one in self.answers if one.session_id != key]
        apart = [self._said(others, kind) for kind in (USEFUL, NOT_USEFUL)]
        useful, not_useful = (self._said(here, kind) for kind in (USEFUL, NOT_USEFUL))
        told = share(useful, not_useful) if not any(one.count and one.is_small for one in apart) else None
        return OfSession(title, _meetings(held).told, people(_reached(held)).told, told)

    def _places(self) -> tuple[Place, ...]:
        table, inner = nested(_cells(((self.region[one.id], one.country), one.id) for one in self.people.values()))
        return tuple(
            Place(region, count, tuple(inner[region].told) if region is not None else ())
            for region, count in table.told
        )

    def _across(self) -> Share | None:
        """How many of the contacts are between two regions, of those of which both are known."""
        known = [(self.region[one], self.region[other], {one, other}) for one, other in self.contacts]
        far = [who for one, other, who in known if one and other and one != other]
        near = [who for one, other, who in known if one and one == other]
        return share(_contacts(far), _contacts(near))

    def _met(self) -> Table[Pair]:
        """How often people of two regions met, for each two of them."""
        found: dict[Pair | None, Cell] = {}
        for one, other in self.contacts:
            first, second = sorted((self.region[one] or "", self.region[other] or ""))
            pair = (first, second) if first else None
            found[pair] = found.get(pair, NOTHING) + Cell(1, frozenset((one, other)))
        return merged(found)


def _by_country(known: Iterable[Region]) -> dict[str, str]:
    """The slug of the first region to which a country belongs."""
    found: dict[str, str] = {}
    for region in known:
        for row in region.countries:
            found.setdefault(row.country, region.slug)
    return found


def _pairs(contacts: Iterable[tuple[int, int]], places: Mapping[int, str | None]) -> set[frozenset[str | None]]:
    """The different pairs of two places between which somebody met."""
    found = {frozenset((places[one], places[other])) for one, other in contacts}
    return {pair for pair in found if len(pair) > 1 and None not in pair}


def _contacts(listed: list[set[int]]) -> Cell:
    return Cell(len(listed), frozenset(one for who in listed for one in who))


def _counted(told: Iterable[tuple[str | None, int]]) -> Table[str]:
    return merged(_cells(told))


def _cells(told: Iterable[tuple[Key, int]]) -> dict[Key, Cell]:
    groups: dict[Key, set[int]] = defaultdict(set)
    for key, person in told:
        groups[key].add(person)
    return {key: people(who) for key, who in groups.items()}


def _grouped(told: Iterable[tuple[str | None, Held]]) -> dict[str | None, Cell]:
    groups: dict[str | None, list[Held]] = defaultdict(list)
    for key, one in told:
        groups[key].append(one)
    return {key: _meetings(own) for key, own in groups.items()}
