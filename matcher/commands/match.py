"""`rondo match`: plan one session, or all sessions of an event with one memory."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from matcher.benefit import matrix, visits
from matcher.commands.bar import Bar
from matcher.commands.files import file_argument, read, refuse_outputs, write
from matcher.commands.words import Fault, Refusal, count, located, summary, tell_crowded, tell_lonely
from matcher.engine import BrokenPlan
from matcher.errors import MatcherError
from matcher.problem import Problem
from matcher.several import solve_all
from matcher.wire import read_problem, write_benefits, write_plan, write_problem


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:  # noqa: ARG001
    if value is not None and not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"{value} is not a number of seconds above 0")
    return value


@click.command(epilog="Example: rondo match problem.json --out plan.json --seconds 20")
@click.argument("problem_files", metavar="PROBLEM.json...", type=file_argument, nargs=-1, required=True)
@click.option(
    "--out",
    "outs",
    metavar="PLAN.json",
    type=file_argument,
    required=True,
    multiple=True,
    help="Where the plan is written; with several problems once for each, or a folder.",
)
@click.option("--seconds", type=float, callback=_seconds, help="Stop after so many seconds with the best plan so far.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Decides between equals.")
@click.option("--no-floor", is_flag=True, help="Do not raise the worst-off; the total benefit alone counts.")
@click.option("--meet-again", is_flag=True, help="With several problems: people may meet once in each of them.")
@click.option(
    "--problems-out",
    metavar="FOLDER",
    type=file_argument,
    help="With several problems: also write each as it was solved, with what is remembered from those before it.",
)
@click.option(
    "--benefits-out", metavar="FILE", type=file_argument, help="Also write the benefit of every pair above 0."
)
def match(
    problem_files: tuple[Path, ...],
    outs: tuple[Path, ...],
    *,
    seconds: float | None,
    seed: int,
    no_floor: bool,
    meet_again: bool,
    problems_out: Path | None,
    benefits_out: Path | None,
) -> None:
    """Plan who meets whom, in which round and at which table.

    Reads PROBLEM.json, writes the plan with a proof of how good it is, and says so in one sentence. Several problems
    are planned one after another with one memory: nobody sits in two sessions at the same time, nobody meets twice, and
    a wish is granted once.
    Exit status 2 where a file or an option cannot be used; then nothing is written.
    """
    plans_to = _places(problem_files, outs, problems_out, benefits_out)
    bar = Bar()
    try:
        problems = _problems(problem_files)
        solved = solve_all(
            problems,
            names=[str(path) for path in problem_files],
            again=meet_again,
            seed=seed,
            floor=not no_floor,
            deadline=seconds,
            clock=time.monotonic,
            progress=bar,
        )
    except MatcherError as error:
        raise Refusal(located(error, problem_files[0]) if len(problem_files) == 1 else str(error)) from None
    except BrokenPlan as error:
        named = " ".join(map(str, problem_files))
        raise Fault(f"{named}: this is a fault in rondo, please report it with the file: {error}") from error
    finally:
        bar.close()
    texts = {path: write_plan(plan) for path, (_, plan) in zip(plans_to, solved, strict=True)}
    if benefits_out is not None:
        texts[benefits_out] = _benefits(problems[0])
    if problems_out is not None:
        carried = zip(problem_files, solved, strict=True)
        texts |= {problems_out / f"{path.stem}.problem.json": write_problem(problem) for path, (problem, _) in carried}
    write(texts)
    for path, (problem, plan) in zip(plans_to, solved, strict=True):
        click.echo(f"{summary(problem, plan)} Written to {path} in {plan.quality.seconds:.1f} s.")


def _problems(paths: Sequence[Path]) -> list[Problem]:
    problems = []
    for path in paths:
        problem = read_problem(read(path), name=str(path))
        tell_lonely(problem)
        tell_crowded(problem)
        problems.append(problem)
    return problems


def _places(
    problems: Sequence[Path], outs: Sequence[Path], problems_out: Path | None, benefits_out: Path | None
) -> list[Path]:
    """Return where each plan goes; refuse before the work begins what cannot be written."""
    places = list(outs)
    if len(problems) > 1 and len(outs) == 1 and outs[0].is_dir():
        places = [outs[0] / f"{path.stem}.plan.json" for path in problems]
    if len(places) != len(problems):
        raise Refusal(
            f"{count(len(problems), 'problem')} and {count(len(outs), 'place')} for plans; "
            "name --out once for each problem, or one folder that exists"
        )
    if benefits_out is not None and len(problems) > 1:
        raise Refusal("--benefits-out is for one problem; leave it out")
    more = [] if problems_out is None else [problems_out / f"{path.stem}.problem.json" for path in problems]
    refuse_outputs(problems, [*places, *more, *([] if benefits_out is None else [benefits_out])])
    return places


def _benefits(problem: Problem) -> str:
    """Every pair above 0; where people come to hosts, every visit."""
    ids = [person.id for person in problem.people]
    worth = visits(problem) if problem.hosted else np.triu(matrix(problem), 1)
    others = [host.id for host in problem.visited] if problem.hosted else ids
    rows, columns = np.nonzero(worth)
    pairs = zip(rows.tolist(), columns.tolist(), worth[rows, columns].tolist(), strict=True)
    return write_benefits((ids[one], others[other], value) for one, other, value in pairs)
