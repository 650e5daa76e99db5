"""What interpreters can do: which of the wanted meetings, in which round, by whom."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.graph import PLENTY
from matcher.problem import Problem
from matcher.rules import Admissibility, tables_of_hosts
from matcher.solver import Programme, whole

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Pair = tuple[int, int]

NODES = 500
MOST = 30_000
FIRST = 4_000.0
KEPT = 10_000_000.0


@dataclass(frozen=True, slots=True)
class Served:
    """A meeting with its interpreter: nodes with the host last, a round from 0, an interpreter by index."""

    table: tuple[int, ...]
    round: int
    interpreter: int


class Booths:
    """The interpreters of a session and what they can do.

    Attributes
    ----------
    most : int
        How many meetings they can interpret at the very most, with their rests.
    """

    def __init__(self, problem: Problem, admissible: Admissibility, worth: Ints) -> None:
        self.admissible = admissible
        self.worth = worth
        self.offset = len(problem.people) if problem.hosted else 0
        self.rounds = problem.session.rounds
        self.there: Bools = np.ones((len(problem.interpreters), self.rounds), np.bool_)
        for row, one in enumerate(problem.interpreters):
            self.there[row, [number - 1 for number in one.away]] = False
        self.running = [one.most_in_a_row for one in problem.interpreters]
        self.most = sum(_workable(row, most) for row, most in zip(self.there.tolist(), self.running, strict=True))
        self.answers: dict[tuple[Pair, ...], list[Served]] = {}
        self.seats = _seats(problem, admissible)
        self.locked = _locked(self, problem)
        self.left = admissible.caps.copy()
        for lock in problem.locks:
            self.left[[admissible.index[name] for name in lock.people]] -= 1
        self.left = np.maximum(self.left, 0)
        self.room = _free_tables(problem)
        self.tables = _tables(problem)
        hosts = enumerate(problem.visited, self.offset)
        self.crowded = {node for node, host in hosts if host.min_places > 1}

    def serve(self, wanted: Iterable[Pair]) -> list[Served]:
        """Choose meetings, rounds and interpreters.

        First those of people who can meet hardly anybody without an interpreter, evenly; then the most beneficial.

        Parameters
        ----------
        wanted : iterable of (node, node)
            Pairs that need an interpreter; those who may not meet are left out, the most beneficial partners of people
            in need are added.
        """
        could = self.could()
        held = {pair for pair in wanted if could[pair[0], pair[1] - self.offset]}
        pairs = tuple(sorted({*held, *self._of_those_in_need()}))
        if pairs not in self.answers:
            self.answers[pairs] = self._served(self._tries(pairs))
        return self.answers[pairs]

    def _served(self, tries: list[Served]) -> list[Served]:
        if not tries:
            return []
        programme, m = self._programme(tries)
        found = whole(programme, nodes=NODES)
        return [] if found is None else [tries[at] for at in np.flatnonzero(found.x[:m] > 0.5).tolist()]

    def _lacking(self) -> Ints:
        """How many meetings each person lacks when nobody interprets."""
        could = self._direct().sum(1)
        lacking: Ints = np.maximum(self.left - could, 0)
        return lacking

    def could(self) -> Bools:
        """Who may meet whom, with an interpreter or without."""
        return (self.admissible.visits & (self.worth > 0)) if self.offset else self.admissible.allowed

    def _direct(self) -> Bools:
        """Who may meet whom without an interpreter."""
        direct = self.could().copy()
        for one, other in np.argwhere(direct).tolist():
            direct[one, other] = not self.admissible.need_interpreter((one, other + self.offset))
        return direct

    def _of_those_in_need(self) -> Iterator[Pair]:
        lacking, direct = self._lacking(), self._direct()
        could = self.could()
        for who in np.flatnonzero(lacking).tolist():
            open_to = np.flatnonzero(could[who] & ~direct[who])
            order = open_to[np.argsort(-self.worth[who, open_to], kind="stable")]
            for other in order[: 3 * int(self.admissible.caps[who])].tolist():
                yield (who, other + self.offset) if self.offset else (min(who, other), max(who, other))

    def _tries(self, wanted: Iterable[Pair]) -> list[Served]:
        """Every round and interpreter in which a wanted meeting could be held; locks only in their own round."""
        there = np.vstack([self.admissible.there, self.admissible.hosts_there])
        for lock in self.admissible.problem.locks:
            there[[self.admissible.index[name] for name in lock.people], lock.round - 1] = False
        pinned = {pair for pair, _ in self.locked}
        places = list(self.locked)
        for pair in wanted:
            common = np.flatnonzero(there[pair[0]] & there[pair[1]]).tolist()
            places += [(pair, when) for when in common if pair not in pinned]
        tries = [
            Served(pair, when, one)
            for pair, when in places
            for one in range(len(self.there))
            if self.there[one, when] and self.speaks(one, pair) and pair[1] not in self.crowded
            if _joins(self, one, pair, when)
        ]
        return tries[:MOST]

    def speaks(self, one: int, table: tuple[int, ...]) -> bool:
        """Whether an interpreter shares a language with everybody who lists any."""
        heard, nodes = self.admissible.reach[one], self.admissible.nodes
        return all(heard[who] or not nodes[who].languages for who in table)

    def _programme(self, tries: list[Served]) -> tuple[Programme, int]:
        """Columns: tries, then for people in need one per meeting lacking. Rows: nobody twice, limits, rests, needs."""
        m, n = len(tries), len(self.admissible.caps)
        pinned = {pair for pair, _ in self.locked}
        lacking = self._lacking().tolist()
        levels = [(who, level) for who in range(n) for level in range(lacking[who])]
        gain = [
            1.0 + self.worth[one.table[0], one.table[1] - self.offset] + KEPT * (one.table in pinned) for one in tries
        ]
        gain += [FIRST * (self.rounds + 1 - level) for _, level in levels]
        rows: defaultdict[Hashable, list[tuple[int, float]]] = defaultdict(list)
        most: dict[Hashable, float] = {}
        for column, one in enumerate(tries):
            for key, limit in self._rows(one):
                rows[key].append((column, 1.0))
                most[key] = limit
            for who in one.table:
                if who < n and lacking[who]:
                    rows["need", who].append((column, -1.0))
                    most["need", who] = 0.0
        for column, (who, _) in enumerate(levels, m):
            rows["need", who].append((column, 1.0))
            most["need", who] = 0.0
        ends = [(at, column, sign) for at, row in enumerate(rows.values()) for column, sign in row]
        at, columns, signs = zip(*ends, strict=True)
        matrix = sp.csr_matrix((signs, (at, columns)), shape=(len(rows), len(gain)))
        high = np.array([most[key] for key in rows])
        return Programme(np.array(gain), matrix, np.full(len(high), -np.inf), high, np.ones(len(gain))), m

    def _rows(self, one: Served) -> Iterator[tuple[Hashable, float]]:
        """What a meeting takes up, and how much of it there is."""
        yield ("pair", one.table), 1.0
        yield ("booth", one.interpreter, one.round), 1.0
        if (one.table, one.round) not in self.locked:
            yield ("room", one.round), float(self.room[one.round])
        running = self.running[one.interpreter]
        for start in range(one.round - running, one.round + 1):
            yield ("run", one.interpreter, start), float(running)
        for who in one.table:
            yield ("busy", who, one.round), 1.0
            if who < len(self.left) and (one.table, one.round) not in self.locked:
                yield ("cap", who), float(self.left[who])


def _joins(booths: Booths, one: int, pair: Pair, when: int) -> bool:
    """Whether a meeting leaves those locked at that table where they are, and able to follow."""
    who, host = pair
    seated = booths.seats.get((host, when), [])
    if not seated:
        return True
    room = booths.admissible.problem.visited[host - booths.offset].places > len(seated)
    apart = bool(booths.admissible.kept_apart[who, seated].any())
    return booths.speaks(one, (*seated, host)) and (who in seated or (room and not apart))


def fill(booths: Booths, free: Bools, met: set[Pair], served: list[Served], *, spare: Ints) -> list[Served]:
    """Bring together people who are free in the same round, the most beneficial first.

    Parameters
    ----------
    free : (n + h, R) bool
        Who has no table when, and could have one.
    met : set of (node, node)
        Who meets already.
    served : list of Served
        What the interpreters do already.
    spare : (R,) int
        Tables that stand empty.
    """
    spare = spare.copy()
    could = booths.could() if booths.offset else np.triu(booths.could(), 1)
    free, work = free.copy(), booths.there & False
    for done in served:
        work[done.interpreter, done.round] = True
    found: list[Served] = []
    ends = [pair for pair in np.argwhere(could).tolist() if (free[pair[0]] & free[pair[1] + booths.offset]).any()]
    for one, other in sorted(ends, key=lambda pair: -int(booths.worth[pair[0], pair[1]])):
        pair = (one, other + booths.offset)
        if pair in met or pair[1] in booths.crowded or not booths.admissible.need_interpreter(pair):
            continue
        for when in np.flatnonzero(free[pair[0]] & free[pair[1]] & (spare > 0)).tolist():
            booth = free_booth(booths, pair, when, work)
            if booth is not None:
                found.append(Served(pair, when, booth))
                work[booth, when] = True
                spare[when] -= 1
                free[[*pair], when] = False
                met = met | {pair}
                break
    return found


def free_booth(booths: Booths, table: tuple[int, ...], when: int, work: Bools) -> int | None:
    """Return an interpreter who speaks with a table and is free in a round, with rests; None where there is none."""
    for who in range(len(booths.there)):
        if booths.there[who, when] and not work[who, when] and booths.speaks(who, table):
            row = [*work[who, :when].tolist(), True, *work[who, when + 1 :].tolist()]
            if longest_run(row) <= booths.running[who]:
                return who
    return None


def _locked(booths: Booths, problem: Problem) -> list[tuple[Pair, int]]:
    """Locked meetings that need an interpreter, with their rounds; at hosts' tables those that are named."""
    index = booths.admissible.index
    found = [((row, host), when) for (host, when), rows in booths.seats.items() for row in rows]
    if not booths.offset:
        pairs = [sorted(index[name] for name in lock.people) for lock in problem.locks]
        found = [((one, other), lock.round - 1) for (one, other), lock in zip(pairs, problem.locks, strict=True)]
    return [(pair, when) for pair, when in found if booths.admissible.need_interpreter(pair)]


