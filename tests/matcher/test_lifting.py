"""The worst-off among timed visits: raised where rounds cost a floor, while everybody keeps their number of visits."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matcher.choose.stations.choice import choose
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.when import lifting
from matcher.when.lifting import lifted
from matcher.when.settle import settle
from matcher.when.tour import NOWHERE, Tour
from tests.breadth import breadth
from tests.matcher.stations_oracle import rooms
from tests.matcher.test_stations import fair, still


def scarce(number: int, hosts: int, rounds: int, places: int, *, seed: int) -> Problem:
    """People and hosts who are away in some rounds, and hardly a place more than there are people."""
    rng = random.Random(seed)
    problem = fair(number, hosts, rounds, places, seed=seed)
    absent = [
        frozenset(when for when in range(1, rounds + 1) if rng.random() < chance)
        for nodes, chance in ((problem.people, 0.1), (problem.hosts, 0.12))
        for _ in nodes
    ]
    people = tuple(replace(one, away=some) for one, some in zip(problem.people, absent, strict=False))
    tables = tuple(replace(one, away=some) for one, some in zip(problem.hosts, absent[number:], strict=True))
    return replace(problem, people=people, hosts=tables)


def lowest(tour: Tour) -> float:
    return float(tour.graph.share(tour.gained()).min(initial=1.0))


@pytest.mark.parametrize(("seed", "before"), [(25, 0.93), (9, 0.97)])
def test_what_rounds_cost_the_worst_off_is_won_back(seed: int, before: float, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = scarce(40, 8, 5, 5, seed=seed)
    quality = solve(problem, clock=still).quality
    monkeypatch.setattr("matcher.ways.stations.lifted", lambda tour, *_, **__: tour)
    without = solve(problem, clock=still).quality
    assert without.lowest_satisfaction < before * without.lowest_bound
    assert quality.lowest_satisfaction > 0.97 * quality.lowest_bound
    assert quality.gap <= 0.01


@settings(max_examples=breadth(60, quick=25))
@given(rooms(most=9, most_hosts=5, rounds=4), st.floats(0, 1), st.sampled_from((1, lifting.MOST)))
def test_nobody_loses_a_visit_or_falls_below_the_worst_off(problem: Problem, share: float, most: int) -> None:
    assume(problem.people and problem.visited)
    bare = replace(problem, locks=())
    graph, rng = visit_graph(bare, Admissibility(bare)), random.Random(most)
    tour = settle(graph, choose(graph, floor=False).table, rng, floor=False).tour
    before, least = tour.at.copy(), share * tour.gained().sum()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifting, "MOST", most)
        now = lifted(tour, rng, top=1.0, least=least)
    assert (tour.at == before).all()
    assert ((now.at != NOWHERE).sum(1) == (before != NOWHERE).sum(1)).all()
    assert lowest(now) >= lowest(tour)
    assert now is tour or (lowest(now) > 0 and now.gained().sum() >= least)
    assert now.sound()
    assert (now.load() <= graph.room).all()
    who, when = np.nonzero(now.at != NOWHERE)
    assert graph.free[who, when].all()
    assert graph.allowed[who, now.at[who, when]].all()
    assert now.visited().sum() == len(who)
