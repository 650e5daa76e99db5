"""Who has come: ticks that set a state and never toggle it, so that two presses, or two people, mean the same as one.

Every tick is one transaction that reads what is there before it writes; whatever others tick meanwhile stays.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import DESK, Actor, helps_in, may_attend
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models import Attendance, Person, Session
from webapp.models.floor import ATTENDANCE
from webapp.operations.plans.clock import begun
from webapp.operations.plans.presence import attendance, expected

EXPECTED = "expected"
STATES = (EXPECTED, *ATTENDANCE)
WORD = re.compile(r"(here|late|absent)\.(\d{1,3})(?:\.(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """How somebody stands at the desk, and from which round to which they take part; expected until they are ticked."""

    state: str = EXPECTED
    first_round: int = 1
    last_round: int | None = None

    @classmethod
    def of(cls, row: Attendance | None) -> Self:
        """Return what a row says; without one somebody is expected."""
        return cls() if row is None else cls(row.state, row.first_round, row.last_round)

    @classmethod
    def read(cls, word: str) -> Self | None:
        """Return what `word` wrote; None where it is no such word."""
        found = WORD.fullmatch(word)
        if found is None:
            return cls() if word == EXPECTED else None
        state, first, last = found.groups()
        if state == "absent" and last is None:
            return None
        return cls(state, max(int(first), 1), None if last is None else int(last))

    @property
    def word(self) -> str:
        """The mark as one word for an address or a form."""
        if self.state == EXPECTED:
            return EXPECTED
        return f"{self.state}.{self.first_round}" + ("" if self.last_round is None else f".{self.last_round}")


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick has changed: how each one stood before, by public id, and the moment that the rows carry since."""

    state: str
    before: Mapping[str, Mark]
    at: datetime


def may_tick(by: Actor, session: Session) -> bool:
    """Return whether somebody may tick people in there: the desk everywhere, a helper in their own session."""
    return by.role in DESK or helps_in(by, session)


def tick(
    session_id: int,
    person_public_ids: Collection[str],
    state: str,
    *,
    by: Actor,
    first_round: int | None = None,
    last_round: int | None = None,
    now: datetime,
) -> Ticked:
    """Set how people stand at the desk: here, late, absent, or expected again; what was so already stays as it is.

    Whoever is absent from now on keeps the rounds that have begun, as whoever comes back does. Late means from the
    next round on, and never from the first. A round that is given counts as given: `last_round` for who leaves early.
    Somebody whom the audience does not take in is not found.
    """
    with transaction() as rows:
        session = _session(rows, session_id, by)
        if state not in STATES:
            raise BadInput(_("Somebody is here, late, absent or expected."), "state")
        _refuse_rounds(session, first_round, last_round)
        people = _people(rows, session, person_public_ids)
        if state == EXPECTED or (first_round, last_round) == (None, None):
            return write(rows, session, people, state, by=by, now=now)
        held, running = attendance(rows, session.id), begun(session, now)
        marks = {
            person.id: _given(Mark.of(held.get(person.id)), state, first_round, last_round, running=running)
            for person in people
        }
        return write(rows, session, people, state, by=by, given=marks, now=now)


def all_here(session_id: int, public_id: str, *, by: Actor, now: datetime) -> Ticked:
    """Tick all of one person's organisation as here who are still expected; who was ticked before stays so."""
    with transaction() as rows:
        session = _session(rows, session_id, by)
        (one,) = _people(rows, session, [public_id])
        house = one.organisation_id
        waiting = [one for one in _still_expected(rows, session) if house and one.organisation_id == house]
        return write(rows, session, waiting, "here", by=by, now=now)


def all_absent(session_id: int, *, by: Actor, now: datetime) -> Ticked:
    """Tick everybody as absent who is still expected."""
    with transaction() as rows:
        session = _session(rows, session_id, by)
        return write(rows, session, _still_expected(rows, session), "absent", by=by, now=now)


def undo(session_id: int, public_id: str, was: Mark, left: Mark, *, by: Actor, now: datetime) -> None:
    """Let somebody stand as they `was` before; refused where they do not stand any more as they were `left`."""
    with transaction() as rows:
        session = _session(rows, session_id, by)
        (person,) = _people(rows, session, [public_id])
        if Mark.of(rows.get(Attendance, (session.id, person.id))) not in {left, was}:
            raise NotNow(_("Somebody else has ticked %(name)s since. Look again.", name=isolate(person.name)))
        write(rows, session, [person], was.state, by=by, given=was, now=now)


