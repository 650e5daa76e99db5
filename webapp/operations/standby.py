"""The standby line of a session with specialists: which places are free now, who is next, and who has sat down.

Nothing waits for a timer: who is called where follows from what the desk has noted and from the time at which one
looks. Whoever sits down is noted as the help point notes it, so that repairs know of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp import bridge
from webapp.access import Actor
from webapp.bridge import Presence, Problem, Running
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Attendance, HelpPlace, Host, Person, Plan, Seat, Session, StandbyNote
from webapp.operations import clock, help_point, planning
from webapp.operations.presence import attendance, expected

PATIENCE = timedelta(minutes=2)
MISSING, PASSED = "missing", "passed"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who belongs to a table in the round: planned, or sent from the line.

    `state` is planned, absent, missing (not come, but still waited for), lost (the place goes to the next) or standby.
    """

    person: Person
    state: str


@dataclass(frozen=True, slots=True)
class Place:
    """A specialist at their table in the round: who belongs there, how many places are free now, who is called."""

    host: Host
    table: str
    visitors: tuple[Visitor, ...]
    free: int
    next: Person | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the line, with how many talks they have in the session and whether the desk has ticked them in."""

    person: Person
    talks: int
    here: bool


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


def board(session: Session, *, now: datetime, asked: int = 0) -> Board | None:
    """Return the line and the places of a round, as things stand at `now`; None where nothing is published.

    Without a round that is `asked` for the one that runs, else the next.
    """
    version = planning.find_plan(session.id, "published")
    if version is None or session.format != "clinics":
        return None
    number = round_at(session, version, now=now, asked=asked)
    case = _Case(db.session(), version, number, now)
    called = {one.table: one.people[0] for one in case.called()}
    return Board(
        session=session,
        number=number,
        rounds=version.rounds,
        running=case.since is not None,
        opens=_opens(session, number, now, case.since),
        places=tuple(case.place(one, case.people.get(called.get(one.table, 0))) for one in case.running if one.host),
        line=tuple(case.waiting(row) for row in case.line),
    )


def round_at(session: Session, version: Plan, *, now: datetime, asked: int = 0) -> int:
    """Return the round that the line is for: the one asked for, else the one that runs or comes next."""
    at = clock.position(session, now)
    number = asked or (at.number if at.kind != "before" else clock.begun(session, now))
    return min(max(number, 1), max(version.rounds, 1))


def since_begin(session: Session, number: int, now: datetime) -> timedelta | None:
    """Return for how long a round has been running, without pauses; None where it has not begun."""
    at = clock.position(session, now)
    if at.kind == "round" and at.number == number:
        return at.at - at.starts
    if clock.begun(session, now) < number:
        return None
    if at.kind != "before":
        return PATIENCE
    return now.astimezone(session.event.zone).replace(tzinfo=None) - clock.round_begins(session, number, now)


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
        case = _case(rows, session_id, number, now)
        table, row = case.table_of(host), case.row_of(person)
        place = rows.get(HelpPlace, (session_id, number, row))
        if place is not None and place.host == host:
            return
        if row not in case.line or not case.called([row], [table]):
            raise NotNow(_("Things have changed since you looked, so nothing was done. Look once more."))
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


def pass_by(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Note that somebody who was called to a table did not come: the next is called there."""
    _note(session_id, (person, host), PASSED, number=number, by=by, now=now)


