"""The worst-off at hosts: the highest floor under everybody's satisfaction for at most 1 % of the total benefit."""

from dataclasses import dataclass, replace

from matcher.choose.stations.graph import Bools
from matcher.choose.stations.highest import WholeSets
from matcher.choose.stations.transport import NEARLY, Ask, Transport
from matcher.choose.stations.visit_sets import VisitSets
from matcher.solver import NEVER, Deadline, OutOfTime

PRICE = 0.0099
FINE = 0.004
TRIES = 8


@dataclass(frozen=True, slots=True)
class Price:
    """What may be given up: the visits to start from, the most benefit that is possible, and the share to keep."""

    table: Bools
    best: int
    price: float = PRICE

    @property
    def least(self) -> float:
        """The least benefit that is left."""
        return self.best * (1 - self.price)


def lowest(transport: Transport, table: Bools) -> float:
    """Return the lowest satisfaction with these open visits."""
    graph = transport.graph
    return float(graph.share((graph.benefit * table).sum(1) + graph.gained).min(initial=1.0))


def highest_floor(transport: Transport, ask: Ask, low: float, deadline: Deadline = NEVER) -> float:
    """Prove how high the lowest satisfaction could be at any price, by shares of visits, then by shares of whole sets.

    Parameters
    ----------
    transport : Transport
        The open visits.
    ask : Ask
        How many people must have 1, 2, … visits.
    low : float
        A floor that is known to be possible.
    deadline : Deadline
        After it the bound stays as it is.

    Returns
    -------
    float
        An upper bound.
    """
    high = 1.0
    try:
        top = transport.solve(replace(ask, rising=True), deadline)
        high = high if top is None else min(top.bound / 1000, high)
        sets = WholeSets(transport, ask)
        for _ in range(TRIES):
            middle = (low + high) / 2
            sent = None if high - low <= FINE * high else transport.solve(replace(ask, floor=middle), deadline)
            if sent is None or deadline.over():
                break
            if sets.possible(middle, sent.hosts, deadline):
                low = middle
            else:
                high = middle
    except OutOfTime:
        pass
    return high


def raise_lowest(transport: Transport, ask: Ask, price: Price, top: float, *, deadline: Deadline = NEVER) -> Bools:
    """Raise the lowest satisfaction as far as it goes at this price.

    Parameters
    ----------
    transport : Transport
        The open visits.
    ask : Ask
        How many people must have 1, 2, … visits, and how many visits hosts may have.
    price : Price
        What the floor may cost, and the choice to start from.
    top : float
        A proven upper bound on the lowest satisfaction.
    deadline : Deadline
        After it no further improvement is begun.

    Returns
    -------
    (n, h) bool
        Who visits whom.
    """
    kept, low, high = price.table, lowest(transport, price.table), top
    sets = VisitSets(transport, ask)
    floor = top * (1 - 2 * FINE)
    try:
        for _ in range(TRIES):
            if high - low <= FINE * high or deadline.over():
                break
            sent = transport.solve(replace(ask, floor=floor), deadline)
            dear = sent is None or sent.value < price.least - NEARLY
            found = None if dear or sent is None else sets.pick(sent, floor, price.least, deadline)
            if found is not None:
                kept, low = found, lowest(transport, found)
            else:
                high = floor
            floor = (low + high) / 2
    except OutOfTime:
        pass
    return kept
