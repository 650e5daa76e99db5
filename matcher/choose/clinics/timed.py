"""Who visits whom and when at once, exactly: for what no timing of the best choice alone can keep.

A column for each visit and round. Where everybody is there the rounds can always be found afterwards (Kőnig); with
absences, locks, people kept apart or hosts who wait for several visitors the choice may have to give way. Its linear
programme is nearly always whole, and few visits need be looked at: none that loses more than is still open between the
bound and what was reached.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.clinics.choice import (
    Choice,
    Steps,
    diagonal,
    laid,
    steps_of,
    sum_of_best,
    tie_breaks,
)
from matcher.choose.clinics.ground import Ground
from matcher.choose.clinics.stages import SMALL, Allowance, Frame, Staged, in_order
from matcher.choose.rows import incidence
from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, Deadline

MARGIN = 30.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Visits as sorted rows of (person, host, round); `bound` is proven for plans with as many talks."""

    visits: Ints
    bound: int


def choose_timed(
    ground: Ground, choice: Choice, start: Ints | None, *, seed: int = 0, deadline: Deadline = NEVER
) -> Timed | None:
    """Choose visits and rounds together; None where no plan keeps the locks.

    Parameters
    ----------
    ground : Ground
        Who could visit whom, when.
    choice : Choice
        The best choice whatever the rounds.
    start : (m, 3) int or None
        A plan to fall back on: rows of (person, host, round).
    seed : int
        Breaks ties that nothing else breaks.
    deadline : Deadline
        After it no further aim is begun.

    Raises
    ------
    OutOfTime
        A deadline struck before there was any answer.
    """
    allowance = Allowance()
    margin = MARGIN
    for _ in range(3):
        case = _Case(ground, choice.losses <= margin, start, seed)
        staged = case.solved(choice.talks, allowance, deadline)
        short = np.inf if staged is None else _short(choice, staged)
        if short <= margin or (staged is not None and deadline.over()):
            break
        if staged is None and np.count_nonzero(ground.open) <= SMALL:  # level by level is as quick, and needs no want
            case = _Case(ground, np.ones_like(choice.losses, np.bool_), start, seed)
            break
        margin = short if margin == MARGIN else np.inf
    if staged is not None:
        bound = staged.bounds[1] if 0 < short <= margin else choice.benefit
        return Timed(case.visits(staged), min(choice.benefit, bound))
    staged = case.level_by_level(allowance, deadline)
    if staged is None:
        return None
    levels = int(ground.caps.max(initial=0))
    return Timed(case.visits(staged), min([*staged.bounds[levels : levels + 1], sum_of_best(ground)]))


def _short(choice: Choice, staged: Staged) -> float:
    """How much benefit is lost against the choice without rounds, as far as that aim was reached."""
    return float(choice.benefit - staged.values[1]) if len(staged.values) > 1 else 0.0


class _Case:
    """The programme over the pairs that are looked at."""

    def __init__(self, ground: Ground, pairs: Bools, start: Ints | None, seed: int) -> None:
        self.ground, self.seed, self.start = ground, seed, start
        looked_at = ground.open & (pairs[:, :, None] | ground.must[:, None, :])
        if start is not None:
            looked_at[tuple(start.T)] = True
        self.columns = np.argwhere(looked_at)
        self.steps = steps_of(ground)
        self.choosy = np.argwhere(ground.open.any(0) & (ground.least > 1)[:, None])
        self.frame = _frame(ground, self.columns, self.steps, self.choosy)

    @property
    def worth(self) -> Ints:
        """Benefit by column."""
        return self.ground.worth[self.columns[:, 0], self.columns[:, 1]]

    def begun(self) -> Floats | None:
        """The start as a point."""
        if self.start is None:
            return None
        n, held = len(self.ground.caps), np.zeros(self.ground.open.shape, np.bool_)
        held[tuple(self.start.T)] = True
        talks, visited = np.bincount(self.start[:, 0], minlength=n), np.any(held, axis=0)
        parts = [held[tuple(self.columns.T)], self.steps.nth < talks[self.steps.who], visited[tuple(self.choosy.T)]]
        return np.concatenate(parts).astype(float)

    def solved(self, want: int, allowance: Allowance, deadline: Deadline) -> Staged | None:
        """Talks, benefit and who goes first; None where the bonuses for talks fall short of `want`."""
        aims = self._aims([self.steps.bonus])
        return in_order(self.frame, aims, start=self.begun(), want=want, allowance=allowance, deadline=deadline)

    def level_by_level(self, allowance: Allowance, deadline: Deadline) -> Staged | None:
        """People with at least 1, 2, … talks, each number an aim of its own, then as before."""
        levels = [(self.steps.nth == level).astype(np.int64) for level in range(int(self.ground.caps.max(initial=0)))]
        return in_order(self.frame, self._aims(levels), start=self.begun(), allowance=allowance, deadline=deadline)

    def _aims(self, talks: list[Ints]) -> list[Ints]:
        pairs, which = np.unique(self.columns[:, :2], axis=0, return_inverse=True)
        first, chance = tie_breaks(self.ground, self.steps, pairs, self.seed)
        sizes = (len(self.columns), len(self.steps.who), len(self.choosy))
        by_step = [(None, one) for one in talks]
        return [laid(*sizes, aim) for aim in [*by_step, (self.worth, None), (None, first), (chance[which], None)]]

    def visits(self, staged: Staged) -> Ints:
        """What is held."""
        held: Ints = self.columns[staged.x[: len(self.columns)] > 0.5]
        return held


