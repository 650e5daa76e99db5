"""Loading the demo conference into a real database: whole, once, or not at all."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.webapp import factories as make
from webapp.db import Row, db, transaction
from webapp.errors import Refused
from webapp.exchange.seed import read_conference
from webapp.models import Event, Host, HostWish, Interpreter, KeepApart, Organisation, Person, Question, Session
from webapp.operations.files.intake import Loaded, load_demo


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, in a fixed order."""
    db.session.rollback()
    return {
        name: sorted(tuple(map(repr, row)) for row in db.session.execute(select(table)))
        for name, table in Row.metadata.tables.items()
    }


def find_person(latin: str) -> Person:
    return db.session.scalars(select(Person).where(Person.latin == latin)).one()


def session_called(slug: str) -> Session:
    return db.session.scalars(select(Session).where(Session.slug == slug)).one()


@pytest.mark.usefixtures("app")
def test_the_whole_conference_is_stored() -> None:
    assert load_demo() == Loaded(added=True, people=213, organisations=96, sessions=14)
    event = db.session.get(Event, 1)
    assert event is not None
    assert (event.time_zone, event.preset, event.host_language) == ("Asia/Phnom_Penh", "open", "km")
    dating = session_called("speed-dating")
    assert (dating.format, dating.rounds, dating.round_minutes, dating.change_minutes) == ("pairs", 7, 6, 2)
    assert [dating.tables[at].name for at in (0, 1, 4, 107)] == ["1A", "1B", "2A", "27D"]
    africa = session_called("regional-africa")
    assert (africa.audience, africa.audience_region and africa.audience_region.slug) == ("region", "africa")
    assert session_called("general-meeting").audience == "members"


@pytest.mark.usefixtures("app")
def test_every_person_is_stored_as_the_file_says() -> None:
    load_demo()
    conference = read_conference()
    stored = {person.number: person for person in db.session.scalars(select(Person))}
    numbers = {person.id: person.number for person in stored.values()}
    for row in conference.people:
        person = stored[row.number]
        assert (person.name, person.latin, person.role, person.country) == (row.name, row.latin, row.role, row.country)
        assert person.organisation is not None
        assert person.organisation.name == row.organisation
        assert (person.seated, person.first_time) == (row.seated, row.first_time)
        assert tuple(language.code for language in person.languages) == row.languages
        assert {region.slug for region in person.regions} == set(row.regions)
        for side, slugs in (("offers", row.offers), ("seeks", row.seeks)):
            assert {mine.interest.slug for mine in person.interests if mine.side == side} == set(slugs)
        assert tuple((absence.starts, absence.ends) for absence in person.absences) == tuple(sorted(row.away))
        wishes = []
        for wish in person.wishes:
            if wish.wished_person_id is not None:
                wishes.append(("person", numbers[wish.wished_person_id]))
            elif wish.organisation is not None:
                wishes.append(("organisation", wish.organisation.name))
            elif wish.region is not None:
                wishes.append(("region", wish.region.slug))
            else:
                wishes.append(("role", str(wish.role)))
        assert tuple(wishes) == row.wishes
    pairs = {
        frozenset((numbers[pair.one_id], numbers[pair.other_id])) for pair in db.session.scalars(select(KeepApart))
    }
    assert pairs == {frozenset(pair) for pair in conference.keep_apart}


@pytest.mark.usefixtures("app")
def test_who_is_visited_and_who_interprets_is_stored_as_the_files_say() -> None:
    load_demo()
    conference = read_conference()
    stored = {(host.session.slug, host.table): host for host in db.session.scalars(select(Host))}
    assert len(stored) == len(conference.hosts) == 22
    for row in conference.hosts:
        host = stored[row.session, row.table]
        assert (host.name, host.latin, host.title, host.note) == (row.name, row.latin, row.title, row.note)
        assert (host.places, host.min_places, tuple(host.away)) == (row.places, row.min_places, row.away)
        assert host.organisation is not None
        assert host.organisation.name == row.organisation
        assert (host.person.number if host.person else "") == row.number
        assert tuple(language.code for language in host.languages) == row.languages
        assert {topic.slug for topic in host.topics} == set(row.topics)
    assert [host.table for host in session_called("meet-the-specialist").hosts][-1] == "S10"
    voices = {one.name: one for one in db.session.scalars(select(Interpreter))}
    assert len(voices) == len(conference.interpreters) == 4
    for line in conference.interpreters:
        voice = voices[line.name]
        assert (voice.latin, voice.most_in_a_row) == (line.latin, line.most_in_a_row)
        assert tuple(language.code for language in voice.languages) == line.languages
        assert {session.slug for session in voice.sessions} == set(line.sessions)


@pytest.mark.usefixtures("app")
def test_what_people_ask_and_whom_they_would_like_to_see_is_stored_as_the_file_says() -> None:
    load_demo()
    people = {one.id: one.number for one in db.session.scalars(select(Person))}
    tables = {one.id: one.table for one in db.session.scalars(select(Host))}
    asked = {people[one.person_id]: (one.session.slug, one.text) for one in db.session.scalars(select(Question))}
    wished: dict[str, tuple[str, ...]] = {}
    for one in db.session.scalars(select(HostWish).order_by(HostWish.position)):
        wished[people[one.person_id]] = (*wished.get(people[one.person_id], ()), tables[one.host_id])
    rows = read_conference().questions
    assert asked == {row.number: (row.session, row.text) for row in rows}
    assert wished == {row.number: row.tables for row in rows}


@pytest.mark.usefixtures("app")
def test_loading_twice_changes_nothing() -> None:
    load_demo()
    before = everything()
    assert load_demo() == Loaded(added=False, people=213, organisations=96, sessions=14)
    assert everything() == before
    assert len(before["person"]) == 213


@pytest.mark.usefixtures("app")
def test_what_was_changed_since_stays_changed() -> None:
    load_demo()
    with transaction() as rows:
        rows.delete(find_person("Malin Oberg"))
        find_person("Kim Ratana").name = "រតនា"
        session_called("speed-dating").starts = datetime.fromisoformat("2013-06-19T14:10")
        event = rows.get(Event, 1)
        assert event is not None
        event.title = "Our conference"
    before = everything()
    assert load_demo() == Loaded(added=False, people=212, organisations=96, sessions=14)
    assert everything() == before


@pytest.mark.usefixtures("app")
def test_a_database_with_another_event_is_refused_and_stays_as_it_is() -> None:
    days = dict.fromkeys(("starts_on", "ends_on", "delete_on"), date(2013, 7, 1))
    with transaction() as rows:
        rows.add(Event(id=1, title="Another meeting", time_zone="Asia/Bangkok", **days))
    before = everything()
    with pytest.raises(Refused, match="holds another event, 'Another meeting'"):
        load_demo()
    assert everything() == before


@pytest.mark.usefixtures("app")
def test_an_event_with_a_session_of_the_same_name_is_no_demo() -> None:
    make.store(make.event(title="Another meeting"), make.session(slug="speed-dating"), make.session(slug="cyberspace"))
    before = everything()
    with pytest.raises(Refused, match="holds another event, 'Another meeting'"):
        load_demo()
    assert everything() == before


@pytest.mark.usefixtures("app")
def test_a_failure_half_way_leaves_nothing_behind() -> None:
    conference = read_conference()
    last = conference.keep_apart[-1]
    twice = replace(conference, keep_apart=(*conference.keep_apart, (last[1], last[0])))
    before = everything()
    with pytest.raises(IntegrityError):
        load_demo(twice)
    assert everything() == before
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0
    assert load_demo(conference).added
