"""Every format from end to end: planned, judged, looked at, published, and no longer fit once something is lost."""

import dataclasses
import re
from collections.abc import Sequence

import pytest
from flask import Flask

from tests.webapp.factories import Visitor
from tests.webapp.gathering import KINDS, PEOPLE, ROUNDS, gather
from tests.webapp.pages import in_words
from tests.webapp.test_bridge import BY
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.exchange import picture
from webapp.models import Host, Interpreter, Meeting, Person, PersonLanguage, Plan, Rest, Seat, Session, Table
from webapp.operations.plans import planning, summary


def drafted(kind: str, seed: int = 1) -> tuple[int, Plan]:
    session_id = gather(kind, seed)
    planning.make_plan(session_id, by=BY, seed=seed)
    plan = planning.find_plan(session_id, "draft")
    assert plan is not None
    return session_id, plan


def guests(plan: Plan) -> list[list[int]]:
    return [[seat.person_id for seat in meeting.seats] for meeting in plan.meetings]


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_is_planned_told_and_published(app: Flask, visitor: Visitor, kind: str) -> None:
    session_id, plan = drafted(kind)
    assert planning.fits(db.session(), plan)
    told, hosted = summary.summary(plan), kind in {"clinics", "stations", "groups"}
    assert (told.people, told.rounds, told.talks) == (PEOPLE - hosted, ROUNDS, len(plan.meetings))
    assert {meeting.host is not None for meeting in plan.meetings} == {hosted}
    assert len(told.load) == (0 if not hosted else 2 if kind == "clinics" else 3)
    assert sum(one.taken for one in told.load) == (db.session.query(Seat).count() if hosted else 0)
    desk = visitor.staff("facilitator")
    assert desk.get("/desk/s/draft").status_code == 200
    assert planning.publish(session_id, by=BY) == "A"
    page = desk.get("/desk/s/plan").text
    assert all(re.search(r'aria-label="[^"]*\d+ of \d+"', meter) for meter in re.findall("<meter[^>]*>", page))
    assert page.count("<meter") == len(told.load)
    assert desk.get("/desk/s/plan.svg?what=regions").status_code == 200


def test_a_specialist_has_a_place_a_round_and_leaves_no_rests(app: Flask, visitor: Visitor) -> None:
    _session_id, plan = drafted("clinics")
    assert {len(table) for table in guests(plan)} == {1}
    assert db.session.query(Rest).count() == 0
    told = summary.summary(plan)
    assert (told.reached[0] + len(told.without), len(told.reached)) == (PEOPLE - 1, 1)
    words = in_words(visitor.staff("facilitator").get("/desk/s/draft").text)
    assert f"{told.reached[0]} of {PEOPLE - 1} people have a talk with a specialist. {len(told.without)} have" in words
    assert "wished for" not in words


def test_tool_tables_are_never_too_full_and_nobody_comes_twice(app: Flask, visitor: Visitor) -> None:
    _session_id, plan = drafted("stations")
    assert all(1 <= len(table) <= 3 for table in guests(plan))
    visits = [(who, meeting.host) for meeting in plan.meetings for who in (seat.person_id for seat in meeting.seats)]
    assert len(visits) == len(set(visits))
    words = in_words(visitor.staff("facilitator").get("/desk/s/draft").text)
    assert all(
        part in words
        for part in ("a table in every round they are here for", "Tool and presenter", "How full the tables")
    )
    assert "talk" not in words


def test_groups_stay_together_from_table_to_table(app: Flask) -> None:
    _session_id, plan = drafted("groups")
    assert len({frozenset(table) for table in guests(plan)}) == 3
    assert len(plan.meetings) == 3 * ROUNDS


def test_circles_keep_why_their_people_sit_together(app: Flask, visitor: Visitor) -> None:
    _session_id, plan = drafted("circles")
    assert {len(table) for table in guests(plan)} == {3}
    reasons = [(meeting, reason) for meeting in plan.meetings for reason in meeting.reasons]
    assert reasons
    for meeting, reason in reasons:
        assert {reason["giver"], reason["taker"]} <= {seat.person_id for seat in meeting.seats}
    words = in_words(visitor.staff("facilitator").get("/desk/s/draft").text)
    assert "Everybody has a table in every round they are here for." in words
    assert "tables filled" in words


