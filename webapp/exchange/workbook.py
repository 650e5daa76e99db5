"""XLSX files, once through the gate, read as values; no formula is ever run."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

import python_calamine

from webapp.exchange.gate import looked_through
from webapp.exchange.unreadable import Unreadable

Grid = Sequence[tuple[int, Sequence[str]]]


def sheets_of(content: bytes) -> Iterator[tuple[str, Grid]]:
    """Give the sheets that are shown, one after the other: their names, and their cells with the numbers of rows."""
    safe = looked_through(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe))
        for sheet in book.sheets_metadata:
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible:
                yield sheet.name, _cells(book.get_sheet_by_name(sheet.name))
    except (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as problem:
        # a fault in the reader itself comes as something that is no Exception
        raise Unreadable("damaged") from problem


def _cells(sheet: python_calamine.CalamineSheet) -> Grid:
    if sheet.start is None or not sheet.total_height:
        return []
    first, second = sheet.start
    lead = [""] * second
    values = sheet.to_python(skip_empty_area=True)
    return [(first + at, [*lead, *map(_text, row)]) for at, row in enumerate(values, start=1)]


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
