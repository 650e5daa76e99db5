"""Better groups: two people change groups, or one goes over, wherever the prices of places promise something.

No exchange gains more than its promise, so that only promising ones are tried, best first and many at once, each in
groups of its own. What was tried in vain comes again only when one of its groups is another one.
"""

from dataclasses import dataclass

import numpy as np

from matcher.choose.group_seats import Seated, Seats
from matcher.choose.visits import Ints
from matcher.solver import NEVER, Deadline, Floats

PROMISING = 4_000
NOBODY = -1
NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Exchange:
    """`one` goes to group `there`; `other` comes from there to group `here`, unless that is nobody."""

    one: int
    other: int
    here: int
    there: int


def regrouped(seats: Seats, start: Ints, *, work: int, deadline: Deadline = NEVER) -> Seated:
    """Exchange people between groups until nothing promises more, or for so much work.

    Parameters
    ----------
    seats : Seats
        What groups are worth.
    start : (n,) int
        The group of each person.
    work : int
        How many hours of people are looked at: people times rounds in every step.
    deadline : Deadline
        After it no further exchange is tried.

    Returns
    -------
    Seated
        Groups that are worth at least as much.
    """
    now, vain = seats.seated(start), _Vain(len(seats.room))
    for _ in range(work // max(seats.graph.free.size, 1)):
        tried = [] if deadline.over() else _promising(seats, now, vain)
        if not tried:
            break
        then = seats.seated(_after(now.start, tried))
        good = [one for one in tried if _gain(now, then, one) > NEARLY]
        vain.note([one for one in tried if one not in good], good)
        if good:
            now = seats.seated(_after(now.start, good))
    return now


class _Vain:
    """What was tried in vain, and how often each group has changed."""

    def __init__(self, groups: int) -> None:
        self.changes = [0] * groups
        self.known: dict[Exchange, tuple[int, int]] = {}

    def note(self, bad: list[Exchange], good: list[Exchange]) -> None:
        for one in bad:
            self.known[one] = self._state(one)
        for one in good:
            self.changes[one.here] += 1
            self.changes[one.there] += 1

    def holds(self, one: Exchange) -> bool:
        """Whether this was tried in groups as they are now."""
        return self.known.get(one) == self._state(one)

    def _state(self, one: Exchange) -> tuple[int, int]:
        return self.changes[one.here], self.changes[one.there]


def _after(start: Ints, exchanges: list[Exchange]) -> Ints:
    changed = start.copy()
    for one in exchanges:
        changed[one.one] = one.there
        if one.other != NOBODY:
            changed[one.other] = one.here
    return changed


def _gain(now: Seated, then: Seated, one: Exchange) -> float:
    groups = [one.here, one.there]
    return float((then.value[groups] - now.value[groups]).sum())


def _promising(seats: Seats, now: Seated, vain: _Vain) -> list[Exchange]:
    """The exchanges that promise most, no two of them in one group."""
    promise = _promises(seats, now)
    n, h = len(now.start), len(seats.room)
    flat = promise.ravel()
    number = min(PROMISING, len(flat))
    best = np.argpartition(-flat, number - 1)[:number]
    best = best[flat[best] > NEARLY]
    used: set[int] = set()
    found = []
    for at in best[np.argsort(-flat[best], kind="stable")].tolist():
        one, other = divmod(at, n + h)
        here, there = int(now.start[one]), int(now.start[other]) if other < n else other - n
        exchange = Exchange(one, other if other < n else NOBODY, here, there)
        if not used & {here, there} and not vain.holds(exchange):
            used |= {here, there}
            found.append(exchange)
    return found


def _promises(seats: Seats, now: Seated) -> Floats:
    """What it promises at most to exchange two people, and to let one go to a group; shape (n, n + h)."""
    worth, n = seats.worth(now), len(now.start)
    more = worth - worth[np.arange(n), now.start][:, None]
    swap = more[:, now.start] + more[:, now.start].T
    swap = np.triu(np.where(now.start[:, None] == now.start[None, :], 0.0, swap), 1)
    return np.hstack([swap, more])
