"""Why: reasons that add up, codes for wishes, and what each rule costs."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from matcher import cli
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.explain import explain
from matcher.problem import KindWish, Lock, Person, Problem, Rules, Session
from matcher.wire import write_plan, write_problem
from tests.breadth import breadth
from tests.matcher import problems as any_problem
from tests.matcher.strategies import KINDS, problems, sessions
from tests.matcher.test_honesty import solved


def still() -> float:
    return 0.0


def room(**more: object) -> Problem:
    people = (
        Person("p1", organisation="o1", languages=("en",), wishes=("p2", "p4", KindWish("role", "donor"))),
        Person("p2", organisation="o1", languages=("en",)),
        Person("p3", languages=("en",), wishes=("p4", KindWish("organisation", "o9"))),
        Person("p4", languages=("km", "en"), role="donor"),
        Person("p5", languages=("km",), wishes=("p3",)),
        Person("p6", languages=("km", "en")),
    )
    return Problem(Session(rounds=1), people, **more)


@settings(max_examples=breadth(30, quick=12), deadline=None)
@given(problems(most=6))
def test_the_reasons_of_a_meeting_add_up_to_its_benefit(problem):
    plan = solve(problem, clock=still)
    told = explain(problem, plan, clock=still).meetings
    assert [meeting for meeting, _ in told] == list(plan.meetings)
    assert all(sum(reason.points for reason in reasons) == meeting.benefit for meeting, reasons in told)


@settings(max_examples=20, deadline=None)
@given(any_problem.problems(most=5, locks=False, given=False))
def test_from_profiles_too(problem):
    plan = solve(problem, clock=still)
    found = explain(problem, plan, clock=still)
    assert all(sum(reason.points for reason in reasons) == meeting.benefit for meeting, reasons in found.meetings)
    assert found.unmet == plan.unmet


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=breadth(10, quick=5), deadline=None)
@given(st.data())
def test_every_format_is_explained(kind, data):
    problem = data.draw(sessions(**KINDS[kind], most=5, rounds=2))
    plan = solved(problem)
    try:
        found = explain(problem, plan, clock=still)
    except NotPossible:
        reject()
    assert all(sum(reason.points for reason in reasons) == meeting.benefit for meeting, reasons in found.meetings)
    assert found.unmet == plan.unmet
    assert all(cost.benefit == cost.without.benefit - plan.quality.benefit for cost in found.costs)


def test_each_wish_that_is_not_granted_has_its_code():
    problem = room()
    found = explain(problem, solve(problem, clock=still), clock=still)
    told = {(one.person, one.wish): one.code for one in found.unmet}
    told |= {(who, wish): code for who, wish, code in found.unmet_kinds}
    assert told[("p1", "p2")] == "not_possible"
    assert told[("p5", "p3")] == "no_shared_language"
    assert told[("p3", KindWish("organisation", "o9"))] == "not_possible"
    assert ("p1", KindWish("role", "donor")) not in told
    assert told.get(("p3", "p4")) == "clash"


def test_each_rule_in_force_has_its_cost_and_no_other():
    problem = room()
    names = [cost.rule for cost in explain(problem, solve(problem, clock=still), clock=still).costs]
    assert names == ["same_organisation", "shared_language", "floor"]
    more = room(
        rules=Rules("allow", shared_language=False, limit=1),
        keep_apart=(("p1", "p4"),), met_before=(("p1", "p3"),), locks=(Lock(1, ("p1", "p5")),),
    )  # fmt: skip
    names = [cost.rule for cost in explain(more, solve(more, clock=still), clock=still).costs]
    assert names == ["limit", "keep_apart", "met_before", "locks", "floor"]


def test_a_rule_costs_what_is_gained_without_it():
    people = tuple(Person(f"p{at}") for at in range(4))
    benefits = (("p0", "p1", 900), ("p2", "p3", 800), ("p0", "p2", 100), ("p1", "p3", 100))
    problem = Problem(Session(rounds=1), people, keep_apart=(("p0", "p1"),), benefits=benefits)
    plan = solve(problem, clock=still)
    costs = {cost.rule: cost for cost in explain(problem, plan, clock=still).costs}
    assert (plan.quality.benefit, costs["keep_apart"].benefit, costs["keep_apart"].without.benefit) == (200, 1500, 1700)
    assert costs["same_organisation"].benefit == 0


@pytest.fixture
def files(tmp_path):
    problem, paths = room(keep_apart=(("p1", "p4"),)), (tmp_path / "problem.json", tmp_path / "plan.json")
    paths[0].write_text(write_problem(problem), encoding="utf-8")
    paths[1].write_text(write_plan(solve(problem, clock=still)), encoding="utf-8")
    return paths


def run(*arguments: object):
    return CliRunner().invoke(cli.main, ["explain", *map(str, arguments)])


def test_the_command_answers_in_one_call_and_tells_nobody_who_is_kept_apart(files, tmp_path):
    told = run(*files)
    assert (told.exit_code, told.stderr) == (0, "")
    answer = json.loads(told.stdout)
    assert {"meetings", "unmet", "rules"} < set(answer)
    assert {"person": "p1", "wish": "p4", "code": "not_possible"} in answer["unmet"]
    assert [row["rule"] for row in answer["rules"]] == ["same_organisation", "shared_language", "keep_apart", "floor"]
    assert '"keep_apart"' in told.stdout.partition('"rules"')[2]
    assert "keep_apart" not in told.stdout.partition('"rules"')[0]
    assert run(*files, "--out", tmp_path / "why.json").exit_code == 0
    assert (tmp_path / "why.json").read_text(encoding="utf-8") == told.stdout


def test_a_plan_that_breaks_a_rule_is_not_explained(files):
    plan = json.loads(files[1].read_bytes())
    plan["meetings"][0]["benefit"] += 1
    files[1].write_text(json.dumps(plan), encoding="utf-8")
    told = run(*files)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "rondo check says which" in told.stderr
    files[1].unlink()
    assert run(*files).exit_code == 2
