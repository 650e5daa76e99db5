"""Repair a plan: the begun rounds stand, and of those that follow as few cards change as can be."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcher.answer import Outcome, Sitting, plan_of
from matcher.check import breaches
from matcher.engine import BrokenPlan
from matcher.errors import BadProblem, NotPossible
from matcher.graph import Floats
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.refusals import refuse_later, refuse_locks
from matcher.repair.cards import Cards, cards_of
from matcher.repair.changes import Changes, changed
from matcher.repair.filling import filled
from matcher.repair.partners import ANYWHERE, Seat
from matcher.rules import best_alone
from matcher.solver import assign


def repaired(problem: Problem, plan: Plan, changes: Changes, *, clock: Callable[[], float]) -> tuple[Problem, Plan]:
    """Make a plan feasible again for those who are there, so that most cards in people's hands stay right.

    A card is stale when its holder's table is another one in some open round, or the holder rests where the card says
    a table or the other way round; a new partner at the same table does not make it stale. The aims, in this order:
    fewest rests, fewest stale cards, fewest changed partners, most benefit.

    Parameters
    ----------
    problem, plan : Problem, Plan
        What was asked and what was printed.
    changes : Changes
        Who is missing or late, what is lost, from which round on.
    clock : callable
        A monotonic timer in seconds.

    Returns
    -------
    problem : Problem
        The problem as it is now; see `changed`.
    plan : Plan
        One version on; begun rounds are the very same. `quality.stale_bound`: so many cards are `stale` at least.

    Raises
    ------
    BadProblem, UnknownId, NotPossible, BrokenPlan
        The plan does not answer the problem; a change names what is not there; locks contradict the rules now; the
        referee found a breach.

    Examples
    --------
    >>> from matcher.engine import solve
    >>> from matcher.problem import Person, Session
    >>> room = Problem(Session(rounds=3), tuple(Person(f"p{number}") for number in range(1, 9)))
    >>> printed = solve(room, clock=lambda: 0.0)
    >>> now, plan = repaired(room, printed, Changes(2, absent=("p8", "p7")), clock=lambda: 0.0)
    >>> plan.version, len(plan.rests), len(plan.stale) == plan.quality.stale_bound
    (2, 0, True)
    """
    started = clock()
    now, fresh = _judged(problem, plan, changes)
    return now, fresh.timed(round(clock() - started, 3))


def _judged(problem: Problem, plan: Plan, changes: Changes) -> tuple[Problem, Plan]:
    refuse_repair(problem)
    if found := breaches(problem, plan):
        raise BadProblem(f"the plan does not answer the problem: {found[0]}; give the problem it was made for")
    now = changed(problem, plan, changes)
    refuse_locks(now)
    cards = cards_of(problem, now, plan, changes)
    _refuse_few_tables(cards)
    settled, bound = filled(cards, plan.seed)
    fresh = _told(cards, plan, changes, _tables(cards, settled.seats))
    stale = stale_cards(plan, fresh, changes)
    quality = replace(fresh.quality, stale_bound=min(bound, len(stale)))
    fresh = replace(fresh, version=plan.version + 1, stale=stale, quality=quality)
    if found := breaches(now, fresh):
        raise BrokenPlan(f"{len(found)} rules are broken, first: {found[0]}")
    return now, fresh


def refuse_repair(problem: Problem) -> None:
    """Refuse what this version does not repair yet.

    Raises
    ------
    BadProblem
        The message names the key.
    """
    refuse_later(problem)
    if problem.session.format != "pairs":
        raise BadProblem(f"session.format: {problem.session.format!r} cannot be repaired by this version, only 'pairs'")
    if problem.chosen is not None:
        raise BadProblem("chosen: meetings agreed beforehand cannot be repaired by this version; plan anew")
    if problem.interpreters:
        raise BadProblem("interpreters: a plan with interpreters cannot be repaired by this version; plan anew")


def _refuse_few_tables(cards: Cards) -> None:
    if cards.room < 1:
        raise BadProblem("--lost-table: no table would be left; keep one")
    for when, people in enumerate(cards.locked.sum(0).tolist()):
        if people // 2 > cards.room:
            number = cards.first + when + 1
            raise NotPossible(f"locks: round {number} has more locks than tables are left; remove a lock")


def stale_cards(printed: Plan, fresh: Plan, changes: Changes) -> tuple[str, ...]:
    """Name those whose table is another one than printed in some open round in which they are there."""
    gone, late = changes.gone(), {one.id for one in changes.late}
    said, now = _seats(printed, changes.from_round), _seats(fresh, changes.from_round)
    valid = {seat for seat in said if seat[1] < gone.get(seat[0], seat[1] + 1)}
    return tuple(sorted({seat[0] for seat in valid ^ now} - late))


def _seats(plan: Plan, first: int) -> set[tuple[str, int, str]]:
    return {(name, one.round, one.table) for one in plan.meetings if one.round >= first for name in one.people}


def _tables(cards: Cards, seats: tuple[Seat, ...]) -> list[tuple[Seat, str]]:
    """Give each meeting that may be anywhere a table: the one its people's cards say if it is free."""
    names = list(cards.names)
    found: list[tuple[Seat, str]] = []
    for when in range(cards.rounds):
        here = [seat for seat in seats if seat.when == when]
        taken = {seat.table for seat in here}
        roaming = [seat for seat in here if seat.table == ANYWHERE]
        free = [at for at in range(len(cards.names)) if at not in taken and not cards.lost[at]]
        for _ in range(len(roaming) - len(free)):
            free.append(len(names))
            names.append(str(1 + max((int(name) for name in names if name.isdecimal()), default=0)))
        places = assign(_nearness(cards, roaming, free)).tolist() if roaming else []
        tables = {seat: free[at] for seat, at in zip(roaming, places, strict=True)}
        found += [(seat, names[tables.get(seat, seat.table)]) for seat in here]
    return found


