"""Some people choose their ways anew, all others stay: groups bettered by whole-number programmes.

Who loses most at the prices of places chooses first, together with two whole groups; each in turn, since people who
chose anew in vain count less from then on.
"""

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.shares import Shared
from matcher.choose.groups.ways import Wanted, Ways, taken
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Floats, Programme, whole

GROUPS = 6  # groups of each person in which ways are known
MORE = 2  # visits more than in the best way
CHOOSING = 24
WAYS = 15
NODES = 8
VAIN = 40
LESS = 0.5
GAIN = 0.5


class Reseating:
    """Who is in which group and sits when, while some choose anew.

    Attributes
    ----------
    start : (n,) int
        The group of each person.
    seats : (n, R) bool
        In which rounds each person sits.
    """

    def __init__(self, ways: Ways, aims: tuple[Wanted, Wanted], shared: Shared, *, start: Ints, seats: Bools) -> None:
        self.ways, self.shared = ways, shared
        self.wanted, self.aim = aims
        self.start, self.seats = start.copy(), seats.copy()
        self.everybody = np.arange(len(start))
        best = ways.best(self.wanted, shared.prices.places)
        near = np.argsort(-best.gains, axis=1, kind="stable")[:, :GROUPS]
        most = np.minimum(ways.paths.offers, ways.graph.rounds)
        for more in range(MORE + 1):
            who, rank = np.nonzero(np.take_along_axis(best.gains, near, 1) > 0)
            at = near[who, rank]
            number = best.number[who, at] + more
            fits = number <= most[who, at]
            ways.learn(best, who[fits], at[fits], number[fits])
        self.left = self._left(ways.who, ways.start, ways.seats)
        self.weight = np.ones(len(start))

    def better(self, *, tries: int, deadline: Deadline = NEVER) -> None:
        """Let some choose anew, so many times, or until that was in vain many times in a row."""
        h, vain = len(self.ways.room), 0
        for turn in range(tries):
            if vain == VAIN or deadline.over():
                break
            lost = -self._left(self.everybody, self.start, self.seats) * self.weight
            chosen = np.zeros(len(lost), np.bool_)
            chosen[np.argsort(-lost, kind="stable")[:CHOOSING]] = True
            step = 1 + turn // h % max(h - 1, 1)
            chosen |= (self.start == turn % h) | (self.start == (turn + step) % h)
            if self._chosen(np.flatnonzero(chosen), deadline):
                vain = 0
            else:
                vain += 1
                self.weight[chosen] *= LESS

    def _left(self, who: Ints, start: Ints, seats: Bools) -> Floats:
        """What ways gain beyond the best at the prices: nothing, or less than nothing."""
        cost = (self.shared.prices.places[start] * seats).sum(1) + self.shared.paid[who]
        return np.asarray(self.ways.gains(self.wanted, who, start, seats) - cost, np.float64)

    def _chosen(self, people: Ints, deadline: Deadline) -> bool:
        """Whether these people together find better ways."""
        others = np.ones(len(self.start), np.bool_)
        others[people] = False
        room = self.ways.room.copy()
        np.subtract.at(room, self.start[others], self.seats[others].astype(float))
        known = self._near(~others, room)
        who = np.append(self.ways.who[known], people)
        start = np.append(self.ways.start[known], self.start[people])
        seats = np.vstack([self.ways.seats[known], self.seats[people]])
        gain = self.ways.gains(self.aim, who, start, seats)
        rows = taken(np.searchsorted(people, who), start, seats, (len(people), len(room)))
        low = np.append(np.zeros(len(people)), np.full(room.size, -np.inf))
        high = np.append(np.ones(len(people)), room.ravel())
        programme = Programme(gain, sp.vstack(rows, format="csr"), low, high, np.ones(len(who)))
        found = whole(programme, nodes=NODES, deadline=deadline)
        if found is None or gain @ found.x < gain[len(known) :].sum() + GAIN:
            return False
        take = np.flatnonzero(found.x > 0.5)
        self.seats[people] = False
        self.start[who[take]], self.seats[who[take]] = start[take], seats[take]
        return True

    def _near(self, chosen: Bools, room: Floats) -> Ints:
        """The ways of these people that fit beside all others, the most promising of each."""
        ways = self.ways
        fits = np.flatnonzero(chosen[ways.who])
        fits = fits[~(ways.seats[fits] & (room[ways.start[fits]] < 1)).any(1)]
        order = fits[np.lexsort((-self.left[fits], ways.who[fits]))]
        who = ways.who[order]
        rank = np.arange(len(order)) - np.searchsorted(who, who)
        return order[rank < WAYS]
