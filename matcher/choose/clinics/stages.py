"""Aims one after the other: a linear programme for each, on what is left of those before it, proven in whole numbers.

After each aim its prices say what any answer as good must do: a column whose reduced gain loses more than is open
between bound and value stays where it is, and a row whose price does so binds. What is left is the face of equally good
answers, which keeps the structure of the programme, so that its vertices are nearly always whole again; branch and
bound sees only what is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, SLACK, Deadline, OutOfTime, Programme, linear, whole

GRAIN = 2.0**20
NODES = 400


@dataclass(frozen=True, slots=True)
class Frame:
    """What every aim obeys: `low` <= `rows` x <= `high`, 0 <= x <= `top`, all in whole numbers.

    `up` marks columns that only count (rounds in which a host is visited): a fraction of them is rounded up.
    """

    rows: sp.csc_matrix
    low: Floats
    high: Floats
    top: Floats
    up: Bools

    def holds(self, x: Floats) -> bool:
        """Whether a point in whole numbers obeys."""
        value = self.rows @ x
        held = np.all(value >= self.low - SLACK) and np.all(value <= self.high + SLACK)
        return bool(held and np.all(x >= -SLACK) and np.all(x <= self.top + SLACK))


@dataclass(frozen=True, slots=True)
class Staged:
    """The last answer, and for each aim that was reached its value, a proven bound given those before, and losses.

    Losses are, for each column, what an answer with one more (or one less, where it stands at its top) loses at least
    against the bound: a column fixed by an earlier aim loses everything.
    """

    x: Floats
    stages: tuple[tuple[int, int, Floats], ...]

    @property
    def values(self) -> tuple[int, ...]:
        """What each aim reaches."""
        return tuple(value for value, _, _ in self.stages)

    @property
    def bounds(self) -> tuple[int, ...]:
        """What each aim cannot exceed."""
        return tuple(bound for _, bound, _ in self.stages)

    @property
    def losses(self) -> tuple[Floats, ...]:
        """What each column loses for each aim."""
        return tuple(lost for _, _, lost in self.stages)


@dataclass(frozen=True, slots=True)
class _Priced:
    """One aim solved as a linear programme on the free columns: `reduced` gains by column, `prices` by row."""

    x: Floats
    bound: float
    reduced: Floats
    prices: Floats


class _Face:
    """The answers that are as good as can be in all aims so far."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.free = frame.top > 0
        self.base = np.zeros(len(frame.top))
        self.low, self.high = frame.low.copy(), frame.high.copy()
        self.kept: list[tuple[Floats, int]] = []

    def programme(self, aim: Floats) -> Programme:
        """The aim over the free columns; aims that bounds could not close stand as rows."""
        held = self.frame.rows @ self.base
        rows, low, high = [self.frame.rows[:, self.free]], [self.low - held], [self.high - held]
        for gain, value in self.kept:
            rows.append(sp.csr_matrix(gain[None, self.free]))
            low.append(np.array([value - gain @ self.base]))
            high.append(np.array([np.inf]))
        stacked = sp.vstack(rows, format="csr") if len(rows) > 1 else sp.csr_matrix(rows[0])
        return Programme(aim[self.free], stacked, np.concatenate(low), np.concatenate(high), self.frame.top[self.free])

    def priced(self, aim: Floats, deadline: Deadline) -> _Priced | None:
        """Solve the linear programme, with a bound summed up exactly from prices rounded to a grain."""
        if not self.free.any():
            nothing = _Priced(self.base, float(aim @ self.base), np.empty(0), np.zeros(len(self.low)))
            return nothing if self.frame.holds(self.base) else None
        programme = self.programme(aim)
        answer = linear(programme, deadline=deadline)
        if answer is None:
            return None
        prices = np.round(answer.prices * GRAIN) / GRAIN
        sides = np.where(prices > 0, programme.high, programme.low)
        prices[np.isinf(sides)] = sides[np.isinf(sides)] = 0.0
        reduced = programme.gain - programme.rows.T @ prices
        bound = (prices * sides).sum() + (np.maximum(reduced, 0) * programme.top).sum() + aim @ self.base
        return _Priced(self.full(answer.x), float(bound), reduced, prices[: len(self.low)])

    def full(self, part: Floats) -> Floats:
        """All columns, from the free ones."""
        x = self.base.copy()
        x[self.free] = part
        return x

    def rounded(self, x: Floats) -> Floats | None:
        """The point in whole numbers, where it is one."""
        near = np.where(self.frame.up, np.ceil(x - SLACK), np.round(x))
        off = np.abs(near - x)[~self.frame.up].max(initial=0.0)
        fits = off <= SLACK and self.frame.holds(near) and all(gain @ near >= value for gain, value in self.kept)
        return near if fits else None

    def narrowed(self, priced: _Priced, loss: float) -> "_Face":
        """What loses no more than `loss` against the bound."""
        face = _Face(self.frame)
        face.kept = list(self.kept)
        free = np.flatnonzero(self.free)
        face.free, face.base = self.free.copy(), self.base.copy()
        up, down = free[priced.reduced > loss], free[priced.reduced < -loss]
        face.base[up] = self.frame.top[up]
        face.free[up] = face.free[down] = False
        face.low = np.where(priced.prices > loss, self.high, self.low)
        face.high = np.where(priced.prices < -loss, self.low, self.high)
        return face


