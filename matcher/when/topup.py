"""Make the rounds of a large room as good as its choice promised: no gap, little loss, and nobody far behind.

What the colouring left empty is filled one round after the other. Meetings that are worth less than the time of the two
are exchanged. Then the lowest satisfaction is raised step by step, the worst-off first, for as long as the price is not
paid; what others can win back without pushing anybody below it pays for further steps.
"""

import random
from dataclasses import dataclass

import numpy as np

from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, Deadline
from matcher.when.refill import Refill
from matcher.when.roundwise import POSSIBLE, Roundwise
from matcher.when.timetable import NOBODY, Timetable

TRIES = 8
WALKS = 1_500
SWEEPS = 3
SHORT, TOO_SHORT = 0.5, 10.0
STEPS = (0.04, 0.01, 0.0025)
MOVES = 12
REACH = (192, 2_048)
TURNS = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """What the choice promised.

    Attributes
    ----------
    degrees : (n,) int
        Meetings of each person.
    prices : (n,) float
        What everybody's time is worth.
    least : float or None
        The benefit that must remain in all when the worst-off are lifted; None: they are not.
    """

    degrees: Ints
    prices: Floats
    least: float | None


def top_up(table: Timetable, promise: Promise, rng: random.Random, deadline: Deadline = NEVER) -> None:
    """Better a timetable in place: first more meetings, then more benefit, then the worst-off.

    Parameters
    ----------
    table : Timetable
        Most of the meetings in their rounds.
    promise : Promise
        What is aimed at.
    rng : random.Random
        Who comes first, and which chains are exchanged.
    deadline : Deadline
        After it no improvement is begun.
    """
    rounds = Roundwise(table)
    for when in range(table.graph.rounds):
        _fill(rounds, when, promise.degrees, rng)
    rounds.write_to(table)
    if rounds.degree.sum() < promise.degrees.sum() and not deadline.over():
        _gather(table, int(promise.degrees.sum()), rng, deadline)
        rounds = Roundwise(table)
    _polish(rounds, promise.prices, deadline)
    if promise.least is not None:
        _raise_lowest(rounds, promise, deadline)
    rounds.write_to(table)


def _fill(rounds: Roundwise, when: int, degrees: Ints, rng: random.Random) -> None:
    """Give those who are idle in a round and lack a meeting one, those who lack most first."""
    lack = degrees - rounds.degree
    waiting = np.flatnonzero(rounds.graph.free[:, when] & (rounds.at[:, when] == NOBODY) & (lack > 0)).tolist()
    rng.shuffle(waiting)
    waiting.sort(key=lambda who: int(lack[who]))
    load = rounds.load(when)
    while len(waiting) > 1 and load < rounds.graph.room[when]:
        one = waiting.pop()
        ways = [(*rounds.way(one, other, when), other) for other in waiting[-TRIES:]]
        gain, through, other = max(ways, key=lambda way: way[0])
        if gain > POSSIBLE:
            waiting.remove(other)
            load += 1
            rounds.carry_out(one, other, when, through)


def _gather(table: Timetable, wanted: int, rng: random.Random, deadline: Deadline) -> None:
    """Bring rests of different rounds together by chains, until nothing more is wanted or in a bounded number."""
    refill = Refill(table)
    refill.run(deadline)
    for _ in range(WALKS):
        if refill.degree.sum() >= wanted or deadline.over() or not refill.walk(rng):
            break


def _polish(rounds: Roundwise, prices: Floats, deadline: Deadline) -> None:
    for _ in range(SWEEPS):
        if not _sweep(rounds, prices, SHORT, deadline):
            return


def _sweep(rounds: Roundwise, prices: Floats, shortest: float, deadline: Deadline) -> int:
    """Exchange the meetings that fall short of the prices of the two by this much or more; how many."""
    moved = 0
    for when in range(rounds.graph.rounds):
        if deadline.over():
            break
        moved += _better(rounds, when, prices, shortest)
    return moved


def _better(rounds: Roundwise, when: int, prices: Floats, shortest: float) -> int:
    """Exchange such meetings of one round, the worst first."""
    one = np.flatnonzero(rounds.at[:, when] > np.arange(len(rounds.at)))
    other = rounds.at[one, when]
    worth = rounds.graph.benefit[one, other].astype(np.int64)
    short = prices[one] + prices[other] - worth
    order = np.argsort(-short, kind="stable")[: int((short > shortest).sum())]
    moved = 0
    for mine, yours, value in zip(one[order].tolist(), other[order].tolist(), worth[order].tolist(), strict=True):
        if rounds.at[mine, when] == yours:
            least = np.minimum(rounds.need[[mine, yours]], rounds.gained[[mine, yours]])
            rounds.remove(mine, yours, when)
            gain, through = rounds.way(mine, yours, when, least=least)
            rounds.carry_out(mine, yours, when, through if gain > value else None)
            moved += gain > value
    return moved


def _raise_lowest(rounds: Roundwise, promise: Promise, deadline: Deadline) -> None:
    """Raise the lowest satisfaction until the price is paid, or somebody can be lifted no further."""
    graph = rounds.graph
    counted: Bools = np.asarray(graph.best > 0, dtype=np.bool_)
    if not counted.any():
        return
    best = np.where(counted, graph.best, 0)
    floor = float((rounds.gained[counted] / best[counted]).min())
    for _ in range(TURNS):
        for step in STEPS:
            while floor < 1.0 and _lifted(rounds, (floor + step) * best, promise, deadline):
                floor += step
        rounds.need = floor * best
        if not _sweep(rounds, promise.prices, TOO_SHORT, deadline):
            return


def _lifted(rounds: Roundwise, need: Floats, promise: Promise, deadline: Deadline) -> bool:
    """Lift everybody to the need, the worst-off first; False where that fails or costs too much."""
    rounds.need = need
    below = np.flatnonzero(rounds.gained < need)
    spare = rounds.benefit - (promise.least or 0.0)
    for who in below[np.argsort((rounds.gained / np.maximum(need, 1))[below], kind="stable")].tolist():
        for _ in range(MOVES):
            if rounds.gained[who] >= rounds.need[who]:
                break
            tries = (rounds.lifting(who, promise.prices, reach) for reach in REACH)
            found = next((one for one in tries if one is not None), None)
            if found is None or found.loss > spare or deadline.over():
                return False
            rounds.exchange(found)
            spare -= found.loss
        if rounds.gained[who] < rounds.need[who]:
            return False
    return True
