"""Whose cards must change, by counting: the smallest set of people that leaves nobody without a partner.

Let S be the people whose cards become stale. Everybody else stays at the table of the card; whoever of them has lost
the partner there (a widow) is joined by somebody of S or by a late-comer. In a round with

* w single people (their partner is gone or no longer allowed, their table stands),
* l late-comers, b people whose table is lost, z people whose card says rest, and at least m rests,

the widows can all be joined only if two people of S who sit together, or one of S who is single, can be counted at
least ceil((m + w - l - b - z) / 2) times: everybody of S leaves one more widow behind, unless the partner left is in S
too or is gone. So each round asks for so many edges and loops inside S of a graph with an edge for each meeting that
stands and a loop for each single person, and S is a smallest set of vertices that spans them in every round.

That is a partial vertex cover turned around and NP-hard; a greedy start and a tabu search over sets of one size find
it, and `proof` says how far from the best it can be.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.cards import NOBODY, NOWHERE, Cards

STEPS = 250
MORE_STEPS = 60


@dataclass(frozen=True, eq=False)
class Demand:
    """What the set S has to span: for each of the D demands so many loops and edges.

    The first F demands are the rounds; then follow one for each two who are newly kept apart, and one for each round
    in which fewer may rest than the cards say.

    Attributes
    ----------
    loops : (n, D) bool
        Who counts alone.
    beside : (n, F) int
        With whom the meeting stands in each round, `NOBODY` for those without.
    need : (D,) int
        How many loops and edges are asked for.
    forced, barred : (n,) bool
        Who is in S in any case, and who is of no use there.
    wished : (D,) int
        The same as `need` where in no round more people rest than must; of those rests there are `spare` in all.
    turn : (D,) int
        The round of a demand that some rest no more, `NOBODY` for all others.
    """

    loops: Bools
    beside: Ints
    need: Ints
    forced: Bools
    barred: Bools
    wished: Ints
    turn: Ints
    spare: int

    @property
    def rounds(self) -> int:
        """How many rounds are open."""
        return int(self.beside.shape[1])

    def gains(self, inside: Bools) -> Ints:
        """(n, D): what each person would add to S, or takes away from it."""
        found = self.loops.astype(np.int64)
        found[:, : self.rounds] += np.append(inside, False)[self.beside]
        return found

    def spanned(self, inside: Bools) -> Ints:
        """(D,): how many loops and edges lie inside S."""
        both = inside[:, None] & np.append(inside, False)[self.beside]
        total = (self.loops & inside[:, None]).sum(0)
        total[: self.rounds] += both.sum(0) // 2
        return np.asarray(total, np.int64)


def likely_demand(cards: Cards) -> Demand:
    """What S should span: rests are as `likely_rests` says, and only people below their limit stop resting.

    Nobody leaves a partner who may meet less than half as many people as others may: hardly a widow would suit.
    """
    demand = _demand(cards, cards.likely_rests, 0, cards.left > (cards.table != NOWHERE).sum(1))
    loops, choosy = demand.loops.copy(), _choosy(cards)
    loops[:, : cards.rounds] &= ~choosy[:, None]
    apart = choosy[:, None] | np.append(choosy, False)[demand.beside]
    return replace(demand, loops=loops, beside=np.where(apart, NOBODY, demand.beside))


def certain_demand(cards: Cards, rests: int) -> Demand:
    """What S must span in every plan with at most so many rests in all."""
    spare = rests - int(cards.least_rests.sum())
    return _demand(cards, cards.least_rests, spare, np.ones(cards.size, np.bool_))


def _demand(cards: Cards, least: Ints, spare: int, ready: Bools) -> Demand:
    """Count for at `least` so many rests (F,) and `spare` more, and when only those who are `ready` stop resting."""
    carded = cards.there & ~cards.late[:, None] & ~cards.locked
    sits = carded & (cards.table != NOWHERE)
    displaced = sits & cards.lost[cards.table]
    single = sits & ~cards.stands & ~displaced
    resting = carded & (cards.table == NOWHERE)
    extra = (cards.late[:, None] & cards.there).sum(0) + displaced.sum(0) + resting.sum(0)
    need = -(-(least + single.sum(0) - extra) // 2)
    loops, needs = [single], [need]
    parted = _parted(cards, single)
    loops.append(np.zeros((cards.size, len(parted)), bool))
    for at, pair in enumerate(parted):
        loops[-1][list(pair), at] = True
    needs.append(np.ones(len(parted), np.int64))
    loops.append(resting & ready[:, None])
    needs.append(np.minimum(resting.sum(0) - least, loops[-1].sum(0)))
    all_loops, wished = np.hstack(loops), np.maximum(np.concatenate(needs), 0)
    turn = np.full(len(wished), NOBODY)
    turn[len(wished) - cards.rounds :] = np.arange(cards.rounds)
    asked = (np.arange(len(wished)) < cards.rounds) | (wished > 0)
    stands = cards.stands & ~cards.locked
    return Demand(
        loops=all_loops[:, asked],
        beside=np.where(stands, cards.partner, NOBODY),
        need=np.maximum(wished - spare * (turn != NOBODY), 0)[asked],
        forced=displaced.any(1) | (cards.locked & cards.lost[cards.table]).any(1),
        barred=cards.late | cards.seated | ~cards.there.any(1),
        wished=wished[asked],
        turn=turn[asked],
        spare=spare,
    )


def _choosy(cards: Cards) -> Bools:
    partners = cards.open.sum(1)
    return np.asarray(2 * partners < np.median(partners[cards.there.any(1)]), np.bool_)


def _parted(cards: Cards, single: Bools) -> list[tuple[int, int]]:
    """Two single people who share a table: at most one can stay."""
    found = []
    for who, when in np.argwhere(single).tolist():
        other = int(cards.partner[who, when])
        if who < other and single[other, when]:
            found.append((who, other))
    return found


class Search:
    """Looks for smaller and smaller sets S; `best` is the smallest so far."""

    def __init__(self, demand: Demand, seed: int) -> None:
        self.demand = demand
        self.rng = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
        self.inside = demand.forced.copy()
        self.have = demand.spanned(self.inside)
        self.resting = np.zeros(len(self.inside), np.int64)
        self.step = 0
        self._grow()
        self.best = self.inside.copy()

    def run(self) -> None:
        """Take one out, exchange until all demands are met again, and so on until that fails."""
        while (self.inside & ~self.demand.forced).any():
            self._drop()
            if not self._exchange(STEPS):
                break
            self.best = self.inside.copy()
        self._go_to(self.best)

    def walk(self, number: int) -> Iterator[Bools]:
        """Up to so many other sets of the size of `best`, found by walking on."""
        seen = {self.best.tobytes()}
        for _ in range(number):
            if not (self.inside & ~self.demand.forced).any():
                return
            self._drop(at_random=True)
            if not self._exchange(MORE_STEPS, back=True):
                self._go_to(self.best)
            elif self.inside.tobytes() not in seen:
                seen.add(self.inside.tobytes())
                yield self.inside.copy()

    def _go_to(self, inside: Bools) -> None:
        self.inside = inside.copy()
        self.have = self.demand.spanned(inside)

    def _short(self, have: Ints) -> Ints:
        return np.asarray(np.maximum(self.demand.need - have, 0).sum(-1), np.int64)

    def _met(self) -> bool:
        return bool((self.have >= self.demand.need).all())

    def _usable(self) -> Bools:
        return np.asarray(~self.inside & ~self.demand.barred, np.bool_)

    def _grow(self) -> None:
        """Add whoever helps most until all demands are met; single people first between equals."""
        while not self._met():
            gains = self.demand.gains(self.inside)
            short = np.maximum(self.demand.need - self.have, 0)
            worth = np.minimum(gains, short).sum(1) + 0.01 * (self.demand.loops & (short > 0)).sum(1)
            worth[~self._usable()] = -1.0
            who = self._one_of(np.flatnonzero(worth == worth.max()))
            if worth[who] < 0:
                return
            self._put(who, gains[who])

    def _one_of(self, places: Ints) -> int:
        return int(places[self.rng.randrange(len(places))])

    def _put(self, who: int, gain: Ints) -> None:
        self.inside[who] = True
        self.have = self.have + gain

    def _drop(self, *, at_random: bool = False) -> None:
        members = np.flatnonzero(self.inside & ~self.demand.forced)
        gains = self.demand.gains(self.inside)
        left = self._short(self.have - gains[members])
        who = self._one_of(members) if at_random else int(members[np.argmin(left)])
        self.inside[who] = False
        self.have = self.have - gains[who]
        self.resting[who] = self.step + 3

    def _exchange(self, steps: int, *, back: bool = False) -> bool:
        """Tabu search over sets of this size, or with `back` of one more: True when all demands are met."""
        if back:
            gains = self.demand.gains(self.inside)
            usable = np.flatnonzero(self._usable() & (self.resting <= self.step))
            if not len(usable):
                return False
            left = self._short(self.have + gains[usable])
            who = self._one_of(usable[left == left.min()])
            self._put(who, gains[who])
        for _ in range(steps):
            if self._met():
                return True
            self._swap()
        return self._met()

    def _swap(self) -> None:
        """Exchange the two people, one inside and one outside, that bring the demands closest."""
        self.step += 1
        inside = np.flatnonzero(self.inside & ~self.demand.forced & (self.resting <= self.step))
        outside = np.flatnonzero(self._usable() & (self.resting <= self.step))
        if not len(inside) or not len(outside):
            return
        gains = self.demand.gains(self.inside)
        left = self._left_by(gains, inside, outside)
        flat = np.flatnonzero(left == left.min())
        one, other = divmod(self._one_of(flat), len(outside))
        gone, come = inside[one], outside[other]
        self.have = self.have - gains[gone] + gains[come]
        self.have[: self.demand.rounds] -= self.demand.beside[gone] == come
        self.inside[gone], self.inside[come] = False, True
        self.resting[gone] = self.step + self.rng.randint(5, 15)
        self.resting[come] = self.step + self.rng.randint(2, 5)

    def _left_by(self, gains: Ints, inside: Ints, outside: Ints) -> Ints:
        """What is short of all demands after each exchange of one inside (rows) for one outside (columns)."""
        demand = self.demand
        place = np.full(len(self.inside) + 1, -1)
        place[outside] = np.arange(len(outside))
        asked = np.flatnonzero(demand.need)
        lack = (demand.need[asked] - self.have[asked] + gains[np.ix_(inside, asked)]).T.astype(np.int16)
        left = lack[:, :, None] - gains[np.ix_(outside, asked)].T.astype(np.int16)[:, None, :]
        numbers = np.flatnonzero(asked < demand.rounds)
        beside = place[demand.beside[np.ix_(inside, asked[numbers])]]
        rows, columns = np.nonzero(beside >= 0)
        left[numbers[columns], rows, beside[rows, columns]] += 1
        np.maximum(left, 0, out=left)
        left[lack <= 0] = 0
        return np.asarray(left.sum(0), np.int64)
