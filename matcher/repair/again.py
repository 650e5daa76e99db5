"""Repair a plan: the begun rounds stand, and of those that follow as few cards change as can be."""

from collections.abc import Callable
from dataclasses import replace

from matcher.answer import Outcome, Sitting, plan_of
from matcher.check import breaches
from matcher.engine import BrokenPlan
from matcher.errors import BadProblem
from matcher.plan import Plan
from matcher.problem import Format, Problem
from matcher.refusals import refuse_locks
from matcher.repair.agreed.refill import refill_agreed
from matcher.repair.changes import Changes, changed
from matcher.repair.circles.refill import refill_circles
from matcher.repair.groups.refill import refill_blocks
from matcher.repair.outlook import Refilled
from matcher.repair.pairs.refill import refill_pairs
from matcher.repair.visits.refill import refill_visits
from matcher.rules import Admissibility

Refill = Callable[[Problem, Problem, Plan, Changes], Refilled]

REFILLS: dict[Format, Refill] = {
    "pairs": refill_pairs,
    "clinics": refill_visits,
    "stations": refill_visits,
    "circles": refill_circles,
}


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
    if found := breaches(problem, plan):
        raise BadProblem(f"the plan does not answer the problem: {found[0]}; give the problem it was made for")
    now = changed(problem, plan, changes)
    refuse_locks(now)
    refilled = _refill(problem)(problem, now, plan, changes)
    if refilled.chosen is not None:
        now = replace(now, chosen=refilled.chosen)
    if refilled.locks is not None:
        now = replace(now, locks=refilled.locks)
    fresh = _told(now, plan, changes, refilled)
    stale = stale_cards(plan, fresh, changes)
    quality = replace(fresh.quality, stale_bound=min(refilled.stale_bound, len(stale)))
    fresh = replace(fresh, version=plan.version + 1, stale=stale, quality=quality)
    if found := breaches(now, fresh):
        raise BrokenPlan(f"{len(found)} rules are broken, first: {found[0]}")
    return now, fresh


def _refill(problem: Problem) -> Refill:
    session = problem.session
    if problem.chosen is not None:
        return refill_agreed
    if session.format == "stations" and session.move == "groups":
        return refill_blocks
    return REFILLS[session.format]


def stale_cards(printed: Plan, fresh: Plan, changes: Changes) -> tuple[str, ...]:
    """Name those whose table is another one than printed in some open round in which they are there."""
    gone, late = changes.gone(), {one.id for one in changes.late}
    said, now = _seats(printed, changes.from_round), _seats(fresh, changes.from_round)
    valid = {seat for seat in said if seat[1] < gone.get(seat[0], seat[1] + 1)}
    return tuple(sorted({seat[0] for seat in valid ^ now} - late))


def _seats(plan: Plan, first: int) -> set[tuple[str, int, str]]:
    return {(name, one.round, one.table) for one in plan.meetings if one.round >= first for name in one.people}


def _told(now: Problem, plan: Plan, changes: Changes, refilled: Refilled) -> Plan:
    """The begun rounds as they were printed, the open ones as they are now."""
    admissible, first = Admissibility(now), changes.from_round
    index = admissible.index
    begun = tuple(one for one in plan.meetings if one.round < first)
    sittings = tuple(
        Sitting(
            one.round - 1,
            tuple(index[name] for name in one.people),
            one.table,
            None if one.host is None else index[one.host] - len(now.people),
        )
        for one in begun
    )
    outcome = Outcome(
        sittings + refilled.sittings,
        refilled.bound,
        refilled.lowest_bound,
        repeats_bound=refilled.repeats_bound,
    )
    fresh = plan_of(now, admissible, outcome, plan.seed)
    return replace(
        fresh,
        meetings=begun + tuple(one for one in fresh.meetings if one.round >= first),
        rests=tuple(one for one in plan.rests if one.round < first)
        + tuple(one for one in fresh.rests if one.round >= first),
    )
