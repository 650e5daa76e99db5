"""The study's own commands, `match` and `check`: files in, files out, no web and no database."""

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Timer

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from matcher.benefit import matrix
from matcher.check import breaches
from matcher.engine import BrokenPlan, solve
from matcher.errors import MatcherError
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.refusals import lonely, refuse_later
from matcher.wire import read_plan, read_problem, write_benefits, write_plan

PATIENCE = 1.0
MOST_NOTES = 5


class Refusal(click.ClickException):
    """A file or an option that cannot be used: one line on stderr, exit status 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click hands a file over, stderr is always right here
        """Print the sentence."""
        click.echo(f"rondo: {_line(self.message)}", err=True)


class Fault(Refusal):
    """The engine broke its own rules: exit status 3, and nothing is written."""

    exit_code = 3


class Bar:
    """A progress bar that appears after a second, also while nobody reports, and only on a terminal."""

    def __init__(self, patience: float = PATIENCE) -> None:
        words, console = TextColumn("{task.description}"), Console(stderr=True)
        self._bar = Progress(words, BarColumn(), TimeElapsedColumn(), console=console, transient=True)
        self._task = self._bar.add_task("read", total=1.0)
        self._wait = Timer(patience, self._bar.start)
        self._wait.daemon = True
        if console.is_terminal:
            self._wait.start()

    def __call__(self, fraction: float, what: str) -> None:
        """Tell how far the work is: a fraction from 0 to 1, and what is being done."""
        self._bar.update(self._task, completed=fraction, description=what)

    def close(self) -> None:
        """Take the bar away, or see to it that it never comes."""
        self._wait.cancel()
        if self._wait.is_alive():
            self._wait.join()
        if self._bar.live.is_started:
            self._bar.stop()


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:  # noqa: ARG001
    if value is not None and not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"{value} is not a number of seconds above 0")
    return value


file_argument = click.Path(path_type=Path)


@click.command(epilog="Example: rondo match problem.json --out plan.json --seconds 20")
@click.argument("problem_file", metavar="PROBLEM.json", type=file_argument)
@click.option("--out", metavar="PLAN.json", type=file_argument, required=True, help="Where the plan is written.")
@click.option("--seconds", type=float, callback=_seconds, help="Stop after so many seconds with the best plan so far.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Decides between equals.")
@click.option("--no-floor", is_flag=True, help="Do not raise the worst-off; the total benefit alone counts.")
@click.option(
    "--benefits-out", metavar="FILE", type=file_argument, help="Also write the benefit of every pair above 0."
)
def match(
    problem_file: Path, out: Path, *, seconds: float | None, seed: int, no_floor: bool, benefits_out: Path | None
) -> None:
    """Plan who meets whom, in which round and at which table.

    Reads PROBLEM.json, writes the plan with a proof of how good it is, and says so in one sentence.
    Exit status 2 where a file or an option cannot be used; then nothing is written.
    """
    outputs = [path for path in (out, benefits_out) if path is not None]
    _refuse_outputs(problem_file, outputs)
    bar = Bar()
    try:
        problem = read_problem(_read(problem_file), name=str(problem_file))
        refuse_later(problem)
        _tell_lonely(problem)
        plan = solve(problem, seed=seed, floor=not no_floor, deadline=seconds, clock=time.monotonic, progress=bar)
    except MatcherError as error:
        raise Refusal(_located(error, problem_file)) from None
    except BrokenPlan as error:
        raise Fault(f"{problem_file}: this is a fault in rondo, please report it with the file: {error}") from error
    finally:
        bar.close()
    texts = {out: write_plan(plan)}
    if benefits_out is not None:
        texts[benefits_out] = _benefits(problem)
    _write(texts)
    click.echo(f"{_summary(problem, plan)} Written to {out} in {plan.quality.seconds:.1f} s.")


@click.command(epilog="Example: rondo check problem.json plan.json")
@click.argument("problem_file", metavar="PROBLEM.json", type=file_argument)
@click.argument("plan_file", metavar="PLAN.json", type=file_argument)
def check(problem_file: Path, plan_file: Path) -> None:
    """Judge a plan against its problem.

    Prints every broken rule as one sentence. Exit status 0 where no rule is broken, 1 where one is,
    2 where a file cannot be read.
    """
    try:
        problem = read_problem(_read(problem_file), name=str(problem_file))
        plan = read_plan(_read(plan_file), name=str(plan_file))
    except MatcherError as error:
        raise Refusal(str(error)) from None
    found = _breaches(problem, plan, problem_file)
    for sentence in found:
        click.echo(_line(sentence))
    if found:
        raise SystemExit(1)
    click.echo(f"No rule is broken. {_summary(problem, plan)}")


def _breaches(problem: Problem, plan: Plan, problem_file: Path) -> list[str]:
    try:
        refuse_later(problem)
    except MatcherError as error:
        raise Refusal(_located(error, problem_file)) from None
    return breaches(problem, plan)


commands: tuple[click.Command, ...] = (match, check)


@click.group(commands=list(commands))
def main() -> None:
    """Plan timed rounds from files, without the web."""


def _located(error: MatcherError, path: Path) -> str:
    text = str(error)
    return text if text.startswith(str(path)) else f"{path}: {text}"


def _tell_lonely(problem: Problem) -> None:
    found = lonely(problem)
    for name, why in found[:MOST_NOTES]:
        click.echo(_line(f"{name} can meet nobody: {why}"), err=True)
    if len(found) > MOST_NOTES:
        click.echo(f"{_count(len(found) - MOST_NOTES, 'other')} can meet nobody", err=True)


def _line(text: str) -> str:
    """Keep a sentence on one line: what an unreadable id holds is shown, not obeyed."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _summary(problem: Problem, plan: Plan) -> str:
    quality, people = plan.quality, len(problem.people)
    return (
        f"{_count(quality.meetings, 'meeting')} in {_count(problem.session.rounds, 'round')} "
        f"for {people} {'person' if people == 1 else 'people'}, "
        f"{_count(len(plan.rests), 'rest')}; "
        f"benefit {quality.benefit}, proven at most {quality.bound} (gap {quality.gap:.6f}); "
        f"the worst-off gets {quality.lowest_satisfaction:.1%} of the best possible."
    )


