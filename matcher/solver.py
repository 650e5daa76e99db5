"""The only door to SciPy's optimisers: linear programmes, whole-number programmes, assignments.

Everything here is maximised. HiGHS is stopped by counts of nodes, so that the same question always has the same
answer; by a clock only where a deadline was asked for.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, linprog, milp
from scipy.sparse.csgraph import maximum_bipartite_matching, min_weight_full_bipartite_matching

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SLACK = 1e-6
LEAST_SECONDS = 0.2
INTERIOR_STEPS = 120
STALLED = (1, 4)
NOTHING = 2
ROUNDED = 1e-4


class OutOfTime(Exception):
    """A deadline struck before there was any answer."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment `end` on a `clock`, both in seconds, after which no further improvement is begun."""

    clock: Callable[[], float]
    end: float

    def over(self) -> bool:
        """Whether the moment has passed."""
        return self.clock() > self.end

    def options(self) -> dict[str, float]:
        """What HiGHS is told; a moment is always left, for a first answer."""
        return {"time_limit": max(self.end - self.clock(), LEAST_SECONDS)}


class Never(Deadline):
    """No deadline."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0, 0.0)

    def options(self) -> dict[str, float]:
        """Nothing is told."""
        return {}


NEVER = Never()


@dataclass(frozen=True, slots=True)
class Programme:
    """Maximise `gain` · x subject to `low` <= `rows` x <= `high` and 0 <= x <= `top`."""

    gain: Floats
    rows: Any
    low: Floats
    high: Floats
    top: Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """A vertex of a linear programme: `x`, its `value`, and one price per row (gain lost where it binds above)."""

    x: Floats
    value: float
    prices: Floats


@dataclass(frozen=True, slots=True)
class Found:
    """A point in whole numbers, whether it is proven that there is none better, and a value that none can pass."""

    x: Floats
    best: bool
    bound: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What branch and bound came to: a point, if any, whether nothing fits, and a value that none can pass.

    `nodes` are those looked at; where no point was found, all that were allowed, and where nothing fits none.
    """

    found: Found | None
    nothing: bool
    bound: float
    nodes: int


