"""Interpreters: who needs one has one, nobody of them is at two tables or without rests, and few are left out."""

from contextlib import suppress
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from matcher.booths import longest_run
from matcher.check import breaches
from matcher.effort import Effort
from matcher.engine import solve
from matcher.errors import MatcherError, NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Interpreter, Lock, Person, Problem, Rules, Session
from matcher.refusals import refuse_locks
from matcher.rules import Admissibility
from matcher.ways.clinics import clinics, draft
from tests.breadth import breadth
from tests.matcher.strategies import problems, sessions, some_of


def still() -> float:
    return 0.0


@st.composite
def interpreters(draw: st.DrawFn, rounds: int) -> tuple[Interpreter, ...]:
    languages = st.lists(st.sampled_from(("en", "fr", "km")), unique=True, min_size=2)
    away = st.frozensets(st.integers(1, rounds), max_size=1)
    return tuple(
        Interpreter(f"i{at}", tuple(draw(languages)), draw(away), draw(st.integers(1, 3)))
        for at in range(draw(st.integers(1, 2)))
    )


@st.composite
def rooms(draw: st.DrawFn, most: int = 8, rounds: int = 4) -> Problem:
    problem = draw(problems(most, rounds, few_tables=False))
    helped = draw(interpreters(problem.session.rounds))
    return replace(problem, interpreters=helped, rules=replace(problem.rules, shared_language=True))


def interpreted(plan: Plan) -> list[tuple[str, int, str]]:
    return [(one.interpreter, one.round, one.table) for one in plan.meetings if one.interpreter]


@settings(max_examples=breadth(150, quick=25), deadline=None)
@given(rooms())
def test_no_rule_is_broken_and_the_bounds_hold(problem: Problem) -> None:
    plan = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert plan.quality.benefit <= plan.quality.bound
    for one in problem.interpreters:
        busy = [number for name, number, _ in interpreted(plan) if name == one.id]
        assert len(set(busy)) == len(busy)
        row = [number in busy for number in range(1, problem.session.rounds + 1)]
        assert longest_run(row) <= one.most_in_a_row


def booth(*languages: str, most: int = 3, away: frozenset[int] = frozenset()) -> Interpreter:
    return Interpreter(f"i-{'-'.join(languages)}", languages, away, most)


def two_halls(number: int, rounds: int, *helpers: Interpreter, **more: object) -> Problem:
    """Half of the people speak only English, half only Khmer, and each half is one organisation."""
    people = tuple(
        Person(f"p{at}", languages=("en", "km")[at % 2 : at % 2 + 1], organisation=f"o{at % 2}") for at in range(number)
    )
    return Problem(Session(rounds=rounds), people, interpreters=helpers, **more)


def test_every_meeting_across_needs_one_and_each_does_one_table_a_round() -> None:
    plan = solve(two_halls(6, 3, booth("en", "km"), booth("en", "km", "fr")), clock=still)
    assert [sum(number == when for _, number, _ in interpreted(plan)) for when in (1, 2, 3)] == [2, 2, 2]
    assert plan.quality.meetings == 6
    assert all(meeting.language is None for meeting in plan.meetings)


def test_interpreters_rest_and_stay_away() -> None:
    plan = solve(two_halls(12, 6, booth("en", "km", most=2, away=frozenset({1}))), clock=still)
    assert [number for _, number, _ in interpreted(plan)] in ([2, 3, 5, 6], [2, 4, 5, 6], [2, 3, 5, 6])


def test_nobody_interprets_where_nobody_has_to() -> None:
    problem = two_halls(6, 3, booth("en", "km"), rules=Rules(shared_language=False))
    assert interpreted(solve(problem, clock=still)) == []


def test_a_locked_meeting_is_interpreted_first() -> None:
    problem = two_halls(6, 3, booth("en", "km"), locks=(Lock(2, ("p0", "p3")),))
    plan = solve(problem, clock=still)
    assert [meeting.interpreter for meeting in plan.meetings if meeting.people == ("p0", "p3")] == ["i-en-km"]
    assert breaches(problem, plan) == []


