"""Rounds for the meetings that chains leave over: each takes a round from at most two others, which look for another.

A meeting without a round is given the one in which it displaces the fewest; what it displaces may not come back there
for a while. This is tabu search on partial colourings (Hertz and de Werra 1987; Blöchliger and Zufferey 2008), here of
edges with lists: where many people are away, chains of two rounds end at somebody who is not there, and this walk does
not. Now and then, when few are waiting, three rounds are coloured anew for them.
"""

import random
from collections.abc import Callable

import numpy as np

from matcher.graph import Ints
from matcher.solver import NEVER, Deadline
from matcher.when.threes import in_three_rounds
from matcher.when.timetable import NOBODY, Timetable

PATIENCE = 10
LEAST_PATIENCE = 5_000
MOST_PATIENCE = 60_000
LOOKED_AT = 6
FEW = 4
PAUSE = 500
TENURE = 10

Pair = tuple[int, int]


class Displacement:
    """A walk over timetables of the same meetings.

    Attributes
    ----------
    waiting : list of (int, int)
        Meetings without a round, the lower index first.
    by_chain : callable
        Tries to find a round for one of them by exchanging chains; tried again whenever few are waiting.
    """

    def __init__(
        self, table: Timetable, waiting: list[Pair], rng: random.Random, by_chain: Callable[[Pair], bool]
    ) -> None:
        self.table, self.rng, self.by_chain = table, rng, by_chain
        self.waiting = list(waiting)
        placed: list[Ints] = [table.pairs(when) for when in range(table.graph.rounds)]
        meetings = [*waiting, *((one, other) for one, other in np.vstack(placed).tolist())]
        free, some = table.graph.free, table.graph.room > 0
        self.open = {(one, other): np.flatnonzero(free[one] & free[other] & some).tolist() for one, other in meetings}
        self.barred: dict[Pair, list[int]] = {}
        self.now = 0

    def run(self, deadline: Deadline = NEVER) -> list[Pair]:
        """Walk until nobody waits, or until fewer have not been seen for long; the meetings still without a round.

        The timetable is left where the fewest waited.
        """
        fewest, last = len(self.waiting), 0
        kept = self.table.copy(), list(self.waiting)
        patience = min(max(PATIENCE * len(self.open), LEAST_PATIENCE), MOST_PATIENCE)
        resumed = 0
        while self.waiting and self.now - last < patience and not deadline.over():
            self._step(fewest)
            if len(self.waiting) <= FEW:
                self.waiting = [pair for pair in self.waiting if not self.by_chain(pair)]
            if len(self.waiting) <= FEW and self.now >= resumed:
                self.waiting = [pair for pair in self.waiting if not in_three_rounds(self.table, pair, self.rng)]
                resumed = self.now + PAUSE
            if len(self.waiting) < fewest:
                fewest, last = len(self.waiting), self.now
                kept = self.table.copy(), list(self.waiting)
        best, self.waiting = kept
        self.table.at, self.table.load = best.at, best.load
        return self.waiting

    def _step(self, fewest: int) -> None:
        """Give one waiting meeting the round in which it displaces the fewest, by chance between equals."""
        self.now += 1
        at, load, room, chance = self.table.at, self.table.load, self.table.room, self.rng.random
        waiting, now = self.waiting, self.now
        best, where = 9.0, None
        for pair in waiting if len(waiting) <= LOOKED_AT else self.rng.sample(waiting, LOOKED_AT):
            mine, yours = at[pair[0]], at[pair[1]]
            barred = self.barred.get(pair)
            for when in self.open[pair]:
                displaced = (mine[when] != NOBODY) + (yours[when] != NOBODY)
                if not displaced and load[when] >= room[when]:
                    displaced = 1
                if barred and barred[when] > now and len(waiting) - 1 + displaced >= fewest:
                    continue
                score = displaced + chance() / 2
                if score < best:
                    best, where = score, (pair, when)
        if where is not None:
            self._place(*where)

    def _place(self, pair: Pair, when: int) -> None:
        table = self.table
        self.waiting.remove(pair)
        for who in pair:
            mate = table.at[who][when]
            if mate != NOBODY:
                self._displace((min(who, mate), max(who, mate)), when)
        if table.load[when] >= table.room[when]:
            one, other = self.rng.choice(table.pairs(when).tolist())
            self._displace((one, other), when)
        table.put(*pair, when)

    def _displace(self, pair: Pair, when: int) -> None:
        self.table.remove(*pair, when)
        self.waiting.append(pair)
        barred = self.barred.setdefault(pair, [0] * self.table.graph.rounds)
        barred[when] = self.now + TENURE + len(self.waiting) // 2 + self.rng.randrange(TENURE)
