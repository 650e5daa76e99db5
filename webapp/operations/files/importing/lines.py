"""What is known of a file on its way in: values of rows, problems with their places, and what each row would change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = str | int | bool | tuple[str, ...] | tuple[int, ...]
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be taken as it is: `column` is the spreadsheet's letter, nothing where it is the row.

    `sheet` is named where a file has several.
    """

    row: int
    column: str
    header: str
    sentence: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says; an empty cell says nothing. `wrong` are the fields that could not be understood."""

    row: int
    values: Values
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A field with what stands there and what would, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the preview: whom it is about, what would change, and what would not since they saved it themselves."""

    row: int
    name: str
    number: str
    changes: tuple[Change, ...] = ()
    kept: tuple[Change, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Step:
    """What one row does: to whom (nobody: somebody new), which fields get which values, and which are theirs."""

    told: Told
    target: Any = None
    before: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    theirs: frozenset[str] = frozenset()
    note: str = ""

    def to_set(self, *, keep: bool) -> dict[str, Value]:
        """Return the fields to set; `keep` leaves out what people have saved themselves."""
        return {name: value for name, value in self.after.items() if not (keep and name in self.theirs)}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen: nothing where there are problems. `missing` are in the house and not in the file.

    `digest` is another one as soon as anything in this would be another.
    """

    problems: tuple[Problem, ...]
    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    unchanged: int
    missing: tuple[str, ...]
    digest: str

    @property
    def kept(self) -> int:
        """How many people keep something they have saved themselves."""
        return sum(bool(line.kept) for line in self.changed)

    @property
    def moves(self) -> bool:
        """Whether anything would be stored."""
        return bool(self.new or any(line.changes for line in self.changed))
