"""The worst-off in small rooms: how high the floor can be in whole meetings, sought and bounded by branch and bound.

Exchanges stop short of the best floor, and the linear programme promises more than whole meetings can keep. In a small
room both gaps close, in a larger one the first of them narrows. At a given floor many meetings are ruled out, because
one partner of little benefit would leave a person below it however good the others are; where a price is set, what is
too dear by its reduced gain goes as well (reduced cost fixing: Dantzig, Fulkerson and Johnson 1954). What is left,
branch and bound decides.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.pairs.columns import Question
from matcher.choose.pairs.exchange import Holding
from matcher.graph import Bools, Floats, Ints, MeetingGraph
from matcher.solver import NEVER, Deadline, OutOfTime, Programme, decided, linear

NODES = 1
CLOSE = 0.004
WIDTH = 8
NARROW, MIDDLE, BROAD, WIDE = 4, 10, 12, 16
STEPS = 6
FINE = 0.01
AGAIN = 2
BEYOND = 1.009
LIFT = 0.01
LIFTS, MANY = 3, 1_100
TRIES, TRIES_OF_MANY, LEAST_LEAP = 8, 3, 0.004
ABOVE, LOOSELY, NEARLY = 0.003, 0.98, 0.998
HALVINGS = 6
NEAREST = 8
SHARES = (0.99, 0.98, 0.97, 0.96, 0.95)
DOUBTFUL = 0.95
OPEN = 15_000
TINY, SMALL = 45, 70
GRAIN = 1e-6


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought: everybody at `floor`, `least` benefit in all, by the `width` nearest meetings per person.

    Without `least` at any price, without `width` by all meetings that there are; with `each`, so many of everybody's
    own nearest meetings are open too.
    """

    floor: float
    least: float | None = None
    width: int | None = None
    each: int = 0


