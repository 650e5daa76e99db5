"""Who visits whom where rounds matter: people or hosts are away, and places are too few for all to find a round.

Without absences whatever fits into the places of all rounds together fits into every single one. With absences it may
not, and what finds no round costs visits. So rounds are chosen as well, as shares of a linear programme over every
person, host and round: nearly always each visit is whole over all rounds, though its rounds are not, and sharing them
out is left to the colouring.
"""

import numpy as np
import scipy.sparse as sp

from matcher.choose.rows import incidence
from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.choose.stations.transport import Ask, Transport
from matcher.solver import NEVER, Deadline, Floats, OutOfTime, Programme, linear

MARGIN = 150.0
VISIT = 2000.0
NEARLY = 1e-6


def choose_timed(graph: VisitGraph, counts: Ints, deadline: Deadline = NEVER) -> Bools | None:
    """Choose visits for which there are shares of rounds: as many and as evenly as that allows, then most benefit.

    Parameters
    ----------
    graph : VisitGraph
        What is open.
    counts : (R,) int
        How many people could have at least 1, 2, 3, … visits whatever the rounds. The prices of hosts then say where to
        look: visits far below a person's best at these prices are left out.
    deadline : Deadline
        After it nothing further is begun.

    Returns
    -------
    (n, h) bool, or None
        The visits, which some rounds may still not take all; None where time is over, or shares cannot be made whole.
    """
    shares = np.zeros(graph.allowed.shape)
    try:
        sent = Transport(graph).solve(Ask(counts), deadline)
        if sent is None:
            return None
        cells = _near(graph, sent.hosts)[:, :, None] & graph.free[:, None, :] & (graph.room > 0)[None, :, :]
        spot = np.argwhere(cells)
        answer = linear(_programme(graph, spot), interior=True, deadline=deadline)
        if answer is None:
            return None
        np.add.at(shares, (spot[:, 0], spot[:, 1]), answer.x[: len(spot)])
        return _rounded(graph, shares, deadline)
    except OutOfTime:
        return None


def _near(graph: VisitGraph, prices: Floats) -> Bools:
    """The visits that are nearly as good as the last of a person's best at these prices; shape (n, h)."""
    left = np.where(graph.allowed, graph.benefit - prices[None, :], -np.inf)
    ranked = -np.sort(-left, axis=1)
    last = np.clip(graph.could, 1, left.shape[1]) - 1
    least = ranked[np.arange(graph.size), last]
    return graph.allowed & (left >= least[:, None] - MARGIN)


def _programme(graph: VisitGraph, spot: Ints) -> Programme:
    """Rows: rounds of people, visits, numbers of visits, places. Columns: visits in rounds, further visits."""
    (n, h), rounds, (who, host, when) = graph.allowed.shape, graph.rounds, spot.T
    could = graph.could
    step = np.repeat(np.arange(n), could)
    nth = np.arange(len(step)) - np.repeat(np.cumsum(could) - could, could) + graph.held[step]
    rows = sp.bmat(
        [
            [incidence(who * rounds + when, n * rounds), None],
            [incidence(who * h + host, n * h), None],
            [incidence(who, n), -incidence(step, n)],
            [incidence(host * rounds + when, h * rounds), None],
        ],
        format="csr",
    )
    many, places = n * rounds + n * h, graph.room.ravel().astype(float)
    low = np.concatenate([np.full(many, -np.inf), np.zeros(n), np.full(h * rounds, -np.inf)])
    high = np.concatenate([np.ones(many), np.zeros(n), places])
    gain = np.append(graph.benefit[who, host], VISIT * (rounds - nth))
    return Programme(gain, rows, low, high, np.ones(len(gain)))


def _rounded(graph: VisitGraph, shares: Floats, deadline: Deadline) -> Bools | None:
    """Whole visits in place of shares, if there are: whoever has parts of visits chooses anew, hosts as full as now."""
    table = np.zeros(shares.shape, np.bool_)
    table[shares > 0.5] = True
    unsure = np.any(np.abs(shares - table) > NEARLY, axis=1)
    if not unsure.any():
        return table
    who, host = np.nonzero(graph.allowed & unsure[:, None])
    people = np.flatnonzero(unsure)
    most = np.minimum(np.round(shares.sum(1)), graph.could)[people]
    left = np.ceil(shares.sum(0) - NEARLY) - (table & ~unsure[:, None]).sum(0)
    rows = sp.vstack([incidence(np.searchsorted(people, who), len(people)), incidence(host, len(left))], format="csr")
    low, high = np.concatenate([most, np.full(len(left), -np.inf)]), np.concatenate([most, left])
    worth = graph.benefit[who, host].astype(float)
    answer = linear(Programme(worth, rows, low, high, np.ones(len(who))), deadline=deadline)
    if answer is None:
        return None
    table[who, host] = answer.x > 0.5
    return table
