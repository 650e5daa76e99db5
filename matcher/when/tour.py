"""Who visits which host in which round, under construction; locked visits stand and never move."""

import numpy as np

from matcher.choose.stations.graph import Bools, Ints, VisitGraph

NOWHERE = -1


class Tour:
    """For each person and round the host, -1 where there is none.

    Attributes
    ----------
    at : (n, R) int
        The hosts, those of locked visits included.
    fixed : (n, R) bool
        Where a lock stands.
    """

    def __init__(self, graph: VisitGraph) -> None:
        self.graph = graph
        self.at: Ints = np.full(graph.free.shape, NOWHERE)
        self.fixed: Bools = np.zeros(graph.free.shape, np.bool_)
        for one in graph.guests:
            self.at[list(one.people), one.round] = one.host
            self.fixed[list(one.people), one.round] = True

    def copy(self) -> "Tour":
        """An independent copy."""
        other = Tour(self.graph)
        other.at = self.at.copy()
        return other

    def visited(self) -> Bools:
        """Who visits whom in any round, shape (n, h)."""
        visited = np.zeros(self.graph.allowed.shape, np.bool_)
        who, when = np.nonzero(self.at != NOWHERE)
        visited[who, self.at[who, when]] = True
        return visited

    def load(self) -> Ints:
        """How many people are at each host in each round, locked ones included; shape (h, R)."""
        load = np.zeros(self.graph.room.shape, np.int64)
        who, when = np.nonzero(self.at != NOWHERE)
        np.add.at(load, (self.at[who, when], when), 1)
        return load

    def gained(self) -> Ints:
        """Everybody's benefit; shape (n,)."""
        gained: Ints = (self.graph.benefit * self.visited()).sum(1)
        return gained

    def counts(self) -> Ints:
        """How many people have at least 1, 2, 3, … visits; shape (R,)."""
        have = (self.at != NOWHERE).sum(1)
        counts: Ints = (have[None, :] > np.arange(self.graph.rounds)[:, None]).sum(1).astype(np.int64)
        return counts

    def free_load(self) -> Ints:
        """How many people who are not locked are at each host in each round; shape (h, R)."""
        load = self.load()
        for one in self.graph.guests:
            load[one.host, one.round] -= len(one.people)
        return load

    def few(self) -> Bools:
        """Where a visit that is held has too few people; shape (h, R)."""
        return np.asarray((self.load() > 0) & (self.free_load() < self.graph.fewest), np.bool_)

    def amiss(self) -> list[int]:
        """Rounds in which a visit has too few people, or people who are kept apart share a table."""
        wrong = self.few().any(0)
        for one, other in np.argwhere(np.triu(self.graph.apart, 1)).tolist():
            wrong |= (self.at[one] == self.at[other]) & (self.at[one] != NOWHERE)
        return np.flatnonzero(wrong).tolist()

    def sound(self) -> bool:
        """Whether every visit that is held has enough people, all of whom may share a table."""
        return not self.amiss()
