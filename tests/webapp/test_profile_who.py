"""Who I am: every field there and back, errors beside the field, an invented name for whoever wants one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.profile_page import WHO, error_beside, fields_of, form_of, post, room, save
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Event, Organisation, Person
from webapp.operations.profile.who import AVOIDED, Who, a_name, open_who

FULL = {
    "name": "نور الهدى",
    "latin": "Nour El-Hoda",
    "organisation": "Paper Boat  Press",
    "country": "EG",
    "regions": ["africa", "americas"],
    "languages": ["fr", "en"],
    "more_1": "sw",
    "more_2": "",
    "best": "ar",
}
SAVED = Who(
    name="نور الهدى",
    latin="Nour El-Hoda",
    organisation="Paper Boat Press",
    country="EG",
    languages=("ar", "fr", "en", "sw"),
    regions=("africa", "americas"),
)


@pytest.fixture
def me(app: Flask) -> Person:
    return room()


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def read(who: Person) -> Who:
    return open_who(Actor(person=db.session.get(Person, who.id)))[0].part


def test_every_field_there_and_back(me: Person, mine: FlaskClient) -> None:
    assert save(mine, WHO, **FULL).headers["Location"] == "/me/profile/topics?note=saved"
    assert read(me) == SAVED
    shown = form_of(mine, WHO)
    assert save(mine, WHO).status_code == 303
    assert read(me) == SAVED
    assert db.session.get(Person, me.id).revision == 1, "nothing was changed the second time"
    for key, value in FULL.items():
        expected = {"organisation": "Paper Boat Press", "languages": ["ar", "fr", "en", "sw"], "more_1": ""}.get(
            key, value
        )
        assert shown.getlist(key) == (expected if isinstance(expected, list) else [expected]), key


def test_one_stays_where_one_is(mine: FlaskClient) -> None:
    answer = save(mine, WHO, then="stay")
    assert answer.headers["Location"] == "/me/profile?note=saved"
    page = mine.get(answer.headers["Location"]).text
    assert "Saved." in page
    assert "Last saved:" in page


def test_nothing_typed_is_lost_on_errors(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    answer = save(mine, WHO, **FULL | {"name": "", "country": "Atlantis"})
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for key, value in (FULL | {"name": "", "country": ""}).items():
        assert sorted(kept.getlist(key)) == sorted(value if isinstance(value, list) else [value]), key
    assert error_beside(answer.text, "name") == "Give a name; it may be a short or an invented one."
    assert error_beside(answer.text, "country") == "Choose one from the list."
    assert "What you typed is still here; nothing is lost." in answer.text
    assert "Not saved yet." in answer.text
    assert 'action="/language"' not in answer.text, "no switch of language may lose what was typed"
    assert read(me) == before
    assert post(mine, kept, WHO, name="Me", country="EG").status_code == 303


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"latin": "Нина"}, "latin", "Latin letters"),
        ({"name": "\u200b\u200b"}, "name", "at least one letter or digit"),
        ({"name": "x" * 81}, "name", "at most 80 characters"),
        ({"organisation": "x" * 201}, "organisation", "at most 200 characters"),
        ({"organisation": "---"}, "organisation", "at least one letter or digit"),
        ({"languages": [], "best": ""}, "languages", "at least one language"),
        ({"languages": ["xx"]}, "languages", "not in the list"),
        ({"more_1": "xx"}, "more_1", "from the list"),
        ({"regions": ["moon"]}, "regions", "not in the list"),
    ],
)
def test_an_error_stands_beside_its_field(
    mine: FlaskClient, changes: dict[str, object], field: str, sentence: str
) -> None:
    answer = save(mine, WHO, **changes)
    assert answer.status_code == 422
    assert sentence in error_beside(answer.text, field)
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text


def test_a_latin_name_needs_no_second_spelling(me: Person, mine: FlaskClient) -> None:
    save(mine, WHO, name="Zoë Ångström", latin="")
    assert read(me).latin == "Zoë Ångström"
    save(mine, WHO, name="Нина", latin="")
    assert read(me).latin == ""


def test_an_organisation_is_found_by_name_and_its_spelling_not_revealed(me: Person, mine: FlaskClient) -> None:
    known = make.organisation(name="Paper Boat PRESS", country="EG")
    make.store(known)
    save(mine, WHO, organisation="paper  boat press")
    assert db.session.get(Person, me.id).organisation_id == known.id
    assert form_of(mine, WHO)["organisation"] == "paper boat press"


def test_names_nobody_uses_any_more_are_let_go(me: Person, mine: FlaskClient) -> None:
    make.store(make.organisation(name="Of the organisers", country="EG"))
    save(mine, WHO, organisation="Typo Pres")
    save(mine, WHO, organisation="Of the organisers")
    save(mine, WHO, organisation="Typo Press")
    assert {row.name for row in db.session.scalars(select(Organisation))} == {"Of the organisers", "Typo Press"}


def test_a_name_is_suggested_and_nothing_saved(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    answer = save(mine, WHO, suggest="yes", organisation="Kept")
    shown = fields_of(answer.text)
    assert answer.status_code == 200
    assert shown["name"] not in {"Me", ""}
    assert shown["organisation"] == "Kept"
    assert "Not saved yet." in answer.text
    assert read(me) == before
    assert post(mine, shown, WHO).status_code == 303
    assert (read(me).name, read(me).latin) == (shown["name"], shown["name"])


def test_suggested_names_can_be_spoken_and_differ() -> None:
    names = [a_name() for _ in range(400)]
    assert len(set(names)) > 380
    assert all(name.isascii() and name.isalpha() and name.istitle() and len(name) == 6 for name in names)
    assert not [name for name in names if any(word in name.lower() for word in AVOIDED)]


def test_a_discreet_event_offers_it_first_and_asks_for_no_organisation(me: Person, mine: FlaskClient) -> None:
    save(mine, WHO, organisation="Paper Boat Press")
    page = mine.get(WHO).text
    assert page.index('id="name"') < page.index('name="suggest"')
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    page = mine.get(WHO).text
    assert page.index('name="suggest"') < page.index('id="name"')
    assert "Paper Boat" not in page
    save(mine, WHO, organisation="Another")
    assert read(me).organisation == "Paper Boat Press", "what the organisers know keeps colleagues apart"


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_has_a_direction(mine: FlaskClient, lang: str, direction: str) -> None:
    mine.set_cookie("lang", lang)
    assert f'lang="{lang}" dir="{direction}"' in mine.get(WHO).text
