"""What can be printed: each kind by itself, all of them as one, and what every page of them says."""

import io
import re
from datetime import datetime

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.gathering import gather, publish
from tests.webapp.test_bridge import open_room
from tests.webapp.test_office import counted
from tests.webapp.test_stamps import texts
from webapp.db import db
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import Session
from webapp.operations.paper import printing
from webapp.operations.paper.print_order import Kind, PrintOrder
from webapp.operations.plans import planning
from webapp.operations.words import titles

DOOR = "/desk/s"


def order_of(session_id: int, **values: str) -> PrintOrder:
    """An order at 13:37 of the day before, by the venue's clock."""
    db.session.rollback()
    session = db.session.get(Session, session_id)
    assert session is not None
    now = session.event.at_venue(datetime(2013, 6, 18, 13, 37))
    return PrintOrder(session, planning.find_plan(session_id, "published"), now=now, **values)  # type: ignore[arg-type]


def possible(order: PrintOrder) -> list[Kind]:
    return [kind for kind in printing.KINDS.values() if kind.name != "changed" and not kind.refusal(order)]


def unmarked(pages: list[str], letter: str) -> list[str]:
    """The pages that do not tell their version and when they were printed."""
    return [page for page in pages if not re.search(rf"(?<![\w.]){letter}\b", page) or "13:37" not in page]


# --- version and time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "times"), [("pairs", 2), ("clinics", 1), ("stations", 1)])
def test_every_page_tells_its_version_and_when_it_was_printed(app: Flask, kind: str, times: int) -> None:
    session_id = gather(kind, 1)
    for letter, words in (("A", ""), ("B", "B replaces A."))[:times]:
        publish(session_id)
        order = order_of(session_id)
        pages = {one.name: texts(one.press(order)) for one in possible(order) if one.name != "pack"}
        assert set(pages) >= {"signs", "cards", "tick", "rounds", "finder"}
        for name, those in pages.items():
            assert those
            assert not unmarked(those, letter), name
            assert all((words or "replaces") in page for page in those) is bool(words), name


def test_a_page_without_them_would_be_noticed() -> None:
    assert unmarked(["Tick list 1B A. 13:37"], "B")
    assert unmarked(["Tick list B 13:38"], "B")
    assert not unmarked(["Tick list B 13:37"], "B")


# --- the pack ------------------------------------------------------------------------------------------------------


def test_the_pack_is_every_kind_that_the_session_has_in_their_order(app: Flask) -> None:
    session_id, _people = open_room(5)
    with pytest.raises(NotNow, match="Nothing is published yet"):
        printing.sheet(session_id, "pack")
    publish(session_id)
    order = order_of(session_id)
    packed = [kind for kind in possible(order) if kind.packed]
    assert {"signs", "cards", "tick", "rounds"} <= {kind.name for kind in packed}
    pack = printing.KINDS["pack"].press(order)
    assert texts(pack) == [page for kind in packed for page in texts(kind.press(order))]
    book = pypdf.PdfReader(io.BytesIO(pack))
    assert [one.title for one in book.outline] == [str(kind.title) for kind in packed]
    assert {round(page.mediabox.width) for page in book.pages} == {595}
    letter = pypdf.PdfReader(io.BytesIO(printing.sheet(session_id, "pack", paper="letter")))
    assert {float(page.mediabox.width) for page in letter.pages} == {612}


@pytest.mark.parametrize("kind", ["pairs", "clinics"])
def test_the_pack_takes_the_same_queries_for_any_room(app: Flask, kind: str) -> None:
    session_id = gather(kind, 1)
    counts = []
    for more in (0, 5):
        make.store(*(make.person(organisation=make.organisation(), regions=[make.region()]) for _ in range(more)))
        held = db.session.get_one(Session, session_id) if kind == "clinics" else None
        make.store(*(make.host(session=held, topics=[make.interest()]) for _ in range(more) if held))
        publish(session_id)
        order = order_of(session_id)
        db.session.info.pop(titles.KNOWN, None)
        with counted() as statements:
            printing.KINDS["pack"].press(order)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 56


def test_unknown_kinds_and_papers_are_refused(app: Flask) -> None:
    session_id, _people = open_room(2)
    for kind in ("posters", ""):
        with pytest.raises(NotFound):
            printing.sheet(session_id, kind)
    with pytest.raises(BadInput):
        printing.sheet(session_id, "tick", paper="a5")


# --- the page ------------------------------------------------------------------------------------------------------


def links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+\.pdf[^"]*)"', page)]


def test_the_page_leads_with_the_pack_then_with_what_changed(app: Flask, visitor: Visitor) -> None:
    session_id, _people = open_room(5, slug="s")
    desk: FlaskClient = visitor.staff("facilitator")
    publish(session_id)
    page = desk.get(f"{DOOR}/print").text
    assert re.findall(r'class="button" id="([^"]+)"', page) == ["pack-a4"]
    assert "Only what changed" not in page
    make.store(make.person())
    publish(session_id)
    page = desk.get(f"{DOOR}/print").text
    assert "Only what changed" in page
    assert re.findall(r'class="button" id="([^"]+)"', page) == ["since-A-a4"]
    assert {f"{DOOR}/print/changed.pdf?paper={paper}&since=A" for paper in ("a4", "letter")} <= set(links(page))
    publish(session_id)
    page = desk.get(f"{DOOR}/print").text
    assert re.findall(r'id="since-(\w)"', page) == ["B", "A"]
    answer = desk.get(f"{DOOR}/print/changed.pdf?since=1")
    assert answer.data[:5] == b"%PDF-"
    assert answer.headers["Content-Disposition"] == 'inline; filename="changed-C.pdf"'


def test_an_unknown_version_is_refused_with_those_there_are(app: Flask, visitor: Visitor) -> None:
    session_id, _people = open_room(4, slug="s")
    desk = visitor.staff("facilitator")
    publish(session_id)
    assert desk.get(f"{DOOR}/print/changed.pdf?since=A").status_code == 409
    assert "is the first one" in desk.get(f"{DOOR}/print/changed.pdf").text
    for _again in range(2):
        publish(session_id)
    for since in ("C", "D", "0", "-1", "²", "x" * 5000, "<b>"):
        answer = desk.get(f"{DOOR}/print/changed.pdf", query_string={"since": since})
        assert answer.status_code == 400
        assert "Earlier versions: A, B." in answer.text
        assert "no version <" not in answer.text
