"""Walk-ins: somebody who was not on the list, with as much of a profile as ten seconds give."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.models import Interest, Person, PersonInterest, Session
from webapp.operations.event import organisations
from webapp.operations.guests import people
from webapp.operations.plans import planning
from webapp.operations.plans.clock import begun
from webapp.operations.rounds import floor


@dataclass(frozen=True, slots=True)
class WalkIn:
    """What the desk types of somebody; topics by slug, languages the best first."""

    name: str
    latin: str
    languages: tuple[str, ...]
    organisation: str = ""
    seeks: str = ""
    offers: str = ""


def add(session_id: int, values: WalkIn, *, sure: bool = False, by: Actor, now: datetime) -> str:
    """Add a person with an event number, ticked as here from the next round on; return the public id.

    They belong to the session's audience. Somebody of the same name and organisation is asked back once, so that a
    double tap adds nobody twice.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        if session is None:
            raise NotFound
        return enter(rows, session, values, sure=sure, by=by, now=now).public_id


def enter(rows: Rows, session: Session, values: WalkIn, *, sure: bool, by: Actor, now: datetime) -> Person:
    """Do the same in a transaction that is open; return the person."""
    if not sure:
        for number in people.numbers_of(rows, values.name, values.organisation):
            raise BadInput(people.same_person(number), "name")
    person = people.new_person(rows)
    _fill(rows, session, person, values)
    rows.add(person)
    rows.flush()
    mark = floor.Mark("here", begun(session, now) + 1)
    floor.write(rows, session, [person], "here", by=by, given=mark, now=now)
    return person


def topics() -> list[Interest]:
    """Return what can be sought and offered, in order."""
    wanted = select(Interest).where(~Interest.retired).order_by(Interest.position, Interest.id)
    return list(db.session.scalars(wanted))


def _fill(rows: Rows, session: Session, person: Person, values: WalkIn) -> None:
    person.name, person.latin = values.name, values.latin
    person.role = "member" if session.audience == "members" else "guest"
    if session.audience_region is not None:
        person.regions = [session.audience_region]
    if values.organisation:
        person.organisation = organisations.called(rows, values.organisation)
    people.write_languages(person, values.languages)
    wanted = (("seeks", values.seeks), ("offers", values.offers))
    known = {topic.slug: topic for topic in rows.scalars(select(Interest).where(~Interest.retired))}
    person.interests = [PersonInterest(interest=known[slug], side=side) for side, slug in wanted if slug in known]
