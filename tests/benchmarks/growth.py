"""How time and memory grow with the room: one conference after the other, each planned in a process of its own.

Benefits come from profiles and nobody wishes for anybody by name, so that the problem itself grows with the people and
not with their pairs.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from matcher import MatcherError, solve
from matcher.engine import BrokenPlan
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.race import apart

SIZES = (100, 300, 1000, 3000, 10000)
ROUNDS = 12
KILOBYTES = 1 if sys.platform.startswith("linux") else 1024  # what the peak is counted in: elsewhere it is bytes


@dataclass(frozen=True, slots=True)
class Grown:
    """What one room took and got; the plan has been judged, or there is none.

    `seconds` are those of the processor, so that others who use the machine do not count; `megabytes` are the peak of
    the whole process, Python and its libraries included.
    """

    people: int
    seconds: float
    megabytes: float
    gap: float
    lowest: float
    lowest_bound: float


def growth(
    sizes: Sequence[int], *, seed: int, patience: float, tell: Callable[[str, float], None]
) -> Iterator[Grown | str]:
    """Plan rooms of these sizes; a sentence comes in place of what could not be planned or took too long."""
    for people in sizes:
        recipe = Recipe(people=people, rounds=ROUNDS, seed=seed, given=False, wishes=0)
        what = f"growth: {people} people"
        found = apart(_child, (recipe,), patience=patience, tell=lambda now, what=what: tell(what, now))
        yield found if isinstance(found, Grown) else f"{people} people: {found}"


def measured(recipe: Recipe, begin: Callable[[], None]) -> Grown:
    """Plan one conference in this process; `begin` is called when it is made and planning starts."""
    problem = conference(recipe)
    begin()
    begun = time.process_time()
    quality = solve(problem, clock=time.monotonic).quality
    return Grown(
        people=recipe.people,
        seconds=time.process_time() - begun,
        megabytes=_peak() / 1024,
        gap=quality.gap,
        lowest=quality.lowest_satisfaction,
        lowest_bound=quality.lowest_bound or 1.0,
    )


def _peak() -> float:
    """Return the most memory this process has had, in KB; where Linux tells it, without that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES


def _child(pipe: Connection, recipe: Recipe) -> None:
    try:
        pipe.send(measured(recipe, lambda: pipe.send("begins")))
    except (BrokenPlan, MatcherError) as reason:
        pipe.send(str(reason))
