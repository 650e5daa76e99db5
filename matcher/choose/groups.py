"""Fixed groups that go round the hosts as a block: who is in which group, and who of it is seated in each round.

A group is its start: in round t it is at the t-th host after it, clockwise. Groups and seats are one whole-number
programme. First come the numbers of visits, one level after the other; where everybody can have all the visits that any
group offers them, that is settled at once, and whole paths are chosen instead of seats. Then the worst-off, then the
benefit, then even groups.
"""

from dataclasses import dataclass, replace

import numpy as np

from matcher.choose.group_rows import joining
from matcher.choose.group_seats import Seats
from matcher.choose.paths import Paths, Seating
from matcher.choose.regroup import regrouped
from matcher.choose.visits import Ints, VisitGraph
from matcher.errors import NotPossible
from matcher.solver import NEVER, Answer, Deadline, Floats, linear, whole

NEARLY = 1e-6
NODES = 300
SMALL = 600  # columns up to which every question is answered to the end
FIRST_WORK, WORK = 60_000, 400_000
NEAR = 12  # groups of each person among which shares are sought
PRICE = 0.0099
EVENNESS = 0.0005
WIDTHS = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Who is where in which round, and what no groups that leave as few people out can exceed.

    Attributes
    ----------
    at : (n, R) int
        The host of everybody's open visits, -1 for none.
    bound : int
        On the benefit, locked visits included.
    lowest_bound : float
        On the lowest satisfaction.
    """

    at: Ints
    bound: int
    lowest_bound: float


def choose_groups(graph: VisitGraph, *, floor: bool, deadline: Deadline = NEVER) -> Grouping:
    """Make up groups, and seat them.

    Parameters
    ----------
    graph : VisitGraph
        What is open once the locks stand.
    floor : bool
        Raise the lowest satisfaction, for at most 1 % of the total benefit; even groups cost 0.05 % at most.
    deadline : Deadline
        After it no further improvement is begun.

    Raises
    ------
    NotPossible
        The locks of a person are not on the way of one group, or leave a host with too few people.
    """
    paths = Paths(graph)
    _refuse_stray(paths)
    search = _Search(paths.seating(full=True), deadline)
    if not search.begin():
        search = _Search(paths.seating(full=False), deadline)
        if not search.begin():
            raise NotPossible(
                "locks: a host needs more people than a group can bring; lower min_places or remove a lock"
            )
        search.fill()
    bound = search.most()
    top = search.highest()
    if floor and not deadline.over():
        _raise_lowest(search, top)
    if not deadline.over():
        _even(search)
    return Grouping(search.seating.at(search.x), bound, top)


def _refuse_stray(paths: Paths) -> None:
    for one in paths.graph.guests:
        if not paths.starts[list(one.people)].any(1).all():
            raise NotPossible(
                f"locks: in round {one.round + 1} somebody is locked to a host whom their group does not meet then; "
                'remove a lock, or let session.move be "each"'
            )


class _Search:
    """One question after the other to the same programme; what is settled stays so.

    Attributes
    ----------
    x : (columns,) float
        The best groups so far.
    """

    def __init__(self, seating: Seating, deadline: Deadline) -> None:
        self.seating, self.deadline = seating, deadline
        self.x: Floats = np.zeros(seating.size)
        self.nodes = NODES if seating.size > SMALL else 10**6
        self.reached: list[int] = []
        self.proven = 0
        self.first: tuple[Floats, int] | None = None
        self.floor, self.sizes = 0.0, (0, seating.paths.graph.size)
        self.only: Floats | None = None
        self.shares: Answer | None = None
        if seating.size > SMALL and not seating.full:
            self.only, self.shares = _settled(seating, deadline)

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
        if found is None and self.only is not None:
            self.only = None
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
            bound = round(float(gain.sum()))
            if value < bound and self.proven == level and not self._more(gain, value):
                bound = self._bound(gain) if self.only is not None or found is None else found[1]
            if self.proven == level and value == bound:
                self.proven += 1
            self.reached.append(value)

    def most(self) -> int:
        """The groups of most benefit, and the most that any as good in what is proven can have."""
        gain = self.seating.gain
        found = self.first or self.ask(gain)
        if found is not None:
            self.x = found[0]
        alone = found is None or self.only is not None or self.proven < len(self.reached)
        bound = self._bound(gain) if alone or found is None else found[1]
        return bound + int(self.seating.paths.graph.gained.sum())

    def highest(self) -> float:
        """The highest satisfaction that the linear programme, and in small rooms the whole one, gives everybody."""
        levels = self.seating.shares()
        low, high = 0, len(levels) - 1
        if self.only is not None:
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
        self.floor, kept, nothing = level, self.floor, np.zeros(self.seating.size)
        try:
            if exact:
                return self.ask(nothing) is not None or self.deadline.over()
            return linear(self.seating.programme(nothing, self.sure, self.floor, self.sizes)) is not None
        finally:
            self.floor = kept

    def _more(self, gain: Floats, value: int) -> bool:
        """Whether shares of groups are known that reach more at this level, so that nothing can be proven there."""
        if self.shares is None or gain @ self.shares.x < value + 1 - NEARLY:
            return False
        return all(
            self.seating.counted(level) @ self.shares.x >= number - NEARLY for level, number in enumerate(self.reached)
        )

    def _bound(self, gain: Floats) -> int:
        if not self.seating.size:
            return 0
        answer = linear(
            self.seating.programme(gain, self.sure, self.floor, self.sizes),
            interior=self.only is not None,
        )
        return round(float(gain.sum())) if answer is None else int(np.floor(answer.value + NEARLY))

    def ask(self, gain: Floats) -> tuple[Floats, int] | None:
        """Whole groups and a bound, or None where none are found."""
        if not self.seating.size:
            return self.x, 0
        programme = self.seating.programme(gain, self.reached, self.floor, self.sizes)
        if self.only is not None:
            programme = replace(programme, top=programme.top * self.seating.among(self.only))
        answer = linear(programme)
        if answer is None:
            return None
        bound = int(np.floor(answer.value + NEARLY))
        x: Floats = np.round(answer.x)
        if (np.abs(x - answer.x) > NEARLY).any():
            found = whole(programme, nodes=self.nodes, deadline=self.deadline)
            if found is None:
                return None
            x = found.x
            bound = round(float(gain @ x)) if found.best else bound
        return x, bound


def _settled(seating: Seating, deadline: Deadline) -> tuple[Floats | None, Answer | None]:
    """Settle who is in which group before anybody is seated: exchanges, shares of promising groups, exchanges.

    Ones at the groups joined, and the shares.
    """
    seats, size = Seats(seating.paths), len(seating.who)
    even = _joined(seating, seating.offers)
    if even is None:
        return None, None
    best = regrouped(seats, even, work=FIRST_WORK, deadline=deadline)
    gain = seating.gain + seating.visits(seats.bonus)
    programme = seating.programme(gain, [], 0.0, (0, seating.paths.graph.size))
    near = seating.among(seating.nearest(seats.worth(best), best.start, NEAR))
    shares = linear(replace(programme, top=programme.top * near), interior=True)
    shared = None if shares is None else _joined(seating, shares.x[:size])
    if shared is not None:
        second = regrouped(seats, shared, work=WORK, deadline=deadline)
        best = max(best, second, key=lambda one: float(one.value.sum()))
    return (best.start[seating.who] == seating.start).astype(float), shares


def _joined(seating: Seating, gain: Floats) -> Ints | None:
    """Everybody's group, all as even as places allow, for the most gain."""
    answer = linear(joining(seating, gain))
    if answer is None:
        return None
    start = np.zeros(seating.paths.graph.size, np.int64)
    joined = answer.x > 0.5
    start[seating.who[joined]] = seating.start[joined]
    return start


