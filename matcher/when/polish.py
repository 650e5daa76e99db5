"""Exchange of partners inside a round: nobody's number of meetings and no other round changes.

Two meetings (a, b), (c, d) of one round become (a, c), (b, d). All such exchanges of a round are judged at once, as
one array; of those that help, as many as concern different people are made together.
"""

import numpy as np

from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, Deadline
from matcher.when.timetable import Timetable

BARRED = -1e9
SWEEPS = 40


class Polish:
    """Improves one timetable: first the people below the floor, then the benefit, nobody falling below it.

    Attributes
    ----------
    need : (n,) float
        The benefit each person should have.
    """

    def __init__(self, table: Timetable, floor: float) -> None:
        self.table = table
        self.worth = table.graph.benefit
        self.met: Bools = table.met()
        self.gained: Ints = table.gained()
        self.need: Floats = floor * table.graph.best.astype(float)

    def run(self, budget: float, deadline: Deadline = NEVER) -> None:
        """Gain what can be gained, lift people below the floor while the benefit stays above `budget`, gain again."""
        rounds = range(self.table.graph.rounds)
        self._gain(deadline)
        for who in np.flatnonzero(self.gained < self.need).tolist():
            while self.gained[who] < self.need[who] and not deadline.over():
                spare = self.table.benefit() - budget
                if not any(self._exchange(when, who=who, spare=spare) for when in rounds):
                    break
        self._gain(deadline)

    def _gain(self, deadline: Deadline) -> None:
        for _ in range(SWEEPS):
            if deadline.over() or not sum(self._exchange(when) for when in range(self.table.graph.rounds)):
                break

    def _exchange(self, when: int, *, who: int | None = None, spare: float = 0.0) -> int:
        """Make exchanges in a round; for `who`, only the one that lifts this person at the least loss."""
        held = self.table.pairs(when)
        first = held if who is None else held[(held == who).any(1)]
        both = np.vstack([held, held[:, ::-1]])
        if len(held) < 2 or not len(first):
            return 0
        gain = self._gains(first, both, who)
        one, other = np.nonzero(gain > (0 if who is None else -spare - 1))
        order = np.argsort(-gain[one, other], kind="stable")
        touched: set[int] = set()
        made = 0
        for at in order.tolist():
            four = [*first[one[at]].tolist(), *both[other[at]].tolist()]
            if not touched & set(four):
                self._make(when, four)
                touched |= set(four)
                made += 1
                if who is not None:
                    break
        return made

    def _gains(self, first: Ints, second: Ints, who: int | None) -> Floats:
        """What each exchange of (a, b), (c, d) gains in all; barred where a rule or the floor forbids it."""
        worth = self.worth
        a, b = first[:, 0][:, None], first[:, 1][:, None]
        c, d = second[:, 0][None, :], second[:, 1][None, :]
        open_ = self.table.graph.allowed & ~self.met
        gain = worth[a, c] + worth[b, d] - worth[a, b] - worth[c, d]
        fits = open_[a, c] & open_[b, d]
        least = np.minimum(self.gained, self.need)
        for person, new, old in ((a, c, b), (b, d, a), (c, a, d), (d, b, c)):
            after = self.gained[person] + worth[person, new] - worth[person, old]
            fits = fits & (after >= least[person])
            if who is not None:
                fits = fits & ((person != who) | (after > self.gained[who]))
        return np.where(fits, gain, BARRED)

    def _make(self, when: int, four: list[int]) -> None:
        a, b, c, d = four
        for one, other in ((a, b), (c, d)):
            self.table.remove(one, other, when)
        for one, other in ((a, c), (b, d)):
            self.table.put(one, other, when)
        for one, other, held in ((a, b, False), (c, d, False), (a, c, True), (b, d, True)):
            self.met[one, other] = self.met[other, one] = held
            self.gained[[one, other]] += (1 if held else -1) * self.worth[one, other]
