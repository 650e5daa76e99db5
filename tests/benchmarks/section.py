"""What one part of the benchmark has to say: words for two readers, tables, charts, and what must never be."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.problems import Recipe
from tests.benchmarks.report import NOTHING

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as text; the first `words` columns are words. In a row that is too short the last cell is a sentence."""

    caption: str
    columns: Cells
    rows: tuple[Cells, ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Chart:
    """One group of bars for each label, one bar in it for each series; None: no bar. Rondo's series stands first."""

    name: str
    title: str
    labels: Cells
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A finished part: `plainly` is for facilitators, `exactly` for engineers; `faults` are what must never be."""

    name: str
    title: str
    plainly: str
    exactly: str
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the conference of the pairs, sizes, competitors, seconds, the folder of events.

    `seconds` are for planners that stop when told to, `event_seconds` the same for events; after `patience` seconds
    any planner is stopped. With `small` every section plans small rooms only.
    """

    recipe: Recipe
    people: tuple[int, ...]
    rivals: tuple[str, ...]
    seconds: float
    patience: float
    events: Path | None = None
    event_seconds: float = 60.0
    small: bool = False


class Tell(Protocol):
    """Hears what is being measured and for how long by now."""

    def __call__(self, what: str, seconds: float = 0.0) -> None: ...


class Progress:
    """Says on stderr what is being measured, each once."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, what: str, seconds: float = 0.0) -> None:
        """Name it when it begins."""
        if what != self._said:
            self._said = what
            print(f"{what} ...", file=sys.stderr, flush=True)


def lines(section: Section) -> Iterator[str]:
    """Tell a section as plain text.

    Examples
    --------
    >>> table = Table("Rests.", ("people", "rests"), (("8", "0"), ("9", "no plan")))
    >>> for line in lines(Section("rests", "Who rests", "", "", (table,))):
    ...     print(line)
    Who rests
    <BLANKLINE>
    Rests.
    people    rests
    8             0
    9       no plan
    """
    yield section.title
    for table in section.tables:
        yield ""
        yield table.caption
        widths = [len(name) for name in table.columns]
        for row in table.rows:
            if len(row) == len(widths):
                widths = [max(pair) for pair in zip(widths, map(len, row), strict=True)]
        for row in (table.columns, *table.rows):
            yield _line(row, widths, table.words)


def _line(row: Cells, widths: Sequence[int], words: int) -> str:
    full = len(row) == len(widths)
    cells = [
        text.ljust(width) if at < words or not (full or at < len(row) - 1) else text.rjust(width)
        for at, (text, width) in enumerate(zip(row, widths, strict=False))
    ]
    return "  ".join(cells).rstrip()


def share(part: float, whole: float | None, digits: int = 2) -> str:
    """Tell a part of a whole in per cent."""
    return f"{part / whole:.{digits}%}" if whole else NOTHING


def times(seconds: float, ours: float | None) -> str:
    """Tell how many times as long as this engine somebody takes."""
    return f"{seconds / ours:.2f}" if ours else NOTHING


def figure(value: float | None, digits: int = 0) -> str:
    """Tell a number, or that there is none."""
    return NOTHING if value is None else f"{value:,.{digits}f}"
