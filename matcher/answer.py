"""From indices back to words: who sits where when as a plan, with rests, unmet wishes and quality."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.benefit import matrix, reasons, visit_reasons, visits
from matcher.plan import Meeting, Plan, Quality, Rest, RestCode
from matcher.problem import Problem
from matcher.rules import Admissibility, best_alone
from matcher.wishes import unmet

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One table in one round, by index: `round` from 0, rows of people, of the host they visit, of the interpreter."""

    round: int
    people: tuple[int, ...]
    table: str
    host: int | None = None
    interpreter: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found: every table of every round, and the proven bounds, None where they are not defined."""

    sittings: tuple[Sitting, ...]
    bound: int
    lowest_bound: float | None
    breaks_bound: int | None = None
    repeats_bound: int | None = None


def plan_of(problem: Problem, admissible: Admissibility, outcome: Outcome, seed: int) -> Plan:
    """Tell an outcome as a plan, its solving time still 0."""
    order = {name: place for place, name in enumerate(_names(problem, outcome))}
    sittings = sorted(outcome.sittings, key=lambda one: (one.round, order[one.table]))
    worth = visits(problem) if problem.hosted else matrix(problem)
    meetings = tuple(_meeting(problem, admissible, one, worth) for one in sittings)
    silent = problem.session.format == "clinics" or problem.chosen is not None
    return Plan(
        session=problem.session.id,
        meetings=meetings,
        rests=() if silent else _rests(problem, admissible, sittings),
        unmet=unmet(problem, admissible, meetings),
        quality=_quality(admissible, worth, sittings, outcome),
        seed=seed,
    )


def _names(problem: Problem, outcome: Outcome) -> list[str]:
    """Tables in walking order: as given, else by number, then by name."""
    used = {one.table for one in outcome.sittings}
    given = problem.session.tables
    walked = [name for name in given if name in used] if isinstance(given, tuple) else []
    rest = used - set(walked)
    return walked + sorted(rest, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def _meeting(problem: Problem, admissible: Admissibility, one: Sitting, worth: Ints) -> Meeting:
    session, people = problem.session, list(one.people)
    step = timedelta(minutes=session.round_minutes + session.change_minutes)
    if one.host is None:
        why = reasons(problem, *people) if len(people) == 2 else ()
        table = people
    else:
        why = tuple(reason for row in people for reason in visit_reasons(problem, row, one.host))
        table = [*people, len(problem.people) + one.host]
    return Meeting(
        round=one.round + 1,
        table=one.table,
        people=tuple(problem.people[row].id for row in people),
        benefit=_value(one, worth),
        language=_language(admissible, table),
        reasons=why,
        starts=None if session.start is None else session.start + one.round * step,
        host=None if one.host is None else problem.visited[one.host].id,
        interpreter=None if one.interpreter is None else problem.interpreters[one.interpreter].id,
    )


def _language(admissible: Admissibility, table: list[int]) -> str | None:
    return admissible.shared_language(*table) if len(table) == 2 else admissible.common_language(table)


def _value(one: Sitting, worth: Ints) -> int:
    """The sum over a host's visitors, or over the pairs at a table."""
    if one.host is not None:
        return int(worth[list(one.people), one.host].sum())
    return sum(int(worth[two]) for two in combinations(one.people, 2))


def _rests(problem: Problem, admissible: Admissibility, sittings: list[Sitting]) -> tuple[Rest, ...]:
    there = admissible.there
    busy, tables = np.zeros_like(there), np.zeros(there.shape[1], np.int64)
    for one in sittings:
        busy[list(one.people), one.round] = True
        tables[one.round] += 1
    held = busy.sum(1)
    full = _full(problem, admissible, busy, tables)
    partners = (admissible.visits if problem.hosted else admissible.allowed).sum(1)
    odd = (there.sum(0) % 2 == 1) & (problem.session.format == "pairs")

    def code(who: int, when: int) -> RestCode:
        if held[who] >= admissible.caps[who]:
            return "limit"
        if (held[who] >= partners[who]) if problem.session.format != "circles" else not partners[who]:
            return "no_partner"
        if full[when] and there[:, when].sum() - busy[:, when].sum() > odd[when]:
            return "no_table"
        return "odd_number" if odd[when] else "no_partner"

    idle = np.argwhere((there & ~busy).T).tolist()
    return tuple(Rest(when + 1, problem.people[who].id, code(who, when)) for when, who in idle)


def _full(problem: Problem, admissible: Admissibility, busy: NDArray[np.bool_], tables: Ints) -> NDArray[np.bool_]:
    """Rounds without a free table, or without a free place at any host."""
    given = problem.session.tables
    if problem.hosted:
        places = np.array([host.places for host in problem.visited], np.int64)
        return np.asarray(busy.sum(0) >= admissible.hosts_there.T @ places, np.bool_)
    most = len(given) if isinstance(given, tuple) else given
    return np.zeros(len(tables), np.bool_) if most is None else np.asarray(tables >= most, np.bool_)


def _quality(admissible: Admissibility, worth: Ints, sittings: list[Sitting], outcome: Outcome) -> Quality:
    seats: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    gained = np.zeros(len(admissible.problem.people), np.int64)
    for one in sittings:
        for who in one.people:
            seats[who].append((one.round, one.table))
            others = [one.host] if one.host is not None else [other for other in one.people if other != who]
            gained[who] += worth[who, others].sum()
    steps = [(first, second) for places in seats.values() for first, second in pairwise(places)]
    benefit = sum(_value(one, worth) for one in sittings)
    bound = max(outcome.bound, benefit)
    best = best_alone(admissible, worth)
    lowest = float(np.where(best > 0, gained / np.maximum(best, 1), 1.0).min(initial=np.inf if len(best) else 1.0))
    top = outcome.lowest_bound
    circles = admissible.problem.session.format == "circles"
    return Quality(
        meetings=len(sittings),
        benefit=benefit,
        bound=bound,
        gap=round((bound - benefit) / bound, 6) if bound else 0.0,
        lowest_satisfaction=round(lowest, 4),
        lowest_bound=None if top is None else round(max(min(top + 0.00005, 1.0), lowest), 4),
        breaks=sum(second[0] - first[0] > 1 for first, second in steps),
        table_changes=sum(first[1] != second[1] for first, second in steps),
        seconds=0.0,
        breaks_bound=outcome.breaks_bound,
        repeats=_repeats(admissible, sittings) if circles else None,
        repeats_bound=outcome.repeats_bound,
    )


def _repeats(admissible: Admissibility, sittings: list[Sitting]) -> int:
    """How often two people are at one table again; having met before counts as once."""
    before = set(map(frozenset, admissible.problem.met_before))
    ids = [person.id for person in admissible.problem.people]
    met = [frozenset((ids[one], ids[other])) for table in sittings for one, other in combinations(table.people, 2)]
    return len(met) - len(set(met) - before)
