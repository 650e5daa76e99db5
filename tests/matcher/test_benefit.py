"""What a meeting is worth: whole points in named parts that add up, both ways, and never for likeness alone."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import points
from matcher.benefit import matrix, reasons
from matcher.points import EXCHANGE, FIRST_WISH, ONE_WAY, REGION, exchange_points, wish_points
from matcher.problem import KindWish, Person, Problem, Rules, Session
from tests.matcher.problems import problems

SESSION = Session(rounds=2)


def worth(one: Person, other: Person, regions: str = "any") -> int:
    return int(matrix(Problem(SESSION, (one, other), Rules(regions=regions)))[0, 1])


@given(problems())
def test_benefits_are_symmetric_whole_numbers_from_0_to_1000(problem):
    total = matrix(problem)
    assert total.dtype == np.int64
    assert total.shape == (len(problem.people), len(problem.people))
    assert (total == total.T).all()
    assert ((total >= 0) & (total <= 1000)).all()
    assert not total.diagonal().any()


@given(problems())
def test_many_people_take_four_bytes_a_pair(problem):
    wide = matrix(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "MANY", -1)
        patch.setattr(points, "ROWS", 2)
        narrow = matrix(problem)
    assert narrow.dtype == np.int32
    assert (narrow == wide).all()


@given(problems(given=False))
def test_reasons_add_up_to_the_benefit(problem):
    total = matrix(problem)
    for i, j in permutations(range(len(problem.people)), 2):
        assert sum(reason.points for reason in reasons(problem, i, j)) == total[i, j]


@given(problems(given=False))
def test_reasons_are_true(problem):
    persons = {person.id: person for person in problem.people}
    for i, j in permutations(range(len(problem.people)), 2):
        for reason in reasons(problem, i, j):
            assert reason.points >= 0
            if reason.code == "offer_meets_need":
                assert {reason.giver, reason.taker} == {problem.people[i].id, problem.people[j].id}
                assert reason.topic in persons[reason.giver].offers
                assert reason.topic in persons[reason.taker].seeks
            if reason.code == "same_region":
                assert reason.topic in problem.people[i].regions
                assert reason.topic in problem.people[j].regions


@given(problems(given=True))
def test_given_benefits_replace_the_profiles(problem):
    total = matrix(problem)
    index = {person.id: row for row, person in enumerate(problem.people)}
    for one, other, value in problem.benefits:
        assert total[index[one], index[other]] == value
    for i, j in permutations(range(len(problem.people)), 2):
        told = [replace(reason, points=0) for reason in reasons(replace(problem, benefits=None), i, j)]
        assert list(reasons(problem, i, j)) == told


def test_a_pair_that_is_not_given_has_0():
    people = (Person("p1", offers=("law",)), Person("p2", seeks=("law",)), Person("p3"))
    problem = Problem(SESSION, people, benefits=(("p3", "p1", 9),))
    assert matrix(problem).tolist() == [[0, 0, 9], [0, 0, 0], [9, 0, 0]]
    assert not matrix(replace(problem, benefits=())).any()


def test_likeness_alone_earns_nothing():
    like = Person("p1", organisation="o1", role="member", regions=("africa",), offers=("law",), languages=("en",))
    assert worth(like, replace(like, id="p2")) == 0
    assert worth(replace(like, offers=(), seeks=("law",)), replace(like, id="p2", offers=(), seeks=("law",))) == 0


def test_both_must_gain_for_a_high_value():
    both = worth(Person("p1", offers=("law",), seeks=("radio",)), Person("p2", offers=("radio",), seeks=("law",)))
    gift = worth(Person("p1", offers=("law",)), Person("p2", seeks=("law",)))
    assert both == EXCHANGE
    assert 0 < gift < both / 4


@given(st.integers(0, EXCHANGE), st.integers(0, EXCHANGE), st.integers(0, EXCHANGE))
def test_an_exchange_gains_when_either_gains(gets, gives, more):
    points = exchange_points(gets, gives)
    assert points == exchange_points(gives, gets)
    assert points <= exchange_points(max(gets, more), gives)
    assert (points + ONE_WAY) ** 2 <= (gets + ONE_WAY) * (gives + ONE_WAY) < (points + ONE_WAY + 1) ** 2


@given(problems(given=False))
def test_an_offer_more_never_lowers_a_benefit(problem):
    richer = tuple(replace(person, offers=("law", "radio", "money", "safety")) for person in problem.people)
    assert (matrix(replace(problem, people=richer)) >= matrix(problem)).all()


def test_the_most_wished_gain_more_and_a_person_more_than_a_kind():
    ranks = [wish_points(rank, "p4") for rank in range(12)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] > ranks[1] > ranks[-1] > 0
    assert wish_points(0, KindWish("role", "donor")) < wish_points(0, "p4")


@pytest.mark.parametrize(
    ("wish", "points"),
    [
        ("p2", FIRST_WISH),
        (KindWish("organisation", "o2"), FIRST_WISH // 2),
        (KindWish("role", "donor"), FIRST_WISH // 2),
        (KindWish("region", "africa"), FIRST_WISH // 2),
        (KindWish("region", "o2"), 0),
        (KindWish("organisation", "africa"), 0),
    ],
)
def test_each_kind_of_wish_fits_its_own_key(wish, points):
    other = Person("p2", organisation="o2", role="donor", regions=("americas", "africa"))
    assert worth(Person("p1", wishes=(wish,)), other) == points


def test_wishes_count_from_both_sides_and_the_best_of_several():
    kind = KindWish("role", "donor")
    one, other = Person("p1", wishes=(kind, "p2")), Person("p2", role="donor", wishes=("p1",))
    assert worth(one, other) == FIRST_WISH + wish_points(1, "p2")


@pytest.mark.parametrize(
    ("preference", "mine", "yours", "points"),
    [
        ("mix", ("africa",), ("americas",), REGION),
        ("mix", ("africa", "europe"), ("europe",), 0),
        ("mix", ("africa",), (), 0),
        ("same", ("africa", "europe"), ("europe",), REGION),
        ("same", ("africa",), ("americas",), 0),
        ("same", (), (), 0),
        ("any", ("africa",), ("americas",), 0),
    ],
)
def test_the_regions_preference(preference, mine, yours, points):
    assert worth(Person("p1", regions=mine), Person("p2", regions=yours), preference) == points
