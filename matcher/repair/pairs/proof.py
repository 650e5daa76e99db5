"""How few cards must change at least, whatever is done: a linear programme, and trying all small sets where it can.

The linear programme lets each person be in S in part, and counts an edge as far as both its ends are in S. Where S is
small that says little (a few hundred people each in S by a hundredth span many edges), but then all sets that could
do can be tried: some loop or edge of an unmet round must lie in S, and b more people add at most their own b largest
gains and b (b - 1) / 2 edges among themselves.
"""

from collections.abc import Callable
from math import ceil

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools
from matcher.repair.cards import NOBODY
from matcher.repair.pairs.cover import Demand
from matcher.solver import Programme, linear

STEPS = 800
SLACK = 1e-6


def least(demand: Demand, found: int, possible: Callable[[Bools], bool], steps: int = STEPS) -> int:
    """Return a proven lower bound on the size of S; `found` is the size of one that is known.

    A set that meets all demands is only asked for what it takes by counting; `possible` may know that it cannot do.
    """
    bound = min(found, max(_by_programme(demand), int(demand.forced.sum())))
    trial = Trial(demand, possible, steps)
    while bound < found and trial.none_of(bound):
        bound += 1
    return bound


def _by_programme(demand: Demand) -> int:
    """Columns: people, edges, and how many rest in each round beyond those who must; each such rest asks for more."""
    size, rounds = demand.loops.shape[0], demand.rounds
    one, when = np.nonzero(demand.beside > np.arange(size)[:, None])
    other = demand.beside[one, when]
    edges, place = len(one), np.arange(len(one))
    ends = sp.vstack([sp.csr_matrix((np.ones(edges), (place, end)), shape=(edges, size)) for end in (one, other)])
    inside = sp.hstack([-ends, sp.vstack([sp.eye(edges), sp.eye(edges)]), sp.csr_matrix((2 * edges, rounds))])
    counted = sp.csr_matrix((np.ones(edges), (when, place)), shape=(len(demand.need), edges))
    more = np.zeros((len(demand.need), rounds))
    more[:rounds][np.diag(demand.need[:rounds] > 0)] = -0.5
    rests = np.flatnonzero(demand.turn != NOBODY)
    more[rests, demand.turn[rests]] = 1.0
    spanned = sp.hstack([sp.csr_matrix(demand.loops.T.astype(float)), counted, sp.csr_matrix(more)])
    width, free = size + edges + rounds, np.concatenate([np.zeros(size + edges), np.ones(rounds)])
    pinned = sp.eye(width, format="csr")[np.flatnonzero(demand.forced)]
    number = pinned.shape[0]
    answer = linear(
        Programme(
            gain=np.concatenate([-np.ones(size), np.zeros(edges + rounds)]),
            rows=sp.vstack([inside, spanned, pinned, sp.csr_matrix(free[None, :])]),
            low=np.concatenate([np.full(2 * edges, -np.inf), demand.wished, np.ones(number), [-np.inf]]),
            high=np.concatenate([np.zeros(2 * edges), np.full(len(demand.need) + number, np.inf), [demand.spare]]),
            top=np.where(free > 0, float(demand.spare), 1.0),
        )
    )
    return 0 if answer is None else ceil(-answer.value - SLACK)


class Trial:
    """Tries all sets of a size, within a number of steps for all sizes together."""

    def __init__(self, demand: Demand, possible: Callable[[Bools], bool], steps: int) -> None:
        self.demand = demand
        self.possible = possible
        self.steps = steps

    def none_of(self, size: int) -> bool:
        """Whether it is proven that no set of this size meets all demands; False also where the steps run out."""
        inside = self.demand.forced
        return not self._some(inside, np.zeros(len(inside), np.bool_), size - int(inside.sum()))

    def _some(self, inside: Bools, outside: Bools, more: int) -> bool:
        self.steps -= 1
        if self.steps < 0:
            return True
        demand = self.demand
        short = np.maximum(demand.need - demand.spanned(inside), 0)
        if not short.any():
            return more > 0 or self.possible(inside)
        usable = ~inside & ~outside
        gains = np.where(usable[:, None], np.minimum(demand.gains(inside), short), 0).sum(1)
        most = np.sort(gains)[len(gains) - more :].sum() + more * (more - 1) // 2 if more > 0 else 0
        if most < short.sum():
            return False
        options = min((self._options(inside, usable, at, more) for at in np.flatnonzero(short).tolist()), key=len)
        for option in options:
            wider = inside.copy()
            wider[option] = True
            if self._some(wider, outside, more - len(option)):
                return True
            if len(option) == 1:
                outside = outside.copy()
                outside[option] = True
        return False

    def _options(self, inside: Bools, usable: Bools, at: int, more: int) -> list[list[int]]:
        """Who must come into S for one more loop or edge of a demand: one person, or two who sit together."""
        demand = self.demand
        alone = demand.loops[:, at].copy()
        pairs: list[list[int]] = []
        if at < demand.rounds:
            beside = demand.beside[:, at]
            alone |= np.append(inside, False)[beside]
            if more > 1:
                both = usable & np.append(usable, False)[beside] & (beside > np.arange(len(beside)))
                pairs = [[int(one), int(beside[one])] for one in np.flatnonzero(both)]
        return [[int(one)] for one in np.flatnonzero(alone & usable)] + pairs
