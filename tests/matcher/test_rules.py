"""Who may meet whom: the arrays against a plain reading of the rules, pair by pair."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from matcher.errors import NotPossible
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.refusals import lonely, refuse_locks
from matcher.rules import Admissibility
from tests.matcher.problems import problems


def may_meet(problem: Problem, one: Person, other: Person) -> bool:
    """The contract's words, read once more."""
    rules, both = problem.rules, {one.id, other.id}
    rounds = set(range(1, problem.session.rounds + 1))
    return all(
        (
            rules.same_organisation == "allow" or one.organisation is None or one.organisation != other.organisation,
            not rules.shared_language
            or not one.languages
            or not other.languages
            or bool(set(one.languages) & set(other.languages)),
            one.side is None or other.side is None or one.side != other.side,
            not (one.seated and other.seated),
            both not in [set(pair) for pair in (*problem.keep_apart, *problem.met_before)],
            bool(rounds - one.away - other.away),
        )
    )


@given(problems())
def test_allowed_says_what_the_rules_say(problem):
    allowed = Admissibility(problem).allowed
    expected = [
        [one.id != other.id and may_meet(problem, one, other) for other in problem.people] for one in problem.people
    ]
    assert allowed.tolist() == expected
    assert (allowed == allowed.T).all()


@given(problems())
def test_forbidden_by_is_silent_exactly_where_it_is_allowed(problem):
    rules = Admissibility(problem)
    for i in range(len(problem.people)):
        for j in range(len(problem.people)):
            if i != j:
                assert (rules.forbidden_by(i, j) is None) == rules.allowed[i, j]


@given(problems())
def test_presence_and_caps(problem):
    rules = Admissibility(problem)
    for row, person in enumerate(problem.people):
        there = [number not in person.away for number in range(1, problem.session.rounds + 1)]
        assert rules.there[row].tolist() == there
        limits = [one for one in (person.limit, problem.rules.limit) if one is not None]
        assert rules.caps[row] == min([sum(there), *limits[:1]])
        assert rules.index[person.id] == row


@given(problems())
def test_a_shared_language_is_spoken_by_both_whoever_is_asked_first(problem):
    rules = Admissibility(problem)
    for i, one in enumerate(problem.people):
        for j, other in enumerate(problem.people):
            common = set(one.languages) & set(other.languages)
            told = rules.shared_language(i, j)
            assert told == rules.shared_language(j, i)
            assert (told in common) if common else told is None


def test_the_language_that_both_prefer_is_chosen():
    people = (Person("p1", languages=("ru", "en", "fr")), Person("p2", languages=("fr", "en")))
    assert Admissibility(Problem(Session(rounds=1), people)).shared_language(0, 1) == "en"


def test_the_arrays_cannot_be_written_to():
    rules = Admissibility(Problem(Session(rounds=2), (Person("p1"), Person("p2"))))
    for array in (rules.allowed, rules.there, rules.caps):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_an_empty_organisation_or_side_is_none():
    people = (Person("p1", organisation="", side=""), Person("p2", organisation="", side=""))
    assert Admissibility(Problem(Session(rounds=1), people)).allowed[0, 1]


EN = ("en",)
LONELY = [
    ((Person("p1", languages=("km",)), Person("p2", languages=EN)), "speaks only km"),
    ((Person("p1", organisation="o1"), Person("p2", organisation="o1")), "is a colleague of the others at o1"),
    ((Person("p1", side="a"), Person("p2", side="a")), "is of side a like the others"),
    ((Person("p1", seated=True), Person("p2", seated=True)), "stays seated like the others"),
    ((Person("p1", away=frozenset({1, 2})), Person("p2")), "is away in every round"),
    ((Person("p1", away=frozenset({1})), Person("p2", away=frozenset({2}))), "is there only when the others are away"),
    ((Person("p1", limit=0), Person("p2")), "has a limit of 0 meetings"),
    ((Person("p1"),), "is the only person"),
    (
        (
            Person("p1", languages=("km",), organisation="o1"),
            Person("p2", languages=EN),
            Person("p3", languages=("km",), organisation="o1"),
        ),
        "speaks only km, and is a colleague of the others at o1",
    ),
]


