"""My contacts: how to reach me and my notes, saved as one goes, read by nobody else."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy.record_queries import get_recorded_queries

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.holding import publish
from tests.webapp.profile_page import error_beside, fields_of, form_of, post, save
from tests.webapp.test_contacts import AFTER, BEFORE, anna, at, both_say, me, say
from tests.webapp.test_my_rounds import arrange
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Contact, Event, MeetingNote, Person, Session
from webapp.operations.meetings import contacts
from webapp.operations.mine.contact_page import open_contacts

PAGE = "/me/contacts"
LITERAL_QUERIES = 32
FIXTURES = (anna, at, me)


@pytest.fixture
def mine(me: Person, visitor: Visitor, at: Callable[[datetime], None]) -> FlaskClient:
    at(BEFORE)
    return visitor.participant(me)


def reach(me: Person) -> str:
    db.session.rollback()
    own = db.session.get(Contact, me.id)
    return own.text if own else ""


def notes(me: Person) -> dict[int, str]:
    db.session.rollback()
    return {one.round_no: one.text for one in db.session.query(MeetingNote).filter_by(person_id=me.id)}


def test_what_one_writes_is_kept_and_what_is_emptied_is_gone(mine: FlaskClient, me: Person) -> None:
    answer = save(mine, PAGE, reach="  a@b.example \r\n\r\n Signal:  x ", **{"note-talks-1": "Ask her\r\nagain"})
    assert answer.headers["Location"] == "/me/contacts?note=saved"
    assert (reach(me), notes(me)) == ("a@b.example\nSignal: x", {1: "Ask her\nagain"})
    assert fields_of(mine.get(PAGE).text)["note-talks-1"] == "Ask her\r\nagain"
    save(mine, PAGE, reach="", **{"note-talks-1": "", "note-talks-3": "Cy"})
    assert (reach(me), notes(me)) == ("", {3: "Cy"})


def test_it_says_nothing_of_the_profile(mine: FlaskClient, me: Person) -> None:
    save(mine, PAGE, reach="other@b.example")
    person = db.session.get_one(Person, me.id, populate_existing=True)
    assert (person.saved_at, person.revision) == (None, 0)


def test_notes_are_for_their_writer_alone(visitor: Visitor, mine: FlaskClient, me: Person, anna: Person) -> None:
    save(mine, PAGE, **{"note-talks-1": "zqnote"})
    hers, desk, office = visitor.participant(anna), visitor.staff("facilitator"), visitor.staff("organiser")
    for client, path in (
        (hers, "/me"), (hers, PAGE), (desk, f"/desk/talks?q={me.number}"),
        (desk, f"/desk/talks/feedback?number={me.number}"),
        (office, f"/office/people/{me.public_id}"),
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert "zqnote" not in answer.text


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("reach", "x" * 301, "at most 300"),
        ("reach", "\r\n".join("abcdefg"), "at most 6 lines"),
        ("reach", "a\u202eb", "invisible character"),
        ("note-talks-1", "x" * 501, "at most 500"),
    ],
)
def test_what_is_too_much_is_shown_again_with_what_is_wrong(
    mine: FlaskClient, me: Person, field: str, text: str, said: str
) -> None:
    before = (reach(me), notes(me))
    answer = save(mine, PAGE, **{field: text})
    assert answer.status_code == 422
    assert said in error_beside(answer.text, field)
    assert fields_of(answer.text)[field] == text
    assert (reach(me), notes(me)) == before


def test_two_windows_lose_nothing(mine: FlaskClient, me: Person) -> None:
    old = form_of(mine, PAGE)
    save(mine, PAGE, reach="first@b.example")
    answer = post(mine, old, PAGE, reach="second@b.example")
    assert answer.status_code == 409
    assert fields_of(answer.text)["reach"] == "second@b.example"
    assert reach(me) == "first@b.example"
    assert post(mine, fields_of(answer.text), PAGE).status_code == 303
    assert reach(me) == "second@b.example"


def test_notes_of_rounds_that_are_no_longer_on_the_page_stay(mine: FlaskClient, me: Person, talks: Session) -> None:
    with transaction() as rows:
        rows.add(MeetingNote(session_id=talks.id, round_no=2, person_id=me.id, text="a walk"))
    save(mine, PAGE, **{"note-talks-1": "Anna"})
    assert notes(me) == {1: "Anna", 2: "a walk"}


def test_nothing_is_asked_before_there_was_a_meeting(app: Flask, visitor: Visitor) -> None:
    make.store(make.event(preset="discreet"), who := make.person())
    page = visitor.participant(who).get(PAGE).text
    assert db.session.query(Event).one().preset == "discreet"
    assert "My notes" not in page
    assert 'name="reach"' in page


def test_it_takes_the_same_queries_however_many_one_has_met(app: Flask) -> None:
    make.store(make.event())
    counts = {}
    for meetings in (1, 3):
        mine = make.person()
        arrange(mine, [make.person(name=f"{meetings}-{at}") for at in range(meetings)])
        held = mine.id
        db.session.remove()
        who = Actor(person=db.session.get(Person, held))
        before = len(get_recorded_queries())
        _opened, choices = open_contacts(who, now=AFTER)
        assert [len(rounds) for _timed, rounds in choices.sessions] == [meetings]
        counts[meetings] = len(get_recorded_queries()) - before
    assert counts == {1: LITERAL_QUERIES, 3: LITERAL_QUERIES}


def test_who_is_met_under_two_names_stands_there_twice(visitor: Visitor, me: Person, anna: Person) -> None:
    visits = make.session(slug="visits", format="clinics")
    host = make.host(session=visits, person=db.session.get_one(Person, anna.id), name="Dr Known Otherwise")
    make.store(visits, host)
    publish(visits, [{"1": [db.session.get_one(Person, me.id)]}], hosts={"1": host})
    both_say(me, anna, True, True)
    say(me, "Dr Known Otherwise", yes=True, slug="visits")
    say(anna, "Me", yes=True, slug="visits")
    found = contacts.exchanged(db.session.get_one(Person, me.id), db.session.get_one(Event, 1), now=AFTER)
    assert [(one.name, [session.slug for session, _rounds in one.rounds]) for one in found] == [
        ("Anna", ["talks"]), ("Dr Known Otherwise", ["visits"]),
    ]  # fmt: skip
    # nor is the one told with the other's answer
    for ending in ("", ".txt", ".json"):
        told = visitor.participant(me).get(f"/me/held{ending}").text
        assert "Anna" not in told
        assert "Dr Known" not in told
    assert '"yes": true' in told
