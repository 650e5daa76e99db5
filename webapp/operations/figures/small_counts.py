"""How counts leave the house so that nobody can be recognised in them. Pure: no rows, no request, no words.

1. Who is counted in a table is in exactly one of its cells, and every cell is at least `FEWEST`, in what it counts and
   in the people behind it: smaller ones go together with others, and where that is still too little, with the smallest
   of those that would have stood alone. So the cells add up, and nothing is left over to be subtracted.
2. Every count is rounded down to a multiple of `STEP`. Figures of groups within one another (everybody, those who were
   in one session) then differ by nothing or by a multiple, from which it never follows that a group has one to four
   people; and what one person adds between two looks at the figures mostly changes nothing.
3. A share is a multiple of 5 % between 5 and 95, where both sides are at least `FEWEST`. Where one is smaller, none
   of it included, it is said in words that do not tell how small. What this does not hide: an organiser who looks
   just before and just after a single answer may see the words give way to a figure, and so what that answer was. It
   takes knowing who answers at that minute; to hold answers back until a round is long over would not change it, as
   people answer later, too.

How many different countries, regions or languages there are counts no people, and is exact.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

FEWEST, STEP = 5, 5

Key = TypeVar("Key", bound=Hashable)
Outer = TypeVar("Outer", bound=Hashable)
Inner = TypeVar("Inner", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """So many of something, and who is behind them."""

    count: int
    who: frozenset[Hashable]

    def __add__(self, other: "Cell") -> "Cell":
        """Count both together."""
        return Cell(self.count + other.count, self.who | other.who)

    @property
    def is_small(self) -> bool:
        """Whether it would be about somebody in particular."""
        return self.count < FEWEST or len(self.who) < FEWEST

    @property
    def told(self) -> int:
        """The count as it may leave the house."""
        return self.count - self.count % STEP


NOTHING = Cell(0, frozenset())


def people(who: Iterable[Hashable]) -> Cell:
    """Return people as a cell."""
    found = frozenset(who)
    return Cell(len(found), found)


@dataclass(frozen=True, slots=True)
class Table(Generic[Key]):
    """What may be told of a table, the largest first; `others` is what had to go together, None where nothing did."""

    rows: tuple[tuple[Key, Cell], ...] = ()
    others: Cell | None = None

    @property
    def told(self) -> list[tuple[Key | None, int]]:
        """Each row with its count as it may leave the house; the others come last, without a key."""
        listed: list[tuple[Key | None, int]] = [(key, cell.told) for key, cell in self.rows]
        return [*listed, (None, self.others.told)] if self.others else listed


def merged(cells: Mapping[Key | None, Cell]) -> Table[Key]:
    """Return a table without small cells. What has no key is never told on its own; nothing is told of too few."""
    held = [(key, cell) for key, cell in cells.items() if cell.count]
    alone = [(key, cell) for key, cell in held if key is not None and not cell.is_small]
    alone.sort(key=lambda pair: (-pair[1].told, str(pair[0])))
    pool = sum((cell for key, cell in held if key is None or cell.is_small), NOTHING)
    while pool.count and pool.is_small and alone:
        pool += alone.pop()[1]
    if pool.count and pool.is_small:
        return Table()
    return Table(tuple(alone), pool if pool.count else None)


def nested(cells: Mapping[tuple[Outer | None, Inner | None], Cell]) -> tuple[Table[Outer], dict[Outer, Table[Inner]]]:
    """Return the outer table, and of each row of it the inner one; of those who went together there is none."""
    outer: dict[Outer | None, Cell] = {}
    for (key, _part), cell in cells.items():
        outer[key] = outer.get(key, NOTHING) + cell
    table = merged(outer)
    shown = {key for key, _cell in table.rows}
    return table, {key: merged({part: cell for (whole, part), cell in cells.items() if whole == key}) for key in shown}


@dataclass(frozen=True, slots=True)
class Share:
    """How large a part is: about so many percent, else `few` (or none) or `most` (or all)."""

    kind: Literal["about", "few", "most"]
    percent: int = 0


def share(part: Cell, rest: Cell) -> Share | None:
    """Return what may be told of a part and what is left of the whole; None where both are too small."""
    if part.is_small or rest.is_small:
        return None if part.is_small and rest.is_small else Share("few" if part.is_small else "most")
    percent = 100 * part.count / (part.count + rest.count)
    return Share("about", min(95, max(5, STEP * round(percent / STEP))))
