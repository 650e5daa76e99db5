"""Who is seated when in given groups, and what it would be worth to have somebody else in a group.

Given the groups each one is a transport of its own between its people and its rounds, whole by itself. Its prices of
places tell what anybody would be worth in it: never less than is gained by really having them there (weak duality).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.groups.paths import Paths
from matcher.choose.rows import incidence
from matcher.choose.stations.graph import Ints
from matcher.solver import Floats, Programme, linear

VISIT = 1500.0
SHORT = 8.0
SLACK = 1e-6
STEEP, LEVELS, ALIKE = 8.0**5, 5, 3
NEVER_SEATED = -1e15
RIVALS = 1e9
STRAY = 4e9


@dataclass(frozen=True, eq=False)
class Seated:
    """What groups reach.

    Attributes
    ----------
    start : (n,) int
        The group of each person.
    value : (h,) float
        What each group reaches: visits, benefit, and what is missing to the floor.
    prices : (h, R) float
        What a place with each group is worth in each round.
    push : (n,) float
        How much more everybody's benefit counts because of the floor.
    """

    start: Ints
    value: Floats
    prices: Floats
    push: Floats


@dataclass(frozen=True, eq=False)
class Filled:
    """What groups as they might be reach: as `Seated`, by group (g,), (g, R), and by person in them (k,)."""

    value: Floats
    prices: Floats
    push: Floats


class Seats:
    """The seats of any groups; early visits count more than benefit, later ones less and less but still more.

    With a `floor` under everybody's satisfaction what is missing to it counts more than benefit and less than a visit;
    but who could not reach it in their group, however they were seated, has to leave it before all else.
    """

    def __init__(self, paths: Paths, floor: float = 0.0) -> None:
        self.paths, self.graph = paths, paths.graph
        rounds = self.graph.rounds
        when = np.arange(rounds)
        self.need: Floats = np.maximum(floor * self.graph.best - self.graph.gained, 0.0)
        visit = VISIT * (1 + SHORT) if self.need.any() else VISIT
        levels = max(rounds - ALIKE, LEVELS)
        self.bonus: Floats = visit * STEEP ** (np.minimum(rounds - 1 - when, levels) / levels)
        self.total: Floats = np.concatenate([[0.0], np.cumsum(self.bonus)])
        self.benefit: Floats = self.graph.benefit[:, paths.host].astype(float)
        best = -np.sort(-np.where(paths.cells, self.benefit, 0.0), axis=2).cumsum(2)
        could = best[np.arange(self.graph.size), :, np.maximum(self.graph.caps, 1) - 1] * (self.graph.caps > 0)[:, None]
        out = could < self.need[:, None] - SLACK
        self.stray: Floats = np.where(out & ~out.all(1)[:, None], STRAY, 0.0)
        self.room: Ints = self.graph.room[paths.host, when[None, :]]
        self.fewest: Ints = self.graph.fewest[paths.host, when[None, :]]

    def seated(self, start: Ints) -> Seated:
        """Seat the people of these groups."""
        n, h, _ = self.paths.cells.shape
        filled = self.filled(np.arange(n), start, np.arange(h))
        return Seated(start, filled.value, filled.prices, filled.push)

    def filled(self, who: Ints, place: Ints, group: Ints) -> Filled:
        """Seat people in groups as they might be, each for itself; the same group may be there several times.

        Parameters
        ----------
        who, place : (k,) int
            People, and which of the `group` they are in.
        group : (g,) int
            The start of each group.
        """
        k, g, rounds = len(who), len(group), self.graph.rounds
        start = group[place]
        open_ = self.paths.cells[who, start]
        present = np.zeros((g, rounds), np.int64)
        np.add.at(present, place, open_)
        at, when = np.nonzero(open_ & (present >= self.fewest[group])[place])
        could = np.minimum(open_.sum(1), self.graph.caps[who])
        level = np.repeat(np.arange(k), could)
        nth = np.arange(len(level)) - np.repeat(np.cumsum(could) - could, could)
        worth, poor = self.benefit[who[at], start[at], when], np.flatnonzero(self.need[who])
        need = self.need[who[poor]]
        gain = np.concatenate([worth, self.bonus[self.graph.held[who[level]] + nth], np.full(len(poor), -SHORT)])
        rows = sp.bmat(
            [
                [incidence(at, k), -incidence(level, k), sp.csr_matrix((k, len(poor)))],
                [incidence(place[at] * rounds + when, g * rounds), sp.csr_matrix((g * rounds, len(level))), None],
                [(incidence(at, k) @ sp.diags(worth)).tocsr()[poor], None, sp.eye(len(poor))],
            ],
            format="csr",
        )
        low = np.concatenate([np.zeros(k), np.full(g * rounds, -np.inf), need])
        high = np.concatenate([np.zeros(k), self.room[group].ravel().astype(float), np.full(len(poor), np.inf)])
        answer = linear(Programme(gain, rows, low, high, np.append(np.ones(len(at) + len(level)), need)))
        assert answer is not None, "nobody has to be seated"
        where = np.concatenate([place[at], place[level], place[poor], place])
        weights = np.append(gain * answer.x, -self.stray[who, start])
        value = np.bincount(where, weights=weights, minlength=g) - self._rivalry(who, place, g)
        push = np.zeros(k)
        push[poor] = np.clip(-answer.prices[k + g * rounds :], 0.0, SHORT)
        return Filled(value, answer.prices[k : k + g * rounds].reshape(g, rounds), push)

    def worth(self, now: Seated) -> Floats:
        """What everybody would at most add to each group at these prices; shape (n, h)."""
        graph = self.graph
        worth = self._at(now, np.zeros(graph.size))
        if self.need.any():
            # no push promises too little; the least promise of several is the nearest to the truth
            for push in (now.push, np.full(graph.size, SHORT)):
                worth = np.minimum(worth, self._at(now, push))
        members = np.zeros(worth.shape)
        members[np.arange(graph.size), now.start] = 1.0
        worth = worth - self.stray - RIVALS * (graph.apart.astype(float) @ members)
        return np.where(self.paths.starts, worth, NEVER_SEATED)

    def _at(self, now: Seated, push: Floats) -> Floats:
        """What everybody would add where their benefit counts so much more; shape (n, h)."""
        graph, rounds = self.graph, self.graph.rounds
        left = np.where(self.paths.cells, self.benefit * (1 + push)[:, None, None] - now.prices[None], NEVER_SEATED)
        left = np.cumsum(-np.sort(-left, axis=2), axis=2)
        number = np.arange(1, rounds + 1)
        after = np.minimum(graph.held[:, None] + number, rounds)
        gained = np.where(
            number <= graph.caps[:, None], self.total[after] - self.total[graph.held][:, None], NEVER_SEATED
        )
        return np.asarray(np.maximum((left + gained[:, None, :]).max(2), 0.0) - (push * self.need)[:, None], np.float64)

    def _rivalry(self, who: Ints, place: Ints, groups: int) -> Floats:
        """People who are kept apart should not be in one group: what that takes from each."""
        if not self.graph.apart.any():
            return np.zeros(groups)
        same = np.triu(self.graph.apart[np.ix_(who, who)] & (place[:, None] == place[None, :]), 1)
        return RIVALS * np.bincount(place[np.nonzero(same)[0]], minlength=groups).astype(float)
