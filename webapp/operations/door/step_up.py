"""Files with names leave only where somebody has just shown who they are; and what has left is counted for all to see.

A sign-in, by password or by link, counts for some minutes; after that the password is asked for once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.i18n import lazy_gettext as __
from webapp.models import SignIn, TakenOut
from webapp.models.people import utc_now
from webapp.operations.door import accounts, patience
from webapp.operations.event import programme

FRESH_FOR = timedelta(minutes=10)
LABELS: dict[str, Any] = {
    "event": __("The whole event"),
    "people": __("People"),
    "hosts": __("Specialists and tool tables"),
    "plan": __("Published plans"),
    "problem": __("What plans are made from"),
    "links": __("Links to sign in by"),
    "slips": __("Slips to sign in by"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """How often one kind of file has been taken out, and the last time: when, on the venue's clock, and by whom."""

    what: str
    times: int
    last_at: datetime
    last_by: str


def is_fresh(cookie: str) -> bool:
    """Return whether whoever holds this cookie has shown within the last minutes who they are."""
    row = db.session.get(SignIn, accounts.fast_hash(cookie))
    return row is not None and max(row.made_at, row.confirmed_at or row.made_at) + FRESH_FOR > utc_now()


def has_password(by: Actor) -> bool:
    """Return whether the account can be confirmed by a password; one that was only ever entered by link has none."""
    return by.staff is not None and by.staff.password_hash is not None


def confirm(cookie: str, password: str, *, address: str = "", by: Actor) -> None:
    """Make this sign-in fresh again; any other password than the account's is refused, slower and slower."""
    if by.staff is None:
        raise NotFound
    row_id = accounts.fast_hash(cookie)
    door, known = accounts.check_password(by.staff, password, address=address)
    with transaction() as rows:
        patience.forget_failures(rows, door)
        row = rows.get(SignIn, row_id)
        # a reset may have ended this password, and with it the sign-in, while it was compared
        if row is None or row.revoked_at is not None or row.staff is None or row.staff.password_hash != known:
            raise NotFound
        rows.execute(update(SignIn).where(SignIn.id_hash == row_id).values(confirmed_at=utc_now()))


def note_taken(what: str, *, by: Actor) -> None:
    """Note that a file of one kind (a word of `LABELS`) has been taken out."""
    with transaction() as rows:
        rows.add(TakenOut(what=what, made_by=by.name))


def taken_so_far() -> Sequence[Taken]:
    """Return what has been taken out, the latest first."""
    last = select(TakenOut.what, func.count().label("times"), func.max(TakenOut.id).label("last"))
    grouped = last.group_by(TakenOut.what).subquery()
    query = select(grouped.c.times, TakenOut).join(grouped, grouped.c.last == TakenOut.id).order_by(TakenOut.id.desc())
    return [
        Taken(str(LABELS.get(row.what, row.what)), times, _at_venue(row.made_at), row.made_by)
        for times, row in db.session.execute(query)
    ]


def _at_venue(moment: datetime) -> datetime:
    event = programme.the_event()
    return moment.replace(tzinfo=UTC).astimezone(event.zone) if event is not None else moment
