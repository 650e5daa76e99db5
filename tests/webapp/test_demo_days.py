"""The days of the demo: around whoever tries it, in the order of its files, and honestly over when they are past."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from tests.webapp import factories as make
from tests.webapp.test_bridge import BY
from webapp.db import db, transaction
from webapp.exchange.seed import Conference, SessionRow, read_conference
from webapp.models import Absence, Attendance, Event, Feedback, Person, Run, Session
from webapp.operations.event import retention
from webapp.operations.files import demo_days, intake
from webapp.operations.plans import clock, readiness
from webapp.operations.rounds import running

HOUR = timedelta(hours=1)
VENUE = 7 * HOUR
FILES = read_conference()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a day on which nothing of this is to be deleted."""
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2026, 3, 13, 9, 0))


@cache
def laid(leads: datetime) -> Conference:
    return demo_days.lay(FILES, leads)


def row(conference: Conference, slug: str) -> SessionRow:
    return next(one for one in conference.sessions if one.slug == slug)


@given(st.datetimes(datetime(2026, 2, 25), datetime(2028, 3, 5)))
@example(datetime(2026, 12, 31, 23, 50))
def test_whenever_one_comes_there_is_time_to_look_around_and_the_desk_can_start_at_once(here: datetime) -> None:
    begins = demo_days.soon(here)
    assert timedelta(minutes=40) <= begins - here < clock.EARLIEST
    assert (begins.minute % 15, begins.second, begins.microsecond) == (0, 0, 0)


QUARTERS = st.builds(
    lambda day, quarters: datetime(2026, 1, 1) + timedelta(days=day) + timedelta(minutes=15) * quarters,
    st.integers(0, 800),
    st.integers(0, 95),
)


@given(QUARTERS)
@example(datetime(2026, 3, 13, 23, 45))
@example(datetime(2026, 3, 13, 0, 0))
@example(datetime(2026, 3, 13, 8, 30))
@example(datetime(2026, 3, 13, 18, 0))
def test_at_every_hour_the_programme_keeps_its_order_and_nothing_else_is_held_at_night(leads: datetime) -> None:
    found = laid(leads)
    dating = row(found, "speed-dating")
    assert (dating.starts, dating.ends - dating.starts) == (leads, HOUR)
    held = [one for one in found.sessions if one.slug not in ("strategy-conference", "speed-dating")]
    assert [one.slug for one in sorted(held, key=lambda one: one.starts)] == [one.slug for one in held]
    assert all(one.ends <= other.starts for one, other in itertools.pairwise(held))
    for one, was in ((one, row(FILES, one.slug)) for one in held):
        assert one.ends - one.starts == was.ends - was.starts
        assert time(8) <= one.starts.time() < one.ends.time() <= time(22, 30), one.slug
        assert one.ends <= dating.starts or dating.ends <= one.starts
    for one in found.sessions:
        assert found.event.starts_on <= one.starts.date() <= one.ends.date() <= found.event.ends_on
    assert found.event.ends_on - found.event.starts_on == timedelta(days=3)
    assert found.event.starts_on <= leads.date() <= found.event.ends_on


@given(QUARTERS)
@example(datetime(2026, 3, 13, 23, 45))
def test_people_are_away_from_the_same_rounds_at_every_hour(leads: datetime) -> None:
    def missed(conference: Conference) -> list[set[tuple[str, int]]]:
        rounds = [
            (one.slug, number, one.starts + timedelta(minutes=(one.round_minutes + one.change_minutes) * number))
            for one in conference.sessions
            for number in range(one.rounds)
        ]
        return [
            {(slug, number) for slug, number, at in rounds if any(start <= at < end for start, end in person.away)}
            for person in conference.people
        ]

    assert missed(laid(leads)) == missed(FILES)
    assert sum(map(len, missed(FILES))) > 10


@pytest.mark.parametrize(
    ("day", "delete_on"), [(date(2026, 6, 17), date(2026, 6, 25)), (date(2013, 6, 19), date(2026, 3, 20))]
)
def test_on_a_day_of_ones_own_the_programme_is_as_written(app: Flask, day: date, delete_on: date) -> None:
    demo_days.bring(day, now=datetime(2026, 3, 13, tzinfo=UTC))
    by = day - date(2013, 6, 19)
    stored = {one.slug: (one.starts, one.ends) for one in db.session.query(Session)}
    assert stored == {one.slug: (one.starts + by, one.ends + by) for one in FILES.sessions}
    event = db.session.get_one(Event, 1)
    assert (event.starts_on, event.ends_on) == (FILES.event.starts_on + by, FILES.event.ends_on + by)
    assert event.delete_on == delete_on
    assert not retention.has_come(event)


