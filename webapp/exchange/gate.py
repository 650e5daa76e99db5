"""The gate that each workbook passes before anything reads it: traps are refused, and no more comes in than may."""

import io
import zipfile
from xml.parsers import expat

from webapp.exchange.unreadable import Unreadable

MOST_ROWS, MOST_COLUMNS = 5000, 60
LONGEST_SHEET = 10_000
"""So many rows may those sheets have beneath their header that whoever reads a workbook says may be longer."""

MOST_UNPACKED = 20 * 1024 * 1024
MOST_TEXT = 20_000_000
MOST_PARTS = 500
MOST_ELEMENTS = 1_500_000
READ_PARTS = (".xml", ".rels")

BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError, OSError, ValueError, KeyError, UnicodeError,
    expat.ExpatError, zipfile.zlib.error,  # type: ignore[attr-defined]
)  # fmt: skip


def refuse_traps(content: bytes) -> None:
    """Refuse what the list of a workbook's parts gives away already; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _refuse_traps(parts.infolist())
    except BROKEN as problem:
        raise Unreadable("damaged") from problem


def looked_through(content: bytes) -> bytes:
    """Return the workbook anew, unpacked, with nothing in it but parts that were looked through."""
    safe, gate = io.BytesIO(), _Gate()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as kept:
            _refuse_traps(parts.infolist())
            texts = {}
            for part in parts.infolist():
                if part.filename.endswith(READ_PARTS):
                    with parts.open(part) as packed:
                        # no further than the list of parts says, whatever is in it
                        text = texts[part.filename] = packed.read(part.file_size)
                    gate.look_through(text)
                    kept.writestr(part.filename, text)
        if gate.longest * gate.shared_cells > MOST_TEXT:
            # few texts, but in so many cells that the table would be many times as long as the file
            copies = _Copies(gate.lengths)
            for text in texts.values():
                copies.count(text)
    except BROKEN as problem:
        raise Unreadable("damaged") from problem
    return safe.getvalue()


def _refuse_traps(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("password")
    if len(names) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("too_large")
    if "xl/workbook.xml" not in names:
        raise Unreadable("no_workbook")
    if len(set(names)) < len(names) or any(name.startswith(("/", "\\")) or ".." in name for name in names):
        raise Unreadable("damaged")
    if any("vbaproject" in name.casefold() for name in names):
        raise Unreadable("macros")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise Unreadable("other_files")


class _Gate:
    """Looks through parts of a workbook: no document type, and no more rows, columns and elements than there may be.

    Afterwards `lengths` are those of the texts that cells share, and `shared_cells` counts the cells that do.
    """

    def __init__(self) -> None:
        self.elements = self.shared_cells = 0
        self.row = self.column = 0
        self.lengths: list[int] = []

    @property
    def longest(self) -> int:
        """The length of the longest text that cells share."""
        return max(self.lengths, default=0)

    def look_through(self, text: bytes) -> None:
        """Refuse a part that holds a trap."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._first_element
        parser.buffer_text = True
        self.parser = parser
        self.row = self.column = 0
        parser.Parse(text, True)

    def _first_element(self, name: str, attributes: dict[str, str]) -> None:
        if _bare(name) == "sst":
            self.parser.CharacterDataHandler = self._shared_text
        self.parser.StartElementHandler = self._element
        self._element(name, attributes)

    def _shared_text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unreadable("too_large")
        kind = _bare(name)
        if kind == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif kind == "si":
            self.lengths.append(0)
        elif kind == "c":
            self.shared_cells += attributes.get("t") == "s"
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self.column = _column(letters) if letters else self.column + 1
            self.row = int(place[len(letters) :]) if place else self.row
            if self.row > LONGEST_SHEET + 1 or self.column > 2 * MOST_COLUMNS:
                raise Unreadable("too_large")


class _Copies:
    """Counts the characters of all cells that share a text."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.shared = self.inside = False
        self.at = ""
        self.told = 0

    def count(self, text: bytes) -> None:
        """Count those of one part; refuse where they are too many."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._element
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(text, True)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = _bare(name)
        if kind == "c":
            self.shared = attributes.get("t") == "s"
        elif kind == "v":
            self.inside, self.at = self.shared, ""

    def _text(self, text: str) -> None:
        if self.inside:
            self.at += text[:20]

    def _end(self, name: str) -> None:
        if self.inside and _bare(name) == "v":
            self.inside = False
            at = int(self.at)
            self.told += self.lengths[at] if 0 <= at < len(self.lengths) else 0
            if self.told > MOST_TEXT:
                raise Unreadable("too_large")


def _refuse_doctype(*_told: object) -> None:
    raise Unreadable("damaged")


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _column(letters: str) -> int:
    """The number of a column, from 1; more than there may be where it is no column."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return 4 * MOST_COLUMNS
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number
