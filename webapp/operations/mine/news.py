"""What an open page asks every few seconds: whether what My rounds shows still stands, and if not, what is new."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Integer, Row, and_, bindparam, exists, or_, select

from webapp.access import Actor, may_attend
from webapp.db import db
from webapp.errors import NotFound
from webapp.models import Event, Host, Meeting, Person, Plan, Run, Seat, Session
from webapp.operations.event import programme
from webapp.operations.mine.schedule import Corrected
from webapp.operations.plans import clock

LONGEST_STAMP = 40
MARK = 12
"""Hexadecimal digits: two states of one event that look alike are as good as impossible."""

ME = bindparam("me", type_=Integer)
SEATED = exists().where(Seat.plan_id == Plan.id, Seat.person_id == ME)
VISITED = exists().where(Host.session_id == Session.id, Host.person_id == ME)
# put together once: it is asked most often of all
ROWS = (
    select(
        Session.id, Session.starts, Session.ends, Session.title, Session.room, Session.audience,
        Session.audience_region_id, Plan.version, Plan.published_at, Run.revision, Run.changed_at,
        or_(SEATED, VISITED).label("taking_part"),
    )
    .outerjoin(Plan, and_(Plan.session_id == Session.id, Plan.state == "published"))
    .outerjoin(Run, Run.session_id == Session.id)
    .order_by(Session.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a page shows, as a short text to compare.

    `programme` differs where sessions or versions do, `clock` where the rounds stand or run in another way; `latest` is
    the last moment at which the desk had published or pressed something by then, in microseconds.
    """

    programme: str
    clock: str
    latest: int

    def __str__(self) -> str:
        return f"{self.programme}.{self.clock}.{self.latest}"

    @classmethod
    def read(cls, text: str) -> "Stamp | None":
        """Return the stamp that a page sends back; nothing where it is none of ours."""
        parts = text.split(".")
        if len(text) > 2 * LONGEST_STAMP or len(parts) != len(cls.__slots__):
            return None
        latest = parts[2]
        return cls(parts[0], parts[1], int(latest)) if latest.isascii() and latest.isdecimal() else None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that was published since a page was looked at, with the rounds for which it `moved` the reader.

    `had` says that the reader had tables in the version they saw.
    """

    session: Session
    letter: str
    moved: tuple[Corrected, ...]
    had: bool


@dataclass(frozen=True, slots=True)
class News:
    """What is new since a page was looked at.

    `timed` says that the rounds stand or run in another way, `pressed` that the desk did something to that end.
    """

    versions: tuple[NewVersion, ...]
    timed: bool
    pressed: bool


def stamp_of(by: Actor, *, now: datetime) -> Stamp:
    """Return the stamp of what the actor's pages show at `now`.

    It follows from the sessions that they may see and from nothing of themselves: it is the same for all who may see
    the same, and changes for all of them at once, whosever table is another one.
    """
    person = by.person
    if person is None:
        raise NotFound
    rows, event = _rows(person), programme.the_event()
    moments = [moment for row in rows for moment in (row.published_at, row.changed_at) if moment is not None]
    planned = [(row.id, row.version, str(row.starts), str(row.ends), row.title, row.room) for row in rows]
    timed = [(row.id, row.revision, *_stage(row, event, now)) for row in rows if row.version is not None]
    return Stamp(_mark(planned), _mark(timed), max(map(_microseconds, moments), default=0))


def since(by: Actor, seen: Stamp, fresh: Stamp, *, now: datetime) -> News:
    """Return what is new to somebody who has seen one stamp where another is `fresh`."""
    person, pressed = by.person, fresh.latest > seen.latest
    if person is None:
        raise NotFound
    newer = [row for row in _rows(person) if _microseconds(row.published_at) > seen.latest] if pressed else []
    versions = [_new_version(person, row, seen, now) for row in newer]
    return News(tuple(versions), timed=fresh.clock != seen.clock, pressed=pressed)


def _rows(person: Person) -> Sequence[Row[Any]]:
    """The sessions that a person may see, with the published version and how the rounds run."""
    rows = cast(Sequence[Row[Any]], db.session.execute(ROWS, {"me": person.id}).all())
    # a row says of the audience what its session says
    return [row for row in rows if row.taking_part or may_attend(person, cast(Session, row))]


def _stage(row: Row[Any], event: Event | None, now: datetime) -> tuple[int, ...]:
    """How many rounds have begun and how many are over as people are told; looked up on the session's day alone."""
    wall = now.astimezone(event.zone).replace(tzinfo=None) if event else row.starts
    if wall.date() != row.starts.date():
        return (int(wall.date() > row.starts.date()),)
    session = db.session.get_one(Session, row.id)
    if clock.waits(session):
        return (0,)
    course = clock.Course(session, now)
    begun = sum(course.begins(number) <= wall for number in session.numbers)
    return (begun, sum(course.over(number) <= wall for number in session.numbers))


def _new_version(person: Person, row: Row[Any], seen: Stamp, now: datetime) -> NewVersion:
    session = db.session.get_one(Session, row.id)
    older = select(Plan.version, Plan.published_at).where(Plan.session_id == row.id, Plan.state == "replaced")
    known = [one.version for one in db.session.execute(older) if _microseconds(one.published_at) <= seen.latest]
    letter = db.session.scalars(select(Plan).where(Plan.session_id == row.id, Plan.state == "published")).one().letter
    if not known:
        return NewVersion(session, letter, (), had=False)
    was, tables = _tables(person, row.id, max(known)), _tables(person, row.id, row.version)
    moved = tuple(
        Corrected(number, tables.get(number, ""), was.get(number, ""))
        for number in sorted({*was, *tables})
        if was.get(number) != tables.get(number) and number >= clock.begun(session, now)
    )
    return NewVersion(session, letter, moved if tables else (), had=bool(was) and bool(tables))


def _tables(person: Person, session_id: int, version: int) -> Mapping[int, str]:
    """The person's table in each round of one version."""
    seats = (
        select(Meeting.round_no, Meeting.table)
        .join(Seat, Seat.meeting_id == Meeting.id)
        .join(Plan, Plan.id == Meeting.plan_id)
        .where(Plan.session_id == session_id, Plan.version == version, Seat.person_id == person.id)
    )
    return {row.round_no: row.table for row in db.session.execute(seats)}


def _mark(told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:MARK]


def _microseconds(moment: datetime | None) -> int:
    return round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000) if moment else 0
