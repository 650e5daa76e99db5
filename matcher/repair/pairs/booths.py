"""Interpreters in a repair: somebody else takes over where an interpreter is gone, so that the table can stay.

Of the meetings that the cards promise and that need an interpreter as many as can be are served, by whole numbers: one
table a round, rests after `most_in_a_row`, the begun rounds counted. Nobody's card becomes stale by that.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from matcher.booths import Booths, Served, fill, longest_run
from matcher.graph import Bools
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import Cards
from matcher.repair.pairs.partners import ANYWHERE, Seat
from matcher.rules import Admissibility
from matcher.solver import Programme, whole

NODES = 300
LOCKED, KEPT = 10_000.0, 100.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A promised meeting of two (rows, ascending) in a round (from 0), with the interpreter it had, if any."""

    pair: tuple[int, int]
    round: int
    locked: bool
    before: int | None


def wanted_of(now: Problem, plan: Plan, first: int) -> tuple[list[Wanted], Bools]:
    """Read what must be interpreted from round `first` (from 0) on, and when who has interpreted before: (k, R)."""
    admissible = Admissibility(now)
    index, helpers = admissible.index, {one.id: at for at, one in enumerate(now.interpreters)}
    work = np.zeros((len(helpers), now.session.rounds), np.bool_)
    locks = {(frozenset(lock.people), lock.round) for lock in now.locks}
    wanted = []
    for meeting in plan.meetings:
        helper = None if meeting.interpreter is None else helpers[meeting.interpreter]
        one, other = sorted(index[name] for name in meeting.people)
        when = meeting.round - 1
        if when < first:
            work[[helper] if helper is not None else [], when] = True
        elif admissible.there[[one, other], when].all() and admissible.need_interpreter((one, other)):
            locked = (frozenset(meeting.people), meeting.round) in locks
            if locked or admissible.allowed[one, other]:
                wanted.append(Wanted((one, other), when, locked, helper))
    return wanted, work


def take_over(booths: Booths, wanted: list[Wanted], work: Bools) -> list[Served]:
    """Choose who interprets which of the meetings: locked ones first, then as many as can be, few by somebody else."""
    tries = [
        (at, helper)
        for at, one in enumerate(wanted)
        for helper in np.flatnonzero(booths.there[:, one.round]).tolist()
        if booths.speaks(helper, one.pair)
    ]
    if not tries:
        return []
    gain = np.array([(LOCKED if wanted[at].locked else KEPT) + (wanted[at].before == helper) for at, helper in tries])
    once: defaultdict[int, list[int]] = defaultdict(list)
    for column, (at, _) in enumerate(tries):
        once[at].append(column)
    rows = [(columns, 1.0) for columns in once.values()]
    rows += shifts(booths, work, [(helper, wanted[at].round) for at, helper in tries])
    ends = [(row, column) for row, (columns, _) in enumerate(rows) for column in columns]
    places, columns = np.array(ends).T
    matrix = sp.csr_matrix((np.ones(len(ends)), (places, columns)), shape=(len(rows), len(tries)))
    high = np.array([most for _, most in rows])
    found = whole(Programme(gain, matrix, np.full(len(high), -np.inf), high, np.ones(len(tries))), nodes=NODES)
    x = np.zeros(len(tries)) if found is None else found.x
    served = [
        Served(wanted[place].pair, wanted[place].round, helper)
        for (place, helper), taken in zip(tries, x, strict=True)
        if taken > 0.5
    ]
    return served + _late_help(booths, wanted, served, work)


def shifts(booths: Booths, work: Bools, tries: list[tuple[int, int]]) -> list[tuple[list[int], float]]:
    """Of which `tries` (interpreter, round) so many can be at most: one table a round, and rests, work counted."""
    rows: defaultdict[tuple[str, int, int], list[int]] = defaultdict(list)
    most: dict[tuple[str, int, int], float] = {}
    for column, (helper, when) in enumerate(tries):
        running = booths.running[helper]
        rows["booth", helper, when].append(column)
        for start in range(max(when - running, 0), when + 1):
            rows["run", helper, start].append(column)
            most["run", helper, start] = float(running - work[helper, start : start + running + 1].sum())
    return [(columns, most.get(key, 1.0)) for key, columns in rows.items()]


