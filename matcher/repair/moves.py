"""Move agreed meetings to other rounds and tables so that few cards change, by clauses and cores."""

from dataclasses import dataclass

import numpy as np

from matcher.graph import Bools, Ints
from matcher.repair.meetings import Meetings
from matcher.repair.places import Places
from matcher.when.agenda import EVEN
from matcher.when.cores import Fewest

CONFLICTS = 2_000
NOT_HELD = -1


@dataclass(frozen=True, slots=True)
class Moved:
    """When meetings are held (m,), `NOT_HELD` for those given up; whose cards hold (n,); tables of homeless people.

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

    def __init__(self, meetings: Meetings, movable: Bools) -> None:
        super().__init__(meetings, movable)
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
        optional = [self.formula.wanted[row] for row, at in enumerate(self.rows) if self._may_fail(at)]
        if not self._settle([-wish for wish in optional]):
            return None
        free = [who for who in self.touched if not self.meetings.forced[who]]
        cards = Fewest(self.clauses, [-self.holds[who] for who in free])
        done = cards.run(CONFLICTS)
        if not done and not self.clauses.ask([], CONFLICTS):
            return None
        self._keep([self.holds[who] for who in free])
        stay = [
            self.formula.spot[self.row[at], int(self.meetings.round[at])]
            for at in np.flatnonzero(self.movable & ~self.meetings.missed).tolist()
        ]
        self._settle([-spot for spot in stay])
        return self._answer(cards.bound, best=done)

    def _may_fail(self, at: int) -> bool:
        return bool(self.meetings.missed[at]) and not bool(self.meetings.begun[at])

    def _settle(self, costs: list[int]) -> bool:
        """Keep as few of the costs as can be found in the effort; False where there is no answer at all."""
        search = Fewest(self.clauses, costs)
        if not search.run(CONFLICTS) and not self.clauses.ask([], CONFLICTS):
            return False
        if not search.possible:
            return False
        self._keep([-cost for cost in costs])
        return bool(self.clauses.ask([], CONFLICTS))

    def _keep(self, literals: list[int]) -> None:
        """From now on what is true of these stays so."""
        for literal, true in zip(literals, self.clauses.true(literals), strict=True):
            if true:
                self.clauses.add(literal)

    def _answer(self, bound: int, *, best: bool) -> Moved:
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
        homes = {who: self.free[self.clauses.true(row).index(True)] for who, row in self.home.items()}
        return Moved(when, np.asarray(holds, np.bool_), homes, bound, best)
