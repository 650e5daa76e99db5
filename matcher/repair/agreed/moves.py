"""Move agreed meetings to other rounds and tables so that few cards change, by clauses and cores."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.agreed.meetings import Meetings
from matcher.repair.agreed.places import NEW, Places
from matcher.when.agenda import EVEN
from matcher.when.cores import TRIM, Fewest

CONFLICTS = 2_000
ENOUGH = 20_000
FEW = 64
EFFORT = 1_200_000
NOT_HELD = -1


@dataclass(frozen=True, slots=True)
class Moved:
    """When meetings are held (m,), `NOT_HELD` for those given up; whose cards hold (n,); where who is seated anew.

    `bound` is how many cards more than the forced ones must be stale at least, where these and no other meetings may
    move and as few are given up; `best`: that many are.
    """

    when: Ints
    holds: Bools
    homes: dict[int, int]
    bound: int
    best: bool


def windows_of(meetings: Meetings, open_to: Bools) -> range:
    """Return how few breaks somebody may have where nobody may have three more; none where others differ already."""
    movers = np.unique(meetings.ends[open_to.any(1)])
    breaks = meetings.breaks(np.where(meetings.missed, NOT_HELD, meetings.round))
    others = [number for who, number in breaks.items() if who not in movers]
    return range(max(max(others, default=0) - EVEN, 0), min(others, default=meetings.rounds // 2) + 1)


class Question(Places):
    """One question after the other about meetings that may move; what is answered stays so."""

    def __init__(self, meetings: Meetings, open_to: Bools, roaming: list[int]) -> None:
        super().__init__(meetings, open_to, roaming)
        self.calm: list[int] = []
        self._spread(windows_of(meetings, open_to))
        self.answer: list[int] = []

    def _spread(self, levels: range) -> None:
        """Of all who meet nobody has three breaks more than another."""
        windows = {level: self.clauses.fresh() for level in levels}
        self.clauses.add(*windows.values())
        self.calm = self._calmest(levels)
        for who in self.touched:
            ends = self.formula.breaks[self.node[who]]
            above = self.clauses.counted(ends, len(ends))
            fewer = self.clauses.counted([-end for end in ends], len(ends))
            meets = self.clauses.fresh()
            for when in range(self.meetings.rounds):
                self.clauses.add(-self.busy(who, when), meets)
            for level, window in windows.items():
                if len(above) > level + EVEN:
                    self.clauses.add(-window, -above[level + EVEN])
                if level:
                    enough = [-fewer[len(ends) - level]] if len(ends) >= level else []
                    self.clauses.add(-window, -meets, *enough)

    def _calmest(self, levels: range) -> list[int]:
        """Whose cards could hold as far as breaks go: those in the window of breaks where most are."""
        meetings = self.meetings
        breaks = meetings.breaks(np.where(meetings.missed, NOT_HELD, meetings.round))
        for who in np.unique(meetings.ends[meetings.missed]).tolist():
            breaks.pop(who, None)  # somebody else may come in place of whoever leaves
        can = [who for who in self.touched if not meetings.forced[who]]
        inside = [[who for who in can if level <= breaks.get(who, level) <= level + EVEN] for level in levels]
        return max(inside, key=len)

    def best(self) -> Moved | None:
        """Give up few meetings, then change few cards, then move few meetings; None where nothing is found."""
        if not self.enough:
            return None
        try:
            return self._best()
        finally:
            self.clauses.close()

    def _best(self) -> Moved | None:
        spots = self.formula.spot
        self.clauses.suggest(
            spot if when == self.meetings.round[self.rows[row]] else -spot for (row, when), spot in spots.items()
        )
        self.clauses.suggest(self.holds.values())
        if not self.clauses.ask([], ENOUGH):
            return None
        self.answer = self.clauses.answer()
        missed = self.meetings.missed[self.rows]
        optional = [wish for wish, may_fail in zip(self.formula.wanted, missed, strict=True) if may_fail]
        if self._settle(optional, few=FEW) is None:
            return None
        chosen = len(optional) > FEW and not all(self._true(optional))
        can = [who for who in self.touched if not self.meetings.forced[who]]
        self.clauses.allow(EFFORT)
        if len(self.calm) < len(can) and self.clauses.ask([self.holds[who] for who in self.calm], CONFLICTS):
            self.answer = self.clauses.answer()
        least = len(can) - len(self.calm)
        cards = self._settle([self.holds[who] for who in can], bound=least)
        if cards is None:
            return None
        stay = [
            self.formula.spot[self.row[at], int(self.meetings.round[at])]
            for at in np.flatnonzero(self.movable & ~self.meetings.missed).tolist()
        ]
        self._settle(stay)
        bound, best = (least, False) if chosen else cards
        return self._answer(bound, best)

    def _settle(self, wishes: list[int], *, few: int = 0, bound: int = 0) -> tuple[int, bool] | None:
        """From now on no more of the wishes, all variables, fail than in the best answer found in the effort.

        Of `few` wishes at most others may fail than now. Returns how many must fail at least (`bound`: known before),
        and whether that was reached; None where there is no answer at all.
        """
        done = self._true(wishes).count(False) == bound
        if not done:
            search = Fewest(self.clauses, [-wish for wish in wishes])
            self.clauses.allow(EFFORT)
            done = search.run(CONFLICTS)
            if not search.possible:
                return None
            bound = max(bound, search.bound)
            if done:
                self.answer = self.clauses.answer()
            else:
                self._extend(wishes)
        kept = self._true(wishes)
        failed = len(wishes) - sum(kept)
        if len(wishes) > few:
            for wish in (wish for wish, true in zip(wishes, kept, strict=True) if true):
                self.clauses.add(wish)
        elif failed < len(wishes):
            self.clauses.add(-self.clauses.counted([-wish for wish in wishes], failed + 1)[failed])
        return bound, done

    def _extend(self, wishes: list[int]) -> None:
        """Keep further wishes beside those kept, one by one."""
        self.clauses.allow(EFFORT)
        for wish in wishes:
            kept = [one for one, true in zip(wishes, self._true(wishes), strict=True) if true]
            if wish not in kept and self.clauses.ask([*kept, wish], TRIM):
                self.answer = self.clauses.answer()

    def _true(self, literals: Iterable[int]) -> list[bool]:
        return [self.answer[literal - 1] > 0 for literal in literals]

    def _answer(self, bound: int, best: bool) -> Moved:
        meetings = self.meetings
        when = np.where(meetings.missed & ~meetings.begun, NOT_HELD, meetings.round)
        spots = self.formula.spot
        for at in np.flatnonzero(self.movable).tolist():
            when[at] = NOT_HELD
        for (row, number), true in zip(spots, self._true(spots.values()), strict=True):
            if true:
                when[self.rows[row]] = number
        holds = ~meetings.forced
        holds[self.touched] = self._true(self.holds.values())
        tables = [*self.free, NEW]
        homes = {who: tables[self._true(row).index(True)] for who, row in self.home.items()}
        return Moved(when, np.asarray(holds, np.bool_), homes, bound, best)
