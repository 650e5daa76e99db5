"""What people say about themselves, screen by screen: opened, saved as a whole or not at all, and never twice.

Each screen shows one part of the profile. A part is read from a person and written to one; what is the same for all
parts stands here. Nobody's change is lost: a form says on what it was opened, and where somebody else saved since,
it is refused with all that was typed. A form that comes twice is answered alike and kept once.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm.interfaces import ORMOption

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import AnsweredForm, Event, Interest, Person, Region
from webapp.models.people import utc_now
from webapp.operations.words.titles import titled

ANSWERS_KEPT = timedelta(days=3)
SIDES = ("offers", "seeks")

Named = TypeVar("Named", Interest, Region)


class Part(Protocol):
    """What one screen shows of a person."""

    @classmethod
    def of(cls, person: Person) -> Self:
        """Read the part."""

    def write(self, rows: Rows, person: Person) -> None:
        """Write the part; what no longer fits is refused with its field."""


Shown = TypeVar("Shown", bound=Part)


@dataclass(frozen=True, slots=True)
class Sent:
    """How a form came: `key` names this copy of it, `turn` counts its sendings, `stamp` is what it was opened on."""

    key: str
    stamp: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Opened(Generic[Shown]):
    """A part of a profile on the desk: what it says, and how its form will be known again."""

    event: Event
    person: Person
    part: Shown
    stamp: str
    key: str

    @property
    def discreet(self) -> bool:
        """Whether as little as possible is asked and shown."""
        return self.event.preset != "open"

    @property
    def owner(self) -> str:
        """Return a name for the person under which a browser may keep what is not saved yet."""
        return _hash("owner", self.person.public_id)[:16]

    @property
    def saved_at(self) -> datetime | None:
        """When the person saved last, by the venue's clock."""
        saved = self.person.saved_at
        return saved.replace(tzinfo=UTC).astimezone(self.event.zone) if saved else None


def who_asks(by: Actor, *loading: ORMOption) -> tuple[Event, Person]:
    """Return the event and the actor's own row as it stands now."""
    event = db.session.get(Event, 1)
    if by.person is None or event is None:
        raise NotFound
    found = select(Person).where(Person.id == by.person.id).options(*loading).execution_options(populate_existing=True)
    return event, db.session.scalars(found).one()


def opened(event: Event, person: Person, part: Shown) -> Opened[Shown]:
    """Return a part with a fresh key for its form."""
    return Opened(event, person, part, stamp=_stamp(person, part), key=_new_key(person))


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _stamp(person: Person, part: Part) -> str:
    return _hash(person.public_id, part)


def _new_key(person: Person) -> str:
    chance = secrets.token_urlsafe(16)
    return f"{chance}.{_mark(chance, person)}"


def _mark(chance: str, person: Person) -> str:
    return _hash(chance, person.public_id)[:16]


def is_own(key: str, by: Actor) -> bool:
    """Return whether a form was opened by this person: what another typed on the same phone is not theirs."""
    chance, _dot, mark = key.partition(".")
    return by.person is not None and secrets.compare_digest(mark.encode(), _mark(chance, by.person).encode())


def save(part: Part, sent: Sent, *, by: Actor, of_profile: bool = True) -> str:
    """Save a part of what the actor has written themselves; return the stamp of how it stands now.

    That somebody has saved their profile is noted where the part is `of_profile`.

    What this form sent before, or sent later already, is answered as it was and changes nothing. Where something
    else was saved since the form was opened, it is refused.
    """
    if by.person is None:
        raise NotFound
    held = by.person.id
    with transaction() as rows:
        person = rows.get(Person, held)
        if person is None:
            raise NotFound
        answered = rows.get(AnsweredForm, _hash(sent.key, type(part).__name__, held))
        if answered is not None and _is_repeat(sent, part, answered):
            return answered.stamp
        seen = sent.stamp if answered is None or sent.turn == answered.turn else answered.stamp
        if _keep(rows, person, part, seen) and of_profile:
            person.revision += 1
        if of_profile:
            person.saved_at = utc_now()
        rows.flush()
        rows.expire(person)
        stamp = _stamp(person, type(part).of(person))
        _note_answer(rows, part, sent, held=held, stamp=stamp)
        return stamp


def _is_repeat(sent: Sent, part: Part, answered: AnsweredForm) -> bool:
    return sent.turn < answered.turn or (sent.turn == answered.turn and _hash(sent.key, part) == answered.sent)


def _keep(rows: Rows, person: Person, part: Part, seen: str) -> bool:
    """Write the part where it differs, if nobody saved since `seen`; return whether it did."""
    now = type(part).of(person)
    if now == part:
        return False
    if _stamp(person, now) != seen:
        raise NotNow
    part.write(rows, person)
    return True


def _note_answer(rows: Rows, part: Part, sent: Sent, *, held: int, stamp: str) -> None:
    rows.execute(delete(AnsweredForm).where(AnsweredForm.answered_at < utc_now() - ANSWERS_KEPT))
    note = AnsweredForm(
        key_hash=_hash(sent.key, type(part).__name__, held),
        person_id=held,
        turn=sent.turn,
        # with the key, which is kept nowhere, so that nobody can try what was written
        sent=_hash(sent.key, part),
        stamp=stamp,
        answered_at=utc_now(),
    )
    rows.merge(note)


def found(rows: Rows, kind: type[Named], slugs: Iterable[str], *, field: str) -> list[Named]:
    """Return the rows with these slugs; where one is there no more, `field` is refused."""
    wanted = list(dict.fromkeys(slugs))
    known: dict[str, Any] = {row.slug: row for row in rows.scalars(select(kind).where(kind.slug.in_(wanted)))}
    if len(known) < len(wanted):
        raise BadInput("", field)
    return [known[slug] for slug in wanted]


def regions() -> list[tuple[str, str]]:
    """Return slug and title of all regions in their order."""
    found = db.session.scalars(select(Region).order_by(Region.position, Region.title))
    return [(one.slug, titled(one.title)) for one in found]
