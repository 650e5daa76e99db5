"""Fewer breaks: meetings change rounds, nobody changes company.

A break is a run of idle rounds between two meetings of one person or host. The search looks for a smaller number by
moving a meeting into a gap; whoever is in its way there moves back (a Kempe chain of two rounds), so that every step
is a whole timetable again. Worse steps are taken now and then, less and less (simulated annealing, Kirkpatrick, Gelatt
and Vecchi 1983). The bound looks at each person or host alone: the fewest runs in which so many meetings fit into the
rounds that are open.
"""

import random
from dataclasses import dataclass, field
from math import exp

import numpy as np

from matcher.graph import Bools, Ints
from matcher.solver import NEVER, Deadline

STEPS = 20_000
WARM, COLD = 0.6, 0.08
LONGEST = 400
LOOK = 256
SOFT = 3.0
EVEN = 2


@dataclass(frozen=True, slots=True)
class Agenda:
    """Meetings that are to be held, whatever the format; a node is a person or a host.

    Attributes
    ----------
    ends : (m, k) int
        The nodes of each meeting: two people, or a person and a host.
    open : (m, R) bool
        Rounds in which each meeting may be; a locked one has one.
    capacity : (nodes, R) int
        Most meetings of a node in a round, 0 where it is away.
    room : (R,) int
        Most meetings in a round.
    rank : (nodes,) int
        Breaks of rank 0 are avoided first, then those of rank 1, and so on.
    least : (nodes,) int
        A node has in each round no meeting or at least so many.
    apart : (a, 2) int
        Meetings that are never in one round.
    spread : bool
        Whether two breaks more than somebody else has are, as an aim, the most.
    """

    ends: Ints
    open: Bools
    capacity: Ints
    room: Ints
    rank: Ints
    least: Ints
    apart: Ints = field(default_factory=lambda: np.empty((0, 2), np.int64))
    spread: bool = False

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self.open.shape[1])


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
        How many chains are tried at most.
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
    alone = fewest_breaks(agenda)
    bound = tuple(int(alone[agenda.rank == rank].sum()) for rank in range(ranks))
    board = Board(agenda, when, rng)
    best, found = board.score(), list(board.when)
    for step in range(steps):
        if best[:ranks] == bound and not best[ranks]:
            break
        if step % LOOK == 0 and deadline.over():
            break
        if board.step(WARM * (COLD / WARM) ** (step / steps)) and board.score() < best:
            best, found = board.score(), list(board.when)
    return Compacted(np.array(found, dtype=np.int64), best[:ranks], bound)


def breaks_in(busy: int) -> int:
    """Count the breaks in a set of rounds, one bit each.

    >>> breaks_in(0b1011001), breaks_in(0b110), breaks_in(0)
    (2, 0, 0)
    """
    return max(0, (busy & ~(busy << 1)).bit_count() - 1)


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
        self.broken: dict[int, None] = {}
        self._note(dict.fromkeys(range(len(self.busy)), 0))

    def score(self) -> tuple[int, ...]:
        """Breaks of each rank, then how many more than two breaks people have."""
        totals = [0] * (max(self.rank, default=0) + 1)
        above = 0
        for node in self.broken:
            number = breaks_in(self.busy[node])
            totals[self.rank[node]] += number
            above += max(0, number - EVEN)
        return (*totals, above if self.spread else 0)

    def step(self, warmth: float) -> bool:
        """Try one chain; True where it was taken."""
        if not self.broken:
            return False
        node = self.rng.choice(list(self.broken))
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
        if self._chain(meeting, (source, target), (moved, before)):
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
        for node in touched:
            if breaks_in(self.busy[node]):
                self.broken[node] = None
            else:
                self.broken.pop(node, None)


def fewest_breaks(agenda: Agenda) -> Ints:
    """Prove for each node alone how many breaks it has at least, shape (nodes,)."""
    nodes, rounds = agenda.capacity.shape
    reach, must = np.zeros((nodes, rounds), np.bool_), np.zeros((nodes, rounds), np.bool_)
    single = agenda.open.sum(1) == 1
    for column in agenda.ends.T:
        np.logical_or.at(reach, column, agenda.open)
        np.logical_or.at(must, column[single], agenda.open[single])
    reach &= agenda.capacity > 0
    held = np.bincount(agenda.ends.ravel(), minlength=nodes)
    most = np.maximum(agenda.capacity.max(1, initial=0), 1)
    low, high = -(-held // most), held // np.maximum(agenda.least, 1)
    cases = np.column_stack([reach, must, low, high])
    kinds, kind = np.unique(cases, axis=0, return_inverse=True)
    fewest = [_fewest(row[:rounds].tolist(), row[rounds:-2].tolist(), int(row[-2]), int(row[-1])) for row in kinds]
    return np.array(fewest, dtype=np.int64)[kind.ravel()] if fewest else np.zeros(nodes, np.int64)


def _fewest(reach: list[int], must: list[int], low: int, high: int) -> int:
    """Fewest breaks with `low` to `high` busy rounds, all in `reach` and all of `must`; 0 where there is no such set.

    One pass over the rounds: for each number of busy rounds so far, the fewest runs that end idle, and that end busy.
    """
    never = len(reach) + 1
    idle, busy = [0] + [never] * high, [never] * (high + 1)
    for open_now, needed in zip(reach, must, strict=True):
        longer = [never] + [min(idle[count] + 1, busy[count]) for count in range(high)]
        waited = [min(pair) for pair in zip(idle, busy, strict=True)]
        idle = [never] * (high + 1) if needed else waited
        busy = longer if open_now else [never] * (high + 1)
    runs = min((min(pair) for pair in list(zip(idle, busy, strict=True))[low:]), default=never)
    return 0 if runs >= never else max(0, runs - 1)
