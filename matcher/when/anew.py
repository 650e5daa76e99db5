"""Decide some rounds of a tour anew, exactly: one round that is amiss, or all rounds of a tiny room.

Branch and bound with a column per person, host and round. A person is once in a round and once at a host; a visit that
is held has enough people; those kept apart do not share a table. Every further visit of a person earns a smaller bonus
than the one before, so that the list "at least 1, 2, 3, … visits" comes first and benefit second.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.rows import incidence
from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Floats, Programme, whole
from matcher.when.tour import NOWHERE, Tour

MOST_BONUS = 1e10
BONUS, MISSED = 2000.0, 500.0


@dataclass(frozen=True, slots=True)
class Anew:
    """The new tour, and whether it is proven that there is none better."""

    tour: Tour
    best: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """Columns (person, host, round), and the rounds that are decided anew."""

    who: Ints
    host: Ints
    when: Ints
    rounds: list[int]


def anew(tour: Tour, rounds: list[int], need: Floats, *, nodes: int, deadline: Deadline = NEVER) -> Anew | None:
    """Return a tour with these rounds decided anew, or None where branch and bound found nothing.

    Parameters
    ----------
    tour : Tour
        Stays as it is.
    rounds : list of int
        What is decided; the other rounds stand.
    need : (n,) float
        The benefit nobody should fall below.
    nodes : int
        Nodes of branch and bound.
    deadline : Deadline
        After it the best that was found is taken.
    """
    graph = tour.graph
    bare = tour.copy()
    bare.at[:, rounds] = np.where(tour.fixed[:, rounds], tour.at[:, rounds], NOWHERE)
    could = graph.allowed & ~bare.visited()
    inside = np.zeros(graph.rounds, np.bool_)
    inside[rounds] = True
    cells = could[:, :, None] & (graph.free & inside)[:, None, :] & (graph.room > 0)[None, :, :]
    for one in graph.guests:
        if inside[one.round]:
            cells[graph.apart[list(one.people)].any(0), one.host, one.round] = False
    who, host, when = np.nonzero(cells)
    if not len(who):
        return Anew(bare, best=True)
    found = whole(_programme(bare, _Ground(who, host, when, rounds), need), nodes=nodes, deadline=deadline)
    if found is None:
        return None
    taken = found.x[: len(who)] > 0.5
    bare.at[who[taken], when[taken]] = host[taken]
    return Anew(bare, found.best)


def _programme(bare: Tour, ground: _Ground, need: Floats) -> Programme:
    """Columns: visits, steps of everybody's number of visits, whether a host is open, what misses the floor."""
    graph, (n, h), width = bare.graph, bare.graph.allowed.shape, bare.graph.rounds
    value = graph.benefit[ground.who, ground.host].astype(float)
    ladder, bonus, missed = _ladder(bare, ground)
    tables = [(host, when) for when in ground.rounds for host in range(h)]
    number = {table: at for at, table in enumerate(tables)}
    table_of = np.array(
        [number[pair] for pair in zip(ground.host.tolist(), ground.when.tolist(), strict=True)], np.int64
    )
    room = np.array([graph.room[table] for table in tables], float)
    fewest = np.array([graph.fewest[table] for table in tables], float)
    forced = np.array([graph.forced[table] for table in tables], float)
    spots, visits = (
        incidence(ground.who * width + ground.when, n * width),
        incidence(ground.who * h + ground.host, n * h),
    )
    load, degree = incidence(table_of, len(tables)), incidence(ground.who, n)
    apart = _apart(graph.apart, ground)
    lacking = need - bare.gained()
    rows = sp.bmat(
        [
            [spots, None, None, None],
            [visits, None, None, None],
            [apart, None, None, None],
            [degree, -incidence(ladder, n), None, None],
            [load, None, -sp.diags(room), None],
            [load, None, -sp.diags(fewest), None],
            [None, None, sp.eye(len(tables)), None],
            [degree @ sp.diags(value), None, None, sp.diags(np.maximum(lacking, 1.0))],
        ],
        format="csr",
    )
    single, k = n * width + n * h + apart.shape[0], len(tables)
    infinite = np.full
    low = np.concatenate([infinite(single, -np.inf), np.zeros(n), infinite(k, -np.inf), np.zeros(k), forced, lacking])
    high = np.concatenate([np.ones(single), np.zeros(n + k), infinite(k, np.inf), np.ones(k), infinite(n, np.inf)])
    gain = np.concatenate([value, bonus, np.zeros(k), np.full(n, -missed)])
    return Programme(gain, rows, low, high, np.ones(len(gain)))


def _ladder(bare: Tour, ground: _Ground) -> tuple[Ints, Floats, float]:
    """One column per person and further visit, with a bonus that shrinks from visit to visit; what a floor is worth."""
    graph = bare.graph
    have = (bare.at != NOWHERE).sum(1)
    could = np.minimum(graph.caps + graph.held - have, len(ground.rounds)).clip(0)
    who = np.repeat(np.arange(graph.size), could)
    level = np.arange(len(who)) - np.repeat(np.cumsum(could) - could, could) + have[who]
    missed = 1000.0 * graph.size * len(ground.rounds) + 1
    base, steps = graph.size + 1.0, graph.rounds - 1 - level
    if missed * base ** (graph.rounds + 1 - int(level.min(initial=0))) <= MOST_BONUS:
        return who, missed * base ** (steps + 1.0), missed
    return who, BONUS * (steps + 1.0), MISSED


def _apart(apart: Bools, ground: _Ground) -> sp.csr_matrix:
    """A row for each two people kept apart, host and round."""
    at = {
        key: column
        for column, key in enumerate(
            zip(*(part.tolist() for part in (ground.who, ground.host, ground.when)), strict=True)
        )
    }
    pairs: list[tuple[int, int]] = []
    for one, other in np.argwhere(np.triu(apart, 1)).tolist():
        for (who, host, when), column in at.items():
            if who == one and (other, host, when) in at:
                pairs.append((column, at[other, host, when]))
    rows = np.repeat(np.arange(len(pairs)), 2)
    columns = np.array(pairs, np.int64).ravel()
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(pairs), len(ground.who)))
