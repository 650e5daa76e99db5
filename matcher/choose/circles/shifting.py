"""Rounds in which no two people meet twice, by shifts of rows found by chance, and one round within groups of rows.

Think of `rows` times `tables` people as a rectangle. In a round the person in row i and column j sits at table
j + shift(round, i) modulo the number of tables: two people of rows i and k meet twice exactly where two rounds agree in
shift(i) - shift(k). People of one row never meet so; that leaves room for one round more. Let g divide both rows and
tables, deal the rows into g groups, and let those meet who are of one group and whose columns agree modulo
tables / g: g people of each of rows / g rows. They have not met before where no two rows of a group ever differ by a
multiple of tables / g. So eight rounds at ten tables of six come from seven shifts of six rows.
"""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from matcher.solver import NEVER, Deadline

Ints = NDArray[np.int64]

ROW = 100  # values tried for the shifts of one row, before these start again
AGAIN = 20  # how often they do, before all rows start again
TRIED = 300_000


def shifted(rows: int, tables: int, rounds: int, deadline: Deadline = NEVER) -> Ints | None:
    """Return the table of rows x tables people, row by row, in rounds without a repeat; None where none were found.

    The search is the same each time, and ends with the deadline. Shape (rounds, rows * tables).

    Examples
    --------
    >>> found = shifted(4, 6, 5)
    >>> found.shape, shifted(2, 2, 4)
    ((5, 24), None)
    """
    both = gcd(rows, tables)
    for groups in [number for number in range(both, 0, -1) if both % number == 0]:
        lines = rounds - (groups > 1)
        if 0 < lines <= tables - (groups if 1 < groups < rows else 0) and not deadline.over():
            shifts = _shifts(_taken(rows, tables, groups), tables, lines, deadline)
            if shifts is not None:
                across = (np.array(shifts).T[:, :, None] + np.arange(tables)) % tables
                found = across.reshape(lines, rows * tables)
                return np.vstack([found, _within(rows, tables, groups)]) if groups > 1 else found
    return None


def _taken(rows: int, tables: int, groups: int) -> list[list[set[int]]]:
    """By how much the shifts of a row may not differ from those of each row before it."""
    near = set(range(0, tables, tables // groups)) if groups > 1 else set()
    group = [row * groups // rows for row in range(rows)]
    return [[near if group[one] == group[row] else set() for one in range(row)] for row in range(rows)]


def _within(rows: int, tables: int, groups: int) -> Ints:
    """The table of everybody in the round within groups of rows, shape (1, rows * tables)."""
    row, column = np.divmod(np.arange(rows * tables), tables)
    part = tables // groups
    place: Ints = row * groups // rows * part + column % part
    return place[None, :]


def _shifts(taken: list[list[set[int]]], tables: int, lines: int, deadline: Deadline) -> list[list[int]] | None:
    """Draw the shifts of one row after another, so that no two rows differ twice by the same: (rows, lines)."""
    random, tried = np.random.default_rng([len(taken), tables, lines]), 0
    while tried < TRIED and not deadline.over():
        shifts, failed = [[0] * lines], 0
        while len(shifts) < len(taken) and failed < AGAIN:
            order = random.permuted(np.tile(np.arange(tables), (lines, 1)), axis=1).tolist()
            row, steps = _row(shifts, taken[len(shifts)], order, tables)
            tried += steps
            failed += row is None
            shifts += [] if row is None else [row]
        if len(shifts) == len(taken):
            return shifts
    return None


def _row(
    shifts: list[list[int]], taken: list[set[int]], order: list[list[int]], tables: int
) -> tuple[list[int] | None, int]:
    """The shifts of one row in all rounds by trying in `order` and going back; and how many values were tried."""
    used = [set(differences) for differences in taken]
    row: list[int] = []
    at, tried = [0], 0
    while tried < ROW:
        number = len(row)
        if number == len(order):
            return row, tried
        if at[-1] == tables:
            at.pop()
            if not row:
                break
            value = row.pop()
            for own, other in zip(used, shifts, strict=True):
                own.discard((value - other[number - 1]) % tables)
            continue
        value = order[number][at[-1]]
        at[-1] += 1
        tried += 1
        apart = [(value - other[number]) % tables for other in shifts]
        if not any(difference in own for difference, own in zip(apart, used, strict=True)):
            for difference, own in zip(apart, used, strict=True):
                own.add(difference)
            row.append(value)
            at.append(0)
    return None, tried
