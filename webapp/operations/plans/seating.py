"""What the desk reads of a draft, round by round: who sits at which table, who is free, and where there is a place."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import bridge
from webapp.db import db
from webapp.models import Host, Interpreter, Meeting, Person, Plan, Seat
from webapp.models.people import folded
from webapp.models.programme import HOSTED
from webapp.operations.guests.finding import LONGEST_SEARCH, fits
from webapp.operations.plans import planning
from webapp.operations.plans.presence import expected


@dataclass(frozen=True, slots=True)
class Line:
    """One table of a round: who sits there, whom they visit, and who interprets; None for who has gone since."""

    meeting: Meeting
    people: tuple[Person, ...]
    host: Host | None
    interpreter: Interpreter | None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a draft, or what a search finds of it; `tables` are all there are, whoever sits there."""

    number: int
    lines: tuple[Line, ...]
    free: tuple[Person, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A table with free places; `host` is who is visited there."""

    table: str
    free: int
    host: Host | None


@dataclass(frozen=True, slots=True)
class Choices:
    """Where somebody sits in a round, and where they could: free places, and people to change places with."""

    own: Line | None
    places: tuple[Place, ...]
    others: tuple[tuple[Person, str], ...]


def round_of(plan: Plan, number: int, typed: str = "") -> Round:
    """Return one round of a draft; `typed` narrows it to the tables of those it finds."""
    session = plan.session
    lines = _lines(plan, number)
    sitting = {person.id for line in lines for person in line.people}
    there = (one.person for one in expected(db.session(), session) if number not in one.away)
    free = sorted((person for person in there if person.id not in sitting), key=_by_name)
    query = typed[:LONGEST_SEARCH].strip()
    return Round(
        number=number,
        lines=tuple(one for one in lines if not query or any(_found(query, person) for person in one.people)),
        free=tuple(person for person in free if not query or _found(query, person)),
        tables=() if session.format in HOSTED else bridge.open_tables(session),
    )


def choices(plan: Plan, number: int, person: Person) -> Choices:
    """Return where somebody could sit in a round; what is locked is left out, what a rule forbids is not."""
    session, there = plan.session, expected(db.session(), plan.session)
    planning.load_whole(db.session(), plan)
    held = bridge.standing(planning.problem_now(db.session(), session, there), plan)
    lines = _lines(plan, number)
    own = next((line for line in lines if person in line.people), None)
    hosts = dict(zip(held.tables, session.hosts, strict=False)) if session.format in HOSTED else {}
    shut = {line.meeting.table for line in lines if line.meeting.locked or line is own}
    places = (
        Place(table, count, hosts.get(table)) for table, count in bridge.places(held, number) if table not in shut
    )
    at = {other.id: line.meeting.table for line in lines for other in line.people}
    others = (one.person for one in there if number not in one.away and one.person.id != person.id)
    open_ = (
        other for other in others if at.get(other.id) not in shut and not (own is None and _alone(at, other, hosts))
    )
    return Choices(
        own=own,
        places=tuple(places),
        others=tuple((other, at.get(other.id, "")) for other in sorted(open_, key=_by_name)),
    )


def _alone(at: dict[int, str], other: Person, hosts: dict[str, Host]) -> bool:
    """Whether two who have no table would change nothing: where people come to hosts they do not meet each other."""
    return bool(hosts) and other.id not in at


def _lines(plan: Plan, number: int) -> tuple[Line, ...]:
    hosts = {one.public_id: one for one in plan.session.hosts}
    helping = {one.public_id: one for one in plan.session.interpreters}
    meetings = db.session.scalars(
        select(Meeting)
        .where(Meeting.plan_id == plan.id, Meeting.round_no == number)
        .options(selectinload(Meeting.seats).options(joinedload(Seat.person)))
        .order_by(Meeting.position, Meeting.table)
    )
    return tuple(
        Line(
            one,
            tuple(seat.person for seat in one.seats),
            hosts.get(one.host or ""),
            helping.get(one.interpreter or ""),
        )
        for one in meetings
    )


def _found(query: str, person: Person) -> bool:
    return fits(query, number=person.number, names=(person.name, person.latin))


def _by_name(person: Person) -> tuple[str, str]:
    return folded(person.latin or person.name), person.number
