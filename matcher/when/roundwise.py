"""A large timetable as one array, and the exchanges inside a round that keep every number of meetings.

All of them split a meeting (x, y) of the round: two people take one each. Whole rounds are judged at once, from two
rows of benefits. Locked meetings are not in the array and never move.
"""

from dataclasses import dataclass

import numpy as np

from matcher.graph import Floats, Ints
from matcher.when.timetable import NOBODY, Timetable

BARRED = -1_000_000
POSSIBLE = BARRED // 2
BELOW = 10_000
NOTHING = np.zeros(2)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Meetings (who, mate) and (near, far) of one round become (who, near) and (mate, far), at this loss of benefit."""

    when: int
    who: int
    mate: int
    near: int
    far: int
    loss: int


class Roundwise:
    """Who meets whom in which round.

    Attributes
    ----------
    at : (n, R) int
        The partner, -1 where there is none.
    gained : (n,) int
        Everybody's benefit, locked meetings included.
    degree : (n,) int
        Everybody's open meetings.
    need : (n,) float
        The benefit below which nobody should fall, nor lower than now: broken only where a meeting would be lost.
    """

    def __init__(self, table: Timetable) -> None:
        self.graph = table.graph
        self.at: Ints = np.array(table.at, np.int64).reshape(self.graph.size, self.graph.rounds)
        who, when = np.nonzero(self.at != NOBODY)
        self.gained: Ints = self.graph.gained.copy()
        np.add.at(self.gained, who, self.graph.benefit[who, self.at[who, when]])
        self.degree: Ints = (self.at != NOBODY).sum(1)
        self.need: Floats = np.zeros(self.graph.size)

    def write_to(self, table: Timetable) -> None:
        """Let the timetable be as it is here."""
        table.at = self.at.tolist()
        table.load = [self.load(when) for when in range(self.graph.rounds)]

    def load(self, when: int) -> int:
        """How many open meetings a round has."""
        return int((self.at[:, when] != NOBODY).sum()) // 2

    @property
    def benefit(self) -> int:
        """The benefit of all open meetings."""
        return int((self.gained - self.graph.gained).sum()) // 2

    def offers(self, who: int) -> Ints:
        """Benefit of meeting each person, barred where that cannot be or has been; shape (n,)."""
        row = np.where(self.graph.allowed[who], self.graph.benefit[who], BARRED).astype(np.int64)
        row[self.at[who][self.at[who] != NOBODY]] = BARRED
        return row

    def way(self, one: int, other: int, when: int, *, least: Floats = NOTHING) -> tuple[int, int | None]:
        """The best gain with which two idle people get a meeting each, and whose meeting is split, None: nobody's.

        `least` is the benefit below which the two do not fall themselves.
        """
        mine, yours = self.offers(one), self.offers(other)
        here = np.flatnonzero(self.at[:, when] != NOBODY)
        mate = self.at[here, when]
        held = self.graph.benefit[here, mate].astype(np.int64)
        gain = mine[here] + yours[mate] - held
        floor = np.minimum(self.need, self.gained)
        below = (self.gained[here] + mine[here] - held < floor[here]).astype(np.int64)
        below += self.gained[mate] + yours[mate] - held < floor[mate]
        below += (self.gained[one] + mine[here] < least[0]) | (self.gained[other] + yours[mate] < least[1])
        gain -= BELOW * below
        best = int(gain.argmax()) if len(gain) else 0
        if not len(gain) or mine[other] >= gain[best]:
            return int(mine[other]), None
        return int(gain[best]), int(here[best])

    def carry_out(self, one: int, other: int, when: int, through: int | None) -> None:
        """Give two idle people a meeting each, as `way` says."""
        if through is None:
            self.put(one, other, when)
            return
        mate = int(self.at[through, when])
        self.remove(through, mate, when)
        self.put(one, through, when)
        self.put(other, mate, when)

    def put(self, one: int, other: int, when: int) -> None:
        """Let two people meet in a round."""
        self.at[one, when], self.at[other, when] = other, one
        self.gained[[one, other]] += self.graph.benefit[one, other]
        self.degree[[one, other]] += 1

    def remove(self, one: int, other: int, when: int) -> None:
        """Take a meeting out."""
        self.at[one, when] = self.at[other, when] = NOBODY
        self.gained[[one, other]] -= self.graph.benefit[one, other]
        self.degree[[one, other]] -= 1

    def lifting(self, who: int, prices: Floats, reach: int) -> Exchanged | None:
        """Find an exchange with which `who` gains and nobody falls below the need; None where there is none.

        Of those that bring `who` to the need the cheapest, else the one that brings most for its loss. Looked at are
        the `reach` people whom to meet gains most beyond their prices.
        """
        graph, gained = self.graph, self.gained
        mine = self.offers(who)
        surplus = np.where(mine > POSSIBLE, mine - prices, -np.inf)
        count = min(reach, len(surplus))
        near = np.argpartition(-surplus, count - 1)[:count]
        near = near[surplus[near] > -np.inf]
        when = np.flatnonzero(self.at[who] != NOBODY)
        if not len(near) or not len(when):
            return None
        mate, far = self.at[who, when][None, :], self.at[np.ix_(near, when)]
        old, held = graph.benefit[who, mate].astype(np.int64), graph.benefit[near[:, None], far].astype(np.int64)
        bridge = graph.benefit[mate, far].astype(np.int64)
        win = mine[near][:, None] - old
        least = np.minimum(gained, self.need)
        fits = (far != NOBODY) & (win > 0) & graph.allowed[mate, far] & ~(self.at[far] == mate[:, :, None]).any(2)
        fits &= (gained[near] + mine[near])[:, None] - held >= least[near][:, None]
        fits &= gained[far] + bridge - held >= least[far]
        fits &= gained[mate] + bridge - old >= least[mate]
        loss = old + held - mine[near][:, None] - bridge
        lack = self.need[who] - gained[who]
        score = np.where(win >= lack, 1e6 - loss, np.minimum(win, lack) / (1.0 + np.maximum(loss, 0)))
        score = np.where(fits, score, -np.inf)
        row, column = divmod(int(score.argmax()), score.shape[1])
        if not fits[row, column]:
            return None
        ends = int(mate[0, column]), int(near[row]), int(far[row, column])
        return Exchanged(int(when[column]), who, *ends, int(loss[row, column]))

    def exchange(self, found: Exchanged) -> None:
        """Carry out what was found."""
        self.remove(found.who, found.mate, found.when)
        self.remove(found.near, found.far, found.when)
        self.put(found.who, found.near, found.when)
        self.put(found.mate, found.far, found.when)
