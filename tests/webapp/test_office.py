"""The office's pages in a browser's shoes: who may enter, what is kept, what is refused and how."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as listening

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, token_of
from tests.webapp.test_programme import plan
from tests.webapp.walker import plain
from webapp.db import WRITER, db
from webapp.models import (
    Event,
    Interest,
    KeepApart,
    Person,
    PersonInterest,
    Seat,
    Session,
)
from webapp.operations.event import interests, retention

EVENT = {
    "title": "Spring Gathering", "venue": "Riverside Hotel", "time_zone": "Asia/Phnom_Penh",
    "starts_on": "2013-06-17", "ends_on": "2013-06-20", "delete_on": "2013-06-27", "preset": "discreet",
    "working_languages": "English, français, العربية", "host_language": "Khmer",
}  # fmt: skip
SESSION = {
    "title": "Speed Dating", "format": "pairs", "room": "Grand Hall", "day": "2013-06-19", "start": "14:00",
    "end": "15:00", "audience": "everybody", "rounds": "7", "round_minutes": "6", "change_minutes": "2",
    "apart": "y", "regions": "mix", "first_table": "1", "last_table": "3", "letters": "A–D",
}  # fmt: skip
PERSON = {
    "name": "سارا", "latin": "Sara", "organisation": "Reed Lamp Press", "role": "member", "country": "KH",
    "languages": "Khmer, en",
}  # fmt: skip
HOSTILE = (
    "\x00", "\u202eabc", b"\xed\xa0\x80", str(2**63), "9" * 5000, "-1", "[]", "<b>x</b>", "", "\u200b", "0001-01-01",
    "9999-12-31", "24:61", "region:nowhere", "x\r\nSet-Cookie: x",
)  # fmt: skip


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    return visitor.staff("organiser")


@pytest.fixture
def furnished(app: Flask, office: FlaskClient) -> FlaskClient:
    make.store(make.event(), make.session(slug="walk"), make.interest(slug="privacy"), make.person(public_id="someone"))
    return office


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect every statement that reaches the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engines = [db.engines[None], db.engines[WRITER]]
    for engine in engines:
        listening.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            listening.remove(engine, "before_cursor_execute", note)


def fill(rows: int) -> None:
    """Bring in sessions, interests, people and whom they visit, several of each."""
    region = make.region()
    topics = [make.interest() for _ in range(rows)]
    make.store(
        region,
        *topics,
        *(make.session(audience="region", audience_region=region, tables=make.tables("1", "2")) for _ in range(rows)),
        *(make.session(format="clinics", hosts=[make.host(topics=topics) for _ in range(rows)]) for _ in range(rows)),
        *(
            make.person(
                organisation=make.organisation(),
                regions=[region],
                languages=("en", "fr"),
                interests=[PersonInterest(interest=topic, side="offers") for topic in topics],
            )
            for _ in range(rows)
        ),
    )


@pytest.mark.parametrize("page", ["/office", "/office/sessions", "/office/interests", "/office/people"])
def test_lists_ask_the_database_the_same_few_questions(office: FlaskClient, page: str) -> None:
    make.store(make.event())
    expected = {"/office": 13, "/office/sessions": 7, "/office/interests": 5, "/office/people": 5}[page]
    for rows in (1, 2):
        fill(rows)
        office.get(page)
        with counted() as statements:
            assert office.get(page).status_code == 200
        asked = [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]
        assert len(asked) == expected, asked


def test_only_organisers_find_the_office(app: Flask, client: FlaskClient, visitor: Visitor) -> None:
    who = make.person()
    make.store(make.event(), make.session(slug="walk"), make.interest(slug="privacy"), who)
    pages = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("organiser.")]
    pages = [re.sub(r"<string:(slug|public_id)>", who.public_id, page) for page in pages if page.startswith("/office")]
    pages = [page.replace("<string:lang>", "en") for page in pages]
    pages = [page.replace("<string:what>", "people").replace("<string:ending>", "csv") for page in pages]
    assert len(pages) == 47
    for stranger in (client, visitor.participant(who), visitor.staff("facilitator")):
        for page in pages:
            assert stranger.get(page).status_code in {303, 404, 405}, page
            assert "Spring Gathering" not in stranger.get(page).text
    assert "Spring Gathering" in visitor.staff("organiser").get("/office").text


def test_an_event_is_described_and_described_anew(office: FlaskClient) -> None:
    assert office.get("/office/sessions/new").status_code == 303
    assert send(office, "/office/event", **EVENT).status_code == 303
    event = db.session.get(Event, 1)
    assert event is not None
    assert (event.preset, event.working_languages, event.host_language) == ("discreet", ["en", "fr", "ar"], "km")
    assert send(office, "/office/event", **{**EVENT, "title": "Autumn"}).status_code == 303
    assert "Autumn" in office.get("/office").text
    assert 'value="English, French, Arabic"' in office.get("/office/event").text


@pytest.mark.parametrize(("preset", "usual", "most"), [("open", "27", "2013-08-19"), ("discreet", "22", "2013-07-04")])
def test_the_day_of_deletion_has_a_usual_one_and_a_last_one(
    office: FlaskClient, monkeypatch: pytest.MonkeyPatch, preset: str, usual: str, most: str
) -> None:
    described = {**EVENT, "preset": preset, "delete_on": ""}
    assert send(office, "/office/event", **described).status_code == 303
    assert db.session.get_one(Event, 1).delete_on == date(2013, 6, int(usual))
    assert f"Everything here will be deleted on {usual} June 2013." in office.get("/office").text
    assert send(office, "/office/event", **{**described, "delete_on": most}).status_code == 303
    later = str(date.fromisoformat(most) + timedelta(days=1))
    assert "days after the end" in send(office, "/office/event", **{**described, "delete_on": later}).text
    # once it is over, other things can still be said of it; no day that has come is taken
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2013, 6, 28, 9, 0))
    assert send(office, "/office/event", **{**described, "delete_on": most, "title": "Autumn"}).status_code == 303
    assert "has come already" in send(office, "/office/event", **{**described, "delete_on": "2013-06-28"}).text


@pytest.mark.parametrize(
    ("preset", "usual", "most"), [("open", "2013-09-08", "2013-10-31"), ("discreet", "2013-09-03", "2013-09-15")]
)
def test_the_day_is_counted_from_today_where_the_last_one_has_passed(
    office: FlaskClient, monkeypatch: pytest.MonkeyPatch, preset: str, usual: str, most: str
) -> None:
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2013, 9, 1, 9, 0))
    for typed, stored in (("", usual), (most, most)):
        answer = send(office, "/office/event", **{**EVENT, "preset": preset, "delete_on": typed})
        assert answer.status_code == 303
        assert str(db.session.get_one(Event, 1).delete_on) == stored
    later = str(date.fromisoformat(most) + timedelta(days=1))
    told = send(office, "/office/event", **{**EVENT, "preset": preset, "delete_on": later}).text
    assert f"The event is over: {date.fromisoformat(most):%-d %B} 2013 at the latest." in told
    assert (
        "has come already"
        in send(office, "/office/event", **{**EVENT, "preset": preset, "delete_on": "2013-08-30"}).text
    )


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "  ", "a title"),
        ("title", "---", "letter or digit"),
        ("time_zone", "Mars/Olympus", "time zone is not known"),
        ("ends_on", "2013-06-16", "ends before it starts"),
        ("delete_on", "2013-06-20", "before the event is over"),
        ("starts_on", "yesterday", "year, month and day"),
        ("delete_on", "9999-12-31", "2100"),
        ("delete_on", "2013-07-05", "At most 14 days"),
        ("preset", "secret", "Choose one"),
        ("exit_to", "javascript:alert(1)//https://", "full address"),
        ("working_languages", "Frensh", "French"),
        ("host_language", "Khmer, Thai", "at most 1"),
    ],
)
def test_an_event_that_cannot_be_is_told_beside_the_field(
    office: FlaskClient, field: str, typed: str, told: str
) -> None:
    answer = send(office, "/office/event", **{**EVENT, "venue": "Kept as typed", field: typed})
    assert answer.status_code == 422
    assert "Kept as typed" in answer.text
    assert told in re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.S).group(0)
    assert db.session.get(Event, 1) is None


def test_a_session_is_added_once_and_told_with_its_arithmetic(office: FlaskClient) -> None:
    make.store(make.event(), *(make.person() for _ in range(3)))
    answer = send(office, "/office/sessions/new", **SESSION)
    assert answer.headers["Location"] == "/office/sessions/speed-dating?note=added"
    page = office.get("/office/sessions/speed-dating").text
    assert "7 rounds of 6 + 2 minutes end at 14:54" in page
    assert "3 people in pairs need 1 table; there are 12." in page
    assert 'value="A–D"' in page
    again = send(office, "/office/sessions/new", **SESSION)
    assert (again.status_code, db.session.query(Session).count()) == (422, 1)
    assert "with this title already" in again.text
    session = db.session.query(Session).one()
    assert (session.same_organisation, session.shared_language, len(session.tables)) == ("apart", False, 12)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"rounds": "9"}, "rounds", "9 rounds of 6 + 2 minutes end at 15:10, that is 10 minutes after"),
        ({"rounds": "1", "round_minutes": "61"}, "rounds", "that is 1 minute after the session&#39;s end at 15:00"),
        ({"rounds": ""}, "rounds", "needs this number"),
        ({"rounds": str(2**63)}, "rounds", "from 1 to 100"),
        ({"end": "13:00"}, "end", "ends before it starts"),
        ({"day": "2013-07-01"}, "day", "The event runs from"),
        ({"end_day": "9999-12-31"}, "end_day", "The event runs from"),
        ({"last_table": ""}, "last_table", "a first and a last number"),
        ({"table_names": "Garden"}, "table_names", "not both"),
        ({"letters": "AA"}, "letters", "each place once"),
        ({"last_table": "2000"}, "last_table", "more than 2000"),
        ({"first_table": "", "last_table": "", "letters": "", "table_names": "1, 2, 1"}, "table_names", "twice"),
    ],
)
def test_a_session_that_does_not_fit_is_refused_with_the_numbers(
    office: FlaskClient, changes: dict[str, str], field: str, told: str
) -> None:
    make.store(make.event())
    answer = send(office, "/office/sessions/new", **{**SESSION, **changes})
    assert answer.status_code == 422
    found = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.S)
    assert found
    assert told in found.group(1)
    assert "Grand Hall" in answer.text
    assert db.session.query(Session).count() == 0


def test_a_plain_session_needs_no_rounds_and_may_last_for_days(office: FlaskClient) -> None:
    make.store(make.event())
    answer = send(
        office, "/office/sessions/new",
        title="Meeting", format="plain", day="2013-06-17", start="09:00", end_day="2013-06-18", end="08:00",
        audience="members", regions="any",
    )  # fmt: skip
    assert answer.status_code == 303
    session = db.session.query(Session).one()
    assert (session.ends - session.starts, session.rounds) == (timedelta(hours=23), 0)


def test_a_published_plan_warns_and_keeps_its_session(office: FlaskClient) -> None:
    one, two = make.person(), make.person()
    session = make.session(slug="walk", tables=make.tables("1A"))
    make.store(make.event(), one, two, session)
    assert "is published" not in office.get("/office/sessions/walk").text
    plan(session, one, two)
    assert "is published" in office.get("/office/sessions/walk").text
    assert send(office, "/office/sessions/walk", **{**SESSION, "title": "Evening walk"}).status_code == 303
    assert db.session.query(Seat).count() == 2
    other_format = send(office, "/office/sessions/walk", **{**SESSION, "title": "Walk", "format": "circles"})
    assert (other_format.status_code, db.session.query(Session).one().format) == (422, "pairs")
    assert "its format stays" in other_format.text
    assert "Remove the session" not in office.get("/office/sessions/walk/remove").text
    refused = send(office, "/office/sessions/walk/remove", page="/office/people/new")
    assert (refused.status_code, db.session.query(Session).count()) == (409, 1)
    assert "tell people at the desk" in refused.text


def test_a_session_without_a_plan_is_removed_after_asking(furnished: FlaskClient) -> None:
    assert "Remove the session" in furnished.get("/office/sessions/walk/remove").text
    assert db.session.query(Session).count() == 1
    assert send(furnished, "/office/sessions/walk/remove").status_code == 303
    assert db.session.query(Session).count() == 0


def test_interests_by_hand(furnished: FlaskClient) -> None:
    typed = {"title": "Impunity", "heading": "Justice"}
    assert send(furnished, "/office/interests", **typed).status_code == 303
    assert send(furnished, "/office/interests", **typed).status_code == 422
    page = "/office/interests/impunity"
    assert send(furnished, page, title="Ending impunity", heading="Justice").status_code == 303
    assert send(furnished, f"{page}/retire", page=page, retired="yes").status_code == 303
    assert [row.retired for row in db.session.query(Interest).filter_by(title="Ending impunity")] == [True]
    assert send(furnished, f"{page}/retire", page=page, retired="no").status_code == 303
    assert send(furnished, f"{page}/remove", page=page).status_code == 303
    assert [row.slug for row in db.session.query(Interest)] == ["privacy"]


def test_an_interest_in_use_offers_no_removal(office: FlaskClient) -> None:
    topic = make.interest(slug="privacy")
    make.store(topic, make.person(interests=[PersonInterest(interest=topic, side="offers")]))
    assert "Remove" not in office.get("/office/interests/privacy").text
    page = "/office/interests/privacy"
    assert send(office, f"{page}/remove", page=page).status_code == 409
    assert db.session.query(Interest).count() == 1


def test_keep_apart_is_read_by_no_page(office: FlaskClient) -> None:
    one, other = make.person(public_id="someone", name="Canary One"), make.person(public_id="other", name="Canary Two")
    make.store(make.event(), one, other, make.session(slug="walk"))
    pages = ("/office", "/office/people/someone", "/office/sessions/walk")
    before = {page: plain(office.get(page)) for page in pages}
    low, high = sorted((one.id, other.id))
    make.store(KeepApart(one_id=low, other_id=high))
    with counted() as statements:
        assert {page: plain(office.get(page)) for page in pages} == before
    assert not any("keep_apart" in statement for statement in statements)
    with counted() as statements:
        db.session.query(KeepApart).all()
    assert any("keep_apart" in statement for statement in statements)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_get_an_answer_and_never_a_failure(furnished: FlaskClient, value: str | bytes) -> None:
    for key in ("page", "q", "lacking", "note"):
        assert furnished.get("/office/people", query_string={key: value}).status_code < 500
    forms = {
        "/office/event": EVENT, "/office/sessions/new": SESSION, "/office/sessions/walk": SESSION,
        "/office/interests": {"title": "T", "heading": "H"}, "/office/people/new": PERSON,
        "/office/people/someone": {**PERSON, "regions": "x", "revision": "0", "sure": "y"},
    }  # fmt: skip
    token = token_of(furnished, "/office/people/new")
    for path, fields in forms.items():
        for name in fields:
            answer = furnished.post(path, data={"csrf_token": token, **fields, name: value})
            assert answer.status_code < 500, (path, name)
    odd = value.decode("latin-1") if isinstance(value, bytes) else value
    for path in ("sessions/{}", "sessions/{}/remove", "interests/{}", "people/{}", "people/{}/remove"):
        assert furnished.get("/office/" + path.format(odd)).status_code < 500


def test_control_and_direction_characters_are_stored_nowhere(furnished: FlaskClient) -> None:
    for value in ("a\x00b", "\u202eabc", "\u2066x\u2069"):
        assert send(furnished, "/office/people/new", **{**PERSON, "name": value}).status_code == 422
        assert send(furnished, "/office/sessions/new", **{**SESSION, "title": value}).status_code == 422
        assert send(furnished, "/office/event", **{**EVENT, "venue": value}).status_code == 422
    assert db.session.query(Person).count() == 1
    assert interests.by_heading()


@pytest.mark.parametrize("typed", ["phnom penh", "Phnom_Penh", "asia/phnom_penh"])
def test_a_city_is_enough_for_its_time_zone(office: FlaskClient, typed: str) -> None:
    assert send(office, "/office/event", **{**EVENT, "time_zone": typed}).status_code == 303
    assert db.session.get(Event, 1).time_zone == "Asia/Phnom_Penh"


def test_a_city_of_two_zones_is_asked_back(office: FlaskClient) -> None:
    assert send(office, "/office/event", **{**EVENT, "time_zone": "Cordoba"}).status_code == 422
