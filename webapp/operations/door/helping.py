"""Helpers of a session: invited at the desk, let in once by link or typed code, ended at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import Attendance, Helper, Invitation, Session, Staff
from webapp.models.people import utc_now
from webapp.operations.door import accounts, patience
from webapp.operations.door.accounts import FINDER_DIGITS, Ticket, fast_hash, plain_digits
from webapp.operations.plans.planning import must_be_staff

CODE_DIGITS = 12
INVITED_FOR = timedelta(minutes=10)
AFTER_THE_END, REHEARSAL = timedelta(hours=2), timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh invitation, shown this once: the link's token and the code to type, either good for one helper."""

    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Helping:
    """A helper who is in: since and until when (on the venue's clock), and how many people they have ticked in."""

    helper: Helper
    since: datetime
    until: datetime
    ticked: int


def invite(session_id: int, *, by: Actor) -> Invited:
    """Make an invitation that lets one helper in; what ended is forgotten."""
    must_be_staff(by)
    token, code = secrets.token_urlsafe(24), accounts.random_code(CODE_DIGITS)
    with transaction() as rows:
        rows.execute(delete(Invitation).where(Invitation.expires_at <= utc_now()))
        rows.add(
            Invitation(
                session_id=session_id,
                token_hash=fast_hash(token),
                finder=code.finder,
                secret_hash=code.secret_hash,
                expires_at=utc_now() + INVITED_FOR,
            )
        )
    return Invited(token=token, code=code.in_fours)


def come_by_link(token: str, name: str) -> Ticket:
    """Let a helper in by an invitation's link; it is used up."""
    with transaction() as rows:
        return _let_in(rows, Invitation.token_hash == fast_hash(token), name)


def come_by_code(typed: str, name: str, *, address: str = "") -> Ticket:
    """Let a helper in by an invitation's typed code; wrong, unknown and used codes get the same answer."""
    digits = plain_digits(typed)
    finder, secret = digits[:FINDER_DIGITS], digits[FINDER_DIGITS:]
    known = select(Invitation.secret_hash).where(Invitation.finder == finder, Invitation.expires_at > utc_now())
    found = db.session.scalars(known).all()
    door = patience.Door(f"helper {finder}", address)
    fitting = accounts.try_secret(door, found if len(digits) == CODE_DIGITS else (), secret)
    with transaction() as rows:
        patience.forget_failures(rows, door)
        return _let_in(rows, Invitation.secret_hash == fitting, name)


def _let_in(rows: Rows, wanted: ColumnElement[bool], name: str) -> Ticket:
    """Use an invitation up, inside the transaction, so that it lets nobody else in."""
    found = rows.scalar(select(Invitation).where(wanted, Invitation.expires_at > utc_now()))
    if found is None:
        raise NotFound
    session = found.session
    rows.delete(found)
    now, cookie = utc_now(), secrets.token_urlsafe(32)
    until = helps_until(session, now)
    rows.add(
        Helper(
            session_id=session.id,
            name=_name_of_their_own(rows, session, name),
            cookie_hash=fast_hash(cookie),
            made_at=now,
            ends_at=until,
        )
    )
    return Ticket(cookie, until)


def helps_until(session: Session, since: datetime) -> datetime:
    """Return until when somebody helps who comes at `since` (both in UTC, without a zone).

    On the day of the session that is its end and a margin; on any other day, as in a rehearsal, some hours.
    """
    wall = since.replace(tzinfo=UTC).astimezone(session.event.zone).replace(tzinfo=None)
    if not session.starts.date() <= wall.date() <= session.ends.date():
        return since + REHEARSAL
    end = session.event.at_venue(session.ends).astimezone(UTC).replace(tzinfo=None)
    return max(end, since) + AFTER_THE_END


def _name_of_their_own(rows: Rows, session: Session, typed: str) -> str:
    """Return the name as typed, with a number behind it where somebody of the session or the staff has it."""
    helpers = rows.scalars(select(Helper.name).where(Helper.session_id == session.id))
    taken = {name.casefold() for name in (*helpers, *rows.scalars(select(Staff.name)))}
    name, number = typed, 1
    while name.casefold() in taken:
        number += 1
        name = f"{typed} {number}"
    return name


def helping(session: Session) -> Sequence[Helping]:
    """Return who helps in the session now, the first to come first."""
    counts = (
        select(Attendance.changed_by, func.count())
        .where(Attendance.session_id == session.id, Attendance.state == "here")
        .group_by(Attendance.changed_by)
    )
    ticked = {row[0]: row[1] for row in db.session.execute(counts)}
    found = db.session.scalars(select(Helper).where(Helper.session_id == session.id).order_by(Helper.id))
    return [
        Helping(one, _at_venue(session, one.made_at), _at_venue(session, one.ends_at), ticked.get(one.name, 0))
        for one in found
        if one.is_in(utc_now())
    ]


def _at_venue(session: Session, moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(session.event.zone)


def end(session_id: int, public_id: str, *, by: Actor) -> None:
    """End one helper's work; their next request is refused."""
    must_be_staff(by)
    with transaction() as rows:
        held = select(Helper.id).where(Helper.session_id == session_id, Helper.public_id == public_id)
        if rows.scalar(held) is None:
            raise NotFound
        rows.execute(
            update(Helper).where(Helper.public_id == public_id, Helper.ended_at.is_(None)).values(ended_at=utc_now())
        )


def end_all(session_id: int, *, by: Actor) -> None:
    """End the work of all helpers of the session, and what was to let more of them in."""
    must_be_staff(by)
    with transaction() as rows:
        rows.execute(
            update(Helper).where(Helper.session_id == session_id, Helper.ended_at.is_(None)).values(ended_at=utc_now())
        )
        rows.execute(delete(Invitation).where(Invitation.session_id == session_id))
