"""Who goes on in which group: one whole-number programme over those who may go over to another one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from matcher.choose.rows import Rows
from matcher.graph import Bools, Floats, Ints
from matcher.problem import MOST_BENEFIT
from matcher.repair.cards import NOBODY
from matcher.repair.groups.turns import Turns
from matcher.repair.visits.book import Book
from matcher.solver import Programme, whole

NODES = 300
EXACT = 600


@dataclass(frozen=True, slots=True)
class Held:
    """At which host everybody is in the open rounds, `NOBODY` for none, (n, F); and whether none is proven better."""

    host: Ints
    best: bool


class Desk:
    """What is open to whom from the first open round on.

    Attributes
    ----------
    may : (n, h, F) bool
        Which visits the rules and locks leave open to each person in whatever group.
    forced : (n,) bool
        Whose card cannot hold.
    limit, most : (n,) int
        How many visits each person may have, and how many the best group offers.
    """

    def __init__(self, book: Book, turns: Turns) -> None:
        self.book, self.turns = book, turns
        self.fewest = np.array([host.min_places for host in book.problem.visited], np.int64)
        self.forced: Bools = np.asarray(((book.card != NOBODY) & ~book.stands).any(1), np.bool_)
        self.limit = np.maximum(book.left, book.locked.sum(1))
        self.may = self._may()
        self.most = self.offered(self.may)

    @cached_property
    def locks(self) -> list[tuple[int, list[int], int]]:
        """Each lock that is still to be kept: round from the first open one, people, host or `NOBODY`."""
        book = self.book
        place = {name: at for at, name in enumerate(book.tables)}
        return [
            (
                lock.round - 1 - book.first,
                [book.admissible.index[name] for name in lock.people],
                NOBODY if lock.table is None else place[lock.table],
            )
            for lock in book.problem.locks
            if lock.round > book.first
        ]

    @cached_property
    def most_seats(self) -> int:
        """More tables than that people cannot have, all open rounds together."""
        there = int(self.book.there.sum() - self.book.least_rests.sum())
        return min(int(self.most.sum()), there)

    def _may(self) -> Bools:
        """A lock asks nothing of its people but that nobody there is kept apart."""
        book, number = self.book, len(self.book.card)
        may = book.open[:, :, None] & ~book.locked[:, None, :]
        barred = book.been | ~book.admissible.layers["keep_apart"](np.arange(number))[:, number:]
        for when, people, host in self.locks:
            here = np.arange(len(book.places)) == host if host != NOBODY else np.ones(len(book.places), np.bool_)
            may[people, :, when] = here & ~barred[people]
        return np.asarray(may & book.there[:, None, :] & (book.places > 0)[None], np.bool_)

    def by_option(self, may: Bools | None = None) -> Iterator[Bools]:
        """For each group, then for everybody's own, which hosts it brings a person to; each (n, h)."""
        may, rows = self.may if may is None else may, np.arange(len(self.may))
        for way in self.turns.host:
            found = np.zeros(may.shape[:2], np.bool_)
            for when, host in enumerate(way.tolist()):
                found[:, host] |= may[:, host, when]
            yield found
        found = np.zeros(may.shape[:2], np.bool_)
        for when, hosts in enumerate(self.turns.way.T):
            found[rows, hosts] |= may[rows, hosts, when] & (hosts != NOBODY)
        yield found

    def offered(self, may: Bools) -> Ints:
        """(n,): the most visits among these that any group offers each person."""
        offers = [found.sum(1) for found in self.by_option(may)]
        return np.asarray(np.minimum(np.max(offers, axis=0, initial=0), self.limit), np.int64)

    def columns_of(self, people: Ints) -> Ints:
        """How many columns each of the people would take."""
        return np.asarray(self.may[people].sum((1, 2)), np.int64)

    def crowd(self, now: Held) -> Ints:
        """(h, F): how many people are at each host."""
        found = np.zeros(self.book.places.shape, np.int64)
        who, when = np.nonzero(now.host != NOBODY)
        np.add.at(found, (now.host[who, when], when), 1)
        return found

    def seats(self, now: Held) -> int:
        """How many tables people have."""
        return int((now.host != NOBODY).sum())

    def stale(self, now: Held) -> int:
        """How many cards do not hold."""
        wrong = ((now.host != self.book.card) & self.book.there).any(1)
        return int((wrong & ~self.book.late).sum())

    def locks_open(self, now: Held) -> list[list[int]]:
        """The people of locks that are not kept."""
        return [
            people
            for when, people, _ in self.locks
            if len(set(now.host[people, when].tolist())) > 1 or (now.host[people, when] == NOBODY).any()
        ]

    def solve(self, now: Held, movers: Bools) -> Held | None:
        """The best plan in which only `movers` go over to another group; None where there is none."""
        return _Question(self, now, movers).solve()


