"""Who is in which group before anybody is seated, in rooms too large to be answered whole."""

from dataclasses import replace

import numpy as np

from matcher.choose.groups.limits import visits_first
from matcher.choose.groups.paths import NOWHERE, Seating
from matcher.choose.groups.regroup import regrouped
from matcher.choose.groups.reseat import Reseating
from matcher.choose.groups.rows import joining
from matcher.choose.groups.seats import Seated, Seats
from matcher.choose.groups.shares import eased, shared
from matcher.choose.groups.ways import Prices, Wanted, Ways
from matcher.choose.stations.graph import Ints
from matcher.solver import NEVER, Deadline, Floats, linear

FIRST_WORK, WORK, MORE_WORK = 60_000, 200_000, 800_000
TRIES, REACH = (40, 100), 4_000_000
DEAREST = 2_000.0
CLOSE = 2_000.0
NEAR = 12  # groups of each person among which shares are sought


def settled(seating: Seating, ways: Ways, deadline: Deadline = NEVER) -> tuple[Ints | None, Floats]:
    """Settle who is in which group: exchanges, shares of ways, exchanges, ways chosen anew.

    Returns
    -------
    tuple of ((n,) int or None, (h, R) float)
        The group of each person, and what a place with each group costs in each round.
    """
    seats = Seats(seating.paths)
    even = _joined(seating, seating.offers)
    if even is None:
        return None, 0 * ways.room
    best = regrouped(seats, even, work=FIRST_WORK, deadline=deadline)
    wanted = visits_first(ways.graph.rounds)
    guess = Prices(np.minimum(best.prices, DEAREST), 0 * wanted.least)
    if not ways.alone:
        return _bettered(seats, best, rounded(seating, seats, best), MORE_WORK, deadline=deadline).start, guess.places
    prices, _ = eased(ways, wanted, guess, deadline=deadline)
    shares = shared(ways, wanted, prices, close=CLOSE, deadline=deadline)
    start = _joined(seating, shares.joined[seating.who, seating.start])
    best = _bettered(seats, best, start, WORK, deadline=deadline)
    if deadline.over():
        return best.start, prices.places
    within = seating.paths.within(best.start)
    answer = linear(within.programme(within.gain + within.visits(seats.bonus), [], 0.0, (0, seating.paths.graph.size)))
    assert answer is not None, "nobody has to be seated"
    aims = wanted, Wanted(1.0, seats.bonus, wanted.least)
    reseating = Reseating(ways, aims, shares, start=best.start, seats=within.at(answer.x) != NOWHERE)
    reseating.better(tries=int(np.clip(REACH // ways.worth.size, *TRIES)), deadline=deadline)
    return reseating.start, shares.prices.places


def _bettered(seats: Seats, best: Seated, start: Ints | None, work: int, *, deadline: Deadline) -> Seated:
    """The better of the best groups so far and others, after exchanges between these."""
    if start is None or deadline.over():
        return best
    return max(best, regrouped(seats, start, work=work, deadline=deadline), key=lambda one: float(one.value.sum()))


def rounded(seating: Seating, seats: Seats, near: Seated, floor: float = 0.0) -> Ints | None:
    """Everybody's group: shares of groups, those worth most at the prices of the groups `near`, rounded."""
    gain = seating.gain + seating.visits(seats.bonus)
    programme = seating.programme(gain, [], floor, (0, seating.paths.graph.size))
    open_to = _near(seating, seats.worth(near), near.start)
    shares = linear(replace(programme, top=programme.top * open_to), interior=True)
    return None if shares is None else _joined(seating, shares.x[: len(seating.who)])


def _joined(seating: Seating, gain: Floats) -> Ints | None:
    """Everybody's group, all as even as places allow, for the most gain."""
    answer = linear(joining(seating, gain))
    if answer is None:
        return None
    start = np.zeros(seating.paths.graph.size, np.int64)
    joined = answer.x > 0.5
    start[seating.who[joined]] = seating.start[joined]
    return start


def _near(seating: Seating, worth: Floats, start: Ints) -> Floats:
    """Ones at the columns of everybody's groups that are worth most to them, their own among these."""
    rank = np.argsort(np.argsort(-worth, axis=1, kind="stable"), axis=1, kind="stable")
    rank[np.arange(len(start)), start] = 0
    joined = (rank[seating.who, seating.start] < NEAR).astype(float)
    seats = joined[seating.joined[seating.pick[:, 0], seating.pick[:, 1]]]
    return np.concatenate([joined, seats, np.ones(seating.size - len(joined) - len(seats))])
