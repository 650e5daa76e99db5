"""`rondo repair`: people are missing, late or kept apart, a table is lost, and the rounds go on."""

import time
from pathlib import Path

import click

from matcher.commands.bar import Bar
from matcher.commands.files import file_argument, read, refuse_outputs, write
from matcher.commands.words import Fault, Refusal, count, line, located
from matcher.engine import BrokenPlan
from matcher.errors import MatcherError
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.again import repaired
from matcher.repair.changes import Changes
from matcher.wire import read_latecomers, read_plan, read_problem, write_plan, write_problem

Told = dict[str, tuple[str, ...]]


@click.command(epilog="Example: rondo repair problem.json plan.json --from-round 3 --absent p7 --out plan2.json")
@click.argument("problem_file", metavar="PROBLEM.json", type=file_argument)
@click.argument("plan_file", metavar="PLAN.json", type=file_argument)
@click.option("--from-round", metavar="K", type=int, required=True, help="The first round that may still change.")
@click.option("--absent", metavar="ID", multiple=True, help="Who is not there from round K on.")
@click.option(
    "--late",
    "late_file",
    metavar="PEOPLE.json",
    type=file_argument,
    help='Who joins from round K on: a list of people as in a problem, each with "benefits": [[ID, 300], …] if the '
    'problem has benefits; or {"people": […], "benefits": [[ID, ID, 300], …]}.',
)
@click.option("--leaves", metavar="ID:ROUND", multiple=True, help="Who is not there from a later round on.")
@click.option("--lost-table", metavar="NAME", multiple=True, help="A table that cannot be used from round K on.")
@click.option("--lost-host", metavar="ID", multiple=True, help="A host who is not there from round K on.")
@click.option("--lost-interpreter", metavar="ID", multiple=True, help="An interpreter who is not there any more.")
@click.option("--keep-apart", metavar="ID:ID", multiple=True, help="Two people who share no table from round K on.")
@click.option("--problem-out", metavar="PROBLEM2.json", type=file_argument, help="Also write the problem as it is now.")
@click.option("--out", metavar="PLAN2.json", type=file_argument, required=True, help="Where the plan is written.")
def repair(
    problem_file: Path,
    plan_file: Path,
    *,
    from_round: int,
    late_file: Path | None,
    problem_out: Path | None,
    out: Path,
    **told: tuple[str, ...],
) -> None:
    """Make a plan good again for those who are there, so that most cards in people's hands stay right.

    Rounds before K stay as they are. From round K on nobody rests who could have a partner, and as few people as can
    be must go to another table than their card says; the plan names them under "stale", with a proven lower bound.
    Exit status 2 where a file or an option cannot be used; then nothing is written.
    """
    inputs = [problem_file, plan_file, *([] if late_file is None else [late_file])]
    outputs = [path for path in (out, problem_out) if path is not None]
    refuse_outputs(inputs, outputs)
    bar = Bar()
    try:
        problem = read_problem(read(problem_file), name=str(problem_file))
        plan = read_plan(read(plan_file), name=str(plan_file))
        changes = _changes(problem, from_round, late_file, told)
        now, fresh = repaired(problem, plan, changes, clock=time.monotonic)
    except MatcherError as error:
        known = (str(plan_file), str(late_file), "--")
        raise Refusal(str(error) if str(error).startswith(known) else located(error, problem_file)) from None
    except BrokenPlan as error:
        raise Fault(f"{problem_file}: this is a fault in rondo, please report it with the file: {error}") from error
    finally:
        bar.close()
    write({out: write_plan(fresh)} | ({} if problem_out is None else {problem_out: write_problem(now)}))
    click.echo(f"{_summary(fresh, from_round)} Written to {out} in {fresh.quality.seconds:.1f} s.")
    if fresh.stale:
        click.echo(line(f"Stale: {', '.join(fresh.stale)}"))


def _changes(problem: Problem, from_round: int, late_file: Path | None, told: Told) -> Changes:
    people, benefits = ((), ()) if late_file is None else read_latecomers(read(late_file), name=str(late_file))
    known = {one.id for one in (*problem.people, *people)}
    return Changes(
        from_round=from_round,
        absent=told["absent"],
        leaves=tuple(_leaver(text) for text in told["leaves"]),
        late=people,
        late_benefits=benefits,
        lost_tables=told["lost_table"],
        lost_hosts=told["lost_host"],
        lost_interpreters=told["lost_interpreter"],
        keep_apart=tuple(_two(text, known) for text in told["keep_apart"]),
    )


def _leaver(text: str) -> tuple[str, int]:
    name, _, number = text.rpartition(":")
    if not name or not (number.isascii() and number.isdecimal()):
        raise Refusal(f"--leaves {text}: write the id and the first round missed, as in p7:4")
    return name, int(number)


def _two(text: str, known: set[str]) -> tuple[str, str]:
    """Split at a colon; an id may hold one itself."""
    splits = [(text[:at], text[at + 1 :]) for at, letter in enumerate(text) if letter == ":"]
    if not splits:
        raise Refusal(f"--keep-apart {text}: write two ids, as in p7:p9")
    return next((pair for pair in splits if set(pair) <= known), splits[0])


def _summary(plan: Plan, from_round: int) -> str:
    stale, bound = len(plan.stale or ()), plan.quality.stale_bound
    rests = sum(rest.round >= from_round for rest in plan.rests)
    proof = "proven the fewest" if stale == bound else f"proven at least {bound}"
    return (
        f"Version {plan.version}: {count(stale, 'card')} stale ({proof}), "
        f"{count(rests, 'rest')} from round {from_round} on."
    )
