"""What leads on My rounds: the meeting to go to, the session it belongs to, and nothing once all is over."""

from datetime import datetime, timedelta

import pytest

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_my_rounds import EVE, NEXT_YEAR, arrange, at_venue, look, somebody, topic
from webapp.db import transaction
from webapp.models import Interest, Run, Session
from webapp.operations.plans import clock
from webapp.views import participant

__all__ = ["topic"]


@pytest.mark.parametrize(
    ("now", "card", "when", "earlier"),
    [
        (NEXT_YEAR, None, "next", []),
        (at_venue(9, 0), 1, "next", []),
        (at_venue(14, 0), 1, "now", []),
        (at_venue(14, 5), 1, "now", []),
        (at_venue(14, 6), 2, "next", [1]),
        (at_venue(14, 20), 3, "now", [1, 2]),
        (at_venue(14, 22), None, "next", []),
        (EVE, 1, "first", []),
        (at_venue(0, 0) - timedelta(minutes=61), 1, "first", []),
        (at_venue(0, 0) - timedelta(minutes=60), 1, "next", []),
    ],
)
def test_what_comes_next(topic: Interest, now: datetime, card: int | None, when: str, earlier: list[int]) -> None:
    me = somebody(topic)
    arrange(me, [somebody(topic) for _ in range(3)])
    mine = look(me, now)
    assert (mine.card.number if mine.card else None) == card
    assert mine.when == when
    assert [held.number for held in mine.earlier] == earlier
    shown = {held.number for held in (*mine.earlier, *mine.later, *([mine.card] if mine.card else []))}
    assert shown == {1, 2, 3}


def test_the_next_session_of_the_day_comes_first(topic: Interest) -> None:
    me = somebody(topic)
    arrange(me, [somebody(topic)], title="Early")
    later = make.START + timedelta(hours=2)
    arrange(me, [somebody(topic)], title="Late", starts=later, ends=later + timedelta(hours=1))
    assert look(me, at_venue(14, 0)).first.session.title == "Early"
    assert look(me, at_venue(14, 10)).first.session.title == "Late"
    assert [timed.session.title for timed in look(me, at_venue(14, 10)).others] == ["Early"]
    assert look(me, at_venue(20, 0)).first.session.title == "Late"


def started(session: Session, at: datetime) -> None:
    with transaction() as rows:
        steps = clock.steps_of(session.timing)
        rows.merge(Run(session_id=session.id, revision=1, steps=steps, started_at=at.replace(tzinfo=None)))


def test_rounds_after_midnight_lead_once_the_desk_has_started_them_before(topic: Interest) -> None:
    me, midnight = somebody(topic), datetime(2013, 6, 19)
    plan = arrange(
        me,
        [somebody(topic) for _ in range(3)],
        starts=midnight + timedelta(minutes=30),
        ends=midnight + timedelta(hours=2),
    )
    started(plan.session, at_venue(0, 0) - timedelta(minutes=10))
    for minutes, number, when in ((-9, 1, "now"), (-3, 2, "next"), (-1, 2, "now"), (7, 3, "now")):
        mine = look(me, at_venue(0, 0) + timedelta(minutes=minutes))
        assert (mine.card and mine.card.number, mine.when) == (number, when)
    assert look(me, at_venue(0, 13)).card is None


def test_the_session_that_the_desk_runs_leads_whatever_the_programme_says(topic: Interest) -> None:
    me, later = somebody(topic), make.START + timedelta(minutes=40)
    arrange(me, [somebody(topic)], title="By the programme", ends=later)
    other = arrange(me, [somebody(topic)], title="Started", starts=later, ends=later + timedelta(hours=1))
    assert look(me, at_venue(14, 1)).first.session.title == "By the programme"
    started(other.session, at_venue(14, 0))
    mine = look(me, at_venue(14, 1))
    assert (mine.first.session.title, mine.when) == ("Started", "now")


@pytest.mark.parametrize("later", [timedelta(hours=2), timedelta(days=1), timedelta(days=16)])
def test_what_is_over_leads_nowhere(
    topic: Interest, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, later: timedelta
) -> None:
    me, after = somebody(topic), at_venue(14, 0) + later
    arrange(me, [somebody(topic) for _ in range(3)])
    monkeypatch.setattr(participant, "now", lambda: after)
    page = visitor.participant(me).get("/me").text
    assert "article" not in page
    assert page.index("How was round 3?") < page.index("Your rounds") < page.index("Round 1 · table")


def test_rounds_of_today_lead_on_although_the_event_is_of_old(topic: Interest) -> None:
    starts = datetime(2014, 6, 19, 14, 0)
    me = somebody(topic)
    arrange(me, [somebody(topic) for _ in range(3)], starts=starts, ends=starts + timedelta(minutes=24))
    for minutes, number, when in ((1, 1, "now"), (7, 2, "next"), (9, 2, "now"), (17, 3, "now")):
        mine = look(me, NEXT_YEAR + timedelta(minutes=minutes))
        assert (mine.card and mine.card.number, mine.when) == (number, when)
