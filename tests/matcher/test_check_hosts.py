"""The referee where people come to hosts: clinics and stations, each rule kept once and broken once."""

import pytest

from matcher.check import breaches
from matcher.plan import Meeting, Reason, Rest, Unmet
from matcher.problem import Host, Interpreter, Lock, Person, Problem, Rules, Session
from tests.matcher.spoiling import added, altered, changed, judged, kept, rested, truly, wished
from tests.matcher.telling import told


def visit(number: int, table: str, host: str, *people: str, **more: object) -> Meeting:
    return Meeting(number, table, people, 0, host=host, **more)


# --- clinics -----------------------------------------------------------------------------------------------------

CLINIC = Problem(
    Session(rounds=4, id="clinic", format="clinics"),
    (
        Person("p1", organisation="o1", languages=("en",), wishes=("h1", "h2", "h4")),
        Person("p2", languages=("fr",), wishes=("h1", "h3", "h5")),
        Person("p3", languages=("ar",), away=frozenset({2}), wishes=("h1", "h2")),
        Person("p4", organisation="o9", languages=("en",), limit=1, wishes=("h3", "h2", "p5")),
        Person("p5", languages=("en", "ru"), away=frozenset({3, 4}), wishes=("h5",)),
        Person("p6", seated=True),
        Person("p7", languages=("km",), wishes=("h1",)),
        Person("p8", away=frozenset({1, 2, 3, 4})),
    ),
    Rules(limit=3),
    keep_apart=(("p1", "p6"), ("p5", "h2")),
    met_before=(("p2", "h3"),),
    locks=(Lock(4, ("p4",), "C"),),
    benefits=(
        *(("p1", "h1", 900), ("p1", "h2", 400), ("p1", "h3", 100), ("p2", "h1", 800), ("p2", "h2", 700)),
        *(("p3", "h1", 600), ("p3", "h2", 500), ("p4", "h2", 300), ("p4", "h3", 200), ("p5", "h1", 400)),
        *(("p6", "h1", 100), ("p6", "h3", 300), ("p7", "h1", 100), ("p2", "h3", 500), ("p5", "h2", 900)),
        *(("p5", "h3", 50), ("p1", "h5", 60), ("p5", "h5", 70), ("p2", "h5", 80)),
    ),
    hosts=(
        Host("h1", languages=("en",), table="A", away=frozenset({4})),
        Host("h2", languages=("fr", "en"), table="B", places=2, away=frozenset({1})),
        Host("h3", organisation="o9", table="C", places=3, min_places=2),
        Host("h4", languages=("en",)),
        Host("h5", languages=("ru", "en"), away=frozenset({1, 2})),
    ),
    interpreters=(
        Interpreter("i1", ("ar", "en"), away=frozenset({4}), most_in_a_row=1),
        Interpreter("i2", ("en", "fr"), most_in_a_row=2),
    ),
)
VISITS = [
    visit(1, "A", "h1", "p3", interpreter="i1"),
    visit(1, "C", "h3", "p5", "p6"),
    visit(2, "A", "h1", "p1"),
    visit(2, "B", "h2", "p2", language="fr"),
    visit(3, "A", "h1", "p2", interpreter="i2"),
    visit(3, "B", "h2", "p1", "p3", interpreter="i1"),
    visit(4, "C", "h3", "p1", "p4"),
    visit(4, "9", "h5", "p2", interpreter="i2"),
]
AT_CLINIC = told(CLINIC, VISITS)
GIVEN = {(one.person, one.wish): one.code for one in AT_CLINIC.unmet}


def true(spoil):
    return truly(CLINIC, spoil)


def coded(person: str, wish: str, code: str):
    """One unmet wish with another code."""
    others = [one for one in AT_CLINIC.unmet if (one.person, one.wish) != (person, wish)]
    return wished(*others, Unmet(person, wish, code))


