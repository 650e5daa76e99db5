"""The whole way: choose who, then when, then where, and have the referee judge the plan before anyone sees it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.answer import Outcome, plan_of
from matcher.check import breaches
from matcher.choose.pairs import as_even, bounds_with, choose
from matcher.graph import Ints, MeetingGraph, meeting_graph
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.rules import Admissibility, refuse_locks
from matcher.solver import NEVER, Deadline
from matcher.when.mend import Mended, Wanted, lowest_of, mend
from matcher.when.refill import Refill
from matcher.when.rounds import timed
from matcher.when.timetable import Timetable
from matcher.where.seat import Spot, seat

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far it is, and when no further improvement may be begun."""

    tell: Progress
    deadline: Deadline


class BrokenPlan(AssertionError):
    """The engine's own plan breaks a rule: a fault of the engine, never of the problem."""


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    floor: bool = True,
    deadline: float | None = None,
    clock: Callable[[], float],
    progress: Progress | None = None,
) -> Plan:
    """Plan a session, with proven upper bounds on its benefit and on its lowest satisfaction.

    Parameters
    ----------
    problem : Problem
        Who takes part, the rules, and the benefits or profiles.
    seed : int
        Breaks ties; the same problem and seed give the same plan, `seconds` apart, where no deadline struck.
    floor : bool
        Raise the lowest satisfaction as far as it goes for at most 1 % of the total benefit.
    deadline : float, optional
        Seconds after which no further improvement is begun.
    clock : callable
        A monotonic timer in seconds.
    progress : callable, optional
        Told how far it is (0…1), and which of "choose", "rounds", "seat", "check" is being done.

    Raises
    ------
    NotPossible, BrokenPlan
        The locks break a rule that even a lock must keep; the referee found a breach.

    Examples
    --------
    >>> from matcher.problem import Person, Session
    >>> people = tuple(Person(f"p{number}") for number in range(1, 5))
    >>> plan = solve(Problem(Session(rounds=3), people), clock=lambda: 0.0)
    >>> plan.quality.meetings, plan.quality.bound, plan.rests
    (6, 0, ())
    """
    started = clock()
    stop = NEVER if deadline is None else Deadline(clock, started + deadline)
    watch = Watch(progress or (lambda _fraction, _what: None), stop)
    plan = _plan(problem, seed, floor=floor, watch=watch)
    if found := breaches(problem, plan):
        raise BrokenPlan(f"{len(found)} rules are broken, first: {found[0]}")
    watch.tell(1.0, "check")
    return plan.timed(round(clock() - started, 3))


def _plan(problem: Problem, seed: int, *, floor: bool, watch: Watch) -> Plan:
    refuse_locks(problem)
    admissible = Admissibility(problem)
    graph = meeting_graph(problem, admissible)
    watch.tell(0.05, "choose")
    chosen = choose(graph, floor=floor, deadline=watch.deadline)
    watch.tell(0.7, "rounds")
    mended = _in_rounds(graph, chosen.pairs, seed, floor=floor, deadline=watch.deadline)
    table = mended.table
    watch.tell(0.9, "seat")
    seats = _seated(problem, table)
    watch.tell(0.95, "check")
    held = np.array([spot[1:] for spot in table.spots()], dtype=np.int64).reshape(-1, 2)[len(graph.locks) :]
    bound, top = chosen.bound, chosen.lowest_bound
    if not as_even(graph, held, np.bincount(chosen.pairs.ravel(), minlength=graph.size)):
        bound, top = bounds_with(graph, len(held), watch.deadline)
    if mended.bound is not None:
        bound = min(bound, mended.bound)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    return plan_of(problem, admissible, graph, Outcome(seats, bound + locked, top, seed))


def _in_rounds(graph: MeetingGraph, pairs: Ints, seed: int, *, floor: bool, deadline: Deadline) -> Mended:
    rng = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    table, _ = timed(graph, pairs, rng)
    degrees = np.bincount(pairs.ravel(), minlength=graph.size)
    benefit = int(graph.benefit[pairs[:, 0], pairs[:, 1]].sum())
    gained = graph.gained.copy()
    np.add.at(gained, pairs, graph.benefit[pairs[:, 0], pairs[:, 1]][:, None])
    return mend(table, Wanted(degrees, benefit, lowest_of(graph, gained) if floor else 0.0), rng, deadline)


def _seated(problem: Problem, table: Timetable) -> dict[Spot, str]:
    """Seat everybody; where seated people clash at too few tables, others take the free tables."""
    tables = problem.session.tables
    seats, dropped = seat(table.graph, tables, list(table.spots()))
    if not dropped:
        return seats
    for when, one, other in dropped:
        table.remove(one, other, when)
    Refill(table, still=table.graph.seated).run()
    return seat(table.graph, tables, list(table.spots()))[0]
