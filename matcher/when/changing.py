"""A round for one more visit, where people change rounds, along chains.

A visit joins its host in one round. Where the host is full then, a guest comes in another round instead, and whom the
guest was to see then is visited in the first, where again somebody may have to give way. Such chains in two rounds are
the augmenting paths of a flow: where there is none, no sharing out of the two takes the visit (Ford and Fulkerson
1956). Then another visit gives way, and is the one that needs a round.
"""

import random
from collections.abc import Iterator

import numpy as np

from matcher.choose.stations.graph import Bools
from matcher.when.tour import NOWHERE, Tour

DEPTH = 4
Visit = tuple[int, int]


class Changing:
    """A tour that takes one more visit after the other, for at most so many `tries`."""

    def __init__(self, tour: Tour, rng: random.Random, tries: int) -> None:
        self.tour, self.graph, self.rng, self.tries = tour, tour.graph, rng, tries
        self.load = tour.free_load()

    def find(self, visit: Visit, depth: int = 0) -> bool:
        """Hold one more visit; False, and nothing done, where no round was found for it."""
        self.tries -= 1
        if self._along_chain(visit):
            return True
        if not depth:
            return False
        ways = list(self._in_the_way(visit))
        self.rng.shuffle(ways)
        return any(self._ousting(visit, other, when, depth) for other, when in ways)

    def _put(self, visit: Visit, when: int) -> None:
        self.tour.at[visit[0], when] = visit[1]
        self.load[visit[1], when] += 1

    def _take(self, visit: Visit, when: int) -> None:
        self.tour.at[visit[0], when] = NOWHERE
        self.load[visit[1], when] -= 1

    def _ousting(self, visit: Visit, other: Visit, when: int, depth: int) -> bool:
        """Hold a visit in place of another one, which comes in another round."""
        if self.tries <= 0:
            return False
        self._take(other, when)
        self._put(visit, when)
        if self.find(other, depth - 1):
            return True
        self._take(visit, when)
        self._put(other, when)
        return False

    def _in_the_way(self, visit: Visit) -> Iterator[tuple[Visit, int]]:
        """Visits in place of which this one could be held, and when: of this person, or to this host."""
        (who, host), at, graph = visit, self.tour.at, self.graph
        full = self.load[host] >= graph.room[host]
        for when in np.flatnonzero(graph.free[who] & (graph.room[host] > 0)).tolist():
            there = int(at[who, when])
            if there != NOWHERE and not full[when]:
                yield (who, there), when
            elif there == NOWHERE and full[when]:
                for guest in np.flatnonzero(graph.free[:, when] & (at[:, when] == host)).tolist():
                    yield (guest, host), when

    def _along_chain(self, visit: Visit) -> bool:
        """Hold a visit, where people change any two of their rounds."""
        who, host = visit
        idle = np.flatnonzero(self.graph.free[who] & (self.tour.at[who] == NOWHERE)).tolist()
        spare = self.graph.room[host] > self.load[host]
        for now in idle:
            if spare[now]:
                self._put(visit, now)
                return True
        pairs = ((now, then) for now in idle for then in np.flatnonzero(spare).tolist())
        return any(self._changed(visit, now, then) for now, then in pairs)

    def _changed(self, visit: Visit, now: int, then: int) -> bool:
        """Hold a visit in the first of two rounds, whose host has a place in the second."""
        (who, host), at, graph = visit, self.tour.at, self.graph
        both: Bools = graph.free[:, now] & graph.free[:, then]
        full = self.load[:, now] >= graph.room[:, now]
        here, there = np.where(both, at[:, now], NOWHERE), at[:, then].tolist()
        here[who] = host if both[who] else NOWHERE
        came: dict[int, Visit] = {}
        reached = [host]
        for table in reached:
            for guest in np.flatnonzero(here == table).tolist():
                other = there[guest]
                if other == NOWHERE or (other not in reached and not full[other]):
                    self._put(visit, now)
                    self._change(_chain(came, (guest, table)), now, then)
                    return True
                if other not in reached:
                    came[other] = guest, table
                    reached.append(other)
        return False

    def _change(self, chain: list[int], now: int, then: int) -> None:
        """Let people change two rounds."""
        for guest in chain:
            first, second = ((guest, int(self.tour.at[guest, when])) for when in (now, then))
            for visit, when, to in ((first, now, then), (second, then, now)):
                self.load[visit[1], when] -= visit[1] != NOWHERE
                self.load[visit[1], to] += visit[1] != NOWHERE
            self.tour.at[guest, [now, then]] = second[1], first[1]


def _chain(came: dict[int, Visit], last: Visit) -> list[int]:
    """Everybody on the way back from the last guest."""
    chain = [last[0]]
    table = last[1]
    while table in came:
        guest, table = came[table]
        chain.append(guest)
    return chain
