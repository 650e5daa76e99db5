"""Other ways to plan `clinics` and `stations`, each under the same rules: what one would write without this engine.

=========== ===========================================================================================================
greedy      each round takes the best remaining visit first, as long as there are places
assignment  each round is one exact assignment of people to places (`scipy.optimize.linear_sum_assignment`): people with
            the fewest talks so far first, then most benefit; nothing looks ahead to later rounds
cp-sat      all rounds in one model, a yes or no for each person, host and round, given to OR-tools' CP-SAT with a time
            limit; it begins from the greedy plan, the aims are the contract's: nobody left out, then most benefit
=========== ===========================================================================================================

A host with fewer people than it needs is closed for the round and its people are placed anew. None of them plans locks,
interpreters or fixed groups, and each says so.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from matcher import Problem
from matcher.answer import Sitting
from matcher.benefit import visits
from matcher.rules import Admissibility, tables_of_hosts
from tests.benchmarks.rivals import CannotRun, package

Visit = tuple[int, int]
Spot = tuple[int, int, int]
Round = Callable[["Hall", int, set[int]], list[Visit]]

FIRST = 10_000


class Hall:
    """What a planner sees: who may still go to whom, and what has been agreed so far.

    Visits are (person, host) by row of the problem, spots (round from 0, person, host).
    """

    def __init__(self, problem: Problem) -> None:
        if problem.locks or problem.interpreters or problem.session.move == "groups":
            raise CannotRun("plans no locks, no interpreters and no groups")
        rules = Admissibility(problem)
        self.problem, self.rules, self.worth = problem, rules, visits(problem)
        self.open = rules.visits & ((self.worth > 0) | (problem.session.format != "clinics"))
        self.left, self.there, self.hosts_there = rules.caps.copy(), rules.there, rules.hosts_there
        self.places = [host.places for host in problem.visited]
        self.least = [host.min_places for host in problem.visited]
        self.apart = rules.kept_apart
        self.rounds = problem.session.rounds
        self.spots: list[Spot] = []

    def could(self, when: int) -> np.ndarray:
        """Who may go to whom in a round; shape (n, h)."""
        free = self.there[:, when] & (self.left > 0)
        return self.open & free[:, None] & self.hosts_there[None, :, when]

    def hold(self, when: int, found: Iterable[Visit]) -> None:
        """Agree on the visits of a round."""
        for who, host in found:
            self.open[who, host] = False
            self.left[who] -= 1
            self.spots.append((when, who, host))

    def too_few(self, found: Iterable[Visit]) -> int | None:
        """Return the host that lacks most people of those that have some, None where all have enough."""
        guests = np.bincount([host for _, host in found], minlength=len(self.least))
        lacking = np.where(guests > 0, np.array(self.least) - guests, 0)
        return int(np.argmax(lacking)) if lacking.max(initial=0) > 0 else None

    def sittings(self) -> tuple[Sitting, ...]:
        """Tell what has been agreed as tables, each host at its own."""
        tables: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for when, who, host in sorted(self.spots):
            tables[when, host].append(who)
        names = tables_of_hosts(self.problem)
        return tuple(Sitting(when, tuple(people), names[host], host) for (when, host), people in tables.items())


def greedy(hall: Hall, seconds: float = 0.0) -> None:
    """Fill each round with the best remaining visit first."""
    _round_by_round(hall, _best_first)


def by_assignment(hall: Hall, seconds: float = 0.0) -> None:
    """Fill each round by one exact assignment; of two who are kept apart the one with less to gain goes elsewhere.

    Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.optimize.linear_sum_assignment.html
    """
    _round_by_round(hall, _assigned)


def _round_by_round(hall: Hall, plan: Round) -> None:
    for when in range(hall.rounds):
        closed: set[int] = set()
        found = plan(hall, when, closed)
        while (host := hall.too_few(found)) is not None:
            closed.add(host)
            found = plan(hall, when, closed)
        hall.hold(when, found)


def _best_first(hall: Hall, when: int, closed: set[int]) -> list[Visit]:
    ends = [(who, host) for who, host in np.argwhere(hall.could(when)).tolist() if host not in closed]
    guests: defaultdict[int, list[int]] = defaultdict(list)
    busy: set[int] = set()
    for who, host in sorted(ends, key=lambda visit: (-hall.worth[visit], visit)):
        if who not in busy and len(guests[host]) < hall.places[host] and not hall.apart[who, guests[host]].any():
            busy.add(who)
            guests[host].append(who)
    return [(who, host) for host, people in guests.items() for who in people]


def _assigned(hall: Hall, when: int, closed: set[int]) -> list[Visit]:
    could = hall.could(when)
    could[:, sorted(closed)] = False
    seats = np.repeat(np.arange(len(hall.places)), np.minimum(hall.places, len(could)))
    while True:
        gain = np.where(could, hall.worth + FIRST * hall.left[:, None].astype(np.int64), 0)[:, seats]
        people, columns = linear_sum_assignment(gain, maximize=True)
        pairs = zip(people.tolist(), seats[columns].tolist(), strict=True)
        found = [(who, host) for who, host in pairs if could[who, host]]
        clash = _clash(hall, found)
        if clash is None:
            return found
        could[clash] = False


def _clash(hall: Hall, found: list[Visit]) -> Visit | None:
    """Of two at one host who are kept apart the visit that is worth less."""
    for at, (one, host) in enumerate(found):
        for other, place in found[:at]:
            if host == place and hall.apart[one, other]:
                return min((one, host), (other, host), key=lambda visit: (hall.worth[visit], visit))
    return None


def by_cp_sat(hall: Hall, seconds: float = 20.0) -> None:
    """Plan all rounds at once by CP-SAT, from the greedy plan on, within `seconds` (model building counts).

    Source: https://developers.google.com/optimization/cp/cp_solver
    """
    begun = time.perf_counter()
    cp_model = package("ortools.sat.python.cp_model")
    spots = [(when, *visit) for when in range(hall.rounds) for visit in np.argwhere(hall.could(when)).tolist()]
    model = cp_model.CpModel()
    sits = dict(zip(spots, [model.new_bool_var("") for _ in spots], strict=True))
    start = Hall(hall.problem)
    greedy(start)
    by_person = _constrain(model, hall, sits, set(start.spots))
    weights = [int(hall.worth[who, host]) for _, who, host in spots]
    levels, bonus = _levels(model, hall, by_person, hall.left - start.left)
    variables = [*sits.values(), *levels]
    model.maximize(cp_model.LinearExpr.weighted_sum(variables, [*weights, *bonus]))
    solver = solver_for(cp_model, seconds - (time.perf_counter() - begun))
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise CannotRun(f"found no plan in {seconds:g} s")
    hall.spots = [spot for spot, variable in sits.items() if solver.value(variable)]


def solver_for(cp_model, seconds: float):  # type: ignore[no-untyped-def]
    """Return a CP-SAT solver with a worker for each core and so many seconds."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = min(os.cpu_count() or 1, 8)
    solver.parameters.max_time_in_seconds = max(seconds, 0.1)
    return solver