CLINICS = [
    ("no host", changed(0, host=None), "the meeting in round 1 at table A has no host"),
    ("an unknown host", changed(0, host="h9"), "h9 is not in hosts"),
    ("a person as host", changed(0, host="p1"), "p1 is not in hosts"),
    ("nobody at a host", changed(0, people=()), "the meeting in round 1 at table A has no people"),
    ("somebody twice", changed(1, people=("p5", "p5")), "names 1 different people, not 2"),
    ("the host away", true(changed(2, round=4)), "h1 is away in round 4 and has a meeting there"),
    ("a visitor away", true(changed(5, round=2, table="B", people=("p3",))), "p3 is away in round 2"),
    ("a host twice at once", true(added(visit(1, "D", "h1", "p1"))), "h1 is at 2 tables in round 1"),
    ("a visitor twice at once", true(added(visit(1, "D", "h4", "p3"))), "p3 is at 2 tables in round 1"),
    ("a table used twice", true(added(visit(1, "A", "h4", "p1"))), "table A is used 2 times in round 1"),
    ("not the host's table", true(changed(2, table="Z")), "h1 is at table Z in round 2, not at A"),
    ("too many at a host", true(changed(2, people=("p1", "p5"))), "h1 has 2 people in round 2, there are 1 places"),
    ("too few at a host", true(changed(1, people=("p5",))), "h3 has 1 people in round 1, a visit needs 2"),
    ("above the limit", true(added(visit(2, "C", "h3", "p4", "p6"))), "p4 has 2 meetings, the limit is 1"),
    ("the same host again", true(added(visit(4, "B", "h2", "p1"))), "p1 visits h2 2 times"),
    ("a colleague", true(added(visit(3, "C", "h3", "p4", "p6"))), "p4 and h3 in round 3 may not meet: organisation"),
    ("met before", true(added(visit(1, "C", "h3", "p2"))), "p2 and h3 in round 1 may not meet: met_before"),
    ("no language", true(changed(2, people=("p7",))), "p7 and h1 in round 2 may not meet: language"),
    ("nothing to gain", true(added(visit(4, "7", "h4", "p6"))), "p6 visits h4 in round 4, which is worth nothing"),
    ("kept apart from a host", true(added(visit(2, "B", "h2", "p5"))), "p5 and h2 in round 2 are kept apart"),
    ("kept apart at a host", true(changed(6, people=("p1", "p4", "p6"))), "p1 and p6 in round 4 are kept apart"),
    ("no interpreter", true(changed(0, interpreter=None)), "p3 with h1 in round 1 share no language and have no"),
    ("an interpreter of others", true(changed(0, interpreter="i2")), "the interpreter i2 does not speak with both"),
    ("nobody's interpreter", true(changed(0, interpreter="i9")), "p3 with h1 in round 1: i9 is not an interpreter"),
    ("a person interprets", true(changed(0, interpreter="p1")), "p3 with h1 in round 1: p1 is not an interpreter"),
    ("interpreter at two tables", true(changed(5, interpreter="i2")), "the interpreter i2 is at 2 tables in round 3"),
    ("the interpreter away", true(changed(7, interpreter="i1")), "the interpreter i1 is away in round 4"),
    ("overworked", true(changed(3, interpreter="i2")), "i2 works 3 rounds running, at most 2 is right"),
    ("a lock at another host", true(changed(6, host="h2", table="B")), "the lock of p4 in round 4 is at table B, not"),
    ("a lock left out", true(changed(6, people=("p1", "p6"))), "the lock of p4 in round 4 is not kept"),
    ("a rest", rested(Rest(4, "p5", "no_partner")), "1 rests are told; in clinics nobody rests"),
    ("a wrong benefit", changed(5, benefit=899), "p1 and p3 with h2 in round 3 is told as 899, it is 900"),
    ("a language of some", true(changed(5, language="en")), "are told to speak en, which not all speak"),
    ("a host who wishes", changed(2, reasons=(Reason("wish", 0, None, "p1", "h1"),)), "as wish from p1 to h1"),
    ("no such topic", changed(2, reasons=(Reason("offer_meets_need", 0, "law", "h1", "p1"),)), "as offer_meets_need"),
    ("no such wish", changed(3, reasons=(Reason("wish", 0, None, "h2", "p2"),)), "as wish from h2 to p2"),
    ("a host's region", changed(2, reasons=(Reason("other_region"),)), "as other_region, which is not so"),
    ("a lowest bound", judged(lowest_bound=1.0), "quality.lowest_bound is told as 1.0; in clinics it is null"),
    ("lowest satisfaction", judged(lowest_satisfaction=0.5), "quality.lowest_satisfaction is told as 0.5"),
    ("breaks", judged(breaks=9), "quality.breaks is told as 9, it is 1"),
    ("repeats", judged(repeats=3), "quality.repeats is told as 3, it is None"),
    ("a wish left out", wished(), "unmet: the wish of p1 for h4 is not granted and not told"),
    ("host_full for nothing to gain", coded("p1", "h4", "host_full"), "is told as host_full, it is not_possible"),
    ("clash for met before", coded("p2", "h3", "clash"), "for h3 is told as clash, it is not_possible"),
    ("clash for a full host", coded("p7", "h1", "clash"), "for h1 is told as clash, it is no_shared_language"),
    ("not possible for away", coded("p5", "h5", "not_possible"), "for h5 is told as not_possible, it is away"),
    ("away for a limit", coded("p4", "h2", "away"), "for h2 is told as away, it is not_possible"),
    ("away for a visitor", coded("p4", "p5", "no_shared_language"), "told as no_shared_language, it is not_possible"),
    ("a card of nobody there", altered(version=2, stale=("p8",)), "stale: p8 is away in every round"),
    ("stale without cards", altered(version=2, stale=("p9",)), "stale: p9 is not in people"),
]  # fmt: skip


