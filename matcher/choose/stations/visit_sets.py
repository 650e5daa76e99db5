"""Whole sets of visits, one for each person: the programme that picks them, and the search for sets that gain.

A floor under everybody's satisfaction ties a person's visits together, so that whole visits no longer come by
themselves. Whole sets of visits nearly do: the programme that picks one for each person has no more ties between people
than there are hosts (Dantzig and Wolfe 1960, one block per person). Sets are not listed; those that gain at the hosts'
prices join until none is left.
"""

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Bools, Ints
from matcher.choose.stations.set_prices import Shelf
from matcher.choose.stations.transport import MISSING, NEARLY, Ask, Sent, Transport
from matcher.solver import NEVER, Answer, Deadline, Floats, Programme, linear, whole

STEPS = 30
NODES = 30
ENOUGH = 2e-5


class VisitSets:
    """The sets known so far, over all floors that were asked for."""

    def __init__(self, transport: Transport, ask: Ask) -> None:
        self.transport, self.ask = transport, ask
        self.graph = transport.graph
        self.who: Ints = np.empty(0, np.int64)
        self.sets: Bools = np.empty((0, self.graph.allowed.shape[1]), np.bool_)

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
        found = self._grown(sent, floor, least, deadline)
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

    def _grown(
        self, sent: Sent, floor: float, least: float, deadline: Deadline
    ) -> tuple[Programme, Ints, Answer] | None:
        """Learn sets until none gains; None where less than the least would remain."""
        need = np.where(self.graph.best > 0, floor * self.graph.best - self.graph.gained - NEARLY, -1.0)
        shelves = self._shelves(sent, need)
        if any(shelf.empty for shelf in shelves):
            return None
        self._learn(shelves, sent.hosts, np.full(self.graph.size, -MISSING))
        n, h = self.graph.allowed.shape
        found = None
        for _ in range(STEPS):
            known = np.flatnonzero((self.graph.benefit[self.who] * self.sets).sum(1) >= need[self.who])
            programme = self._programme(known)
            answer = linear(programme, deadline=deadline)
            if answer is None:
                return None
            found = programme, known, answer
            over = self._learn(shelves, answer.prices[n : n + h], answer.prices[:n])
            if answer.value + over < least:
                return None
            if over <= ENOUGH * abs(answer.value) or deadline.over():
                return found
        return found

    def _programme(self, known: Ints) -> Programme:
        """Rows: people, hosts. Columns: sets, and visits that a host lacks or has too many."""
        graph, ask = self.graph, self.ask
        (n, h), k = graph.allowed.shape, len(known)
        who, sets = self.who[known], self.sets[known]
        low = np.zeros(h) if ask.low is None else ask.low.astype(float)
        high = (graph.room.sum(1) if ask.high is None else ask.high).astype(float)
        one_each = sp.csr_matrix((np.ones(k), (who, np.arange(k))), shape=(n, k))
        rows = sp.bmat([[one_each, None, None], [sp.csr_matrix(sets.T.astype(float)), sp.eye(h), -sp.eye(h)]])
        value = (graph.benefit[who] * sets).sum(1)
        gain = np.concatenate([value, np.full(2 * h, -MISSING / 10)])
        top = np.concatenate([np.ones(k), np.full(2 * h, float(graph.free.size))])
        return Programme(gain, rows.tocsr(), np.append(np.ones(n), low), np.append(np.ones(n), high), top)

    def _learn(self, shelves: list[Shelf], prices: Floats, paid: Floats) -> float:
        """Take the sets that gain most; what all people together gain by them."""
        over = np.zeros(self.graph.size)
        for shelf in shelves:
            rows, sets, value = shelf.best(prices)
            who = shelf.who[rows]
            gain = value - paid[who]
            new = gain > NEARLY
            self.who, self.sets = np.append(self.who, who[new]), np.vstack([self.sets, sets[new]])
            np.maximum.at(over, who[new], gain[new])
        return float(over.sum())

    def _shelves(self, sent: Sent, need: Floats) -> list[Shelf]:
        """Everybody's sets, as large as the linear answer has them."""
        graph = self.graph
        visits = np.round(self.transport.by_person @ sent.x, 6)
        order = np.argsort(~graph.allowed, axis=1, kind="stable")
        number, shelves = graph.allowed.sum(1), []
        kinds = {
            (row, int(size)) for sizes in (np.floor(visits), np.ceil(visits)) for row, size in enumerate(sizes.tolist())
        }
        groups: dict[tuple[int, int], list[int]] = {}
        for row, size in sorted(kinds):
            groups.setdefault((int(number[row]), size), []).append(row)
        for (hosts, size), people in groups.items():
            who = np.array(people, np.int64)
            mine = order[who, :hosts]
            benefit = np.take_along_axis(graph.benefit[who], mine, 1).astype(float)
            shelves.append(Shelf(who, mine, benefit, need[who], size))
        return shelves
