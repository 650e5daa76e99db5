"""The worst-off in groups that go round: who is seated when, and exchanges between groups, for 1 % of the benefit."""

import numpy as np

from matcher.choose.groups.regroup import regrouped
from matcher.choose.groups.search import Search
from matcher.choose.groups.seats import Seats
from matcher.choose.groups.settling import rounded
from matcher.choose.stations.graph import Ints

NEARLY = 1e-6
PRICE = 0.0099
FINE = 0.01
LIFTS = 4
SHARED = 20_000  # columns up to which shares of groups are sought for a floor as well
WORK = 80_000


def lift_lowest(search: Search, top: float) -> None:
    """Raise the lowest satisfaction as far as 1 % of the benefit goes, nobody with fewer visits than reached.

    Parameters
    ----------
    search : Search
        Where visits and benefit are settled; it keeps what is found.
    top : float
        A proven upper bound on the lowest satisfaction.
    """
    least = (1 - PRICE) * search.total(search.x)
    _seat(search, top, least)
    if search.start is not None:
        _regroup(search, top, least)


def _regroup(search: Search, top: float, least: float) -> None:
    """Exchange people between groups for a floor, halving what lies between the reached and the possible.

    Each floor is sought from the groups there are, and from those that a higher floor in vain left behind.
    """
    assert search.start is not None, "who is in which group is settled"
    low, high, floor = search.seating.lowest(search.x), top, top * (1 - FINE)
    behind: Ints | None = None
    for _ in range(LIFTS):
        if high - low <= FINE * high or search.deadline.over():
            break
        seats = Seats(search.wide.paths, floor)
        found = regrouped(seats, search.start, work=WORK, deadline=search.deadline)
        moved = _moved(search, found.start, low, least)
        if not moved:
            if behind is None and search.wide.size <= SHARED:
                behind = rounded(search.wide, seats, found, floor)
            behind = regrouped(
                seats, found.start if behind is None else behind, work=WORK, deadline=search.deadline
            ).start
            moved = _moved(search, behind, low, least)
        if moved:
            _seat(search, top, least)
            low = search.seating.lowest(search.x)
        high = high if low >= floor - NEARLY else floor
        floor = (low + high) / 2


def _moved(search: Search, start: Ints, floor: float, least: float) -> bool:
    """Let everybody be in these groups, where nobody falls below a floor and visits allow it.

    Either more people have some number of visits and no fewer any lower number, or nobody has fewer visits in all and
    `least` benefit is left.
    """
    before = search.seating, search.start, search.floor, search.reached
    search.seating, search.start, search.floor, search.reached = search.wide.paths.within(start), start, floor, []
    found = search.ask(search.seating.gain) if _filled(search, before[-1]) else None
    if found is not None and (search.reached > before[-1] or search.total(found[0]) >= least):
        search.x = found[0]
        return True
    search.seating, search.start, search.floor, search.reached = before
    return False


def _filled(search: Search, least: list[int]) -> bool:
    """Whether at least as many people can have one visit, then two, and so on."""
    for level in range(search.seating.levels):
        gain = search.seating.counted(level)
        found = search.ask(gain)
        if found is None:
            return False
        search.reached.append(round(float(gain @ found[0])))
        if search.reached < least[: level + 1]:
            return False
    return True


def _seat(search: Search, top: float, least: float) -> None:
    """Raise the lowest satisfaction within the groups there are, or where they are open."""
    levels = search.seating.shares(search.reached)
    levels = levels[(levels > search.seating.lowest(search.x) + NEARLY) & (levels <= top + NEARLY)]
    low, high = 0, len(levels)
    while low < high and not search.deadline.over():
        middle = (low + high) // 2
        search.floor, kept = float(levels[middle]), search.floor
        found = search.ask(search.seating.gain)
        if found is not None and search.total(found[0]) >= least:
            search.x = found[0]
            low = int(np.searchsorted(levels, search.seating.lowest(search.x) + NEARLY))
        else:
            search.floor, high = kept, middle
