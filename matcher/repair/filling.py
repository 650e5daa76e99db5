"""Fill the open rounds: the smallest sets by counting first, then wider ones, until one of them leaves no hole."""

from collections.abc import Iterable

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.cards import Cards
from matcher.repair.cover import Search, certain_demand, likely_demand
from matcher.repair.joining import join
from matcher.repair.partners import Room, Settled, settle
from matcher.repair.proof import least

SMALL = 1_200
OTHERS = 40
HELPERS = 8
HELPS = 6
BROAD = 600
WIDER = 3
TESTS = 6


def filled(cards: Cards, seed: int) -> tuple[Settled, int]:
    """Return the meetings of all open rounds, and how many cards must change at least where as few rest.

    A small room is decided exactly.
    """
    everybody = np.ones(cards.size, np.bool_)
    pairs = int(cards.open[cards.there.any(1)].sum()) // 2
    if pairs * cards.rounds * 3 <= SMALL:
        exact = settle(cards, everybody, np.zeros(cards.size, np.bool_))
        if exact.best:
            return exact, exact.stale
    settled, inside = Attempt(cards, seed).run()
    rests = int(rests_of(cards, settled).sum())
    test = _Test(cards, rests)
    size = int(inside.sum()) + settled.stale
    bound = least(certain_demand(cards, rests), size, test.possible)
    if test.found is not None and bound < size:
        return test.found, bound
    return settled, bound


def rests_of(cards: Cards, settled: Settled) -> Ints:
    """How many people who are there have no table, in each open round."""
    held = np.bincount([seat.when for seat in settled.seats], minlength=cards.rounds)
    return np.asarray(cards.there.sum(0) - 2 * held, np.int64)


class _Test:
    """Tells, a few times, whether the open rounds can be filled as well when exactly the cards of a set change."""

    def __init__(self, cards: Cards, rests: int) -> None:
        self.cards, self.rests = cards, rests
        self.left = TESTS
        self.found: Settled | None = None

    def possible(self, inside: Bools) -> bool:
        """False where it is proven that they cannot."""
        self.left -= 1
        if self.left < 0:
            return True
        if Room(self.cards, inside, inside).breadth > BROAD:
            return True
        settled = settle(self.cards, inside, inside)
        if int(rests_of(self.cards, settled).sum()) <= self.rests and not settled.stale:
            self.found = settled
            return True
        return not settled.best


class Attempt:
    """Tries one set S of people whose cards change after the other."""

    def __init__(self, cards: Cards, seed: int) -> None:
        self.cards = cards
        self.search = Search(likely_demand(cards), seed)
        self.search.run()

    def run(self) -> tuple[Settled, Bools]:
        """Return the meetings and the set; widows who rest nevertheless are counted with the meetings."""
        best = self.search.best
        found = self._first([best]) or self._first(self.search.walk(OTHERS))
        if found is not None:
            return found
        helped, wide = self._helped()
        more = int(wide.sum() - best.sum()) + helped.stale if self._full(helped) else WIDER + 1
        for wider in range(1, more):
            found = self._first(self.search.walk(OTHERS, wider))
            if found is not None:
                return found
        return helped, wide

    def _first(self, sets: Iterable[Bools]) -> tuple[Settled, Bools] | None:
        joined = ((join(self.cards, inside), inside) for inside in sets)
        return next(((settled, inside) for settled, inside in joined if settled is not None), None)

    def _full(self, settled: Settled) -> bool:
        return int(rests_of(self.cards, settled).sum()) <= int(self.cards.likely_rests.sum())

    def _rank(self, settled: Settled) -> tuple[int, int]:
        return int(rests_of(self.cards, settled).sum()), settled.stale

    def _helped(self) -> tuple[Settled, Bools]:
        """Let more people move, one by one, whose meetings could be split for two who are left over."""
        inside = self.search.best
        now = self._try(inside)
        for _ in range(HELPS):
            if self._full(now) and not now.stale:
                break
            wider = self._wider(inside, now)
            ranks = [self._rank(self._try(one, worth=False)) for one in wider]
            if not ranks or min(ranks) >= self._rank(now):
                break
            inside = wider[ranks.index(min(ranks))]
            now = self._try(inside)
        return now, inside

    def _try(self, inside: Bools, *, worth: bool = True) -> Settled:
        """Exactly where few columns do, else one round after the other."""
        if Room(self.cards, inside, inside).breadth > BROAD:
            joined = join(self.cards, inside, strict=False)
            if joined is not None:
                return joined
        return settle(self.cards, inside, inside, worth=worth)

    def _wider(self, inside: Bools, settled: Settled) -> list[Bools]:
        """The set with one more person, who is useful in the most rounds with people left over."""
        cards = self.cards
        useful = np.zeros(cards.size, np.int64)
        placed = np.zeros((cards.size, cards.rounds), bool)
        for seat in settled.seats:
            placed[[seat.one, seat.other], seat.when] = True
        for when in range(cards.rounds):
            over = np.flatnonzero(cards.there[:, when] & ~placed[:, when])
            if len(over) > cards.likely_rests[when]:
                could = np.asarray(cards.open[over].any(0), np.bool_)
                useful += cards.stands[:, when] & ~cards.locked[:, when] & could & could[cards.partner[:, when]]
        useful[inside | cards.seated | cards.late] = 0
        order = np.argsort(-useful, kind="stable")[:HELPERS]
        rows = np.arange(cards.size)
        return [inside | (rows == who) for who in order[useful[order] > 0].tolist()]
