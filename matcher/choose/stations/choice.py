"""Who visits which hosts: as many visits as can be, evenly spread, the most benefit, and tables as even as that allows.

The rounds follow afterwards: what fits into the places of all rounds together also fits into every single one, as
evenly (de Werra 1971), as long as nobody is away.
"""

from dataclasses import dataclass

import numpy as np

from matcher.choose.stations.floor import Price, highest_floor, lowest, raise_lowest
from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.choose.stations.transport import NEARLY, Ask, Sent, Transport
from matcher.solver import NEVER, Deadline, OutOfTime

EVENNESS = 0.0005
STEEPEST = 1024
HIGH_ENOUGH = 0.98


@dataclass(frozen=True, slots=True)
class Visits:
    """Who visits whom, before anything is timed.

    Attributes
    ----------
    table : (n, h) bool
        The open visits.
    counts : (R,) int
        How many people have at least 1, 2, 3, … visits, locked ones included.
    top : float or None
        What the lowest satisfaction cannot exceed with these counts, where that was asked.
    most : bool
        Whether the counts are proven the best there are.
    """

    table: Bools
    counts: Ints
    top: float | None = None
    most: bool = True


def choose(graph: VisitGraph, *, floor: bool, closing: bool = False, deadline: Deadline = NEVER) -> Visits:
    """Choose the open visits of the whole session.

    Parameters
    ----------
    graph : VisitGraph
        What is open once the locks stand.
    floor : bool
        Raise the lowest satisfaction, for at most 1 % of the total benefit; even tables cost 0.05 % at most.
    closing : bool
        Hosts who need several people may have visits in some rounds only.
    deadline : Deadline
        After it no further improvement is begun; where it strikes before any answer, the best visits go first.
    """
    transport = Transport(graph)
    if not len(transport.open):
        return Visits(np.zeros(graph.allowed.shape, np.bool_), transport.counts(graph.held * 0))
    try:
        counts = most_even(transport, deadline)
        ask, best = (_closing if closing else _richest)(transport, counts, deadline)
    except OutOfTime:
        table = greedy(graph)
        return Visits(table, transport.counts(table.sum(1)), most=False)
    table = transport.table(_levelled(transport, ask, best, deadline).x)
    if not floor:
        return Visits(table, counts)
    top = highest_floor(transport, Ask(counts), lowest(transport, table), deadline)
    price = Price(table, int(np.round(transport.value @ best.x)))
    return Visits(_lifted(transport, ask, price, top, deadline=deadline), counts, top)


def _richest(transport: Transport, counts: Ints, deadline: Deadline) -> tuple[Ask, Sent]:
    """The most benefit with these counts, every host with its fewest people in every round where that is possible."""
    graph = transport.graph
    ask = Ask(counts, low=(graph.fewest * (graph.room > 0)).sum(1))
    best = transport.solve(ask, deadline)
    if best is None:
        ask = Ask(counts)
        best = transport.solve(ask, deadline)
    assert best is not None, "the counts that were just reached can be reached again"
    return ask, best


def _closing(transport: Transport, counts: Ints, deadline: Deadline) -> tuple[Ask, Sent]:
    """The most benefit with these counts, every host with nobody at all or enough people for one round."""
    graph = transport.graph
    fewest = graph.fewest.max(1, initial=0)
    ask = Ask(counts, low=np.where(fewest > 1, 0, (graph.fewest * (graph.room > 0)).sum(1)))
    for _ in range(len(fewest) + 1):
        best = transport.solve(ask, deadline)
        if best is None:
            break
        load = np.round(transport.by_host @ _levelled(transport, ask, best, deadline).x)
        few = (fewest > 1) & (load > 0) & (load < fewest)
        if not few.any() or ask.low is None:
            return ask, best
        ask = Ask(counts, low=np.where(few, fewest, ask.low))
    return _richest(transport, counts, deadline)


