"""Stations, everybody on a path of their own: against brute force on tiny rooms, by its properties on larger ones."""

import random
from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import event, given, reject, settings

from matcher.check import breaches
from matcher.choose.stations.choice import choose
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Lock, Person, Problem, Rules, Session
from matcher.rules import Admissibility
from matcher.when import settle
from matcher.when.hours import hours_of
from tests.benchmarks.fairs import Fair as Popular
from tests.benchmarks.fairs import fair as popular
from tests.breadth import breadth
from tests.matcher.stations_oracle import best_plans, rooms

few = settings(max_examples=breadth(30, quick=15), deadline=None)


def still() -> float:
    return 0.0


def fair(number: int, hosts: int, rounds: int, places: int, *, seed: int = 0, **more: object) -> Problem:
    """People with random benefits of hosts."""
    rng = random.Random(seed)
    people = tuple(Person(f"p{at}", languages=("en",)) for at in range(number))
    tables = tuple(Host(f"h{at}", places=places) for at in range(hosts))
    pairs = product((one.id for one in people), (one.id for one in tables))
    benefits = tuple(
        (one, other, rng.choice((0, 0, rng.randint(80, 160), rng.randint(400, 1000)))) for one, other in pairs
    )
    return Problem(Session(rounds=rounds, format="stations"), people, benefits=benefits, hosts=tables, **more)


def counts(problem: Problem, plan: Plan) -> tuple[int, ...]:
    held = Counter(name for meeting in plan.meetings for name in meeting.people)
    return tuple(sum(times >= level for times in held.values()) for level in range(1, problem.session.rounds + 1))


def sizes(problem: Problem, plan: Plan) -> np.ndarray:
    """People at each host in each round."""
    table = np.zeros((len(problem.hosts), problem.session.rounds), int)
    for meeting in plan.meetings:
        table[[host.id for host in problem.hosts].index(meeting.host), meeting.round - 1] = len(meeting.people)
    return table


def repeats(plan: Plan) -> int:
    met = Counter(two for meeting in plan.meetings for two in combinations(sorted(meeting.people), 2))
    return sum(times - 1 for times in met.values())


@few
@given(rooms(most=4, most_hosts=3, rounds=2))
def test_tiny_rooms_are_as_good_as_brute_force(problem: Problem) -> None:
    best = best_plans(problem)
    try:
        plan = solve(problem, floor=False, clock=still)
    except NotPossible:
        assert best is None or any(lock.table is None for lock in problem.locks)
        return
    assert best is not None
    assert plan.quality.bound >= best.benefit
    assert plan.quality.lowest_bound >= best.lowest - 1e-4
    if all(lock.table for lock in problem.locks):
        assert counts(problem, plan) == best.counts
        assert plan.quality.benefit == best.benefit


@few
@given(rooms(most=3, most_hosts=4, rounds=3))
def test_the_floor_costs_no_visit_and_no_more_than_its_price(problem: Problem) -> None:
    problem = replace(problem, locks=())
    best, plan = best_plans(problem), solve(problem, clock=still)
    plain = solve(problem, floor=False, clock=still)
    assert counts(problem, plan) == best.counts
    assert plan.quality.benefit >= 0.99 * best.benefit
    assert plain.quality.lowest_satisfaction <= plan.quality.lowest_satisfaction + 1e-4
    assert plan.quality.lowest_bound >= best.lowest - 1e-4


@settings(max_examples=breadth(40, quick=16), deadline=None)
@given(rooms(most=14, most_hosts=5, rounds=5))
def test_every_plan_keeps_every_rule(problem: Problem) -> None:
    try:
        plan = solve(problem, clock=still)
    except NotPossible:
        event("a lock that cannot be kept")
        return
    assert breaches(problem, plan) == []
    assert plan.quality.benefit <= plan.quality.bound


@pytest.mark.parametrize(("number", "hosts", "rounds", "places"), [(60, 8, 5, 8), (61, 8, 6, 10), (96, 12, 7, 8)])
def test_a_larger_room_is_near_its_bounds(number: int, hosts: int, rounds: int, places: int) -> None:
    problem = fair(number, hosts, rounds, places, seed=number)
    plain, plan = solve(problem, floor=False, clock=still), solve(problem, clock=still)
    assert counts(problem, plain) == counts(problem, plan) == (number,) * rounds
    assert plain.quality.gap <= 0.001
    assert plan.quality.gap <= 0.0101
    assert plan.quality.lowest_satisfaction >= 0.95 * plan.quality.lowest_bound
    assert plan.rests == ()


