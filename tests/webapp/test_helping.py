"""Helpers come by an invitation, once; they are in for one session, until its end or until the desk ends it."""

import re
import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.test_bridge import BY, open_room
from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.exchange.square import square
from webapp.models import Attempt, Helper, Invitation, Person, Session
from webapp.models.people import utc_now
from webapp.operations.door import accounts, helping, patience

DOOR = "/desk/s/helpers"


@pytest.fixture
def room(app: Flask) -> int:
    """The row id of a session, on another day than today."""
    return open_room(4, slug="s", title="Meet")[0]


@pytest.fixture
def desk(app: Flask, visitor: Visitor) -> FlaskClient:
    """A browser in which a facilitator is signed in."""
    return visitor.staff("facilitator")


def names() -> list[str]:
    db.session.rollback()
    return [row.name for row in db.session.query(Helper).order_by(Helper.id)]


# --- coming in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "then"), [("link", "link"), ("code", "code"), ("link", "code"), ("code", "link")])
def test_an_invitation_lets_one_helper_in(room: int, first: str, then: str) -> None:
    made = helping.invite(room, by=BY)
    ways = {"link": (helping.come_by_link, made.token), "code": (helping.come_by_code, made.code)}
    come, way = ways[first]
    actor = accounts.actor_of(come(way, "Noor").cookie)
    assert (actor.role, actor.name, actor.helper.session_id) == ("helper", "Noor", room)
    come, way = ways[then]
    with pytest.raises(NotFound):
        come(way, "Sam")
    assert names() == ["Noor"]


