"""Every way through the session, listed: with which group, and in which rounds somebody sits with it.

A person has a way for each set of rounds, so that lists are for few rounds. But they know what sums cannot tell: which
ways reach a floor. Where only these are open, what shares of ways can gain bounds whatever leaves nobody below.
"""

from dataclasses import dataclass

import numpy as np

from matcher.choose.groups.paths import Paths
from matcher.choose.groups.ways import Prices, Wanted
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import Floats

MOST = 4_000_000
SLACK = 1e-6
SHUT = -1e15


@dataclass(frozen=True, eq=False)
class Sought:
    """The ways that are open, shape (n, h, k), and who must have one of them, (n,)."""

    open: Bools
    must: Bools

    @property
    def nothing(self) -> bool:
        """Whether somebody must have a way and has none."""
        return bool((self.must & ~self.open.any((1, 2))).any())


@dataclass(frozen=True, eq=False)
class Tolls(Prices):
    """What things cost and are worth where some are kept apart.

    Attributes
    ----------
    rivals : (r, h, R) float
        What it costs two who are kept apart to sit with each group in each round.
    """

    rivals: Floats


class Listed:
    """All ways.

    Attributes
    ----------
    seats : (k, R) bool
        The sets of rounds, none of them empty, in which somebody may sit with any group.
    number : (k,) int
        How many rounds these are.
    open : (n, h, k) bool
        Which ways a person has with each group.
    worth : (n, h, k) float
        The benefit of each way.
    room : (h, R) float
        The places that each group finds in each round.
    rivals : (r, 2) int
        Who is kept apart from whom.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths, self.graph = paths, paths.graph
        (h, rounds), n = paths.host.shape, paths.graph.size
        self.seats = _sets(paths)
        self.number: Ints = self.seats.sum(1)
        self.room: Floats = self.graph.room[paths.host, np.arange(rounds)[None, :]].astype(float)
        self.rivals: Ints = np.argwhere(np.triu(self.graph.apart, 1))
        self._sums: Floats = self.seats.T.astype(float)
        shut = ~paths.cells.reshape(n * h, rounds)
        self.open: Bools = (shut @ self._sums < SLACK).reshape(n, h, -1) & (
            self.number <= self.graph.caps[:, None, None]
        )
        benefit = np.where(shut, 0.0, self.graph.benefit[:, paths.host].reshape(n * h, rounds))
        self.worth: Floats = (benefit @ self._sums).reshape(n, h, -1)

    @staticmethod
    def few(paths: Paths) -> bool:
        """Whether places are all that people share, pairs kept apart aside, and the ways are few enough for a list."""
        n, h, rounds = paths.cells.shape
        return bool((paths.graph.fewest <= 1).all() and paths.most.any()) and n * h * 2 ** min(rounds, 60) <= MOST

    def sought(self, floor: float) -> Sought:
        """The ways that leave nobody below a floor."""
        graph = self.graph
        need = floor * graph.best - graph.gained
        must: Bools = np.asarray((graph.best > 0) & (need > SLACK), np.bool_)
        return Sought(self.open & (self.worth >= need[:, None, None] - SLACK) if must.any() else self.open, must)

    def shares(self, low: float, high: float) -> Floats:
        """Every satisfaction above `low` and up to `high` that some way or none reaches, lowest first."""
        graph = self.graph
        best, gained = np.maximum(graph.best, 1), graph.gained
        share = (self.worth + gained[:, None, None]) / best[:, None, None]
        inner = (share > low) & (share <= high) & self.open & (graph.best > 0)[:, None, None]
        alone = np.where(graph.best > 0, gained / best, 1.0)
        return np.unique(np.concatenate([share[inner], alone[(alone > low) & (alone <= high)]]))

    def highest(self) -> float:
        """What everybody reaches on the best way of their own."""
        best = np.where(self.open, self.worth, 0.0).max((1, 2), initial=0.0)
        return float(self.graph.share((best + self.graph.gained).astype(np.int64)).min(initial=1.0))

    def sits(self, ways: Ints) -> Bools:
        """Who sits when with which group on ways by their numbers in the list; shape (n, h, R)."""
        who, start, way = np.unravel_index(ways, self.open.shape)
        seats = np.zeros(self.paths.cells.shape, np.bool_)
        seats[who, start] = self.seats[way]
        return seats

    def gains(self, wanted: Wanted, prices: Tolls) -> Floats:
        """What all ways count, less what they cost; shape (n, h, k)."""
        graph = self.graph
        total = np.concatenate([[0.0], np.cumsum(wanted.levels + prices.levels)])
        after = np.minimum(graph.held[:, None] + self.number, graph.rounds)
        gain: Floats = wanted.benefit * self.worth + (total[after] - total[graph.held][:, None])[:, None, :]
        if not prices.rivals.any():
            gain -= (prices.places @ self._sums)[None]
            return gain
        cost = np.repeat(prices.places[None], graph.size, 0)
        for side in self.rivals.T:
            np.add.at(cost, side, prices.rivals)
        gain -= (cost.reshape(-1, graph.rounds) @ self._sums).reshape(gain.shape)
        return gain


def _sets(paths: Paths) -> Bools:
    """All sets of rounds in which nobody meets a host again."""
    h, rounds = paths.host.shape
    sets: Bools = (np.arange(1, 2**rounds)[:, None] >> np.arange(rounds)) & 1 > 0
    for when in range(h, rounds):
        sets = sets[~(sets[:, when] & sets[:, when % h : when : h].any(1))]
    fits: Bools = sets[sets.sum(1) <= paths.graph.caps.max(initial=0)]
    return fits
