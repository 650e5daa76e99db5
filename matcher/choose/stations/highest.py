"""How high the lowest satisfaction can be: a programme over whole sets of visits, with proof.

Everybody takes shares of sets that reach the floor, and what no host can take, or lacks, is paid for. Where something
must be paid at any price of the hosts that floor is out of reach (Farkas). For prices on a grid the cheapest sets are
found exactly (`knapsacks`), so that the bound is proven whatever sets are known.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Bools, Ints
from matcher.choose.stations.knapsacks import cheapest
from matcher.choose.stations.transport import NEARLY, Ask, Transport
from matcher.solver import NEVER, Deadline, Floats, Programme, linear

GRID = 16
CELLS = 60_000_000
STEPS = 40
SURELY = 1e-3


@dataclass(frozen=True, eq=False)
class Prices:
    """What a place at each host costs, and what the first, second, … visit of a person is worth, from -1 to 1."""

    hosts: Floats
    levels: Floats


class WholeSets:
    """The sets known so far, over all floors that were asked for."""

    def __init__(self, transport: Transport, ask: Ask) -> None:
        self.graph = graph = transport.graph
        (n, h), rounds = graph.allowed.shape, graph.rounds
        self.low = np.zeros(h) if ask.low is None else ask.low.astype(float)
        self.high = (graph.room.sum(1) if ask.high is None else ask.high).astype(float)
        counts = np.zeros(rounds) if ask.counts is None else ask.counts
        self.counts = np.maximum(counts - transport.counts(np.zeros(n, np.int64)), 0).astype(float)
        self.settled = bool((transport.counts(graph.could) <= counts).all())
        self.who: Ints = np.empty(0, np.int64)
        self.sets: Bools = np.empty((0, h), np.bool_)
        size = int(graph.could.max(initial=0))
        self.grid = int(np.clip(CELLS // max(2 * n * h * size * size, 1), 2, GRID))

    def possible(self, floor: float, prices: Floats, deadline: Deadline = NEVER) -> bool:
        """Whether shares of sets may reach a floor; False is proven.

        Parameters
        ----------
        floor : float
            The least satisfaction.
        prices : (h,) float
            Where to look first: prices of the hosts in any unit.
        deadline : Deadline
            After it nothing further is begun.
        """
        graph = self.graph
        need = np.where(graph.best > 0, np.ceil(floor * graph.best - graph.gained - NEARLY), 0).astype(np.int64)
        now = Prices(prices / max(np.abs(prices).max(initial=0.0), 1.0), np.ones(graph.rounds))
        if self._learn(now, need, np.full(graph.size, np.inf)) is None:
            return False
        for _ in range(STEPS):
            known = np.flatnonzero((graph.benefit[self.who] * self.sets).sum(1) >= need[self.who])
            programme = self._programme(known)
            answer = linear(programme, deadline=deadline)
            if answer is None or answer.value > -NEARLY or deadline.over():
                return True
            n, h = graph.allowed.shape
            now = Prices(answer.prices[n : n + h], -answer.prices[n + h :])
            learnt = self._learn(now, need, -answer.prices[:n])
            if learnt is None or learnt[1] > SURELY:
                return False
            if not learnt[0]:
                return True
        return True

    def _learn(self, prices: Prices, need: Ints, paid: Floats) -> tuple[int, float] | None:
        """Take the cheapest set of everybody who pays more now; how many, and what must be paid at any price.

        None where somebody has no set that reaches the floor.
        """
        graph, could = self.graph, self.graph.could
        grid = np.round(np.clip(prices.hosts, -1, 1) * self.grid).astype(np.int64)
        least = int(grid.min(initial=0))
        found = cheapest(graph.benefit, graph.allowed, grid - least, int(could.max(initial=0)))
        cost = found.costs(need)
        size = np.arange(cost.shape[1])
        open_ = (cost >= 0) & (size <= could[:, None])
        if self.settled:
            open_ &= size == could[:, None]
        if not open_.any(1).all():
            return None
        worth = np.concatenate([[0.0], np.cumsum(np.clip(prices.levels, 0, 1))])
        after = np.minimum(graph.held[:, None] + size, graph.rounds)
        gained = worth[after] - worth[graph.held][:, None]
        total = np.where(open_, (cost + least * size) / self.grid - gained, np.inf)
        best = total.argmin(1)
        everybody = np.arange(graph.size)
        cheap = total[everybody, best]
        sets = found.sets(everybody, best, cost[everybody, best])
        exact = sets @ prices.hosts - gained[everybody, best]
        new = np.flatnonzero(exact < paid - NEARLY)
        self.who, self.sets = np.append(self.who, new), np.vstack([self.sets, sets[new]])
        rounded = grid / self.grid
        sides = np.maximum(-rounded, 0) @ self.low - np.maximum(rounded, 0) @ self.high
        return len(new), float(cheap.sum() + sides + np.clip(prices.levels, 0, 1) @ self.counts)

    def _programme(self, known: Ints) -> Programme:
        """Rows: people, hosts, levels. Columns: sets, visits hosts lack, visits too many, levels missed."""
        graph = self.graph
        (n, h), k, r = graph.allowed.shape, len(known), graph.rounds
        who, sets = self.who[known], self.sets[known]
        one_each = sp.csr_matrix((np.ones(k), (who, np.arange(k))), shape=(n, k))
        after = graph.held[who] + sets.sum(1)
        rank = np.arange(r)[:, None]
        level = sp.csr_matrix(((rank >= graph.held[who]) & (rank < after)).astype(float))
        rows = sp.bmat(
            [
                [one_each, None, None, None],
                [sp.csr_matrix(sets.T.astype(float)), sp.eye(h), -sp.eye(h), None],
                [level, None, None, sp.eye(r)],
            ],
            format="csr",
        )
        slack = 2 * h + r
        gain = np.append(np.zeros(k), -np.ones(slack))
        top = np.append(np.ones(k), np.full(slack, float(graph.free.size)))
        low = np.concatenate([np.ones(n), self.low, self.counts])
        high = np.concatenate([np.ones(n), self.high, np.full(r, np.inf)])
        return Programme(gain, rows, low, high, top)
