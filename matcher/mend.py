"""The last repairs of a timetable: small rooms exactly, larger ones two rounds at a time where something is amiss."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import ceil

import numpy as np

from matcher.floor import PRICE, Late, never
from matcher.graph import Ints
from matcher.refill import Refill
from matcher.rematch import Aim, rematch
from matcher.timetable import Timetable

SMALL = 700
SMALL_NODES = 400
LOSS = 0.0005
SOLVES = 12

Standing = tuple[tuple[int, ...], float, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the choice promised: meetings of each person, benefit, and whether the floor counts."""

    degrees: Ints
    benefit: int
    floor: bool


def counts(table: Timetable) -> tuple[int, ...]:
    """How many people have at least 1, 2, 3, … meetings, locked ones included."""
    degrees = table.degrees() + table.graph.held
    return tuple(int((degrees >= level).sum()) for level in range(1, table.graph.rounds + 1))


def lowest(table: Timetable) -> float:
    """The lowest satisfaction, 1 where nobody has anything to gain."""
    graph = table.graph
    return float((table.gained() / np.maximum(graph.best, 1))[graph.best > 0].min(initial=1.0))


def mend(table: Timetable, wanted: Wanted, late: Late = never) -> Timetable:
    """Fill what stayed empty, then decide rounds anew until the timetable is what the choice promised.

    Parameters
    ----------
    table : Timetable
        The chosen meetings in their rounds; it is changed.
    wanted : Wanted
        What is hoped for.
    late : callable
        Whether no further improvement may be begun.

    Returns
    -------
    Timetable
        At least as good: more meetings more evenly spread, then a higher floor where it counts, then more benefit.
    """
    Refill(table).run()
    graph = table.graph
    if int(np.triu(graph.allowed, 1).sum()) * graph.rounds <= SMALL and not late():
        return _exactly(table, wanted)
    for rounds in _some_rounds(graph.rounds):
        if late() or _as_promised(table, wanted):
            break
        other = rematch(table, rounds, Aim(floor=lowest(table) if wanted.floor else 0.0))
        if other is not None and _better(other, table):
            table = other
    return table


def _some_rounds(rounds: int) -> Iterator[tuple[int, ...]]:
    """Pairs of rounds, far apart first so that each round is soon among them; one round where there is but one."""
    pairs: list[tuple[int, ...]] = sorted(
        combinations(range(rounds), 2), key=lambda pair: (pair[1] - pair[0] != rounds // 2, pair[1] - pair[0], pair)
    )
    yield from (pairs or [(0,)])[:SOLVES]


def _as_promised(table: Timetable, wanted: Wanted) -> bool:
    degrees = np.sort(table.degrees() + table.graph.held)
    complete = np.array_equal(degrees, np.sort(wanted.degrees + table.graph.held))
    return complete and table.benefit() >= (1 - LOSS) * wanted.benefit


def _better(one: Timetable, other: Timetable) -> bool:
    return (counts(one), one.benefit()) > (counts(other), other.benefit())


def _exactly(table: Timetable, wanted: Wanted) -> Timetable:
    """Decide all rounds at once: first for benefit, then for the floor at its price, then for benefit above it."""
    every = range(table.graph.rounds)
    best = rematch(table, every, Aim(nodes=SMALL_NODES))
    best = best if best is not None and _better(best, table) else table
    if not wanted.floor:
        return best
    budget = ceil((1 - PRICE) * best.benefit())
    found = [best, table] if counts(table) == counts(best) and table.benefit() >= budget else [best]
    raised = rematch(best, every, Aim(budget=budget, nodes=SMALL_NODES))
    if raised is not None and counts(raised) == counts(best):
        richer = rematch(raised, every, Aim(floor=lowest(raised), nodes=SMALL_NODES))
        found += [raised] if richer is None else [raised, richer]
    kept = [one for one in found if counts(one) == counts(best)]
    return max(kept, key=lambda one: (round(lowest(one), 9), one.benefit()))
