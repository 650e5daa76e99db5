"""Fewer breaks: meetings change rounds, nobody changes company.

A break is a run of idle rounds between two meetings of one person or host. The search looks for a smaller number by
moving a meeting into a gap; whoever is in its way there moves back (a Kempe chain of two rounds), so that every step
is a whole timetable again. Worse steps are taken now and then, less and less (simulated annealing, Kirkpatrick, Gelatt
and Vecchi 1983).
"""

import random
from dataclasses import dataclass
from math import exp

import numpy as np

from matcher.graph import Ints
from matcher.solver import NEVER, Deadline
from matcher.when.agenda import EVEN, Agenda, breaks_in
from matcher.when.fewest import fewest_breaks

STEPS = 20_000
WARM, COLD = 0.6, 0.08
LONGEST = 400
MOVES = 10
LOOK = 256
SOFT = 3.0


@dataclass(frozen=True, slots=True)
class Compacted:
    """A timetable with few breaks.

    Attributes
    ----------
    when : (m,) int
        The round of each meeting.
    breaks : tuple of int
        Breaks of each rank.
    bound : tuple of int
        No timetable of these meetings has fewer breaks of that rank.
    """

    when: Ints
    breaks: tuple[int, ...]
    bound: tuple[int, ...]


def compact(
    agenda: Agenda, when: Ints, rng: random.Random, *, steps: int = STEPS, deadline: Deadline = NEVER
) -> Compacted:
    """Move meetings to other rounds until few breaks are left.

    Parameters
    ----------
    agenda : Agenda
        The meetings, and in which rounds they may be.
    when : (m,) int
        A timetable that keeps every rule of the agenda.
    rng : random.Random
        Which chains are tried.
    steps : int
        How many chains are tried at most, and ten times as many meetings moved: in a full room chains are long.
    deadline : Deadline
        After it no further chain is tried.

    Examples
    --------
    >>> ends, one = np.array([[0, 1], [0, 2]]), np.ones(3, np.int64)
    >>> agenda = Agenda(ends, np.ones((2, 3), bool), np.ones((3, 3), np.int64), np.full(3, 9), 0 * one, one)
    >>> compact(agenda, np.array([0, 2]), random.Random(0)).breaks
    (0,)
    """
    ranks = int(agenda.rank.max(initial=0)) + 1
    bound = fewest_breaks(agenda)
    board = Board(agenda, when, rng)
    best, found = board.score(), list(board.when)
    for step in range(steps):
        done = max(step, board.moves / MOVES) / steps
        if (best[:ranks] == bound and not best[ranks]) or done >= 1:
            break
        if step % LOOK == 0 and deadline.over():
            break
        if board.step(WARM * (COLD / WARM) ** done) and board.score() < best:
            best, found = board.score(), list(board.when)
    return Compacted(np.array(found, dtype=np.int64), best[:ranks], bound)


