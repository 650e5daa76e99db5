"""One piece of work in a process of its own, so that nobody inherits another's memory, caches or imports."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from matcher import MatcherError
from matcher.engine import BrokenPlan
from tests.benchmarks.race import apart
from tests.benchmarks.rivals import CannotRun
from tests.benchmarks.section import Tell

Answer = TypeVar("Answer")


def alone(work: Callable[..., Answer], *asked: object, what: str, patience: float, tell: Tell) -> Answer | str:
    """Call a function in a child process; a sentence comes back where it gives no answer or takes too long."""
    tell(what)
    answer: Answer | str = apart(_child, (work, asked), patience=patience, tell=lambda now: tell(what, now))
    return answer


def _child(pipe: Connection, work: Callable[..., object], asked: tuple[object, ...]) -> None:
    pipe.send("begins")
    try:
        pipe.send(work(*asked))
    except (CannotRun, MatcherError, BrokenPlan) as reason:
        pipe.send(str(reason))
