"""Exchange of partners among chosen meetings: everybody keeps the number of meetings, somebody gains.

Two meetings (w, a), (c, d) become (w, c), (a, d); three become (w, c), (d, x), (y, a) where (x, y) was the third: the
alternating cycles of length four and six of the meeting graph. All ends are judged at once, as arrays.
"""

import numpy as np

from matcher.graph import Bools, Floats, Ints, MeetingGraph

BARRED = -1e9
SECOND = 40
THIRD = 240
EFFORT = 4_000

Move = tuple[float, list[int]]


def _gain(move: Move) -> float:
    return move[0]


class Holding:
    """Chosen meetings and what everybody has of them.

    Attributes
    ----------
    met : (n, n) bool
        Who meets whom, by the open meetings.
    gained : (n,) int
        Everybody's benefit, locked meetings included.
    need : (n,) float
        The benefit each person should have: floor times the best alone.
    benefit : int
        Benefit of the open meetings.
    """

    def __init__(self, graph: MeetingGraph, pairs: Ints) -> None:
        self.graph = graph
        self.worth = graph.benefit
        self.met: Bools = np.zeros((graph.size, graph.size), dtype=np.bool_)
        self.met[pairs[:, 0], pairs[:, 1]] = self.met[pairs[:, 1], pairs[:, 0]] = True
        self.gained: Ints = (self.worth * self.met).sum(1) + graph.gained
        self.need: Floats = np.zeros(graph.size)
        self.scale: Floats = np.maximum(graph.best, 1).astype(float)
        self.benefit = int((self.gained - graph.gained).sum()) // 2
        self._edges: Ints | None = None

    def set_floor(self, floor: float) -> None:
        """Let everybody need at least this satisfaction."""
        self.need = np.where(self.graph.best > 0, floor * self.scale, 0.0)

    @property
    def pairs(self) -> Ints:
        """The meetings, shape (m, 2), sorted."""
        return np.argwhere(np.triu(self.met, 1))

    @property
    def edges(self) -> Ints:
        """The meetings from both sides, shape (2 m, 2)."""
        if self._edges is None:
            self._edges = np.column_stack(np.divmod(np.flatnonzero(self.met), self.graph.size))
        return self._edges

    def satisfaction(self) -> Floats:
        """Everybody's satisfaction, 1 where there is nothing to gain."""
        return np.where(self.graph.best > 0, self.gained / self.scale, 1.0)

    def lowest(self) -> float:
        """The lowest satisfaction."""
        return float(self.satisfaction().min(initial=1.0))

    def least(self) -> Floats:
        """What each person may not fall below."""
        return np.minimum(self.gained, self.need)

    def turn(self, cycle: list[int]) -> bool:
        """Exchange along a cycle of people: held meetings (0, 1), (2, 3), … become (1, 2), (3, 4), …, (last, 0).

        An odd number of people is an open path: the first then rests in place of the last.
        """
        for place in range(0, len(cycle) - 1, 2):
            self.change(cycle[place], cycle[place + 1], held=False)
        for place in range(1, len(cycle), 2):
            self.change(cycle[place], cycle[(place + 1) % len(cycle)], held=True)
        return bool(cycle)

    def change(self, one: int, other: int, *, held: bool) -> None:
        """Take up a meeting, or give it up."""
        self.met[one, other] = self.met[other, one] = held
        self.benefit += (1 if held else -1) * int(self.worth[one, other])
        self._edges = None
        self.gained[[one, other]] += (1 if held else -1) * self.worth[one, other]


