"""What no groups can exceed in visits and in benefit, by prices of places that are found for each question."""

import numpy as np

from matcher.choose.groups.shares import eased, shared
from matcher.choose.groups.ways import Prices, Wanted, Ways
from matcher.solver import NEVER, Deadline, Floats

VISIT, RATIO, STEEPEST = 1_500.0, 3.0, 4
CLOSE = 2e-5
SURELY = 1e-4


def visits_first(rounds: int) -> Wanted:
    """Ask for visits before benefit, each further one of a person less urgent than the one before."""
    return Wanted(1.0, VISIT * RATIO ** np.minimum(rounds - 1 - np.arange(rounds), STEEPEST), np.zeros(rounds))


def most_people(ways: Ways, sure: list[int], value: int, *, deadline: Deadline = NEVER) -> int:
    """Prove how many people can have one visit more than the levels that are `sure` have.

    Parameters
    ----------
    ways : Ways
        What the groups offer.
    sure : list of int
        How many people must have at least 1, 2, … visits.
    value : int
        How many are known who can have one more: a proof that there are no others is enough.
    deadline : Deadline
        After it the bound stays as it is.
    """
    wanted = Wanted(0.0, VISIT * (np.arange(ways.graph.rounds) == len(sure)), _least(ways, sure))
    nothing = Prices(0 * ways.room, 0 * wanted.least)
    enough = VISIT * (value + 1) - SURELY
    bound = shared(ways, wanted, nothing, enough=enough, close=VISIT / 2, deadline=deadline).bound
    return int(np.floor(bound / VISIT + SURELY))


def most_benefit(ways: Ways, places: Floats, sure: list[int], value: float, *, deadline: Deadline = NEVER) -> int:
    """Prove how much benefit there can be, to 0.002 % of the `value`; as `most_people`, from prices of `places` on."""
    wanted = Wanted(1.0, np.zeros(ways.graph.rounds), _least(ways, sure))
    prices = Prices(places, np.where(wanted.least > 0, visits_first(ways.graph.rounds).levels, 0.0))
    prices, bound = eased(ways, wanted, prices, deadline=deadline)
    if not deadline.over():
        bound = min(bound, shared(ways, wanted, prices, close=CLOSE * value, deadline=deadline).bound)
    return int(np.floor(bound + SURELY))


def _least(ways: Ways, sure: list[int]) -> Floats:
    least = np.zeros(ways.graph.rounds)
    least[: len(sure)] = sure
    return least
