"""The whole event in one file: out, in again, the same; and nothing of it where anything is wrong."""

import io
from datetime import datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import text

from tests.webapp import events
from tests.webapp import factories as make
from tests.webapp.events import (
    BY,
    EVERYTHING,
    NOTHING,
    attributes,
    brought,
    cell,
    clear,
    edited,
    fingerprint,
    problems,
    setting,
    settle,
    taken,
)
from webapp.access import Actor
from webapp.db import db
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange.ledger import Ledger, as_book, as_csv
from webapp.models import Event, Person, Staff
from webapp.operations.event import retention
from webapp.operations.files.event_file import book, trading
from webapp.operations.files.event_file import reading as reading_file

# --- out and in again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "fill"), [(0, NOTHING), (1, EVERYTHING), *((seed, 0.5) for seed in range(2, 6))])
def test_it_is_the_same_event_in_an_empty_house(app: Flask, seed: int, fill: float) -> None:
    settle(seed, fill)
    content, asked, held = taken(), problems(), fingerprint()
    if fill == EVERYTHING:
        unset = {name for name, values in held.items() if values and set(values) <= {"None", "''", "[]", "False"}}
        assert unset == {"Session.floor", "Session.shared_language"}
    assert {"pairs-1", "clinics-2", "stations-3", "circles-4"} == set(asked)
    clear()
    shown = brought(content)
    assert (shown.changed, shown.missing) == (0, 0)
    assert taken() == content
    assert problems() == asked
    assert fingerprint() == held
    again = brought(content)
    assert (again.new, again.changed, again.missing, again.moves) == (0, 0, 0, False)


@pytest.mark.parametrize(("sheet", "column"), [("tables", "zone"), ("sessions", "limit"), ("people", "seeks"),
                                               ("specialists and tools", "away")])  # fmt: skip
def test_a_column_that_got_lost_would_be_noticed(app: Flask, sheet: str, column: str) -> None:
    settle(1, EVERYTHING)
    content, asked, held = taken(), problems(), fingerprint()
    clear()

    def lose(workbook: Any) -> None:
        workbook[sheet].delete_cols(cell(workbook, sheet, 1, column).column)

    brought(edited(content, lose))
    assert taken() != content
    assert (problems(), fingerprint()) != (asked, held)


def test_every_cell_is_a_text_and_what_looks_like_a_formula_stays_one(app: Flask) -> None:
    settle(1, EVERYTHING)
    workbook = openpyxl.load_workbook(io.BytesIO(taken()))
    kinds = {held.data_type for sheet in workbook for row in sheet.iter_rows() for held in row}
    assert workbook.sheetnames == [sheet.name for sheet in book.SHEETS]
    assert kinds <= {"s", "n"}
    assert not [held for sheet in workbook for row in sheet.iter_rows() for held in row if held.data_type == "f"]
    assert {str(held.value) for held in workbook["questions"]["C"]} > {"text"}


def forgotten(held: set[str]) -> set[str]:
    """Attributes of models that are neither in the event file nor left out for a reason."""
    told = {name for sheet in book.SHEETS for name in sheet.held()}
    return {name for name in held - told - book.LEFT_OUT.keys() if name.partition(".")[0] not in book.LEFT_OUT}


def test_every_column_is_in_the_file_or_left_out_for_a_reason() -> None:
    held = attributes()
    assert forgotten(held) == set()
    told = {name for sheet in book.SHEETS for name in sheet.held()}
    models = {name.partition(".")[0] for name in held}
    assert told <= held
    assert {name for name in book.LEFT_OUT if name not in held | models} == set()
    assert not {name for name in told if name in book.LEFT_OUT or name.partition(".")[0] in book.LEFT_OUT}
    assert all(book.LEFT_OUT.values())


def test_a_new_column_that_is_forgotten_would_be_noticed() -> None:
    assert forgotten({*attributes(), "Person.shoe_size", "Vehicle.id"}) == {"Person.shoe_size", "Vehicle.id"}


# --- what is in no file ----------------------------------------------------------------------------------------------


def test_nothing_tells_who_is_kept_apart_or_has_met(app: Flask) -> None:
    settle(1, EVERYTHING)
    before = taken()
    events.keep_apart()
    assert taken() == before


def test_only_organisers_take_it_and_bring_it(app: Flask) -> None:
    settle(0, NOTHING)
    for actor in (Actor(staff=Staff(name="f", role="facilitator")), Actor()):
        with pytest.raises(NotFound):
            trading.event_file(by=actor)
        with pytest.raises(NotFound):
            trading.preview(b"", by=actor)
        with pytest.raises(NotFound):
            trading.store(b"", digest="", by=actor)


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.fixture
def content(app: Flask) -> bytes:
    """The file of an event in which everything is set."""
    settle(1, EVERYTHING)
    return taken()


def contents() -> list[str]:
    tables = ("event", "session", "venue_table", "person", "wish", "host", "interest", "organisation", "question")
    return [repr(db.session.execute(text(f"SELECT * FROM {name}")).all()) for name in tables]


