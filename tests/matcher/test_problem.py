"""A problem is checked at birth, and each refusal names what is wrong and where."""

from datetime import datetime

import pytest
from hypothesis import given

from matcher.errors import BadProblem, MatcherError, UnknownId
from matcher.problem import Chosen, KindWish, Lock, Person, Problem, Rules, Session
from tests.matcher.problems import problems

TWO = (Person("p1"), Person("p2"))
SESSION = Session(rounds=3)

REFUSED = [
    (lambda: Problem(Session(rounds=0)), "session.rounds: 0 is not a whole number from 1 to 1000"),
    (lambda: Problem(Session(rounds=True)), "session.rounds: True is not a whole number"),
    (lambda: Problem(Session(rounds=2, format="waltz")), "session.format: 'waltz' is not one of pairs"),
    (lambda: Problem(Session(rounds=2, round_minutes=0)), "session.round_minutes: 0"),
    (lambda: Problem(Session(rounds=2, change_minutes=-1)), "session.change_minutes: -1"),
    (lambda: Problem(Session(rounds=2, start=datetime(2013, 6, 19))), "session.start: say the time zone"),
    (lambda: Problem(Session(rounds=2, tables=0)), "session.tables: 0 is not a whole number"),
    (lambda: Problem(Session(rounds=2, tables=())), "session.tables: the list is empty"),
    (lambda: Problem(Session(rounds=2, tables=("A", "A"))), "session.tables: the table 'A' stands 2 times"),
    (lambda: Problem(SESSION, TWO, Rules(limit=-1)), "rules.limit: -1"),
    (lambda: Problem(SESSION, TWO, Rules(regions="mixed")), "rules.regions: 'mixed' is not one of mix, same, any"),
    (lambda: Problem(SESSION, TWO, Rules(same_organisation="no")), "rules.same_organisation: 'no'"),
    (lambda: Problem(SESSION, (*TWO, Person("p1"))), "the id 'p1' stands 2 times"),
    (lambda: Problem(SESSION, (Person(""),)), "an id is empty"),
    (lambda: Problem(SESSION, (Person("p\n1"),)), "people: the id 'p\\n1' holds an invisible control character"),
    (lambda: Problem(SESSION, (Person("\u202ep1"),)), "people: the id '\\u202ep1' holds an invisible"),
    (lambda: Problem(Session(rounds=1, tables=("A\0",))), "session.tables: the table 'A\\x00' holds an invisible"),
    (
        lambda: Problem(SESSION, (Person("p1", away=frozenset({4})),)),
        "away of 'p1': 4 is not a whole number from 1 to 3",
    ),
    (lambda: Problem(SESSION, (Person("p1", limit=-2),)), "limit of 'p1': -2"),
    (lambda: Problem(SESSION, (Person("p1", wishes=("p1",)),)), "'p1' wishes to meet 'p1', which is the same person"),
    (lambda: Problem(SESSION, (Person("p1", wishes=(KindWish("age", "9"),)),)), "a wish of 'p1': 'age' is not one of"),
    (lambda: Problem(SESSION, TWO, keep_apart=(("p2", "p2"),)), "keep_apart: 'p2' is paired with itself"),
    (lambda: Problem(SESSION, TWO, locks=(Lock(4, ("p1", "p2")),)), "locks: the lock in round 4: round: 4"),
    (lambda: Problem(SESSION, TWO, locks=(Lock(1, ("p1",)),)), "needs two different people, it has 1"),
    (lambda: Problem(Session(rounds=1, tables=("A",)), TWO, locks=(Lock(1, ("p1", "p2"), "B"),)), "at table 'B'"),
    (lambda: Problem(SESSION, TWO, benefits=(("p1", "p2", 1001),)), "benefits of 'p1' and 'p2': 1001"),
    (lambda: Problem(SESSION, TWO, benefits=(("p1", "p2", True),)), "benefits of 'p1' and 'p2': True"),
    (lambda: Problem(SESSION, TWO, benefits=(("p1", "p1", 3),)), "benefits: 'p1' is paired with itself"),
    (lambda: Problem(SESSION, TWO, benefits=(("p1", "p2", 3), ("p2", "p1", 4))), "both 3 and 4"),
    (lambda: Problem(Session(rounds=2, format="circles"), TWO, chosen=()), "chosen: only pairs have meetings agreed"),
    (
        lambda: Problem(SESSION, TWO, chosen=(Chosen(("p1", "p2")), Chosen(("p2", "p1")))),
        "chosen: p1 and p2 stand 2 times; keep one",
    ),
]

UNKNOWN = [
    (lambda: Problem(SESSION, (Person("p1", wishes=("p9",)),)), "'p1' wishes to meet 'p9'"),
    (lambda: Problem(SESSION, TWO, keep_apart=(("p1", "p9"),)), "keep_apart: 'p9'"),
    (lambda: Problem(SESSION, TWO, met_before=(("p9", "p1"),)), "met_before: 'p9'"),
    (lambda: Problem(SESSION, TWO, locks=(Lock(1, ("p1", "p9")),)), "the lock in round 1 names 'p9'"),
    (lambda: Problem(SESSION, TWO, benefits=(("p1", "p9", 3),)), "benefits: 'p9'"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_contradiction_is_refused_by_name(make, words):
    with pytest.raises(BadProblem) as refusal:
        make()
    assert words in str(refusal.value)
    assert not isinstance(refusal.value, UnknownId)


@pytest.mark.parametrize(("make", "words"), UNKNOWN, ids=[words for _, words in UNKNOWN])
def test_an_unknown_id_is_refused_by_name(make, words):
    with pytest.raises(UnknownId) as refusal:
        make()
    assert words in str(refusal.value)


def test_all_refusals_are_of_one_tree():
    assert issubclass(UnknownId, BadProblem)
    assert issubclass(BadProblem, MatcherError)


def test_a_pair_may_be_listed_twice_with_one_value():
    benefits = (("p1", "p2", 3), ("p2", "p1", 3))
    assert Problem(SESSION, TWO, benefits=benefits).benefits == benefits


def test_nobody_is_a_problem_too():
    assert Problem(SESSION).people == ()


@given(problems())
def test_problems_are_values(problem):
    twin = Problem(**{name: getattr(problem, name) for name in Problem.__slots__})
    assert twin == problem
    assert hash(twin) == hash(problem)
