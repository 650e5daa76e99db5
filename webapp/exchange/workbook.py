"""XLSX files: looked through for traps before anything reads them, then read as values; no formula is ever run."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from xml.parsers import expat

import python_calamine

from webapp.errors import BadInput
from webapp.i18n import gettext as _

MOST_ROWS, MOST_COLUMNS = 5000, 60
MOST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 500
MOST_ELEMENTS = 1_500_000
READ_PARTS = (".xml", ".rels")

Grid = Sequence[tuple[int, Sequence[str]]]


def read_workbook(content: bytes) -> Grid:
    """Return the cells of the first sheet that shows anything, with the numbers of their rows."""
    safe = _looked_through(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe))
        for sheet in book.sheets_metadata:
            if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            cells = book.get_sheet_by_name(sheet.name)
            if cells.start is not None and cells.total_height:
                first, second = cells.start
                lead = [""] * second
                values = cells.to_python(skip_empty_area=True)
                return [(first + at, [*lead, *map(_text, row)]) for at, row in enumerate(values, start=1)]
    except BaseException as problem:
        # a fault in the reader itself comes as something that is no Exception
        if isinstance(problem, KeyboardInterrupt | SystemExit | BadInput):
            raise
        raise _damaged() from problem
    raise _bad(_("There is no row in this file. The first row names the columns."))


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
        case datetime():
            return value.isoformat(timespec="minutes")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _looked_through(content: bytes) -> bytes:
    """Return the workbook anew, unpacked, with nothing in it but parts that were looked through."""
    safe = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as kept:
            _refuse_traps(parts)
            gate = _Gate()
            for part in parts.infolist():
                if part.filename.endswith(READ_PARTS):
                    # a name that lies about its size is cut there
                    text = parts.read(part)
                    gate.look_through(text)
                    kept.writestr(part.filename, text)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError, OSError) as problem:
        raise _damaged() from problem
    except (ValueError, KeyError, UnicodeError, expat.ExpatError, zipfile.zlib.error) as problem:  # type: ignore[attr-defined]
        raise _damaged() from problem
    return safe.getvalue()


def _refuse_traps(parts: zipfile.ZipFile) -> None:
    names = [part.filename for part in parts.infolist()]
    if any(part.flag_bits & 1 for part in parts.infolist()):
        raise _bad(_("This file has a password. Save it without one."))
    if len(names) > MOST_PARTS or sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
        raise _too_large()
    if "xl/workbook.xml" not in names:
        raise _bad(_("This is no XLSX file. Save the table as XLSX or CSV and choose that file."))
    if len(set(names)) < len(names) or any(name.startswith(("/", "\\")) or ".." in name for name in names):
        raise _damaged()
    if any("vbaproject" in name.casefold() for name in names):
        raise _bad(_("There are macros in this file. Save it as XLSX, which has none."))
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise _bad(
            _("This file takes values from other files. Copy the cells, paste them as values, and save it anew.")
        )


class _Gate:
    """Looks through parts of a workbook: no document type, and no more rows, columns and elements than there may be."""

    def __init__(self) -> None:
        self.elements = 0
        self.row = self.column = 0

    def look_through(self, text: bytes) -> None:
        """Refuse a part that holds a trap."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._element
        self.row = self.column = 0
        parser.Parse(text, True)

    def _refuse_doctype(self, *_told: object) -> None:
        raise _damaged()

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise _too_large()
        kind = name.rpartition(":")[2]
        if kind == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif kind == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self.column = _column(letters) if letters else self.column + 1
            self.row = int(place[len(letters) :]) if place else self.row
            if self.row > 2 * MOST_ROWS or self.column > 2 * MOST_COLUMNS:
                raise _too_large()


def _column(letters: str) -> int:
    """The number of a column, from 1; more than there may be where it is no column."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return 4 * MOST_COLUMNS
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _bad(sentence: str) -> BadInput:
    return BadInput(sentence, "file")


def _damaged() -> BadInput:
    return _bad(_("This XLSX file is damaged, or was not made by a spreadsheet. Save it anew, or as CSV."))


def _too_large() -> BadInput:
    return _bad(
        _(
            "This file is too large: %(rows)s rows and %(columns)s columns are the most. Leave out what is not needed; "
            "formats beneath the last row count too.",
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )
    )
