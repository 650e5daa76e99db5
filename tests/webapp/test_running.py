"""The desk runs the rounds: whoever was slower changes nothing, and everybody's times move at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_clock import BY, MINUTE, OPENS
from tests.webapp.test_my_rounds import arrange
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange.ics import calendar_file
from webapp.models import Person, Session
from webapp.operations.meetings import feedback
from webapp.operations.meetings.held import held_meetings
from webapp.operations.mine import schedule
from webapp.operations.paper import cards
from webapp.operations.plans import clock
from webapp.operations.rounds import running
from webapp.views import desk_repair, participant

DOOR = "/desk/talks/run"


@pytest.fixture
def session(app: Flask) -> Session:
    session = make.session(slug="talks", title="Talks")
    make.store(make.event(), session)
    return session


@pytest.fixture
def me(session: Session) -> Person:
    """Somebody with three rounds in that session."""
    me = make.person(name="Me")
    arrange(me, [make.person(name="Anna"), make.person(name="Bo"), make.person(name="Cy")], session=session)
    return me


def press(session: Session, verb: str, now: datetime, seen: int | None = None) -> bool:
    """Press a button at a time of one's choice, having seen how things stand."""
    return running.press(session.id, verb, seen=running.revision(session) if seen is None else seen, by=BY, now=now)


# --- two people at once --------------------------------------------------------------------------------------------


def skipped(app: Flask, session: Session) -> int:
    """How many rounds and changes six people skip who press at once, all having seen the same."""
    press(session, "start", OPENS)
    held, seen = session.id, running.revision(session)
    db.session.remove()

    def one(_who: int) -> bool:
        with app.app_context():
            done = running.press(held, "skip", seen=seen, by=BY, now=OPENS + MINUTE)
            db.session.remove()
            return done

    with ThreadPoolExecutor(6) as desk:
        done = sum(desk.map(one, range(6)))
    again = running.find_session("talks")
    at = clock.position(again, OPENS + MINUTE)
    order = [("round", 1), ("change", 2), ("round", 2), ("change", 3), ("round", 3), ("over", 3)]
    assert order.index((at.kind, at.number)) == done
    return done


def test_two_who_press_skip_at_once_skip_once(app: Flask, session: Session) -> None:
    assert skipped(app, session) == 1


