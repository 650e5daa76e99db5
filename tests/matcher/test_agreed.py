"""Agreed meetings: the fewest breaks and their proof beside brute force; and which few stand in the way."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.problem import Chosen, Interpreter, Lock, Person, Problem, Rules, Session
from matcher.solver import Deadline
from matcher.when.agenda import Agenda
from matcher.when.agreed import Seekers, agree, breaks_of
from matcher.when.formula import Formula
from matcher.when.obstacle import obstacle, too_many
from tests.matcher.strategies import sessions
from tests.matcher.test_compact import keeps, timetables


@st.composite
def agendas(draw: st.DrawFn) -> Agenda:
    """A few people with meetings; some away, few tables, some meetings tied to some rounds or apart from another."""
    rounds, people = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    ends = draw(st.lists(st.sampled_from(list(combinations(range(people), 2))), unique=True, min_size=1, max_size=5))
    often = st.sampled_from((True, True, True, False))
    there = np.array(draw(st.lists(often, min_size=people * rounds, max_size=people * rounds))).reshape(people, rounds)
    tied = np.array(draw(st.lists(often, min_size=5 * rounds, max_size=5 * rounds))).reshape(5, rounds)[: len(ends)]
    pairs, two = np.array(ends), list(combinations(range(len(ends)), 2))
    apart = draw(st.lists(st.sampled_from(two), unique=True, max_size=2)) if two else []
    return Agenda(
        ends=pairs,
        open=tied & there[pairs[:, 0]] & there[pairs[:, 1]],
        capacity=there.astype(np.int64),
        room=np.full(rounds, draw(st.integers(1, 3))),
        rank=np.zeros(people, np.int64),
        least=np.ones(people, np.int64),
        apart=np.array(apart, np.int64).reshape(-1, 2),
        spread=draw(st.booleans()),
    )


def even(agenda: Agenda, when: np.ndarray) -> bool:
    each = breaks_of(agenda, when)
    return not agenda.spread or max(each) - min(each) <= 2


def without(agenda: Agenda, *meetings: int) -> Agenda:
    kept = [at for at in range(len(agenda.ends)) if at not in meetings]
    return replace(agenda, ends=agenda.ends[kept], open=agenda.open[kept])


@settings(max_examples=200, deadline=None)
@given(agendas(), st.integers(0, 9))
def test_nothing_has_fewer_breaks(agenda: Agenda, seed: int) -> None:
    totals = [sum(breaks_of(agenda, when)) for when in timetables(agenda) if even(agenda, when)]
    found = agree(agenda, seed=seed)
    assert found.possible == bool(totals)
    if totals:
        assert keeps(agenda, found.when)
        assert even(agenda, found.when)
        assert found.breaks == found.bound == min(totals) == sum(breaks_of(agenda, found.when))


@settings(max_examples=60, deadline=None)
@given(agendas(), st.integers(0, 2_000), st.integers(0, 9))
def test_however_little_is_tried_the_bound_holds(agenda: Agenda, effort: int, seed: int) -> None:
    totals = [sum(breaks_of(agenda, when)) for when in timetables(agenda) if even(agenda, when)]
    found = agree(agenda, seed=seed, effort=effort)
    assert (found.when is not None) == bool(totals)
    if totals:
        assert found.bound <= min(totals) <= found.breaks == sum(breaks_of(agenda, found.when))


def test_a_hopeless_search_ends_when_long_nothing_is_gained(monkeypatch: pytest.MonkeyPatch) -> None:
    seekers = Seekers(even_is_hard(), [Formula(even_is_hard())], 0)
    assert seekers.hopeful(effort=10**9)
    assert not seekers.hopeful(effort=0)
    monkeypatch.setattr("matcher.when.agreed.PATIENCE", 0)
    assert not seekers.hopeful(effort=10**9)


@settings(max_examples=200, deadline=None)
@given(agendas())
def test_few_stand_in_the_way_and_none_of_them_to_spare(agenda: Agenda) -> None:
    agenda = replace(agenda, spread=False, apart=agenda.apart[:0])
    found = obstacle(agenda)
    assert (found is None) == bool(timetables(agenda))
    if found is not None:
        others = [at for at in range(len(agenda.ends)) if at not in found.meetings]
        assert not timetables(without(agenda, *others))
        assert all(timetables(without(agenda, *others, one)) for one in found.meetings)


def even_is_hard() -> Agenda:
    """Six people; p0 meets one of each other two in rounds 1, 3, 5 and 7, the others once: three breaks beside none."""
    ends = np.array([[0, 1], [0, 2], [0, 3], [0, 4]])
    ones = np.ones(5, np.int64)
    return Agenda(
        ends, np.eye(7, dtype=bool)[[0, 2, 4, 6]], np.ones((5, 7), np.int64), np.full(7, 2), 0 * ones, ones, spread=True
    )


def test_three_breaks_more_than_another_are_not_possible() -> None:
    agenda = even_is_hard()
    assert not agree(agenda).possible
    assert (obstacle(agenda).limit, obstacle(agenda).meetings) == ("spread", (0, 1, 2, 3))
    assert agree(replace(agenda, spread=False)).breaks == 3


def event(people: int, rounds: int, meetings: int, tables: int) -> Problem:
    """A crafted event: everybody meets the next ones in a circle."""
    names = [f"p{at}" for at in range(people)]
    pairs = [(names[at % people], names[(at + 1 + at // people) % people]) for at in range(meetings)]
    return Problem(
        Session(rounds=rounds, tables=tables),
        tuple(Person(name, away=frozenset({3}) if at % 5 == 0 else frozenset()) for at, name in enumerate(names)),
        Rules("allow", shared_language=False),
        chosen=tuple(Chosen(pair) for pair in pairs),
    )


def test_an_event_is_held_with_proof() -> None:
    problem = event(20, 9, 50, 7)
    plan = solve(problem, clock=lambda: 0.0)
    assert plan.quality.meetings == 50
    assert plan.quality.breaks == plan.quality.breaks_bound
    assert plan == solve(problem, clock=lambda: 0.0)


def test_a_deadline_leaves_a_plan_and_a_lower_bound() -> None:
    ticks = iter(range(10_000))
    problem = event(20, 9, 60, 7)
    plan = solve(problem, clock=lambda: float(next(ticks)), deadline=8.0)
    assert not breaches(problem, plan)
    assert plan.quality.breaks_bound <= plan.quality.breaks


def test_a_first_timetable_is_sought_though_the_deadline_is_over() -> None:
    plan = solve(event(20, 9, 50, 7), clock=iter(range(100)).__next__, deadline=0.0)
    assert plan.quality.meetings == 50


def test_no_time_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.when.agreed.FIRST", 0)
    found = agree(even_is_hard(), deadline=Deadline(lambda: 1.0, 0.0))
    assert found.when is None
    assert found.possible
    with pytest.raises(NotPossible, match="no timetable was found in time"):
        solve(event(20, 9, 50, 7), clock=iter(range(100)).__next__, deadline=0.5)


def test_more_meetings_than_tables_are_counted_and_not_searched() -> None:
    with pytest.raises(NotPossible, match=r"these 37 meetings cannot all be held at so few tables.* and 29 more"):
        solve(event(20, 9, 40, 4), clock=lambda: 0.0)


def agreed(*pairs: str, rounds: int = 3, tables: int | None = None, **more: object) -> Problem:
    names = ("p1", "p2", "p3", "p4")
    people = more.pop("people", tuple(Person(name) for name in names))
    chosen = tuple(Chosen(("p" + pair[0], "p" + pair[1])) for pair in pairs)
    return Problem(Session(rounds=rounds, tables=tables), people, chosen=chosen, **more)


REFUSED = [
    (agreed("12", keep_apart=(("p2", "p1"),)), "chosen: 'p1' and 'p2' are kept apart"),
    (agreed("12", people=(Person("p1", seated=True), Person("p2", seated=True))), "both stay seated"),
    (agreed("12", locks=(Lock(1, ("p1", "p3")),)), "'p1' and 'p3' in round 1: the two are not among the chosen"),
    (replace(agreed(locks=(Lock(1, ("p1", "p2")),)), chosen=(Chosen(("p1", "p2"), (2,)),)), "not held in that round"),
    (agreed("12", "13", "14", rounds=2), "'p1' has 3 meetings and only 2 rounds for them"),
    (agreed("12", "34", rounds=1, tables=1), "these 2 meetings cannot all be held at so few tables"),
    (agreed("12", "23", "13", rounds=2, tables=3), "these 3 meetings cannot all be held in the rounds when people"),
    (agreed("12", rounds=1, people=(Person("p1", away=frozenset({1})), Person("p2"))), "'p1' has 1 meetings|no round"),
    (
        agreed("12", "13", rounds=1, locks=(Lock(1, ("p1", "p2")),)),
        r"'p1' has 2 meetings and only 1 rounds .*: p1 and p2 \(locked in round 1\), p1 and p3",
    ),
]


@pytest.mark.parametrize(("problem", "sentence"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_what_cannot_be_is_said_in_one_line(problem: Problem, sentence: str) -> None:
    with pytest.raises(NotPossible, match=sentence) as refusal:
        solve(problem, clock=lambda: 0.0)
    assert "\n" not in str(refusal.value)


def test_a_meeting_in_its_own_rounds_is_told_with_them() -> None:
    problem = replace(agreed(), chosen=(Chosen(("p1", "p2"), (2,)), Chosen(("p1", "p3"), (2,))))
    with pytest.raises(NotPossible, match=r"p1 and p2 \(rounds 2\), p1 and p3 \(rounds 2\)"):
        solve(problem, clock=lambda: 0.0)


def test_seated_people_share_a_table_only_at_different_times() -> None:
    """Three with two meetings each at two tables: in three rounds two of them cannot share one, in four they can."""
    people = tuple(Person(f"p{at}", seated=at < 4) for at in range(1, 7))
    pairs = ("14", "15", "25", "26", "36", "34")
    plan = solve(agreed(*pairs, rounds=4, tables=2, people=people), clock=lambda: 0.0)
    assert plan.quality.meetings == 6
    with pytest.raises(NotPossible, match="at the tables that seated people leave free"):
        solve(agreed(*pairs, rounds=3, tables=2, people=people), clock=lambda: 0.0)


def test_a_lock_at_a_table_keeps_a_seated_person_away_from_it() -> None:
    people = (Person("p1", seated=True), Person("p2"), Person("p3"), Person("p4"))
    problem = replace(agreed("12", "13", "34", rounds=2, tables=2), people=people, locks=(Lock(1, ("p3", "p4"), "1"),))
    plan = solve(problem, clock=lambda: 0.0)
    assert {one.table for one in plan.meetings if "p1" in one.people} == {"2"}


def test_a_lock_of_a_seated_person_says_where_that_one_sits() -> None:
    people = tuple(Person(f"p{at}", seated=at == 0) for at in range(4))
    pairs = ("p0", "p1"), ("p2", "p3"), ("p0", "p2"), ("p1", "p3")
    session, locks = Session(rounds=2, tables=("A", "B")), (Lock(1, ("p0", "p1"), "B"),)
    problem = Problem(session, people, chosen=tuple(map(Chosen, pairs)), locks=locks)
    held = solve(problem, clock=lambda: 0.0).meetings
    assert {(one.round, one.table) for one in held if "p0" in one.people} == {(1, "B"), (2, "B")}
    assert len(held) == 4


def test_interpreters_come_where_they_can() -> None:
    people = (Person("p1", languages=("en",)), Person("p2", languages=("fr",)), Person("p3", languages=("fr",)))
    helpers = (Interpreter("i1", ("en", "fr"), frozenset({2})),)
    problem = agreed("12", "13", rounds=2, people=people, interpreters=helpers)
    plan = solve(problem, clock=lambda: 0.0)
    assert [one.interpreter for one in plan.meetings] == ["i1", None]


@settings(max_examples=150, deadline=None)
@given(sessions("pairs", most=6, rounds=4, helped=True, agreed=True))
def test_whatever_is_agreed_is_held_or_refused(problem: Problem) -> None:
    try:
        plan = solve(problem, clock=lambda: 0.0)
    except NotPossible:
        return
    assert not breaches(problem, plan)
    assert plan.quality.breaks_bound == plan.quality.breaks


def test_too_many_are_found_without_a_search() -> None:
    ones = np.ones(30, np.int64)
    ends = np.array([[0, other] for other in range(1, 30)])
    agenda = Agenda(ends, np.ones((29, 20), bool), np.ones((30, 20), np.int64), np.full(20, 9), 0 * ones, ones)
    found = too_many(agenda)
    assert (found.limit, found.person, len(found.meetings)) == ("person", 0, 21)
