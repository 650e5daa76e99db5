"""Who meets whom in a large room: prices first, then whole meetings that agree with them.

The gap between a choice and the bound that its prices prove is the sum of three small things: wanted pairs that do not
meet, meetings that fall short of the two prices, and the prices of meetings that are lacking. So pairs are taken in
the order of their reduced gains, what is lacking is filled at the least loss, and meetings that fall short are
exchanged.
"""

from dataclasses import dataclass

import numpy as np

from matcher.choose.pairs.parity import most_meetings
from matcher.choose.vast.moves import Partners
from matcher.choose.vast.prices import (
    Candidates,
    Wanted,
    gaining,
    meetings_of_each,
    proven,
    satisfying,
    settled_prices,
)
from matcher.effort import Spread, in_turn
from matcher.graph import PLENTY, Floats, Ints, MeetingGraph
from matcher.solver import NEVER, Deadline

SHORT = 0.5
SWEEPS = 4
TRIES = 8
PATIENCE = 200
MUCH = 0.01


@dataclass(frozen=True, slots=True)
class Vast:
    """A choice for a large room.

    Attributes
    ----------
    pairs : (m, 2) int
        Who meets whom, the lower index first, sorted.
    wanted : Wanted
        How many meetings everybody should have.
    prices : (n,) float
        What everybody's time is worth: with them `proven_bounds` proves what is possible at all.
    """

    pairs: Ints
    wanted: Wanted
    prices: Floats


def choose_vast(graph: MeetingGraph, *, seed: int = 0, deadline: Deadline = NEVER) -> Vast:
    """Choose the meetings of a whole session with thousands of people.

    Parameters
    ----------
    graph : MeetingGraph
        What is open once the locks stand.
    seed : int
        Which people the first prices are sampled from, and who is helped first between equals.
    deadline : Deadline
        After it no further improvement is begun.
    """
    wanted = evenly(graph)
    rng = np.random.default_rng(seed)
    if not graph.allowed.any() or not wanted.most:
        return Vast(np.empty((0, 2), np.int64), wanted, np.zeros(graph.size))
    prices, known = settled_prices(graph, wanted, rng)
    degrees = meetings_of_each(wanted, prices)
    partners = _taken(graph, known, prices, [degrees])
    _complete(partners, degrees, wanted.most, rng)
    if degrees.sum() - partners.degree.sum() > MUCH * degrees.sum():
        partners, prices = _as_can_be(graph, (known, prices), wanted.most, rng)
    _agree(partners, prices, deadline)
    return Vast(partners.pairs, wanted, prices)


def evenly(graph: MeetingGraph) -> Wanted:
    """Say how many meetings each has where as many people as can be have 1, 2, 3, … by tables, limits and parity."""
    total = min(most_meetings(graph), int(graph.caps.sum()) // 2)
    levels = [np.clip(level - graph.held, 0, graph.caps) for level in range(graph.rounds + 2)]
    level = max(at for at in range(graph.rounds + 1) if at == 0 or levels[at].sum() <= 2 * total)
    return Wanted(levels[level], levels[level + 1], total, total)


def proven_bounds(graph: MeetingGraph, vast: Vast, degrees: Ints, spread: Spread = in_turn) -> tuple[int, float]:
    """Prove bounds on the open benefit and on the lowest satisfaction.

    Parameters
    ----------
    graph : MeetingGraph
        What is open.
    vast : Vast
        The choice and its prices.
    degrees : (n,) int
        How many meetings everybody has in the end; where these are not the ones wanted, the bounds hold for every plan.
    spread : callable
        Where the blocks are priced.
    """
    wanted = vast.wanted
    fits = (wanted.low <= degrees).all() and (degrees <= wanted.high).all() and degrees.sum() == 2 * wanted.most
    bound = proven(graph, wanted if fits else wanted.relaxed(graph.caps), vast.prices, spread)
    who = satisfying(graph)
    best = int(graph.best[who].sum())
    together = (2 * bound + int(graph.gained.sum())) / best if best else 1.0
    return bound, min(together, 1.0)


def _taken(
    graph: MeetingGraph, known: Candidates, prices: Floats, limits: list[Ints], *, most: int = PLENTY
) -> Partners:
    """Take pairs in the order of their reduced gains while the two have room, under each limit in turn."""
    order = gaining(known, prices)
    one, other = known.one[order].tolist(), known.other[order].tolist()
    had, taken, left = [0] * graph.size, [False] * len(order), most
    for limit in (row.tolist() for row in limits):
        for at, (mine, yours) in enumerate(zip(one, other, strict=True)):
            if left and had[mine] < limit[mine] and had[yours] < limit[yours] and not taken[at]:
                had[mine] += 1
                had[yours] += 1
                left -= 1
                taken[at] = True
    held = order[np.array(taken, dtype=np.bool_)]
    partners = Partners(graph, int(graph.caps.max()))
    partners.take(np.column_stack([known.one[held], known.other[held]]))
    return partners


def _complete(partners: Partners, degrees: Ints, most: int, rng: np.random.Generator) -> None:
    """Give everybody the wanted number of meetings as far as exchanges of one meeting go, then as evenly as can be."""
    lacking = rng.permutation(np.repeat(np.arange(len(degrees)), np.maximum(degrees - partners.degree, 0))).tolist()
    failed = 0
    while len(lacking) > 1 and failed < PATIENCE and partners.degree.sum() < 2 * most:
        one = lacking.pop()
        mate = next((at for at, other in enumerate(lacking[-TRIES:]) if partners.fill(one, other)), None)
        if mate is None:
            lacking.insert(0, one)
            failed += 1
        else:
            del lacking[max(len(lacking) - TRIES, 0) + mate]
            failed = 0
    failed = 0
    for one in rng.permutation(np.flatnonzero(partners.degree < degrees)).tolist():
        while partners.degree[one] < degrees[one] and failed < PATIENCE and partners.even(one):
            failed = -1
        failed += 1


def _as_can_be(
    graph: MeetingGraph, found: tuple[Candidates, Floats], most: int, rng: np.random.Generator
) -> tuple[Partners, Floats]:
    """Where many lack partners: fill level by level, then ask for the best choice that leaves as few people out."""
    known, prices = found
    levels = [np.minimum(graph.caps, level) for level in range(1, int(graph.caps.max()) + 1)]
    partners = _taken(graph, known, prices, levels, most=most)
    _complete(partners, graph.caps, most, rng)
    reached = partners.degree
    total = int(reached.sum()) // 2
    better, known = settled_prices(graph, Wanted(reached, reached, total, total), rng)
    again = _taken(graph, known, better, [reached])
    _complete(again, reached, total, rng)
    kept = (np.sort(again.degree) == np.sort(reached)).all() and again.benefit > partners.benefit
    return (again if kept else partners), better


def _agree(partners: Partners, prices: Floats, deadline: Deadline) -> None:
    """Exchange meetings that fall short of the prices of the two, the worst first, as long as that gains."""
    known = np.append(prices, 0.0)
    for _ in range(SWEEPS):
        short = prices[:, None] + known[partners.mates] - partners.worth
        one, place = np.nonzero((short > SHORT) & (partners.mates < len(prices)))
        order = np.argsort(-short[one, place], kind="stable")
        mates = partners.mates[one, place]
        moved = False
        for mine, yours in zip(one[order].tolist(), mates[order].tolist(), strict=True):
            if deadline.over():
                return
            if mine < yours and partners.holds(mine, yours):
                moved = partners.exchange(mine, yours) or moved
        if not moved:
            return
