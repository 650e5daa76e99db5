"""Rounds in which no two people meet twice, from a few base rounds turned round a cycle.

Most people are laid out in cycles of `period` places; in the next round each one sits where the one before sat, while
the few who are left over keep their places. Two people of a base round then meet again, turn after turn, in all pairs
of the same difference: no pair meets twice exactly where no difference comes twice (Bose's mixed differences, 1939; so
Kirkman's schoolgirls are seated by seven turns of one round). Where there are as many tables as places in a cycle,
rounds that a turn only shifts by a table are added. The base rounds are found by annealing over all exchanges of two
people, whose search space is smaller by the period than that of the rounds themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.solver import NEVER, Deadline

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = 60_000  # exchanges made, at most
CELLS = 60_000_000  # exchanges looked at, at most
TRY = 1_500
BASES = 3
WARMTH = 0.4
NOISE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Wheel:
    """How people turn: in cycles of `period`, the last `fixed` of them not; so many base rounds, so many `shifts`."""

    period: int
    fixed: int
    bases: int
    shifts: int


@dataclass(frozen=True, slots=True)
class _Differences:
    """The number of the difference of each two people, 0 on the diagonal, and how many pairs have it."""

    of: Ints
    pairs: Ints

    def count(self, place: Ints) -> Ints:
        """How often each difference comes at the tables of a round."""
        same = place[:, None] == place[None, :]
        times = np.bincount(self.of[same], minlength=len(self.pairs)) // 2
        times[0] = 0
        return times


def turned(people: int, tables: int, rounds: int, deadline: Deadline = NEVER) -> tuple[tuple[int, ...], ...] | None:
    """Return everybody's table in rounds without a repeat; None where none was found, or there cannot be any.

    Sizes of tables differ by one at most. The search is the same each time, and ends with the deadline.

    Examples
    --------
    >>> len(turned(15, 5, 7) or ()), turned(12, 3, 6)
    (7, None)
    """
    low, more = divmod(people, tables)
    pairs = (tables - more) * (low * (low - 1) // 2) + more * (low * (low + 1) // 2)
    if rounds * pairs > people * (people - 1) // 2 or low + bool(more) > tables or rounds < 2:
        return None
    wheels = list(_wheels(people, tables, rounds))
    random, left = np.random.default_rng(people), min(STEPS, CELLS // people**2)
    while wheels and left > 0 and not deadline.over():
        for wheel in wheels:
            found = _bases(_differences(people, wheel), wheel, tables, steps=min(left, TRY), random=random)
            if found is not None:
                return tuple(map(tuple, _turn(found[0], found[1], wheel, tables)[:rounds].tolist()))
            left -= TRY
            if left <= 0 or deadline.over():
                break
    return None


def _wheels(people: int, tables: int, rounds: int) -> Iterator[_Wheel]:
    """Every period that gives the wanted number of rounds, or a few more; fixed people fit at tables of their own."""
    for period in range(rounds + 2, 2, -1):
        bases, shifts = (1, 0) if period > rounds else divmod(rounds, period)
        for fixed in range(people % period, min(tables, people - 1) + 1, period):
            square = period == tables and not fixed
            if bases <= BASES and (not shifts or square):
                yield _Wheel(period, fixed, bases, shifts)


def _differences(people: int, wheel: _Wheel) -> _Differences:
    who, period, turning = np.arange(people), wheel.period, people - wheel.fixed
    still = who >= turning
    cycle = np.where(still, turning // period + who - turning, who // period)
    step = np.where(still, 0, who % period)
    first, last = np.minimum(cycle[:, None], cycle), np.maximum(cycle[:, None], cycle)
    ahead = (step[None, :] - step[:, None]) * np.sign(cycle[None, :] - cycle[:, None]) % period
    round_it = (step[None, :] - step[:, None]) % period
    ahead = np.where(first == last, np.minimum(round_it, period - round_it), ahead)
    ahead[still[:, None] | still] = 0
    key = (first * people + last) * period + ahead + 1
    np.fill_diagonal(key, 0)
    _, of = np.unique(key, return_inverse=True)
    of = of.reshape(people, people)
    return _Differences(of, np.bincount(of.ravel()) // 2)


def _bases(
    differences: _Differences, wheel: _Wheel, tables: int, *, steps: int, random: np.random.Generator
) -> tuple[list[Ints], Ints] | None:
    """Base rounds, and the shifts of each row in each shifted round, without a difference that comes twice."""
    people, period = len(differences.of), wheel.period
    lines = _lines(people // period, wheel, random)
    if lines is None:
        return None
    held = np.zeros(len(differences.pairs), np.int64)
    for line in lines:
        shifted = (np.arange(people) + np.repeat(line, period)) % period if len(line) else line
        held += differences.count(shifted) // period
    places = [random.permutation(np.arange(people) % tables) for _ in range(wheel.bases)]
    counts = [differences.count(place) for place in places]
    noise = random.gumbel(size=NOISE + people * people)
    at_once = (differences.pairs < period) * (1.0 - differences.pairs / period)
    at_once[0] = 0.0
    for step in range(steps):
        times = held + sum(counts)
        if not (np.maximum(times * period - differences.pairs, 0) * (times > 0))[1:].any():
            return places, lines
        base = step % wheel.bases
        more, less = np.where(times > 0, 1.0, at_once), np.where(times > 1, 1.0, at_once * (times > 0))
        more[0] = less[0] = 0.0
        start = int(random.integers(NOISE))
        _exchange(places[base], differences, (more, less), WARMTH * noise[start : start + people * people])
        counts[base] = differences.count(places[base])
    return None


def _exchange(place: Ints, differences: _Differences, worth: tuple[Floats, Floats], noise: Floats) -> None:
    """Exchange the two whose exchange gains most, less the noise; what comes and goes at once is not seen."""
    same = place[:, None] == place[None, :]
    coming = worth[0][differences.of]
    going = (worth[1][differences.of] * same).sum(1)
    at = np.eye(int(place.max()) + 1)[place]
    towards = (coming @ at)[:, place]
    gain = towards + towards.T - 2 * coming - going[:, None] - going[None, :]
    gain[same] = np.inf
    one, other = divmod(int((gain - noise.reshape(gain.shape)).argmin()), len(place))
    place[[one, other]] = place[[other, one]]


def _lines(rows: int, wheel: _Wheel, random: np.random.Generator) -> Ints | None:
    """Shifts of rows by chance, no two rows twice as far apart: (shifts, rows); None where chance is against it."""
    lines = np.zeros((wheel.shifts, rows), np.int64)
    for row in range(1, rows if wheel.shifts else 0):
        for _ in range(TRY):
            lines[:, row] = random.permutation(wheel.period)[: wheel.shifts]
            apart = (lines[:, :row] - lines[:, row, None]) % wheel.period
            if all(len(set(column)) == wheel.shifts for column in apart.T.tolist()):
                break
        else:
            return None
    return lines


def _turn(places: list[Ints], lines: Ints, wheel: _Wheel, tables: int) -> Ints:
    """All rounds: the base rounds in all their turns, then the shifted ones."""
    people, period = len(places[0]), wheel.period
    who = np.arange(people)
    rounds = []
    for place in places:
        for turn in range(period):
            before = np.where(who < people - wheel.fixed, who // period * period + (who - turn) % period, who)
            rounds.append(place[before])
    rounds += [(who % period + np.repeat(line, period)) % tables for line in lines]
    return np.array(rounds, np.int64)
