"""Who is expected when: absences, sessions that must be attended, and rounds in which somebody is visited."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.webapp import factories as make
from tests.webapp.factories import START, Visitor
from webapp.db import db, transaction
from webapp.models import Absence, Attendance, Event, Host, Person, Session
from webapp.models.programme import Timing
from webapp.operations.plans.clock import begun
from webapp.operations.plans.presence import expected

HOUR = timedelta(hours=1)


def away(session: Session) -> dict[str, list[int]]:
    return {one.person.name: sorted(one.away) for one in expected(db.session(), session)}


def plain(**values: object) -> Session:
    return make.session(format="plain", rounds=0, **values)


@pytest.mark.parametrize(("must", "rounds"), [(True, [2, 3]), (False, [])])
def test_what_must_be_attended_takes_its_audience_out_of_rounds(app: Flask, must: bool, rounds: list[int]) -> None:
    talk = plain(starts=START + timedelta(minutes=10), ends=START + HOUR, must_attend=must, audience="members")
    held = make.session()
    make.store(make.event(), talk, held, make.person(name="m", role="member"), make.person(name="g", role="guest"))
    assert away(held) == {"m": rounds, "g": []}
    later = make.session(starts=START + HOUR, ends=START + 2 * HOUR)
    make.store(later)
    assert away(later) == {"m": [], "g": []}


def test_whoever_is_visited_is_no_guest_and_elsewhere_away(app: Flask) -> None:
    clinic = make.session(format="clinics", starts=START, ends=START + HOUR)
    other = make.session(starts=START, ends=START + HOUR)
    who = make.person(name="s")
    make.store(make.event(), clinic, other, who, make.person(name="g"))
    make.store(Host(session_id=clinic.id, name="s", person_id=who.id, away=[2]))
    assert away(clinic) == {"g": []}
    assert away(other) == {"s": [1, 3], "g": []}


@pytest.mark.parametrize(
    ("state", "first", "last", "rounds"),
    [("here", 1, None, []), ("late", 3, None, [1, 2]), ("here", 1, 1, [2, 3]), ("absent", 1, 0, [1, 2, 3])],
)
def test_what_the_desk_ticks_counts_in_its_own_session(
    app: Flask, state: str, first: int, last: int | None, rounds: list[int]
) -> None:
    held, other = make.session(), make.session()
    who = make.person(name="a")
    make.store(make.event(), held, other, who)
    make.store(Attendance(session_id=held.id, person_id=who.id, state=state, first_round=first, last_round=last))
    assert away(held) == {"a": rounds}
    assert away(other) == {"a": []}


def test_a_round_has_begun_by_the_clock_of_the_venue_on_its_own_day(app: Flask) -> None:
    held = make.session()
    make.store(make.event(), held)
    first, second = (held.event.at_venue(held.round_starts(number)) for number in (1, 2))
    second_later = timedelta(seconds=1)
    assert [begun(held, when) for when in (first - second_later, first, second - second_later)] == [0, 1, 1]
    assert begun(held, second.astimezone(UTC)) == 2
    assert begun(held, first + HOUR * 3) == held.rounds
    assert begun(held, first + timedelta(days=1)) == begun(held, first - timedelta(days=1)) == 0


def test_who_is_needed_elsewhere_reads_so(app: Flask, visitor: Visitor) -> None:
    talk = plain(starts=START + timedelta(minutes=10), ends=START + HOUR, must_attend=True, audience="members")
    guests = [make.person(role=role) for role in ("member", "guest", "guest", "guest")]
    make.store(make.event(), talk, make.session(slug="walk", tables=make.tables("1", "2")), *guests)
    desk = visitor.staff("facilitator")
    assert "away: rounds 2, 3" in desk.get("/desk/walk?show=expected").text


@settings(max_examples=60, deadline=None)
@given(
    rounds=st.integers(1, 12),
    minutes=st.tuples(st.integers(1, 60), st.integers(0, 20), st.integers(0, 60)),
    breaks=st.sets(st.integers(1, 11)),
)
def test_rounds_follow_one_another_with_their_breaks(
    rounds: int, minutes: tuple[int, int, int], breaks: set[int]
) -> None:
    talk, change, pause = minutes
    timing = Timing(rounds, talk, change, sorted(breaks), pause)
    clock = datetime(2013, 6, 19, 14)
    for number in range(1, rounds + 1):
        assert clock == datetime(2013, 6, 19, 14) + timing.before(number)
        clock += timedelta(minutes=talk)
        if number == rounds:
            assert clock == datetime(2013, 6, 19, 14) + timing.length
        clock += timedelta(minutes=change + (pause if number in breaks else 0))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_round_is_missed_where_anything_overlaps_it(app: Flask, data: st.DataObject) -> None:
    spans = data.draw(st.lists(st.tuples(st.integers(-30, 60), st.integers(1, 40)), max_size=3))
    kinds = [data.draw(st.sampled_from(("absence", "talk", "nothing"))) for _ in spans]
    times = [(START + timedelta(minutes=a), START + timedelta(minutes=a + b)) for a, b in spans]
    who = make.person(name="p")
    who.absences = [Absence(starts=a, ends=b) for (a, b), kind in zip(times, kinds, strict=True) if kind == "absence"]
    talks = [
        plain(starts=a, ends=b, must_attend=kind == "talk")
        for (a, b), kind in zip(times, kinds, strict=True)
        if kind != "absence"
    ]
    held = make.session(break_after=[1], break_minutes=data.draw(st.integers(0, 30)))
    held.ends = held.starts + held.timing.length
    rows = [make.event(), who, held, *talks]
    make.store(*rows)
    missed = [
        number
        for number in held.numbers
        if any(
            a < held.round_ends(number) and held.round_starts(number) < b
            for (a, b), kind in zip(times, kinds, strict=True)
            if kind != "nothing"
        )
    ]
    found = away(held)
    with transaction() as writing:
        for kind_of_row in (Session, Person, Event):
            writing.execute(delete(kind_of_row))
    assert found == {"p": missed}
