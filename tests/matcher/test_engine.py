"""The whole way, against brute force on tiny rooms and by its properties on larger ones."""

import random
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import engine
from matcher.check import breaches
from matcher.engine import BrokenPlan, solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Rules, Session
from tests.matcher.oracle import best_plans
from tests.matcher.strategies import problems

few = settings(max_examples=40, deadline=None)


def still() -> float:
    return 0.0


def crowd(number: int, rounds: int, seed: int = 0, **more: object) -> Problem:
    """A room of strangers with random benefits."""
    rng = random.Random(seed)
    names = [f"p{at}" for at in range(number)]
    benefits = tuple((one, other, rng.randint(0, 1000)) for one, other in combinations(names, 2))
    people = tuple(Person(name, languages=("en",)) for name in names)
    return Problem(Session(rounds=rounds), people, benefits=benefits, **more)


def counts(problem: Problem, plan: Plan) -> tuple[int, ...]:
    held = [sum(person.id in meeting.people for meeting in plan.meetings) for person in problem.people]
    return tuple(sum(one >= level for one in held) for level in range(1, problem.session.rounds + 1))


@few
@given(problems(most=5, rounds=3))
def test_tiny_rooms_are_as_good_as_brute_force(problem: Problem) -> None:
    plan, best = solve(problem, floor=False, clock=still), best_plans(problem)
    assert counts(problem, plan) == best.counts
    assert plan.quality.benefit == best.benefit <= plan.quality.bound


@settings(max_examples=10, deadline=None)
@given(problems(most=6, rounds=2))
def test_six_people_are_as_good_as_brute_force(problem: Problem) -> None:
    plan, best = solve(problem, floor=False, clock=still), best_plans(problem)
    assert counts(problem, plan) == best.counts
    assert plan.quality.benefit == best.benefit <= plan.quality.bound


@few
@given(problems(most=5, rounds=2))
def test_the_floor_costs_no_meeting_and_no_more_than_its_price(problem: Problem) -> None:
    plain, plan, best = solve(problem, floor=False, clock=still), solve(problem, clock=still), best_plans(problem)
    assert counts(problem, plan) == best.counts
    assert plan.quality.benefit >= 0.99 * best.benefit
    assert plain.quality.lowest_satisfaction <= plan.quality.lowest_satisfaction + 1e-4
    assert plan.quality.lowest_bound >= best.lowest - 1e-4


@few
@given(problems(most=12, rounds=4, seated=True), st.booleans())
def test_every_plan_keeps_every_rule_and_every_rest_has_a_code(problem: Problem, floor: bool) -> None:
    plan = solve(problem, floor=floor, clock=still)
    assert breaches(problem, plan) == []
    assert all(rest.code in ("odd_number", "no_partner", "limit", "no_table") for rest in plan.rests)


@settings(max_examples=15, deadline=None)
@given(problems(most=9, rounds=3), st.randoms(use_true_random=False))
def test_the_order_of_people_changes_no_bound(problem: Problem, rng: random.Random) -> None:
    shuffled = rng.sample(problem.people, len(problem.people))
    one, other = solve(problem, clock=still), solve(replace(problem, people=tuple(shuffled)), clock=still)
    assert one.quality.meetings == other.quality.meetings
    if one.quality.benefit < one.quality.bound and other.quality.benefit < other.quality.bound:
        assert one.quality.bound == pytest.approx(other.quality.bound, abs=1)


