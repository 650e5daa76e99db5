"""What the groups that go round offer everybody, and the whole-number programme of groups and seats."""

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.rows import add_floor, rows_of
from matcher.choose.rows import Rows
from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.solver import Floats, Programme

NOWHERE = -1
SLACK = 1e-9


class Paths:
    """Everybody's way through the session in each of the groups.

    Attributes
    ----------
    host : (h, R) int
        Where the group of each start is in each round.
    cells : (n, h, R) bool
        Which visits are open to a person in a group: the rules admit them, and both are there.
    starts : (n, h) bool
        Which groups a person may be in; locks leave one.
    most : (n,) int
        The most open visits that any group offers a person.
    """

    def __init__(self, graph: VisitGraph) -> None:
        self.graph = graph
        (n, h), rounds = graph.allowed.shape, graph.rounds
        self.host: Ints = (np.arange(h)[:, None] + np.arange(rounds)[None, :]) % h
        open_at = graph.room[self.host, np.arange(rounds)[None, :]] > 0
        self.starts: Bools = np.ones((n, h), np.bool_)
        self.cells: Bools = graph.allowed[:, self.host] & graph.free[:, None, :] & open_at[None]
        for one in graph.guests:
            start = (one.host - one.round) % h
            self.starts[list(one.people)] &= np.arange(h) == start
            self.cells[graph.apart[:, list(one.people)].any(1), start, one.round] = False
        self.cells &= self.starts[:, :, None]
        met = np.zeros((n, h, h), np.bool_)
        for when in range(rounds):
            met[:, np.arange(h), self.host[:, when]] |= self.cells[:, :, when]
        self.offers: Ints = np.minimum(met.sum(2), graph.caps[:, None])
        self.most: Ints = self.offers.max(1, initial=0)

    def seating(self, *, full: bool) -> "Seating":
        """Return the programme; `full`: everybody has all the visits that any group offers."""
        cells = self.cells & (self.most > 0)[:, None, None]
        if full:
            cells &= (self.offers == self.most[:, None])[:, :, None]
            for when in range(len(self.host), self.graph.rounds):
                cells[:, :, when] &= ~cells[:, :, when - len(self.host)]
        return Seating(self, cells, full)

    def within(self, start: Ints) -> "Seating":
        """Return the programme of seats alone, everybody in the group of `start`."""
        mine = start[:, None] == np.arange(len(self.host))
        return Seating(self, self.cells & (self.most > 0)[:, None, None] & mine[:, :, None], full=False)