def in_order(
    frame: Frame,
    aims: Sequence[Ints],
    *,
    start: Floats | None = None,
    want: int | None = None,
    deadline: Deadline = NEVER,
) -> Staged | None:
    """Reach one aim after the other; None where nothing obeys, or where the first aim falls short of `want`.

    Parameters
    ----------
    frame : Frame
        What every aim obeys.
    aims : sequence of (columns,) int
        Whole-number gains, the most important first.
    start : (columns,) float, optional
        An answer to fall back on.
    want : int, optional
        What the first aim must reach.
    deadline : Deadline
        After it no further aim is begun.

    Raises
    ------
    OutOfTime
        A deadline struck before there was any answer.
    """
    face, x = _Face(frame), None if start is None or not frame.holds(start) else start
    found: list[tuple[int, int, Floats]] = []
    for aim in (one.astype(float) for one in aims):
        if found and deadline.over():
            break
        try:
            stage = _reached(face, aim, x, deadline)
        except OutOfTime:
            if x is None:
                raise
            break
        if stage is None:
            return None
        x, bound, priced = stage
        value = round(float(aim @ x))
        found.append((value, max(bound, value), _lost(face, priced)))
        if want is not None and found[0][0] < want:
            return None
        face = face.narrowed(priced, priced.bound - value)
        if priced.bound - value >= 1:
            face.kept.append((aim, value))
    return None if x is None else Staged(x, tuple(found))


def _reached(face: _Face, aim: Floats, x: Floats | None, deadline: Deadline) -> tuple[Floats, int, _Priced] | None:
    """The best answer for one aim, with its bound and prices; None where nothing obeys."""
    priced = face.priced(aim, deadline)
    if priced is None:
        return None
    x, bound = _in_whole(face, aim, priced, x, deadline=deadline)
    if x is None and deadline.over():
        raise OutOfTime
    return None if x is None else (x, bound, priced)


def _lost(face: _Face, priced: _Priced) -> Floats:
    lost = np.full(len(face.base), np.inf)
    lost[face.free] = np.abs(priced.reduced)
    return lost


def _in_whole(
    face: _Face, aim: Floats, priced: _Priced, x: Floats | None, *, deadline: Deadline
) -> tuple[Floats | None, int]:
    """The best answer in whole numbers and the bound: the vertex, else by branch and bound near it, else farther."""
    bound = int(np.floor(priced.bound + SLACK))

    def better(point: Floats | None) -> Floats | None:
        return point if point is not None and (x is None or aim @ point >= aim @ x) else x

    x = better(face.rounded(priced.x))
    reach = SLACK * (1 + abs(bound))
    for _ in range(2):
        if x is not None and aim @ x >= bound:
            break
        near = face.narrowed(priced, reach)
        found = whole(near.programme(aim), nodes=NODES, deadline=deadline)
        x = better(None if found is None else near.full(found.x))
        short = np.inf if x is None else float(priced.bound - aim @ x)
        if found is not None and found.best and reach >= short:
            bound = round(float(aim @ x)) if x is not None else bound
        reach = short
    return x, bound
