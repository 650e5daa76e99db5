"""Shares of whole ways: what no groups can exceed, and who is likely in which group.

Everybody takes shares of ways (Dantzig and Wolfe 1960, one block per person), so that nobody gathers a visit more in
half of one group and a visit less in half of another: a programme over single seats cannot see that. Prices of places
rise where a place is wanted twice and fall where nobody wants it (Held, Wolfe and Crowder 1974); at the best of them
ways that gain join a linear programme until nearly none does.
"""

from dataclasses import dataclass

import numpy as np

from matcher.choose.groups.ways import Best, Prices, Wanted, Ways
from matcher.solver import NEVER, Answer, Deadline, Floats, Programme, linear

STEPS, WORK = (6, 20), 400_000
TURNS = 400
FIRST_TURN, SHORTER, PATIENCE, SAME = 400.0, 0.6, 8, 0.6
AT_ONCE = 2  # groups of each person in which a way joins in one step
KEPT = 20  # ways of each person that are kept, on average
NEARLY = 1e-6


@dataclass(frozen=True, eq=False)
class Shared:
    """Shares of ways.

    Attributes
    ----------
    joined : (n, h) float
        How much of everybody is in each group.
    bound : float
        What no groups can exceed.
    prices : Prices
        At which this is the bound, or nearly so.
    paid : (n,) float
        What everybody gains at these prices.
    """

    joined: Floats
    bound: float
    prices: Prices
    paid: Floats


def eased(ways: Ways, wanted: Wanted, prices: Prices, *, deadline: Deadline = NEVER) -> tuple[Prices, float]:
    """Let prices rise and fall until the bound hardly falls; some best ways become known.

    Returns
    -------
    tuple of (Prices, float)
        The best prices, and what no groups can exceed by them.
    """
    kept, lowest, step, vain = prices, np.inf, FIRST_TURN, 0
    slope = Prices(0 * prices.places, 0 * prices.levels)
    for turn in range(TURNS):
        bound, best = ways.bound(wanted, prices)
        vain = 0 if bound < lowest else vain + 1
        if bound < lowest:
            kept, lowest = prices, bound
        elif vain == PATIENCE:
            prices, step, vain = kept, step * SHORTER, 0
        if deadline.over():
            break
        load, counts = _used(ways, best, learning=turn % PATIENCE == 0)
        slope = Prices(
            SAME * slope.places + (1 - SAME) * (load - ways.room),
            SAME * slope.levels + (1 - SAME) * np.where(wanted.least > 0, wanted.least - counts, 0.0),
        )
        prices = Prices(_stepped(prices.places, slope.places, step), _stepped(prices.levels, slope.levels, step))
    return kept, lowest


def _used(ways: Ways, best: Best, *, learning: bool) -> tuple[Floats, Floats]:
    """The places that the best ways take, and how many people have 1, 2, … visits by them."""
    everybody, start = np.arange(ways.graph.size), best.gains.argmax(1)
    who = everybody[best.gains[everybody, start] > 0]
    number = best.number[who, start[who]]
    seats = ways.first(best, who, start[who], number)
    if learning:
        ways.take(who, start[who], seats)
    load = np.zeros(ways.room.shape)
    np.add.at(load, start[who], seats.astype(float))
    rank, held = np.arange(ways.graph.rounds)[:, None], ways.graph.held[who]
    return load, ((rank >= held) & (rank < held + number)).sum(1).astype(float)


def shared(
    ways: Ways,
    wanted: Wanted,
    prices: Prices,
    *,
    close: float,
    enough: float = -np.inf,
    deadline: Deadline = NEVER,
) -> Shared:
    """Take shares of ways.

    Parameters
    ----------
    wanted : Wanted
        What is to be gained; that many people can have so many visits.
    prices : Prices
        Where to look first.
    close : float
        How far below the bound is near enough.
    enough : float
        Which bound is low enough.
    deadline : Deadline
        After it no further way joins.
    """
    n, (h, rounds) = ways.graph.size, ways.room.shape
    best_bound, answer, paid = np.inf, None, np.full(n, NEARLY)
    joined = np.zeros((n, h))
    for _ in range(int(np.clip(WORK // ways.worth.size, *STEPS))):
        bound, best = ways.bound(wanted, prices)
        best_bound = min(best_bound, bound)
        new = _join(ways, best, paid)
        near = answer is not None and (not new or best_bound - answer.value <= close or deadline.over())
        if near or best_bound < enough:
            break
        programme = ways.programme(wanted)
        answer = linear(programme)
        assert answer is not None, "what is lacking is paid for"
        paid, places, levels = np.split(answer.prices, [n, n + h * rounds])
        prices = Prices(np.maximum(places, 0.0).reshape(h, rounds), np.maximum(-levels, 0.0))
        joined = np.zeros((n, h))
        np.add.at(joined, (ways.who, ways.start), answer.x[: len(ways.who)])
        _forget(ways, programme, answer)
    return Shared(joined, best_bound, prices, paid)


def _join(ways: Ways, best: Best, paid: Floats) -> int:
    top = np.argsort(-best.gains, axis=1, kind="stable")[:, :AT_ONCE]
    gain = np.take_along_axis(best.gains, top, 1)
    who, rank = np.nonzero((gain > paid[:, None] + NEARLY) & (gain > 0))
    start = top[who, rank]
    return ways.learn(best, who, start, best.number[who, start])


def _forget(ways: Ways, programme: Programme, answer: Answer) -> None:
    """Keep the ways that are nearest to gaining."""
    kept = KEPT * ways.graph.size
    if len(ways.who) <= 2 * kept:
        return
    reduced = (programme.gain - programme.rows.T @ answer.prices)[: len(ways.who)]
    near = np.sort(np.argsort(-reduced, kind="stable")[:kept])
    ways.who, ways.start, ways.seats = ways.who[near], ways.start[near], ways.seats[near]


def _stepped(prices: Floats, slope: Floats, step: float) -> Floats:
    """Prices one step up the slope, none below 0."""
    length = float(np.sqrt((slope**2).mean()))
    return np.maximum(prices + step / max(length, NEARLY) * slope, 0.0) if length > NEARLY else prices
