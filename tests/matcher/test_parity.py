"""Parity: rests that no plan can do without, against trying everything."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.choose.pairs.parity import most_meetings, rests_for_parity
from matcher.engine import solve
from matcher.graph import meeting_graph
from matcher.problem import Person, Problem, Rules, Session
from matcher.rules import Admissibility
from tests.matcher.oracle import best_plans
from tests.matcher.strategies import problems


def tried(free: np.ndarray, certain: np.ndarray) -> int:
    """The same by trying every choice of resting rounds."""
    choices = [
        list(combinations(np.flatnonzero(row).tolist(), int(number))) for row, number in zip(free, certain, strict=True)
    ]
    return min(
        sum((free[:, when].sum() - sum(when in some for some in rests)) % 2 for when in range(free.shape[1]))
        for rests in product(*choices)
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_fewest_further_rests_are_those_of_brute_force(data: st.DataObject) -> None:
    rounds, number = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 4))
    cells = st.lists(st.booleans(), min_size=rounds, max_size=rounds)
    free = np.array([data.draw(cells) for _ in range(number)], dtype=bool).reshape(number, rounds)
    certain = np.array([data.draw(st.integers(0, int(row.sum()))) for row in free], dtype=np.int64)
    assert rests_for_parity(free, certain) == tried(free, certain)


def test_beyond_twelve_rounds_the_number_is_a_lower_bound() -> None:
    free, certain = np.ones((4, 13), dtype=bool), np.array([3, 0, 0, 0])
    assert rests_for_parity(free, certain) == 1
    assert rests_for_parity(free[:, :12], certain) == 3


@settings(max_examples=60, deadline=None)
@given(problems(most=5, rounds=3))
def test_no_plan_has_more_meetings(problem: Problem) -> None:
    graph = meeting_graph(problem, Admissibility(problem))
    assert sum(best_plans(problem).counts) // 2 - len(graph.locks) <= most_meetings(graph)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_plan_of_two_sides_has_more_meetings(data: st.DataObject) -> None:
    number, rounds = data.draw(st.integers(3, 6)), data.draw(st.integers(2, 3))
    away = st.frozensets(st.integers(1, rounds), max_size=1)
    people = tuple(
        Person(f"p{at}", side="ab"[at % 2], away=data.draw(away), limit=data.draw(st.sampled_from((None, None, 1))))
        for at in range(number)
    )
    pairs = st.sampled_from([(f"p{one}", f"p{other}") for one in range(0, number, 2) for other in range(1, number, 2)])
    apart = tuple(data.draw(st.lists(pairs, unique=True, max_size=3)))
    problem = Problem(Session(rounds=rounds), people, keep_apart=apart)
    most = most_meetings(meeting_graph(problem, Admissibility(problem)))
    assert sum(best_plans(problem).counts) // 2 <= most


def test_who_can_only_rest_where_the_own_side_is_the_smaller_one_takes_a_meeting_along() -> None:
    away = {1: {1}, 2: {2}, 3: {2}}
    people = [Person(f"p{at}", side="ab"[at % 2], away=frozenset(away.get(at, ()))) for at in range(8)]
    everybody = Problem(Session(rounds=2), tuple(people))
    people[0] = Person("p0", side="a", limit=1)
    limited = Problem(Session(rounds=2), tuple(people))
    people[4] = Person("p4", side="a", limit=1)
    twice = Problem(Session(rounds=2), tuple(people))
    found = [most_meetings(meeting_graph(one, Admissibility(one))) for one in (everybody, limited, twice)]
    assert found == [6, 6, 5]
    assert [solve(one, clock=lambda: 0.0).quality.meetings for one in (everybody, limited, twice)] == found


@pytest.mark.parametrize(("number", "partners", "meetings"), [(60, 4, 207), (60, 3, 206), (61, 4, 210)])
def test_somebody_with_few_partners_lets_others_rest_too(number: int, partners: int, meetings: int) -> None:
    apart = tuple(("p0", f"p{at}") for at in range(1 + partners, number))
    people = tuple(Person(f"p{at}") for at in range(number))
    plan = solve(Problem(Session(rounds=7), people, Rules(), apart), clock=lambda: 0.0)
    assert plan.quality.meetings == meetings
