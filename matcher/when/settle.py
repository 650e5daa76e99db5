"""From chosen visits to a sound tour: rounds that are amiss are decided anew, tiny rooms as a whole."""

import random
from dataclasses import dataclass, replace

import numpy as np

from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.solver import NEVER, Deadline, Floats
from matcher.when.anew import anew
from matcher.when.equitable import share_out
from matcher.when.hours import hours_of
from matcher.when.mixing import mix
from matcher.when.rests import gather
from matcher.when.tour import NOWHERE, Tour

TINY = 150
NODES = 60
DEEP = 400
LIFTS = 12
PRICE = 0.0099
MENDINGS = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """A sound tour.

    Attributes
    ----------
    tour : Tour
        Who is where in which round.
    best : int or None
        The most benefit with as few people left out, where that is proven.
    breaks : int or None
        How many breaks there are at least in whatever rounds these visits are.
    """

    tour: Tour
    best: int | None = None
    breaks: int | None = None


def settle(graph: VisitGraph, table: Bools, rng: random.Random, *, floor: bool, deadline: Deadline = NEVER) -> Settled:
    """Give chosen visits their rounds, and put right what breaks a rule.

    Parameters
    ----------
    graph : VisitGraph
        What is open.
    table : (n, h) bool
        The chosen visits.
    rng : random.Random
        Decides between equals.
    floor : bool
        Whether the worst-off may be raised in tiny rooms.
    deadline : Deadline
        After it no further improvement is begun.

    Returns
    -------
    Settled
        Only a locked visit may still have too few people, where nobody can join.
    """
    tour, open_ = Tour(graph), hours_of(graph, table)
    narrow = Tour(replace(graph, room=np.where(open_, graph.room, 0)))
    left = share_out(narrow, table, rng, deadline)
    tour.at = narrow.at
    if left.any():
        tour = _refilled(tour, left, _kept(tour, table, floor=floor), deadline)
    tour, best = _exact(tour, floor=floor, deadline=deadline) if _tiny(graph) else (tour, None)
    if graph.apart.any():
        mix(tour, _standing(tour), deadline)
    for _ in range(MENDINGS):
        for when in tour.amiss():
            tour = _decided(tour, [when], _kept(tour, table, floor=floor), deadline)
    return Settled(_without_breaches(tour), best)


def at_ease(settled: Settled, rng: random.Random, deadline: Deadline = NEVER) -> Settled:
    """Gather the rests of a tour at its ends, and mix its tables; everybody gains as much as before.

    Parameters
    ----------
    settled : Settled
        Its tour is changed.
    rng : random.Random
        Decides between equals.
    deadline : Deadline
        After it no further improvement is begun.
    """
    tour = settled.tour
    breaks = gather(tour, rng, deadline=deadline) if tour.sound() else None
    # two who change places are as busy as before: mixing makes no break
    mix(tour, _standing(tour), deadline)
    return replace(settled, breaks=breaks)


def _tiny(graph: VisitGraph) -> bool:
    return bool(graph.allowed.size * graph.rounds <= TINY)


def _standing(tour: Tour) -> Floats:
    """What everybody should keep: the lowest satisfaction there is now."""
    graph = tour.graph
    return float(graph.share(tour.gained()).min(initial=1.0)) * graph.best.astype(float)


def _kept(tour: Tour, table: Bools, *, floor: bool) -> Floats:
    """What everybody should have while rounds are mended: the lowest satisfaction there is, with a floor as chosen."""
    graph = tour.graph
    if not floor:
        return _standing(tour)
    gained = graph.gained + (graph.benefit * table).sum(1)
    return float(graph.share(gained).min(initial=1.0)) * graph.best.astype(float)


def _decided(tour: Tour, rounds: list[int], need: Floats, deadline: Deadline) -> Tour:
    found = anew(tour, rounds, need, nodes=NODES, deadline=deadline)
    return tour if found is None else found.tour


def _refilled(tour: Tour, left: Bools, need: Floats, deadline: Deadline) -> Tour:
    """Decide the rounds anew in which people idle who should visit somebody."""
    for when in range(tour.graph.rounds):
        idle = left.any(1) & tour.graph.free[:, when] & (tour.at[:, when] == NOWHERE)
        idle &= (tour.at != NOWHERE).sum(1) < tour.graph.caps + tour.graph.held
        if idle.any() and not deadline.over():
            found = _decided(tour, [when], need, deadline)
            tour = found if _better(found.counts(), tour.counts()) else tour
    return tour


def _better(counts: Ints, than: Ints) -> bool:
    return bool(counts.tolist() > than.tolist())


def _exact(tour: Tour, *, floor: bool, deadline: Deadline) -> tuple[Tour, int | None]:
    """Decide all rounds of a tiny room, then raise its worst-off for at most 1 % of the benefit."""
    graph, rounds = tour.graph, list(range(tour.graph.rounds))
    found = anew(tour, rounds, np.zeros(graph.size), nodes=DEEP, deadline=deadline)
    if found is None:
        return tour, None
    richest = int(found.tour.gained().sum())
    best = richest if found.best and found.tour.sound() else None
    kept = found.tour
    for _ in range(LIFTS if floor else 0):
        lowest = float(graph.share(kept.gained()).min(initial=1.0))
        if lowest >= 1 or deadline.over():
            break
        need = np.floor(lowest * graph.best + 1e-9) + 1
        need[graph.best == 0] = 0
        lifted = anew(kept, rounds, np.minimum(need, graph.best), nodes=NODES, deadline=deadline)
        if lifted is None or not _gains(lifted.tour, kept, (1 - PRICE) * richest):
            break
        kept = lifted.tour
    return kept, best


def _gains(tour: Tour, than: Tour, least: float) -> bool:
    """Whether the worst-off is better off, nobody more is left out, and enough benefit is left."""
    low = [float(one.graph.share(one.gained()).min(initial=1.0)) for one in (tour, than)]
    return low[0] > low[1] and np.array_equal(tour.counts(), than.counts()) and int(tour.gained().sum()) >= least


def _without_breaches(tour: Tour) -> Tour:
    """Where nothing else helps, let people rest: those kept apart from somebody, and visits with too few people."""
    graph = tour.graph
    for one, other in np.argwhere(np.triu(graph.apart, 1)).tolist():
        for when in np.flatnonzero((tour.at[one] == tour.at[other]) & (tour.at[one] != NOWHERE)).tolist():
            tour.at[other if not tour.fixed[other, when] else one, when] = NOWHERE
    for host, when in np.argwhere(tour.few()).tolist():
        here = tour.at[:, when] == host
        tour.at[here & ~tour.fixed[:, when], when] = NOWHERE
    return tour
