"""Meet the Specialist: people visit hosts, each at most once, exactly."""

import random
from collections import defaultdict

from matcher.answer import Outcome, Sitting
from matcher.choose.clinics import choose, sum_of_best
from matcher.choose.clinics_ground import Ground, ground_of
from matcher.choose.clinics_timed import Timed, choose_timed
from matcher.effort import Effort
from matcher.errors import NotPossible
from matcher.graph import Ints
from matcher.problem import Problem
from matcher.rules import Admissibility, tables_of_hosts
from matcher.solver import OutOfTime
from matcher.when.compact import STEPS, Compacted, compact
from matcher.when.visits import PEOPLE, agenda_of, greedy, timed

STEPS_EACH = 15


def clinics(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan visits to hosts: talks for as many as can be, then benefit, then few breaks.

    Raises
    ------
    NotPossible
        No plan keeps all locks.
    """
    ground = ground_of(problem, admissible)
    effort.tell(0.05, "choose")
    found = _chosen(ground, effort)
    effort.tell(0.7, "rounds")
    compacted = _compacted(ground, found.visits, effort)
    tables = tables_of_hosts(problem)
    hours: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for (who, host), when in zip(found.visits[:, :2].tolist(), compacted.when.tolist(), strict=True):
        hours[when, host].append(who)
    sittings = [Sitting(when, tuple(people), tables[host], host) for (when, host), people in sorted(hours.items())]
    return Outcome(tuple(sittings), found.bound, None, breaks_bound=sum(compacted.bound[PEOPLE:]))


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
    raise NotPossible("locks: no plan keeps all of them beside places, min_places and keep_apart; remove some")
