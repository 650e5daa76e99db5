"""Every table that the rules of circles allow in a small room: by its round, its people and its name.

Names matter to seated people, who keep one table throughout, and to locks; other tables take whatever is free.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.layout import Room, Together

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ANY = -1


@dataclass(frozen=True, slots=True)
class TableSets:
    """The tables that there could be, m in all.

    Attributes
    ----------
    room : Room
        Whose rules they keep.
    when, name : (m,) int
        The round from 0, and the number of the table's name; `ANY` where neither a lock nor a seated person has one.
    people : tuple of tuple of int
        Who sits there.
    names : tuple of str or None
        Names that locks say, then one None for every further table that seated people could have for their own.
    """

    room: Room
    when: Ints
    name: Ints
    people: tuple[tuple[int, ...], ...]
    names: tuple[str | None, ...]

    @property
    def sizes(self) -> Ints:
        """How many sit at each table: (m,)."""
        return np.array([len(table) for table in self.people], np.int64)

    @property
    def incidence(self) -> tuple[Ints, Ints]:
        """The table and the person of each chair."""
        sizes = self.sizes
        who = [person for table in self.people for person in table]
        return np.repeat(np.arange(len(sizes)), sizes), np.array(who, np.int64)


def table_sets(room: Room, most: int) -> TableSets | None:
    """Find every table of every round; None where there are more than `most`."""
    said = sorted({lock.table for lock in room.locks if lock.table is not None})
    own = max(0, min(int(room.seated.sum()), room.most - len(said)))
    names = (*said, *(None,) * own)
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for number in range(room.there.shape[1]):
        every = (
            (number, name, table) for table in _tables(room, number) for name in _names(room, number, table, names)
        )
        found += islice(every, most + 1 - len(found))
        if len(found) > most:
            return None
    when, name, people = zip(*found, strict=True) if found else ((), (), ())
    return TableSets(room, np.array(when, np.int64), np.array(name, np.int64), people, names)


def sizes_of(room: Room, number: int) -> range:
    """How many people a table of this round may have: `size` give or take one, wherever that can be shared out."""
    there = int(room.there[:, number].sum())
    proper = -(-there // (room.size + 1)) * (room.size - 1) <= there
    return range(max(2, room.size - 1) if proper else 2, room.size + 2)


def _names(room: Room, number: int, table: tuple[int, ...], names: tuple[str | None, ...]) -> list[int]:
    """The names that a table may have: the lock's, else the own tables of its seated people in turn, else any."""
    said = {lock.table for lock in room.locked(number) if lock.table is not None and set(lock.people) <= set(table)}
    if said:
        return [names.index(name) for name in said] if len(said) == 1 else []
    ranks = np.searchsorted(np.flatnonzero(room.seated), [who for who in table if room.seated[who]])
    if not len(ranks):
        return [ANY]
    # own tables are alike: the first seated person has the first, the second the first or the second, and so on
    return [at for at, name in enumerate(names) if name is not None or at - names.index(None) <= ranks.min()]


def _tables(room: Room, number: int) -> Iterator[tuple[int, ...]]:
    """Every set of people who may share a table of the round; those of a lock come together."""
    locks = room.locked(number)
    locked = {who for lock in locks for who in lock.people}
    free = [who for who in np.flatnonzero(room.there[:, number]).tolist() if who not in locked]
    units = [(who,) for who in free] + [lock.people for lock in locks]
    if not units:
        return
    company = np.array([[not room.clash[np.ix_(one, other)].any() for other in units] for one in units], bool)
    spoken = np.array([_spoken(room, unit, locks) for unit in units], bool).reshape(len(units), -1)
    sizes = sizes_of(room, number)

    def grow(chosen: tuple[int, ...], open_: Bools, speaks: Bools, size: int) -> Iterator[tuple[int, ...]]:
        if size in sizes:
            yield tuple(sorted(who for unit in chosen for who in units[unit]))
        for unit in np.flatnonzero(open_).tolist():
            more, common = size + len(units[unit]), speaks & spoken[unit]
            if more < sizes.stop and common.any():
                after = open_ & company[unit]
                after[: unit + 1] = False
                yield from grow((*chosen, unit), after, common, more)

    yield from grow((), np.ones(len(units), bool), np.ones(spoken.shape[1], bool), 0)


def _spoken(room: Room, unit: tuple[int, ...], locks: list[Together]) -> Bools:
    """The languages of one person, or of a lock; one more, of all, where the rule is off. A lock without is excused."""
    common: Bools = np.logical_and.reduce(room.speaks[list(unit)], axis=0)
    silent = not room.speaks.shape[1] or (not common.any() and any(lock.people == unit for lock in locks))
    return np.ones(max(1, len(common)), bool) if silent else common
