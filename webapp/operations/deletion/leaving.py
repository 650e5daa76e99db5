"""What a person can always do: withdraw from a session, leave the event, come back, or be deleted at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from flask_babel.speaklater import LazyString
from sqlalchemy import delete, func, inspect, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor, may_attend
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Attendance, Event, HelpPlace, Host, Person, Plan, Session, StandbyCall, TakenOut
from webapp.operations.deletion import own_data
from webapp.operations.deletion.own_columns import SHELVES
from webapp.operations.guests import people, tombstones
from webapp.operations.plans import backups, clock, presence
from webapp.operations.rounds import floor

State = Literal["coming", "withdrawn", "over"]


@dataclass(frozen=True, slots=True)
class Part:
    """A session that the person may come to, and how they stand there.

    `running` is the round that is held, 0 before the first; `drawn` says that tables are published. Who has withdrawn
    `may_return` until somebody has planned without them. `visited`: they are a specialist or presenter there.
    """

    session: Session
    state: State
    running: int
    drawn: bool
    may_return: bool
    visited: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """All that the person can leave."""

    event: Event
    left_at: datetime | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted, by what it is called, and what this house cannot reach: files that left it, and backups."""

    deleted: tuple[tuple[LazyString, int], ...]
    files: int
    last_file: datetime | None
    backups: tuple[datetime, ...]
    delete_on: date


def parts_of(by: Actor, *, now: datetime) -> Parts:
    """Return the sessions with rounds that the actor may come to, in the order of time."""
    person, event = _who(db.session(), by)
    rows = db.session()
    plans = {one.session_id: one for one in rows.scalars(select(Plan).where(Plan.state == "published"))}
    gone = presence.withdrawn(rows, person)
    visited = set(rows.scalars(select(Host.session_id).where(Host.person_id == person.id)))
    held = rows.scalars(select(Session).where(Session.format != "plain").order_by(Session.starts, Session.title))
    return Parts(
        event,
        person.left_at,
        tuple(
            _part(one, plans.get(one.id), gone.get(one.id), visited=one.id in visited, now=now)
            for one in held
            if may_attend(person, one) or one.id in visited
        ),
    )


def part_of(slug: str, *, by: Actor, now: datetime) -> tuple[Parts, Part]:
    """Return one of these sessions, and all of them; who is visited there says at the desk that they go."""
    whole = parts_of(by, now=now)
    found = next((one for one in whole.parts if one.session.slug == slug and not one.visited), None)
    if found is None:
        raise NotFound
    return whole, found


def _part(session: Session, plan: Plan | None, row: Attendance | None, *, visited: bool, now: datetime) -> Part:
    over = clock.is_over(session, session.rounds, now)
    planned_since = plan is not None and row is not None and (plan.published_at or plan.made_at) > row.changed_at
    return Part(
        session,
        "over" if over else "withdrawn" if row is not None else "coming",
        clock.begun(session, now),
        plan is not None,
        row is not None and not over and not planned_since,
        visited,
    )


def withdraw(slug: str, *, by: Actor, now: datetime) -> None:
    """Let the actor not take part in a session, from the next round on where rounds are held; twice is fine."""
    with transaction() as rows:
        session = part_of(slug, by=by, now=now)[1].session
        if clock.is_over(session, session.rounds, now):
            raise NotNow(_("This session is over."))
        _withdraw(rows, session, _who(rows, by)[0], now)


def come_back(slug: str, *, by: Actor, now: datetime) -> None:
    """Take back that the actor has withdrawn; refused once it is over, or planned without them."""
    with transaction() as rows:
        part = part_of(slug, by=by, now=now)[1]
        person = _who(rows, by)[0]
        if part.state == "over":
            raise NotNow(_("This session is over."))
        if part.state == "withdrawn" and not part.may_return:
            raise NotNow(_("The tables were drawn again without you. Ask at the desk: they find you a place."))
        if person.left_at is not None:
            raise NotNow(_("You have left the event. Come back to the event first."))
        _come_back(rows, part, person, now)


