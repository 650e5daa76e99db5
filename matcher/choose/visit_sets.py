"""Whole sets of visits, one for each person: the programme that picks them, and the search for sets that gain.

A floor under everybody's satisfaction ties a person's visits together, so that whole visits no longer come by
themselves. Whole sets of visits nearly do: the programme that picks one for each person has no more ties between people
than there are hosts (Dantzig and Wolfe 1960, one block per person). Sets are not listed; those that gain at the hosts'
prices join until none is left. Because a set is whole, the programme also proves more than one over single visits.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np
import scipy.sparse as sp

from matcher.choose.transport import MISSING, NEARLY, Ask, Sent, Transport
from matcher.choose.visits import Bools, Ints
from matcher.solver import NEVER, Answer, Deadline, Floats, Programme, linear, whole

WINDOW = 12
MOST_SETS = 7_000
MOST_CELLS = 8_000_000
MORE = 3
STEPS = 30
NODES = 30
BARRED = -1e12
ENOUGH = 2e-5


@dataclass(frozen=True, eq=False)
class Shelf:
    """Sets of one size, for people with equally many hosts: all of them, or those near the cut of an order of hosts.

    Attributes
    ----------
    who : (g,) int
        The people.
    sure, near : (g, s), (g, w) int
        The hosts that are in every set, and those tried.
    tried : (c, w) 0 or 1
        The choices among the near ones.
    gains : (g, c) float
        What each set is worth; -10^12 below the floor.
    """

    who: Ints
    sure: Ints
    near: Ints
    tried: Floats
    gains: Floats

    def best(self, prices: Floats, worth: float) -> tuple[Ints, Ints, Floats]:
        """The best sets of each person at these prices of the hosts: rows, columns of `gains`, and what remains."""
        value = np.where(self.gains > BARRED, worth * self.gains, BARRED)
        value -= prices[self.near] @ self.tried.T + prices[self.sure].sum(1)[:, None]
        most = min(MORE, value.shape[1])
        columns = np.argpartition(-value, most - 1, axis=1)[:, :most]
        rows = np.repeat(np.arange(len(self.who)), most)
        return rows, columns.ravel(), np.take_along_axis(value, columns, 1).ravel()

    def table(self, rows: Ints, columns: Ints, hosts: int) -> Bools:
        """These sets over all hosts."""
        table = np.zeros((len(rows), hosts), np.bool_)
        np.put_along_axis(table, self.near[rows], self.tried[columns] > 0, axis=1)
        np.put_along_axis(table, self.sure[rows], True, axis=1)
        return table


class VisitSets:
    """The sets known so far, over all floors that were asked for.

    Attributes
    ----------
    exact : bool
        Whether all sets were tried for everybody, so that what is not found does not exist.
    """

    def __init__(self, transport: Transport, ask: Ask) -> None:
        self.transport, self.ask = transport, ask
        self.graph = transport.graph
        self.who: Ints = np.empty(0, np.int64)
        self.sets: Bools = np.empty((0, self.graph.allowed.shape[1]), np.bool_)
        self.exact = True

    def pick(self, sent: Sent, floor: float, least: float, deadline: Deadline = NEVER) -> Bools | None:
        """Pick a set for everybody so that nobody falls below the floor and `least` benefit is left.

        Parameters
        ----------
        sent : Sent
            The linear answer with that floor: everybody's number of visits, and prices that say where to look.
        floor : float
            The least satisfaction.
        least : float
            The least total benefit of the open visits.
        deadline : Deadline
            After it nothing further is begun.

        Returns
        -------
        (n, h) bool, or None
            Who visits whom, where such a choice was found.
        """
        found = self._grown(sent, floor, (1.0, least), deadline)
        if found is None or deadline.over():
            return None
        programme, known, answer = found
        k = len(known)
        if answer.x[k:].sum() > NEARLY or answer.value < least:
            return None
        top = np.append(np.ones(k), np.zeros(len(programme.top) - k))
        exact = Programme(programme.gain, programme.rows, programme.low, programme.high, top)
        taken = whole(exact, nodes=NODES, deadline=deadline)
        if taken is None or taken.x @ programme.gain < least:
            return None
        table = np.zeros_like(self.graph.allowed)
        at = known[np.flatnonzero(taken.x[:k] > 0.5)]
        table[self.who[at]] = self.sets[at]
        return table

    def possible(self, sent: Sent, floor: float, deadline: Deadline = NEVER) -> bool:
        """Whether shares of sets keep a floor at any price; where not, that is proven if `exact`."""
        found = self._grown(sent, floor, (0.0, -NEARLY), deadline)
        return found is not None and bool(found[2].x[len(found[1]) :].sum() <= NEARLY)

    def _grown(
        self, sent: Sent, floor: float, aim: tuple[float, float], deadline: Deadline
    ) -> tuple[Programme, Ints, Answer] | None:
        """Learn sets until none gains; None where it is certain that less than the least remains."""
        worth, least = aim
        need = np.where(self.graph.best > 0, floor * self.graph.best - self.graph.gained - NEARLY, -1.0)
        shelves = self._shelves(sent, need)
        if shelves is None:
            return None
        self._learn(shelves, sent.hosts, np.full(self.graph.size, -MISSING), worth)
        n, h = self.graph.allowed.shape
        found = None
        for _ in range(STEPS):
            known = np.flatnonzero((self.graph.benefit[self.who] * self.sets).sum(1) >= need[self.who])
            programme = self._programme(known, worth)
            answer = linear(programme, deadline=deadline)
            if answer is None:
                return None
            found = programme, known, answer
            over = self._learn(shelves, answer.prices[n : n + h], answer.prices[:n], worth)
            if answer.value + over < least:
                return None
            enough = max(ENOUGH * abs(answer.value), NEARLY)
            if over <= enough or (not worth and answer.value > -NEARLY) or deadline.over():
                return found
        self.exact = False
        return found

    def _programme(self, known: Ints, worth: float) -> Programme:
        """Rows: people, hosts. Columns: sets, and visits that a host lacks or has too many."""
        graph, ask = self.graph, self.ask
        (n, h), k = graph.allowed.shape, len(known)
        who, sets = self.who[known], self.sets[known]
        low = np.zeros(h) if ask.low is None else ask.low.astype(float)
        high = (graph.room.sum(1) if ask.high is None else ask.high).astype(float)
        one_each = sp.csr_matrix((np.ones(k), (who, np.arange(k))), shape=(n, k))
        rows = sp.bmat([[one_each, None, None], [sp.csr_matrix(sets.T.astype(float)), sp.eye(h), -sp.eye(h)]])
        value = worth * (graph.benefit[who] * sets).sum(1)
        gain = np.concatenate([value, np.full(2 * h, -MISSING / 10)])
        top = np.concatenate([np.ones(k), np.full(2 * h, float(graph.free.size))])
        return Programme(gain, rows.tocsr(), np.append(np.ones(n), low), np.append(np.ones(n), high), top)

    def _learn(self, shelves: list[Shelf], prices: Floats, paid: Floats, worth: float) -> float:
        """Take the sets that gain most; what all people together could still gain."""
        over = np.zeros(self.graph.size)
        for shelf in shelves:
            rows, columns, value = shelf.best(prices, worth)
            gain = value - paid[shelf.who[rows]]
            new = gain > NEARLY
            self.who = np.append(self.who, shelf.who[rows[new]])
            self.sets = np.vstack([self.sets, shelf.table(rows[new], columns[new], self.sets.shape[1])])
            np.maximum.at(over, shelf.who[rows[new]], gain[new])
        return float(over.sum())

    def _shelves(self, sent: Sent, need: Floats) -> list[Shelf] | None:
        """Everybody's sets, in the order of worth at the linear prices; None where somebody has none."""
        graph = self.graph
        visits = np.round(self.transport.by_person @ sent.x, 6)
        keys = np.where(graph.allowed, (1 + sent.push)[:, None] * graph.benefit - sent.hosts[None, :], -np.inf)
        order = np.argsort(-keys, axis=1, kind="stable")
        number, shelves, some = graph.allowed.sum(1), [], np.zeros(graph.size, np.bool_)
        kinds = {
            (row, int(size)) for sizes in (np.floor(visits), np.ceil(visits)) for row, size in enumerate(sizes.tolist())
        }
        groups: dict[tuple[int, int], list[int]] = {}
        for row, size in sorted(kinds):
            groups.setdefault((int(number[row]), size), []).append(row)
        for (hosts, size), people in groups.items():
            who = np.array(people, np.int64)
            sets = comb(hosts, size)
            whole_list = sets <= MOST_SETS and sets * graph.size <= MOST_CELLS
            width = hosts if whole_list else min(WINDOW, hosts)
            self.exact &= whole_list
            first = 0 if whole_list else int(np.clip(size - width // 2, 0, hosts - width))
            sure, near = order[who, :first], order[who, first : first + width]
            tried = _choices(width, size - first)
            gains = np.take_along_axis(graph.benefit[who], near, 1).astype(float) @ tried.T
            gains += np.take_along_axis(graph.benefit[who], sure, 1).sum(1)[:, None]
            gains[gains < need[who, None]] = BARRED
            some[who] |= (gains > BARRED).any(1)
            shelves.append(Shelf(who, sure, near, tried, gains))
        self.exact &= bool((visits == np.floor(visits)).all() and (visits == graph.could).all())
        return shelves if some.all() else None


@cache
def _choices(number: int, size: int) -> Floats:
    """All sets of so many of so many things, as rows of 0 and 1."""
    some = list(combinations(range(number), size))
    table = np.zeros((len(some), number))
    for row, columns in enumerate(some):
        table[row, list(columns)] = 1
    return table
