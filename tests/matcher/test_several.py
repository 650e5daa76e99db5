"""All sessions of an event with one memory: nobody twice at once, no pair twice, each wish granted once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import combinations

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import cli
from matcher.check import breaches
from matcher.errors import MatcherError, NotPossible
from matcher.problem import Host, KindWish, Lock, Person, Problem, Session
from matcher.several import Memory, _groups, solve_all
from matcher.wire import read_plan, read_problem, write_problem
from tests.matcher.strategies import KINDS, sessions

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=7)))


def still() -> float:
    return 0.0


def room(people: int, rounds: int = 2, *, start: datetime | None = None, **more: object) -> Problem:
    persons = tuple(Person(f"p{at}", languages=("en",)) for at in range(people))
    return Problem(Session(rounds=rounds, start=start, id=f"s{rounds}", title="Talks"), persons, **more)


def met(plan) -> list[frozenset[str]]:
    return [frozenset(two) for meeting in plan.meetings for two in combinations(meeting.people, 2)]


def test_nobody_meets_twice_in_the_whole_event_unless_allowed():
    sessions = [room(6), room(6), room(6, 1)]
    (_, first), (_, second), (_, third) = solve_all(sessions, clock=still)
    pairs = met(first) + met(second) + met(third)
    assert len(pairs) == len(set(pairs)) == 15
    again = [pair for _, plan in solve_all(sessions, again=True, clock=still) for pair in met(plan)]
    assert len(again) == 15 > len(set(again))


def test_nobody_sits_in_two_sessions_at_the_same_time():
    sessions = [
        room(5, start=NOON),
        room(8, start=NOON + timedelta(minutes=13)),
        room(8, start=NOON + timedelta(hours=1)),
    ]
    plans = [plan for _, plan in solve_all(sessions, clock=still)]
    seated = [{name for meeting in plan.meetings for name in meeting.people} for plan in plans]
    assert not seated[0] & seated[1]
    assert seated[1] == {"p5", "p6", "p7"}
    assert len(seated[2]) == 8


def test_a_wish_is_granted_once():
    people = (
        Person("p0", wishes=("p1", KindWish("role", "donor"))),
        Person("p1", role="donor"),
        Person("p2", role="donor"),
        Person("p3"),
    )
    problem = Problem(Session(rounds=1), people)
    (_, first), (carried, _) = solve_all([problem, problem], clock=still)
    assert frozenset(("p0", "p1")) in met(first)
    assert carried.people[0].wishes == ()
    assert ("p0", "p1") in carried.met_before


def test_a_wish_for_a_specialist_of_an_organisation_is_granted_by_the_visit():
    wishes = (KindWish("organisation", "o1"), KindWish("organisation", "o2"))
    people, hosts = (Person("p0", wishes=wishes), Person("p1")), (Host("h1", organisation="o1"),)
    clinic = Problem(
        Session(rounds=1, format="clinics"), people, hosts=hosts, benefits=(("p0", "h1", 9), ("p1", "h1", 8))
    )
    (_, visits), (carried, _) = solve_all([clinic, Problem(Session(rounds=1), people)], clock=still)
    assert [one.people for one in visits.meetings] == [("p0",)]
    assert carried.people[0].wishes == (KindWish("organisation", "o2"),)


def test_a_lock_elsewhere_at_the_same_time_is_refused_by_name():
    sessions = [room(4, start=NOON), room(4, start=NOON, locks=(Lock(1, ("p0", "p1")),))]
    with pytest.raises(NotPossible, match=r"b\.json: 'p0' has a lock .* sits in 'Talks' at the same time"):
        solve_all(sessions, names=["a.json", "b.json"], clock=still)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_carried_is_kept_by_every_plan_of_any_format(data):
    kinds = data.draw(st.lists(st.sampled_from(list(KINDS)), min_size=2, max_size=3))
    starts = [NOON + timedelta(minutes=5 * data.draw(st.integers(0, 3))) for _ in kinds]
    drawn = [data.draw(sessions(**KINDS[kind], most=5, rounds=2)) for kind in kinds]
    timed = [replace(one, session=replace(one.session, start=start)) for one, start in zip(drawn, starts, strict=True)]
    memory, before = Memory(), set()
    try:
        solved = solve_all(timed, clock=still)
    except MatcherError:
        return
    for original, (problem, plan) in zip(timed, solved, strict=True):
        assert memory.carry(original) == problem
        assert breaches(problem, plan) == []
        pairs = set(on_purpose(plan))
        held = {frozenset(two) for lock in problem.locks for two in combinations(lock.people, 2)}
        held |= {frozenset(one.people) for one in problem.chosen or ()}
        if problem.session.format == "pairs":
            assert not (pairs - held) & before
        if problem.hosted and not problem.locks:
            assert not pairs & before
        before |= pairs
        memory.learn(problem, plan)


def on_purpose(plan) -> list[frozenset[str]]:
    """Who met whom: at a host's table the host, elsewhere everybody."""
    hosted = [frozenset((one, meeting.host)) for meeting in plan.meetings if meeting.host for one in meeting.people]
    rest = [meeting for meeting in plan.meetings if not meeting.host]
    return hosted + [frozenset(two) for meeting in rest for two in combinations(meeting.people, 2)]


