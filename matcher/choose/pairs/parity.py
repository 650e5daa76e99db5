"""How many meetings there can be at all: rests come in pairs where the number of people is even.

In a round the number of people who rest is odd exactly where the number of people there is. Whoever has fewer
possible meetings than rounds rests in so many different ones; in each round whose parity these certain rests do not
fit, somebody else rests too. Where a side is the smaller one of a round, nobody of it can rest without a partner's rest
on the other side.
"""

from itertools import combinations

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats, Ints, MeetingGraph
from matcher.solver import Programme, linear

MOST_ROUNDS = 12
MOST_CELLS = 50_000
NEARLY = 1e-6


def most_meetings(graph: MeetingGraph) -> int:
    """Prove how many open meetings no plan can exceed, by tables, limits and parity.

    Examples
    --------
    >>> from matcher.graph import meeting_graph
    >>> from matcher.problem import Person, Problem, Session
    >>> from matcher.rules import Admissibility
    >>> people = (Person("p0", limit=1), *(Person(f"p{number}") for number in range(1, 8)))
    >>> problem = Problem(Session(rounds=3), people)
    >>> most_meetings(meeting_graph(problem, Admissibility(problem)))
    10
    """
    certain: Ints = graph.free.sum(1) - graph.caps
    further = rests_for_parity(graph.free, certain)
    return int(min(graph.room.sum() - _left_empty(graph), (graph.caps.sum() - further) // 2))


def _left_empty(graph: MeetingGraph) -> int:
    """Return how many meetings, of those that the rounds have room for, certain rests cost where there are sides.

    With d meetings fewer than a round has room for, at most as many people rest in it as are there beyond the room, and
    2 d more; of those outside a crowd, d more. The linear programme is a relaxation: nobody but people with certain
    rests is looked at.
    """
    open_to = graph.free & (graph.caps > 0)[:, None]
    certain = open_to.sum(1) - graph.caps
    who, when = np.nonzero(open_to & (certain > 0)[:, None])
    if not graph.crowds or not 0 < len(who) <= MOST_CELLS:
        return 0
    outside = [np.isin(np.arange(graph.size), crowd, invert=True) for crowd in graph.crowds]
    circles = [np.ones(graph.size, dtype=np.bool_), *outside]
    rests = sp.csr_matrix((np.ones(len(who)), (who, np.arange(len(who)))), shape=(graph.size, len(who)))
    by_round = sp.csr_matrix((np.ones(len(who)), (when, np.arange(len(who)))), shape=(graph.rounds, len(who)))
    blocks = [[rests[certain > 0], None]]
    high: list[Floats] = []
    for circle, each in zip(circles, [2, *(1 for _ in outside)], strict=True):
        blocks.append([by_round @ sp.diags(circle[who].astype(float)), -each * sp.eye(graph.rounds)])
        high.append((open_to[circle].sum(0) - each * graph.room).astype(float))
    needed = certain[certain > 0].astype(float)
    low = np.concatenate([needed, np.full(len(circles) * graph.rounds, -np.inf)])
    gain = np.concatenate([np.zeros(len(who)), -np.ones(graph.rounds)])
    top = np.concatenate([np.ones(len(who)), graph.room])
    found = linear(
        Programme(gain, sp.bmat(blocks, format="csr"), low, np.concatenate([np.full(len(needed), np.inf), *high]), top)
    )
    return 0 if found is None else int(np.ceil(-found.value - NEARLY))


def rests_for_parity(free: Bools, certain: Ints) -> int:
    """Return the fewest rests on top of the certain ones that let every round come out even.

    Parameters
    ----------
    free : (n, R) bool
        Who can have a meeting in which round.
    certain : (n,) int
        In how many rounds each person rests at least.

    Returns
    -------
    int
        Exact up to 12 rounds; a lower bound above.

    Notes
    -----
    The reachable parities of the R rounds are built person by person, as a set of R-bit words closed under exchange;
    once it holds all words of its own parity, nothing more can change.
    """
    rounds = free.shape[1]
    wanted = free.sum(0) % 2
    if rounds > MOST_ROUNDS:
        return int(wanted.sum() + certain.sum()) % 2
    words = np.arange(1 << rounds)
    bits = 1 << np.arange(rounds)
    fixed = certain == free.sum(1)
    reachable = words == int(((free[fixed].sum(0) % 2) * bits).sum())
    for row, number in zip(free[~fixed], certain[~fixed].tolist(), strict=True):
        if 2 * reachable.sum() >= len(words):
            return int(wanted.sum() + certain.sum()) % 2
        if number:
            steps = [sum(some) for some in combinations(bits[row].tolist(), number)]
            reachable = np.logical_or.reduce([reachable[words ^ step] for step in steps])
    amiss = words[reachable] ^ int((wanted * bits).sum())
    return int(((amiss[:, None] & bits) > 0).sum(1).min())
