"""What circles cannot beat, by a linear programme over whole tables: how few repeats, how much benefit.

Pairs alone promise too much, because at a table everybody meets everybody. So the columns are tables, each the number
of rounds in which it meets: nobody is at more tables than rounds, a pair meets once and then repeats, and there are as
many tables of each size as were set up. The rounds are thrown together, which only promises more. Tables are listed in
full; the programme begins with some and is given those that its prices find wanting (Gilmore and Gomory 1961). Its
prices prove the bound whenever it ends: by weak duality no plan is worth more than the rows at their prices and, for
each size, as many tables as there are at the greatest reduced gains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.choose.circles.fewest import Sizes, possible
from matcher.choose.circles.layout import Room
from matcher.solver import NEVER, Answer, Deadline, OutOfTime, Programme, linear

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST, SEEN = 60_000, 1_000_000  # tables, and sets looked at
FIRST, MORE, TURNS = 4_000, 2_000, 25
GRAIN = 2.0**20
ENOUGH = 0.5
DEAR = 1e5


@dataclass(frozen=True, slots=True)
class TableBound:
    """All tables of a room as columns of a programme.

    Attributes
    ----------
    room : Room
        The rules, who has met before, and benefits.
    least, most : (n,) int
        In how many rounds each person sits at least, and at most.
    rows : (n + p, m) sparse
        Who sits at which table, and which of the p pairs do.
    size : (m,) int
        How many people sit there.
    numbers : dict of int to int
        How many tables of each size there are in all rounds.
    """

    room: Room
    least: Ints
    most: Ints
    rows: sp.csr_matrix
    size: Ints
    numbers: dict[int, int]

    def fewest_repeats(self, deadline: Deadline = NEVER) -> int:
        """A lower bound on repeats, 0 where nothing can be said."""
        bound = self._bound(np.zeros(len(self.size)), None, deadline)
        return 0 if bound is None else max(0, -bound)

    def most_benefit(self, repeats: int, deadline: Deadline = NEVER) -> int | None:
        """An upper bound on benefit with at most so many repeats, None where nothing can be said."""
        n = len(self.least)
        worth = self.rows[n:].T @ self.room.benefit[np.triu_indices(n, 1)].astype(float)
        return self._bound(worth, repeats, deadline)

    def _bound(self, worth: Floats, repeats: int | None, deadline: Deadline) -> int | None:
        """The most that tables are worth, less one for each repeat where these have no limit."""
        known = np.zeros(len(worth), bool)
        known[np.argsort(-worth, kind="stable")[: FIRST // 2]] = True
        known[np.random.default_rng(len(worth)).permutation(len(worth))[: FIRST // 2]] = True
        best = np.inf
        for _ in range(TURNS):
            programme = self._programme(worth, np.flatnonzero(known), repeats)
            answer = _answered(programme, deadline)
            if answer is None:
                break
            prices = np.round(answer.prices * GRAIN) / GRAIN
            reduced = worth - self.rows.T @ prices[: self.rows.shape[0]]
            best = min(best, self._dual(programme, prices, reduced))
            wanting = np.flatnonzero(~known & (reduced - prices[self._count_rows()] > 1 / GRAIN))
            if best - answer.value < ENOUGH or not len(wanting) or deadline.over():
                break
            order = np.argsort(prices[self._count_rows()][wanting] - reduced[wanting], kind="stable")
            known[wanting[order[:MORE]]] = True
        return int(np.floor(best + 1 / GRAIN)) if best < np.inf else None

    def _count_rows(self) -> Ints:
        """For each table the row that counts those of its size."""
        place: Ints = self.rows.shape[0] + np.searchsorted(sorted(self.numbers), self.size)
        return place

    def _programme(self, worth: Floats, columns: Ints, repeats: int | None) -> Programme:
        """Rows: people, pairs, tables of each size, all repeats. Columns: tables, repeats, what is missing yet."""
        n, sizes = len(self.least), sorted(self.numbers)
        p, k = self.rows.shape[0] - n, len(sizes)
        counts = sp.csr_matrix((self.size[columns][None, :] == np.array(sizes)[:, None]).astype(float))
        rows = sp.bmat(
            [
                [self.rows[:n, columns], sp.csr_matrix((n, p)), sp.eye(n), None],
                [self.rows[n:, columns], -sp.eye(p), None, None],
                [counts, None, None, sp.eye(k)],
                [None, np.ones((1, p)), None, None],
            ],
            format="csr",
        )
        once = 1.0 - self.room.met[np.triu_indices(n, 1)]
        number = np.array([self.numbers[size] for size in sizes], float)
        free = np.inf if repeats is None else float(repeats)
        rounds = float(self.room.there.shape[1])
        return Programme(
            np.concatenate([worth[columns], np.full(p, -1.0 * (repeats is None)), np.full(n + k, -DEAR)]),
            rows,
            np.concatenate([self.least.astype(float), np.full(p, -np.inf), number, [-np.inf]]),
            np.concatenate([self.most.astype(float), once, number, [free]]),
            np.concatenate([np.full(len(columns) + p, rounds), self.least.astype(float), number]),
        )

    def _dual(self, programme: Programme, prices: Floats, reduced: Floats) -> float:
        """What no plan is worth more than, at these prices; those of the wrong sign are left out."""
        n, p = len(self.least), self.rows.shape[0] - len(self.least)
        counted = np.zeros(len(prices), bool)
        counted[n + p : n + p + len(self.numbers)] = True
        side = np.where(prices > 0, programme.high, programme.low)
        fit = np.isfinite(side) & ~counted
        kept = np.where(fit, prices, 0.0)
        if (kept != prices)[~counted].any():
            return np.inf
        pair, budget, rounds = prices[n : n + p], prices[-1], self.room.there.shape[1]
        again = np.maximum(pair - budget - (not np.isfinite(programme.high[-1])), 0.0).sum() * rounds
        tables = sum(_greatest(reduced[self.size == size], number, rounds) for size, number in self.numbers.items())
        return float((kept[fit] * side[fit]).sum() + again + tables)


def _greatest(gains: Floats, number: int, times: int) -> float:
    """The most that so many tables gain where each meets so many times at most."""
    whole, more = divmod(number, times)
    best = -np.sort(-gains)[: whole + 1]
    return float(best[:whole].sum()) * times + (float(best[whole]) * more if more and len(best) > whole else 0.0)


def _answered(programme: Programme, deadline: Deadline) -> Answer | None:
    try:
        return linear(programme, deadline=deadline)
    except OutOfTime:
        return None


def table_bound(room: Room, sizes: Sizes) -> TableBound | None:
    """List all tables of these sizes; None where there are too many, or none of some size.

    Parameters
    ----------
    room : Room
        The rules, who has met before, and benefits.
    sizes : Sizes
        People and tables in each round. Where as many sit as are there and at any table at all, all of these do.
    """
    n = len(room.caps)
    numbers = sizes.numbers
    found = {size: sets for size, sets in _sets(room, max(numbers, default=0)) if size in numbers}
    if not numbers or set(found) != set(numbers) or not all(map(len, found.values())):
        return None
    pair = np.zeros((n, n), np.int64)
    pair[np.triu_indices(n, 1)] = n + np.arange(n * (n - 1) // 2)
    row, column, first = [], [], 0
    for sets in found.values():
        at = first + np.arange(len(sets))
        own = [sets[:, one] for one in range(sets.shape[1])]
        own += [pair[sets[:, one], sets[:, other]] for one, other in combinations(range(sets.shape[1]), 2)]
        row += own
        column += [at] * len(own)
        first += len(sets)
    rows, columns = np.concatenate(row), np.concatenate(column)
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n + n * (n - 1) // 2, first))
    size = np.concatenate([np.full(len(sets), size) for size, sets in found.items()])
    able = room.there & (np.diff(matrix.indptr)[:n] > 0)[:, None]
    most = np.minimum(room.caps, able.sum(1))
    least = np.minimum((able & (sizes.sit == able.sum(0))).sum(1), most)
    return TableBound(room, least, most, matrix, size, numbers)


def _sets(room: Room, largest: int) -> Iterator[tuple[int, Ints]]:
    """All sets of people who may share a table, of each size up to the largest; none from where there are too many."""
    n = len(room.caps)
    after = possible(room) & np.triu(np.ones((n, n), bool), 1)
    speaks = room.speaks if room.speaks.shape[1] else np.ones((n, 1), bool)
    for lock in room.locks:
        own = list(lock.people)
        if not speaks[own].all(axis=0).any():
            speaks = speaks.copy()
            speaks[own] = True
    sets, open_, common = np.arange(n)[:, None], after, speaks
    for size in range(2, largest + 1):
        row, more = np.nonzero(open_)
        if len(row) > SEEN:
            return
        heard: Ints = np.flatnonzero(np.logical_or.reduce(common[row] & speaks[more], axis=1))
        if heard.size > MOST:
            return
        row, more = row[heard], more[heard]
        sets = np.hstack([sets[row], more[:, None]])
        open_, common = open_[row] & after[more], common[row] & speaks[more]
        yield size, sets
