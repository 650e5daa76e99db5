"""Another choice, as good but for a few points, without a meeting that finds no round.

The meeting (b, a) is given up, a meets c in place of it, who no longer meets d, who meets …, who meets b: an
alternating cycle of the meeting graph, found layer by layer as a shortest path is (Bellman 1958, Ford 1956). Everybody
keeps the number of meetings.
"""

import random

import numpy as np

from matcher.graph import Bools, Floats, Ints, MeetingGraph

MEETINGS = 4
TIE = 0.4

Pair = tuple[int, int]


class Detours:
    """Ways round meetings that cannot be held; a meeting once given up is not taken up again.

    Attributes
    ----------
    met : (n, n) bool
        Who meets whom.
    gained : (n,) int
        Everybody's benefit, locked meetings included.
    need : (n,) float
        The benefit below which nobody is pushed.
    """

    def __init__(self, graph: MeetingGraph, pairs: Ints, need: Floats, rng: random.Random) -> None:
        self.graph = graph
        self.met: Bools = np.zeros((graph.size, graph.size), dtype=np.bool_)
        self.met[pairs[:, 0], pairs[:, 1]] = self.met[pairs[:, 1], pairs[:, 0]] = True
        self.gained: Ints = (graph.benefit * self.met).sum(1) + graph.gained
        self.need = need
        self.rng = np.random.default_rng(rng.randrange(1 << 30))
        self.open: Bools = graph.allowed & ~self.met

    def around(self, pair: Pair) -> tuple[list[Pair], list[Pair]]:
        """Give up a meeting at the least loss: the meetings that go, and those that come; none where none is found."""
        cycles = [self._cycle(*ends) for ends in (pair, pair[::-1])]
        loss, cycle = min(cycles, key=lambda one: one[0])
        if not np.isfinite(loss):
            return [], []
        places = range(0, len(cycle), 2)
        gone = [_ordered(cycle[place], cycle[place + 1]) for place in places]
        come = [_ordered(cycle[place + 1], cycle[(place + 2) % len(cycle)]) for place in places]
        for held, pairs in ((False, gone), (True, come)):
            for one, other in pairs:
                self.met[one, other] = self.met[other, one] = held
                self.open[one, other] = self.open[other, one] = False
                self.gained[[one, other]] += (1 if held else -1) * self.graph.benefit[one, other]
        return gone, come

    def _cycle(self, last: int, first: int) -> tuple[float, list[int]]:
        """The cheapest cycle ``last, first, c, d, …`` of which (last, first), (c, d), … are given up."""
        worth = self.graph.benefit.astype(float)
        taken = np.where(self.open, -worth + self.rng.uniform(0, TIE, worth.shape), np.inf)
        given = np.where(self.met, worth, np.inf)
        lacking = np.full(len(worth), np.inf)
        lacking[first] = worth[last, first]
        back: list[tuple[Ints, Ints]] = []
        best: tuple[float, list[int]] = (np.inf, [])
        for _ in range(MEETINGS):
            total = lacking[:, None] + taken
            before: Ints = total.argmin(0)
            joined = total[before, np.arange(len(worth))]
            cycle = [last, *_path(back, int(before[last]))]
            if joined[last] < best[0] and self._fits(cycle):
                best = float(joined[last]), cycle
            through = joined[:, None] + given
            via: Ints = through.argmin(0)
            lacking = through[via, np.arange(len(worth))]
            back.append((before, via))
        return best

    def _fits(self, cycle: list[int]) -> bool:
        """Whether nobody is in it twice, and nobody below the need falls, or below it."""
        worth = self.graph.benefit
        after = np.roll(cycle, -1), np.roll(cycle, 1)
        if len(set(cycle)) < len(cycle) or len(cycle) < 4:
            return False
        here = np.array(cycle)
        even = np.arange(len(cycle)) % 2 == 0
        change = np.where(
            even, worth[here, after[1]] - worth[here, after[0]], worth[here, after[0]] - worth[here, after[1]]
        )
        return bool(np.all((change >= 0) | (self.gained[here] + change >= self.need[here])))


def _path(back: list[tuple[Ints, Ints]], end: int) -> list[int]:
    """Walk back from somebody who lacks a meeting to the first one: ``first, c, d, …, end``."""
    path = [end]
    for before, via in reversed(back):
        c = int(via[path[0]])
        path[:0] = [int(before[c]), c]
    return path


def _ordered(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)
