"""How hard to try: what breaks ties, what may be given up for the worst-off, when to stop, and who is told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from matcher.solver import NEVER, Deadline

Progress = Callable[[float, str], None]
Task = TypeVar("Task")
Result = TypeVar("Result")


class Spread(Protocol):
    """What `map` of `concurrent.futures.Executor` does: one function over many tasks, results in their order."""

    def __call__(self, work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        """Do the work for each task."""


def in_turn(work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
    """Do one task after another, here."""
    return map(work, tasks)


def _nobody(_fraction: float, _what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What every way through the engine is given beside the problem.

    Attributes
    ----------
    seed : int
        Breaks ties.
    floor : bool
        Raise the lowest satisfaction, for at most 1 % of the total benefit.
    deadline : Deadline
        After it no further improvement is begun.
    tell : callable
        Told how far it is (0…1), and which of "choose", "rounds", "seat", "check" is being done.
    spread : callable
        Does independent work, here or elsewhere; the results are the same.
    """

    seed: int = 0
    floor: bool = True
    deadline: Deadline = NEVER
    tell: Progress = _nobody
    spread: Spread = in_turn
