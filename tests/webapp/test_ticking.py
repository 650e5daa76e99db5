"""The door of a session: what helpers find there, what they can do, and what they cannot."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.test_bridge import BY
from tests.webapp.test_office import counted
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Attendance, Event, Person, Session
from webapp.operations.rounds import floor
from webapp.views import tick

DOOR = "/tick/s"
LATER = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def room(app: Flask) -> int:
    """A session for members, two of them, and a guest who is not on its list."""
    house = make.organisation(name="Reed Lamp Press")
    people = [
        make.person(number="501", name="أمينة", latin="Amina", role="member", organisation=house),
        make.person(number="502", name="Amélie Sok", latin="Amelie Sok", role="member"),
        make.person(number="503", name="Ama Guest", latin="Ama Guest", role="guest"),
    ]
    held = make.session(slug="s", title="Meet", audience="members")
    make.store(make.event(), held, make.session(slug="other", audience="members"), *people)
    return held.id


@pytest.fixture
def phone(room: int, visitor: Visitor) -> FlaskClient:
    """A helper's phone."""
    return visitor.helper(room)


def ticked() -> dict[str, tuple[str, str]]:
    """State and author of every tick, by event number."""
    db.session.rollback()
    return {row.person.number: (row.state, row.changed_by) for row in db.session.query(Attendance)}


def scan(phone: FlaskClient, number: str) -> str:
    """Scan a code; return the page that is shown then."""
    answer = send(phone, f"{DOOR}/scan", page=DOOR, number=number, mode="scan")
    return phone.get(answer.location).text if answer.status_code == 303 else answer.text


def told(page: str) -> str:
    """What a page says has happened."""
    part = page.partition('id="told"')[2].partition("</div>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def undo(phone: FlaskClient, page: str) -> int:
    """Press Undo on this page."""
    token = re.search(r'name="done" value="([^"]+)"', page)[1]
    return send(phone, f"{DOOR}/undo", page=DOOR, done=token).status_code


# --- finding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("am", ["501", "502"]), ("sok", ["502"]), ("أم", ["501"]), ("amelie", ["502"]), ("501", ["501"]),
        ("٥٠", ["501", "502"]), ("503", []), ("guest", []), ("a", []), ("5", []), (" - ", []), ("", []),
    ],
)  # fmt: skip
def test_a_search_finds_those_on_the_list_by_two_letters_or_digits(
    phone: FlaskClient, typed: str, found: list[str]
) -> None:
    page = phone.get(DOOR, query_string={"q": typed}).text
    assert sorted(re.findall(r'<span class="number">(\d+)</span>', page)) == found
    assert ("at least two letters" in page) == (typed in {"a", "5", " - "})


def test_a_search_shows_eight_and_no_more(phone: FlaskClient) -> None:
    make.store(*(make.person(name=f"Amon {at}", role="member") for at in range(9)))
    page = phone.get(DOOR, query_string={"q": "amo"}).text
    assert page.count('<span class="number">') == 8
    assert "More than 8 people fit" in page
    assert '<span class="number">' not in phone.get(DOOR).text


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_an_organisation_is_shown_where_the_event_is_open(phone: FlaskClient, preset: str) -> None:
    with transaction() as rows:
        rows.get(Event, 1).preset = preset
    page = phone.get(DOOR, query_string={"q": "amina"}).text
    assert "Amina" in page
    assert ("Reed Lamp Press" in page) == (preset == "open")


def test_the_page_takes_the_same_queries_for_few_and_for_many(phone: FlaskClient) -> None:
    counts = []
    for more in (0, 5):
        make.store(*(make.person(name=f"Am {at}", role="member", regions=[make.region()]) for at in range(more)))
        with counted() as statements:
            assert phone.get(DOOR, query_string={"q": "am"}).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16


# --- ticking -------------------------------------------------------------------------------------------------------


def test_a_press_ticks_in_under_the_name_of_the_helper(phone: FlaskClient) -> None:
    page = phone.get(DOOR, query_string={"q": "amina"}).text
    person = re.search(r'name="person" value="([^"]+)"', page)[1]
    answer = send(phone, f"{DOOR}/here", page=DOOR, person=person, state="absent", last_round="0")
    page = phone.get(answer.location).text
    assert told(page) == "أمينة is here. Undo"
    assert re.search(r'<input id="q"[^>]* value=""[^>]* autofocus', page)
    assert ticked() == {"501": ("here", "Noor")}
    assert re.search(r"<b>1</b>here</li>\s*<li><b>1</b>still expected", page)
    assert '<span class="tag">here</span>' in phone.get(DOOR, query_string={"q": "amina"}).text


@pytest.mark.parametrize("code", ["501", " 501 ", "٥٠١", "http://rondo.example/#501", "https://r.example/?n=501"])
def test_a_scanned_number_ticks_in_at_once(phone: FlaskClient, code: str) -> None:
    page = scan(phone, code)
    assert told(page) == "أمينة is here. Undo"
    assert re.search(r'<input id="number"[^>]* autofocus', page)
    assert ticked() == {"501": ("here", "Noor")}