def undo_all(session_id: int, at: datetime, *, by: Actor) -> int:
    """Let everybody be expected again whom the actor ticked at once at that moment, and nobody has ticked since."""
    with transaction() as rows:
        session = _session(rows, session_id, by)
        ours = delete(Attendance).where(*_at_once(session.id, at, by))
        return rows.execute(ours).rowcount or 0  # type: ignore[attr-defined]


def ticked_at(session_id: int, at: datetime, *, by: Actor) -> tuple[int, str]:
    """Return how many the actor ticked at once at that moment and stand so still, and how they stand."""
    found = select(func.count(), func.min(Attendance.state)).where(*_at_once(session_id, at, by))
    count, state = db.session.execute(found).one()
    return count, state or ""


def write(
    rows: Rows,
    session: Session,
    people: Iterable[Person],
    state: str,
    *,
    by: Actor,
    given: Mark | Mapping[int, Mark] | None = None,
    now: datetime,
) -> Ticked:
    """Set a state inside a transaction that is open; for operations that do more than tick.

    A mark is `given` for all, or for each by row id.
    """
    held, running = attendance(rows, session.id), begun(session, now)
    at = now.astimezone(UTC).replace(tzinfo=None)
    before: dict[str, Mark] = {}
    for person in people:
        row = held.get(person.id)
        was = Mark.of(row)
        own = given.get(person.id) if isinstance(given, Mapping) else given
        mark = own or _mark(was, state, running)
        if mark == was:
            continue
        before[person.public_id] = was
        if mark.state == EXPECTED:
            rows.delete(row)
            continue
        if row is None:
            row = Attendance(session_id=session.id, person_id=person.id)
            rows.add(row)
        row.state, row.first_round, row.last_round = mark.state, mark.first_round, mark.last_round
        row.changed_at, row.changed_by = at, by.name
    rows.flush()
    return Ticked(state, before, at)


def _mark(was: Mark, state: str, running: int) -> Mark:
    """How somebody stands who is ticked while round `running` is held (0 before the first)."""
    if state == was.state:
        return was
    if state == "late":
        first = max(running + 1, 2)
        return Mark("late", first, _leaves(was, first))
    if state == "absent":
        return Mark("absent", was.first_round, running)
    if state == "here":
        first = min(was.first_round, running + 1)
        return Mark("here", first, _leaves(was, first))
    return Mark()


def _given(was: Mark, state: str, first: int | None, last: int | None, *, running: int) -> Mark:
    """The rounds that are said now, and at their other end those that were said before where they go together."""
    if state == "absent":
        return Mark(state, first or 1, running if last is None else last)
    if first is None:
        return Mark(state, was.first_round if last is not None and was.first_round <= last else 1, last)
    return Mark(state, first, _leaves(was, first) if last is None else last)


def _leaves(was: Mark, first: int) -> int | None:
    """After which round somebody has said that they go, where they come before it."""
    said = was.last_round if was.state != "absent" else None
    return said if said is not None and said >= first else None


def _session(rows: Rows, session_id: int, by: Actor) -> Session:
    session = rows.get(Session, session_id)
    if session is None or not may_tick(by, session):
        raise NotFound
    return session


def _people(rows: Rows, session: Session, public_ids: Collection[str]) -> list[Person]:
    wanted = select(Person).where(Person.public_id.in_(public_ids)).options(selectinload(Person.regions))
    found = [person for person in rows.scalars(wanted) if may_attend(person, session)]
    if len(found) < len(set(public_ids)):
        raise NotFound
    return found


def _refuse_rounds(session: Session, first: int | None, last: int | None) -> None:
    # after round 0 goes who comes to none, but nobody comes from there on
    least = ((first, 1), (last, 0))
    if any(number is not None and not at <= number <= session.rounds for number, at in least):
        raise BadInput(_("This round is no longer there."))


def _still_expected(rows: Rows, session: Session) -> list[Person]:
    ticked = attendance(rows, session.id)
    there = (one for one in expected(rows, session) if not away_throughout(one.away, session))
    return [one.person for one in there if one.person.id not in ticked]


def away_throughout(away: Collection[int], session: Session) -> bool:
    """Return whether somebody who is away in these rounds is there in none."""
    return 0 < session.rounds == len(away)


def _at_once(session_id: int, at: datetime, by: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        Attendance.session_id == session_id,
        Attendance.changed_at == at,
        Attendance.changed_by == by.name,
        Attendance.instead_of_id.is_(None),
    )