def leave(*, by: Actor, now: datetime) -> None:
    """Let nothing be planned for the actor any more; what is held of them stays, and so do their ways in."""
    with transaction() as rows:
        person, event = _who(rows, by)
        if person.left_at is None:
            person.left_at = now.astimezone(event.zone).replace(tzinfo=None, microsecond=0)
        for part in parts_of(by, now=now).parts:
            if part.state == "coming" and not part.visited:
                _withdraw(rows, part.session, person, now)


def return_to_event(*, by: Actor, now: datetime) -> None:
    """Let the actor be at the event again, and in all sessions that were not planned without them since."""
    with transaction() as rows:
        person, _event = _who(rows, by)
        if person.left_at is None:
            return
        person.left_at = None
        for part in parts_of(by, now=now).parts:
            if part.may_return:
                _come_back(rows, part, person, now)


def delete_all(*, by: Actor) -> Receipt:
    """Delete the actor, with all that is held of them, whatever is going on; return what is gone, and what is left."""
    with transaction() as rows:
        person, event = _who(rows, by)
        held = own_data.count_of(rows, person)
        people.erase(rows, person)
        return _receipt(rows, event, held)


def pledge(by: Actor) -> str:
    """Return what a form carries by which its sender is known again: the seal of them that a deletion leaves."""
    person, _event = _who(db.session(), by)
    return tombstones.seal_of_number(person.number).removeprefix(tombstones.NUMBER)


def deleted_before(pledged: str) -> Receipt | None:
    """Return once more what is left of somebody whose form carried this and who is deleted; None for everybody else.

    What was deleted is counted no more: nothing was kept of it.
    """
    db.session.rollback()
    rows, event = db.session(), db.session.get(Event, 1)
    is_deleted = tombstones.NUMBER + pledged in tombstones.numbers(rows)
    return _receipt(rows, event, {}) if event is not None and is_deleted else None


def _receipt(rows: Rows, event: Event, held: Mapping[str, int]) -> Receipt:
    taken = rows.execute(select(func.count(TakenOut.id), func.max(TakenOut.made_at))).one()
    return Receipt(
        deleted=tuple((SHELVES[name].title, count) for name, count in held.items() if count),
        files=taken[0],
        last_file=None if taken[1] is None else taken[1].replace(tzinfo=UTC).astimezone(event.zone),
        backups=tuple(one.astimezone(event.zone) for one in backups.made()),
        delete_on=event.delete_on,
    )


def _who(rows: Rows, by: Actor) -> tuple[Person, Event]:
    # never by the row itself: whoever was deleted a moment ago has none that could be read anew
    person = rows.get(Person, inspect(by.person).identity) if by.person else None
    event = rows.get(Event, 1)
    if person is None or event is None:
        raise NotFound
    return person, event


def _withdraw(rows: Rows, session: Session, person: Person, now: datetime) -> None:
    row = rows.get(Attendance, (session.id, person.id))
    if row is not None and row.state == "absent":
        # whoever the desk has marked says so themselves from now on
        row.changed_by = person.number
        return
    # the rounds of a rehearsal are none that anybody was in
    rehearsed = clock.is_rehearsal(session) and clock.deciding(session, now) is not None
    never = floor.Mark("absent", last_round=0) if rehearsed else None
    floor.write(rows, session, [person], "absent", by=Actor(person=person), given=never, now=now)
    theirs = (HelpPlace.session_id == session.id, HelpPlace.person_id == person.id)
    rows.execute(delete(HelpPlace).where(*theirs, HelpPlace.round_no > clock.begun(session, now)))
    rows.execute(delete(StandbyCall).where(StandbyCall.session_id == session.id, StandbyCall.person_id == person.id))


def _come_back(rows: Rows, part: Part, person: Person, now: datetime) -> None:
    row = rows.get(Attendance, (part.session.id, person.id))
    if row is None or not row.withdrew:
        return
    # who was in a round before is there; who was in none is awaited at the door again
    state = "here" if row.last_round else floor.EXPECTED
    floor.write(rows, part.session, [person], state, by=Actor(person=person), now=now)