@dataclass(frozen=True, slots=True)
class Small:
    """A small room: what is open, and everybody's fewest and most meetings."""

    graph: MeetingGraph
    question: Question

    def raised(self, pairs: Ints, top: float, least: float, deadline: Deadline = NEVER) -> Ints:
        """Search for a higher floor, halving what lies between the reached and the possible.

        Parameters
        ----------
        pairs : (m, 2) int
            Where the search starts.
        top : float
            A proven upper bound on the lowest satisfaction.
        least : float
            The least total benefit.
        deadline : Deadline
            After it no further floor is tried.

        Returns
        -------
        (m, 2) int
            Meetings that fit the question, with this benefit and a higher floor; or `pairs`, where none were found.
        """
        best, reached, beyond = pairs, Holding(self.graph, pairs).lowest(), top
        for _ in range(STEPS):
            if beyond - reached < FINE * top or deadline.over():
                break
            floor = (reached + beyond) / 2
            found, _ = self.decide(Sought(floor, least, WIDTH, NEAREST), deadline)
            if found is None:
                beyond = floor
            else:
                best, reached = found, Holding(self.graph, found).lowest()
        for _ in range(AGAIN if self.graph.size <= SMALL else 0):
            if BEYOND * reached > top or deadline.over():
                break
            found, _ = self.decide(Sought(BEYOND * reached, least), deadline)
            if found is None:
                break
            best, reached = found, Holding(self.graph, found).lowest()
        return best

    def bound(self, top: float, reached: float, deadline: Deadline = NEVER) -> float:
        """Lower a bound on the lowest satisfaction, at any price, as far as it is soon proven to be out of reach.

        The more pairs are open, the fewer steps are tried; and only a tiny room is asked on where what is reached is
        near already.
        """
        proven, pairs = top, int(self.graph.allowed.sum()) // 2
        for share in SHARES[: OPEN // max(pairs, 1)]:
            likely = self.graph.size > TINY and reached >= DOUBTFUL * proven
            if share * top <= reached or likely or deadline.over():
                break
            if not self.decide(Sought(share * top), deadline)[1]:
                break
            proven = share * top
        return proven

    def decide(self, sought: Sought, deadline: Deadline = NEVER) -> tuple[Ints | None, bool]:
        """Find meetings at a floor, or prove that there are none.

        Returns
        -------
        tuple of ((m, 2) int or None, bool)
            The meetings, the most beneficial of those that were found; and whether it is proven that there are none.
        """
        may = self._may(sought.floor)
        if may is None:
            return None, True
        pairs = np.argwhere(np.triu(may, 1))
        programme = self._programme(pairs, sought)
        with suppress(OutOfTime):
            answer = linear(programme, presolve=False, deadline=deadline)
            if answer is None:
                return None, True
            reduced = np.abs(programme.gain - programme.rows.T @ answer.prices)[: len(pairs)]
            near = _nearest(pairs, reduced, self.graph.size) <= sought.each
            kept, narrow = _narrowed((reduced, near), answer.value - (sought.least or 0.0), sought, self.graph.size)
            return self._whole(programme, pairs, (answer.x, kept), deadline, narrow=narrow)
        return None, False

    def _whole(
        self, programme: Programme, pairs: Ints, fixed: tuple[Floats, Bools], deadline: Deadline, *, narrow: bool
    ) -> tuple[Ints | None, bool]:
        """Decide the columns that are not fixed to what the linear programme takes of them."""
        x, kept = fixed
        m = len(pairs)
        settled = np.append(kept, np.zeros(len(x) - m, np.bool_))
        taken = np.where(settled, np.round(x), 0.0)
        have = programme.rows @ taken
        rows = programme.rows.tocsc()[:, ~settled].tocsr()
        rest = Programme(
            programme.gain[~settled], rows, programme.low - have, programme.high - have, programme.top[~settled]
        )
        found, none = decided(rest, nodes=NODES, gap=CLOSE, deadline=deadline)
        if found is None:
            return None, none and not narrow
        taken[~settled] = found.x
        return pairs[taken[:m] > 0.5], False

    def _need(self, floor: float) -> Ints:
        """The open benefit that everybody needs for a floor; benefits are whole, so it is as well."""
        need = np.ceil(floor * self.graph.best - GRAIN) - self.graph.gained
        return np.asarray(np.where(self.graph.best > 0, need, 0), dtype=np.int64)

    def _may(self, floor: float) -> Bools | None:
        """The pairs that can be part of an answer, or None: with the best others both people reach the floor."""
        graph, need, most = self.graph, self._need(floor), self.question.high
        every = np.arange(graph.size)
        may = graph.allowed
        while True:
            worth = np.where(may, graph.benefit, 0)
            ranked = -np.sort(-worth, axis=1)
            sums = np.concatenate([np.zeros((graph.size, 1), np.int64), np.cumsum(ranked, axis=1)], axis=1)
            full, others = sums[every, most], sums[every, np.maximum(most - 1, 0)]
            if (full < need).any():
                return None
            reach = np.minimum(others[:, None] + worth, full[:, None])
            lasting = may & (reach >= need[:, None]) & (need[None, :] <= reach.T)
            if np.array_equal(lasting, may):
                return may
            may = lasting

    def _programme(self, pairs: Ints, sought: Sought) -> Programme:
        """Rows: degrees, total, misses, floors, budget. Columns: pairs, meetings missing below the fewest."""
        question, graph, n, m = self.question, self.graph, self.graph.size, len(pairs)
        worth = graph.benefit[pairs[:, 0], pairs[:, 1]].astype(float)
        both, columns = pairs.T.ravel(), np.tile(np.arange(m), 2)
        degree = sp.csr_matrix((np.ones(2 * m), (both, columns)), shape=(n, m))
        gained = sp.csr_matrix((np.tile(worth, 2), (both, columns)), shape=(n, m))
        blocks = [[degree, sp.eye(n)], [np.ones((1, m)), None], [None, np.ones((1, n))], [gained, None]]
        low = [question.low, np.array([question.least]), np.zeros(1), self._need(sought.floor)]
        high = [question.high, np.array([question.most]), np.array([question.spared or 0]), np.full(n, np.inf)]
        if sought.least is not None:
            blocks.append([worth[None, :], None])
            low.append(np.array([sought.least]))
            high.append(np.array([np.inf]))
        missing = question.low if question.spared else np.zeros(n)
        sides = [np.concatenate(side).astype(float) for side in (low, high)]
        top = np.append(np.ones(m), missing).astype(float)
        return Programme(np.append(worth, np.zeros(n)), sp.bmat(blocks, format="csr"), sides[0], sides[1], top)


@dataclass(frozen=True, slots=True)
class Price:
    """The `least` benefit that must remain, and how much of it the linear programme keeps at a floor."""

    least: float
    kept: Callable[[float], float]

    def floor(self, low: float, high: float, above: float) -> tuple[float, float]:
        """Return the highest floor from `low` to `high` that keeps `above` more than the least, and what it keeps."""
        aim, keeps, trial = low, 0.0, high
        for _ in range(HALVINGS):
            kept = self.kept(trial)
            if kept >= self.least + above:
                aim, keeps, low = trial, kept, trial
            else:
                high = trial
            if low == high:
                break
            trial = (low + high) / 2
        return aim, keeps


def lift_lowest(room: Small, pairs: Ints, goal: float, *, price: Price, deadline: Deadline = NEVER) -> Ints:
    """Raise the floor of a larger room: step by step at the price, then at once to what should be affordable.

    With very many meetings each step goes half of what is left to a little beyond the goal.

    Returns
    -------
    (m, 2) int
        Meetings that fit the question, with this benefit and a higher floor, about `goal` at most; or `pairs`.
    """
    many = len(pairs) > MANY
    width, each = (MIDDLE, MIDDLE) if many else (NARROW, NEAREST)
    best, step, tries = pairs, LIFT * goal, TRIES_OF_MANY if many else TRIES
    for _ in range(LIFTS):
        reached = Holding(room.graph, best).lowest()
        if reached >= NEARLY * goal or step < LIFT * goal / 3 or deadline.over():
            break
        aim = (reached + BEYOND * goal) / 2 if many else min(reached + step, goal)
        tries -= 1
        found, _ = room.decide(Sought(aim, price.least, width, each), deadline)
        if found is None:
            step = 0.0 if many else step / 2
        else:
            best = found
    return _leapt(room, best, (goal, tries), price=price, deadline=deadline)


def _leapt(room: Small, pairs: Ints, way: tuple[float, int], *, price: Price, deadline: Deadline) -> Ints:
    """Raise the floor at a looser price, as the price itself can keep branch and bound from finding anything.

    How much more whole meetings cost than the linear programme is learnt from one try to the next.
    """
    goal, tries = way
    best, above, reached = pairs, ABOVE * price.least, Holding(room.graph, pairs).lowest()
    beyond, width = np.inf, BROAD
    for _ in range(tries):
        if reached >= NEARLY * goal or deadline.over():
            break
        aim, keeps = price.floor(reached, min(goal, (reached + beyond) / 2), above)
        if aim < min(reached + LEAST_LEAP * goal, NEARLY * goal):
            break
        found, _ = room.decide(Sought(aim, LOOSELY * price.least, width, width), deadline)
        if found is None:
            beyond, width = (aim if width == WIDE else beyond), WIDE
        elif (held := Holding(room.graph, found)).benefit < price.least:
            above = keeps - held.benefit
        else:
            best, reached = found, held.lowest()
    return best


def _narrowed(distance: tuple[Floats, Bools], slack: float, sought: Sought, size: int) -> tuple[Bools, bool]:
    """Which columns stay as they are, and whether an answer could be lost by that.

    With a least benefit a column whose reduced gain is further from 0 than what may be given up is decided.
    """
    reduced, near = distance
    decided_by_price = reduced > slack + GRAIN if sought.least is not None else np.zeros(len(reduced), np.bool_)
    if sought.width is None or sought.width * size >= len(reduced):
        return decided_by_price, False
    far = reduced > np.sort(reduced)[sought.width * size]
    return decided_by_price | (far & ~near), True


def _nearest(pairs: Ints, distance: Floats, size: int) -> Ints:
    """The rank of each pair among those of either of its people, by distance; the lower one, from 1."""
    both, twice = pairs.T.ravel(), np.tile(distance, 2)
    order = np.lexsort((twice, both))
    first = np.searchsorted(both[order], np.arange(size))
    rank = np.empty(len(both), np.int64)
    rank[order] = np.arange(len(both)) - first[both[order]] + 1
    lower: Ints = rank.reshape(2, -1).min(0)
    return lower
