"""Better groups: two people change groups, or one goes over, wherever the prices of places promise something.

No exchange gains more than its promise, so that only promising ones are tried, best first and several at once. What
was tried in vain comes again only when one of its groups is another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from matcher.choose.groups.seats import Seated, Seats
from matcher.choose.stations.graph import Ints
from matcher.solver import NEVER, Deadline, Floats

PROMISING = 4_000
AT_ONCE = 24
NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Exchange:
    """People who go to other groups, as (person, there), and the groups that change by that."""

    moves: tuple[tuple[int, int], ...]
    groups: tuple[int, ...]


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
    done = start.size
    while done * seats.graph.rounds < work and not deadline.over():
        tried = list(islice((one for one in _promising(seats, now) if not vain.holds(one)), AT_ONCE))
        if not tried:
            break
        trial = _Trial(seats, now, tried)
        good = trial.best()
        vain.note([one for one, gain in zip(tried, trial.gain, strict=True) if gain <= NEARLY], good)
        now = trial.after(good)
        done += start.size + len(trial.who)
    return now


class _Vain:
    """What was tried in vain, and how often each group has changed."""

    def __init__(self, groups: int) -> None:
        self.changes = [0] * groups
        self.known: dict[Exchange, tuple[int, ...]] = {}

    def note(self, bad: list[Exchange], good: list[Exchange]) -> None:
        for one in bad:
            self.known[one] = self._state(one)
        for one in good:
            for group in one.groups:
                self.changes[group] += 1

    def holds(self, one: Exchange) -> bool:
        """Whether this was tried in groups as they are now."""
        return self.known.get(one) == self._state(one)

    def _state(self, one: Exchange) -> tuple[int, ...]:
        return tuple(self.changes[group] for group in one.groups)


class _Trial:
    """What exchanges would really gain, each in groups of its own."""

    def __init__(self, seats: Seats, now: Seated, tried: list[Exchange]) -> None:
        self.now, self.tried = now, tried
        self.of = np.repeat(np.arange(len(tried)), [len(one.groups) for one in tried])
        self.groups: Ints = np.array([group for one in tried for group in one.groups], np.int64)
        member = []
        for one in tried:
            then = now.start.copy()
            for who, there in one.moves:
                then[who] = there
            member.append(then[None, :] == np.array(one.groups)[:, None])
        self.place, self.who = np.nonzero(np.concatenate(member))
        self.filled = seats.filled(self.who, self.place, self.groups)
        more = self.filled.value - now.value[self.groups]
        self.gain = np.bincount(self.of, weights=more).astype(np.float64)

    def best(self) -> list[Exchange]:
        """Which of them gain most, no two in one group."""
        used: set[int] = set()
        found = []
        for at in np.argsort(-self.gain, kind="stable").tolist():
            if self.gain[at] > NEARLY and used.isdisjoint(self.tried[at].groups):
                used.update(self.tried[at].groups)
                found.append(self.tried[at])
        return found

    def after(self, good: list[Exchange]) -> Seated:
        """Exchange these."""
        now = self.now
        start, value, prices, push = now.start.copy(), now.value.copy(), now.prices.copy(), now.push.copy()
        for place, at in enumerate(self.of.tolist()):
            if self.tried[at] in good:
                mine, group = self.place == place, self.groups[place]
                start[self.who[mine]], push[self.who[mine]] = group, self.filled.push[mine]
                value[group], prices[group] = self.filled.value[place], self.filled.prices[place]
        return Seated(start, value, prices, push)


def _promising(seats: Seats, now: Seated) -> Iterator[Exchange]:
    """The exchanges that promise most, best first."""
    start, n = now.start, len(now.start)
    for one, other in _largest(_promises(seats, now)):
        here = int(start[one])
        if other < n:
            there = int(start[other])
            yield Exchange(((one, there), (other, here)), (here, there))
        else:
            yield Exchange(((one, other - n),), (here, other - n))


def _promises(seats: Seats, now: Seated) -> Floats:
    """What it promises at most to exchange two people, and to let one go to a group; shape (n, n + h)."""
    worth, n = seats.worth(now), len(now.start)
    more = worth - worth[np.arange(n), now.start][:, None]
    swap = more[:, now.start] + more[:, now.start].T
    swap = np.triu(np.where(now.start[:, None] == now.start[None, :], 0.0, swap), 1)
    return np.hstack([swap, more])


def _largest(promise: Floats) -> Iterator[tuple[int, ...]]:
    """Where most is promised, best first."""
    flat = promise.ravel()
    number = min(PROMISING, len(flat))
    best = np.argpartition(-flat, number - 1)[:number]
    best = best[flat[best] > NEARLY]
    best = best[np.argsort(-flat[best], kind="stable")]
    yield from zip(*(one.tolist() for one in np.unravel_index(best, promise.shape)), strict=True)