def _constrain(model, hall: Hall, sits: dict, start: set[Spot]) -> dict:  # type: ignore[no-untyped-def, type-arg]
    """One table a person and round, one visit a host and person, limits, places, keep-apart; `start` is the hint."""
    tables = {(host, when) for when, _, host in start}
    for spot, variable in sits.items():
        model.add_hint(variable, spot in start)
    groups: defaultdict[tuple, list] = defaultdict(list)  # type: ignore[type-arg]
    for (when, who, host), variable in sits.items():
        for key in (("seat", who, when), ("once", who, host), ("person", who), ("table", host, when)):
            groups[key].append(variable)
    for key, group in groups.items():
        if key[0] in ("seat", "once"):
            model.add_at_most_one(group)
        elif key[0] == "person":
            model.add(sum(group) <= int(hall.left[key[1]]))
        else:
            held = model.new_bool_var("")
            model.add_hint(held, key[1:] in tables)
            model.add(sum(group) <= hall.places[key[1]] * held)
            model.add(sum(group) >= hall.least[key[1]] * held)
    for one, other in np.argwhere(np.triu(hall.apart, 1)).tolist():
        for when in range(hall.rounds):
            for host in range(len(hall.places)):
                if (when, one, host) in sits and (when, other, host) in sits:
                    model.add_at_most_one(sits[when, one, host], sits[when, other, host])
    return {key[1]: group for key, group in groups.items() if key[0] == "person"}


def _levels(  # type: ignore[no-untyped-def]
    model,
    hall: Hall,
    by_person: dict,
    start: np.ndarray,  # type: ignore[type-arg]
) -> tuple[list, list[int]]:  # type: ignore[type-arg]
    """Yes or no for everybody's first, second, … talk; each level outweighs all below it, as far as numbers go."""
    variables, bonus = [], []
    step = 1 + int(np.sort(hall.worth, axis=1)[:, ::-1][:, : hall.rounds].sum())
    most = int(hall.left.max(initial=0))
    for who, group in by_person.items():
        own = [model.new_bool_var("") for _ in range(min(int(hall.left[who]), len(group)))]
        model.add(sum(own) <= sum(group))
        for level, variable in enumerate(own):
            model.add_hint(variable, bool(level < start[who]))
        variables += own
        below = [most - 1 - level for level in range(len(own))]
        bonus += [step * (len(hall.left) + 1) ** more if most <= 3 else step * (1 + more) for more in below]
    return variables, bonus


@dataclass(frozen=True, slots=True)
class Visitor:
    """A way to plan visits: the package it needs, and a function that fills a hall within some seconds."""

    package: str | None
    plan: Callable[[Hall, float], None]
    timed: bool = False


VISITORS = {
    "greedy": Visitor(None, greedy),
    "assignment": Visitor(None, by_assignment),
    "cp-sat": Visitor("ortools.sat.python.cp_model", by_cp_sat, timed=True),
}
