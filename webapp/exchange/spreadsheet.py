"""A file that somebody sends: bytes become rows of cells with their places, or a sentence says why they cannot."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from webapp.errors import BadInput
from webapp.exchange import confined
from webapp.exchange.gate import LONGEST_SHEET, MOST_COLUMNS, MOST_ROWS, refuse_traps
from webapp.exchange.separated import CODE_PAGES, LOOKED_AT, MOST_BYTES, Grid, rows_of
from webapp.exchange.unreadable import Unreadable
from webapp.i18n import gettext as _
from webapp.i18n import isolate

LONGEST_CELL = 5000
HARMLESS = LOOKED_AT
"""So many bytes of plain text cost nothing worth a process of their own."""

ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "cp1256": "Windows-1256",
}
ARCHIVE, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
OTHER_FILES = (b"%PDF", b"<!DOCTYPE", b"<html", b"<?xml", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")
BLANKS = b"\x00 \t\r\n,;\xef\xbb\xbf\xff\xfe"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and the rows beneath it, each with its number as a spreadsheet counts; all rows as long as the header.

    `encoding` is nothing where the file is a workbook.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str = ""

    def samples(self, column: int, most: int = 3) -> list[str]:
        """Return the first few different values of a column."""
        found: dict[str, None] = {}
        for _row, cells in self.rows:
            if cells[column]:
                found[cells[column]] = None
            if len(found) == most:
                break
        return list(found)


def read_sheet(content: bytes, *, encoding: str | None = None) -> Sheet:
    """Return what a CSV file says, or the first sheet of an XLSX file that holds anything.

    `encoding` is taken where it is one of `CODE_PAGES`, else found out. All but short plain text is read by a process
    of its own.
    """
    found, sheets = _sheets(content, encoding if encoding in CODE_PAGES else None, most=1)
    if not sheets:
        raise _bad(_("There is no row in this file. The first row names the columns."))
    return _sheet(sheets[0][1], found)


def read_sheets(content: bytes, *, long: Container[str] = ()) -> tuple[tuple[str, Sheet], ...]:
    """Return all sheets of an XLSX file that are shown, each with its name; those without a row have no header.

    Those called by names that are `long` may have `LONGEST_SHEET` rows.
    A CSV file is one sheet without a name. A complaint about a cell begins with the name of its sheet.
    """
    encoding, sheets = _sheets(content, None, most=0)
    found = []
    for name, grid in sheets:
        try:
            found.append((name, _sheet(grid, encoding, least=0, most=LONGEST_SHEET if name in long else MOST_ROWS)))
        except BadInput as refusal:
            raise _bad(f"{isolate(name)}: {refusal.sentence}" if name else refusal.sentence) from refusal
    return tuple(found)


def _sheets(content: bytes, wanted: str | None, *, most: int) -> tuple[str, Sequence[tuple[str, Grid]]]:
    """Return the encoding and the sheets; what a glance at the file gives away is refused without a process."""
    try:
        _refuse_at_a_glance(content)
        if content.startswith(ARCHIVE) or len(content) > HARMLESS:
            return confined.read_confined(content, encoding=wanted or "", most=most)
        encoding, rows = rows_of(content, wanted)
        return encoding, [("", rows)]
    except Unreadable as refusal:
        raise _bad(_said(refusal)) from None


def _said(refusal: Unreadable) -> str:
    """The sentence of a refusal; of one that makes no sense, that the file could not be read."""
    told = {"seconds": int(confined.LONGEST), **refusal.told}
    try:
        return SENTENCES[refusal.why]() % told
    except KeyError:
        return SENTENCES["unread"]() % told


def _refuse_at_a_glance(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise Unreadable("bytes")
    if not content.strip(BLANKS):
        raise Unreadable("empty")
    if content.startswith(OLD_WORKBOOK):
        raise Unreadable("old")
    if content.startswith(OTHER_FILES):
        raise Unreadable("no_table")
    if content.startswith(ARCHIVE):
        refuse_traps(content)


SENTENCES: dict[str, Callable[[], str]] = {
    "bytes": lambda: _("This file is larger than 2 megabytes. Leave out what is not needed, or send it in parts."),
    "empty": lambda: _("This file is empty. Choose the file once more."),
    "old": lambda: _(
        "This is an old Excel file, or one with a password. Save it as XLSX without a password, or as CSV."
    ),
    "no_table": lambda: _("This is no CSV and no XLSX file. Save the table as one of these and choose that file."),
    "no_workbook": lambda: _("This is no XLSX file. Save the table as XLSX or CSV and choose that file."),
    "password": lambda: _("This file has a password. Save it without one."),
    "macros": lambda: _("There are macros in this file. Save it as XLSX, which has none."),
    "other_files": lambda: _(
        "This file takes values from other files. Copy the cells, paste them as values, and save it anew."
    ),
    "damaged": lambda: _("This XLSX file is damaged, or was not made by a spreadsheet. Save it anew, or as CSV."),
    "too_large": lambda: _(
        "This file is too large: %(rows)s rows and %(columns)s columns are the most. Leave out what is not needed; "
        "formats beneath the last row count too.",
        rows=MOST_ROWS,
        columns=MOST_COLUMNS,
    ),
    "characters": lambda: _("The characters of this file could not be read. Save it as CSV in UTF-8, or as XLSX."),
    "rows": lambda: _("This file has more than %(most)s rows. Send it in parts."),
    "columns": lambda: _("Row %(row)s has more than %(most)s columns. Leave out what is not needed."),
    "row": lambda: _(
        "Row %(row)s cannot be read: a quotation mark may be missing. Put it right, or save the file as XLSX."
    ),
    "unread": lambda: _(
        "This file could not be read within %(seconds)s seconds and the memory that a table needs. Copy the cells into "
        "a new table, save it as CSV and try again."
    ),
}
"""What each word that a reader refuses with means."""


def column_letters(column: int) -> str:
    """Return what a spreadsheet calls a column, the first being 0.

    >>> [column_letters(at) for at in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _bad(sentence: str) -> BadInput:
    return BadInput(sentence, "file")


def _sheet(grid: Grid, encoding: str, *, least: int = 2, most: int = MOST_ROWS) -> Sheet:
    """Check the grid and give every row the header's length; the header is the first row with anything in it.

    There must be at least so many rows that hold anything, and at most so many beneath the header.
    """
    told = [(number, cells) for number, cells in grid if any(cell.strip() for cell in cells)]
    if len(told) < least:
        raise _bad(_("There is no row beneath the header in this file. The first row names the columns."))
    header = [cell.strip() for cell in told[0][1]] if told else []
    while header and not header[-1]:
        header.pop()
    _refuse_large(told, most)
    width = len(header)
    rows = []
    for number, cells in told[1:]:
        over = next((at for at in range(width, len(cells)) if cells[at].strip()), None)
        if over is not None:
            raise _bad(
                _(
                    "Row %(row)s, column %(column)s: this cell stands beyond the last column of the header. Name the "
                    "column, or put the row right; perhaps a quotation mark is missing.",
                    row=number,
                    column=column_letters(over),
                )
            )
        rows.append((number, tuple(cells[:width]) + ("",) * (width - len(cells))))
    return Sheet(tuple(header), tuple(rows), encoding)


def _refuse_large(told: Sequence[tuple[int, Sequence[str]]], most: int) -> None:
    if len(told) > most + 1:
        raise _bad(SENTENCES["rows"]() % {"most": most})
    for number, cells in told:
        for at, cell in enumerate(cells):
            if at >= MOST_COLUMNS and cell.strip():
                raise _bad(SENTENCES["columns"]() % {"row": number, "most": MOST_COLUMNS})
            if len(cell) > LONGEST_CELL:
                raise _bad(
                    _(
                        "Row %(row)s, column %(column)s: this cell has %(count)s characters; %(most)s is the most.",
                        row=number,
                        column=column_letters(at),
                        count=len(cell),
                        most=LONGEST_CELL,
                    )
                )
