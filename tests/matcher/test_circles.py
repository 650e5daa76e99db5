"""Circles: every rule kept, repeats and benefit against brute force, and rooms whose optimum is known."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.choose.circles.fewest import Sizes, fewest_repeats
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.refusals import refuse_locks
from matcher.rules import Admissibility
from matcher.solver import NEVER
from matcher.ways.circles import room_of
from tests.breadth import breadth
from tests.matcher.circles_oracle import best_circles
from tests.matcher.strategies import people, sessions


def still() -> float:
    return 0.0


def plain(number: int, size: int, rounds: int) -> Problem:
    persons = tuple(Person(f"p{at}") for at in range(number))
    return Problem(Session(rounds=rounds, format="circles", size=size), persons)


@st.composite
def rooms(draw: st.DrawFn, most: int, rounds: int, *, tables: bool = True) -> Problem:
    """A small room with every rule in it; its locks are possible each for itself."""
    number, length = draw(st.integers(0, most)), draw(st.integers(1, rounds))
    persons = draw(people(number, length, seated=tables))
    ids = [person.id for person in persons]
    pairs = list(combinations(ids, 2))
    some = st.lists(st.sampled_from(pairs), unique=True, max_size=3).map(tuple) if pairs else st.just(())
    names = st.sampled_from((None, None, 1, 2, ("A", "B", "C"))) if tables else st.none()
    problem = Problem(
        Session(rounds=length, format="circles", size=draw(st.integers(2, 4)), tables=draw(names)),
        persons,
        Rules(
            draw(st.sampled_from(("apart", "allow"))), draw(st.booleans()), limit=draw(st.sampled_from((None, 1, 2)))
        ),
        keep_apart=draw(some),
        met_before=draw(some),
        benefits=tuple((*pair, draw(st.integers(0, 1000))) for pair in pairs),
    )
    if not ids or draw(st.booleans()):
        return problem
    together = draw(st.lists(st.sampled_from(ids), unique=True, min_size=1, max_size=3))
    locked = replace(problem, locks=(Lock(draw(st.integers(1, length)), tuple(together)),))
    try:
        refuse_locks(locked)
    except NotPossible:
        return problem
    return locked


def planned(problem: Problem) -> Plan | None:
    """The plan, or None where the locks cannot be kept."""
    try:
        return solve(problem, clock=still)
    except NotPossible:
        assert problem.locks
        return None


def repeats(problem: Problem, plan: Plan) -> int:
    times = Counter({frozenset(pair): 1 for pair in problem.met_before})
    times.update(frozenset(two) for meeting in plan.meetings for two in combinations(meeting.people, 2))
    return sum(count - 1 for count in times.values())


@settings(max_examples=25, deadline=None)
@given(rooms(most=breadth(12, quick=9), rounds=4))
def test_every_plan_keeps_every_rule_and_its_bounds(problem: Problem) -> None:
    plan = planned(problem)
    if plan is None:
        return
    assert breaches(problem, plan) == []
    assert plan.quality.repeats == repeats(problem, plan) >= (plan.quality.repeats_bound or 0)
    assert plan.quality.benefit <= plan.quality.bound
    assert plan.quality.lowest_bound is None


# --- brute force -------------------------------------------------------------------------------------------------


@settings(max_examples=breadth(100, quick=40), deadline=None)
@given(st.sampled_from(((5, 2), (4, 3))).flatmap(lambda tiny: sessions(kind="circles", most=tiny[0], rounds=tiny[1])))
def test_a_tiny_room_is_as_good_as_brute_force_in_every_aim(problem: Problem) -> None:
    best, plan = best_circles(problem), planned(problem)
    if plan is None or best is None:
        assert plan is None
        assert best is None
        return
    own = Counter(name for meeting in plan.meetings for name in meeting.people)
    counts = tuple(-sum(count >= level for count in own.values()) for level in range(1, problem.session.rounds + 1))
    far = sum(abs(len(meeting.people) - problem.session.size) for meeting in plan.meetings)
    quality = plan.quality
    assert (counts, far, -len(plan.meetings), quality.repeats, -quality.benefit) == best
    assert (quality.repeats_bound, quality.bound) == (quality.repeats, quality.benefit)


# --- rooms whose optimum is known --------------------------------------------------------------------------------

FAMOUS = [
    (9, 3, 4),
    (16, 4, 5),
    (25, 5, 6),
    (49, 7, 8),
    (64, 8, 9),
    (32, 4, 8),
    (24, 4, 5),
    (61, 8, 8),
    (15, 3, 7),
    (28, 4, 9),
    (30, 5, 6),
    (60, 6, 8),
    (59, 6, 8),
]


@pytest.mark.parametrize(("number", "size", "rounds"), FAMOUS)
def test_nobody_meets_twice_where_a_construction_or_chance_has_it(number: int, size: int, rounds: int) -> None:
    plan = solve(plain(number, size, rounds), clock=still)
    assert (plan.quality.repeats, plan.quality.repeats_bound) == (0, 0)
    assert plan.rests == ()


RIVAL = [(25, 5, 6, 20), (20, 4, 6, 12), (30, 5, 6, 15), (32, 4, 8, 5), (36, 6, 5, 17)]


@pytest.mark.parametrize(("number", "size", "rounds", "others"), RIVAL)
def test_fewer_repeats_than_a_popular_mixer(number: int, size: int, rounds: int, others: int) -> None:
    plan = solve(plain(number, size, rounds), clock=still)
    assert {len(meeting.people) for meeting in plan.meetings} == {size}
    assert (plan.quality.repeats_bound or 0) <= (plan.quality.repeats or 0) < others


@pytest.mark.parametrize(
    ("number", "size", "rounds", "least"),
    [
        (36, 6, 5, 2),
        (36, 6, 3, 0),
        (20, 4, 6, 1),
        (20, 4, 5, 0),
        (12, 3, 5, 1),
        (8, 4, 2, 4),
        (30, 6, 2, 5),
        (9, 4, 2, 6),
    ],
)
def test_what_must_repeat_is_known_beforehand(number: int, size: int, rounds: int, least: int) -> None:
    room = plain(number, size, rounds)
    arrays = room_of(room, Admissibility(room))
    sizes = Sizes(np.full(rounds, number), np.full(rounds, number // size))
    assert fewest_repeats(arrays, sizes, arrays.there, NEVER) == least


@pytest.mark.parametrize("room", [(8, 4, 2), (30, 6, 2), (9, 4, 2)])
def test_the_bound_on_repeats_is_reached_where_tables_are_few(room: tuple[int, int, int]) -> None:
    plan = solve(plain(*room), clock=still)
    assert plan.quality.repeats == plan.quality.repeats_bound


# --- one rule at a time ------------------------------------------------------------------------------------------


def test_meeting_again_after_another_session_is_a_repeat() -> None:
    room = plain(6, 3, 2)
    fresh = solve(replace(room, met_before=(("p0", "p1"),)), clock=still)
    assert all(not {"p0", "p1"} <= set(meeting.people) for meeting in fresh.meetings)
    every = solve(replace(plain(4, 4, 1), met_before=(("p0", "p1"), ("p1", "p0"))), clock=still)
    assert (every.quality.repeats, every.quality.repeats_bound) == (1, 1)


def test_tables_speak_one_language_and_nobody_is_left_out_for_it() -> None:
    spoken = [("en",)] * 5 + [("fr",)] * 4 + [("en", "fr")] * 3
    persons = tuple(Person(f"p{at}", languages=codes) for at, codes in enumerate(spoken))
    plan = solve(replace(plain(12, 4, 3), people=persons), clock=still)
    assert plan.rests == ()
    assert {meeting.language for meeting in plan.meetings} == {"en", "fr"}


def test_colleagues_fill_every_table_once() -> None:
    persons = tuple(Person(f"p{at}", organisation=f"o{at % 4}") for at in range(16))
    plan = solve(replace(plain(16, 4, 3), people=persons), clock=still)
    assert plan.rests == ()
    assert plan.quality.repeats == 0


def test_somebody_who_fits_nowhere_rests_and_the_others_meet() -> None:
    persons = (*(Person(f"p{at}", languages=("en",)) for at in range(8)), Person("alone", languages=("km",)))
    plan = solve(replace(plain(9, 4, 2), people=persons), clock=still)
    assert [(rest.person, rest.code) for rest in plan.rests] == [("alone", "no_partner")] * 2


def test_few_tables_and_limits_rest_people_evenly() -> None:
    few = solve(replace(plain(20, 4, 4), session=Session(rounds=4, format="circles", size=4, tables=3)), clock=still)
    assert Counter(Counter(rest.person for rest in few.rests).values()) == {1: 20}
    assert {rest.code for rest in few.rests} == {"no_table"}
    limited = solve(replace(plain(12, 4, 3), rules=Rules(limit=2)), clock=still)
    assert Counter(Counter(name for m in limited.meetings for name in m.people).values()) == {2: 12}
    assert {rest.code for rest in limited.rests} == {"limit"}


def test_locks_and_seated_people_stay_where_they_are() -> None:
    persons = tuple(Person(f"p{at}", organisation="o" if at < 2 else None, seated=at in (0, 5)) for at in range(12))
    locks = (Lock(2, ("p0", "p1"), table="B"), Lock(3, ("p7", "p8", "p9")))
    session = Session(rounds=3, format="circles", size=4, tables=("A", "B", "C"))
    plan = solve(Problem(session, persons, locks=locks), clock=still)
    tables = {name: {m.table for m in plan.meetings if name in m.people} for name in ("p0", "p5")}
    assert tables["p0"] == {"B"}
    assert len(tables["p5"]) == 1
    assert any(m.round == 3 and {"p7", "p8", "p9"} <= set(m.people) for m in plan.meetings)


@pytest.mark.parametrize("seated", [(0, 5), (0, 1, 2), (3, 7, 12, 18)])
def test_seated_people_keep_their_tables_in_a_design_without_repeats(seated: tuple[int, ...]) -> None:
    persons = tuple(Person(f"p{at}", seated=at in seated) for at in range(25))
    plan = solve(Problem(Session(rounds=4, format="circles", size=5), persons), clock=still)
    tables = [{m.table for m in plan.meetings if f"p{at}" in m.people} for at in seated]
    assert [len(one) for one in tables] == [1] * len(seated)
    assert (plan.quality.repeats, plan.quality.meetings, plan.rests) == (0, 20, ())


def test_a_large_room_whose_locks_name_every_table_says_that_it_found_none_for_a_seated_person(monkeypatch) -> None:
    persons = tuple(Person(f"p{at}", seated=at == 0) for at in range(6))
    locks = (Lock(1, ("p1", "p2"), "A"), Lock(2, ("p3", "p4"), "B"))
    problem = Problem(Session(rounds=2, format="circles", size=3, tables=("A", "B")), persons, locks=locks)
    assert breaches(problem, solve(problem, clock=still)) == []
    monkeypatch.setattr("matcher.choose.circles.small.MANY", 0)
    with pytest.raises(NotPossible, match="no table was found for a seated person"):
        solve(problem, clock=still)


def test_a_lock_at_the_table_of_a_seated_colleague_sends_that_one_to_rest() -> None:
    people = tuple(
        Person(f"p{at}", organisation="o3" if at in (1, 4) else None, seated=at in (1, 4), limit=0 if at == 4 else None)
        for at in range(5)
    )
    problem = Problem(Session(rounds=1, format="circles", size=4), people, locks=(Lock(1, ("p4",)),))
    plan = solve(problem, clock=lambda: 0.0)
    assert [meeting.people for meeting in plan.meetings] == [("p0", "p2", "p3", "p4")]
    assert [rest.person for rest in plan.rests] == ["p1"]


def test_a_lock_too_large_for_a_table_is_refused() -> None:
    room = replace(plain(12, 3, 2), locks=(Lock(1, tuple(f"p{at}" for at in range(6))),))
    with pytest.raises(NotPossible, match="round 1"):
        solve(room, clock=still)


def test_the_same_seed_gives_the_same_plan_and_a_deadline_gives_one_too() -> None:
    persons = tuple(Person(f"p{at}", organisation=f"o{at % 7}") for at in range(14))
    pairs = combinations([person.id for person in persons], 2)
    room = replace(
        plain(14, 4, 3), people=persons, benefits=tuple((*pair, at * 37 % 1000) for at, pair in enumerate(pairs))
    )
    assert solve(room, seed=5, clock=still) == solve(room, seed=5, clock=still)
    ticks = iter(range(10**6))
    hurried = solve(room, deadline=0.5, clock=lambda: float(next(ticks)))
    assert breaches(room, hurried) == []
    assert hurried.quality.benefit < solve(room, clock=still).quality.benefit
