"""How often people visit which host in a whole session: transportation programmes, whole by themselves.

Rounds do not matter here: a person has so many visits, a host so many places in all its rounds. Hosts send visits to
people, people to the steps of "at least 1, 2, 3, … visits", each host draws on the sizes of its table: every column
leads from one row to another, so the matrix is that of a network and its vertices are whole (Hoffman and Kruskal 1956).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.solver import NEVER, Answer, Deadline, Floats, Programme, linear

NEARLY = 1e-6
MISSING = 30_000.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a transport.

    Attributes
    ----------
    counts : (R,) int or None
        At least so many people with at least 1, 2, 3, … visits, locked ones included; None: as many as can be,
        whatever the benefit.
    level : int
        What the s-th visitor of one round costs, for each s: the higher, the evener are the hosts.
    low : (h,) int or None
        The fewest visits of each host; where a `level` is given, one missing costs 30,000.
    high : (h,) int or None
        The most visits of each host; None: as many as there are places.
    floor : float or None
        The least satisfaction; with `rising` it is raised instead of the benefit.
    """

    counts: Ints | None
    level: int = 0
    low: Ints | None = None
    high: Ints | None = None
    floor: float | None = None
    rising: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """Who visits whom.

    Attributes
    ----------
    x : (m,) float
        How much of each open visit: whole where no floor was asked.
    value, bound : float
        What is reached, and what no choice can exceed.
    hosts : (h,) float
        The price of a place at each host.
    push : (n,) float
        How much more everybody's benefit counts because of the floor.
    """

    x: Floats
    value: float
    bound: float
    hosts: Floats
    push: Floats


class Transport:
    """The visits open in a graph, and the programmes over them."""

    def __init__(self, graph: VisitGraph) -> None:
        self.graph = graph
        self.open: Ints = np.argwhere(graph.allowed)
        self.value: Floats = graph.benefit[graph.allowed].astype(float)
        m, (n, h) = len(self.open), graph.allowed.shape
        one = np.ones(m)
        self.by_person = sp.csr_matrix((one, (self.open[:, 0], np.arange(m))), shape=(n, m))
        self.by_host = sp.csr_matrix((one, (self.open[:, 1], np.arange(m))), shape=(h, m))
        self.most = int(np.minimum(graph.free.sum(0), graph.room.sum(0)).sum())

    def counts(self, visits: Ints) -> Ints:
        """How many people have at least 1, 2, 3, … visits with so many open ones each; shape (R,)."""
        have = visits + self.graph.held
        counts: Ints = (have[None, :] > np.arange(self.graph.rounds)[:, None]).sum(1).astype(np.int64)
        return counts

    def table(self, x: Floats) -> Bools:
        """Whole shares as a table (n, h)."""
        visits = np.zeros(self.graph.allowed.shape, np.bool_)
        visits[self.graph.allowed] = x > 0.5
        return visits

    def solve(self, ask: Ask, deadline: Deadline = NEVER) -> Sent | None:
        """Answer, or None where nothing fits; `OutOfTime` where a deadline struck."""
        programme = self._programme(ask)
        answer = linear(programme, deadline=deadline)
        if answer is None:
            return None
        n, h = self.graph.allowed.shape
        push, who = np.zeros(n), self.counted(ask)
        push[who] = -answer.prices[len(answer.prices) - len(who) :] / np.maximum(self.graph.best[who], 1)
        bound = proven(programme, answer)
        return Sent(answer.x[: len(self.open)], answer.value, bound, answer.prices[n : n + h], push)

    def counted(self, ask: Ask) -> Ints:
        """Whose satisfaction has a floor: people with a benefit to gain, where one is asked for."""
        return np.flatnonzero(self.graph.best > 0) if ask.rising or ask.floor is not None else np.empty(0, np.int64)

    def _programme(self, ask: Ask) -> Programme:
        """Rows: people, hosts, total, steps, floors. Columns: visits, steps, sizes, the floor."""
        graph, m = self.graph, len(self.open)
        n, h = graph.allowed.shape
        steps, sizes = self._steps(), self._sizes(ask.level)
        a, b = len(steps), len(sizes)
        who = self.counted(ask)
        scale = np.maximum(graph.best[who], 1).astype(float)
        part = (sp.diags(self.value) @ self.by_person.T[:, who] @ sp.diags(1 / scale)).T
        last = int(ask.rising)
        rows = sp.bmat(
            [
                [self.by_person, _minus(steps[:, 0], n), sp.csr_matrix((n, b)), sp.csr_matrix((n, last))],
                [self.by_host, None, _minus(sizes[:, 0], h), None],
                [np.ones((1, m)), None, None, None],
                [None, -_minus(steps[:, 1], graph.rounds), None, None],
                [part, None, None, -np.ones((len(who), last))],
            ],
            format="csr",
        )
        capacity = (graph.room.sum(1) if ask.high is None else ask.high).astype(float)
        exact = sizes[:, 0].size > 0
        low = np.zeros(h) if exact or ask.low is None else ask.low.astype(float)
        high = np.zeros(h) if exact else capacity
        already = self.counts(np.zeros(n, np.int64))
        need = np.zeros(graph.rounds) if ask.counts is None else np.maximum(ask.counts - already, 0)
        floors = (ask.floor or 0.0) - graph.gained[who] / scale
        lows = np.concatenate([np.zeros(n), low, [0.0], need, floors])
        highs = np.concatenate([np.zeros(n), high, [self.most], np.full(graph.rounds + len(who), np.inf)])
        gain = np.zeros(m + a + b + last)
        if ask.rising:
            gain[-1] = 1000.0
        elif ask.counts is None:
            gain[m : m + a] = graph.rounds - steps[:, 1]
        else:
            gain[:m] = self.value
            least = 0 if ask.low is None else -(-ask.low // np.maximum((graph.room > 0).sum(1), 1))[sizes[:, 0]]
            gain[m + a : m + a + b] = np.where(sizes[:, 1] <= least, MISSING, -ask.level * sizes[:, 1])
        top = np.concatenate([np.ones(m + a), sizes[:, 2], np.full(last, 2.0)])
        return Programme(gain, rows, lows, highs, top)

    def _steps(self) -> Ints:
        """Each further visit of a person as (person, how many came before, locked ones included)."""
        could = self.graph.could
        who = np.repeat(np.arange(self.graph.size), could)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(could) - could, could)
        return np.column_stack([who, nth + self.graph.held[who]]).astype(np.int64)

    def _sizes(self, level: int) -> Ints:
        """Where hosts are to be even, the s-th place of each as (host, s, in how many rounds there is one)."""
        room = self.graph.room
        if not level:
            return np.empty((0, 3), np.int64)
        taken = room.max(1, initial=0)
        table = [
            (host, s, int((room[host] >= s).sum())) for host in range(len(room)) for s in range(1, taken[host] + 1)
        ]
        return np.array(table, np.int64).reshape(-1, 3)


def _minus(rows: Ints, number: int) -> sp.csr_matrix:
    return sp.csr_matrix((-np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(number, len(rows)))


def proven(programme: Programme, answer: Answer) -> float:
    """Return what no point of a programme can exceed, from the prices alone (weak duality)."""
    sides = np.where(answer.prices > 0, programme.high, programme.low)
    prices = np.where(np.isfinite(sides), answer.prices, 0.0)
    reduced = programme.gain - programme.rows.T @ prices
    return float(
        (prices * np.where(np.isfinite(sides), sides, 0.0)).sum() + (np.maximum(reduced, 0) * programme.top).sum()
    )