def _frame(ground: Ground, columns: Ints, steps: Steps, choosy: Ints) -> Frame:
    """Rows: nobody twice in a round or at a host, talks, places, hosts who wait for several, locks, keep-apart."""
    (n, h, rounds), m = ground.open.shape, len(columns)
    who, host, when = columns.T
    spots, hours = _merged(who * rounds + when), _merged(host * rounds + when)
    must = ground.must.ravel()[np.unique(who * rounds + when)].astype(float)
    seats = ground.places[np.unique(host * rounds + when) // rounds].astype(float)
    pick = np.flatnonzero(ground.least[host] > 1)
    held = np.full(h * rounds, 0)
    held[choosy[:, 0] * rounds + choosy[:, 1]] = np.arange(len(choosy))
    crowd = sp.csr_matrix((np.ones(len(pick)), (held[(host * rounds + when)[pick]], pick)), shape=(len(choosy), m))
    side, apart = _side_by_side(ground, columns), _apart(ground, columns)
    places, least = ground.places[choosy[:, 0]], ground.least[choosy[:, 0]]
    blocks = [
        [spots, None, None],
        [hours, None, None],
        [_merged(who * h + host), None, None],
        [incidence(who, n), -incidence(steps.who, n), None],
        [crowd, None, -diagonal(places)],
        [crowd, None, -diagonal(least)],
        [side, None, None],
        [apart, None, None],
    ]
    sizes = [block[0].shape[0] for block in blocks]
    free = [np.full(size, -np.inf) for size in sizes]
    zero, full, one = [np.zeros(size) for size in sizes], [np.full(size, np.inf) for size in sizes], np.ones
    low = [must, free[1], free[2], zero[3], free[4], zero[5], zero[6], free[7]]
    low[0] = np.where(must > 0, must, -np.inf)
    high = [one(sizes[0]), seats, one(sizes[2]), zero[3], zero[4], full[5], zero[6], one(sizes[7])]
    top = np.ones(m + len(steps.who) + len(choosy))
    rows = sp.bmat(blocks, format="csc")
    return Frame(rows, np.concatenate(low), np.concatenate(high), top, np.arange(len(top)) >= m + len(steps.who))


def _merged(key: Ints) -> sp.csr_matrix:
    """One row for each value of the key, by value."""
    values, place = np.unique(key, return_inverse=True)
    return incidence(place, len(values))


def _side_by_side(ground: Ground, columns: Ints) -> sp.csr_matrix:
    """Whoever a lock puts together is at one host: equal columns, each with the next of them."""
    at = {spot: column for column, spot in enumerate(map(tuple, columns.tolist()))} if ground.together else {}
    pairs = [
        (at[one, host, lock.round], at[other, host, lock.round])
        for lock in ground.together
        for one, other in zip(lock.people, lock.people[1:], strict=False)
        for host in range(len(ground.places))
        if (one, host, lock.round) in at
    ]
    ones, others = np.array(pairs, np.int64).reshape(-1, 2).T
    return (incidence(ones, len(columns)) - incidence(others, len(columns))).T


def _apart(ground: Ground, columns: Ints) -> sp.csr_matrix:
    """Two people who are kept apart: a row for each host and round where both could be."""
    at = np.full(ground.open.shape, -1, np.int64)
    at[tuple(columns.T)] = np.arange(len(columns))
    ones, others = at[ground.apart[:, 0]], at[ground.apart[:, 1]]
    both = (ones >= 0) & (others >= 0) & (ground.places > 1)[None, :, None]
    return (incidence(ones[both], len(columns)) + incidence(others[both], len(columns))).T
