"""Where: changes of table beside a naive numbering, and beside what any numbering needs."""

from collections import defaultdict
from dataclasses import dataclass, replace

from matcher import Plan, Problem
from matcher.rules import Admissibility
from matcher.where.seat import Group, changes, fewest_changes
from tests.benchmarks.alone import alone
from tests.benchmarks.judging import ENGINE, plan_by
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.section import Asked, Chart, Section, Table, Tell, share

ROOMS = {
    "60 people": Recipe(60, 7),
    "240 people": Recipe(240, 7),
    "121 people, odd": Recipe(121, 7),
    "120 people, a third away at times": Recipe(120, 10, away=0.33),
    "120 people, half with limits": Recipe(120, 10, limited=0.5),
}
SMALL = {"12 people": Recipe(12, 4), "13 people, odd": Recipe(13, 4)}


@dataclass(frozen=True, slots=True)
class Walks:
    """Changes of table: of the engine's plan, with tables numbered as the meetings come, and of any numbering."""

    ours: int
    naive: int
    least: int
    steps: int


def walked(recipe: Recipe, seconds: float) -> Walks:
    """Plan a conference, then number the tables of the same meetings naively."""
    problem = conference(recipe)
    return walks(problem, plan_by(problem, ENGINE, seconds))


def walks(problem: Problem, plan: Plan) -> Walks:
    """Count how often people change tables; `steps`: how often they could."""
    index = Admissibility(problem).index
    groups = [Group(one.round - 1, tuple(sorted(index[name] for name in one.people))) for one in plan.meetings]
    tables: list[str | None] = [one.table for one in plan.meetings]
    held: defaultdict[int, int] = defaultdict(int)
    for group in groups:
        for who in group.people:
            held[who] += 1
    return Walks(
        changes(groups, tables),
        changes(groups, naive(groups)),
        fewest_changes(groups),
        sum(number - 1 for number in held.values()),
    )


def naive(groups: list[Group]) -> list[str | None]:
    """Number the tables of each round as the meetings come, in the order of the list of people."""
    used: defaultdict[int, int] = defaultdict(int)
    found: list[str | None] = [None] * len(groups)
    for at in sorted(range(len(groups)), key=lambda at: (groups[at].round, groups[at].people)):
        used[groups[at].round] += 1
        found[at] = str(used[groups[at].round])
    return found


def measure(asked: Asked, tell: Tell) -> Section:
    """Compare the numberings of the same meetings."""
    rows, bars, faults = [], [], []
    for name, recipe in (SMALL if asked.small else ROOMS).items():
        recipe = replace(recipe, seed=asked.recipe.seed)
        found = alone(walked, recipe, asked.seconds, what=f"tables: {name}", patience=asked.patience, tell=tell)
        if isinstance(found, str):
            rows.append((name, found))
            faults.append(f"tables, {name}: {found}")
            continue
        less = share(found.ours, found.naive, 1)
        figures = (recipe.rounds, found.steps, found.naive, found.ours, found.least)
        rows.append((name, *map(str, figures), less))
        bars.append((name, found.naive, found.ours, found.least))
        if min(found.ours, found.naive) < found.least:
            faults.append(f"tables, {name}: fewer changes than the proven {found.least}")
    names, worse, ours, least = zip(*bars, strict=True) if bars else ((), (), (), ())
    columns = ("room", "rounds", "steps", "numbered naively", "rondo", "proven: at least", "rondo ÷ naive")
    return Section(
        "tables",
        "Where: how often people walk",
        "The same meetings at the same times; only the numbers of the tables differ. The fewer people must get up and "
        "look for another table, the quicker is the change of rounds.",
        "Steps are all transitions from one meeting to a person's next. Naive: the meetings of a round are numbered "
        "in the order of the list of people. The bound seats each two rounds anew (matcher.where.seat).",
        (Table("Changes of table.", columns, tuple(rows)),),
        (Chart("tables", "Changes of table", names, (("rondo", ours), ("at least", least), ("naively", worse))),),
        tuple(faults),
    )
