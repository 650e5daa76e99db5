"""Who sits with whom in circles: nobody left out in vain, fewest repeats first, then most benefit, all rules kept.

The rounds are opened without a breach: a small room by a whole-number programme over every table there could be, a
larger one round by round. Then they are annealed together (`stirring`); what is left open in a small room branch and
bound decides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.choose.fewest import Sizes, fewest_repeats, most_benefit
from matcher.choose.homes import homes
from matcher.choose.layout import Room, sitters
from matcher.choose.mixing import NOT_HERE, Mix, Score, Tables, missing
from matcher.choose.opening import guests_of, open_round, opened
from matcher.choose.small_circles import Rounds, small_circles
from matcher.choose.stirring import ENDLESS, few_repeats, much_benefit
from matcher.effort import Effort

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Circles:
    """The people of each table of each round, and the proven bounds for these numbers of tables.

    `home` is the number of each seated person's own table, -1 for others; `said` the names that locks give to some.
    """

    rounds: Rounds
    repeats_bound: int
    bound: int
    home: Ints
    said: dict[int, str]


def arrange(room: Room, effort: Effort) -> Circles:
    """Seat people in circles, round after round.

    Parameters
    ----------
    room : Room
        Who is there, the rules, and benefits.
    effort : Effort
        The seed, and when to stop.
    """
    n = len(room.caps)
    small = small_circles(room, effort.deadline)
    home = homes(room) if small is None else small.home
    rounds, wanted = _opened(room, home, effort) if small is None else _seated(room, small.rounds)
    effort.tell(0.2, "choose")
    _level(rounds, n)
    mix = Mix(guests_of(room, max((len(one.place) for one in rounds), default=0) - n), rounds, effort.seed)
    sizes = _sizes(rounds, n)
    always = room.there & (sizes.sit == room.there.sum(0))
    fewest = fewest_repeats(room, sizes, always, effort.deadline)
    if n:
        few_repeats(mix, room, Score(0, wanted, fewest, ENDLESS), effort)
        effort.tell(0.5, "choose")
        much_benefit(mix, effort.deadline)
        mix.back()
    told, reached = tuple(_told(one, n) for one in mix.rounds), mix.best
    if small is None:
        likely = Sizes.widest(room) if effort.deadline.over() else sizes
        return Circles(told, fewest, most_benefit(room, likely, reached.repeats), home, _said(room, home))
    # where somebody rests, other numbers of people and tables could be as good
    alike = bool(always.sum() == room.there.sum())
    repeats, fewest = small.fewest_repeats(reached.repeats, fewest if alike else 0, effort.deadline)
    fewer = repeats < reached.repeats
    bound = most_benefit(room, sizes if alike else Sizes.widest(room), repeats)
    benefit, bound = small.most_benefit(small.worth if fewer else -reached.loss, bound, effort.deadline)
    better = fewer or benefit > -reached.loss
    return Circles(small.rounds if better else told, fewest, bound, small.home if better else home, small.said)


def _opened(room: Room, home: Ints, effort: Effort) -> tuple[list[Tables], int]:
    """Open every round by itself; and how many tables people miss at least."""
    sits = sitters(room, effort.deadline)
    wanted, rounds = missing(room.caps, sits.sum(1)), []
    for number in range(room.there.shape[1]):
        rounds.append(open_round(room, number, sits, home, effort=effort) or _nobody(room, number))
        place = rounds[-1].place[: len(room.caps)]
        sits[:, number] = (place >= 0) & (place < rounds[-1].count)
    return rounds, wanted


def _seated(room: Room, rounds: Rounds) -> tuple[list[Tables], int]:
    """Open every round at given tables; and how many tables people miss, which is as few as can be."""
    held = np.bincount([who for tables in rounds for table in tables for who in table], minlength=len(room.caps))
    every = [opened(room, number, tables) if tables else _nobody(room, number) for number, tables in enumerate(rounds)]
    return every, missing(room.caps, held)


def _said(room: Room, home: Ints) -> dict[int, str]:
    """The names that locks give to the tables of seated people."""
    return {int(home[who]): lock.table for lock in room.locks if lock.table for who in lock.people if home[who] >= 0}


def _nobody(room: Room, number: int) -> Tables:
    """A round in which nobody can sit with anybody."""
    place = np.where(room.there[:, number], 0, NOT_HERE)
    every = np.ones(len(place), bool)
    return Tables(place, every, 0, 2, np.zeros(0, np.int64), ~every)


def _level(rounds: list[Tables], people: int) -> None:
    """Give all rounds as many rows; chairs beyond a round's own are not there."""
    rows = max((len(one.place) for one in rounds), default=people)
    for one in rounds:
        more = rows - len(one.place)
        one.place = np.concatenate([one.place, np.full(more, NOT_HERE)])
        one.still = np.concatenate([one.still, np.ones(more, bool)])
        one.excused = np.concatenate([one.excused, np.zeros(more, bool)])


def _sizes(rounds: list[Tables], people: int) -> Sizes:
    sit = [int(((one.place[:people] >= 0) & (one.place[:people] < one.count)).sum()) for one in rounds]
    return Sizes(np.array(sit, np.int64), np.array([one.count for one in rounds], np.int64))


def _told(one: Tables, people: int) -> tuple[tuple[int, ...], ...]:
    at = [np.flatnonzero(one.place[:people] == table).tolist() for table in range(one.count)]
    return tuple(tuple(table) for table in at)
