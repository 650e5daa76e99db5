"""Who visits whom, before anything is timed: talks for as many as can be, then benefit, then who goes first.

Without rounds the choice is a b-matching between people and hosts, whose linear programme has whole vertices. The
numbers of talks that its solutions can give form a polymatroid, in which one choice has the most people with at least
1, 1 or 2, 1 to 3, … talks all at once (Frank and Murota, *Decreasing minimization on M-convex sets*, 2022): a bonus
that shrinks from talk to talk finds it. What is proven here is a bound for the timed plan too, and is nearly always
reached there.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.choose.clinics.ground import Ground
from matcher.choose.clinics.stages import Frame, in_order
from matcher.choose.rows import incidence
from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, Deadline

CHANCES = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """Who visits whom.

    Attributes
    ----------
    visits : (m, 2) int
        Rows of people and of hosts, sorted.
    talks, benefit : int
        What the bonuses for talks add up to, and the benefit; no timed plan has more of the first, nor with as much of
        the first more of the second.
    losses : (n, h) float
        What a plan with as many talks loses against `benefit` at least by holding this visit; inf where it loses talks.
    """

    visits: Ints
    talks: int
    benefit: int
    losses: Floats


@dataclass(frozen=True, slots=True)
class Steps:
    """A column for each talk of each person: `who`, and `nth` from 0; taken in order, since earlier ones earn more."""

    who: Ints
    nth: Ints

    @property
    def bonus(self) -> Ints:
        """More for an earlier talk: whole numbers from 1."""
        most: Ints = self.nth.max(initial=0) + 1 - self.nth
        return most


def steps_of(ground: Ground) -> Steps:
    """Lay out the talks that each person could have."""
    who = np.repeat(np.arange(len(ground.caps)), ground.caps)
    return Steps(who, np.arange(len(who)) - np.repeat(np.cumsum(ground.caps) - ground.caps, ground.caps))


def tie_breaks(ground: Ground, steps: Steps, pairs: Ints, seed: int) -> tuple[Ints, Ints]:
    """What decides between equals: whose talks go first (by step), then chance (by visit)."""
    rng = np.random.default_rng(seed)
    rounds = ground.open.shape[2]
    return (rounds - steps.nth) * ground.first[steps.who], rng.integers(0, CHANCES, len(pairs))


def choose(ground: Ground, *, seed: int = 0, deadline: Deadline = NEVER) -> Choice | None:
    """Choose the visits of the whole session, whatever the rounds; None where no plan keeps the locks.

    Parameters
    ----------
    ground : Ground
        Who could visit whom.
    seed : int
        Breaks ties that nothing else breaks.
    deadline : Deadline
        After it no further aim is begun.

    Raises
    ------
    OutOfTime
        A deadline struck before there was any answer.
    """
    if ground.stuck:
        return None
    pairs = np.argwhere(ground.open.any(2))
    steps, m = steps_of(ground), len(pairs)
    frame = _frame(ground, pairs, steps)
    rest = len(frame.top) - m - len(steps.who)
    first, chance = tie_breaks(ground, steps, pairs, seed)
    worth = ground.worth[pairs[:, 0], pairs[:, 1]]
    aims = [(None, steps.bonus), (worth, None), (None, first), (chance, None)]
    staged = in_order(frame, [laid(m, len(steps.who), rest, aim) for aim in aims], deadline=deadline)
    if staged is None:
        return None
    taken = staged.x[:m] > 0.5
    losses = np.full(ground.worth.shape, np.inf)
    benefit = sum_of_best(ground)
    if len(staged.bounds) > 1:
        losses[pairs[:, 0], pairs[:, 1]] = np.where(taken, 0.0, staged.losses[1][:m])
        benefit = staged.bounds[1]
    return Choice(pairs[taken], staged.bounds[0], benefit, losses)


def sum_of_best(ground: Ground) -> int:
    """A bound that needs no solver: everybody has the best hosts, whatever others do."""
    ranked = -np.sort(-np.where(ground.open.any(2), ground.worth, 0), axis=1)
    within = np.arange(ranked.shape[1])[None, :] < ground.caps[:, None]
    return int(np.where(within, ranked, 0).sum())


def laid(visits: int, steps: int, rest: int, aim: tuple[Ints | None, Ints | None]) -> Ints:
    """An aim over all columns: visits, steps, and those that only count."""
    by_visit, by_step = aim
    parts = [np.zeros(visits, np.int64) if by_visit is None else by_visit]
    parts += [np.zeros(steps, np.int64) if by_step is None else by_step, np.zeros(rest, np.int64)]
    return np.concatenate(parts)


def _frame(ground: Ground, pairs: Ints, steps: Steps) -> Frame:
    """Rows: talks of each person, visitors of each host, locks. Columns: visits, steps, rounds of choosy hosts."""
    (n, h), m, k = ground.worth.shape, len(pairs), len(steps.who)
    most = np.minimum(ground.open.sum(0), ground.places[:, None])
    choosy = np.flatnonzero(ground.least > 1)
    visitors = incidence(pairs[:, 1], h)
    locked = _locked(ground)[pairs[:, 0], pairs[:, 1]]
    blocks = [
        [incidence(pairs[:, 0], n), -incidence(steps.who, n), None],
        [visitors, sp.csr_matrix((h, k)), None],
        [visitors[choosy], None, -diagonal(ground.places[choosy])],
        [visitors[choosy], None, -diagonal(ground.least[choosy])],
        [incidence(np.flatnonzero(locked), m).T, None, None],
    ]
    c, b = len(choosy), int(locked.sum())
    low = [np.zeros(n), np.full(h + c, -np.inf), np.zeros(c), np.ones(b)]
    high = [np.zeros(n), most.sum(1).astype(float), np.zeros(c), np.full(c, np.inf), np.ones(b)]
    top = np.concatenate([np.ones(m + k), (most[choosy] > 0).sum(1)])
    rows = sp.bmat(blocks, format="csc")
    return Frame(rows, np.concatenate(low), np.concatenate(high), top, np.arange(len(top)) >= m + k)


def _locked(ground: Ground) -> Bools:
    """Visits that every plan holds: locks that leave one host; shape (n, h)."""
    locked = np.zeros(ground.worth.shape, np.bool_)
    for who, when in np.argwhere(ground.must).tolist():
        hosts = np.flatnonzero(ground.open[who, :, when])
        if len(hosts) == 1:
            locked[who, hosts] = True
    return locked


def diagonal(values: Ints) -> sp.csr_matrix:
    """These values, and 0 elsewhere."""
    at = np.arange(len(values))
    return sp.csr_matrix((values.astype(float), (at, at)), shape=(len(values), len(values)))
