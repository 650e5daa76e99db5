"""What is built for large rooms and hard questions is sound in small ones, whatever the solvers leave unanswered."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

from matcher import solver
from matcher.errors import BadProblem
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.changes import Changes
from matcher.sat import Clauses
from tests.breadth import breadth
from tests.matcher.strategies import KINDS, sessions
from tests.matcher.test_every_format import holds
from tests.matcher.test_honesty import likeness, solved
from tests.matcher.test_larger_rooms import losses, room
from tests.matcher.test_repair import repair
from tests.matcher.test_repair_hosts import events
from tests.matcher.test_repair_interpreters import room as helped_room
from tests.matcher.test_repair_sequences import happenings, unsound
from tests.matcher.test_repair_voices import ruled as helped_clinics

LIMIT_REACHED = 1
FEW = 3  # columns about which branch and bound always has time to tell
MILP, ASK = solver.milp, Clauses.ask


def stopping(chance: random.Random) -> Callable[..., OptimizeResult]:
    """Branch and bound that is stopped by chance: before it has found anything, or before it has proven it the best."""

    def milp(*args: Any, **more: Any) -> OptimizeResult:
        result, lot = MILP(*args, **more), chance.randrange(4)
        if result.x is None or lot > 1 or len(result.x) < FEW:
            return result
        bound = result.mip_dual_bound - chance.randrange(2)
        nodes = result.mip_node_count
        return OptimizeResult(
            x=result.x if lot else None, status=LIMIT_REACHED, mip_dual_bound=bound, mip_node_count=nodes
        )

    return milp


def at_a_loss(chance: random.Random) -> Callable[..., bool | None]:
    """Questions about clauses of which some, by chance, would need more conflicts than there are."""

    def ask(clauses: Clauses, assumed: Sequence[int], conflicts: int) -> bool | None:
        return ASK(clauses, assumed, conflicts) if chance.randrange(9) else None

    return ask


@contextmanager
def stopped(seed: int) -> Iterator[None]:
    """Let branch and bound, and the search about clauses, be stopped now and then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.solver.milp", stopping(random.Random(seed)))
        patch.setattr("matcher.sat.Clauses.ask", at_a_loss(random.Random(seed)))
        yield


# where rooms begin to be large for each of these, and how long what is long there is tried
LARGE = {
    "choose.circles.small.MANY": 0,
    "choose.circles.small.TINY": 0,
    "choose.circles.table_bound.SEEN": 30,
    "choose.circles.table_bound.TURNS": 1,
    "choose.circles.turning.STEPS": 1_000,
    "choose.groups.search.SMALL": 0,
    "choose.pairs.choice.FEW_PAIRS": 0,
    "choose.pairs.choice.LARGE": 10,
    "choose.pairs.choice.MIDDLING": 5,
    "choose.pairs.lowest.SMALL": 0,
    "choose.pairs.lowest.TINY": 0,
    "choose.stations.highest.STEPS": 1,
    "choose.stations.set_prices.TURNS": 1,
    "choose.stations.visit_sets.STEPS": 1,
    "repair.agreed.refill.MOST": 20,
    "repair.agreed.refill.SMALL": 10,
    "repair.circles.refill.SMALL": 0,
    "repair.groups.refill.BUDGET": 10,
    "repair.groups.refill.SMALL": 0,
    "repair.groups.refill._within.__defaults__": (10,),
    "repair.pairs.filling.BROAD": 10,
    "repair.pairs.filling.HELPS": 1,
    "repair.pairs.filling.SMALL": 0,
    "repair.pairs.filling.TESTS": 1,
    "repair.pairs.filling.WIDE": 40,
    "repair.pairs.proof.least.__defaults__": (3,),
    "repair.visits.refill.BROAD": 20,
    "ways.interpreted.AGAIN": 1,
    "when.mend.TINY": 0,
    "when.mixing.WORK": 500,
    "when.polish.SWEEPS": 1,
    "when.rests.MOST": 10,
    "when.settle.TINY": 0,
    "where.seat.SWEEPS": 1,
}


