"""Pressed twice: whoever deletes everything ends on the same page, however often they press."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from webapp.access import Actor
from webapp.db import db
from webapp.models import Person
from webapp.operations.deletion import leaving

OUT = "/me/leaving/everything"


def leaver(visitor: Visitor) -> tuple[FlaskClient, dict[str, str], str]:
    """The browser of somebody who may press, what the form would send, and the cookie they have."""
    make.store(make.event(), me := make.person())
    browser = visitor.participant(me)
    page = browser.get(OUT).text
    fields = dict(re.findall(r'name="(csrf_token|pledge)" value="([^"]+)"', page))
    assert fields.keys() == {"csrf_token", "pledge"}
    cookie = browser.get_cookie("rondo")
    assert cookie is not None
    return browser, fields, cookie.value


def last_page(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return in_words(answer.text.partition("<main")[2].partition("What was deleted")[0])


def test_a_second_tap_ends_on_the_same_page(app: Flask, visitor: Visitor) -> None:
    browser, fields, cookie = leaver(visitor)
    first = browser.post(OUT, data=fields)
    assert "Everything is deleted" in last_page(first)
    # with the cookie of the answer, as after a reload, and with that of before, as a double tap sends it
    for held in (None, cookie):
        if held:
            browser.set_cookie("rondo", held)
        again = browser.post(OUT, data=fields)
        assert last_page(again) == last_page(first)
        assert again.headers["Clear-Site-Data"] == first.headers["Clear-Site-Data"]
        assert "Sign out" not in again.text
    # a door for nobody else: neither without the sign, nor with one that is made up, nor for whoever is still here
    make.store(other := make.person())
    with app.test_request_context():
        kept = leaving.pledge(Actor(person=other))
    made_up = kept[:11] + fields["pledge"][11:]
    for pledge in ("", "ü.ü", made_up, kept):
        assert browser.post(OUT, data=fields | {"pledge": pledge}).status_code == 401
    assert db.session.query(Person).one().id == other.id


def test_two_taps_at_once_delete_once_and_end_on_the_same_page(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, fields, cookie = leaver(visitor)
    meanwhile, real = app.test_client(), leaving.delete_all
    meanwhile.set_cookie("rondo", cookie)
    answers: list[TestResponse] = []

    def second(*, by: Actor) -> leaving.Receipt:
        monkeypatch.setattr(leaving, "delete_all", real)
        answers.append(meanwhile.post(OUT, data=fields))
        return real(by=by)

    monkeypatch.setattr(leaving, "delete_all", second)
    answers.append(browser.post(OUT, data=fields))
    assert last_page(answers[1]) == last_page(answers[0])
