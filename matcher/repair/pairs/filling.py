"""Fill the open rounds: the smallest sets by counting first, then wider ones, until one of them leaves no hole."""

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.cards import NOWHERE, Cards
from matcher.repair.pairs.cover import Search, certain_demand, likely_demand
from matcher.repair.pairs.joining import Joining
from matcher.repair.pairs.partners import NODES, Room, Settled, settle
from matcher.repair.pairs.proof import least

SMALL = 450
OTHERS, PATIENCE = 12, 8
HELPERS = 12
MANY = 1_000_000
HELPS = 12
ANEW = 3
BROAD, WIDE = 600, 2_500
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
        settled = settle(self.cards, inside, inside, worth=False, nodes=NODES)
        if int(rests_of(self.cards, settled).sum()) <= self.rests and not settled.stale:
            self.found = settle(self.cards, inside, inside)
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
        best, last = Joining(self.cards, self.search.best), 0
        for at, other in enumerate(self.search.walk(OTHERS)):
            if self._done(best) or at > last + PATIENCE:
                break
            trial = Joining(self.cards, other)
            if self._rank(trial) < self._rank(best):
                best, last = trial, at
        if self._done(best):
            return best.settled(), best.inside
        if not self._broad(best):
            exact = settle(self.cards, best.inside, best.inside, worth=False)
            if self._done(exact):
                return settle(self.cards, best.inside, best.inside), best.inside
        best = self._helped(best)
        found = best.settled()
        if not self._done(found) and not self._broad(best):
            found = min(settle(self.cards, best.inside, best.inside), found, key=self._rank)
        return found, best.inside

    def _broad(self, joining: Joining) -> bool:
        return joining.room.breadth > BROAD

    def _done(self, trial: Trial) -> bool:
        return self._rank(trial) <= (int(self.cards.likely_rests.sum()), 0)

    def _rank(self, trial: Trial) -> tuple[int, int]:
        rests = trial.rests if isinstance(trial, Joining) else int(rests_of(self.cards, trial).sum())
        return rests, trial.stale

    def _helped(self, now: Joining) -> Joining:
        """Let more people move whose meetings could be split for two who are left over, until nobody is of use."""
        for _ in range(HELPS):
            best = now
            for at, who in enumerate(self._useful(now)):
                if self._done(best):
                    break
                wider = now.widened(who)
                best = min(best, wider, key=self._rank)
                if at < ANEW and wider.room.breadth <= WIDE and not self._done(best):
                    best = min(best, Joining(self.cards, wider.inside), key=self._rank)
            if best is now:
                break
            now = best
        return now

    def _useful(self, joining: Joining) -> list[tuple[int, ...]]:
        """Who is of use in the most rounds with people left over; then beside somebody who rests, two more cards."""
        cards, over = self.cards, joining.over()
        open_, useful = joining.open & ~joining.meet, np.zeros(cards.size, np.int64)
        able = ~(joining.inside | cards.seated | cards.late)
        splits = cards.stands & ~cards.locked & able[:, None]
        rests = cards.there & (cards.table == NOWHERE) & ((cards.left > 0) & able)[:, None]
        beside: list[tuple[int, ...]] = []
        for when in np.flatnonzero(over.any(0)).tolist():
            could, other = open_[over[:, when]].astype(np.int64), cards.partner[:, when]
            ways = could.sum(0) * could[:, other].sum(0) - (could * could[:, other]).sum(0)
            useful += MANY * (ways * splits[:, when] > 0) + ways * splits[:, when] + could.sum(0) * rests[:, when]
            for who in np.flatnonzero(rests[:, when]).tolist():
                mixed = could.sum(0) * open_[who, other] * splits[:, when]
                if mixed.any():
                    beside.append((int(np.argmax(mixed)), who))
        useful *= able
        order = np.argsort(-useful, kind="stable")[:HELPERS]
        return [(int(who),) for who in order[useful[order] > 0]] + beside[:HELPERS]
