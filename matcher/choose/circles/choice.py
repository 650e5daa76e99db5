"""Who sits with whom in circles: nobody left out in vain, fewest repeats first, then most benefit, all rules kept.

The rounds are opened without a breach: a small room by a whole-number programme over every table there could be, a
larger one round by round. Then they are annealed together (`stirring`); what is left open in a small room branch and
bound decides.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.fewest import Sizes
from matcher.choose.circles.homes import homes
from matcher.choose.circles.layout import Room, sitters
from matcher.choose.circles.limits import Limits, could_sit
from matcher.choose.circles.mixing import NOT_HERE, Mix, Score, Tables, missing
from matcher.choose.circles.opening import guests_of, open_round, opened
from matcher.choose.circles.small import Rounds, Small, small_circles
from matcher.choose.circles.stirring import ENDLESS, few_repeats, much_benefit
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
    # where somebody rests in a small room, other numbers of people and tables could be as good
    alike = small is None or bool((sizes.sit == could_sit(room).sum(0)).all())
    limits = Limits(room, sizes if alike else None, effort.deadline)
    if n:
        few_repeats(mix, room, Score(0, wanted, limits.repeats, ENDLESS), effort)
        effort.tell(0.5, "choose")
        much_benefit(mix, effort.deadline)
        mix.back()
    told, reached = tuple(_told(one, n) for one in mix.rounds), mix.best
    if small is not None:
        return _decided(small, Circles(told, limits.repeats, 0, home, small.said), reached, limits)
    if effort.deadline.over():
        limits = Limits(room, None, effort.deadline)  # other numbers of tables were perhaps not tried in earnest
    bound = limits.benefit(reached.repeats, -reached.loss)
    return Circles(told, limits.repeats, bound, home, _said(room, home))


def _decided(small: Small, circles: Circles, reached: Score, limits: Limits) -> Circles:
    """Decide what annealing left open, and prove it."""
    deadline, benefit = limits.deadline, -reached.loss
    repeats, fewest = small.fewest_repeats(reached.repeats, limits.repeats, deadline)
    if fewer := repeats < reached.repeats:
        benefit = small.worth
    most, bound = small.most_benefit(benefit, limits.benefit(repeats, benefit), deadline)
    if fewer or most > benefit:
        circles = replace(circles, rounds=small.rounds, home=small.home)
    return replace(circles, repeats_bound=fewest, bound=bound)


def _opened(room: Room, home: Ints, effort: Effort) -> tuple[list[Tables], int]:
    """Open every round by itself; and how many tables people miss at least."""
    sits = sitters(room)
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
