"""Repair of the other formats: some people do not come, or a whole table is lost."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from matcher import Problem, Session, solve
from matcher.problem import Format
from matcher.repair.again import repaired
from matcher.repair.changes import Changes
from tests.benchmarks.alone import alone
from tests.benchmarks.fairs import fair
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.section import Asked, Table, Tell, figure
from tests.benchmarks.sections.visits import FAIRS, SMALL

FORMATS: tuple[Format, ...] = ("clinics", "stations", "circles")
SIZES, SMALL_SIZES = (60, 6, 5), (9, 3, 3)
ROUND = 2


@dataclass(frozen=True, slots=True)
class Loss:
    """What a repair cost: stale cards, of which so many are proven to be needed, and rests from the round on."""

    stale: int
    bound: int | None
    rests: int
    seconds: float


def session_of(kind: Format, seed: int, *, small: bool) -> Problem:
    """Make a session of a format."""
    if kind != "circles":
        return fair(replace((SMALL if small else FAIRS)[kind], seed=seed))
    people, rounds, size = SMALL_SIZES if small else SIZES
    crowd = conference(Recipe(people, rounds, seed, keep_apart=0, given=False, wishes=0))
    return Problem(Session(rounds, "circles", size=size), tuple(replace(one, languages=()) for one in crowd.people))


def changes_of(problem: Problem, seed: int) -> dict[str, Changes]:
    """What happens before round 2: one in twenty people is absent; or a host is, where people come to hosts."""
    rng = random.Random(seed)
    gone = rng.sample([person.id for person in problem.people], max(len(problem.people) // 20, 1))
    found = {f"{len(gone)} of {len(problem.people)} people absent": Changes(ROUND, absent=tuple(sorted(gone)))}
    if problem.hosted:
        lost = rng.choice(problem.visited).id
        found[f"1 of {len(problem.visited)} hosts absent"] = Changes(ROUND, lost_hosts=(lost,))
    return found


def lost(problem: Problem, changes: Changes) -> Loss:
    """Plan and repair; both plans have been judged."""
    printed = solve(problem, clock=time.perf_counter)
    begun = time.perf_counter()
    _, fresh = repaired(problem, printed, changes, clock=time.perf_counter)
    spent = time.perf_counter() - begun
    rests = sum(rest.round >= ROUND for rest in fresh.rests)
    return Loss(len(fresh.stale or ()), fresh.quality.stale_bound, rests, spent)


def table(asked: Asked, tell: Tell, fault: Callable[[str], None]) -> Table:
    """Repair every format but pairs."""
    rows: list[tuple[str, ...]] = []
    for kind in FORMATS:
        problem = session_of(kind, asked.recipe.seed, small=asked.small)
        for what, changes in changes_of(problem, asked.recipe.seed).items():
            found = alone(lost, problem, changes, what=f"repair: {kind}, {what}", patience=asked.patience, tell=tell)
            if isinstance(found, str):
                fault(f"repair, {kind}, {what}: {found}")
                rows.append((kind, what, found))
                continue
            figures = (str(found.stale), figure(found.bound), str(found.rests), figure(found.seconds, 2))
            rows.append((kind, what, *figures))
    columns = ("format", "what happened", "stale cards", "proven: at least", "rests", "seconds")
    return Table("Other formats, by Rondo.", columns, tuple(rows), words=2)