def _seats(problem: Problem, admissible: Admissibility) -> dict[tuple[int, int], list[int]]:
    """Who is locked at which host's table: rows by (node, round)."""
    offset = len(problem.people)
    hosts = {table: node for node, table in enumerate(tables_of_hosts(problem), offset)}
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for lock in problem.locks if problem.hosted else ():
        if lock.table is not None:
            found[hosts[lock.table], lock.round - 1] += [admissible.index[name] for name in lock.people]
    return dict(found)


def _tables(problem: Problem) -> int:
    """How many tables there are at one time; where people come to hosts each has one."""
    tables = problem.session.tables
    if tables is None or problem.hosted:
        return PLENTY
    return tables if isinstance(tables, int) else len(tables)


def _free_tables(problem: Problem) -> Ints:
    """How many tables each round has beside those of locks."""
    free: Ints = np.full(problem.session.rounds, _tables(problem), np.int64)
    for lock in problem.locks:
        free[lock.round - 1] -= 1
    return np.maximum(free, 0)


def longest_run(row: list[bool]) -> int:
    """Return how many rounds running somebody works."""
    longest = run = 0
    for busy in row:
        run = run + 1 if busy else 0
        longest = max(longest, run)
    return longest


def _workable(there: list[bool], most: int) -> int:
    """How many rounds somebody can work with a rest after every `most` running."""
    total = run = 0
    for present in there:
        run = run + 1 if present and run < most else 0
        total += run > 0
    return total
