"""Interpreters: the meetings that need one are chosen and timed first, the rest is planned around them.

The session is planned once as if an interpreter were at every table: no plan can be better than its bounds. Of what it
wants interpreted, a whole-number programme picks what the interpreters can really do, each at one table a round and
with rests. These meetings then stand as locks while the session is planned without interpreters. Where people rest
although an interpreter could bring them together, that is tried too, and kept where it leaves fewer people out.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.booths import Booths, Served, fill, free_booth
from matcher.effort import Effort, Progress
from matcher.errors import NotPossible
from matcher.points import matrix, visits
from matcher.problem import MOST_BENEFIT, Lock, Problem
from matcher.rules import Admissibility, tables_of_hosts

Way = Callable[[Problem, Admissibility, Effort], Outcome]
Bounds = Callable[[Problem, Admissibility, Outcome, Effort], Outcome]
Visit = tuple[int, int]

BISECTIONS = 6
AGAIN = 3
CHOICE = 2


def interpreted(way: Way, sketch: Way, bounds: Bounds) -> Way:
    """Return the way of a format that also plans with interpreters.

    Parameters
    ----------
    way : callable
        The format's way; it takes every admissible pair as possible, whoever interprets.
    sketch : callable
        The same with its rounds and tables left open, for as long as only the choice and its bound matter; where people
        come to hosts its rounds are possible ones, which the way then makes better.
    bounds : callable
        Proves bounds anew for an outcome that leaves more people out than the sketch.
    """

    def planned(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
        if not len(admissible.reach):
            return way(problem, admissible, effort)
        return _Session(problem, admissible, replace(effort, tell=_Onward(effort.tell)), way, sketch).plan(bounds)

    return planned


@dataclass(slots=True)
class _Onward:
    """Tells only what is farther than what was told: the session is planned more than once."""

    tell: Progress
    farthest: float = 0.0

    def __call__(self, fraction: float, what: str) -> None:
        if fraction > self.farthest:
            self.farthest = fraction
            self.tell(fraction, what)


@dataclass
class _Session:
    problem: Problem
    admissible: Admissibility
    effort: Effort
    way: Way
    sketch: Way

    def plan(self, bounds: Bounds) -> Outcome:
        """Plan as if interpreters were everywhere, then with those there are."""
        free = self.sketch(self.problem, self.admissible, self.effort)
        pinned = _pinned(self.problem, free)
        booths = Booths(pinned, Admissibility(pinned), self.worth)
        wanted, bound, price = self._wanted(free, booths.most)
        best = self._best(free, booths.serve(wanted), booths)
        for _ in range(AGAIN):
            if self.effort.deadline.over():
                break
            idle = _idle(self, best)
            if not idle:
                break
            again = self._tried([*best.served, *idle], best.booths)
            if again is None or self._spread(again.outcome) <= self._spread(best.outcome):
                break
            best = again
        found = _finished(self, best)
        if self._spread(found)[0] == self._spread(free)[0]:
            return replace(found, bound=bound, lowest_bound=free.lowest_bound)
        proven = bounds(self.problem, self.admissible, found, self.effort)
        if price:
            priced = self._at(price)
            dear = bounds(priced, Admissibility(priced), found, replace(self.effort, floor=False))
            proven = replace(proven, bound=min(proven.bound, dear.bound + price * booths.most))
        return proven

    def _best(self, free: Outcome, served: list[Served], booths: Booths) -> "_Trial":
        """Plan around what is served; where that leaves people out, also around less, down to locks alone.

        Where no plan keeps the locks at the tables where the free plan has them, they may be held anywhere.
        """
        locked = [one for one in served if (one.table, one.round) in booths.locked]
        best = self._tried(served, booths)
        for fewer in (booths.serve(()), locked):
            if best and (self._spread(best.outcome)[0] >= self._spread(free)[0] or self.effort.deadline.over()):
                break
            if best and fewer == best.served:
                continue
            found = [one for one in (best, self._tried(fewer, booths)) if one]
            best = max(found, key=lambda one: self._spread(one.outcome), default=None)
        return best or self._around([], Booths(self.problem, self.admissible, self.worth), self._trying)

    @property
    def _trying(self) -> Way:
        """What plans for as long as another plan may take its place."""
        return self.sketch if self.problem.hosted else self.way

    def _tried(self, served: list[Served], booths: Booths) -> "_Trial | None":
        """Plan the rest around served meetings; None where they leave no room for what locks ask for."""
        with suppress(NotPossible):
            return self._around(served, booths, self._trying)
        return None

    @cached_property
    def worth(self) -> np.ndarray:
        """What each visit, or each pair, is worth."""
        return visits(self.problem) if self.problem.hosted else matrix(self.problem)

    def table(self, one: Sitting) -> tuple[int, ...]:
        """The nodes at a table, the host last."""
        return one.people if one.host is None else (*one.people, len(self.problem.people) + one.host)

    def _in_need(self, outcome: Outcome) -> set[Visit]:
        """Pairs of nodes at one table that need an interpreter."""
        found = set()
        for one in outcome.sittings:
            *people, last = self.table(one)
            found |= {(who, last) for who in people if self.admissible.need_interpreter((who, last))}
        return found

    def _wanted(self, free: Outcome, most: int) -> tuple[set[Visit], int, int]:
        """Return what is worth an interpreter, a bound on the benefit with so few, and the price that proves it.

        Where the free plan wants more than they can do, a price on each interpreted meeting is sought at which it wants
        about so many. Any price proves a bound: no plan gains more than the best one at that price and the price of all
        that can be interpreted (Lagrange; Geoffrion 1974).
        """
        wanted, bound, best = self._in_need(free), free.bound, 0
        low, high = 0, MOST_BENEFIT
        for _ in range(BISECTIONS):
            if len(self._in_need(free)) <= most or self.effort.deadline.over():
                break
            price = (low + high) // 2
            priced = self._at(price)
            dear = self.sketch(priced, Admissibility(priced), replace(self.effort, floor=False))
            bound, best = min((bound, best), (dear.bound + price * most, price))
            asked = self._in_need(dear)
            low, high = (low, price) if len(asked) < most else (price, high)
            wanted = asked if CHOICE * most <= len(asked) < len(wanted) else wanted
        return wanted, bound, best

    def _at(self, price: int) -> Problem:
        return replace(self.problem, benefits=tuple(self._priced(price)))

    def _priced(self, price: int) -> Iterator[tuple[str, str, int]]:
        """Benefits less the price of an interpreter; above 0 they stay so, for a visit worth nothing is none."""
        nodes, worth = self.admissible.nodes, self.worth
        offset = len(self.problem.people) if self.problem.hosted else 0
        for one, other in np.argwhere(worth > 0 if offset else np.triu(worth, 1) > 0).tolist():
            value = int(worth[one, other])
            dear = self.admissible.need_interpreter((one, other + offset))
            yield nodes[one].id, nodes[other + offset].id, min(max(value - price, 1), MOST_BENEFIT) if dear else value

    def _around(self, served: list[Served], booths: Booths, way: Way) -> "_Trial":
        """Plan the rest around served meetings, without interpreters; who cannot follow one comes in other hours."""
        problem = booths.admissible.problem
        tables, n = tables_of_hosts(problem), len(problem.people)
        known = {(lock.round, name) for lock in problem.locks for name in lock.people}
        locks = []
        for one in served:
            people = tuple(self.admissible.nodes[who].id for who in one.table if who < n)
            host = next((who - n for who in one.table if who >= n), None)
            if not any((one.round + 1, name) in known for name in people):
                locks.append(Lock(one.round + 1, people, None if host is None else tables[host]))
        rest = replace(problem, interpreters=(), locks=(*problem.locks, *locks))
        outcome = way(rest, Admissibility(rest, tuple(_deaf(self, served))), self.effort)
        sittings = _missed(self, list(self._attended(outcome, served)), served, booths=booths)
        return _Trial(replace(outcome, sittings=tuple(sittings)), served, booths)

    def _attended(self, outcome: Outcome, served: list[Served]) -> Iterator[Sitting]:
        """Send the interpreters to their tables."""
        at = {(one.round, who, one.table[-1]): one for one in served for who in one.table[:-1]}
        for sitting in outcome.sittings:
            *people, last = self.table(sitting)
            own = next((at[sitting.round, who, last] for who in people if (sitting.round, who, last) in at), None)
            yield sitting if own is None else replace(sitting, interpreter=own.interpreter)

    def _spread(self, outcome: Outcome) -> tuple[tuple[int, ...], int]:
        """How few are left out: how many people have at least 1, 2, … meetings; then the benefit."""
        degrees = np.zeros(len(self.problem.people), np.int64)
        worth, total = self.worth, 0
        for one in outcome.sittings:
            degrees[list(one.people)] += 1
            *people, last = self.table(one)
            total += sum(int(worth[who, last if one.host is None else one.host]) for who in people)
        rounds = range(1, self.problem.session.rounds + 1)
        return tuple(int((degrees >= level).sum()) for level in rounds), total


@dataclass(frozen=True, slots=True)
class _Trial:
    """A plan around served meetings, and what the interpreters could do in it."""

    outcome: Outcome
    served: list[Served]
    booths: Booths


def _finished(session: _Session, best: _Trial) -> Outcome:
    """The sketch that was kept, as the way makes it; unless time is over, or that would leave more people out."""
    if session.problem.hosted and not session.effort.deadline.over():
        with suppress(NotPossible):
            found = session._around(best.served, best.booths, session.way).outcome
            if session._spread(found) >= session._spread(best.outcome):
                return found
    return best.outcome


def _pinned(problem: Problem, free: Outcome) -> Problem:
    """Hold locks that leave the host open where the free plan does, so that it is known whom they need."""
    at = {(one.round + 1, problem.people[who].id): one.table for one in free.sittings for who in one.people}
    if not problem.hosted:
        return problem
    locks = tuple(lock if lock.table else replace(lock, table=at[lock.round, lock.people[0]]) for lock in problem.locks)
    return replace(problem, locks=locks)


def _deaf(session: _Session, served: list[Served]) -> Iterator[tuple[int, int, int]]:
    """Who can follow neither the interpreter at a host's table nor everybody there: (person, host, round)."""
    n = len(session.problem.people)
    speaks = np.array([bool(one.languages) for one in session.problem.people], np.bool_)
    for one in served if session.problem.hosted else ():
        deaf = speaks & ~session.admissible.reach[one.interpreter, :n]
        yield from ((who, one.table[-1] - n, one.round) for who in np.flatnonzero(deaf).tolist())


