"""The whole-number programme of circles over every table there could be: who is at most once in a round, and how often.

A column for each table; beside it the smaller size of each round, the first, second, third … table of each person, the
home of each seated person, and the repeats of each pair.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.layout import Room
from matcher.choose.circles.table_sets import ANY, TableSets, sizes_of
from matcher.choose.rows import Rows
from matcher.solver import NEVER, Deadline, Found, OutOfTime, Programme, linear, whole

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ENDLESS = 10**12
GRAIN = 1e-6


@dataclass(slots=True)
class TableProgramme:
    """What every plan of the room keeps, and what has been settled so far."""

    sets: TableSets
    rows: Rows = field(default_factory=Rows)
    starts: dict[str, int] = field(default_factory=dict)
    top: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        room, names = self.sets.room, self.sets.names
        n, rounds = room.there.shape
        blocks = {
            "table": np.ones(len(self.sets.people)),
            "smaller": np.ones(rounds * (room.size + 2)),
            "level": (np.arange(rounds)[:, None] < room.caps[None, :]).astype(float).ravel(),
            "home": np.ones(int(room.seated.sum()) * len(names)),
            "again": np.full(n * n, float(rounds)),
        }
        for name, top in blocks.items():
            self.starts[name] = len(self.top)
            self.top = np.concatenate([self.top, top])
        _add_people(self)
        _add_sizes(self)
        _add_homes(self)
        _add_repeats(self)

    @property
    def room(self) -> Room:
        """Whose programme it is."""
        return self.sets.room

    def gain(self, name: str, columns: Ints, value: Floats | float = 1.0) -> Floats:
        """What is to be maximised: so much for each of these columns of a block."""
        gain = np.zeros(len(self.top))
        gain[self.starts[name] + columns] = value
        return gain

    def settle(self, gain: Floats, least: float) -> None:
        """Demand that what was maximised stays at least so high."""
        columns = np.flatnonzero(gain)
        self.rows.add(np.array([least]), np.array([np.inf]), (0 * columns, columns, gain[columns]))

    def solve(self, gain: Floats, nodes: int, deadline: Deadline = NEVER) -> Found | None:
        """Maximise in whole numbers; None where nothing was found."""
        return whole(self._programme(gain), nodes=nodes, deadline=deadline)

    def relaxed(self, gain: Floats, deadline: Deadline = NEVER) -> int:
        """No plan gains more: the linear programme."""
        try:
            answer = linear(self._programme(gain), deadline=deadline)
        except OutOfTime:
            answer = None
        return ENDLESS if answer is None else int(np.floor(answer.value + GRAIN))

    def _programme(self, gain: Floats) -> Programme:
        low, high = np.concatenate(self.rows.low), np.concatenate(self.rows.high)
        return Programme(gain, self.rows.matrix(len(gain)), low, high, self.top)

    def held(self, found: Found) -> Ints:
        """Which tables an answer holds."""
        return np.flatnonzero(found.x[: len(self.sets.people)] > 0.5)


def _add_people(programme: TableProgramme) -> None:
    """Nobody is at two tables of a round, locked people are at one; a person's tables are the first, the second …"""
    room, sets = programme.room, programme.sets
    n, rounds = room.there.shape
    table, who = sets.incidence
    programme.rows.add(
        room.fixed.T.ravel().astype(float), np.ones(n * rounds), (sets.when[table] * n + who, table, 1.0)
    )
    levels = np.arange(n * rounds)
    zero = np.zeros(n)
    programme.rows.add(zero, zero, (who, table, 1.0), (levels % n, programme.starts["level"] + levels, -1.0))


def _add_sizes(programme: TableProgramme) -> None:
    """Tables of a round have its smaller size or one more, and are no more than there are."""
    room, sets = programme.room, programme.sets
    n, rounds = room.there.shape
    width = room.size + 2
    table, who = sets.incidence
    sizes = np.bincount(table, minlength=len(sets.people))
    programme.rows.add(
        np.full(rounds, -np.inf), np.full(rounds, float(room.most)), (sets.when, np.arange(len(sizes)), 1.0)
    )
    start = programme.starts["smaller"]
    every = np.arange(rounds * width)
    may = [every[number * width + size] for number in range(rounds) for size in sizes_of(room, number)]
    columns = np.array(may, np.int64)
    programme.rows.add(np.zeros(rounds), np.ones(rounds), (columns // width, start + columns, 1.0))
    others = np.setdiff1d(every, columns)
    programme.top[start + others] = 0.0
    row = (sets.when[table] * width + sizes[table]) * n + who
    used, row = np.unique(row, return_inverse=True)
    which = used // n
    parts = [(row, table, 1.0)]
    for less in (0, 1):
        parts.append((np.arange(len(used)), start + which - less, -1.0))
    programme.rows.add(np.full(len(used), -np.inf), np.zeros(len(used)), *parts)


def _add_homes(programme: TableProgramme) -> None:
    """A seated person has one home and sits there alone; a name stands at one table of a round."""
    room, sets = programme.room, programme.sets
    seated, names, rounds = np.flatnonzero(room.seated), len(sets.names), room.there.shape[1]
    named = np.flatnonzero(sets.name != ANY)
    if not len(named):
        return
    once = np.full(rounds * names, -np.inf), np.ones(rounds * names)
    programme.rows.add(*once, (sets.when[named] * names + sets.name[named], named, 1.0))
    start, homes = programme.starts["home"], np.arange(len(seated) * names)
    programme.rows.add(np.zeros(len(seated)), np.ones(len(seated)), (homes // max(names, 1), start + homes, 1.0))
    table, who = sets.incidence
    table, who = table[room.seated[who]], who[room.seated[who]]
    home = np.searchsorted(seated, who) * names + sets.name[table]
    row = home * rounds + sets.when[table]
    every = np.arange(len(homes) * rounds)
    programme.rows.add(
        np.full(len(every), -np.inf), np.zeros(len(every)), (row, table, 1.0), (every, start + every // rounds, -1.0)
    )


def pairs_of(sets: TableSets) -> tuple[Ints, Ints, Ints]:
    """Each pair at each table: the table, and the two, the smaller number first."""
    found = [
        (at, one, other)
        for at, table in enumerate(sets.people)
        for place, one in enumerate(table)
        for other in table[place + 1 :]
    ]
    table, one, other = np.array(found, np.int64).reshape(-1, 3).T
    return table, one, other


def _add_repeats(programme: TableProgramme) -> None:
    """What a pair meets beyond once, before the session or in it, are its repeats."""
    room, sets = programme.room, programme.sets
    n = len(room.caps)
    table, one, other = pairs_of(sets)
    pair, row = np.unique(one * n + other, return_inverse=True)
    once = 1.0 - room.met[pair // max(n, 1), pair % max(n, 1)]
    parts = ((row, table, 1.0), (np.arange(len(pair)), programme.starts["again"] + pair, -1.0))
    programme.rows.add(np.full(len(pair), -np.inf), once, *parts)
