"""Codes on cards, codes to scan once, and what takes them back: each lets in whom it is for, and nobody afterwards."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.gathering import gather, publish
from webapp.access import NOBODY, Actor
from webapp.config import signing_key
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.exchange.square import square
from webapp.models import Event, GivenOut, Link, Person, Plan, SignIn, Staff
from webapp.models.people import utc_now
from webapp.operations.door import accounts, ways_in
from webapp.operations.guests.finding import number_in
from webapp.operations.paper import cards
from webapp.operations.plans import backups, planning
from webapp.views import page as pages

OFFICE = Actor(staff=Staff(name="anna", role="organiser"))
DESK = Actor(staff=Staff(name="ben", role="facilitator"))
FORM = re.compile(r'<form method="get".*?</form>', re.DOTALL)
NAME = re.compile(r'<input(?! type="hidden")[^>]*? name="(\w+)"|line\("(\w+)"')
SITE = "http://10.0.0.5:8000/"


@pytest.fixture
def somebody(app: Flask) -> Person:
    who, today = make.person(public_id="someone"), datetime.now(UTC).date()
    event = make.event(starts_on=today, ends_on=today, delete_on=today + timedelta(days=7))
    make.store(event, who, make.person(public_id="other"))
    return who


def everywhere(person_id: int) -> dict[str, object]:
    """All ways in that a person can have, each as something that signs in."""
    return {
        "code": (accounts.sign_in_by_code, make.code(person_id)),
        "link": (accounts.sign_in_by_link, accounts.issue_link(lasts=timedelta(hours=1), person_id=person_id)),
        "card": (ways_in.sign_in_by_card, ways_in.card_token(db.session.get_one(Person, person_id))),
    }


def lets_in(ways: dict[str, object]) -> set[str]:
    found = set()
    for name, (sign_in, secret) in ways.items():  # type: ignore[misc]
        try:
            sign_in(secret)
            found.add(name)
        except NotFound:
            continue
    return found


def discreet() -> None:
    with transaction() as rows:
        rows.execute(update(Event).values(preset="discreet"))


# --- the code on a card --------------------------------------------------------------------------------------------


def test_a_card_signs_its_holder_in_after_one_press(somebody: Person, client: FlaskClient) -> None:
    path = f"/c/{ways_in.card_token(somebody)}"
    assert len(path) - len("/c/") >= 128 / 6
    good, bad = client.get(path), client.get("/c/" + "A" * 22)
    assert untimed(good.text).replace(path, "") == untimed(bad.text).replace("/c/" + "A" * 22, "")
    for _again in range(5):
        client.head(path, headers={"Sec-Purpose": "prefetch"})
    assert db.session.query(SignIn).count() == 0
    before = client.get_cookie("rondo").value
    answer = send(client, path)
    assert (answer.status_code, answer.location) == (303, "/")
    assert db.session.query(SignIn).one().person_id == somebody.id
    assert client.get_cookie("rondo").value != before
    assert path not in client.get("/me").text


def test_in_a_discreet_event_a_card_holds_no_secret_and_lets_nobody_in(somebody: Person, client: FlaskClient) -> None:
    path = f"/c/{ways_in.card_token(somebody)}"
    discreet()
    assert send(client, path).status_code == 422
    assert db.session.query(SignIn).count() == 0


@pytest.mark.parametrize(("days", "lets"), [(2, True), (5, False), (400, False)])
def test_a_card_lets_in_until_some_days_after_the_event(somebody: Person, days: int, lets: bool) -> None:
    ways = {"card": (ways_in.sign_in_by_card, ways_in.card_token(somebody))}
    last = datetime.now(UTC).date() - timedelta(days=days)
    with transaction() as rows:
        rows.execute(update(Event).values(starts_on=last, ends_on=last))
    assert lets_in(ways) == ({"card"} if lets else set())


def test_in_a_rehearsal_a_card_lets_in_for_a_day_after_something_was_published(app: Flask) -> None:
    publish(gather("pairs", 1))
    assert db.session.query(Event).one().ends_on.year == 2013
    ways = {"card": (ways_in.sign_in_by_card, ways_in.card_token(db.session.query(Person).first()))}
    for at, lets in ((utc_now() - timedelta(hours=23), {"card"}), (utc_now() - timedelta(hours=25), set())):
        with transaction() as rows:
            rows.execute(update(Plan).values(published_at=at))
        assert lets_in(ways) == lets


def test_the_code_of_a_card_is_in_no_row_and_follows_from_no_token_of_a_form(app: Flask, somebody: Person) -> None:
    token = ways_in.card_token(somebody)
    tables = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    kept = repr([db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in tables])
    assert somebody.public_id in kept
    assert token not in kept
    assert hashlib.sha256(token.encode()).hexdigest() not in kept
    key = signing_key(app.config["SETTINGS"]).encode()
    # a browser may choose its id, and reads what is sealed over it by the key itself
    assert hmac.new(key, f"card\0{somebody.public_id}\x000".encode(), "sha256").hexdigest()[:22] != token
    app.secret_key = "k" * 40
    try:
        assert ways_in.card_token(somebody) != token
    finally:
        app.secret_key = key.decode()


def printed(session_id: int, address: str | None) -> dict[str, str | None]:
    plan = planning.find_plan(session_id, "published")
    assert plan is not None
    return {card.number: card.qr for card in cards.cards_of(plan, address=address).values()}


def test_a_card_says_where_its_page_is_and_whose_number_it_is(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    people = {one.number: one for one in db.session.query(Person)}
    first = printed(session_id, SITE)
    assert first == printed(session_id, SITE), "printed again, a card holds the same"
    assert len(set(first.values())) == len(first) > 1
    for number, qr in first.items():
        assert qr == f"{SITE}c/{ways_in.card_token(people[number])}#{number}"
        assert number_in(qr) == number
    assert set(printed(session_id, None).values()) == {None}
    discreet()
    assert printed(session_id, SITE) == {number: f"{SITE}#{number}" for number in first}


@pytest.mark.parametrize("path", ["/desk/{}", "/tick/{}"])
def test_what_was_read_from_a_card_stays_in_no_address(app: Flask, visitor: Visitor, path: str) -> None:
    session = make.session(slug="talks", tables=make.tables("1", "2"))
    who = make.person(number="412")
    make.store(make.event(), session, who, make.person())
    desk, page = visitor.staff("facilitator"), path.format("talks")
    scanned = f"{SITE}c/{ways_in.card_token(who)}#412"
    looked = desk.get(page, query_string={"q": scanned})
    assert looked.status_code == 303
    assert "q=412" in looked.location
    assert "/c/" not in looked.location
    for typed in (scanned, f"{SITE}in/{'A' * 32}"):
        for field in ("q", "number"):
            answer = send(desk, f"{page}/scan", page=page, **{field: typed})
            assert "://" not in (answer.location or "")
            assert "%3A%2F%2F" not in (answer.location or "")


@pytest.mark.parametrize(
    ("role", "path", "field"),
    [
        ("facilitator", "/desk/talks/feedback?done=x", "number"),
        ("facilitator", "/desk/talks/instead/someone", "q"),
        ("facilitator", "/desk/talks/draft/meetings?round=1", "q"),
        ("organiser", "/office/people?lacking=profile", "q"),
        ("safety", "/safety/entry/none", "q"),
    ],
)
def test_whatever_is_scanned_into_a_search_leaves_its_number_alone(
    somebody: Person, visitor: Visitor, role: str, path: str, field: str
) -> None:
    make.store(make.session(slug="talks", tables=make.tables("1", "2")))
    start, _, rest = path.partition("?")
    for token in ("c", "in"):
        scanned = f"{SITE}{token}/{ways_in.card_token(somebody)}#{somebody.number}"
        answer = visitor.staff(role).get(start, query_string={**dict(parse_qsl(rest)), field: scanned})
        assert answer.status_code == 303
        assert answer.location.partition("?")[0] == start
        asked = dict(parse_qsl(answer.location.partition("?")[2]))
        assert asked == {**dict(parse_qsl(rest)), field: somebody.number}


def test_every_search_that_takes_a_number_is_known() -> None:
    folder = Path(pages.__file__).parents[1] / "templates"
    forms = [form for path in folder.rglob("*.html") for form in FORM.findall(path.read_text(encoding="utf-8"))]
    typed = {"".join(name) for form in forms for name in NAME.findall(form)}
    assert typed <= {*pages.SEARCHES, "from", "round"}
    assert len(forms) > 6


# --- a lost slip ---------------------------------------------------------------------------------------------------


def test_a_code_to_scan_lets_one_browser_in_once(somebody: Person, app: Flask) -> None:
    older = ways_in.one_time("someone", by=DESK)
    path = f"/in/{ways_in.one_time('someone', by=DESK)}"
    browsers = [app.test_client() for _ in range(2)]
    for _again in range(10):
        assert browsers[1].get(path).status_code == 200
        assert browsers[1].head(path, headers={"Purpose": "prefetch"}).status_code == 200
    assert send(browsers[0], path).status_code == 303
    assert browsers[0].get("/me").status_code == 200
    assert send(browsers[1], path).status_code == 422
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(older)
    told = db.session.query(GivenOut).order_by(GivenOut.id).all()
    assert [(row.what, row.person_id, row.made_by) for row in told] == [("once", somebody.id, "ben")] * 2


def test_a_code_that_is_not_used_up_would_let_in_again(somebody: Person) -> None:
    token = ways_in.one_time("someone", by=DESK)
    with transaction() as rows:
        rows.execute(update(Link).values(kind="link"))
    assert accounts.sign_in_by_link(token)
    assert accounts.sign_in_by_link(token)


def test_a_code_to_scan_ends_after_ten_minutes_and_spares_the_slip(somebody: Person) -> None:
    code = make.code(somebody.id)
    token = ways_in.one_time("someone", by=DESK)
    left = db.session.query(Link).one().expires_at - utc_now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    with transaction() as rows:
        rows.execute(update(Link).values(expires_at=utc_now()))
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(token)
    assert accounts.sign_in_by_code(code)


def test_only_the_desk_replaces_a_lost_slip(somebody: Person) -> None:
    for actor in (NOBODY, Actor(person=somebody)):
        with pytest.raises(NotFound):
            ways_in.one_time("someone", by=actor)


@pytest.mark.parametrize("site", [SITE, None])
def test_the_desk_shows_it_where_phones_can_follow(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, site: str | None
) -> None:
    session = make.session(slug="talks", tables=make.tables("1", "2"))
    make.store(make.event(), session, make.person(public_id="someone"), make.person())
    monkeypatch.setattr("webapp.views.facilitator.address_of_house", lambda: site)
    desk = visitor.staff("facilitator")
    monkeypatch.setattr(accounts, "random_token", lambda: "T" * 32)
    page = send(desk, "/desk/talks/guest/someone/lost-slip", page="/desk/talks/guest/someone").text
    assert (square(f"{SITE}in/{'T' * 32}").path in page) == (site is not None)
    assert "T" * 32 not in page
    assert db.session.query(GivenOut).count() == (site is not None)
    assert "<form" in desk.get("/desk/talks/guest/someone").text


# --- taking back ---------------------------------------------------------------------------------------------------


def test_taking_back_ends_every_way_in_at_once(somebody: Person, visitor: Visitor) -> None:
    other = db.session.query(Person).filter_by(public_id="other").one()
    mine, theirs = everywhere(somebody.id), everywhere(other.id)
    ways_in.one_time("someone", by=DESK)
    phone, neighbour = visitor.participant(somebody), visitor.participant(other)
    assert lets_in(mine) == {"code", "link", "card"}
    office = visitor.staff("organiser")
    page = "/office/people/someone/back"
    assert send(office, page).location == "/office/people/someone?note=ways-taken-back"
    assert lets_in(mine) == set()
    assert phone.get("/me").location == "/"
    assert db.session.query(Link).filter_by(person_id=somebody.id).count() == 0
    assert lets_in(theirs) == {"code", "link", "card"}
    assert neighbour.get("/me").status_code == 200
    assert send(office, "/office/ways-in/back").status_code == 303
    assert lets_in(theirs) == set()
    assert neighbour.get("/me").location == "/"
    assert office.get("/office").status_code == 200
    told = re.findall(r"Ways in taken back: (?:<a[^>]*>)?(\d+)", office.get("/office/ways-in").text)
    assert told == ["2", somebody.number]


def test_a_new_code_ends_the_card_too(somebody: Person) -> None:
    ways = everywhere(somebody.id)
    fresh = ways_in.give_ways_in("someone", by=OFFICE)
    assert lets_in(ways) == set()
    assert accounts.sign_in_by_code(fresh.code)
    assert lets_in({"card": (ways_in.sign_in_by_card, ways_in.card_token(somebody))}) == {"card"}


def test_a_restore_ends_links_and_cards_and_leaves_the_digits_of_slips(somebody: Person, visitor: Visitor) -> None:
    ways = everywhere(somebody.id)
    phone = visitor.participant(somebody)
    backups.end_all_sign_ins()
    assert phone.get("/me").location == "/"
    assert lets_in(ways) == {"code"}


# --- the same answer -----------------------------------------------------------------------------------------------


def test_wrong_unknown_and_taken_back_codes_get_the_same_bytes(somebody: Person, client: FlaskClient) -> None:
    other = db.session.query(Person).filter_by(public_id="other").one()
    known, gone = (make.code(one.id).replace(" ", "") for one in (somebody, other))
    ways_in.take_back("other", by=OFFICE)
    wrong = known[:-1] + str((int(known[-1]) + 1) % 10)
    unknown = next(f"{at:04}" + "1" * 12 for at in range(3) if f"{at:04}" not in {known[:4], gone[:4]})
    answers = []
    for typed in (wrong, unknown, gone, gone[:9]):
        answer = send(client, "/", code=typed)
        body = untimed(answer.text).replace(f'value="{typed}"', "")
        answers.append((answer.status_code, body, sorted(answer.headers.items(), key=str)))
    lengths = [dict(headers).pop("Content-Length") for _status, _body, headers in answers]
    assert lengths[0] == lengths[1] == lengths[2]
    plain = [
        (status, body, [pair for pair in headers if pair[0] != "Content-Length"]) for status, body, headers in answers
    ]
    assert plain[0] == plain[1] == plain[2] == plain[3]
    assert plain[0][0] == 422
    right = send(client, "/", code=known)
    assert (right.status_code, right.location) == (303, "/me")


# --- devices -------------------------------------------------------------------------------------------------------


def test_signing_out_everywhere_ends_all_devices_of_one_person(somebody: Person, visitor: Visitor) -> None:
    other = db.session.query(Person).filter_by(public_id="other").one()
    phone, tablet, neighbour = visitor.participant(somebody), visitor.participant(somebody), visitor.participant(other)
    page = phone.get("/devices").text
    assert "signed in on 2 devices" in page
    assert 'name="everywhere"' in page
    assert "on this device only" in neighbour.get("/devices").text
    assert send(phone, "/sign-out", page="/devices", everywhere="yes").status_code == 303
    assert (phone.get("/me").location, tablet.get("/me").location) == ("/", "/")
    assert neighbour.get("/me").status_code == 200


@pytest.mark.parametrize("role", ["facilitator", "organiser", "safety"])
def test_all_staff_can_sign_out_everywhere(somebody: Person, visitor: Visitor, role: str) -> None:
    laptop = visitor.staff(role)
    page = laptop.get("/devices")
    assert page.status_code == 200
    assert 'href="/devices"' in page.text
    assert send(laptop, "/sign-out", page="/devices", everywhere="yes").status_code == 303
    assert laptop.get("/devices").location == "/"
