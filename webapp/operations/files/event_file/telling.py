"""The house as a book: every row of every sheet, as text."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.models import (
    Event,
    Host,
    HostWish,
    Interest,
    Interpreter,
    InterpreterSession,
    Organisation,
    Person,
    PersonInterest,
    Question,
    Region,
    RemovedInterest,
    Session,
    Translation,
    Wish,
)
from webapp.operations.event.programme import make_slug
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.cells import told
from webapp.operations.files.event_file.plans_told import names_of, plans

Book = Mapping[str, tuple[Record, ...]]


def house(rows: Rows) -> Book:
    """Return all that an event file holds of this house, sheet by sheet; sheets without rows are empty.

    Whether its plans fit is not told yet.
    """
    people = _people(rows)
    hosts = _hosts(rows)
    keys = keys_of(hosts)
    numbers = {person.id: person.number for person in people}
    sessions = rows.scalars(select(Session).options(*_of_sessions()).order_by(Session.starts, Session.ends, Session.id))
    found: dict[str, Iterable[dict[str, Any]]] = {"event": _event(rows)}
    found |= _lists(rows)
    found |= _programme(list(sessions))
    found["people"] = (_person(person) for person in people)
    found["wishes"] = (wish for person in people for wish in _wishes(person, numbers))
    found["absences"] = (
        {"number": person.number, "starts": one.starts, "ends": one.ends}
        for person in people
        for one in sorted(person.absences, key=lambda one: (one.starts, one.ends))
    )
    found[book.HOSTS.name] = (_host(host, keys) for host in hosts)
    found |= _said_in_sessions(people, {host.id: host for host in hosts}, keys)
    found |= _interpreters(rows)
    found |= plans(rows, names_of(rows, people, {host.public_id: keys[host.id] for host in hosts}))
    return {sheet.name: tuple(_records(sheet, found[sheet.name])) for sheet in book.SHEETS}


def _records(sheet: Sheet, rows: Iterable[dict[str, Any]]) -> Iterator[Record]:
    """Give the rows in their order, no two about the same."""
    seen: set[object] = set()
    for values in rows:
        row = values.get("")
        record = {
            column.name: told(values[column.name] if column.name in values else getattr(row, column.name))
            for column in sheet.columns
        }
        if sheet.key(record) not in seen:
            seen.add(sheet.key(record))
            yield record


def _row(row: Any, **values: Any) -> dict[str, Any]:
    """A row whose columns are its attributes but for some."""
    return {"": row, **values}


# --- the event and its lists -----------------------------------------------------------------------------------------


def _event(rows: Rows) -> list[dict[str, Any]]:
    event = rows.get(Event, 1)
    removed = rows.scalars(select(RemovedInterest.number).order_by(RemovedInterest.number))
    return [] if event is None else [_row(event, removed_interests=list(removed))]


def _lists(rows: Rows) -> dict[str, Iterable[dict[str, Any]]]:
    regions = rows.scalars(select(Region).options(selectinload(Region.countries)).order_by(Region.position, Region.id))
    interests = rows.scalars(select(Interest).order_by(Interest.position, Interest.id))
    houses = rows.scalars(select(Organisation).order_by(Organisation.id))
    return {
        "regions": [_row(one, countries=sorted(held.country for held in one.countries)) for one in regions],
        "interests": [_row(one, number=one.id) for one in interests],
        "organisations": [_row(one) for one in houses],
        "titles": [_row(one) for one in rows.scalars(select(Translation).order_by(*Translation.__table__.primary_key))],
    }


def _of_sessions() -> tuple[Any, ...]:
    return (joinedload(Session.audience_region), selectinload(Session.tables))


def _programme(sessions: list[Session]) -> dict[str, Iterable[dict[str, Any]]]:
    return {
        "sessions": [
            _row(one, audience_region=one.audience_region.slug if one.audience_region else "") for one in sessions
        ],
        "tables": [_row(table, session=one.slug) for one in sessions for table in one.tables],
    }


# --- people ----------------------------------------------------------------------------------------------------------


def _people(rows: Rows) -> list[Person]:
    """Everybody, in the order in which they came."""
    return list(
        rows.scalars(
            select(Person)
            .options(
                joinedload(Person.organisation),
                selectinload(Person.languages),
                selectinload(Person.regions),
                selectinload(Person.interests).joinedload(PersonInterest.interest),
                selectinload(Person.wishes).options(joinedload(Wish.organisation), joinedload(Wish.region)),
                selectinload(Person.absences),
                selectinload(Person.questions).joinedload(Question.session),
                selectinload(Person.host_wishes),
            )
            .order_by(Person.id)
        )
    )


def _person(person: Person) -> dict[str, Any]:
    topics = {
        side: sorted(own.interest.slug for own in person.interests if own.side == side) for side in ("offers", "seeks")
    }
    return _row(
        person,
        organisation=person.organisation.name if person.organisation else "",
        regions=sorted(region.slug for region in person.regions),
        languages=[language.code for language in person.languages],
        **topics,
    )


def _wishes(person: Person, numbers: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    for wish in person.wishes:
        if wish.wished_person_id is not None:
            kind, whom = "person", numbers[wish.wished_person_id]
        elif wish.organisation is not None:
            kind, whom = "organisation", wish.organisation.name
        elif wish.region is not None:
            kind, whom = "region", wish.region.slug
        elif wish.text is not None:
            kind, whom = "name", wish.text
        else:
            kind, whom = "role", wish.role or ""
        yield {"number": person.number, "kind": kind, "whom": whom, "position": wish.position}


# --- whoever is visited, and who interprets --------------------------------------------------------------------------


def _hosts(rows: Rows) -> list[Host]:
    return list(
        rows.scalars(
            select(Host)
            .options(
                joinedload(Host.session),
                joinedload(Host.organisation),
                selectinload(Host.languages),
                selectinload(Host.topics),
            )
            .join(Host.session)
            .order_by(Session.starts, Session.ends, Session.id, Host.position, Host.id)
        )
    )


def keys_of(hosts: Iterable[Host]) -> dict[int, str]:
    """Return a short name for each host, by row id: made of what they are called, and nobody else's in the session."""
    taken: dict[int, set[str]] = defaultdict(set)
    found: dict[int, str] = {}
    for host in hosts:
        called = host.title if host.session.format == "stations" else host.latin or host.name
        found[host.id] = make_slug(called, taken=taken[host.session_id], otherwise="host")
        taken[host.session_id].add(found[host.id])
    return found


