"""Who and what is there no more from the next round on: whoever is visited, interpreters, tables; and back again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.i18n import gettext as _
from webapp.models import Attendance, Host, Interpreter, InterpreterSession, Person, Session, Table
from webapp.models.people import folded
from webapp.models.programme import HOSTED
from webapp.operations.guests.interpreters import INTERPRETED
from webapp.operations.plans import planning
from webapp.operations.plans.clock import begun

LONGEST = 20


@dataclass(frozen=True, slots=True)
class Gone:
    """What the page shows: who is visited and who interprets, gone or not; tables that are gone; who leaves early."""

    session: Session
    begun: int
    hosts: tuple[Host, ...]
    interpreters: tuple[tuple[Interpreter, int | None], ...]
    tables: tuple[Table, ...]
    leaving: tuple[Attendance, ...]

    @property
    def next(self) -> int:
        """The round from which on something said now holds."""
        return min(self.begun + 1, self.session.rounds)


def gone(session: Session, *, now: datetime) -> Gone:
    """Return who and what could go, and is gone."""
    works = InterpreterSession.session_id == session.id
    since = {row.interpreter_id: row.gone_from for row in db.session.scalars(select(InterpreterSession).where(works))}
    leaving = select(Attendance).where(
        Attendance.session_id == session.id, Attendance.state != "absent", Attendance.last_round.is_not(None)
    )
    return Gone(
        session,
        begun(session, now),
        tuple(session.hosts) if session.format in HOSTED else (),
        tuple((one, since[one.id]) for one in session.interpreters) if session.format in INTERPRETED else (),
        tuple(table for table in session.tables if table.gone_from is not None),
        tuple(sorted(db.session.scalars(leaving), key=lambda one: one.person.number)),
    )


def say(session_id: int, kind: str, name: str, *, back: bool = False, by: Actor, now: datetime) -> None:
    """Say that somebody or something is gone from the next round on, or is `back`; said twice it means the same.

    `kind` is host or interpreter, `name` then a public id, or table.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        if session is None:
            raise NotFound
        row = _found(rows, session, kind, name.strip())
        if back:
            row.gone_from = None
        elif row.gone_from is None:
            row.gone_from = begun(session, now) + 1


def _found(rows: Rows, session: Session, kind: str, name: str) -> Host | InterpreterSession | Table:
    row: Host | InterpreterSession | Table | None = None
    if kind == "host":
        row = rows.scalar(select(Host).where(Host.session_id == session.id, Host.public_id == name))
    elif kind == "interpreter":
        wanted = select(InterpreterSession).join(Interpreter, Interpreter.id == InterpreterSession.interpreter_id)
        here = InterpreterSession.session_id == session.id
        row = rows.scalar(wanted.where(here, Interpreter.public_id == name))
    elif kind == "table":
        row = next((one for one in session.tables if folded(one.name) == folded(name)), None)
        if row is None:
            raise BadInput(_("There is no table “%(table)s” in this session.", table=name[:LONGEST]), "name")
    if row is None:
        raise NotFound
    return row


def leave_early(session_id: int, number: str, last: int, *, by: Actor) -> None:
    """Note that the person with this event number goes after round `last`; their later rounds are repaired.

    Refuses whoever has not come: of those nobody knows yet whether they do.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        if session is None or last not in session.numbers:
            raise NotFound
        wanted = folded(number.strip())
        person = next((one for one in rows.scalars(select(Person)) if wanted and folded(one.number) == wanted), None)
        if person is None:
            raise BadInput(_("Nobody has the number “%(number)s”.", number=number[:LONGEST]), "number")
        row = rows.get(Attendance, (session.id, person.id))
        if row is None or row.state == "absent":
            raise BadInput(_("Number %(number)s has not come yet. Tick them in first.", number=person.number), "number")
        row.last_round, row.changed_by = (None if last == session.rounds else last), by.name
