"""A file that somebody sends: bytes become rows of cells with their places, or a sentence says why they cannot."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from webapp.errors import BadInput
from webapp.exchange.letters import unguarded
from webapp.exchange.workbook import MOST_COLUMNS, MOST_ROWS, Grid, read_workbook
from webapp.i18n import gettext as _

MOST_BYTES = 2 * 1024 * 1024
LONGEST_CELL = 5000
SEPARATORS = (",", ";", "\t")
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "cp1256": "Windows-1256",
}
CODE_PAGES = ("cp1252", "cp1251", "cp1256")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LOOKED_AT = 64 * 1024
TRIED_ROWS = 50


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
    """Return what a CSV or XLSX file says; `encoding` is taken where it is one of `CODE_PAGES`, else found out."""
    if len(content) > MOST_BYTES:
        raise _bad(_("This file is larger than 2 megabytes. Leave out what is not needed, or send it in parts."))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _bad(_("This file is empty. Choose the file once more."))
    if content.startswith(b"PK\x03\x04"):
        return _sheet(read_workbook(content), "")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _bad(
            _("This is an old Excel file, or one with a password. Save it as XLSX without a password, or as CSV.")
        )
    if content.startswith((b"%PDF", b"<!DOCTYPE", b"<html", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")):
        raise _bad(_("This is no CSV and no XLSX file. Save the table as one of these and choose that file."))
    text, found = _decoded(content, encoding if encoding in CODE_PAGES else None)
    return _sheet(_parsed(text), found)


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


def _sheet(grid: Grid, encoding: str) -> Sheet:
    """Check the grid and give every row the header's length; the header is the first row with anything in it."""
    told = [(number, cells) for number, cells in grid if any(cell.strip() for cell in cells)]
    if len(told) < 2:
        raise _bad(_("There is no row beneath the header in this file. The first row names the columns."))
    header = [cell.strip() for cell in told[0][1]]
    while header and not header[-1]:
        header.pop()
    _refuse_large(told)
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


def _refuse_large(told: Sequence[tuple[int, Sequence[str]]]) -> None:
    if len(told) > MOST_ROWS + 1:
        raise _bad(_("This file has more than %(most)s rows. Send it in parts.", most=MOST_ROWS))
    for number, cells in told:
        for at, cell in enumerate(cells):
            if at >= MOST_COLUMNS and cell.strip():
                sentence = _("Row %(row)s has more than %(most)s columns. Leave out what is not needed.", row=number,
                             most=MOST_COLUMNS)  # fmt: skip
                raise _bad(sentence)
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


# --- which characters ------------------------------------------------------------------------------------------------


def _decoded(content: bytes, wanted: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), None)
    wide = marked or _wide(content)
    for encoding in (wide,) if wide else (wanted or "utf-8-sig", _code_page(content)):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise _bad(_("The characters of this file could not be read. Save it as CSV in UTF-8, or as XLSX."))


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of what is mostly Latin text, digits and separators is 0."""
    start = content[:LOOKED_AT]
    half = len(start) // 4
    if start[1::2].count(0) > half:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > half else None


def _code_page(content: bytes) -> str:
    """The code page in which fewest neighbours are such as no word has; the first of them where it makes no odds."""
    start = content[:LOOKED_AT]
    return min(CODE_PAGES, key=lambda name: _oddities(start.decode(name, errors="replace")))


def _oddities(text: str) -> int:
    """Count neighbours that no word has: two scripts, a capital after a small letter, two accented letters."""
    odd = 10 * text.count("\ufffd")
    for one, other in pairwise(text):
        if not (one.isalpha() and other.isalpha()) or (one.isascii() and other.isascii()):
            continue
        latin, too = (sign < "\u0250" for sign in (one, other))
        odd += (latin != too) + (one.islower() and other.isupper())
        odd += latin and too and not one.isascii() and not other.isascii()
        odd += ("\u0600" <= one <= "\u06ff") != ("\u0600" <= other <= "\u06ff")
    return odd


# --- which separator -------------------------------------------------------------------------------------------------


def _parsed(text: str) -> Grid:
    # longer cells are refused with their place
    csv.field_size_limit(MOST_BYTES)
    separator = max(SEPARATORS, key=lambda sign: _fit(text, sign))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    grid: list[tuple[int, Sequence[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if number > 4 * MOST_ROWS:
                raise _bad(_("This file has more than %(most)s rows. Send it in parts.", most=MOST_ROWS))
            grid.append((number, [unguarded(cell) for cell in cells]))
    except csv.Error as problem:
        raise _bad(
            _(
                "Row %(row)s cannot be read: a quotation mark may be missing. Put it right, or save the file as XLSX.",
                row=len(grid) + 1,
            )
        ) from problem
    return grid


def _fit(text: str, separator: str) -> tuple[int, int]:
    """How well a separator fits: how many of the first rows have as many cells as the header, then how many those are.

    One column alone fits any separator, so it counts for nothing.
    """
    reader = csv.reader(io.StringIO(text[:LOOKED_AT], newline=""), delimiter=separator)
    widths = []
    try:
        for _number, cells in zip(range(TRIED_ROWS), _told(reader), strict=False):
            widths.append(len(cells))
    except csv.Error:
        pass
    if not widths or widths[0] == 1:
        return 0, 0
    return sum(width == widths[0] for width in widths), widths[0]


def _told(reader: Iterable[list[str]]) -> Iterable[list[str]]:
    return (cells for cells in reader if any(cells))
