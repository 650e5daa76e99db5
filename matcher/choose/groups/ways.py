"""Shares of whole ways through the session: what no groups can exceed, and who is likely in which group.

A way is a group and the rounds in which a person sits with it. Everybody takes shares of ways (Dantzig and Wolfe 1960,
one block per person), so that nobody gathers a visit more in half of one group and a visit less in half of another: a
programme over single seats cannot see that. Ways are not listed. At given prices of places everybody's best way with
each group is found by sorting; those that gain join until nearly none does, and what the best ways of all gain then
bounds whatever groups there are (Lagrange).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.paths import Paths
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Answer, Deadline, Floats, Programme, linear

STEPS = 60
AT_ONCE = 2  # groups of each person in which a way joins in one step
KEPT = 20  # ways of each person that are kept, on average
LACKING = 1e6
NEARLY = 1e-6
NEVER_SEATED = -1e12


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be gained.

    Attributes
    ----------
    benefit : float
        What a point of benefit counts.
    levels : (R,) float
        What counts a person's having at least 1, 2, 3, … visits, where not all of these are locked.
    least : (R,) float
        How many people must have so many visits.
    """

    benefit: float
    levels: Floats
    least: Floats


@dataclass(frozen=True, eq=False)
class Shared:
    """Shares of ways.

    Attributes
    ----------
    joined : (n, h) float
        How much of everybody is in each group.
    value, bound : float
        What is gained, and what no groups can exceed.
    prices : (h, R) float
        What a place with each group costs in each round.
    paid : (n,) float
        What everybody gains at these prices.
    """

    joined: Floats
    value: float
    bound: float
    prices: Floats
    paid: Floats


@dataclass(frozen=True, eq=False)
class Best:
    """The best way of each person with each group: what it `gains`, its `number` of visits, rounds in their `order`."""

    gains: Floats
    number: Ints
    order: Ints


