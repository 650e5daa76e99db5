"""The only door to SciPy's optimisers: linear programmes, whole-number programmes, assignments.

Everything here is maximised. HiGHS is stopped by counts of nodes, never by a clock, so that the same question
always has the same answer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, linprog, milp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-6


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


def linear(programme: Programme, *, interior: bool = False) -> Answer | None:
    """Solve a linear programme by HiGHS; None where nothing fits.

    The dual simplex is quickest where nearly every optimal vertex is whole; the interior-point method (with crossover)
    where a floor ties everybody to everybody.

    The prices are signed: positive where the upper side of a row binds, negative where the lower does, so that
    ``gain - rows.T @ prices`` are the reduced gains of the columns.
    """
    equal = programme.low == programme.high
    above = ~equal & np.isfinite(programme.high)
    below = ~equal & np.isfinite(programme.low)
    rows = sp.csr_matrix(programme.rows)
    result = linprog(
        -programme.gain,
        A_ub=sp.vstack([rows[above], -rows[below]]) if above.any() or below.any() else None,
        b_ub=np.concatenate([programme.high[above], -programme.low[below]]) if above.any() or below.any() else None,
        A_eq=rows[equal] if equal.any() else None,
        b_eq=programme.high[equal] if equal.any() else None,
        bounds=np.column_stack([np.zeros(len(programme.top)), programme.top]),
        method="highs-ipm" if interior else "highs-ds",
    )
    if result.status != 0:
        return None
    prices = np.zeros(rows.shape[0])
    if equal.any():
        prices[equal] = -result.eqlin.marginals
    if above.any() or below.any():
        split = int(above.sum())
        prices[above] -= result.ineqlin.marginals[:split]
        prices[below] += result.ineqlin.marginals[split:]
    return Answer(result.x, -float(result.fun), prices)


def whole(programme: Programme, *, nodes: int, gap: float = 0.0) -> Floats | None:
    """Solve in whole numbers by branch and bound, `nodes` nodes at most; the best answer found, or None.

    What HiGHS returns is rounded and checked again, because ``milp`` can call an infeasible point optimal.
    """
    result = milp(
        -programme.gain,
        constraints=LinearConstraint(sp.csr_matrix(programme.rows), programme.low, programme.high),
        bounds=Bounds(np.zeros(len(programme.top)), programme.top),
        integrality=np.ones(len(programme.gain)),
        options={"node_limit": nodes, "mip_rel_gap": gap},
    )
    if result.x is None:
        return None
    x: Floats = np.round(result.x)
    value = programme.rows @ x
    held = np.all(value >= programme.low - SLACK) and np.all(value <= programme.high + SLACK)
    return x if held and np.all(x >= -SLACK) and np.all(x <= programme.top + SLACK) else None


def assign(gain: Floats) -> Ints:
    """Return for each row of `gain` (a x b, a <= b) the column it takes, at the greatest total gain."""
    rows, columns = linear_sum_assignment(gain, maximize=True)
    order: Ints = columns[np.argsort(rows)].astype(np.int64)
    return order
