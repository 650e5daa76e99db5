"""Places to which the desk lets the big screen call: whoever's turn it is, until somebody sits down there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from webapp.db import db
from webapp.models import Plan, Session, StandbyCall
from webapp.operations.plans import clock
from webapp.operations.rounds.line import Case, ends

MOST_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Call:
    """What the big screen shows: an event number, a table, and until when; never a name."""

    number: str
    table: str
    until: datetime


def shown(session: Session, now: datetime) -> list[Call]:
    """Return the calls that the big screen shows at `now`: whose turn it is where the desk has it call.

    None of a round that is over.
    """
    if session.format != "clinics":
        return []
    numbers = sorted(set(db.session.scalars(select(StandbyCall.round_no).where(StandbyCall.session_id == session.id))))
    version = db.session.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
    if not numbers or version is None:
        return []
    return [
        one
        for number in numbers
        if number <= version.rounds and not clock.has_ended(session, number, now)
        for one in _of(Case(db.session(), version, number, now))
    ]


def _of(case: Case) -> Iterable[Call]:
    if not case.calls:
        return
    for one in case.called():
        if one.host and one.host.public_id in case.calls:
            yield Call(case.people[one.people[0]].number, one.table, ends(case, one.table))


def note(rows: Rows, calls: Iterable[StandbyCall]) -> None:
    """Note calls, each in place of the specialist's last."""
    for one in calls:
        rows.merge(one)


def forget(rows: Rows, session_id: int, host: str) -> None:
    """Let the big screen call nobody to a specialist's table any more."""
    rows.execute(delete(StandbyCall).where(StandbyCall.session_id == session_id, StandbyCall.host == host))