def test_without_the_revision_they_would_skip_more(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_is_current", lambda run, seen: True)
    assert skipped(app, session) > 1


def test_a_page_that_is_old_starts_nothing_twice(session: Session, visitor: Visitor) -> None:
    desk, other = visitor.staff("facilitator"), visitor.staff("organiser")
    seen = re.search(r'name="seen" value="(\d+)"', desk.get(DOOR).text)
    assert seen is not None
    assert send(desk, DOOR, verb="start", seen=seen.group(1)).location == DOOR
    late = send(other, DOOR, verb="start", seen=seen.group(1))
    assert late.location == f"{DOOR}?note=overtaken"
    assert "Somebody was quicker" in other.get(late.location).text
    assert send(other, DOOR, verb="dance", seen="1").location == f"{DOOR}?note=overtaken"
    assert send(other, f"{DOOR}/late", page=DOOR, minutes="5", seen="1").status_code == 409


# --- the desk's page -----------------------------------------------------------------------------------------------


def test_each_state_offers_its_buttons(session: Session, visitor: Visitor) -> None:
    desk = visitor.staff("facilitator")

    def offered() -> list[str]:
        return re.findall(r'name="verb" value="([a-z-]+)"', desk.get(DOOR).text)

    def press_and_see(verb: str) -> list[str]:
        send(desk, DOOR, verb=verb, seen=str(running.revision(session)))
        db.session.rollback()
        return offered()

    assert offered() == ["start"]
    assert press_and_see("start") == ["pause", "minute", "skip", "stop"]
    assert press_and_see("pause") == ["go-on", "minute", "skip", "stop"]
    assert press_and_see("go-on") == ["pause", "minute", "skip", "stop"]
    assert press_and_see("stop") == ["back"]
    assert press_and_see("back") == ["start"]
    assert desk.get("/desk/nothing/run").status_code == 404


def test_what_does_not_fit_changes_nothing(session: Session) -> None:
    assert not press(session, "pause", OPENS)
    assert press(session, "start", OPENS)
    assert press(session, "pause", OPENS)
    assert not press(session, "pause", OPENS)
    assert press(session, "skip", OPENS)
    assert not running.start_late(session.id, 5, seen=0, by=BY, now=OPENS)
    assert (running.revision(session), session.run.late_minutes) == (3, 0)
    with pytest.raises(NotFound):
        running.press(4711, "start", seen=0, by=BY)


def test_a_paused_clock_can_be_skipped_to_its_end(session: Session) -> None:
    for verb in ("start", "pause", *["skip"] * 5, "back"):
        assert press(session, verb, OPENS + MINUTE)


def test_plain_sessions_have_no_rounds_to_run(app: Flask, session: Session) -> None:
    make.store(make.session(slug="plain", format="plain", rounds=0))
    with pytest.raises(NotFound):
        running.find_session("plain")


@pytest.mark.parametrize("typed", ["", "-1", "241", "soon", "9" * 40])
def test_a_strange_lateness_is_asked_back(session: Session, visitor: Visitor, typed: str) -> None:
    answer = send(visitor.staff("facilitator"), f"{DOOR}/late", page=DOOR, minutes=typed, seen="0")
    assert answer.status_code == 422
    assert session.run is None
    with pytest.raises(BadInput):
        running.start_late(session.id, 241, seen=0, by=BY)


# --- everybody's times ---------------------------------------------------------------------------------------------


def entries(who: Person, now: datetime) -> list[tuple[int, str]]:
    """Sequence and start of somebody's calendar entries."""
    file = calendar_file(schedule.calendar_of(Actor(person=who), now=now))
    return [(one["SEQUENCE"], f"{one['DTSTART'].dt:%H:%M}") for one in Calendar.from_ical(file).walk("VEVENT")]


def test_late_moves_page_calendar_cards_and_screen_at_once(
    session: Session, me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = OPENS - 5 * MINUTE
    monkeypatch.setattr(participant, "now", lambda: now)
    phone, desk = visitor.participant(me), visitor.staff("facilitator")
    assert "later" not in phone.get("/me").text
    before = entries(me, now)
    assert before == [(1, "14:00"), (1, "14:08"), (1, "14:16")]
    assert send(desk, f"{DOOR}/late", page=DOOR, minutes="5", seen="0").status_code == 303
    db.session.rollback()
    page = phone.get("/me").text
    assert "Starts 5 minutes later: 14:05" in page
    assert "14:05–14:11" in page
    assert entries(me, now) == [(2, "14:05"), (2, "14:13"), (2, "14:21")]
    plan = schedule.rounds_of(Actor(person=me), now=now).first.plan
    assert {f"{one.starts:%H:%M}" for card in cards.cards_of(plan).values() for one in card.sittings} == {
        "14:05", "14:13", "14:21",
    }  # fmt: skip
    assert desk.get("/screen/talks/state.json").json["begins"] == "14:05"
    assert [f"{session.round_starts(number):%H:%M}" for number in session.numbers] == ["14:00", "14:08", "14:16"]
    with pytest.raises(NotNow):
        press(session, "start", OPENS)
        running.start_late(session.id, 0, seen=running.revision(session), by=BY, now=OPENS + MINUTE)


def test_calendars_take_no_step_back(session: Session, me: Person) -> None:
    seen = []
    for at, verb in enumerate(("start", "minute", "pause", "go-on", "skip", "stop", "back")):
        assert press(session, verb, OPENS + at * MINUTE)
        db.session.rollback()
        seen += [entries(me, OPENS + at * MINUTE)]
    sequences = [found[0][0] for found in seen]
    assert sequences == sorted(set(sequences))
    assert seen[0] == [(2, "14:00"), (2, "14:08"), (2, "14:16")]
    assert seen[1] == [(3, "14:00"), (3, "14:09"), (3, "14:17")]


def test_the_page_follows_the_room(session: Session, me: Person) -> None:
    press(session, "start", OPENS + 7 * MINUTE)
    db.session.rollback()

    def seen(minutes: int) -> tuple[str, int, int, str]:
        mine = schedule.rounds_of(Actor(person=me), now=OPENS + minutes * MINUTE)
        return mine.when, mine.card.number if mine.card else 0, mine.first.minutes_late, mine.first.state

    assert seen(12) == ("now", 1, 7, "on")
    assert seen(14) == ("next", 2, 7, "on")
    press(session, "pause", OPENS + 16 * MINUTE)
    db.session.rollback()
    assert seen(26) == ("now", 2, 17, "paused")
    press(session, "stop", OPENS + 26 * MINUTE)
    db.session.rollback()
    assert seen(27)[3] == "over"


def test_a_removed_session_takes_its_run_along(session: Session) -> None:
    press(session, "start", datetime.now(UTC) - timedelta(minutes=1))
    with transaction() as rows:
        rows.delete(rows.get(Session, session.id))
    assert db.session.query(Session).count() == 0


def test_the_desk_leads_there(session: Session, me: Person, visitor: Visitor) -> None:
    desk: FlaskClient = visitor.staff("facilitator")
    assert f'href="{DOOR}"' in desk.get("/desk/talks").text


# --- nobody has pressed Start ----------------------------------------------------------------------------------------


def test_rounds_that_wait_for_the_desk_have_not_begun(session: Session) -> None:
    now = OPENS + MINUTE
    found = clock.by_programme(session, now)
    assert found is not None
    assert (found.number, f"{found.began:%H:%M}", found.waits, clock.begun(session, now)) == (1, "14:00", False, 1)
    assert clock.by_programme(session, OPENS - MINUTE) is None
    assert press(session, "wait", now)
    assert not press(session, "wait", now)
    assert clock.begun(session, now + timedelta(hours=1)) == 0
    found = clock.by_programme(session, now)
    assert found is not None
    assert found.waits
    assert press(session, "programme", now)
    assert clock.begun(session, now) == 1
    press(session, "wait", now)
    assert press(session, "start", now + 5 * MINUTE)
    assert (clock.begun(session, now + 5 * MINUTE), clock.by_programme(session, now + 5 * MINUTE)) == (1, None)
    assert not press(session, "wait", now + 6 * MINUTE)


def test_the_desk_is_told_that_the_programme_alone_decides(
    session: Session, me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_repair, "_now", lambda: OPENS + MINUTE)
    desk, page = visitor.staff("facilitator"), "/desk/talks/repair"
    assert "By the programme round 1 has begun at 14:00." in desk.get(page).text
    answer = send(desk, DOOR, page=page, verb="wait", seen="0", back="repair")
    assert (answer.status_code, answer.location) == (303, page)
    told = desk.get(page).text
    assert "all of them are to come" in told
    assert send(desk, DOOR, page=page, verb="programme", seen="1", back="elsewhere").location == DOOR
    assert "By the programme round 1 has begun" in desk.get(page).text


def test_where_the_rounds_wait_nothing_has_run_and_nobody_is_sent_to_a_table(
    session: Session, me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, waits = OPENS + 9 * MINUTE, "We have not begun yet; your times will move."

    def seen(at: datetime) -> tuple[bool, bool, int, bool]:
        monkeypatch.setattr(participant, "now", lambda: at)
        page = visitor.participant(me).get("/me").text
        ran = [
            clock.has_run(session, 1, at),
            clock.has_ended(session, 1, at),
            bool(held_meetings(db.session(), now=at)),
        ]
        assert len(set(ran)) == 1
        return ran[0], 'id="countdown"' in page, page.count('value="not_met"'), waits in page

    def times() -> list[datetime]:
        return [entry.starts for entry in schedule.calendar_of(Actor(person=me), now=now)]

    by_programme = times()
    assert seen(now) == (True, True, 2, False), "as the programme has it"
    press(session, "wait", now)
    assert seen(now) == (False, False, 0, True)
    assert seen(now + timedelta(hours=2)) == (False, False, 0, True)
    mine = schedule.rounds_of(Actor(person=me), now=now)
    assert (mine.when, mine.card and mine.card.number, mine.earlier) == ("next", 1, [])
    assert times() == by_programme
    with pytest.raises(NotNow):
        feedback.say("talks", 1, "useful", by=Actor(person=me), now=now)
    assert seen(now + timedelta(days=1)) == (False, False, 0, False)
    press(session, "start", now + 2 * MINUTE)
    assert seen(now + 9 * MINUTE) == (True, True, 2, False)
