"""In which round: visits are shared out so that every host has about as many people in each.

Where nobody is away, each round takes its share of what is left: everybody who has no round to spare, and of each
host's visits the part that falls to one round, rounded up or down. Such a round always exists, because the fractional
one does and the matrix is that of a network (de Werra 1971). Where people or hosts are away it is a list colouring:
what finds no round is told, and decided anew elsewhere.
"""

import random

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import Floats, Programme, linear, whole
from matcher.when.tour import NOWHERE, Tour

URGENT = 4000
NODES = 20


def share_out(tour: Tour, table: Bools, rng: random.Random) -> Bools:
    """Give the chosen visits their rounds.

    Parameters
    ----------
    tour : Tour
        Holds the locked visits; it is filled.
    table : (n, h) bool
        The chosen visits.
    rng : random.Random
        Decides between equals.

    Returns
    -------
    (n, h) bool
        Visits that found no round.
    """
    left = table.copy()
    for when in range(tour.graph.rounds):
        people, hosts = _round(tour, left, when, rng)
        tour.at[people, when] = hosts
        left[people, hosts] = False
    for who, host in np.argwhere(left).tolist():
        if _fitted(tour, who, host):
            left[who, host] = False
    return left


def _round(tour: Tour, left: Bools, when: int, rng: random.Random) -> tuple[Ints, Ints]:
    """The visits of one round: all that cannot wait, and each host's share of the rest."""
    graph = tour.graph
    people, hosts = np.nonzero(left & graph.free[:, when, None] & (graph.room[None, :, when] > 0))
    k = len(people)
    if not k:
        return people, hosts
    (n, h), spare = left.shape, graph.free[:, when:].sum(1)
    open_later = (graph.room[:, when:] > 0).astype(np.int64)
    common = graph.free[:, when:].astype(np.int64) @ open_later.T
    present = graph.free[:, when:].sum(0)
    share = left.sum(0) * present[0] / np.maximum((open_later * present).sum(1), 1)
    must = left.sum(1) >= spare
    chance = np.array([rng.randrange(40) for _ in range(k)])
    begun = (tour.at[people, :when] != NOWHERE).any(1)
    gain = URGENT * must[people] + URGENT // 4 // common[people, hosts] + 100 * begun + chance
    rows = sp.csr_matrix((np.ones(2 * k), (np.append(people, n + hosts), np.tile(np.arange(k), 2))), shape=(n + h, k))
    room = graph.room[:, when].astype(float)
    shares = np.minimum(np.floor(share + 1e-9), room), np.minimum(np.ceil(share - 1e-9), room)
    for low, high, sure in (
        (shares[0], shares[1], must),
        (shares[0], room, must & False),
        (0 * room, room, must & False),
    ):
        can = rows[:n] @ np.ones(k) > 0
        lows, highs = np.concatenate([(sure & can).astype(float), low]), np.append(np.ones(n), high)
        answer = linear(Programme(gain.astype(float), rows, lows, highs, np.ones(k)))
        if answer is not None:
            taken = answer.x > 0.5
            return people[taken], hosts[taken]
    return people[:0], hosts[:0]


def _fitted(tour: Tour, who: int, host: int) -> bool:
    """Find a visit a round, sharing two rounds out anew where needed."""
    graph = tour.graph
    idle = [when for when in range(graph.rounds) if graph.free[who, when] and tour.at[who, when] == NOWHERE]
    others = [when for when in range(graph.rounds) if graph.room[host, when] > 0]
    return any(_split(tour, (first, second), (who, host)) for first in idle for second in others if first != second)


def _split(tour: Tour, rounds: tuple[int, int], extra: tuple[int, int]) -> bool:
    """Share the open visits of two rounds and one more out between them; False where not all fit."""
    graph, n, h = tour.graph, *tour.graph.allowed.shape
    visits = [extra]
    for when in rounds:
        people = np.flatnonzero((tour.at[:, when] != NOWHERE) & ~tour.fixed[:, when])
        visits += list(zip(people.tolist(), tour.at[people, when].tolist(), strict=True))
    people, hosts = np.array(visits, np.int64).T
    k = len(visits)
    top = np.concatenate([graph.free[people, when] & (graph.room[hosts, when] > 0) for when in rounds]).astype(float)
    each = sp.hstack([sp.eye(k), sp.eye(k)])
    one = sp.csr_matrix((np.ones(k), (people, np.arange(k))), shape=(n, k))
    at = sp.csr_matrix((np.ones(k), (hosts, np.arange(k))), shape=(h, k))
    rows = sp.vstack([each, sp.block_diag([one, one]), sp.block_diag([at, at])]).tocsr()
    high: Floats = np.concatenate([np.ones(k + 2 * n), *(graph.room[:, when].astype(float) for when in rounds)])
    low = np.concatenate([np.ones(k), np.zeros(2 * n + 2 * h)])
    found = whole(Programme(np.zeros(2 * k), rows, low, high, top), nodes=NODES)
    if found is None:
        return False
    for when, part in zip(rounds, (found.x[:k] > 0.5, found.x[k:] > 0.5), strict=True):
        tour.at[~tour.fixed[:, when], when] = NOWHERE
        tour.at[people[part], when] = hosts[part]
    return True
