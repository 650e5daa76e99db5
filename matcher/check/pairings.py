"""Who meets whom as arrays, judged in blocks of rows, so that a room of 10,000 needs no table of all pairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher import points
from matcher.rules import Admissibility, BoolArray, IntArray, RuleName

ROWS = 256


@dataclass(frozen=True, eq=False)
class Pairings:
    """Every two that meet, by node (hosts behind the people), and what is true of them, worked out on first use.

    Attributes
    ----------
    meeting, one, other : (m,) int
        Which meeting, and who is with whom; `one` is a person.
    """

    rules: Admissibility
    meeting: IntArray
    one: IntArray
    other: IntArray

    @cached_property
    def worth(self) -> IntArray:
        """What everybody gains by whom, or by which host."""
        problem = self.rules.problem
        return points.visits(problem) if problem.hosted else points.matrix(problem)

    @cached_property
    def value(self) -> IntArray:
        """The benefit of each two, shape (m,); where people visit hosts, two people have none of each other."""
        problem, value = self.rules.problem, np.zeros(len(self.one), np.int64)
        column = self.other - len(problem.people) if problem.hosted else self.other
        known = column >= 0
        value[known] = self.worth[self.one[known], column[known]]
        return value

    @cached_property
    def against(self) -> dict[RuleName, BoolArray]:
        """For each rule in force whether it keeps the two from meeting, shape (m,)."""
        against = {name: np.zeros(len(self.one), bool) for name in self.rules.layers}
        for rows in _blocks(len(self.rules.problem.people)):
            here = np.flatnonzero((self.one >= rows[0]) & (self.one <= rows[-1]))
            for name, layer in self.rules.layers.items() if len(here) else ():
                against[name][here] = ~layer(rows)[self.one[here] - rows[0], self.other[here]]
        return against

    @cached_property
    def best(self) -> IntArray:
        """What each person could gain whatever others do, shape (n,).

        A visit to a clinic that is worth nothing is not admissible, and adds nothing to anybody's best.
        """
        problem, number = self.rules.problem, len(self.rules.problem.people)
        seeks = slice(number, None) if problem.hosted else slice(0, number)
        best = np.zeros(number, np.int64)
        for rows in _blocks(number):
            open_ = np.ones((len(rows), len(self.rules.nodes)), bool)
            for layer in self.rules.layers.values():
                open_ &= layer(rows)
            open_[rows - rows[0], rows] = False
            best[rows] = _largest(np.where(open_[:, seeks], self.worth[rows], 0), self.rules.caps[rows])
        return best

    def barred(self) -> Iterator[tuple[int, RuleName]]:
        """Yield the place of each pair that a rule forbids, with the first such rule."""
        found: dict[int, RuleName] = {}
        for name, against in self.against.items():
            for place in np.flatnonzero(against).tolist():
                found.setdefault(place, name)
        yield from sorted(found.items())


def pairings(rules: Admissibility, rows: IntArray) -> Pairings:
    """Set up every (meeting, one, other) for judging."""
    meeting, one, other = rows.T
    return Pairings(rules, meeting, one, other)


def _blocks(number: int) -> Iterator[IntArray]:
    for first in range(0, number, ROWS):
        yield np.arange(first, min(first + ROWS, number))


def _largest(gains: IntArray, caps: IntArray) -> IntArray:
    """The sum of the largest so many of each row."""
    most = min(int(caps.max(initial=0)), gains.shape[1])
    if most == 0:
        return np.zeros(len(gains), np.int64)
    top = -np.partition(-gains, most - 1, axis=1)[:, :most]
    ranked = -np.sort(-top, axis=1)
    best: IntArray = np.where(np.arange(most)[None, :] < caps[:, None], ranked, 0).sum(axis=1, dtype=np.int64)
    return best
