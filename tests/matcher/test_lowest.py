"""The worst-off of small rooms, against all choices of tiny ones; and nobody rests twice before others rest once."""

import random
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.pairs.choice import as_even, choose, fewest_rests, most_even
from matcher.choose.pairs.columns import Master, Question
from matcher.choose.pairs.exchange import Exchange
from matcher.choose.pairs.floor import PRICE, highest_floor
from matcher.choose.pairs.lowest import LIFTS, Price, Small, Sought, lift_lowest
from matcher.choose.pairs.parity import most_meetings
from matcher.engine import solve
from matcher.graph import Ints, MeetingGraph, meeting_graph
from matcher.problem import Person, Problem, Rules, Session
from matcher.rules import Admissibility
from matcher.solver import Deadline
from tests.matcher.oracle import best_plans
from tests.matcher.strategies import problems
from tests.matcher.test_solver import Struck

PEOPLE = 6
ROUNDS = 2
RULES = {"away": st.sampled_from((0.0, 0.2)), "limit": st.sampled_from((None, 2))}


def room(number: int, rounds: int, seed: int, *, away: float = 0.0, limit: int | None = None) -> Problem:
    """Strangers with random benefits, some of them away now and then, never for more than half the rounds."""
    rng = random.Random(seed)
    people = tuple(
        Person(f"p{at}", away=frozenset(rng.sample(range(1, rounds + 1), rounds // 2) if rng.random() < away else ()))
        for at in range(number)
    )
    names = [person.id for person in people]
    benefits = tuple((one, other, rng.randint(0, 1000)) for one, other in combinations(names, 2))
    return Problem(Session(rounds=rounds), people, rules=Rules(limit=limit), benefits=benefits)


def graph_of(problem: Problem) -> MeetingGraph:
    return meeting_graph(problem, Admissibility(problem))


def every_choice(graph: MeetingGraph, question: Question) -> list[Ints]:
    """All choices that fit the question, by trying every set of so many pairs."""
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    sets = (pairs[list(some)] for some in combinations(range(len(pairs)), question.least))
    degrees = ((one, np.bincount(one.ravel(), minlength=graph.size)) for one in sets)
    return [one for one, have in degrees if (have >= question.low).all() and (have <= question.high).all()]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_a_floor_is_found_or_refuted_as_trying_every_choice_would(seed: int) -> None:
    graph = graph_of(room(PEOPLE, ROUNDS, seed))
    small = Small(graph, fewest_rests(Master(graph))[0])
    every = [Exchange(graph, one) for one in every_choice(graph, small.question)]
    reached = sorted({one.lowest() for one in every})
    for floor in (reached[len(reached) // 2], reached[-1]):
        found, none = small.decide(Sought(floor))
        assert found is not None
        assert Exchange(graph, found).lowest() >= floor - 1e-6
        assert not none
    found, none = small.decide(Sought(reached[-1] + 0.001))
    assert found is None
    assert none
    for least in sorted({one.benefit for one in every})[-3:]:
        dear = max(one.lowest() for one in every if one.benefit >= least)
        found, _ = small.decide(Sought(dear, float(least)))
        assert found is not None
        assert Exchange(graph, found).benefit >= least
        assert small.decide(Sought(dear + 0.001, float(least))) == (None, True)


@settings(max_examples=25, deadline=None)
@given(problems(most=5, rounds=2))
def test_the_lowered_bound_holds_for_every_plan(problem: Problem) -> None:
    graph, best = graph_of(problem), best_plans(problem)
    chosen = choose(graph, floor=True)
    if len(chosen.pairs) == sum(best.counts) // 2 - len(graph.locks):
        assert chosen.lowest_bound >= best.lowest - 1e-6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_choice_of_this_price_lifts_the_worst_off_by_another_hundredth(seed: int) -> None:
    graph = graph_of(room(26, 4, seed))
    richest, chosen = choose(graph, floor=False), choose(graph, floor=True)
    question = fewest_rests(Master(graph))[0]
    held, least = Exchange(graph, chosen.pairs), (1 - PRICE) * Exchange(graph, richest.pairs).benefit
    assert held.benefit >= least
    assert as_even(graph, chosen.pairs, np.bincount(richest.pairs.ravel(), minlength=graph.size))
    assert held.lowest() <= chosen.lowest_bound < richest.lowest_bound
    assert Small(graph, question).decide(Sought(1.01 * held.lowest(), least)) == (None, True)
    assert Small(graph, question).decide(Sought(0.99 * held.lowest(), least))[0] is not None


def test_a_search_for_the_lowest_only_ever_raises_it() -> None:
    graph = graph_of(room(20, 4, 5))
    question, _, pairs = fewest_rests(Master(graph))
    small, top = Small(graph, question), choose(graph, floor=False).lowest_bound
    raised = small.raised(pairs, top, 0.0)
    assert Exchange(graph, raised).lowest() > Exchange(graph, pairs).lowest()
    assert small.bound(top, top) == top
    over = Deadline(lambda: 1.0, 0.0)
    assert small.raised(pairs, top, 0.0, over) is pairs
    assert small.bound(top, 0.0, over) == top


@pytest.mark.parametrize(("seed", "steps"), [(1, LIFTS), (3, LIFTS), (4, LIFTS), (1, 0), (3, 0)])
def test_the_floor_of_a_larger_room_is_lifted_at_its_price_by_branch_and_bound(
    seed: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.choose.pairs.lowest.LIFTS", steps)
    graph = graph_of(room(72, 4, seed))
    master = Master(graph)
    question, _, pairs = fewest_rests(master)
    top = highest_floor(master, question).bound / 1000
    before = Exchange(graph, pairs)
    least = (1 - PRICE) * before.benefit
    price = Price(least, lambda floor: master.solve(replace(question, floor=floor, share=20_000.0)).value)
    lifted = lift_lowest(Small(graph, question), pairs, top, price=price)
    after, degrees = Exchange(graph, lifted), np.bincount(lifted.ravel(), minlength=graph.size)
    assert before.lowest() < after.lowest() <= top
    assert after.benefit >= least
    assert (degrees >= question.low).all()
    assert (degrees <= question.high).all()
    assert np.array_equal(lift_lowest(Small(graph, question), pairs, before.lowest(), price=price), pairs)


@given(least=st.floats(10, 90), above=st.floats(0, 10), high=st.floats(0.5, 1.0))
def test_a_floor_is_affordable_where_the_linear_programme_keeps_enough(least: float, above: float, high: float) -> None:
    def kept(floor: float) -> float:
        return 100 * (1 - floor**3)

    aim, keeps = Price(least, kept).floor(0.2, high, above)
    assert 0.2 <= aim <= high
    best = float(np.cbrt(max(1 - (least + above) / 100, 0.0)))
    assert aim <= max(best, 0.2) + 1e-9
    assert aim > min(best, high) - (high - 0.2) / 30 or aim == 0.2
    assert aim == 0.2 or keeps == kept(aim) >= least + above


def test_a_deadline_proves_nothing() -> None:
    graph = graph_of(room(20, 4, 5))
    small = Small(graph, fewest_rests(Master(graph))[0])
    assert small.decide(Sought(0.5), Struck()) == (None, False)


@settings(max_examples=12, deadline=None)
@given(number=st.integers(9, 21), rounds=st.integers(2, 4), seed=st.integers(0, 99), **RULES)
def test_nobody_rests_twice_before_everybody_who_could_has_rested_once(
    number: int, rounds: int, away: float, limit: int | None, seed: int
) -> None:
    problem = room(number, rounds, seed, away=away, limit=limit)
    graph = graph_of(problem)
    fairest = np.bincount(most_even(graph, most_meetings(graph)).ravel(), minlength=number)
    plan = solve(problem, clock=lambda: 0.0)
    met = [sum(person.id in meeting.people for meeting in plan.meetings) for person in problem.people]
    assert sorted(met) == sorted(fairest.tolist())
    if not away and limit is None:
        assert max(met) - min(met) <= 1


def test_a_second_rest_before_anothers_first_would_be_seen() -> None:
    graph = graph_of(room(9, 3, 4))
    pairs = most_even(graph, most_meetings(graph))
    degrees = np.bincount(pairs.ravel(), minlength=9)
    assert as_even(graph, pairs, degrees)
    rested, full = int(np.argmin(degrees)), int(np.argmax(degrees))
    shifted = degrees.copy()
    shifted[rested] -= 1
    shifted[full] += 1
    assert not as_even(graph, pairs, shifted)
