"""Which few stand in the way: a smallest set of agreed meetings that cannot all be held.

Smallest means irreducible: all but any one of them can be held. First too many meetings for the rounds of one person or
for the tables (Hall 1935: alternating paths from a meeting that found no place reach exactly such a set), then whatever
the clauses contradict, with one limit after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from matcher.when.agenda import Agenda
from matcher.when.formula import Formula, Homes

PATIENCE = 20_000
GLANCE = 2_000

Limit = Literal["person", "tables", "attendance", "seated", "spread"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Meetings that cannot all be held, by row, and the limit at which they fail; `person` where it is one's rounds."""

    meetings: tuple[int, ...]
    limit: Limit
    person: int | None = None


def obstacle(agenda: Agenda, homes: Homes | None = None) -> Obstacle | None:
    """Find meetings that stand in each other's way.

    Returns
    -------
    Obstacle or None
        None where none was found.
    """
    return too_many(agenda) or _contradiction(agenda, homes)


def too_many(agenda: Agenda) -> Obstacle | None:
    """Find more meetings than one person has rounds for, or than there are tables for."""
    found: list[Obstacle] = []
    for who, places in enumerate(agenda.capacity.tolist()):
        own = np.flatnonzero((agenda.ends == who).any(1)).tolist()
        if crowd := crowded(own, agenda, places):
            found.append(Obstacle(tuple(sorted(crowd)), "person", who))
    if found:
        return min(found, key=lambda one: (len(one.meetings), one.person))
    if crowd := crowded(range(len(agenda.ends)), agenda, agenda.room.tolist()):
        return Obstacle(tuple(sorted(crowd)), "tables")
    return None


def crowded(meetings: Sequence[int], agenda: Agenda, places: Sequence[int]) -> list[int]:
    """Meetings that need one place more than there is in all their rounds together; empty where all find one."""
    rounds = [np.flatnonzero(row).tolist() for row in agenda.open]
    taken: list[list[int]] = [[] for _ in places]
    for meeting in meetings:
        came: dict[int, tuple[int, int]] = {}
        reached, end = [meeting], None
        for one in reached:
            for when in rounds[one]:
                if when in came:
                    continue
                came[when] = one, len(reached)
                if len(taken[when]) < places[when]:
                    end = when
                    break
                reached += [other for other in taken[when] if other not in reached]
            if end is not None:
                break
        if end is None:
            return reached
        _enter(taken, came, (meeting, end))
    return []


def _enter(taken: list[list[int]], came: dict[int, tuple[int, int]], path: tuple[int, int]) -> None:
    """Let everybody on the path take the place of the next one."""
    first, when = path
    while True:
        one = came[when][0]
        before = next((number for number, here in enumerate(taken) if one in here), None)
        taken[when].append(one)
        if before is None or one == first:
            return
        taken[before].remove(one)
        when = before


def _contradiction(agenda: Agenda, homes: Homes | None) -> Obstacle | None:
    free = replace(agenda, spread=False, room=np.full_like(agenda.room, len(agenda.ends)))
    crowd = replace(agenda, spread=False)
    cases: list[tuple[Limit, Agenda, Homes | None]] = [("attendance", free, None), ("tables", crowd, None)]
    if homes is not None:
        cases.append(("seated", crowd, homes))
    if agenda.spread:
        cases.append(("spread", agenda, homes))
    for limit, case, at_home in cases:
        formula = Formula(case, at_home, strict=False)
        core = _core(formula)
        formula.clauses.close()
        if core:
            return Obstacle(tuple(sorted(core)), limit)
    return None


def _core(formula: Formula) -> list[int]:
    """Meetings that cannot all be demanded, none of them to spare as far as that is seen; empty where all can be."""
    number = {wish: meeting for meeting, wish in enumerate(formula.wanted)}
    if formula.clauses.ask(formula.wanted, PATIENCE) is not False:
        return []
    core = formula.clauses.core()
    for wish in list(core):
        rest = [one for one in core if one != wish]
        if wish in core and formula.clauses.ask(rest, GLANCE) is False:
            core = formula.clauses.core()
    return [number[wish] for wish in core]
