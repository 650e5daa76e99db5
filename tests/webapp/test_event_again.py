"""The file of an event where there is one already: what differs is shown, and nothing goes unasked."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.events import BY, EVERYTHING, brought, cell, clear, edited, setting, settle, taken
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.exchange.spreadsheet import read_sheets
from webapp.models import Host, HostWish, Organisation, Person, Plan, Session, Table
from webapp.operations.files.event_file import trading
from webapp.operations.guests import people, tombstones


@pytest.fixture
def content(app: Flask) -> bytes:
    """The file of an event in which everything is set."""
    settle(1, EVERYTHING)
    return taken()


def test_what_differs_is_shown_cell_by_cell_and_stored_whole(content: bytes) -> None:
    def change(workbook: Any) -> None:
        cell(workbook, "sessions", 3, "room").value = "Hall"
        cell(workbook, "sessions", 3, "limit").value = None
        cell(workbook, "people", 2, "languages").value = "français, English"

    changed = edited(content, change)
    shown = trading.preview(changed, by=BY)
    told = {
        sheet.name: [(one.row, [(cell.field, cell.after) for cell in one.changes]) for one in sheet.changed]
        for sheet in shown.sheets
        if sheet.changed
    }
    assert told == {"sessions": [(3, [("room", "Hall"), ("limit", "")])], "people": [(2, [("languages", "fr;en")])]}
    assert next(one for one in shown.sheets if one.changed).changed[0].changes[1].before == "2"
    brought(changed)
    again = trading.preview(changed, by=BY)
    assert (again.new, again.changed) == (0, 0)
    assert db.session.query(Session).filter_by(room="Hall").one().limit is None


def test_rows_that_are_not_in_the_file_are_told_and_stay(content: bytes) -> None:
    def shorten(workbook: Any) -> None:
        workbook["people"].delete_rows(3)
        workbook["tables"].delete_rows(2, 3)
        del workbook["questions"]

    count = db.session.query(Person).count(), db.session.query(Table).count()
    shown = brought(edited(content, shorten))
    assert {one.name: len(one.missing) for one in shown.sheets if one.missing} == {"people": 1, "tables": 3}
    assert not shown.moves
    assert (db.session.query(Person).count(), db.session.query(Table).count()) == count
    assert taken() == content


def test_whatever_nobody_shares_can_change_hands(content: bytes) -> None:
    def swap(workbook: Any) -> None:
        for sheet, column, one, two in (
            ("tables", "position", 2, 3), ("people", "registration", 2, 3), ("specialists and tools", "table", 2, 3),
        ):  # fmt: skip
            first, second = (cell(workbook, sheet, row, column) for row in (one, two))
            first.value, second.value = second.value, first.value

    swapped = edited(content, swap)
    assert brought(swapped).changed == 6
    again = trading.preview(swapped, by=BY)
    assert (again.new, again.changed) == (0, 0)


def test_whoever_is_renamed_in_the_file_is_the_same(content: bytes) -> None:
    def rename(workbook: Any) -> None:
        for row in range(2, 8):
            cell(workbook, "specialists and tools", row, "latin").value = f"Reed {row}"
            cell(workbook, "specialists and tools", row, "name").value = f"Reed {row}"
            cell(workbook, "specialists and tools", row, "title").value = f"Subject {row}"

    def rename_all(workbook: Any) -> None:
        was = [cell(workbook, "specialists and tools", row, "title").value for row in range(2, 8)]
        rename(workbook)
        for row in range(2, workbook["titles"].max_row + 1):
            words = cell(workbook, "titles", row, "words")
            words.value = f"Subject {2 + was.index(words.value)}" if words.value in was else words.value

    # a translation whose words are gone would be lost without a word
    assert {(one.sheet, one.header) for one in trading.preview(edited(content, rename), by=BY).problems} == {
        ("titles", "words")
    }
    renamed, count = edited(content, rename_all), db.session.query(Host).count()
    assert {one.name for one in brought(renamed).sheets if one.new} == {"titles"}
    again = trading.preview(renamed, by=BY)
    assert (again.new, again.changed, again.missing) == (0, 0, 0)
    assert db.session.query(Host).count() == count


def test_two_of_the_same_name_and_one_who_takes_a_key_stay_apart(app: Flask) -> None:
    clinic, person = make.session(slug="clinic", format="clinics"), make.person(number="7")
    make.store(make.event(), person, clinic)
    hosts = [make.host(session_id=clinic.id, name="Nadia", position=at, table=f"S{at}") for at in range(2)]
    make.store(*hosts)
    make.store(HostWish(person_id=person.id, host_id=hosts[1].id))
    content = taken()
    clear()
    brought(content)
    assert taken() == content
    assert [one.table for one in db.session.query(Host).join(HostWish, HostWish.host_id == Host.id)] == ["S1"]

    def change(workbook: Any) -> None:
        sheet = workbook["specialists and tools"]
        cell(workbook, sheet.title, 2, "name").value = "Omar"
        cell(workbook, sheet.title, 3, "key").value = "nadia-1"
        sheet.append(["clinic", "nadia-2", "Sokha", "", "", "", "", "", "en", "", "S9", "1", "1", "", "", "9"])

    shown = brought(edited(content, change))
    assert (shown.new, shown.changed) == (1, 2)
    told = {("Omar", "S0"), ("Nadia", "S1"), ("Sokha", "S9")}
    assert {(one.name, one.table) for one in db.session.query(Host)} == told
    assert [one.name for one in db.session.query(Host).join(HostWish, HostWish.host_id == Host.id)] == ["Sokha"]
    same = setting("specialists and tools", 3, "key", "nadia")
    found = trading.preview(edited(content, same), by=BY).problems
    assert [(one.row, one.header, "same key" in one.sentence) for one in found] == [(3, "key", True)]


def test_what_a_spreadsheet_makes_of_what_is_typed_is_understood(content: bytes) -> None:
    def type_in(workbook: Any) -> None:
        cell(workbook, "event", 2, "starts_on").value = date(2013, 6, 16)
        cell(workbook, "sessions", 3, "starts").value = datetime(2013, 6, 19, 10, 15)
        cell(workbook, "sessions", 3, "limit").value = 3
        cell(workbook, "sessions", 3, "floor").value = True
        cell(workbook, "people", 2, "number").value = 900

    shown = brought(edited(content, type_in))
    (session,) = [sheet.changed[0] for sheet in shown.sheets if sheet.name == "sessions"]
    assert [(one.field, one.after) for one in session.changes] == [
        ("starts", "2013-06-19T10:15"), ("limit", "3"), ("floor", "yes"),
    ]  # fmt: skip
    assert (shown.new, shown.changed) == (0, 2)


def test_an_organisation_that_is_spelt_otherwise_is_the_same(content: bytes) -> None:
    before = db.session.query(Organisation).count()
    name = openpyxl.load_workbook(io.BytesIO(content))["organisations"]["A2"].value
    brought(edited(content, setting("people", 2, "organisation", name.upper())))
    assert db.session.query(Organisation).count() == before
    brought(edited(content, setting("people", 2, "organisation", "A house of reeds")))
    assert db.session.query(Organisation).count() == before + 1


def test_the_house_may_change_between_looking_and_storing(content: bytes) -> None:
    changed = edited(content, setting("sessions", 3, "room", "Hall"))
    shown = trading.preview(changed, by=BY)
    with transaction() as rows:
        rows.query(Person).first().name = "Somebody else"
    with pytest.raises(NotNow):
        trading.store(changed, digest=shown.digest, by=BY)
    assert not db.session.query(Session).filter_by(room="Hall").count()


def test_a_profile_saved_since_is_pointed_out(content: bytes) -> None:
    changed = edited(content, setting("people", 2, "country", "SE"))
    (line,) = [line for sheet in trading.preview(changed, by=BY).sheets for line in sheet.changed]
    assert not line.note
    with transaction() as rows:
        rows.query(Person).filter_by(number="900").one().saved_at = make.START
    (line,) = [line for sheet in trading.preview(changed, by=BY).sheets for line in sheet.changed]
    assert "since this file" in line.note
    brought(changed)
    assert db.session.query(Person).filter_by(number="900").one().saved_at == make.START


def test_drafts_go_and_what_is_published_keeps_its_format(content: bytes) -> None:
    session = db.session.query(Session).filter_by(slug="pairs-1").one()
    other = db.session.query(Session).filter_by(slug="circles-4").one()
    make.store(
        Plan(session_id=session.id, rounds=1, people=0, state="published", version=1),
        Plan(session_id=other.id, rounds=1, people=0),
    )
    (row,) = [line for line in rows_of(content, "sessions") if line[1][0] == "pairs-1"]
    found = trading.preview(edited(content, setting("sessions", row[0], "format", "circles")), by=BY).problems
    assert ["stays" in one.sentence for one in found] == [True]
    brought(edited(content, setting("people", 2, "country", "SE")))
    assert db.session.query(Plan).count() == 2
    brought(edited(content, setting("tables", 2, "zone", "Garden")))
    assert [plan.state for plan in db.session.query(Plan)] == ["published"]


def rows_of(content: bytes, sheet: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    yield from next(cells for name, cells in read_sheets(content) if name == sheet).rows


def test_who_has_left_since_stays_away_and_who_was_removed_is_told_at_their_row(content: bytes) -> None:
    first, second = db.session.query(Person).order_by(Person.id).limit(2)
    present = edited(content, setting("people", 2, "left_at", None))
    shown = brought(present)
    assert [note for note in shown.notes if "1 person has left" in note]
    assert not shown.moves
    assert db.session.get_one(Person, first.id).left_at is not None
    second_number = second.number
    people.remove_person(second.public_id, by=BY)
    found = trading.preview(present, by=BY).problems
    (row,) = [one.row for one in found if one.sheet == "people"]
    told = [one.sentence for one in found if one.sheet == "people"]
    assert "was removed here" in told[0]
    assert second_number not in " ".join(tombstones.numbers(db.session()))
    assert not {one for one in tombstones.known() if one.startswith(tombstones.NUMBER)}
    # whoever takes the number of somebody else is nobody who was removed
    others = [one for one in trading.preview(edited(present, setting("people", row, "number", "98765")), by=BY).problems
              if one.sheet == "people"]  # fmt: skip
    assert others == []
