"""From indices back to words: the timed and seated meetings as a plan, with rests, unmet wishes and quality."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np

from matcher.benefit import reasons
from matcher.graph import MeetingGraph
from matcher.plan import Meeting, Plan, Quality, Rest, RestCode, Unmet, UnmetCode
from matcher.problem import Problem
from matcher.rules import Admissibility

Spot = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found: the table of each (round, one, other), and the two proven bounds."""

    seats: dict[Spot, str]
    bound: int
    lowest_bound: float
    seed: int


def plan_of(problem: Problem, admissible: Admissibility, graph: MeetingGraph, outcome: Outcome) -> Plan:
    """Tell an outcome as a plan, its solving time still 0."""
    order = {name: place for place, name in enumerate(_names(problem, outcome))}
    spots = sorted(outcome.seats, key=lambda spot: (spot[0], order[outcome.seats[spot]], spot[1]))
    return Plan(
        session=problem.session.id,
        meetings=tuple(
            _meeting(problem, admissible, spot, outcome.seats[spot], worth=graph.benefit[spot[1], spot[2]])
            for spot in spots
        ),
        rests=_rests(problem, admissible, spots),
        unmet=_unmet(problem, admissible, spots),
        quality=_quality(graph, outcome),
        seed=outcome.seed,
    )


def _names(problem: Problem, outcome: Outcome) -> list[str]:
    """Tables in walking order: as given, else by number, then by name."""
    used = set(outcome.seats.values())
    given = problem.session.tables
    if isinstance(given, tuple):
        return [name for name in given if name in used]
    return sorted(used, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def _meeting(problem: Problem, admissible: Admissibility, spot: Spot, table: str, *, worth: int) -> Meeting:
    when, one, other = spot
    session = problem.session
    step = timedelta(minutes=session.round_minutes + session.change_minutes)
    return Meeting(
        round=when + 1,
        table=table,
        people=(problem.people[one].id, problem.people[other].id),
        benefit=int(worth),
        language=admissible.shared_language(one, other),
        reasons=reasons(problem, one, other),
        starts=None if session.start is None else session.start + when * step,
    )


def _rests(problem: Problem, admissible: Admissibility, spots: list[Spot]) -> tuple[Rest, ...]:
    there = admissible.there
    busy = np.zeros_like(there)
    for when, one, other in spots:
        busy[[one, other], when] = True
    held = busy.sum(1)
    tables = problem.session.tables
    most = len(tables) if isinstance(tables, tuple) else tables
    full = np.zeros(there.shape[1], bool) if most is None else busy.sum(0) // 2 >= most
    partners = admissible.allowed.sum(1)
    odd = there.sum(0) % 2 == 1

    def code(who: int, when: int) -> RestCode:
        if held[who] >= admissible.caps[who]:
            return "limit"
        if held[who] >= partners[who]:
            return "no_partner"
        if full[when] and there[:, when].sum() - busy[:, when].sum() > 1:
            return "no_table"
        return "odd_number" if odd[when] else "no_partner"

    idle = np.argwhere((there & ~busy).T).tolist()
    return tuple(Rest(when + 1, problem.people[who].id, code(who, when)) for when, who in idle)


def _unmet(problem: Problem, admissible: Admissibility, spots: list[Spot]) -> tuple[Unmet, ...]:
    met = {pair for _, one, other in spots for pair in ((one, other), (other, one))}
    found = []
    for who, person in enumerate(problem.people):
        for wish in dict.fromkeys(person.wishes):
            if isinstance(wish, str) and wish != person.id and (who, other := admissible.index[wish]) not in met:
                found.append(Unmet(person.id, wish, _why(admissible, who, other)))
    return tuple(found)


def _why(admissible: Admissibility, who: int, other: int) -> UnmetCode:
    rule = admissible.forbidden_by(who, other)
    if rule is None:
        return "clash"
    return {"language": "no_shared_language", "away": "away"}.get(rule, "not_possible")  # type: ignore[return-value]


def _quality(graph: MeetingGraph, outcome: Outcome) -> Quality:
    seats: dict[int, list[tuple[int, str]]] = {}
    gained = np.zeros(graph.size, np.int64)
    for (when, one, other), table in sorted(outcome.seats.items()):
        gained[[one, other]] += graph.benefit[one, other]
        for who in (one, other):
            seats.setdefault(who, []).append((when, table))
    steps = [(first, second) for places in seats.values() for first, second in pairwise(places)]
    benefit = int(gained.sum()) // 2
    bound = max(outcome.bound, benefit)
    shares = np.where(graph.best > 0, gained / np.maximum(graph.best, 1), 1.0)
    lowest = float(shares.min()) if len(shares) else 1.0
    return Quality(
        meetings=len(outcome.seats),
        benefit=benefit,
        bound=bound,
        gap=round((bound - benefit) / bound, 6) if bound else 0.0,
        lowest_satisfaction=round(lowest, 4),
        lowest_bound=round(max(min(outcome.lowest_bound + 0.00005, 1.0), lowest), 4),
        breaks=sum(second[0] - first[0] > 1 for first, second in steps),
        table_changes=sum(first[1] != second[1] for first, second in steps),
        seconds=0.0,
    )
