"""`python -m tests.benchmarks`: this engine beside other ways to plan, on the terminal and as a report in a folder."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from pathlib import Path

import click

from matcher import MatcherError
from tests.benchmarks import folder, trial
from tests.benchmarks.problems import Recipe
from tests.benchmarks.published import BadTable, published
from tests.benchmarks.report import report_for
from tests.benchmarks.rivals import RIVALS
from tests.benchmarks.section import Asked, Progress, Section, Tell, lines
from tests.benchmarks.sections import cards, circles, events, growth, pairs, seats, visits

SIZES = (60, 120, 240)
Measure = Callable[[Asked, Tell], Section]

SECTIONS: dict[str, Measure] = {
    "growth": growth.measure,
    "clinics": partial(visits.measure, "clinics"),
    "stations": partial(visits.measure, "stations"),
    "circles": circles.measure,
    "tables": seats.measure,
    "repair": cards.measure,
    "events": events.measure,
}


class Finite(click.FloatRange):
    """A range of numbers; what is not a number at all lies in no range."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is not finite, such as `nan`, which every comparison lets through."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


PLACE = click.Path(file_okay=False, path_type=Path)
EVENTS = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(epilog="Example: python -m tests.benchmarks --section pairs --people 60 --people 120 --only greedy")
@click.option("--section", type=click.Choice(["pairs", *SECTIONS]), multiple=True, help="Only these.  [default: all]")
@click.option("--out", type=PLACE, default="rondo-bench", show_default=True, help="Folder of the report.")
@click.option("--events", type=EVENTS, help="Also measure on every problem file (*.json) of this folder.")
@click.option("--event-seconds", type=Finite(1), default=60.0, show_default=True, help="Deadline on each of them.")
@click.option("--small", is_flag=True, help="Small rooms in every section: a trial of a minute.")
@click.option("--people", type=click.IntRange(2, 3000), multiple=True, help="Sizes of pairs.  [default: 60, 120, 240]")
@click.option("--rounds", type=click.IntRange(1, 50), default=7, show_default=True, help="Rounds of pairs.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed, another conference.")
@click.option(
    "--seconds", type=Finite(0.1), default=20.0, show_default=True, help="Deadline of CP-SAT and of this engine."
)
@click.option("--patience", type=Finite(1), default=180.0, show_default=True, help="Stop any planner then.")
@click.option("--keep-apart", type=click.IntRange(0), help="Pairs kept apart.  [default: one for six people]")
@click.option("--away", type=Finite(0, 1), default=0.0, help="Share of people who miss some rounds.")
@click.option("--sides", is_flag=True, help="Two sides that meet each other only.")
@click.option("--profiles", is_flag=True, help="Benefits from profiles in place of given numbers.")
@click.option("--only", type=click.Choice(list(RIVALS)), multiple=True, help="Measure only these beside the engine.")
def main(*, section: tuple[str, ...], out: Path, profiles: bool, **options: object) -> None:
    """Measure this engine beside other ways to plan the same sessions under the same rules.

    Prints tables, and writes them with pictures to a folder, page index.html. First everybody plans five small rooms;
    exit status 1, and no table, where anybody breaks a rule there; 1 too where anybody does so later, or passes a bound
    that the engine proved.
    """
    asked = _asked(profiles=profiles, **options)  # type: ignore[arg-type]
    wanted = _wanted(section, asked)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    begun, found = time.monotonic(), list[Section]()
    if "pairs" in wanted:
        found.append(_pairs(asked))
    tell = Progress()
    for name in wanted:
        if name in SECTIONS:
            one = SECTIONS[name](asked, tell)
            click.echo("\n" + "\n".join(lines(one)))
            found.append(one)
    try:
        page = folder.write(out, found, folder.machine(time.monotonic() - begun, load))
    except OSError as error:
        raise click.ClickException(f"the report cannot be written to {out}: {error.strerror}") from None
    click.echo(f"\nReport: {page}")
    _stop([fault for one in found for fault in one.faults], "in the tables")


def _asked(
    *, people: tuple[int, ...], only: tuple[str, ...], seconds: float, patience: float, events: Path | None,
    event_seconds: float, small: bool, profiles: bool, **recipe: object,
) -> Asked:  # fmt: skip
    sizes = people or ((12, 16) if small else SIZES)
    mix = Recipe(given=not profiles, **recipe)  # type: ignore[arg-type]
    return Asked(
        mix, sizes, only or tuple(RIVALS), seconds, patience, events=events, event_seconds=event_seconds, small=small
    )


def _wanted(chosen: Sequence[str], asked: Asked) -> list[str]:
    """Which sections, in their order."""
    if "events" in chosen and asked.events is None:
        raise click.UsageError("--section events needs --events DIR")
    if asked.events is not None:
        try:
            events.events_of(asked.events)
            published(asked.events)
        except (MatcherError, BadTable) as error:
            raise click.UsageError(f"--events: {error}") from None
    known = ["pairs", *(name for name in SECTIONS if name != "events" or asked.events is not None)]
    return [name for name in known if not chosen or name in chosen]


def _pairs(asked: Asked) -> Section:
    """Try everybody on small rooms, then measure pairs; their rows go to the terminal as they come."""
    ready = [who for who in asked.rivals if not RIVALS[who].needs()]
    _stop(trial.faults(ready, seconds=min(trial.SECONDS, asked.seconds)), "before measuring")
    with report_for(pairs.title_of(asked), terminal=sys.stdout.isatty()) as report:
        found = pairs.measure(asked, report)
    report.notes(pairs.NOTES)
    return found


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
