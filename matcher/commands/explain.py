"""`rondo explain`: why these two, why not that wish, and what each rule costs."""

import time
from dataclasses import fields
from pathlib import Path

import click

from matcher.check import breaches
from matcher.commands.bar import Bar
from matcher.commands.files import file_argument, read, refuse_outputs, write
from matcher.commands.words import Refusal, count
from matcher.errors import MatcherError
from matcher.explain import Explanation
from matcher.explain import explain as explain_plan
from matcher.plan import Plan, Quality, Unmet, UnmetCode
from matcher.problem import KindWish
from matcher.wire import lay_out, read_plan, read_problem, told_reason


@click.command(epilog="Example: rondo explain problem.json plan.json --out why.json")
@click.argument("problem_file", metavar="PROBLEM.json", type=file_argument)
@click.argument("plan_file", metavar="PLAN.json", type=file_argument)
@click.option("--out", metavar="FILE", type=file_argument, help="Write there instead of to the terminal.")
def explain(problem_file: Path, plan_file: Path, *, out: Path | None) -> None:
    """Say why: the reasons of each meeting, the code of each unmet wish, and what each rule costs.

    The answer is JSON. For each rule in force it has the benefit and the lowest satisfaction of a plan without that
    rule, made anew; that takes as long as planning once for each rule.
    Exit status 1 where the plan breaks a rule, 2 where a file cannot be read.
    """
    refuse_outputs([problem_file, plan_file], [] if out is None else [out])
    bar = Bar()
    try:
        problem = read_problem(read(problem_file), name=str(problem_file))
        plan = read_plan(read(plan_file), name=str(plan_file))
        if found := breaches(problem, plan):
            click.echo(f"rondo: {plan_file}: breaks {count(len(found), 'rule')}; rondo check says which", err=True)
            raise SystemExit(1)
        text = _text(plan, explain_plan(problem, plan, clock=time.monotonic, progress=bar))
    except MatcherError as error:
        raise Refusal(str(error)) from None
    finally:
        bar.close()
    if out is None:
        click.echo(text, nl=False)
    else:
        write({out: text})


def _text(plan: Plan, found: Explanation) -> str:
    return lay_out(
        {
            "rondo": 1,
            "session": plan.session,
            "version": plan.version,
            "meetings": [
                {
                    "round": meeting.round, "table": meeting.table, "people": meeting.people, "host": meeting.host,
                    "benefit": meeting.benefit, "reasons": [told_reason(reason) for reason in reasons],
                }
                for meeting, reasons in found.meetings
            ],
            "interpreters": [
                {"interpreter": meeting.interpreter, "round": meeting.round, "table": meeting.table}
                for meeting, _ in found.meetings
                if meeting.interpreter
            ],
            "unmet": [*map(_wish, found.unmet), *(_kind(*row) for row in found.unmet_kinds)],
            "rules": [
                {
                    "rule": cost.rule, "benefit": cost.benefit, "lowest_satisfaction": cost.lowest_satisfaction,
                    "without": _figures(cost.without),
                }
                for cost in found.costs
            ],
        }
    )  # fmt: skip


def _wish(one: Unmet) -> dict[str, object]:
    return {"person": one.person, "wish": one.wish, "code": one.code}


def _kind(who: str, wish: KindWish, code: UnmetCode) -> dict[str, object]:
    return {"person": who, "wish": {wish.kind: wish.value}, "code": code}


def _figures(quality: Quality) -> dict[str, object]:
    kept = ("meetings", "benefit", "bound", "lowest_satisfaction", "lowest_bound")
    return {field.name: getattr(quality, field.name) for field in fields(Quality) if field.name in kept}
