"""What I share and look for: interests there and back, and free words that count where two people write the same."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from tests.webapp.profile_page import TOPICS, error_beside, form_of, post, room, save
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Event, Interest, Person, PersonInterest
from webapp.operations.profile.topics import Topics, open_topics


@pytest.fixture
def me(app: Flask) -> Person:
    return room()


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def read(who: Person) -> Topics:
    return open_topics(Actor(person=db.session.get(Person, who.id)))[0].part


def test_every_field_there_and_back(me: Person, mine: FlaskClient) -> None:
    words = {"offers_words": " Community  radio ", "seeks_words": "مسرح"}
    answer = save(mine, TOPICS, offers=["radio", "law"], seeks=["money"], shows_topics=[], **words)
    assert answer.headers["Location"] == "/me/profile/meeting?note=saved"
    saved = Topics(("law", "radio"), ("money",), "Community radio", "مسرح", shows_topics=False)
    assert read(me) == saved
    assert save(mine, TOPICS).status_code == 303
    assert read(me) == saved
    assert save(mine, TOPICS, offers=[], seeks=[], shows_topics="y", offers_words="", seeks_words="")
    assert read(me) == Topics()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"offers": ["nothing"]}, "offers", "not in the list"),
        ({"seeks": ["retired"]}, "seeks", "not in the list"),
        ({"offers_words": "x" * 121}, "offers_words", "at most 120 characters"),
        ({"seeks_words": "a\u202eb"}, "seeks_words", "invisible character"),
    ],
)
def test_an_error_stands_beside_its_field(
    mine: FlaskClient, changes: dict[str, object], field: str, sentence: str
) -> None:
    answer = save(mine, TOPICS, **changes)
    assert answer.status_code == 422
    assert sentence in error_beside(answer.text, field)


def test_a_retired_topic_chosen_before_stays_choosable(me: Person, mine: FlaskClient) -> None:
    assert 'value="retired"' not in mine.get(TOPICS).text
    with transaction() as rows:
        topic = rows.query(Interest).filter_by(slug="retired").one()
        rows.get_one(Person, me.id).interests = [PersonInterest(interest=topic, side="seeks")]
    assert save(mine, TOPICS).status_code == 303
    assert read(me).seeks == ("retired",)


def test_a_topic_that_goes_meanwhile_is_said_beside_the_field(me: Person, mine: FlaskClient) -> None:
    opened = form_of(mine, TOPICS)
    with transaction() as rows:
        rows.query(Interest).filter_by(slug="radio").delete()
    answer = post(mine, opened, TOPICS, offers=["radio", "law"], offers_words="kept")
    assert answer.status_code == 422
    assert "not in the list" in error_beside(answer.text, "offers")
    assert "kept" in answer.text


def test_in_a_discreet_event_nobody_is_asked_to_show_topics(me: Person, mine: FlaskClient) -> None:
    assert 'name="shows_topics"' in mine.get(TOPICS).text
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    assert 'name="shows_topics"' not in mine.get(TOPICS).text
    save(mine, TOPICS, offers=["law"])
    assert read(me).shows_topics


# --- free words -----------------------------------------------------------------------------------------------------


def test_the_organisers_read_words_and_no_name(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    make.store(make.person(name="Zofia", latin="Zofia", seeks_words="Community radio, Puppets"))
    save(mine, TOPICS, offers_words="community  radio")
    page = in_words(visitor.staff("organiser").get("/office/interests").text)
    told = page[page.index("In other words") :]
    assert "Community radio" in told
    assert "Puppets" in told
    assert told.lower().count("community radio") == 1
    assert "Zofia" not in told
    assert "Me" not in told.split()
