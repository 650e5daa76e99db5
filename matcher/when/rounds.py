"""In which round: an edge colouring of the chosen meetings.

Two-sided choices always fit (König 1916), one-sided ones nearly always: where two people have no free round in
common, a chain of two rounds is exchanged (Kempe 1879, as in Vizing 1964). People who are away and locked meetings make
it a list colouring, in which chains end at people who are not there: what then is left displaces other meetings or
moves others among three rounds, and what finds no round at all is exchanged, never silently dropped.
"""

import random

from matcher.graph import Ints, MeetingGraph
from matcher.solver import NEVER, Deadline
from matcher.when.detour import Detours
from matcher.when.displace import Displacement
from matcher.when.timetable import NOBODY, Timetable

FLIPS = 60
DETOURS = 12

Pair = tuple[int, int]


def timed(
    graph: MeetingGraph, pairs: Ints, rng: random.Random, deadline: Deadline = NEVER
) -> tuple[Timetable, list[Pair]]:
    """Give each chosen meeting a round.

    Parameters
    ----------
    graph : MeetingGraph
        Who is free when, and how many meetings a round takes.
    pairs : (m, 2) int
        The chosen meetings.
    rng : random.Random
        Breaks ties, and flips chains where nothing else helps.
    deadline : Deadline
        After it no further meeting is displaced.

    Returns
    -------
    Timetable
        Meetings in their rounds.
    list of (int, int)
        Meetings that found no round.
    """
    table = Timetable(graph)
    waiting: list[Pair] = [(one, other) for one, other in pairs.tolist()]
    rng.shuffle(waiting)
    common = (graph.free[pairs[:, 0]] & graph.free[pairs[:, 1]]).sum(1).tolist() if len(pairs) else []
    scarce = dict(zip(map(tuple, pairs.tolist()), common, strict=True))
    waiting.sort(key=lambda pair: scarce[pair])
    left = [_ordered(pair) for pair in waiting if not place(table, *pair)]
    for _ in range(FLIPS):
        if not left:
            break
        left = [pair for pair in left if not _place_after_flips(table, pair, rng)]
    return table, _walked(table, left, rng, deadline)


def go_round(
    table: Timetable, left: list[Pair], way: tuple[Detours, random.Random], deadline: Deadline = NEVER
) -> list[Pair]:
    """Replace what found no round by other meetings that do, in a bounded number of tries; the timetable is changed.

    Returns
    -------
    list of (int, int)
        Meetings, other ones perhaps, that still have none.
    """
    detours, rng = way
    for _ in range(DETOURS):
        if not left or deadline.over():
            break
        waiting = list(left)
        for pair in left:
            if pair not in waiting:  # an earlier way round has given it up
                continue
            gone, come = detours.around(pair)
            for one, other in gone:
                if (one, other) in waiting:
                    waiting.remove((one, other))
                else:
                    table.remove(one, other, table.at[one].index(other))
            waiting += come
        left = _walked(table, waiting, rng, deadline)
    return left


def _walked(table: Timetable, left: list[Pair], rng: random.Random, deadline: Deadline) -> list[Pair]:
    return Displacement(table, left, rng, lambda pair: _place_after_flips(table, pair, rng)).run(deadline)


def _ordered(pair: Pair) -> Pair:
    return min(pair), max(pair)


def place(table: Timetable, one: int, other: int) -> bool:
    """Find a round for two people, exchanging at most one chain."""
    rounds = range(table.graph.rounds)
    mine = [when for when in rounds if table.idle(one, when)]
    yours = [when for when in rounds if table.idle(other, when)]
    both = sorted(set(mine) & set(yours), key=lambda when: (table.load[when] - table.room[when], when))
    if any(_put(table, one, other, when) for when in both):
        return True
    return any(
        _by_chain(table, one, other, (first, second)) or _by_chain(table, other, one, (second, first))
        for first in mine
        for second in yours
        if first != second
    )


def _by_chain(table: Timetable, one: int, other: int, rounds: Pair) -> bool:
    """Free `first` for `other` by exchanging its chain with `second`; `one` is idle in `first`."""
    first, second = rounds
    path = table.chain(other, first, second)
    if path[-1] == one or not table.swap(path, first, second):
        return False
    if _put(table, one, other, first):
        return True
    table.swap(table.chain(other, second, first), second, first)
    return False


def _put(table: Timetable, one: int, other: int, when: int) -> bool:
    """Let two idle people meet; where all tables are taken, a chain first carries a meeting to another round."""
    if table.load[when] >= table.room[when] and not _make_room(table, when, (one, other)):
        return False
    table.put(one, other, when)
    return True


def _make_room(table: Timetable, when: int, kept: Pair) -> bool:
    """Exchange a chain with one meeting more in this round than in another, as in de Werra's balanced colourings."""
    for second in range(table.graph.rounds):
        if table.load[second] >= table.room[second] or second == when:
            continue
        for start in range(table.graph.size):
            if table.at[start][when] == NOBODY or not table.idle(start, second):
                continue
            path = table.chain(start, when, second)
            if len(path) % 2 == 0 and not set(kept) & set(path) and table.swap(path, when, second):
                return True
    return False


def _place_after_flips(table: Timetable, pair: Pair, rng: random.Random) -> bool:
    """Exchange some chains by chance, nearest to the two people, and try again."""
    if table.graph.rounds < 2:
        return False
    for _ in range(4):
        first, second = rng.sample(range(table.graph.rounds), 2)
        start = rng.choice([*pair, rng.randrange(table.graph.size)])
        if table.at[start][first] != NOBODY and table.idle(start, second):
            table.swap(table.chain(start, first, second), first, second)
    return place(table, *pair)
