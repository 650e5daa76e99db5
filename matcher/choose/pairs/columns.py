"""Linear programmes over meetings, solved by column generation: few pairs at first, the rest priced, the bound proven.

A session of 1,000 people has half a million pairs, of which some 2 % ever matter. The master programme knows those;
after each solution every other pair is priced with the row prices, and what would gain joins (Dantzig and Wolfe 1960;
for b-matchings see Lawler 1976, chapter 6). The prices prove the bound, whatever the columns: by weak duality no
choice of meetings is worth more than the sum of row prices and of all positive reduced gains.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats, Ints, MeetingGraph
from matcher.solver import NEVER, Answer, Deadline, Programme, linear

GRAIN = 2.0**20
ENOUGH = 1e-6
MISSING = 30_000.0


@dataclass(frozen=True, slots=True)
class Question:
    """What a master programme asks: ``worth`` · benefit + ``share`` · lowest satisfaction, as high as can be.

    Attributes
    ----------
    low, high : (n,) int
        Fewest and most meetings of each person; a meeting missing below `low` costs 30,000.
    least, most : int
        Fewest and most meetings in all; one missing costs the same.
    floor : float or None
        The least satisfaction, which people may miss at the cost of `share` each; with `rising` it is raised instead.
    spared : int or None
        How many meetings may be missing below `low` in all, at no cost; None: any number, at their cost.
    """

    low: Ints
    high: Ints
    least: int
    most: int
    worth: float = 1.0
    share: float = 0.0
    floor: float | None = None
    rising: bool = False
    spared: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer of a master programme.

    Attributes
    ----------
    pairs : (m, 2) int
        The columns.
    x : (m,) float
        How much of each is taken.
    reduced : (n, n) float
        Reduced gain of every pair, in the programme or not.
    value, bound : float
        What the columns reach, and what no choice at all can exceed.
    missing : float
        Meetings missing below the required numbers.
    weight : (n,) float
        What a point of benefit counts for each of its two people: the same for all, and more for people at a floor.
    """

    pairs: Ints
    x: Floats
    reduced: Floats
    value: float
    bound: float
    missing: float
    weight: Floats


