"""Figures that others published for the events of a folder: `published.csv`, else a table in its README.md.

Either has `file` as its first column; all other columns are taken as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CSV, README = "published.csv", "README.md"
RULER = re.compile(r"\s*:?-+:?\s*")
PIPE = re.compile(r"(?<!\\)\|")


class BadTable(ValueError):
    """A table of published figures that cannot be read, and why."""


@dataclass(frozen=True, slots=True)
class Published:
    """The columns after `file`, and their cells for each file by its name without `.json`."""

    columns: tuple[str, ...] = ()
    rows: dict[str, tuple[str, ...]] | None = None

    def of(self, names: Iterable[str]) -> "Published":
        """Return the same figures where there are any for these files, else none."""
        return self if set(names) & set(self.rows or ()) else Published()

    def cells(self, name: str) -> tuple[str, ...]:
        """Return the cells of a file, empty ones where nothing was published for it."""
        return (self.rows or {}).get(name, ("",) * len(self.columns))


def published(folder: Path) -> Published:
    """Read what was published for the events of a folder; nothing where it has neither file nor table.

    Raises
    ------
    BadTable
        The table is not UTF-8, has no column `file`, a file twice, or a row of another length.
    """
    if (folder / CSV).is_file():
        return _table(CSV, list(csv.reader(io.StringIO(_text(folder / CSV), newline=""))))
    if (folder / README).is_file():
        return _table(README, list(_first_table(_text(folder / README).splitlines())))
    return Published()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadTable(f"{path.name}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise BadTable(f"{path.name}: cannot be read: {error.strerror}") from None


def _first_table(text: Iterable[str]) -> Iterator[list[str]]:
    """Cells of the first Markdown table whose first column is `file`.

    Examples
    --------
    >>> list(_first_table(["| a | b |", "", "| file | x |", "| --- | --: |", "| one | 5 |", "that is all"]))
    [['file', 'x'], ['one', '5']]
    """
    inside = 0
    for line in text:
        cells = [cell.strip().replace("\\|", "|") for cell in PIPE.split(line.strip().removeprefix("|"))]
        if line.rstrip().endswith("|"):
            cells.pop()
        if not inside and cells[0] != "file":
            continue
        if inside and "|" not in line:
            return
        inside += 1
        if inside != 2 or not all(RULER.fullmatch(cell) for cell in cells):
            yield cells


def _table(name: str, rows: list[list[str]]) -> Published:
    if not rows:
        if name == CSV:
            raise BadTable(f"{name}: is empty; its first line names the columns, the first of them 'file'")
        return Published()
    columns = [cell.strip() for cell in rows[0]]
    if columns[0] != "file":
        raise BadTable(f"{name}: the first column is {columns[0]!r}; it must be 'file'")
    found: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(columns):
            raise BadTable(f"{name}: row {number} has {len(cells)} cells, the header has {len(columns)}")
        event = cells[0].removesuffix(".json")
        if event in found:
            raise BadTable(f"{name}: the file {event!r} stands twice; keep one row")
        found[event] = tuple(cells[1:])
    return Published(tuple(columns[1:]), found)
