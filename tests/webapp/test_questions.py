"""A question for a specialist: written in the profile, kept with the person, gone with them, told to nobody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.profile_page import MEETING, error_beside, form_of, post, save
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Person, Question, Session
from webapp.operations.guests import people
from webapp.operations.profile.meeting import open_meeting

ORGANISER = Actor(staff=make.Staff(name="olu", role="organiser"))
ASKED = "May I quote a leaked letter? <b>#panic()</b> \"&'"


@pytest.fixture
def me(app: Flask) -> Person:
    make.store(
        make.event(),
        make.session(slug="law", title="Ask a lawyer", format="clinics"),
        make.session(slug="members", title="Ask the board", format="clinics", audience="members"),
        make.session(slug="tools", title="Tools", format="stations"),
    )
    me = make.person(name="Me", latin="Me", number="606")
    make.store(me)
    return me


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def asked() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(one.session.slug, one.text) for one in db.session.query(Question)]


def test_a_question_goes_there_and_back(mine: FlaskClient) -> None:
    assert save(mine, **{"question-law": f"  {ASKED}\r\n please "}).status_code == 303
    assert asked() == [("law", f"{ASKED} please")]
    assert form_of(mine)["question-law"] == f"{ASKED} please"
    page = mine.get(MEETING).text
    assert "<b>#panic" not in page
    assert page.index("Whom you would like to meet") < page.index("Ask a lawyer") < page.index("What you need")
    assert save(mine, **{"question-law": "Another?"}).status_code == 303
    assert asked() == [("law", "Another?")]
    assert save(mine, **{"question-law": " "}).status_code == 303
    assert asked() == []


def test_one_is_asked_only_where_one_may_attend(me: Person, mine: FlaskClient) -> None:
    assert {name for name in form_of(mine) if name.startswith("question-")} == {"question-law"}
    assert save(mine, **{"question-members": "Why?", "question-tools": "How?"}).status_code == 303
    assert asked() == []
    with transaction() as rows:
        rows.get(Person, me.id).role = "member"
    save(mine, **{"question-members": "Why?"})
    with transaction() as rows:
        rows.get(Person, me.id).role = "guest"
    assert save(mine).status_code == 303
    assert asked() == [("members", "Why?")], "what was written stays until its writer takes it back"


def test_a_question_survives_whatever_else_is_wrong(mine: FlaskClient) -> None:
    answer = save(mine, away_1_from="14:00", **{"question-law": "x" * 301})
    assert answer.status_code == 422
    assert "x" * 301 in answer.text
    assert error_beside(answer.text, "question-law") == "Use at most 300 characters."
    assert "invisible character" in error_beside(save(mine, **{"question-law": "a\u202eb"}).text, "question-law")


def test_sending_twice_is_fine_and_an_older_page_is_told(mine: FlaskClient) -> None:
    opened = form_of(mine)
    assert post(mine, opened, **{"question-law": "First?"}).status_code == 303
    assert post(mine, opened, **{"question-law": "First?"}).status_code == 303
    assert post(mine, opened, **{"question-law": "Second?"}).status_code == 409
    assert asked() == [("law", "First?")]


def test_no_session_with_specialists_no_question(me: Person, mine: FlaskClient) -> None:
    with transaction() as rows:
        rows.query(Session).delete()
    page = mine.get(MEETING).text
    assert "A question for a specialist" not in page
    assert "printed for the specialist" not in page


def test_a_question_goes_with_its_writer_and_with_its_session(me: Person, mine: FlaskClient) -> None:
    save(mine, **{"question-law": "First?"})
    people.remove_person(me.public_id, by=ORGANISER)
    assert asked() == []
    other = make.person()
    make.store(other)
    law = db.session.query(Session).filter_by(slug="law").one()
    make.store(Question(person_id=other.id, session_id=law.id, text="Second?"))
    with transaction() as rows:
        rows.delete(rows.get(Session, law.id))
    assert asked() == []


def test_the_office_leaves_a_question_alone(me: Person, mine: FlaskClient) -> None:
    save(mine, **{"question-law": "First?"})
    held = db.session.get(Person, me.id)
    values = people.PersonValues(
        name="Me Again", latin="Me", organisation="", role="guest", country=None, languages=("en",), regions=(),
        seated=False, first_time=False,
    )  # fmt: skip
    people.change_person(held.public_id, values, seen=held.revision, by=ORGANISER)
    assert asked() == [("law", "First?")]
    assert open_meeting(Actor(person=db.session.get(Person, me.id)))[0].part.questions == (("law", "First?"),)
