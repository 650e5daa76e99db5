"""Who of those whose cards change joins which widow: an assignment in each round, all rounds in turn.

Where everybody who may move is needed at a table that somebody keeps, or rests, a round is an assignment problem and
its best answer is found at once. Rounds only touch each other in that two people meet but once; the first round that
finds nobody left for a widow is decided before the others in a second attempt.
"""

import numpy as np

from matcher.graph import Bools, Floats, Ints
from matcher.problem import MOST_BENEFIT
from matcher.repair.cards import Cards
from matcher.repair.pairs.partners import ANYWHERE, Room, Seat, Settled
from matcher.solver import assign

BARRED = -1e9
ATTEMPTS = 3
PASSES = 2

Pairs = list[tuple[int, int]]


class Meetings:
    """Who meets in each open round beside the meetings that stay, when the cards of `inside` (n,) change.

    Attributes
    ----------
    open, meet : (n, n) bool
        Who may meet and does not in a meeting that stays; who meets here.
    """

    def __init__(self, cards: Cards, inside: Bools) -> None:
        self.cards, self.inside = cards, inside
        self.room = room = Room(cards, inside, inside)
        self.spare: Ints = np.asarray(cards.left - room.waiting.sum(1) - room.stays.sum(1), np.int64)
        self.open = cards.open & ~cards.admissible.kept_apart
        who, when = np.nonzero(room.stays)
        self.open[who, cards.partner[who, when]] = False
        self.meet = np.zeros_like(self.open)
        self.wanted = (cards.there.sum(0) - cards.likely_rests - room.stays.sum(0)) // 2
        self.pairs: list[Pairs] = [[] for _ in range(cards.rounds)]

    def over(self) -> Bools:
        """(n, F): who is left over, in rounds in which fewer could rest."""
        left = (self.room.waiting | self.room.free) & ~self._sits()
        return np.asarray(left & self._short(), np.bool_)

    def _short(self) -> Bools:
        """(F,): in which rounds people are left over."""
        wanted = zip(self.wanted.tolist(), self.room.waiting.sum(0).tolist(), strict=True)
        return np.array([self._held(when) < least for when, least in enumerate(wanted)], np.bool_)

    def _held(self, when: int) -> tuple[int, int]:
        """How many meetings there are beside those kept, and how many widows in them."""
        pairs = self.pairs[when]
        return len(pairs), int(self.room.waiting[np.array(pairs, np.int64).ravel(), when].sum())

    def _sits(self) -> Bools:
        sits = np.zeros(self.room.waiting.shape, np.bool_)
        for when, pairs in enumerate(self.pairs):
            sits[[who for pair in pairs for who in pair], when] = True
        return sits

    def _go_to(self, pairs: list[Pairs]) -> None:
        for when in range(self.cards.rounds):
            self._empty(when)
        for when, held in enumerate(pairs):
            self._hold(when, held)

    def _empty(self, when: int) -> None:
        self._count(when, 1)
        self.pairs[when] = []

    def _hold(self, when: int, pairs: Pairs) -> None:
        self.pairs[when] = pairs
        self._count(when, -1)

    def _count(self, when: int, step: int) -> None:
        """Follow who meets whom, and how many more meetings those who move may have."""
        if pairs := self.pairs[when]:
            ends = np.array(pairs)
            self.spare[ends] += step * self.room.free[ends, when]
            self.meet[ends, ends[:, ::-1]] = step < 0


