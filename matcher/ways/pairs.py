"""Speed Dating: two people at a table, everybody with everybody."""

import random
from contextlib import suppress
from dataclasses import replace

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.choose.pairs.choice import NEARLY, Chosen, as_even, bounds_with, choose, fewest_rests
from matcher.choose.pairs.columns import Master
from matcher.effort import Effort
from matcher.graph import Ints, MeetingGraph, meeting_graph
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.solver import OutOfTime
from matcher.when.detour import Detours
from matcher.when.mend import Mended, Wanted, lowest_of, mend
from matcher.when.refill import Refill
from matcher.when.rounds import go_round, timed
from matcher.when.tidy import tidy
from matcher.when.timetable import Timetable
from matcher.where.seat import Group, seat

Spot = tuple[int, int, int]

CHOICES = 6


def pairs(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan one-to-one rounds.

    Raises
    ------
    NotPossible
        Two locks need the same table.
    """
    graph = meeting_graph(problem, admissible)
    effort.tell(0.05, "choose")
    chosen = choose(graph, floor=effort.floor, deadline=effort.deadline)
    effort.tell(0.7, "rounds")
    mended = _in_rounds(graph, chosen, effort)
    effort.tell(0.9, "seat")
    table, seats, fewest = _tidied(problem, mended.table, effort)
    held = np.array([spot[1:] for spot in table.spots()], dtype=np.int64).reshape(-1, 2)[len(graph.locks) :]
    bound, top = chosen.bound, chosen.lowest_bound
    if not as_even(graph, held, np.bincount(chosen.pairs.ravel(), minlength=graph.size)):
        bound, top = bounds_with(graph, len(held), effort.deadline)
    if mended.bound is not None:
        bound = min(bound, mended.bound)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    sittings = tuple(Sitting(when, (one, other), table) for (when, one, other), table in seats.items())
    return Outcome(sittings, bound + locked, top, breaks_bound=fewest)


def _tidied(problem: Problem, table: Timetable, effort: Effort) -> tuple[Timetable, dict[Spot, str], int]:
    """Move rests to the ends, unless somebody seated would then lack a table; with the fewest breaks there could be."""
    tidied = tidy(table, random.Random(effort.seed), deadline=effort.deadline)  # noqa: S311 - chance to be repeated
    for one in (tidied.table, table):
        spots = set(one.spots())
        seats = at_tables(problem, one)
        if seats.keys() == spots:
            return one, seats, tidied.bound
    return table, seats, 0


def _in_rounds(graph: MeetingGraph, chosen: Chosen, effort: Effort) -> Mended:
    rng = random.Random(effort.seed)  # noqa: S311 - chance that can be repeated, no secret
    pairs, table, left = _timed(graph, chosen, rng, effort)
    degrees = np.bincount(pairs.ravel(), minlength=graph.size)
    benefit = int(graph.benefit[pairs[:, 0], pairs[:, 1]].sum())
    gained = graph.gained.copy()
    np.add.at(gained, pairs, graph.benefit[pairs[:, 0], pairs[:, 1]][:, None])
    lowest = lowest_of(graph, gained) if effort.floor else 0.0
    detours = Detours(graph, pairs, lowest * graph.best.astype(float), rng)
    go_round(table, left, (detours, rng), effort.deadline)
    return mend(table, Wanted(degrees, benefit, lowest, chosen.least), rng, effort.deadline)


def _timed(
    graph: MeetingGraph, chosen: Chosen, rng: random.Random, effort: Effort
) -> tuple[Ints, Timetable, list[tuple[int, int]]]:
    """Give the choice its rounds, or one near it of which more meetings find one."""
    pairs = chosen.pairs
    table, left = timed(graph, pairs, rng, effort.deadline)
    for _ in range(CHOICES if chosen.near else 0):
        if not left or chosen.near is None or effort.deadline.over():
            break
        other = chosen.near.another(chosen.pairs, rng, effort.deadline)
        again, lacking = timed(graph, other, rng, effort.deadline)
        if len(lacking) < len(left):
            pairs, table, left = other, again, lacking
    return pairs, table, left


def at_tables(problem: Problem, table: Timetable) -> dict[Spot, str]:
    """Seat everybody; where seated people clash at too few tables, others take the free tables."""
    seats = _one_seating(problem, table)
    dropped = [spot for spot, name in seats.items() if name is None]
    if dropped:
        for when, one, other in dropped:
            table.remove(one, other, when)
        Refill(table, still=table.graph.seated).run()
        seats = _one_seating(problem, table)
    return {spot: name for spot, name in seats.items() if name is not None}


def _one_seating(problem: Problem, table: Timetable) -> dict[Spot, str | None]:
    locked = {(lock.round, lock.one, lock.other): lock.table for lock in table.graph.locks}
    spots = list(table.spots())
    groups = [Group(spot[0], spot[1:], locked.get(spot), spot in locked) for spot in spots]
    seats = seat(groups, problem.session.tables, np.flatnonzero(table.graph.seated).tolist())
    return dict(zip(spots, seats, strict=True))


def sketch(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Choose the meetings and prove what they are bounded by; all in the first round, at no table.

    Without the floor the lowest satisfaction is not bounded.
    """
    graph = meeting_graph(problem, admissible)
    pairs, bound, top = _choice(graph, effort)
    both = [*pairs.tolist(), *([lock.one, lock.other] for lock in graph.locks)]
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    return Outcome(tuple(Sitting(0, (one, other), "") for one, other in both), bound + locked, top)


def _choice(graph: MeetingGraph, effort: Effort) -> tuple[Ints, int, float]:
    if not effort.floor and graph.allowed.any() and graph.room.any():
        with suppress(OutOfTime):
            _, choice, pairs = fewest_rests(Master(graph), effort.deadline)
            return pairs, int(choice.bound + NEARLY), 1.0
    chosen = choose(graph, floor=False, deadline=effort.deadline)
    return chosen.pairs, chosen.bound, chosen.lowest_bound


def bounds_of(problem: Problem, admissible: Admissibility, outcome: Outcome, effort: Effort) -> Outcome:
    """Prove bounds over all plans with at least as many meetings as an outcome."""
    graph = meeting_graph(problem, admissible)
    bound, top = bounds_with(graph, len(outcome.sittings) - len(graph.locks), effort.deadline)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    return replace(outcome, bound=bound + locked, lowest_bound=top)
