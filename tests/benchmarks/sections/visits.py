"""Clinics and stations: this engine beside greedy, one exact assignment a round, and CP-SAT."""

from dataclasses import dataclass

from matcher.problem import Format
from tests.benchmarks.alone import alone
from tests.benchmarks.fairs import Fair, fair
from tests.benchmarks.judging import ENGINE, Result, faults, tried
from tests.benchmarks.section import Asked, Chart, Section, Table, Tell, figure, share, times
from tests.benchmarks.visiting import VISITORS

LEVELS = 3
FAIRS: dict[Format, Fair] = {
    "clinics": Fair("clinics", 300, 24, 12, places=(1, 1, 2, 4), limit=3, away=0.1),
    "stations": Fair("stations", 120, 10, 8, places=(16,), least=4),
}
SMALL: dict[Format, Fair] = {
    "clinics": Fair("clinics", 14, 4, 4, places=(1, 2), limit=2, away=0.1),
    "stations": Fair("stations", 12, 4, 3, places=(4,), least=2),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a section of this kind is called and says."""

    title: str
    plainly: str
    exactly: str


WORDS: dict[Format, Words] = {
    "clinics": Words(
        "Clinics: people visit specialists",
        "Places with popular specialists are scarce. What counts first is how many people get one talk at all, then a "
        "second, then a third; then how well the talks suit them. A specialist's break is a hole between two talks.",
        "Lexicographic attendance, then total benefit. The bound is the one this engine proved for plans with the same "
        "attendance; whoever leaves more people out can pass it and proves nothing by that.",
    ),
    "stations": Words(
        "Stations: everybody goes from table to table",
        "Everybody visits another table each round, and no table is too full or too empty. The worst-off person is the "
        "one who got least of what could have been had alone.",
        "Benefit ÷ bound as proved by this engine with the floor under the lowest satisfaction, which costs at most "
        "1 % of the benefit; the others guard nobody.",
    ),
}


def measure(kind: Format, asked: Asked, tell: Tell) -> Section:
    """Plan one session at hosts' tables by everybody."""
    recipe = (SMALL if asked.small else FAIRS)[kind]
    recipe = Fair(**{field: getattr(recipe, field) for field in recipe.__slots__} | {"seed": asked.recipe.seed})
    problem = fair(recipe)
    found: dict[str, Result | str] = {}
    for who in (ENGINE, *VISITORS):
        patience = max(asked.patience, asked.seconds + 30)
        what = f"{kind}, {recipe.people} people: {who}"
        found[who] = alone(tried, problem, who, asked.seconds, what=what, patience=patience, tell=tell)
    levels = min(LEVELS, recipe.limit or recipe.rounds) if kind == "clinics" else 0
    words = WORDS[kind]
    return Section(
        kind,
        words.title,
        words.plainly,
        words.exactly,
        (_table(kind, recipe, found, levels),),
        (_chart(kind, found),),
        tuple(faults(kind, found)),
    )


def _table(kind: Format, recipe: Fair, found: dict[str, Result | str], levels: int) -> Table:
    talks = tuple(f"≥ {level} talk{'s' * (level > 1)}" for level in range(1, levels + 1))
    more = (*talks, "wishes not met", "hosts' breaks") if levels else ("rests", "worst-off", "wishes not met")
    columns = ("planned by", "seconds", "× ours", "benefit ÷ bound", *more, "breaches")
    ours = found[ENGINE]
    ours = ours if isinstance(ours, Result) else None
    rows = []
    for who, one in found.items():
        if isinstance(one, str):
            rows.append((who, one))
            continue
        counts = [str(number) for number in one.attendance[:levels]]
        rest = [*counts, str(one.unmet), str(one.host_breaks)]
        if not levels:
            rest = [str(one.rests), figure(one.quality.lowest_satisfaction, 3), str(one.unmet)]
        bound = share(one.quality.benefit, ours.quality.bound if ours else None, 3)
        pace = times(one.seconds, ours.seconds if ours else None)
        rows.append((who, figure(one.seconds, 2), pace, bound, *rest, str(len(one.breaches))))
    size = f"{recipe.people} people, {recipe.hosts} hosts, {recipe.rounds} rounds, seed {recipe.seed}"
    return Table(f"{kind.capitalize()}: {size}.", columns, tuple(rows))


def _chart(kind: Format, found: dict[str, Result | str]) -> Chart:
    there = {who: one for who, one in found.items() if isinstance(one, Result)}
    if kind == "clinics":
        title = "Wishes not met, and specialists' breaks"
        values = [("wishes not met", [one.unmet for one in there.values()])]
        values.append(("specialists' breaks", [one.host_breaks for one in there.values()]))
    else:
        title = "Lowest satisfaction (1: the best that somebody could have had alone)"
        values = [("worst-off", [one.quality.lowest_satisfaction for one in there.values()])]
    return Chart(kind, title, tuple(there), tuple((name, tuple(row)) for name, row in values))
