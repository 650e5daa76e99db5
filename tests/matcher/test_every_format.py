"""Random sessions of every format: no rule broken, every bound holds, and what should not matter does not."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.plan import Plan
from matcher.problem import Person, Problem
from tests.breadth import breadth
from tests.matcher.strategies import KINDS, sessions
from tests.matcher.test_honesty import solved


def holds(plan: Plan) -> None:
    """Every bound is on its side of its figure; that no rule is broken the engine's referee has seen."""
    quality = plan.quality
    assert quality.benefit <= quality.bound
    assert quality.lowest_bound is None or quality.lowest_satisfaction <= quality.lowest_bound
    for bound, figure in (("breaks_bound", "breaks"), ("repeats_bound", "repeats")):
        assert getattr(quality, bound) is None or getattr(quality, bound) <= getattr(quality, figure)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(200, quick=60), deadline=None)
@given(st.data())
def test_any_session_is_planned_within_its_bounds(kind: str, data: st.DataObject) -> None:
    holds(solved(data.draw(sessions(**KINDS[kind])), floor=data.draw(st.booleans())))


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_any_larger_session_too(kind: str, data: st.DataObject) -> None:
    holds(solved(data.draw(sessions(**KINDS[kind], most=10, rounds=4)), floor=data.draw(st.booleans())))


def renamed(problem: Problem, order: list[int]) -> Problem:
    """The same people under other names and in another order."""
    name = {person.id: f"q{at}" for at, person in enumerate(problem.people)}

    def other(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.get(one, one) for one in ids)

    people = [
        replace(person, id=name[person.id], wishes=tuple(name.get(wish, wish) for wish in person.wishes))
        for person in problem.people
    ]
    benefits = problem.benefits and tuple((*other((one, two)), value) for one, two, value in problem.benefits)
    return replace(
        problem,
        people=tuple(people[at] for at in order),
        keep_apart=tuple(map(other, problem.keep_apart)),
        met_before=tuple(map(other, problem.met_before)),
        locks=tuple(replace(lock, people=other(lock.people)) for lock in problem.locks),
        chosen=problem.chosen and tuple(replace(one, people=other(one.people)) for one in problem.chosen),
        benefits=benefits,
    )


def attendance(plan: Plan) -> list[int]:
    """How many people have at least one, two, three … meetings."""
    held = Counter(name for meeting in plan.meetings for name in meeting.people)
    return [sum(number >= level for number in held.values()) for level in range(1, max(held.values(), default=0) + 1)]


def as_good(one: Plan, other: Plan) -> None:
    """As few are left out, and neither plan passes what the other proved possible."""
    assert attendance(one) == attendance(other)
    assert one.quality.benefit <= other.quality.bound
    assert other.quality.benefit <= one.quality.bound


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(30, quick=12), deadline=None)
@given(st.data())
def test_names_and_order_do_not_matter(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(**KINDS[kind]))
    order = data.draw(st.permutations(range(len(problem.people))))
    as_good(solved(problem), solved(renamed(problem, order)))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(30, quick=12), deadline=None)
@given(st.data())
def test_somebody_who_never_comes_does_not_matter(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(**KINDS[kind]))
    absent = replace(
        problem.people[0] if problem.people else Person(""),
        id="nobody",
        away=frozenset(range(1, problem.session.rounds + 1)),
        wishes=(),
    )
    as_good(solved(problem), solved(replace(problem, people=(*problem.people, absent))))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(30, quick=12), deadline=None)
@given(st.data())
def test_twice_the_benefit_is_twice_the_bound(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(**KINDS[kind]))
    halves = tuple((one, other, value // 2) for one, other, value in problem.benefits or ())
    wholes = tuple((one, other, 2 * value) for one, other, value in halves)
    once, twice = (solved(replace(problem, benefits=benefits), floor=False) for benefits in (halves, wholes))
    assert attendance(once) == attendance(twice)
    assert 2 * once.quality.bound <= twice.quality.bound + 1 <= 2 * once.quality.bound + 2
    assert 2 * once.quality.benefit <= twice.quality.bound
    assert twice.quality.benefit <= 2 * once.quality.bound + 1
