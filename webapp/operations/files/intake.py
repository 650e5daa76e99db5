"""What comes in from files: the demo conference."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from webapp.db import transaction
from webapp.errors import Refused
from webapp.exchange.seed import Conference, PersonRow, read_conference
from webapp.exchange.seed_hosts import HostRow
from webapp.models import (
    Absence,
    Event,
    Host,
    HostLanguage,
    HostWish,
    Interest,
    Interpreter,
    InterpreterLanguage,
    KeepApart,
    Organisation,
    Person,
    PersonInterest,
    PersonLanguage,
    Question,
    Region,
    RegionCountry,
    Session,
    Table,
    Translation,
    Wish,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the database holds after loading; `added` says whether this call brought it in."""

    added: bool
    people: int
    organisations: int
    sessions: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """The rows that people point at, by the names the files use."""

    regions: dict[str, Region]
    interests: dict[str, Interest]
    organisations: dict[str, Organisation]


def load_demo(conference: Conference | None = None) -> Loaded:
    """Bring the demo conference into an empty database, all or nothing; as its files say where none is given.

    Where it is there already nothing changes: what was edited or deleted since then stays so. A database with
    another event is refused.
    """
    conference = conference or read_conference()
    with transaction() as rows:
        event = rows.get(Event, 1)
        if event is None:
            _store(rows, conference)
        else:
            _refuse_another_event(rows, event, conference)
        rows.flush()
        return Loaded(event is None, _count(rows, Person), _count(rows, Organisation), _count(rows, Session))


def _refuse_another_event(rows: Rows, event: Event, conference: Conference) -> None:
    if event.deleted_at is not None:
        raise Refused("Everything in this folder was deleted. Give the demo a folder of its own: --data DIR.")
    slugs = [session.slug for session in conference.sessions]
    known = rows.scalar(select(func.count()).select_from(Session).where(Session.slug.in_(slugs))) or 0
    # one or two sessions may be called the same anywhere
    if event.title != conference.event.title and 2 * known < len(slugs):
        raise Refused(
            f"This database holds another event, {event.title!r}, and stays as it is. "
            "Give the demo a folder of its own: --data DIR."
        )


def _count(rows: Rows, kind: type[Person | Organisation | Session]) -> int:
    return rows.scalar(select(func.count()).select_from(kind)) or 0


def _store(rows: Rows, conference: Conference) -> None:
    event = conference.event
    rows.add(
        Event(
            id=1,
            title=event.title,
            venue=event.venue,
            time_zone=event.time_zone,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
            delete_on=event.delete_on,
            preset=event.preset,
            working_languages=list(event.working_languages),
            host_language=event.host_language,
        )
    )
    stored = _Stored(
        regions=_store_regions(rows, conference),
        interests=_store_interests(rows, conference),
        organisations=_store_organisations(rows, conference),
    )
    _store_programme(rows, conference, stored)
    rows.flush()
    _store_people(rows, conference, stored)
    _store_hosts(rows, conference, stored)
    _store_questions(rows, conference)
    _store_interpreters(rows, conference)
    rows.add_all(Translation(words=words, language=code, text=text) for words, code, text in conference.titles)


def _store_regions(rows: Rows, conference: Conference) -> dict[str, Region]:
    regions = {
        row.slug: Region(
            slug=row.slug,
            title=row.title,
            position=at,
            countries=[RegionCountry(country=code) for code in row.countries],
        )
        for at, row in enumerate(conference.regions)
    }
    rows.add_all(regions.values())
    return regions


def _store_interests(rows: Rows, conference: Conference) -> dict[str, Interest]:
    interests = {
        row.slug: Interest(slug=row.slug, heading=row.heading, title=row.title, position=at)
        for at, row in enumerate(conference.interests)
    }
    rows.add_all(interests.values())
    return interests


def _store_organisations(rows: Rows, conference: Conference) -> dict[str, Organisation]:
    organisations = {row.name: Organisation(name=row.name, country=row.country) for row in conference.organisations}
    rows.add_all(organisations.values())
    return organisations


