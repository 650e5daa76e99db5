"""One question after the other about listed ways: visits, benefit, what nobody can exceed, and the worst-off."""

import numpy as np

from matcher.choose.groups.limits import visits_first
from matcher.choose.groups.listed import Listed, Sought, Tolls
from matcher.choose.groups.offered import Chosen, Offer
from matcher.choose.groups.paths import NOWHERE
from matcher.choose.groups.ways import Wanted
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Floats

CLOSE = 2e-6
SURELY = 1e-4
TRIES, AT_TOP = 5, 2
ASKED = 6  # questions after which what is reached stands
ROUGHLY, NEARLY, FIRST = 0.01, 0.0003, 0.0001  # shares of the best within which whole ways are good enough


class Answers:
    """The best whole ways so far, and what is proven of all as good.

    Attributes
    ----------
    ways : (m,) int
        These ways, by their numbers in the list.
    reached : list of int
        How many people have at least 1, 2, … open visits.
    asked : int
        How often whole ways were sought.
    proven : int
        For how many of these it is proven that no more people can, those before settled.
    """

    def __init__(self, listed: Listed, deadline: Deadline = NEVER) -> None:
        self.listed, self.deadline = listed, deadline
        self.every = listed.sought(0.0)
        self.ways: Ints = np.empty(0, np.int64)
        self.reached: list[int] = []
        self.proven, self.asked = 0, 0
        self.prices: Tolls | None = None
        self.known: Ints = np.empty(0, np.int64)

    @property
    def over(self) -> bool:
        """Whether time is over, or enough was asked."""
        return self.deadline.over() or self.asked >= ASKED

    @property
    def seats(self) -> Bools:
        """Who sits when with which group; shape (n, h, R)."""
        return self.listed.sits(self.ways)

    @property
    def sure(self) -> list[int]:
        """What all reach that leave as few people out: what is proven the most, and no less where that ends."""
        return self.reached[: self.proven + 1]

    @property
    def total(self) -> int:
        """The benefit, locked visits included."""
        graph = self.listed.graph
        return int((graph.benefit[:, self.listed.paths.host] * self.seats).sum() + graph.gained.sum())

    @property
    def lowest(self) -> float:
        """The lowest satisfaction."""
        graph = self.listed.graph
        mine: Ints = (graph.benefit[:, self.listed.paths.host] * self.seats).sum((1, 2))
        return float(graph.share(mine + graph.gained).min(initial=1.0))

    def at(self) -> Ints:
        """Everybody's host in each round, -1 for none; shape (n, R)."""
        host = np.where(self.seats, self.listed.paths.host[None], NOWHERE)
        at: Ints = host.max(1, initial=NOWHERE)
        return at

    def fill(self) -> bool:
        """As many people as possible have one visit, then two, and so on; whether ways were found in time."""
        first = self.take(visits_first(self.listed.graph.rounds), self.every, gap=FIRST)
        if first.ways is None or self.deadline.over():
            return False
        for level in range(self.listed.graph.rounds):
            if self.proven == level:
                self.proven += self._settled(level)
            self.reached.append(self._have(level))
        return True

    def most(self) -> int:
        """The ways of most benefit, and the most that any as good in what is proven can have."""
        bound = self.take(self.worth(self.reached), self.every, gap=NEARLY).bound
        if self.sure != self.reached:
            bound = self._offered(self.worth(self.sure), self.every).bound
        return int(np.floor(bound + SURELY)) + int(self.listed.graph.gained.sum())

    def _settled(self, level: int) -> bool:
        """Prove that no more people can have one visit more than the level before, or find ways in which they have."""
        listed, held, value = self.listed, self.listed.graph.held, self._have(level)
        could = held + (self.every.open.any(1) * listed.number).max(1)
        if value == int(((held <= level) & (could > level)).sum()):
            return True
        if self.over:
            return False
        one = (np.arange(listed.graph.rounds) == level).astype(float)
        offer = Offer(listed, Wanted(0.0, one, self.least(self.reached)), self.every, (self.known, self.ways))
        offer.share(enough=value + 1 - SURELY)
        most, known = int(np.floor(offer.bound + SURELY)), True
        later = np.where(np.arange(listed.graph.rounds) > level, visits_first(listed.graph.rounds).levels, 0.0)
        for turn in range(TRIES):
            if value == most or self.over:
                break
            target = most if turn < AT_TOP else (value + most + 1) // 2
            wanted = Wanted(1.0, later, self.least([*self.reached, target]))
            chosen = self.take(wanted, self.every, gap=ROUGHLY)
            if chosen.ways is None:
                most, known = target - 1, known and chosen.bound == -np.inf
            else:
                value = self._have(level)
        return known and value == most

    def take(self, wanted: Wanted, sought: Sought, *, least: float = -np.inf, gap: float = 0.0) -> Chosen:
        """Choose whole ways, and keep those that are found; less than `least` benefit is of no use."""
        self.asked += 1
        offer = self._offered(wanted, sought)
        chosen = offer.whole(least - float(self.listed.graph.gained.sum()), gap=gap, deadline=self.deadline)
        if chosen.ways is not None:
            self.ways = chosen.ways
        return chosen

    def _offered(self, wanted: Wanted, sought: Sought) -> Offer:
        offer = Offer(self.listed, wanted, sought, (self.known, self.ways))
        offer.share(prices=self.prices, near=CLOSE)
        self.known = offer.kept()
        if np.isfinite(offer.bound):
            self.prices = offer.prices
        return offer

    def worth(self, reached: list[int]) -> Wanted:
        """Benefit, where so many people have at least 1, 2, … visits."""
        return Wanted(1.0, np.zeros(self.listed.graph.rounds), self.least(reached))

    def least(self, reached: list[int]) -> Floats:
        """How many people must have at least 1, 2, … visits; shape (R,)."""
        least = np.zeros(self.listed.graph.rounds)
        least[: len(reached)] = reached
        return least

    def _have(self, level: int) -> int:
        """How many people have one visit more than `level` by an open one."""
        held = self.listed.graph.held
        return int(((held <= level) & (held + self.seats.sum((1, 2)) > level)).sum())
