"""Who of some people sits where in the open rounds of circles, all others staying: one programme in whole numbers."""

from dataclasses import dataclass

import numpy as np

from matcher.choose.rows import Rows
from matcher.graph import Bools, Floats, Ints
from matcher.repair.cards import NOWHERE
from matcher.repair.circles.peers import Peers
from matcher.solver import Programme, decided

NODES = 200


@dataclass(frozen=True, eq=False)
class Loose:
    """Who may move.

    Attributes
    ----------
    moves : (n, F) bool
        Who may move when; all others stay as their cards say.
    may : (n, F, T) bool
        Where those who may move could sit.
    price : (n,) float
        What it costs when a card does not stay right, at most 1; 0 where that does not matter.
    """

    moves: Bools
    may: Bools
    price: Floats


class Placing:
    """The programme.

    Columns: one for each person who may move, round and table there; for each table in a round whether it is used; for
    each round by how much its smaller size is above the smallest; for each person the price of the card; then what
    languages and open homes need.
    """

    def __init__(self, peers: Peers, loose: Loose) -> None:
        self.peers, self.loose, self.rows = peers, loose, Rows()
        self.who, self.when, self.table = np.nonzero(loose.may & loose.moves[:, :, None])
        self.seats, tables = len(self.who), len(peers.lost)
        self.columns, self.top = 0, list[Floats]()
        stays = peers.stands & ~loose.moves
        self.stay = np.stack([peers.at(when) & stays[:, when, None] for when in range(peers.rounds)])
        self.here = self.stay.sum(1)
        self.seat = self._new(np.ones(self.seats))
        self.used = self._new(np.ones(peers.rounds * tables)).reshape(peers.rounds, tables)
        self.above = self._new(np.maximum(peers.largest - peers.smallest - 1, 0).astype(float))
        self.price = self._new(np.ones(len(peers.card)))
        self.cell = self.when * tables + self.table
        self._people()
        self._tables()
        self._locks()
        self._homes()
        for cell in np.unique(self.cell).tolist():
            self._company(np.flatnonzero(self.cell == cell), *divmod(cell, tables))
        self._cards()

    def fewest(self, nodes: int = NODES) -> "Placed":
        """Return the seats with the fewest rests and then the fewest cards that change, within so many `nodes`."""
        gain = np.zeros(self.columns)
        gain[self.seat] = self.loose.price.sum() + 1.0
        gain[self.price] = -self.loose.price
        return self._solved(gain, nodes)

    def best(self, worth: Floats, sitting: int) -> "Placed":
        """Return the seats that are worth most, (m,) `worth` each, where at least so many people have one of them."""
        gain = np.zeros(self.columns)
        gain[self.seat] = worth
        self._add(np.full(1, float(sitting)), np.inf, (np.zeros(self.seats, np.int64), self.seat, 1.0))
        return self._solved(gain)

    def _solved(self, gain: Floats, nodes: int = NODES) -> "Placed":
        low, high = np.concatenate(self.rows.low), np.concatenate(self.rows.high)
        question = Programme(gain, self.rows.matrix(self.columns), low, high, np.concatenate(self.top))
        found, nothing = decided(question, nodes=nodes, gap=0.0)
        if found is None:
            return Placed(None, nothing)
        peers = self.peers
        place = np.where(peers.stands & ~self.loose.moves, peers.card, NOWHERE)
        taken = found.x[self.seat] > 0.5
        place[self.who[taken], self.when[taken]] = self.table[taken]
        return Placed(place, found.best)

    def _new(self, top: Floats) -> Ints:
        """So many more columns."""
        self.columns += len(top)
        self.top.append(top)
        return np.arange(self.columns - len(top), self.columns)

    def _add(self, low: Floats, high: float, *parts: tuple[Ints, Ints, Floats | float]) -> None:
        self.rows.add(low, np.full(len(low), high), *parts)

    def _people(self) -> None:
        """One table a round, and so many in all as the limit leaves."""
        peers, free = self.peers, np.full(self.loose.moves.size, -np.inf)
        self.rows.add(free, np.ones(len(free)), (self.who * peers.rounds + self.when, self.seat, 1.0))
        left = peers.room.caps - (peers.stands & ~self.loose.moves).sum(1)
        some = np.flatnonzero(self.loose.moves.sum(1) > left)
        row = np.full(len(left), NOWHERE)
        row[some] = np.arange(len(some))
        own = row[self.who] != NOWHERE
        self.rows.add(
            np.full(len(some), -np.inf), np.maximum(left[some], 0.0), (row[self.who[own]], self.seat[own], 1.0)
        )

    def _tables(self) -> None:
        """Tables in use have the smaller size of the round or one more; there are so many at most."""
        peers, (rounds, tables) = self.peers, self.here.shape
        smallest, largest = (np.repeat(one, tables) for one in (peers.smallest, peers.largest))
        here, cells, never = self.here.ravel(), np.arange(self.here.size), np.full(self.here.size, np.inf)
        span, used = np.maximum(largest - smallest - 1, 0), self.used.ravel()
        sits, above = (self.cell, self.seat, 1.0), (cells, np.repeat(self.above, tables), -1.0)
        self.rows.add(-span - here, never, sits, above, (cells, used, -(smallest + span).astype(float)))
        self.rows.add(-never, smallest + 1.0 - here, sits, above)
        self.rows.add(-never, -here, sits, (cells, used, -largest.astype(float)))
        self.rows.add(np.full(rounds, -np.inf), np.full(rounds, float(peers.room.most)), (cells // tables, used, 1.0))

    def _locks(self) -> None:
        """Those of a lock sit together."""
        for lock in self.peers.room.locks:
            if not self.loose.moves[lock.people[0], lock.round]:
                continue
            mine = {who: np.flatnonzero((self.who == who) & (self.when == lock.round)) for who in lock.people}
            first = mine[lock.people[0]]
            self._add(np.ones(1), 1.0, (np.zeros(len(first), np.int64), first, 1.0))
            for other in lock.people[1:]:
                one, two = self.table[first], self.table[mine[other]]
                same = np.zeros(len(self.peers.lost))
                self._add(same, 0.0, (one, first, 1.0), (two, mine[other], -1.0))

    def _homes(self) -> None:
        """Seated people whose home is open have the same table in all rounds."""
        peers = self.peers
        for who in np.flatnonzero(peers.room.seated & (peers.home == NOWHERE) & self.loose.moves.any(1)):
            home, mine = self._new(np.ones(len(peers.lost))), np.flatnonzero(self.who == who)
            self._add(np.full(1, -np.inf), 1.0, (np.zeros(len(home), np.int64), home, 1.0))
            at = np.arange(len(mine))
            self._add(np.full(len(mine), -np.inf), 0.0, (at, mine, 1.0), (at, home[self.table[mine]], -1.0))

    def _company(self, seats: Ints, when: int, table: int) -> None:
        """Of those who could come to a table nobody sits with whom a rule forbids, and all share a language."""
        who, stay = self.who[seats], self.stay[when, :, table]
        one, other = np.nonzero(np.triu(self.peers.clash(when)[np.ix_(who, who)]))
        row = np.arange(len(one))
        self._add(np.full(len(one), -np.inf), 1.0, (row, seats[one], 1.0), (row, seats[other], 1.0))
        speaks = self.peers.speaks(when)
        shared = speaks[stay].all(0)
        spoken = speaks[who][:, shared]
        if not shared.any() or spoken.all(0).any():
            return
        language = self._new(np.ones(int(shared.sum())))
        self._add(np.full(1, -np.inf), 1.0, (np.zeros(len(language), np.int64), language, 1.0))
        at, code = np.nonzero(spoken)
        row = np.arange(len(seats))
        self._add(np.zeros(len(seats)), np.inf, (row, seats, -1.0), (at, language[code], 1.0))

    def _cards(self) -> None:
        """Whoever is not at the table of the card, or has one where it says rest, pays for it."""
        peers, card = self.peers, self.peers.card[self.who, self.when]
        who, when = np.nonzero(self.loose.moves & (self.loose.price > 0)[:, None] & peers.there)
        row = np.full(self.loose.moves.shape, NOWHERE)
        row[who, when] = np.arange(len(who))
        mine = row[self.who, self.when]
        own = (mine != NOWHERE) & ((card == self.table) | (card == NOWHERE))
        rests = peers.card[who, when] == NOWHERE
        value = np.where(card[own] == NOWHERE, -1.0, 1.0)
        self._add(
            np.where(rests, 0.0, 1.0),
            np.inf,
            (np.arange(len(who)), self.price[who], 1.0),
            (mine[own], self.seat[own], value),
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everybody sits, (n, F), `NOWHERE` for those who rest or are not there; None where no way was found.

    `proven`: there is none better, or none at all.
    """

    place: Ints | None
    proven: bool
