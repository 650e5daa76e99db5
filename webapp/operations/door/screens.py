"""Big screens: a device shows a code, the desk types it, and from then on the device shows that session's rounds.

What a device may see follows from its cookie and the row that was paired; there is no idle time-out.
"""

import secrets
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session as Rows

from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import Screen, Session
from webapp.models.people import utc_now
from webapp.operations.door import patience
from webapp.operations.door.accounts import Ticket, fast_hash, plain_digits
from webapp.operations.door.patience import Door, household
from webapp.sealing import seal

CODE_DIGITS, CODE_LASTS = 6, timedelta(minutes=10)
COOKIE_LASTS = timedelta(days=30)
MOST_WAITING, MOST_OF_ONE_ADDRESS = 200, 20


def ask_code(cookie: str, *, address: str = "") -> Ticket:
    """Give a device a new code, and a new cookie in place of the one it came with.

    Where too many wait, those give way that have waited longest: of the same address first, then of all.
    """
    asked_from = seal("screen", household(address))
    with transaction() as rows:
        rows.execute(delete(Screen).where((Screen.expires_at <= utc_now()) | (Screen.id_hash == fast_hash(cookie))))
        _make_room(rows, MOST_OF_ONE_ADDRESS, Screen.asked_from == asked_from)
        _make_room(rows, MOST_WAITING)
        known = set(rows.scalars(select(Screen.code)))
        drawn = (f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}" for _again in range(MOST_WAITING * 10))
        code = next(one for one in drawn if one not in known)
        fresh = secrets.token_urlsafe(32)
        rows.add(Screen(id_hash=fast_hash(fresh), code=code, asked_from=asked_from, expires_at=utc_now() + CODE_LASTS))
        return Ticket(fresh, utc_now() + COOKIE_LASTS)


def _make_room(rows: Rows, most: int, *whose: ColumnElement[bool]) -> None:
    """Let fewer than `most` devices wait for the desk."""
    waiting = select(Screen.id_hash).where(Screen.code.is_not(None), *whose)
    late = waiting.order_by(Screen.made_at.desc(), Screen.id_hash).offset(most - 1)
    rows.execute(delete(Screen).where(Screen.id_hash.in_(list(rows.scalars(late)))))


def code_of(cookie: str) -> str:
    """Return the code that this device shows; nothing where it has none, or where it has ended."""
    row = _find(cookie)
    return row.code or "" if row is not None else ""


def actor_of(cookie: str) -> Actor:
    """Return the paired screen that holds this cookie, or nobody."""
    row = _find(cookie)
    return Actor(screen=row) if row is not None and row.session is not None else NOBODY


def _find(cookie: str) -> Screen | None:
    row = db.session.get(Screen, fast_hash(cookie))
    return row if row is not None and row.expires_at > utc_now() else None


def pair(session_id: int, typed: str, *, by: Actor) -> None:
    """Let the device that shows the typed code show this session, until the session's day ends.

    Wrong codes and codes that have ended get the same answer; after some of them each further try has to wait.
    """
    code, door = plain_digits(typed), Door(f"screen {by.name}")
    patience.knock(door)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        if session is None:
            raise NotFound
        row = rows.scalar(select(Screen).where(Screen.code == code, Screen.expires_at > utc_now()))
        if row is not None:
            row.code, row.session_id, row.expires_at = None, session.id, _end_of_day(session)
            row.paired_at, row.paired_by = utc_now(), by.name
            patience.forget_failures(rows, door)
            return
    patience.note_failure(door)
    raise NotFound


def _end_of_day(session: Session) -> datetime:
    """Return midnight after the session in UTC; after today for a session that is over."""
    zone = session.event.zone
    day = max(session.ends.date(), datetime.now(zone).date()) + timedelta(days=1)
    return session.event.at_venue(datetime.combine(day, time())).astimezone(UTC).replace(tzinfo=None)


def screens_of(session_id: int) -> list[Screen]:
    """Return the screens that show a session, the first paired first."""
    shown = select(Screen).where(Screen.session_id == session_id, Screen.expires_at > utc_now())
    return list(db.session.scalars(shown.order_by(Screen.paired_at, Screen.id_hash)))


def unpair(session_id: int, public_id: str) -> None:
    """Let a screen show nothing any more, from now on."""
    with transaction() as rows:
        row = rows.scalar(select(Screen).where(Screen.public_id == public_id, Screen.session_id == session_id))
        if row is None:
            raise NotFound
        rows.delete(row)
