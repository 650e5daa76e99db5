"""Few people meet again and again: exchanges between tables that cost nobody anything.

Two people at two tables of one round change places where that is worth as much; or they exchange two rounds, so that
everybody still visits the same hosts: a Kempe chain of length four. Each further time that two people share a table
counts one more than the time before. Sizes of tables stay as they are. All exchanges of a round are judged at once.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Floats
from matcher.when.tour import NOWHERE, Tour

Floats32 = NDArray[np.float32]

APART = 1_000.0
WORK = 150_000_000
MOST = 3_000


def repeats(tour: Tour) -> int:
    """Return how often two people are at one table again."""
    met = together(tour)
    return int(np.maximum(met - 1, 0).sum()) // 2


def together(tour: Tour) -> Ints:
    """Return how often each two people share a table; shape (n, n), the diagonal 0."""
    n = tour.graph.size
    met = np.zeros((n, n))
    for when in range(tour.graph.rounds):
        seats = _seats(tour, when)
        met += seats @ seats.T
    np.fill_diagonal(met, 0)
    return np.round(met).astype(np.int64)


def mix(tour: Tour, need: Floats, deadline: Deadline = NEVER) -> None:
    """Exchange people between tables until nothing helps, or for as many steps as the size of the room allows.

    Parameters
    ----------
    tour : Tour
        It is changed; what everybody gains stays at `need` or where it was below, and the total does not fall.
    need : (n,) float
        The benefit nobody should fall below.
    deadline : Deadline
        After it no further improvement is begun.
    """
    if tour.graph.size < 2:
        return
    mixer = _Mixer(tour, need)
    kinds = [(when, when) for when in range(tour.graph.rounds)] + list(combinations(range(tour.graph.rounds), 2))
    left = min(MOST, WORK // tour.graph.size**2)
    still = 0
    while still < len(kinds) and left > 0:
        for first, second in kinds:
            left -= 1
            still = 0 if mixer.step(first, second) else still + 1
            if still >= len(kinds) or left <= 0 or deadline.over():
                return


class _Mixer:
    """How often everybody has shared a table with everybody, and the exchanges that lower that."""

    def __init__(self, tour: Tour, need: Floats) -> None:
        self.tour, self.graph = tour, tour.graph
        self.weight: Floats32 = (together(tour) + APART * self.graph.apart).astype(np.float32)
        self.visited: Bools = tour.visited()
        self.gained: Ints = tour.gained()
        self.need = need

    def step(self, first: int, second: int) -> bool:
        """Make the best exchanges in one round, or in two rounds at once, at tables that do not touch each other."""
        change = self._change(first) + (self._change(second) if first != second else 0)
        if first == second:
            fits = self._equals(first)
        else:
            fits, twice = self._crossed(first, second)
            change = change + twice
        change = np.where(np.triu(fits, 1), change, 0)
        best = np.argpartition(change, min(64, change.size - 1), axis=None)[:64]
        best = best[np.argsort(change.ravel()[best], kind="stable")]
        used: set[int] = set()
        for one, other in zip(*(part.tolist() for part in np.unravel_index(best, change.shape)), strict=True):
            tables = {int(self.tour.at[one, first]), int(self.tour.at[other, first])}
            if change[one, other] >= 0:
                break
            if not used & tables:
                used |= tables
                for when in {first, second}:
                    self._swap(one, other, when)
        return bool(used)

    def _movable(self, when: int) -> Bools:
        return np.asarray((self.tour.at[:, when] != NOWHERE) & ~self.tour.fixed[:, when], np.bool_)

    def _change(self, when: int) -> Floats:
        """How the weight of repeats changes where two people change places in a round; shape (n, n)."""
        seats = _seats(self.tour, when)
        meets = self.weight @ seats
        at = np.maximum(self.tour.at[:, when], 0)
        own = np.take_along_axis(meets, at[:, None], 1)[:, 0] - seats.sum(0)[at] + 1
        there = meets[:, at] - own[:, None] - self.weight
        change: Floats = there + there.T
        return change

    def _equals(self, when: int) -> Bools:
        """Who can change places in one round and nobody is worse off."""
        at, graph = np.maximum(self.tour.at[:, when], 0), self.graph
        may = (graph.allowed & ~self.visited)[:, at] & self._movable(when)[:, None] & self._movable(when)[None, :]
        gain = graph.benefit[:, at] - np.take_along_axis(graph.benefit, at[:, None], 1)
        spare = self.gained - np.minimum(self.gained, self.need)
        kept = gain >= -spare[:, None]
        return np.asarray(may & may.T & kept & kept.T & (gain + gain.T >= 0), np.bool_)

    def _crossed(self, first: int, second: int) -> tuple[Bools, Floats]:
        """Who visits the same two hosts in the other order, and what is counted twice there."""
        width = self.graph.allowed.shape[1]
        a, b = self.tour.at[:, first], self.tour.at[:, second]
        moves = self._movable(first) & self._movable(second)
        moves &= self.graph.free[:, first] & self.graph.free[:, second]
        forth, back = np.where(moves, a * width + b, -1), np.where(moves, b * width + a, -2)
        both = np.where((a != NOWHERE) & (b != NOWHERE), a * width + b, width * width)
        numbers = np.bincount(both, minlength=width * width + 1)
        alike = numbers[both] - 1.0
        fits = np.asarray(forth[:, None] == back[None, :], np.bool_)
        return fits, 2 * (alike[:, None] + alike[None, :])

    def _swap(self, one: int, other: int, when: int) -> None:
        at, worth = self.tour.at, self.graph.benefit
        a, b = int(at[one, when]), int(at[other, when])
        with_one, with_other = at[:, when] == a, at[:, when] == b
        for who, leaves, joins, mate in ((one, with_one, with_other, other), (other, with_other, with_one, one)):
            step = joins.astype(np.float32) - leaves
            step[[who, mate]] = 0
            self.weight[who] += step
            self.weight[:, who] += step
        at[one, when], at[other, when] = b, a
        for who, old, new in ((one, a, b), (other, b, a)):
            self.gained[who] += worth[who, new] - worth[who, old]
            self.visited[who, old] = False
            self.visited[who, new] = True
        if (at[one] == a).any():
            self.visited[one, a] = True
        if (at[other] == b).any():
            self.visited[other, b] = True


def _seats(tour: Tour, when: int) -> Floats32:
    """Who sits where in a round, as 0 and 1; shape (n, h)."""
    seats: Floats32 = np.zeros(tour.graph.allowed.shape, np.float32)
    who = np.flatnonzero(tour.at[:, when] != NOWHERE)
    seats[who, tour.at[who, when]] = 1
    return seats
