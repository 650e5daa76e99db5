"""The quick exit of a discreet event: on every page of participants, away at once, and nothing stays behind."""

import re
import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp import factories as make
from tests.webapp.canaries import CANARY
from tests.webapp.factories import Visitor, send
from tests.webapp.test_office import EVENT
from tests.webapp.walker import House, text_of
from webapp.db import db
from webapp.models import Event
from webapp.models.programme import USUAL_EXIT, is_elsewhere

OWN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
BUTTON = re.compile(r'<form method="post" action="/exit"[^>]* data-to="([^"]+)">')
TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
PEOPLE = ("anonymous", "participant", "another")
NAMED = re.compile(rf"{CANARY}|Spring Gathering|First talks|Clinic", re.IGNORECASE)


def choose(house: House, preset: str, exit_to: str = "") -> None:
    """Let the event be of this preset, and its quick exit lead there; whoever walks the house puts it back."""
    assert house.pages("anonymous")
    with sqlite3.connect(house.file) as rows:
        rows.execute("UPDATE event SET preset = ?, exit_to = ?", (preset, exit_to))
    rows.close()


def looks(house: House, role: str) -> dict[str, TestResponse]:
    """Every page that a role can look at, by address, asked for anew."""
    before = [address for address, one in house.pages(role).items() if one.mimetype == "text/html"]
    plain = [address for address in before if address.startswith("/") and "#" not in address]
    answers = {address: house.get(role, address) for address in plain}
    shown = {address: one for address, one in answers.items() if one.mimetype == "text/html" and one.location is None}
    # a page that is kept is a file
    return {address: one for address, one in shown.items() if "Content-Disposition" not in one.headers}


def exits(answers: dict[str, TestResponse]) -> list[set[str]]:
    """Where the quick exit of each page leads."""
    return [set(BUTTON.findall(text_of(one))) for one in answers.values()]


def test_every_page_of_participants_has_one_in_a_discreet_event(house: House) -> None:
    choose(house, "discreet")
    for role in PEOPLE:
        answers = looks(house, role)
        paired = [address for address in answers if address.startswith("/screen")]
        assert len(answers) - len(paired) >= 5
        assert not [at for at in answers if at not in paired and exits({at: answers[at]}) != [{USUAL_EXIT}]]
        assert exits({at: answers[at] for at in paired}) == [set()] * len(paired)
    for role in ("organiser", "facilitator", "safety", "helper"):
        assert not set().union(*exits({at: house.get(role, at) for at in ("/", "/office", "/desk", "/nothing-here")}))


def test_an_open_event_has_none(house: House) -> None:
    for role in PEOPLE:
        assert not set().union(*exits(looks(house, role)))
    choose(house, "discreet")
    assert set().union(*exits(looks(house, "participant"))) == {USUAL_EXIT}


def test_titles_in_a_discreet_event_tell_nothing(house: House) -> None:
    choose(house, "discreet")
    for role in PEOPLE:
        for address, answer in looks(house, role).items():
            told = TITLE.findall(text_of(answer))
            assert len(told) == 1, address
            assert not NAMED.search(told[0]), address
    assert NAMED.search(TITLE.findall(text_of(house.get("facilitator", "/desk/first-talks")))[0])


def led_to(answer: TestResponse) -> str:
    """Where a page leads by itself."""
    found = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert len(found) == 1
    assert set(re.findall(r'href="([^"]+)"', answer.text)) == set(found)
    assert "src=" not in answer.text
    return str(found[0])


@pytest.mark.parametrize(("exit_to", "leads"), [("", USUAL_EXIT), ("https://www.example.org/rain?a=1", None)])
def test_it_signs_out_and_leads_away(house: House, exit_to: str, leads: str | None) -> None:
    choose(house, "discreet", exit_to)
    held = house.populated.cookies["participant"]
    answer = house.send("participant", "/exit", [])
    assert answer.status_code == 200
    assert led_to(answer) == (leads or exit_to)
    assert not {"rondo", "csrf"} & set(re.findall(r"\w+", answer.text.lower()))
    gone = [line for line in answer.headers.getlist("Set-Cookie") if "Max-Age=0" in line]
    assert {line.partition("=")[0] for line in gone} == {house.cookie_name, "lang"}
    assert set(answer.headers["Clear-Site-Data"].split(", ")) == {'"cache"', '"cookies"', '"storage"'}
    house.browsers["participant"].set_cookie(house.cookie_name, held, domain=house.host)
    assert house.get("participant", "/me").location == "/"


def test_whoever_waits_does_not_wait_for_the_cache(house: House) -> None:
    body = f"csrf_token={house.token('participant')}".encode()
    answer = house.knock("participant", "POST", "/exit", body=body, headers=OWN)
    assert answer.headers["Clear-Site-Data"] == '"cookies", "storage"'


def test_a_page_that_lay_open_for_long_leads_away_too(house: House) -> None:
    choose(house, "discreet")
    elsewhere = house.knock("participant", "POST", "/exit", body=b"csrf_token=old")
    assert (elsewhere.status_code, led_to(elsewhere)) == (400, USUAL_EXIT)
    assert "Clear-Site-Data" not in elsewhere.headers
    for site in ("cross-site", "same-site", "none"):
        house.knock("participant", "POST", "/exit", body=b"csrf_token=old", headers={"Sec-Fetch-Site": site})
    assert house.get("participant", "/me").status_code == 200
    own = house.knock("participant", "POST", "/exit", body=b"csrf_token=old", headers=OWN)
    assert led_to(own) == USUAL_EXIT
    assert house.get("participant", "/me").status_code == 303


def test_looking_at_its_address_changes_nothing(house: House) -> None:
    assert house.get("participant", "/exit").status_code == 405
    assert house.get("participant", "/me").status_code == 200


def test_the_organiser_says_where_it_leads(app: Flask, visitor: Visitor, client: FlaskClient) -> None:
    office = visitor.staff("organiser")
    given = {**EVENT, "preset": "discreet", "exit_to": "https://weather.example.org/"}
    assert send(office, "/office/event", **given).status_code == 303
    assert db.session.get_one(Event, 1).elsewhere == "https://weather.example.org/"
    assert BUTTON.findall(client.get("/").text) == ["https://weather.example.org/"]
    assert 'value="https://weather.example.org/"' in office.get("/office/event").text
    assert send(office, "/office/event", **{**given, "exit_to": ""}).status_code == 303
    assert BUTTON.findall(client.get("/").text) == [USUAL_EXIT]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "http://example.org/", "//example.org/", "https://example.org/\\x", "https://a@b.org/",
        "https://localhost/", "https://example.org:8000/", "https://example.org/ x", "https://example.org/\"><b>",
        "https://127.0.0.1/", "https://example.org/é", "data:text/html,x", "example.org", f"https://x.org/{200 * 'a'}",
        "https://example.org/;url=https://evil.example/\n", "",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_another_site_leads_nowhere(address: str) -> None:
    assert not is_elsewhere(address)
    assert make.event(exit_to=address).elsewhere == USUAL_EXIT


def test_usual_addresses_are_taken() -> None:
    for one in (USUAL_EXIT, "https://example.org", "https://www.example.org/a/b?c=d&e=%C3%A9#f"[:-2]):
        assert is_elsewhere(one)
