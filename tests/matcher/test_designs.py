"""Rounds from algebra: nobody meets twice, sizes differ by one, and fields have as many rounds as they should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.circles.designs import design
from matcher.choose.circles.layout import numbers_of_tables
from matcher.choose.circles.mixing import temperatures
from matcher.choose.circles.relabel import relabel
from matcher.choose.circles.shifting import shifted
from matcher.choose.circles.turning import turned
from matcher.solver import NEVER
from tests.breadth import breadth


def most_together(rounds: np.ndarray) -> int:
    """How often the two who meet most often share a table."""
    times = (rounds[:, :, None] == rounds[:, None, :]).sum(0)
    np.fill_diagonal(times, 0)
    return int(times.max(initial=0))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 14), st.integers(1, 70), st.integers(0, 12))
def test_no_design_has_a_repeat_and_its_tables_are_equal(tables: int, people: int, rounds: int) -> None:
    found = design(people, tables, rounds)
    sizes = [np.bincount(places, minlength=tables) for places in found]
    assert found.shape[0] <= rounds
    assert found.shape[1] == people
    assert most_together(found) <= 1
    assert all(size.max() - size.min() <= 1 for size in sizes)


@pytest.mark.parametrize("order", [2, 3, 4, 5, 7, 8, 9, 11, 16])
def test_every_field_gives_an_affine_plane(order: int) -> None:
    found = design(order * order, order, order + 1)
    assert len(found) == order + 1
    assert most_together(found) == 1


@pytest.mark.parametrize(
    ("people", "tables", "rounds"), [(32, 8, 9), (64, 16, 21), (27, 9, 13), (60, 10, 7), (210, 35, 7)]
)
def test_longer_rectangles_have_more_rounds(people: int, tables: int, rounds: int) -> None:
    found = design(people, tables, rounds)
    assert len(found) == rounds
    assert most_together(found) == 1


TURNED = [(15, 5, 7), (18, 6, 8), (24, 6, 7), (28, 7, 9), (30, 6, 6), (27, 9, 13), (24, 8, 11), (23, 6, 6)]


@pytest.mark.parametrize(("people", "tables", "rounds"), TURNED)
def test_turning_a_base_round_has_all_the_rounds(people: int, tables: int, rounds: int) -> None:
    found = turned(people, tables, rounds)
    assert found is not None
    assert np.shape(found) == (rounds, people)
    assert most_together(np.array(found)) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 20), st.integers(1, 6), st.integers(1, 6))
def test_what_is_turned_has_no_repeat_and_equal_tables(people: int, tables: int, rounds: int) -> None:
    found = turned(people, tables, rounds)
    if found is None:
        return
    sizes = [np.bincount(places, minlength=tables) for places in found]
    assert np.shape(found) == (rounds, people)
    assert most_together(np.array(found)) <= 1
    assert all(size.max() - size.min() <= 1 for size in sizes)


@pytest.mark.parametrize(("rows", "tables", "rounds"), [(6, 10, 8), (6, 12, 9), (6, 14, 9), (5, 10, 9), (4, 10, 9)])
def test_shifts_of_rows_and_a_round_within_them_have_all_the_rounds(rows: int, tables: int, rounds: int) -> None:
    found = shifted(rows, tables, rounds)
    assert found is not None
    assert np.shape(found) == (rounds, rows * tables)
    assert most_together(found) == 1


@settings(max_examples=breadth(25, quick=12), deadline=None)
@given(st.integers(1, 5), st.integers(2, 9), st.integers(1, 5))
def test_what_is_shifted_has_no_repeat_and_full_tables(rows: int, tables: int, rounds: int) -> None:
    found = shifted(rows, tables, rounds)
    if found is None:
        return
    assert np.shape(found) == (rounds, rows * tables)
    assert most_together(found) <= 1
    assert all((np.bincount(places, minlength=tables) == rows).all() for places in found)


def test_a_repeat_would_be_noticed() -> None:
    twice = design(16, 4, 5)[[0, 0, 1]]
    assert most_together(twice) == 2


def test_people_change_places_for_what_it_costs() -> None:
    rounds = design(16, 4, 3)
    together = (rounds[:, :, None] == rounds[:, None, :]).sum(0)
    np.fill_diagonal(together, 0)
    apart = np.zeros((16, 16))
    for one in range(0, 12, 3):
        apart[[one, one + 1], [one + 1, one]] = 1.0
    order = relabel(together, apart, temperatures(1.0, 0.2, 300), seed=0, deadline=NEVER)
    assert sorted(order.tolist()) == list(range(16))
    assert not (together * apart[np.ix_(order, order)]).any()


@given(st.integers(0, 200), st.integers(2, 9), st.integers(1, 40))
def test_numbers_of_tables_fit_the_contract(people: int, size: int, most: int) -> None:
    for tables in numbers_of_tables(people, people, size, most):
        low, high = people // tables, -(-people // tables)
        assert tables <= most
        assert 2 <= low <= high <= size + 1
        assert low >= size - 1 or -(-people // (size + 1)) * (size - 1) > people