def test_tables_are_even_where_benefits_leave_them_so() -> None:
    problem = replace(fair(50, 6, 4, 25), benefits=())
    table = sizes(problem, solve(problem, clock=still))
    assert table.min() == 8
    assert table.max() == 9


def test_every_host_has_as_many_in_each_round() -> None:
    problem = fair(70, 7, 5, 14, seed=3)
    table = sizes(problem, solve(problem, clock=still))
    assert (table.max(1) - table.min(1)).max() <= 1


def test_tables_that_are_too_few_rest_people_evenly() -> None:
    problem = fair(20, 4, 3, 4, seed=1)
    plan = solve(problem, clock=still)
    assert counts(problem, plan) == (20, 20, 8)
    assert {rest.code for rest in plan.rests} == {"no_table"}


def test_a_visit_with_too_few_people_is_not_held() -> None:
    problem = fair(10, 6, 3, 6, seed=2)
    problem = replace(problem, hosts=tuple(replace(host, min_places=4) for host in problem.hosts))
    plan = solve(problem, clock=still)
    assert counts(problem, plan) == (10, 10, 10)
    assert all(len(meeting.people) in (4, 5, 6) for meeting in plan.meetings)


def test_people_who_are_kept_apart_never_share_a_table() -> None:
    rng = random.Random(5)
    problem = fair(40, 6, 5, 8, seed=5)
    pairs = tuple(tuple(rng.sample([person.id for person in problem.people], 2)) for _ in range(30))
    problem = replace(problem, keep_apart=pairs)
    plan = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert counts(problem, plan) == (40,) * 5


