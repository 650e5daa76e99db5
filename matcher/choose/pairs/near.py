"""The best choice in whole meetings, proven; and others within a few points of it.

Where whole meetings are d points below the bound of the linear programme, a pair whose reduced gain is further from 0
than d is decided: taking it against its sign, or leaving it so, costs more than d (reduced cost fixing: Dantzig,
Fulkerson and Johnson 1954). What is left open is small enough for branch and bound to finish.
"""

import random
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.pairs.columns import Question
from matcher.graph import Floats, Ints, MeetingGraph
from matcher.solver import NEVER, Deadline, Programme, whole

NODES = 200
GRAIN = 1e-3
VARIETY = 2.0


@dataclass(frozen=True, slots=True)
class Near:
    """Choices near the answer of a linear programme in which nothing is missing.

    Attributes
    ----------
    graph : MeetingGraph
        What is open.
    question : Question
        What was asked; without a floor.
    reduced : (n, n) float
        Reduced gain of every pair.
    bound : float
        No choice has more benefit.
    """

    graph: MeetingGraph
    question: Question
    reduced: Floats
    bound: float

    def best(self, pairs: Ints, deadline: Deadline = NEVER) -> tuple[Ints, int | None]:
        """The most beneficial choice, no worse than `pairs`, and its benefit where that is proven to be the most."""
        value = int(self.graph.benefit[pairs[:, 0], pairs[:, 1]].sum())
        if self.bound - value < 1:
            return pairs, value
        found, proven = self._decide(self.bound - value + GRAIN, None, deadline)
        if found is None:
            return pairs, None
        better = int(self.graph.benefit[found[:, 0], found[:, 1]].sum())
        return (found if better > value else pairs), max(value, better) if proven else None

    def another(self, pairs: Ints, rng: random.Random, deadline: Deadline = NEVER) -> Ints:
        """A choice of about as much benefit: each benefit counts up to two points more, by chance."""
        value = int(self.graph.benefit[pairs[:, 0], pairs[:, 1]].sum())
        chance = np.random.default_rng(rng.randrange(1 << 30))
        found, _ = self._decide(self.bound - value + VARIETY, chance, deadline)
        return pairs if found is None else found

    def _decide(
        self, within: float, chance: np.random.Generator | None, deadline: Deadline
    ) -> tuple[Ints | None, bool]:
        """Decide the pairs whose reduced gain is `within` that of 0; whether nothing can be better."""
        n = self.graph.size
        every = np.argwhere(np.triu(self.graph.allowed, 1))
        gain = self.reduced[every[:, 0], every[:, 1]]
        kept, pairs = every[gain > within], every[np.abs(gain) <= within]
        m = len(pairs)
        have = np.append(np.bincount(kept.ravel(), minlength=n), len(kept))
        degree = sp.csr_matrix((np.ones(2 * m), (pairs.T.ravel(), np.tile(np.arange(m), 2))), shape=(n, m))
        worth = self.graph.benefit[pairs[:, 0], pairs[:, 1]].astype(np.float64)
        worth += chance.uniform(0, VARIETY, m) if chance else 0.0
        low = np.append(self.question.low, self.question.least) - have
        high = np.append(self.question.high, self.question.most) - have
        if not m or (high < 0).any():
            return None, False
        rows = sp.vstack([degree, np.ones((1, m))]).tocsr()
        found = whole(
            Programme(worth, rows, low.astype(float), high.astype(float), np.ones(m)), nodes=NODES, deadline=deadline
        )
        if found is None:
            return None, False
        taken = np.vstack([kept, pairs[found.x > 0.5]])
        return taken[np.lexsort((taken[:, 1], taken[:, 0]))], found.best
