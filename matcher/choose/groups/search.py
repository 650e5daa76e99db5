"""One question after the other about groups that go round: visits, benefit, and what no groups can exceed.

Small rooms are answered whole, where branch and bound comes to an end. In larger ones who is in which group is settled
first, by exchanges, and only who sits when is asked of the whole-number programme; the bounds are those of all groups.
"""

import numpy as np

from matcher.choose.groups.limits import most_benefit, most_people
from matcher.choose.groups.paths import Seating
from matcher.choose.groups.settling import settled
from matcher.choose.groups.ways import Ways
from matcher.choose.stations.graph import Ints
from matcher.solver import Deadline, Floats, Programme, Tried, branched, linear

NEARLY = 1e-6
NODES = 300
SMALL = 600  # columns up to which questions are answered to the end, if the nodes last
DEEP, LEAST = 1_000, 50  # nodes for all questions of a small room together, and for each when these are spent


class Search:
    """One question after the other to the same programme; what is settled stays so.

    Attributes
    ----------
    x : (columns,) float
        The best groups so far.
    wide : Seating
        The programme of all groups, on which the bounds stand.
    seating : Seating
        The programme that is asked: the same, or that of the groups `start`.
    start : (n,) int or None
        The group of each person, where that is settled before anybody is seated.
    """

    def __init__(self, seating: Seating, deadline: Deadline) -> None:
        self.wide = self.seating = seating
        self.deadline = deadline
        self.x: Floats = np.zeros(seating.size)
        self.nodes, self.spare = (NODES, 0) if seating.size > SMALL else (LEAST, DEEP)
        self.reached: list[int] = []
        self.proven = 0
        self.first: tuple[Floats, int] | None = None
        self.floor, self.sizes = 0.0, (0, seating.paths.graph.size)
        self.start: Ints | None = None
        self.ways: Ways | None = None
        self.prices: Floats = np.empty(0)
        if seating.size > SMALL and not seating.full:
            self.ways = Ways(seating.paths)
            self.start, self.prices = settled(seating, self.ways, deadline)
        if self.start is not None:
            self.seating = seating.paths.within(self.start)

    @property
    def sure(self) -> list[int]:
        """What all groups reach that leave as few people out: what is proven the most, and no less where that ends."""
        return self.reached[: self.proven + 1]

    def begin(self) -> bool:
        """Whether there are any groups at all."""
        full = self.seating.full
        if not self.seating.size:
            return not self.seating.paths.graph.fewest[self.seating.paths.graph.forced].any()
        found = self.ask(self.seating.gain if full else np.zeros(self.seating.size))
        if found is None and self.start is not None:
            self.seating, self.start = self.wide, None
            found = self.ask(np.zeros(self.seating.size))
        if found is None:
            return False
        self.x = found[0]
        self.first = found if full else None
        return True

    def fill(self) -> None:
        """As many people as possible have one visit, then two, and so on."""
        for level in range(self.seating.levels):
            gain = self.seating.counted(level)
            found = self.ask(gain)
            if found is not None:
                self.x = found[0]
            value = round(float(gain @ self.x))
            counted = self.wide.counted(level)
            bound = round(float(counted.sum()))
            if value < bound and self.proven == level:
                bound = found[1] if found is not None and self.start is None else self._bound(counted, value)
            if self.proven == level and value == bound:
                self.proven += 1
            self.reached.append(value)

    def most(self) -> int:
        """The groups of most benefit, and the most that any as good in what is proven can have."""
        found = self.first or self.ask(self.seating.gain)
        if found is not None:
            self.x = found[0]
        alone = found is None or self.start is not None or self.proven < len(self.reached)
        bound = self._bound(self.wide.gain, None) if alone or found is None else found[1]
        return bound + int(self.seating.paths.graph.gained.sum())

    def highest(self) -> float:
        """The highest satisfaction that the linear programme, and in small rooms the whole one, gives everybody."""
        levels = self.wide.shares(self.sure)
        low, high = 0, len(levels) - 1
        if self.start is not None:
            return float(levels[high])
        exact = self.seating.size <= SMALL and self.proven == len(self.reached) and not self.deadline.over()
        if low < high and self._could(float(levels[high]), exact=exact):
            return float(levels[high])
        while low < high:
            middle = (low + high + 1) // 2
            if self._could(float(levels[middle]), exact=exact):
                low = middle
            else:
                high = middle - 1
        # between two steps of a scale the highest satisfaction may be anything
        return float(levels[min(low + 1, len(levels) - 1)] if self.seating.loose.any() else levels[low])

    def total(self, x: Floats) -> float:
        """The benefit, locked visits included."""
        return float(self.seating.gain @ x) + float(self.seating.paths.graph.gained.sum())

    def _could(self, level: float, *, exact: bool) -> bool:
        """Whether a floor is not proven out of reach."""
        if not self.seating.size:
            return True
        room, reached = (self.seating, self.reached) if exact else (self.wide, self.sure)
        programme = room.programme(np.zeros(room.size), reached, level, self.sizes)
        return linear(programme) is not None and not (exact and self._branched(programme).nothing)

    def _bound(self, gain: Floats, people: int | None) -> int:
        """What no groups can exceed: the benefit, or people with one visit more, where so many `people` have it."""
        if not self.wide.size:
            return 0
        bound = round(float(gain.sum()))
        if self.ways is not None:
            most = (
                most_benefit(self.ways, self.prices, self.sure, self.total(self.x), deadline=self.deadline)
                if people is None
                else most_people(self.ways, self.sure, people, deadline=self.deadline)
            )
            bound = min(bound, most)
        if self.ways is None or not self.ways.alone:
            programme = self.wide.programme(gain, self.sure, self.floor, self.sizes)
            answer = linear(programme, interior=self.start is not None)
            bound = bound if answer is None else min(bound, int(np.floor(answer.value + NEARLY)))
        return bound

    def ask(self, gain: Floats) -> tuple[Floats, int] | None:
        """Whole groups and a bound, or None where none are found."""
        if not self.seating.size:
            return self.x, 0
        programme = self.seating.programme(gain, self.reached, self.floor, self.sizes)
        answer = linear(programme)
        if answer is None:
            return None
        bound = int(np.floor(answer.value + NEARLY))
        x: Floats = np.round(answer.x)
        if (np.abs(x - answer.x) > NEARLY).any():
            found = self._branched(programme).found
            if found is None:
                return None
            x = found.x
            bound = round(float(gain @ x)) if found.best else bound
        return x, bound

    def _branched(self, programme: Programme) -> Tried:
        """Branch and bound with the nodes that are left."""
        tried = branched(programme, nodes=max(self.spare, self.nodes), deadline=self.deadline)
        self.spare = max(self.spare - tried.nodes, 0)
        return tried
