"""The worst-off among timed visits: a few people choose all their rounds anew, while all others stay.

What raised the lowest satisfaction in the choice can be lost on the way to rounds where people are away. Here whoever
has least chooses again, together with people who sit where they would like to, until they have enough; what that costs
is won back by those who have more.
"""

import random
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.rows import incidence
from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.solver import NEVER, Deadline, Floats, Programme, decided
from matcher.when.enriching import enrich
from matcher.when.tour import NOWHERE, Tour

NODES = 1
GAP = 0.001
SOME = 9
MOST = 200
EFFORTS = ((6, 0.5), (8, 0.25), (9, 0.15))  # how many choose anew, and how far one of them must rise
ENOUGH = 0.965
BESIDE = 1  # host that people may choose, more than there are rounds
NEARLY = 1e-9


@dataclass(frozen=True, eq=False)
class _Terms:
    """What holds for (k,) `people`, their `visits` and `enough` benefit, and at (h, R) tables: `few` and `room`."""

    people: Ints
    visits: Ints
    enough: Floats
    few: Ints
    room: Ints


def lifted(tour: Tour, rng: random.Random, *, top: float, least: float, deadline: Deadline = NEVER) -> Tour:
    """Raise the lowest satisfaction of a sound tour; everybody has as many visits as before.

    Parameters
    ----------
    tour : Tour
        Stays as it is.
    rng : random.Random
        Who chooses beside the worst-off.
    top : float
        The satisfaction from which on nobody is raised.
    least : float
        The benefit that must be left.
    deadline : Deadline
        After it no further improvement is begun.
    """
    graph, kept, vain = tour.graph, tour, 0
    for _ in range(MOST):
        if vain >= SOME * len(EFFORTS) or deadline.over():
            break
        share = graph.share(kept.gained())
        low = float(share.min(initial=1.0))
        if low >= ENOUGH * top:
            break
        many, rise = EFFORTS[vain // SOME]
        poor, floor = int(share.argmin()), low + (top - low) * rise
        need = np.minimum(share, floor)
        need[poor] = floor
        found = _again(kept, _choosing(kept, poor, many, rng), need, deadline)
        if found is not None:
            enrich(found, ENOUGH * top, deadline)
        if found is not None and int(found.gained().sum()) >= least:
            kept, vain = found, 0
        else:
            vain += 1
    return kept


def _choosing(tour: Tour, poor: int, many: int, rng: random.Random) -> Bools:
    """The worst-off, and people whose places they would like to have, no two of whom are kept apart."""
    graph, visited = tour.graph, tour.visited()[poor]
    worst = graph.benefit[poor][visited].min(initial=1000)
    worth = np.where(graph.allowed[poor] & ~visited, graph.benefit[poor] - worst, 0).clip(0)
    wanted = worth[:, None] * graph.free[poor][None, :]
    at = np.where(tour.at == NOWHERE, 0, tour.at)
    pull = np.where((tour.at != NOWHERE) & ~tour.fixed, wanted[at, np.arange(graph.rounds)[None, :]], 0).max(1)
    pull = (pull + 1) * np.array([rng.random() for _ in range(graph.size)])
    pull[poor] = np.inf
    chosen = np.zeros(graph.size, np.bool_)
    for who in np.argsort(-pull, kind="stable").tolist():
        if not graph.apart[who][chosen].any():
            chosen[who] = True
        if np.count_nonzero(chosen) == many:
            break
    return chosen


def _again(tour: Tour, chosen: Bools, need: Floats, deadline: Deadline) -> Tour | None:
    """Let these people choose again, so that nobody falls below what they need."""
    graph, bare = tour.graph, tour.copy()
    bare.at[chosen[:, None] & ~tour.fixed] = NOWHERE
    others = bare.free_load()
    waits = graph.fewest > 1
    open_ = (graph.room > others) & (~waits | (tour.load() > 0))
    cells = (_near(tour) & chosen[:, None])[:, :, None] & graph.free[:, None, :] & open_[None]
    if graph.apart.any():
        cells &= ~_beside(bare)
    spot = np.argwhere(cells)
    if not len(spot):
        return None
    terms = _Terms(
        people=np.flatnonzero(chosen),
        visits=((tour.at != NOWHERE) & ~tour.fixed).sum(1)[chosen],
        enough=np.ceil(need * graph.best - graph.gained - NEARLY)[chosen],
        few=np.where(waits & (tour.load() > 0), np.maximum(graph.fewest - others, 0), 0),
        room=np.maximum(graph.room - others, 0),
    )
    found, _ = decided(_programme(graph, spot, terms), nodes=NODES, gap=GAP, deadline=deadline)
    if found is None:
        return None
    who, host, when = spot[found.x > 0.5].T
    bare.at[who, when] = host
    return bare


def _near(tour: Tour) -> Bools:
    """The open visits worth asking for: what people visit now, and what is worth most to them; shape (n, h)."""
    graph = tour.graph
    worth = np.where(graph.allowed, graph.benefit + 1000 * tour.visited(), -1)
    rank = np.argsort(np.argsort(-worth, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(graph.allowed & (rank < graph.rounds + BESIDE), np.bool_)


def _programme(graph: VisitGraph, spot: Ints, terms: _Terms) -> Programme:
    """Rows: rounds, hosts, visits and benefit of each person, then tables in each round. Columns: visits in rounds."""
    (who, host, when), (h, rounds), k = spot.T, graph.room.shape, len(terms.people)
    row, value = np.searchsorted(terms.people, who), graph.benefit[who, host].astype(float)
    mine = incidence(row, k)
    rows = sp.vstack(
        [
            incidence(row * rounds + when, k * rounds),
            incidence(row * h + host, k * h),
            mine,
            mine @ sp.diags(value),
            incidence(host * rounds + when, h * rounds),
        ],
        format="csr",
    )
    once = k * (rounds + h)
    low = np.concatenate([np.full(once, -np.inf), terms.visits, terms.enough, terms.few.ravel()])
    high = np.concatenate([np.ones(once), terms.visits, np.full(k, np.inf), terms.room.ravel()])
    return Programme(value, rows, low, high, np.ones(len(value)))


def _beside(tour: Tour) -> Bools:
    """Where somebody is whom a person must not meet; shape (n, h, R)."""
    graph = tour.graph
    at = tour.at[:, None, :] == np.arange(graph.allowed.shape[1])[None, :, None]
    return np.asarray(np.einsum("pq,qhr->phr", graph.apart.astype(np.int64), at.astype(np.int64)) > 0, np.bool_)
