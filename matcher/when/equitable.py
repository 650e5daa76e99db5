"""In which round: visits are shared out so that every host has about as many people in each.

Where nobody is away, each round takes its share of what is left: everybody who has no round to spare, and of each
host's visits the part that falls to one round, rounded up or down. Such a round always exists, because the fractional
one does and the matrix is that of a network (de Werra 1971). Where people or hosts are away it is a list colouring: for
what finds no round people change theirs along chains, and what finds none even so is told.
"""

import random

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Programme, linear
from matcher.when.changing import DEPTH, Changing
from matcher.when.tour import NOWHERE, Tour

URGENT = 4000
TRIES = 4_000


def share_out(tour: Tour, table: Bools, rng: random.Random, deadline: Deadline = NEVER) -> Bools:
    """Give the chosen visits their rounds.

    Parameters
    ----------
    tour : Tour
        Holds the locked visits; it is filled.
    table : (n, h) bool
        The chosen visits.
    rng : random.Random
        Decides between equals.
    deadline : Deadline
        After it nobody changes rounds for what found none.

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
    changing = Changing(tour, rng, TRIES)
    for depth in range(DEPTH + 1):
        for who, host in np.argwhere(left).tolist():
            if deadline.over():
                return left
            left[who, host] = not changing.find((who, host), depth)
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
