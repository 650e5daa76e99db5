"""Rounds in which no two people meet twice, from algebra: finite fields, and shifts where these do not reach.

Think of `rows` times `tables` people as a rectangle. In a round the person in row i and column j sits at table
j + shift(round, i): one of each row. Two people of rows i and k meet twice exactly where two rounds agree in
shift(i) - shift(k). Over a field of q elements shift(a, i) = a x i never does, in q rounds (MacNeish 1922); with as
many rows as columns the rows themselves are one more (the affine plane), and rows that are long enough are rectangles
again. Elsewhere shifts modulo the number of tables are searched for: partial difference matrices. People beyond the
number that is wanted are left out of the last row, which leaves tables that differ by one. Where all this gives fewer
rounds than are wanted, shifts are drawn by chance (`shifting`) and base rounds are turned (`turning`).
"""

from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.shifting import shifted
from matcher.choose.circles.turning import turned
from matcher.solver import NEVER, Deadline

Ints = NDArray[np.int64]

SEARCHED = 20_000  # shifts tried, at most
# people, size, rounds without a repeat that are proven not to exist
IMPOSSIBLE = {
    (36, 6, 4): "two orthogonal Latin squares of order 6 (Tarry 1900)",
    (20, 4, 6): "a resolvable 4-GDD of type 2^10 (Handbook of Combinatorial Designs, 2nd ed., IV.5)",
    (12, 3, 5): "a nearly Kirkman triple system of order 12 (Kotzig and Rosa 1974)",
}


def design(people: int, tables: int, rounds: int, deadline: Deadline = NEVER) -> Ints:
    """Return everybody's table in rounds without a repeat, as many of the wanted as are known; shape (k, people).

    Sizes of tables differ by one at most.

    Examples
    --------
    >>> design(4, 2, 3).tolist()
    [[0, 1, 0, 1], [0, 1, 1, 0], [0, 0, 1, 1]]
    >>> len(design(25, 5, 9)), len(design(32, 8, 8)), len(design(36, 6, 5)), len(design(28, 7, 9))
    (6, 8, 3, 9)
    """
    rows = -(-people // tables)
    found = _even(_rectangle(rows, tables, rounds)[:, :people], tables)
    if len(found) == rounds or _impossible(people, tables, rounds):
        return found
    chance = shifted(rows, tables, rounds, deadline) if rows <= tables else None
    if chance is not None and len(even := _even(chance[:, :people], tables)) == rounds:
        return even
    better = turned(people, tables, rounds, deadline)
    return found if better is None else np.array(better, np.int64)


def _even(found: Ints, tables: int) -> Ints:
    """The rounds whose tables differ by one at most."""
    sizes = [np.bincount(places, minlength=tables) for places in found]
    return found[[bool(size.max() - size.min() <= 1) for size in sizes]]


def _impossible(people: int, tables: int, rounds: int) -> bool:
    """Whether it is proven that these rounds have a repeat."""
    return any((n, n // size) == (people, tables) and rounds >= least for n, size, least in IMPOSSIBLE)


def _rectangle(rows: int, tables: int, rounds: int) -> Ints:
    """The table of rows x tables people, row by row, in at most `rounds` rounds."""
    power = _prime_power(tables)
    columns = np.arange(tables)
    if power and rows <= tables:
        times, plus = _field(*power)
        across = plus[times[:rounds, :rows, None], columns]
    else:
        shifts = np.array(_shifts(rows, tables, rounds), np.int64).reshape(-1, rows)
        across = (shifts[:, :, None] + columns) % tables
    across = across.reshape(len(across), rows * tables)
    missing = rounds - len(across)
    if missing <= 0 or tables % rows:
        return across
    part = tables // rows
    along = _rectangle(rows, part, missing) if part > 1 else np.zeros((1, rows), np.int64)
    return np.vstack([across, np.hstack([along + row * part for row in range(rows)])])


def _shifts(rows: int, tables: int, rounds: int) -> list[tuple[int, ...]]:
    """Shifts whose differences never come twice, found by trying in order and going back; the longest list found."""
    used: list[list[set[int]]] = [[set() for _ in range(row)] for row in range(rows)]
    lines: list[tuple[int, ...]] = []
    line: list[int] = []
    best: list[tuple[int, ...]] = []
    value, tried = 0, 0
    while rounds and tried < SEARCHED:
        row = len(line)
        if row == rows:
            for one in range(rows):
                for other in range(one):
                    used[one][other].add((line[one] - line[other]) % tables)
            lines.append(tuple(line))
            best = list(lines) if len(lines) > len(best) else best
            if len(lines) == rounds:
                break
            line, value = [], 0
            continue
        tried += 1
        top = 1 if row == 0 or (row == 1 and not lines) else tables
        if value >= top:
            if not line and not lines:
                break
            if not line:
                line = list(lines.pop())
                for one in range(rows):
                    for other in range(one):
                        used[one][other].discard((line[one] - line[other]) % tables)
            value = line.pop() + 1
        elif any((value - line[other]) % tables in used[row][other] for other in range(row)):
            value += 1
        else:
            line.append(value)
            value = 0
            if row == 0 and lines and rows > 1:
                value = lines[-1][1] + 1
    return best


def _prime_power(number: int) -> tuple[int, int] | None:
    """(p, e) with p^e = number and p prime; None where there is none."""
    prime = next((p for p in range(2, number + 1) if number % p == 0), 0)
    exponent, left = 0, number
    while prime and left % prime == 0:
        left, exponent = left // prime, exponent + 1
    return (prime, exponent) if prime and left == 1 else None


@cache
def _field(prime: int, exponent: int) -> tuple[Ints, Ints]:
    """The tables of multiplication and addition of the field of prime^exponent elements; digits are coefficients."""
    size = prime**exponent
    digits = np.arange(size)[:, None] // prime ** np.arange(exponent) % prime
    weights = prime ** np.arange(exponent)
    plus = ((digits[:, None] + digits[None, :]) % prime) @ weights
    tails = (np.array(tail, np.int64) for tail in product(range(prime), repeat=exponent))
    tries = (_products(digits, tail, prime) @ weights for tail in tails)
    times: Ints = next(found for found in tries if all(len(set(line)) == size for line in found[1:].tolist()))
    return times, plus


def _products(digits: Ints, tail: Ints, prime: int) -> Ints:
    """All products of polynomials, where x^exponent is -`tail`; a field where `tail` has no factor."""
    exponent = digits.shape[1]
    long = np.zeros((len(digits), len(digits), 2 * exponent - 1), np.int64)
    for one in range(exponent):
        for other in range(exponent):
            long[:, :, one + other] += digits[:, None, one] * digits[None, :, other]
    for power in range(2 * exponent - 2, exponent - 1, -1):
        long[:, :, power - exponent : power] -= long[:, :, power, None] * tail
    short: Ints = long[:, :, :exponent] % prime
    return short
