"""At which table: seated people keep theirs, everybody else changes as rarely as can be.

Each round is assigned to the tables so that as many people as possible stay where they last sat; where everybody meets
anew in each round of pairs a system of distinct representatives exists (König 1916) and exactly one of each two stays,
which is the best there is. Where people come and go, each round is then assigned anew between its neighbours, before
and after, until no round can be bettered.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from matcher.errors import NotPossible
from matcher.solver import assign_few, overlap

SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a table in a round (from 0), by row; `table` and `locked` where a lock says so."""

    round: int
    people: tuple[int, ...]
    table: str | None = None
    locked: bool = False


class Room:
    """The tables by name, the fixed homes of seated people, and what each round already uses."""

    def __init__(self, groups: Sequence[Group], tables: int | tuple[str, ...] | None, seated: Iterable[int]) -> None:
        self.groups = groups
        self.rounds: defaultdict[int, list[int]] = defaultdict(list)
        self.places: defaultdict[int, list[int]] = defaultdict(list)
        for at in sorted(range(len(groups)), key=lambda at: (groups[at].round, groups[at].people)):
            self.rounds[groups[at].round].append(at)
            for who in groups[at].people:
                self.places[who].append(at)
        number = max(map(len, self.rounds.values()), default=0) if tables is None else tables
        self.names = [str(n + 1) for n in range(number)] if isinstance(number, int) else list(number)
        self.endless = tables is None
        self.taken: dict[tuple[int, str], int] = {}
        self.home: dict[int, str] = {}
        self.dropped: set[int] = set()
        self.seated = sorted(seated)
        for at, group in enumerate(groups):
            if group.table is not None:
                self._take(group.table, at)
                self.home |= {who: group.table for who in group.people if who in self.seated}

    def _take(self, name: str, at: int) -> None:
        when = self.groups[at].round
        if self.taken.setdefault((when, name), at) != at:
            raise NotPossible(f"locks: two locks need the table {name!r} in round {when + 1}; move one of them")
        if name not in self.names:
            self.names.append(name)

    def settle(self) -> None:
        """Give each seated person a home, the busiest first; a meeting that fits at no table is dropped."""
        for who in sorted(self.seated, key=lambda one: (one not in self.home, -len(self.places[one]), one)):
            if not self.places[who]:
                continue
            name = self.home[who] = self.home.get(who) or self._fitting(self.places[who])
            for at in self.places[who]:
                if self.taken.setdefault((self.groups[at].round, name), at) != at and at not in self.dropped:
                    self._drop(at, name)
        if self.endless:
            homes = set(self.home.values())
            others = max((sum(not self._at_home(at) for at in here) for here in self.rounds.values()), default=0)
            fresh = (str(n) for n in range(1, len(homes) + len(self.names) + others + 1))
            self.names += [n for n in fresh if n not in self.names][: max(0, others + len(homes) - len(self.names))]

    def _at_home(self, at: int) -> bool:
        return any(who in self.home for who in self.groups[at].people)

    def _fitting(self, places: list[int]) -> str:
        """The table with the fewest clashes; a new one where there are as many as needed."""

        def clashes(name: str) -> tuple[bool, int, bool]:
            other = [at for at in places if self.taken.get((self.groups[at].round, name), at) != at]
            return any(self.groups[at].locked for at in other), len(other), name in self.home.values()

        best = min(self.names, key=clashes, default=None)
        if best is None or (self.endless and any(clashes(best))):
            best = next(name for name in map(str, range(1, len(self.names) + 2)) if name not in self.names)
            self.names.append(best)
        return best

    def _drop(self, at: int, name: str) -> None:
        group = self.groups[at]
        if group.locked:
            raise NotPossible(
                f"locks: a seated person's lock in round {group.round + 1} finds table {name!r} taken; move it"
            )
        self.dropped.add(at)
        self.rounds[group.round].remove(at)
        for who in group.people:
            self.places[who].remove(at)

    def tables(self) -> list[str | None]:
        """Seat every meeting: forward from round to round, then each round between its neighbours."""
        place = {name: column for column, name in enumerate(self.names)}
        seat: list[int | None] = [None] * len(self.groups)
        for (_, name), at in self.taken.items():
            seat[at] = place[name]
        homes = {place[name] for name in self.home.values()}
        for _ in range(SWEEPS):
            before = list(seat)
            for when in sorted(self.rounds):
                self._assign(when, seat, homes)
            if seat == before:
                break
        return [None if at in self.dropped else self.names[column or 0] for at, column in enumerate(seat)]

    def _assign(self, when: int, seat: list[int | None], homes: set[int]) -> None:
        """Most people stay, from the meeting before and until the meeting after; then front tables, then free homes."""
        pinned = {at for (at_round, _), at in self.taken.items() if at_round == when}
        waiting = [at for at in self.rounds[when] if at not in pinned]
        if not waiting:
            return
        closed = {seat[at] for at in pinned}
        width = len(self.names)
        gain: defaultdict[tuple[int, int], float] = defaultdict(float)
        for row, at in enumerate(waiting):
            for near in self._near(at):
                column = seat[near]
                if column is not None and column not in closed and column not in homes:
                    gain[row, column] += 4.0 * width
            if (own := seat[at]) is not None and own not in closed and own not in homes:
                gain[row, own] += 1.0
        ends = np.array(list(gain), np.int64).reshape(-1, 2)
        matrix = sp.csr_matrix((list(gain.values()), (ends[:, 0], ends[:, 1])), shape=(len(waiting), width))
        columns = assign_few(matrix).tolist()
        used = closed | set(columns)
        free = iter(sorted((c for c in range(width) if c not in used), key=lambda c: (c in homes, c)))
        for at, column in zip(waiting, columns, strict=True):
            seat[at] = column if column >= 0 else next(free)

    def _near(self, at: int) -> list[int]:
        """Everybody's meeting just before and just after this one."""
        found = []
        for who in self.groups[at].people:
            own = self.places[who]
            here = own.index(at)
            found += own[max(0, here - 1) : here] + own[here + 1 : here + 2]
        return found


