"""Interpreters in the office: what is kept, what is refused and how, which drafts a change throws away."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, token_of
from tests.webapp.test_hosts import told, words
from tests.webapp.test_office import HOSTILE, counted
from tests.webapp.test_programme import DESK, OFFICE, plan
from webapp.access import NOBODY, Actor
from webapp.db import db
from webapp.errors import NotFound
from webapp.models import Interpreter, InterpreterLanguage, InterpreterSession, Plan
from webapp.operations.event import programme
from webapp.operations.guests import interpreters
from webapp.operations.guests.interpreters import InterpreterValues

LIST = "/office/interpreters"
VOICE = {
    "name": "سلمى", "latin": "Salma", "languages": "English, Arabic", "most_in_a_row": "2", "sessions": ["clinic"],
}  # fmt: skip


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    formats = ("pairs", "clinics", "stations", "circles")
    make.store(make.event(), *(make.session(slug=kind.removesuffix("s"), format=kind) for kind in formats))
    return visitor.staff("organiser")


def values(**changes: Any) -> InterpreterValues:
    return InterpreterValues(
        **{
            "name": "Salma", "latin": "", "languages": ("en", "ar"), "most_in_a_row": 3, "sessions": ("clinic",),
            **changes,
        }
    )  # fmt: skip


def drafts() -> set[str]:
    return {row.session.slug for row in db.session.query(Plan) if row.state == "draft"}


def test_an_interpreter_is_kept_as_typed_and_listed(office: FlaskClient) -> None:
    assert send(office, f"{LIST}/new", **VOICE).headers["Location"] == f"{LIST}?note=added"
    kept = db.session.query(Interpreter).one()
    assert (kept.name, kept.latin, kept.most_in_a_row) == ("سلمى", "Salma", 2)
    assert [language.code for language in kept.languages] == ["en", "ar"]
    assert [session.slug for session in kept.sessions] == ["clinic"]
    page = office.get(LIST).text
    assert "<bdi>سلمى</bdi>" in page
    assert "English – Arabic at most 2 rounds in a row" in words(page)
    address = f"{LIST}/{kept.public_id}"
    assert 'value="English, Arabic"' in office.get(address).text
    assert send(office, address, **{**VOICE, "languages": "ar, fr", "sessions": []}, revision="0").status_code == 303
    changed = db.session.query(Interpreter).one()
    assert ([language.code for language in changed.languages], changed.sessions) == (["ar", "fr"], [])
    assert "no session" in words(office.get(LIST).text)
    assert "Remove for good" in office.get(f"{address}/remove").text
    assert send(office, f"{address}/remove").status_code == 303
    for kind in (Interpreter, InterpreterLanguage, InterpreterSession):
        assert db.session.query(kind).count() == 0


def test_a_new_interpreter_is_offered_every_session_of_pairs_and_clinics(office: FlaskClient) -> None:
    page = office.get(f"{LIST}/new").text
    boxes = re.findall(r'<input[^>]*name="sessions"[^>]*>', page)
    assert sorted(re.search(r'value="(\w+)"', box)[1] for box in boxes) == ["clinic", "pair"]
    assert all("checked" in box for box in boxes)
    assert f"<bdi>{programme.session_called('pair').title}</bdi>" in page
    assert 'name="most_in_a_row"' in page
    assert send(office, f"{LIST}/new", **{**VOICE, "most_in_a_row": ""}).status_code == 303
    assert db.session.query(Interpreter).one().most_in_a_row == 3


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "name", "Give the interpreter"),
        ({}, "name", "add something to the name"),
        ({"name": "Other", "languages": "en"}, "languages", "at least two languages"),
        ({"name": "Other", "languages": "en, English"}, "languages", "at least two languages"),
        ({"languages": ""}, "languages", "at least two languages"),
        ({"languages": "en, Frensh"}, "languages", "French"),
        ({"most_in_a_row": "0"}, "most_in_a_row", "from 1 to 100"),
        ({"sessions": ["station"]}, "sessions", "not in the list"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(
    office: FlaskClient, changes: dict[str, Any], field: str, said: str
) -> None:
    send(office, f"{LIST}/new", **VOICE)
    answer = send(office, f"{LIST}/new", **{**VOICE, **changes})
    assert answer.status_code == 422
    assert said in told(answer.text, field)
    assert 'value="Salma"' in answer.text
    assert db.session.query(Interpreter).count() == 1
    assert send(office, f"{LIST}/new", **{**VOICE, "name": "سلمى ٢"}).status_code == 303


def test_of_two_who_save_one_interpreter_the_second_is_asked(office: FlaskClient) -> None:
    make.store(make.interpreter(public_id="someone"))
    page = f"{LIST}/someone"
    assert send(office, page, **VOICE, revision="0").status_code == 303
    late = send(office, page, **{**VOICE, "name": "Samira", "latin": ""}, revision="0")
    assert late.status_code == 422
    assert "Somebody else saved this in the meantime" in late.text
    assert 'value="Samira"' in late.text
    assert db.session.query(Interpreter).one().name == "سلمى"
    assert send(office, page, **{**VOICE, "name": "Samira", "latin": ""}, revision="1").status_code == 303
    assert db.session.query(Interpreter).one().name == "Samira"


def test_only_organisers_keep_interpreters(office: FlaskClient) -> None:
    make.store(make.interpreter(public_id="someone"))
    for by in (NOBODY, DESK, Actor(person=make.person())):
        with pytest.raises(NotFound):
            interpreters.add_interpreter(values(), by=by)
        with pytest.raises(NotFound):
            interpreters.change_interpreter("someone", values(), seen=0, by=by)
        with pytest.raises(NotFound):
            interpreters.remove_interpreter("someone", by=by)
    assert db.session.query(Interpreter).count() == 1
    interpreters.remove_interpreter("someone", by=OFFICE)
    assert db.session.query(Interpreter).count() == 0


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_get_an_answer_and_never_a_failure(office: FlaskClient, value: str | bytes) -> None:
    make.store(make.interpreter(public_id="someone"))
    token = token_of(office, f"{LIST}/new")
    for path in ("new", "someone"):
        for name in VOICE:
            answer = office.post(f"{LIST}/{path}", data={"csrf_token": token, **VOICE, name: value})
            assert answer.status_code < 500, (path, name)
    odd = value.decode("latin-1") if isinstance(value, bytes) else value
    for path in ("{}", "{}/remove"):
        assert office.get(f"{LIST}/" + path.format(odd)).status_code < 500


def test_the_list_asks_the_database_the_same_few_questions_and_sorts_by_latin_spelling(office: FlaskClient) -> None:
    clinic = programme.session_called("clinic")
    for latin in (["Zoya"], ["Élodie", "Damir"]):
        make.store(*(make.interpreter(name="Я", latin=one, sessions=[clinic]) for one in latin))
        office.get(LIST)
        with counted() as statements:
            assert office.get(LIST).status_code == 200
        asked = [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]
        assert len(asked) == 5, asked
    assert re.findall("Damir|Élodie|Zoya", office.get(LIST).text) == ["Damir", "Élodie", "Zoya"]


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"name": "Another"}, {"clinic", "pair", "circle"}),
        ({"languages": ("ar", "en")}, {"clinic", "pair", "circle"}),
        ({"languages": ("en", "fr")}, {"pair", "circle"}),
        ({"most_in_a_row": 1}, {"pair", "circle"}),
        ({"sessions": ("pair",)}, {"circle"}),
        ({"sessions": ()}, {"pair", "circle"}),
    ],
)
def test_drafts_that_rest_on_what_was_changed_are_thrown_away(
    office: FlaskClient, change: dict[str, Any], kept: set[str]
) -> None:
    held = interpreters.add_interpreter(values(), by=OFFICE)
    for slug in ("clinic", "pair", "circle"):
        plan(programme.session_called(slug), state="draft")
    interpreters.change_interpreter(held, values(**change), seen=0, by=OFFICE)
    assert drafts() == kept


def test_more_or_fewer_interpreters_throw_drafts_away_and_never_what_is_published(office: FlaskClient) -> None:
    plan(programme.session_called("pair"))
    plan(programme.session_called("clinic"), state="draft")
    held = interpreters.add_interpreter(values(sessions=("pair",)), by=OFFICE)
    assert drafts() == {"clinic"}
    other = interpreters.add_interpreter(values(name="Other"), by=OFFICE)
    assert drafts() == set()
    plan(programme.session_called("clinic"), state="draft")
    interpreters.remove_interpreter(held, by=OFFICE)
    assert drafts() == {"clinic"}
    interpreters.remove_interpreter(other, by=OFFICE)
    assert drafts() == set()
    assert [row.session.slug for row in db.session.query(Plan)] == ["pair"]


def test_a_removed_session_leaves_its_interpreters(office: FlaskClient) -> None:
    interpreters.add_interpreter(values(), by=OFFICE)
    programme.remove_session("clinic", by=OFFICE)
    assert db.session.query(Interpreter).one().sessions == []
