"""What no groups can exceed in visits and in benefit, by prices of places that are found for each question."""

import numpy as np

from matcher.choose.groups.shares import eased, shared
from matcher.choose.groups.ways import Prices, Wanted, Ways
from matcher.solver import NEVER, Deadline, Floats

VISIT, RATIO, STEEPEST = 1_500.0, 3.0, 4
CLOSE = 2e-5
SURELY = 1e-4


def visits_first(ways: Ways) -> Wanted:
    """Ask for visits before benefit, each further one of a person less urgent than the one before."""
    rounds = ways.graph.rounds
    return Wanted(1.0, VISIT * RATIO ** np.minimum(rounds - 1 - np.arange(rounds), STEEPEST), np.zeros(rounds))


def most_people(ways: Ways, places: Floats, sure: list[int], value: int, *, deadline: Deadline = NEVER) -> int:
    """Prove how many people can have one visit more than the levels that are `sure` have, where `value` are known to.

    Parameters
    ----------
    ways : Ways
        What the groups offer.
    places : (h, R) float
        Prices from which to look for better ones.
    sure : list of int
        How many people must have at least 1, 2, … visits.
    value : int
        How many have one more: what proves that there are none besides is near enough.
    deadline : Deadline
        After it the bound stays as it is.
    """
    level, rank = len(sure), np.arange(ways.graph.rounds)
    wanted = Wanted(0.0, VISIT * (rank == level), _least(ways, sure))
    # a visit of the levels before is worth more, and counts from what must be reached there
    prices = Prices(places, VISIT * np.where(rank < level, level + 1.0 - rank, 0.0))
    target = VISIT * (value + 1 - SURELY)
    prices, bound = eased(ways, wanted, prices, target=target, deadline=deadline)
    if bound >= target and not deadline.over():
        bound = min(bound, shared(ways, wanted, prices, close=VISIT / 2, deadline=deadline).bound)
    return int(np.floor(bound / VISIT + SURELY))


def most_benefit(ways: Ways, places: Floats, sure: list[int], value: float, *, deadline: Deadline = NEVER) -> int:
    """Prove how much benefit there can be; as `most_people`, and near enough is 0.002 % of the `value`."""
    wanted = Wanted(1.0, np.zeros(ways.graph.rounds), _least(ways, sure))
    prices = Prices(places, np.where(wanted.least > 0, visits_first(ways).levels, 0.0))
    prices, bound = eased(ways, wanted, prices, deadline=deadline)
    if not deadline.over():
        bound = min(bound, shared(ways, wanted, prices, close=CLOSE * value, deadline=deadline).bound)
    return int(np.floor(bound + SURELY))


def _least(ways: Ways, sure: list[int]) -> Floats:
    least = np.zeros(ways.graph.rounds)
    least[: len(sure)] = sure
    return least