def test_the_clinic_is_planned_well():
    assert breaches(CLINIC, AT_CLINIC) == []
    assert {*GIVEN.values()} == {"not_possible", "away", "no_shared_language"}


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in CLINICS], ids=[row[0] for row in CLINICS])
def test_every_breach_at_a_clinic_is_named(spoil, words):
    found = breaches(CLINIC, spoil(AT_CLINIC))
    assert any(words in sentence for sentence in found), found


def full_house(rank: int, talks: int) -> Problem:
    """Three people for one place in one round: p1 visits, p2 wishes in vain; p1 may have been elsewhere before."""
    benefits = (("p1", "h1", 500), ("p2", "h1", rank), ("p1", "h2", 100), ("p2", "h2", 100))
    people = (Person("p1"), Person("p2", wishes=("h1",)))
    hosts = (Host("h1", table="A", away=frozenset(set(range(1, talks + 2)) - {1})), Host("h2", table="B"))
    return Problem(Session(rounds=talks + 1, format="clinics"), people, benefits=benefits, hosts=hosts)


@pytest.mark.parametrize(
    ("rank", "talks", "codes"),
    [
        (400, 0, {"host_full"}),
        (500, 0, {"host_full", "clash"}),
        (600, 0, {"clash"}),
        (600, 1, {"clash"}),
        (400, 1, {"host_full"}),
    ],
)
def test_a_host_is_full_by_people_with_fewer_talks_or_more_benefit(rank, talks, codes):
    problem = full_house(rank, talks)
    visits = [visit(1, "A", "h1", "p1")] + [visit(2, "B", "h2", "p1")] * talks
    plan = told(problem, visits)
    every = ("not_possible", "no_shared_language", "away", "host_full", "clash")
    true = {code for code in every if not breaches(problem, wished(Unmet("p2", "h1", code))(plan))}
    assert true == codes


# --- stations ----------------------------------------------------------------------------------------------------

TABLES = ("T1", "T2", "T3")
TOOLS = Problem(
    Session(rounds=3, id="tools", format="stations"),
    (
        *(Person("p1", seeks=("law", "radio"), wishes=("h1", "h3")), Person("p2", seeks=("radio",))),
        *(Person("p3", seeks=("law",), languages=("en",)), Person("p4", limit=2, wishes=("h1",))),
        *(Person("p5", seeks=("money",), wishes=("h1",)), Person("p6", away=frozenset({1, 2}))),
    ),
    locks=(Lock(1, ("p1", "p2")),),
    hosts=tuple(Host(f"h{at}", topics=(topic,), places=2, min_places=1, table=f"T{at}", languages=("en",))
                for at, topic in enumerate(("law", "radio", "money"), 1)),
    interpreters=(Interpreter("i1", ("en", "fr")),),
)  # fmt: skip
ROUND_TRIP = [
    *(visit(1, "T1", "h1", "p1", "p2"), visit(1, "T2", "h2", "p3", "p4"), visit(1, "T3", "h3", "p5")),
    *(visit(2, "T2", "h2", "p1", "p2"), visit(2, "T3", "h3", "p3", "p4"), visit(2, "T1", "h1", "p5")),
    *(visit(3, "T3", "h3", "p1", "p2"), visit(3, "T1", "h1", "p3", "p6"), visit(3, "T2", "h2", "p5")),
]
AT_TOOLS = told(TOOLS, ROUND_TRIP)


