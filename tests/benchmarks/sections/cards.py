"""Repair: how many printed cards go stale when people do not come, beside a simple heuristic."""

import random
import time
from collections import defaultdict
from dataclasses import dataclass, replace

from matcher import Plan, Problem, breaches, solve
from matcher.answer import Outcome, Sitting, plan_of
from matcher.repair.again import repaired, stale_cards
from matcher.repair.changes import Changes, changed, names_of
from matcher.rules import Admissibility
from tests.benchmarks.alone import alone
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.section import Asked, Chart, Section, Table, Tell, figure
from tests.benchmarks.sections import losses

ABSENT = (1, 5, 17, 20)
ROOM, ROUND = Recipe(212, 7), 2
SMALL_ABSENT, SMALL_ROOM = (1, 3), Recipe(16, 4)


@dataclass(frozen=True, slots=True)
class Mended:
    """Stale cards and rests from the round on, of one way to repair; `bound`: so many cards at least, where proven."""

    stale: int
    rests: int
    seconds: float
    breaches: tuple[str, ...]
    bound: int | None = None


def mended(recipe: Recipe, absent: int) -> tuple[Mended, Mended]:
    """Plan a conference, let some people stay away from round 2 on, and repair in both ways."""
    problem = conference(recipe)
    printed = solve(problem, seed=recipe.seed, clock=time.perf_counter)
    rng = random.Random(f"{recipe.seed} {absent}")
    gone = sorted(rng.sample([person.id for person in problem.people], absent))
    changes = Changes(ROUND, absent=tuple(gone))
    begun = time.perf_counter()
    now, fresh = repaired(problem, printed, changes, clock=time.perf_counter)
    ours = _told(now, fresh, time.perf_counter() - begun)
    begun = time.perf_counter()
    simple = widowed(problem, printed, changes)
    return replace(ours, bound=fresh.quality.stale_bound), _told(now, simple, time.perf_counter() - begun)


def _told(now: Problem, fresh: Plan, seconds: float) -> Mended:
    rests = sum(rest.round >= ROUND for rest in fresh.rests)
    return Mended(len(fresh.stale or ()), rests, seconds, tuple(breaches(now, fresh)))


def widowed(problem: Problem, printed: Plan, changes: Changes) -> Plan:
    """Repair as one would at the desk: who lost the partner joins the next one who did, at the lower of their tables.

    Round by round and table by table; two join only where they may meet and do not meet elsewhere in the plan. Who
    rested by the card anyway takes whoever is left, unless the own limit is reached.
    """
    now = changed(problem, printed, changes)
    rules = Admissibility(now)
    index, order = rules.index, {name: at for at, name in enumerate(names_of(problem, printed))}
    gone = set(changes.absent)
    tables: list[Sitting] = []
    waiting: defaultdict[int, list[tuple[int, str | None]]] = defaultdict(list)
    met = {
        frozenset(one.people) for one in printed.meetings if one.round < changes.from_round or not gone & {*one.people}
    }
    for one in printed.meetings:
        left = [name for name in one.people if one.round < changes.from_round or name not in gone]
        if len(left) == 2:
            tables.append(Sitting(one.round - 1, (index[left[0]], index[left[1]]), one.table))
        elif left:
            waiting[one.round].append((index[left[0]], one.table))
    for number, alone_there in waiting.items():
        alone_there.sort(key=lambda pair: order[pair[1] or ""])
        alone_there += [
            (index[one.person], None)
            for one in printed.rests
            if one.round == number and one.person not in gone and one.code != "limit"
        ]
        tables += _joined(rules, number, alone_there, met)
    fresh = plan_of(now, rules, Outcome(tuple(tables), 0, None), printed.seed)
    return replace(fresh, version=printed.version + 1, stale=stale_cards(printed, fresh, changes))


def _joined(
    rules: Admissibility, number: int, waiting: list[tuple[int, str | None]], met: set[frozenset[str]]
) -> list[Sitting]:
    """Bring together who waits in a round; those with a table stand first, in walking order."""
    nodes, found = rules.nodes, []
    while waiting:
        one, table = waiting.pop(0)
        for at, (other, _) in enumerate(waiting):
            pair = frozenset((nodes[one].id, nodes[other].id))
            if table is not None and rules.allowed[one, other] and pair not in met:
                met.add(pair)
                found.append(Sitting(number - 1, (min(one, other), max(one, other)), table))
                waiting.pop(at)
                break
    return found


def measure(asked: Asked, tell: Tell) -> Section:
    """Repair the same plan for growing numbers of people who do not come."""
    recipe = replace(SMALL_ROOM if asked.small else ROOM, seed=asked.recipe.seed)
    rows, bars, faults = [], [], []
    for absent in SMALL_ABSENT if asked.small else ABSENT:
        name = f"{absent} of {recipe.people}"
        found = alone(mended, recipe, absent, what=f"repair: {name} absent", patience=asked.patience, tell=tell)
        if isinstance(found, str):
            rows.append((name, found))
            faults.append(f"repair, {name}: {found}")
            continue
        ours, simple = found
        rows.append((
            *(name, str(ours.stale), figure(ours.bound), str(simple.stale), str(ours.rests), str(simple.rests)),
            figure(ours.seconds, 2),
        ))  # fmt: skip
        bars.append((name, ours.stale, ours.bound, simple.stale))
        faults += [f"repair, {name}, rondo: {one}" for one in ours.breaches]
        faults += [f"repair, {name}, simple: {one}" for one in simple.breaches]
    elsewhere = losses.table(asked, tell, faults.append)
    names, ours, least, simple = zip(*bars, strict=True) if bars else ((), (), (), ())
    columns = (
        *("absent", "rondo: stale cards", "proven: at least", "simple: stale cards", "rondo: rests", "simple: rests"),
        "rondo: seconds",
    )  # fmt: skip
    return Section(
        "repair",
        "Repair: somebody does not come",
        "The cards are printed when some people turn out to be absent. A card is stale when its holder must go to "
        "another table than it says, or has nobody; a new partner at the same table does not matter.",
        f"Pairs, {recipe.rounds} rounds, absent from round {ROUND} on, drawn by chance. Simple: in each round those "
        "who lost their partner join each other, table by table, at the lower table. Fewer rests come before fewer "
        "stale cards, and the bound holds for plans with as few rests: with more rests fewer cards can be stale.",
        (Table("Pairs: stale cards and rests from that round on.", columns, tuple(rows)), *filter(None, (elsewhere,))),
        (Chart("repair", "Pairs: stale cards", names, (("rondo", ours), ("at least", least), ("simple", simple))),),
        tuple(faults),
    )
