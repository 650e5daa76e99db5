"""Small counts: nothing that leaves the house is about one to four people, nor can it be worked out from the rest."""

from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from webapp.operations.figures.small_counts import FEWEST, NOTHING, STEP, Cell, Table, merged, nested, people, share

Span = tuple[int, int]
KEYS = ("a", "b", "c", "d", "e", None)


@st.composite
def parted(draw: st.DrawFn) -> dict[str | None, Cell]:
    """People, each in one cell; most cells are near the limit."""
    sizes = draw(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 12), max_size=6))
    start, found = 0, {}
    for key, size in sizes.items():
        found[key] = people(range(start, start + size))
        start += size
    return found


@st.composite
def shared(draw: st.DrawFn) -> dict[str | None, Cell]:
    """Meetings of few people who have many of them: a large count may hide a small group."""
    few = st.frozensets(st.integers(0, 9), max_size=8)
    return draw(st.dictionaries(st.sampled_from(KEYS), st.builds(Cell, st.integers(1, 12), few), max_size=6))


def naive(cells: Mapping[str | None, Cell]) -> list[int]:
    """What one would do at first: leave the small ones out, and tell the others as they are."""
    return [cell.count for cell in cells.values() if cell.count >= FEWEST]


def exactly(counts: Iterable[int]) -> list[Span]:
    return [(count, count) for count in counts]


def rounded(counts: Iterable[int]) -> list[Span]:
    """Between what a reader knows each true count to be."""
    return [(count, count + STEP - 1) for count in counts]


def left_over(whole: Span, parts: list[Span]) -> Span:
    """Between what a reader knows to lie whatever is not among the parts."""
    low, high = (sum(ends) for ends in zip(*parts, strict=True)) if parts else (0, 0)
    return max(0, whole[0] - high), max(0, whole[1] - low)


def isolates(span: Span) -> bool:
    """Whether it is certain that there is somebody, and that there are fewer than five."""
    return span[0] >= 1 and span[1] < FEWEST


def cells_of(table: Table[str]) -> list[Cell]:
    return [cell for _key, cell in table.rows] + ([table.others] if table.others else [])


# --- tables -----------------------------------------------------------------------------------------------------------


@given(st.one_of(parted(), shared()))
def test_no_cell_is_small_and_every_count_is_rounded(cells: dict[str | None, Cell]) -> None:
    table = merged(cells)
    assert all(len(cell.who) >= FEWEST and cell.count >= FEWEST for cell in cells_of(table))
    assert all(count >= FEWEST and count % STEP == 0 for _key, count in table.told)
    assert all(key is not None for key, _cell in table.rows)


@given(st.one_of(parted(), shared()))
def test_everybody_is_in_a_cell_or_nobody_is(cells: dict[str | None, Cell]) -> None:
    held = cells_of(merged(cells))
    whole = sum(cells.values(), NOTHING)
    assert not held or sum(held, NOTHING) == whole
    assert held or whole.is_small or not any(cell.count for cell in cells.values())


@given(parted())
def test_nothing_small_is_left_over_however_the_cells_are_subtracted(cells: dict[str | None, Cell]) -> None:
    table, whole = merged(cells), sum(cell.count for cell in cells.values())
    told = [cell.count for cell in cells_of(table)]
    for taken in range(1 << len(told)):
        parts = [count for at, count in enumerate(told) if taken >> at & 1]
        # even if the reader knew the true counts of everything that is told
        assert not isolates(left_over((whole, whole), exactly(parts))) or not told


def test_left_out_cells_would_be_found_by_subtraction() -> None:
    cells: dict[str | None, Cell] = {"a": people(range(9)), "b": people(range(9, 12)), "c": people(range(20, 30))}
    assert isolates(left_over((22, 22), exactly(naive(cells))))
    assert [cell.count for cell in cells_of(merged(cells))] == [10, 12]


def test_many_meetings_of_few_people_are_a_small_cell() -> None:
    few = Cell(8, frozenset(range(4)))
    assert few.is_small
    assert not merged({"a": few}).told
    assert merged({"a": few, "b": Cell(10, frozenset(range(10, 30)))}).told == [(None, 15)]


@given(st.dictionaries(st.tuples(st.sampled_from("xyz"), st.sampled_from(KEYS)), st.integers(0, 9), max_size=9))
def test_small_countries_go_into_their_region_and_small_regions_into_the_others(
    sizes: dict[tuple[str, str | None], int],
) -> None:
    cells = {key: people((key, at) for at in range(size)) for key, size in sizes.items()}
    outer, inner = nested(cells)
    assert inner.keys() == {key for key, _cell in outer.rows}
    for region, cell in outer.rows:
        parts = cells_of(inner[region])
        assert sum(parts, NOTHING) == cell, "a region is told in parts that add up to it"
        assert not any(part.is_small for part in parts)


# --- groups within one another ----------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_difference_of_two_groups_tells_of_one_to_four_people(whole: int, part: int) -> None:
    part = min(whole, part)
    (outer,), (inner,) = rounded([people(range(whole)).told]), rounded([people(range(part)).told])
    assert not isolates(left_over(outer, [inner]))


def test_true_counts_would_tell_it() -> None:
    assert isolates(left_over((213, 213), [(210, 210)]))


@given(st.integers(0, 60), st.integers(1, 4))
def test_what_one_person_adds_is_seen_once_in_five_times_at_most(count: int, more: int) -> None:
    seen = {people(range(count + at)).told for at in range(more + 1)}
    assert len(seen) <= 2


# --- shares -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_hides_a_side_of_less_than_five(one: int, other: int) -> None:
    found = share(people(range(one)), people(range(one, one + other)))
    if min(one, other) >= FEWEST:
        assert found is not None
        assert found.kind == "about"
        assert found.percent % 5 == 0
        assert 5 <= found.percent <= 95
        assert abs(found.percent - 100 * one / (one + other)) <= 5
    elif max(one, other) < FEWEST:
        assert found is None
    else:
        assert found is not None
        assert (found.kind, found.percent) == ("few" if one < FEWEST else "most", 0)


def test_none_and_few_are_told_alike() -> None:
    assert len({share(people(range(few)), people(range(few, 40))) for few in range(FEWEST)}) == 1
