"""Published versions travel with their event: the same rounds for the same people, or nothing at all."""

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.webapp.events import BY, brought, cell, clear, edited, keep_apart, setting, taken
from tests.webapp.factories import Visitor
from tests.webapp.gathering import KINDS, ROUNDS, gather, laid
from tests.webapp.pages import in_words
from tests.webapp.test_backups import chosen, prepared  # noqa: F401
from tests.webapp.test_import_pages import chosen as chosen_file
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotNow
from webapp.exchange import spreadsheet
from webapp.exchange.ledger import Ledger, as_book
from webapp.models import Event, Host, HostWish, Interpreter, Meeting, Person, Plan, Seat, Session, Wish
from webapp.models.rounds import letters
from webapp.operations.files import exporting
from webapp.operations.files.event_file import plans_told, trading
from webapp.operations.files.event_file.cells import version_of
from webapp.operations.mine import schedule
from webapp.operations.paper import host_sheets, room_sheets
from webapp.operations.paper.cards import cards_of
from webapp.operations.plans import planning, summary

NOON = datetime.fromisoformat("2013-06-19T07:03+00:00")


def publish(kind: str, *, seed: int = 1, versions: int = 2) -> None:
    """Let a gathering have a version with a lock in it, wishes of all kinds behind it, and a draft beside it."""
    session_id = gather(kind, seed)
    with transaction() as rows:
        people, hosts = rows.query(Person).all(), rows.query(Host).all()
        for at, person in enumerate(people):
            person.wishes = [Wish(organisation=people[at - 1].organisation), Wish(role="guest", position=1)]
            rows.add_all(HostWish(person_id=person.id, host_id=one.id) for one in hosts if one.person_id != person.id)
    for at in range(versions):
        planning.make_plan(session_id, by=BY, seed=seed + at)
        with transaction() as rows:
            drafted = rows.query(Meeting).join(Plan).filter(Plan.state == "draft", Meeting.round_no == 2)
            drafted.limit(1).all()[0].locked = True
        planning.publish(session_id, by=BY)
    planning.make_plan(session_id, by=BY)


def published() -> Plan:
    db.session.rollback()
    return db.session.query(Plan).filter_by(state="published").one()


def told() -> dict[str, Any]:
    """What pages and paper say of a published version, in values without a row id."""
    plan, session = published(), db.session.query(Session).one()
    people = db.session.query(Person).order_by(Person.number)
    mine = [(one.number, schedule.rounds_of(Actor(person=one), now=NOON).timed) for one in people]
    said = summary.summary(plan)
    return {
        "letter": plan.letter,
        "table": exporting.plan_table(session),
        "cards": sorted(repr(card) for card in cards_of(plan).values()),
        "rounds": [(number, timed.rounds, timed.unmet, timed.on_standby) for number, (timed,) in mine],
        "hosts": host_sheets.host_sheets(session, plan) if session.hosts else None,
        "voices": room_sheets.interpreter_sheets(plan),
        "figures": replace(said, resting=(), few=(), without=(), load=()),
        "resting": [(one.person.number, one.rounds, one.code) for one in said.resting],
        "load": [(one.host and one.host.name, one.taken, one.places) for one in said.load],
        "locked": sorted((one.round_no, one.table) for one in plan.meetings if one.locked),
        "reasons": [[(one["code"], one["points"]) for one in meeting.reasons] for meeting in plan.meetings],
        "rules": plan.rules,
    }


