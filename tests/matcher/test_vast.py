"""Large rooms, on small ones: every rule is kept, the prices prove what they say, the dense way is hardly better."""

import random
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import engine
from matcher.answer import plan_of
from matcher.check import breaches
from matcher.choose.vast.choice import choose_vast, evenly
from matcher.choose.vast.prices import Wanted, proven
from matcher.effort import Effort
from matcher.engine import solve
from matcher.graph import MeetingGraph, meeting_graph
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.rules import Admissibility
from matcher.solver import NEVER, Deadline
from matcher.ways.vast import vast
from matcher.when.rounds import timed
from matcher.when.roundwise import Roundwise
from tests.benchmarks.problems import Recipe, conference
from tests.breadth import breadth
from tests.matcher.oracle import best_plans
from tests.matcher.strategies import problems
from tests.matcher.test_engine import counts, still


def planned(problem: Problem, *, floor: bool = True, seed: int = 0, deadline: Deadline = NEVER) -> Plan:
    """What the way for thousands makes of a problem of any size."""
    admissible = Admissibility(problem)
    effort = Effort(seed, floor=floor, deadline=deadline)
    plan = plan_of(problem, admissible, vast(problem, admissible, effort), seed)
    assert breaches(problem, plan) == []
    return plan


def graph_of(problem: Problem) -> MeetingGraph:
    return meeting_graph(problem, Admissibility(problem))


def profiles(number: int, rounds: int, seed: int = 0, **more: object) -> Problem:
    """A conference whose benefits come from profiles: heavily tied, as they are."""
    return conference(Recipe(people=number, rounds=rounds, seed=seed, given=False, **more))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(problems(most=5, rounds=3))
def test_tiny_rooms_keep_every_rule_and_the_bound_holds_for_every_plan(problem: Problem) -> None:
    plan, best = planned(problem, floor=False), best_plans(problem)
    assert counts(problem, plan) <= best.counts
    if counts(problem, plan) == best.counts:
        assert plan.quality.benefit <= best.benefit <= plan.quality.bound
        assert plan.quality.lowest_bound >= best.lowest - 1e-4


@settings(max_examples=25, deadline=None)
@given(problems(most=14, rounds=4, seated=True), st.booleans())
def test_both_ways_agree(problem: Problem, floor: bool) -> None:
    one, other = planned(problem, floor=floor), solve(problem, floor=floor, clock=still)
    if counts(problem, one) >= counts(problem, other):
        assert one.quality.benefit <= other.quality.bound
    if counts(problem, other) >= counts(problem, one):
        assert other.quality.benefit <= one.quality.bound
        assert other.quality.lowest_satisfaction <= one.quality.lowest_bound + 1e-4


@settings(max_examples=40, deadline=None)
@given(problems(most=5, rounds=2), st.lists(st.floats(-2000, 2000), min_size=5, max_size=5))
def test_any_prices_prove_a_bound(problem: Problem, prices: list[float]) -> None:
    graph, best = graph_of(problem), best_plans(problem)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    bound = proven(graph, evenly(graph).relaxed(graph.caps), np.array(prices[: graph.size]))
    assert bound + locked >= best.benefit


def test_prices_that_left_pairs_out_would_prove_too_little() -> None:
    graph = graph_of(profiles(40, 4))
    pairs = choose_vast(graph).pairs
    benefit = int(graph.benefit[pairs[:, 0], pairs[:, 1]].sum())
    nobody = replace(graph, allowed=np.zeros_like(graph.allowed))
    low = np.full(graph.size, 10.0)
    assert (
        proven(nobody, evenly(graph).relaxed(graph.caps), low)
        < benefit
        <= proven(graph, evenly(graph).relaxed(graph.caps), low)
    )


@pytest.mark.parametrize(("number", "more"), [(120, {}), (121, {}), (150, {"sides": True}), (150, {"away": 0.3})])
def test_a_room_is_full_and_near_its_bounds(number: int, more: dict[str, object]) -> None:
    problem = profiles(number, 6, **more)
    plain, plan, dense = planned(problem, floor=False), planned(problem), solve(problem, floor=False, clock=still)
    assert plain.quality.meetings == plan.quality.meetings == dense.quality.meetings
    assert counts(problem, plain) == counts(problem, plan) == counts(problem, dense)
    assert plain.quality.gap <= 0.01
    assert plan.quality.gap <= 0.02
    assert plan.quality.lowest_satisfaction > plain.quality.lowest_satisfaction
    assert dense.quality.benefit <= plain.quality.bound
    assert plain.quality.benefit <= dense.quality.bound


@pytest.mark.parametrize("tables", [10, 27])
def test_few_tables_rest_people_evenly(tables: int) -> None:
    problem = replace(profiles(60, 5), session=Session(rounds=5, tables=tables))
    plan = planned(problem)
    assert plan.quality.meetings == 5 * tables
    assert counts(problem, plan) == counts(problem, solve(problem, clock=still))
    assert plan.quality.gap <= 0.02


def test_where_one_side_is_small_the_other_shares_it_evenly() -> None:
    crowd = profiles(90, 4, keep_apart=0)
    people = tuple(replace(person, side="a" if at < 9 else "b") for at, person in enumerate(crowd.people))
    problem = replace(crowd, people=people, rules=Rules(shared_language=False, same_organisation="allow"))
    plan = planned(problem)
    held = np.array([sum(person.id in meeting.people for meeting in plan.meetings) for person in problem.people])
    assert plan.quality.meetings == 36
    assert held[:9].tolist() == [4] * 9
    assert held[9:].max() == 1
    assert solve(problem, clock=still).quality.benefit <= plan.quality.bound


