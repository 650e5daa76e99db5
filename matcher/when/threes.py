"""Three rounds coloured anew, so that a meeting without a round finds one.

Where many people are away, most chains of two rounds end at somebody who is not there. Three rounds leave far more
freedom, and are decided by clauses in a few milliseconds: each of their meetings in one of them, nobody twice in a
round. One of the three has room for one meeting more.
"""

import random
from itertools import combinations

from matcher.sat import Clauses
from matcher.when.timetable import Timetable

CONFLICTS = 1_000
TRIES = 8

Pair = tuple[int, int]
Spots = list[tuple[Pair, int]]


def in_three_rounds(table: Timetable, pair: Pair, rng: random.Random) -> bool:
    """Find a round for two people by moving meetings among three rounds; False, and nothing done, where none is found.

    Parameters
    ----------
    table : Timetable
        Changed where a round was found.
    pair : (int, int)
        Two people who should meet.
    rng : random.Random
        Which rounds are tried.
    """
    for rounds in _threes(table, pair, rng):
        spots = _coloured(table, pair, rounds)
        if spots is not None:
            for when in rounds:
                for one, other in table.pairs(when).tolist():
                    table.remove(one, other, when)
            for (one, other), when in spots:
                table.put(one, other, when)
            return True
    return False


def _threes(table: Timetable, pair: Pair, rng: random.Random) -> list[tuple[int, ...]]:
    """A few sets of three rounds: in one of them the first rests, in one the second, and one has room for a meeting."""
    every = range(table.graph.rounds)
    mine, yours = ([when for when in every if table.idle(who, when)] for who in pair)
    open_now = {when for when in every if table.load[when] < table.room[when]}
    threes = {tuple(sorted({a, b, c})) for a in mine for b in yours for c in every}
    found = sorted(three for three in threes if len(three) == 3 and open_now & set(three))
    return rng.sample(found, min(TRIES, len(found)))


def _coloured(table: Timetable, pair: Pair, rounds: tuple[int, ...]) -> Spots | None:
    """The meetings of these rounds and one more in the same rounds, or None."""
    meetings: list[Pair] = [pair]
    for when in rounds:
        meetings += [(one, other) for one, other in table.pairs(when).tolist()]
    clauses, free = Clauses(), table.free
    at: dict[tuple[int, int], list[int]] = {}
    spots: Spots = []
    for one, other in meetings:
        places = []
        for when in rounds:
            if free[one][when] and free[other][when]:
                places.append(place := clauses.fresh())
                spots.append(((one, other), when))
                for who in (one, other):
                    at.setdefault((who, when), []).append(place)
        clauses.add(*places)
    for here in at.values():
        for first, second in combinations(here, 2):
            clauses.add(-first, -second)
    held = None
    if clauses.ask([], CONFLICTS):
        true = clauses.true(range(1, len(spots) + 1))
        held = list(dict([spot for spot, taken in zip(spots, true, strict=True) if taken]).items())
    clauses.close()
    loads = [sum(when == one for _, one in held or []) for when in rounds]
    fits = all(load <= table.room[when] for load, when in zip(loads, rounds, strict=True))
    return held if fits else None