@pytest.mark.parametrize("problem", [replace(fair(36, 6, 6, 6), benefits=()), fair(60, 8, 6, 8, seed=6)])
def test_tables_are_mixed(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = solve(problem, clock=still)
    monkeypatch.setattr(settle, "mix", lambda *_: None)
    unmixed = solve(problem, clock=still)
    assert repeats(plan) <= 0.8 * repeats(unmixed)
    assert counts(problem, plan) == counts(problem, unmixed)
    assert plan.quality.benefit >= unmixed.quality.benefit
    assert plan.quality.lowest_satisfaction >= unmixed.quality.lowest_satisfaction


def test_people_and_hosts_who_are_away_are_planned_around() -> None:
    rng = random.Random(8)
    problem = fair(48, 8, 6, 12, seed=8)
    absent = [frozenset(number for number in range(1, 7) if rng.random() < 0.15) for _ in range(56)]
    people = tuple(replace(person, away=some) for person, some in zip(problem.people, absent, strict=False))
    hosts = tuple(replace(host, away=some) for host, some in zip(problem.hosts, absent[48:], strict=True))
    plan = solve(replace(problem, people=people, hosts=hosts), floor=False, clock=still)
    assert plan.rests == ()
    assert plan.quality.gap <= 0.001


@pytest.mark.parametrize(
    ("size", "places", "seed"), [((80, 9, 6), 8, 1), ((120, 12, 8), 9, 3), ((90, 10, 7), 9, 1), ((90, 10, 7), 9, 3)]
)
def test_absences_cost_nothing_where_places_are_scarce(size: tuple[int, int, int], places: int, seed: int) -> None:
    number, tables, rounds = size
    rng, chance = random.Random(seed), {6: 0.12, 8: 0.15, 7: 0.2}[rounds]
    problem = fair(number, tables, rounds, places, seed=seed)
    nodes = (*problem.people, *problem.hosts)
    absent = [frozenset(when for when in range(1, rounds + 1) if rng.random() < chance) for _ in nodes]
    nodes = tuple(replace(node, away=some) for node, some in zip(nodes, absent, strict=True))
    people, hosts = nodes[:number], nodes[number:]
    plan = solve(replace(problem, people=people, hosts=hosts), floor=False, clock=still)
    there = [sum(when not in one.away for one in people) for when in range(1, rounds + 1)]
    room = [sum(host.places for host in hosts if when not in host.away) for when in range(1, rounds + 1)]
    assert sum(counts(problem, plan)) == sum(map(min, there, room))
    assert plan.quality.gap <= 0.001


def test_locks_stand_and_the_others_come_too() -> None:
    locks = (Lock(2, ("p0", "p1"), "1"), Lock(1, ("p5",)))
    problem = fair(24, 4, 3, 6, rules=Rules(limit=3), locks=locks)
    plan = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert any(
        meeting.round == 2 and meeting.host == "h0" and {"p0", "p1"} <= {*meeting.people} for meeting in plan.meetings
    )


def test_a_lock_that_leaves_its_host_with_too_few_is_refused() -> None:
    hosts = (Host("h0", places=4, min_places=3), Host("h1", places=4))
    people = tuple(Person(f"p{at}") for at in range(2))
    problem = Problem(Session(1, "stations"), people, hosts=hosts, locks=(Lock(1, ("p0",), "1"),))
    with pytest.raises(NotPossible, match="needs 3 people"):
        solve(problem, clock=still)


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = fair(30, 5, 4, 7, seed=4)
    assert solve(problem, seed=3, clock=still) == solve(problem, seed=3, clock=still)


def test_a_deadline_gives_a_plan_without_further_improvement() -> None:
    ticks = iter(range(10**6))
    problem = fair(60, 6, 5, 11, seed=2)
    plan = solve(problem, deadline=0.5, clock=lambda: float(next(ticks)))
    assert breaches(problem, plan) == []
    assert plan.quality.lowest_satisfaction <= solve(problem, clock=still).quality.lowest_satisfaction


@pytest.mark.parametrize(("number", "hosts"), [(0, 3), (3, 0), (1, 1)])
def test_a_room_that_is_nearly_empty(number: int, hosts: int) -> None:
    plan = solve(fair(number, hosts, 2, 3), clock=still)
    assert len(plan.meetings) == min(number, hosts)
    assert plan.quality.gap == 0


def test_an_unmet_wish_for_a_full_host_is_told_so() -> None:
    problem = fair(6, 2, 1, 3)
    people = tuple(replace(person, wishes=("h0",)) for person in problem.people)
    problem = replace(problem, people=people, benefits=tuple((person.id, "h0", 500) for person in people))
    plan = solve(problem, clock=still)
    assert [one.code for one in plan.unmet] == ["host_full"] * 3


@settings(max_examples=breadth(60, quick=20), deadline=None)
@given(rooms())
def test_the_floor_never_makes_the_worst_off_worse(problem: Problem) -> None:
    try:
        raised, bare = (solve(problem, floor=floor, clock=lambda: 0.0) for floor in (True, False))
    except NotPossible:
        reject()
    held = [sorted(Counter(name for one in plan.meetings for name in one.people).values()) for plan in (raised, bare)]
    if held[0] == held[1]:
        assert raised.quality.lowest_satisfaction >= bare.quality.lowest_satisfaction


@pytest.mark.parametrize(("seed", "rounds"), [(1, 4), (2, 5), (3, 4)])
def test_hosts_who_need_several_people_close_where_they_have_too_few(seed: int, rounds: int) -> None:
    problem = fair(44, 12, rounds, 8, seed=seed)
    problem = replace(problem, hosts=tuple(replace(host, min_places=4) for host in problem.hosts))
    plan, plain = solve(problem, clock=still), solve(problem, floor=False, clock=still)
    assert counts(problem, plan) == counts(problem, plain) == (44,) * rounds
    assert plain.quality.gap <= 0.005
    assert plan.quality.gap <= 0.0101
    assert (sizes(problem, plain) == 0).any()
    assert set(np.unique(sizes(problem, plan))) <= {0, 4, 5, 6, 7, 8}


@few
@given(rooms(most=9, most_hosts=4, rounds=4))
def test_hosts_have_hours_for_all_their_visits(problem: Problem) -> None:
    graph = visit_graph(replace(problem, locks=()), Admissibility(replace(problem, locks=())))
    table = choose(graph, floor=False, closing=True).table
    hours, load = hours_of(graph, table), table.sum(0)
    fewest = graph.fewest.max(1, initial=0)
    assert not (hours & (graph.room == 0)).any()
    assert ((graph.room * hours).sum(1) >= load).all()
    fits = load // np.maximum(fewest, 1) >= -(-load // np.maximum(graph.room.max(1, initial=0), 1))
    assert (fewest * hours.sum(1) <= np.maximum(load, fewest))[fits & (load > 0) & (fewest > 1)].all()


def test_a_floor_leaves_nobody_out_where_hosts_need_several_people() -> None:
    problem = popular(Popular("stations", 120, 10, 8, places=(16,), least=4))
    plan, plain = solve(problem, clock=still), solve(problem, floor=False, clock=still)
    assert counts(problem, plan) == counts(problem, plain)
    assert plan.quality.lowest_satisfaction >= 0.95 * plan.quality.lowest_bound
