"""A timetable under construction: who meets whom in which round, and the moves that keep it sound."""

from collections.abc import Iterator

import numpy as np

from matcher.graph import Bools, Ints, MeetingGraph

NOBODY = -1


class Timetable:
    """For each person and round the partner; locked meetings stand and never move.

    Attributes
    ----------
    at : list of list of int
        ``at[person][round]``: the partner, -1 where there is none.
    load : list of int
        Open (not locked) meetings in each round.
    """

    def __init__(self, graph: MeetingGraph) -> None:
        self.graph = graph
        self.at = [[NOBODY] * graph.rounds for _ in range(graph.size)]
        self.free: list[list[bool]] = graph.free.tolist()
        self.room: list[int] = graph.room.tolist()
        self.load = [0] * graph.rounds

    def copy(self) -> "Timetable":
        """An independent copy."""
        other = Timetable(self.graph)
        other.at = [list(row) for row in self.at]
        other.load = list(self.load)
        return other

    def idle(self, who: int, when: int) -> bool:
        """Whether the person is there, not locked and without a partner."""
        return self.free[who][when] and self.at[who][when] == NOBODY

    def put(self, one: int, other: int, when: int) -> None:
        """Let two people meet in a round."""
        self.at[one][when], self.at[other][when] = other, one
        self.load[when] += 1

    def remove(self, one: int, other: int, when: int) -> None:
        """Take a meeting out."""
        self.at[one][when] = self.at[other][when] = NOBODY
        self.load[when] -= 1

    def chain(self, start: int, first: int, second: int) -> list[int]:
        """Walk from `start`, idle in `second`, along meetings of the two rounds in turn (a Kempe chain)."""
        path, here, now = [start], start, first
        while (following := self.at[here][now]) != NOBODY:
            path.append(following)
            here, now = following, second if now == first else first
        return path

    def swap(self, path: list[int], first: int, second: int) -> bool:
        """Exchange the two rounds along a chain; False, and nothing done, where somebody is away or tables lack."""
        steps = len(path) - 1
        last = path[-1]
        arriving = second if steps % 2 else first
        if steps == 0:
            return self.free[last][first]
        if not self.free[last][arriving] or not self.free[path[0]][second]:
            return False
        if steps % 2 and self.load[second] >= self.room[second]:
            return False
        for who in path:
            row = self.at[who]
            row[first], row[second] = row[second], row[first]
        self.load[first] -= steps % 2
        self.load[second] += steps % 2
        return True

    def pairs(self, when: int) -> Ints:
        """The open meetings of a round, shape (m, 2), the lower index first."""
        column = np.array([row[when] for row in self.at], dtype=np.int64)
        one = np.flatnonzero(column > np.arange(len(column)))
        return np.column_stack([one, column[one]])

    def spots(self) -> Iterator[tuple[int, int, int]]:
        """All meetings, the locked ones too, as (round, one, other)."""
        for lock in self.graph.locks:
            yield lock.round, lock.one, lock.other
        for when in range(self.graph.rounds):
            for one, other in self.pairs(when).tolist():
                yield when, one, other

    def degrees(self) -> Ints:
        """Open meetings of each person, shape (n,)."""
        return np.array([sum(mate != NOBODY for mate in row) for row in self.at], dtype=np.int64)

    def met(self) -> Bools:
        """Who has an open meeting with whom, shape (n, n)."""
        met = np.zeros((self.graph.size, self.graph.size), dtype=np.bool_)
        for who, row in enumerate(self.at):
            met[who, [mate for mate in row if mate != NOBODY]] = True
        return met

    def gained(self) -> Ints:
        """Benefit of each person, locked meetings included, shape (n,)."""
        gained: Ints = (self.graph.benefit * self.met()).sum(1) + self.graph.gained
        return gained

    def benefit(self) -> int:
        """Benefit of all open meetings."""
        return int((self.graph.benefit * self.met()).sum()) // 2
