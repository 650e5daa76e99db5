"""Who has to move in circles: the people that counting names, and more where the rules do not let just those.

Counting knows how many people each table wants, not who may sit with whom. Whether the people it names can be placed
is tried round by round in whole numbers. Where not, somebody else is needed in any case, which is counted in next time
(a logic-based Benders cut, Hooker and Ottosson 2003); after some tries anybody may help.
"""

from functools import cached_property

import numpy as np

from matcher.errors import NotPossible
from matcher.graph import Bools, Floats, Ints
from matcher.repair.cards import NOWHERE
from matcher.repair.circles.counting import Census, conflicts, fewest_stale, likely_stale
from matcher.repair.circles.peers import Peers
from matcher.repair.circles.placing import NODES, Loose, Placed, Placing

TRIES = 2
TABLES = 12
EMPTY = 2
HELPERS = 30
CHAINS = 20, 60, 120
CHEAPER = 0.3
ROOMY = 4
WIDE = 20
TOO_TIGHT = "locks: no seats were found that keep all those of the open rounds; remove one"


class Part:
    """Some open rounds that are settled together: what happened there, and where something has to be done."""

    def __init__(self, peers: Peers, rounds: list[int]) -> None:
        self.peers, self.rounds = peers.only(rounds), rounds
        self.census = Census(self.peers)
        self.least = self.census.least_rests
        self.at = np.stack([self.peers.at(when) for when in range(len(rounds))])
        self.wanted = np.zeros(self.at.shape[::2], np.bool_)
        self.spared = np.zeros(self.peers.card.shape, np.bool_)
        for when in range(len(rounds)):
            shape, here = self.census.shape(when, 0, 0), self.census.here[:, when]
            low = shape.low if shape else 0
            self.wanted[when] = (here > 0) & (here < low)
            self.spared[:, when] = (self.at[when] & (here > low)).any(1)
            for table, people in conflicts(self.peers, self.at[when], when):
                self.wanted[when, table] = self.spared[people, when] = True
        self.ease = np.zeros(len(self.peers.card))
        self.tried: dict[bytes, Placed] = {}
        self.asked: dict[bytes, tuple[int, Placed]] = {}

    @cached_property
    def join(self) -> Ints:
        """(n, F): how many tables that want somebody each person could join."""
        found = np.zeros(self.spared.shape, np.int64)
        for when in np.flatnonzero(self.wanted.any(1)).tolist():
            found[:, when] = (self.peers.joinable(self.at[when], when) & self.wanted[when]).sum(1)
        return found

    @property
    def use(self) -> Ints:
        """(n, F): the same where the own table can spare somebody."""
        return np.asarray(self.join * self.spared, np.int64)

    def placed(self, who: Bools) -> Placed:
        """Return seats (n, F) of the part where none of it rests in vain and only cards of those people are stale."""
        key = (who & self.peers.there.any(1)).tobytes()
        if key not in self.tried:
            found = self._seats(self._may(who, self._aims(who, wide=False)), who)
            if found.place is None or self.rests(found.place) > self.least:
                found = self._seats(self._may(who, self._aims(who, wide=True)), who)
            if found.place is not None and self.rests(found.place) > self.least:
                found = Placed(None, found.proven)
            self.tried[key] = found
        return self.tried[key]

    def widened(self, who: Bools) -> Ints:
        """Return seats for which others may move as well, as few of them as can be.

        Raises
        ------
        NotPossible
            The locks leave no way.
        """
        best: Ints | None = None
        for chain in (0, *CHAINS):
            movers = who | _first(self.use.sum(1) + self.ease, HELPERS)
            aims = self._aims(who, wide=chain > 0)
            if chain:
                movers |= _first(self.spared.sum(1) + self.ease, chain) | _first(self.join.sum(1) + self.ease, chain)
                movers |= self._hosts(best)
                homes: Bools = np.any(self.at & movers[None, :, None], axis=1, keepdims=True)
                aims |= homes
            found = self._seats(self._may(movers, aims), who, WIDE).place
            if found is not None and (best is None or _cost(self, found, who) < _cost(self, best, who)):
                best = found
            if best is not None and self.rests(best) <= self.least:
                return best
        if best is None:
            best = self._seats(everywhere(self.peers), who).place
        if best is None:
            raise NotPossible(TOO_TIGHT)
        return best

    def loose(self, who: Bools, place: Ints) -> Loose:
        """Who of those people may move where, or stay where they are `place`d."""
        loose = self._may(who, self._aims(who, wide=False) | _sitting(self.peers, place))
        return Loose(loose.moves, loose.may, np.zeros(len(who)))

    def _hosts(self, place: Ints | None) -> Bools:
        """(n,): the people of a few tables where those who rest, or have no table yet, would be least out of place."""
        found = np.zeros(len(self.peers.late), np.bool_)
        for when in range(self.peers.rounds):
            resting = ~self.peers.stands[:, when] if place is None else place[:, when] == NOWHERE
            resting = resting & self.peers.there[:, when]
            for who in np.flatnonzero(resting).tolist():
                strangers = self.peers.clash(when)[who] @ self.at[when]
                strangers = np.where(self.at[when].any(0), strangers, len(found))
                found |= self.at[when][:, np.argsort(strangers, kind="stable")[:ROOMY]].any(1)
        return found

    def rests(self, place: Ints) -> int:
        """How many rest in a part that is placed."""
        return int((self.peers.there & (place == NOWHERE)).sum())

    def _aims(self, who: Bools, *, wide: bool) -> Bools:
        """(F, n, T): where those people could be of use or find room, others only where somebody is wanted."""
        aims = np.repeat(self.wanted[:, None, :], len(who), 1)
        homeless = (self.peers.there & ~self.peers.stands).T
        if wide:
            aims |= (homeless | who)[:, :, None]
        else:
            for when in np.flatnonzero(homeless.any(1)).tolist():
                rows = np.flatnonzero(homeless[when])
                aims[when, rows] |= self._welcome(rows, when)
        return np.asarray(aims | self.at, np.bool_)

    def _welcome(self, rows: Ints, when: int) -> Bools:
        """(m, T): the tables that suit people without one best: they want somebody, hardly met, of most benefit."""
        peers, at = self.peers, self.at[when].astype(np.int64)
        join = peers.joinable(self.at[when], when)[rows]
        suits = peers.room.benefit[rows] @ at - 10**6 * (peers.room.met[rows].astype(np.int64) @ at)
        suits = np.where(join & (at.sum(0) > 0), suits + 10**9 * self.wanted[when], -(10**12))
        best = np.argsort(-suits, axis=1, kind="stable")[:, :TABLES]
        found = np.zeros(join.shape, np.bool_)
        found[np.arange(len(rows))[:, None], best] = True
        found[:, np.flatnonzero(~at.any(0) & ~peers.lost)[:EMPTY]] = True
        home = peers.home[rows] != NOWHERE
        found[home] = True
        return found

    def _may(self, who: Bools, aims: Bools) -> Loose:
        peers = self.peers
        moves = (who | peers.late)[:, None] & peers.there
        for lock in peers.room.locks:
            own = list(lock.people)
            moves[own, lock.round] = moves[own, lock.round].all()
        may = np.zeros((*moves.shape, len(peers.lost)), np.bool_)
        for when in range(peers.rounds):
            stays = self.at[when] & ~moves[:, when, None]
            may[:, when] = aims[when] & peers.joinable(stays, when) & moves[:, when, None]
        return Loose(moves, may, np.zeros(len(who)))

    def _seats(self, loose: Loose, free: Bools, nodes: int = NODES) -> Placed:
        """Seats for those who may move, the fewest cards changed of others than those who are free.

        A question is asked again only with more nodes, and where it was not answered to the end.
        """
        if not loose.may.any():
            stay = np.where(self.peers.stands & ~loose.moves, self.peers.card, NOWHERE)
            return Placed(stay if _fits(self.peers, stay) else None, proven=True)
        price = np.where(free | self.peers.late | self.peers.forced, 0.0, 1.0 - CHEAPER * self.ease)
        key = b"".join(one.tobytes() for one in (loose.moves, loose.may, price))
        before, found = self.asked.get(key, (0, Placed(None, proven=False)))
        if before < nodes and not found.proven:
            placing = Placing(self.peers, Loose(loose.moves, loose.may, price))
            found = _lawful(self.peers, placing.fewest(nodes))
            self.asked[key] = nodes, found
        return found