def everything() -> list[object]:
    db.session.rollback()
    event = db.session.get_one(Event, 1)
    rows = [(one.slug, one.starts, one.ends) for one in db.session.query(Session).order_by(Session.id)]
    away = [(one.starts, one.ends) for one in db.session.query(Absence).order_by(Absence.id)]
    return [event.starts_on, event.ends_on, event.delete_on, rows, away]


NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("later", [timedelta(minutes=5), 3 * HOUR, timedelta(days=1)])
def test_a_demo_that_is_not_over_stays_as_it_is(app: Flask, later: timedelta) -> None:
    assert not demo_days.bring(now=NOON).moved
    before = everything()
    assert not demo_days.bring(now=NOON + later).moved
    assert everything() == before


def held() -> Session:
    return db.session.query(Session).filter_by(slug="speed-dating").one()


def known_of_rounds() -> list[int]:
    db.session.rollback()
    return [db.session.query(kind).count() for kind in (Run, Attendance, Feedback)]


@pytest.mark.parametrize(
    ("anew", "day", "later"),
    [(False, None, timedelta(days=7)), (True, None, 3 * HOUR), (False, date(2026, 5, 20), HOUR)],
)
def test_days_that_are_past_move_and_the_rounds_are_to_come_again(
    app: Flask, anew: bool, day: date | None, later: timedelta
) -> None:
    demo_days.bring(now=NOON)
    first, own = held().starts, date(2026, 3, 14)
    with transaction() as rows:
        rows.add(make.session(slug="own", starts=datetime.combine(own, time(10)), ends=datetime.combine(own, time(11))))
        someone = rows.query(Person).first().id
        rows.add(Attendance(session_id=held().id, person_id=someone, state="absent", last_round=0))
        rows.add(Feedback(session_id=held().id, person_id=someone, round_no=1, kind="useful"))
    running.press(held().id, "start", seen=0, by=BY, now=NOON)
    assert known_of_rounds() == [1, 1, 1]
    before, now = everything(), NOON + later
    assert demo_days.bring(day, anew=anew, now=now).moved
    starts_on, ends_on, delete_on, sessions, away = everything()
    leads = held().starts
    assert leads == (datetime.combine(day, time(14)) if day else demo_days.soon(now.replace(tzinfo=None) + VENUE))
    assert delete_on == ends_on + timedelta(days=7)
    assert next(one for one in sessions if one[0] == "own")[1].date() - own == starts_on - before[0]
    assert ("speed-dating", leads, leads + HOUR) in sessions
    assert known_of_rounds() == [0, 0, 0]
    spans = {(start - leads, end - leads) for start, end in away if leads <= start < leads + HOUR}
    assert spans == {(start - first, end - first) for start, end in before[4] if first <= start < first + HOUR}
    assert len(spans) > 5


def test_an_event_of_ones_own_made_of_the_demo_is_not_moved_unasked(app: Flask) -> None:
    demo_days.bring(now=NOON)
    with transaction() as rows:
        rows.get_one(Event, 1).title = "Our gathering"
    before = everything()
    assert not demo_days.bring(now=NOON + timedelta(days=30)).moved
    assert everything() == before


@pytest.mark.parametrize("hour", [0, 5, 9, 12, 16, 20, 23])
def test_the_desk_starts_the_demo_s_rounds_and_they_are_no_rehearsal(app: Flask, hour: int) -> None:
    now = datetime(2026, 3, 13, hour, 50, tzinfo=UTC)
    demo_days.bring(now=now)
    assert not clock.begun(held(), now)
    running.press(held().id, "start", seen=0, by=BY, now=now)
    db.session.rollback()
    assert not clock.is_rehearsal(held())
    assert clock.begun(held(), now) == 1


def test_the_demo_has_no_clashes_at_any_hour(app: Flask) -> None:
    for hour in range(0, 24, 3):
        demo_days.bring(anew=True, now=datetime(2026, 3, 13, hour, 10, tzinfo=UTC))
        db.session.rollback()
        codes = {one.code for one in readiness.checklist() if not one.done}
        assert not codes & {"overlap", "missed", "outside"}


def test_what_was_deleted_is_not_brought_back(app: Flask) -> None:
    demo_days.bring(now=NOON)
    with transaction() as rows:
        rows.get_one(Event, 1).deleted_at = datetime(2026, 3, 21)
    with pytest.raises(intake.Refused, match="was deleted"):
        demo_days.bring(anew=True, now=NOON + timedelta(days=30))
