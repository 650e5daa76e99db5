"""The referee: a good plan has no breach, and every way to spoil it is caught and named."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.plan import Meeting, Plan, Quality, Reason, Rest, Unmet
from matcher.problem import Lock, Person, Problem, Rules, Session
from tests.matcher.plain import limit, rules_against, value
from tests.matcher.problems import problems
from tests.matcher.spoiling import added, altered, changed, judged, kept, rested, wished
from tests.matcher.telling import told

START = datetime.fromisoformat("2013-06-19T14:00:00+07:00")


def greedy(problem: Problem) -> Plan:
    """Plan first come, first served; seated people keep the table that bears their id."""
    named = problem.session.tables if isinstance(problem.session.tables, tuple) else None
    most = len(named) if named else problem.session.tables or len(problem.people)
    meetings: list[Meeting] = []
    rests: list[Rest] = []
    met: set[frozenset[str]] = set()
    for number in range(1, problem.session.rounds + 1):
        free = [person for person in problem.people if number not in person.away]
        tables = list(named or map(str, range(1, most + 1)))
        for one, other in combinations(free, 2):
            degree = {p.id: sum(p.id in m.people for m in meetings) for p in (one, other)}
            full = any(degree[p.id] >= limit(problem, p) for p in (one, other))
            if {one, other} <= set(free) and not rules_against(problem, one.id, other.id) and not full and tables:
                pair = frozenset((one.id, other.id))
                if pair in met or one.seated or other.seated:
                    continue
                met.add(pair)
                free = [person for person in free if person not in (one, other)]
                worth = value(problem, one.id, other.id)
                meetings.append(Meeting(number, tables.pop(0), (one.id, other.id), worth))
        rests += [Rest(number, person.id, "no_partner") for person in free]
    return told(problem, meetings, rests)


@given(problems(locks=False, given=True))
def test_a_good_plan_has_no_breach(problem):
    assert breaches(problem, greedy(problem)) == []


@given(problems(locks=False, given=True), st.data())
def test_a_meeting_taken_away_is_always_noticed(problem, data):
    plan = greedy(problem)
    assume(plan.meetings)
    gone = data.draw(st.sampled_from(plan.meetings))
    assert breaches(problem, replace(plan, meetings=tuple(m for m in plan.meetings if m is not gone)))


@given(problems(locks=False, given=True), st.data())
def test_two_people_who_may_not_meet_are_always_noticed(problem, data):
    wrong = [
        (one.id, other.id) for one, other in combinations(problem.people, 2) if rules_against(problem, one.id, other.id)
    ]
    assume(wrong)
    one, other = data.draw(st.sampled_from(wrong))
    found = breaches(problem, replace(greedy(problem), meetings=(Meeting(1, "1", (one, other), 0),)))
    assert any(one in sentence and other in sentence for sentence in found)


# A room with every rule in it, and a plan that keeps them all.
PEOPLE = (
    Person("p1", organisation="o1", languages=("en", "fr"), wishes=("p4", "p2")),
    Person("p2", organisation="o2", languages=("fr",), side="a"),
    Person("p3", organisation="o3", languages=("en", "fr"), seated=True),
    Person("p4", organisation="o1", languages=("km",), side="a", away=frozenset({3})),
    Person("p5", organisation="o5", languages=("en",), limit=1, wishes=("p1",)),
    Person("p6", seated=True, limit=2),
)
ROOM = Problem(
    Session(rounds=3, id="room", start=START, tables=("A", "B", "C")),
    PEOPLE,
    Rules(limit=3),
    keep_apart=(("p1", "p5"),),
    met_before=(("p2", "p6"),),
    locks=(Lock(2, ("p1", "p4"), "C"), Lock(3, ("p1", "p6"))),
    benefits=(("p1", "p2", 700), ("p1", "p4", 400), ("p2", "p3", 600), ("p4", "p6", 500), ("p3", "p5", 300)),
)


def meeting(number: int, table: str, *people: str, language: str | None = None) -> Meeting:
    starts = START + (number - 1) * timedelta(minutes=8)
    return Meeting(number, table, people, value(ROOM, *people), language, (), starts)


GOOD = told(
    ROOM,
    [
        meeting(1, "A", "p1", "p2", language="fr"),
        meeting(1, "B", "p3", "p5", language="en"),
        meeting(1, "C", "p4", "p6"),
        meeting(2, "B", "p2", "p3", language="fr"),
        meeting(2, "C", "p1", "p4"),
        meeting(3, "C", "p1", "p6", language="en"),
    ],
    [
        Rest(2, "p5", "limit"),
        Rest(2, "p6", "no_partner"),
        Rest(3, "p2", "odd_number"),
        Rest(3, "p3", "no_partner"),
        Rest(3, "p5", "limit"),
    ],
)


def test_the_room_is_planned_well():
    assert breaches(ROOM, GOOD) == []


BARRED = Unmet("p5", "p1", "not_possible")
SPOILED = [
    ("another session", altered(session="x"), "the plan is for session 'x'"),
    ("round 0", changed(0, round=0), "round 0 does not exist"),
    ("a round too many", changed(0, round=4), "round 4 does not exist"),
    ("an unknown person", changed(0, people=("p1", "p9")), "p9 is not in people"),
    ("three at a table", changed(0, people=("p1", "p2", "p3")), "has 3 different people, not 2"),
    ("one at a table", changed(0, people=("p1",)), "has 1 different people, not 2"),
    ("somebody alone", changed(0, people=("p1", "p1")), "has 1 different people, not 2"),
    ("a wrong start", changed(0, starts=START + timedelta(minutes=1)), "is told to start at 2013-06-19T14:01:00"),
    ("away", added(meeting(3, "A", "p4", "p2")), "p4 is away in round 3"),
    ("two tables at once", added(meeting(1, "D", "p3", "p4")), "p3 is at 2 tables in round 1"),
    ("a table that is not there", changed(0, table="Z"), "table Z in round 1 does not exist"),
    ("a table used twice", changed(0, table="B"), "table B is used 2 times in round 1"),
    ("too many tables", added(meeting(1, "D", "p3", "p4")), "4 tables are in use in round 1, there are 3"),
    ("above the limit", added(meeting(3, "B", "p3", "p5")), "p5 has 2 meetings, the limit is 1"),
    ("the same pair twice", added(meeting(3, "B", "p2", "p3")), "p2 and p3 meet 2 times"),
    ("kept apart", changed(0, people=("p1", "p5")), "p1 and p5 in round 1 are kept apart"),
    ("both seated", changed(1, people=("p3", "p6")), "p3 and p6 in round 1 are both seated"),
    ("no shared language", changed(0, people=("p3", "p4")), "p3 and p4 in round 1 may not meet: language"),
    ("met before", changed(0, people=("p2", "p6")), "p2 and p6 in round 1 may not meet: met_before"),
    ("seated and moved", changed(1, table="A"), "p3 should stay seated and is at 2 tables"),
    ("a lock left out", kept(0, 1, 2, 3, 5), "the lock of p1 and p4 in round 2 is not kept"),
    ("a lock in another round", changed(5, round=2), "the lock of p1 and p6 in round 3 is not kept"),
    ("a lock at another table", changed(4, table="A"), "the lock of p1 and p4 in round 2 is at table A, not at C"),
    ("a rest left out", lambda plan: replace(plan, rests=plan.rests[1:]), "p5 is there in round 2, has no table"),
    ("a rest told twice", rested(Rest(2, "p5", "limit")), "the rest of p5 in round 2 is told 2 times"),
    ("a rest with a table", rested(Rest(1, "p1", "no_partner")), "the rest of p1 in round 1 is wrong: there is a"),
    ("a rest while away", rested(Rest(3, "p4", "no_partner")), "the rest of p4 in round 3 is wrong: p4 is away"),
    ("a rest of a stranger", rested(Rest(1, "p9", "no_partner")), "the rest in round 1 names p9"),
    ("a rest in no round", rested(Rest(9, "p1", "no_partner")), "the rest of p1 is in round 9"),
    ("a limit not reached", rested(Rest(3, "p2", "limit")), "is told as limit, which is not reached"),
    ("an odd number of none", rested(Rest(2, "p2", "odd_number")), "is told as odd_number, but 6 people are there"),
    ("a table short", rested(Rest(2, "p2", "no_table")), "is told as no_table, but 1 are free"),
    ("a wish left out", wished(), "unmet: the wish of p5 for p1 is not granted and not told"),
    ("a wish told twice", wished(BARRED, BARRED), "unmet: the wish of p5 for p1 is told 2 times"),
    ("a wrong code", wished(replace(BARRED, code="clash")), "for p1 is told as clash, it is not_possible"),
    ("a host", changed(0, host="h1"), "names h1 as its host; in pairs nobody is a host"),
    ("no such interpreter", changed(0, interpreter="i1"), "p1 and p2 in round 1: i1 is not an interpreter"),
    ("repeats", judged(repeats=0), "quality.repeats is told as 0, it is None"),
    ("a bound of repeats", judged(repeats_bound=1), "quality.repeats_bound is told as 1, repeats are None"),
    ("a bound of breaks", judged(breaks_bound=2), "quality.breaks_bound is told as 2, breaks are 1"),
    ("a bound below nothing", judged(breaks_bound=-1), "quality.breaks_bound is told as -1, breaks are 1"),
    ("a bound of cards", judged(stale_bound=1), "quality.stale_bound is 1, but no stale cards are told"),
    ("version 0", altered(version=0), "the plan has version 0, the first is 1"),
    ("cards before any", altered(stale=()), "stale cards are told, but version 1 has no cards before it"),
    ("a card twice", altered(version=2, stale=("p1", "p1")), "stale: p1 stands 2 times"),
    ("a stranger's card", altered(version=2, stale=("p9",)), "stale: p9 is not in people"),
    (
        "too many cards proven",
        lambda plan: judged(stale_bound=2)(altered(version=2, stale=("p1",))(plan)),
        "quality.stale_bound 2 is not between 0 and the 1 stale cards",
    ),
    ("no wish", wished(Unmet("p2", "p1", "clash")), "unmet: p2 does not wish to meet p1"),
    ("a granted wish", wished(Unmet("p1", "p4", "clash")), "of p1 for p4 is granted"),
    ("a stranger's wish", wished(Unmet("p9", "p4", "clash")), "unmet: p9 does not wish"),
    ("a language of one", changed(0, language="en"), "p1 and p2 in round 1 are told to speak en"),
    ("a wrong benefit", changed(0, benefit=701), "the benefit of p1 and p2 in round 1 is told as 701, it is 700"),
    ("wrong points", changed(0, reasons=(Reason("wish", 699),)), "add up to 699, not to 700"),
    ("a stranger's reason", changed(0, reasons=(Reason("wish", 700, None, "p9"),)), "speaks of somebody else"),
    (
        "no such wish",
        changed(0, reasons=(Reason("wish", 700, None, "p1", "p2"),)),
        "as wish from p1 to p2, which is not",
    ),
    ("no such region", changed(0, reasons=(Reason("other_region", 700),)), "as other_region, which is not so"),
    (
        "no region that is one",
        changed(0, reasons=(Reason("same_region", 700, "africa"),)),
        "as same_region, which is not",
    ),
    ("meetings", judged(meetings=7), "quality.meetings is told as 7, it is 6"),
    ("benefit", judged(benefit=1), "quality.benefit is told as 1, it is 2500"),
    ("bound", judged(bound=2499), "quality.bound 2499 is below the benefit 2500"),
    ("gap", judged(gap=0.00001), "quality.gap is told as 1e-05, it is 0.000000"),
    ("gap of nothing", judged(gap=float("nan")), "quality.gap is told as nan"),
    ("lowest satisfaction", judged(lowest_satisfaction=1.01), "quality.lowest_satisfaction is told as 1.01"),
    ("lowest bound", judged(lowest_bound=0.1), "quality.lowest_bound 0.1 is below the lowest satisfaction"),
    ("breaks", judged(breaks=0), "quality.breaks is told as 0, it is 1"),
    ("table changes", judged(table_changes=9), "quality.table_changes is told as 9, it is 2"),
    ("seconds", judged(seconds=float("inf")), "quality.seconds is inf, not a time"),
    ("seconds below 0", judged(seconds=-1.0), "quality.seconds is -1.0, not a time"),
]


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_every_spoiled_plan_is_caught_and_the_breach_is_named(spoil, words):
    found = breaches(ROOM, spoil(GOOD))
    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize("rule", ["side", "organisation"])
def test_people_of_one_side_or_organisation_may_not_meet(rule):
    people = (Person("p1", **{rule: "a"}), Person("p2", **{rule: "a"}))
    problem = Problem(Session(rounds=1), people, benefits=())
    together = told(problem, [Meeting(1, "1", ("p1", "p2"), 0)], [])
    assert breaches(problem, together) == [f"p1 and p2 in round 1 may not meet: {rule}"]


def test_tables_are_never_short_where_they_are_without_limit():
    problem = Problem(Session(rounds=1), (Person("p1", side="a"), Person("p2", side="a")), benefits=())
    apart = told(problem, [], [Rest(1, "p1", "no_table"), Rest(1, "p2", "no_partner")])
    assert breaches(problem, apart) == ["the rest of p1 in round 1 is told as no_table, but tables are without limit"]


def test_a_lock_lifts_a_person_above_the_limit_but_no_other_meeting_does():
    people = (Person("p1", limit=0), Person("p2"), Person("p3"))
    problem = Problem(Session(rounds=2), people, locks=(Lock(1, ("p1", "p2")),), benefits=())
    held = [Meeting(1, "1", ("p1", "p2"), 0), Meeting(2, "1", ("p2", "p3"), 0)]
    plan = told(problem, held, [Rest(1, "p3", "odd_number"), Rest(2, "p1", "limit")])
    assert breaches(problem, plan) == []
    more = [held[0], Meeting(2, "1", ("p1", "p3"), 0)]
    found = breaches(problem, told(problem, more, [Rest(1, "p3", "odd_number"), Rest(2, "p2", "odd_number")]))
    assert found == ["p1 has 2 meetings, the limit is 0"]


def test_benefits_from_profiles_are_judged_too():
    people = (Person("p1", offers=("law",), seeks=("radio",)), Person("p2", offers=("radio",), seeks=("law",)))
    problem = Problem(Session(rounds=1), people)
    quality = Quality(1, 600, 600, 0.0, 1.0, 1.0, 0, 0, 0.0)
    plan = Plan("", (Meeting(1, "1", ("p1", "p2"), 600),), (), (), quality)
    assert breaches(problem, plan) == []
    assert breaches(problem, changed(0, benefit=601)(plan)) == [
        "the benefit of p1 and p2 in round 1 is told as 601, it is 600"
    ]


def test_an_empty_plan_of_nobody():
    problem = Problem(Session(rounds=2))
    assert breaches(problem, Plan("", (), (), (), Quality(0, 0, 0, 0.0, 1.0, None, 0, 0, 0.0))) == []
