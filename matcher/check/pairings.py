"""Who meets whom as arrays, judged in blocks of rows, so that a room of 10,000 needs no table of all pairs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher import points
from matcher.rules import Admissibility, BoolArray, IntArray, RuleName

ROWS = 256


@dataclass(frozen=True, eq=False)
class Pairings:
    """Every two that meet, by node (hosts behind the people), and what is true of them.

    Attributes
    ----------
    meeting, one, other : (m,) int
        Which meeting, and who is with whom; `one` is a person.
    value : (m,) int
        The benefit of the two.
    against : dict of (m,) bool
        For each rule in force whether it keeps the two from meeting.
    best : (n,) int
        What each person could gain whatever others do.
    """

    meeting: IntArray
    one: IntArray
    other: IntArray
    value: IntArray
    against: dict[RuleName, BoolArray]
    best: IntArray

    def barred(self) -> Iterator[tuple[int, RuleName]]:
        """Yield the place of each pair that a rule forbids, with the first such rule."""
        found: dict[int, RuleName] = {}
        for name, against in self.against.items():
            for place in np.flatnonzero(against).tolist():
                found.setdefault(place, name)
        yield from sorted(found.items())


def pairings(rules: Admissibility, rows: IntArray) -> Pairings:
    """Judge every (meeting, one, other), and each person's best alone on the way.

    A visit to a clinic that is worth nothing is not admissible and counts for nobody's best.
    """
    problem, number = rules.problem, len(rules.problem.people)
    meeting, one, other = rows.T
    seeks = slice(number, None) if problem.hosted else slice(0, number)
    worth = points.visits(problem) if problem.hosted else points.matrix(problem)
    value = _values(worth, one, other - number if problem.hosted else other)
    against = {name: np.zeros(len(rows), bool) for name in rules.layers}
    best = np.zeros(number, np.int64)
    order = np.argsort(one, kind="stable")
    starts = np.searchsorted(one[order], np.arange(0, number + ROWS, ROWS))
    for at, first in enumerate(range(0, number, ROWS)):
        block = np.arange(first, min(first + ROWS, number))
        here = order[starts[at] : starts[at + 1]]
        open_ = np.ones((len(block), len(rules.nodes)), bool)
        for name, layer in rules.layers.items():
            may = layer(block)
            against[name][here] = ~may[one[here] - first, other[here]]
            open_ &= may
        open_[block - first, block] = False
        best[block] = _best(np.where(open_[:, seeks], worth[block], 0), rules.caps[block])
    return Pairings(meeting, one, other, value, against, best)


def _values(worth: IntArray, one: IntArray, other: IntArray) -> IntArray:
    """The benefit of each two; where people visit hosts, two people have none of each other."""
    known = other >= 0
    value = np.zeros(len(one), np.int64)
    value[known] = worth[one[known], other[known]]
    return value


def _best(gains: IntArray, caps: IntArray) -> IntArray:
    """The sum of the largest so many of each row."""
    most = min(int(caps.max(initial=0)), gains.shape[1])
    if most == 0:
        return np.zeros(len(gains), np.int64)
    top = -np.partition(-gains, most - 1, axis=1)[:, :most]
    ranked = -np.sort(-top, axis=1)
    best: IntArray = np.where(np.arange(most)[None, :] < caps[:, None], ranked, 0).sum(axis=1)
    return best
