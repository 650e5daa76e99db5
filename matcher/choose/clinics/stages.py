"""Aims one after the other: a linear programme for each, on what is left of those before it, proven in whole numbers.

After each aim its prices say what any answer as good must do: a column whose reduced gain loses more than is open
between bound and value stays where it is, and a row whose price does so binds. What is left is the face of equally good
answers, which keeps the structure of the programme, so that its vertices are nearly always whole again; branch and
bound sees only what is not, and no more of it than is allowed: then the best answer so far stands beside its bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from matcher.graph import Bools, Floats, Ints
from matcher.solver import NEVER, SLACK, Deadline, OutOfTime, Programme, Tried, branched, linear

GRAIN = 2.0**20
NODES = 400
FEWEST = 10
ROOT = 20
ALLOWED = 300_000
DEAR = 3
SMALL = 2_000
NEARLY = 1e-3


@dataclass(slots=True)
class Allowance:
    """What branch and bound may still cost: `columns` looked at, in all nodes and searches together.

    A search costs its nodes and some more for its root; none may take more than half of what is left.
    """

    columns: int = field(default_factory=lambda: ALLOWED)

    def nodes(self, columns: int) -> int:
        """How many nodes the next search may take; 0: too few to be worth its root."""
        nodes = min(NODES, self.columns // (2 * max(columns, 1)) - ROOT)
        return nodes if nodes >= FEWEST else 0

    def spend(self, columns: int, nodes: int) -> None:
        """Count a search."""
        self.columns -= columns * (nodes + ROOT)


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
    allowance: Allowance | None = None,
    deadline: Deadline = NEVER,
) -> Staged | None:
    """Reach one aim after the other; None where nothing obeys, or where the first aim falls short of `want`.

    Parameters
    ----------
    frame : Frame
        What every aim obeys.
    aims : sequence of (columns,) int
        Whole-number gains, the most important first; the last breaks ties, and is not searched for.
    start : (columns,) float, optional
        An answer to fall back on.
    want : int, optional
        What the first aim must reach.
    allowance : Allowance, optional
        What branch and bound may still cost; a first answer is sought with 400 nodes instead.
    deadline : Deadline
        After it no further aim is begun.

    Raises
    ------
    OutOfTime
        A deadline struck before there was any answer.
    """
    walk = _Walk(frame, start, Allowance() if allowance is None else allowance, deadline)
    for place, aim in enumerate(one.astype(float) for one in aims):
        if walk.stages and deadline.over():
            break
        try:
            found = walk.reach(aim, None if place else want, ties=0 < place == len(aims) - 1)
        except OutOfTime:
            if walk.x is None:
                raise
            break
        if not found:
            return None
    return None if walk.x is None else Staged(walk.x, tuple(walk.stages))


class _Walk:
    """From aim to aim: the face that is left, and the best answer so far.

    Where an aim may have fallen short of what is possible, all answers at least as good so far stay on the `wide` face:
    those that better it need not be as good in the aims after it.
    """

    def __init__(self, frame: Frame, start: Floats | None, allowance: Allowance, deadline: Deadline) -> None:
        self.face, self.allowance, self.deadline = _Face(frame), allowance, deadline
        self.wide: _Face | None = None
        self.x = None if start is None or not frame.holds(start) else start
        self.stages: list[tuple[int, int, Floats]] = []

    def reach(self, aim: Floats, want: int | None, *, ties: bool) -> bool:
        """Go on to the next aim; False where nothing obeys, or nothing reaches what is wanted."""
        priced = self.face.priced(aim, self.deadline)
        if priced is None:
            return False
        search = _Search(self.face, aim, priced, self.x)
        if not ties:
            search.run(self.allowance, want, self.deadline)
        if search.x is None and self.deadline.over():
            raise OutOfTime
        if search.x is None or (want is not None and search.value < want):
            return False
        far = None if self.wide is None else self.wide.priced(aim, self.deadline)
        bound = search.bound if far is None else int(np.floor(far.bound + SLACK))
        value, self.x = round(search.value), search.x
        bound = max(bound, value)
        self.stages.append((value, bound, _lost(self.face, priced, bound)))
        self.face = self.face.narrowed(priced, priced.bound - value)
        if priced.bound - value > SLACK * (1 + abs(value)):
            self.face.kept.append((aim, value))
        if self.wide is None and value < bound:
            self.wide = self.face
        return True


def _lost(face: _Face, priced: _Priced, bound: int) -> Floats:
    """What each column loses against a bound: its loss against the prices' own, less what that is higher."""
    lost = np.full(len(face.base), np.inf)
    lost[face.free] = np.maximum(np.abs(priced.reduced) - max(priced.bound - bound, 0.0), 0.0)
    return lost


class _Search:
    """The best answer in whole numbers for one aim, and a proven bound: the vertex, else by branch and bound."""

    def __init__(self, face: _Face, aim: Floats, priced: _Priced, x: Floats | None) -> None:
        self.face, self.aim, self.priced, self.x = face, aim, priced, x
        self.bound = int(np.floor(priced.bound + SLACK))
        self._take(face.rounded(priced.x))

    @property
    def value(self) -> float:
        """What the best answer so far reaches."""
        return -np.inf if self.x is None else float(self.aim @ self.x)

    def run(self, allowance: Allowance, want: int | None, deadline: Deadline) -> None:
        """Look near the vertex, then farther; in small programmes, and where so much is wanted, at all that is better.

        The less may be lost, the more columns stay where they are.
        """
        least = self.value if want is None else max(self.value, want)
        reach = SLACK * (1 + abs(self.bound))
        if want is not None or (self.x is not None and self.face.free.sum() <= SMALL):
            reach = max(reach, self.priced.bound - least)
        for _ in range(2):
            if self.value >= self.bound or least > self.bound:
                return
            self._look(reach, allowance, deadline)
            if self.priced.bound - reach <= least:
                return
            reach = self.priced.bound - self.value

    def _look(self, reach: float, allowance: Allowance, deadline: Deadline) -> None:
        """Search all that loses no more than `reach` against the bound; what lies beyond is bounded by that.

        Once it is settled which hosts wait for visitors when, all else is nearly always whole.
        """
        near = self.face.narrowed(self.priced, reach)
        counters = near.frame.up[near.free]
        for on in (counters, None) if counters.any() else (None,):
            nodes = NODES if self.x is None else allowance.nodes(len(counters))
            if not nodes:
                return
            tried = branched(near.programme(self.aim), nodes=nodes, on=on, deadline=deadline)
            allowance.spend(len(counters), tried.nodes * (DEAR if on is None else 1))
            self._learn(near, reach, tried)
            settled = tried.nothing or (tried.found is not None and tried.found.best)
            if settled or (self.x is not None and tried.nodes >= nodes):
                return

    def _learn(self, near: _Face, reach: float, tried: Tried) -> None:
        inside = -np.inf if tried.nothing else tried.bound + float(self.aim @ near.base)
        if tried.found is not None:
            self._take(near.full(tried.found.x))
            inside = self.value if tried.found.best else inside
        most = max(inside, self.priced.bound - reach, self.value)
        if np.isfinite(most):
            self.bound = min(self.bound, int(np.floor(most + NEARLY)))

    def _take(self, point: Floats | None) -> None:
        if point is not None and self.aim @ point >= self.value:
            self.x = point
