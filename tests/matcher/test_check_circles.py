"""The referee in circles: tables of peers, each rule kept once and broken once."""

import pytest

from matcher.check import breaches
from matcher.plan import Meeting, Rest
from matcher.problem import Host, Interpreter, Lock, Person, Problem, Session
from tests.matcher.spoiling import added, altered, changed, judged, rested, truly, wished
from tests.matcher.telling import told


def circle(number: int, table: str, *people: str, **more: object) -> Meeting:
    return Meeting(number, table, people, 0, **more)


CIRCLES = Problem(
    Session(rounds=3, id="circles", format="circles", size=3, tables=("X", "Y", "Z")),
    (
        Person("p1", languages=("en", "fr"), organisation="o1", wishes=("p2", "p7")),
        Person("p2", languages=("en", "ar")),
        Person("p3", languages=("fr",), seated=True),
        Person("p4", languages=("fr", "ar"), limit=2),
        Person("p5", languages=("en", "fr", "ar"), wishes=("p1",)),
        Person("p6", seated=True),
        Person("p7", organisation="o1", languages=("en", "fr"), away=frozenset({3})),
    ),
    keep_apart=(("p2", "p6"),),
    met_before=(("p1", "p3"), ("p6", "h1")),
    locks=(Lock(2, ("p1", "p5"), "X"),),
    benefits=(("p1", "p2", 100), ("p1", "p5", 200), ("p2", "p5", 300), ("p3", "p4", 400), ("p6", "p7", 500)),
    hosts=(Host("h1"),),
    interpreters=(Interpreter("i1", ("en", "fr")),),
)
TABLES = [
    circle(1, "X", "p1", "p2", "p5", language="en"),
    circle(1, "Y", "p3", "p4", "p6", "p7", language="fr"),
    circle(2, "X", "p1", "p5", "p2", language="en"),
    circle(2, "Y", "p3", "p7", "p4", "p6", language="fr"),
    circle(3, "Y", "p1", "p3", "p6", language="fr"),
]
AT_TABLES = told(CIRCLES, TABLES)


def mine(spoil):
    return truly(CIRCLES, spoil)


SPOILED = [
    ("somebody alone", mine(added(circle(3, "X", "p2"))), "has 1 different people, not 2 or more"),
    ("a host", changed(0, host="h1"), "names h1 as its host; in circles nobody is a host"),
    ("an interpreter", mine(changed(0, interpreter="i1")), "i1 is not an interpreter; in circles nobody interprets"),
    ("two sizes apart", mine(changed(1, people=("p3", "p4", "p6", "p7", "p5"))), "of round 1 have 3 to 5 people"),
    ("too large", mine(changed(1, people=("p3", "p4", "p6", "p7", "p5"))), "a circle of round 1 has 5 people"),
    ("away", mine(changed(4, people=("p3", "p6", "p7"))), "p7 is away in round 3"),
    ("above the limit", mine(changed(4, people=("p1", "p3", "p4", "p6"))), "p4 has 3 meetings, the limit is 2"),
    ("two tables at once", mine(added(circle(3, "X", "p1", "p2"))), "p1 is at 2 tables in round 3"),
    ("too many tables", mine(added(*(circle(3, n, "p2", "p5") for n in "XZW"))), "4 tables are in use in round 3"),
    ("no such table", mine(changed(0, table="W")), "table W in round 1 does not exist"),
    ("a seated one moves", mine(changed(4, table="X")), "p3 should stay seated and is at 2 tables"),
    ("kept apart", mine(changed(4, people=("p1", "p2", "p6"))), "p2 and p6 in round 3 are kept apart"),
    ("colleagues", mine(changed(1, people=("p1", "p7", "p6"))), "p1 and p7 in round 1 may not meet: organisation"),
    ("two without a language", mine(changed(4, people=("p2", "p3"))), "p2 and p3 in round 3 may not meet: language"),
    ("three without one", mine(changed(4, people=("p1", "p2", "p4"))), "p1 and p2 and p4 in round 3 have no language"),
    ("a lock parted", mine(changed(2, people=("p1", "p2"))), "the lock of p1 and p5 in round 2 is not kept"),
    ("a lock elsewhere", mine(changed(2, table="Z")), "the lock of p1 and p5 in round 2 is at table Z, not at X"),
    ("a language of some", changed(0, language="fr"), "are told to speak fr, which not all speak"),
    ("a wrong benefit", changed(0, benefit=601), "is told as 601, it is 600"),
    ("repeats without those before", judged(repeats=10), "quality.repeats is told as 10, it is 11"),
    ("no repeats told", judged(repeats=None), "quality.repeats is told as None, it is 11"),
    ("a bound above", judged(repeats_bound=12), "quality.repeats_bound is told as 12, repeats are 11"),
    ("a lowest bound", judged(lowest_bound=1.0), "quality.lowest_bound is told as 1.0; in circles it is null"),
    ("a rest left out", altered(rests=AT_TABLES.rests[1:]), "p2 is there in round 3, has no table"),
    ("a rest twice", rested(AT_TABLES.rests[0]), "the rest of p2 in round 3 is told 2 times"),
    ("no even number", altered(rests=(Rest(3, "p2", "odd_number"),)), "odd_number, but only pairs need an even number"),
    ("a wish left out", wished(), "unmet: the wish of p1 for p7 is not granted and not told"),
]  # fmt: skip


def test_the_circles_are_planned_well():
    assert breaches(CIRCLES, AT_TABLES) == []
    assert AT_TABLES.quality.repeats == 11


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_every_breach_in_circles_is_named(spoil, words):
    found = breaches(CIRCLES, spoil(AT_TABLES))
    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize(("people", "size", "right"), [(7, 5, {7, 3}), (5, 4, {5}), (2, 4, {2}), (8, 3, {2, 3, 4})])
def test_a_circle_has_its_size_wherever_the_room_can_be_shared_out(people, size, right):
    """Seven people make no tables of four to six: then they may be as they are; five at tables of four may not."""
    problem = Problem(Session(rounds=1, format="circles", size=size), tuple(Person(f"p{n}") for n in range(people)))
    names = [person.id for person in problem.people]
    for number in range(2, people + 1):
        assert (breaches(problem, told(problem, [circle(1, "1", *names[:number])])) == []) >= (number in right)
    assert breaches(problem, told(problem, [circle(1, "1", *names[: max(right)])])) == []


def test_a_lock_without_a_common_language_is_joined_by_those_who_speak_with_each():
    people = (
        *(Person("a", languages=("en",)), Person("b", languages=("fr",)), Person("c", languages=("en", "fr"))),
        *(Person("d", languages=("en",)), Person("e")),
    )
    problem = Problem(Session(rounds=1, format="circles", size=3), people, locks=(Lock(1, ("a", "b")),), benefits=())
    assert breaches(problem, told(problem, [circle(1, "1", "a", "b", "c", "e")])) == []
    assert breaches(problem, told(problem, [circle(1, "1", "a", "b", "d", "e")])) == [
        "b and d in round 1 may not meet: language"
    ]
