"""Plans changed by hand: what is told of them anew is what the referee counts, whatever was changed."""

from dataclasses import replace

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from matcher.byhand import retell
from matcher.check import breaches, broken_rules, shares
from matcher.engine import solve
from matcher.plan import Plan
from matcher.problem import Host, Interpreter, Person, Problem, Session
from tests.breadth import breadth
from tests.matcher.strategies import KINDS, sessions
from tests.matcher.test_honesty import solved
from tests.matcher.test_interpreters import rooms, still

OPEN = [kind for kind in KINDS if kind != "pairs agreed beforehand"]
FREE = [kind for kind in OPEN if kind != "stations in groups"]


@pytest.mark.parametrize("kind", OPEN)
@settings(max_examples=breadth(25, quick=12), deadline=None)
@given(st.data())
def test_what_nobody_changed_is_told_as_it_was(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(**KINDS[kind]))
    plan = solved(problem)
    assert retell(problem, plan) == plan
    assert broken_rules(problem, plan) == []
    share = shares(problem, plan)
    assert set(share) == {person.id for person in problem.people}
    assert min(share.values(), default=1.0) == pytest.approx(plan.quality.lowest_satisfaction, abs=0.0005)


@pytest.mark.parametrize("kind", FREE)
@settings(max_examples=breadth(25, quick=12), deadline=None)
@given(st.data())
def test_what_is_left_of_a_plan_is_told_as_the_referee_counts_it(kind: str, data: st.DataObject) -> None:
    problem = data.draw(sessions(**KINDS[kind]))
    problem = replace(problem, locks=())
    plan = solved(problem)
    assume(plan.meetings)
    kept = data.draw(st.sets(st.sampled_from(range(len(plan.meetings)))))
    fewer = retell(problem, replace(plan, meetings=tuple(plan.meetings[at] for at in sorted(kept))))
    assert [(one.round, one.table, one.people) for one in fewer.meetings] == [
        (plan.meetings[at].round, plan.meetings[at].table, plan.meetings[at].people) for at in sorted(kept)
    ]
    assert breaches(problem, fewer) == []
    assert breaches(problem, replace(fewer, quality=replace(fewer.quality, benefit=fewer.quality.benefit + 1)))


@settings(max_examples=breadth(80, quick=15), deadline=None)
@given(rooms(), st.data())
def test_interpreters_come_where_they_are_missed_and_go_where_they_are_not(
    problem: Problem, data: st.DataObject
) -> None:
    plan = solve(problem, clock=still)
    helpers = [None, *(one.id for one in problem.interpreters), "somebody who has left"]
    mixed = tuple(replace(one, interpreter=data.draw(st.sampled_from(helpers))) for one in plan.meetings)
    told = retell(problem, replace(plan, meetings=mixed))
    missing = [
        one for one, was in zip(told.meetings, plan.meetings, strict=True) if was.interpreter and not one.interpreter
    ]
    event("some are missed" if missing else "nobody is missed")
    assert bool(broken_rules(problem, told)) is bool(missing)
    for one in problem.interpreters:
        busy = [meeting.round for meeting in told.meetings if meeting.interpreter == one.id]
        assert len(set(busy)) == len(busy)
        assert not one.away & set(busy)


def talk(interpreter: Interpreter, rounds: int = 1) -> tuple[Problem, Plan]:
    """A specialist and a guest who share no language, as often as there are rounds and guests."""
    guests = tuple(Person(f"p{at}", languages=("fr",), seeks=("law",)) for at in range(rounds))
    host = Host("h", languages=("en",), topics=("law",))
    problem = Problem(Session(rounds=rounds, format="clinics"), guests, hosts=(host,), interpreters=(interpreter,))
    return problem, solve(problem, clock=still)


def test_an_interpreter_has_rests_and_is_not_sent_while_away() -> None:
    problem, plan = talk(Interpreter("i", ("en", "fr"), most_in_a_row=3), rounds=3)
    assert [one.interpreter for one in plan.meetings] == ["i"] * 3
    tired = replace(problem, interpreters=(Interpreter("i", ("en", "fr"), most_in_a_row=2),))
    assert [one.interpreter for one in retell(tired, plan).meetings] == ["i", "i", None]
    away = replace(problem, interpreters=(Interpreter("i", ("en", "fr"), frozenset({1})),))
    assert [one.interpreter for one in retell(away, plan).meetings] == [None, "i", "i"]
    other = replace(problem, interpreters=(Interpreter("j", ("en", "km")),))
    assert [one.interpreter for one in retell(other, plan).meetings] == [None] * 3


def test_a_bound_that_is_passed_gives_way() -> None:
    people = tuple(Person(f"p{at}") for at in range(4))
    problem = Problem(Session(rounds=1), people, benefits=(("p0", "p1", 500), ("p2", "p3", 500)))
    plan = solve(problem, clock=still)
    lower = replace(plan, quality=replace(plan.quality, bound=1, lowest_bound=0.1))
    told = retell(problem, lower).quality
    assert (told.benefit, told.bound, told.lowest_bound) == (1000, 1000, 1.0)
    assert solved(problem).quality.bound == 1000