def _benefits(problem: Problem) -> str:
    upper = np.triu(matrix(problem), 1)
    ids = [person.id for person in problem.people]
    rows, columns = np.nonzero(upper)
    values = upper[rows, columns].tolist()
    pairs = zip(rows.tolist(), columns.tolist(), values, strict=True)
    return write_benefits((ids[one], ids[other], value) for one, other, value in pairs)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from None


def _refuse_outputs(problem_file: Path, outputs: list[Path]) -> None:
    """Say so before the work begins where a file cannot be written."""
    places = [path.resolve() for path in (problem_file, *outputs)]
    if len(set(places)) < len(places):
        raise Refusal("the same file is named twice; give every file a name of its own")
    for path in outputs:
        if path.is_dir():
            raise Refusal(f"{path}: is a folder; name a file")
        if not path.parent.is_dir():
            raise Refusal(f"{path}: the folder {path.parent} does not exist; create it first")
        if not os.access(path.parent, os.W_OK) and not path.exists():
            raise Refusal(f"{path}: the folder {path.parent} cannot be written to")


def _write(texts: Mapping[Path, str]) -> None:
    """Write all or none: into neighbours first, which then take the names; a device is written to as it is."""
    ready: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            special = path.exists() and not path.is_file()
            ready[path] = path if special else path.with_name(f".{path.name}.{os.getpid()}.part")
            ready[path].write_text(text, encoding="utf-8", newline="\n")
        for path, part in ready.items():
            if part != path:
                part.replace(path)
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        for path, part in ready.items():
            if part != path:
                part.unlink(missing_ok=True)


if __name__ == "__main__":
    main(prog_name="rondo")
