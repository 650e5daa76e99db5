"""Reading CSV files strictly: every complaint names the file, the row, the column and what to do."""

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import NoReturn

from webapp.errors import BadInput

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of a file. Rows are counted as a spreadsheet counts them: the header is row 1."""

    file: str
    row: int
    values: dict[str, str]

    def refuse(self, column: str, what: str) -> NoReturn:
        """Raise a complaint about one cell."""
        raise BadInput(f"{self.file}, row {self.row}, column {column}: {what}", column)

    def text(self, column: str, *, most: int = 200) -> str:
        """Return a cell that may be empty; control characters and overlong text are refused."""
        value = unicodedata.normalize("NFC", self.values[column]).strip()
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
            self.refuse(column, "there is a control character in it; type the text anew.")
        if len(value) > most:
            self.refuse(column, f"{len(value)} characters are too many; {most} is the most.")
        return value

    def needed(self, column: str, *, most: int = 200) -> str:
        """Return a cell that must not be empty."""
        return self.text(column, most=most) or self.refuse(column, "this cell must not be empty.")

    def one_of(self, column: str, known: Collection[str], what: str, *, most: int = 200) -> str:
        """Return a cell whose value must be among the known ones."""
        value = self.needed(column, most=most)
        if value not in known:
            self.refuse(column, f"{value!r} is no known {what}{_hint(known)}.")
        return value

    def parts(self, column: str) -> tuple[str, ...]:
        """Return the parts of a list cell; a part that stands there twice is refused."""
        found = tuple(part.strip() for part in self.text(column, most=1000).split(";") if part.strip())
        for at, part in enumerate(found):
            if part in found[:at]:
                self.refuse(column, f"{part!r} stands there twice; leave one of them out.")
        return found

    def each_of(self, column: str, known: Collection[str], what: str) -> tuple[str, ...]:
        """Return the parts of a list cell, all of which must be known."""
        found = self.parts(column)
        for part in found:
            if part not in known:
                self.refuse(column, f"{part!r} is no known {what}{_hint(known)}.")
        return found

    def codes(self, column: str) -> tuple[str, ...]:
        """Return the language codes of a list cell (two or three small letters each)."""
        found = self.parts(column)
        for code in found:
            if not (2 <= len(code) <= 3 and code.isascii() and code.isalpha() and code.islower()):
                self.refuse(column, f"{code!r} is no language code; write two or three small letters, like en or fil.")
        return found

    def whole(self, column: str, *, least: int, most: int, usual: int | None = None) -> int:
        """Return a whole number in a range; an empty cell means the usual value where there is one."""
        value = self.text(column)
        if not value and usual is not None:
            return usual
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and least <= int(value) <= most):
            self.refuse(column, f"{value!r} is no whole number from {least} to {most}.")
        return int(value)

    def yes(self, column: str, *, usual: bool = False) -> bool:
        """Return whether a cell says yes; an empty cell means the usual answer."""
        value = self.text(column)
        if value not in ("yes", "no", ""):
            self.refuse(column, f"{value!r} is neither yes nor no.")
        return value == "yes" if value else usual

    def day(self, column: str) -> date:
        """Return a day written as 2013-06-19."""
        value = self.needed(column)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(column, f"{value!r} is no day; write it as 2013-06-19.")

    def moment(self, column: str) -> datetime:
        """Return a wall-clock time written as 2013-06-19T14:00."""
        return self._moment(column, self.needed(column))

    def spans(self, column: str) -> tuple[Span, ...]:
        """Return the spans of time of a list cell, each written as START/END."""
        return tuple(self._span(column, part) for part in self.parts(column))

    def _span(self, column: str, part: str) -> Span:
        first, slash, last = part.partition("/")
        if not slash:
            self.refuse(column, f"{part!r} is no span of time; write START/END.")
        starts, ends = self._moment(column, first), self._moment(column, last)
        if starts >= ends:
            self.refuse(column, f"{part!r} ends before it starts.")
        return starts, ends

    def _moment(self, column: str, value: str) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None or "T" not in value:
            self.refuse(column, f"{value!r} is no time at the venue; write it as 2013-06-19T14:00.")
        return found


def read_rows(folder: Traversable, file: str, columns: tuple[str, ...]) -> tuple[Cells, ...]:
    """Return the rows of a file that must have exactly these columns, in any order."""
    reader = csv.reader(io.StringIO(_contents(folder, file), newline=""), strict=True)
    try:
        return tuple(_rows(reader, file, columns))
    except csv.Error as problem:
        raise BadInput(f"{file}, line {reader.line_num}: this is no proper CSV ({problem}).") from problem


def _contents(folder: Traversable, file: str) -> str:
    try:
        return folder.joinpath(file).read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise BadInput(f"{file}: the file is missing or cannot be read.") from problem
    except UnicodeDecodeError as problem:
        raise BadInput(f"{file}: the file is not in UTF-8 (byte {problem.start}); save it as UTF-8.") from problem


def _rows(reader: Iterator[list[str]], file: str, columns: tuple[str, ...]) -> Iterator[Cells]:
    header = next(reader, [])
    for column in columns:
        if header.count(column) != 1:
            raise BadInput(
                f"{file}, row 1: there must be one column {column!r}, there are {header.count(column)}.", column
            )
    for column in header:
        if column not in columns:
            raise BadInput(f"{file}, row 1: the column {column!r} is not known; leave it out.", column)
    for row, values in enumerate(reader, start=2):
        if not any(values):
            continue
        if len(values) != len(header):
            raise BadInput(f"{file}, row {row}: it has {len(values)} cells, the header has {len(header)}.")
        yield Cells(file, row, dict(zip(header, values, strict=True)))


def _hint(known: Collection[str]) -> str:
    return f" (known: {', '.join(sorted(known))})" if 0 < len(known) <= 16 else ""
