"""More benefit from the same places: two people change places in a round, where together they gain by it."""

import numpy as np

from matcher.choose.stations.graph import Bools, Ints
from matcher.solver import NEVER, Deadline, Floats
from matcher.when.tour import NOWHERE, Tour

TURNS = 12
MOST = 64


def enrich(tour: Tour, share: float, deadline: Deadline = NEVER) -> None:
    """Let people change places until no two gain, or for a number of turns; tables stay as large as they are.

    Parameters
    ----------
    tour : Tour
        It is changed.
    share : float
        The satisfaction below which nobody falls, nor lower than now who is below.
    deadline : Deadline
        After it no further turn is begun.
    """
    still, need = 0, share * tour.graph.best.astype(float)
    for turn in range(TURNS * tour.graph.rounds):
        if still >= tour.graph.rounds or deadline.over():
            return
        still = 0 if _turn(tour, turn % tour.graph.rounds, need) else still + 1


def _turn(tour: Tour, when: int, need: Floats) -> bool:
    """Make the best exchanges of one round at once, nobody in two of them; whether there was any."""
    graph, here = tour.graph, tour.at[:, when]
    who = np.flatnonzero((here != NOWHERE) & graph.free[:, when])
    at, spare = here[who], (tour.gained() - need).clip(0)[who]
    gain = graph.benefit[np.ix_(who, at)] - graph.benefit[who, at][:, None]
    may = (graph.allowed & ~tour.visited())[np.ix_(who, at)] & (gain >= -spare[:, None])
    if graph.apart.any():
        may &= ~_beside(graph.apart, here, who)
    both = np.where(np.triu(may & may.T, 1), gain + gain.T, 0)
    best = np.argsort(-both, axis=None, kind="stable")[:MOST]
    used: set[int] = set()
    for one, other in zip(*(part.tolist() for part in np.unravel_index(best, both.shape)), strict=True):
        touched = {int(at[one]), int(at[other])} if graph.apart.any() else {one, other}
        if both[one, other] <= 0:
            break
        if not used & touched:
            used |= touched
            here[who[[one, other]]] = at[[other, one]]
    return bool(used)


def _beside(apart: Bools, here: Ints, who: Ints) -> Bools:
    """Whether people who take the place of another one would meet somebody they are kept apart from."""
    at = here[who]
    tables = here[:, None] == np.arange(int(here.max()) + 1)[None, :]
    rivals = apart[who].astype(np.int64) @ tables[:, at].astype(np.int64) - apart[np.ix_(who, who)]
    return np.asarray(rivals > 0, np.bool_)
