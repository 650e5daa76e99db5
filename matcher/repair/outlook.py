"""What a format's repair hands back or refuses with, and what any plan with these begun rounds could still reach."""

from dataclasses import dataclass

import numpy as np

from matcher.answer import Sitting
from matcher.graph import Bools, Ints
from matcher.problem import Chosen, Lock

TOO_FEW = "locks: no way was found that brings every locked visit enough people; remove the lock"


@dataclass(frozen=True, slots=True)
class Refilled:
    """The open rounds anew, and proven bounds: stale cards at least, benefit and lowest satisfaction at most.

    `chosen` are the agreed meetings that are held, where the problem still had some for which there is no room; `locks`
    those that are kept, where for some no host is left.
    `repeats_bound`: so many repeats at least in the whole session, in `circles`.
    """

    sittings: tuple[Sitting, ...]
    stale_bound: int
    bound: int
    lowest_bound: float | None
    chosen: tuple[Chosen, ...] | None = None
    repeats_bound: int | None = None
    locks: tuple[Lock, ...] | None = None


def reach(may: Bools, worth: Ints, more: Ints) -> Ints:
    """Return what each person could still gain alone: the sum of so many (n,) `more` of the best `worth` (n, m)."""
    ranked = -np.sort(-np.where(may, worth, 0), axis=1)
    within = np.arange(ranked.shape[1])[None, :] < more[:, None]
    return np.asarray(np.where(within, ranked, 0).sum(1), np.int64)


def lowest(most: Ints, best: Ints) -> float:
    """Return the lowest satisfaction when everybody has `most` of `best` (n,), 1 where that is 0."""
    return min(1.0, float(np.where(best > 0, most / np.maximum(best, 1), np.inf).min(initial=np.inf)))
