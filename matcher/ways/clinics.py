"""Meet the Specialist: people visit hosts, each at most once, exactly."""

import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from matcher.answer import Outcome, Sitting
from matcher.choose.clinics.choice import choose, sum_of_best
from matcher.choose.clinics.ground import Ground, ground_of
from matcher.choose.clinics.timed import Timed, choose_timed
from matcher.choose.rows import incidence
from matcher.effort import Effort
from matcher.errors import NotPossible
from matcher.graph import Ints
from matcher.problem import Problem
from matcher.rules import Admissibility, tables_of_hosts
from matcher.solver import OutOfTime, Programme, linear
from matcher.when.compact import STEPS, Compacted, compact
from matcher.when.visits import PEOPLE, agenda_of, greedy, timed

NEARLY = 1e-6
STEPS_EACH = 15


def clinics(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan visits to hosts: talks for as many as can be, then benefit, then few breaks.

    Raises
    ------
    NotPossible
        No plan keeps all locks.
    """
    ground, found = _found(problem, admissible, effort)
    effort.tell(0.7, "rounds")
    compacted = _compacted(ground, found.visits, effort)
    sittings = _sittings(problem, found.visits[:, :2], compacted.when)
    return Outcome(sittings, found.bound, None, breaks_bound=sum(compacted.bound[PEOPLE:]))


def draft(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Choose the same visits as `clinics`, each in a round that is possible, whatever the breaks."""
    _, found = _found(problem, admissible, effort)
    return Outcome(_sittings(problem, found.visits[:, :2], found.visits[:, 2]), found.bound, None)


def _found(problem: Problem, admissible: Admissibility, effort: Effort) -> tuple[Ground, Timed]:
    ground = ground_of(problem, admissible)
    effort.tell(0.05, "choose")
    return ground, _chosen(ground, effort)


def _sittings(problem: Problem, visits: Ints, rounds: Ints) -> tuple[Sitting, ...]:
    """The visits (m, 2) in their rounds (m,), by round and host."""
    tables = tables_of_hosts(problem)
    hours: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for (who, host), when in zip(visits.tolist(), rounds.tolist(), strict=True):
        hours[when, host].append(who)
    return tuple(Sitting(when, tuple(people), tables[host], host) for (when, host), people in sorted(hours.items()))


def bounds_of(problem: Problem, admissible: Admissibility, outcome: Outcome, effort: Effort) -> Outcome:
    """Prove a bound over all plans, however many people they leave out: the best choice that minds nothing but places.

    Its linear programme, between people and hosts without rounds, has whole vertices.
    """
    ground = ground_of(problem, admissible)
    ends = np.argwhere(ground.open.any(2))
    if not len(ends):
        return outcome
    n, hours = len(ground.caps), ground.open.any(0).sum(1)
    rows = sp.vstack([incidence(ends[:, 0], n), incidence(ends[:, 1], len(ground.places))], format="csr")
    high = np.append(ground.caps, ground.places * hours).astype(float)
    gain = ground.worth[ends[:, 0], ends[:, 1]].astype(float)
    most = sum_of_best(ground)
    with suppress(OutOfTime):
        low, top = np.full(len(high), -np.inf), np.ones(len(ends))
        answer = linear(Programme(gain, rows, low, high, top), deadline=effort.deadline)
        most = most if answer is None else min(most, int(answer.value + NEARLY))
    return replace(outcome, bound=most)


def _compacted(ground: Ground, visits: Ints, effort: Effort) -> Compacted:
    """The same visits in rounds with few breaks, the hosts' first."""
    steps = STEPS + STEPS_EACH * len(visits)
    return compact(agenda_of(ground, visits), visits[:, 2], _chance(effort), steps=steps, deadline=effort.deadline)


def _chance(effort: Effort) -> random.Random:
    return random.Random(effort.seed)  # noqa: S311 - chance that can be repeated, no secret


def _chosen(ground: Ground, effort: Effort) -> Timed:
    """The best choice, timed as it stands where that is possible, else chosen again together with the rounds."""
    start = None
    try:
        choice = choose(ground, seed=effort.seed, deadline=effort.deadline)
        if choice is not None:
            start, whole = timed(ground, choice.visits, _chance(effort))
            if whole and start is not None and ground.settled:
                return Timed(start, choice.benefit)
            found = choose_timed(ground, choice, start, seed=effort.seed, deadline=effort.deadline)
            if found is not None:
                return found
    except OutOfTime:
        start = greedy(ground, _chance(effort)) if start is None else start
        if start is not None:
            return Timed(start, sum_of_best(ground))
    raise NotPossible(
        "locks: no plan was found that keeps all of them beside places, min_places and keep_apart; remove some"
    )