def test_few_interpreters_go_where_they_are_worth_most() -> None:
    benefits = tuple((f"p{a}", f"p{b}", 10 + 90 * (a == 0) * b) for a in range(0, 8, 2) for b in range(1, 8, 2))
    plan = solve(two_halls(8, 2, booth("en", "km"), benefits=benefits), clock=still)
    assert [number for _, number, _ in interpreted(plan)] == [1, 2]
    assert plan.quality.meetings == 2


def test_specialists_are_visited_with_an_interpreter_too() -> None:
    people = tuple(Person(f"p{at}", languages=("km",), seeks=("law",)) for at in range(4))
    hosts = (Host("h1", topics=("law",), languages=("en",)), Host("h2", topics=("law",), languages=("en",)))
    problem = Problem(
        Session(rounds=4, format="clinics"), people, hosts=hosts, interpreters=(booth("en", "km", most=2),)
    )  # fmt: skip
    plan = solve(problem, clock=still)
    assert breaches(problem, plan) == []
    assert [number for _, number, _ in interpreted(plan)] in ([1, 2, 4], [1, 3, 4])
    assert plan.quality.benefit == 1800 <= plan.quality.bound
    assert solve(replace(problem, interpreters=()), clock=still).meetings == ()


def matchings(pairs: list[tuple[int, int]]):
    """Every set of pairs without a common end."""
    if not pairs:
        yield ()
        return
    first, rest = pairs[0], pairs[1:]
    yield from matchings(rest)
    for more in matchings([pair for pair in rest if not set(pair) & set(first)]):
        yield (first, *more)


def servings(problem: Problem, rules: Admissibility, meetings: tuple, when: int):
    """Every way to send interpreters to the tables of a round that need one: who works, or nothing."""
    need = [pair for pair in meetings if rules.need_interpreter(pair)]
    for who in product(range(len(problem.interpreters)), repeat=len(need)):
        fits = all(rules.reach[one, list(pair)].all() for one, pair in zip(who, need, strict=True))
        there = all(when + 1 not in problem.interpreters[one].away for one in who)
        if len(set(who)) == len(who) and fits and there:
            yield frozenset(who)


def best(problem: Problem) -> tuple[tuple[int, ...], int]:
    """By brute force: as many people as can be with 1, 2, … meetings, then the most benefit."""
    rules = Admissibility(problem)
    worth = {frozenset((rules.index[a], rules.index[b])): value for a, b, value in problem.benefits or ()}
    allowed = [tuple(pair) for pair in combinations(range(len(problem.people)), 2) if rules.allowed[pair]]
    found = ((0,) * problem.session.rounds, 0)

    def follow(when: int, met: frozenset, worked: tuple) -> None:
        nonlocal found
        if when == problem.session.rounds:
            degrees = [sum(who in pair for pair in met) for who in range(len(problem.people))]
            if all(degree <= cap for degree, cap in zip(degrees, rules.caps.tolist(), strict=True)):
                spread = tuple(sum(d >= level for d in degrees) for level in range(1, problem.session.rounds + 1))
                found = max(found, (spread, sum(worth.get(frozenset(pair), 0) for pair in met)))
            return
        here = [pair for pair in allowed if pair not in met and rules.there[list(pair), when].all()]
        for meetings in matchings(here):
            for who in servings(problem, rules, meetings, when):
                rows = [*worked, who]
                runs = [
                    longest_run([one in row for row in rows]) <= helper.most_in_a_row
                    for one, helper in enumerate(problem.interpreters)
                ]
                if all(runs):
                    follow(when + 1, met | set(meetings), tuple(rows))

    follow(0, frozenset(), ())
    return found


@settings(max_examples=60, deadline=None)
@given(rooms(most=4, rounds=2))
def test_as_few_are_left_out_as_brute_force_finds(problem: Problem) -> None:
    problem = replace(problem, locks=())
    plan = solve(problem, clock=still, floor=False)
    met = [person for meeting in plan.meetings for person in meeting.people]
    degrees = [met.count(person.id) for person in problem.people]
    spread = tuple(sum(d >= level for d in degrees) for level in range(1, problem.session.rounds + 1))
    most, benefit = best(problem)
    assert spread == most
    assert plan.quality.benefit <= benefit <= plan.quality.bound