@pytest.mark.parametrize(("people", "why"), LONELY, ids=[why for _, why in LONELY])
def test_who_can_meet_nobody_is_told_why(people, why):
    assert dict(lonely(Problem(Session(rounds=2), people)))["p1"] == why


def test_met_before_is_told_but_keep_apart_is_never_told():
    problem = Problem(Session(rounds=2), (Person("p1"), Person("p2")), met_before=(("p1", "p2"),))
    assert lonely(problem)[0] == ("p1", "has met the others before")
    silent = replace(problem, met_before=(), keep_apart=(("p1", "p2"),))
    assert lonely(silent)[0] == ("p1", "the rules leave nobody else")


@given(problems())
def test_lonely_names_exactly_those_without_partner_or_lock(problem):
    rules = Admissibility(problem)
    locked = {name for lock in problem.locks for name in lock.people}
    alone = [
        person.id
        for row, person in enumerate(problem.people)
        if person.id not in locked and not (rules.allowed[row].any() and rules.caps[row] > 0)
    ]
    told = lonely(problem)
    assert [name for name, _ in told] == alone
    assert all(why for _, why in told)


FOUR = tuple(Person(f"p{number}") for number in range(1, 5))
SEATED = (replace(FOUR[0], seated=True), replace(FOUR[1], seated=True), *FOUR[2:])
IMPOSSIBLE = [
    ({"keep_apart": (("p2", "p1"),)}, [Lock(1, ("p1", "p2"))], "the two are kept apart"),
    ({"people": (replace(FOUR[0], away=frozenset({1})), *FOUR[1:])}, [Lock(1, ("p1", "p2"))], "'p1' is away then"),
    ({"people": SEATED}, [Lock(1, ("p1", "p2"))], "both stay seated"),
    ({}, [Lock(1, ("p3", "p2")), Lock(1, ("p1", "p2"))], "'p2' has another lock in that round"),
    ({}, [Lock(2, ("p2", "p1")), Lock(1, ("p1", "p2"))], "the two are already locked in round 2"),
    ({}, [Lock(1, ("p3", "p4"), "A"), Lock(1, ("p1", "p2"), "A")], "table 'A' has another lock"),
    ({"people": SEATED}, [Lock(2, ("p1", "p3"), "A"), Lock(1, ("p1", "p2"), "B")], "both stay seated"),
    ({"people": SEATED}, [Lock(2, ("p1", "p3"), "A"), Lock(1, ("p1", "p4"), "B")], "also locked at table 'A'"),
    (
        {"people": SEATED},
        [Lock(2, ("p1", "p3"), "A"), Lock(1, ("p2", "p3"), "A"), Lock(1, ("p1", "p4"))],
        "table 'A' has another lock",
    ),
    (
        {"session": Session(rounds=2, tables=1)},
        [Lock(1, ("p3", "p4")), Lock(1, ("p1", "p2"))],
        "one table more than session.tables",
    ),
]


@pytest.mark.parametrize(("changes", "locks", "words"), IMPOSSIBLE)
def test_locks_that_no_plan_can_keep_are_refused_by_name(changes, locks, words):
    problem = replace(Problem(Session(rounds=2), FOUR), **changes)
    last = locks[-1]
    with pytest.raises(NotPossible) as refusal:
        refuse_locks(replace(problem, locks=tuple(locks)))
    assert words in str(refusal.value)
    assert f"the lock of {last.people[0]!r} and {last.people[1]!r} in round {last.round}" in str(refusal.value)
    refuse_locks(problem)


def test_a_lock_overrides_the_softer_rules():
    one = Person("p1", organisation="o1", languages=("km",), side="a", limit=0)
    other = Person("p2", organisation="o1", languages=("en",), side="a")
    lock = Lock(1, ("p1", "p2"))
    problem = Problem(Session(rounds=1), (one, other), Rules(), met_before=(("p1", "p2"),), locks=(lock,))
    refuse_locks(problem)
    assert not Admissibility(problem).allowed.any()
    assert lonely(problem) == []


def test_nobody_at_all():
    rules = Admissibility(Problem(Session(rounds=2)))
    assert rules.allowed.shape == (0, 0)
    assert rules.there.shape == (0, 2)
    assert np.array_equal(rules.caps, [])