@pytest.fixture(scope="module", params=KINDS)
def house(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with a published version of one format."""
    return laid(migrated, tmp_path_factory.mktemp(request.param) / "data", lambda: publish(request.param))


@pytest.fixture(scope="module")
def pairs(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with a published version of pairs."""
    return laid(migrated, tmp_path_factory.mktemp("pairs") / "data", lambda: publish("pairs"))


@pytest.fixture(scope="module")
def clinics(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with a published version of clinics."""
    return laid(migrated, tmp_path_factory.mktemp("clinics") / "data", lambda: publish("clinics"))


def move_into(app: Flask, folder: Path) -> None:
    """Let the application work in a copy of this house."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    here = app.config["SETTINGS"].data
    shutil.rmtree(here)
    shutil.copytree(folder, here)


# --- out and in again ------------------------------------------------------------------------------------------------


def test_a_version_is_the_same_in_an_empty_house(app: Flask, house: Path) -> None:
    move_into(app, house)
    content, before = taken(), told()
    assert before["letter"] == "B"
    assert before["locked"]
    assert cell(openpyxl.load_workbook(io.BytesIO(content)), "plans", 2, "fits").value == "yes"
    clear()
    shown = brought(content)
    assert (shown.notes, shown.publishes) == ((), True)
    assert told() == before
    assert taken() == content
    assert [one.state for one in db.session.query(Plan)] == ["published"]
    assert planning.fits(db.session(), published())
    again = brought(content)
    assert (again.moves, again.missing, again.notes) == (False, 0, ())
    assert told() == before


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_so_it_is_for_many_gatherings(app: Flask, kind: str) -> None:
    for seed in range(2, 10):
        publish(kind, seed=seed, versions=1)
        content, before = taken(), told()
        clear()
        brought(content)
        assert (taken(), told()) == (content, before)
        clear()


def first_seat(workbook: Any) -> Any:
    """The cell of the first meeting that says who sits there."""
    return cell(workbook, "meetings", 2, "people")


def drop_seat(workbook: Any) -> None:
    """Take somebody out of the first meeting, as though that came after it was published."""
    seats = first_seat(workbook)
    seats.value = seats.value.partition(";")[2] or None
    cell(workbook, "plans", 2, "fits").value = "no"


def test_a_seat_that_got_lost_would_be_noticed(app: Flask, house: Path) -> None:
    move_into(app, house)
    content, before = taken(), told()
    clear()
    brought(edited(content, drop_seat))
    after = told()
    assert {"table", "cards", "rounds"} <= {name for name in before if before[name] != after[name]}


def test_what_has_changed_since_travels_as_it_is(app: Flask, clinics: Path) -> None:
    move_into(app, clinics)
    with transaction() as rows:
        rows.delete(rows.query(Interpreter).one())
        rows.delete(rows.query(Host).filter(Host.person_id.is_(None)).one())
        rows.delete(rows.query(Seat).limit(1).all()[0].person)
        rows.query(Plan).filter_by(state="published").one().open_from = 2
    content, before = taken(), told()
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    assert cell(workbook, "plans", 2, "fits").value == "no"
    assert "?1" in {held.value for held in workbook["meetings"]["E"]}
    clear()
    brought(content)
    after = told()
    assert taken() == content
    # how much of their best everybody has is worked out from the people who are here now
    assert {name for name in before if before[name] != after[name]} <= {"figures"}


def test_a_version_without_figures_can_be_looked_at(app: Flask, visitor: Visitor, clinics: Path) -> None:
    move_into(app, clinics)
    content, before = taken(), told()
    clear()
    brought(edited(content, lambda workbook: workbook.remove(workbook["figures"])))
    assert told()["rounds"] == before["rounds"]
    desk = visitor.staff("facilitator")
    pages = ("", "/plan", "/print", "/repair", "/gone", "/standby", "/run", "/print/cards.pdf", "/print/changed.pdf")
    assert {page: desk.get(f"/desk/s{page}").status_code for page in pages} == {
        **dict.fromkeys(pages, 200), "/print/changed.pdf": 409,
    }  # fmt: skip


@pytest.mark.usefixtures("chosen")
def test_publishing_from_a_file_leaves_a_backup(app: Flask, pairs: Path, chosen: Path) -> None:  # noqa: F811
    note = (app.config["SETTINGS"].data / "backup.json").read_text()
    move_into(app, pairs)
    (app.config["SETTINGS"].data / "backup.json").write_text(note)
    content, before = taken(), len(list(chosen.iterdir()))
    brought(content)
    assert len(list(chosen.iterdir())) == before
    clear()
    brought(content)
    assert len(list(chosen.iterdir())) > before


def test_letters_are_numbers_and_back() -> None:
    assert [version_of(letters(number)) for number in range(1, 2000)] == list(range(1, 2000))


# --- what is in no file ----------------------------------------------------------------------------------------------


def test_no_figure_tells_who_is_kept_apart(app: Flask, clinics: Path) -> None:
    move_into(app, clinics)
    before = taken()
    keep_apart()
    with transaction() as rows:
        plan = rows.query(Plan).filter_by(state="published").one()
        plan.quality = plan.quality | {
            "shares": dict.fromkeys(plan.quality["shares"], 0.1234),
            "unmet": [(person, host, "clash") for person, host, _code in plan.quality["unmet"]],
            "lowest_satisfaction": 0.1234,
        }
    assert published().quality["unmet"]
    assert taken() == before
    with transaction() as rows:
        plan = rows.query(Plan).filter_by(state="published").one()
        plan.quality = plan.quality | {"shares": {}}
    assert taken() != before


# --- what is wrong ---------------------------------------------------------------------------------------------------

WRONG: tuple[tuple[str, str, int, str, Any, str], ...] = (
    ("pairs", "plans", 2, "session", "nowhere", "neither in the sheet"),
    ("pairs", "plans", 2, "version", "7", "no version"),
    ("pairs", "plans", 2, "rounds", str(ROUNDS + 1), "3 rounds"),
    ("pairs", "plans", 2, "regions", None, "must not be empty"),
    ("pairs", "meetings", 2, "session", "nowhere", "neither in the sheet"),
    ("pairs", "meetings", 2, "round", str(ROUNDS + 1), "no round after"),
    ("pairs", "meetings", 2, "table", "Z9", "neither in the sheet"),
    ("pairs", "meetings", 2, "people", "1;2", "neither in the sheet"),
    ("pairs", "meetings", 3, "people", "first", "has a place in this round already"),
    ("pairs", "meetings", 2, "people", "alone", "Too few"),
    ("pairs", "meetings", 2, "host", "nadia", "Nobody is visited"),
    ("pairs", "meetings", 2, "interpreter", "Nobody", "neither in the sheet"),
    ("pairs", "rests", 2, "number", "1", "neither in the sheet"),
    ("pairs", "rests", 2, "code", "tired", "Write one of these"),
    ("pairs", "rests", 2, "round", str(ROUNDS + 1), "no round after"),
    ("pairs", "reasons", 2, "reasons", "[1]", "cannot be read"),
    ("pairs", "reasons", 2, "reasons", '[["wish",1,null,"1",null]]', "neither in the sheet"),
    ("pairs", "reasons", 2, "table", "Z9", "neither in the sheet"),
    ("pairs", "figures", 2, "value", "many", "cannot be read"),
    ("pairs", "figures", 2, "value", "null", "does not fit"),
    ("pairs", "figures", 2, "of", "everybody", "does not fit"),
    ("clinics", "meetings", 2, "host", "nobody", "neither in the sheet"),
    ("clinics", "meetings", 2, "host", None, "must not be empty"),
    ("clinics", "meetings", 2, "people", None, "Too few"),
)  # fmt: skip


def wrong(sheet: str, row: int, column: str, value: Any) -> Callable[[Any], None]:
    """An edit that spoils one cell: some words stand for people who are in the file."""

    def change(workbook: Any) -> None:
        known = {"first": first_seat(workbook).value, "alone": first_seat(workbook).value.partition(";")[0]}
        setting(sheet, row, column, known.get(value, value))(workbook)

    return change


def not_told(content: bytes, place: tuple[str, int, str], value: Any, said: str) -> list[Any]:
    """The problems of a file with one wrong cell, where the wrong one is not told with its place; else nothing."""
    sheet, row, column = place
    found = trading.preview(edited(content, wrong(sheet, row, column, value)), by=BY).problems
    places = [one for one in found if (one.sheet, one.row, one.header) == (sheet, row, column)]
    return [] if any(said in one.sentence for one in places) else [(sheet, row, column, value), found]


@pytest.mark.parametrize("kind", ["pairs", "clinics"])
def test_a_wrong_plan_is_told_with_sheet_row_and_column(app: Flask, kind: str, request: pytest.FixtureRequest) -> None:
    move_into(app, request.getfixturevalue(kind))
    content = taken()
    clear()
    missed = [
        not_told(content, (sheet, row, column), value, said)
        for own, sheet, row, column, value, said in WRONG
        if own == kind
    ]
    assert not [one for one in missed if one]
    spoilt = edited(content, wrong("meetings", 2, "people", "alone" if kind == "pairs" else None))
    shown = trading.preview(spoilt, by=BY)
    said = [one.sentence for one in shown.problems if (one.sheet, one.header) == ("plans", "fits")]
    assert "breaks a rule" in said[-1]
    assert any("neither a table nor a rest" in one for one in said) is (kind == "pairs")
    with pytest.raises(NotNow):
        trading.store(spoilt, digest=shown.digest, by=BY)
    assert not db.session.query(Event).count()


def test_the_referee_hears_what_breaks_a_rule(app: Flask, pairs: Path) -> None:
    move_into(app, pairs)
    content = taken()
    clear()

    def colleagues(workbook: Any) -> None:
        names = {held.value for held in workbook["organisations"]["A"][1:]}
        for row in range(2, workbook["people"].max_row + 1):
            cell(workbook, "people", row, "organisation").value = min(names)

    found = trading.preview(edited(content, colleagues), by=BY).problems
    assert {one.sheet for one in found} == {"meetings", "plans"}
    assert {"cannot sit here" in one.sentence for one in found if one.sheet == "meetings"} == {True}

    def pardoned(workbook: Any) -> None:
        colleagues(workbook)
        cell(workbook, "plans", 2, "fits").value = "no"

    brought(edited(content, pardoned))
    assert published().letter == "B"


# --- where somebody is already ---------------------------------------------------------------------------------------


def test_a_plan_is_never_stored_over_one_that_is_here(app: Flask, visitor: Visitor, pairs: Path) -> None:
    move_into(app, pairs)
    content = taken()
    planning.publish(published().session_id, by=BY)
    before = told()
    assert before["letter"] == "C"
    shown = brought(content)
    assert not shown.moves
    (note,) = shown.notes
    assert "Version C of" in note
    assert "the file's version B is left alone" in note
    assert (told(), taken() == content) == (before, False)
    office = visitor.staff("organiser")
    page = in_words(office.get(chosen_file(office, content, about="event")).text)
    assert "the file's version B is left alone" in page


def test_a_plan_is_not_taken_for_people_who_are_here_already(app: Flask, pairs: Path) -> None:
    move_into(app, pairs)
    content = taken()
    with transaction() as rows:
        rows.query(Plan).delete()
    shown = brought(content)
    assert (shown.moves, shown.publishes) == (False, False)
    assert "There are people here already" in shown.notes[0]
    assert not db.session.query(Plan).count()


# --- how long sheets may be ------------------------------------------------------------------------------------------


def test_sheets_of_plans_may_be_longer_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 20)
    rows = tuple((str(at),) for at in range(21))
    for name, other in (("meetings", "tables"), ("figures", "people")):
        book = as_book({name: Ledger(("session",), rows)})
        assert len(spreadsheet.read_sheets(book, long={name})[0][1].rows) == 21
        with pytest.raises(BadInput, match="20 rows"):
            spreadsheet.read_sheets(book, long={other})


def test_many_reasons_stand_in_several_cells() -> None:
    reasons = [["offer_meets_need", 1, "a-topic-with-a-name", str(at), "7"] for at in range(500)]
    parts = list(plans_told._parts(reasons))
    assert [one for part in parts for one in json.loads(part)] == reasons
    assert max(map(len, parts)) <= plans_told.LONGEST_PART + 2 < spreadsheet.LONGEST_CELL
