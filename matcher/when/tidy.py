"""Rests at the ends: the meetings of a timetable in other rounds, with fewer breaks."""

import random
from dataclasses import dataclass

import numpy as np

from matcher.graph import PLENTY, MeetingGraph
from matcher.solver import NEVER, Deadline
from matcher.when.agenda import Agenda
from matcher.when.compact import STEPS, compact
from matcher.when.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Tidied:
    """The same meetings with fewer breaks, and how many breaks they have at least in whatever rounds."""

    table: Timetable
    bound: int


def tidy(table: Timetable, rng: random.Random, *, steps: int = STEPS, deadline: Deadline = NEVER) -> Tidied:
    """Move meetings, but no locked ones, until few breaks are left; nobody meets anybody else than before.

    Parameters
    ----------
    table : Timetable
        Meetings in their rounds; it stays as it is.
    rng : random.Random
        Which chains are tried.
    steps : int
        How many chains are tried at most.
    deadline : Deadline
        After it no further chain is tried.
    """
    spots = np.array(list(table.spots()), dtype=np.int64).reshape(-1, 3)
    found = compact(_agenda(table.graph, spots[:, 1:], spots[:, 0]), spots[:, 0], rng, steps=steps, deadline=deadline)
    tidied, locked = Timetable(table.graph), len(table.graph.locks)
    for (one, other), when in zip(spots[locked:, 1:].tolist(), found.when[locked:].tolist(), strict=True):
        tidied.put(one, other, when)
    return Tidied(tidied, sum(found.bound))


def _agenda(graph: MeetingGraph, ends: np.ndarray, when: np.ndarray) -> Agenda:
    """The locked meetings, which come first, in their rounds, and the others wherever both are there and not locked."""
    locked = len(graph.locks)
    inside = graph.free[ends[:, 0]] & graph.free[ends[:, 1]]
    inside[:locked] = np.arange(graph.rounds) == when[:locked, None]
    pinned = np.bincount(when[:locked], minlength=graph.rounds)
    ones = np.ones(graph.size, np.int64)
    return Agenda(
        ends=ends,
        open=inside,
        capacity=graph.there.astype(np.int64),
        room=np.minimum(graph.room + pinned, PLENTY),
        rank=0 * ones,
        least=ones,
        spread=True,
    )
