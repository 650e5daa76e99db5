"""Only what changed: whose card is wrong, where they sit now, and in which order a runner finds the cards."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

import matcher
from matcher.repair.again import stale_cards
from matcher.repair.changes import Changes
from tests.webapp import factories as make
from tests.webapp.gathering import gather, publish
from tests.webapp.test_sheets import pages
from tests.webapp.test_stamps import texts
from webapp.bridge.judging import as_answered
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.models import Attendance, Meeting, Person, Plan, Rest, Seat
from webapp.operations.paper import changed
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import planning

Tables = Mapping[str, tuple[int, ...]]
"""Who sits at which table of a round, by their place in the list of people; at "" who rests."""
STRIP = re.compile(r"^(Table \w+|New|No table now) (stay|go to \w+|free|away)\n[^\n]+\n(\d+)", re.MULTILINE)
BARE = dict.fromkeys(map(ord, "\u2068\u2069"))


def people_of(count: int, *, preset: str = "open", **values: Any) -> list[int]:
    """People of a session with three rounds."""
    guests = [
        make.person(number=str(100 + at), name=f"Guest {at}", organisation=make.organisation(name=f"house{at:02}"))
        for at in range(count)
    ]
    make.store(
        make.event(preset=preset), make.session(slug="s", title="Meet", tables=make.tables("1"), **values), *guests
    )
    return [guest.id for guest in guests]


def version(people: list[int], *rounds: Tables) -> Plan:
    """Publish exactly this as the next version."""
    db.session.rollback()
    session_id = planning.find_session("s").id
    last = planning.find_plan(session_id, "published")
    with transaction() as rows:
        shares = {rows.get_one(Person, one).public_id: 1.0 for one in people}
        plan = Plan(session_id=session_id, rounds=len(rounds), people=len(people), quality={"shares": shares})
        rows.add(plan)
        rows.flush()
        for number, tables in enumerate(rounds, 1):
            for at, (table, seated) in enumerate(tables.items()):
                if not table:
                    rows.add_all(
                        Rest(plan_id=plan.id, round_no=number, person_id=people[one], code="limit") for one in seated
                    )
                    continue
                seats = [
                    Seat(plan_id=plan.id, round_no=number, person_id=people[one], place=place)
                    for place, one in enumerate(seated)
                ]
                rows.add(Meeting(plan_id=plan.id, round_no=number, table=table, position=at, seats=seats))
        rows.flush()
        if last is not None:
            rows.get_one(Plan, last.id).state = "replaced"
            rows.flush()
        plan.state, plan.version = "published", (last.version or 0) + 1 if last is not None else 1
    return published()


def published() -> Plan:
    db.session.rollback()
    found = planning.find_plan(planning.find_session("s").id, "published")
    assert found is not None
    return found


def order(*, begun: int = 0, since: str | None = None) -> PrintOrder:
    """An order while this round is running, or on the day before."""
    plan = published()
    session = plan.session
    moment = session.round_starts(begun) + timedelta(seconds=30) if begun else session.starts - timedelta(days=1)
    return PrintOrder(session, plan, since=since, now=session.event.at_venue(moment))


def told(**values: Any) -> list[list[tuple[str, str, str]]]:
    """The number on each changed card and the two words on its strip, by page and place."""
    sheets = pages(changed.press(order(**values)))[1:]
    return [
        [(number, where, goes) for where, goes, number in STRIP.findall(sheet.extract_text().translate(BARE))]
        for sheet in sheets
    ]


def cards(**values: Any) -> list[tuple[str, str, str]]:
    """The same of all cards, by number."""
    return sorted(card for sheet in told(**values) for card in sheet)


def listed(**values: Any) -> str:
    """The list that cards are delivered by."""
    return texts(changed.press(order(**values)))[0]


# --- whose card is wrong -------------------------------------------------------------------------------------------


def wrong(said: changed.Places, now: changed.Places, *, first: int = 1, last: int = 3) -> tuple[set[int], ...]:
    found = changed.stale(said, now, range(first, 4), last=last)
    return set(found.moved), set(found.new), set(found.left)


def test_another_table_a_rest_for_a_table_and_a_table_for_a_rest_make_a_card_wrong() -> None:
    said: changed.Places = {at: {1: "1", 2: "2", 3: None} for at in range(5)}
    now: changed.Places = {
        0: {1: "1", 2: "2", 3: None},
        1: {1: "1", 2: "9", 3: None},
        2: {1: "1", 2: None, 3: None},
        3: {1: "1", 2: "2", 3: "9"},
        4: {1: "9", 2: "2", 3: None},
    }
    assert wrong(said, now) == ({1, 2, 3, 4}, set(), set())
    assert wrong(said, now, first=2) == ({1, 2, 3}, set(), set())
    assert wrong(said, now, first=3) == ({3}, set(), set())


def test_who_comes_gets_a_card_and_who_has_left_gets_none() -> None:
    said: changed.Places = {1: {1: "1", 2: "2", 3: "3"}, 2: {1: "1", 2: "2", 3: "3"}, 3: {1: "4"}}
    now: changed.Places = {1: {1: "1"}, 2: {1: "1", 2: "2"}, 4: {2: "5", 3: None}}
    assert wrong(said, now, first=2) == (set(), {4}, {1})
    assert wrong(said, now) == (set(), {4}, {3})


def test_a_round_that_is_not_held_any_more_makes_a_card_wrong() -> None:
    said: changed.Places = {1: {1: "1", 2: "2", 3: "3"}, 2: {1: "1", 2: "2", 3: None}}
    now: changed.Places = {1: {1: "1", 2: "2"}, 2: {1: "1", 2: "2"}}
    assert wrong(said, now, last=2) == ({1}, set(), set())


@pytest.mark.parametrize("kind", ["pairs", "clinics", "circles"])
def test_it_is_what_the_engine_calls_stale(app: Flask, kind: str) -> None:
    session_id = gather(kind, 1)
    before = as_answered(publish(session_id))
    gone, came = max(row.id for row in db.session.query(Person)), make.person()
    make.store(Attendance(session_id=session_id, person_id=gone, state="absent", last_round=0), came)
    after = as_answered(publish(session_id, seed=1))
    late = (matcher.Person(str(came.id)),)
    seen = set()
    for begun in range(3):
        asked = order(begun=begun)
        placed = changed._places(asked, [asked.version, changed.find(asked.version, "A")])
        now, said = placed.values()
        found = changed.stale(said, now, range(begun + 1, 4), last=3)
        engine = stale_cards(before, after, Changes(begun + 1, absent=(str(gone),), late=late))
        assert {str(one) for one in found.moved} == set(engine)
        assert found.left == {gone}
        assert found.new == {came.id}
        seen |= found.moved
    assert seen


# --- what is printed -----------------------------------------------------------------------------------------------


def test_other_partners_at_the_same_tables_make_no_card_wrong(app: Flask) -> None:
    people = people_of(4)
    version(people, {"1": (0, 1), "2": (2, 3)}, {"1": (0, 1), "2": (2, 3)})
    version(people, {"1": (0, 2), "2": (1, 3)}, {"1": (0, 1), "2": (2, 3)})
    assert {number for number, *_rest in cards()} == {"101", "102"}
    version(people, {"1": (0, 1, 2), "2": (3,)}, {"1": (0, 1), "2": (2, 3)})
    assert {number for number, *_rest in cards()} == {"101"}
    version(people, {"1": (2, 1, 0), "2": (3,)}, {"1": (1, 0), "2": (3, 2)})
    with pytest.raises(NotNow, match=r"No card has changed since version C\."):
        changed.press(order())
    assert {number for number, *_rest in cards(since="2")} == {"101"}
    assert [(one.letter, one.cards, one.left) for one in changed.counts(order())] == [
        ("C", 0, 0),
        ("B", 1, 0),
        ("A", 1, 0),
    ]


def test_each_card_says_where_its_holder_sits_and_to_stay_or_go(app: Flask) -> None:
    people = people_of(8)
    version(
        people, {"12": (0, 1), "2": (2, 3), "": (4, 5)}, {"12": (0,), "2": (1, 2, 3), "3": (4, 5)}, {"7": (0, 1, 2, 3)}
    )
    version(
        people,
        {"12": (0, 1), "2": (2, 3), "": (4, 5)},
        {"12": (0,), "31": (1, 2), "": (3,), "4": (4,), "3": (6,)},
        {"8": (0, 1, 2), "7": (3,), "9": (4, 6)},
    )
    assert cards(begun=1) == [
        ("100", "Table 12", "stay"),
        ("101", "Table 12", "go to 31"),
        ("102", "Table 2", "go to 31"),
        ("103", "Table 2", "free"),
        ("104", "No table now", "go to 4"),
        ("106", "New", "go to 3"),
    ]
    page = listed(begun=1)
    assert re_order(page, ["102", "103", "100", "101", "104", "106", "Need no card any more", "105"])
    assert "107" not in page
    assert "where people sit now" in page
    assert cards()[4] == ("104", "Table 3", "free")
    assert "first table on the old card" in listed()


def re_order(text: str, words: list[str]) -> bool:
    """Whether the words stand in the text in this order."""
    places = [text.find(f"{word}") for word in words]
    return -1 not in places and places == sorted(places)


def test_what_has_begun_changes_no_card(app: Flask) -> None:
    people = people_of(2)
    version(people, {"1": (0, 1)}, {"1": (0, 1)})
    version(people, {"2": (0, 1)}, {"1": (0, 1)})
    assert len(cards()) == 2
    with pytest.raises(NotNow):
        changed.press(order(begun=1))


def test_piles_come_out_by_the_table_where_people_sit(app: Flask) -> None:
    people = people_of(11)
    tables = [f"{number}" for number in (10, 2, 33, 1, 21, 3, 12, 9, 8, 30, 4)]
    version(people, {table: (at,) for at, table in enumerate(tables)})
    version(people, {f"{table}B": (at,) for at, table in enumerate(tables)})
    sheets = told()
    assert [len(sheet) for sheet in sheets] == [6, 5]
    cut = [sheet[place][1] for place in range(6) for sheet in sheets if place < len(sheet)]
    assert cut == [f"Table {table}" for table in sorted(tables, key=int)]
    assert re_order(listed(), [f" {number} " for number, *_strip in (sheet[0] for sheet in sheets)])


def test_visitors_who_waited_get_a_card_when_a_visit_is_found(app: Flask) -> None:
    people = people_of(4, format="clinics")
    version(people, {"S1": (0,)}, {"S1": (1,)})
    version(people[:3], {"S1": (0,)}, {"S1": (1,), "S2": (2,)})
    assert cards(begun=1) == [("102", "No table now", "go to S2")]
    assert re_order(listed(), ["102", "Need no card any more", "103"])
    assert "101" not in listed()


@pytest.mark.parametrize(("preset", "shown"), [("open", True), ("discreet", False)])
def test_discreet_cards_tell_no_organisation(app: Flask, preset: str, shown: bool) -> None:
    people = people_of(2, preset=preset)
    version(people, {"1": (0, 1)})
    version(people, {"2": (0, 1)})
    assert ("house" in " ".join(texts(changed.press(order())))) == shown
