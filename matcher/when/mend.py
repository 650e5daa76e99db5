"""The last repairs of a timetable: tiny rooms exactly, all others by chains and exchanges in a bounded number."""

import random
from dataclasses import dataclass
from math import ceil

import numpy as np

from matcher.choose.pairs.floor import PRICE
from matcher.graph import Ints, MeetingGraph
from matcher.solver import NEVER, Deadline
from matcher.when.polish import Polish
from matcher.when.refill import Refill
from matcher.when.rematch import Aim, rematch
from matcher.when.timetable import Timetable

TINY = 150
NODES = 200
WALKS = 1_500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the choice promised.

    Attributes
    ----------
    degrees : (n,) int
        Meetings of each person.
    benefit : int
        Open benefit of the choice.
    lowest : float
        Lowest satisfaction, 0 where it is no aim.
    least : float
        The open benefit below which nobody is lifted to it.
    """

    degrees: Ints
    benefit: int
    lowest: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Mended:
    """The timetable, and its open benefit where it is proven that no plan as even has more."""

    table: Timetable
    bound: int | None = None


def counts(table: Timetable) -> tuple[int, ...]:
    """How many people have at least 1, 2, 3, … meetings, locked ones included."""
    degrees = table.degrees() + table.graph.held
    return tuple(int((degrees >= level).sum()) for level in range(1, table.graph.rounds + 1))


def lowest_of(graph: MeetingGraph, gained: Ints) -> float:
    """The lowest satisfaction with these benefits of each person, 1 where nobody has anything to gain."""
    return float((gained / np.maximum(graph.best, 1))[graph.best > 0].min(initial=1.0))


def lowest(table: Timetable) -> float:
    """The lowest satisfaction of a timetable."""
    return lowest_of(table.graph, table.gained())


def mend(table: Timetable, wanted: Wanted, rng: random.Random, deadline: Deadline = NEVER) -> Mended:
    """Fill what stayed empty, then make the timetable as good as the choice promised, as far as it goes.

    Parameters
    ----------
    table : Timetable
        The chosen meetings in their rounds; it is changed.
    wanted : Wanted
        What is hoped for.
    rng : random.Random
        Which chains are exchanged.
    deadline : Deadline
        After it no further improvement is begun.

    Returns
    -------
    Mended
        At least as good: more meetings more evenly spread, then a higher floor where it counts, then more benefit.
    """
    refill = Refill(table, floor=wanted.lowest)
    refill.run(deadline)
    graph = table.graph
    if int(np.triu(graph.allowed, 1).sum()) * graph.rounds <= TINY and not deadline.over():
        return _exactly(table, wanted, deadline)
    for _ in range(WALKS):
        if deadline.over() or _as_even(table, wanted) or not refill.walk(rng):
            break
    if table.benefit() < wanted.benefit or lowest(table) < wanted.lowest:
        Polish(table, wanted.lowest).run(wanted.least, deadline)
    return Mended(table)


def _as_even(table: Timetable, wanted: Wanted) -> bool:
    held = table.graph.held
    return np.array_equal(np.sort(table.degrees() + held), np.sort(wanted.degrees + held))


def _better(one: Timetable, other: Timetable) -> bool:
    return (counts(one), one.benefit()) > (counts(other), other.benefit())


def _exactly(table: Timetable, wanted: Wanted, deadline: Deadline) -> Mended:
    """Decide all rounds at once: first for benefit, then for the floor at its price, then for benefit above it."""
    again = rematch(table, Aim(nodes=NODES), deadline)
    best = again.table if again is not None and _better(again.table, table) else table
    bound = again.table.benefit() if again is not None and again.best else None
    if not wanted.lowest:
        return Mended(best, bound)
    budget = ceil((1 - PRICE) * best.benefit())
    found = [best, table] if counts(table) == counts(best) and table.benefit() >= budget else [best]
    raised = rematch(best, Aim(budget=budget, nodes=NODES), deadline)
    if raised is not None and counts(raised.table) == counts(best):
        richer = rematch(raised.table, Aim(floor=lowest(raised.table), nodes=NODES), deadline)
        found += [raised.table] if richer is None else [raised.table, richer.table]
    kept = [one for one in found if counts(one) == counts(best)]
    return Mended(max(kept, key=lambda one: (round(lowest(one), 9), one.benefit())), bound)