def _lifted(transport: Transport, ask: Ask, price: Price, top: float, *, deadline: Deadline) -> Bools:
    """Raise the worst-off, hosts no more uneven than before; more uneven ones only where that is not high enough."""
    graph = transport.graph
    load, room = price.table.sum(0), graph.room.sum(1)
    least = np.maximum(np.minimum(load.min(), room), 0 if ask.low is None else ask.low)
    even = Ask(ask.counts, low=np.minimum(least, load), high=np.minimum(load.max(), room))
    table = raise_lowest(transport, even, price, top, deadline=deadline)
    if lowest(transport, table) < HIGH_ENOUGH * top and not deadline.over():
        free = raise_lowest(transport, ask, price, top, deadline=deadline)
        return max(table, free, key=lambda one: lowest(transport, one))
    return table


def greedy(graph: VisitGraph) -> Bools:
    """Take the most beneficial visit of people and hosts who both still can, again and again: a choice at once."""
    table = np.zeros(graph.allowed.shape, np.bool_)
    caps, room = graph.caps.copy(), graph.room.sum(1)
    visits = np.argwhere(graph.allowed)
    for who, host in visits[np.argsort(-graph.benefit[graph.allowed], kind="stable")].tolist():
        if caps[who] and room[host]:
            table[who, host] = True
            caps[who] -= 1
            room[host] -= 1
    return table


def most_even(transport: Transport, deadline: Deadline = NEVER) -> Ints:
    """Return how many people can have at least 1, 2, 3, … visits.

    The numbers of visits that flows allow people are the points of a polymatroid, whose most even largest point is best
    for all these counts at once (Frank and Murota 2022): one programme with a smaller bonus for each further visit.
    """
    full = transport.counts(transport.graph.could)
    if transport.solve(Ask(full), deadline) is not None:
        return full
    sent = transport.solve(Ask(None), deadline)
    assert sent is not None, "nobody has to visit anybody"
    return transport.counts(np.round(transport.by_person @ sent.x).astype(np.int64))


def _levelled(transport: Transport, ask: Ask, best: Sent, deadline: Deadline) -> Sent:
    """Make the hosts as even as at most 0.05 % of the benefit buys: a price on large tables, found by bisection."""
    least = transport.value @ best.x * (1 - EVENNESS) - NEARLY
    kept, low, high = best, 0, STEEPEST + 1
    level = STEEPEST
    try:
        while high - low > max(low // 8, 1) and not deadline.over():
            sent = transport.solve(Ask(ask.counts, level=level, low=ask.low), deadline)
            if sent is not None and float(transport.value @ sent.x) >= least:
                kept, low = sent, level
            else:
                high = level
            level = (low + high) // 2
    except OutOfTime:
        pass
    return kept


def bound_with(graph: VisitGraph, counts: Ints, deadline: Deadline = NEVER) -> int:
    """Prove a bound over all plans that leave as few people out.

    Parameters
    ----------
    graph : VisitGraph
        What is open; where locks left the table open, `relaxed`.
    counts : (R,) int
        How many people have at least 1, 2, 3, … visits in all those plans.
    deadline : Deadline
        After it the bound is the simplest one.

    Returns
    -------
    int
        On the benefit, locked visits included.
    """
    ranked = -np.sort(-np.where(graph.allowed, graph.benefit, 0), axis=1)
    within = np.arange(ranked.shape[1])[None, :] < graph.caps[:, None]
    bound = int(graph.gained.sum()) + int(np.where(within, ranked, 0).sum())
    transport = Transport(graph)
    if not len(transport.open):
        return bound
    try:
        sent = transport.solve(Ask(counts), deadline)
    except OutOfTime:
        return bound
    return bound if sent is None else min(bound, int(graph.gained.sum() + np.floor(sent.bound + NEARLY)))


def lowest_bound(graph: VisitGraph, counts: Ints, reached: float, deadline: Deadline = NEVER) -> float:
    """Prove how high the lowest satisfaction could be over all those plans, where `reached` is known to be possible."""
    transport = Transport(graph)
    if not len(transport.open):
        return float(graph.share(graph.gained).min(initial=1.0))
    return highest_floor(transport, Ask(counts), reached, deadline)
