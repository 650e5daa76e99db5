"""What an open page of the desk is told: a colleague's version, another draft, the rounds as they run; else nothing."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_clock import MINUTE, OPENS
from tests.webapp.test_office import counted
from webapp import bridge
from webapp.db import db, transaction
from webapp.models import HelpPlace, Job, Person, Plan, Session
from webapp.operations.plans import planning, presence
from webapp.operations.reception.desk_news import Stamp
from webapp.operations.rounds import running
from webapp.views import desk_news, desk_repair

DOOR = "/desk/s"
LINE = re.compile(r'<div id="news"[^>]*>(.*?)</div>', re.DOTALL)
PAGES = ("", "/draft", "/draft/meetings", "/repair", "/gone", "/help", "/print", "/plan", "/rules", "/walk-in", "/run")
MOST_STATEMENTS = 8


@pytest.fixture
def session_id(app: Flask) -> int:
    """A session with version A and a draft."""
    session_id, _people = open_room(6, slug="s", title="Meet")
    for _ in range(2):
        planning.make_plan(session_id, by=BY)
        if not planning.find_plan(session_id, "published"):
            planning.publish(session_id, by=BY)
    return session_id


@pytest.fixture
def desk(session_id: int, visitor: Visitor) -> FlaskClient:
    return visitor.staff("facilitator")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> object:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(desk_news, "now", lambda: moment)

    set_clock(OPENS - 30 * MINUTE)
    return set_clock


def opened(desk: FlaskClient, path: str = "") -> str:
    """Where an open page asks, with what it shows."""
    page = desk.get(DOOR + path).text
    found = [re.search(rf'id="news"[^>]* data-{name}="([^"]+)"', page) for name in ("source", "seen")]
    source, seen = (one.group(1).replace("&amp;", "&") for one in found if one)
    return f"{source}&seen={seen}"


def told(desk: FlaskClient, source: str) -> str:
    """What the page says then, without its marks; nothing where nothing is new."""
    answer = desk.get(source)
    if answer.status_code == 204:
        assert (answer.data, answer.headers["Cache-Control"]) == (b"", "no-store")
        return ""
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", LINE.search(answer.text).group(1)).split())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_session_is_told_of_a_colleague_s_version(
    desk: FlaskClient, session_id: int, path: str
) -> None:
    source = opened(desk, path)
    assert told(desk, source) == ""
    planning.publish(session_id, by=BY)
    answer = desk.get(source).text
    assert told(desk, source).startswith("Version B has been published since you looked. Look once more.")
    assert 'since=A">Only what changed</a>' in answer
    assert ("data-again" in answer, 'role="status"' in answer) == (True, True)
    assert told(desk, opened(desk, path if path not in {"/draft", "/draft/meetings"} else "")) == ""


def test_another_draft_is_told_and_a_version_before_it(desk: FlaskClient, session_id: int) -> None:
    source = opened(desk, "/draft/meetings")
    planning.make_plan(session_id, by=BY)
    assert told(desk, source).startswith("There is a newer draft than the one you looked at.")
    planning.discard(session_id, by=BY)
    assert told(desk, source).startswith("There is no draft")
    source = opened(desk)
    planning.make_plan(session_id, by=BY)
    assert told(desk, source).startswith("A draft is ready.")
    planning.publish(session_id, by=BY)
    assert told(desk, source).startswith("Version B has been published")
    assert "draft" not in told(desk, source)


def test_how_the_rounds_run_is_told_as_the_desk_presses_and_as_time_goes_by(
    desk: FlaskClient, session_id: int, at: object
) -> None:
    session = db.session.get_one(Session, session_id)
    length, change = session.round_minutes, session.change_minutes

    def clock(later: int) -> str:
        return f"{OPENS.astimezone(session.event.zone) + later * MINUTE:%H:%M}"

    def press(verb: str, moment: datetime) -> str:
        assert running.press(session_id, verb, seen=running.revision(fresh()), by=BY, now=moment)
        return told(desk, source)

    def fresh() -> Session:
        db.session.rollback()
        return db.session.get_one(Session, session_id)

    at(OPENS - 30 * MINUTE)
    source, clockless = opened(desk), opened(desk, "/run")
    assert running.start_late(session_id, 10, seen=0, by=BY, now=OPENS - 30 * MINUTE)
    assert told(desk, source) == f"We start at {clock(10)} Reload"
    at(OPENS + 11 * MINUTE)
    assert "Nobody has pressed “Start round 1”." in told(desk, source)
    assert "The rounds wait for" in press("wait", OPENS + 11 * MINUTE)
    at(OPENS)
    assert press("start", OPENS) == f"Round 1 is running, until {clock(length)}. Reload"
    assert press("minute", OPENS) == f"Round 1 is running, until {clock(length + 1)}. Reload"
    assert press("pause", OPENS) == "The clock is paused Reload"
    assert press("go-on", OPENS) == f"Round 1 is running, until {clock(length + 1)}. Reload"
    seen = desk.get(source).text
    source = re.sub(r"seen=.*", "seen=" + re.search(r'data-seen="([^"]+)"', seen).group(1), source)
    assert told(desk, source) == ""
    at(OPENS + (length + 1) * MINUTE)
    assert told(desk, source) == f"Round 2 starts at {clock(length + 1 + change)}. Reload"
    assert press("stop", OPENS + (length + 1) * MINUTE) == "The rounds are over. Thank you. Reload"
    assert told(desk, clockless) == "", "the clock's own page shows that by itself"
    planning.publish(session_id, by=BY, now=OPENS - 30 * MINUTE)
    assert told(desk, clockless).startswith("Version B")


def test_another_programme_is_told(desk: FlaskClient, session_id: int) -> None:
    source = opened(desk)
    with transaction() as rows:
        rows.get_one(Session, session_id).ends += timedelta(hours=1)
    assert told(desk, source) == "The programme has changed. Reload"


def test_the_page_is_to_be_had_once_more_as_it_was_asked_for(desk: FlaskClient) -> None:
    page = desk.get(f"{DOOR}?show=here&note=saved&q=%22%3E").text
    assert 'data-again="/desk/s?show=here&amp;q=%22%3E"' in page
    assert 'data-again=""' in make.send(desk, f"{DOOR}/help", page=f"{DOOR}/help", numbers="zz", round="1").text
    assert 'id="news"' not in desk.get("/desk").text


def test_strange_questions_are_answered(desk: FlaskClient) -> None:
    for seen in ("", "x", "1.2", "9" * 12 + ".a.b.c", "1.a.b." + "c" * 400, "-1.a.b.c", "٣.a.b.c"):
        assert Stamp.read(seen) is None
        answer = desk.get(f"{DOOR}/news", query_string={"seen": seen, "since": seen})
        assert (answer.status_code, told(desk, answer.request.url)) == (200, "")
    assert desk.get("/desk/nowhere/news").status_code == 404


def test_nothing_new_costs_little(desk: FlaskClient) -> None:
    source = opened(desk)
    with counted() as statements:
        assert desk.get(source).status_code == 204
    assert len(statements) <= MOST_STATEMENTS


# --- what is pressed on a page that is old -------------------------------------------------------------------------


def test_a_draft_replaces_no_version_that_was_published_meanwhile(
    desk: FlaskClient, session_id: int, visitor: Visitor
) -> None:
    """Twin: a form that does not say what stood beside the draft, as all did before, replaces it."""
    page = desk.get(f"{DOOR}/draft").text
    draft, over = (re.search(rf'name="{name}" value="([^"]*)"', page).group(1) for name in ("draft", "over"))
    assert over == "A"
    publish_beside(session_id)
    refused = make.send(desk, f"{DOOR}/publish", page=f"{DOOR}/draft", draft=draft, over=over)
    assert refused.status_code == 409
    assert "Version B has been published since you looked. Look once more." in refused.text
    assert letter(session_id) == "B"
    assert re.search(r'name="over" value="([^"]*)"', desk.get(f"{DOOR}/draft").text).group(1) == "B"
    assert make.send(desk, f"{DOOR}/publish", page=f"{DOOR}/draft", draft=draft).status_code == 303
    assert letter(session_id) == "C"


def publish_beside(session_id: int) -> None:
    """Publish the tables of version A once more, as a repair does: the draft stays where it is."""
    with transaction() as rows:
        session = rows.get_one(Session, session_id)
        before = rows.query(Plan).filter_by(session_id=session_id, state="published").one()
        planning.load_whole(rows, before)
        case = bridge.printed(rows, before, presence.expected(rows, session), first=1, met=[])
        planning.reissue(rows, session, bridge.repaired(case).pair, BY)


def letter(session_id: int) -> str:
    db.session.rollback()
    return planning.find_plan(session_id, "published").letter


def test_an_old_page_plans_over_no_draft_that_it_does_not_show(desk: FlaskClient, session_id: int) -> None:
    planning.discard(session_id, by=BY)
    assert 'name="draft" value=""' in desk.get(DOOR).text
    planning.make_plan(session_id, by=BY)
    draft = planning.find_plan(session_id, "draft").public_id
    refused = make.send(desk, f"{DOOR}/plan", page=DOOR, draft="")
    assert (refused.status_code, "There is a newer draft" in refused.text) == (409, True)
    assert not db.session.query(Job).count()
    shown = re.search(r'/plan">.*?name="draft" value="([^"]+)"', desk.get(f"{DOOR}/draft").text).group(1)
    assert shown == draft
    assert make.send(desk, f"{DOOR}/plan", page=DOOR, draft=shown).status_code == 303
    assert db.session.query(Job).count() == 1


def test_the_help_point_sends_nobody_into_a_round_that_is_over(
    desk: FlaskClient, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = db.session.query(Person).order_by(Person.id).first().number
    assert running.press(session_id, "start", seen=0, by=BY, now=OPENS)
    monkeypatch.setattr(desk_repair, "_now", lambda: OPENS + MINUTE)
    page = desk.get(f"{DOOR}/help").text
    assert ('name="now" value="1"' in page, "<option selected>1<" in page) == (True, True)
    typed = {"numbers": who, "round": "1", "now": "1"}
    monkeypatch.setattr(desk_repair, "_now", lambda: OPENS + 9 * MINUTE)
    refused = make.send(desk, f"{DOOR}/help", page=f"{DOOR}/help", **typed)
    assert refused.status_code == 422
    assert "Round 2 has begun since you looked. Nothing was done; press once more." in refused.text
    assert "<option selected>2<" in refused.text
    assert f'value="{who}"' in refused.text
    assert not db.session.query(HelpPlace).count()
    # chosen on a page that shows round 2 as the one that runs, round 1 is meant
    assert make.send(desk, f"{DOOR}/help", page=f"{DOOR}/help", **(typed | {"now": "2"})).status_code == 303
    assert db.session.query(HelpPlace).one().round_no == 1