class _Columns:
    """A visit each, a group for each mover, a round that a host with `min_places` holds, a stale card."""

    def __init__(self, desk: Desk, now: Held, movers: Bools) -> None:
        self.desk, self.book, self.movers = desk, desk.book, movers
        self.kept = np.where(movers[:, None], NOBODY, now.host)
        self.crowd = desk.crowd(Held(self.kept, best=False))
        self.cell = np.argwhere(self._cells())
        self.who, self.host, self.when = self.cell.T
        self.at = np.full(desk.may.shape, NOBODY)
        self.at[tuple(self.cell.T)] = np.arange(len(self.cell))
        gated = (desk.fewest > 1)[:, None] & (self.crowd == 0) & (self.at >= 0).any(0)
        self.gate = np.argwhere(gated)
        cards = np.zeros(len(movers), np.bool_)
        cards[self.who] = True
        cards |= movers
        self.card = np.flatnonzero(cards & ~desk.forced & ~self.book.late & self.book.there.any(1))
        self.mover = np.flatnonzero(movers)
        self.joins = len(desk.turns.host) + 1
        self.first_join = len(self.cell)
        self.first_gate = self.first_join + self.joins * len(self.mover)
        self.first_card = self.first_gate + len(self.gate)
        self.size = self.first_card + len(self.card)

    def _cells(self) -> Bools:
        """Visits that movers can have, and those that others, where they rest, can have in their own group."""
        book, kept, way = self.book, self.kept, self.desk.turns.way
        cells = self.desk.may & (self.crowd < book.places)[None]
        own = (way[:, None, :] == np.arange(len(book.places))[None, :, None]) & (kept == NOBODY)[:, None, :]
        visits = np.zeros(book.been.shape, np.bool_)
        who, when = np.nonzero(kept != NOBODY)
        visits[who, kept[who, when]] = True
        same: Bools = np.all((kept == NOBODY) | (kept == way), axis=1)  # not those who have gone over already
        cells &= self.movers[:, None, None] | (own & same[:, None, None] & ~visits[:, :, None])
        for one, other in np.argwhere(book.apart).tolist():
            sits = np.flatnonzero(kept[other] != NOBODY)
            cells[one, kept[other, sits], sits] = False
        return np.asarray(cells, np.bool_)


