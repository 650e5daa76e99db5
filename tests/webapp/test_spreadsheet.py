"""Files as they come: what is found out of them, and what is refused before anything reads it."""

import csv
import io
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.badfiles import BAD, sheet_of, workbook
from webapp.errors import BadInput
from webapp.exchange import spreadsheet
from webapp.exchange.ledger import Ledger, as_csv, as_xlsx
from webapp.exchange.letters import guarded, unguarded
from webapp.exchange.parser import answer_of
from webapp.exchange.spreadsheet import Sheet, read_sheet

TEXTS = {
    "cp1252": ("Prénom", "Société", "Élodie", "Café à Noël"),
    "cp1251": ("Имя", "Организация", "Виктор Зимин", "Белая Ворона"),
    "cp1256": ("الاسم", "المنظمة", "سلمى البدري", "مصباح القصب"),
}
MARKED = ("utf-8", "utf-8-sig", "utf-16")
LEADS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠", "'=", "''=", ";=", ",+", '"=', "\t=", "a;-")


def table(first: str, second: str, *cells: str, separator: str) -> str:
    """A file of two columns in which a cell holds each separator."""
    rows = [(first, second, "n"), (*cells, "a,b;c\td"), ("", cells[1], "2\n3")]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


ALIKE = [(script, script) for script in TEXTS] + [(script, encoding) for script in TEXTS for encoding in MARKED]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(("script", "encoding"), [*ALIKE, ("cp1252", "utf-16-le"), ("cp1252", "utf-16-be")])
def test_characters_and_separators_are_found_out(script: str, encoding: str, separator: str) -> None:
    first, second, *cells = TEXTS[script]
    sheet = read_sheet(table(first, second, *cells, separator=separator).encode(encoding))
    assert sheet.header == (first, second, "n")
    assert sheet.rows == ((2, (*cells, "a,b;c\td")), (3, ("", cells[1], "2\n3")))


def test_a_workbook_is_read_as_values_with_its_rows() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet["B3"], sheet["C3"], sheet["B4"], sheet["C4"] = "Name", "Places", "=1+1", 12
        sheet["B6"], sheet["C6"] = "សុភា", True

    sheet = read_sheet(workbook(fill))
    assert sheet == Sheet(("", "Name", "Places"), ((4, ("", "", "12")), (6, ("", "សុភា", "yes"))))


def test_the_first_sheet_that_is_shown_counts_and_days_are_told_as_days() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.title, book.active["A1"], book.active.sheet_state = "hidden", "secret", "hidden"
        book.create_sheet("empty")
        sheet = book.create_sheet("shown")
        sheet.append(["Name", "A", "B", "C", "D"])
        sheet.append([1.5, date(2013, 6, 19), datetime(2013, 6, 19, 14, 30), time(9, 5), False])

    told = ("1.5", "2013-06-19", "2013-06-19T14:30", "09:05:00", "no")
    assert read_sheet(workbook(fill)).rows == ((2, told),)


# --- refused, with a sentence --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_with_what_to_do(what: str) -> None:
    make, told = BAD[what]
    with pytest.raises(BadInput) as refusal:
        read_sheet(make())
    assert told in refusal.value.sentence
    assert refusal.value.field == "file"


def test_without_the_limits_a_far_row_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.exchange.gate.LONGEST_SHEET", 10**9)
    far = sheet_of(b'<row r="1"><c r="A1"><v>7</v></c></row><row r="20000"><c r="A20000"><v>8</v></c></row>')
    assert answer_of(far, None, 1)["sheets"][0][1][-1] == (20000, ["8"])


# --- what goes out and comes back ------------------------------------------------------------------------------------


@given(st.text("a;,'\"=+@\t\n ＝", max_size=9))
def test_a_guard_is_taken_off_as_it_was_put_on(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("lead", LEADS)
def test_no_spreadsheet_takes_a_cell_for_a_formula(lead: str) -> None:
    ledger = Ledger(("name", "note"), ((f"{lead}HYPERLINK(1)", "x"), ("a", f"x;{lead}1")))
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(as_csv(ledger).decode("utf-8-sig"), newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip('"')[:1] in set("=+-@\t＝＋－＠")], row
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(ledger)))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
    assert book.active["A2"].value == f"{lead}HYPERLINK(1)"


def test_a_cell_without_a_guard_would_be_noticed() -> None:
    assert (
        openpyxl.load_workbook(io.BytesIO(workbook(lambda book: book.active.append(["=1+1"])))).active["A1"].data_type
        == "f"
    )
    assert guarded("=1") == "'=1"
    assert guarded("Anne-Marie") == "Anne-Marie"


def test_tables_come_back_as_they_went() -> None:
    rows = tuple((f"{lead}1", "سارا  زهرا", "a\nb") for lead in LEADS if lead.strip())
    ledger = Ledger(("name", "latin", "note"), rows)
    for content in (as_csv(ledger), as_xlsx(ledger)):
        sheet = read_sheet(content)
        assert (sheet.header, tuple(cells for _row, cells in sheet.rows)) == (ledger.columns, rows)


def test_one_module_writes_tables() -> None:
    from tests.test_house import SOURCES, named

    pens = ("csv.writer", "xlsxwriter.Workbook", "csv.DictWriter")
    found = [named(path) for path in SOURCES if any(pen in path.read_text(encoding="utf-8") for pen in pens)]
    assert [name for name in found if name.startswith("webapp/")] == ["webapp/exchange/ledger.py"]
    assert spreadsheet.MOST_BYTES == 2 * 1024 * 1024
