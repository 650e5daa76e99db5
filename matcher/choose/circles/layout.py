"""How many tables a round of circles has, how many people sit, and who rests where not all can."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.solver import Programme, linear

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Together:
    """A lock: rows of people who sit together in `round` (from 0), at the table of that name where it has one."""

    round: int
    people: tuple[int, ...]
    table: str | None


@dataclass(frozen=True, slots=True)
class Room:
    """A session of circles as arrays over n people and R rounds.

    Attributes
    ----------
    there : (n, R) bool
        Who is there when.
    caps : (n,) int
        Most tables of each person, at least as many as locks.
    clash, colleagues, met : (n, n) bool
        Who may not share a table with whom; who does not because of the organisation; who has met whom before.
    benefit : (n, n) int
        Whole numbers, symmetric.
    speaks : (n, L) bool
        Languages that count; a person without languages speaks all of them. L is 0 where the rule is off.
    seated : (n,) bool
        Who keeps one table throughout.
    locks : tuple of Together
        Who sits with whom for certain; nobody is in two locks of one round.
    size, most : int
        People at a table, give or take one; tables at one time.
    """

    there: Bools
    caps: Ints
    clash: Bools
    colleagues: Bools
    met: Bools
    benefit: Ints
    speaks: Bools
    seated: Bools
    locks: tuple[Together, ...]
    size: int
    most: int

    def locked(self, number: int) -> list[Together]:
        """The locks of a round."""
        return [lock for lock in self.locks if lock.round == number]

    def fewest_tables(self) -> int:
        """The fewest tables of a round in which a seated person is there, everybody sitting who can."""
        numbers = []
        for there in self.there[:, self.there[self.seated].any(0)].sum(0).tolist():
            sit = most_at_tables(there, self.size, self.most)
            numbers += numbers_of_tables(sit, there, self.size, self.most)[:1]
        return min(numbers, default=0)

    @property
    def fixed(self) -> Bools:
        """Who sits when by a lock: (n, R)."""
        fixed = np.zeros_like(self.there)
        for lock in self.locks:
            fixed[list(lock.people), lock.round] = True
        return fixed


def numbers_of_tables(sit: int, there: int, size: int, most: int) -> list[int]:
    """Return how many tables could seat `sit` of the people who are there, the number nearest to full tables first.

    Tables hold `size` people give or take one; smaller ones are for a round so small that it cannot be shared out so.

    Examples
    --------
    >>> numbers_of_tables(20, 20, 4, 99), numbers_of_tables(21, 21, 4, 5), numbers_of_tables(7, 7, 5, 99)
    ([5, 6, 4], [5], [2, 3])
    """
    fitting = [count for count in range(1, min(most, sit // 2) + 1) if -(-sit // count) <= size + 1]
    proper = [count for count in fitting if sit // count >= size - 1]
    if not proper and -(-there // (size + 1)) * (size - 1) > there:
        proper = fitting
    return sorted(proper, key=lambda count: (abs(sit - count * size), -count))


def most_at_tables(there: int, size: int, most: int) -> int:
    """Return the greatest number of people that tables could seat.

    Examples
    --------
    >>> most_at_tables(20, 4, 99), most_at_tables(20, 4, 3), most_at_tables(1, 4, 99)
    (20, 15, 0)
    """
    return next((sit for sit in range(there, 1, -1) if numbers_of_tables(sit, there, size, most)), 0)


def sitters(room: Room) -> Bools:
    """Choose who sits when, as many as tables and limits let, spread as evenly as can be: (n, R).

    The first table of a person weighs more than the second, and so on: a concave flow, which is whole at its vertices.
    """
    rounds = room.there.shape[1]
    most = np.array([most_at_tables(int(there), room.size, room.most) for there in room.there.sum(0)], np.int64)
    sit = room.there.copy()
    if (room.caps < sit.sum(1)).any() or (most < sit.sum(0)).any():
        sit = _spread(room, most)
    for number in range(rounds):
        there, order = int(room.there[:, number].sum()), _lightest(room, sit, number)
        while sit[:, number].any() and not numbers_of_tables(int(sit[:, number].sum()), there, room.size, room.most):
            sit[order.pop(), number] = False
    return sit


def _lightest(room: Room, sit: Bools, number: int) -> list[int]:
    """Who sits in a round, the last of them the first to rise: not locked, and at tables the most often."""
    free = np.flatnonzero(sit[:, number])
    fixed, often = room.fixed[:, number], sit.sum(1)
    return sorted(free.tolist(), key=lambda who: (not fixed[who], int(often[who]), who))


def _spread(room: Room, most: Sequence[int] | Ints) -> Bools:
    who, when = np.nonzero(room.there)
    n, rounds = room.there.shape
    seats, steps = len(who), n * rounds
    early = (rounds - when) / (2.0 * rounds * max(seats, 1))  # of equal choices the one without a gap
    gain = np.concatenate(
        [np.where(room.fixed[who, when], rounds + 1.0, early), np.tile(rounds - np.arange(rounds), n)]
    )
    person = sp.csr_matrix((np.ones(seats), (who, np.arange(seats))), shape=(n, seats))
    taken = sp.csr_matrix((-np.ones(steps), (np.repeat(np.arange(n), rounds), np.arange(steps))), shape=(n, steps))
    full = sp.csr_matrix((np.ones(seats), (when, np.arange(seats))), shape=(rounds, seats + steps))
    top = np.ones(seats + steps)
    top[seats:] = (np.arange(rounds)[None, :] < room.caps[:, None]).ravel()
    programme = Programme(
        gain.astype(float),
        sp.vstack([sp.hstack([person, taken]), full]),
        np.concatenate([np.zeros(n), np.full(rounds, -np.inf)]),
        np.concatenate([np.zeros(n), np.asarray(most, float)]),
        top,
    )
    answer = linear(programme)
    assert answer is not None, "nobody has to sit"
    sit, chosen = np.zeros_like(room.there), answer.x[:seats] > 0.5
    sit[who[chosen], when[chosen]] = True
    return sit
