"""Rooms too large to be decided exactly: repairs of every kind are sound, and what mends rounds keeps its promises."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.stations.choice import greedy
from matcher.choose.stations.graph import visit_graph
from matcher.engine import solve
from matcher.errors import BadProblem
from matcher.graph import meeting_graph
from matcher.plan import Plan
from matcher.problem import Chosen, Host, Interpreter, Person, Problem, Session
from matcher.repair.changes import Changes, names_of
from matcher.rules import Admissibility
from matcher.when.polish import Polish
from matcher.when.rounds import timed
from matcher.when.timetable import Timetable
from matcher.when.topup import Promise, top_up
from tests.benchmarks.fairs import Fair, fair
from tests.benchmarks.problems import Recipe, conference
from tests.breadth import breadth
from tests.matcher.test_repair import repair, timeless
from tests.matcher.test_repair_sequences import refused, unsound

HELPERS = (Interpreter("i1", ("en", "es", "fr"), most_in_a_row=2), Interpreter("i2", ("ar", "en"), most_in_a_row=1))
HOSTED = ("clinics", "stations", "groups")
KINDS = ("pairs", "interpreted", "agreed", *HOSTED, "circles")


def room(kind: str, people: int, seed: int) -> Problem:
    """Some dozens of people with absences, limits and pairs kept apart; too few places where there are hosts."""
    if kind in HOSTED:
        format_ = "clinics" if kind == "clinics" else "stations"
        places = max(people // 7, 3), people // 5 + 1
        problem = fair(Fair(format_, people, 6, 4, places=places, least=1 + seed % 3, away=0.2, seed=seed))
        return replace(problem, session=replace(problem.session, move="groups" if kind == "groups" else "each"))
    problem = conference(
        Recipe(people, 5, seed, away=0.3, limited=0.1, sides=seed % 3 == 0, given=seed % 2 == 0, wishes=1)
    )
    if kind == "circles":
        return replace(problem, session=replace(problem.session, format="circles", size=4))
    if kind == "agreed":
        return replace(problem, chosen=agreed(problem, people, seed), benefits=None)
    return replace(problem, interpreters=HELPERS) if kind == "interpreted" else problem


def agreed(problem: Problem, number: int, seed: int) -> tuple[Chosen, ...]:
    """About so many meetings of people who are there at the same time often enough for all of theirs."""
    rng, left, rounds = random.Random(seed), {}, range(1, problem.session.rounds + 1)
    found = {}
    for _ in range(number):
        one, other = rng.sample(problem.people, 2)
        both = [when for when in rounds if when not in one.away | other.away]
        if min(left.setdefault(who.id, 3) for who in (one, other)) and len(both) == len(rounds):
            found[frozenset((one.id, other.id))] = Chosen((one.id, other.id))
            left[one.id], left[other.id] = left[one.id] - 1, left[other.id] - 1
    return tuple(found.values())


def losses(problem: Problem, plan: Plan, seed: int) -> Changes:
    """What may go wrong at once: absences, somebody leaving, late-comers, a lost table or host, two kept apart."""
    rng = random.Random(seed)
    first = rng.randint(1, problem.session.rounds)
    ids, ports = [one.id for one in problem.people], [one.id for one in problem.visited]
    tables = names_of(problem, plan)
    late = tuple(Person(f"late{at}", languages=("en",)) for at in range(rng.choice((0, 0, 2))))
    return Changes(
        first,
        absent=tuple(rng.sample(ids, rng.choice((0, 1, 4)))),
        leaves=tuple((name, rng.randint(first, problem.session.rounds)) for name in rng.sample(ids, 1)),
        late=late,
        lost_tables=tuple(rng.sample(tables, min(rng.choice((0, 0, 1)), len(tables)))),
        lost_hosts=tuple(rng.sample(ports, rng.choice((0, 1)))) if ports else (),
        lost_interpreters=tuple(rng.sample([one.id for one in problem.interpreters], rng.choice((0, 1))))
        if problem.interpreters
        else (),
        keep_apart=tuple((ids[at], ids[at + 1]) for at in rng.sample(range(len(ids) - 1), rng.choice((0, 2)))),
    )


def goes_on(kind: str, people: int, seed: int) -> None:
    problem = room(kind, people, seed)
    plan = solve(problem, clock=timeless)
    for turn in range(3):
        changes = losses(problem, plan, seed + turn)
        try:
            now, fresh = repair(problem, plan, changes)
        except BadProblem as refusal:
            refused(problem, refusal)
            continue
        assert not unsound(plan, now, fresh, changes)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(6, quick=2))
@given(st.integers(16, 40), st.integers(0, 999))
def test_larger_rooms_are_repaired_without_breach(kind: str, people: int, seed: int) -> None:
    goes_on(kind, people, seed)


def timetable(seed: int, people: int, rounds: int) -> Timetable:
    """Meetings without regard to benefit, in rounds; now and then one is left out."""
    problem = conference(Recipe(people, rounds, seed, away=0.2, keep_apart=2))
    graph, rng = meeting_graph(problem, Admissibility(problem)), random.Random(seed)
    pairs, room = np.argwhere(np.triu(graph.allowed)), graph.caps.copy()
    chosen = []
    for at in rng.sample(range(len(pairs)), len(pairs)):
        if (room[pairs[at]] > 0).all() and rng.random() < 0.9:
            chosen.append(pairs[at])
            room[pairs[at]] -= 1
    return timed(graph, np.array(chosen), rng)[0]


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(6, 24), st.floats(0, 1), st.floats(0.5, 1))
def test_polish_gains_within_its_rounds_and_pays_for_the_worst_off_alone(
    seed: int, people: int, floor: float, share: float
) -> None:
    table = timetable(seed, people, 4)
    degrees, before, worth = table.degrees().copy(), table.gained().copy(), table.benefit()
    need = floor * table.graph.best
    busy = [sorted(table.pairs(when).ravel().tolist()) for when in range(4)]
    Polish(table, floor).run(share * worth)
    assert [sorted(table.pairs(when).ravel().tolist()) for when in range(4)] == busy
    assert np.array_equal(table.degrees(), degrees)
    assert table.benefit() >= min(worth, share * worth)
    assert (table.gained() >= np.minimum(before, need)).all()
    pairs = [tuple(pair) for when in range(4) for pair in table.pairs(when).tolist()]
    assert len(set(pairs)) == len(pairs)
    assert all(table.graph.allowed[pair] for pair in pairs)


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(6, 24), st.booleans())
def test_topping_up_fills_and_betters_what_was_promised(seed: int, people: int, floor: bool) -> None:
    table, rng = timetable(seed, people, 4), random.Random(seed)
    degrees, worth = table.degrees().copy(), table.benefit()
    for when in range(4):
        for one, other in table.pairs(when).tolist():
            if rng.random() < 0.3:
                table.remove(one, other, when)
    left = table.degrees().sum()
    prices = np.array([rng.uniform(0, 400) for _ in degrees])
    top_up(table, Promise(degrees, prices, 0.5 * worth if floor else None), rng)
    assert left <= table.degrees().sum()
    assert (table.degrees() <= table.graph.caps).all()
    pairs = [tuple(pair) for when in range(4) for pair in table.pairs(when).tolist()]
    assert len(set(pairs)) == len(pairs)
    assert all(table.graph.allowed[pair] for pair in pairs)


@settings(max_examples=breadth(15, quick=6))
@given(st.integers(10, 24), st.integers(0, 999))
def test_pairs_that_are_few_enough_for_each_are_as_good_as_all(people: int, seed: int) -> None:
    problem = room("pairs", people, seed)
    every = solve(problem, clock=timeless)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.choose.pairs.choice.FEW_PAIRS", 0)
        some = solve(problem, clock=timeless)
    assert some.quality.meetings == every.quality.meetings
    assert some.quality.benefit <= every.quality.bound


@settings(max_examples=15)
@given(st.integers(10, 20), st.integers(0, 999))
def test_the_best_visits_first_take_what_people_and_hosts_still_have(people: int, seed: int) -> None:
    problem = room("stations", people, seed)
    graph = visit_graph(problem, Admissibility(problem))
    table, places = greedy(graph), graph.room.sum(1)
    assert not (table & ~graph.allowed).any()
    assert (table.sum(1) <= graph.caps).all()
    assert (table.sum(0) <= places).all()
    assert not (graph.allowed & ~table & (table.sum(1) < graph.caps)[:, None] & (table.sum(0) < places)).any()


@pytest.mark.parametrize("kind", ["pairs", "circles"])
def test_hosts_who_are_listed_where_nobody_visits_them_change_nothing(kind: str) -> None:
    people = tuple(Person(f"p{at}") for at in range(8))
    rules = {"met_before": (("p0", "h1"), ("p0", "p4")), "keep_apart": (("p1", "h1"), ("p1", "p5"))}
    listed = Problem(Session(3, kind), people, hosts=(Host("h1"),), **rules)
    without = replace(listed, hosts=(), met_before=(("p0", "p4"),), keep_apart=(("p1", "p5"),))
    plan, bare = (solve(problem, clock=timeless) for problem in (listed, without))
    assert plan == bare
    changes = Changes(2, absent=("p3",))
    parted = replace(changes, keep_apart=(("p2", "h1"),))
    assert repair(listed, plan, parted)[1].meetings == repair(without, bare, changes)[1].meetings


def test_where_nobody_may_visit_anybody_there_is_nothing_to_fill() -> None:
    people, hosts = tuple(Person(f"p{at}", languages=("km",)) for at in range(3)), (Host("h1", languages=("en",)),)
    for kind in ("clinics", "stations"):
        assert solve(Problem(Session(2, kind), people, hosts=hosts), clock=timeless).meetings == ()
