"""Small rooms of circles decided in whole numbers, one aim after another: each is settled before the next is raised.

As many people as possible have one table, then two, and so on; then tables are as near to their size as can be; after
that come the fewest repeats and the most benefit. Where branch and bound cannot finish, what it proved still bounds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.layout import Room
from matcher.choose.circles.table_rows import TableProgramme, pairs_of
from matcher.choose.circles.table_sets import table_sets
from matcher.solver import NEVER, Deadline, Found

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rounds = tuple[tuple[tuple[int, ...], ...], ...]

MANY = 4000
FEW = 400
TINY = 800  # so many tables are decided to the end, more are bounded only
NODES = 200
GRAIN = 1e-6


@dataclass(slots=True)
class Small:
    """A small room in which nobody is left out in vain: `found` shows how, and `programme` demands as much."""

    programme: TableProgramme
    found: Found

    @property
    def rounds(self) -> Rounds:
        """Who sits with whom."""
        sets, held = self.programme.sets, self.programme.held(self.found)
        rounds = range(self.programme.room.there.shape[1])
        return tuple(tuple(sets.people[at] for at in held[sets.when[held] == number]) for number in rounds)

    @property
    def home(self) -> Ints:
        """The number of each seated person's own table, -1 for others: (n,)."""
        sets, room = self.programme.sets, self.programme.room
        home = np.full(len(room.caps), -1)
        for at in self.programme.held(self.found).tolist():
            home[[who for who in sets.people[at] if room.seated[who]]] = sets.name[at]
        return home

    @property
    def said(self) -> dict[int, str]:
        """The tables whose names locks say."""
        return {at: name for at, name in enumerate(self.programme.sets.names) if name is not None}

    def fewest_repeats(self, reached: int, low: int, deadline: Deadline = NEVER) -> tuple[int, int]:
        """Settle the fewest repeats: how many were found, at most as many as are reached, and a bound from `low` on."""
        again = self.programme.gain("again", np.arange(len(self.programme.room.caps) ** 2), -1.0)
        value, bound = self._raised(again, -reached, -low, deadline)
        return -value, -bound

    def most_benefit(self, reached: int, high: int, deadline: Deadline = NEVER) -> tuple[int, int]:
        """Settle the most benefit: how much was found, at least as much as is reached, and a bound up to `high`."""
        return self._raised(self.benefit, reached, high, deadline)

    @property
    def worth(self) -> int:
        """The benefit of what was found."""
        return round(float(self.benefit @ self.found.x))

    @property
    def benefit(self) -> Floats:
        """What each column adds to the benefit."""
        sets = self.programme.sets
        table, one, other = pairs_of(sets)
        worth = np.bincount(table, self.programme.room.benefit[one, other], len(sets.people)).astype(np.float64)
        return self.programme.gain("table", np.arange(len(worth)), worth)

    def _raised(self, gain: Floats, reached: int, bound: int, deadline: Deadline) -> tuple[int, int]:
        """Maximise where the bound leaves room; what beats what is reached is kept, and demanded from now on."""
        value = reached
        if reached < bound and len(self.programme.sets.people) > TINY:
            bound = max(reached, min(bound, self.programme.relaxed(gain, deadline)))
        elif reached < bound and (found := self.programme.solve(gain, NODES, deadline)) is not None:
            bound = min(bound, int(np.floor(found.bound + GRAIN)))
            if round(float(gain @ found.x)) > reached:
                self.found, value = found, round(float(gain @ found.x))
        self.programme.settle(gain, value)
        return value, bound


def small_circles(room: Room, deadline: Deadline = NEVER) -> Small | None:
    """Leave nobody out in vain, proven; None where the room is too large for that, or its locks cannot be kept.

    A room without rules is soon too large: nobody is left out there anyway, and its rounds are all alike.
    """
    ruled = room.clash.any() or room.speaks.shape[1] or room.locks or room.seated.any() or not room.there.all()
    sets = table_sets(room, MANY if ruled else FEW)
    if sets is None:
        return None
    programme = TableProgramme(sets)
    n, rounds = room.there.shape
    levels = np.arange(n * rounds)
    found = programme.solve(
        programme.gain("level", levels, np.asarray(rounds - levels // max(n, 1), float)), NODES, deadline
    )
    for level in range(rounds):
        if found is None:
            return None
        aim = programme.gain("level", levels[level * n : level * n + n])
        if float(aim @ found.x) < np.count_nonzero(room.caps > level):
            found = programme.solve(aim, NODES, deadline)
            if found is None or not found.best:
                return None
        programme.settle(aim, round(float(aim @ found.x)))
    sizes = sets.sizes
    near = programme.gain("table", np.arange(len(sizes)), 1.0 - (n * rounds + 1.0) * np.abs(sizes - room.size))
    found = programme.solve(near, NODES, deadline)
    if found is None or not found.best:
        return None
    programme.settle(near, round(float(near @ found.x)))
    return Small(programme, found)
