"""Any planner on any problem: the same clock, the same referee, the same figures."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from matcher import Plan, Problem, Quality, breaches, solve
from matcher.answer import Outcome, plan_of
from tests.benchmarks import agreed
from tests.benchmarks.judged import as_plan, attendance
from tests.benchmarks.race import ENGINE
from tests.benchmarks.rivals import RIVALS, Board, package
from tests.benchmarks.visiting import VISITORS, Hall

AGREED = "cp-sat"


@dataclass(frozen=True, slots=True)
class Result:
    """What the clock and the referee say of a plan.

    `seconds` run from the problem to the judged plan, imports not counted. `host_breaks` are runs of idle rounds
    between two meetings of one host.
    """

    seconds: float
    quality: Quality
    attendance: tuple[int, ...]
    breaches: tuple[str, ...]
    rests: int
    unmet: int
    host_breaks: int


def tried(problem: Problem, who: str, seconds: float) -> Result:
    """Let one planner plan, and judge its plan.

    Raises
    ------
    CannotRun, MatcherError, BrokenPlan
        There is no plan, and why.
    """
    needed = planners(problem).get(who)
    if needed:
        package(needed)
    begun = time.perf_counter()
    plan = plan_by(problem, who, seconds)
    found = breaches(problem, plan)
    spent = time.perf_counter() - begun
    return Result(
        seconds=spent,
        quality=plan.quality,
        attendance=attendance(problem, plan),
        breaches=tuple(found),
        rests=len(plan.rests),
        unmet=len(plan.unmet),
        host_breaks=host_breaks(plan),
    )


def planners(problem: Problem) -> dict[str, str | None]:
    """Name who plans such a problem beside the engine, each with the package it needs."""
    if problem.chosen is not None:
        return {AGREED: "ortools.sat.python.cp_model"}
    if problem.hosted:
        return {name: one.package for name, one in VISITORS.items()}
    if problem.session.format == "pairs":
        return {name: one.package for name, one in RIVALS.items()}
    return {}


def plan_by(problem: Problem, who: str, seconds: float) -> Plan:
    """Let one planner plan; see `tried`."""
    if who == ENGINE:
        return solve(problem, deadline=seconds, clock=time.perf_counter)
    if problem.chosen is not None:
        return agreed.by_cp_sat(problem, seconds)
    if problem.hosted:
        return visited(problem, VISITORS[who].plan, seconds)
    return as_plan(problem, RIVALS[who].plan(Board(problem), seconds))


def visited(problem: Problem, way: Callable[[Hall, float], None], seconds: float) -> Plan:
    """Tell what a planner of visits found as a plan; its bound is its benefit, for it proves nothing."""
    hall = Hall(problem)
    way(hall, seconds)
    return plan_of(problem, hall.rules, Outcome(hall.sittings(), 0, None), 0)


def host_breaks(plan: Plan) -> int:
    """Count the runs of idle rounds between two meetings of one host."""
    rounds: dict[str, list[int]] = {}
    for meeting in plan.meetings:
        if meeting.host is not None:
            rounds.setdefault(meeting.host, []).append(meeting.round)
    return sum(later - earlier > 1 for own in rounds.values() for earlier, later in pairwise(sorted(own)))


def faults(where: str, found: dict[str, Result | str]) -> list[str]:
    """Say what must never be: no plan of the engine, broken rules, figures beyond what the engine proved."""
    ours = found.get(ENGINE)
    if not isinstance(ours, Result):
        return [f"{where}, {ENGINE}: {ours}"]
    told = []
    for who, one in found.items():
        if isinstance(one, str):
            continue
        told += [f"{where}, {who}: {sentence}" for sentence in one.breaches]
        bound = ours.quality.bound
        if one.attendance >= ours.attendance and one.quality.benefit > bound:
            told.append(f"{where}, {who}: benefit {one.quality.benefit} is above the proven bound of {bound}")
        told += _contradiction(f"{where}, {who}", one.quality, ours.quality)
    return told


def _contradiction(where: str, their: Quality, ours: Quality) -> list[str]:
    """Of agreed meetings everybody has the same: nobody has fewer breaks than another one proves."""
    if their.breaks_bound is None or ours.breaks_bound is None:
        return []
    if their.breaks < ours.breaks_bound:
        return [f"{where}: {their.breaks} breaks are below the proven bound of {ours.breaks_bound}"]
    if their.breaks_bound > ours.breaks:
        return [f"{where}: proves {their.breaks_bound} breaks at least, the engine has {ours.breaks}"]
    return []