def test_of_two_who_use_one_link_at_once_one_is_in(app: Flask, room: int) -> None:
    tokens = [helping.invite(room, by=BY).token for _ in range(5)]
    db.session.remove()
    answers: list[str] = []

    def come(token: str) -> None:
        with app.app_context():
            try:
                helping.come_by_link(token, "Noor")
                answers.append("in")
            except NotFound:
                answers.append("not found")

    for token in tokens:
        both = [threading.Thread(target=come, args=(token,)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert sorted(answers) == ["in"] * 5 + ["not found"] * 5


def test_an_invitation_that_is_not_used_up_would_let_in_again(room: int) -> None:
    made = helping.invite(room, by=BY)
    kept = db.session.query(Invitation).one()
    values = {name: getattr(kept, name) for name in ("session_id", "token_hash", "finder", "secret_hash", "expires_at")}
    helping.come_by_link(made.token, "Noor")
    make.store(Invitation(**values))
    assert helping.come_by_code(made.code, "Sam")


@pytest.mark.parametrize("way", ["link", "code"])
def test_an_invitation_ends_after_ten_minutes(room: int, way: str) -> None:
    made = helping.invite(room, by=BY)
    left = db.session.query(Invitation).one().expires_at - utc_now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    with transaction() as rows:
        rows.execute(update(Invitation).values(expires_at=utc_now()))
    with pytest.raises(NotFound):
        helping.come_by_link(made.token, "Noor") if way == "link" else helping.come_by_code(made.code, "Noor")
    helping.invite(room, by=BY)
    assert db.session.query(Invitation).count() == 1


def test_looking_at_an_invitation_uses_nothing_up(room: int, client: FlaskClient) -> None:
    path = f"/helper/{helping.invite(room, by=BY).token}"
    for _ in range(10):
        good, bad = client.get(path), client.get("/helper/" + "A" * 32)
        assert (good.status_code, client.head(path).status_code) == (200, 200)
        assert untimed(good.text).replace(path, "") == untimed(bad.text).replace("/helper/" + "A" * 32, "")
    assert (names(), db.session.query(Invitation).count()) == ([], 1)
    assert send(client, path, name="").status_code == 422
    assert send(client, path, name="Noor").status_code == 303
    assert (names(), db.session.query(Invitation).count()) == (["Noor"], 0)


def test_a_helper_lands_on_the_door_of_their_session(room: int, client: FlaskClient) -> None:
    before = client.get("/helper") and client.get_cookie("rondo").value
    typed = helping.invite(room, by=BY).code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    answer = send(client, "/helper", code=typed, name="نور")
    assert client.get(answer.location).location == "/tick/s"
    assert client.get("/tick/s").status_code == 200
    assert client.get_cookie("rondo").value != before
    send(client, "/sign-out", page="/tick/s")
    assert client.get("/tick/s").location == "/"


def test_wrong_and_used_codes_get_the_same_answer_and_wait(room: int, client: FlaskClient) -> None:
    used = helping.invite(room, by=BY).code
    helping.come_by_code(used, "Noor")
    other = "9999" if not used.startswith("9999") else "8888"
    pages = []
    for typed in (used, f"{other} 0000 0000", "1"):
        answer = send(client, "/helper", code=typed, name="Sam")
        pages.append((answer.status_code, untimed(answer.text).replace(f'value="{typed}"', "")))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 422
    for _ in range(patience.FREE_TRIES - 1):
        send(client, "/helper", code=f"{other} 0000 0000", name="Sam")
    assert send(client, "/helper", code=f"{other} 0000 0000", name="Sam").status_code == 429
    with pytest.raises(NotNow):
        helping.come_by_code(f"{other} 1111 1111", "Sam", address="127.0.0.1")
    good = helping.invite(room, by=BY).code
    if not good.startswith(other):
        assert helping.come_by_code(good, "Sam")
    assert db.session.query(Attempt).count() >= 1


def test_the_database_holds_no_usable_secret(room: int) -> None:
    made = helping.invite(room, by=BY)
    kept = db.session.query(Invitation).one()
    digits = made.code.replace(" ", "")
    assert not any(secret in kept.secret_hash + kept.token_hash for secret in (digits[4:], made.token))
    assert kept.secret_hash.startswith("$argon2id$")
    cookie = helping.come_by_link(made.token, "Noor").cookie
    assert cookie not in db.session.query(Helper).one().cookie_hash
    assert len(made.token) >= 128 / 6
    assert len(digits) == 12


def test_nobody_bears_the_name_of_another(room: int) -> None:
    accounts.add_staff("Anna", "facilitator", None)
    for typed in ("Noor", "noor", "ANNA", "Noor"):
        helping.come_by_link(helping.invite(room, by=BY).token, typed)
    assert names() == ["Noor", "noor 2", "ANNA 2", "Noor 3"]


@pytest.mark.parametrize("who", ["nobody", "participant", "helper"])
def test_only_the_desk_invites_and_ends(room: int, who: str) -> None:
    helping.come_by_link(helping.invite(room, by=BY).token, "Noor")
    held = db.session.query(Helper).one()
    actor = {"nobody": NOBODY, "participant": Actor(person=db.session.query(Person).first())}.get(
        who, Actor(helper=held)
    )
    for asked in (
        lambda: helping.invite(room, by=actor),
        lambda: helping.end(room, held.public_id, by=actor),
        lambda: helping.end_all(room, by=actor),
    ):
        with pytest.raises(NotFound):
            asked()


# --- until when ----------------------------------------------------------------------------------------------------

DAY = make.START.date()
IN_UTC = timedelta(hours=-7)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2013, 6, 19, 13, 30), datetime(2013, 6, 19, 16, 56)),
        (datetime(2013, 6, 19, 0, 10), datetime(2013, 6, 19, 16, 56)),
        (datetime(2013, 6, 19, 16, 0), datetime(2013, 6, 19, 18, 0)),
        (datetime(2013, 6, 18, 23, 50), datetime(2013, 6, 19, 7, 50)),
        (datetime(2026, 1, 5, 9, 0), datetime(2026, 1, 5, 17, 0)),
    ],
)
def test_helping_ends_with_the_session_by_the_clock_of_the_venue(room: int, since: datetime, until: datetime) -> None:
    held = db.session.get(Session, room)
    assert helping.helps_until(held, since + IN_UTC) == until + IN_UTC
    helper = Helper(ends_at=helping.helps_until(held, since + IN_UTC))
    assert helper.is_in(until + IN_UTC - timedelta(seconds=1))
    assert not helper.is_in(until + IN_UTC)


