"""Who is expected in a session and in which of its rounds: the audience, less what keeps people elsewhere."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import is_there, may_attend
from webapp.bridge import Away, Expected, Presence
from webapp.db import read_once
from webapp.models import (
    Attendance,
    Host,
    InterpreterSession,
    Meeting,
    Person,
    PersonInterest,
    Plan,
    Seat,
    Session,
    Wish,
)
from webapp.models.hosts import since
from webapp.models.programme import HOSTED
from webapp.operations.plans import clock

Span = tuple[datetime, datetime]
WITHDREW = and_(Attendance.state == "absent", or_(Attendance.changed_by == Person.number, Person.left_at.is_not(None)))
GONE = (
    select(Person.id, Person.left_at, Attendance.session_id, WITHDREW, Attendance.last_round)
    .outerjoin(Attendance, Attendance.person_id == Person.id)
    .where(or_(Person.left_at.is_not(None), WITHDREW))
)
"""Who has left or withdrawn, with what is marked of them in each session: few rows, put together once for all pages."""


class Elsewhere:
    """What else goes on during a session.

    Plain sessions that must be attended, rounds in which people are visited, and rounds in which they have a table by
    a plan that is published.
    """

    def __init__(self, rows: Rows, session: Session) -> None:
        self.session = session
        self.busy: dict[int, list[Span]] = defaultdict(list)
        self.here: set[int] = set()
        published = and_(Plan.session_id == Session.id, Plan.state == "published")
        at_once = (
            select(Session, Seat.person_id, Seat.round_no)
            .outerjoin(Plan, published)
            .outerjoin(Seat, Seat.plan_id == Plan.id)
            .where(Session.id != session.id, Session.starts < session.ends, Session.ends > session.starts)
        )
        others: dict[int, Session] = {}
        for other, person_id, number in rows.execute(at_once):
            others[other.id] = other
            if person_id is not None:
                self.busy[person_id].append(_span(other, number))
        self.needed = [one for one in others.values() if one.must_attend]
        self._visited(rows, [one for one in (session, *others.values()) if one.format in HOSTED])

    def _visited(self, rows: Rows, held: Sequence[Session]) -> None:
        if not held:
            return
        by_id = {one.id: one for one in held}
        for host in rows.scalars(select(Host).where(Host.person_id.is_not(None), Host.session_id.in_(by_id))):
            numbers = (number for number in by_id[host.session_id].numbers if number not in host.missed)
            self.busy[host.person_id or 0] += [_span(by_id[host.session_id], number) for number in numbers]
            if host.session_id == self.session.id:
                self.here.add(host.person_id or 0)

    def keeps(self, person: Person, starts: datetime, ends: datetime) -> bool:
        """Return whether something keeps the person during this span."""
        return self.needs(person, starts, ends) or _meets(self.busy.get(person.id, ()), starts, ends)

    def needs(self, person: Person, starts: datetime, ends: datetime) -> bool:
        """Return whether the person must attend another session during this span."""
        return _meets([(one.starts, one.ends) for one in self.needed if may_attend(person, one)], starts, ends)


def _span(session: Session, number: int) -> Span:
    return session.round_starts(number), session.round_ends(number)


def _meets(spans: Iterable[Span], starts: datetime, ends: datetime) -> bool:
    return any(first < ends and starts < last for first, last in spans)


def expected(rows: Rows, session: Session) -> Expected:
    """Return everybody whom the audience takes in, by Latin spelling, with the rounds in which they are away.

    Whoever is visited in a session is no visitor there. What the desk has ticked counts: whoever is absent is away.
    """
    people = rows.scalars(
        select(Person).options(
            joinedload(Person.organisation),
            selectinload(Person.languages),
            selectinload(Person.regions),
            selectinload(Person.absences),
            selectinload(Person.interests).joinedload(PersonInterest.interest),
            selectinload(Person.wishes).options(joinedload(Wish.region)),
        )
    )
    other = Elsewhere(rows, session)
    audience = [person for person in people if may_attend(person, session) and person.id not in other.here]
    ticked = attendance(rows, session.id)
    found = Expected(
        Presence(person, _away(person, session, other) | _missed(session, ticked.get(person.id)))
        for person in sorted(audience, key=lambda one: one.sort_name)
    )
    found.away = Away(_hosts_away(session, other), _interpreters_away(rows, session))
    return found


def attendance(rows: Rows, session_id: int) -> dict[int, Attendance]:
    """Return what the desk has ticked in a session, by the row id of the person."""
    return {row.person_id: row for row in rows.scalars(select(Attendance).where(Attendance.session_id == session_id))}


def withdrawn(rows: Rows, person: Person) -> dict[int, Attendance]:
    """Return where the person has withdrawn, by session."""
    own = (Attendance.person_id == person.id, Attendance.state == "absent", Attendance.changed_by == person.number)
    return {row.session_id: row for row in rows.scalars(select(Attendance).where(*own))}


def gone_from(rows: Rows, session: Session) -> dict[int, int]:
    """Return from which round on people have said themselves that they do not come, by row id; others are not in it."""
    return gone_from_each(rows, [session])[session.id]


def gone_from_each(rows: Rows, sessions: Iterable[Session]) -> dict[int, dict[int, int]]:
    """Return the same of each of these sessions, by its row id, asked for at once.

    Where somebody is marked in a session that alone counts, since it is of the rounds as they were held. That they left
    the event counts where nothing is marked, by the times that people are told: for who is visited or was not awaited.
    Whom the desk marks absent has not said so themselves, unless they have left the event.
    """
    held = {one.id: one for one in sessions}
    found: dict[int, dict[int, int]] = {key: {} for key in held}
    told: dict[int, set[int]] = {key: set() for key in held}
    left: dict[int, datetime] = {}
    for person, left_at, key, withdrew, last in read_once("gone", lambda: rows.execute(GONE).all()) if held else ():
        if left_at is not None:
            left[person] = left_at
        if key not in held:
            continue
        told[key].add(person)
        if withdrew and last is not None and last < held[key].rounds:
            found[key][person] = last + 1
    for key, session in held.items():
        unmarked = {person: at for person, at in left.items() if person not in told[key]}
        found[key] |= _left_before(session, unmarked) if unmarked else {}
    return found


def _left_before(session: Session, left: Mapping[int, datetime]) -> dict[int, int]:
    """The first round that begins when people have left; none where they left later."""
    course = clock.Course(session, datetime.now(UTC))
    starts = [] if clock.waits(session) else [course.begins(number) for number in session.numbers]
    first = {person: bisect_left(starts, at) + 1 for person, at in left.items()}
    return {person: number for person, number in first.items() if number <= session.rounds}


def comes(person: int | None, number: int, gone: Mapping[int, int]) -> bool:
    """Return whether somebody has not said that they are gone in round `number`."""
    return number < gone.get(person or 0, number + 1)


def _missed(session: Session, ticked: Attendance | None) -> frozenset[int]:
    """The rounds before somebody comes and after they have gone, as the desk has it."""
    if ticked is None:
        return frozenset()
    return frozenset(number for number in session.numbers if not ticked.takes_part(number))


def _hosts_away(session: Session, other: Elsewhere) -> dict[int, frozenset[int]]:
    """In which rounds hosts who are participants too have said that they are away, or must attend something else."""
    spans = {number: (session.round_starts(number), session.round_ends(number)) for number in session.numbers}
    visited = [host for host in session.hosts if host.person is not None] if session.format in HOSTED else []
    return {
        host.id: frozenset(
            number
            for number, span in spans.items()
            if host.person and (not is_there(host.person, *span) or other.needs(host.person, *span))
        )
        for host in visited
    }


def _interpreters_away(rows: Rows, session: Session) -> dict[int, frozenset[int]]:
    """In which rounds interpreters are gone, or at a table of another session by the plans that are published."""
    working = {one.public_id: one.id for one in session.interpreters}
    if not working:
        return {}
    sitting = (
        select(Meeting.interpreter, Meeting.round_no, Session)
        .join(Plan, Plan.id == Meeting.plan_id)
        .join(Session, Session.id == Plan.session_id)
        .where(Plan.state == "published", Meeting.interpreter.in_(working), Session.id != session.id)
    )
    busy: dict[int, set[int]] = defaultdict(set)
    gone = select(InterpreterSession).where(
        InterpreterSession.session_id == session.id, InterpreterSession.gone_from.is_not(None)
    )
    for one in rows.scalars(gone):
        busy[one.interpreter_id] |= since(one.gone_from, session)
    for public_id, number, other in rows.execute(sitting):
        assert public_id is not None
        span = other.round_starts(number), other.round_ends(number)
        busy[working[public_id]] |= {
            own for own in session.numbers if _meets([span], session.round_starts(own), session.round_ends(own))
        }
    return {one: frozenset(numbers) for one, numbers in busy.items()}


def _away(person: Person, session: Session, other: Elsewhere) -> frozenset[int]:
    spans = {number: (session.round_starts(number), session.round_ends(number)) for number in session.numbers}
    return frozenset(
        number for number, span in spans.items() if not is_there(person, *span) or other.keeps(person, *span)
    )