def _host(host: Host, keys: Mapping[int, str]) -> dict[str, Any]:
    return _row(
        host,
        session=host.session.slug,
        key=keys[host.id],
        organisation=host.organisation.name if host.organisation else "",
        number=host.person.number if host.person else "",
        languages=[language.code for language in host.languages],
        topics=sorted(topic.slug for topic in host.topics),
        away=sorted(host.away),
    )


def _said_in_sessions(
    people: Iterable[Person], hosts: Mapping[int, Host], keys: Mapping[int, str]
) -> dict[str, Iterable[dict[str, Any]]]:
    wishes: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []

    def wished(number: str, wish: HostWish) -> dict[str, Any]:
        slug = hosts[wish.host_id].session.slug
        return {"number": number, "session": slug, "key": keys[wish.host_id], "position": wish.position}

    for person in people:
        wishes += (wished(person.number, wish) for wish in person.host_wishes)
        asked = sorted(person.questions, key=lambda one: one.session.slug)
        questions += ({"number": person.number, "session": one.session.slug, "text": one.text} for one in asked)
    return {book.HOST_WISHES.name: wishes, "questions": questions}


def _interpreters(rows: Rows) -> dict[str, Iterable[dict[str, Any]]]:
    everyone = rows.scalars(select(Interpreter).options(selectinload(Interpreter.languages)).order_by(Interpreter.id))
    work = rows.execute(
        select(InterpreterSession, Interpreter.name, Session.slug)
        .join(Interpreter, Interpreter.id == InterpreterSession.interpreter_id)
        .join(Session, Session.id == InterpreterSession.session_id)
        .order_by(Interpreter.id, Session.starts, Session.ends, Session.id)
    )
    return {
        "interpreters": [_row(one, languages=[language.code for language in one.languages]) for one in everyone],
        book.INTERPRETER_SESSIONS.name: [_row(one, name=name, session=slug) for one, name, slug in work],
    }
