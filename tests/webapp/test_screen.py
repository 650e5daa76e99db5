"""Big screens: paired by a code, bound to their device, for display alone, and in many languages at once."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_clock import BY, OPENS
from webapp import i18n
from webapp.access import ROUTES
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import Screen, Session
from webapp.operations.door import accounts, patience, screens
from webapp.operations.rounds import running
from webapp.operations.words import titles
from webapp.views import clockface

DOOR, SHOWN = "/screen", "/screen/talks"


@pytest.fixture
def session(app: Flask) -> Session:
    session = make.session(slug="talks", title="Talks", tables=make.tables("1", "2", "3", "4"))
    for table, zone in zip(session.tables, ("left", "left", "", "right"), strict=True):
        table.zone = zone
    make.store(make.event(working_languages=["en", "fr", "ar"]), session, make.session(slug="other", title="Other"))
    return session


def waiting(app: Flask) -> tuple[FlaskClient, str]:
    """A device that shows a code."""
    device = app.test_client()
    assert send(device, DOOR).status_code == 303
    found = re.search(r'data-code="(\d{6})"', device.get(DOOR).text)
    assert found is not None
    return device, found.group(1)


def connect(desk: FlaskClient, code: str, slug: str = "talks") -> int:
    """Type a code at the desk; return the answer's status."""
    return send(desk, f"/desk/{slug}/run/screens", page=f"/desk/{slug}/run", code=code).status_code


def test_a_screen_shows_its_session_and_nothing_else(app: Flask, session: Session, visitor: Visitor) -> None:
    device, code = waiting(app)
    assert "Talks" not in device.get(DOOR).text
    assert connect(visitor.staff("facilitator"), f" {code[:3]} {code[3:]} ") == 303
    assert visitor.staff("facilitator").get(DOOR).location == "/desk"
    assert device.get(DOOR).location == SHOWN
    page = device.get(SHOWN)
    assert page.status_code == 200
    assert "Talks" in page.text
    assert "1</bdi>–<bdi>2</bdi>: <bdi>left" in page.text
    assert device.get("/screen/other").location == DOOR
    assert device.get("/screen/other/state.json").status_code == 404
    assert device.get(f"{SHOWN}/state.json").json["steps"] == []
    nobody = app.test_client()
    for path in ("/", "/desk", "/desk/talks", "/desk/talks/run", "/me", "/office", "/nothing-here"):
        answers = [one.get(path) for one in (device, nobody)]
        assert len({(answer.status_code, answer.location) for answer in answers}) == 1, path
    assert send(device, DOOR, page="/").status_code == 404


def test_the_table_gives_a_screen_two_pages_and_what_is_anybody_s() -> None:
    own = {name for name, roles in ROUTES.items() if "screen" in roles and "participant" not in roles}
    assert own == {"screen.door", "screen.show", "screen.state"}


# --- what a code opens, and for whom -------------------------------------------------------------------------------


def strangers(app: Flask, visitor: Visitor) -> list[int]:
    """What others are answered at a screen's pages while another device is paired."""
    device, code = waiting(app)
    other, _code = waiting(app)
    assert connect(visitor.staff("facilitator"), code) == 303
    return [one.get(SHOWN).status_code for one in (device, other, app.test_client())]


def test_a_code_opens_for_the_device_that_shows_it(app: Flask, session: Session, visitor: Visitor) -> None:
    assert strangers(app, visitor) == [200, 303, 303]


