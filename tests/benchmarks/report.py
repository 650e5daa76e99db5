"""The table of the benchmark: rows as they come, on a terminal drawn, elsewhere as plain lines of fixed width."""

import sys
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tests.benchmarks.race import Score

COLUMNS = (
    ("people", 6),
    ("planned by", 15),
    ("seconds", 8),
    ("× ours", 8),
    ("benefit ÷ bound", 15),
    ("worst-off", 9),
    ("÷ its bound", 11),
    ("meetings", 8),
    ("missed", 6),
    ("breaches", 8),
)
LEFT = {"planned by"}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What this engine proved and took in the same run, and the most meetings possible; None where it gave no plan."""

    seconds: float | None
    bound: int | None
    lowest_bound: float | None
    most_meetings: int
    attendance: tuple[int, ...] = ()

    def beaten_by(self, score: Score) -> bool:
        """Whether a plan that leaves as few people out has more than was proved possible: then the proof is wrong."""
        return self.bound is not None and score.attendance >= self.attendance and score.benefit > self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One competitor on one problem: its score, or a sentence in its place."""

    people: int
    who: str
    score: Score | str
    yardstick: Yardstick

    def cells(self) -> tuple[str, ...]:
        """Return the text of every column; a sentence stands in place of all figures, as the last cell."""
        score, mark = self.score, self.yardstick
        if isinstance(score, str):
            return (str(self.people), self.who, score)
        return (
            str(self.people),
            self.who,
            f"{score.seconds:.2f}",
            _times(score.seconds, mark.seconds),
            _share(score.benefit, mark.bound, digits=3),
            f"{score.lowest:.3f}",
            _share(score.lowest, mark.lowest_bound, digits=1),
            str(score.meetings),
            str(mark.most_meetings - score.meetings),
            str(len(score.breaches)),
        )

    def faults(self) -> list[str]:
        """Return what must never be: broken rules, and a benefit above the proven bound."""
        if isinstance(self.score, str):
            return []
        found = [f"{self.people} people, {self.who}: {sentence}" for sentence in self.score.breaches]
        if self.yardstick.beaten_by(self.score):
            found.append(
                f"{self.people} people, {self.who}: benefit {self.score.benefit} is above the bound of "
                f"{self.yardstick.bound} that the engine proved"
            )
        return found


def _times(seconds: float, ours: float | None) -> str:
    if not ours:
        return NOTHING
    return f"{seconds / ours:.{2 if seconds > ours / 10 else 4}f}"


def _share(part: float, whole: float | None, *, digits: int) -> str:
    return f"{part / whole:.{digits}%}" if whole else NOTHING


class Report(Protocol):
    """Where rows go."""

    def __enter__(self) -> "Report": ...

    def __exit__(self, *gone: object) -> None: ...

    def running(self, what: str, seconds: float = 0.0) -> None:
        """Say what is being measured, and for how long by now."""

    def add(self, row: Row) -> None:
        """Show a finished row."""

    def notes(self, lines: list[str]) -> None:
        """Say beneath the table what its columns mean."""


class Drawn:
    """A table on a terminal that grows row by row; its caption says what is being measured."""

    def __init__(self, title: str) -> None:
        self._table = Table(title=title, title_justify="left", caption_justify="left")
        for name, _ in COLUMNS:
            self._table.add_column(name, justify="left" if name in LEFT else "right", no_wrap=name in LEFT)
        self._last = 0
        self._console = Console()
        self._live = Live(self._table, console=self._console, auto_refresh=False)

    def __enter__(self) -> "Drawn":
        self._live.__enter__()
        return self

    def __exit__(self, *gone: object) -> None:
        self._table.caption = None
        self._live.__exit__(None, None, None)

    def running(self, what: str, seconds: float = 0.0) -> None:
        """Change the caption."""
        self._table.caption = f"{what}, {seconds:.0f} s"
        self._live.refresh()

    def add(self, row: Row) -> None:
        """Add a row; a line parts the sizes."""
        if self._last and self._last != row.people:
            self._table.add_section()
        self._last = row.people
        self._table.add_row(*row.cells())
        self._live.refresh()

    def notes(self, lines: list[str]) -> None:
        """Print the lines once the table stands."""
        for line in lines:
            self._console.print(line, highlight=False)


class Plain:
    """The same as lines of text on stdout; what is being measured goes to stderr, each competitor once."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._said = ""

    def __enter__(self) -> "Plain":
        print(self._title)
        print(line_of([name for name, _ in COLUMNS]), flush=True)
        return self

    def __exit__(self, *gone: object) -> None:
        """Nothing is open."""

    def running(self, what: str, seconds: float = 0.0) -> None:
        """Name the competitor when it begins."""
        if what != self._said:
            self._said = what
            print(f"{what} ...", file=sys.stderr, flush=True)

    def add(self, row: Row) -> None:
        """Print one line."""
        print(line_of(row.cells()), flush=True)

    def notes(self, lines: list[str]) -> None:
        """Print the lines."""
        print("\n".join(lines), flush=True)


def line_of(cells: tuple[str, ...] | list[str]) -> str:
    """Set cells into columns of fixed width; a sentence as the last cell runs on.

    Examples
    --------
    >>> line_of(("60", "greedy", "not today"))
    '    60  greedy           not today'
    """
    columns = COLUMNS if len(cells) == len(COLUMNS) else (*COLUMNS[: len(cells) - 1], ("", 0))
    parts = [
        text.ljust(width) if name in LEFT or not width else text.rjust(width)
        for text, (name, width) in zip(cells, columns, strict=True)
    ]
    return "  ".join(parts).rstrip()


def report_for(title: str, *, terminal: bool) -> Report:
    """Choose the way to show the table."""
    return Drawn(title) if terminal else Plain(title)