@pytest.mark.parametrize(("number", "share"), [(24, 0.9), (33, 0.8), (60, 0.9)])
def test_a_larger_room_is_full_and_near_its_bounds(number: int, share: float) -> None:
    problem = crowd(number, 5, seed=number)
    plain, plan = solve(problem, floor=False, clock=still), solve(problem, clock=still)
    assert plain.quality.meetings == plan.quality.meetings == 5 * (number // 2)
    assert plain.quality.gap <= 0.001
    assert plan.quality.gap <= 0.011
    assert plan.quality.lowest_satisfaction >= share * plan.quality.lowest_bound


def test_nobody_rests_twice_before_everybody_has_rested_once() -> None:
    plan = solve(crowd(7, 6), clock=still)
    resting = [rest.person for rest in plan.rests]
    assert len(resting) == len(set(resting)) == 6
    assert {rest.code for rest in plan.rests} == {"odd_number"}


@pytest.mark.parametrize(("tables", "spread"), [(3, (20, 4, 0, 0)), (7, (20, 20, 16, 0))])
def test_few_tables_rest_people_evenly(tables: int, spread: tuple[int, ...]) -> None:
    problem = replace(crowd(20, 4), session=Session(rounds=4, tables=tables))
    plan = solve(problem, clock=still)
    assert counts(problem, plan) == spread
    assert {rest.code for rest in plan.rests} == {"no_table"}


@pytest.mark.parametrize("number", [0, 1])
def test_an_empty_room_and_a_single_person(number: int) -> None:
    plan = solve(crowd(number, 3), clock=still)
    assert plan.meetings == ()
    assert len(plan.rests) == 3 * number
    assert plan.quality.lowest_satisfaction == 1.0


def test_people_who_can_meet_nobody_rest_and_the_others_meet() -> None:
    people = (*(Person(f"p{at}", languages=("en",)) for at in range(4)), Person("alone", languages=("km",)))
    plan = solve(Problem(Session(rounds=3), people), clock=still)
    assert plan.quality.meetings == 6
    assert [(rest.person, rest.code) for rest in plan.rests] == [("alone", "no_partner")] * 3


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = crowd(31, 6, seed=4)
    assert solve(problem, seed=3, clock=still) == solve(problem, seed=3, clock=still)


def test_locks_stand_and_override_organisation_but_not_keep_apart() -> None:
    people = tuple(Person(f"p{at}", organisation="one") for at in range(4))
    locks = (Lock(2, ("p0", "p3"), table="7"),)
    problem = Problem(Session(rounds=2), people, locks=locks)
    plan = solve(problem, clock=still)
    assert [(meeting.round, meeting.table, meeting.people) for meeting in plan.meetings] == [(2, "7", ("p0", "p3"))]
    with pytest.raises(NotPossible, match="kept apart"):
        solve(replace(problem, keep_apart=(("p3", "p0"),)), clock=still)


def test_seated_people_stay_and_never_meet_each_other() -> None:
    problem = crowd(16, 6, seed=9)
    people = tuple(replace(person, seated=at < 3) for at, person in enumerate(problem.people))
    plan = solve(replace(problem, people=people), clock=still)
    for name in ("p0", "p1", "p2"):
        assert len({meeting.table for meeting in plan.meetings if name in meeting.people}) == 1
    assert not [meeting for meeting in plan.meetings if set(meeting.people) <= {"p0", "p1", "p2"}]
    assert plan.quality.meetings == 48


def test_two_sides_meet_the_other_side_only() -> None:
    problem = crowd(15, 4)
    people = tuple(replace(person, side="a" if at < 6 else "b") for at, person in enumerate(problem.people))
    plan = solve(replace(problem, people=people), clock=still)
    side = {person.id: person.side for person in people}
    assert plan.quality.meetings == 24
    assert all(side[one] != side[other] for one, other in (meeting.people for meeting in plan.meetings))


def test_a_limit_is_kept_and_told() -> None:
    problem = crowd(8, 4, rules=Rules(limit=2))
    plan = solve(problem, clock=still)
    assert counts(problem, plan) == (8, 8, 0, 0)
    assert {rest.code for rest in plan.rests} == {"limit"}


def test_progress_only_rises_and_ends_at_one() -> None:
    told: list[float] = []
    solve(crowd(10, 3), clock=still, progress=lambda fraction, _what: told.append(fraction))
    assert all(first <= second for first, second in pairwise(told))
    assert told[-1] == 1.0


def test_a_deadline_gives_a_plan_without_further_improvement() -> None:
    ticks = iter(range(10**6))
    problem = crowd(40, 5, seed=2)
    plan = solve(problem, deadline=0.5, clock=lambda: float(next(ticks)))
    assert breaches(problem, plan) == []
    assert plan.quality.lowest_satisfaction < solve(problem, clock=still).quality.lowest_satisfaction


def test_a_broken_plan_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "breaches", lambda problem, plan: ["p1 is at 2 tables in round 1"])
    with pytest.raises(BrokenPlan, match="p1 is at 2 tables"):
        solve(crowd(4, 2), clock=still)