def test_a_key_that_fits_all_would_open_for_others(
    app: Flask, session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loose(cookie: str) -> Screen | None:
        paired = db.session.query(Screen).filter(Screen.session_id.is_not(None)).first()
        return paired or db.session.get(Screen, accounts.fast_hash(cookie))

    monkeypatch.setattr(screens, "_find", loose)
    assert strangers(app, visitor)[:2] == [200, 200]


def test_a_code_is_used_once_and_ends_after_ten_minutes(app: Flask, session: Session, visitor: Visitor) -> None:
    desk = visitor.staff("facilitator")
    device, code = waiting(app)
    assert connect(desk, code) == 303
    assert connect(desk, code, "other") == 422
    assert device.get(DOOR).location == SHOWN
    late, code = waiting(app)
    with transaction() as rows:
        rows.query(Screen).filter_by(code=code).one().expires_at -= screens.CODE_LASTS
    assert connect(desk, code) == 422
    assert "data-code" not in late.get(DOOR).text


def test_wrong_codes_get_slower_and_slower(app: Flask, session: Session, visitor: Visitor) -> None:
    desk, (_device, code) = visitor.staff("facilitator"), waiting(app)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert {connect(desk, wrong) for _try in range(patience.FREE_TRIES)} == {422}
    assert connect(desk, code) == 429
    assert connect(desk, "") == 422
    with pytest.raises(NotFound):
        screens.pair(4711, code, by=BY)
    assert connect(visitor.staff("organiser"), code) == 303


def test_asking_again_ends_the_code_before(app: Flask, session: Session) -> None:
    device, code = waiting(app)
    cookie = device.get_cookie("rondo")
    assert cookie is not None
    send(device, DOOR, page="/")
    assert db.session.query(Screen).filter_by(code=code).count() == 0
    assert screens.code_of(cookie.value) == ""
    assert device.get_cookie("rondo").value != cookie.value


def test_however_many_ask_a_new_screen_gets_a_code(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make.store(make.event())
    monkeypatch.setattr(screens, "MOST_WAITING", 6)
    monkeypatch.setattr(screens, "MOST_OF_ONE_ADDRESS", 3)
    ours = screens.ask_code("", address="10.0.0.1").cookie
    crowd = [screens.ask_code("", address="192.0.2.9").cookie for _again in range(8)]
    assert [bool(screens.code_of(one)) for one in crowd] == [False] * 5 + [True] * 3
    assert screens.code_of(ours)
    for last in range(6):
        late = screens.ask_code("", address=f"2001:db8:0:{last}::1").cookie
        assert screens.code_of(late)
    assert not screens.code_of(ours)
    assert db.session.query(Screen).count() == 6
    assert not any("192.0.2" in repr(row) for row in db.session.execute(text("SELECT * FROM screen")))


def test_a_screen_lasts_until_the_day_ends_or_the_desk_lets_it_go(
    app: Flask, session: Session, visitor: Visitor
) -> None:
    desk, (device, code) = visitor.staff("facilitator"), waiting(app)
    connect(desk, code)
    row = db.session.query(Screen).one()
    midnight = (row.expires_at.replace(tzinfo=UTC)).astimezone(session.event.zone)
    assert (midnight.hour, midnight.minute) == (0, 0)
    assert timedelta() < midnight - datetime.now(UTC) <= timedelta(days=1)
    path = f"/desk/talks/run/screens/{row.public_id}/unpair"
    assert send(desk, path.replace("talks", "other"), page="/desk/other/run").status_code == 404
    assert device.get(SHOWN).status_code == 200
    assert send(desk, path, page="/desk/talks/run").status_code == 303
    assert device.get(SHOWN).location == DOOR
    device, code = waiting(app)
    connect(desk, code)
    with transaction() as rows:
        rows.query(Screen).one().expires_at -= timedelta(days=2)
    assert device.get(SHOWN).location == DOOR


# --- what it shows -------------------------------------------------------------------------------------------------


def test_page_and_state_say_the_same(session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    running.press(session.id, "start", seen=0, by=BY, now=OPENS)
    db.session.rollback()
    monkeypatch.setattr(clockface, "now", lambda: OPENS + timedelta(minutes=5, seconds=17))
    desk = visitor.staff("facilitator")
    page, state = desk.get(SHOWN).text, desk.get(f"{SHOWN}/state.json").json
    held = re.search(r'data-state="([^"]+)"', page)
    assert held is not None
    assert json.loads(held.group(1).replace("&#34;", '"')) == state
    assert state["now"] - state["first"] == 317_000
    assert [kind for kind, _number, _ends in state["steps"]] == ["round", "change", "round", "change", "round"]
    assert ">0:43</p>" in page
    assert re.findall(r'data-sign="([a-z]+)">', page) == ["minute"]
    assert ">14:05</time>" in page


@pytest.mark.parametrize(
    ("minutes", "sign", "shown"),
    [(-200, "before", "14:00"), (-5, "before", "5:00"), (0, "soon", "14:00"), (20, "soon", "14:20")],
)
def test_once_the_start_has_passed_the_present_time_stands_there(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, minutes: int, sign: str, shown: str
) -> None:
    monkeypatch.setattr(clockface, "now", lambda: OPENS + timedelta(minutes=minutes))
    page = visitor.staff("facilitator").get(SHOWN).text
    assert re.findall(r'data-sign="([a-z]+)">', page) == [sign]
    assert f" data-left>{shown}</p>" in page
    assert ('class="left past"' in page) == (sign == "soon")


def test_it_speaks_the_languages_of_the_event(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clockface.languages_of(session, "en") == ["en", "fr", "ar"]
    translated = {"fr": "Allez", "ar": "انتقلوا", "en": "Go"}
    monkeypatch.setitem(
        clockface.SIGNS, "change", type("Sign", (), {"__str__": lambda self: translated[i18n.locale().language]})()
    )
    told = clockface.face(session, ["en", "fr", "ar"]).words
    assert [(one.lang, one.dir, one.signs["change"]) for one in told] == [
        ("en", "ltr", "Go"), ("fr", "ltr", "Allez"), ("ar", "rtl", "انتقلوا"),
    ]  # fmt: skip
    monkeypatch.setitem(clockface.SIGNS, "change", "Go")
    assert [one.lang for one in clockface.face(session, ["en", "fr"]).words] == ["en"]


def test_it_has_the_session_s_title_in_its_languages_each_once(session: Session, visitor: Visitor) -> None:
    def shown() -> list[tuple[str, str]]:
        page = visitor.staff("facilitator").get(SHOWN).text
        head = page[page.index("<h1") : page.index("</h1>")]
        return re.findall(r'<span lang="([a-z]+)" dir="[a-z]+"><bdi>([^<]+)</bdi></span>', head)

    assert shown() == [("en", "Talks")]
    with transaction() as rows:
        titles.write(rows, {"Talks": {"ar": "أحاديث", "km": "ការសន្ទនា"}})
    assert shown() == [("en", "Talks"), ("ar", "أحاديث")]
    with transaction() as rows:
        titles.write(rows, {"Talks": {"fr": "Entretiens"}})
    assert shown() == [("en", "Talks"), ("fr", "Entretiens"), ("ar", "أحاديث")]
