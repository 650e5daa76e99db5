"""The worst-off: raise the lowest satisfaction step by step, for at most 1 % of the total benefit.

The linear programme says how high the floor could go; whole meetings are brought there by exchanges. The floor climbs
in small steps, everybody below it is lifted at the least loss, and whenever the price is used up the other meetings win
benefit back without pushing anybody below the floor.
"""

from dataclasses import replace

import numpy as np

from matcher.choose.pairs.columns import Choice, Master, Question
from matcher.choose.pairs.exchange import Exchange, Holding
from matcher.graph import Bools, Ints, MeetingGraph
from matcher.solver import NEVER, Deadline

PRICE = 0.0099
STEP = 0.005
FIRST = 0.75
PATIENCE = 7_000
NEAR_ENOUGH = 0.3


def highest_floor(master: Master, question: Question, deadline: Deadline = NEVER) -> Choice:
    """Prove how high the lowest satisfaction could be at any price: the value is 1,000 times that share."""
    rising = replace(question, worth=0.0, share=1000.0, rising=True)
    return master.solve(rising, enough=NEAR_ENOUGH, deadline=deadline)


def raise_lowest(
    exchange: Exchange, top: float, deadline: Deadline = NEVER, *, price: float = PRICE, richest: Ints | None = None
) -> Ints:
    """Exchange partners until the lowest satisfaction cannot be raised any further at this price.

    Parameters
    ----------
    exchange : Exchange
        Where the search starts; it is changed.
    top : float
        A proven upper bound on the lowest satisfaction.
    deadline : Deadline
        After it no further improvement is begun.
    price : float
        Share of the total benefit that may be given up.
    richest : (m, 2) int, optional
        The most beneficial choice, where the search starts from another one.

    Returns
    -------
    (m, 2) int
        Of the meetings within the price those with the highest floor that was reached, of these those with the most
        benefit; where the price was never kept, the nearest to it.
    """
    most = Exchange(exchange.graph, exchange.pairs if richest is None else richest)
    least = (1 - price) * most.benefit
    best = exchange.pairs
    floor = max(exchange.lowest(), FIRST * top)
    for _ in range(min(max(PATIENCE // max(len(best), 1), 1), 6)):
        if deadline.over():
            break
        reached = _climb(exchange, (floor, top), least, deadline)
        floor = max(floor, reached - STEP * top)
        exchange.set_floor(exchange.lowest())
        before = exchange.benefit
        win_back(exchange, most.met, deadline)
        best = better(exchange.graph, (best, exchange.pairs), least)
        if exchange.benefit == before or reached >= top:
            break
    return best


def better(graph: MeetingGraph, choices: tuple[Ints, Ints], least: float) -> Ints:
    """Return the choice within the price, then with the higher floor, then with more benefit; the first if equal."""

    def standing(pairs: Ints) -> tuple[float, float, int]:
        holding = Holding(graph, pairs)
        return min(holding.benefit - least, 0.0), holding.lowest(), holding.benefit

    first, second = (standing(pairs) for pairs in choices)
    return choices[1] if second > first else choices[0]


def _climb(exchange: Exchange, way: tuple[float, float], least: float, deadline: Deadline) -> float:
    """Raise the floor until somebody can no longer be lifted to it; the last floor tried."""
    floor, top = way
    while floor < top and not deadline.over():
        exchange.set_floor(floor)
        while below := _below(exchange):
            if not sum(_lifted(exchange, who, least, deadline) for who in below):
                return floor
        floor += STEP * top
    return floor


def _below(exchange: Exchange) -> list[int]:
    """People below the floor, the worst-off first."""
    share = exchange.satisfaction()
    below = np.flatnonzero(exchange.gained < exchange.need - 1e-9)
    return sorted(below.tolist(), key=lambda who: (share[who], who))


def _lifted(exchange: Exchange, who: int, least: float, deadline: Deadline) -> bool:
    """Lift somebody to the floor, or at least higher than before."""
    moved = False
    while exchange.gained[who] < exchange.need[who] and not deadline.over():
        spare = exchange.benefit - least
        if not exchange.lift(who, exchange.need[who], spare) and not exchange.lift(
            who, exchange.gained[who] + 1, spare
        ):
            break
        moved = True
    return moved


def win_back(exchange: Exchange, before: Bools, deadline: Deadline = NEVER) -> None:
    """Exchange for more benefit, nobody falling below the floor, as long as anything helps."""
    moved = True
    while moved and not deadline.over():
        moved = False
        for who in np.flatnonzero((exchange.met != before).any(1)).tolist():
            while not deadline.over() and exchange.win_back(who, before):
                moved = True
