"""Who sits with whom once it is known whose cards may change: all open rounds at once, in whole numbers.

Somebody who keeps the card stays at its table; who may move joins somebody there, or meets at a table that is free.
Branch and bound decides in the order of the aims: fewest rests, fewest stale cards, fewest changed partners, most
benefit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats
from matcher.problem import MOST_BENEFIT
from matcher.repair.cards import NOWHERE, Cards
from matcher.solver import Programme, whole

ANYWHERE = -2
NODES = 300
FEW_NODES = 12


@dataclass(frozen=True, slots=True)
class Seat:
    """Two people (rows) in a round (from 0) at a table (a place in the names, or `ANYWHERE` that is free)."""

    when: int
    one: int
    other: int
    table: int


@dataclass(frozen=True, slots=True)
class Settled:
    """All meetings of the open rounds, how many people rest in them, and whether that is proven to be the best."""

    seats: tuple[Seat, ...]
    stale: int
    best: bool


class Room:
    """The meetings that stay, and all that could take the place of the others; a locked one stays at any table.

    `movers` are those whose cards may change; those of them who are `given` are counted as changed in any case.
    """

    def __init__(self, cards: Cards, movers: Bools, given: Bools) -> None:
        self.cards = cards
        self.movers = movers | cards.late
        self.given = given | cards.late
        both = ~self.movers[:, None] & ~self.movers[cards.partner]
        sits = cards.table != NOWHERE
        self.stays: Bools = np.asarray((cards.stands & both) | cards.locked, np.bool_)
        self.waiting: Bools = np.asarray(~self.movers[:, None] & sits & ~self.stays, np.bool_)
        self.free: Bools = np.asarray(self.movers[:, None] & cards.there & ~self.stays, np.bool_)

    @cached_property
    def kept(self) -> list[Seat]:
        """The meetings that stay, where they are or, if that table is lost, at another one."""
        cards = self.cards
        who, when = np.nonzero(self.stays & (cards.partner > np.arange(cards.size)[:, None]))
        other = cards.partner[who, when]
        homes = np.where(cards.seated, cards.home, ANYWHERE)
        elsewhere = np.maximum(homes[who], homes[other])
        table = np.where(cards.lost[cards.table[who, when]], elsewhere, cards.table[who, when])
        return [Seat(*seat) for seat in zip(*(one.tolist() for one in (when, who, other, table)), strict=True)]

    @cached_property
    def pinned(self) -> set[tuple[int, int]]:
        """Who meets in them."""
        return {(seat.one, seat.other) for seat in self.kept}

    @cached_property
    def columns(self) -> list[Seat]:
        """All meetings that could be held beside those that are kept."""
        return [seat for when in range(self.cards.rounds) for seat in self._columns(when)]

    def _columns(self, when: int) -> Iterator[Seat]:
        cards = self.cards
        taken = {seat.table for seat in self.kept if seat.when == when}
        movers = np.flatnonzero(self.free[:, when])
        able = np.concatenate([movers, np.flatnonzero(self.waiting[:, when])])
        may = cards.open[np.ix_(able, able)] | cards.again(able, when)
        may &= ~cards.admissible.kept_apart[np.ix_(able, able)]
        for row, column in np.argwhere(np.triu(may, 1)[: len(movers)]).tolist():
            one, other = sorted((int(able[row]), int(able[column])))
            for table in self._tables(one, other, when):
                if table not in taken:
                    yield Seat(when, one, other, table)

    def _tables(self, one: int, other: int, when: int) -> Iterable[int]:
        """Where the two could meet: at the table of a seated one, of one who keeps the card, or anywhere."""
        cards = self.cards
        for who in (one, other):
            if cards.seated[who]:
                return () if cards.uprooted[who] else (int(cards.home[who]),)
        said = [int(cards.table[who, when]) for who in (one, other) if not self.given[who]]
        fixed = [table for table in said if table != NOWHERE and not cards.lost[table]]
        stays = [who for who in (one, other) if not self.movers[who]]
        if stays:
            table = int(cards.table[stays[0], when])
            return () if cards.lost[table] else (table,)
        return dict.fromkeys([*fixed, ANYWHERE])

    @property
    def breadth(self) -> int:
        """About how many columns there are."""
        movers, waiting = self.free.sum(0), self.waiting.sum(0)
        return int((movers * (waiting + movers // 2)).sum())

    def stranded(self) -> int:
        """How many cards of people who are not given change where nobody finds a meeting beside those kept."""
        cards, sits = self.cards, np.zeros((self.cards.size, self.cards.rounds), np.bool_)
        for seat in self.kept:
            sits[[seat.one, seat.other], seat.when] = not self.stale_by(seat)
        return int(((cards.table != NOWHERE) & ~sits & ~self.given[:, None]).any(1).sum())

    def stale_by(self, seat: Seat) -> list[int]:
        """Who of the two has a card that says another table, or rest."""
        return [who for who in (seat.one, seat.other) if self.cards.table[who, seat.when] != seat.table]

    def is_old(self, seat: Seat) -> bool:
        """Whether the card promises this partner in this round."""
        return bool(self.cards.partner[seat.one, seat.when] == seat.other)


class Model:
    """The room as a programme: one column for each possible meeting, then one for each card that may change."""

    def __init__(self, room: Room) -> None:
        self.room, self.cards = room, room.cards
        self.columns = room.columns
        self.right = {
            (who, seat.when) for seat in room.kept for who in (seat.one, seat.other) if not room.stale_by(seat)
        }
        priced = (room.movers & ~room.given) | room.waiting.any(1)
        self.priced = np.flatnonzero(priced).tolist()
        self.price = {who: len(self.columns) + at for at, who in enumerate(self.priced)}
        self.width = len(self.columns) + len(self.priced)
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self._people()
        self._pairs_and_limits()
        self._room()
        self._stale()

    def _row(self, places: Iterable[int], low: float, high: float, *, price: int | None = None) -> None:
        at = len(self.low)
        self.entries += [(at, place, 1.0) for place in places]
        if price is not None:
            self.entries.append((at, price, -1.0 if low == -np.inf else 1.0))
        self.low.append(low)
        self.high.append(high)

    def _people(self) -> None:
        self.of: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for at, seat in enumerate(self.columns):
            for who in (seat.one, seat.other):
                self.of[who, seat.when].append(at)
        for places in self.of.values():
            self._row(places, 0.0, 1.0)

    def _pairs_and_limits(self) -> None:
        pairs: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        each: defaultdict[int, list[int]] = defaultdict(list)
        for at, seat in enumerate(self.columns):
            pairs[seat.one, seat.other].append(at)
            for who in (seat.one, seat.other):
                each[who].append(at)
        for pair, places in pairs.items():
            if pair in self.room.pinned:
                self._row(places, 0.0, 0.0)
            elif len({self.columns[at].when for at in places}) > 1:
                self._row(places, 0.0, 1.0)
        held = np.bincount(
            [who for seat in self.room.kept for who in (seat.one, seat.other)], minlength=self.cards.size
        )
        for who, places in each.items():
            left = max(int(self.cards.left[who] - held[who]), 0)
            if left < len({self.columns[at].when for at in places}):
                self._row(places, 0.0, float(left))

    def _room(self) -> None:
        at_table: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        in_round: defaultdict[int, list[int]] = defaultdict(list)
        for at, seat in enumerate(self.columns):
            in_round[seat.when].append(at)
            if seat.table != ANYWHERE:
                at_table[seat.when, seat.table].append(at)
        for places in at_table.values():
            self._row(places, 0.0, 1.0)
        for when, places in in_round.items():
            free = self.cards.room - sum(seat.when == when for seat in self.room.kept)
            if free < self.cards.size:
                self._row(places, 0.0, float(max(free, 0)))

    def _stale(self) -> None:
        """Whoever is not at the table of the card pays for it."""
        cards = self.cards
        for who, price in self.price.items():
            for when in np.flatnonzero(cards.there[who]).tolist():
                places = self.of[who, when]
                if cards.table[who, when] == NOWHERE:
                    if places:
                        self._row(places, -np.inf, 0.0, price=price)
                elif (who, when) not in self.right:
                    still = [at for at in places if who not in self.room.stale_by(self.columns[at])]
                    self._row(still, 1.0, np.inf, price=price)

    def solve(
        self, gain: Floats, extra: Iterable[tuple[Floats, float]] = (), *, nodes: int = NODES
    ) -> tuple[Floats, bool] | None:
        """Maximise the gain under all rows and, for each (weights, least) of `extra`, weights · x >= least."""
        rows, places, values = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        matrix = sp.csr_matrix((values, (rows, places)), shape=(len(self.low), self.width))
        extra = tuple(extra)
        if extra:
            matrix = sp.vstack([matrix, *[sp.csr_matrix(weights[None, :]) for weights, _ in extra]])
        low = np.array([*self.low, *[least for _, least in extra]])
        high = np.array([*self.high, *[np.inf for _ in extra]])
        found = whole(Programme(gain, matrix, low, high, np.ones(self.width)), nodes=nodes)
        return None if found is None else (found.x, found.best)


def settle(cards: Cards, movers: Bools, given: Bools, *, worth: bool = True, nodes: int | None = None) -> Settled:
    """Decide the open rounds when only the cards of `movers` (n,) may change; those `given` cost nothing more.

    Without `worth` it is a trial: the last two aims, partners and benefit, are left out, and few `nodes` are looked at
    where nothing else is said.
    """
    room = Room(cards, movers, given)
    if not room.columns:
        return Settled(tuple(room.kept), room.stranded(), best=True)
    model = Model(room)
    seats = len(room.columns)
    meets = np.append(np.ones(seats), np.zeros(model.width - seats))
    prices = 1.0 - meets
    first = model.solve(2.0 * (len(model.priced) + 1) * meets - prices, nodes=nodes or (NODES if worth else FEW_NODES))
    if first is None:
        return Settled(tuple(room.kept), room.stranded(), best=False)
    x, best = first
    stale = round(float(prices @ x))
    if worth:
        kept = MOST_BENEFIT * float(meets @ x) + 1.0
        gain = np.array([float(cards.worth[one.one, one.other]) + kept * room.is_old(one) for one in room.columns])
        aims = [(meets, float(meets @ x)), (-prices, -float(prices @ x))]
        second = model.solve(np.append(gain, np.zeros(model.width - seats)), aims)
        x = x if second is None else second[0]
    taken = [room.columns[at] for at in np.flatnonzero(x[:seats] > 0.5)]
    return Settled(tuple(sorted([*room.kept, *taken], key=lambda one: (one.when, one.one))), stale, best=best)
