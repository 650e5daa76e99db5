"""Whole ways through the session: a group, and the rounds in which a person sits with it.

Ways are not listed. At given prices of places everybody's best way with each group is found by sorting, and what the
best ways of all gain bounds whatever groups there are (Lagrange).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.paths import Paths
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import Floats, Programme

LACKING = 1e6
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

    def with_more(self, more: Floats) -> "Wanted":
        """The same, each level worth more."""
        return Wanted(self.benefit, self.levels + more, self.least)


@dataclass(frozen=True, eq=False)
class Prices:
    """What things cost and are worth.

    Attributes
    ----------
    places : (h, R) float
        What a place with each group costs in each round.
    levels : (R,) float
        What a first, second, … visit of a person is worth beyond what it counts.
    """

    places: Floats
    levels: Floats


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
            again[np.arange(again.shape[2]) != again.argmax(2)[:, :, None]] = NEVER_SEATED
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
        return self.take(who, start, self.first(best, who, start, number))

    def first(self, best: Best, who: Ints, start: Ints, number: Ints) -> Bools:
        """The best so many rounds of people with groups; shape (k, R)."""
        seats = np.zeros((len(who), self.graph.rounds), np.bool_)
        np.put_along_axis(seats, best.order[who, start], np.arange(self.graph.rounds) < number[:, None], axis=1)
        return seats

    def take(self, who: Ints, start: Ints, seats: Bools) -> int:
        """Take these ways, where they are not known; how many are new."""
        keys = np.column_stack([np.append(self.who, who), np.append(self.start, start), np.vstack([self.seats, seats])])
        _, where = np.unique(keys, axis=0, return_index=True)
        new = np.sort(where[where >= len(self.who)]) - len(self.who)
        self.who, self.start = np.append(self.who, who[new]), np.append(self.start, start[new])
        self.seats = np.vstack([self.seats, seats[new]])
        return len(new)

    def bound(self, wanted: Wanted, prices: Prices) -> tuple[float, Best]:
        """What no groups can exceed, and the best ways by which prices prove it."""
        best = self.best(wanted.with_more(prices.levels), prices.places)
        most = np.maximum(best.gains.max(1, initial=0.0), 0.0).sum() + (prices.places * self.room).sum()
        return float(most - prices.levels @ wanted.least), best

    def programme(self, wanted: Wanted) -> Programme:
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
