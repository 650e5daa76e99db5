"""Who sits with whom in circles: fewest repeats first, then most benefit, all rules kept.

Each round is opened without a breach. Then the rounds are annealed together, from there and from a design of algebra
where one fits, until a proven bound on repeats is reached or the effort is spent; last for benefit. Effort is a number
of exchanges, never a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from matcher.choose.designs import design
from matcher.choose.fewest import Sizes, fewest_repeats, most_benefit
from matcher.choose.layout import Room, sitters
from matcher.choose.mixing import NOT_HERE, Mix, Score, Tables, Weights, anneal, temperatures
from matcher.choose.opening import guests_of, open_round
from matcher.choose.relabel import relabel
from matcher.effort import Effort
from matcher.solver import Deadline

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
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
class Circles:
    """The people of each table of each round, and the proven bounds for these numbers of tables."""

    rounds: tuple[tuple[tuple[int, ...], ...], ...]
    repeats_bound: int
    bound: int
    score: Score


def arrange(room: Room, effort: Effort) -> Circles:
    """Seat people in circles, round after round.

    Parameters
    ----------
    room : Room
        Who is there, the rules, and benefits.
    effort : Effort
        The seed, and when to stop.
    """
    sits = sitters(room, effort.deadline)
    home = homes(room)
    wanted, rounds = _least_unrest(room, sits), []
    for number in range(room.there.shape[1]):
        rounds.append(open_round(room, number, sits, home, effort=effort) or _nobody(room, number))
        place = rounds[-1].place[: len(room.caps)]
        sits[:, number] = (place >= 0) & (place < rounds[-1].count)
    effort.tell(0.2, "choose")
    _level(rounds, len(room.caps))
    mix = Mix(guests_of(room, max((len(one.place) for one in rounds), default=0) - len(room.caps)), rounds, effort.seed)
    sizes = _sizes(rounds, len(room.caps))
    always = room.there & (sizes.sit == room.there.sum(0))
    fewest = fewest_repeats(room, sizes, always, effort.deadline)
    if len(room.caps):
        _few_repeats(mix, room, Score(0, wanted, fewest, ENDLESS), effort)
        effort.tell(0.5, "choose")
        _much_benefit(mix, effort.deadline)
        mix.back()
    bound = most_benefit(room, sizes, mix.best.repeats)
    told = tuple(_told(one, len(room.caps)) for one in mix.rounds)
    return Circles(told, fewest, bound, mix.best)


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


def _least_unrest(room: Room, sits: Bools) -> int:
    """What the rests cost that tables and limits ask for."""
    held, last = sits.sum(1), room.there.shape[1] + 1
    return int(((room.caps - held) * (2 * last - room.caps - held - 1) // 2).sum())


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


def _few_repeats(mix: Mix, room: Room, target: Score, effort: Effort) -> None:
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


def _much_benefit(mix: Mix, deadline: Deadline) -> None:
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
