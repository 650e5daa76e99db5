"""The standby line of one round as it stands at a moment: who waits, where a place is free, and who is called there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp import bridge
from webapp.bridge import Presence, Problem, Running
from webapp.errors import NotFound
from webapp.models import Attendance, HelpPlace, Host, Person, Plan, Seat, StandbyNote
from webapp.operations.plans import clock
from webapp.operations.plans.presence import attendance, expected
from webapp.operations.rounds import help_point
from webapp.operations.rounds.turns import PATIENCE, calls_of, since_begin, turns_of

MINUTE = timedelta(minutes=1)
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
    """A specialist at their table in the round: who belongs there, how many places are free now, who is called.

    `until` is when the next is called instead, on the venue's wall clock; `before` are those who were called so far.
    `open` says that the big screen calls there, too.
    """

    host: Host
    table: str
    visitors: tuple[Visitor, ...]
    free: int
    next: Person | None = None
    until: datetime | None = None
    before: tuple[Person, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the line, with how many talks they have in the session and whether the desk has ticked them in."""

    person: Person
    talks: int
    here: bool


class Case:
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
        self.calls = calls_of(rows, session, number, now)
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

    def called(self) -> list[bridge.Offer]:
        """Whose turn it is where; whoever the big screen calls to a place has their two minutes there."""
        tables = {_host(one).public_id: one.table for one in self.running if one.host}
        passed = {(one.person_id, tables.get(one.host, "")) for one in self.notes if one.kind == PASSED}
        free = {one.table: _starts(self, one) for one in self.running if one.host and self.room_at(one)}
        return bridge.called(
            self.problem, self.line, number=self.number, running=self.running, passed=passed, turns=turns_of(free)
        )

    def fits(self, row: int, table: Running) -> bool:
        """Whether somebody of the line may sit down at a table now, also where they were passed by."""
        return bool(bridge.called(self.problem, [row], number=self.number, running=[table]))

    def room_at(self, table: Running) -> int:
        """How many places are free at a table now; none where the specialist is away."""
        away = next((one.away for one in self.problem.hosts if one.id == bridge.host_key(_host(table))), frozenset())
        return 0 if self.number in away else max(_host(table).places - len(table.people), 0)

    def place(self, table: Running, call: bridge.Offer | None) -> Place:
        """One table as the page shows it."""
        host = _host(table)
        place = Place(host, table.table, tuple(self._visitors(table)), self.room_at(table))
        if call is None:
            return place
        before = tuple(self.people[row] for row in call.before if row not in call.people)
        called = self.people[call.people[0]]
        return replace(
            place, next=called, until=until(self, table.table), before=before, open=host.public_id in self.calls
        )

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


def until(case: Case, table: str) -> datetime:
    """Return when a place that is free now at a table goes to the next in line, on the venue's wall clock."""
    return ends(case, table).astimezone(case.session.event.zone).replace(tzinfo=None)


def ends(case: Case, table: str) -> datetime:
    """Return when the turn of whoever is called to a table ends."""
    held = next(one for one in case.running if one.table == table)
    (ago, _row), *others = _starts(case, held)[::-1]
    if case.since is None and not others:
        begins = clock.round_begins(case.session, case.number, case.now)
        return begins.replace(tzinfo=case.session.event.zone) + PATIENCE
    return case.now + PATIENCE - ago % PATIENCE


def _starts(case: Case, table: Running) -> list[tuple[timedelta, int]]:
    """How long ago turns began anew at a table: as a place fell free, then as somebody was called or sat down there."""
    call = case.calls.get(_host(table).public_id)
    waited = _waited(case, table)
    found = [(_ago(case, call.made_at), call.person_id)] if call else []
    first = max([waited, *(ago for ago, _row in found)])
    sat = (
        _ago(case, one.made_at)
        for one in case.places
        if one.round_no == case.number
        and (one.table == table.table or (call is not None and one.person_id == call.person_id))
    )
    found += [(ago, 0) for ago in sat if ago < first]
    return [(first, 0), *sorted(found, reverse=True)]


def _ago(case: Case, moment: datetime) -> timedelta:
    return max(case.now - moment.replace(tzinfo=UTC), timedelta())


def _waited(case: Case, table: Running) -> timedelta:
    """For how long a place has been free at a table since the round began, as far as the desk has noted it."""
    planned, host = case.seats.get(table.table, ()), _host(table).public_id
    gone = (case.ticked[row] for row in planned if row in case.ticked)
    noted = (one for one in case.notes if one.host == host and (one.kind == PASSED or one.person_id in case.lost))
    moments = [
        case.version.published_at or case.version.made_at,
        *(one.changed_at for one in gone if not one.takes_part(case.number)),
        *(one.made_at for one in case.places if one.round_no == case.number and one.person_id in planned),
        *(one.made_at for one in noted),
    ]
    since = case.since or timedelta()
    most = min(since - PATIENCE if case.lost.intersection(planned) else since, MINUTE * case.session.round_minutes)
    return max(min(_ago(case, max(moments)), most), timedelta())
