"""The bound by whole tables: no plan passes it, it says more than pairs do, and few columns prove as much as all."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.circles import table_bound as module
from matcher.choose.circles.fewest import Sizes, most_benefit
from matcher.choose.circles.layout import Room
from matcher.choose.circles.table_bound import TableBound, table_bound
from matcher.engine import solve
from matcher.problem import Person, Problem, Rules, Session
from matcher.rules import Admissibility
from matcher.ways.circles import room_of
from tests.breadth import breadth
from tests.matcher.circles_oracle import every_circle


@st.composite
def crowds(draw: st.DrawFn, people: int, rounds: int, size: int) -> Problem:
    """A full room whose people are of some organisations and languages, with benefits."""
    persons = tuple(
        Person(
            f"p{at}",
            organisation=draw(st.sampled_from((None, None, "o1", "o2"))),
            languages=draw(st.sampled_from(((), ("en",), ("en", "fr"), ("fr",)))),
        )
        for at in range(people)
    )
    pairs = list(combinations([person.id for person in persons], 2))
    met = st.lists(st.sampled_from(pairs), max_size=3, unique=True)
    benefits = tuple((*pair, draw(st.integers(0, 1000))) for pair in pairs)
    session = Session(rounds=rounds, format="circles", size=size)
    return Problem(session, persons, Rules(), met_before=tuple(draw(met)), benefits=benefits)


def bound_of(problem: Problem, tables: int) -> tuple[Room, Sizes, TableBound | None]:
    room, rounds = room_of(problem, Admissibility(problem)), problem.session.rounds
    sizes = Sizes(np.full(rounds, len(problem.people)), np.full(rounds, tables))
    return room, sizes, table_bound(room, sizes)


@settings(max_examples=breadth(40, quick=12), deadline=None)
@given(st.sampled_from(((5, 2, 2), (6, 2, 3), (4, 3, 2))).flatmap(lambda case: crowds(*case)))
def test_no_plan_of_a_tiny_room_passes_the_bound(problem: Problem) -> None:
    _, _, bound = bound_of(problem, 2)
    full = [
        (again, -loss)
        for counts, _, tables, again, loss in every_circle(problem)
        if tables == -2 * problem.session.rounds and set(counts) == {-len(problem.people)}
    ]
    if bound is None:
        assert full == []
        return
    for again, benefit in full:
        assert bound.fewest_repeats() <= again
        assert benefit <= (bound.most_benefit(again) or 0)


@settings(max_examples=15, deadline=None)
@given(crowds(12, 3, 4), st.integers(0, 4))
def test_whole_tables_say_as_much_as_pairs_and_few_columns_as_many(problem: Problem, repeats: int) -> None:
    room, sizes, bound = bound_of(problem, 3)
    if bound is None:
        return
    fewest = bound.fewest_repeats()
    told = bound.most_benefit(fewest + repeats)
    if told is None or fewest > 18 * problem.session.rounds:  # the rules leave no plan in which all sit
        return
    assert told <= most_benefit(room, sizes, fewest + repeats) + 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST", 40)
        patch.setattr(module, "MORE", 40)
        patch.setattr(module, "TURNS", 200)
        few = bound.fewest_repeats(), bound.most_benefit(fewest + repeats)
    assert few == (pytest.approx(fewest, abs=1), pytest.approx(told, abs=1))


def test_two_languages_that_fill_two_tables_meet_again_and_again() -> None:
    spoken = [("en",)] * 4 + [("fr",)] * 4
    persons = tuple(Person(f"p{at}", languages=codes) for at, codes in enumerate(spoken))
    problem = replace(Problem(Session(rounds=3, format="circles", size=4), persons), benefits=(("p0", "p1", 7),))
    bound = bound_of(problem, 2)[2]
    assert bound is not None
    assert (bound.fewest_repeats(), bound.most_benefit(24)) == (24, 21)


def test_who_can_meet_nobody_does_not_loosen_the_bound() -> None:
    spoken = [("en",)] * 4 + [("fr",)] * 4 + [("km",)]
    persons = tuple(Person(f"p{at}", languages=codes) for at, codes in enumerate(spoken))
    plan = solve(
        Problem(Session(rounds=3, format="circles", size=4), persons, benefits=(("p0", "p1", 7),)), clock=float
    )
    assert {rest.person for rest in plan.rests} == {"p8"}
    assert (plan.quality.repeats, plan.quality.repeats_bound) == (24, 24)
    assert (plan.quality.benefit, plan.quality.bound) == (21, 21)


def test_too_many_tables_are_not_listed() -> None:
    persons = tuple(Person(f"p{at}") for at in range(60))
    problem = Problem(Session(rounds=2, format="circles", size=6), persons)
    assert bound_of(problem, 10)[2] is None
