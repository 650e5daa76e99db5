"""Repair stations whose fixed groups go round as a block: the groups go on, and few people go over to another one.

Whoever still finds the table of the card stays. Late-comers join a group, people who rest take places that are free in
their own, and where people would rest who need not, or two are kept apart, or a group is too small for its hosts, some
go over to another group for all open rounds. In small rooms everybody may: one whole-number programme decides, in the
order of the aims (fewest rests, fewest stale cards, fewest changed hosts, most benefit). In larger ones those go first
whose card does not hold, then, a few at a time, those who would gain a table or make room for one.
"""

import numpy as np

from matcher.answer import Sitting
from matcher.errors import NotPossible
from matcher.graph import Bools, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOBODY
from matcher.repair.changes import Changes
from matcher.repair.groups.joins import Desk, Held
from matcher.repair.groups.turns import Turns, turns_of
from matcher.repair.outlook import TOO_FEW, Refilled, lowest, reach
from matcher.repair.visits.book import Book, book_of
from matcher.rules import best_alone

SMALL = 900
BUDGET = 700


def refill_blocks(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Refilled:
    """Fill the open rounds of a `stations` session whose groups go round.

    The bounds are for groups that people may leave and join in round `from_round`, and then go on in the same order.
    """
    if not now.hosts:
        return Refilled((), 0, 0, 1.0)
    book = book_of(before, now, plan, changes)
    turns = turns_of(before, plan, book)
    held, stale_bound = blocks_filled(book, turns)
    sittings = tuple(
        Sitting(book.first + when, tuple(people), book.tables[host], host)
        for when in range(book.rounds)
        for host in range(len(book.places))
        if (people := np.flatnonzero(held.host[:, when] == host).tolist())
    )
    return Refilled(sittings, stale_bound, *_bounds(book, turns, plan))


def blocks_filled(book: Book, turns: Turns) -> tuple[Held, int]:
    """Return who is where in the open rounds, and how many cards must be stale at least where as few rest."""
    desk, everybody = Desk(book, turns), np.asarray(book.there.any(1), np.bool_)
    now = Held(np.where(book.stands, book.card, NOBODY), best=False)
    small = int(desk.may.sum()) <= SMALL
    found = desk.solve(now, everybody if small else _pressing(desk, now)) or desk.solve(now, everybody)
    if found is None:
        raise NotPossible(TOO_FEW)
    if small and found.best:
        return found, desk.stale(found)
    return _bettered(desk, found)


def _bettered(desk: Desk, now: Held) -> tuple[Held, int]:
    """Let a few people more go over to another group where that means fewer rests, then where fewer stale cards."""
    now = _spread(desk, now)
    for movers_of in (_for_places, _for_swaps, _for_cards):
        done = desk.seats(now) >= desk.most_seats
        if done and (movers_of is not _for_cards or desk.stale(now) <= _fewest_stale(desk, now)):
            continue
        start = _as_printed(desk, now) if movers_of is _for_cards else now
        movers = movers_of(desk, start)
        better = desk.solve(start, movers) if movers.any() else None
        if better is not None and _rank(desk, better) > _rank(desk, now):
            now = better
    return now, _fewest_stale(desk, now)


def _spread(desk: Desk, now: Held) -> Held:
    """Where too many for one programme would have more tables in another group, let one after the other go over."""
    gains = _elsewhere(desk, now) - (now.host != NOBODY).sum(1)
    gains[desk.book.locked.any(1)] = 0
    if not now.host.size or desk.columns_of(np.flatnonzero(gains > 0)).sum() <= BUDGET:
        return now
    host, ways = now.host.copy(), desk.turns.host
    for who in np.argsort(-gains, kind="stable")[: int((gains > 0).sum())].tolist():
        crowd = desk.crowd(Held(host, best=False))
        sits = np.flatnonzero(host[who] != NOBODY)
        if (crowd[host[who, sits], sits] <= desk.fewest[host[who, sits]]).any():
            continue
        open_to = desk.may[who] & (crowd < desk.book.places) & (crowd >= desk.fewest[:, None] - 1)
        for other in np.flatnonzero(desk.book.apart[who]).tolist():
            there = np.flatnonzero(host[other] != NOBODY)
            open_to[host[other, there], there] = False
        offers = np.array([_visits(open_to, way, int(desk.limit[who])) for way in ways])
        count = (offers != NOBODY).sum(1)
        count[desk.turns.mine[who, 0]] = 0
        worth = np.where(offers != NOBODY, desk.book.worth[who, offers], 0).sum(1)
        best = max(range(len(ways)), key=lambda at: (count[at], worth[at]))
        if count[best] > len(sits):
            host[who] = offers[best]
    return Held(host, best=False)


def _visits(open_to: Bools, way: Ints, most: int) -> list[int]:
    """At which host of a way somebody is in each round, `NOBODY` where none is open or all visits are used up."""
    found: list[int] = []
    for when, host in enumerate(way.tolist()):
        free = open_to[host, when] and host not in found and sum(one != NOBODY for one in found) < most
        found.append(host if free else NOBODY)
    return found


def _rank(desk: Desk, held: Held) -> tuple[int, int]:
    return desk.seats(held), -desk.stale(held)


def _within(desk: Desk, gains: Ints, budget: int = BUDGET) -> Bools:
    """Those who gain most, as many as a programme of so many columns has room for."""
    order = np.argsort(-gains, kind="stable")
    order = order[gains[order] > 0]
    chosen = np.zeros(len(gains), np.bool_)
    chosen[order[np.cumsum(desk.columns_of(order)) <= budget]] = True
    return chosen


def _pressing(desk: Desk, now: Held) -> Bools:
    """Whose place is open in any case: late-comers, people kept apart at one table, groups too small for a host."""
    book, found = desk.book, desk.book.late.copy()
    for one, other in np.argwhere(np.triu(book.apart)).tolist():
        if ((now.host[one] == now.host[other]) & (now.host[one] != NOBODY)).any():
            found[[one, other]] = True
    for host, when in np.argwhere((desk.crowd(now) > 0) & (desk.crowd(now) < desk.fewest[:, None])).tolist():
        found |= now.host[:, when] == host
    for who in desk.locks_open(now):
        found[list(who)] = True
    return np.asarray(found & book.there.any(1), np.bool_)


def _for_places(desk: Desk, now: Held) -> Bools:
    """Who would have more tables in another group, at places that are free now."""
    return _within(desk, _elsewhere(desk, now) - (now.host != NOBODY).sum(1))


def _for_swaps(desk: Desk, now: Held) -> Bools:
    """Who rests, and who could leave a place to them, or fill their group, and lose little elsewhere."""
    sits = now.host != NOBODY
    hungry = _within(desk, desk.most - sits.sum(1), BUDGET // 2)
    waiting = (desk.may & (hungry[:, None] & ~sits)[:, None, :]).any(0)
    wanted = waiting & (desk.crowd(now) >= desk.book.places)
    short = waiting & (desk.crowd(now) < desk.fewest[:, None])
    gains = _elsewhere(desk, now) - sits.sum(1) + (desk.may & short[None]).any((1, 2))
    for when in range(desk.book.rounds):
        gains += sits[:, when] & wanted[now.host[:, when], when]
    return np.asarray(hungry | _within(desk, np.where(hungry, 0, gains), BUDGET // 2), np.bool_)


def _for_cards(desk: Desk, now: Held) -> Bools:
    """Who would have more tables than on the card in another group, those first whose card is stale in any case."""
    gains = np.maximum(_elsewhere(desk, now) - desk.book.stands.sum(1), 0)
    return _within(desk, gains * np.where(desk.forced | desk.book.late, desk.book.rounds, 1))


def _as_printed(desk: Desk, now: Held) -> Held:
    """Let whoever only has more tables than on the card have those on it, which others may then take the place of."""
    fits = np.where(desk.book.card == NOBODY, True, now.host == desk.book.card).all(1) & ~desk.forced & ~desk.book.late
    return Held(np.where(fits[:, None], desk.book.card, now.host), best=False)


def _elsewhere(desk: Desk, now: Held) -> Ints:
    """(n,): how many tables each would have in the best of the other groups, where places are free now."""
    free = desk.may & (desk.crowd(now) < desk.book.places)[None]
    offers = np.array([found.sum(1) for found in desk.by_option(free)][:-1])
    mine, rows = desk.turns.mine, np.arange(len(free))
    offers[mine[:, 0], rows] = np.where(mine[:, 0] == NOBODY, offers[mine[:, 0], rows], 0)
    return np.asarray(np.minimum(offers.max(0), desk.limit), np.int64)


def _fewest_stale(desk: Desk, now: Held) -> int:
    """How many cards are stale in any plan in which as few rest.

    Cards that cannot hold; of two who are now kept apart at one table one; and whoever keeps the card has the tables on
    it and no more, so that all the other tables are of those whose card is stale.
    """
    book, seats = desk.book, (now.host != NOBODY).sum()
    taken, parted = desk.forced.copy(), 0
    for one, other in np.argwhere(np.triu(book.apart)).tolist():
        both = book.stands[one] & book.stands[other] & (book.card[one] == book.card[other])
        if both.any() and not taken[one] and not taken[other]:
            taken[[one, other]] = True
            parted += 1
    free = desk.forced | book.late
    kept = np.where(free, desk.most, book.stands.sum(1))
    missing = int(seats - kept.sum())
    more = -np.sort(-(desk.most - book.stands.sum(1))[~free])
    hungry = int(np.searchsorted(np.cumsum(more), missing) + 1) if missing > 0 else 0
    return int(desk.forced.sum()) + max(parted, hungry)


def _bounds(book: Book, turns: Turns, plan: Plan) -> tuple[int, float]:
    """What any plan can reach: everybody's best group, as if the others were not there."""
    desk, index, number = Desk(book, turns), book.admissible.index, len(book.card)
    begun = np.zeros(number, np.int64)
    for meeting in plan.meetings:
        if meeting.round <= book.first:
            rows = [index[name] for name in meeting.people]
            begun[rows] += book.worth[rows, index[str(meeting.host)] - number]
    options = [reach(may, book.worth, desk.limit) for may in desk.by_option()]
    most = begun + np.max(options, axis=0, initial=0)
    return int(most.sum()), lowest(most, best_alone(book.admissible, book.worth))