@contextmanager
def large(some: random.Random) -> Iterator[None]:
    """Let some of the ways of large rooms be taken in rooms of any size."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LARGE.items():
            if some.randrange(3):
                patch.setattr(f"matcher.{name}", value)
        yield


def true_beside(problem: Problem, plan: Plan) -> None:
    """A plan made in the ordinary way that leaves as few people out, at as many tables, does not pass the bounds."""
    ordinary = solved(problem)
    if likeness(problem, plan) == likeness(problem, ordinary):
        assert ordinary.quality.benefit <= plan.quality.bound


def goes_on(problem: Problem, plan: Plan, changes: Changes) -> str | None:
    """Repair a plan, whatever happens; what was said where it was refused."""
    try:
        now, fresh = repair(problem, plan, changes)
    except BadProblem as refusal:
        event(f"refused: {refusal}")
        return str(refusal)
    assert not unsound(plan, now, fresh, changes)
    return None


def claims_nothing_untrue(refusal: str | None, problem: Problem, plan: Plan, changes: Changes) -> None:
    """Who refuses what can be done says only that nothing was found."""
    if refusal is not None and goes_on(problem, plan, changes) is None:
        assert "found" in refusal


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(25, quick=12))
@given(st.data(), st.integers(0, 9999))
def test_whenever_a_search_is_stopped_plans_are_lawful_and_bounds_true(kind, data, seed) -> None:
    problem = data.draw(sessions(**KINDS[kind], most=7))
    with stopped(seed):
        plan = solved(problem)
        holds(plan)
        changes = data.draw(happenings(problem, plan, 1))
        refusal = goes_on(problem, plan, changes)
    claims_nothing_untrue(refusal, problem, plan, changes)
    true_beside(problem, plan)


UNHURRIED = [kind for kind in KINDS if not kind.startswith("clinics")]


@pytest.mark.parametrize("kind", UNHURRIED)
@settings(max_examples=breadth(25, quick=12))
@given(st.data(), st.integers(0, 9999))
def test_the_ways_of_large_rooms_are_sound_in_small_ones_too(kind, data, seed) -> None:
    problem = data.draw(sessions(**KINDS[kind], most=8, rounds=4))
    with large(random.Random(seed)):
        plan = solved(problem)
        holds(plan)
        changes = data.draw(happenings(problem, plan, 1))
        refusal = goes_on(problem, plan, changes)
    claims_nothing_untrue(refusal, problem, plan, changes)
    true_beside(problem, plan)


@pytest.mark.parametrize(
    ("kind", "repairs"), [("pairs", 3), ("interpreted", 1), ("stations", 2), ("groups", 4), ("circles", 2)]
)
@settings(max_examples=breadth(8, quick=2))
@given(st.integers(10, 16), st.integers(0, 9999))
def test_and_in_rooms_of_some_size(kind, repairs, people, seed) -> None:
    problem = room(kind, people, seed)
    with large(random.Random(seed)), stopped(seed):
        plan = solved(problem)
        holds(plan)
        for turn in range(repairs):
            goes_on(problem, plan, losses(problem, plan, seed + turn))


@settings(max_examples=breadth(100, quick=20))
@given(st.data(), helped_clinics(), st.integers(0, 9999))
def test_where_interpreters_are_not_shared_out_to_the_end_repairs_are_sound(data, problem, seed) -> None:
    plan = solved(problem)
    changes = data.draw(events(problem))
    with stopped(seed):
        refusal = goes_on(problem, plan, changes)
    claims_nothing_untrue(refusal, problem, plan, changes)


def test_who_interprets_is_free_and_comes_though_no_search_finds_it(monkeypatch) -> None:
    problem = helped_room(number=2)
    plan = solved(problem)
    monkeypatch.setattr("matcher.repair.pairs.booths.whole", lambda *_, **__: None)
    changes = Changes(2, lost_interpreters=("i0",))
    now, fresh = repair(problem, plan, changes)
    assert not unsound(plan, now, fresh, changes)
    assert {one.interpreter for one in fresh.meetings if one.round > 1} >= {"i1"}


@pytest.mark.parametrize("seed", range(2))
def test_two_who_sit_together_are_parted_by_the_way_of_large_rooms(seed, monkeypatch) -> None:
    problem = room("groups", 14, seed)
    plan = solved(problem)
    monkeypatch.setattr("matcher.repair.groups.refill.SMALL", 0)
    both = next(one.people[:2] for one in plan.meetings if one.round == 3 and len(one.people) > 1)
    changes = Changes(3, keep_apart=(both,))
    now, fresh = repair(problem, plan, changes)
    assert not unsound(plan, now, fresh, changes)
    assert set(both) & set(fresh.stale)