class Seating:
    """Who is in which group, and who is seated when, as columns of a programme.

    A person in a group has one column for all visits where none of them is to be left out, else one for each as well.

    Attributes
    ----------
    size : int
        How many columns there are: groups of people, then seats, then levels, then visits that are held.
    gain : (size,) float
        The benefit of each column.
    levels : int
        How many numbers of visits are still to be settled.
    """

    def __init__(self, paths: Paths, cells: Bools, full: bool) -> None:
        self.paths, self.cells, self.full = paths, cells, full
        graph = paths.graph
        self.who, self.start = np.nonzero(cells.any(2))
        self.joined = np.full(cells.shape[:2], -1)
        self.joined[self.who, self.start] = np.arange(len(self.who))
        loose: Bools = np.asarray(cells.sum(2) > paths.most[:, None] if full else cells.any(2), np.bool_)
        self.seat = np.where(cells, self.joined[:, :, None], -1)
        self.pick = np.argwhere(cells & loose[:, :, None])
        self.size = len(self.who) + len(self.pick)
        self.seat[tuple(self.pick.T)] = np.arange(len(self.who), self.size)
        worth = graph.benefit[:, paths.host]
        self.gain: Floats = np.zeros(self.size)
        np.add.at(self.gain, self.seat[cells], worth[cells].astype(float))
        self.loose = loose[self.who, self.start]
        self.levels = 0 if full else graph.rounds
        self.level = np.empty((0, 2), np.int64)
        if not full:
            rank, offered = np.arange(graph.rounds)[None, :], np.where(cells.any((1, 2)), paths.most, 0)
            self.level = np.argwhere((rank >= graph.held[:, None]) & (rank < (graph.held + offered)[:, None]))
        self.first_level, self.size = self.size, self.size + len(self.level)
        self.held = np.argwhere((graph.fewest > 1) & ~graph.forced & (graph.room > 0))
        self.first_held, self.size = self.size, self.size + len(self.held)
        self.gain = np.concatenate([self.gain, np.zeros(self.size - len(self.gain))])
        self.rows = rows_of(self)

    def at(self, x: Floats) -> Ints:
        """Return everybody's host in each round, -1 for none; shape (n, R)."""
        at: Ints = np.full(self.paths.graph.free.shape, NOWHERE)
        who, start, when = np.nonzero(self.cells)
        sits = x[self.seat[who, start, when]] > 0.5
        at[who[sits], when[sits]] = self.paths.host[start[sits], when[sits]]
        return at

    @property
    def offers(self) -> Floats:
        """What joining a group is worth before anybody is seated: first visits, then benefit."""
        first = 1e6 * np.cumsum(np.concatenate([[0.0], 4.0 ** -np.arange(self.paths.graph.rounds)]))
        return np.asarray(first[self.paths.offers[self.who, self.start]] + self._offered() / 1000, np.float64)

    def counted(self, level: int) -> Floats:
        """Ones at the columns of one level."""
        gain = np.zeros(self.size)
        gain[self.first_level + np.flatnonzero(self.level[:, 1] == level)] = 1.0
        return gain

    def visits(self, bonus: Floats) -> Floats:
        """What a first, second, … visit is worth, at the columns of its level."""
        gain = np.zeros(self.size)
        gain[self.first_level : self.first_level + len(self.level)] = bonus[self.level[:, 1]]
        return gain

    def members(self, x: Floats) -> tuple[int, int]:
        """How many people are in groups, and how many groups there can be."""
        joined = self.start[x[: len(self.who)] > 0.5]
        every = self.paths.graph.fewest.max(initial=0) <= 1
        return len(joined), len(self.paths.host) if every else max(len(set(joined.tolist())), 1)

    def keeping(self, reached: list[int]) -> Bools:
        """Which groups of people offer as many visits as they must have, where as many people as reached have them.

        Where everybody who could has a number of visits at least, nobody is in a group that offers them fewer.
        """
        short = [self.counted(level).sum() > number for level, number in enumerate(reached)]
        must = short.index(True) if True in short else len(short)
        held = self.paths.graph.held[self.who]
        need = np.minimum(self.paths.most[self.who], must - held)
        return np.asarray(self.paths.offers[self.who, self.start] >= need, np.bool_)

    def shares(self, reached: list[int]) -> Floats:
        """Every satisfaction at which something changes, lowest first; by thousandths where seats are picked."""
        graph, kept = self.paths.graph, self.keeping(reached)
        most = np.zeros(graph.size)
        np.maximum.at(most, self.who[kept], self._offered()[kept])
        top = float(graph.share((most + graph.gained).astype(np.int64)).min(initial=1.0))
        if self.loose.any():
            return np.linspace(0.0, min(top, 1.0), 1001)
        shares = self._share()
        return np.unique(np.concatenate([[0.0], shares[shares <= top + SLACK], [top]]))

    def lowest(self, x: Floats) -> float:
        """The lowest satisfaction."""
        graph, gained = self.paths.graph, self.paths.graph.gained.astype(float)
        who, start, when = np.nonzero(self.cells)
        sits = x[self.seat[who, start, when]] > 0.5
        worth = graph.benefit[who, self.paths.host[start, when]]
        np.add.at(gained, who[sits], worth[sits])
        return float(np.where(graph.best > 0, gained / np.maximum(graph.best, 1), 1.0).min(initial=1.0))

    def programme(self, gain: Floats, reached: list[int], floor: float, sizes: tuple[int, int]) -> Programme:
        """Ask for the most `gain` where each level has as many people as reached, and nobody less than the floor."""
        top, rows, m = np.ones(self.size), Rows(), len(self.who)
        for level, number in enumerate(reached):
            column = np.flatnonzero(self.counted(level))
            rows.add(
                np.array([number]), np.array([np.inf]), (np.zeros(len(column), np.int64), column.astype(np.int64), 1.0)
            )
        if floor > 0:
            top[:m][self._share() < floor - SLACK] = 0.0
            add_floor(self, rows, floor)
        top[:m][~self.keeping(reached)] = 0.0
        if sizes != (0, self.paths.graph.size):
            low, high = sizes
            h = len(self.paths.host)
            rows.add(np.full(h, -np.inf), np.full(h, float(high)), (self.start, np.arange(m), 1.0))
            if self.paths.graph.fewest.max(initial=0) <= 1:
                rows.add(np.full(h, float(low)), np.full(h, np.inf), (self.start, np.arange(m), 1.0))
        matrix, base = rows.matrix(self.size), self.rows
        return Programme(
            gain,
            sp.vstack([base.matrix(self.size), matrix]).tocsr(),
            np.concatenate([*base.low, *rows.low]),
            np.concatenate([*base.high, *rows.high]),
            top,
        )

    def _offered(self) -> Floats:
        """The most that each person can gain in each group; shape as `who`."""
        worth = np.where(self.cells, self.paths.graph.benefit[:, self.paths.host], 0)[self.who, self.start]
        best = -np.sort(-worth, axis=1)
        best[np.arange(best.shape[1])[None, :] >= self.paths.most[self.who][:, None]] = 0
        return np.asarray(best.sum(1), np.float64)

    def _share(self) -> Floats:
        graph = self.paths.graph
        best = graph.best[self.who]
        return np.where(best > 0, (self._offered() + graph.gained[self.who]) / np.maximum(best, 1), 1.0)