def mine(spoil):
    return truly(TOOLS, spoil)


STATIONS = [
    ("a rest left out", altered(rests=()), "p4 is there in round 3, has no table, and no rest is told"),
    ("a place free", altered(rests=(Rest(3, "p4", "no_table"),)), "told as no_table, but 1 are free"),
    ("no even number needed", altered(rests=(Rest(3, "p4", "odd_number"),)), "but only pairs need an even number"),
    ("a limit not reached", lambda plan: rested(Rest(3, "p5", "limit"))(kept(*range(8))(plan)), "told as limit, which"),
    ("an interpreter", mine(changed(0, interpreter="i1")), "i1 is not an interpreter; in stations nobody interprets"),
    ("a lock parted", mine(changed(0, people=("p1",))), "the lock of p1 and p2 in round 1 is not kept"),
    ("three at a tool", mine(changed(0, people=("p1", "p2", "p5"))), "h1 has 3 people in round 1, there are 2 places"),
    ("the same tool again", mine(changed(3, host="h1", table="T1")), "p1 visits h1 2 times"),
    ("a wrong sum", changed(0, benefit=449), "is told as 449, it is 450"),
    ("wrong points", changed(0, reasons=(Reason("wish", 150, None, "h1", "p1"),)), "add up to 150, not to 450"),
    ("a bound below", judged(lowest_bound=-0.1), "quality.lowest_bound -0.1 is below the lowest satisfaction"),
    ("a meeting left out", kept(*range(8)), "p5 is there in round 3, has no table"),
]  # fmt: skip


def test_the_stations_are_planned_well():
    assert breaches(TOOLS, AT_TOOLS) == []
    reasons = (Reason("offer_meets_need", 300, "law", "h1", "p1"), Reason("wish", 150, None, "h1", "p1"))
    assert breaches(TOOLS, changed(0, reasons=reasons)(AT_TOOLS)) == []


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in STATIONS], ids=[row[0] for row in STATIONS])
def test_every_breach_at_stations_is_named(spoil, words):
    found = breaches(TOOLS, spoil(AT_TOOLS))
    assert any(words in sentence for sentence in found), found


# --- groups ------------------------------------------------------------------------------------------------------

GROUPS = Problem(
    Session(rounds=3, format="stations", move="groups"),
    tuple(Person(f"p{number}") for number in range(1, 7)),
    hosts=tuple(Host(f"h{at}", places=6, table=table) for at, table in enumerate(TABLES, 1)),
)
MOVES = [
    visit(number, TABLES[at], f"h{at + 1}", f"p{first}", f"p{first + 1}")
    for number in (1, 2, 3)
    for first in (1, 3, 5)
    for at in [(first // 2 + number) % 3]
]
ROTATED = told(GROUPS, MOVES)
PEOPLE = [meeting.people for meeting in MOVES]


def swapped(one: int, other: int):
    """Two groups change places in a round."""
    return truly(GROUPS, lambda plan: changed(other, people=PEOPLE[one])(changed(one, people=PEOPLE[other])(plan)))


def exchanged(*pairs: tuple[int, tuple[str, ...]]):
    def spoil(plan):
        for at, people in pairs:
            plan = changed(at, people=people)(plan)
        return plan

    return truly(GROUPS, spoil)


ROTATIONS = [
    ("the wrong way", swapped(6, 7), "in round 3, the others do not"),
    ("two change groups", exchanged((6, ("p1", "p4")), (7, ("p3", "p2"))), "a group is parted in round 3"),
    ("two groups in one", exchanged((6, ("p1", "p2", "p3")), (7, ("p4",))), "a group is parted in round 3"),
]


def test_the_groups_go_round():
    assert breaches(GROUPS, ROTATED) == []
    assert breaches(GROUPS, exchanged((3, ("p1",)))(ROTATED)) == [], "who rests may come back to the group"
    in_turn = exchanged((0, ("p1",)), (3, ("p2",)))(ROTATED)
    assert breaches(GROUPS, in_turn) == [], "two who rest in turn are of one group"


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in ROTATIONS], ids=[row[0] for row in ROTATIONS])
def test_groups_that_do_not_go_round_are_noticed(spoil, words):
    found = breaches(GROUPS, spoil(ROTATED))
    assert any(words in sentence for sentence in found), found
