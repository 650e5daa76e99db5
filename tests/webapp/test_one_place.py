"""Nobody has two tables at one time: sessions of all formats share one calendar, whichever is planned first."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import START, Visitor
from tests.webapp.test_bridge import BY
from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotNow, Refused
from webapp.models import Meeting, Person, Plan, Seat, Session
from webapp.operations.mine import schedule
from webapp.operations.plans import planning
from webapp.operations.plans.presence import Elsewhere

ROUND, CHANGE = timedelta(minutes=10), timedelta(minutes=5)
OFFSETS = {"pairs": 0, "stations": 10, "circles": 20}


def programme(people: int = 5) -> dict[str, int]:
    """Three sessions of two rounds that overlap in part, for everybody; the row ids by format."""
    held = {
        kind: make.session(
            slug=kind, format=kind, starts=START + timedelta(minutes=after), ends=START + timedelta(minutes=after + 25),
            rounds=2, round_minutes=10, change_minutes=5, size=3,
            tables=make.tables(f"{kind}1", f"{kind}2") if kind != "stations" else [],
        )
        for kind, after in OFFSETS.items()
    }  # fmt: skip
    make.store(make.event(), *held.values(), *(make.person() for _ in range(people)))
    make.store(make.host(session=held["stations"], places=2))
    return {kind: session.id for kind, session in held.items()}


def publish(session_id: int) -> None:
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)


def clashes() -> list[str]:
    """Whom the published rows seat twice at one time, read without the code under test."""
    spans: dict[int, list[tuple[datetime, str]]] = {}
    rows = (
        db.session.query(Seat.person_id, Seat.round_no, Session, Meeting.table)
        .join(Meeting, Meeting.id == Seat.meeting_id)
        .join(Plan, Plan.id == Seat.plan_id)
        .join(Session, Session.id == Plan.session_id)
        .filter(Plan.state == "published")
    )
    for person, number, session, table in rows:
        begins = session.starts + (number - 1) * (ROUND + CHANGE)
        spans.setdefault(person, []).append((begins, table))
    return [
        f"{person}: {one} and {other}"
        for person, own in spans.items()
        for (first, one), (then, other) in zip(sorted(own), sorted(own)[1:], strict=False)
        if then < first + ROUND
    ]


@pytest.mark.parametrize("order", [("pairs", "stations", "circles"), ("circles", "pairs", "stations")])
def test_nobody_has_two_tables_at_one_time(app: Flask, order: tuple[str, ...]) -> None:
    sessions = programme()
    for kind in order:
        publish(sessions[kind])
    assert db.session.query(Seat).count() >= 12
    assert not clashes()
    publish(sessions[order[0]])
    assert not clashes()


def test_two_tables_at_one_time_are_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Elsewhere, "keeps", Elsewhere.needs)
    for session_id in programme().values():
        publish(session_id)
    assert clashes()


def test_a_draft_that_others_have_overtaken_is_not_published(app: Flask) -> None:
    sessions = programme()
    for kind in ("pairs", "circles", "stations"):
        planning.make_plan(sessions[kind], by=BY)
    planning.publish(sessions["stations"], by=BY)
    with pytest.raises(NotNow, match="have changed since this draft was made"):
        planning.publish(sessions["pairs"], by=BY)
    publish(sessions["pairs"])
    assert not clashes()


def test_where_everybody_sits_elsewhere_the_desk_reads_so(app: Flask, visitor: Visitor) -> None:
    sessions = programme(people=4)
    other = make.session(slug="other", rounds=1, round_minutes=10, tables=make.tables("1"))
    make.store(other)
    publish(sessions["pairs"])
    with pytest.raises(Refused, match="has a table at another session"):
        planning.make_plan(other.id, by=BY)
    assert "has a table at another session" in visitor.staff("facilitator").get("/desk/other").text


def test_my_rounds_say_that_one_is_needed_elsewhere(app: Flask, visitor: Visitor) -> None:
    sessions = programme()
    publish(sessions["stations"])
    publish(sessions["pairs"])
    needed = []
    for person in db.session.query(Person).all():
        mine = schedule.rounds_of(Actor(person=person), now=datetime(2014, 6, 19, tzinfo=UTC))
        pairs, stations = mine.timed
        taken = [held.starts for held in stations.talks]
        for held in pairs.rounds:
            if any(starts < held.ends and held.starts < starts + ROUND for starts in taken):
                assert held.code == "elsewhere"
                needed.append(person)
    assert needed
    assert "free (you are needed at another session then)" in visitor.participant(needed[0]).get("/me").text
