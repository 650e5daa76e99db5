"""The cheapest sets of hosts that reach a floor, for everybody at once, exactly: knapsacks by dynamic programming."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.choose.stations.graph import Bools, Ints

NONE = -(2**20)
Ints32 = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Cheapest:
    """The most benefit of each person for each size of a set and each cost, and how it came about.

    Attributes
    ----------
    most : (n, k + 1, q) int
        The most benefit of so many hosts at this cost, below 0 where there is none.
    taken : (h, n, k, q) bool
        Whether the host is the last of that set.
    prices : (h,) int
        What each host costs.
    """

    most: Ints32
    taken: Bools
    prices: Ints

    def costs(self, need: Ints) -> Ints:
        """The least cost of a set of each size that reaches the need, -1 where there is none; shape (n, k + 1)."""
        reached = (self.most >= need[:, None, None]) & (self.most >= 0)
        return np.where(reached.any(2), reached.argmax(2), -1)

    def sets(self, who: Ints, size: Ints, cost: Ints) -> Bools:
        """The set of each of these people, of this size and at this cost; shape (r, h)."""
        found = np.zeros((len(who), len(self.prices)), np.bool_)
        size, cost = size.copy(), cost.copy()
        for host in range(len(self.prices) - 1, -1, -1):
            here = np.flatnonzero(size > 0)
            last = here[self.taken[host, who[here], size[here] - 1, cost[here]]]
            found[last, host] = True
            size[last] -= 1
            cost[last] -= self.prices[host]
        return found


def cheapest(benefit: Ints, allowed: Bools, prices: Ints, size: int) -> Cheapest:
    """Return the most benefit at every cost, for all sets of up to so many hosts.

    Parameters
    ----------
    benefit : (n, h) int
        What each visit is worth.
    allowed : (n, h) bool
        Which visits are open.
    prices : (h,) int
        What each host costs, at least 0.
    size : int
        The most hosts in a set.

    Examples
    --------
    >>> found = cheapest(np.array([[5, 7, 4]]), np.ones((1, 3), bool), np.array([1, 3, 0]), 2)
    >>> found.costs(np.array([9])).tolist(), found.costs(np.array([10])).tolist()
    ([[-1, -1, 1]], [[-1, -1, 3]])
    >>> found.sets(np.array([0]), np.array([2]), np.array([3])).tolist()
    [[False, True, True]]
    """
    n, h = benefit.shape
    width = int(np.sort(prices)[::-1][:size].sum()) + 1
    most = np.full((n, size + 1, width), NONE, np.int32)
    most[:, 0, 0] = 0
    taken = np.zeros((h, n, size, width), np.bool_)
    worth = np.where(allowed, benefit, NONE).astype(np.int32)
    for host, price in enumerate(prices.tolist()):
        further = most[:, :-1, : width - price] + worth[:, host, None, None]
        before = most[:, 1:, price:]
        np.greater(further, before, out=taken[host, :, :, price:])
        np.maximum(further, before, out=before)
    return Cheapest(most, taken, prices)
