"""`python -m tests.benchmarks`: this engine beside other ways to plan, as one table."""

import signal
import sys
from dataclasses import dataclass, replace
from math import isfinite

import click

from tests.benchmarks import growth as growing
from tests.benchmarks import trial
from tests.benchmarks.judged import most_meetings
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.race import BARE, ENGINE, Score, race
from tests.benchmarks.report import Report, Row, report_for
from tests.benchmarks.rivals import RIVALS

SIZES = (60, 120, 240)


@dataclass(frozen=True, slots=True)
class Effort:
    """Seconds for planners that stop when told to, and seconds after which any planner is stopped."""

    seconds: float
    patience: float


class Finite(click.FloatRange):
    """A range of numbers; what is not a number at all lies in no range."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is not finite, such as `nan`, which every comparison lets through."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


@click.command(epilog="Example: python -m tests.benchmarks --people 60 --people 120 --only greedy")
@click.option("--people", type=click.IntRange(2, 3000), multiple=True, default=SIZES, show_default=True, help="Sizes.")
@click.option("--rounds", type=click.IntRange(1, 50), default=7, show_default=True, help="Rounds of the session.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed, another conference.")
@click.option(
    "--seconds", type=Finite(1), default=20.0, show_default=True, help="Deadline of CP-SAT and of this engine."
)
@click.option("--patience", type=Finite(1), default=180.0, show_default=True, help="Stop any planner then.")
@click.option("--keep-apart", type=click.IntRange(0), help="Pairs kept apart.  [default: one for six people]")
@click.option("--away", type=Finite(0, 1), default=0.0, help="Share of people who miss some rounds.")
@click.option("--sides", is_flag=True, help="Two sides that meet each other only.")
@click.option("--profiles", is_flag=True, help="Benefits from profiles in place of given numbers.")
@click.option("--growth/--no-growth", default=False, help="Then show how time and memory grow to 10,000 people.")
@click.option("--only", type=click.Choice(list(RIVALS)), multiple=True, help="Measure only these beside the engine.")
def main(
    people: tuple[int, ...], *, only: tuple[str, ...], seconds: float, patience: float, growth: bool, **recipe: object
) -> None:
    """Measure this engine beside other ways to plan the same conferences under the same rules.

    First everybody plans five small rooms; exit status 1, and no table, where anybody breaks a rule there.
    """
    mix = _recipe(**recipe)  # type: ignore[arg-type]
    rivals = list(only or RIVALS)
    missing = {who: reason for who in rivals if (reason := RIVALS[who].needs())}
    _stop(trial.faults([who for who in rivals if who not in missing]), "before measuring")
    title = f"{mix.rounds} rounds, seed {mix.seed}; deadline {seconds:g} s; CP-SAT starts from the greedy plan"
    faults: list[str] = []
    with report_for(title, terminal=sys.stdout.isatty()) as report:
        for number in people:
            faults += _measure(replace(mix, people=number), rivals, Effort(seconds, patience), report=report)
        grown = _grown(mix.seed, report) if growth else []
    report.notes([*NOTES, *grown])
    _stop(faults, "in the table")


def _grown(seed: int, report: Report) -> list[str]:
    """Measure room after room, and say it as a section of its own."""
    found = list(growing.growth(growing.SIZES, seed=seed, patience=GROWTH_PATIENCE, tell=report.running))
    return ["", GROWTH_TITLE, *growing.lines(found)]


def _recipe(*, profiles: bool, **options: object) -> Recipe:
    return Recipe(given=not profiles, **options)  # type: ignore[arg-type]


def _measure(recipe: Recipe, rivals: list[str], effort: Effort, *, report: Report) -> list[str]:
    """Measure one size; return what must never be."""

    def run(who: str) -> Score | str:
        needs = RIVALS[who].needs() if who in RIVALS else None
        report.running(what := f"{recipe.people} people: {who}")
        patience = max(effort.patience, effort.seconds + 30) if who in RIVALS and RIVALS[who].timed else effort.patience
        return needs or race(
            recipe, who, seconds=effort.seconds, patience=patience, tell=lambda now: report.running(what, now)
        )

    ours = {who: run(who) for who in (ENGINE, BARE)}
    mark = trial.yardstick(ours[ENGINE], ours[BARE], most_meetings(conference(recipe)))
    faults = [f"{recipe.people} people, {who}: {one}" for who, one in ours.items() if isinstance(one, str)]
    for who in (*ours, *rivals):
        row = Row(recipe.people, who, ours[who] if who in ours else run(who), mark)
        report.add(row)
        faults += row.faults()
    return faults


GROWTH_PATIENCE = 600.0
GROWTH_TITLE = f"how it grows: {growing.ROUNDS} rounds, benefits from profiles, with the floor"
NOTES = [
    "seconds: from the problem to the judged plan, each in a process of its own; × ours: times this engine's seconds.",
    "benefit ÷ bound: the bound is the one this engine proved. It holds for plans that leave as few people out.",
    "worst-off: the lowest share of the best that somebody could have had alone; ÷ its bound: proved likewise.",
    "missed: meetings fewer than a linear programme and the parity of rounds say there can be at most.",
]


def _stop(faults: list[str], when: str) -> None:
    for sentence in faults:
        click.echo(sentence, err=True)
    if faults:
        click.echo(f"{len(faults)} faults {when}; the figures would mean nothing", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    # a benchmark that is told to end takes the planner's process with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(prog_name="python -m tests.benchmarks")
