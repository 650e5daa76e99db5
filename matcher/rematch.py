"""Decide one, two or all rounds anew, exactly, while the others stand.

What colouring and quick repairs leave undone is put to branch and bound with a column per pair and round: a person is
once in a round, a pair meets once, and every further meeting of a person earns a smaller bonus than the one before, so
that the list "at least 1, 2, 3, … meetings" comes first and benefit second. One round is a maximum-weight matching
(Edmonds 1965), two rounds exchange leftovers along alternating paths, all rounds of a small room are the whole problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats, Ints
from matcher.solver import Programme, whole
from matcher.timetable import Timetable

MOST_COLUMNS = 5_000
MOST_BONUS = 50_000
GRAINS = 10_000


@dataclass(frozen=True, slots=True)
class Aim:
    """What else the new rounds must keep.

    Attributes
    ----------
    floor : float
        Nobody falls below this satisfaction, or lower than now where it is lower.
    budget : int or None
        The least benefit of the open meetings; given, the lowest satisfaction is raised instead of the benefit.
    nodes : int
        Nodes of branch and bound.
    """

    floor: float = 0.0
    budget: int | None = None
    nodes: int = 60


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the rounds outside leave open: columns (pair and round), what each person still needs and can take."""

    pairs: Ints
    rounds: Ints
    number: int
    spare: Ints
    degree: Ints
    gained: Ints


def rematch(table: Timetable, rounds: Sequence[int], aim: Aim) -> Timetable | None:
    """Return the timetable with these rounds decided anew, or None where branch and bound found nothing.

    Parameters
    ----------
    table : Timetable
        Stays as it is.
    rounds : sequence of int
        The rounds to decide, from 0.
    aim : Aim
        The floor to keep or to raise, and the effort.
    """
    bare = table.copy()
    for when in rounds:
        for one, other in bare.pairs(when).tolist():
            bare.remove(one, other, when)
    if not (bare.graph.caps > bare.degrees()).any():
        return None
    ground = _ground(table, bare, rounds)
    if not len(ground.pairs):
        return None
    programme = _programme(table, rounds, ground, aim)
    x = whole(programme, nodes=aim.nodes)
    if x is None:
        return None
    for at in np.flatnonzero(x[: len(ground.pairs)] > 0.5).tolist():
        one, other = ground.pairs[at].tolist()
        bare.put(one, other, rounds[int(ground.rounds[at])])
    return bare


def _ground(table: Timetable, bare: Timetable, rounds: Sequence[int]) -> _Ground:
    graph = bare.graph
    degree = bare.degrees()
    spare = np.minimum(graph.caps - degree, len(rounds))
    open_: Bools = np.triu(graph.allowed & ~bare.met(), 1) & (spare > 0)[:, None] & (spare > 0)[None, :]
    free = graph.free[:, list(rounds)]
    if int(open_.sum()) * len(rounds) > MOST_COLUMNS:
        open_ &= _promising(open_, graph.benefit, MOST_COLUMNS // (len(rounds) * graph.size)) | table.met()
    pairs = np.argwhere(open_)
    both = free[pairs[:, 0]] & free[pairs[:, 1]]
    which, when = np.nonzero(both)
    return _Ground(pairs[which], when, len(pairs), spare, degree, bare.gained())


def _promising(open_: Bools, benefit: Ints, most: int) -> Bools:
    """For each person the pairs with the most benefit."""
    both = open_ | open_.T
    order = np.argsort(np.where(both, -benefit, 1), axis=1, kind="stable")[:, : max(most, 4)]
    near = np.zeros_like(open_)
    np.put_along_axis(near, order, True, axis=1)
    return np.asarray((near | near.T) & open_, dtype=np.bool_)


def _programme(table: Timetable, rounds: Sequence[int], ground: _Ground, aim: Aim) -> Programme:
    """Columns: meetings, steps of everybody's number of meetings, and the floor in grains where it is raised."""
    graph, m, width = table.graph, len(ground.pairs), len(rounds)
    n = graph.size
    ends, columns = ground.pairs.T.ravel(), np.tile(np.arange(m), 2)
    value = graph.benefit[ground.pairs[:, 0], ground.pairs[:, 1]].astype(float)
    steps, bonus = _ladder(table, ground)
    spots = sp.csr_matrix((np.ones(2 * m), (ends * width + np.tile(ground.rounds, 2), columns)), shape=(n * width, m))
    load = sp.csr_matrix((np.ones(m), (ground.rounds, np.arange(m))), shape=(width, m))
    code = np.unique(ground.pairs[:, 0] * n + ground.pairs[:, 1], return_inverse=True)[1]
    once = sp.csr_matrix((np.ones(m), (code, np.arange(m))), shape=(ground.number, m))
    degree = sp.csr_matrix((np.ones(2 * m), (ends, columns)), shape=(n, m))
    gain = sp.csr_matrix((np.tile(value, 2), (ends, columns)), shape=(n, m))
    ladder = sp.csr_matrix((-np.ones(len(steps)), (steps, np.arange(len(steps)))), shape=(n, len(steps)))
    raised = aim.budget is not None
    scale = np.where(graph.best > 0, graph.best, 0).astype(float)
    need = np.zeros(n) if raised else np.minimum(table.gained(), aim.floor * scale)
    side = sp.csr_matrix(-scale[:, None] / GRAINS) if raised else sp.csr_matrix((n, 0))
    rows = sp.bmat(
        [
            [spots, None, None],
            [load, None, None],
            [once, None, None],
            [degree, ladder, None],
            [gain, None, side],
            [sp.csr_matrix(value[None, :]), None, None],
        ],
        format="csr",
    )
    room = graph.room[list(rounds)].astype(float)
    least = float(aim.budget or 0) - float(table.benefit() - _inside(table, rounds))
    low = np.concatenate(
        [np.full(n * width + width + ground.number, -np.inf), np.zeros(n), need - ground.gained, [least]]
    )
    high = np.concatenate([np.ones(n * width), room, np.ones(ground.number), np.zeros(n), np.full(n + 1, np.inf)])
    gains = np.concatenate([value * (0.0 if raised else 1.0), bonus, [1.0] * raised])
    top = np.ones(len(gains))
    top[m + len(steps) :] = GRAINS
    return Programme(gains, rows, low, high, top)


def _inside(table: Timetable, rounds: Sequence[int]) -> int:
    """Benefit of the meetings in these rounds."""
    chosen = [table.pairs(when) for when in rounds]
    return sum(int(table.graph.benefit[pairs[:, 0], pairs[:, 1]].sum()) for pairs in chosen)


def _ladder(table: Timetable, ground: _Ground) -> tuple[Ints, Floats]:
    """One column per person and further meeting, with a bonus that shrinks from meeting to meeting."""
    top = table.graph.rounds + 1  # nobody has more meetings than rounds
    unit = min(MOST_BONUS, 1000 * (int(table.graph.room.sum()) + 1))
    who = np.repeat(np.arange(table.graph.size), np.maximum(ground.spare, 0))
    nth = np.concatenate([np.arange(max(int(one), 0)) for one in ground.spare]) if len(who) else np.zeros(0)
    return who, unit * (top - ground.degree[who] - table.graph.held[who] - nth).astype(float)
