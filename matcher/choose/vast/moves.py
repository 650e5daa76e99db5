"""Chosen meetings of a large room, as a short list of partners for each person, and the moves that better them.

A move takes one meeting (x, y) of the whole room apart: two people who lack a meeting take one of the two each, or two
who give up their own meeting do. All m meetings are judged at once, from two rows of benefits: no array is larger than
people times meetings of a person.
"""

import numpy as np

from matcher.graph import Ints, MeetingGraph

BARRED = -1_000_000
POSSIBLE = BARRED // 2


class Partners:
    """Who meets whom.

    Attributes
    ----------
    mates : (n, w) int
        The partners of each person, padded with n.
    worth : (n, w) int
        The benefit of each of these meetings, 0 where there is none.
    degree : (n,) int
        How many open meetings each person has.
    """

    def __init__(self, graph: MeetingGraph, width: int) -> None:
        self.graph = graph
        self.mates: Ints = np.full((graph.size, max(width, 1)), graph.size, np.int64)
        self.worth: Ints = np.zeros_like(self.mates)
        self.degree: Ints = np.zeros(graph.size, np.int64)

    def take(self, pairs: Ints) -> None:
        """Take up many meetings at once, shape (m, 2), none of them held yet."""
        both = np.vstack([pairs, pairs[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        who, mate = both[:, 0], both[:, 1]
        more = np.bincount(who, minlength=self.graph.size)
        place = self.degree[who] + np.arange(len(who)) - np.repeat(np.cumsum(more) - more, more)
        self.mates[who, place] = mate
        self.worth[who, place] = self.graph.benefit[who, mate]
        self.degree += more

    @property
    def pairs(self) -> Ints:
        """The meetings, shape (m, 2), the lower index first, sorted."""
        one, place = np.nonzero((self.mates > np.arange(len(self.mates))[:, None]) & (self.mates < len(self.mates)))
        pairs = np.column_stack([one, self.mates[one, place]])
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    @property
    def benefit(self) -> int:
        """The benefit of all open meetings."""
        return int(self.worth.sum()) // 2

    def holds(self, one: int, other: int) -> bool:
        """Whether these two meet."""
        return bool((self.mates[one] == other).any())

    def add(self, one: int, other: int) -> None:
        """Take up a meeting."""
        worth = int(self.graph.benefit[one, other])
        for who, mate in ((one, other), (other, one)):
            place = self.degree[who]
            self.mates[who, place], self.worth[who, place] = mate, worth
            self.degree[who] += 1

    def drop(self, one: int, other: int) -> None:
        """Give up a meeting."""
        for who, mate in ((one, other), (other, one)):
            place, last = int(np.flatnonzero(self.mates[who] == mate)[0]), int(self.degree[who]) - 1
            self.mates[who, place], self.worth[who, place] = self.mates[who, last], self.worth[who, last]
            self.mates[who, last], self.worth[who, last] = len(self.mates), 0
            self.degree[who] = last

    def offers(self, who: int) -> Ints:
        """Benefit of meeting each person and, at the end, nobody: barred where that cannot be; shape (n + 1,)."""
        row = np.full(self.graph.size + 1, BARRED, np.int64)
        open_to = np.flatnonzero(self.graph.allowed[who])
        row[open_to] = self.graph.benefit[who, open_to]
        row[self.mates[who]] = BARRED
        return row

    def fill(self, one: int, other: int) -> bool:
        """Give two people who lack a meeting one each, at the least loss; the same person twice: two for this one."""
        mine, yours = self.offers(one), self.offers(other)
        gain = yours[self.mates] + mine[:-1, None] - self.worth
        at, place = divmod(int(gain.argmax()), gain.shape[1])
        straight = mine[other] if one != other else BARRED
        if max(straight, gain[at, place]) < POSSIBLE:
            return False
        if straight >= gain[at, place]:
            self.add(one, other)
        else:
            mate = int(self.mates[at, place])
            self.drop(at, mate)
            self.add(one, at)
            self.add(other, mate)
        return True

    def even(self, who: int) -> bool:
        """Let somebody with at least two meetings more rest in place of `who`, at the least loss."""
        mine, total = self.offers(who), np.append(self.degree + self.graph.held, 0)
        richer = total[self.mates] - total[who]
        gain = np.where(richer >= 2, mine[:-1, None] - self.worth, BARRED)
        at, place = divmod(int(gain.argmax()), gain.shape[1])
        if gain[at, place] < POSSIBLE:
            return False
        self.drop(at, int(self.mates[at, place]))
        self.add(who, at)
        return True

    def exchange(self, one: int, other: int) -> bool:
        """Give up the meeting of these two and another one for two that are worth more together, if there are such."""
        mine, yours = self.offers(one), self.offers(other)
        gain = yours[self.mates] + mine[:-1, None] - self.worth
        at, place = divmod(int(gain.argmax()), gain.shape[1])
        if gain[at, place] <= self.graph.benefit[one, other]:
            return False
        self._turn(one, other, at, int(self.mates[at, place]))
        return True

    def _turn(self, one: int, other: int, at: int, mate: int) -> None:
        """Meetings (one, other), (at, mate) become (one, at), (other, mate)."""
        self.drop(one, other)
        self.drop(at, mate)
        self.add(one, at)
        self.add(other, mate)
