"""The meeting graph: a problem as arrays, with what the locks have already decided taken out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.benefit import matrix
from matcher.problem import Lock, Problem
from matcher.rules import Admissibility, best_alone, blocks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PLENTY = 1_000_000


@dataclass(frozen=True, slots=True)
class Fixed:
    """A locked meeting: people by index (`one` < `other`), round from 0, table name or None."""

    one: int
    other: int
    round: int
    table: str | None


@dataclass(frozen=True, slots=True)
class MeetingGraph:
    """Who could still meet whom, how often and when, once the locks stand.

    Attributes
    ----------
    allowed : (n, n) bool
        Pairs that may still be added: admissible, not locked, and with a round in which both are free.
    benefit : (n, n) int
        Whole-number benefits 0…1000, symmetric.
    free : (n, R) bool
        There, and not in a locked meeting.
    caps : (n,) int
        Most meetings a person can still get: by limit, free rounds and number of possible partners.
    room : (R,) int
        Most meetings a round can still take: by tables and by how many people are free.
    best : (n,) int
        The best benefit a person could have alone: the denominator of satisfaction.
    locks : tuple of Fixed
        Locked meetings, by round.
    held, gained : (n,) int
        Meetings and benefit that the locks already give each person.
    seated : (n,) bool
        Who never changes tables.
    crowds : tuple of (k,) int
        Groups whose members never meet each other, and that in some round are more than half of those who are free.
    """

    allowed: Bools
    benefit: Ints
    there: Bools
    free: Bools
    caps: Ints
    room: Ints
    best: Ints
    locks: tuple[Fixed, ...]
    held: Ints
    gained: Ints
    seated: Bools
    crowds: tuple[Ints, ...] = ()

    @property
    def size(self) -> int:
        """How many people there are."""
        return len(self.caps)

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self.free.shape[1])


def meeting_graph(problem: Problem, admissible: Admissibility) -> MeetingGraph:
    """Turn a problem and its rules into arrays; locked meetings are taken out of what is open.

    Parameters
    ----------
    problem : Problem
        What is asked; its locks have been found possible.
    admissible : Admissibility
        Who may meet whom, who is there, and everybody's limit.
    """
    benefit = matrix(problem)
    index = {person.id: number for number, person in enumerate(problem.people)}
    locks = tuple(sorted((_fixed(lock, index) for lock in problem.locks), key=lambda one: (one.round, one.one)))
    allowed, free = admissible.allowed.copy(), admissible.there.copy()
    held, gained = np.zeros(len(index), np.int64), np.zeros(len(index), np.int64)
    for lock in locks:
        pair = [lock.one, lock.other]
        allowed[pair, pair[::-1]] = False
        free[pair, lock.round] = False
        held[pair] += 1
        gained[pair] += benefit[lock.one, lock.other]
    caps, allowed = _effective(admissible.caps - held, allowed, free)
    open_to, groups = free & (caps > 0)[:, None], _strangers(problem)
    return MeetingGraph(
        allowed=allowed,
        benefit=benefit,
        there=admissible.there,
        free=free,
        caps=caps,
        room=_room(problem, locks, open_to, groups),
        best=best_alone(admissible, benefit),
        locks=locks,
        held=held,
        gained=gained,
        seated=np.array([person.seated for person in problem.people], dtype=bool),
        crowds=tuple(one for one in groups if (2 * open_to[one].sum(0) > open_to.sum(0)).any()),
    )


def _fixed(lock: Lock, index: dict[str, int]) -> Fixed:
    one, other = sorted(index[name] for name in lock.people)
    return Fixed(one, other, lock.round - 1, lock.table)


def _effective(caps: Ints, allowed: Bools, free: Bools) -> tuple[Ints, Bools]:
    """Lower each cap to what is really open, and close pairs with somebody who has nothing open, in place."""
    seen = free.astype(np.float32)
    for rows in blocks(len(caps)):
        allowed[rows] &= seen[rows] @ seen.T > 0
    while True:
        shut = caps <= 0
        allowed[shut] = False
        allowed[:, shut] = False
        lower = np.minimum(np.maximum(caps, 0), np.minimum(free.sum(1), allowed.sum(1))).astype(np.int64)
        if np.array_equal(lower, caps):
            return caps, allowed
        caps = lower


def _room(problem: Problem, locks: tuple[Fixed, ...], open_to: Bools, groups: list[Ints]) -> Ints:
    """Tables, or people in twos, or everybody outside a group whose members never meet each other."""
    tables = problem.session.tables
    number = PLENTY if tables is None else tables if isinstance(tables, int) else len(tables)
    taken = np.bincount([lock.round for lock in locks], minlength=open_to.shape[1])
    most = np.max([np.zeros_like(taken), *(open_to[members].sum(0) for members in groups)], axis=0)
    outside = open_to.sum(0) - most
    room: Ints = np.maximum(0, np.minimum(np.minimum(number - taken, open_to.sum(0) // 2), outside)).astype(np.int64)
    return room


def _strangers(problem: Problem) -> list[Ints]:
    """People of one side, of one organisation where colleagues stay apart, and those who stay seated."""
    groups: dict[tuple[str, str], list[int]] = {}
    for at, person in enumerate(problem.people):
        if person.side:
            groups.setdefault(("side", person.side), []).append(at)
        if person.organisation and problem.rules.same_organisation == "apart":
            groups.setdefault(("organisation", person.organisation), []).append(at)
        if person.seated:
            groups.setdefault(("seated", ""), []).append(at)
    return [np.array(members, dtype=np.int64) for members in groups.values()]
