"""What any plan of circles can still reach whose first rounds are these: how few repeats, how much benefit."""

import numpy as np

from matcher.choose.circles.fewest import Sizes, counted_repeats, possible
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.circles.counting import Census
from matcher.repair.circles.peers import Peers
from matcher.repair.outlook import reach
from matcher.solver import NEVER


class Begun:
    """The begun rounds: how often everybody has met everybody, before the session too, and the benefit so far."""

    def __init__(self, problem: Problem, plan: Plan, peers: Peers) -> None:
        index = {one.id: row for row, one in enumerate(problem.people)}
        self.peers, self.times, self.benefit = peers, np.zeros(peers.room.met.shape, np.int64), 0
        for pair in problem.met_before:
            if index.keys() >= set(pair):
                rows = [index[name] for name in pair]
                self.times[rows, rows[::-1]] = 1
        for meeting in plan.meetings:
            if meeting.round <= peers.first:
                rows = [index[name] for name in meeting.people]
                self.times[np.ix_(rows, rows)] += 1
                self.benefit += int(peers.room.benefit[np.ix_(rows, rows)].sum()) // 2
        np.fill_diagonal(self.times, 0)

    def most_benefit(self) -> int:
        """The benefit so far, and the best company for everybody in the open rounds, as often as limits allow."""
        peers, room = self.peers, self.peers.room
        may, gains = possible(room), np.zeros(peers.there.shape, np.int64)
        for when in range(peers.rounds):
            here = may & peers.there[:, when] & peers.there[:, when, None]
            gains[:, when] = reach(here, room.benefit, np.full(len(here), peers.largest[when] - 1))
        return self.benefit + int(reach(gains > 0, gains, room.caps).sum()) // 2

    def fewest_repeats(self, rests: int) -> int:
        """The repeats so far, and those that a plan with at most so many rests in the open rounds cannot avoid."""
        peers, census = self.peers, Census(self.peers)
        spare = census.spare(rests)
        shares = [self._shares(census, when, spare) for when in range(peers.rounds)]
        sizes = Sizes(*(np.array(one, np.int64) for one in zip(*shares, strict=True)))
        full = (census.most == census.able.sum(0)) & (spare == 0)
        so_far = int(np.maximum(self.times - 1, 0).sum()) // 2
        return so_far + counted_repeats(peers.room, sizes, census.able & full, NEVER)

    def _shares(self, census: Census, when: int, spare: int) -> tuple[int, int]:
        """How many sit at how many tables for the fewest pairs, where at most `spare` more rest than must."""
        smallest, most = int(self.peers.smallest[when]), int(census.most[when])
        fewest: list[tuple[int, int, int]] = []
        for sit in range(max(most - spare, 0), most + 1):
            tables = min(self.peers.room.most, sit // smallest)
            pairs = _pairs(sit, tables) if tables else 0
            fewest.append((pairs, sit, tables))
        return min(fewest)[1:]


def _pairs(sit: int, tables: int) -> int:
    low, more = divmod(sit, tables)
    return (tables - more) * (low * (low - 1) // 2) + more * (low * (low + 1) // 2)
