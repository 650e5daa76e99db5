"""Withdrawing from a session, leaving the event, and coming back: what it does, and what nobody is told."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.pages import in_words
from tests.webapp.repairs import version_of
from tests.webapp.test_bridge import BY, open_room, problem_of
from tests.webapp.test_repair import during, session_of
from tests.webapp.test_standby import called, clinic, look, visitors
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Attendance, HelpPlace, Host, Person, Plan, Session
from webapp.operations.deletion import leaving
from webapp.operations.mine import schedule
from webapp.operations.plans import planning
from webapp.operations.plans.presence import expected
from webapp.operations.reception import checkin
from webapp.operations.rounds import floor, repair
from webapp.views import leaving as counter
from webapp.views import participant as rounds_page

BEFORE = make.START.replace(tzinfo=UTC) - timedelta(days=2)


def who(row: int) -> Actor:
    db.session.rollback()
    return Actor(person=db.session.get_one(Person, row))


def slug_of(session_id: int) -> str:
    return db.session.get_one(Session, session_id).slug


def state_of(session_id: int, row: int, now: datetime = BEFORE) -> leaving.Part:
    found = leaving.parts_of(who(row), now=now).parts
    return next(one for one in found if one.session.id == session_id)


def withdraw(session_id: int, row: int, now: datetime = BEFORE) -> None:
    leaving.withdraw(slug_of(session_id), by=who(row), now=now)


def come_back(session_id: int, row: int, now: datetime = BEFORE) -> None:
    leaving.come_back(slug_of(session_id), by=who(row), now=now)


def planned(session_id: int) -> set[int]:
    return {int(one.id) for one in problem_of(session_id).people if one.id.isdecimal()}


def seated(session_id: int) -> set[int]:
    return {seat.person_id for one in version_of(session_id).meetings for seat in one.seats}


def published(count: int = 5) -> tuple[int, list[int]]:
    session_id, rows = open_room(count)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    with transaction() as writing:
        # the rooms of the tests are held long before the day on which they run
        writing.query(Plan).update({"published_at": BEFORE.replace(tzinfo=None) - timedelta(days=1)})
    return session_id, rows


# --- one session -----------------------------------------------------------------------------------------------------


def test_who_withdraws_before_the_tables_are_drawn_is_not_planned(app: Flask) -> None:
    session_id, (me, *others) = open_room(5)
    withdraw(session_id, me)
    withdraw(session_id, me)
    assert planned(session_id) == set(others)
    assert state_of(session_id, me).state == "withdrawn"
    come_back(session_id, me)
    come_back(session_id, me)
    assert planned(session_id) == {me, *others}
    assert db.session.query(Attendance).count() == 0


def test_who_withdraws_from_a_published_plan_is_repaired_out_of_it(app: Flask) -> None:
    session_id, (me, *others) = published()
    withdraw(session_id, me)
    assert me in seated(session_id)
    found = repair.outlook(session_of(session_id), now=BEFORE)
    assert found is not None
    assert found.news is not None
    assert [one.id for one in found.news.absent] == [me]
    assert found.repair is not None
    repair.publish(session_id, "repair", found.repair.seal, first=1, by=BY, now=BEFORE)
    assert seated(session_id) <= set(others)
    # somebody has planned without them, so it is the desk's to find a place
    assert not state_of(session_id, me).may_return
    with pytest.raises(NotNow):
        come_back(session_id, me)


def test_who_takes_it_back_in_time_has_the_same_tables(app: Flask) -> None:
    session_id, (me, *_others) = published()
    before = schedule.rounds_of(who(me), now=BEFORE)
    withdraw(session_id, me)
    gone = schedule.rounds_of(who(me), now=BEFORE)
    assert gone.timed[0].withdrew
    assert not gone.timed[0].talks
    assert schedule.calendar_of(who(me), now=BEFORE) == []
    assert state_of(session_id, me).may_return
    come_back(session_id, me)
    assert schedule.rounds_of(who(me), now=BEFORE).timed[0].rounds == before.timed[0].rounds


def test_a_session_that_is_over_stays_as_it_was(app: Flask) -> None:
    session_id, (me, *_others) = published()
    withdraw(session_id, me)
    with pytest.raises(NotNow, match="over"):
        come_back(session_id, me, during(1) + timedelta(days=1))
    assert db.session.query(Attendance).one().state == "absent"


def test_a_round_that_runs_goes_on(app: Flask) -> None:
    session_id, (me, *_others) = published(4)
    withdraw(session_id, me, during(1))
    there = {one.person.id: one.away for one in expected(db.session(), session_of(session_id))}
    assert there[me] == {2, 3}
    mine = schedule.rounds_of(who(me), now=during(1)).timed[0]
    assert [one.talk is not None for one in mine.rounds] == [True, False, False]
    come_back(session_id, me, during(1))
    row = db.session.query(Attendance).one()
    assert (row.state, row.last_round) == ("here", None)


def test_the_desk_sees_who_has_withdrawn_and_its_word_counts_from_then_on(app: Flask, visitor: Visitor) -> None:
    session_id, (me, other, *_others) = published(4)
    withdraw(session_id, me)
    floor.tick(session_id, [who(other).person.public_id], "absent", by=BY, now=BEFORE)
    board = checkin.board(session_of(session_id))
    assert {one.person.id for one in board.guests if one.withdrew} == {me}
    page = visitor.staff("facilitator").get(f"/desk/{slug_of(session_id)}?show=absent").text
    assert page.count("has withdrawn") == 1
    floor.tick(session_id, [who(me).person.public_id], "here", by=BY, now=BEFORE)
    assert state_of(session_id, me).state == "coming"
    # whom the desk has marked is not let in again by their own word
    assert state_of(session_id, other).state == "coming"
    with pytest.raises(NotNow):
        leaving.withdraw(slug_of(session_id), by=who(me), now=during(3) + timedelta(days=1))


@pytest.mark.parametrize("way", ["session", "event"])
def test_a_specialists_place_goes_to_the_next(app: Flask, way: str) -> None:
    session_id, _rows = clinic()
    row, host = visitors(session_id)[0]
    assert not look(session_id).free
    if way == "session":
        withdraw(session_id, row)
    else:
        leaving.leave(by=who(row), now=BEFORE)
    found = look(session_id)
    assert called(found).keys() == {host}
    assert row not in {one.person.id for one in found.line}


def test_places_of_the_help_point_that_are_to_come_are_given_back(app: Flask) -> None:
    session_id, (me, *_others) = published(5)
    make.store(
        *(HelpPlace(session_id=session_id, round_no=n, person_id=me, kind="staff", made_by="x") for n in (1, 2, 3))
    )
    withdraw(session_id, me, during(2))
    assert [one.round_no for one in db.session.query(HelpPlace)] == [1, 2]


# --- the event -------------------------------------------------------------------------------------------------------


def test_who_has_left_is_planned_nowhere_and_can_come_back(app: Flask) -> None:
    session_id, (me, *others) = published(5)
    later = make.session(starts=make.START + timedelta(days=1), ends=make.START + timedelta(days=1, hours=1))
    make.store(later)
    leaving.leave(by=who(me), now=BEFORE)
    leaving.leave(by=who(me), now=BEFORE)
    assert planned(session_id) == set(others)
    new = make.session(starts=make.START + timedelta(days=1), ends=make.START + timedelta(days=1, hours=1))
    make.store(new)
    assert [one.person.id for one in expected(db.session(), later) if len(one.away) < later.rounds] == others
    # also in a session that is added afterwards
    assert [one.person.id for one in expected(db.session(), new) if len(one.away) < new.rounds] == others
    with pytest.raises(NotNow):
        come_back(session_id, me)
    leaving.return_to_event(by=who(me), now=BEFORE)
    leaving.return_to_event(by=who(me), now=BEFORE)
    assert planned(session_id) == {me, *others}
    assert db.session.query(Attendance).count() == 0


def test_who_leaves_while_a_round_runs_reads_that_and_nothing_that_says_otherwise(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, (me, *_others) = published(4)
    withdraw(session_id, me, during(1))
    leaving.leave(by=who(me), now=during(1))
    browser, notices = visitor.participant(who(me).person), ("You have withdrawn", "Nothing is planned for you")
    monkeypatch.setattr(rounds_page, "now", lambda: during(1))
    told = browser.get("/me").text
    assert "Round 1 still runs; you are free after it." in in_words(told)
    assert not [one for one in notices if one in told]
    monkeypatch.setattr(rounds_page, "now", lambda: during(2))
    told = browser.get("/me").text
    assert [one for one in notices if one in told] == ["Nothing is planned for you"]
    assert "still runs" not in told


def test_a_specialist_who_has_left_is_visited_by_nobody(app: Flask) -> None:
    session_id, _rows = clinic()
    make.store(specialist := make.person())
    with transaction() as writing:
        host = writing.query(Host).first()
        host.person_id, key = specialist.id, host.id
    leaving.leave(by=who(specialist.id), now=BEFORE)
    away = expected(db.session(), session_of(session_id)).away.hosts
    assert away[key] == set(session_of(session_id).numbers)
    leaving.return_to_event(by=who(specialist.id), now=BEFORE)
    assert not expected(db.session(), session_of(session_id)).away.hosts[key]


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_the_pages_lead_out_and_back_without_a_script(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    session_id, (me, *_others) = published(4)
    with transaction() as rows:
        rows.get_one(Session, session_id).event.preset = preset
    slug, browser = slug_of(session_id), visitor.participant(who(me).person)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return BEFORE

    monkeypatch.setattr(counter, "datetime", Clock)
    assert "/me/leaving" in browser.get("/me").text
    door = f"/me/leaving/session/{slug}"
    assert door in browser.get("/me/leaving").text
    assert "The tables are drawn." in browser.get(door).text
    assert send(browser, door).headers["Location"].startswith("/me/leaving?")
    assert "You can take it back" in browser.get(door).text
    assert "You have withdrawn from this session." in browser.get("/me").text
    send(browser, door, back="yes")
    assert state_of(session_id, me).state == "coming"
    send(browser, "/me/leaving/event")
    for page in ("/me", "/me/leaving"):
        assert "You have left the event" in browser.get(page).text
    send(browser, "/me/leaving/event", back="yes")
    assert "You have left the event" not in browser.get("/me").text
    assert browser.get("/me/leaving/session/nothing").status_code == 404


def test_nobody_withdraws_from_what_is_not_for_them(app: Flask) -> None:
    session_id, (me, *_others) = open_room(4, audience="members")
    with pytest.raises(NotFound):
        withdraw(session_id, me)
    with pytest.raises(NotFound):
        leaving.leave(by=BY, now=BEFORE)


def test_the_office_reads_who_has_left_and_who_has_withdrawn(app: Flask, visitor: Visitor) -> None:
    session_id, (me, other, third) = open_room(3)
    office = visitor.staff("organiser")

    def listed() -> dict[int, list[str]]:
        lines = office.get("/office/people").text.partition('<ul class="plain-list people">')[2].split("</li>")
        tags = ("has left the event", "has withdrawn from 1 session", "has withdrawn from 2 sessions")
        return {row: [tag for tag in tags for line in lines if number(row) in line and tag in line] for row in rows}

    def number(row: int) -> str:
        return f'<span class="number">{who(row).person.number}</span>'

    rows = (me, other, third)
    assert listed() == {me: [], other: [], third: []}
    # whom the desk marks has not withdrawn, and whoever leaves has left whatever they withdrew from before
    floor.tick(session_id, [who(third).person.public_id], "absent", by=BY, now=BEFORE)
    withdraw(session_id, other)
    leaving.leave(by=who(me), now=BEFORE)
    assert listed() == {
        me: ["has left the event"], other: ["has withdrawn from 1 session"], third: [],
    }  # fmt: skip
    page = {row: office.get(f"/office/people/{who(row).person.public_id}").text for row in rows}
    assert [row for row in rows if "This person has left the event." in page[row]] == [me]
    assert [row for row in rows if "has withdrawn" in page[row]] == [me, other]
    leaving.return_to_event(by=who(me), now=BEFORE)
    assert listed()[me] == []