@contextmanager
def silence() -> Iterator[None]:
    """Let nothing reach the file descriptor of stdout: HiGHS prints debugging lines there, past Python and options."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (AttributeError, OSError, ValueError):  # no stdout here
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        if os.name == "posix":
            ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def linear(
    programme: Programme, *, interior: bool = False, presolve: bool = True, deadline: Deadline = NEVER
) -> Answer | None:
    """Solve a linear programme by HiGHS; None where nothing fits, `OutOfTime` where a deadline struck.

    The dual simplex is quickest where nearly every optimal vertex is whole; the interior-point method (with crossover)
    where a floor ties everybody to everybody. Where many benefits are equal that one can go round in circles: after 120
    steps the simplex takes over. Presolve is quick on few columns; on all pairs of a room of 300 whose benefits come
    from profiles, it took 16 seconds where the simplex took .3.

    The prices are signed: positive where the upper side of a row binds, negative where the lower does, so that
    ``gain - rows.T @ prices`` are the reduced gains of the columns.
    """
    equal = programme.low == programme.high
    above = ~equal & np.isfinite(programme.high)
    below = ~equal & np.isfinite(programme.low)
    rows = sp.csr_matrix(programme.rows)
    sided = sp.vstack([rows[above], -rows[below]]) if above.any() or below.any() else None
    question = {
        "A_ub": sided,
        "b_ub": None if sided is None else np.concatenate([programme.high[above], -programme.low[below]]),
        "A_eq": rows[equal] if equal.any() else None,
        "b_eq": programme.high[equal] if equal.any() else None,
        "bounds": np.column_stack([np.zeros(len(programme.top)), programme.top]),
    }
    with silence():
        if interior:
            options = {"maxiter": INTERIOR_STEPS, "presolve": presolve, **deadline.options()}
            result = linprog(-programme.gain, **question, method="highs-ipm", options=options)
        if not interior or result.status in STALLED:
            result = linprog(
                -programme.gain, **question, method="highs-ds", options={"presolve": presolve, **deadline.options()}
            )
    if result.status == 1:
        raise OutOfTime
    if result.status != 0:
        return None
    prices = np.zeros(rows.shape[0])
    if equal.any():
        prices[equal] = -result.eqlin.marginals
    if sided is not None:
        split = int(above.sum())
        prices[above] -= result.ineqlin.marginals[:split]
        prices[below] += result.ineqlin.marginals[split:]
    return Answer(result.x, -float(result.fun), prices)


def whole(programme: Programme, *, nodes: int, deadline: Deadline = NEVER) -> Found | None:
    """Solve in whole numbers by branch and bound, `nodes` nodes at most; the best answer found, or None.

    What HiGHS returns is rounded and checked again, because ``milp`` can call an infeasible point optimal.
    """
    return branched(programme, nodes=nodes, deadline=deadline).found


def decided(programme: Programme, *, nodes: int, gap: float, deadline: Deadline = NEVER) -> tuple[Found | None, bool]:
    """Solve in whole numbers to within a share `gap` of the best; and whether it is proven that nothing fits."""
    tried = branched(programme, nodes=nodes, gap=gap, deadline=deadline)
    return tried.found, tried.nothing


def branched(
    programme: Programme,
    *,
    nodes: int,
    gap: float = 0.0,
    on: Bools | None = None,
    deadline: Deadline = NEVER,
) -> Tried:
    """Solve in whole numbers by branch and bound, as `whole` does, and tell all that is known then.

    Where only some columns are branched `on`, the others must be whole of themselves, or no point is found.
    """
    if not programme.gain.size:
        return _without_columns(programme)
    with silence():
        result = milp(
            -programme.gain,
            constraints=LinearConstraint(sp.csr_matrix(programme.rows), programme.low, programme.high),
            bounds=Bounds(np.zeros(len(programme.top)), programme.top),
            integrality=np.ones(len(programme.gain)) if on is None else on.astype(float),
            options={"node_limit": nodes, "mip_rel_gap": gap, **deadline.options()},
        )
    if result.x is None:
        nothing = result.status == NOTHING
        return Tried(None, nothing, np.inf, 0 if nothing else nodes)
    bound, x = -float(result.mip_dual_bound), np.round(result.x)
    value = programme.rows @ x
    held = np.all(value >= programme.low - SLACK) and np.all(value <= programme.high + SLACK)
    fits = held and np.all(x >= -SLACK) and np.all(x <= programme.top + SLACK)
    best = result.status == 0 and bool(np.all(np.abs(x - result.x) <= ROUNDED))
    found = Found(x, best, bound) if fits else None
    return Tried(found, nothing=False, bound=bound, nodes=int(result.mip_node_count))


def _without_columns(programme: Programme) -> Tried:
    """What is known of a programme that leaves nothing to decide, which HiGHS does not take."""
    if np.all(programme.low <= SLACK) and np.all(programme.high >= -SLACK):
        return Tried(Found(np.zeros(0), best=True, bound=0.0), nothing=False, bound=0.0, nodes=0)
    return Tried(None, nothing=True, bound=np.inf, nodes=0)


def assign(gain: Floats) -> Ints:
    """Return for each row of `gain` (a x b, a <= b) the column it takes, at the greatest total gain."""
    rows, columns = linear_sum_assignment(gain, maximize=True)
    order: Ints = columns[np.argsort(rows)].astype(np.int64)
    return order


def assign_few(gain: sp.csr_matrix) -> Ints:
    """Return for each row of a sparse `gain` (all above 0) the column it takes, or -1, at the greatest total gain.

    SciPy matches every row or fails; so each row has a column of its own beside, where it gains nothing.
    """
    rows, columns = gain.shape
    padded = sp.hstack([gain + 0.0, sp.eye(rows)], format="csr")
    padded.data[:] = np.where(padded.indices < columns, padded.data + 1.0, 1.0)
    _, taken = min_weight_full_bipartite_matching(padded, maximize=True)
    found: Ints = np.where(taken < columns, taken, -1).astype(np.int64)
    return found


def overlap(pairs: Sequence[tuple[int, int]]) -> int:
    """Return how many of the `pairs` (left, right) any one-to-one assignment of lefts to rights can keep."""
    lefts, rights = (np.unique(side, return_inverse=True)[1] for side in zip(*pairs, strict=True))
    kept = sp.coo_matrix((np.ones(len(pairs)), (lefts, rights))).tocsr()
    columns = assign_few(kept)
    held = np.flatnonzero(columns >= 0)
    return int(np.asarray(kept[held, columns[held]]).sum())


def matched(may: NDArray[np.bool_]) -> int:
    """Return how many rows of `may` (a x b) can have a column each, no two the same."""
    return int((maximum_bipartite_matching(sp.csr_matrix(may), perm_type="column") >= 0).sum())