class Ways:
    """The ways known so far.

    Attributes
    ----------
    who, start : (k,) int
        Whose way it is, and with which group.
    seats : (k, R) bool
        In which rounds the person sits.
    room : (h, R) float
        The places that each group finds in each round.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths, self.graph = paths, paths.graph
        rounds = self.graph.rounds
        self.room: Floats = self.graph.room[paths.host, np.arange(rounds)[None, :]].astype(float)
        self.worth: Floats = self.graph.benefit[:, paths.host].astype(float)
        self.who: Ints = np.empty(0, np.int64)
        self.start: Ints = np.empty(0, np.int64)
        self.seats: Bools = np.empty((0, rounds), np.bool_)

    @property
    def alone(self) -> bool:
        """Whether places are all that people share: no host waits for several, nobody is kept apart."""
        return not self.graph.apart.any() and bool((self.graph.fewest <= 1).all())

    def gains(self, wanted: Wanted, who: Ints, start: Ints, seats: Bools) -> Floats:
        """What these ways count."""
        total = np.concatenate([[0.0], np.cumsum(wanted.levels)])
        held = self.graph.held[who]
        after = np.minimum(held + seats.sum(1), self.graph.rounds)
        return np.asarray(
            wanted.benefit * (self.worth[who, start] * seats).sum(1) + total[after] - total[held], np.float64
        )

    def best(self, wanted: Wanted, prices: Floats) -> Best:
        """Everybody's best way with each group where a place costs its price."""
        graph, (h, rounds) = self.graph, self.paths.host.shape
        net = np.where(self.paths.cells, wanted.benefit * self.worth - prices[None], NEVER_SEATED)
        for host in range(h if rounds > h else 0):
            again = net[:, :, host::h]
            again[again < again.max(2)[:, :, None]] = NEVER_SEATED
        order = np.argsort(-net, axis=2, kind="stable")
        left = np.cumsum(np.take_along_axis(net, order, 2), axis=2)
        total = np.concatenate([[0.0], np.cumsum(wanted.levels)])
        number = np.arange(1, rounds + 1)
        after = np.minimum(graph.held[:, None] + number, rounds)
        levels = np.where(number <= graph.caps[:, None], total[after] - total[graph.held][:, None], NEVER_SEATED)
        left += levels[:, None, :]
        most = left.argmax(2)
        return Best(np.take_along_axis(left, most[:, :, None], 2)[:, :, 0], most + 1, order)

    def learn(self, best: Best, who: Ints, start: Ints, number: Ints) -> int:
        """Take ways with so many of the best rounds, where they are not known; how many are new."""
        seats = np.zeros((len(who), self.graph.rounds), np.bool_)
        first = np.arange(self.graph.rounds) < number[:, None]
        np.put_along_axis(seats, best.order[who, start], first, axis=1)
        keys = np.column_stack([np.append(self.who, who), np.append(self.start, start), np.vstack([self.seats, seats])])
        _, where = np.unique(keys, axis=0, return_index=True)
        new = np.sort(where[where >= len(self.who)]) - len(self.who)
        self.who, self.start = np.append(self.who, who[new]), np.append(self.start, start[new])
        self.seats = np.vstack([self.seats, seats[new]])
        return len(new)

    def shared(self, wanted: Wanted, prices: Floats, *, close: float, deadline: Deadline = NEVER) -> Shared:
        """Take shares of ways.

        Parameters
        ----------
        wanted : Wanted
            What is to be gained; that many people can have so many visits.
        prices : (h, R) float
            Where to look first.
        close : float
            How far below the bound is near enough.
        deadline : Deadline
            After it no further way joins.
        """
        n, (h, rounds) = self.graph.size, self.room.shape
        bound, answer = np.inf, None
        paid, more = np.full(n, NEARLY), np.zeros(rounds)
        for _ in range(STEPS):
            best = self.best(Wanted(wanted.benefit, wanted.levels + more, wanted.least), prices)
            most = float(np.maximum(best.gains.max(1, initial=0.0), 0.0).sum())
            bound = min(bound, most + float((prices * self.room).sum() - more @ wanted.least))
            new = self._join(best, paid)
            if answer is not None and (not new or bound - answer.value <= close or deadline.over()):
                break
            programme = self._programme(wanted)
            answer = linear(programme)
            assert answer is not None, "what is lacking is paid for"
            paid = answer.prices[:n]
            prices = np.maximum(answer.prices[n : n + h * rounds], 0.0).reshape(h, rounds)
            more = np.maximum(-answer.prices[n + h * rounds :], 0.0)
            shares = self._shares(answer)
            self._forget(programme, answer)
        return Shared(shares, answer.value if answer else 0.0, bound, prices, paid)

    def _join(self, best: Best, paid: Floats) -> int:
        top = np.argsort(-best.gains, axis=1, kind="stable")[:, :AT_ONCE]
        gain = np.take_along_axis(best.gains, top, 1)
        who, rank = np.nonzero((gain > paid[:, None] + NEARLY) & (gain > 0))
        start = top[who, rank]
        return self.learn(best, who, start, best.number[who, start])

    def _shares(self, answer: Answer) -> Floats:
        joined = np.zeros(self.paths.starts.shape)
        np.add.at(joined, (self.who, self.start), answer.x[: len(self.who)])
        return joined

    def _forget(self, programme: Programme, answer: Answer) -> None:
        """Keep the ways that are nearest to gaining."""
        kept = KEPT * self.graph.size
        if len(self.who) <= 2 * kept:
            return
        reduced = (programme.gain - programme.rows.T @ answer.prices)[: len(self.who)]
        near = np.sort(np.argsort(-reduced, kind="stable")[:kept])
        self.who, self.start, self.seats = self.who[near], self.start[near], self.seats[near]

    def _programme(self, wanted: Wanted) -> Programme:
        """Rows: people, places, levels. Columns: ways, and people who are lacking at a level."""
        graph, k, (h, rounds) = self.graph, len(self.who), self.room.shape
        n, rank, held = graph.size, np.arange(rounds)[:, None], graph.held[self.who]
        level = sp.csr_matrix(((rank >= held) & (rank < held + self.seats.sum(1))).astype(float))
        lacking = sp.vstack([sp.csr_matrix((n + h * rounds, rounds)), sp.eye(rounds)])
        rows = sp.hstack([sp.vstack([*taken(self.who, self.start, self.seats, (n, h)), level]), lacking], format="csr")
        gain = np.append(self.gains(wanted, self.who, self.start, self.seats), np.full(rounds, -LACKING))
        low = np.concatenate([np.zeros(n), np.full(h * rounds, -np.inf), wanted.least])
        high = np.concatenate([np.ones(n), self.room.ravel(), np.full(rounds, np.inf)])
        return Programme(gain, rows, low, high, np.append(np.ones(k), wanted.least))


def taken(who: Ints, start: Ints, seats: Bools, sizes: tuple[int, int]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Rows of people and of places with each group, and what ways take of them; `sizes` are those of both."""
    k, rounds = seats.shape
    way, when = np.nonzero(seats)
    people = sp.csr_matrix((np.ones(k), (who, np.arange(k))), shape=(sizes[0], k))
    places = sp.csr_matrix((np.ones(len(way)), (start[way] * rounds + when, way)), shape=(sizes[1] * rounds, k))
    return people, places