def _raise_lowest(search: _Search, top: float) -> None:
    """Raise the lowest satisfaction as far as 1 % of the benefit goes."""
    least = (1 - PRICE) * search.total(search.x)
    levels = search.seating.shares()
    levels = levels[(levels > search.seating.lowest(search.x) + NEARLY) & (levels <= top + NEARLY)]
    low, high = 0, len(levels)
    while low < high and not search.deadline.over():
        middle = (low + high) // 2
        search.floor, kept = float(levels[middle]), search.floor
        found = search.ask(search.seating.gain)
        if found is not None and search.total(found[0]) >= least:
            search.x = found[0]
            low = int(np.searchsorted(levels, search.seating.lowest(search.x) + NEARLY))
        else:
            search.floor, high = kept, middle


def _even(search: _Search) -> None:
    """Let the sizes of groups differ as little as 0.05 % of the benefit allows."""
    if search.only is not None or not search.seating.size:
        return
    least = (1 - EVENNESS) * search.total(search.x)
    people, groups = search.seating.members(search.x)
    for width in WIDTHS:
        search.sizes = max(people // groups - width, 0), -(-people // groups) + width
        found = search.ask(search.seating.gain)
        if found is not None and search.total(found[0]) >= least:
            search.x = found[0]
            return
        if search.deadline.over():
            return