def _missed(session: _Session, sittings: list[Sitting], served: list[Served], *, booths: Booths) -> Iterator[Sitting]:
    """Send whoever is free to locked meetings that need somebody and were not foreseen at that table."""
    work = booths.there & False
    for one in served:
        work[one.interpreter, one.round] = True
    for sitting in sittings:
        table, who = session.table(sitting), None
        if sitting.interpreter is None and any(
            session.admissible.need_interpreter((one, table[-1])) for one in table[:-1]
        ):
            who = free_booth(booths, table, sitting.round, work)
        if who is None:
            yield sitting
            continue
        work[who, sitting.round] = True
        yield replace(sitting, interpreter=who)


def _idle(session: _Session, best: _Trial) -> list[Served]:
    """Meetings of people who rest in the same round, for interpreters who are free then."""
    outcome, served, booths = best.outcome, best.served, best.booths
    there = np.vstack([session.admissible.there, session.admissible.hosts_there])
    free = there.copy()
    met: set[Visit] = set()
    for one in outcome.sittings:
        table = session.table(one)
        free[list(table), one.round] = False
        met |= {(who, table[-1]) for who in table[:-1]} | {(table[-1], who) for who in table[:-1]}
    held = np.zeros(len(there), np.int64)
    for one in outcome.sittings:
        held[list(one.people)] += 1
    used = np.bincount([one.round for one in outcome.sittings], minlength=free.shape[1])
    full = np.flatnonzero(held[: len(session.admissible.caps)] >= session.admissible.caps)
    free[full] = False
    return fill(booths, free, met, served, spare=booths.tables - used)