def test_the_command_takes_several_files(tmp_path):
    files = [tmp_path / name for name in ("one.json", "two.json")]
    for path in files:
        path.write_text(write_problem(room(6)), encoding="utf-8")
    result = CliRunner().invoke(
        cli.main, ["match", *map(str, files), "--out", str(tmp_path), "--problems-out", str(tmp_path)]
    )
    assert (result.exit_code, result.stderr, result.stdout.count("Written to")) == (0, "", 2)
    plans = [read_plan((tmp_path / f"{path.stem}.plan.json").read_bytes()) for path in files]
    assert not set(met(plans[0])) & set(met(plans[1]))
    carried = read_problem((tmp_path / "two.problem.json").read_bytes())
    assert {frozenset(pair) for pair in carried.met_before} == set(met(plans[0]))
    assert breaches(carried, plans[1]) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--out", "plan.json"], "2 problems and 1 place for plans; name --out once for each"),
        (["--out", "p.json", "--out", "q.json", "--benefits-out", "b.json"], "--benefits-out is for one problem"),
        (["--out", "one.json", "--out", "q.json"], "the same file is named twice"),
        (["--out", "p.json", "--out", "p.json"], "the same file is named twice"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(tmp_path, monkeypatch, more, words):
    monkeypatch.chdir(tmp_path)
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps({"rondo": 1, "session": {"format": "pairs", "rounds": 1}}))
    result = CliRunner().invoke(cli.main, ["match", "one.json", "two.json", *more])
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "two.json"]


def halls() -> list[Problem]:
    """Two halls of two sessions each, with nobody in both halls."""
    first = [room(6), room(6, 1)]
    second = [replace(one, people=tuple(replace(person, id=f"q{person.id}") for person in one.people)) for one in first]
    return [first[0], second[0], first[1], second[1]]


def test_halls_that_share_nobody_may_be_planned_elsewhere() -> None:
    here = solve_all(halls(), clock=still)
    with ThreadPoolExecutor(2) as executor:
        assert solve_all(halls(), clock=still, executor=executor) == here
    groups = [[at for at, *_ in group] for group in _groups([(at, None, one) for at, one in enumerate(halls())])]
    assert groups == [[0, 2], [1, 3]]


def test_a_chain_of_sessions_stays_together() -> None:
    people = {"a": ("p1", "p2"), "b": ("p3", "p4"), "c": ("p2", "p3"), "d": ("p9",)}
    sessions = [Problem(Session(rounds=1, id=name), tuple(map(Person, ids))) for name, ids in people.items()]
    groups = _groups([(at, None, one) for at, one in enumerate(sessions)])
    assert [[row[2].session.id for row in group] for group in groups] == [["a", "b", "c"], ["d"]]
