"""Locks that leave the host open, and whose host is gone: their people come to another one, and guests give way.

Each goes where the fewest must leave; a lock for whose people no host is left has ended.
"""

from dataclasses import dataclass

import numpy as np

from matcher.graph import Bools, Ints
from matcher.problem import Lock
from matcher.repair.cards import NOBODY
from matcher.repair.visits.book import Book


@dataclass(frozen=True, eq=False)
class Rehoused:
    """Cards (n, F) with the new hosts of locked visits, whose other visits end for them (n, F), and locks kept."""

    card: Ints
    ended: Bools
    locks: tuple[Lock, ...]


def rehoused(book: Book) -> Rehoused:
    """Find another host for every lock that names none and whose host is gone, those with the fewest hosts first."""
    house = _House(book)
    homeless = {lock: rows for lock in book.problem.locks if (rows := _homeless(book, lock))}
    choices = {lock: len(house.homes(rows, _when(book, lock))) for lock, rows in homeless.items()}
    ended = {
        lock for lock in sorted(homeless, key=choices.__getitem__) if not house.seat(homeless[lock], _when(book, lock))
    }
    return Rehoused(house.card, house.ended, tuple(lock for lock in book.problem.locks if lock not in ended))


def _when(book: Book, lock: Lock) -> int:
    return lock.round - 1 - book.first


def _homeless(book: Book, lock: Lock) -> list[int]:
    """The rows of a lock's people where it leaves the host open and theirs is gone."""
    rows = [book.admissible.index[name] for name in lock.people]
    open_ = lock.table is None and _when(book, lock) >= 0
    return rows if open_ and not book.stands[rows, _when(book, lock)].all() else []


class _House:
    """Who is where while locked visits move: `held` (n, F) are locked visits that have a host."""

    def __init__(self, book: Book) -> None:
        self.book, self.card = book, book.card.copy()
        self.ended: Bools = np.zeros(book.card.shape, np.bool_)
        self.held: Bools = book.locked & book.stands
        self.barred = {frozenset(pair) for pair in book.problem.keep_apart}

    def homes(self, rows: list[int], when: int) -> list[int]:
        """Hosts whom none of these people has visited or is kept apart from, with places beside other locks."""
        return [host for host in range(len(self.book.places)) if self._takes(rows, when, host)]

    def _takes(self, rows: list[int], when: int, host: int) -> bool:
        book, name = self.book, self.book.problem.visited[host].id
        here = np.flatnonzero(self.held[:, when] & (self.card[:, when] == host))
        elsewhere = self.held[rows] & (self.card[rows] == host)
        return (
            len(here) + len(rows) <= book.places[host, when]
            and not book.been[rows, host].any()
            and not elsewhere.any()
            and not book.apart[rows][:, here].any()
            and not any(frozenset((book.admissible.nodes[row].id, name)) in self.barred for row in rows)
        )

    def seat(self, rows: list[int], when: int) -> bool:
        """Bring people to a host where the fewest must leave; False where there is none."""
        found = [(self._leaving(rows, when, host), host) for host in self.homes(rows, when)]
        found = [choice for choice in found if self._enough(rows, when, choice)]
        if not found:
            return False
        leaving, host = min(found, key=lambda one: (len(one[0]), one[1]))
        self.ended[leaving, when] = True
        self.ended[rows] |= self.card[rows] == host
        self.ended[rows, when], self.held[rows, when], self.card[rows, when] = False, True, host
        return True

    def _guests(self, when: int, host: int) -> list[int]:
        book = self.book
        free = book.stands[:, when] & ~book.locked[:, when] & ~self.ended[:, when]
        return np.flatnonzero(free & (self.card[:, when] == host)).tolist()

    def _leaving(self, rows: list[int], when: int, host: int) -> list[int]:
        """Guests who are kept apart from these people, and of the others those who have no place beside them."""
        guests, apart = self._guests(when, host), self.book.apart
        foes = [who for who in guests if apart[who, rows].any()]
        here = int((self.held[:, when] & (self.card[:, when] == host)).sum())
        room = int(self.book.places[host, when]) - here - len(rows)
        return foes + [who for who in guests if who not in foes][room:]

    def _enough(self, rows: list[int], when: int, choice: tuple[list[int], int]) -> bool:
        """Whether a host has as many visitors as wanted, with those who have no place of their own then."""
        (leaving, host), book = choice, self.book
        here = int((self.held[:, when] & (self.card[:, when] == host)).sum())
        stay = here + len(rows) + len(self._guests(when, host)) - len(leaving)
        lost = (book.card[:, when] != NOBODY) & ~book.stands[:, when] & ~book.locked[:, when] | book.late
        joining = lost & book.there[:, when] & book.open[:, host] & (book.left > 0) & ~book.apart[:, rows].any(1)
        return stay + int(joining.sum()) >= book.problem.visited[host].min_places
