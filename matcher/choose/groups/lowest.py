"""The worst-off in groups that go round, where all ways are listed: what can be, and what 1 % buys.

A floor leaves those ways open that reach it, for each person. Shares of these are found, or proven not to be there.
"""

import numpy as np

from matcher.choose.groups.exact import NEARLY, SURELY, Answers
from matcher.choose.groups.offered import Offer
from matcher.choose.groups.ways import Wanted

PRICE = 0.0099
NEAR = 0.002  # what is left between the reached and the possible when the search ends, as a share of a person's best
FINE = 0.0005
LIFTS = 4


def highest(answers: Answers) -> float:
    """A proven upper bound on the lowest satisfaction."""
    low = answers.lowest
    levels = answers.listed.shares(low, answers.listed.highest())
    first, middle, last = 0, len(levels) - 1, len(levels)
    while first < last and not answers.deadline.over():
        if _could(answers, float(levels[middle])):
            first = middle + 1
        else:
            last = middle
        middle = (first + last) // 2
        if last and levels[last - 1] - (levels[first - 1] if first else low) <= FINE:
            break
    return float(levels[last - 1]) if last else low


def lift(answers: Answers, top: float) -> float:
    """Raise the lowest satisfaction as far as 1 % of the benefit goes, nobody with fewer visits than reached.

    Parameters
    ----------
    top : float
        A proven upper bound on the lowest satisfaction.

    Returns
    -------
    float
        The same, or a lower one.
    """
    least, high, floor, vain = (1 - PRICE) * answers.total, top, top, -1
    for _ in range(LIFTS):
        if high - answers.lowest <= NEAR or answers.deadline.over():
            break
        before, sought = answers.ways, answers.listed.sought(floor)
        if int(sought.open.sum()) != vain:
            chosen = answers.take(answers.worth(answers.reached), sought, least=least, gap=NEARLY)
            if chosen.ways is not None and answers.total < least:
                answers.ways = before
            if chosen.bound == -np.inf and answers.sure == answers.reached:
                top = min(top, max(answers.lowest, floor))
        if answers.lowest < floor - SURELY:
            high, vain = floor, int(sought.open.sum())
        floor = (answers.lowest + high) / 2
    return top


def _could(answers: Answers, floor: float) -> bool:
    """Whether a floor is not proven out of reach."""
    nothing = np.zeros(answers.listed.graph.rounds)
    wanted = Wanted(0.0, nothing, answers.least(answers.sure))
    offer = Offer(answers.listed, wanted, answers.listed.sought(floor), (answers.known, answers.ways))
    offer.share()
    return offer.bound >= -SURELY
