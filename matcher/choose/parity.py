"""How many meetings there can be at all: rests come in pairs where the number of people is even.

In a round the number of people who rest is odd exactly where the number of people there is. Whoever has fewer
possible meetings than rounds rests in so many different ones; in each round whose parity these certain rests do not
fit, somebody else rests too.
"""

from itertools import combinations

import numpy as np

from matcher.graph import Bools, Ints, MeetingGraph

MOST_ROUNDS = 12


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
    return int(min(graph.room.sum(), (graph.caps.sum() - further) // 2))


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