def seat(groups: Sequence[Group], tables: int | tuple[str, ...] | None, seated: Iterable[int] = ()) -> list[str | None]:
    """Give every timed meeting its table.

    A seated person has one table throughout, which stands empty while that person rests unless there are too few.

    Parameters
    ----------
    groups : sequence of Group
        The timed meetings; nobody is in two of one round.
    tables : int, tuple of str or None
        How many there are at one time, or their names in walking order; None: as many as needed.
    seated : iterable of int
        Who never changes tables.

    Returns
    -------
    list of str or None
        The table of each group; None for meetings of seated people for whom no table stays free throughout.

    Raises
    ------
    NotPossible
        Two locks need the same table in the same round.
    """
    room = Room(groups, tables, seated)
    room.settle()
    return room.tables()


def fewest_changes(groups: Iterable[Group]) -> int:
    """Prove a lower bound on changes of table: from each round to each next one no seating keeps more people.

    The people who go straight from a meeting in round r to one in round s are seated anew for that step alone, as well
    as any assignment can; what all steps need together no seating of the whole can beat.
    """
    last: dict[int, Group] = {}
    steps: defaultdict[tuple[int, int], list[tuple[Group, Group]]] = defaultdict(list)
    for group in sorted(groups, key=lambda one: one.round):
        for who in group.people:
            if who in last:
                steps[last[who].round, group.round].append((last[who], group))
            last[who] = group
    return sum(len(moves) - overlap([(id(a), id(b)) for a, b in moves]) for moves in steps.values())


def changes(groups: Sequence[Group], tables: Sequence[str | None]) -> int:
    """Count how often somebody's table differs from the one before."""
    seats: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for group, table in zip(groups, tables, strict=True):
        if table is not None:
            for who in group.people:
                seats[who].append((group.round, table))
    return sum(a != b for own in seats.values() for (_, a), (_, b) in pairwise(sorted(own)))
