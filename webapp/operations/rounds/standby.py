"""The standby line of a session with specialists: which places are free now, who is next, and who has sat down.

Nothing waits for a timer: who is called where follows from what the desk has noted and from the time at which one
looks. Whoever sits down is noted as the help point notes it, so that repairs know of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import HelpPlace, Person, Plan, Session, StandbyCall, StandbyNote
from webapp.operations.plans import clock, planning
from webapp.operations.rounds import calls
from webapp.operations.rounds.line import MISSING, PASSED, Case, Place, Waiting
from webapp.operations.rounds.line_now import line_now
from webapp.operations.rounds.turns import PATIENCE, since_begin


@dataclass(frozen=True, slots=True)
class Board:
    """What the page shows of one round; `opens` is when a place that a visitor has left empty goes to the next."""

    session: Session
    number: int
    rounds: int
    running: bool
    opens: datetime | None
    places: tuple[Place, ...]
    line: tuple[Waiting, ...]

    @property
    def free(self) -> list[Place]:
        """The tables with a place that is free now."""
        return [one for one in self.places if one.free]

    @property
    def callable(self) -> bool:
        """Whether the big screen can call somebody whom it does not call now."""
        waiting = any(one.next and not one.open for one in self.free)
        return waiting and sum(one.open for one in self.places) < calls.MOST_AT_ONCE


def board(session: Session, *, now: datetime, asked: int = 0) -> Board | None:
    """Return the line and the places of a round, as things stand at `now`; None where nothing is published.

    Without a round that is `asked` for the one that runs, else the next.
    """
    version = planning.find_plan(session.id, "published")
    if version is None or session.format != "clinics":
        return None
    number = round_at(session, version, now=now, asked=asked)
    case = Case(db.session(), version, number, now)
    called = {one.table: one for one in case.called()}
    return Board(
        session=session,
        number=number,
        rounds=version.rounds,
        running=case.since is not None,
        opens=_opens(session, number, now, case.since),
        places=tuple(case.place(one, called.get(one.table)) for one in case.running if one.host),
        line=tuple(case.waiting(row) for row in case.line),
    )


def stamp_of(session: Session, *, now: datetime, asked: int = 0) -> str:
    """Return a short text that differs where the board of a round does; nothing where nothing is published."""
    version = planning.find_plan(session.id, "published")
    if version is None or session.format != "clinics":
        return ""
    number = round_at(session, version, now=now, asked=asked)
    running = since_begin(session, number, now) is not None
    return f"{number}-{running:d}-{line_now(session, version, number, now).stamp}"


def round_at(session: Session, version: Plan, *, now: datetime, asked: int = 0) -> int:
    """Return the round that the line is for: the one asked for, else the one that runs or comes next."""
    at = clock.position(session, now)
    number = asked or (at.number if at.kind != "before" else clock.begun(session, now))
    return min(max(number, 1), max(version.rounds, 1))


def _opens(session: Session, number: int, now: datetime, since: timedelta | None) -> datetime | None:
    """When, on the venue's wall clock, places that are left empty go to the next; None where they do already."""
    if since is None:
        return clock.round_begins(session, number, now) + PATIENCE
    if since >= PATIENCE:
        return None
    return (now + PATIENCE - since).astimezone(session.event.zone).replace(tzinfo=None)


# --- what the desk says ---------------------------------------------------------------------------------------------


