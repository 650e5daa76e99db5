"""Files as they come: what is found out of them, and what is refused before anything reads it."""

import csv
import io
import resource
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from time import process_time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import BadInput
from webapp.exchange import spreadsheet
from webapp.exchange.ledger import Ledger, as_csv, as_xlsx
from webapp.exchange.letters import guarded, unguarded
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


def workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(content)
    return content.getvalue()


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


def packed(parts: dict[str, bytes], like: bytes | None = None) -> bytes:
    """A workbook with some parts replaced or added."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(like or workbook(lambda book: book.active.append(["Name"])))) as old:
        held = {name: old.read(name) for name in old.namelist()} | parts
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name, text in held.items():
            new.writestr(name, text)
    return content.getvalue()


def sheet_of(inner: bytes) -> bytes:
    xml = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
    return packed({"xl/worksheets/sheet1.xml": xml % inner + b"</worksheet>"})


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
LYING = workbook(lambda book: book.active.append(["Name"])).replace(b"xl/workbook.xml", b"xl/workbookxxml")
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "nothing but a mark": (lambda: b"\xef\xbb\xbf\r\n", "empty"),
    "no row": (lambda: b"Name,Organisation\n", "no row beneath"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "no CSV"),
    "a page": (lambda: b"<!DOCTYPE html><table>", "no CSV"),
    "too long": (lambda: b"Name\n" + b"a" * (2 * 1024 * 1024), "2 megabytes"),
    "too many rows": (lambda: b"Name\n" + b"a\n" * 5001, "5000 rows"),
    "a million columns": (lambda: b"a," * 1_000_000 + b"\nb\n", "60 columns"),
    "a long cell": (lambda: b"Name,x\nAnna," + b"y" * 131_073 + b"\n", "Row 2, column B"),
    "a very long cell": (lambda: b"Name,x\nAnna," + b'"' + b"y" * 140_000 + b'"\n', "Row 2"),
    "an open quotation mark": (lambda: b'Name,x\nAnna,"open\nBert,y\n', "Row 2"),
    "quotation marks in quotation marks": (lambda: b'Name,x\nAnna,"a"b"c"\n', "Row 2"),
    "a row too wide": (lambda: b"Name,x\nAnna,1\nBert,2,3\n", "Row 3, column C"),
    "half of UTF-16": (lambda: "Name\nAnna\n".encode("utf-16") + b"\x41", "characters"),
    "an archive": (lambda: _archive({"readme.txt": b"x"}), "no XLSX"),
    "an archive cut short": (lambda: workbook(lambda book: book.active.append(["x"]))[:900], "damaged"),
    "a lying name": (lambda: LYING, "no XLSX"),
    "a password": (lambda: locked(), "password"),
    "no sheet": (lambda: workbook(lambda book: None), "no row"),
    "a sheet that is not there": (lambda: packed({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}), "damaged"),
    "a part twice": (lambda: doubled(), "damaged"),
    "macros": (lambda: packed({"xl/vbaProject.bin": b"x"}), "macros"),
    "other files": (lambda: packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "other files"),
    "a way out": (lambda: packed({"../../etc/cron.xml": b"<x/>"}), "damaged"),
    "an entity": (lambda: packed({"xl/worksheets/sheet1.xml": ENTITY}), "damaged"),
    "many laughs": (lambda: packed({"xl/sharedStrings.xml": LAUGHS}), "damaged"),
    "no XML": (lambda: packed({"xl/workbook.xml": b"<workbook>"}), "damaged"),
    "a far row": (lambda: sheet_of(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "too large"),
    "a far column": (lambda: sheet_of(b'<row r="1"><c r="XFD1"><v>1</v></c></row>'), "too large"),
    "no column": (lambda: sheet_of(b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'), "too large"),
    "no row number": (lambda: sheet_of(b'<row r="x"><c><v>1</v></c></row>'), "damaged"),
    "a million rows": (lambda: sheet_of(b"<row><c><v>1</v></c></row>" * 400_000), "too large"),
    "a bomb": (lambda: packed({"xl/worksheets/sheet1.xml": b" " * 25_000_000}), "too large"),
    "a million parts": (lambda: packed({f"xl/media/{at}": b"" for at in range(600)}), "too large"),
}


def locked() -> bytes:
    """An archive whose parts say that they need a password."""
    content = bytearray(workbook(lambda book: book.active.append(["Name"])))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def doubled() -> bytes:
    """An archive that names a part twice, so that two readers may see two different ones."""
    content = io.BytesIO(workbook(lambda book: book.active.append(["Name"])))
    with warnings.catch_warnings(), zipfile.ZipFile(content, "a") as parts:
        warnings.simplefilter("ignore")
        parts.writestr("xl/workbook.xml", b"<workbook/>")
    return content.getvalue()


def _archive(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as new:
        for name, text in parts.items():
            new.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_at_once_with_what_to_do(what: str) -> None:
    make, told = BAD[what]
    content = make()
    began, before = process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInput) as refusal:
        read_sheet(content)
    assert told in refusal.value.sentence
    assert process_time() - began < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_a_part_that_lies_about_its_size_is_never_unpacked_further() -> None:
    content = bytearray(packed({"xl/worksheets/sheet1.xml": b"<x>" + b" " * 5_000_000 + b"</x>"}))
    # the central list comes last, and tells the size as the 4 bytes before the lengths of names
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(BadInput) as refusal:
        read_sheet(bytes(content))
    assert "damaged" in refusal.value.sentence


def test_without_the_limits_a_far_row_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.exchange.workbook.MOST_ROWS", 10**9)
    far = sheet_of(b'<row r="1"><c r="A1"><v>7</v></c></row><row r="20000"><c r="A20000"><v>8</v></c></row>')
    assert read_sheet(far).rows == ((20000, ("8",)),)


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