class Joining(Meetings):
    """The open rounds filled when the cards of `inside` (n,) change; whoever finds nobody this simple way rests.

    With `start`, the meetings beside those kept, only rounds in which that leaves people over are decided.

    Attributes
    ----------
    rests, stale : int
        How many people who are there have no table, in all open rounds; how many of the others' cards change.
    """

    def __init__(self, cards: Cards, inside: Bools, start: list[Pairs] | None = None) -> None:
        super().__init__(cards, inside)
        self.choice = self.open.sum(1)
        self.bonus = MOST_BENEFIT * cards.size * cards.rounds
        self._run() if start is None else self._go_on(start)
        number = sum(len(pairs) for pairs in self.pairs)
        self.rests = int(cards.there.sum() - self.room.stays.sum()) - 2 * number
        self.stale = int((self.room.waiting & ~self._sits()).any(1).sum())

    def _run(self) -> None:
        order, best = list(range(self.cards.rounds)), None
        for _ in range(ATTEMPTS):
            failed = [when for when in order if not self._fill(when)]
            if best is None or len(failed) < best[0]:
                best = len(failed), list(self.pairs)
            if not failed or order[0] == failed[0]:
                break
            order = [failed[0], *(when for when in order if when != failed[0])]
            self._go_to([[] for _ in order])
        self._go_to([] if best is None else best[1])
        if best is not None and best[0]:
            self._fill_again()

    def _go_on(self, start: list[Pairs]) -> None:
        self._go_to(start)
        for when in np.flatnonzero(self._short()).tolist():
            self._again(when)

    def widened(self, more: tuple[int, ...]) -> "Joining":
        """The same when more people may move: where people are left over a meeting can be split for two of them.

        The others keep their meetings, and whoever may move now keeps the partners in all other rounds.
        """
        start, wider = [list(pairs) for pairs in self.pairs], self.inside.copy()
        wider[list(more)] = True
        for who, when in np.argwhere((self.room.stays & ~self.cards.locked)[list(more)]).tolist():
            one, other = more[who], int(self.cards.partner[more[who], when])
            if other not in more[:who]:
                start[when].append((one, other))
        return Joining(self.cards, wider, start)

    def settled(self) -> Settled:
        """Decide all rounds once more, each beside what the others have become by now."""
        self._fill_again()
        cards, seats = self.cards, list(self.room.kept)
        for when, pairs in enumerate(self.pairs):
            for one, other in pairs:
                stays = next((who for who in (one, other) if self.room.waiting[who, when]), None)
                table = ANYWHERE if stays is None else int(cards.table[stays, when])
                seats.append(Seat(when, min(one, other), max(one, other), table))
        stale = int((self.room.waiting & ~self._sits()).any(1).sum())
        return Settled(tuple(sorted(seats, key=lambda seat: (seat.when, seat.one))), stale, best=False)

    def _fill_again(self) -> None:
        for when in [*range(self.cards.rounds)] * PASSES:
            self._again(when)

    def _again(self, when: int) -> None:
        """Decide a round anew; what it was comes back where fewer meet now."""
        before, held = self.pairs[when], self._held(when)
        self._fill(when)
        if self._held(when) < held:
            self._empty(when)
            self._hold(when, before)

    def _fill(self, when: int) -> bool:
        """Find so many meetings as are wanted in a round, each widow in one of them; False where that fails."""
        self._empty(when)
        widows = np.flatnonzero(self.room.waiting[:, when])
        pool = np.flatnonzero(self.room.free[:, when] & (self.spare > 0) & ~self.cards.seated)
        wanted = int(self.wanted[when])
        among = wanted - len(widows)
        together = self._together(pool, among, when) if among > 0 else []
        if together:
            pool = pool[~np.isin(pool, together)]
        joined = self._joined(widows, pool, when)
        self._hold(when, (together + joined)[: max(wanted, 0)])
        return len(together) >= among >= 0 and len(joined) == len(widows)

    def _joined(self, widows: Ints, pool: Ints, when: int) -> Pairs:
        """As many widows as can be joined by somebody of the pool, at the best gain."""
        if not len(widows) or not len(pool):
            return []
        few, many = (pool, widows) if len(widows) > len(pool) else (widows, pool)
        gain = self._gain(few, many, when)
        taken = assign(gain)
        held = gain[np.arange(len(few)), taken] > BARRED
        ends = [few[held].tolist(), many[taken[held]].tolist()]
        return list(zip(*(ends if few is widows else ends[::-1]), strict=True))

    def _gain(self, rows: Ints, columns: Ints, when: int) -> Floats:
        """What each pair is worth in a round: old partners first; barred where the two may not or do meet."""
        cards, block = self.cards, (rows[:, None], columns[None, :])
        old = (cards.partner[rows, when][:, None] == columns) & ~cards.mute[rows, when][:, None]
        old &= ~cards.admissible.kept_apart[block]
        may = (self.open[block] | old) & ~self.meet[block]
        return np.where(may, cards.worth[block] + self.bonus * old, BARRED)

    def _together(self, pool: Ints, number: int, when: int) -> Pairs:
        """So many pairs among those who may move, greedily: old partners who may meet few others first."""
        found: Pairs = []
        few = 1.0 - self.choice[pool] / (1.0 + self.choice.max(initial=0))
        among = self._gain(pool, pool, when)
        among += self.bonus * np.maximum(few[:, None], few) * (among >= self.bonus)
        among[np.tri(len(pool), dtype=bool)] = BARRED
        while len(pool) and len(found) < number:
            one, other = divmod(int(np.argmax(among)), len(pool))
            if among[one, other] <= BARRED:
                break
            found.append((int(pool[one]), int(pool[other])))
            among[[one, other]] = BARRED
            among[:, [one, other]] = BARRED
        return found
