"""Who of those whose cards change joins which widow: an assignment in each round, all rounds in turn.

Where everybody who may move is needed at a table that somebody keeps, or rests, a round is an assignment problem and
its best answer is found at once. Rounds only touch each other in that two people meet but once; the first round that
finds nobody left for a widow is decided before the others in a second attempt.
"""

import numpy as np

from matcher.graph import Bools, Floats, Ints
from matcher.problem import MOST_BENEFIT
from matcher.repair.cards import Cards
from matcher.repair.partners import ANYWHERE, Room, Seat, Settled
from matcher.solver import assign

BARRED = -1e9
ATTEMPTS = 3
PASSES = 2


def join(cards: Cards, inside: Bools) -> Settled:
    """Fill the open rounds when the cards of `inside` (n,) change; whoever finds nobody this simple way rests."""
    return _Joining(cards, inside).run()


class _Joining:
    def __init__(self, cards: Cards, inside: Bools) -> None:
        self.cards = cards
        self.room = Room(cards, inside, inside)
        held = self.room.waiting.sum(1)
        for seat in self.room.kept:
            held[[seat.one, seat.other]] += 1
        self.spare: Ints = np.asarray(cards.left - held, np.int64)
        self.open = cards.open & ~cards.admissible.kept_apart
        for one, other in self.room.pinned:
            self.open[one, other] = self.open[other, one] = False
        self.choice = self.open.sum(1)
        self.bonus = MOST_BENEFIT * cards.size * cards.rounds
        self.pairs: list[list[tuple[int, int]]] = [[] for _ in range(cards.rounds)]

    def run(self) -> Settled:
        cards = self.cards
        kept = np.bincount([seat.when for seat in self.room.kept], minlength=cards.rounds)
        wanted = (cards.there.sum(0) - cards.likely_rests) // 2 - kept
        order, best = list(range(cards.rounds)), None
        for _ in range(ATTEMPTS):
            filled = {when: self._fill(when, int(wanted[when])) for when in order}
            failed = next((when for when in order if not filled[when]), None)
            short = sum(not one for one in filled.values())
            if best is None or short < best[0]:
                best = short, [list(pairs) for pairs in self.pairs]
            if failed is None or order[0] == failed:
                break
            order = [failed, *(when for when in order if when != failed)]
            self._go_to([[] for _ in order])
        self._go_to([] if best is None else best[1])
        return self._settled(wanted)

    def _go_to(self, pairs: list[list[tuple[int, int]]]) -> None:
        for when, held in enumerate(pairs):
            self._empty(when)
            self._hold(when, held)

    def _settled(self, wanted: Ints) -> Settled:
        for when in [*range(self.cards.rounds)] * PASSES:
            before = self.pairs[when]
            self._fill(when, int(wanted[when]))
            if len(self.pairs[when]) < len(before):
                self._empty(when)
                self._hold(when, before)
        cards, seats = self.cards, list(self.room.kept)
        for when, pairs in enumerate(self.pairs):
            for one, other in pairs:
                stays = next((who for who in (one, other) if self.room.waiting[who, when]), None)
                table = ANYWHERE if stays is None else int(cards.table[stays, when])
                seats.append(Seat(when, min(one, other), max(one, other), table))
        sits = np.zeros_like(self.room.waiting)
        for seat in seats:
            sits[[seat.one, seat.other], seat.when] = True
        stale = int((self.room.waiting & ~sits).any(1).sum())
        return Settled(tuple(sorted(seats, key=lambda seat: (seat.when, seat.one))), stale, best=False)

    def _empty(self, when: int) -> None:
        self._count(when, 1)
        self.pairs[when] = []

    def _hold(self, when: int, pairs: list[tuple[int, int]]) -> None:
        self.pairs[when] = pairs
        self._count(when, -1)

    def _count(self, when: int, step: int) -> None:
        """Follow how many more meetings those who move may have."""
        for who in (who for pair in self.pairs[when] for who in pair):
            self.spare[who] += step * self.room.free[who, when]

    def _fill(self, when: int, wanted: int) -> bool:
        """Find so many meetings for a round, each widow in one of them; False where that fails."""
        self._empty(when)
        widows = np.flatnonzero(self.room.waiting[:, when])
        pool = np.flatnonzero(self.room.free[:, when] & (self.spare > 0) & ~self.cards.seated)
        among = wanted - len(widows)
        gain = self._gain(when)
        together = self._together(pool, gain, among)
        left = np.setdiff1d(pool, np.array(together, np.int64).ravel())
        joined = self._joined(widows, left, gain)
        self._hold(when, (together + joined)[: max(wanted, 0)])
        return len(together) >= among >= 0 and len(joined) == len(widows)

    def _joined(self, widows: Ints, pool: Ints, gain: Floats) -> list[tuple[int, int]]:
        """As many widows as can be joined by somebody of the pool, at the best gain."""
        if not len(widows) or not len(pool):
            return []
        table = gain[np.ix_(widows, pool)]
        if len(widows) > len(pool):
            pairs = [(widows[at], who) for at, who in zip(assign(table.T).tolist(), pool.tolist(), strict=True)]
        else:
            pairs = [(who, pool[at]) for at, who in zip(assign(table).tolist(), widows.tolist(), strict=True)]
        return [(int(one), int(other)) for one, other in pairs if gain[one, other] > BARRED]

    def _gain(self, when: int) -> Floats:
        """What each pair is worth in a round: old partners first; barred where the two may not or do meet."""
        cards = self.cards
        old = cards.again(np.arange(cards.size), when) & ~cards.admissible.kept_apart
        may = self.open | old
        for pairs in self.pairs:
            for one, other in pairs:
                may[one, other] = may[other, one] = False
        return np.where(may, cards.worth + self.bonus * old, BARRED)

    def _together(self, pool: Ints, gain: Floats, number: int) -> list[tuple[int, int]]:
        """So many pairs among those who may move, greedily: old partners who may meet few others first."""
        found: list[tuple[int, int]] = []
        few = 1.0 - self.choice[pool] / (1.0 + self.choice.max(initial=0))
        among = gain[np.ix_(pool, pool)] + self.bonus * np.maximum(few[:, None], few) * (
            gain[np.ix_(pool, pool)] >= self.bonus
        )
        among = np.triu(among, 1) + np.tril(np.full(among.shape, BARRED))
        while len(pool) and len(found) < number:
            one, other = divmod(int(np.argmax(among)), len(pool))
            if among[one, other] <= BARRED:
                break
            found.append((int(pool[one]), int(pool[other])))
            among[[one, other]] = BARRED
            among[:, [one, other]] = BARRED
        return found
