"""An event file as a book: cells become what the house would write there, or a problem with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.errors import BadInput
from webapp.exchange.columns import folded_header
from webapp.exchange.spreadsheet import Sheet as Cells
from webapp.exchange.spreadsheet import column_letters, read_sheets
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.cells import read_cell
from webapp.operations.files.importing.lines import Problem

MOST_ROWS_IN_ALL = 30_000
LONG = frozenset(sheet.name for sheet in book.PLANNED)
HEADER_ROW = 1


@dataclass(slots=True)
class Line:
    """A row of a sheet: its number and what it says; no cell of a column that is not in the file."""

    row: int
    told: dict[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, and where each column stands, sheet by sheet; with all that could not be understood."""

    lines: dict[str, list[Line]]
    columns: dict[str, dict[str, int]]
    problems: list[Problem]

    def problem(self, sheet: Sheet, row: int, column: str, sentence: str) -> Problem:
        """Return a problem at a column of a row; of the row as a whole where the file has no such column."""
        at = self.columns.get(sheet.name, {}).get(column)
        return Problem(
            row, "" if at is None else column_letters(at), "" if at is None else column, sentence, sheet.name
        )


def read_file(content: bytes) -> Read:
    """Return what an event file says; refuse a file that is none."""
    known = {folded_header(sheet.name): sheet for sheet in book.SHEETS}
    told = [(name, cells) for name, cells in read_sheets(content, long=LONG) if cells.header]
    if sum(len(cells.rows) for _name, cells in told) > MOST_ROWS_IN_ALL:
        sentence = _("All sheets together have more than %(most)s rows. Leave out what is not needed.",
                     most=MOST_ROWS_IN_ALL)  # fmt: skip
        raise BadInput(sentence, "file")
    if not any(folded_header(name) in known for name, _cells in told):
        names = _(", ").join(sheet.name for sheet in book.SHEETS)
        raise BadInput(
            _("This is no file of a whole event: it has none of the sheets that one has. They are: %(names)s.",
              names=names), "file")  # fmt: skip
    found = Read({}, {}, [])
    for name, cells in told:
        sheet = known.get(folded_header(name))
        if sheet is None:
            sentence = _("This sheet is not known. Leave it out, or give it the name of one that is: %(names)s.",
                         names=_(", ").join(one.name for one in book.SHEETS))  # fmt: skip
            found.problems.append(Problem(HEADER_ROW, "", "", sentence, isolate(name)))
        elif sheet.name in found.lines:
            found.problems.append(Problem(HEADER_ROW, "", "", _("There are two sheets of this name."), sheet.name))
        else:
            _read_sheet(sheet, cells, found)
    return found


def _read_sheet(sheet: Sheet, cells: Cells, found: Read) -> None:
    found.lines[sheet.name] = []
    columns = found.columns[sheet.name] = {}
    places: list[tuple[int, book.Column]] = []
    known = {folded_header(column.name): column for column in sheet.columns}
    for at, header in enumerate(cells.header):
        column = known.get(folded_header(header))
        if column is None or column.name in columns:
            sentence = _("This column stands twice.") if column else _not_known(sheet)
            found.problems.append(Problem(HEADER_ROW, column_letters(at), header, sentence, sheet.name))
        else:
            columns[column.name] = at
            places.append((at, column))
    lacking = [name for name in sheet.keys if name not in columns]
    if lacking:
        names = _(", ").join(lacking)
        sentence = _("This sheet needs these columns too: %(names)s.", names=names)
        found.problems.append(Problem(HEADER_ROW, "", "", sentence, sheet.name))
        return
    for row, texts in cells.rows:
        told = dict(_told(sheet, row, [(column, texts[at]) for at, column in places], found))
        if len(told) == len(places):
            found.lines[sheet.name].append(Line(row, told))


def _not_known(sheet: Sheet) -> str:
    return _(
        "This column is not known. Leave it out, or give it the name of one that is: %(names)s.",
        names=_(", ").join(sheet.header),
    )


def _told(sheet: Sheet, row: int, texts: Sequence[tuple[book.Column, str]], found: Read) -> Iterator[tuple[str, str]]:
    """Give what can be understood of a row; the rest becomes problems."""
    for column, text in texts:
        try:
            yield column.name, _cell(column, text)
        except BadInput as refusal:
            found.problems.append(found.problem(sheet, row, column.name, refusal.sentence))


def _cell(column: book.Column, text: str) -> str:
    if text.strip():
        return read_cell(column.kind, text)
    if column.usual is None:
        raise BadInput(_("This cell must not be empty."))
    return column.usual


def with_usual(sheet: Sheet, told: Record) -> tuple[dict[str, str], list[str]]:
    """Return a new row with what is usual where the file has no column, and the columns it cannot do without."""
    lacking = [column.name for column in sheet.columns if column.usual is None and column.name not in told]
    return {column.name: told.get(column.name, column.usual or "") for column in sheet.columns}, lacking
