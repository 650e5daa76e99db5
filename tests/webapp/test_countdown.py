"""How long it is until the next round: said in words by the server, counted on by a small script."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_bridge import BY
from tests.webapp.test_my_rounds import arrange, at_venue
from webapp import wording
from webapp.db import db
from webapp.models import Person, Session
from webapp.operations.mine.countdown import steps_of
from webapp.operations.plans.talks import Round, Talk
from webapp.operations.rounds import running
from webapp.views import participant

SCRIPT = Path(participant.__file__).parents[1] / "static" / "countdown.js"
MOST_BYTES = 3000
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def me(app: Flask) -> Person:
    """Somebody with talks in rounds 1 and 3 of three, from 14:00 and 14:16 on."""
    make.store(make.event())
    who = make.person()
    arrange(who, [make.person(), None, make.person()])
    return who


def looked(who: Person, now: datetime, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the page says of the time left; nothing where nothing is counted."""
    monkeypatch.setattr(participant, "now", lambda: now)
    page = visitor.participant(who).get("/me").text
    found = re.search(r"<span data-say>(.*?)</span>", page)
    state = re.search(r'data-state="(.*?)"', page)
    if found is None:
        assert state is None
        return ""
    held = json.loads(html.unescape(state.group(1)))
    assert held["now"] == now.timestamp() * 1000
    left = timedelta(milliseconds=held["steps"][0]["until"] - held["now"])
    said = held["steps"][0]["say"].replace("{}", wording.time_ahead(left))
    assert said == html.unescape(found.group(1))
    return said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at_venue(14, 0) - timedelta(days=3), "Starts in 3 days"),
        (at_venue(9, 30), "Starts in 4 hours"),
        (at_venue(12, 30), "Starts in 90 minutes"),
        (at_venue(13, 48), "Starts in 12 minutes"),
        (at_venue(14, 0) - SECOND, "Starts in 1 minute"),
        (at_venue(14, 0), "Ends in 6 minutes"),
        (at_venue(14, 4) + SECOND, "Ends in 2 minutes"),
        (at_venue(14, 6), "Starts in 10 minutes"),
        (at_venue(14, 16), "Ends in 6 minutes"),
        (at_venue(14, 22), ""),
        (at_venue(14, 0) + timedelta(days=300), ""),
    ],
)
def test_the_page_says_how_long_it_is(
    me: Person, now: datetime, said: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looked(me, now, visitor, monkeypatch) == said


def test_what_the_desk_presses_moves_it(me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    session = db.session.query(Session).one()
    running.start_late(session.id, 5, seen=0, by=BY, now=at_venue(13, 50))
    assert looked(me, at_venue(13, 55), visitor, monkeypatch) == "Starts in 10 minutes"
    for verb, minute, seen in (("start", 7, 1), ("pause", 9, 2)):
        running.press(session.id, verb, seen=seen, by=BY, now=at_venue(14, minute))
        said = looked(me, at_venue(14, minute), visitor, monkeypatch)
        assert said == ("Ends in 6 minutes" if verb == "start" else "")
    running.press(session.id, "go-on", seen=3, by=BY, now=at_venue(14, 12))
    assert looked(me, at_venue(14, 12), visitor, monkeypatch) == "Ends in 4 minutes"
    running.press(session.id, "stop", seen=4, by=BY, now=at_venue(14, 13))
    assert looked(me, at_venue(14, 13), visitor, monkeypatch) == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talks=st.lists(st.booleans(), max_size=6), after=st.integers(-30, 60 * 60))
def test_the_next_moment_is_the_one_that_is_counted(app: Flask, talks: list[bool], after: int) -> None:
    event, now = make.event(), at_venue(14, 0) + timedelta(seconds=after)
    talk = Talk("pairs", "7", "", (), None, None, (), 0)
    rounds = [
        Round(at + 1, make.START + at * 8 * MINUTE, make.START + (at * 8 + 6) * MINUTE, talk=talk if held else None)
        for at, held in enumerate(talks)
    ]
    steps = steps_of(rounds, event, now)
    due = sorted(
        moment
        for at, held in enumerate(talks) if held
        for moment in (at_venue(14, at * 8), at_venue(14, at * 8 + 6)) if moment > now
    )  # fmt: skip
    assert [step.until for step in steps] == due
    assert [step.running for step in steps][::-1] == [at % 2 == 0 for at in range(len(due))]


def test_the_script_is_small_and_uses_no_more_than_the_page_has() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES
    assert not re.search(r"fetch|XMLHttp|localStorage|cookie|innerHTML|location", text)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (SECOND, "in 1 minute"),
        (MINUTE + SECOND, "in 2 minutes"),
        (119 * MINUTE, "in 119 minutes"),
        (timedelta(hours=2), "in 2 hours"),
        (timedelta(hours=23, minutes=59), "in 23 hours"),
        (timedelta(days=2, hours=23), "in 2 days"),
        (timedelta(days=400), "in 400 days"),
    ],
)
def test_a_time_ahead_is_never_said_longer_than_a_minute_too_long(app: Flask, left: timedelta, said: str) -> None:
    with app.test_request_context("/"):
        assert wording.time_ahead(left) == said


def test_it_is_said_in_the_language_of_the_page(me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(participant, "now", lambda: datetime(2013, 6, 19, 6, 58, tzinfo=UTC))
    client = visitor.participant(me)
    client.set_cookie("lang", "ar")
    assert "خلال دقيقتين" in client.get("/me").text
