"""Whole ways through the session beside all ways one by one, and what they prove and better."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.groups import search
from matcher.choose.groups.limits import most_benefit, most_people, visits_first
from matcher.choose.groups.paths import Paths
from matcher.choose.groups.reseat import Reseating
from matcher.choose.groups.shares import eased, shared
from matcher.choose.groups.ways import Prices, Wanted, Ways
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.rules import Admissibility
from matcher.solver import NEVER, linear
from tests.breadth import breadth
from tests.matcher.test_groups import grouped
from tests.matcher.test_regroup import absent
from tests.matcher.test_stations import counts, fair, still

seeds = st.integers(0, 10**6)


def ways_of(seed: int, people: int = 7) -> tuple[np.random.Generator, Ways]:
    """A chance, and ways in a small room where people are away now and then and hosts may come twice."""
    rng = np.random.default_rng(seed)
    hosts, rounds = int(rng.integers(2, 5)), int(rng.integers(1, 6))
    problem = absent(grouped(fair(people, hosts, rounds, int(rng.integers(1, 3)), seed=seed)), 0.2, seed)
    return rng, Ways(Paths(visit_graph(problem, Admissibility(problem))))


def some_groups(rng: np.random.Generator, ways: Ways) -> tuple[np.ndarray, np.ndarray]:
    """Groups at random, and seats that keep every rule, taken as they come."""
    graph, paths = ways.graph, ways.paths
    start, room = rng.integers(0, len(paths.host), graph.size), ways.room.copy()
    seats = np.zeros(graph.free.shape, bool)
    for who, group in enumerate(start.tolist()):
        for when in rng.permutation(graph.rounds).tolist():
            met = set(paths.host[group, seats[who]].tolist())
            fits = paths.cells[who, group, when] and room[group, when] and paths.host[group, when] not in met
            if fits and seats[who].sum() < graph.caps[who] and rng.random() < 0.9:
                seats[who, when] = True
                room[group, when] -= 1
    return start, seats


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_best_ways_are_the_best_of_all(seed: int) -> None:
    rng, ways = ways_of(seed, people=3)
    prices, wanted = (
        rng.uniform(0, 900, ways.room.shape),
        Wanted(1.0, rng.uniform(0, 900, ways.graph.rounds), np.zeros(1)),
    )
    best, rounds = ways.best(wanted, prices), range(ways.graph.rounds)
    for who, group in np.ndindex(*best.gains.shape):
        gains = []
        for some in (list(one) for number in rounds for one in combinations(rounds, number + 1)):
            hosts = ways.paths.host[group, some].tolist()
            if ways.paths.cells[who, group, some].all() and len(set(hosts)) == len(some) <= ways.graph.caps[who]:
                seats = np.isin(rounds, some)[None]
                gain = ways.gains(wanted, np.array([who]), np.array([group]), seats)[0]
                gains.append(gain - prices[group, some].sum())
        if gains:
            assert best.gains[who, group] == pytest.approx(max(gains))
        else:
            assert best.gains[who, group] < 0


@settings(max_examples=breadth(40, quick=15), deadline=None)
@given(seeds)
def test_no_groups_gain_more_than_any_prices_prove(seed: int) -> None:
    rng, ways = ways_of(seed)
    start, seats = some_groups(rng, ways)
    rounds, everybody = ways.graph.rounds, np.arange(ways.graph.size)
    have = (seats.sum(1)[None, :] > np.arange(rounds)[:, None]).sum(1)
    wanted = Wanted(1.0, rng.uniform(0, 900, rounds), have.astype(float))
    gained = ways.gains(wanted, everybody, start, seats).sum()
    prices = Prices(rng.uniform(0, 900, ways.room.shape), rng.uniform(0, 900, rounds))
    better, bound = eased(ways, wanted, prices)
    assert gained <= bound + 1e-6
    assert bound <= ways.bound(wanted, prices)[0]
    assert gained <= shared(ways, wanted, better, close=0.0).bound + 1e-6
    for level in range(rounds):
        assert most_people(ways, have[:level].tolist(), int(have[level])) >= have[level]
    worth = ways.worth[everybody, start][seats].sum()
    assert most_benefit(ways, prices.places, have.tolist(), float(worth)) >= worth


@settings(max_examples=breadth(15, quick=8), deadline=None)
@given(seeds)
def test_choosing_anew_keeps_the_places_and_loses_nothing(seed: int) -> None:
    rng, ways = ways_of(seed, people=12)
    start, seats = some_groups(rng, ways)
    wanted, everybody = visits_first(ways.graph.rounds), np.arange(ways.graph.size)
    before = ways.gains(wanted, everybody, start, seats).sum()
    prices, _ = eased(ways, wanted, Prices(0 * ways.room, 0 * wanted.least))
    reseating = Reseating(ways, (wanted, wanted), shared(ways, wanted, prices, close=1.0), start=start, seats=seats)
    reseating.better(tries=4)
    load = np.zeros(ways.room.shape)
    np.add.at(load, reseating.start, reseating.seats.astype(float))
    assert (load <= ways.room).all()
    assert not (reseating.seats & ~ways.paths.cells[everybody, reseating.start]).any()
    assert ways.gains(wanted, everybody, reseating.start, reseating.seats).sum() >= before


def test_shares_of_ways_prove_what_shares_of_seats_do_not() -> None:
    problem = grouped(fair(40, 8, 5, 4, seed=1))
    paths = Paths(visit_graph(problem, Admissibility(problem)))
    found = search.Search(paths.seating(full=False), NEVER)
    found.fill()
    seats = linear(found.wide.programme(found.wide.gain, found.reached, 0.0, (0, 40)))
    assert seats is not None
    assert found.most() < seats.value - 200
    assert found.total(found.x) <= found.most()


@pytest.mark.parametrize(("people", "seed"), [(72, 1), (72, 2)])
def test_groups_are_near_their_bound_where_places_are_too_few(people: int, seed: int) -> None:
    problem = grouped(fair(people, 9, 6, 6, seed=seed))
    plan = solve(problem, floor=False, clock=still)
    assert sum(counts(problem, plan)) == 9 * 6 * 6
    assert plan.quality.gap <= 0.004
