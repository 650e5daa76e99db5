"""Rounds found along chains, and benefit won back by exchanges: nothing breaks, nobody loses, all chains are found."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.stations.choice import choose
from matcher.choose.stations.graph import VisitGraph, visit_graph
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.when import enriching
from matcher.when.changing import DEPTH, Changing
from matcher.when.enriching import enrich
from matcher.when.equitable import share_out
from matcher.when.tour import NOWHERE, Tour
from tests.matcher.test_lifting import lowest, scarce


def graph_of(problem: Problem) -> VisitGraph:
    return visit_graph(problem, Admissibility(problem))


def holds(tour: Tour) -> None:
    graph, (who, when) = tour.graph, np.nonzero(tour.at != NOWHERE)
    assert graph.free[who, when].all()
    assert (tour.load() <= graph.room).all()
    assert tour.visited().sum() == len(who)


def possible(graph: VisitGraph, table: np.ndarray) -> bool:
    """Whether any rounds take all these visits."""
    visits = np.argwhere(table).tolist()
    for rounds in product(range(graph.rounds), repeat=len(visits)):
        spots = [(who, when) for (who, _), when in zip(visits, rounds, strict=True)]
        load = np.zeros_like(graph.room)
        np.add.at(load, ([host for _, host in visits], list(rounds)), 1)
        if (
            len(set(spots)) == len(spots)
            and all(graph.free[who, when] for who, when in spots)
            and (load <= graph.room).all()
        ):
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_visit_more_moves_others_and_loses_none(seed: int) -> None:
    rng = random.Random(seed)
    graph = graph_of(scarce(rng.randint(4, 24), rng.randint(2, 6), rng.randint(2, 5), rng.randint(1, 5), seed=seed))
    tour, held = Tour(graph), np.zeros(graph.allowed.shape, np.bool_)
    changing = Changing(tour, rng, 500)
    for who, host in rng.sample(np.argwhere(graph.allowed).tolist(), int(graph.allowed.sum())):
        held[who, host] = changing.find((who, host), rng.randint(0, DEPTH))
        assert (tour.visited() == held).all()
        assert (changing.load == tour.free_load()).all()
    holds(tour)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_two_rounds_take_whatever_they_can(seed: int) -> None:
    rng = random.Random(seed)
    graph = graph_of(scarce(5, 3, 2, rng.randint(1, 2), seed=seed))
    tour = Tour(graph)
    changing = Changing(tour, rng, 500)
    for who, host in rng.sample(np.argwhere(graph.allowed).tolist(), int(graph.allowed.sum())):
        more = tour.visited()
        more[who, host] = True
        assert changing.find((who, host)) == possible(graph, more)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.sampled_from((1, enriching.TURNS)))
def test_exchanges_gain_and_nobody_falls_below_the_share(seed: int, share: float, turns: int) -> None:
    rng = random.Random(seed)
    problem = scarce(rng.randint(4, 24), rng.randint(2, 6), rng.randint(2, 5), rng.randint(1, 5), seed=seed)
    names = [one.id for one in problem.people]
    apart = tuple((names[0], other) for other in rng.sample(names[1:], rng.randint(0, 3)))
    problem = replace(problem, keep_apart=apart)
    graph = graph_of(problem)
    tour = Tour(graph)
    share_out(tour, choose(graph, floor=False).table, rng)
    before, amiss = tour.copy(), tour.amiss()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enriching, "TURNS", turns)
        enrich(tour, share)
    holds(tour)
    assert (tour.load() == before.load()).all()
    assert ((tour.at != NOWHERE) == (before.at != NOWHERE)).all()
    assert tour.gained().sum() >= before.gained().sum()
    assert (tour.gained() >= np.minimum(before.gained(), share * graph.best) - 1e-9).all()
    assert lowest(tour) >= min(lowest(before), share)
    assert set(tour.amiss()) <= set(amiss)
