"""Who has withdrawn or left is named on no sheet that is printed afterwards, and the desk is told to repair."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.gathering import KINDS, gather, laid, publish, words_in
from tests.webapp.pages import in_words, printed
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_office import counted
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Host, Person, Plan, Session
from webapp.operations.deletion import leaving
from webapp.operations.paper import changed, host_sheets, printing
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import planning
from webapp.operations.rounds import floor, repair

BEFORE = make.START.replace(tzinfo=UTC) - timedelta(days=2)


MARKS = re.compile("[\u2068\u2069\u200b]")
_named: dict[str, set[str]] = {}


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test names a kind, it is planned, published and printed once for all that look at it."""
    if not hasattr(request, "param"):
        return migrated
    kind = request.param

    def work() -> None:
        session_id = gather(kind, 1)
        publish(session_id)
        _named[kind] = sheets_with(order_of(session_id), "guest04")

    return laid(migrated, tmp_path_factory.mktemp("room") / "data", work)


def order_of(session_id: int, now: datetime = BEFORE) -> PrintOrder:
    db.session.rollback()
    session = db.session.get_one(Session, session_id)
    return PrintOrder(session, planning.find_plan(session_id, "published"), now=now)


def pages(order: PrintOrder, kind: str) -> list[str]:
    read = pypdf.PdfReader(io.BytesIO(printing.KINDS[kind].press(order)))
    return [MARKS.sub("", page.extract_text()) for page in read.pages]


def sheets_with(order: PrintOrder, word: str) -> set[str]:
    """The kinds of sheets that name somebody."""
    kinds = (kind for kind in printing.KINDS.values() if kind.name != "changed" and not kind.refusal(order))
    return {kind.name for kind in kinds if word in words_in(MARKS.sub("", printed(kind.press(order))))}


def actor(name: str) -> Actor:
    db.session.rollback()
    return Actor(person=db.session.query(Person).filter_by(name=name).one())


def go(way: str, session_id: int, name: str, now: datetime = BEFORE) -> None:
    if way == "left":
        leaving.leave(by=actor(name), now=now)
    elif way == "withdrawn":
        leaving.withdraw(db.session.get_one(Session, session_id).slug, by=actor(name), now=now)
    else:
        floor.tick(session_id, [actor(name).person.public_id], "absent", by=BY, now=now)  # type: ignore[union-attr]


@pytest.mark.parametrize("way", ["withdrawn", "left", "marked"])
@pytest.mark.parametrize(("ground", "kind"), [(kind, kind) for kind in KINDS], indirect=["ground"], ids=KINDS)
def test_no_new_sheet_names_them(app: Flask, kind: str, way: str) -> None:
    session_id, named = db.session.query(Session).one().id, _named[kind]
    assert named >= {"cards", "finder", "rounds", "tick", "wall", "pack"} | ({"hosts"} if "s" in kind[-4:-1] else set())
    go(way, session_id, "guest04")
    order = order_of(session_id)
    # whom only the desk has marked may still come through the door
    assert sheets_with(order, "guest04") == (named if way == "marked" else set())
    assert order.left == (way != "marked")
    assert len(order.people) == order.holders
    for one in ("cards", "wall"):
        assert len(pages(order, one)) == printing.KINDS[one].pages(order)


def test_a_partner_keeps_the_table_and_reads_no_name(app: Flask) -> None:
    session_id, rows = open_room(4, rounds=3)
    publish(session_id)
    me, *others = rows
    before = order_of(session_id).cards
    name = before[me].name
    with_me = {
        (one, sitting.round) for one in others for sitting in before[one].sittings if name in "".join(sitting.others)
    }
    assert len(with_me) == 3
    leaving.withdraw(order_of(session_id).session.slug, by=actor(name), now=BEFORE)
    after = order_of(session_id).cards
    for one in others:
        for was, now in zip(before[one].sittings, after[one].sittings, strict=True):
            assert (was.round, was.table) == (now.round, now.table)
            assert now.others == (() if (one, was.round) in with_me else was.others)
            assert now.to_tick is not ((one, was.round) in with_me)
    assert {sitting.table for sitting in after[me].sittings} == {None}