def test_where_no_language_is_shared_an_interpreter_sits(app: Flask) -> None:
    session_id, plan = drafted("pairs")
    helped = [meeting for meeting in plan.meetings if meeting.interpreter]
    assert helped
    assert all(meeting.language is None for meeting in helped)
    assert all(meeting.interpreter for meeting in plan.meetings if meeting.language is None)
    assert summary.summary(plan).interpreted == len(helped)
    with transaction() as rows:
        rows.delete(rows.query(Interpreter).one())
    with pytest.raises(NotNow, match="People, tables or rules have changed"):
        planning.publish(session_id, by=BY)


@pytest.mark.parametrize("kind", ["clinics", "stations", "groups"])
@pytest.mark.parametrize("loss", ["gone", "away", "nothing"])
def test_a_host_who_is_lost_makes_the_draft_unfit(app: Flask, kind: str, loss: str) -> None:
    session_id, plan = drafted(kind)
    visited = next(meeting for meeting in plan.meetings if meeting.host)
    with transaction() as rows:
        host = rows.query(Host).filter_by(public_id=visited.host).one()
        if loss == "gone":
            rows.delete(host)
        elif loss == "away":
            host.away = [visited.round_no]
    if loss == "nothing":
        assert planning.publish(session_id, by=BY) == "A"
        return
    with pytest.raises(NotNow, match="People, tables or rules have changed"):
        planning.publish(session_id, by=BY)


@pytest.mark.parametrize(("kind", "places"), [("stations", 1), ("groups", 2)])
def test_a_place_that_is_lost_makes_the_draft_unfit(app: Flask, kind: str, places: int) -> None:
    session_id, plan = drafted(kind)
    fullest = max(plan.meetings, key=lambda meeting: len(meeting.seats))
    assert len(fullest.seats) > places
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=fullest.host).one().places = places
    with pytest.raises(NotNow, match="People, tables or rules have changed"):
        planning.publish(session_id, by=BY)


def test_a_table_that_is_lost_makes_circles_unfit(app: Flask) -> None:
    session_id, plan = drafted("circles")
    with transaction() as rows:
        used = rows.query(Meeting).filter_by(plan_id=plan.id).first().table
        rows.query(Table).filter_by(session_id=session_id, name=used).delete()
    assert len(db.session.get(Session, session_id).tables) == 4
    with pytest.raises(NotNow, match="People, tables or rules have changed"):
        planning.publish(session_id, by=BY)


def test_who_can_visit_nobody_is_told_by_those_who_are_visited(app: Flask, visitor: Visitor) -> None:
    gather("stations", 0)
    with transaction() as rows:
        rows.query(Person).filter_by(name="guest05").one().languages = [PersonLanguage(code="km")]
    words = in_words(visitor.staff("facilitator").get("/desk/s").text)
    assert "1 person can visit nobody" in words
    assert "Nobody who is visited speaks a language of this person." in words


def test_regions_are_named_whole() -> None:
    titles = ["1 Africa", "5 Middle East and North Africa"]
    drawn = picture.grid(titles, [[10, 7], [7, 1]]).decode()
    assert all(f">{title}<" in drawn for title in titles)


@pytest.mark.parametrize("tone", [picture.LIGHT, picture.DARK], ids=["light", "dark"])
def test_numbers_stand_on_tones_that_let_them_be_read(tone: picture.Tone) -> None:
    counts = range(101)
    assert min(contrasts(picture.grid([""], [counts], tone=tone), tone)) >= 4.5
    wrong = dataclasses.replace(tone, share=1)
    assert min(contrasts(picture.grid([""], [counts], tone=wrong), wrong)) < 4.5


def contrasts(drawn: bytes, tone: picture.Tone) -> list[float]:
    """The contrast of each number to the square beneath it (WCAG 2.2, relative luminance)."""
    text = drawn.decode()
    shares = [float(one) for one in re.findall(r'fill-opacity="([\d.]+)"', text)]
    inks = re.findall(r'<text [^>]*fill="(#\w+)"[^>]*>\d+</text>', text)[-len(shares) :]
    accent, paper = channels(tone.accent), channels(tone.paper)
    squares = [[a * share + p * (1 - share) for a, p in zip(accent, paper, strict=True)] for share in shares]
    found = []
    for ink, square in zip(inks, squares, strict=True):
        low, high = sorted((luminance(channels(ink)), luminance(square)))
        found.append((high + 0.05) / (low + 0.05))
    return found


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(rgb: Sequence[float]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