class _Question(_Columns):
    """The rows, and what is asked of them: fewest rests and stale cards, then fewest changed hosts, most benefit."""

    def __init__(self, desk: Desk, now: Held, movers: Bools) -> None:
        super().__init__(desk, now, movers)
        self.rows = Rows()

    def solve(self) -> Held | None:
        """All visits of the open rounds, or None where the locks leave no plan."""
        self._people()
        self._groups()
        self._hosts()
        self._apart()
        self._locks()
        self._cards()
        matrix, low, high = self.rows.matrix(self.size), *map(np.concatenate, (self.rows.low, self.rows.high))
        if not self.size:
            fits = bool(((low <= 0) & (high >= 0)).all())
            return Held(self.kept, best=True) if fits else None
        top, seat, card = np.ones(self.size), np.zeros(self.size), np.zeros(self.size)
        seat[: self.first_join], card[self.first_card :] = 1.0, 1.0
        first = whole(Programme((len(self.card) + 1.0) * seat - card, matrix, low, high, top), nodes=NODES)
        if first is None:
            return None
        aims = sp.vstack([matrix, sp.csr_matrix(seat[None, :]), sp.csr_matrix(-card[None, :])])
        low, high = np.append(low, [seat @ first.x, -(card @ first.x)]), np.append(high, [np.inf, np.inf])
        if self.size > EXACT:
            top = np.where(card > 0, first.x, top)
        second = whole(Programme(self._gain(float(seat @ first.x)), aims, low, high, top), nodes=NODES)
        x: Floats = first.x if second is None else second.x
        host = self.kept.copy()
        taken = x[: self.first_join] > 0.5
        host[self.who[taken], self.when[taken]] = self.host[taken]
        return Held(host, best=first.best)

    def _gain(self, seats: float) -> Floats:
        """First the hosts that the cards promise, then benefit."""
        gain = np.zeros(self.size)
        promised = self.book.card[self.who, self.when] == self.host
        worth = self.book.worth[self.who, self.host]
        gain[: self.first_join] = worth + (MOST_BENEFIT * seats + 1.0) * promised
        return gain

    def _people(self) -> None:
        """One visit to a host, and at most so many as the limit leaves."""
        each = np.arange(len(self.cell))
        key, row = np.unique(self.who * len(self.book.places) + self.host, return_inverse=True)
        self.rows.add(np.full(len(key), -np.inf), np.ones(len(key)), (row, each, 1.0))
        people, row = np.unique(self.who, return_inverse=True)
        left = self.desk.limit[people] - (self.kept[people] != NOBODY).sum(1)
        self.rows.add(np.full(len(people), -np.inf), np.maximum(left, 0).astype(float), (row, each, 1.0))

    def _groups(self) -> None:
        """A mover is in one group and visits only hosts to which it comes."""
        number, turns = len(self.mover), self.desk.turns
        join = np.arange(self.joins * number)
        self.rows.add(np.full(number, -np.inf), np.ones(number), (join // self.joins, self.first_join + join, 1.0))
        place = np.full(len(self.movers), NOBODY)
        place[self.mover] = np.arange(number)
        mine = np.flatnonzero(self.movers[self.who])
        start = self.first_join + self.joins * place[self.who[mine]]
        each = np.arange(len(mine))
        own = np.flatnonzero(turns.way[self.who[mine], self.when[mine]] == self.host[mine])
        self.rows.add(
            np.full(len(mine), -np.inf), np.zeros(len(mine)), (each, mine, 1.0),
            (each, start + turns.group[self.host[mine], self.when[mine]], -1.0),
            (own, start[own] + self.joins - 1, -1.0),
        )  # fmt: skip

    def _hosts(self) -> None:
        """No more people than places, and enough of them where a visit is held."""
        hosts, rounds = self.book.places.shape
        cell, each = self.host * rounds + self.when, np.arange(len(self.cell))
        room = (self.book.places - self.crowd).ravel().astype(float)
        gate = self.gate[:, 0] * rounds + self.gate[:, 1]
        column = self.first_gate + np.arange(len(gate))
        most = np.where(np.isin(np.arange(hosts * rounds), gate), 0.0, room)
        self.rows.add(np.full(len(room), -np.inf), most, (cell, each, 1.0), (gate, column, -room[gate]))
        least = self.desk.fewest[:, None] - self.crowd
        need = np.where(self.crowd > 0, np.maximum(least, 0), 0).ravel().astype(float)
        fewest = -least.ravel()[gate].astype(float)
        self.rows.add(need, np.full(len(room), np.inf), (cell, each, 1.0), (gate, column, fewest))

    def _apart(self) -> None:
        pairs = [
            np.column_stack([self.at[one][both], self.at[other][both]])
            for one, other in np.argwhere(np.triu(self.book.apart)).tolist()
            if (both := (self.at[one] >= 0) & (self.at[other] >= 0)).any()
        ]
        if pairs:
            ends = np.concatenate(pairs)
            each = np.arange(len(ends))
            self.rows.add(
                np.full(len(ends), -np.inf), np.ones(len(ends)), (each, ends[:, 0], 1.0), (each, ends[:, 1], 1.0)
            )

    def _locks(self) -> None:
        """Locked people have a table in that round, the same for all of one lock."""
        for when, people, _ in self.desk.locks:
            for who in people:
                columns = self.at[who, :, when]
                columns = columns[columns >= 0]
                alone = np.array([float(self.kept[who, when] == NOBODY)])
                self.rows.add(alone, np.maximum(alone, 0.0), (np.zeros(len(columns), np.int64), columns, 1.0))
            for who in people[1:]:
                self._together(people[0], who, when)

    def _together(self, one: int, other: int, when: int) -> None:
        hosts = np.arange(len(self.book.places))
        parts = []
        for who, sign in ((one, 1.0), (other, -1.0)):
            here = np.flatnonzero(self.at[who, :, when] >= 0)
            parts.append((here, self.at[who, here, when], sign))
        sits = (self.kept[other, when] == hosts).astype(float) - (self.kept[one, when] == hosts)
        self.rows.add(sits, sits, *parts)

    def _cards(self) -> None:
        """A card is stale unless in every round its holder is there the table is the one that it says."""
        book, zero = self.book, np.zeros(1, np.int64)
        for place, who in enumerate(self.card.tolist()):
            column = np.array([self.first_card + place])
            for when in np.flatnonzero(book.there[who]).tolist():
                said = book.card[who, when]
                columns = self.at[who, :, when] if said == NOBODY else self.at[who, said : said + 1, when]
                columns = columns[columns >= 0]
                row = np.zeros(len(columns), np.int64)
                if said == NOBODY:
                    if len(columns):
                        self.rows.add(np.array([-np.inf]), np.zeros(1), (row, columns, 1.0), (zero, column, -1.0))
                elif self.kept[who, when] != said:
                    self.rows.add(np.ones(1), np.array([np.inf]), (row, columns, 1.0), (zero, column, 1.0))