def sit(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Note that somebody from the line sits down with a specialist in a round, by public ids; twice is fine.

    Refused where the place is taken meanwhile, where they have one, or where a rule forbids it: in the same words.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        case = case_at(rows, session_id, number, now)
        table, row = case.table_of(host), case.row_of(person)
        place = rows.get(HelpPlace, (session_id, number, row))
        if place is not None and place.host == host:
            return
        if row not in case.line or not case.fits(row, table):
            raise NotNow(_("Things have changed since you looked, so nothing was done. Look once more."))
        calls.forget(rows, session_id, host)
        rows.add(
            HelpPlace(
                session_id=session_id, round_no=number, person_id=row, kind="visit", table=table.table, host=host,
                made_by=by.name,
            )
        )  # fmt: skip


def stand_up(session_id: int, person: str, host: str, *, number: int, by: Actor) -> None:
    """Take back that somebody from the line has sat down with a specialist."""
    planning.must_be_staff(by)
    with transaction() as rows:
        row = rows.scalar(select(Person.id).where(Person.public_id == person))
        here = (HelpPlace.session_id == session_id, HelpPlace.round_no == number, HelpPlace.person_id == row)
        rows.execute(delete(HelpPlace).where(*here, HelpPlace.kind == "visit", HelpPlace.host == host))


def call(session_id: int, *, number: int, by: Actor, now: datetime) -> None:
    """Let the big screen call whoever is next at the free places, by their numbers; a few at once, the others later."""
    planning.must_be_staff(by)
    with transaction() as rows:
        case = case_at(rows, session_id, number, now)
        found = [one for one in case.called() if one.host]
        wanted = [one for one in found if one.host and one.host.public_id not in case.calls]
        room = calls.MOST_AT_ONCE - (len(found) - len(wanted))
        calls.note(rows, [_call_of(case, one, by) for one in wanted[: max(room, 0)]])


def pass_by(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Note that somebody who was called to a table did not come: the next is called there, by the same means."""
    planning.must_be_staff(by)
    with transaction() as rows:
        before = _note(rows, session_id, (person, host), PASSED, number=number, by=by, now=now)
        if host in before.calls:
            calls.forget(rows, session_id, host)
            case = case_at(rows, session_id, number, now)
            calls.note(
                rows, [_call_of(case, one, by) for one in case.called() if one.host and one.host.public_id == host]
            )


def miss(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Note that a table's visitor is not there: two minutes after the round has begun the next gets the place."""
    planning.must_be_staff(by)
    with transaction() as rows:
        _note(rows, session_id, (person, host), MISSING, number=number, by=by, now=now)


def come_after_all(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Take back that a visitor is missing; refused where somebody else sits there by now."""
    planning.must_be_staff(by)
    with transaction() as rows:
        case = case_at(rows, session_id, number, now)
        row, table = case.row_of(person), case.table_of(host)
        note = rows.get(StandbyNote, (session_id, number, row, host))
        if note is None or note.kind != MISSING:
            return
        if row in case.lost and not case.room_at(table):
            raise NotNow(_("Somebody from the standby line has this place now."))
        rows.delete(note)
        calls.forget(rows, session_id, host)


def _note(
    rows: Rows, session_id: int, who: tuple[str, str], kind: str, *, number: int, by: Actor, now: datetime
) -> Case:
    """Note it once; return how things stood before."""
    person, host = who
    case = case_at(rows, session_id, number, now)
    row, table = case.row_of(person), case.table_of(host)
    if kind == MISSING and row not in case.seats.get(table.table, ()):
        raise NotNow(_("Things have changed since you looked, so nothing was done. Look once more."))
    if rows.get(StandbyNote, (session_id, number, row, host)) is None:
        rows.add(
            StandbyNote(session_id=session_id, round_no=number, person_id=row, host=host, kind=kind, made_by=by.name)
        )
        rows.flush()
    return case


def _call_of(case: Case, offer: bridge.Offer, by: Actor) -> StandbyCall:
    return StandbyCall(
        session_id=case.session.id,
        host=offer.host.public_id if offer.host else "",
        round_no=case.number,
        person_id=offer.people[0],
        table=offer.table,
        made_at=case.now.astimezone(UTC).replace(tzinfo=None),
        made_by=by.name,
    )


def case_at(rows: Rows, session_id: int, number: int, now: datetime) -> Case:
    """Return all that decides who is called in a round; refused where nothing is published."""
    version = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "published"))
    if version is None or version.session.format != "clinics" or not 1 <= number <= version.rounds:
        raise NotFound
    return Case(rows, version, number, now)