def test_locks_and_seated_people_keep_their_places() -> None:
    crowd = profiles(50, 5)
    people = tuple(replace(person, seated=at < 3) for at, person in enumerate(crowd.people))
    locks = (Lock(2, ("p5", "p9"), table="7"), Lock(3, ("p1", "p30")))
    plan = planned(replace(crowd, people=people, locks=locks))
    held = {(meeting.round, frozenset(meeting.people)): meeting.table for meeting in plan.meetings}
    assert held[2, frozenset(("p5", "p9"))] == "7"
    assert (3, frozenset(("p1", "p30"))) in held
    for name in ("p1", "p2", "p3"):
        assert len({meeting.table for meeting in plan.meetings if name in meeting.people}) == 1


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_hardly_anybody(number: int) -> None:
    plan = planned(Problem(Session(rounds=2), tuple(Person(f"p{at}") for at in range(number))))
    assert plan.quality.meetings == {0: 0, 1: 0, 2: 1, 3: 2}[number]


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = profiles(80, 6, seed=3)
    assert planned(problem, seed=3) == planned(problem, seed=3)


def test_the_engine_takes_this_way_for_many_people_only(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = profiles(40, 4)
    monkeypatch.setattr(engine, "MANY", 40)
    dense = solve(problem, clock=still)
    monkeypatch.setattr(engine, "MANY", 39)
    assert solve(problem, clock=still) == planned(problem) != dense


def test_a_deadline_gives_a_plan_without_further_improvement() -> None:
    graph = graph_of(profiles(60, 5))
    late = choose_vast(graph, deadline=Deadline(lambda: 1.0, 0.0))
    assert len(late.pairs) == len(choose_vast(graph).pairs)


@settings(max_examples=breadth(20, quick=10))
@given(st.integers(8, 40), st.integers(0, 99), st.floats(0, 11), st.booleans())
def test_wherever_a_deadline_strikes_the_plan_is_lawful_and_its_bounds_hold(
    people: int, seed: int, power: float, floor: bool
) -> None:
    problem, ticks = profiles(people, 5, seed, away=0.4, limited=0.2, sides=seed % 2 == 0), count()
    stopped = planned(problem, floor=floor, seed=seed, deadline=Deadline(lambda: float(next(ticks)), 2.0**power))
    unhurried = planned(problem, floor=floor, seed=seed)
    if counts(problem, stopped) == counts(problem, unhurried):
        assert stopped.quality.bound >= unhurried.quality.benefit


@settings(max_examples=10)
@given(st.integers(6, 13), st.integers(0, 999))
def test_rooms_as_tight_as_they_can_be_are_hardly_emptier_than_the_dense_way_makes_them(people: int, seed: int) -> None:
    problem = profiles(people, people - 1, seed, away=0.3, limited=0.1, keep_apart=0)
    loose = replace(problem, rules=Rules(same_organisation="allow", shared_language=False), met_before=())
    mine, dense = (counts(loose, one) for one in (planned(loose), solve(loose, clock=still)))
    assert sum(mine) >= 0.9 * sum(dense)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_lifting_somebody_pushes_nobody_below_the_need(seed: int) -> None:
    graph, rng = graph_of(profiles(30, 4, seed=seed % 7)), random.Random(seed)
    pairs = choose_vast(graph, seed=seed).pairs
    rounds = Roundwise(timed(graph, pairs, rng)[0])
    prices = np.array([rng.uniform(0, 300) for _ in range(graph.size)])
    rounds.need = rng.uniform(0.5, 1.0) * graph.best
    before, degrees, worth = np.minimum(rounds.gained, rounds.need), rounds.degree.copy(), rounds.benefit
    for who in rng.sample(range(graph.size), 8):
        gained = rounds.gained[who]
        if (found := rounds.lifting(who, prices, 20)) is not None:
            rounds.exchange(found)
            worth -= found.loss
            assert rounds.gained[who] > gained
    one, when = np.nonzero(rounds.at != -1)
    other = rounds.at[one, when]
    assert (np.minimum(rounds.gained, rounds.need) >= before).all()
    assert graph.allowed[one, other].all()
    assert (rounds.at[other, when] == one).all()
    assert np.array_equal(rounds.degree, degrees)
    assert rounds.benefit == worth == int(graph.benefit[one, other].sum()) // 2
    assert len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(one)


def test_what_is_wanted_without_limits_fits_every_plan() -> None:
    wanted = Wanted(np.array([2, 1]), np.array([3, 1]), 2, 2).relaxed(np.array([5, 1]))
    assert (wanted.low.tolist(), wanted.high.tolist(), wanted.least, wanted.most) == ([0, 0], [5, 1], 0, 2)


@pytest.mark.long
def test_thousands_of_people() -> None:
    problem = profiles(4000, 8, seed=1, away=0.1)
    plan = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert plan.quality.gap <= 0.01
    assert plan.quality.lowest_satisfaction <= plan.quality.lowest_bound
    assert {rest.code for rest in plan.rests} <= {"odd_number"}
