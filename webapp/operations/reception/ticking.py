"""The door of a session: find somebody, tick them in, take it back within minutes. All that a helper may do."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor, audience_of
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Attendance, Host, Person, Session
from webapp.models.people import folded
from webapp.operations.guests.finding import fits, number_in
from webapp.operations.plans import presence
from webapp.operations.plans.planning import find_session
from webapp.operations.rounds import floor
from webapp.operations.rounds.floor import EXPECTED, Mark

MOST_FOUND, FEWEST_LETTERS, LONGEST_SEARCH = 8, 2, 200
MAY_UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Door:
    """How many people are expected still, here, late and absent; those who were found, with how it stands."""

    session: Session
    counts: Counter[str]
    found: Sequence[tuple[Person, str]]
    too_short: bool
    more: bool


def door_of(slug: str, *, by: Actor) -> Session:
    """Return the session at this address; for whoever may not tick people in there, there is none."""
    session = find_session(slug)
    if not floor.may_tick(by, session):
        raise NotFound
    return session


def look(session: Session, typed: str = "") -> Door:
    """Return the door with the few people whom what was typed finds: a number, or first letters of a name."""
    people, ticked = _expected(session), presence.attendance(db.session(), session.id)
    states = {one.id: ticked[one.id].state if one.id in ticked else EXPECTED for one in people}
    query = folded(typed[:LONGEST_SEARCH]).strip()
    letters = sum(unicodedata.category(c)[0] in "LMN" for c in query)
    enough = letters >= FEWEST_LETTERS
    found = [one for one in people if enough and fits(query, number=one.number, names=(one.name, one.latin))]
    found.sort(key=lambda one: (one.number != query, one.sort_name))
    return Door(
        session=session,
        counts=Counter(states.values()),
        found=[(one, states[one.id]) for one in found[:MOST_FOUND]],
        too_short=bool(query) and not enough,
        more=len(found) > MOST_FOUND,
    )


def _expected(session: Session) -> list[Person]:
    """Everybody whom the audience takes in, but for those who are visited."""
    visited = set(db.session.scalars(select(Host.person_id).where(Host.session_id == session.id)))
    everybody = db.session.scalars(
        select(Person).options(selectinload(Person.regions), joinedload(Person.organisation))
    )
    return [person for person in audience_of(session, everybody) if person.id not in visited]


def find_by_number(session: Session, typed: str) -> Person:
    """Return whose event number was typed or scanned, in digits of any script; refuse with what to do."""
    text = typed[:LONGEST_SEARCH]
    number = number_in(text)
    if not number and "://" in text:
        raise NotFound(
            _("This code says where Rondo is, not whose it is. Type the event number that stands beside it.")
        )
    for person in _expected(session):
        if person.number == number:
            return person
    raise NotFound(_("This number is not on the list of this session. Look at it once more, or ask at the desk."))


def find_by_id(session: Session, public_id: str) -> Person:
    """Return somebody of the session by public id."""
    for person in _expected(session):
        if person.public_id == public_id:
            return person
    raise NotFound(_("This person is no longer on the list of this session. Search again, or ask at the desk."))


def tick_in(session: Session, person: Person, *, by: Actor, now: datetime) -> Mark:
    """Tick somebody in; return how it stood before. Whoever is here already stays as they are."""
    if not floor.may_tick(by, session):
        raise NotFound
    before = Mark.of(db.session.get(Attendance, (session.id, person.id)))
    if before.state != "here":
        floor.tick(session.id, [person.public_id], "here", by=by, now=now)
    return before


def take_back(session: Session, public_id: str, before: Mark, *, by: Actor, since: datetime, now: datetime) -> None:
    """Let it stand with somebody as it did before the actor ticked them in at `since`; for some minutes only.

    What somebody else has changed in the meantime stays.
    """
    if not floor.may_tick(by, session):
        raise NotFound
    if now - since > MAY_UNDO_FOR:
        raise NotNow(_("This was some time ago. Ask at the desk to change it."))
    with transaction() as rows:
        held = select(Attendance).join(Attendance.person)
        row = rows.scalar(held.where(Attendance.session_id == session.id, Person.public_id == public_id))
        if Mark.of(row) == before:
            return
        if row is None or (row.state, row.changed_by) != ("here", by.name):
            raise NotNow(_("Somebody else has changed this in the meantime. Ask at the desk."))
        if before.state == EXPECTED:
            rows.delete(row)
        else:
            row.state, row.first_round, row.last_round = before.state, before.first_round, before.last_round
