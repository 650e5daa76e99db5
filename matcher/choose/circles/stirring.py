"""The rounds of circles annealed together: from the opening, and from a design of algebra where one fits.

First until a proven bound on repeats is reached or the effort is spent, then for benefit. Effort is a number of
exchanges, never a time.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.designs import design
from matcher.choose.circles.layout import Room
from matcher.choose.circles.mixing import Mix, Score, Tables, Weights, anneal, temperatures
from matcher.choose.circles.relabel import relabel
from matcher.effort import Effort
from matcher.solver import Deadline

Ints = NDArray[np.int64]
Places = list[tuple[Ints, Ints]]

EXCHANGES = 24_000
EACH = 40  # for each pair who could be exchanged, in a small room
QUENCH = 8  # the first try is so many times shorter
RELABELS = 2_000
HARD = 5.0
# temperatures, as parts of the cost of one repeat, by the logarithm of how many exchanges there are
HOT, COLD = 2.6, 0.85
DESIGN_HOT, DESIGN_COLD = 0.8, 0.5
# the same for benefit, as parts of its spread
EAGER, CALM = 3.0, 0.1
ENDLESS = 10**12


@dataclass(frozen=True, slots=True)
class _Pace:
    """How many can move at most, the logarithm of how many exchanges that makes, how many to try, and in blocks of."""

    moving: int
    span: float
    exchanges: int
    block: int


def _pace(mix: Mix) -> _Pace:
    moving = max((int((~one.still).sum()) for one in mix.rounds), default=0)
    tried = min(EXCHANGES, EACH * moving * moving)
    return _Pace(moving, log(max(moving * moving / 2, 3)), tried, max(5, moving // 20))


def few_repeats(mix: Mix, room: Room, target: Score, effort: Effort) -> None:
    """Reach the bound on repeats: from the opening, from a design, and from the opening again but hot."""
    pace = _pace(mix)
    mix.weigh(Weights(HARD, 1.0, 0.0))
    opened = mix.copy()
    if pace.moving < 2 or mix.best <= target:
        return

    def run(hot: float, cold: float, exchanges: int) -> bool:
        heat = temperatures(hot / pace.span, cold / pace.span, exchanges // pace.block)
        anneal(mix, heat, steps=pace.block, target=target, deadline=effort.deadline)
        return mix.best <= target

    if run(DESIGN_COLD, DESIGN_COLD, pace.exchanges // QUENCH):
        return
    designed = _designed(mix, room, effort)
    if designed is not None:
        mix.put(designed)
        mix.speak()
        if run(DESIGN_HOT, DESIGN_COLD, pace.exchanges):
            return
    mix.put(opened)
    run(HOT, COLD, pace.exchanges)


def _designed(mix: Mix, room: Room, effort: Effort) -> Places | None:
    """Places in a design, the people in it exchanged so that rules are broken least; None where none fits.

    A design is for the same people at as many tables in each round.
    """
    n, first = len(room.caps), mix.rounds[0]
    who = np.flatnonzero(first.place[:n] >= 0)
    for one in mix.rounds:
        here = one.place[:n]
        if one.count != first.count or (here == one.count).any() or not np.array_equal(np.flatnonzero(here >= 0), who):
            return None
    if room.locks or not first.count:
        return None
    found = design(len(who), first.count, len(mix.rounds), effort.deadline)
    together = (found[:, :, None] == found[:, None, :]).sum(0)
    np.fill_diagonal(together, 0)
    order = np.arange(len(who))
    cost = np.where(room.clash, HARD, room.met.astype(float))[np.ix_(who, who)]
    if cost.any():
        heat = temperatures(1.0, 0.2, RELABELS)
        order = relabel(together, cost, heat, seed=effort.seed, deadline=effort.deadline)
    places = mix.copy()
    for number, line in enumerate(found):
        place, tables = places[number][0], mix.rounds[number]
        place[who[order]] = line
        chairs = n + np.flatnonzero(tables.place[n:] >= 0)
        place[chairs] = np.repeat(np.arange(first.count), first.chairs - np.bincount(line, minlength=first.count))
        _go_home(place, tables, np.flatnonzero(room.seated & (tables.place[:n] >= 0)))
    return places


def _go_home(place: Ints, tables: Tables, seated: Ints) -> None:
    """Rename the tables so that seated people are at theirs; who meets another one there changes places."""
    name = np.full(tables.count, -1)
    for who in seated:
        if name[place[who]] < 0 and tables.place[who] not in name:
            name[place[who]] = tables.place[who]
    name[name < 0] = np.setdiff1d(np.arange(tables.count), name)
    sits = (place >= 0) & (place < tables.count)
    place[sits] = name[place[sits]]
    for who in seated:
        if place[who] != tables.place[who]:
            other = np.flatnonzero((place == tables.place[who]) & ~tables.still)[0]
            place[who], place[other] = place[other], place[who]


def much_benefit(mix: Mix, deadline: Deadline) -> None:
    """Raise the benefit, with no more breaches, rests or repeats than the best so far has."""
    values = mix.guests.benefit[mix.guests.benefit > 0]
    pace = _pace(mix)
    mix.back()
    if not len(values) or pace.moving < 2:
        return
    heat, repeat = float(values.std()) + 1.0, 2.0 * float(values.max()) * max(one.chairs for one in mix.rounds)
    mix.weigh(Weights(4 * repeat, repeat, 1.0))
    anneal(
        mix,
        temperatures(EAGER * heat / pace.span, CALM * heat / pace.span, pace.exchanges // pace.block),
        steps=pace.block,
        target=Score(0, 0, 0, -ENDLESS),
        deadline=deadline,
    )
