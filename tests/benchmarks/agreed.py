"""Meetings agreed beforehand by plain CP-SAT: the model that one writes first, a yes or no for each meeting and round.

A person's breaks are the runs of busy rounds less one; all of them together are minimised, and no two people differ by
more than two. Nothing is broken by symmetry, nothing searched by hand.
"""

import time
from collections import defaultdict
from itertools import count

from matcher import Plan, Problem
from matcher.answer import Outcome, Sitting, plan_of
from matcher.rules import Admissibility
from tests.benchmarks.rivals import CannotRun, package
from tests.benchmarks.visiting import solver_for

EVEN = 2


def by_cp_sat(problem: Problem, seconds: float) -> Plan:
    """Give agreed meetings their rounds within `seconds` (model building counts); `quality.breaks_bound` is CP-SAT's.

    Source: https://developers.google.com/optimization/cp/cp_solver

    Raises
    ------
    CannotRun
        No timetable was found, or the problem has locks or seated people.
    """
    begun = time.perf_counter()
    if problem.chosen is None or problem.locks or any(person.seated for person in problem.people):
        raise CannotRun("plans no locks and no seated people")
    cp_model = package("ortools.sat.python.cp_model")
    rules = Admissibility(problem)
    model = cp_model.CpModel()
    held = _held(model, problem, rules)
    _room(model, problem, held)
    breaks = _breaks(model, problem, rules, held)
    model.minimize(sum(breaks))
    solver = solver_for(cp_model, seconds - (time.perf_counter() - begun))
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise CannotRun(f"found no timetable in {seconds:g} s")
    spots = [spot for spot, variable in held.items() if solver.value(variable)]
    bound = max(round(solver.best_objective_bound), 0)
    outcome = Outcome(_sittings(problem, rules, spots), 0, None, breaks_bound=bound)
    return plan_of(problem, rules, outcome, 0)


def _held(model, problem: Problem, rules: Admissibility) -> dict:  # type: ignore[no-untyped-def, type-arg]
    """A yes or no for each meeting, by place in `chosen`, and each round in which both are there."""
    held = {}
    for at, meeting in enumerate(problem.chosen or ()):
        one, other = (rules.index[name] for name in meeting.people)
        both = rules.there[one] & rules.there[other]
        rounds = meeting.rounds or range(1, problem.session.rounds + 1)
        for number in rounds:
            if both[number - 1]:
                held[at, number - 1] = model.new_bool_var("")
        model.add_exactly_one(held[at, number - 1] for number in rounds if both[number - 1])
    return held


def _room(model, problem: Problem, held: dict) -> None:  # type: ignore[no-untyped-def, type-arg]
    tables = problem.session.tables
    number = len(tables) if isinstance(tables, tuple) else tables
    rounds: defaultdict[int, list] = defaultdict(list)  # type: ignore[type-arg]
    for (_, when), variable in held.items():
        rounds[when].append(variable)
    for group in rounds.values():
        if number is not None:
            model.add(sum(group) <= number)


def _breaks(model, problem: Problem, rules: Admissibility, held: dict) -> list:  # type: ignore[no-untyped-def, type-arg]
    """Everybody's breaks: busy rounds after an idle one (or none) are counted, exactly, less the first."""
    own: defaultdict[tuple[int, int], list] = defaultdict(list)  # type: ignore[type-arg]
    people = set()
    for (at, when), variable in held.items():
        for name in (problem.chosen or ())[at].people:
            people.add(rules.index[name])
            own[rules.index[name], when].append(variable)
    low, high = model.new_int_var(0, problem.session.rounds, ""), model.new_int_var(0, problem.session.rounds, "")
    model.add(high - low <= EVEN)
    found = []
    for who in sorted(people):
        before, starts = 0, []
        for when in range(problem.session.rounds):
            busy, start = model.new_bool_var(""), model.new_bool_var("")
            model.add(sum(own[who, when]) == busy)
            model.add(start >= busy - before)
            model.add(start <= busy)
            model.add(start <= 1 - before)
            starts.append(start)
            before = busy
        breaks = sum(starts) - 1
        model.add(breaks <= high)
        model.add(breaks >= low)
        found.append(breaks)
    return found


def _sittings(problem: Problem, rules: Admissibility, spots: list[tuple[int, int]]) -> tuple[Sitting, ...]:
    """Number the tables of each round as the meetings come."""
    given = problem.session.tables
    names: dict[int, object] = {}
    found = []
    for at, when in sorted(spots):
        name = next(names.setdefault(when, iter(given if isinstance(given, tuple) else map(str, count(1)))))  # type: ignore[call-overload]
        pair = tuple(sorted(rules.index[one] for one in (problem.chosen or ())[at].people))
        found.append(Sitting(when, pair, name))
    return tuple(found)
