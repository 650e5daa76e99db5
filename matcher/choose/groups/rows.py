"""The rows of the programme of groups and seats."""

from typing import TYPE_CHECKING

import numpy as np

from matcher.choose.rows import Rows
from matcher.choose.stations.graph import Ints
from matcher.solver import Floats, Programme

if TYPE_CHECKING:
    from matcher.choose.groups.paths import Seating


def rows_of(seating: "Seating") -> Rows:
    """Return what holds whatever is asked."""
    rows = Rows()
    people = np.unique(seating.who)
    m = len(seating.who)
    one = np.ones(len(people))
    rows.add(one if seating.full else 0 * one, one, (np.searchsorted(people, seating.who), np.arange(m), 1.0))
    _add_picks(seating, rows)
    if len(seating.level):
        seats, joined = np.arange(m, seating.first_level), seating.first_level + np.arange(len(seating.level))
        zero = np.zeros(len(people))
        parts = (np.searchsorted(people, seating.pick[:, 0]), seats, 1.0)
        rows.add(zero, zero, parts, (np.searchsorted(people, seating.level[:, 0]), joined, -1.0))
    _add_places(seating, rows)
    _add_apart(seating, rows)
    return rows


def _add_picks(seating: "Seating", rows: Rows) -> None:
    """One visit to a host at most, and only in one's own group; in full all that it offers."""
    if not len(seating.pick):
        return
    h, m = len(seating.paths.host), len(seating.who)
    who, start, when = seating.pick.T
    group = seating.joined[who, start]
    key, row = np.unique(group * h + seating.paths.host[start, when], return_inverse=True)
    seats = np.arange(m, m + len(seating.pick))
    size = len(key)
    rows.add(np.full(size, -np.inf), np.zeros(size), (row, seats, 1.0), (np.arange(size), key // h, -1.0))
    if seating.full:
        groups, row = np.unique(group, return_inverse=True)
        zero = np.zeros(len(groups))
        all_of = -seating.paths.most[seating.who[groups]].astype(float)
        rows.add(zero, zero, (row, seats, 1.0), (np.arange(len(groups)), groups, all_of))


def _add_places(seating: "Seating", rows: Rows) -> None:
    """Nobody sits where no place is left, and a visit is held with enough people or not at all."""
    graph, rounds = seating.paths.graph, seating.paths.graph.rounds
    who, start, when = np.nonzero(seating.cells)
    table = seating.paths.host[start, when] * rounds + when
    seats = seating.seat[who, start, when]
    size = graph.room.size
    kept = seating.held[:, 0] * rounds + seating.held[:, 1]
    columns = seating.first_held + np.arange(len(kept))
    high = graph.room.ravel().astype(float)
    low = np.where(graph.forced, graph.fewest, 0).ravel().astype(float)
    room = -high[kept]
    high[kept] = 0.0
    rows.add(np.full(size, -np.inf), high, (table, seats, 1.0), (kept, columns, room))
    low[kept] = 0.0
    fewest = -graph.fewest.ravel()[kept].astype(float)
    if len(kept) or low.any():
        rows.add(low, np.full(size, np.inf), (table, seats, 1.0), (kept, columns, fewest))


def _add_apart(seating: "Seating", rows: Rows) -> None:
    """Two who are kept apart are never at one table."""
    found: list[Ints] = []
    for one, other in np.argwhere(np.triu(seating.paths.graph.apart, 1)).tolist():
        both = seating.cells[one] & seating.cells[other]
        found.append(np.column_stack([seating.seat[one][both], seating.seat[other][both]]))
    if not found:
        return
    pairs = np.unique(np.concatenate(found), axis=0)
    each = np.arange(len(pairs))
    size = len(pairs)
    rows.add(np.full(size, -np.inf), np.ones(size), (each, pairs[:, 0], 1.0), (each, pairs[:, 1], 1.0))


def add_floor(seating: "Seating", rows: Rows, floor: float) -> None:
    """Whoever has seats picked one by one, or may be left out of all groups, gains enough."""
    graph = seating.paths.graph
    chosen = np.unique(seating.who[seating.loose]) if seating.full else np.arange(graph.size)
    chosen = chosen[graph.best[chosen] > 0]
    place = np.full(graph.size, -1)
    place[chosen] = np.arange(len(chosen))
    who, start, when = np.nonzero(seating.cells)
    mine = place[who] >= 0
    who, start, when = who[mine], start[mine], when[mine]
    worth = graph.benefit[who, seating.paths.host[start, when]].astype(float)
    least = np.minimum(floor, 1.0) * graph.best[chosen] - graph.gained[chosen] - 1e-7 * graph.best[chosen]
    rows.add(least, np.full(len(chosen), np.inf), (place[who], seating.seat[who, start, when], worth))


def joining(seating: "Seating", gain: Floats) -> Programme:
    """Ask for the groups alone, one for each person, as large as places allow, or even."""
    people, m, h = np.unique(seating.who), len(seating.who), len(seating.paths.host)
    rows = Rows()
    rows.add(np.ones(len(people)), np.ones(len(people)), (np.searchsorted(people, seating.who), np.arange(m), 1.0))
    places = seating.paths.graph.room[seating.paths.host, np.arange(seating.paths.graph.rounds)[None, :]]
    even = np.maximum(-(-len(people) // h), np.where(places > 0, places, 10**6).min(1)).astype(np.float64)
    rows.add(np.full(h, -np.inf), even, (seating.start, np.arange(m), 1.0))
    return Programme(gain, rows.matrix(m), np.concatenate(rows.low), np.concatenate(rows.high), np.ones(m))
