"""At which table: the seated stay, nobody shares, and no seating changes less than the bound allows."""

import random
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import NotPossible
from matcher.where.seat import Group, changes, fewest_changes, seat


def round_robin(people: int, rounds: int) -> list[Group]:
    """The circle method: everybody meets somebody new in each round."""
    ring = list(range(1, people))
    return [
        Group(turn, tuple(sorted((one, other))))
        for turn in range(rounds)
        for one, other in zip(
            [0, *ring[turn:], *ring[:turn]][: people // 2], reversed([0, *ring[turn:], *ring[:turn]]), strict=False
        )
    ]


@st.composite
def rooms(draw: st.DrawFn, most: int = 6, rounds: int = 3) -> list[Group]:
    """Random groups of one to three people, with people coming and going."""
    number = draw(st.integers(2, most))
    groups = []
    for turn in range(draw(st.integers(1, rounds))):
        here = draw(st.permutations(range(number)))[: draw(st.integers(0, number))]
        while here:
            size = draw(st.integers(1, 3))
            groups.append(Group(turn, tuple(here[:size])))
            here = here[size:]
    return groups


def least_changes(groups: list[Group], tables: int) -> int:
    """Every seating there is."""
    rounds = sorted({group.round for group in groups})
    by_round = [[at for at, group in enumerate(groups) if group.round == when] for when in rounds]
    best = None
    for choice in product(*(permutations(range(tables), len(here)) for here in by_round)):
        names = {
            at: str(name)
            for here, seats in zip(by_round, choice, strict=True)
            for at, name in zip(here, seats, strict=False)
        }
        found = changes(groups, [names[at] for at in range(len(groups))])
        best = found if best is None else min(best, found)
    return best or 0


def test_one_of_each_two_stays() -> None:
    groups = round_robin(12, 11)
    tables = seat(groups, None)
    assert changes(groups, tables) == fewest_changes(groups) == 10 * 6


@settings(max_examples=80, deadline=None)
@given(rooms())
def test_the_bound_holds_and_few_seatings_are_better(groups: list[Group]) -> None:
    tables = max((sum(g.round == when for g in groups) for when in range(3)), default=0)
    if tables > 3:
        return
    found = changes(groups, seat(groups, tables or 1))
    best = least_changes(groups, max(tables, 1))
    assert fewest_changes(groups) <= best <= found <= best + 1


@settings(max_examples=100, deadline=None)
@given(rooms(most=10, rounds=4), st.sets(st.integers(0, 9), max_size=3), st.none() | st.integers(10, 14))
def test_no_table_is_used_twice_and_the_seated_stay(groups: list[Group], seated: set[int], tables: int | None) -> None:
    groups = [group for group in groups if len(seated & {*group.people}) < 2]
    seats = seat(groups, tables, seated)
    assert None not in seats
    assert len({(group.round, name) for group, name in zip(groups, seats, strict=True)}) == len(groups)
    homes = {who: {name for group, name in zip(groups, seats, strict=True) if who in group.people} for who in seated}
    for who, names in homes.items():
        assert len(names) <= 1
        if tables is None:
            strangers = {name for group, name in zip(groups, seats, strict=True) if who not in group.people}
            assert not names & strangers


def test_it_beats_numbering_the_tables_as_they_come() -> None:
    rng = random.Random(1)
    groups = [group for group in round_robin(24, 10) if rng.random() < 0.9]
    naive = [str(sum(g.round == group.round for g in groups[:at])) for at, group in enumerate(groups)]
    assert changes(groups, seat(groups, None)) < 0.75 * changes(groups, naive)


def test_more_seated_people_than_tables_drop_what_cannot_be_held() -> None:
    assert seat([Group(0, (0, 2)), Group(0, (1, 3))], ("only",), (0, 1)) == ["only", None]


def test_a_seated_person_stays_at_the_locked_table() -> None:
    groups = [Group(0, (0, 1)), Group(1, (0, 2), "7", locked=True), Group(0, (2, 3)), Group(1, (1, 3))]
    assert seat(groups, None, (0,))[:2] == ["7", "7"]


def test_a_lock_of_a_seated_person_at_a_table_that_is_taken_is_refused() -> None:
    with pytest.raises(NotPossible, match="a seated person's lock in round 2 finds table 'only' taken"):
        seat([Group(0, (0, 2)), Group(1, (0, 3), locked=True), Group(1, (1, 2), "only", locked=True)], ("only",), (0,))


def test_what_is_dropped_has_no_changes() -> None:
    groups = [Group(0, (0, 2)), Group(0, (1, 3)), Group(1, (2, 3))]
    assert changes(groups, ["a", None, "b"]) == 1
    assert changes(groups, ["a", "c", "b"]) == 2


def test_two_locks_at_one_table_are_refused() -> None:
    with pytest.raises(NotPossible, match="table '5'"):
        seat([Group(0, (0, 1), "5", locked=True), Group(0, (2, 3), "5", locked=True)], None)
