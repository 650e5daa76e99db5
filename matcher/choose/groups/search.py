"""One question after the other about groups that go round: visits, benefit, and what no groups can exceed.

Small rooms are answered whole. In larger ones who is in which group is settled first, by exchanges, and only who sits
when is asked of the whole-number programme; the bounds are those of all groups.
"""

from dataclasses import replace

import numpy as np

from matcher.choose.groups.paths import NOWHERE, Seating
from matcher.choose.groups.regroup import regrouped
from matcher.choose.groups.reseat import Reseating
from matcher.choose.groups.rows import joining
from matcher.choose.groups.seats import Seated, Seats
from matcher.choose.groups.ways import Prices, Wanted, Ways
from matcher.choose.stations.graph import Ints
from matcher.solver import Answer, Deadline, Floats, linear, whole

NEARLY = 1e-6
NODES = 300
SMALL = 600  # columns up to which every question is answered to the end
FIRST_WORK, WORK = 60_000, 200_000
TRIES = 40
VISIT = 2_000.0
CLOSE, CLOSE_BY = 2_000.0, 2e-5
NEAR = 12  # groups of each person among which shares are sought


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
        self.nodes = NODES if seating.size > SMALL else 10**6
        self.reached: list[int] = []
        self.proven = 0
        self.first: tuple[Floats, int] | None = None
        self.floor, self.sizes = 0.0, (0, seating.paths.graph.size)
        self.start: Ints | None = None
        self.ways: Ways | None = None
        self.prices: Floats = np.empty(0)
        if seating.size > SMALL and not seating.full:
            self.ways = Ways(seating.paths)
            self.start, self.prices = _settled(seating, self.ways, deadline)
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
                alone = self.start is not None or found is None
                bound = self._bound(counted, level) if alone else found[1]
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
        self.floor, kept, nothing = level, self.floor, np.zeros(self.seating.size)
        try:
            if exact:
                return self.ask(nothing) is not None or self.deadline.over()
            return linear(self.wide.programme(nothing, self.sure, self.floor, self.sizes)) is not None
        finally:
            self.floor = kept

    def _bound(self, gain: Floats, level: int | None) -> int:
        """What no groups can exceed: people with so many visits, or the benefit where no level is given."""
        if not self.wide.size:
            return 0
        bound = round(float(gain.sum()))
        if self.ways is not None:
            bound = min(bound, self._bound_of_ways(self.ways, level))
        if self.ways is None or not self.ways.alone:
            answer = linear(self.wide.programme(gain, self.sure, self.floor, self.sizes), interior=self.start is not None)
            bound = bound if answer is None else min(bound, int(np.floor(answer.value + NEARLY)))
        return bound

    def _bound_of_ways(self, ways: Ways, level: int | None) -> int:
        rounds = ways.graph.rounds
        least = np.zeros(rounds)
        least[: len(self.sure)] = self.sure
        wanted = Wanted(float(level is None), (np.arange(rounds) == level).astype(float), least)
        if level is not None:
            prices, close = Prices(0 * ways.room, 0 * least), 1 - NEARLY
        else:
            levels = np.where(np.arange(rounds) < len(self.sure), _visits_first(ways).levels, 0.0)
            prices, close = Prices(self.prices, levels), CLOSE_BY * self.total(self.x)
        return int(np.floor(ways.shared(wanted, prices, close=close, deadline=self.deadline).bound + NEARLY))

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
            found = whole(programme, nodes=self.nodes, deadline=self.deadline)
            if found is None:
                return None
            x = found.x
            bound = round(float(gain @ x)) if found.best else bound
        return x, bound


def _settled(seating: Seating, ways: Ways, deadline: Deadline) -> tuple[Ints | None, Floats]:
    """Settle who is in which group before anybody is seated: exchanges, shares of ways, exchanges, ways chosen anew."""
    seats = Seats(seating.paths)
    even = _joined(seating, seating.offers)
    if even is None:
        return None, ways.room
    best = regrouped(seats, even, work=FIRST_WORK, deadline=deadline)
    wanted = _visits_first(ways)
    prices = ways.eased(wanted, np.minimum(best.prices, VISIT), deadline=deadline)
    shared = ways.shared(wanted, prices, close=CLOSE, deadline=deadline)
    start = _joined(seating, shared.joined[seating.who, seating.start])
    if start is not None and not deadline.over():
        second = regrouped(seats, start, work=WORK, deadline=deadline)
        best = max(best, second, key=lambda one: float(one.value.sum()))
    if not ways.alone or deadline.over():
        return best.start, prices.places
    within = seating.paths.within(best.start)
    answer = linear(within.programme(within.gain + within.visits(seats.bonus), [], 0.0, (0, seating.paths.graph.size)))
    assert answer is not None, "nobody has to be seated"
    aims = wanted, Wanted(1.0, seats.bonus, wanted.least)
    reseating = Reseating(ways, aims, shared, best.start, within.at(answer.x) != NOWHERE)
    reseating.better(tries=TRIES, deadline=deadline)
    return reseating.start, shared.prices.places


def _visits_first(ways: Ways) -> Wanted:
    """Each visit counts more than its benefit, a further one of a person always less than the one before."""
    rounds = ways.graph.rounds
    return Wanted(1.0, VISIT * (rounds - np.arange(rounds)), np.zeros(rounds))


def rounded(seating: Seating, seats: Seats, near: Seated, floor: float = 0.0) -> tuple[Ints | None, Answer | None]:
    """Round the best shares of groups that are worth most to people at the prices of those `near`.

    Returns
    -------
    tuple of ((n,) int or None, Answer or None)
        The group of each person, and the shares.
    """
    gain = seating.gain + seating.visits(seats.bonus)
    programme = seating.programme(gain, [], floor, (0, seating.paths.graph.size))
    open_to = _near(seating, seats.worth(near), near.start)
    shares = linear(replace(programme, top=programme.top * open_to), interior=True)
    return (None if shares is None else _joined(seating, shares.x[: len(seating.who)])), shares


def _joined(seating: Seating, gain: Floats) -> Ints | None:
    """Everybody's group, all as even as places allow, for the most gain."""
    answer = linear(joining(seating, gain))
    if answer is None:
        return None
    start = np.zeros(seating.paths.graph.size, np.int64)
    joined = answer.x > 0.5
    start[seating.who[joined]] = seating.start[joined]
    return start


def _near(seating: Seating, worth: Floats, start: Ints) -> Floats:
    """Ones at the columns of everybody's groups that are worth most to them, their own among these."""
    rank = np.argsort(np.argsort(-worth, axis=1, kind="stable"), axis=1, kind="stable")
    rank[np.arange(len(start)), start] = 0
    joined = (rank[seating.who, seating.start] < NEAR).astype(float)
    seats = joined[seating.joined[seating.pick[:, 0], seating.pick[:, 1]]]
    return np.concatenate([joined, seats, np.ones(seating.size - len(joined) - len(seats))])
