"""Numbers to give away, already in words: as a table for spreadsheets, and as one or two pages on paper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel import Locale

from webapp.exchange.ledger import Ledger
from webapp.exchange.paper import Say, plainly
from webapp.exchange.press import press

COLUMNS = ("about", "what", "figure")
ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a group: what it is about, its figures, and how long its bar is; a part stands `inner`."""

    label: str
    cells: tuple[str, ...]
    size: int = 0
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together; the first column is that of the labels. Two that are `narrow` fit side by side."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    narrow: bool = False

    @property
    def most(self) -> int:
        """The length of the longest bar."""
        return max((row.size for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told: few large figures with their words, sentences, groups of lines, and how it was counted.

    `missing` says why there is nothing else, where there is nothing else.
    """

    title: str
    event: str
    about: str
    missing: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    sentences: tuple[tuple[str, str], ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()


def numbers_ledger(told: Told) -> Ledger:
    """Return everything as one table; what a figure is counted by stands in the last lines."""
    rows = [("event", label, figure.replace("\u00a0", "")) for figure, label in told.figures]
    rows += [("event", label, share) for share, label in told.sentences]
    for group in told.groups:
        whole = ""
        for row in group.rows:
            whole = whole if row.inner else row.label
            label = f"{whole}: {row.label}" if row.inner else row.label
            for column, cell in zip(group.columns[1:], row.cells, strict=True):
                what = label if len(row.cells) == 1 else f"{label}: {column}"
                rows.append((group.key, what, cell))
    rows += [("note", note, "") for note in (told.missing, *told.notes) if note]
    return Ledger(COLUMNS, tuple(tuple(cell.translate(ISOLATES) for cell in row) for row in rows))


def numbers_sheet(
    told: Told, *, printed: datetime, locale: str, paper: Literal["a4", "letter"] = "a4", say: Say = plainly
) -> bytes:
    """Print the numbers; `printed` is a moment with a zone."""
    language = Locale.parse(locale)
    data = {
        "session": told.title,
        "event": told.event,
        "about": told.about,
        "missing": told.missing,
        "figures": [{"figure": figure, "label": label} for figure, label in told.figures],
        "sentences": [{"figure": share, "label": label} for share, label in told.sentences],
        "groups": [
            {
                "title": group.title,
                "narrow": group.narrow,
                "columns": group.columns,
                "rows": [
                    {
                        "label": row.label,
                        "cells": row.cells,
                        "share": row.size / group.most if group.most else 0,
                        "inner": row.inner,
                    }
                    for row in group.rows
                ],
            }
            for group in told.groups
        ],
        "notes": told.notes,
        "words": {"counted": say("How this was counted")},
        "lang": language.language,
        "dir": "rtl" if language.text_direction == "rtl" else "ltr",
        "paper": "us-letter" if paper == "letter" else "a4",
    }
    return press("numbers.typ", data, printed=printed)
