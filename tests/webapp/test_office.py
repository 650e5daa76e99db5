"""The office's pages in a browser's shoes: who may enter, what is kept, what is refused and how."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as listening

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, token_of
from tests.webapp.test_programme import plan, points
from webapp.access import Actor
from webapp.db import WRITER, db
from webapp.errors import NotFound
from webapp.models import (
    AccessCode,
    Event,
    Interest,
    KeepApart,
    Link,
    Organisation,
    Person,
    PersonInterest,
    Seat,
    Session,
    SignIn,
    Staff,
)
from webapp.operations import accounts, interests, people
from webapp.operations.people import find_people, fits

OFFICE = Actor(staff=Staff(name="office", role="organiser"))
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
    """Bring in sessions, interests and people, several of each."""
    region = make.region()
    topics = [make.interest() for _ in range(rows)]
    make.store(
        region,
        *topics,
        *(make.session(audience="region", audience_region=region, tables=make.tables("1", "2")) for _ in range(rows)),
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
    expected = {"/office": 12, "/office/sessions": 8, "/office/interests": 5, "/office/people": 6}[page]
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
    assert len(pages) == 15
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


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "  ", "a title"),
        ("title", "---", "letter or digit"),
        ("time_zone", "Mars/Olympus", "time zone is not known"),
        ("ends_on", "2013-06-16", "ends before it starts"),
        ("delete_on", "2013-06-20", "before the event is over"),
        ("starts_on", "yesterday", "date"),
        ("delete_on", "9999-12-31", "2100"),
        ("preset", "secret", "choice"),
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
    assert told in re.search(rf'id="{field}-error">(.*?)</p>|Not a valid choice', answer.text, re.S).group(0)
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


def test_a_person_is_added_once_and_asked_back_about_a_double(office: FlaskClient) -> None:
    make.store(make.event(), make.region(slug="asia"))
    added = send(office, "/office/people/new", **PERSON, regions="asia")
    assert added.status_code == 303
    again = send(office, "/office/people/new", **PERSON)
    assert (again.status_code, db.session.query(Person).count()) == (422, 1)
    assert 'name="sure"' in again.text
    assert send(office, "/office/people/new", **PERSON, sure="y").status_code == 303
    one, two = db.session.query(Person).order_by(Person.id)
    assert re.fullmatch(r"[1-9][0-9]{2,3}", one.number)
    assert one.number != two.number
    assert one.organisation_id == two.organisation_id
    assert [language.code for language in one.languages] == ["km", "en"]
    assert [region.slug for region in one.regions] == ["asia"]


def test_the_page_of_a_person_says_where_they_may_come(office: FlaskClient) -> None:
    member, guest = make.person(public_id="member", role="member"), make.person(public_id="guest", role="guest")
    closed = make.session(title="Closed circle", audience="members")
    make.store(make.event(), member, guest, closed, make.session(title="Open round"))
    assert "Closed circle" in office.get("/office/people/member").text
    page = office.get("/office/people/guest").text
    assert "Open round" in page
    assert "Closed circle" not in page


def test_a_change_does_not_undo_what_somebody_else_saved(office: FlaskClient) -> None:
    make.store(make.event(), make.person(public_id="someone", name="Old name"))
    stale = {**PERSON, "revision": "0"}
    assert send(office, "/office/people/someone", **{**stale, "name": "First"}).status_code == 303
    refused = send(office, "/office/people/someone", **{**stale, "name": "Second"})
    assert refused.status_code == 422
    assert "in the meantime" in refused.text
    assert 'value="Second"' in refused.text
    assert db.session.query(Person).one().name == "First"
    assert send(office, "/office/people/someone", **{**PERSON, "name": "Third", "revision": "1"}).status_code == 303
    assert db.session.query(Person).one().name == "Third"


def test_an_organisation_that_nobody_is_from_is_forgotten(app: Flask) -> None:
    misspelt, wished = make.organisation(name="Reed Lmap"), make.organisation(name="Wished for")
    make.store(
        make.event(), wished, make.person(public_id="someone", organisation=misspelt),
        make.person(public_id="other", wishes=[people.Wish(organisation=wished)], organisation=wished),
    )  # fmt: skip
    values = people.PersonValues("A", "", "reed  LAMP", "guest", None, (), ("fr", "en"), seated=True, first_time=False)
    people.change_person("someone", values, seen=0, by=OFFICE)
    people.change_person("other", values, seen=0, by=OFFICE)
    assert sorted(row.name for row in db.session.query(Organisation)) == ["Wished for", "reed  LAMP"]


def test_a_new_code_is_shown_once_and_ends_the_older_ways_in(office: FlaskClient, visitor: Visitor) -> None:
    who = make.person(public_id="someone")
    make.store(make.event(), who)
    old_code = accounts.issue_code(who.id)
    old_link = accounts.issue_link(lasts=timedelta(hours=1), person_id=who.id)
    cookie = accounts.sign_in_by_link(old_link).cookie
    page = send(office, "/office/people/someone/code", page="/office/people/someone").text
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", page)
    token = re.search(r"/in/([\w-]+)", page)
    assert code
    assert token
    assert accounts.actor_of(accounts.sign_in_by_code(code[0]).cookie).person.id == who.id
    assert accounts.link_is_good(token[1])
    assert accounts.actor_of(cookie).role == "anonymous"
    assert not accounts.link_is_good(old_link)
    with pytest.raises(NotFound):
        accounts.sign_in_by_code(old_code)
    assert code[0] not in office.get("/office/people/someone").text
    assert office.get("/office/people/someone/code").status_code == 405


def test_removing_a_person_removes_all_that_is_held(office: FlaskClient) -> None:
    who, other = make.person(public_id="someone", organisation=make.organisation()), make.person()
    session = make.session()
    make.store(make.event(), who, other, session)
    plan(session, who, other)
    accounts.issue_code(who.id)
    accounts.sign_in_by_link(accounts.issue_link(lasts=timedelta(hours=1), person_id=who.id))
    before = db.session.query(SignIn).count()
    asked = office.get("/office/people/someone/remove").text
    assert "published plan of 1 session" in asked
    assert db.session.query(Person).count() == 2
    assert send(office, "/office/people/someone/remove").status_code == 303
    assert db.session.query(Person).one().id == other.id
    assert [seat.person_id for seat in db.session.query(Seat)] == [other.id]
    assert db.session.query(AccessCode).count() == 0
    assert db.session.query(Link).filter(Link.person_id.is_not(None)).count() == 0
    assert db.session.query(SignIn).count() == before - 1
    assert db.session.query(Organisation).count() == 0
    assert office.get("/office/people/someone").status_code == 404


def test_keep_apart_is_read_by_no_page(office: FlaskClient) -> None:
    one, other = make.person(public_id="someone", name="Canary One"), make.person(public_id="other", name="Canary Two")
    make.store(make.event(), one, other, make.session(slug="walk"))
    plain = {page: office.get(page).text for page in ("/office", "/office/people/someone", "/office/sessions/walk")}
    low, high = sorted((one.id, other.id))
    make.store(KeepApart(one_id=low, other_id=high))
    with counted() as statements:
        for page, before in plain.items():
            assert office.get(page).text == before
    assert not any("keep_apart" in statement for statement in statements)
    with counted() as statements:
        db.session.query(KeepApart).all()
    assert any("keep_apart" in statement for statement in statements)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("12", True), ("1234", True), ("123٤", True), ("34", False), ("ang", True), ("NGU", True), ("van an", True),
        ("van x", False), ("เมือง", False), ("Nguyên", True), ("", True), ("guyen", False), ("anh-v", True),
    ],
)  # fmt: skip
def test_a_search_takes_the_number_or_the_start_of_any_part_of_a_name(query: str, found: bool) -> None:
    assert fits(query, number="1234", names=("Nguyễn Văn Anh", "Ang Nguyen")) is found


@pytest.mark.parametrize("query", ["سار", "Sar", "sára", "ខ្ម", "Ива"])
def test_a_search_reads_every_script(query: str) -> None:
    assert any(fits(query, number="1", names=pair) for pair in (("سارا", "Sara"), ("ខ្មែរ", ""), ("Иван", "Ivan")))


def test_lists_sort_by_latin_spelling_and_have_pages(office: FlaskClient) -> None:
    make.store(*(make.person(name=f"N {at}", latin=f"{letter}{at:02}") for letter in "ba" for at in range(30)))
    first, second = find_people(page=1), find_people(page=2)
    assert (first.last, first.found, len(first.people), len(second.people)) == (2, 60, 50, 10)
    assert [first.people[0].latin, first.people[30].latin, second.people[-1].latin] == ["a00", "b00", "b29"]
    assert find_people(page=10**18).number == 2
    assert find_people(page=-5).number == 1
    assert "Later in the alphabet" in office.get("/office/people").text


def test_people_who_lack_something_are_listed_for_themselves(office: FlaskClient) -> None:
    make.store(make.event(), make.person(name="Wordless", languages=()), make.person(name="Talker"))
    page = office.get("/office/people?lacking=language").text
    assert "Wordless" in page
    assert "Talker" not in page
    assert points()["language"] is False


def test_event_numbers_grow_longer_when_half_of_them_are_taken() -> None:
    taken = {str(number) for number in range(100, 1000)}
    assert len(people._free_number(set())) == 3
    assert len(people._free_number(taken)) == 4


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
