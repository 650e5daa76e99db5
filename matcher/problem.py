"""What is asked: people, hosts, rules, locks and the room, as frozen values that are checked at birth."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from matcher.errors import BadProblem, UnknownId
from matcher.vetting import check_distinct, check_one_of, check_pair, check_printable, check_range

Format = Literal["pairs", "clinics", "stations", "circles"]
Move = Literal["each", "groups"]
WishKind = Literal["organisation", "role", "region"]

MOST_BENEFIT = 1000
HOSTED: tuple[Format, ...] = ("clinics", "stations")


@dataclass(frozen=True, slots=True)
class KindWish:
    """A wish for a kind of person: somebody of an organisation, of a role, or tied to a region."""

    kind: WishKind
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """A participant.

    Without languages a person counts as able to speak with everybody. `away` holds round numbers from 1;
    `limit` is the most meetings this person may have, in place of `Rules.limit`; the most wished stands first in
    `wishes`; a `seated` person stays at one table throughout.
    """

    id: str
    name: str = ""
    organisation: str | None = None
    role: str | None = None
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()
    side: str | None = None
    away: frozenset[int] = frozenset()
    limit: int | None = None
    wishes: tuple[str | KindWish, ...] = ()
    first_time: bool = False
    seated: bool = False


@dataclass(frozen=True, slots=True)
class Host:
    """A specialist with a clinic, or a tool with its table: people come to it (`clinics`, `stations`).

    `places` and `min_places` are the most and the least people in one round; a visit below `min_places` is not held.
    """

    id: str
    name: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    organisation: str | None = None
    places: int = 1
    min_places: int = 1
    away: frozenset[int] = frozenset()
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Somebody who makes a meeting possible by sharing a language with each side; one table a round."""

    id: str
    languages: tuple[str, ...] = ()
    away: frozenset[int] = frozenset()
    most_in_a_row: int = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A meeting agreed beforehand; `rounds` None: in any round."""

    people: tuple[str, str]
    rounds: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may meet whom. `regions` is a preference, not a rule; `limit` is the most meetings a person may have."""

    same_organisation: Literal["apart", "allow"] = "apart"
    shared_language: bool = True
    regions: Literal["mix", "same", "any"] = "any"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A meeting that must be in the plan as it stands; `table` None leaves the table open.

    In `pairs` it names two people. Elsewhere it names one or more, whom others may join, and where people come to
    hosts the table says to whom.
    """

    round: int
    people: tuple[str, ...]
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The timed frame: R rounds of `round_minutes`, with `change_minutes` between them.

    `tables` is how many tables there are at one time, or their names in walking order; None: as many as needed.
    `size` is how many people sit at a table of `circles`; with `move` "groups" fixed groups go round the `stations`.
    """

    rounds: int
    format: Format = "pairs"
    id: str = ""
    title: str = ""
    start: datetime | None = None
    round_minutes: int = 6
    change_minutes: int = 2
    tables: int | tuple[str, ...] | None = None
    size: int = 4
    move: Move = "each"


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the engine is told (`rondo: 1` of the contract).

    `benefits` are whole numbers 0…1000 by pair, symmetric; given, they replace what profiles say and a pair not
    listed has 0; None: benefits come from profiles. With `chosen` exactly these meetings are held.

    Raises
    ------
    BadProblem
        A value is out of range or an id stands twice; the message names it.
    UnknownId
        A pair, wish, lock or benefit names somebody who is not there.
    """

    session: Session
    people: tuple[Person, ...] = ()
    rules: Rules = field(default_factory=Rules)
    keep_apart: tuple[tuple[str, str], ...] = ()
    met_before: tuple[tuple[str, str], ...] = ()
    locks: tuple[Lock, ...] = ()
    benefits: tuple[tuple[str, str, int], ...] | None = None
    hosts: tuple[Host, ...] = ()
    interpreters: tuple[Interpreter, ...] = ()
    chosen: tuple[Chosen, ...] | None = None

    @property
    def hosted(self) -> bool:
        """Whether people come to hosts rather than to each other."""
        return self.session.format in HOSTED

    @property
    def visited(self) -> tuple[Host, ...]:
        """The hosts that people come to: none in `pairs` and `circles`, whatever is listed."""
        return self.hosts if self.hosted else ()

    def __post_init__(self) -> None:
        _check_session(self.session)
        check_one_of("rules.same_organisation", self.rules.same_organisation, ("apart", "allow"))
        check_one_of("rules.regions", self.rules.regions, ("mix", "same", "any"))
        if self.rules.limit is not None:
            check_range("rules.limit", self.rules.limit, 0, 1000)
        known = self._known()
        for person in self.people:
            self._check_person(person, known)
        self._check_hosts()
        for key in ("keep_apart", "met_before"):
            for pair in getattr(self, key):
                check_pair(key, pair, known)
        for lock in self.locks:
            self._check_lock(lock)
        self._check_chosen(known)
        self._check_benefits(known)

    def _known(self) -> set[str]:
        """Every id of people and hosts; ids differ, those of interpreters too."""
        people, hosts = [one.id for one in self.people], [one.id for one in self.hosts]
        helpers = [one.id for one in self.interpreters]
        for key, ids in (("people", people), ("hosts", hosts), ("interpreters", helpers)):
            for name in ids:
                if not name:
                    raise BadProblem(f"{key}: an id is empty")
                check_printable(f"{key}: the id", name)
        for name, times in Counter([*people, *hosts, *helpers]).items():
            if times > 1:
                raise BadProblem(f"people: the id {name!r} stands {times} times; ids must differ")
        return {*people, *hosts}

    def _check_person(self, person: Person, known: set[str]) -> None:
        for number in person.away:
            check_range(f"people: away of {person.id!r}", number, 1, self.session.rounds)
        if person.limit is not None:
            check_range(f"people: limit of {person.id!r}", person.limit, 0, 1000)
        for wish in person.wishes:
            if isinstance(wish, KindWish):
                check_one_of(f"people: a wish of {person.id!r}", wish.kind, get_args(WishKind))
            elif wish not in known:
                raise UnknownId(f"people: {person.id!r} wishes to meet {wish!r}, who is not in people or hosts")
            elif wish == person.id:
                raise BadProblem(f"people: {person.id!r} wishes to meet {wish!r}, which is the same person")

    def _check_hosts(self) -> None:
        for host in self.hosts:
            for number in host.away:
                check_range(f"hosts: away of {host.id!r}", number, 1, self.session.rounds)
            check_range(f"hosts: places of {host.id!r}", host.places, 1, 100_000)
            check_range(f"hosts: min_places of {host.id!r}", host.min_places, 1, host.places)
            if host.table is not None:
                check_printable(f"hosts: the table of {host.id!r}", host.table)
        check_distinct("hosts: the table", [host.table for host in self.visited if host.table is not None])
        for one in self.interpreters:
            for number in one.away:
                check_range(f"interpreters: away of {one.id!r}", number, 1, self.session.rounds)
            check_range(f"interpreters: most_in_a_row of {one.id!r}", one.most_in_a_row, 1, 1000)

    def _check_lock(self, lock: Lock) -> None:
        where, people = f"locks: the lock in round {lock.round}", {person.id for person in self.people}
        check_range(f"{where}: round", lock.round, 1, self.session.rounds)
        for name in lock.people:
            if name not in people:
                raise UnknownId(f"{where} names {name!r}, who is not in people")
        number = len(set(lock.people))
        if number != len(lock.people) or (number != 2 if self.session.format == "pairs" else number == 0):
            wanted = "two different people" if self.session.format == "pairs" else "different people, one at least"
            raise BadProblem(f"{where} needs {wanted}, it has {number}")
        tables = self.session.tables
        if lock.table is not None and not self.hosted and isinstance(tables, tuple) and lock.table not in tables:
            raise BadProblem(f"{where} is at table {lock.table!r}, which is not in session.tables")

    def _check_chosen(self, known: set[str]) -> None:
        if self.chosen is not None and self.session.format != "pairs":
            raise BadProblem("chosen: only pairs have meetings agreed beforehand; leave it out")
        for meeting in self.chosen or ():
            check_pair("chosen", meeting.people, known)
            for number in meeting.rounds or ():
                check_range(f"chosen: rounds of {' and '.join(meeting.people)}", number, 1, self.session.rounds)
        pairs = Counter(frozenset(meeting.people) for meeting in self.chosen or ())
        for pair, times in pairs.items():
            if times > 1:
                raise BadProblem(f"chosen: {' and '.join(sorted(pair))} stand {times} times; keep one")

    def _check_benefits(self, known: set[str]) -> None:
        given: dict[tuple[str, str], int] = {}
        for one, other, value in self.benefits or ():
            if one not in known or other not in known or one == other:
                check_pair("benefits", (one, other), known)
            if type(value) is not int or not 0 <= value <= MOST_BENEFIT:
                check_range(f"benefits of {one!r} and {other!r}", value, 0, MOST_BENEFIT)
            pair = (one, other) if one < other else (other, one)
            if given.setdefault(pair, value) != value:
                raise BadProblem(f"benefits of {one!r} and {other!r}: both {given[pair]} and {value}; keep one")


def _check_session(session: Session) -> None:
    check_one_of("session.format", session.format, get_args(Format))
    check_one_of("session.move", session.move, get_args(Move))
    check_range("session.rounds", session.rounds, 1, 1000)
    check_range("session.size", session.size, 2, 1000)
    check_range("session.round_minutes", session.round_minutes, 1, 1440)
    check_range("session.change_minutes", session.change_minutes, 0, 1440)
    if session.start is not None and session.start.tzinfo is None:
        raise BadProblem("session.start: say the time zone too, as in 2013-06-19T14:00:00+07:00")
    if isinstance(session.tables, int):
        check_range("session.tables", session.tables, 1, 1_000_000)
    elif session.tables is not None:
        if not session.tables:
            raise BadProblem("session.tables: the list is empty; leave it out for as many tables as needed")
        for name in session.tables:
            check_printable("session.tables: the table", name)
        check_distinct("session.tables: the table", session.tables)
