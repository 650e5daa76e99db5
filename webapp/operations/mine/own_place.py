"""One's own place in the standby line: how far one is, a place that is free now, taking it and giving it back.

The desk decides who is next (`standby`); whoever is called there may take the place on their own phone, too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.access import Actor, may_attend
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Event, HelpPlace, Host, Person, Plan, Seat, Session
from webapp.operations.plans import clock
from webapp.operations.profile import host_wishes
from webapp.operations.rounds import calls, standby
from webapp.operations.rounds.line_now import line_now
from webapp.operations.rounds.turns import PATIENCE

AHEAD = timedelta(minutes=30)
MARK = 16


@dataclass(frozen=True, slots=True)
class Freed:
    """A place that is the reader's to take, until the next is called; times on the venue's wall clock."""

    host: str
    name: str
    about: str
    table: str
    number: int
    starts: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A place that the reader has got from the line; one that they took themselves they `may_return`."""

    host: Host
    table: str
    number: int
    starts: datetime
    ends: datetime
    is_over: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How the reader stands in the line for round `number`: the `rank` counts from 1, and is 0 where they do not wait.

    `is_live`: the room is at it, so that this changes from one minute to the next.
    """

    number: int
    rank: int
    freed: Freed | None
    taken: tuple[Taken, ...]
    is_live: bool

    @property
    def stamp(self) -> str:
        """A short text that differs where the reader would read something else, and says nothing more."""
        taken = [
            (one.host.public_id, one.table, one.number, one.starts, one.ends, one.is_over, one.may_return)
            for one in self.taken
        ]
        told = (self.number, self.rank, self.freed, taken, self.is_live)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:MARK]


def standing(session: Session, event: Event, person: Person, *, now: datetime) -> Standing | None:
    """Return how the person stands in a session's line; None where nothing is published."""
    version = db.session.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
    if version is None or session.format != "clinics":
        return None
    number = standby.round_at(session, version, now=now)
    wall = now.astimezone(event.zone).replace(tzinfo=None)
    over = clock.is_over(session, version.rounds, now)
    taken = _taken(session, person, wall, now)
    live = not over and clock.round_begins(session, 1, now) - AHEAD <= wall
    if over or any(one.number == number for one in taken) or _is_seated(version, person, number):
        return Standing(number, 0, None, taken, live)
    line = line_now(session, version, number, now)
    rank = line.order.index(person.id) + 1 if person.id in line.order else 0
    call = line.offers.get(person.id) if rank else None
    host = next((one for one in session.hosts if call and one.public_id == call.host), None)
    freed = None
    if call is not None and host is not None and not _is_nearly_over(session, number, now):
        who = host_wishes.told(event, host)
        starts = clock.round_begins(session, number, now)
        freed = Freed(who.public_id, who.name, who.about, call.table, number, starts, call.until)
    return Standing(number, rank, freed, taken, live)


def take(slug: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Take a place that is free where it is the actor's turn; twice is fine. All else is refused in the same words.

    It is noted as the desk notes who sits down, in one transaction with the look at whose turn it is.
    """
    with transaction() as rows:
        session, person = _of(slug, by)
        held = rows.get(HelpPlace, (session.id, number, person.id))
        if held is not None and held.host == host:
            return
        case = standby.case_at(rows, session.id, number, now)
        mine = [one for one in case.called() if one.people == (person.id,) and one.host and one.host.public_id == host]
        now_on = number == standby.round_at(session, case.version, now=now)
        if not mine or not now_on or _is_nearly_over(session, number, now):
            raise NotNow(_("This place is not free for you any more. Nothing is lost: you stay in line as before."))
        calls.forget(rows, session.id, host)
        rows.add(
            HelpPlace(
                session_id=session.id, round_no=number, person_id=person.id, kind="visit", table=mine[0].table,
                host=host, made_by=person.number,
            )
        )  # fmt: skip


def give_back(slug: str, host: str, *, number: int, by: Actor, now: datetime) -> None:
    """Give back a place that the actor took themselves, while its round is not over; twice is fine."""
    with transaction() as rows:
        session, person = _of(slug, by)
        held = rows.get(HelpPlace, (session.id, number, person.id))
        if held is None or held.kind != "visit" or held.host != host:
            return
        if held.made_by != person.number or clock.has_ended(session, number, now):
            raise NotNow(_("Only the desk can change this now."))
        rows.delete(held)


def leave(slug: str, _host: str, *, number: int, by: Actor, now: datetime) -> None:  # noqa: ARG001
    """Change nothing; refused like the others where there is no such session for the actor."""
    _of(slug, by)


def _of(slug: str, by: Actor) -> tuple[Session, Person]:
    session = db.session.scalar(select(Session).where(Session.slug == slug, Session.format == "clinics"))
    person = db.session.get(Person, by.person.id) if by.person else None
    if session is None or person is None or not may_attend(person, session):
        raise NotFound
    return session, person


def _is_seated(version: Plan, person: Person, number: int) -> bool:
    here = (Seat.plan_id == version.id, Seat.person_id == person.id, Seat.round_no == number)
    return db.session.scalar(select(Seat.person_id).where(*here)) is not None


def _is_nearly_over(session: Session, number: int, now: datetime) -> bool:
    """Whether a round has less time left than somebody is given to come."""
    wall = now.astimezone(session.event.zone).replace(tzinfo=None)
    return clock.round_over(session, number, now) - wall < PATIENCE


def _taken(session: Session, person: Person, wall: datetime, now: datetime) -> tuple[Taken, ...]:
    mine: Sequence[tuple[HelpPlace, Host]] = [
        (place, host)
        for place, host in db.session.execute(
            select(HelpPlace, Host)
            .join(Host, Host.public_id == HelpPlace.host)
            .where(HelpPlace.session_id == session.id, HelpPlace.person_id == person.id, HelpPlace.kind == "visit")
            .order_by(HelpPlace.round_no)
        )
    ]
    found = []
    for place, host in mine:
        starts, ends = (told(session, place.round_no, now) for told in (clock.round_begins, clock.round_over))
        own = place.made_by == person.number
        found.append(Taken(host, place.table, place.round_no, starts, ends, ends <= wall, own and wall < ends))
    return tuple(found)