class Exchange(Holding):
    """Moves under a floor: they never push anybody below it, nor lower who is below it already.

    Attributes
    ----------
    effort : int
        How many exchanges of three meetings may still be looked for.
    """

    def __init__(self, graph: MeetingGraph, pairs: Ints) -> None:
        super().__init__(graph, pairs)
        self.effort = EFFORT

    def lift(self, who: int, target: float, spare: float) -> bool:
        """Bring one person's benefit to `target` at the least loss of total benefit, at most `spare`."""
        edges = self.edges
        best: Move = max((-spare - 1e-9, []), self._path(who, edges, target), key=_gain)
        mates = np.flatnonzero(self.met[who]).tolist()
        for mate in mates:
            best = max(best, self._four(who, mate, edges, target), key=_gain)
        for mate in mates if not best[1] and self.effort > 0 else []:
            best = max(best, self._six(who, mate, edges, target), key=_gain)
        return self.turn(best[1])

    def win_back(self, who: int, before: Bools) -> bool:
        """Exchange two meetings of `who` and others for more benefit, above the floor, nearer to `before` or not.

        Where `before` was the most beneficial choice of all, every exchange that gains takes up a meeting of it, or
        gives up one that is not of it: only such are tried.
        """
        edges, worth = self.edges, self.worth
        c, d = edges[:, 0], edges[:, 1]
        lost = (before[who] & ~self.met[who])[c]
        half = worth[who, c] - worth[c, d]
        target = float(self.least()[who])
        best: Move = (0.5, [])
        for mate in np.flatnonzero(self.met[who]).tolist():
            gains = half + worth[mate, d] > best[0] + worth[who, mate]
            tried = edges.take(np.flatnonzero(gains & lost if before[who, mate] else gains), axis=0)
            if len(tried):
                best = max(best, self._four(who, mate, tried, target), key=_gain)
        return self.turn(best[1])

    def _start(self, who: int, mate: int, edges: Ints, target: float) -> Ints:
        """The held meetings (c, d) that can open for `who` to meet c in place of `mate`."""
        worth = self.worth
        welcome = self.graph.allowed[who] & ~self.met[who]
        welcome &= self.gained[who] + worth[who] - worth[who, mate] >= target
        found = edges.take(np.flatnonzero(welcome[edges[:, 0]]), axis=0)
        c, d = found[:, 0], found[:, 1]
        fits = self.gained[c] + worth[who, c] - worth[c, d] >= self.least()[c]
        fitting: Ints = found.take(np.flatnonzero(fits & (d != mate)), axis=0)
        return fitting

    def _path(self, who: int, edges: Ints, target: float) -> Move:
        """Let `who` meet c, and d rest in place of `who`, where that leaves as few people out."""
        if self.met[who].sum() >= self.graph.caps[who]:
            return BARRED, []
        worth, gained, least = self.worth, self.gained, self.least()
        total = self.met.sum(1) + self.graph.held
        found = edges[(self.graph.allowed[who] & ~self.met[who])[edges[:, 0]]]
        c, d = found[:, 0], found[:, 1]
        fits = (total[d] == total[who] + 1) & (gained[who] + worth[who, c] >= target)
        fits &= (gained[c] + worth[who, c] - worth[c, d] >= least[c]) & (gained[d] - worth[c, d] >= least[d])
        if not fits.any():
            return BARRED, []
        gain = np.where(fits, worth[who, c] - worth[c, d], BARRED)
        at = int(np.argmax(gain))
        return float(gain[at]), [int(d[at]), int(c[at]), who]

    def _four(self, who: int, mate: int, edges: Ints, target: float) -> Move:
        found = self._start(who, mate, edges, target)
        worth, c, d = self.worth, found[:, 0], found[:, 1]
        least, gained = self.least(), self.gained
        fits = self.graph.allowed[mate, d] & ~self.met[mate, d]
        fits &= gained[mate] + worth[mate, d] - worth[who, mate] >= least[mate]
        fits &= gained[d] + worth[mate, d] - worth[c, d] >= least[d]
        if not fits.any():
            return BARRED, []
        gain = np.where(fits, worth[who, c] + worth[mate, d] - worth[who, mate] - worth[c, d], BARRED)
        at = int(np.argmax(gain))
        return float(gain[at]), [mate, who, int(c[at]), int(d[at])]

    def _six(self, who: int, mate: int, edges: Ints, target: float) -> Move:
        """The best exchange of three meetings, among the most promising second and third ones."""
        worth, least, gained = self.worth, self.least(), self.gained
        second = self._start(who, mate, edges, target)
        third = edges[self._end(who, mate, edges)]
        self.effort -= 1
        if not len(second) or not len(third):
            return BARRED, []
        first_gain = worth[who, second[:, 0]] - worth[second[:, 0], second[:, 1]]
        last_gain = worth[mate, third[:, 1]] - worth[third[:, 0], third[:, 1]]
        second_at = np.argsort(-first_gain, kind="stable")[:SECOND]
        third_at = np.argsort(-last_gain, kind="stable")[:THIRD]
        c, d = second[second_at, 0][:, None], second[second_at, 1][:, None]
        x, y = third[third_at, 0][None, :], third[third_at, 1][None, :]
        bridge = worth[d, x]
        fits = self.graph.allowed[d, x] & ~self.met[d, x] & (x != c) & (y != c) & (y != d)
        fits &= gained[x] - worth[x, y] + bridge >= least[x]
        fits &= gained[d] - worth[c, d] + bridge >= least[d]
        gain = np.where(fits, bridge + first_gain[second_at][:, None] + last_gain[third_at][None, :], BARRED)
        at = np.unravel_index(int(np.argmax(gain)), gain.shape)
        if gain[at] <= BARRED:
            return BARRED, []
        cycle = [mate, who, int(c[at[0], 0]), int(d[at[0], 0]), int(x[0, at[1]]), int(y[0, at[1]])]
        return float(gain[at] - worth[who, mate]), cycle

    def _end(self, who: int, mate: int, edges: Ints) -> Bools:
        """Which held meetings (x, y) can open for `mate` to meet y."""
        worth, x, y = self.worth, edges[:, 0], edges[:, 1]
        fits = self.graph.allowed[mate, y] & ~self.met[mate, y] & (x != who) & (y != who) & (x != mate)
        fits &= self.gained[mate] + worth[mate, y] - worth[who, mate] >= self.least()[mate]
        fits &= self.gained[y] + worth[mate, y] - worth[x, y] >= self.least()[y]
        return np.asarray(fits, dtype=np.bool_)
