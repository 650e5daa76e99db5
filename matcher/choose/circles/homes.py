"""Which table is whose: seated people keep one throughout."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.layout import Room

Ints = NDArray[np.int64]


def homes(room: Room) -> Ints:
    """The table of each seated person, from 0; -1 for others.

    Those who share a lock or the name of a table share one; all others have one each as long as there are enough.
    """
    home = np.full(len(room.caps), -1)
    groups: list[set[int]] = [{int(who)} for who in np.flatnonzero(room.seated)]
    for ties in _ties(room):
        joined = [group for group in groups if group & ties]
        groups = [group for group in groups if not group & ties] + [set().union(*joined)]
    number = room.fewest_tables()
    groups.sort(key=lambda group: (-len(group), min(group)))
    tables: list[set[int]] = []
    for group in groups:
        free = [table for table in tables if not room.clash[np.ix_(list(group), list(table))].any()]
        if len(tables) < number or (not free and len(tables) < room.most):
            tables.append(group)
        else:
            min(free or tables, key=len).update(group)
    for at, group in enumerate(tables):
        home[list(group)] = at
    return home


def _ties(room: Room) -> Iterator[set[int]]:
    """Seated people who need one table: those of a lock, and those locked at tables of one name."""
    named: dict[str, set[int]] = {}
    for lock in room.locks:
        own = {who for who in lock.people if room.seated[who]}
        if lock.table is not None:
            own = named.setdefault(lock.table, set()) | own
            named[lock.table] = own
        if own:
            yield own
