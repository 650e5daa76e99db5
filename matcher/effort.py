"""How hard to try: what breaks ties, what may be given up for the worst-off, when to stop, and who is told."""

from collections.abc import Callable
from dataclasses import dataclass

from matcher.solver import NEVER, Deadline

Progress = Callable[[float, str], None]


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
    """

    seed: int = 0
    floor: bool = True
    deadline: Deadline = NEVER
    tell: Progress = _nobody
