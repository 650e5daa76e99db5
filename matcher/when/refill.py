"""Fill what stayed empty: rests are exchanged away inside a round, at the least loss of benefit.

A round is a matching; two people who rest in it either meet, or split a meeting (x, y) and take one each: an
augmenting path of three steps. One who has rested more often takes the place of one who has rested less. Where the
rests that could be filled lie in different rounds, chains of two rounds bring them together.
"""

import random

import numpy as np

from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, Deadline
from matcher.when.timetable import NOBODY, Timetable

BELOW = 3


class Refill:
    """Works through the rounds of one timetable; `met`, `degree` and `gained` follow every move.

    People who keep `still` are given no further meeting. What somebody falls below a `floor` (a satisfaction) counts
    three times as a loss.
    """

    def __init__(self, table: Timetable, still: Bools | None = None, *, floor: float = 0.0) -> None:
        self.table = table
        self.graph = table.graph
        self.met: Bools = table.met()
        self.degree: Ints = table.degrees()
        self.gained: Ints = table.gained()
        self.need: Floats = floor * table.graph.best.astype(float)
        self.still: Bools = np.zeros(table.graph.size, dtype=np.bool_) if still is None else still

    def run(self, deadline: Deadline = NEVER) -> None:
        """Make moves until none helps: first more meetings, then more even rests."""
        moved = True
        while moved and not deadline.over():
            moved = sum(self._fill(when) for when in range(self.graph.rounds)) > 0
            moved = sum(self._even(when) for when in range(self.graph.rounds)) > 0 or moved

    def walk(self, rng: random.Random) -> bool:
        """Carry one rest that could be filled to another round, then fill; False where there is none."""
        rounds = range(self.graph.rounds)
        rests = [(who, when) for when in rounds for who in self._idle(when)]
        if not rests or len(rounds) < 2:
            return False
        who, second = rng.choice(rests)
        first = rng.choice([when for when in rounds if when != second])
        if self.table.at[who][first] != NOBODY:
            self.table.swap(self.table.chain(who, first, second), first, second)
            for when in (first, second):
                self._fill(when)
                self._even(when)
        return True

    def _idle(self, when: int) -> list[int]:
        short = (self.degree < self.graph.caps) & ~self.still
        found = [who for who in np.flatnonzero(short).tolist() if self.table.idle(who, when)]
        return sorted(found, key=lambda who: (int(self.degree[who] - self.graph.caps[who]), who))

    def _open(self, who: int) -> Bools:
        return np.asarray(self.graph.allowed[who] & ~self.met[who], dtype=np.bool_)

    def _fill(self, when: int) -> bool:
        moved = False
        while self.table.load[when] < self.table.room[when] and self._join(when):
            moved = True
        return moved

    def _join(self, when: int) -> bool:
        idle = self._idle(when)
        edges = self._both_ways(when)
        for place, one in enumerate(idle):
            best: tuple[float, int, tuple[int, int] | None] | None = None
            for other in idle[place + 1 :]:
                gain, through = self._way(one, other, edges)
                if gain > -np.inf and (best is None or gain > best[0]):
                    best = gain, other, through
            if best is not None:
                self._carry_out(one, best[1], best[2], when)
                return True
        return False

    def _both_ways(self, when: int) -> Ints:
        pairs = self.table.pairs(when)
        return np.vstack([pairs, pairs[:, ::-1]])

    def _way(self, one: int, other: int, edges: Ints) -> tuple[float, tuple[int, int] | None]:
        """The best way to give two idle people a meeting each, and the meeting to split for it (None: none)."""
        if self._open(one)[other]:
            return float(self.graph.benefit[one, other]), None
        x, y = edges[:, 0], edges[:, 1]
        fits = self._open(one)[x] & self._open(other)[y]
        if not fits.any():
            return -np.inf, None
        worth = self.graph.benefit
        lost = worth[x, y]
        below = self._below(x, worth[one, x] - lost) + self._below(y, worth[other, y] - lost)
        below += self._below(one, worth[one, x]) + self._below(other, worth[other, y])
        gain = np.where(fits, worth[one, x] + worth[other, y] - lost - BELOW * below, -(10.0**9))
        best = int(np.argmax(gain))
        return float(gain[best]), (int(x[best]), int(y[best]))

    def _below(self, who: Ints | int, change: Ints) -> Floats:
        """How much more people lack of the floor after a change than now."""
        lacking = self.need[who] - self.gained[who]
        return np.asarray(np.maximum(lacking - change, 0.0) - np.maximum(lacking, 0.0), dtype=np.float64)

    def _carry_out(self, one: int, other: int, through: tuple[int, int] | None, when: int) -> None:
        if through is None:
            self._set(one, other, when)
            return
        self._unset(*through, when)
        self._set(one, through[0], when)
        self._set(other, through[1], when)

    def _set(self, one: int, other: int, when: int) -> None:
        self.table.put(one, other, when)
        self.met[one, other] = self.met[other, one] = True
        self.degree[[one, other]] += 1
        self.gained[[one, other]] += self.graph.benefit[one, other]

    def _unset(self, one: int, other: int, when: int) -> None:
        self.table.remove(one, other, when)
        self.met[one, other] = self.met[other, one] = False
        self.degree[[one, other]] -= 1
        self.gained[[one, other]] -= self.graph.benefit[one, other]

    def _even(self, when: int) -> bool:
        """Let somebody with at least two meetings more rest instead."""
        moved = False
        for who in self._idle(when):
            edges = self._both_ways(when)
            x, y = edges[:, 0], edges[:, 1]
            total = self.degree + self.graph.held
            fits = self._open(who)[x] & (total[y] >= total[who] + 2)
            if fits.any():
                worth = self.graph.benefit
                spare = 10_000 * (total[y] - total[who])
                best = int(np.argmax(np.where(fits, spare + worth[who, x] - worth[x, y], -(10**9))))
                self._unset(int(x[best]), int(y[best]), when)
                self._set(who, int(x[best]), when)
                moved = True
        return moved
