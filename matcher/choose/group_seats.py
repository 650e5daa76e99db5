"""Who is seated when in given groups, and what it would be worth to have somebody else in a group.

Given the groups each one is a transport of its own between its people and its rounds, whole by itself. Its prices of
places tell what anybody would be worth in it: never less than is gained by really having them there (weak duality).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.paths import Paths
from matcher.choose.visits import Ints
from matcher.solver import Floats, Programme, linear

VISIT = 1500.0
RATIO, STEEPEST = 8.0, 5
NEVER_SEATED = -1e15
RIVALS = 1e9


@dataclass(frozen=True, eq=False)
class Seated:
    """What groups reach.

    Attributes
    ----------
    start : (n,) int
        The group of each person.
    value : (h,) float
        What each group reaches, visits and benefit.
    prices : (h, R) float
        What a place with each group is worth in each round.
    """

    start: Ints
    value: Floats
    prices: Floats


class Seats:
    """The seats of any groups; early visits count more than benefit, later ones less and less but still more."""

    def __init__(self, paths: Paths) -> None:
        self.paths, self.graph = paths, paths.graph
        rounds = self.graph.rounds
        when = np.arange(rounds)
        self.bonus: Floats = VISIT * RATIO ** np.minimum(rounds - 1 - when, STEEPEST)
        self.total: Floats = np.concatenate([[0.0], np.cumsum(self.bonus)])
        self.benefit: Floats = self.graph.benefit[:, paths.host].astype(float)
        self.room: Ints = self.graph.room[paths.host, when[None, :]]
        self.fewest: Ints = self.graph.fewest[paths.host, when[None, :]]

    def seated(self, start: Ints) -> Seated:
        """Seat the people of these groups."""
        n, h, rounds = self.paths.cells.shape
        open_ = self.paths.cells[np.arange(n), start]
        present = np.zeros((h, rounds), np.int64)
        np.add.at(present, start, open_)
        who, when = np.nonzero(open_ & (present >= self.fewest)[start])
        could = np.minimum(open_.sum(1), self.graph.caps)
        level = np.repeat(np.arange(n), could)
        nth = np.arange(len(level)) - np.repeat(np.cumsum(could) - could, could)
        gain = np.append(self.benefit[who, start[who], when], self.bonus[self.graph.held[level] + nth])
        k, steps = len(who), len(level)
        rows = sp.bmat(
            [
                [_ones(who, n), -_ones(level, n)],
                [_ones(start[who] * rounds + when, h * rounds), sp.csr_matrix((h * rounds, steps))],
            ],
            format="csr",
        )
        low = np.append(np.zeros(n), np.full(h * rounds, -np.inf))
        high = np.append(np.zeros(n), self.room.ravel().astype(float))
        answer = linear(Programme(gain, rows, low, high, np.ones(k + steps)))
        assert answer is not None, "nobody has to be seated"
        group = np.append(start[who], start[level])
        value = np.bincount(group, weights=gain * answer.x, minlength=h)
        return Seated(start, value - self._rivalry(start), answer.prices[n:].reshape(h, rounds))

    def worth(self, now: Seated) -> Floats:
        """What everybody would at most add to each group at these prices; shape (n, h)."""
        graph, rounds = self.graph, self.graph.rounds
        left = np.where(self.paths.cells, self.benefit - now.prices[None], NEVER_SEATED)
        left = np.cumsum(-np.sort(-left, axis=2), axis=2)
        number = np.arange(1, rounds + 1)
        after = np.minimum(graph.held[:, None] + number, rounds)
        gained = np.where(
            number <= graph.caps[:, None], self.total[after] - self.total[graph.held][:, None], NEVER_SEATED
        )
        worth = np.maximum((left + gained[:, None, :]).max(2), 0.0)
        members = np.zeros(worth.shape)
        members[np.arange(graph.size), now.start] = 1.0
        worth = worth - RIVALS * (graph.apart.astype(float) @ members)
        return np.where(self.paths.starts, worth, NEVER_SEATED)

    def _rivalry(self, start: Ints) -> Floats:
        """People who are kept apart should not be in one group: what that takes from each."""
        pairs = np.argwhere(np.triu(self.graph.apart, 1))
        same = pairs[start[pairs[:, 0]] == start[pairs[:, 1]], 0]
        return RIVALS * np.bincount(start[same], minlength=len(self.room)).astype(float)


def _ones(rows: Ints, number: int) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(number, len(rows)))