class Master:
    """The growing set of columns over one graph; each question continues with the columns of those before it."""

    def __init__(self, graph: MeetingGraph) -> None:
        self.graph = graph
        self.upper: Bools = np.triu(graph.allowed, 1)
        self.known: Bools = np.zeros_like(self.upper)
        self.value: Floats = graph.benefit.astype(float)
        self._widen(self.value - (prices := resting_prices(graph))[:, None] - prices[None, :], slack=20.0)
        self._nearest(3)

    def solve(self, question: Question, *, enough: float = ENOUGH, deadline: Deadline = NEVER) -> Choice:
        """Answer a question over all admissible pairs, with a proven bound at most `enough` above it.

        After a deadline the bound still holds, however far above. Raises `OutOfTime` where there is no answer yet.
        """
        while True:
            pairs = np.argwhere(self.known)
            answer = linear(self._programme(question, pairs), interior=question.rising, deadline=deadline)
            assert answer is not None, "what cannot be had is missing, at its cost"
            choice = self._read(question, pairs, answer)
            if deadline.over() or not self._grow(choice, enough):
                return choice

    def _nearest(self, extra: int) -> None:
        """Know for each person the most beneficial partners, somewhat more than the cap."""
        graph = self.graph
        order = np.argsort(np.where(graph.allowed, -graph.benefit, 1), axis=1, kind="stable")
        for person in range(graph.size):
            mates = order[person, : int(graph.caps[person]) + extra]
            self.learn(np.full(len(mates), person), mates)

    def learn(self, one: Ints, other: Ints) -> None:
        """Take these pairs as columns, where they may meet."""
        self.known[np.minimum(one, other), np.maximum(one, other)] = True
        self.known &= self.upper

    def _widen(self, reduced: Floats, *, slack: float) -> None:
        self.known |= self.upper & (reduced > -slack)

    def _grow(self, choice: Choice, enough: float) -> bool:
        gaining = self.upper & ~self.known & (choice.reduced > ENOUGH)
        one, other = np.nonzero(gaining)
        if not len(one) or choice.bound - choice.value < enough:
            return False
        most = 12 * self.graph.size
        if len(one) > most:
            best = np.argsort(-choice.reduced[one, other], kind="stable")[:most]
            one, other = one[best], other[best]
        self.known[one, other] = True
        return True

    def _programme(self, question: Question, pairs: Ints) -> Programme:
        """Rows: degrees, total, floors. Columns: pairs, missing meetings, floor or what misses it."""
        n, m = self.graph.size, len(pairs)
        value = self.value[pairs[:, 0], pairs[:, 1]]
        both, columns = pairs.T.ravel(), np.tile(np.arange(m), 2)
        degree = sp.csr_matrix((np.ones(2 * m), (both, columns)), shape=(n, m))
        blocks = [[degree, sp.eye(n, n + 1), None], [np.ones((1, m)), sp.csr_matrix(np.eye(1, n + 1, n)), None]]
        low: list[Floats] = [question.low.astype(float), np.array([float(question.least)])]
        high: list[Floats] = [question.high.astype(float), np.array([float(question.most)])]
        gain: list[Floats] = [question.worth * value, np.full(n + 1, -MISSING if question.spared is None else 0.0)]
        top: list[Floats] = [np.ones(m), np.append(question.low, question.least).astype(float)]
        if question.spared is not None:
            blocks.append([sp.csr_matrix((1, m)), np.ones((1, n + 1)), None])
            low.append(np.array([-np.inf]))
            high.append(np.array([float(question.spared)]))
        if question.floor is not None or question.rising:
            who = self.counted
            part = sp.csr_matrix((np.tile(value, 2) / self.scale[both], (both, columns)), shape=(n, m))[who]
            k = len(who)
            side = sp.csr_matrix(-np.ones((k, 1))) if question.rising else sp.eye(k)
            blocks[0][2] = sp.csr_matrix((n, side.shape[1]))
            blocks.append([part, sp.csr_matrix((k, n + 1)), side])
            low.append((question.floor or 0.0) - self.graph.gained[who] / self.scale[who])
            high.append(np.full(k, np.inf))
            gain.append(np.full(side.shape[1], question.share if question.rising else -question.share))
            top.append(np.full(side.shape[1], 2.0))
        width = 3 if len(gain) == 3 else 2
        rows = sp.bmat([block[:width] for block in blocks], format="csr")
        return Programme(np.concatenate(gain), rows, np.concatenate(low), np.concatenate(high), np.concatenate(top))

    @property
    def counted(self) -> Ints:
        """Whose satisfaction can be low: people with a benefit to gain."""
        return np.flatnonzero(self.graph.best > 0)

    @property
    def scale(self) -> Floats:
        """The denominators of satisfaction, 1 where there is nothing to gain."""
        return np.maximum(self.graph.best, 1).astype(float)

    def _read(self, question: Question, pairs: Ints, answer: Answer) -> Choice:
        """Round the prices to a grain in which sums of doubles are exact, then price every pair and add up."""
        n, m = self.graph.size, len(pairs)
        prices = np.round(answer.prices * GRAIN) / GRAIN
        programme = self._programme(question, pairs)
        worth = np.full(n, question.worth / 2)
        if question.floor is not None or question.rising:
            who = self.counted
            floors = n + 1 + (question.spared is not None)
            worth[who] -= np.round(prices[floors : floors + len(who)] / self.scale[who] * GRAIN) / GRAIN
        node = prices[:n] + prices[n] / 2
        reduced = self.value * (worth[:, None] + worth[None, :]) - node[:, None] - node[None, :]
        sides = np.nan_to_num(np.where(prices > 0, programme.high, programme.low), posinf=0.0, neginf=0.0)
        rest = programme.gain[m:] - programme.rows[:, m:].T @ prices
        bound = (
            (prices * sides).sum()
            + np.maximum(reduced[self.upper], 0).sum()
            + (np.maximum(rest, 0) * programme.top[m:]).sum()
        )
        missing = float(answer.x[m : m + n + 1].sum())
        return Choice(pairs, answer.x[:m], reduced, answer.value, float(bound), missing, worth)


def resting_prices(graph: MeetingGraph, steps: int = 40) -> Floats:
    """Approximate the price of a person's time, so that about `caps` partners are worth it for each.

    Damped fixed point of "my price lies between my cap-th and my next best offer, given the others' prices":
    Gauss-Jacobi on the dual of the b-matching, cheap and good enough to pick the first columns.

    Returns
    -------
    (n,) float
        In benefit points.
    """
    n = graph.size
    prices = np.zeros(n)
    offers = np.where(graph.allowed, graph.benefit.astype(np.float32), np.float32(-4000))
    cap = np.clip(graph.caps, 1, n - 1)
    ranks = sorted(set(cap.tolist()) | set((cap - 1).tolist()))
    for _ in range(steps):
        sorted_part = -np.partition(-(offers - prices[None, :].astype(np.float32)), ranks, axis=1)
        middle = (sorted_part[np.arange(n), cap - 1] + sorted_part[np.arange(n), np.minimum(cap, n - 1)]) / 2
        prices = (prices + np.maximum(middle, -1000.0)) / 2
    return np.where(graph.caps > 0, prices, 2000.0)
