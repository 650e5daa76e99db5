"""Whoever joins those whose cards change leaves nobody over who had a table, and no two meet twice."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from matcher.engine import solve
from matcher.problem import Lock
from matcher.repair.cards import Cards, cards_of
from matcher.repair.changes import Changes, changed
from matcher.repair.pairs.cover import Search, likely_demand
from matcher.repair.pairs.joining import Joining

from .test_honesty import room
from .test_repair import timeless


@cache
def cards(seed: int) -> Cards:
    problem = room("pairs", 40, 8, seed)
    plan = solve(problem, clock=timeless)
    gone = Changes(1, absent=tuple(f"p{at}" for at in range(seed, 40, 7)))
    return cards_of(problem, changed(problem, plan, gone), plan, gone)


def twice(joining: Joining) -> list[tuple[int, int]]:
    """Who meets more than once, in the rounds decided or beside the meetings that stay."""
    pairs = [(seat.one, seat.other) for seat in joining.room.kept]
    pairs += [(min(pair), max(pair)) for found in joining.pairs for pair in found]
    return sorted(pair for pair in set(pairs) if pairs.count(pair) > 1)


@pytest.mark.parametrize("seed", range(6))
def test_one_more_who_may_move_leaves_nobody_over_who_had_a_table(seed: int) -> None:
    said = cards(seed)
    search = Search(likely_demand(said), seed)
    search.run()
    joining, rows = Joining(said, search.best), np.flatnonzero(said.there.any(1) & ~search.best & ~said.late)
    assert not twice(joining)
    for who in rows[:12].tolist():
        wider = joining.widened((who,))
        assert (wider.rests, wider.inside.sum()) <= (joining.rests, joining.inside.sum() + 1)
        assert not twice(wider)
        two = joining.widened((who, int(rows[-1])))
        assert two.rests <= joining.rests
        assert not twice(two)


def test_a_locked_meeting_is_held_once_though_one_of_the_two_may_move() -> None:
    problem = room("pairs", 20, 4)
    plan = solve(problem, clock=timeless)
    lock = next(one for one in plan.meetings if one.round == 3)
    problem = replace(problem, locks=(Lock(3, lock.people),))
    said = cards_of(problem, problem, plan, Changes(1))
    joining = Joining(said, np.zeros(said.size, np.bool_))
    for name in lock.people:
        assert not twice(joining.widened((said.admissible.index[name],)))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_over_is_what_the_count_says(seed: int) -> None:
    said = cards(seed)
    for size in (0, 3, 8):
        inside = np.zeros(said.size, np.bool_)
        inside[np.flatnonzero(said.there.any(1))[:size]] = True
        joining = Joining(said, inside)
        settled = joining.settled()
        held = np.bincount([seat.when for seat in settled.seats], minlength=said.rounds)
        assert ((said.there.sum(0) - 2 * held).sum(), settled.stale) <= (joining.rests, joining.stale)
