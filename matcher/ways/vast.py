"""Speed Dating for thousands of people: the same three steps as `pairs`, by prices and without a solver."""

import random

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.choose.vast.choice import Vast, choose_vast, proven_bounds
from matcher.effort import Effort
from matcher.graph import MeetingGraph, meeting_graph
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.ways.pairs import at_tables
from matcher.when.rounds import timed
from matcher.when.timetable import Timetable
from matcher.when.topup import Promise, top_up

PRICE = 0.0099


def vast(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan one-to-one rounds of a large room.

    Raises
    ------
    NotPossible
        Two locks need the same table.
    """
    graph = meeting_graph(problem, admissible)
    effort.tell(0.2, "choose")
    chosen = choose_vast(graph, seed=effort.seed, deadline=effort.deadline)
    effort.tell(0.7, "rounds")
    table = _in_rounds(graph, chosen, effort)
    effort.tell(0.8, "seat")
    seats = at_tables(problem, table)
    held = np.array([spot[1:] for spot in seats], np.int64).reshape(-1, 2)
    degrees = np.bincount(held.ravel(), minlength=graph.size) - graph.held
    bound, lowest = proven_bounds(graph, chosen, degrees, effort.spread)
    locked = sum(int(graph.benefit[lock.one, lock.other]) for lock in graph.locks)
    sittings = tuple(Sitting(when, (one, other), name) for (when, one, other), name in seats.items())
    return Outcome(sittings, bound + locked, lowest)


def _in_rounds(graph: MeetingGraph, chosen: Vast, effort: Effort) -> Timetable:
    rng = random.Random(effort.seed)  # noqa: S311 - chance that can be repeated, no secret
    table, _ = timed(graph, chosen.pairs, rng)
    degrees = np.bincount(chosen.pairs.ravel(), minlength=graph.size)
    least = (1 - PRICE) * proven_bounds(graph, chosen, degrees, effort.spread)[0] if effort.floor else None
    top_up(table, Promise(degrees, chosen.prices, least), rng, effort.deadline)
    return table