def _store_programme(rows: Rows, conference: Conference, stored: _Stored) -> None:
    for row in conference.sessions:
        tables = [table for table in conference.tables if table.session == row.slug]
        rows.add(
            Session(
                event_id=1,
                slug=row.slug,
                title=row.title,
                summary=row.summary,
                format=row.format,
                room=row.room,
                starts=row.starts,
                ends=row.ends,
                audience=row.audience,
                audience_region=stored.regions[row.region] if row.region else None,
                rounds=row.rounds,
                round_minutes=row.round_minutes,
                change_minutes=row.change_minutes,
                same_organisation=row.same_organisation,
                shared_language=row.shared_language,
                regions=row.regions,
                tables=[
                    Table(name=table.name, position=at, zone=table.zone) for at, table in enumerate(tables, start=1)
                ],
            )
        )


def _store_people(rows: Rows, conference: Conference, stored: _Stored) -> None:
    people = {row.number: _person(row, stored) for row in conference.people}
    rows.add_all(people.values())
    rows.flush()
    for row in conference.people:
        people[row.number].wishes = [
            _wish(at, kind, whom, people=people, stored=stored) for at, (kind, whom) in enumerate(row.wishes)
        ]
    for pair in conference.keep_apart:
        one, other = sorted(people[number].id for number in pair)
        rows.add(KeepApart(one_id=one, other_id=other))


def _person(row: PersonRow, stored: _Stored) -> Person:
    sides = (("offers", row.offers), ("seeks", row.seeks))
    return Person(
        number=row.number,
        name=row.name,
        latin=row.latin,
        organisation=stored.organisations[row.organisation],
        role=row.role,
        country=row.country,
        seated=row.seated,
        first_time=row.first_time,
        languages=[PersonLanguage(code=code, position=at) for at, code in enumerate(row.languages)],
        regions=[stored.regions[slug] for slug in row.regions],
        interests=[
            PersonInterest(interest=stored.interests[slug], side=side) for side, slugs in sides for slug in slugs
        ],
        absences=[Absence(starts=starts, ends=ends) for starts, ends in row.away],
    )


def _wish(position: int, kind: str, whom: str, *, people: dict[str, Person], stored: _Stored) -> Wish:
    if kind == "person":
        return Wish(position=position, wished_person_id=people[whom].id)
    if kind == "organisation":
        return Wish(position=position, organisation=stored.organisations[whom])
    if kind == "region":
        return Wish(position=position, region=stored.regions[whom])
    return Wish(position=position, role=whom)


def _store_hosts(rows: Rows, conference: Conference, stored: _Stored) -> None:
    sessions = {session.slug: session.id for session in rows.scalars(select(Session))}
    people = {person.number: person.id for person in rows.scalars(select(Person))}
    for at, row in enumerate(conference.hosts, start=1):
        host = _host(row, stored)
        host.session_id, host.person_id, host.position = sessions[row.session], people.get(row.number), at
        rows.add(host)


def _host(row: HostRow, stored: _Stored) -> Host:
    return Host(
        name=row.name,
        latin=row.latin,
        title=row.title,
        note=row.note,
        organisation=stored.organisations[row.organisation] if row.organisation else None,
        table=row.table,
        places=row.places,
        min_places=row.min_places,
        away=list(row.away),
        languages=[HostLanguage(code=code, position=at) for at, code in enumerate(row.languages)],
        topics=[stored.interests[slug] for slug in row.topics],
    )


def _store_questions(rows: Rows, conference: Conference) -> None:
    sessions = {session.slug: session.id for session in rows.scalars(select(Session))}
    people = {person.number: person.id for person in rows.scalars(select(Person))}
    hosts = {(host.session_id, host.table): host.id for host in rows.scalars(select(Host))}
    for row in conference.questions:
        session, person = sessions[row.session], people[row.number]
        rows.add_all(
            HostWish(person_id=person, host_id=hosts[session, table], position=at)
            for at, table in enumerate(row.tables)
        )
        if row.text:
            rows.add(Question(person_id=person, session_id=session, text=row.text))


def _store_interpreters(rows: Rows, conference: Conference) -> None:
    sessions = {session.slug: session for session in rows.scalars(select(Session))}
    for row in conference.interpreters:
        rows.add(
            Interpreter(
                name=row.name,
                latin=row.latin,
                most_in_a_row=row.most_in_a_row,
                languages=[InterpreterLanguage(code=code, position=at) for at, code in enumerate(row.languages)],
                sessions=[sessions[slug] for slug in row.sessions],
            )
        )
