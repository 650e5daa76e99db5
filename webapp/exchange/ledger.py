"""Tables that leave the house as CSV or XLSX: always text, and nothing that a spreadsheet would run."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from webapp.exchange.letters import guarded

KIND_OF_FILE = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
    "json": "application/json",
    "pdf": "application/pdf",
}
MADE = datetime(2013, 1, 1)
"""Stands in every workbook as the day it was made, so that the same table is the same bytes."""

WIDEST = 60


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table: the names of its columns and its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def written(ledger: Ledger, ending: str) -> bytes:
    """Return a table as a file of this kind."""
    return as_xlsx(ledger) if ending == "xlsx" else as_csv(ledger)


def as_csv(ledger: Ledger) -> bytes:
    """Return a table as CSV: UTF-8 with a mark, for spreadsheets that would guess otherwise; every cell in quotes."""
    text = io.StringIO(newline="")
    pen = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (ledger.columns, *ledger.rows):
        pen.writerow([guarded(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(ledger: Ledger) -> bytes:
    """Return a table as a workbook of one sheet, every cell a text; nothing is written to the disk."""
    return as_book({"Sheet1": ledger})


def as_book(sheets: Mapping[str, Ledger]) -> bytes:
    """Return tables as a workbook with a sheet for each, by name."""
    content = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, plain) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True})
        for name, ledger in sheets.items():
            _fill(book.add_worksheet(name), ledger, bold)
    return content.getvalue()


def _fill(sheet: Any, ledger: Ledger, bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(ledger.columns):
        sheet.set_column(at, at, _width(name, [row[at] for row in ledger.rows]))
        sheet.write_string(0, at, name, bold)
    for number, row in enumerate(ledger.rows, start=1):
        for at, cell in enumerate(row):
            if cell:
                sheet.write_string(number, at, cell)


def _width(name: str, cells: Sequence[str]) -> int:
    return min(WIDEST, max(len(text) for text in (name, *cells)) + 2)
