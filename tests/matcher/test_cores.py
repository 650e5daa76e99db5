"""Fewest failures by cores, beside trying everything; and counters that count."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.sat import Clauses
from matcher.when.cores import Fewest

VARIABLES = 6
LITERALS = st.integers(1, VARIABLES) | st.integers(-VARIABLES, -1)
CLAUSES = st.lists(st.lists(LITERALS, min_size=1, max_size=3), max_size=16)
WORLDS = list(product((False, True), repeat=VARIABLES))


class Untrimmed(Fewest):
    """Takes every core as it comes, so that more than one of it may have to fail."""

    def _smaller(self, core: list[int]) -> list[int]:
        return core


class Coarse(Fewest):
    """Takes all wishes together for a core, of which many may have to fail."""

    def _smaller(self, core: list[int]) -> list[int]:
        return list(self._wishes) if core else core


def kept(world: tuple[bool, ...], clause: list[int]) -> bool:
    return any(world[abs(one) - 1] == (one > 0) for one in clause)


@pytest.mark.parametrize("search", [Fewest, Untrimmed, Coarse])
@settings(max_examples=150)
@given(CLAUSES, st.integers(0, VARIABLES), st.integers(1, VARIABLES), st.sampled_from((1, 1000)))
def test_no_answer_has_fewer_than_the_bound_and_one_has_just_as_many(
    search: type[Fewest], written: list[list[int]], most: int, counted: int, patience: int
) -> None:
    clauses = Clauses()
    costs = [clauses.fresh() for _ in range(VARIABLES)]
    for clause in written:
        clauses.add(*clause)
    clauses.exactly(costs, most)
    fewest = search(clauses, costs[:counted])
    while not fewest.run(patience):
        assert not fewest.done
    worlds = [one for one in WORLDS if sum(one) == most and all(kept(one, clause) for clause in written)]
    assert fewest.possible == bool(worlds)
    if worlds:
        assert fewest.bound == min(sum(one[:counted]) for one in worlds)
        assert sum(clauses.true(costs[:counted])) == fewest.bound
    clauses.close()


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(0, 9))
def test_a_counter_counts(world: list[bool], number: int) -> None:
    clauses = Clauses()
    places = [clauses.fresh() for _ in world]
    clauses.exactly(places, number)
    said = [place if true else -place for place, true in zip(places, world, strict=True)]
    assert clauses.ask(said, 1000) is (sum(world) == number)
    clauses.close()
