"""Fewest failures by cores, beside trying everything; and counters that count."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.sat import Clauses
from matcher.when.cores import Fewest
from matcher.when.formula import stars

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


@given(st.integers(2, 5))
def test_nothing_is_answered_when_the_effort_is_spent(number: int) -> None:
    clauses = Clauses()
    places = [clauses.fresh() for _ in range(number)]
    clauses.one_at_most(places)
    clauses.allow(0)
    assert clauses.ask(places, 1000) is None
    clauses.allow(1000)
    assert clauses.ask(places, 1000) is False
    assert clauses.ask([], 1000) is True
    clauses.close()


@given(st.integers(1, 9), st.data())
def test_where_all_is_free_the_first_answer_is_what_was_suggested(number: int, data: st.DataObject) -> None:
    clauses = Clauses()
    wanted = [clauses.fresh() * data.draw(st.sampled_from((1, -1))) for _ in range(number)]
    clauses.add(*wanted)
    clauses.suggest(wanted)
    assert clauses.ask([], 1000)
    assert clauses.answer() == wanted
    clauses.close()


@given(st.lists(st.sampled_from(list(combinations(range(6), 2))), unique=True))
def test_a_star_has_somebody_in_common_and_each_meeting_one_star(pairs: list[tuple[int, int]]) -> None:
    found = stars(np.array(pairs, np.int64).reshape(-1, 2))
    assert sorted(at for star in found for at in star) == list(range(len(pairs)))
    assert all(set.intersection(*(set(pairs[at]) for at in star)) for star in found)
