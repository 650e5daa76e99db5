"""How few repeats, and how much benefit, circles can have at best: proven for given numbers of people and tables."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.choose.circles.designs import IMPOSSIBLE
from matcher.choose.circles.layout import Room
from matcher.solver import Deadline, OutOfTime, Programme, linear

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people `sit` in each round at how many `tables`: (R,) each; sizes differ by one at most."""

    sit: Ints
    tables: Ints

    @classmethod
    def widest(cls, room: Room) -> "Sizes":
        """Everybody there at tables as large as can be: no plan has more people at a table."""
        return cls(room.there.sum(0), -(-room.there.sum(0) // (room.size + 1)))

    @property
    def low(self) -> Ints:
        """The smaller size in each round."""
        return np.where(self.tables > 0, self.sit // np.maximum(self.tables, 1), 0)

    @property
    def high(self) -> Ints:
        """The greater size in each round."""
        return np.where(self.tables > 0, -(-self.sit // np.maximum(self.tables, 1)), 0)

    @property
    def numbers(self) -> dict[int, int]:
        """How many tables of each size there are in all rounds."""
        larger, found = self.sit - self.low * self.tables, Counter[int]()
        for size, number in zip(np.append(self.low, self.high), np.append(self.tables - larger, larger), strict=True):
            found[int(size)] += int(number)
        return {size: number for size, number in sorted(found.items()) if number}

    @property
    def pairs(self) -> Ints:
        """How many pairs share a table in each round."""
        larger = self.sit - self.low * self.tables
        return np.asarray((self.tables - larger) * _two(self.low) + larger * _two(self.high), np.int64)


def _two(size: Ints) -> Ints:
    pairs: Ints = size * (size - 1) // 2
    return pairs


def possible(room: Room) -> Bools:
    """Who may share a table at some time, by a lock or by the rules: (n, n)."""
    seen = room.there.astype(np.float32)
    pairs = ~room.clash & (seen @ seen.T > 0)
    for lock in room.locks:
        pairs[np.ix_(lock.people, lock.people)] = True
    np.fill_diagonal(pairs, False)
    return pairs


def fewest_repeats(room: Room, sizes: Sizes, sits: Bools, deadline: Deadline) -> int:
    """Return a lower bound on repeats over all plans with these numbers of people and tables.

    The greatest of four: more pairs than can meet for the first time; people with more company than partners, each
    repeat serving two of them at best; a table scattered over too few others; and what combinatorics has proven.

    Parameters
    ----------
    room : Room
        The rules, and who has met before.
    sizes : Sizes
        People and tables in each round.
    sits : (n, R) bool
        Who sits in any case: all who are there in rounds where nobody rests.
    deadline : Deadline
        After it the quick bounds stand alone.
    """
    return max(counted_repeats(room, sizes, sits, deadline), _proven(sizes, sits))


def counted_repeats(room: Room, sizes: Sizes, sits: Bools, deadline: Deadline) -> int:
    """Return a lower bound on repeats that is true with fewer tables as well: the first three of `fewest_repeats`."""
    fresh = possible(room) & ~room.met
    counted = int(sizes.pairs.sum()) - int(np.triu(fresh).sum())
    company = np.where(sits, np.maximum(sizes.low - 1, 0)[None, :], 0).sum(1)
    crowded = _crowded(np.maximum(company - fresh.sum(1), 0), possible(room), deadline)
    return max(0, counted, crowded, _scattered(sizes, sits))


def _crowded(excess: Ints, allowed: Bools, deadline: Deadline) -> int:
    """The fewest pairs that cover each person's excess: a linear programme, its duals made to fit."""
    who = np.flatnonzero(excess)
    if not len(who):
        return 0
    one, other = np.nonzero(np.triu(allowed[np.ix_(who, who)]))
    edges = np.arange(len(one))
    both = sp.csr_matrix(
        (np.ones(2 * len(one)), (np.concatenate([edges, edges]), np.concatenate([one, other]))),
        shape=(len(one), len(who)),
    )
    # the dual: most sum of excess x price, two who may meet have prices of 1 together at most
    programme = Programme(
        excess[who].astype(float), both, np.full(len(one), -np.inf), np.ones(len(one)), np.ones(len(who))
    )
    prices = np.full(len(who), 0.5 if len(one) else 1.0)
    with suppress(OutOfTime):
        if len(one) and (answer := linear(programme, deadline=deadline)) is not None:
            found = np.round(np.clip(answer.x, 0.0, 1.0) * 2) / 2  # the vertices are half-integral
            prices = found if (both @ found <= 1).all() else prices
    return ceil(float(prices @ excess[who]) - 1e-9)


def _scattered(sizes: Sizes, sits: Bools) -> int:
    """People of one table who were at fewer tables before: each round after the first repeats at least so much."""
    total = 0
    for later in range(1, len(sizes.sit)):
        worst = 0
        for earlier in range(len(sizes.sit)):
            if earlier == later or not sizes.tables[earlier] or not sizes.tables[later]:
                continue
            if (sits[:, later] & ~sits[:, earlier]).any() or int(sits[:, later].sum()) != sizes.sit[later]:
                continue
            larger = int(sizes.sit[later] - sizes.low[later] * sizes.tables[later])
            met = [_spread(int(size), int(sizes.tables[earlier])) for size in (sizes.low[later], sizes.high[later])]
            if earlier < later:
                worst = max(worst, (int(sizes.tables[later]) - larger) * met[0] + larger * met[1])
        total += worst
    return total


def _spread(size: int, tables: int) -> int:
    """How many pairs of `size` people at least share one of so many tables."""
    each, more = divmod(size, tables)
    return (tables - more) * (each * (each - 1) // 2) + more * (each * (each + 1) // 2)


def _proven(sizes: Sizes, sits: Bools) -> int:
    """What is known to be impossible, where everybody sits throughout at equal tables."""
    if not sits.size or not sits.all() or (sizes.low != sizes.high).any() or (sizes.sit != len(sits)).any():
        return 0
    people, size, rounds = int(sizes.sit[0]), int(sizes.low[0]), len(sizes.sit)
    # without one of the rounds that hold a repeat there is at least one repeat less
    return max([0, *(rounds - least + 1 for n, s, least in IMPOSSIBLE if (n, s) == (people, size))])


def most_benefit(room: Room, sizes: Sizes, repeats: int) -> int:
    """Return an upper bound on the benefit of all plans with these sizes and at most so many repeats.

    Each person meets a limited number of different people: the linear programme of the b-matching, its duals improved
    person by person, which is valid whenever it ends. What repeats could add is paid at the dearest pair.
    """
    open_to = possible(room)
    worth = np.where(open_to, room.benefit, 0).astype(float)
    fresh = np.where(open_to & ~room.met, worth, 0.0)
    most = np.sort(np.where(room.there, np.maximum(sizes.high - 1, 0)[None, :], 0), axis=1)[:, ::-1]
    within = np.arange(most.shape[1])[None, :] < room.caps[:, None]
    company = np.where(within, most, 0).sum(1)
    bound = float(worth.sum()) / 2 * max(1, len(sizes.sit))
    if not len(worth):
        return 0
    price = np.zeros(len(worth))
    for sweep in range(SWEEPS):
        for who in range(len(price)):
            price[who] = (
                _fair(fresh[who] - price, int(company[who])) if sweep else 0.5 * _fair(fresh[who], int(company[who]))
            )
        over = np.maximum(fresh - price[:, None] - price[None, :], 0.0)
        again = max(0.0, float((worth - price[:, None] - price[None, :]).max()))
        bound = min(bound, float(price @ company) + float(over.sum()) / 2 + repeats * again)
    return int(bound + 1e-6)


def _fair(gains: Floats, company: int) -> float:
    """The price at which so many gains at most are worth paying."""
    if company >= len(gains):
        return 0.0
    return max(0.0, float(-np.partition(-gains, company)[company]))
