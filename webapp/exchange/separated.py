"""CSV files: their characters and their separator are found out, then they are read strictly."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import pairwise

from webapp.exchange.gate import MOST_COLUMNS, MOST_ROWS
from webapp.exchange.letters import unguarded
from webapp.exchange.unreadable import Unreadable

MOST_BYTES = 2 * 1024 * 1024
SEPARATORS = (",", ";", "\t")
CODE_PAGES = ("cp1252", "cp1251", "cp1256")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LOOKED_AT = 64 * 1024
TRIED_ROWS = 50

Grid = Sequence[tuple[int, Sequence[str]]]


def rows_of(content: bytes, wanted: str | None) -> tuple[str, Grid]:
    """Return the encoding, and the cells with the numbers of their rows; a code page that is wanted is tried first."""
    text, encoding = _decoded(content, wanted)
    return encoding, _parsed(text)


# --- which characters ------------------------------------------------------------------------------------------------


def _decoded(content: bytes, wanted: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), None)
    wide = marked or _wide(content)
    for encoding in (wide,) if wide else (wanted or "utf-8-sig", _code_page(content)):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Unreadable("characters")


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
                raise Unreadable("rows", most=MOST_ROWS)
            if any(map(str.strip, cells[2 * MOST_COLUMNS :])):
                raise Unreadable("columns", row=number, most=MOST_COLUMNS)
            grid.append((number, [unguarded(cell) for cell in cells[: 2 * MOST_COLUMNS]]))
    except csv.Error as problem:
        raise Unreadable("row", row=len(grid) + 1) from problem
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
