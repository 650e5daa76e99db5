"""Wishes that are not granted: each has the first true code, and none tells who is kept apart."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Lock, Person, Problem, Rules, Session
from tests.matcher.clinics_oracle import clinics
from tests.matcher.plain import rules_against
from tests.matcher.telling import taken, time_and_place, used_up


def still() -> float:
    return 0.0


def room(*people: Person, hosts: tuple[Host, ...] = (Host("h0"),), rounds: int = 1, **more: object) -> Problem:
    worth = tuple((one.id, host.id, 100) for one in people for host in hosts)
    return Problem(Session(rounds=rounds, format="clinics"), people, **{"hosts": hosts, "benefits": worth, **more})


def codes(problem: Problem) -> dict[tuple[str, str], str]:
    return {(one.person, one.wish): one.code for one in solve(problem, clock=still).unmet}


def wishing(name: str, *wishes: str, **more: object) -> Person:
    return Person(name, wishes=wishes, **more)


FIRM, SPEAKER = Host("h0", organisation="o1"), Host("h0", languages=("en",))
CASES = [
    (room(wishing("p0", "h0", organisation="o1"), hosts=(FIRM,)), "not_possible"),
    (room(wishing("p0", "h0"), keep_apart=(("p0", "h0"),)), "not_possible"),
    (room(wishing("p0", "h0"), met_before=(("p0", "h0"),)), "not_possible"),
    (room(wishing("p0", "h0"), benefits=()), "not_possible"),
    (room(wishing("p0", "h0", limit=0)), "not_possible"),
    (room(wishing("p0", "h0", languages=("km",)), hosts=(SPEAKER,)), "no_shared_language"),
    (room(wishing("p0", "h0", languages=("km",), limit=0), hosts=(SPEAKER,)), "not_possible"),
    (room(wishing("p0", "h0", away=frozenset({1})), hosts=(Host("h0", away=frozenset({2})),), rounds=2), "away"),
    (room(wishing("p0", "h0"), Person("p1", first_time=True)), "host_full"),
    (room(wishing("p0", "h0"), Person("p1"), benefits=(("p0", "h0", 5), ("p1", "h0", 6))), "host_full"),
    (room(wishing("p0", "h0"), hosts=(Host("h0", places=2, min_places=2),)), "not_possible"),
    (
        room(
            wishing("p0", "h0"),
            hosts=(Host("h0"), Host("h1", table="B")),
            locks=(Lock(1, ("p0",), "B"),),
        ),
        "clash",
    ),
]


@pytest.mark.parametrize(("problem", "code"), CASES)
def test_the_first_code_that_holds(problem: Problem, code: str) -> None:
    assert codes(problem)["p0", "h0"] == code


def test_a_limit_that_is_reached_is_not_possible_and_a_full_day_is_not() -> None:
    hosts = (Host("h0"), Host("h1"))
    worth = (("p0", "h0", 5), ("p0", "h1", 9))
    limited = room(wishing("p0", "h0"), hosts=hosts, rounds=2, rules=Rules(limit=1), benefits=worth)
    assert codes(limited) == {("p0", "h0"): "not_possible"}
    assert codes(room(wishing("p0", "h0"), hosts=hosts, benefits=worth)) == {("p0", "h0"): "clash"}


def test_a_place_beside_somebody_kept_apart_is_not_possible() -> None:
    people = (wishing("p0", "h0"), Person("p1", first_time=True))
    problem = room(*people, hosts=(Host("h0", places=2),), keep_apart=(("p0", "p1"),))
    assert codes(problem) == {("p0", "h0"): "not_possible"}
    assert codes(replace(problem, keep_apart=())) == {}


def test_a_wish_for_a_person_never_tells_who_is_kept_apart() -> None:
    problem = room(wishing("p0", "p1", "p2"), Person("p1"), Person("p2"), rounds=3)
    told = codes(problem)
    assert told == {("p0", "p1"): "not_possible", ("p0", "p2"): "not_possible"}
    assert codes(replace(problem, keep_apart=(("p0", "p1"),))) == told


def true_codes(problem: Problem, plan: Plan, name: str, wish: str) -> set[str]:
    """What is true of a wish, counted the slow way; between equals two codes are."""
    meetings = list(plan.meetings)
    against = rules_against(problem, name, wish)
    person = next(one for one in problem.people if one.id == name)
    if wish not in {host.id for host in problem.hosts} or used_up(problem, meetings, person):
        return {"not_possible"}
    if against - {"language", "away"}:
        return {"not_possible"}
    if against:
        return {"no_shared_language"} if "language" in against else {"away"}
    if time_and_place(problem, meetings, name, wish):
        return {"not_possible"}
    return {"host_full"} if taken(problem, meetings, name, wish) else {"host_full", "clash"}


@settings(max_examples=80, deadline=None)
@given(clinics(people=6, hosts=3, rounds=3))
def test_codes_are_true(problem: Problem) -> None:
    try:
        plan = solve(problem, clock=still)
    except NotPossible:
        return
    for one in plan.unmet:
        assert one.code in true_codes(problem, plan, one.person, one.wish)
