"""The referee where meetings are agreed beforehand, and where interpreters stand between two."""

import pytest

from matcher.check import breaches
from matcher.plan import Meeting, Rest
from matcher.problem import Chosen, Interpreter, Lock, Person, Problem, Session
from tests.matcher.spoiling import added, changed, judged, kept, rested, truly
from tests.matcher.telling import told


def talk(number: int, table: str, *people: str, interpreter: str | None = None) -> Meeting:
    return Meeting(number, table, people, 0, interpreter=interpreter)


# --- chosen ------------------------------------------------------------------------------------------------------

AGREED = Problem(
    Session(rounds=9, id="b2b"),
    (
        *(Person("p1", limit=1, organisation="o1"), Person("p2", organisation="o1"), Person("p3", seated=True)),
        *(Person("p4", languages=("en",)), Person("p5", languages=("km",)), Person("p6", seated=True)),
    ),
    keep_apart=(("p1", "p6"),),
    chosen=(
        *(Chosen(("p1", "p2"), (1, 2)), Chosen(("p1", "p3")), Chosen(("p4", "p5"), (3,)), Chosen(("p1", "p4"))),
        Chosen(("p1", "p5")),
    ),
    benefits=(("p1", "p3", 10),),
)
HELD = told(
    AGREED,
    [
        *(talk(1, "1", "p1", "p2"), talk(3, "2", "p1", "p3"), talk(3, "1", "p4", "p5"), talk(4, "1", "p1", "p4")),
        talk(5, "1", "p1", "p5"),
    ],
)


def mine(spoil):
    return truly(AGREED, spoil)


def spread(plan):
    """p1 has three breaks, and others none."""
    for at, number in ((1, 4), (3, 6), (4, 8)):
        plan = changed(at, round=number)(plan)
    return changed(2, round=3)(plan)


CHOSEN = [
    ("one left out", mine(kept(0, 1, 2, 3)), "the chosen meeting of p1 and p5 is not held"),
    ("one moved", mine(changed(0, round=6)), "the chosen meeting of p1 and p2 is in round 6, not in one of its rounds"),
    ("one too many", mine(added(talk(7, "1", "p2", "p3"))), "p2 and p3 in round 7 meet without being chosen"),
    ("one twice", mine(added(talk(2, "1", "p1", "p2"))), "p1 and p2 meet 2 times"),
    ("uneven breaks", mine(spread), "p1 has 3 breaks and p2 has 0; they differ by 2 at most"),
    ("kept apart", mine(changed(1, people=("p1", "p6"))), "p1 and p6 in round 3 are kept apart"),
    ("both seated", mine(changed(1, people=("p3", "p6"))), "p3 and p6 in round 3 are both seated"),
    ("a rest", rested(Rest(7, "p1", "no_partner")), "1 rests are told; with chosen nobody rests"),
    ("above the limit", mine(added(talk(7, "1", "p1", "p6"))), "p1 has 5 meetings, the limit is 1"),
    ("breaks", judged(breaks=0), "quality.breaks is told as 0, it is 2"),
    ("a bound above", judged(breaks_bound=3), "quality.breaks_bound is told as 3, breaks are 2"),
]  # fmt: skip


def test_agreed_meetings_are_held_whatever_lesser_rules_say():
    assert breaches(AGREED, HELD) == []
    assert breaches(AGREED, judged(breaks_bound=1)(HELD)) == []


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in CHOSEN], ids=[row[0] for row in CHOSEN])
def test_every_breach_of_an_agreement_is_named(spoil, words):
    found = breaches(AGREED, spoil(HELD))
    assert any(words in sentence for sentence in found), found


# --- interpreters ------------------------------------------------------------------------------------------------

BABEL = Problem(
    Session(rounds=4, id="babel"),
    (
        *(Person("p1", languages=("en",)), Person("p2", languages=("ar",)), Person("p3", languages=("fr",))),
        *(Person("p4", languages=("km",)), Person("p5"), Person("p6", languages=("en", "ar"))),
    ),
    locks=(Lock(4, ("p3", "p4")),),
    interpreters=(
        Interpreter("i1", ("en", "ar", "fr"), most_in_a_row=2),
        Interpreter("i2", ("fr", "km", "en"), away=frozenset({4})),
    ),
    benefits=(),
)
SPOKEN = told(
    BABEL,
    [
        *(talk(1, "1", "p1", "p2", interpreter="i1"), talk(1, "2", "p3", "p5")),
        *(talk(2, "1", "p2", "p3", interpreter="i1"), talk(2, "2", "p1", "p4", interpreter="i2")),
        *(talk(3, "1", "p1", "p3", interpreter="i2"), talk(3, "2", "p2", "p6")),
        *(talk(4, "1", "p3", "p4"), talk(4, "2", "p6", "p1", interpreter="i1")),
    ],
)


def ours(spoil):
    return truly(BABEL, spoil)


INTERPRETED = [
    ("none", ours(changed(0, interpreter=None)), "p1 and p2 in round 1 share no language and have no interpreter"),
    ("an unknown one", ours(changed(0, interpreter="p5")), "p1 and p2 in round 1: p5 is not an interpreter"),
    ("one of others", ours(changed(0, interpreter="i2")), "p1 and p2 in round 1: the interpreter i2 does not speak"),
    ("one for two tables", ours(changed(1, interpreter="i1")), "the interpreter i1 is at 2 tables in round 1"),
    ("one who is away", ours(changed(6, interpreter="i2")), "the interpreter i2 is away in round 4"),
    ("an overworked one", ours(changed(5, interpreter="i1")), "i1 works 4 rounds running, at most 2 is right"),
    ("no table", rested(Rest(1, "p4", "no_table")), "is told as no_table, but tables are without limit"),
    ("nobody could", ours(added(talk(1, "3", "p4", "p6"), talk(3, "4", "p4", "p2"))), "p4 and p2 in round 3 may not"),
]  # fmt: skip


def test_interpreters_stand_between_people_and_a_lock_needs_none_who_is_not_free():
    assert breaches(BABEL, SPOKEN) == []


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in INTERPRETED], ids=[row[0] for row in INTERPRETED])
def test_every_breach_with_interpreters_is_named(spoil, words):
    found = breaches(BABEL, spoil(SPOKEN))
    assert any(words in sentence for sentence in found), found


def test_a_locked_pair_has_the_interpreter_who_is_free():
    people = (Person("p1", languages=("en",)), Person("p2", languages=("ar",)))
    helper = Interpreter("i1", ("en", "ar"))
    problem = Problem(Session(rounds=1), people, locks=(Lock(1, ("p1", "p2")),), interpreters=(helper,), benefits=())
    assert breaches(problem, told(problem, [talk(1, "1", "p1", "p2", interpreter="i1")])) == []
    assert breaches(problem, told(problem, [talk(1, "1", "p1", "p2")])) == [
        "p1 and p2 in round 1 share no language and have no interpreter"
    ]
