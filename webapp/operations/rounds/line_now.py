"""The line of a round for all who ask every few seconds: worked out once by each process, and kept while it stands.

Everything that the desk notes, the clock and the turns themselves end that at once; what people change of themselves
counts a moment later. Whoever takes a place is judged anew, by what is true then.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select

from webapp.db import db
from webapp.models import Attendance, HelpPlace, Host, Person, Plan, Session, StandbyCall, StandbyNote
from webapp.operations.plans import clock
from webapp.operations.rounds import line
from webapp.operations.rounds.line import Case
from webapp.operations.rounds.turns import PATIENCE

LASTS = timedelta(seconds=10)
MARK = 16

SESSION: Any = bindparam("session")


def _noted(table: Any, *more: Any) -> Any:
    """How many rows there are of a session, when the last was made, and a sum that tells one from another."""
    told = (func.count(), func.max(table.made_at), func.sum(table.person_id * 1000 + table.round_no), *more)
    return [select(one).where(table.session_id == SESSION).scalar_subquery() for one in told]


def _ticked() -> Any:
    told = (
        func.count(),
        func.max(Attendance.changed_at),
        func.sum(Attendance.person_id * (Attendance.first_round * 100 + func.coalesce(Attendance.last_round, 99))),
    )
    return [select(one).where(Attendance.session_id == SESSION).scalar_subquery() for one in told]


ROWS = select(
    *_noted(HelpPlace), *_noted(StandbyNote), *_noted(StandbyCall), *_ticked(),
    *(select(func.count()).select_from(table).scalar_subquery() for table in (Person, Host)),
)  # fmt: skip
"""All that the desk has noted of a session, in one statement of a few numbers."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The place to which somebody is called: the specialist's public id, the table, and until when (venue's clock)."""

    host: str
    table: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """Who waits, in order, and who is called where, by row id; it holds from `since` to `until` while `mark` does."""

    mark: tuple[object, ...]
    since: datetime
    until: datetime
    order: tuple[int, ...]
    offers: Mapping[int, Offer]

    def stands(self, mark: tuple[object, ...], now: datetime) -> bool:
        """Whether nothing has changed since it was worked out."""
        return self.mark == mark and self.since <= now < self.until

    @property
    def stamp(self) -> str:
        """A short text that differs where anything does."""
        told = (self.mark, self.order, sorted(self.offers.items(), key=lambda one: one[0]))
        return hashlib.sha256(repr(told).encode()).hexdigest()[:MARK]


_held: WeakKeyDictionary[Engine, dict[tuple[int, int], Line]] = WeakKeyDictionary()
_at_work = threading.Lock()


def line_now(session: Session, version: Plan, number: int, now: datetime) -> Line:
    """Return the line of a round as it stands at `now`; of several who ask a process at once, one works it out."""
    known, key = _held.setdefault(db.engine, {}), (session.id, number)
    mark = _mark(session, version, now)
    with _at_work:
        found = known.get(key)
        if found is None or not found.stands(mark, now):
            found = known[key] = _worked_out(version, number, mark, now)
    return found


def _worked_out(version: Plan, number: int, mark: tuple[object, ...], now: datetime) -> Line:
    case = Case(db.session(), version, number, now)
    offers = {
        one.people[0]: Offer(one.host.public_id, one.table, line.until(case, one.table))
        for one in case.called()
        if one.host is not None
    }
    free = [one.table for one in case.running if one.host is not None and case.room_at(one)]
    ends = [line.ends(case, table) for table in free]
    if case.since is not None and case.since < PATIENCE:
        ends.append(now + PATIENCE - case.since)
    until = min([now + LASTS, *(one for one in ends if one > now)])
    return Line(mark, now, until, tuple(case.line), offers)


def _mark(session: Session, version: Plan, now: datetime) -> tuple[object, ...]:
    at = clock.position(session, now)
    revision = session.run.revision if session.run else 0
    noted = db.session.execute(ROWS, {"session": session.id}).one()
    return (version.public_id, revision, at.kind, at.number, at.state, *(str(one) for one in noted))