def _late_help(booths: Booths, wanted: list[Wanted], served: list[Served], work: Bools) -> list[Served]:
    """Whoever is free still helps where the programme was stopped before its best."""
    work, done = work.copy(), {(one.table, one.round) for one in served}
    for serving in served:
        work[serving.interpreter, serving.round] = True
    found = []
    for one in wanted:
        if (one.pair, one.round) in done:
            continue
        for helper in np.flatnonzero(booths.there[:, one.round] & ~work[:, one.round]).tolist():
            longer = work[helper] | (np.arange(work.shape[1]) == one.round)
            if booths.speaks(helper, one.pair) and longest_run(longer.tolist()) <= booths.running[helper]:
                found.append(Served(one.pair, one.round, helper))
                work[helper] = longer
                break
    return found


class Relay:
    """What interpreters do in the open rounds of a repaired `pairs` session.

    Attributes
    ----------
    cards : Cards
        As read, but a meeting that nobody can interpret any more does not stand, and new ones need no interpreter.
    widest : Cards
        The same with every meeting that some interpreter could serve, alone: what bounds may count on.
    """

    def __init__(self, cards: Cards, plan: Plan) -> None:
        now, self.first = cards.problem, cards.first
        self.booths = Booths(now, cards.admissible, cards.worth)
        wanted, self.work = wanted_of(now, plan, cards.first)
        self.served = take_over(self.booths, wanted, self.work)
        hopeless = [one for one in wanted if not any(self._could(at, one) for at in range(len(now.interpreters)))]
        done = {(one.table, one.round) for one in self.served}
        given_up = [one for one in wanted if (one.pair, one.round) not in done]
        self.widest = replace(cards, mute=self._mute(cards, hopeless))
        self.cards = replace(cards, mute=self._mute(cards, given_up), direct=direct(cards.admissible))

    def _could(self, helper: int, one: Wanted) -> bool:
        return bool(self.booths.there[helper, one.round]) and self.booths.speaks(helper, one.pair)

    def _mute(self, cards: Cards, given_up: list[Wanted]) -> Bools:
        mute = np.zeros(cards.mute.shape, np.bool_)
        for one in given_up:
            if not one.locked:
                mute[list(one.pair), one.round - self.first] = True
        return mute

    def joined(self, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
        """Add meetings for people who rest in the same round, where an interpreter and a table are free."""
        cards = self.widest
        there = np.zeros((cards.size, cards.first + cards.rounds), np.bool_)
        there[:, cards.first :] = cards.there & ~cards.seated[:, None]
        left, met = cards.left.copy(), ~cards.open
        for seat in seats:
            pair = [seat.one, seat.other]
            there[pair, cards.first + seat.when] = False
            left[pair] -= 1
            met[pair, pair[::-1]] = True
        there &= there.cumsum(1) <= left[:, None]
        there[:, there.sum(0) < 2] = False
        if not there.any():
            return seats
        known = {(one, other) for one, other in np.argwhere(met).tolist()}
        begun = [Served((), int(when), int(helper)) for helper, when in np.argwhere(self.work).tolist()]
        spare = np.zeros(there.shape[1], np.int64)
        spare[cards.first :] = cards.room - np.bincount([seat.when for seat in seats], minlength=cards.rounds)
        found = fill(self.booths, there, known, [*begun, *self.served], spare=spare)
        self.served += found
        added = [Seat(one.round - cards.first, min(one.table), max(one.table), ANYWHERE) for one in found]
        return tuple(sorted([*seats, *added], key=lambda seat: (seat.when, seat.one)))

    def interpreter(self, seat: Seat) -> int | None:
        """Who interprets a meeting of the open rounds, None where nobody does."""
        pair, when = (seat.one, seat.other), self.first + seat.when
        return next((one.interpreter for one in self.served if (one.table, one.round) == (pair, when)), None)


def direct(admissible: Admissibility) -> Bools:
    """Which two can speak with each other without an interpreter: (n, n)."""
    people = admissible.problem.people
    codes = sorted({code for one in people for code in one.languages})
    spoken = np.array([[code in one.languages for code in codes] for one in people], np.int64)
    spoken = spoken.reshape(len(people), len(codes))
    silent = np.equal(spoken.sum(1), 0)
    if not admissible.problem.rules.shared_language:
        silent[:] = True
    return np.asarray((spoken @ spoken.T > 0) | silent[:, None] | silent[None, :], np.bool_)
