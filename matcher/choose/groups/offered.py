"""Shares of listed ways for one question, and whole ways: who is in which group and sits when.

Ways that gain at the prices of places join a linear programme until none does (Dantzig and Wolfe 1960, a block per
person). What the best ways of all gain at given prices bounds the answer, and how far a way stays behind the best of
its person is what its choice costs at least. So whole ways are sought among the cheapest, and that none of the others
is in a better answer is proven, where the answer is near enough to the bound.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.listed import SHUT, Listed, Sought, Tolls
from matcher.choose.groups.ways import Wanted, taken
from matcher.choose.rows import incidence
from matcher.choose.stations.graph import Ints
from matcher.solver import NEVER, Deadline, Floats, Programme, branched, linear

STEPS, NODES = 40, 40
AT_ONCE = 3  # groups of each person in which a way joins in one step
SPREAD = 3
POOL = 12
KEPT = 3, 6  # ways of each person among which whole ones are sought, on average
FEWEST = 1_500
MUCH = 0.005
DEAR = 100.0  # how much dearer it is to miss what must be than what one round can gain
NEARLY = 1e-6
SURELY = 1e-4


@dataclass(frozen=True, eq=False)
class Chosen:
    """Whole ways.

    Attributes
    ----------
    ways : (m,) int or None
        Their numbers in the list; None where nothing was found.
    value : float
        What they count.
    bound : float
        What no ways can exceed; less than everything where it is proven that there are none.
    """

    ways: Ints | None
    value: float
    bound: float


class Offer:
    """One question about listed ways, `known` ones to begin with, and those that were the best so far.

    Attributes
    ----------
    bound : float
        What no whole ways can exceed.
    possible : bool
        Whether shares of ways were found that leave nothing missing.
    prices : Tolls
        At which the bound was proven.
    """

    def __init__(self, listed: Listed, wanted: Wanted, sought: Sought, known: tuple[Ints, Ints]) -> None:
        self.listed, self.wanted, self.sought = listed, wanted, sought
        self.bound, self.possible = np.inf, False
        self.value = -np.inf
        h, rounds = listed.room.shape
        self.prices = Tolls(0 * listed.room, np.zeros(rounds), np.zeros((len(listed.rivals), h, rounds)))
        self.behind: Floats = np.empty(0)
        self.known, self.best = (ways[sought.open.ravel()[ways]] for ways in known)
        self.used: Ints = np.empty(0, np.int64)

    def share(self, *, prices: Tolls | None = None, near: float = 0.0, enough: float = -np.inf) -> None:
        """Let ways join until the bound is within a share `near` of what is reached, or low `enough`.

        With nothing to gain it is asked whether there are any ways: then what is missing is least, and a bound below 0
        proves that there are none.
        """
        if self.sought.nothing:
            self.bound = -np.inf
            return
        prices, paid = prices or self.prices, np.full(self.listed.graph.size, -np.inf)
        asking = self.wanted.benefit == 0 and not self.wanted.levels.any()
        for _ in range(STEPS):
            left = self._judge(prices)
            new = self._join(left, paid)
            near_enough = self.bound - self.value <= near * abs(self.value) + NEARLY or new == 0
            if np.isfinite(self.value) and (near_enough or (asking and self.possible)):
                break
            if self.bound < (-SURELY if asking else enough):
                break
            prices, paid = self._solved()

    def whole(self, least: float = -np.inf, *, gap: float = 0.0, deadline: Deadline = NEVER) -> Chosen:
        """Choose whole ways among those that cost least, where more than `least` can be gained.

        Within a share `gap` of the best is good enough. Where much is, very few ways are tried first.
        """
        chosen = Chosen(None, -np.inf, self.bound)
        if self.bound < least or self.sought.nothing:
            return chosen
        for kept in KEPT if gap >= MUCH else KEPT[1:]:
            chosen = self._within(kept, gap, deadline)
            if chosen.ways is not None or chosen.bound == -np.inf or deadline.over():
                break
        return chosen

    def _within(self, kept: int, gap: float, deadline: Deadline) -> Chosen:
        """Choose whole ways among so many of each person, on average."""
        some, dearest = self._cheapest(max(kept * self.listed.graph.size, FEWEST))
        programme = _programme(self, some, missing=False)
        tried = branched(programme, nodes=NODES, gap=gap, deadline=deadline)
        others = self.bound - dearest
        if tried.found is None:
            return Chosen(None, -np.inf, others if tried.nothing else self.bound)
        value = float(programme.gain @ tried.found.x)
        ways = some[tried.found.x[: len(some)] > 0.5]
        return Chosen(ways, value, max(min(tried.bound, self.bound), others, value))

    def kept(self) -> Ints:
        """The known ways that cost least."""
        most = POOL * self.listed.graph.size
        if len(self.known) <= most or not len(self.behind):
            return self.known
        behind = self.behind[self.known]
        near: Ints = self.known[behind <= np.partition(behind, most)[most]]
        return near

    def _cheapest(self, most: int) -> tuple[Ints, float]:
        """The ways that cost least, and what each of the others costs at least; equal ones alike for everybody."""
        if len(self.behind) <= most:
            return np.flatnonzero(self.sought.open), np.inf
        dearest = float(np.partition(self.behind, most)[most])
        some = np.flatnonzero((self.behind <= dearest + NEARLY) & self.sought.open.ravel())
        if len(some) > SPREAD * most:
            some = some[np.argsort(np.round(self.behind[some], 3), kind="stable")]
            who = some // (len(self.behind) // self.listed.graph.size)
            by = np.argsort(who, kind="stable")
            rank = np.empty(len(some), np.int64)
            rank[by] = np.arange(len(some)) - np.searchsorted(who[by], who[by])
            some = some[np.argsort(rank, kind="stable")[:most]]
            dearest = 0.0
        together: Ints = np.union1d(np.union1d(some, self.used), self.best)
        return together, np.inf if dearest > -SHUT / 2 else dearest

    def _judge(self, prices: Tolls) -> Floats:
        """Prove a bound by these prices; what all ways have left at them, (n, h, k)."""
        listed = self.listed
        left = np.where(self.sought.open, listed.gains(self.wanted, prices), SHUT)
        best = left.max((1, 2))
        best = np.where(self.sought.must, best, np.maximum(best, 0.0))
        bound = float(
            best.sum() + (prices.places * listed.room).sum() + prices.rivals.sum() - prices.levels @ self.wanted.least
        )
        if bound < self.bound:
            self.bound, self.prices = bound, prices
            self.behind = (best[:, None, None] - left).ravel()
        return left

    def _join(self, left: Floats, paid: Floats) -> int:
        """Let the best ways of everybody join; how many are new."""
        h, k = left.shape[1:]
        best = left.max(2)
        top = np.argsort(-best, axis=1, kind="stable")[:, :AT_ONCE]
        gain = np.take_along_axis(best, top, 1)
        who, rank = np.nonzero((gain > paid[:, None] + NEARLY) & (gain > SHUT / 2))
        start = top[who, rank]
        ways = (who * h + start) * k + left[who, start].argmax(1)
        before = len(self.known)
        self.known = np.union1d(self.known, ways)
        return len(self.known) - before

    def _solved(self) -> tuple[Tolls, Floats]:
        """Share the known ways: prices, and what everybody is paid."""
        (h, rounds), n = self.listed.room.shape, self.listed.graph.size
        programme = _programme(self, self.known, missing=True)
        answer = linear(programme, presolve=False)
        assert answer is not None, "what is missing is paid for"
        self.value = answer.value
        self.used = self.known[answer.x[: len(self.known)] > NEARLY]
        self.possible = bool(answer.x[len(self.known) :].sum() < NEARLY)
        paid, places, levels, rivals = np.split(answer.prices, np.cumsum([n, h * rounds, rounds]))
        places, rivals = np.maximum(places, 0.0), np.maximum(rivals, 0.0)
        return Tolls(places.reshape(h, rounds), np.maximum(-levels, 0.0), rivals.reshape(-1, h, rounds)), paid


def _programme(offer: Offer, ways: Ints, *, missing: bool) -> Programme:
    """Rows: people, places, levels, rivals. Columns: ways, and if allowed what is missing of levels and people."""
    listed, (h, rounds), n = offer.listed, offer.listed.room.shape, offer.listed.graph.size
    who, start, place = np.unravel_index(ways, offer.sought.open.shape)
    seats = listed.seats[place]
    people, places = taken(who, start, seats, (n, h))
    rank, held = np.arange(rounds)[:, None], listed.graph.held[who]
    level = sp.csr_matrix(((rank >= held) & (rank < held + listed.number[place])).astype(float))
    rows = [people, places, level]
    rows += [places @ sp.diags((who == one).astype(float) + (who == two)) for one, two in listed.rivals]
    must, apart = np.flatnonzero(offer.sought.must), len(listed.rivals) * h * rounds
    lacking = np.append(n + h * rounds + np.arange(rounds), must)
    lack = incidence(lacking, n + h * rounds + rounds + apart)
    dear = DEAR * max(1000 * offer.wanted.benefit, float(offer.wanted.levels.max()), 1 / DEAR)
    total = np.concatenate([[0.0], np.cumsum(offer.wanted.levels)])
    after = np.minimum(held + listed.number[place], rounds)
    gain = offer.wanted.benefit * listed.worth[who, start, place] + total[after] - total[held]
    low = [offer.sought.must.astype(float), np.full(h * rounds, -np.inf), offer.wanted.least, np.full(apart, -np.inf)]
    high = [np.ones(n), listed.room.ravel(), np.full(rounds, np.inf), np.ones(apart)]
    top = np.append(offer.wanted.least, np.ones(len(must))) if missing else np.zeros(len(lacking))
    return Programme(
        np.append(gain, np.full(len(lacking), -dear)),
        sp.hstack([sp.vstack(rows), lack], format="csr"),
        np.concatenate(low),
        np.concatenate(high),
        np.append(np.ones(len(ways)), top),
    )
