"""The whole way: the format's own line from who to when to where, judged by the referee before anyone sees it."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from matcher.answer import Outcome, plan_of
from matcher.check import breaches
from matcher.effort import Effort, Progress, in_turn
from matcher.plan import Plan
from matcher.points import MANY
from matcher.problem import Format, Problem
from matcher.refusals import refuse_chosen, refuse_locks
from matcher.rules import Admissibility
from matcher.solver import NEVER, Deadline
from matcher.ways.agreed import agreed
from matcher.ways.circles import circles
from matcher.ways.clinics import bounds_of as clinic_bounds
from matcher.ways.clinics import clinics, draft
from matcher.ways.interpreted import interpreted
from matcher.ways.pairs import bounds_of, pairs, sketch
from matcher.ways.stations import stations
from matcher.ways.vast import vast

Way = Callable[[Problem, Admissibility, Effort], Outcome]

WAYS: dict[Format, Way] = {
    "pairs": interpreted(pairs, sketch, bounds_of),
    "clinics": interpreted(clinics, draft, clinic_bounds),
    "stations": stations,
    "circles": circles,
}
WAYS_FOR_MANY: dict[Format, Way] = {"pairs": vast}


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
    executor: Executor | None = None,
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
    executor : concurrent.futures.Executor, optional
        Where blocks of pricing run, such as Dask's ``Client.get_executor()``; here, where None. The plan is the same.

    Raises
    ------
    BadProblem, NotPossible, BrokenPlan
        A part that this version does not do; locks or chosen meetings that no plan can keep; the referee found a
        breach.

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
    effort = Effort(seed, floor=floor, deadline=stop, spread=in_turn if executor is None else executor.map)
    plan = _judged(problem, effort if progress is None else replace(effort, tell=progress))
    return plan.timed(round(clock() - started, 3))


def _judged(problem: Problem, effort: Effort) -> Plan:
    refuse_locks(problem)
    refuse_chosen(problem)
    admissible = Admissibility(problem)
    outcome = _way(problem)(problem, admissible, effort)
    effort.tell(0.95, "check")
    plan = plan_of(problem, admissible, outcome, effort.seed)
    if found := breaches(problem, plan):
        raise BrokenPlan(f"{len(found)} rules are broken, first: {found[0]}")
    effort.tell(1.0, "check")
    return plan


def _way(problem: Problem) -> Way:
    """The line that a format takes; above 2,000 people a line of its own, where there is one without interpreters.

    Where the meetings are agreed beforehand there is nothing to choose, which is a line of its own too.
    """
    if problem.chosen is not None:
        return agreed
    kind = problem.session.format
    many = len(problem.people) > MANY and not problem.interpreters
    return WAYS_FOR_MANY.get(kind, WAYS[kind]) if many else WAYS[kind]
