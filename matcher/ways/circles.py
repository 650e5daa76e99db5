"""Regional Networking: tables of peers without a host, mixed anew in each round."""

from itertools import count

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.choose.circles.choice import Circles, arrange
from matcher.choose.circles.layout import Room, Together
from matcher.effort import Effort
from matcher.errors import NotPossible
from matcher.points import matrix
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.where.seat import Group, seat

PLENTY = 1_000_000


def circles(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan circles: as many people as possible at tables, the fewest repeats, then the most benefit.

    Tables have `session.size` people as nearly as their number allows; both bounds are for these numbers of tables.

    Raises
    ------
    NotPossible
        The locks of a round cannot be kept together.
    """
    room = room_of(problem, admissible)
    effort.tell(0.05, "choose")
    arranged = arrange(room, effort)
    effort.tell(0.9, "seat")
    groups = _groups(problem, room, arranged)
    tables = seat(groups, problem.session.tables, np.flatnonzero(room.seated).tolist())
    sittings = tuple(
        Sitting(group.round, group.people, table)
        for group, table in zip(groups, tables, strict=True)
        if table is not None
    )
    return Outcome(sittings, arranged.bound, None, repeats_bound=arranged.repeats_bound)


def room_of(problem: Problem, admissible: Admissibility) -> Room:
    """Turn a problem into the arrays of a session of circles."""
    n = len(problem.people)
    everybody = np.arange(n)
    met = np.zeros((n, n), bool)
    for both in problem.met_before:
        pair = [admissible.index[name] for name in both if name in admissible.index]
        if len(pair) == 2:  # hosts may be listed, though nobody visits them here
            met[pair, pair[::-1]] = True
    locks = tuple(
        Together(lock.round - 1, tuple(admissible.index[name] for name in lock.people), lock.table)
        for lock in problem.locks
    )
    often = np.bincount([who for lock in locks for who in lock.people], minlength=n)
    colleagues = admissible.layers.get("organisation")
    tables = problem.session.tables
    return Room(
        there=admissible.there,
        caps=np.maximum(admissible.caps, often),
        clash=~admissible.allowed & ~np.eye(n, dtype=bool),
        colleagues=np.zeros((n, n), bool) if colleagues is None else ~colleagues(everybody) & ~np.eye(n, dtype=bool),
        met=met,
        benefit=matrix(problem),
        speaks=_languages(problem),
        seated=np.array([person.seated for person in problem.people], bool),
        locks=locks,
        size=problem.session.size,
        most=len(tables) if isinstance(tables, tuple) else tables or PLENTY,
    )


def _languages(problem: Problem) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Who speaks what; nothing where the rule is off or one language is everybody's."""
    people = problem.people
    codes = sorted({code for person in people for code in person.languages})
    spoken = [[not person.languages or code in person.languages for code in codes] for person in people]
    speaks = np.array(spoken, bool).reshape(len(people), len(codes))
    if not problem.rules.shared_language or speaks.all(axis=0).any():
        return speaks[:, :0]
    return speaks


def _groups(problem: Problem, room: Room, arranged: Circles) -> list[Group]:
    """Tables with the names that are settled: those of locks, and those of seated people."""
    named = _names(problem, arranged)
    groups = []
    for number, tables in enumerate(arranged.rounds):
        locks = room.locked(number)
        for people in tables:
            held = [lock for lock in locks if set(lock.people) <= set(people)]
            names = {lock.table for lock in held if lock.table} | {named[who] for who in people if room.seated[who]}
            if len(names) > 1:
                raise NotPossible(
                    f"locks: in round {number + 1} one table would need the names {' and '.join(sorted(names))}; "
                    "remove a lock or add a table"
                )
            groups.append(Group(number, people, next(iter(names), None), bool(held)))
        kept = sum(any(set(lock.people) <= set(people) for people in tables) for lock in locks)
        if kept < len(locks):
            raise NotPossible(
                f"locks: those of round {number + 1} cannot all be kept at tables of {room.size} people, one more or "
                "one less; remove one"
            )
    return groups


def _names(problem: Problem, arranged: Circles) -> dict[int, str]:
    """The name of each seated person's table: as a lock says, else one that no lock uses."""
    home, tables = arranged.home, problem.session.tables
    taken = {lock.table for lock in problem.locks}
    names = iter(tables) if isinstance(tables, tuple) else map(str, count(1))
    free = (name for name in names if name not in taken)
    named = {
        table: arranged.said.get(table) or next(free, None) for table in sorted({int(at) for at in home if at >= 0})
    }
    if None in named.values():
        raise NotPossible("locks: no table was found for a seated person beside those they name; let one name no table")
    return {int(who): str(named[int(home[who])]) for who in np.flatnonzero(home >= 0)}