def test_what_is_not_on_the_list_is_answered_alike(phone: FlaskClient) -> None:
    pages = {told(scan(phone, number)) for number in ("503", "999", "50", "", "x" * 200, "501 502", "²")}
    assert len(pages) == 1
    assert "not on the list" in pages.pop()
    assert "not whose it is" in told(scan(phone, "http://10.0.0.5:8000/"))
    gone = send(
        phone, f"{DOOR}/here", page=DOOR, person=db.session.query(Person).filter_by(number="503").one().public_id
    )
    nobody = send(phone, f"{DOOR}/here", page=DOOR, person="nobody")
    assert (gone.status_code, untimed(gone.text)) == (nobody.status_code, untimed(nobody.text))
    assert gone.status_code == 422
    assert ticked() == {}


def test_whoever_is_here_already_stays_as_they_were_ticked(phone: FlaskClient, room: int, visitor: Visitor) -> None:
    scan(phone, "501")
    other = visitor.helper(room, "Sam")
    page = scan(other, "501")
    assert told(page) == "أمينة was here already."
    assert ticked() == {"501": ("here", "Noor")}


# --- taking back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["expected", "late", "absent"])
def test_undo_lets_it_stand_as_before(phone: FlaskClient, room: int, before: str) -> None:
    amina = db.session.query(Person).filter_by(number="501").one().public_id
    floor.tick(room, [amina], before, by=BY, now=LATER)
    db.session.rollback()
    held = [(row.state, row.first_round, row.last_round) for row in db.session.query(Attendance)]
    page = scan(phone, "501")
    assert ticked() == {"501": ("here", "Noor")}
    assert [undo(phone, page), undo(phone, page)] == [303, 303]
    db.session.rollback()
    assert [(row.state, row.first_round, row.last_round) for row in db.session.query(Attendance)] == held


def test_undo_ends_after_minutes(phone: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = scan(phone, "501")
    moment = datetime.now(UTC)
    monkeypatch.setattr(tick, "now", lambda: moment + timedelta(minutes=11))
    assert undo(phone, page) == 409
    assert ticked() == {"501": ("here", "Noor")}
    monkeypatch.setattr(tick, "now", lambda: moment + timedelta(minutes=9))
    assert undo(phone, page) == 303
    assert ticked() == {}


def test_undo_leaves_what_somebody_else_has_changed(phone: FlaskClient, room: int) -> None:
    page = scan(phone, "501")
    amina = db.session.query(Person).filter_by(number="501").one().public_id
    floor.tick(room, [amina], "absent", by=BY, now=LATER)
    assert undo(phone, page) == 409
    assert ticked() == {"501": ("absent", "fay")}


def test_nobody_takes_back_what_another_has_ticked(phone: FlaskClient, room: int, visitor: Visitor) -> None:
    page = scan(phone, "501")
    other = visitor.helper(room, "Sam")
    assert undo(other, page) == 409
    for forged in ("", "x", "WyJhIl0.aaaa"):
        assert send(phone, f"{DOOR}/undo", page=DOOR, done=forged).status_code == 409
    assert ticked() == {"501": ("here", "Noor")}
    # the same words in an address say nothing to somebody else
    done = re.search(r'name="done" value="([^"]+)"', page)[1]
    assert told(other.get(DOOR, query_string={"done": done}).text) == ""
    assert told(phone.get(DOOR, query_string={"done": done}).text) == "أمينة is here. Undo"


# --- one session and no more ---------------------------------------------------------------------------------------


def knocks(phone: FlaskClient) -> list[int]:
    """What a helper is answered at the door of another session."""
    amina = db.session.query(Person).filter_by(number="501").one().public_id
    return [
        phone.get("/tick/other?q=amina").status_code,
        send(phone, "/tick/other/scan", page=DOOR, number="501").status_code,
        send(phone, "/tick/other/here", page=DOOR, person=amina).status_code,
        send(phone, "/tick/other/undo", page=DOOR, done="x").status_code,
    ]


def test_a_helper_ticks_nobody_of_another_session(phone: FlaskClient) -> None:
    assert knocks(phone) == [404] * 4
    assert untimed(phone.get("/tick/other").text) == untimed(phone.get("/tick/none").text).replace("/none", "/other")
    assert ticked() == {}


def test_a_door_that_asks_for_no_session_would_be_noticed(phone: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "may_tick", lambda by, session: by.role == "helper")
    assert knocks(phone) == [200, 303, 303, 409]
    assert ticked() == {"501": ("here", "Noor")}


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/s", "/desk/s/helpers", "/desk/s/print", "/office", "/me", "/tick/none"]
)
def test_everything_else_is_not_there(phone: FlaskClient, path: str) -> None:
    answer, missing = phone.get(path), phone.get("/nothing-here")
    assert (answer.status_code, untimed(answer.text)) == (404, untimed(missing.text).replace("/nothing-here", path))


def test_a_helper_is_nobody_else(room: int, phone: FlaskClient) -> None:
    held = db.session.get(Session, room)
    assert not floor.may_tick(Actor(person=db.session.query(Person).first()), held)
    assert not floor.may_tick(Actor(), held)
    assert floor.may_tick(BY, held)


# --- the camera ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_over_plain_http_the_page_says_that_there_is_no_camera(phone: FlaskClient, scheme: str) -> None:
    answer = phone.get(f"{DOOR}?mode=scan", base_url=f"{scheme}://localhost")
    assert ("over https alone" in answer.text) == (scheme == "http")
    assert "USB reader" in answer.text
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "camera=()" in phone.get("/nothing-here").headers["Permissions-Policy"]
