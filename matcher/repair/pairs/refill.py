"""Repair one-to-one rounds: who sits with whom, then at which table."""

import numpy as np

from matcher.answer import Sitting
from matcher.errors import BadProblem, NotPossible
from matcher.graph import Floats
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import Cards, cards_of
from matcher.repair.changes import Changes
from matcher.repair.outlook import Refilled, lowest, reach
from matcher.repair.pairs.booths import Relay
from matcher.repair.pairs.filling import filled
from matcher.repair.pairs.partners import ANYWHERE, Seat
from matcher.rules import best_alone
from matcher.solver import assign


def refill_pairs(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Refilled:
    """Fill the open rounds of a `pairs` session anew.

    Raises
    ------
    BadProblem, NotPossible
        No table is left, or fewer than the locks need.
    """
    cards = cards_of(before, now, plan, changes)
    _refuse_few_tables(cards)
    bound, top = _bounds(cards, plan)
    relay = Relay(cards, plan) if now.interpreters else None
    settled, stale_bound = filled(cards, plan.seed) if relay is None else filled(relay.cards, plan.seed, relay.widest)
    seats = settled.seats if relay is None else relay.joined(settled.seats)
    sittings = [
        Sitting(
            cards.first + seat.when,
            (seat.one, seat.other),
            name,
            interpreter=relay.interpreter(seat) if relay else None,
        )
        for seat, name in _tables(cards, seats)
    ]
    return Refilled(tuple(sittings), stale_bound, bound, top)


def _refuse_few_tables(cards: Cards) -> None:
    if cards.room < 1:
        raise BadProblem("--lost-table: no table would be left; keep one")
    for when, people in enumerate(cards.locked.sum(0).tolist()):
        if people // 2 > cards.room:
            number = cards.first + when + 1
            raise NotPossible(f"locks: round {number} has more locks than tables are left; remove a lock")
    for who, when in np.argwhere(cards.locked & cards.uprooted[:, None]).tolist():
        name, number = cards.problem.people[who].id, cards.first + when + 1
        raise NotPossible(f"locks: no table is left where {name!r} can stay seated in round {number}; remove the lock")


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


def _bounds(cards: Cards, plan: Plan) -> tuple[int, float]:
    """What any plan with these begun rounds can reach: everybody's best partners among those not met yet."""
    worth, most = cards.worth, np.zeros(cards.size, np.int64)
    for meeting in plan.meetings:
        if meeting.round <= cards.first:
            pair = tuple(cards.admissible.index[name] for name in meeting.people)
            most[list(pair)] += worth[pair]
    may, more = cards.open.copy(), np.minimum(cards.left, cards.there.sum(1))
    for who, when in np.argwhere(cards.locked).tolist():
        may[who, cards.partner[who, when]] = True
    most += reach(may, worth, np.maximum(more, cards.locked.sum(1)))
    return int(most.sum()) // 2, lowest(most, best_alone(cards.admissible, worth))
