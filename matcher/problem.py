"""What is asked: people, rules, locks and the room, as frozen values that are checked at birth."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from unicodedata import category

from matcher.errors import BadProblem, UnknownId

Format = Literal["pairs"]
WishKind = Literal["organisation", "role", "region"]

MOST_BENEFIT = 1000
TURNERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they reverse the text around them


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
class Rules:
    """Who may meet whom. `regions` is a preference, not a rule; `limit` is the most meetings a person may have."""

    same_organisation: Literal["apart", "allow"] = "apart"
    shared_language: bool = True
    regions: Literal["mix", "same", "any"] = "any"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A meeting that must be in the plan as it stands; `table` None leaves the table open."""

    round: int
    people: tuple[str, ...]
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The timed frame: R rounds of `round_minutes`, with `change_minutes` between them.

    `tables` is how many tables there are at one time, or their names in walking order; None: as many as needed.
    """

    rounds: int
    format: Format = "pairs"
    id: str = ""
    title: str = ""
    start: datetime | None = None
    round_minutes: int = 6
    change_minutes: int = 2
    tables: int | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the engine is told (`rondo: 1` of the contract).

    `benefits` are whole numbers 0…1000 by pair, symmetric; given, they replace what profiles say and a pair not
    listed has 0; None: benefits come from profiles.

    Raises
    ------
    BadProblem
        A value is out of range or an id stands twice; the message names it.
    UnknownId
        A pair, wish, lock or benefit names somebody who is not in `people`.
    """

    session: Session
    people: tuple[Person, ...] = ()
    rules: Rules = field(default_factory=Rules)
    keep_apart: tuple[tuple[str, str], ...] = ()
    met_before: tuple[tuple[str, str], ...] = ()
    locks: tuple[Lock, ...] = ()
    benefits: tuple[tuple[str, str, int], ...] | None = None

    def __post_init__(self) -> None:
        self._check_session()
        known = {person.id for person in self.people}
        for name, times in Counter(person.id for person in self.people).items():
            if times > 1:
                raise BadProblem(f"people: the id {name!r} stands {times} times; ids must differ")
        for person in self.people:
            self._check_person(person, known)
        for key in ("keep_apart", "met_before"):
            for pair in getattr(self, key):
                _check_pair(key, pair, known)
        for lock in self.locks:
            self._check_lock(lock, known)
        self._check_benefits(known)

    def _check_benefits(self, known: set[str]) -> None:
        given: dict[tuple[str, str], int] = {}
        for one, other, value in self.benefits or ():
            if one not in known or other not in known or one == other:
                _check_pair("benefits", (one, other), known)
            if type(value) is not int or not 0 <= value <= MOST_BENEFIT:
                _check_range(f"benefits of {one!r} and {other!r}", value, 0, MOST_BENEFIT)
            pair = (one, other) if one < other else (other, one)
            if given.setdefault(pair, value) != value:
                raise BadProblem(f"benefits of {one!r} and {other!r}: both {given[pair]} and {value}; keep one")

    def _check_session(self) -> None:
        session = self.session
        _check_one_of("session.format", session.format, get_args(Format))
        _check_one_of("rules.same_organisation", self.rules.same_organisation, ("apart", "allow"))
        _check_one_of("rules.regions", self.rules.regions, ("mix", "same", "any"))
        _check_range("session.rounds", session.rounds, 1, 1000)
        _check_range("session.round_minutes", session.round_minutes, 1, 1440)
        _check_range("session.change_minutes", session.change_minutes, 0, 1440)
        if session.start is not None and session.start.tzinfo is None:
            raise BadProblem("session.start: say the time zone too, as in 2013-06-19T14:00:00+07:00")
        if isinstance(session.tables, int):
            _check_range("session.tables", session.tables, 1, 1_000_000)
        elif session.tables is not None:
            if not session.tables:
                raise BadProblem("session.tables: the list is empty; leave it out for as many tables as needed")
            for name, times in Counter(session.tables).items():
                _check_printable("session.tables: the table", name)
                if times > 1:
                    raise BadProblem(f"session.tables: the table {name!r} stands {times} times")
        if self.rules.limit is not None:
            _check_range("rules.limit", self.rules.limit, 0, 1000)

    def _check_person(self, person: Person, known: set[str]) -> None:
        if not person.id:
            raise BadProblem("people: an id is empty")
        _check_printable("people: the id", person.id)
        for number in person.away:
            _check_range(f"people: away of {person.id!r}", number, 1, self.session.rounds)
        if person.limit is not None:
            _check_range(f"people: limit of {person.id!r}", person.limit, 0, 1000)
        for wish in person.wishes:
            if isinstance(wish, KindWish):
                _check_one_of(f"people: a wish of {person.id!r}", wish.kind, get_args(WishKind))
            elif wish not in known:
                raise UnknownId(f"people: {person.id!r} wishes to meet {wish!r}, who is not in people")
            elif wish == person.id:
                raise BadProblem(f"people: {person.id!r} wishes to meet {wish!r}, which is the same person")

    def _check_lock(self, lock: Lock, known: set[str]) -> None:
        where = f"locks: the lock in round {lock.round}"
        _check_range(f"{where}: round", lock.round, 1, self.session.rounds)
        for name in lock.people:
            if name not in known:
                raise UnknownId(f"{where} names {name!r}, who is not in people")
        if len(lock.people) != 2 or lock.people[0] == lock.people[1]:
            raise BadProblem(f"{where} needs two different people, it has {len(set(lock.people))}")
        tables = self.session.tables
        if lock.table is not None and isinstance(tables, tuple) and lock.table not in tables:
            raise BadProblem(f"{where} is at table {lock.table!r}, which is not in session.tables")


def _check_range(where: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadProblem(f"{where}: {value!r} is not a whole number from {low} to {high}")


def _check_printable(where: str, name: str) -> None:
    if any(category(letter) in ("Cc", "Cs") or letter in TURNERS for letter in name):
        raise BadProblem(f"{where} {name!a} holds an invisible control character; write it anew")


def _check_one_of(where: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadProblem(f"{where}: {value!r} is not one of {', '.join(known)}")


def _check_pair(key: str, pair: Iterable[str], known: set[str]) -> None:
    one, other = pair
    for name in (one, other):
        if name not in known:
            raise UnknownId(f"{key}: {name!r} is not in people")
    if one == other:
        raise BadProblem(f"{key}: {one!r} is paired with itself")