WRONG: tuple[tuple[str, int, str, Any, str], ...] = (
    ("event", 2, "time_zone", "Atlantis", "time zone"),
    ("event", 2, "delete_on", "2013-06-18", "before the event is over"),
    ("event", 2, "starts_on", "1999-12-31", "from 2000 to 2100"),
    ("event", 2, "delete_on", "2101-01-01", "from 2000 to 2100"),
    ("event", 2, "delete_on", "2013-09-30", "days after the end"),
    ("regions", 2, "countries", "KH;Nowhere", "no country"),
    ("interests", 2, "number", "77", "paper forms"),
    ("sessions", 3, "format", "dance", "plain, pairs"),
    ("sessions", 3, "starts", "tomorrow", "2013-06-19T14:00"),
    ("sessions", 3, "starts", "0001-01-01T00:00", "from 2000 to 2100"),
    ("sessions", 3, "ends", "9999-12-31T23:59", "from 2000 to 2100"),
    ("sessions", 3, "ends", "2013-06-19T08:00", "ends before it starts"),
    ("sessions", 3, "rounds", "0", "needs this number"),
    ("sessions", 3, "audience_region", "mars", "neither in the sheet"),
    ("sessions", 3, "title", None, "must not be empty"),
    ("tables", 2, "session", "nowhere", "neither in the sheet"),
    ("tables", 2, "position", "2", "has this already"),
    ("people", 2, "role", "king", "Write one of these"),
    ("people", 2, "offers", "topic-9", "neither in the sheet"),
    ("people", 2, "name", "a\u202eb", "U+202E"),
    ("people", 3, "number", "900", "is about the same"),
    ("wishes", 2, "number", "1", "neither in the sheet"),
    ("absences", 2, "ends", "2013-06-19T10:00", "ends before it starts"),
    ("absences", 2, "starts", "0001-01-01T00:00", "from 2000 to 2100"),
    ("specialists and tools", 2, "min_places", "9", "at a time"),
    ("specialists and tools", 3, "table", "@S0", "has this already"),
    ("specialist wishes", 2, "key", "nobody", "neither in the sheet"),
    ("questions", 2, "text", "x" * 301, "301 characters"),
    ("interpreters", 2, "languages", "en", "two languages"),
)
HERE = 1 + [one[:3] for one in WRONG].index(("interests", 2, "number"))
"""How many of these, from the first, are wrong where the event is here already."""


def not_told(content: bytes, sheet: str, row: int, column: str, *, value: Any, said: str) -> list[Any]:
    """The problems of a file with one wrong cell, where the wrong one is not told with its place; else nothing."""
    found = trading.preview(edited(content, setting(sheet, row, column, value)), by=BY).problems
    letter = openpyxl.utils.get_column_letter(book_sheet(sheet).header.index(column) + 1)
    told = [one for one in found if (one.sheet, one.row, one.column, one.header) == (sheet, row, letter, column)]
    return [] if [one for one in told if said in one.sentence] else [(sheet, row, column), found]


def test_a_time_zone_in_which_the_day_has_come_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    event = db.session.get_one(Event, 1)
    monkeypatch.setattr(retention, "utc_now", lambda: datetime.combine(event.delete_on, time(12)) - timedelta(days=1))
    for zone, refused in (("Pacific/Kiritimati", True), ("Asia/Bangkok", False)):
        found = trading.preview(edited(content, setting("event", 2, "time_zone", zone)), by=BY).problems
        assert ["has come already" in one.sentence for one in found] == [True] * refused, zone


def test_a_problem_is_told_with_sheet_row_and_column_and_nothing_is_stored(content: bytes) -> None:
    missed = [not_told(content, *place, value=value, said=said) for *place, value, said in WRONG[:HERE]]
    clear()
    before = contents()
    missed += [not_told(content, *place, value=value, said=said) for *place, value, said in WRONG[HERE:]]
    assert not [one for one in missed if one]
    spoilt = edited(content, setting(*WRONG[-1][:4]))
    with pytest.raises(NotNow):
        trading.store(spoilt, digest=trading.preview(spoilt, by=BY).digest, by=BY)
    assert contents() == before


def book_sheet(name: str) -> book.Sheet:
    return next(sheet for sheet in book.SHEETS if sheet.name == name)


def test_sheets_and_columns_that_are_not_known_are_told(content: bytes) -> None:
    def change(workbook: Any) -> None:
        workbook["people"].title = "peeple"
        cell(workbook, "tables", 1, "zone").value = "corner"
        cell(workbook, "wishes", 1, "whom").value = "kind"

    found = trading.preview(edited(content, change), by=BY).problems
    assert [(one.sheet.strip("\u2066\u2067\u2068\u2069"), one.row, one.column) for one in found[:4]] == [
        ("peeple", 1, ""), ("tables", 1, "D"), ("wishes", 1, ""), ("wishes", 1, "C"),
    ]  # fmt: skip
    assert "zone" in found[1].sentence


@pytest.mark.parametrize("other", [b"", b"%PDF-1.4", b"a,b\n1,2\n", b"PK\x03\x04"])
def test_what_is_no_event_file_is_refused(app: Flask, other: bytes) -> None:
    with pytest.raises(BadInput):
        trading.preview(other, by=BY)
    ledger = Ledger(("number", "name"), (("1", "Anna"),))
    for content in (as_book({"Sheet1": ledger}), as_csv(ledger)):
        with pytest.raises(BadInput, match="whole event"):
            trading.preview(content, by=BY)


def test_all_sheets_together_have_a_most(app: Flask, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_file, "MOST_ROWS_IN_ALL", 40)
    with pytest.raises(BadInput, match="40 rows"):
        trading.preview(content, by=BY)


def test_a_file_without_an_event_needs_one_here(app: Flask) -> None:
    people = as_book({"people": Ledger(("number", "name"), (("7", "Anna"),))})
    found = trading.preview(people, by=BY).problems
    assert [(one.sheet, one.row) for one in found] == [("event", 1)]
    make.store(make.event())
    brought(people)
    assert [(one.number, one.name, one.role) for one in db.session.query(Person)] == [("7", "Anna", "guest")]
