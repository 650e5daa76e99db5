"""Who meets whom: bounds are proven, whole numbers come near them, the worst-off are lifted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.pairs.choice import bounds_with, choose, fewest_rests, most_even
from matcher.choose.pairs.columns import Master, Question
from matcher.choose.pairs.exchange import Exchange
from matcher.choose.pairs.floor import PRICE, better, raise_lowest
from matcher.graph import MeetingGraph, meeting_graph
from matcher.problem import Person, Problem, Session
from matcher.rules import Admissibility
from tests.breadth import breadth
from tests.matcher.oracle import best_plans
from tests.matcher.strategies import problems


def graph_of(problem: Problem) -> MeetingGraph:
    return meeting_graph(problem, Admissibility(problem))


def random_room(number: int, rounds: int, seed: int) -> MeetingGraph:
    rng = np.random.default_rng(seed)
    people = tuple(Person(f"p{at}") for at in range(number))
    benefits = tuple(
        (f"p{one}", f"p{other}", int(rng.integers(0, 1001))) for one in range(number) for other in range(one)
    )
    return graph_of(Problem(Session(rounds=rounds), people, benefits=benefits))


@settings(max_examples=40, deadline=None)
@given(problems(most=5, rounds=2))
def test_the_bounds_hold_for_every_plan(problem: Problem) -> None:
    graph, best = graph_of(problem), best_plans(problem)
    chosen = choose(graph, floor=False)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    held = sum(best.counts) // 2 - len(graph.locks)
    if len(chosen.pairs) == held:
        assert chosen.bound + locked >= best.benefit
        assert chosen.lowest_bound >= best.lowest - 1e-6


@settings(max_examples=breadth(40, quick=15), deadline=None)
@given(problems(most=12, rounds=4))
def test_a_choice_keeps_every_capacity(problem: Problem) -> None:
    graph = graph_of(problem)
    pairs = choose(graph, floor=True).pairs
    assert graph.allowed[pairs[:, 0], pairs[:, 1]].all()
    assert (np.bincount(pairs.ravel(), minlength=graph.size) <= graph.caps).all()
    assert len(pairs) <= graph.room.sum()
    assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs)


def test_pricing_finds_what_the_first_columns_lack() -> None:
    graph = random_room(40, 4, 7)
    whole, narrow = Master(graph), Master(graph)
    whole.known = whole.upper.copy()
    narrow.known = np.zeros_like(narrow.upper)
    question = Question(np.full(40, 3), graph.caps, 80, 80)
    one, other = whole.solve(question), narrow.solve(question)
    assert abs(one.value - other.value) < 1e-5
    assert narrow.known.sum() < whole.known.sum()


def test_a_bound_is_never_below_its_value_and_never_far_above() -> None:
    graph = random_room(30, 5, 3)
    choice = fewest_rests(Master(graph))[1]
    assert choice.value <= choice.bound + 1e-6
    assert choice.bound - choice.value < 1e-3


@pytest.mark.parametrize("people", [0, 1, 3])
def test_where_nobody_may_meet_anybody_the_bounds_say_so(people: int) -> None:
    graph = graph_of(Problem(Session(rounds=2), tuple(Person(f"p{at}", organisation="o") for at in range(people))))
    assert bounds_with(graph, 0) == (0, 1.0)
    assert choose(graph, floor=True).bound == 0


def test_who_has_one_possible_partner_does_not_cost_the_others_a_meeting() -> None:
    people = (
        Person("p0", languages=("km",)),
        Person("p1", languages=("km", "en")),
        *(Person(f"p{at}", languages=("en",)) for at in range(2, 5)),
    )
    graph = graph_of(Problem(Session(rounds=2), people))
    assert sorted(np.bincount(most_even(graph, int(graph.room.sum())).ravel(), minlength=5).tolist()) == [1, 1, 2, 2, 2]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_raising_the_lowest_keeps_meetings_and_price(seed: int) -> None:
    graph = random_room(24, 4, seed)
    chosen = choose(graph, floor=False)
    exchange = Exchange(graph, chosen.pairs)
    before, richest = float(exchange.satisfaction().min()), exchange.benefit
    raised = Exchange(graph, raise_lowest(exchange, chosen.lowest_bound))
    assert raised.benefit >= 0.99 * richest
    assert before <= raised.satisfaction().min() <= chosen.lowest_bound + 1e-6
    assert sorted(raised.met.sum(1)) == sorted(Exchange(graph, chosen.pairs).met.sum(1))
    assert not (raised.met & ~graph.allowed).any()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_raising_from_another_choice_keeps_the_price_of_the_most_beneficial_one(seed: int) -> None:
    graph = random_room(24, 4, seed)
    richest = choose(graph, floor=False).pairs
    shifted = np.array([[one, (one + step) % 24] for one in range(24) for step in (1, 2)])
    start = np.array(sorted(map(sorted, shifted.tolist())))
    raised = Exchange(graph, raise_lowest(Exchange(graph, start), 1.0, richest=richest))
    assert raised.met.sum(1).tolist() == [4] * 24
    least = (1 - PRICE) * Exchange(graph, richest).benefit
    assert raised.benefit >= min(least, Exchange(graph, start).benefit)


def test_several_starts_raise_the_lowest_at_least_as_far_as_one() -> None:
    graph = random_room(40, 5, 11)
    plain, chosen = choose(graph, floor=False), choose(graph, floor=True)
    one = Exchange(graph, raise_lowest(Exchange(graph, plain.pairs), plain.lowest_bound))
    several = Exchange(graph, chosen.pairs)
    assert several.lowest() >= one.lowest()
    assert several.benefit >= (1 - PRICE) * Exchange(graph, plain.pairs).benefit


def test_the_price_comes_before_the_floor_and_the_floor_before_the_benefit() -> None:
    people = tuple(Person(f"p{at}") for at in range(4))
    values = {("p0", "p1"): 900, ("p2", "p3"): 200, ("p0", "p2"): 500, ("p1", "p3"): 500}
    graph = graph_of(
        Problem(Session(rounds=1), people, benefits=tuple((*pair, worth) for pair, worth in values.items()))
    )
    rich, even = np.array([[0, 1], [2, 3]]), np.array([[0, 2], [1, 3]])
    assert better(graph, (rich, even), 900.0) is even
    assert better(graph, (even, rich), 900.0) is even
    assert better(graph, (rich, even), 1050.0) is rich
    assert better(graph, (even, even.copy()), 0.0) is even
