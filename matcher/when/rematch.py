"""Decide all rounds of a tiny room anew, exactly.

Branch and bound with a column per pair and round: a person is once in a round, a pair meets once, and every further
meeting of a person earns a smaller bonus than the one before, so that the list "at least 1, 2, 3, … meetings" comes
first and benefit second.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.graph import Floats, Ints
from matcher.solver import NEVER, Deadline, Programme, whole
from matcher.when.timetable import Timetable

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
class Rematched:
    """The new timetable, and whether it is proven that there is none better."""

    table: Timetable
    best: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """Columns (pair and round), and how many different pairs there are."""

    pairs: Ints
    rounds: Ints
    number: int


def rematch(table: Timetable, aim: Aim, deadline: Deadline = NEVER) -> Rematched | None:
    """Return a timetable decided anew, or None where branch and bound found nothing.

    Parameters
    ----------
    table : Timetable
        Stays as it is.
    aim : Aim
        The floor to keep or to raise, and the effort.
    deadline : Deadline
        After it the best that was found is taken.
    """
    graph = table.graph
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    which, when = np.nonzero(graph.free[pairs[:, 0]] & graph.free[pairs[:, 1]])
    if not len(which):
        return None
    ground = _Ground(pairs[which], when, len(pairs))
    found = whole(_programme(table, ground, aim), nodes=aim.nodes, deadline=deadline)
    if found is None:
        return None
    fresh = Timetable(graph)
    for at in np.flatnonzero(found.x[: len(which)] > 0.5).tolist():
        one, other = ground.pairs[at].tolist()
        fresh.put(one, other, int(when[at]))
    return Rematched(fresh, found.best)


def _programme(table: Timetable, ground: _Ground, aim: Aim) -> Programme:
    """Columns: meetings, steps of everybody's number of meetings, and the floor in grains where it is raised."""
    graph, m, width = table.graph, len(ground.pairs), table.graph.rounds
    n = graph.size
    ends, columns = ground.pairs.T.ravel(), np.tile(np.arange(m), 2)
    value = graph.benefit[ground.pairs[:, 0], ground.pairs[:, 1]].astype(float)
    steps, bonus = _ladder(table)
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
    room, least = graph.room.astype(float), float(aim.budget or 0)
    low = np.concatenate(
        [np.full(n * width + width + ground.number, -np.inf), np.zeros(n), need - graph.gained, [least]]
    )
    high = np.concatenate([np.ones(n * width), room, np.ones(ground.number), np.zeros(n), np.full(n + 1, np.inf)])
    gains = np.concatenate([value * (0.0 if raised else 1.0), bonus, [1.0] * raised])
    top = np.ones(len(gains))
    top[m + len(steps) :] = GRAINS
    return Programme(gains, rows, low, high, top)


def _ladder(table: Timetable) -> tuple[Ints, Floats]:
    """One column per person and further meeting, with a bonus that shrinks from meeting to meeting."""
    graph = table.graph
    top = graph.rounds + 1  # nobody has more meetings than rounds
    unit = min(MOST_BONUS, 1000 * (int(graph.room.sum()) + 1))
    who = np.repeat(np.arange(graph.size), graph.caps)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(graph.caps) - graph.caps, graph.caps)
    return who, unit * (top - graph.held[who] - nth).astype(float)
