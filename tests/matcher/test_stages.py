"""Aims one after the other beside every point of small programmes, however little may be searched."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.clinics.stages import Allowance, Frame, in_order

PLENTY = 10**9


@st.composite
def programmes(draw: st.DrawFn) -> tuple[Frame, list[np.ndarray]]:
    """Six columns, odd rows that have fractional vertices, and three aims, the last of which only breaks ties."""
    width = 6
    number = st.integers(-2, 3)
    rows = np.array(draw(st.lists(st.lists(number, min_size=width, max_size=width), min_size=1, max_size=4)), float)
    top = np.array(draw(st.lists(st.integers(1, 2), min_size=width, max_size=width)), float)
    high = np.array([draw(st.integers(0, 5)) for _ in rows], float)
    low = np.array([draw(st.sampled_from((-np.inf, 0.0))) for _ in rows])
    up = np.array(draw(st.lists(st.booleans(), min_size=width, max_size=width)))
    aims = [np.array(draw(st.lists(st.integers(0, 9), min_size=width, max_size=width))) for _ in range(3)]
    aims = [np.where(up, 0, aim) for aim in aims]
    return Frame(sp.csc_matrix(rows), low, high, top, up), aims


def points(frame: Frame) -> list[np.ndarray]:
    every = (np.array(one, float) for one in product(*[range(int(most) + 1) for most in frame.top]))
    return [one for one in every if frame.holds(one)]


@pytest.mark.parametrize("small", [0, 2_000])
@settings(max_examples=60, deadline=None)
@given(programmes(), st.sampled_from((0, 60, 200, PLENTY)), st.randoms(use_true_random=False))
def test_no_point_that_is_as_good_passes_a_bound(
    small: int, programme: tuple[Frame, list[np.ndarray]], columns: int, chance: object
) -> None:
    frame, aims = programme
    every = points(frame)
    start = chance.choice(every)  # nothing at all obeys every frame
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.choose.clinics.stages.SMALL", small)
        patch.setattr("matcher.choose.clinics.stages.ROOT", 1)
        patch.setattr("matcher.choose.clinics.stages.FEWEST", 1)
        staged = in_order(frame, aims, start=start, allowance=Allowance(columns))
    assert staged is not None
    assert frame.holds(staged.x)
    reached = tuple(int(aim @ staged.x) for aim in aims[:2])
    assert all(value <= now for value, now in zip(staged.values, reached, strict=False))
    better = [one for one in every if tuple(int(aim @ one) for aim in aims[:2]) >= reached]
    assert max(int(aims[0] @ one) for one in better) <= staged.bounds[0]
    assert max(int(aims[1] @ one) for one in better) <= staged.bounds[1]
    if columns == PLENTY:
        assert reached == max(tuple(int(aim @ one) for aim in aims[:2]) for one in every)


@settings(max_examples=60, deadline=None)
@given(programmes(), st.integers(0, 30))
def test_nothing_is_found_where_the_first_aim_falls_short(programme: tuple[Frame, list[np.ndarray]], want: int) -> None:
    frame, aims = programme
    best = max(int(aims[0] @ one) for one in points(frame))
    staged = in_order(frame, aims, want=want)
    assert (staged is None) == (best < want)
