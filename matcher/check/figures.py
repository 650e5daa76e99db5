"""Quality: every figure is counted anew, and no bound is below what it bounds."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from matcher.check.agreed import breaks_of
from matcher.check.case import Case

SHARE_TOLERANCE = 0.00051
GAP_TOLERANCE = 0.00000051


def figures(case: Case) -> Iterator[str]:
    """Judge `quality`."""
    quality, circles = case.plan.quality, case.problem.session.format == "circles"
    changes = [a != b for seats in case.seats.values() for (_, a), (_, b) in pairwise(seats)]
    true = {
        "meetings": len(case.plan.meetings),
        "benefit": int(case.worth.sum()),
        "breaks": sum(breaks_of(case).values()),
        "table_changes": sum(changes),
        "repeats": _repeats(case) if circles else None,
    }
    for name, value in true.items():
        if getattr(quality, name) != value:
            yield f"quality.{name} is told as {getattr(quality, name)}, it is {value}"
    for name in ("breaks", "repeats"):
        bound, value = getattr(quality, f"{name}_bound"), true[name]
        if bound is not None and not 0 <= bound <= (value or 0):
            yield f"quality.{name}_bound is told as {bound}, {name} are {value}"
    yield from _worst_off(case)
    yield from _bound(case)
    if not (isfinite(quality.seconds) and quality.seconds >= 0):
        yield f"quality.seconds is {quality.seconds}, not a time"


def _bound(case: Case) -> Iterator[str]:
    quality, benefit = case.plan.quality, int(case.worth.sum())
    if quality.bound < benefit:
        yield f"quality.bound {quality.bound} is below the benefit {benefit}"
    gap = (quality.bound - benefit) / quality.bound if quality.bound else 0.0
    if not abs(quality.gap - gap) <= GAP_TOLERANCE:
        yield f"quality.gap is told as {quality.gap}, it is {gap:.6f}"


def satisfaction(case: Case) -> NDArray[np.float64]:
    """The share that everybody has of the best they could have had alone, 1 where that is 0; shape (n,)."""
    found = case.pairings
    gained = np.zeros(len(case.problem.people), np.int64)
    np.add.at(gained, found.one, found.value)
    if not case.problem.hosted:
        np.add.at(gained, found.other, found.value)
    some = found.best > 0
    return np.where(some, gained / np.where(some, found.best, 1), 1.0)


def _worst_off(case: Case) -> Iterator[str]:
    quality, share = case.plan.quality, satisfaction(case)
    lowest = float(share.min()) if len(share) else 1.0
    if not abs(quality.lowest_satisfaction - lowest) <= SHARE_TOLERANCE:
        yield f"quality.lowest_satisfaction is told as {quality.lowest_satisfaction}, it is {lowest:.4f}"
    if quality.lowest_bound is None:
        return
    if case.problem.session.format in ("clinics", "circles"):
        yield f"quality.lowest_bound is told as {quality.lowest_bound}; in {case.problem.session.format} it is null"
    elif not quality.lowest_bound >= lowest - SHARE_TOLERANCE:
        yield f"quality.lowest_bound {quality.lowest_bound} is below the lowest satisfaction {lowest:.4f}"


def _repeats(case: Case) -> int:
    """How often two people share a table again; having met before counts as once."""
    times = Counter(frozenset(pair) for pair in set(map(frozenset, case.problem.met_before)))
    times.update(frozenset(two) for meeting in case.meetings for two in combinations(meeting.people, 2))
    return sum(count - 1 for count in times.values())
