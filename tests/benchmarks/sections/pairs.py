"""Pairs: this engine with and without its floor beside greedy, exact matching per round, and CP-SAT."""

from collections.abc import Callable
from dataclasses import replace

from tests.benchmarks import trial
from tests.benchmarks.judged import most_meetings
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.race import BARE, ENGINE, Score, race
from tests.benchmarks.report import COLUMNS, Report, Row
from tests.benchmarks.rivals import RIVALS
from tests.benchmarks.section import Asked, Chart, Section, Table

NOTES = [
    "seconds: from the problem to the judged plan, each in a process of its own; × ours: times this engine's seconds.",
    "benefit ÷ bound: the bound is the one this engine proved. It holds for plans that leave as few people out.",
    "worst-off: the lowest share of the best that somebody could have had alone; ÷ its bound: proved likewise.",
    "missed: meetings fewer than a linear programme and the parity of rounds say there can be at most.",
]
PLAINLY = (
    "In each round everybody talks to another person. Three things count: nobody sits alone, nobody gets only the "
    "leftovers (worst-off), and the talks suit people (benefit)."
)


def title_of(asked: Asked) -> str:
    """Say what the table measures."""
    mix = asked.recipe
    return f"{mix.rounds} rounds, seed {mix.seed}; deadline {asked.seconds:g} s; CP-SAT starts from the greedy plan"


def measure(asked: Asked, report: Report) -> Section:
    """Measure one size after the other; rows go to the terminal as they come."""
    rows: list[Row] = []
    faults: list[str] = []
    for number in asked.people:
        faults += measure_size(replace(asked.recipe, people=number), asked, report=report, keep=rows.append)
    return Section(
        "pairs",
        "Pairs: everybody meets another one each round",
        PLAINLY,
        f"{title_of(asked)}. {' '.join(f'{line[0].upper()}{line[1:]}' for line in NOTES)}",
        (
            Table(
                "Who plans how well, and how long it takes.", tuple(name for name, _ in COLUMNS), _cells(rows), words=2
            ),
        ),
        _charts(rows),
        tuple(faults),
    )


def measure_size(recipe: Recipe, asked: Asked, *, report: Report, keep: Callable[[Row], None]) -> list[str]:
    """Measure one size; return what must never be."""

    def run(who: str) -> Score | str:
        needs = RIVALS[who].needs() if who in RIVALS else None
        report.running(what := f"{recipe.people} people: {who}")
        patience = max(asked.patience, asked.seconds + 30) if who in RIVALS and RIVALS[who].timed else asked.patience
        return needs or race(
            recipe, who, seconds=asked.seconds, patience=patience, tell=lambda now: report.running(what, now)
        )

    ours = {who: run(who) for who in (ENGINE, BARE)}
    mark = trial.yardstick(ours[ENGINE], ours[BARE], most_meetings(conference(recipe)))
    faults = [f"{recipe.people} people, {who}: {one}" for who, one in ours.items() if isinstance(one, str)]
    for who in (*ours, *asked.rivals):
        row = Row(recipe.people, who, ours[who] if who in ours else run(who), mark)
        report.add(row)
        keep(row)
        faults += row.faults()
    return faults


def _cells(rows: list[Row]) -> tuple[tuple[str, ...], ...]:
    return tuple(row.cells() for row in rows)


def _charts(rows: list[Row]) -> tuple[Chart, ...]:
    sizes = sorted({row.people for row in rows})
    scores = {(row.people, row.who): row for row in rows if isinstance(row.score, Score)}
    planners = [who for who in dict.fromkeys(row.who for row in rows) if any((n, who) in scores for n in sizes)]

    def values(of: Callable[[Row], float | None]) -> tuple[tuple[str, tuple[float | None, ...]], ...]:
        found = {who: [scores.get((number, who)) for number in sizes] for who in planners}
        return tuple((who, tuple(of(row) if row else None for row in own)) for who, own in found.items())

    labels = tuple(f"{number} people" for number in sizes)
    return (
        Chart("pairs-benefit", "Benefit lost against the proven bound, in %: shorter is better", labels, values(_lost)),
        Chart("pairs-worst-off", "Lowest satisfaction: longer is better", labels, values(_lowest)),
        Chart("pairs-seconds", "Seconds (logarithmic): shorter is better", labels, values(_seconds), logarithmic=True),
    )


def _lost(row: Row) -> float | None:
    bound = row.yardstick.bound
    return 100 * (1 - row.score.benefit / bound) if bound and isinstance(row.score, Score) else None


def _lowest(row: Row) -> float | None:
    return row.score.lowest if isinstance(row.score, Score) else None


def _seconds(row: Row) -> float | None:
    return row.score.seconds if isinstance(row.score, Score) else None
