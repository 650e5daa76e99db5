"""Fill the open rounds: the smallest sets by counting first, then wider ones, until one of them leaves no hole."""

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.cards import Cards
from matcher.repair.cover import Search, certain_demand, likely_demand
from matcher.repair.joining import Joining
from matcher.repair.partners import Room, Settled, settle
from matcher.repair.proof import least

SMALL = 450
OTHERS = 24
HELPERS, MANY_HELPERS = 4, 8
MANY = 1_000_000
HELPS = 8
BROAD = 600
TESTS = 6

Trial = Settled | Joining


def filled(cards: Cards, seed: int, widest: Cards | None = None) -> tuple[Settled, int]:
    """Return the meetings of all open rounds, and how many cards must change at least where as few rest.

    A small room is decided exactly. Where more meetings could be held than those of `cards`, the bound is for `widest`.
    """
    everybody = np.ones(cards.size, np.bool_)
    pairs = int(cards.open[cards.there.any(1)].sum()) // 2
    if pairs * cards.rounds * 3 <= SMALL:
        exact = settle(cards, everybody, np.zeros(cards.size, np.bool_))
        if exact.best:
            return exact, exact.stale if widest is None else _bound_for(widest, exact, exact.stale)
    settled, inside = Attempt(cards, seed).run()
    rests = int(rests_of(cards, settled).sum())
    if widest is not None:
        return settled, _bound_for(widest, settled, int(inside.sum()) + settled.stale)
    test = _Test(cards, rests)
    size = int(inside.sum()) + settled.stale
    bound = least(certain_demand(cards, rests), size, test.possible)
    if test.found is not None and bound < size:
        return test.found, bound
    return settled, bound


def _bound_for(widest: Cards, settled: Settled, size: int) -> int:
    rests = int(rests_of(widest, settled).sum())
    return least(certain_demand(widest, rests), size, lambda _: True) if size else 0


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
        best, inside = Joining(self.cards, self.search.best), self.search.best
        for other in self.search.walk(OTHERS):
            if self._done(best):
                break
            trial = Joining(self.cards, other)
            if self._rank(trial) < self._rank(best):
                best, inside = trial, other
        settled = best.settled()
        if self._done(settled):
            return settled, inside
        settled, inside = self._helped(settled, inside)
        last = _told(self._try(inside))
        return min((last, settled), key=self._rank), inside

    def _done(self, trial: Trial) -> bool:
        return self._rank(trial) <= (int(self.cards.likely_rests.sum()), 0)

    def _rank(self, trial: Trial) -> tuple[int, int]:
        rests = trial.rests if isinstance(trial, Joining) else int(rests_of(self.cards, trial).sum())
        return rests, trial.stale

    def _helped(self, now: Settled, inside: Bools) -> tuple[Settled, Bools]:
        """Let more people move, one by one, whose meetings could be split for two who are left over."""
        exact = self._try(inside, worth=False)
        now = _told(min((now, exact), key=self._rank))
        for _ in range(HELPS):
            if self._done(now):
                break
            best: tuple[Trial, Bools] = now, inside
            for wider in self._wider(inside, now):
                trial = self._try(wider, worth=False)
                if self._rank(trial) < self._rank(best[0]):
                    best = trial, wider
                if self._done(trial):
                    break
            if best[0] is now:
                break
            now, inside = _told(best[0]), best[1]
        return now, inside

    def _try(self, inside: Bools, *, worth: bool = True) -> Trial:
        """Exactly where few columns do, else one round after the other."""
        if Room(self.cards, inside, inside).breadth > BROAD:
            return Joining(self.cards, inside)
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
                could = cards.open[over].sum(0)
                ways = could * could[cards.partner[:, when]] * (cards.stands[:, when] & ~cards.locked[:, when])
                useful += MANY * (ways > 0) + ways
        useful[inside | cards.seated | cards.late] = 0
        broad = Room(cards, inside, inside).breadth > BROAD
        order = np.argsort(-useful, kind="stable")[: MANY_HELPERS if broad else HELPERS]
        rows = np.arange(cards.size)
        return [inside | (rows == who) for who in order[useful[order] > 0].tolist()]


def _told(trial: Trial) -> Settled:
    return trial.settled() if isinstance(trial, Joining) else trial
