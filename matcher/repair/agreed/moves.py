"""Move agreed meetings to other rounds and tables so that few cards change, by clauses and cores."""

from dataclasses import dataclass

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.agreed.meetings import Meetings
from matcher.repair.agreed.places import NEW, Places
from matcher.when.agenda import EVEN
from matcher.when.cores import Fewest

CONFLICTS = 2_000
ENOUGH = 20_000
FEW = 12
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


class Question(Places):
    """One question after the other about meetings that may move; what is answered stays so."""

    def __init__(self, meetings: Meetings, open_to: Bools, roaming: list[int]) -> None:
        super().__init__(meetings, open_to, roaming)
        self.possible = self._spread() and self.enough

    def _spread(self) -> bool:
        """Of all who meet nobody has three breaks more than another; False where the others have already."""
        as_printed = np.where(self.meetings.missed, NOT_HELD, self.meetings.round)
        alone = [number for who, number in self.meetings.breaks(as_printed).items() if who not in self.node]
        most = max(alone, default=0)
        levels = range(max(most - EVEN, 0), min(alone, default=self.meetings.rounds // 2) + 1)
        if not levels:
            return False
        windows = {level: self.clauses.fresh() for level in levels}
        self.clauses.add(*windows.values())
        for who in self.touched:
            ends = self.formula.breaks[self.node[who]]
            above = self.clauses.counted(ends, len(ends))
            fewer = self.clauses.counted([-end for end in ends], len(ends))
            for level, window in windows.items():
                if len(above) > level + EVEN:
                    self.clauses.add(-window, -above[level + EVEN])
                if level:
                    enough = [-fewer[len(ends) - level]] if len(ends) >= level else []
                    if not enough:
                        self._idle(who, window)
                    else:
                        for when in range(self.meetings.rounds):
                            self.clauses.add(-window, -self.busy(who, when), *enough)
        return True

    def _idle(self, who: int, window: int) -> None:
        for when in range(self.meetings.rounds):
            self.clauses.add(-window, -self.busy(who, when))

    def best(self) -> Moved | None:
        """Give up few meetings, then change few cards, then move few meetings; None where nothing is found."""
        if not self.possible:
            return None
        try:
            return self._best()
        finally:
            self.clauses.close()

    def _best(self) -> Moved | None:
        missed = self.meetings.missed[self.rows]
        optional = [wish for wish, may_fail in zip(self.formula.wanted, missed, strict=True) if may_fail]
        if self._settle(optional, few=FEW) is None:
            return None
        cards = self._settle([self.holds[who] for who in self.touched if not self.meetings.forced[who]])
        if cards is None:
            return None
        stay = [
            self.formula.spot[self.row[at], int(self.meetings.round[at])]
            for at in np.flatnonzero(self.movable & ~self.meetings.missed).tolist()
        ]
        self._settle(stay)
        return self._answer(*cards)

    def _settle(self, wishes: list[int], *, few: int = 0) -> tuple[int, bool] | None:
        """From now on no more of the wishes, all variables, fail than could be found in the effort.

        Of `few` wishes at most others may fail than now. Returns how many must fail at least, and whether that was
        reached; None where there is no answer at all.
        """
        search = Fewest(self.clauses, [-wish for wish in wishes])
        done = search.run(CONFLICTS)
        if not search.possible or (not done and not self.clauses.ask([], CONFLICTS)):
            return None
        kept = self.clauses.true(wishes)
        failed = len(wishes) - sum(kept)
        if len(wishes) > few:
            for wish in (wish for wish, true in zip(wishes, kept, strict=True) if true):
                self.clauses.add(wish)
        elif failed < len(wishes):
            self.clauses.add(-self.clauses.counted([-wish for wish in wishes], failed + 1)[failed])
        return (search.bound, done) if self.clauses.ask([], ENOUGH) else None

    def _answer(self, bound: int, best: bool) -> Moved:
        meetings = self.meetings
        when = np.where(meetings.missed & ~meetings.begun, NOT_HELD, meetings.round)
        spots = self.formula.spot
        for at in np.flatnonzero(self.movable).tolist():
            when[at] = NOT_HELD
        for (row, number), true in zip(spots, self.clauses.true(spots.values()), strict=True):
            if true:
                when[self.rows[row]] = number
        holds = ~meetings.forced
        holds[self.touched] = self.clauses.true(self.holds.values())
        tables = [*self.free, NEW]
        homes = {who: tables[self.clauses.true(row).index(True)] for who, row in self.home.items()}
        return Moved(when, np.asarray(holds, np.bool_), homes, bound, best)
