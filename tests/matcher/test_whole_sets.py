"""Whole sets of visits against all sets one by one, and what they prove in a room with many hosts."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.stations.choice import most_even
from matcher.choose.stations.graph import visit_graph
from matcher.choose.stations.highest import WholeSets
from matcher.choose.stations.knapsacks import cheapest
from matcher.choose.stations.set_prices import BARRED, Shelf
from matcher.choose.stations.transport import Ask, Transport
from matcher.engine import solve
from matcher.rules import Admissibility
from tests.matcher.test_stations import fair, still

seeds = st.integers(0, 10**6)


def room(seed: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray, int]:
    """A chance, benefits, which visits are open, and a size that everybody has."""
    rng = np.random.default_rng(seed)
    n, h = int(rng.integers(1, 5)), int(rng.integers(1, 8))
    allowed = rng.random((n, h)) < 0.8
    allowed[:, 0] = True
    return rng, rng.integers(0, 9, (n, h)), allowed, int(rng.integers(0, allowed.sum(1).min() + 1))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_cheapest_sets_are_the_cheapest_of_all(seed: int) -> None:
    rng, benefit, allowed, size = room(seed)
    prices, need = rng.integers(0, 4, benefit.shape[1]), rng.integers(0, 20, len(benefit))
    found = cheapest(benefit, allowed, prices, size)
    costs = found.costs(need)
    for who, row in enumerate(costs.tolist()):
        for number, cost in enumerate(row):
            sets = [list(some) for some in combinations(np.flatnonzero(allowed[who]).tolist(), number)]
            fits = [int(prices[some].sum()) for some in sets if benefit[who, some].sum() >= need[who]]
            assert cost == min(fits, default=-1)
            if fits:
                taken = found.sets(np.array([who]), np.array([number]), np.array([cost]))[0]
                assert (taken.sum(), prices @ taken) == (number, cost)
                assert benefit[who] @ taken >= need[who]
                assert not (taken & ~allowed[who]).any()


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_best_sets_are_the_best_of_all_where_hosts_are_few(seed: int) -> None:
    rng, benefit, _, size = room(seed)
    (n, h), prices = benefit.shape, rng.integers(-4, 5, benefit.shape[1]).astype(float)
    need = rng.integers(0, 20, n).astype(float)
    shelf = Shelf(np.arange(n), np.tile(np.arange(h), (n, 1)), benefit.astype(float), need, size)
    rows, sets, value = shelf.best(prices)
    every = [list(some) for some in combinations(range(h), size)]
    for who in range(n):
        left = [(benefit[who] - prices)[one].sum() for one in every if benefit[who, one].sum() >= need[who]]
        assert value[rows == who].max() == max(left, default=BARRED)
    held = value > BARRED
    assert (sets.sum(1) == size).all()
    assert ((benefit[rows] - prices) * sets).sum(1)[held] == pytest.approx(value[held])
    assert shelf.empty == any(value[rows == who].max() == BARRED for who in range(n))


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_what_some_choice_reaches_is_never_called_impossible(seed: int) -> None:
    problem = fair(9, 5, 3, 2 + seed % 2, seed=seed)
    graph = visit_graph(problem, Admissibility(problem))
    transport = Transport(graph)
    ask = Ask(most_even(transport))
    sent = transport.solve(ask)
    assert sent is not None
    floor = float(graph.share((graph.benefit * transport.table(sent.x)).sum(1)).min())
    sets = WholeSets(transport, ask)
    assert sets.possible(floor, sent.hosts)
    assert not sets.possible(1.01, sent.hosts)


@pytest.mark.parametrize(("number", "hosts", "places"), [(120, 20, 6), (120, 20, 8), (140, 24, 5)])
def test_the_worst_off_are_near_the_bound_with_many_hosts(number: int, hosts: int, places: int) -> None:
    quality = solve(fair(number, hosts, 7, places, seed=hosts), clock=still).quality
    assert quality.lowest_satisfaction >= 0.98 * quality.lowest_bound
    assert quality.gap <= 0.0101