def test_a_round_that_runs_goes_on_on_paper(app: Flask) -> None:
    session_id, rows = open_room(4, rounds=3)
    publish(session_id)
    session = order_of(session_id).session
    during = session.event.at_venue(session.round_starts(2)) + timedelta(minutes=1)
    before, name = order_of(session_id).cards[rows[0]], order_of(session_id).cards[rows[0]].name
    leaving.withdraw(session.slug, by=actor(name), now=during)
    order = order_of(session_id, during)
    assert order.left == 0
    card = next(one for one in order.people if one.number == before.number)
    assert [one.table for one in card.sittings] == [*(one.table for one in before.sittings[:2]), None]
    assert order_of(session_id, during + timedelta(minutes=8)).left == 1


def test_who_is_visited_and_has_left_is_named_nowhere(app: Flask) -> None:
    session_id = gather("stations", 1)
    publish(session_id)
    with transaction() as rows:
        rows.query(Host).filter_by(latin="host00").one().person.name = "guest00"
    named = sheets_with(order_of(session_id), "host00")
    assert named >= {"cards", "signs", "hosts", "signup"}
    leaving.leave(by=actor("guest00"), now=BEFORE)
    assert sheets_with(order_of(session_id), "host00") == set()
    assert "tool00" in words_in(" ".join(pages(order_of(session_id), "signs")))


def test_a_visit_that_falls_away_is_told_as_free(app: Flask) -> None:
    session_id = gather("clinics", 1)
    plan = publish(session_id)
    visited = {
        turn.round: turn.visitors[0].name
        for turn in host_sheets.host_sheets(plan.session, plan)[0].turns
        if turn.visitors
    }
    number, name = next(iter(visited.items()))
    go("withdrawn", session_id, name)
    turn = host_sheets.host_sheets(plan.session, plan)[0].turns[number - 1]
    assert (turn.visitors, turn.note) == ((), "Free: somebody from the standby list may come.")


def test_only_what_changed_has_no_card_for_them(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    for name in ("guest01", "guest02", "guest03"):
        go("marked", session_id, name)
    publish(session_id)
    told = changed.counts(order_of(session_id))[0]
    moved = words_in(" ".join(pages(order_of(session_id), "changed")))
    name = min(word for word in moved if word.startswith("guest"))
    go("left", session_id, name)
    now = changed.counts(order_of(session_id))[0]
    assert (now.cards, now.left) == (told.cards - 1, told.left + 1)
    listed, *cards = pages(order_of(session_id), "changed")
    assert name in words_in(listed.partition("Need no card any more")[2])
    assert name not in words_in(" ".join(cards))


@pytest.mark.usefixtures("on_the_eve")
def test_the_desk_is_told_to_repair_and_then_no_more(app: Flask, visitor: Visitor) -> None:
    session_id, rows = open_room(6, rounds=3, slug="s")
    publish(session_id)
    desk = visitor.staff("facilitator")
    said = "2 people of version A have left."

    def reads(page: str) -> str:
        return in_words(desk.get(page).text)

    names = [order_of(session_id).cards[row].name for row in rows]
    assert not [page for page in ("/desk/s", "/desk/s/print") if "have left" in reads(page)]
    with counted() as before:
        desk.get("/desk/s/print")
    go("left", session_id, names[0])
    go("withdrawn", session_id, names[1])
    go("marked", session_id, names[2])
    assert f"{said} 1 person has a table in a round when they are not here." in reads("/desk/s")
    assert "No new sheet names them." in reads("/desk/s/print").partition(said)[2]
    with counted() as after:
        desk.get("/desk/s/print")
    assert len(after) - len(before) == 1
    found = repair.outlook(db.session.get_one(Session, session_id), now=BEFORE)
    assert found is not None
    assert found.repair is not None
    repair.publish(session_id, "repair", found.repair.seal, first=1, by=BY, now=BEFORE)
    assert not [page for page in ("/desk/s", "/desk/s/print") if "have left" in reads(page)]
    assert db.session.query(Plan).filter_by(state="published").one().letter == "B"