def _cost(part: Part, place: Ints, who: Bools) -> tuple[int, int]:
    return part.rests(place), int((stale(part.peers, place) & ~who).sum())


def _lawful(peers: Peers, found: Placed) -> Placed:
    """Take seats only where nobody sits beside somebody who may not."""
    if found.place is None:
        return found
    sits = _sitting(peers, found.place)
    if any(conflicts(peers, sits[when], when) for when in range(peers.rounds)):
        return Placed(None, proven=False)
    return found


def _sitting(peers: Peers, place: Ints) -> Bools:
    """(F, n, T): who sits where."""
    return np.asarray(place.T[:, :, None] == np.arange(len(peers.lost)), np.bool_)


def _fits(peers: Peers, place: Ints) -> bool:
    """Whether such a seating keeps all rules, nobody having moved."""
    sits = _sitting(peers, place)
    for when in range(peers.rounds):
        here = sits[when].sum(0)[sits[when].any(0)]
        low, high = int(here.min(initial=len(place))), int(here.max(initial=0))
        even = low >= peers.smallest[when] and high <= min(low + 1, peers.largest[when])
        if len(here) > peers.room.most or not (even or not high) or conflicts(peers, sits[when], when):
            return False
    limited = (place != NOWHERE).sum(1) <= peers.room.caps
    return bool(limited.all()) and not (peers.locked & (place == NOWHERE)).any()


