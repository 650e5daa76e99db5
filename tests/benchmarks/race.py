"""One competitor on one problem, in a process of its own: the same clock, the same referee, a limit to patience."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from matcher import MatcherError, Plan, Problem, breaches, solve
from matcher.engine import BrokenPlan
from tests.benchmarks.judged import as_plan, attendance
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.rivals import RIVALS, Board, CannotRun

ENGINE, BARE = "rondo", "rondo, no floor"
BEAT = 0.5


@dataclass(frozen=True, slots=True)
class Score:
    """What the referee and the clock say of a plan; `bound` and `lowest_bound` only where the competitor proves them.

    `seconds` run from the problem to the judged plan, imports not counted.
    """

    seconds: float
    meetings: int
    benefit: int
    lowest: float
    breaches: tuple[str, ...]
    attendance: tuple[int, ...]
    bound: int | None = None
    lowest_bound: float | None = None


def score(problem: Problem, who: str, *, seconds: float) -> Score:
    """Let one competitor plan, and judge the plan.

    Raises
    ------
    CannotRun
        It gives no plan, and why.
    """
    engine = who in (ENGINE, BARE)
    if not engine:
        RIVALS[who].load()
    begun = time.perf_counter()
    plan = _engine(problem, seconds, floor=who == ENGINE) if engine else _rival(problem, who, seconds)
    found = breaches(problem, plan)
    spent = time.perf_counter() - begun
    quality = plan.quality
    return Score(
        seconds=spent,
        meetings=quality.meetings,
        benefit=quality.benefit,
        lowest=quality.lowest_satisfaction,
        breaches=tuple(found),
        attendance=attendance(problem, plan),
        bound=quality.bound if engine else None,
        lowest_bound=quality.lowest_bound if engine else None,
    )


def _engine(problem: Problem, seconds: float, *, floor: bool) -> Plan:
    try:
        return solve(problem, floor=floor, deadline=seconds, clock=time.perf_counter)
    except (BrokenPlan, MatcherError) as error:
        raise CannotRun(str(error)) from error


def _rival(problem: Problem, who: str, seconds: float) -> Plan:
    return as_plan(problem, RIVALS[who].plan(Board(problem), seconds))


def race(recipe: Recipe, who: str, *, seconds: float, patience: float, tell: Callable[[float], None]) -> Score | str:
    """Run one competitor in a child process; a sentence comes back where there is no plan."""
    answer: Score | str = apart(_child, (recipe, who, seconds), patience=patience, tell=tell)
    return answer


def apart(
    work: Callable[..., None], asked: tuple[object, ...], *, patience: float, tell: Callable[[float], None]
) -> Any:
    """Do some work in a child process, which sends a word when it begins, then its answer.

    `tell` hears twice a second how long it has been running; after `patience` seconds of work it is stopped, and a
    sentence says so.
    """
    context = multiprocessing.get_context("spawn")
    mine, yours = context.Pipe()
    child = context.Process(target=work, args=(yours, *asked), daemon=True)
    child.start()
    yours.close()
    try:
        return _heard(mine, patience, tell)
    finally:
        child.kill()
        child.join()
        mine.close()


def _heard(pipe: Connection, patience: float, tell: Callable[[float], None]) -> Any:
    """Wait for the word that work begins, then for its end."""
    try:
        pipe.recv()
        begun = time.monotonic()
        while not pipe.poll(BEAT):
            waited = time.monotonic() - begun
            tell(waited)
            if waited > patience:
                return f"over {patience:g} s, stopped"
        return pipe.recv()
    except EOFError:
        return "its process ended without an answer"


def _child(pipe: Connection, recipe: Recipe, who: str, seconds: float) -> None:
    problem = conference(recipe)
    pipe.send("begins")
    try:
        pipe.send(score(problem, who, seconds=seconds))
    except CannotRun as reason:
        pipe.send(str(reason))