def test_over_midnight_it_is_still_the_day_of_the_session(app: Flask) -> None:
    late = make.session(starts=datetime(2013, 6, 19, 23, 0), ends=datetime(2013, 6, 20, 1, 0))
    make.store(make.event(), late)
    assert helping.helps_until(late, datetime(2013, 6, 20, 0, 30) + IN_UTC) == datetime(2013, 6, 20, 3, 0) + IN_UTC


def test_after_the_end_the_next_request_is_refused(room: int, visitor: Visitor) -> None:
    phone = visitor.helper(room)
    assert phone.get("/tick/s").status_code == 200
    with transaction() as rows:
        rows.execute(update(Helper).values(ends_at=utc_now()))
    assert phone.get("/tick/s").location == "/"
    assert phone.post("/tick/s/scan").status_code in {400, 401}


# --- the desk's page -----------------------------------------------------------------------------------------------


def test_the_desk_sees_who_helps_and_ends_it_at_once(room: int, desk: FlaskClient, visitor: Visitor) -> None:
    assert "Nobody helps at the moment" in desk.get(DOOR).text
    phone, other = visitor.helper(room), visitor.helper(room, "Sam")
    send(phone, "/tick/s/scan", page="/tick/s", number=db.session.query(Person).first().number)
    page = desk.get(DOOR).text
    assert re.search(r"<bdi>Noor</bdi>.{0,40}<small>since \d\d:\d\d, until \d\d:\d\d · 1 person ticked in", page)
    assert page.index("Noor") < page.index("Sam")
    first = re.search(r'action="([^"]+/end)"', page)[1]
    assert send(desk, first, page=DOOR).location == f"{DOOR}?note=ended"
    assert phone.get("/tick/s").location == "/"
    assert other.get("/tick/s").status_code == 200
    open_one = helping.invite(room, by=BY)
    assert send(desk, f"{DOOR}/end", page=DOOR).location == f"{DOOR}?note=all-ended"
    assert other.get("/tick/s").location == "/"
    with pytest.raises(NotFound):
        helping.come_by_link(open_one.token, "Kim")


def test_a_helper_of_another_session_is_not_ended_from_here(room: int, desk: FlaskClient, visitor: Visitor) -> None:
    other = make.session(slug="other")
    make.store(other)
    phone = visitor.helper(other.id)
    held = db.session.query(Helper).one().public_id
    assert send(desk, f"{DOOR}/{held}/end", page=DOOR).status_code == 404
    send(desk, f"{DOOR}/end", page=DOOR)
    assert phone.get("/tick/other").status_code == 200
    assert "Noor" not in desk.get(DOOR).text


@pytest.mark.parametrize("host", ["localhost", "rondo.example"])
def test_a_code_to_scan_stands_where_phones_can_follow_it(
    room: int, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    house = None if host == "localhost" else f"http://{host}/"
    monkeypatch.setattr("webapp.views.facilitator.address_of_house", lambda: house)
    monkeypatch.setattr("webapp.operations.door.helping.secrets.token_urlsafe", lambda _count: "T" * 32)
    page = send(desk, f"{DOOR}/new", page=DOOR).text
    assert re.search(r'class="secret" dir="ltr">\d{4} \d{4} \d{4}<', page)
    assert ("phones cannot reach this computer" in page) == (host == "localhost")
    assert (square(f"http://{host}/helper/{'T' * 32}").path in page) == (host != "localhost")
    assert "T" * 32 not in page