def miss(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Note that a table's visitor is not there: two minutes after the round has begun the next gets the place."""
    _note(session_id, (person, host), MISSING, number=number, by=by, now=now)


def come_after_all(session_id: int, person: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Take back that a visitor is missing; refused where somebody else sits there by now."""
    planning.must_be_staff(by)
    with transaction() as rows:
        case = _case(rows, session_id, number, now)
        row, table = case.row_of(person), case.table_of(host)
        note = rows.get(StandbyNote, (session_id, number, row, host))
        if note is None or note.kind != MISSING:
            return
        if row in case.lost and not case.room_at(table):
            raise NotNow(_("Somebody from the standby line has this place now."))
        rows.delete(note)


def _note(session_id: int, who: tuple[str, str], kind: str, *, number: int, by: Actor, now: datetime) -> None:
    planning.must_be_staff(by)
    person, host = who
    with transaction() as rows:
        case = _case(rows, session_id, number, now)
        row, table = case.row_of(person), case.table_of(host)
        if kind == MISSING and row not in case.seats.get(table.table, ()):
            raise NotNow(_("Things have changed since you looked, so nothing was done. Look once more."))
        if rows.get(StandbyNote, (session_id, number, row, host)) is None:
            rows.add(
                StandbyNote(
                    session_id=session_id, round_no=number, person_id=row, host=host, kind=kind, made_by=by.name
                )
            )


def _case(rows: Rows, session_id: int, number: int, now: datetime) -> "_Case":
    version = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "published"))
    if version is None or version.session.format != "clinics" or not 1 <= number <= version.rounds:
        raise NotFound
    return _Case(rows, version, number, now)


# --- the room as it is ----------------------------------------------------------------------------------------------


class _Case:
    """Everything that decides who is called in a round."""

    def __init__(self, rows: Rows, version: Plan, number: int, now: datetime) -> None:
        session = version.session
        self.rows, self.version, self.session, self.number, self.now = rows, version, session, number, now
        self.since = since_begin(session, number, now)
        self.ticked = attendance(rows, session.id)
        self.there = expected(rows, session)
        self.seats = help_point.seats_of(rows, version, number)
        self.places = rows.scalars(
            select(HelpPlace)
            .where(HelpPlace.session_id == session.id)
            .options(joinedload(HelpPlace.person))
            .order_by(HelpPlace.made_at, HelpPlace.person_id)
        ).all()
        notes = rows.scalars(select(StandbyNote).where(StandbyNote.session_id == session.id)).all()
        self.passed_by = Counter(one.person_id for one in notes if one.kind == PASSED)
        self.notes = [one for one in notes if one.round_no == number]
        self.missing = {one.person_id for one in self.notes if one.kind == MISSING}
        self.lost = self.missing if self.since is not None and self.since >= PATIENCE else set()
        self.running: Sequence[Running] = help_point.tables_in_use(
            rows, session, version, self.there, number=number, waiting=self.lost
        )[0]
        self.talks, self.busy = self._talks()
        waiting = [one for one in self.there if self._waits(one)]
        everybody = {one.person.id for one in waiting} | {row for one in self.running for row in one.people}
        self.problem: Problem = help_point.problem_of_round(
            rows, session, self.there, everybody, now=now, number=number
        )
        self.line = self._in_order(waiting)

    @cached_property
    def people(self) -> dict[int, Person]:
        """Everybody who is expected or has a seat in the round, by row id."""
        wanted = {row for held in self.seats.values() for row in held}
        found = self.rows.scalars(select(Person).where(Person.id.in_(wanted)))
        return {one.id: one for one in (*(held.person for held in self.there), *found)}

    def _talks(self) -> tuple[Counter[int], Mapping[int, set[int]]]:
        """How many talks each person has in the session, planned or from the line, and in which rounds."""
        busy: dict[int, set[int]] = defaultdict(set)
        for row, number in self.rows.execute(
            select(Seat.person_id, Seat.round_no).where(Seat.plan_id == self.version.id)
        ):
            busy[row].add(number)
        for one in self.places:
            if one.kind == "visit":
                busy[one.person_id].add(one.round_no)
        return Counter({row: len(numbers) for row, numbers in busy.items()}), busy

    def _waits(self, one: Presence) -> bool:
        placed = any(place.person_id == one.person.id and place.round_no == self.number for place in self.places)
        return self.number not in one.away and not placed and self.number not in self.busy.get(one.person.id, ())

    def _in_order(self, waiting: Iterable[Presence]) -> list[int]:
        """The line: who has no talk first, then who is known to be here, gains most, and has waited longest."""
        people = {one.person.id: one for one in waiting}
        gains = bridge.gains(self.problem, people)

        def rank(row: int) -> tuple[int, bool, int, int, int, str, int]:
            free = set(range(1, self.number)) - people[row].away - self.busy.get(row, set())
            person = people[row].person
            return (
                self.talks[row], not self.is_here(row), self.passed_by[row], -gains[row], -len(free), person.number, row
            )  # fmt: skip

        return sorted(people, key=rank)

    def is_here(self, row: int) -> bool:
        """Whether the desk has ticked somebody in."""
        held: Attendance | None = self.ticked.get(row)
        return held is not None and held.state in {"here", "late"}

    def called(self, line: Sequence[int] | None = None, running: Sequence[Running] | None = None) -> list[bridge.Offer]:
        """Who is called where; of a part of the line or of the tables alone without regard to who was passed by."""
        passed = {(one.person_id, one.host) for one in self.notes if one.kind == PASSED and line is None}
        tables = {one.host.public_id: one.table for one in self.running if one.host}
        return bridge.called(
            self.problem,
            self.line if line is None else line,
            number=self.number,
            running=self.running if running is None else running,
            passed={(row, tables.get(host, "")) for row, host in passed},
        )

    def room_at(self, table: Running) -> int:
        """How many places are free at a table now; none where the specialist is away."""
        away = next((one.away for one in self.problem.hosts if one.id == bridge.host_key(_host(table))), frozenset())
        return 0 if self.number in away else max(_host(table).places - len(table.people), 0)

    def place(self, table: Running, called: Person | None) -> Place:
        """One table as the page shows it."""
        return Place(_host(table), table.table, tuple(self._visitors(table)), self.room_at(table), called)

    def _visitors(self, table: Running) -> Iterable[Visitor]:
        for row in self.seats.get(table.table, ()):
            yield Visitor(self.people[row], self._state(row))
        for one in self.places:
            if one.round_no == self.number and one.kind == "visit" and one.table == table.table:
                yield Visitor(one.person, "standby")

    def _state(self, row: int) -> str:
        held = self.ticked.get(row)
        if held is not None and not held.takes_part(self.number):
            return "absent"
        return "lost" if row in self.lost else "missing" if row in self.missing else "planned"

    def waiting(self, row: int) -> Waiting:
        """One of the line as the page shows them."""
        return Waiting(self.people[row], self.talks[row], self.is_here(row))

    def row_of(self, public_id: str) -> int:
        """The row of somebody of the session; nobody else is found."""
        wanted = (row for row, one in self.people.items() if one.public_id == public_id)
        row = next(wanted, None)
        if row is None:
            raise NotFound
        return row

    def table_of(self, public_id: str) -> Running:
        """The table of a specialist of the session."""
        found = next((one for one in self.running if one.host and one.host.public_id == public_id), None)
        if found is None:
            raise NotFound
        return found


def _host(table: Running) -> Host:
    assert table.host is not None
    return table.host
