"""Numbers that the desk calls to a free place by the big screen: for two minutes, or until the desk knows more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session as Rows

from webapp.db import db
from webapp.models import Attendance, HelpPlace, Person, Session, StandbyCall
from webapp.operations import clock

LASTS = timedelta(minutes=2)
MOST_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Call:
    """What the big screen shows: an event number, a table, and until when; never a name."""

    number: str
    table: str
    until: datetime


def shown(session: Session, now: datetime) -> list[Call]:
    """Return the calls that the big screen shows at `now`, the first made first.

    None of a round that is over, and nobody who has sat down or is absent.
    """
    if session.format != "clinics":
        return []
    here = (HelpPlace.session_id == StandbyCall.session_id, HelpPlace.round_no == StandbyCall.round_no)
    placed = exists().where(*here, HelpPlace.person_id == StandbyCall.person_id)
    gone = exists().where(
        Attendance.session_id == StandbyCall.session_id,
        Attendance.person_id == StandbyCall.person_id,
        Attendance.state == "absent",
    )
    calls = (
        select(Person.number, StandbyCall)
        .join(Person, Person.id == StandbyCall.person_id)
        .where(StandbyCall.session_id == session.id, ~placed, ~gone)
        .order_by(StandbyCall.made_at, StandbyCall.table)
    )
    at = clock.position(session, now)
    first = at.number + (at.kind == "over")
    return [
        Call(number, one.table, until(one))
        for number, one in db.session.execute(calls)
        if one.round_no >= first and now < until(one)
    ]


def until(call: StandbyCall) -> datetime:
    """Return until when the big screen shows a call."""
    return call.made_at.replace(tzinfo=UTC) + LASTS


def of_round(rows: Rows, session_id: int, number: int) -> dict[str, StandbyCall]:
    """Return the calls of a round by the specialist's public id, also those that have ended unanswered."""
    here = (StandbyCall.session_id == session_id, StandbyCall.round_no == number)
    return {one.host: one for one in rows.scalars(select(StandbyCall).where(*here))}


def note(rows: Rows, calls: Iterable[StandbyCall]) -> None:
    """Note calls, each in place of the specialist's last."""
    for one in calls:
        rows.merge(one)


def forget(rows: Rows, session_id: int, *, host: str = "", person: int = 0) -> None:
    """End the call to a specialist's table, or the calls of a person."""
    mine = StandbyCall.host == host if host else StandbyCall.person_id == person
    rows.execute(delete(StandbyCall).where(StandbyCall.session_id == session_id, mine))
