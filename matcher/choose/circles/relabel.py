"""Who takes which place in rounds that stand: annealing over exchanges of two people in all rounds at once.

Who meets whom is then a fixed graph of places, and the question a quadratic assignment: the gain of every exchange
follows from one product of matrices.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.solver import Deadline

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOISE = 1 << 16


def relabel(together: Ints, cost: Floats, heat: Iterator[float], *, seed: int, deadline: Deadline) -> Ints:
    """Return who takes each place, so that those who meet cost little.

    Parameters
    ----------
    together : (n, n) int
        How often two places share a table; the diagonal is 0.
    cost : (n, n) float
        What it costs when these two people share a table; the diagonal is 0.
    heat : iterator of float
        The temperature of each exchange.
    seed : int
        Breaks ties.
    deadline : Deadline
        After it no exchange is tried.

    Examples
    --------
    >>> from matcher.solver import NEVER
    >>> together, cost = np.zeros((4, 4), int), np.zeros((4, 4))
    >>> together[[0, 1, 2, 3], [1, 0, 3, 2]] = 1  # places 0 and 1 share a table, 2 and 3
    >>> cost[[0, 2], [2, 0]] = -5  # persons 0 and 2 should
    >>> order = relabel(together, cost, iter([0.1] * 20), seed=1, deadline=NEVER).tolist()
    >>> sorted(order[:2]) in ([0, 2], [1, 3])
    True
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(cost))
    noise = random.gumbel(size=NOISE + cost.size)
    here = cost[np.ix_(order, order)]
    at = here @ together
    value = lowest = float(at.trace()) / 2
    best = order.copy()
    for temperature in heat:
        if deadline.over():
            break
        own = at.diagonal()
        change = at + at.T + 2 * here * together - own[:, None] - own[None, :]
        np.fill_diagonal(change, np.inf)
        start = int(random.integers(NOISE))
        drawn = int((change - temperature * noise[start : start + cost.size].reshape(cost.shape)).argmin())
        one, other = divmod(drawn, len(cost))
        value += float(change[one, other])
        at += np.outer(here[:, other] - here[:, one], together[one] - together[other])
        for table in (here.T, here, at, order):
            table[[one, other]] = table[[other, one]]
        if value < lowest - 1e-6:
            lowest, best = value, order.copy()
    return best
