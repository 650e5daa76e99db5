"""The best sets of visits at given prices of the hosts, for many people at once.

A set has so many hosts and must reach a person's floor: a knapsack with a fixed number of things. A multiplier of the
floor orders the hosts (Lagrange); the best sets leave that order only near its cut, where all choices are tried (the
core of Balas and Zemel 1980).
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np

from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import Floats

WINDOW = 12
MORE = 3
TURNS = 10
BARRED = -1e12
NEARLY = 1e-9


@dataclass(frozen=True, eq=False)
class Shelf:
    """People who choose equally many out of equally many hosts.

    Attributes
    ----------
    who : (g,) int
        The people.
    hosts : (g, a) int
        The hosts they may visit.
    benefit : (g, a) float
        What each is worth.
    need : (g,) float
        The benefit that a set must reach.
    size : int
        How many hosts are in a set.
    """

    who: Ints
    hosts: Ints
    benefit: Floats
    need: Floats
    size: int

    @property
    def empty(self) -> bool:
        """Whether somebody has no set that reaches the floor."""
        return bool((-np.sort(-self.benefit, axis=1)[:, : self.size].sum(1) < self.need).any())

    def best(self, prices: Floats) -> tuple[Ints, Bools, Floats]:
        """Return the best sets where a host costs its price.

        Returns
        -------
        (r,) int, (r, h) bool, (r,) float
            Rows of people, their sets over all hosts, and their benefit less their prices, -10^12 below the floor.
        """
        value = self.benefit - prices[self.hosts]
        keys = value + _multiplied(value, self.benefit, self.need, self.size)[:, None] * self.benefit
        order = np.argsort(-keys, axis=1, kind="stable")
        number = self.hosts.shape[1]
        width = min(WINDOW, number)
        first = int(np.clip(self.size - width // 2, 0, number - width))
        end = first + width
        tried, places = _choices(width, self.size - first)
        some = min(MORE, len(tried))
        left, gains = (
            part[:, first:] @ tried.T + part[:, :first].sum(1)[:, None]
            for part in (np.take_along_axis(part, order[:, :end], 1) for part in (value, self.benefit))
        )
        left[gains < self.need[:, None]] = BARRED
        best = np.argpartition(-left, some - 1, axis=1)[:, :some]
        rows = np.repeat(np.arange(len(value)), some)
        near = np.take_along_axis(order[rows, first:end], places[best.ravel()], 1)
        taken = np.take_along_axis(self.hosts[rows], np.hstack([order[rows, :first], near]), 1)
        sets = np.zeros((len(rows), len(prices)), np.bool_)
        np.put_along_axis(sets, taken, True, axis=1)
        return rows, sets, np.take_along_axis(left, best, 1).ravel()


def _multiplied(value: Floats, benefit: Floats, need: Floats, size: int) -> Floats:
    """Everybody's multiplier of the floor: where the sets just above and just below it are equally good (Lagrange)."""
    low, high = _top(value, value, benefit, size), _top(benefit, value, benefit, size)
    held = np.zeros(len(value))
    searched = low[1] < need
    for _ in range(TURNS):
        if not searched.any():
            break
        meet = (low[0] - high[0]) / np.maximum(high[1] - low[1], NEARLY)
        held = np.where(searched, np.maximum(meet, 0.0), held)
        here = _top(value + held[:, None] * benefit, value, benefit, size)
        reached, better = here[1] >= need, here[0] + held * here[1] > low[0] + held * low[1] + NEARLY
        for at in (0, 1):
            low[at][searched & ~reached] = here[at][searched & ~reached]
            high[at][searched & reached] = here[at][searched & reached]
        searched &= better
    return held


def _top(keys: Floats, value: Floats, benefit: Floats, size: int) -> tuple[Floats, Floats]:
    """The sums of value and of benefit over the hosts with the highest keys."""
    top = np.argsort(-keys, axis=1, kind="stable")[:, :size]
    return np.take_along_axis(value, top, 1).sum(1), np.take_along_axis(benefit, top, 1).sum(1)


@cache
def _choices(number: int, size: int) -> tuple[Floats, Ints]:
    """All sets of so many of so many things, as rows of 0 and 1, and as rows of things."""
    some = np.array(list(combinations(range(number), size)), np.int64).reshape(comb(number, size), size)
    table = np.zeros((len(some), number))
    np.put_along_axis(table, some, 1.0, axis=1)
    return table, some