def clinic(spoken: str, worth: tuple[int, ...], *locks: Lock, rounds: int = 1, places: int = 1) -> Problem:
    """One host who speaks English, an interpreter for English and Khmer, and for each language a person."""
    people = tuple(Person(f"p{at}", languages=(code,)) for at, code in enumerate(spoken.split()))
    return Problem(
        Session(rounds=rounds, format="clinics"), people, hosts=(Host("h0", languages=("en",), places=places),),
        interpreters=(booth("en", "km"),), locks=locks,
        benefits=tuple((one.id, "h0", value) for one, value in zip(people, worth, strict=True)),
    )  # fmt: skip


def test_a_locked_visitor_who_cannot_follow_stays_wherever_the_lock_leads() -> None:
    for table in (None, "1"):
        problem = clinic("km fr", (9, 9), Lock(1, ("p1",), table), places=2)
        assert [one.people for one in solve(problem, clock=still).meetings] == [("p1",)]


def test_a_visit_worth_nothing_is_held_in_no_round_but_that_of_the_lock() -> None:
    plan = solve(clinic("km", (0,), Lock(2, ("p0",)), rounds=2), clock=still)
    assert [(one.round, one.interpreter) for one in plan.meetings] == [(2, "i-en-km")]


def test_no_interpreted_visit_takes_the_place_of_a_locked_one() -> None:
    for table in (None, "1"):
        plan = solve(clinic("en km", (1, 9), Lock(1, ("p0",), table)), clock=still)
        assert [one.people for one in plan.meetings] == [("p0",)]


def test_whoever_cannot_follow_an_interpreter_comes_in_another_round() -> None:
    people = tuple(Person(f"p{at}", languages=("en",) if at else ("km",)) for at in range(3))
    problem = Problem(
        Session(rounds=2, format="clinics"), people, hosts=(Host("h0", languages=("en", "fr"), places=2),),
        interpreters=(booth("fr", "km"),), benefits=tuple((one.id, "h0", 9) for one in people),
    )  # fmt: skip
    plan = solve(problem, clock=still)
    assert sorted(sorted(one.people) for one in plan.meetings) == [["p0"], ["p1", "p2"]]


@settings(max_examples=60, deadline=None)
@given(sessions("clinics", most=7, rounds=4))
def test_a_draft_has_the_visits_of_the_plan(problem: Problem) -> None:
    rules = Admissibility(problem)
    try:
        told = [way(problem, rules, Effort()) for way in (draft, clinics)]
    except NotPossible:
        reject()
    visits = [sorted((who, one.host) for one in outcome.sittings for who in one.people) for outcome in told]
    assert visits[0] == visits[1]
    assert told[0].bound == told[1].bound


@st.composite
def locked_clinics(draw: st.DrawFn) -> Problem:
    """A small clinic with up to three locks, some of which leave the host open."""
    spoken = st.sampled_from((("en",), ("km",), ("fr",), ()))
    rounds, ids = draw(st.integers(1, 3)), [f"p{at}" for at in range(draw(st.integers(1, 4)))]
    hosts = tuple(
        Host(f"h{at}", languages=draw(spoken), places=draw(st.integers(1, 2)), table=f"T{at}")
        for at in range(draw(st.integers(1, 2)))
    )
    problem = Problem(
        Session(rounds=rounds, format="clinics"), tuple(Person(name, languages=draw(spoken)) for name in ids),
        hosts=hosts, interpreters=draw(interpreters(rounds)), keep_apart=draw(some_of(list(combinations(ids, 2)))),
        benefits=tuple((name, host.id, draw(st.integers(0, 9))) for name in ids for host in hosts),
    )  # fmt: skip
    tables = st.sampled_from((None, None, *(host.table for host in hosts)))
    for _ in range(draw(st.integers(1, 3))):
        people = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True))
        lock = Lock(draw(st.integers(1, rounds)), tuple(people), draw(tables))
        with suppress(MatcherError):
            wider = replace(problem, locks=(*problem.locks, lock))
            refuse_locks(wider)
            problem = wider
    return problem


@settings(max_examples=breadth(150, quick=25), deadline=None)
@given(locked_clinics())
def test_locked_clinics_keep_every_rule(problem: Problem) -> None:
    try:
        plan = solve(problem, clock=still)
    except NotPossible:
        with pytest.raises(NotPossible):
            clinics(problem, Admissibility(problem), Effort())
    else:
        assert plan.quality.benefit <= plan.quality.bound