def _first(worth: Floats, number: int) -> Bools:
    """(n,): those who are worth most, so many at most, and none who are worth less than 1."""
    order = np.argsort(-worth, kind="stable")[:number]
    found = np.zeros(len(worth), np.bool_)
    found[order] = worth[order] >= 1
    return found


def stale(peers: Peers, place: Ints) -> Bools:
    """(n,): whose cards are wrong where people sit like that."""
    return np.asarray((peers.there & (place != peers.card)).any(1) & ~peers.late, np.bool_)


def everywhere(peers: Peers) -> Loose:
    """Anybody may move anywhere."""
    nobody = np.zeros((len(peers.card), len(peers.lost)), np.bool_)
    may = np.stack([peers.joinable(nobody, when) for when in range(peers.rounds)], 1)
    return Loose(peers.there, may, (~peers.late & ~peers.forced).astype(float))


def parts_of(peers: Peers) -> list[Part]:
    """Cut the open rounds into single ones, or leave them together where a limit or an open home ties them."""
    limited = (peers.room.caps > 0) & (peers.room.caps < peers.there.sum(1))
    homeless = peers.room.seated & (peers.home == NOWHERE)
    rounds = list(range(peers.rounds))
    tied = limited.any() or homeless.any()
    return [Part(peers, some) for some in ([rounds] if tied else [[when] for when in rounds])]


def fewest(peers: Peers) -> tuple[Ints, int]:
    """Return seats (n, F) with the fewest rests and then stale cards, and how many must be stale at least."""
    census, parts, cuts = Census(peers), parts_of(peers), list[Bools]()
    use = np.concatenate([part.use for part in parts], 1)
    easy = use.sum(1) / max(int(use.sum(1).max(initial=0)), 1)
    for part in parts:
        part.ease = 0.99 * easy
    best, bound = None, 0
    for _ in range(TRIES):
        count = fewest_stale(census, census.least_rests, easy, cuts)
        bound = count.stale
        likely = likely_stale(census, easy, cuts, use > 0)
        for who in (count.who, likely):
            if (best is None or who.sum() < best.sum()) and not _failed(parts, who):
                best = who
        if best is not None and best.sum() <= bound:
            break
        known = [part for part in _failed(parts, count.who) if part.placed(count.who).proven]
        if not known:
            break
        cuts += [~count.who & part.peers.there.any(1) & ~peers.late for part in known]
    place = _joined(parts, count.who if best is None else best)
    rests = int((peers.there & (place == NOWHERE)).sum())
    return place, bound if rests <= census.least_rests else fewest_stale(census, rests, easy).stale


def _failed(parts: list[Part], who: Bools) -> list[Part]:
    return [part for part in parts if part.placed(who).place is None]


def _joined(parts: list[Part], who: Bools) -> Ints:
    """Seats of all rounds where the cards of those people are stale, or of some more where that does not do."""
    found: list[Ints] = []
    for part in parts:
        place = part.placed(who).place
        found.append(part.widened(who) if place is None else place)
        who = who | stale(part.peers, found[-1])
    return np.concatenate(found, 1)
