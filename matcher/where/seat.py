"""At which table: seated people keep theirs, everybody else changes as rarely as can be.

Round after round the meetings are assigned to the tables so that as many people as possible stay where they last
sat: one linear assignment per round. Where everybody meets anew in each round, a system of distinct representatives
exists (König 1916) and exactly one of each two stays, which is the best there is.
"""

from collections.abc import Sequence

import numpy as np

from matcher.errors import NotPossible
from matcher.graph import MeetingGraph
from matcher.solver import assign

Spot = tuple[int, int, int]


class Room:
    """The tables by name, the fixed homes of seated people, and what each round already uses."""

    def __init__(self, graph: MeetingGraph, tables: int | tuple[str, ...] | None, spots: Sequence[Spot]) -> None:
        self.graph = graph
        self.rounds: list[list[Spot]] = [[] for _ in range(graph.rounds)]
        for spot in sorted(spots):
            self.rounds[spot[0]].append(spot)
        number = max((len(one) for one in self.rounds), default=0) if tables is None else tables
        self.names = [str(n + 1) for n in range(number)] if isinstance(number, int) else list(number)
        self.endless = tables is None
        self.taken: dict[tuple[int, str], Spot] = {}
        self.home: dict[int, str] = {}
        self.dropped: list[Spot] = []
        for lock in graph.locks:
            if lock.table is not None:
                self._take(lock.round, lock.table, (lock.round, lock.one, lock.other))
                self.home |= {who: lock.table for who in (lock.one, lock.other) if graph.seated[who]}

    def _take(self, when: int, name: str, spot: Spot) -> None:
        if self.taken.setdefault((when, name), spot) != spot:
            raise NotPossible(f"locks: two locks need the table {name!r} in round {when + 1}; move one of them")

    def settle(self) -> None:
        """Give each seated person a home, the busiest first; a meeting that fits at no table is dropped."""
        busy = {int(who): [spot for one in self.rounds for spot in one if who in spot[1:]] for who in self._seated()}
        for who in sorted(busy, key=lambda one: (one not in self.home, -len(busy[one]), one)):
            name = self.home.get(who) or self._fitting(busy[who])
            self.home[who] = name
            for spot in busy[who]:
                if self.taken.get((spot[0], name), spot) == spot:
                    self.taken[spot[0], name] = spot
                else:
                    self._drop(spot, name)

    def _seated(self) -> list[int]:
        return [int(who) for who in np.flatnonzero(self.graph.seated)]

    def _fitting(self, spots: list[Spot]) -> str:
        """The table with the fewest clashes; a new one where there are as many as needed."""
        locked = {(lock.round, lock.one, lock.other) for lock in self.graph.locks}

        def clashes(name: str) -> tuple[bool, int, bool]:
            other = [spot for spot in spots if self.taken.get((spot[0], name), spot) != spot]
            return any(spot in locked for spot in other), len(other), name in self.home.values()

        best = min(self.names, key=clashes, default=None)
        if best is None or (self.endless and clashes(best)[1]):
            best = str(1 + len(self.names))
            self.names.append(best)
        return best

    def _drop(self, spot: Spot, name: str) -> None:
        if any((lock.round, lock.one, lock.other) == spot for lock in self.graph.locks):
            raise NotPossible(
                f"locks: a seated person's lock in round {spot[0] + 1} finds table {name!r} taken; move it"
            )
        self.dropped.append(spot)
        self.rounds[spot[0]].remove(spot)

    def tables(self) -> dict[Spot, str]:
        """Seat every meeting, round by round."""
        last: dict[int, str] = dict(self.home)
        seats: dict[Spot, str] = {}
        for when, spots in enumerate(self.rounds):
            fixed = {spot: name for (at, name), spot in self.taken.items() if at == when}
            waiting = [spot for spot in spots if spot not in fixed]
            names = [name for name in self.names if (when, name) not in self.taken]
            fixed |= self._closest(waiting, names, last)
            seats |= fixed
            for spot, name in fixed.items():
                last[spot[1]] = last[spot[2]] = name
        return seats

    @staticmethod
    def _closest(waiting: list[Spot], names: list[str], last: dict[int, str]) -> dict[Spot, str]:
        """Most people stay; of equal seatings the one at the front tables."""
        if not waiting:
            return {}
        place = {name: column for column, name in enumerate(names)}
        gain = np.tile(-np.arange(len(names), dtype=float), (len(waiting), 1))
        for row, spot in enumerate(waiting):
            for who in spot[1:]:
                if last.get(who) in place:
                    gain[row, place[last[who]]] += 4.0 * len(names)
        return {spot: names[column] for spot, column in zip(waiting, assign(gain).tolist(), strict=True)}


def seat(
    graph: MeetingGraph, tables: int | tuple[str, ...] | None, spots: Sequence[Spot]
) -> tuple[dict[Spot, str], list[Spot]]:
    """Give every timed meeting its table.

    Parameters
    ----------
    graph : MeetingGraph
        Who is seated, and which tables the locks name.
    tables : int, tuple of str or None
        How many there are at one time, or their names in walking order; None: as many as needed.
    spots : sequence of (round, one, other)
        The timed meetings, locks among them; rounds from 0, people by index.

    Returns
    -------
    seats : dict
        The table of each meeting.
    dropped : list
        Meetings of seated people for whom no table stays free throughout.

    Raises
    ------
    NotPossible
        Two locks need the same table in the same round.
    """
    room = Room(graph, tables, spots)
    room.settle()
    return room.tables(), room.dropped