def _nearness(cards: Cards, seats: list[Seat], tables: list[int]) -> Floats:
    """How many of the two people each table suits; between equals the one at the front."""
    when = seats[0].when
    said = np.array([[cards.table[who, when] for who in (seat.one, seat.other)] for seat in seats])
    suits = (said[:, :, None] == np.array(tables)[None, None, :]).sum(1)
    return np.asarray(suits - np.arange(len(tables)) / (1.0 + len(tables) * len(seats)), np.float64)


def _told(cards: Cards, plan: Plan, changes: Changes, tables: list[tuple[Seat, str]]) -> Plan:
    """The begun rounds as they were printed, the open ones as they are now."""
    index, first = cards.admissible.index, changes.from_round
    begun = tuple(one for one in plan.meetings if one.round < first)
    sittings = [Sitting(one.round - 1, tuple(index[name] for name in one.people), one.table) for one in begun]
    bound, top = _bounds(cards, sittings)
    sittings += [Sitting(cards.first + seat.when, (seat.one, seat.other), name) for seat, name in tables]
    fresh = plan_of(cards.problem, cards.admissible, Outcome(tuple(sittings), bound, top), plan.seed)
    return replace(
        fresh,
        meetings=begun + tuple(one for one in fresh.meetings if one.round >= first),
        rests=tuple(one for one in plan.rests if one.round < first)
        + tuple(one for one in fresh.rests if one.round >= first),
    )


def _bounds(cards: Cards, begun: list[Sitting]) -> tuple[int, float]:
    """What any plan with these begun rounds can reach: everybody's best partners among those not met yet."""
    worth, most = cards.worth, np.zeros(cards.size, np.int64)
    for one in begun:
        most[list(one.people)] += worth[one.people]
    may, more = cards.open.copy(), np.minimum(cards.left, cards.there.sum(1))
    for who, when in np.argwhere(cards.locked).tolist():
        may[who, cards.partner[who, when]] = True
    ranked = -np.sort(-np.where(may, worth, 0), axis=1)
    within = np.arange(ranked.shape[1])[None, :] < np.maximum(more, cards.locked.sum(1))[:, None]
    most += np.where(within, ranked, 0).sum(1)
    best = best_alone(cards.admissible, worth)
    lowest = np.where(best > 0, most / np.maximum(best, 1), np.inf).min(initial=np.inf)
    return int(most.sum()) // 2, min(float(lowest), 1.0)
