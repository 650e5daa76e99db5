"""`rondo check`: judge a plan."""

from pathlib import Path

import click

from matcher.check import breaches
from matcher.commands.files import file_argument, read
from matcher.commands.words import Refusal, line, summary
from matcher.errors import MatcherError
from matcher.wire import read_plan, read_problem


@click.command(epilog="Example: rondo check problem.json plan.json")
@click.argument("problem_file", metavar="PROBLEM.json", type=file_argument)
@click.argument("plan_file", metavar="PLAN.json", type=file_argument)
def check(problem_file: Path, plan_file: Path) -> None:
    """Judge a plan against its problem.

    Prints every broken rule as one sentence. Exit status 0 where no rule is broken, 1 where one is,
    2 where a file cannot be read.
    """
    try:
        problem = read_problem(read(problem_file), name=str(problem_file))
        plan = read_plan(read(plan_file), name=str(plan_file))
    except MatcherError as error:
        raise Refusal(str(error)) from None
    found = breaches(problem, plan)
    for sentence in found:
        click.echo(line(sentence))
    if found:
        raise SystemExit(1)
    click.echo(f"No rule is broken. {summary(problem, plan)}")