class Board:
    """A timetable under change: what each node does in each round, and what its breaks cost."""

    def __init__(self, agenda: Agenda, when: Ints, rng: random.Random) -> None:
        self.rng, self.rounds, self.spread = rng, agenda.rounds, agenda.spread
        self.ends: list[list[int]] = agenda.ends.tolist()
        self.open: list[list[bool]] = agenda.open.tolist()
        self.capacity: list[list[int]] = agenda.capacity.tolist()
        self.room: list[int] = agenda.room.tolist()
        self.rank: list[int] = agenda.rank.tolist()
        self.least: list[int] = agenda.least.tolist()
        self.apart: list[list[int]] = [[] for _ in self.ends]
        for one, other in agenda.apart.tolist():
            self.apart[one].append(other)
            self.apart[other].append(one)
        ranks = max(self.rank, default=0)
        self.weight = [SOFT ** (ranks - rank) for rank in self.rank]
        self.when: list[int] = [-1] * len(self.ends)
        self.load = [0] * self.rounds
        self.at: list[list[list[int]]] = [[[] for _ in range(self.rounds)] for _ in self.capacity]
        self.busy = [0] * len(self.capacity)
        for meeting, number in enumerate(when.tolist()):
            self._put(meeting, number)
        reach = [0] * len(self.capacity)
        for meeting, nodes in enumerate(self.ends):
            for node in nodes:
                reach[node] |= sum(1 << number for number in range(self.rounds) if self.open[meeting][number])
        self.reach = reach
        self.totals, self.above, self.moves = [0] * (ranks + 1), 0, 0
        self.broken: list[int] = []
        self.place: dict[int, int] = {}
        self._note(dict.fromkeys(range(len(self.busy)), 0))

    def score(self) -> tuple[int, ...]:
        """Breaks of each rank, then how many more than two breaks people have."""
        return (*self.totals, self.above)

    def step(self, warmth: float) -> bool:
        """Try one chain; True where it was taken."""
        if not self.broken:
            return False
        node = self.rng.choice(self.broken)
        busy = self.busy[node]
        gaps = ((busy << 1) | (busy >> 1)) & self.reach[node] & ~busy
        edges = busy & ~((busy << 1) & (busy >> 1))
        if not gaps:
            return False
        target, source = self._bit(gaps), self._bit(edges)
        meeting = self.rng.choice(self.at[node][source])
        return self._exchange(meeting, target, warmth)

    def _bit(self, bits: int) -> int:
        return self.rng.choice([number for number in range(self.rounds) if bits >> number & 1])

    def _exchange(self, meeting: int, target: int, warmth: float) -> bool:
        source = self.when[meeting]
        moved: dict[int, None] = {}
        before: dict[int, int] = {}
        whole = self._chain(meeting, (source, target), (moved, before))
        self.moves += len(moved)
        if whole:
            worse = sum(self.weight[node] * self._more(node, busy) for node, busy in before.items())
            if worse <= 0 or self.rng.random() < exp(-worse / warmth):
                self._note(before)
                return True
        for one in moved:
            self._shift(one, source + target - self.when[one])
        return False

    def _chain(self, meeting: int, rounds: tuple[int, int], done: tuple[dict[int, None], dict[int, int]]) -> bool:
        """Carry a meeting to the other of two rounds, and back what is in its way; False where that cannot be."""
        both, (moved, before) = sum(rounds), done
        waiting = [meeting]
        while waiting:
            one = waiting.pop()
            there = both - self.when[one]
            if one in moved or not self.open[one][there] or len(moved) == LONGEST:
                return False
            moved[one] = None
            for node in self.ends[one]:
                before.setdefault(node, self.busy[node])
            self._shift(one, there)
            waiting += [other for other in self.apart[one] if self.when[other] == there and other not in waiting]
            for node in self.ends[one]:
                if not self._make_way(node, there, moved, waiting):
                    return False
            if not waiting:
                waiting = self._left_behind(before, rounds)
        return all(self.load[number] <= self.room[number] for number in rounds)

    def _make_way(self, node: int, number: int, moved: dict[int, None], waiting: list[int]) -> bool:
        """Send away as many meetings of a node as are too many in a round."""
        here = self.at[node][number]
        over = len(here) - self.capacity[node][number]
        if over <= 0:
            return True
        going = sum(one in waiting for one in here)
        if going >= over:
            return True
        others = [one for one in here if one not in moved and one not in waiting]
        if len(others) < over - going:
            return False
        waiting += others if len(others) == over - going else self.rng.sample(others, over - going)
        return True

    def _left_behind(self, touched: dict[int, int], rounds: tuple[int, int]) -> list[int]:
        """Meetings of the first node that has too few in one of two rounds."""
        for node in touched:
            for number in rounds:
                if 0 < len(self.at[node][number]) < self.least[node]:
                    return list(self.at[node][number])
        return []

    def _shift(self, meeting: int, number: int) -> None:
        old, bit = self.when[meeting], 1 << self.when[meeting]
        for node in self.ends[meeting]:
            self.at[node][old].remove(meeting)
            if not self.at[node][old]:
                self.busy[node] &= ~bit
        self.load[old] -= 1
        self._put(meeting, number)

    def _put(self, meeting: int, number: int) -> None:
        self.when[meeting] = number
        self.load[number] += 1
        for node in self.ends[meeting]:
            self.at[node][number].append(meeting)
            self.busy[node] |= 1 << number

    def _more(self, node: int, before: int) -> int:
        """How many breaks more a node has than before."""
        old, new = breaks_in(before), breaks_in(self.busy[node])
        return new - old + (max(0, new - EVEN) - max(0, old - EVEN) if self.spread else 0)

    def _note(self, touched: dict[int, int]) -> None:
        """Count anew what the nodes have, each given with its busy rounds before."""
        for node, before in touched.items():
            old, new = breaks_in(before), breaks_in(self.busy[node])
            self.totals[self.rank[node]] += new - old
            self.above += self._more(node, before) - (new - old)
            if new and not old:
                self.place[node] = len(self.broken)
                self.broken.append(node)
            elif old and not new:
                here, last = self.place.pop(node), self.broken.pop()
                if last != node:
                    self.broken[here], self.place[last] = last, here
