"""Repair circles: a table that is one short, or has one more, is still a circle, so that most cards stay right.

First it is counted how many cards must change at least, and whose could (`counting`, `widening`). Then those people,
late-comers and those whose table is lost are placed anew in whole numbers (`placing`), in the order of the aims: fewest
rests, fewest stale cards, fewest changed partners, fewest repeats, most benefit.
"""

from collections.abc import Iterator

import numpy as np

from matcher.answer import Sitting
from matcher.errors import NotPossible
from matcher.graph import Bools, Floats, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOWHERE
from matcher.repair.changes import Changes
from matcher.repair.circles.begun import Begun
from matcher.repair.circles.peers import Peers, peers_of
from matcher.repair.circles.placing import Placing
from matcher.repair.circles.widening import TOO_TIGHT, Part, everywhere, fewest, parts_of, stale
from matcher.repair.outlook import Refilled

SMALL = 1_200


def refill_circles(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Refilled:
    """Fill the open rounds of a `circles` session anew.

    Raises
    ------
    BadProblem, NotPossible
        No table is left, or the locks cannot be kept any more.
    """
    peers = peers_of(before, now, plan, changes)
    place, stale_bound = settled(peers)
    who = stale(peers, place)
    for part in parts_of(peers):
        place[:, part.rounds] = bettered(part, place, who)
    sittings = tuple(
        Sitting(peers.first + when, tuple(people), peers.names[table]) for when, table, people in _tables(place)
    )
    begun, rests = Begun(now, plan, peers), int((peers.there & (place == NOWHERE)).sum())
    return Refilled(
        sittings, stale_bound, begun.most_benefit(), lowest_bound=None, repeats_bound=begun.fewest_repeats(rests)
    )


def _tables(place: Ints) -> Iterator[tuple[int, int, list[int]]]:
    for when in range(place.shape[1]):
        for table in np.unique(place[place[:, when] != NOWHERE, when]).tolist():
            yield when, table, np.flatnonzero(place[:, when] == table).tolist()


def settled(peers: Peers) -> tuple[Ints, int]:
    """Return who sits where (n, F) with the fewest rests and stale cards, and how many must be stale at least.

    Small rooms are settled at once, with everybody free to move.
    """
    if int(peers.there.sum()) * len(peers.lost) <= SMALL:
        placed = Placing(peers, everywhere(peers)).fewest()
        if placed.place is None and placed.proven:
            raise NotPossible(TOO_TIGHT)
        if placed.place is not None and placed.proven:
            return placed.place, int(stale(peers, placed.place).sum())
    return fewest(peers)


def bettered(part: Part, place: Ints, who: Bools) -> Ints:
    """Place those whose cards change anyway once more, in the rounds of a part, as good as can be beside all others.

    The aims are fewest changed partners, fewest repeats, most benefit; `place` (n, F) is for all rounds.
    """
    here = place[:, part.rounds]
    loose = part.loose(who, here)
    if not loose.may.any():
        return here
    met = part.peers.room.met.copy()
    for when in set(range(place.shape[1])) - set(part.rounds):
        met |= _together(place[:, when])
    placing = Placing(part.peers, loose)
    found = placing.best(_worth(placing, met), int((loose.moves & (here != NOWHERE)).sum())).place
    return here if found is None or _cost(part.peers, here, met) <= _cost(part.peers, found, met) else found


def _worth(placing: Placing, met: Bools) -> Floats:
    """(m,): what each seat is worth beside those who stay; a partner of the card is worth more than all else."""
    peers, who, when, table = placing.peers, placing.who, placing.when, placing.table
    changed, repeats, benefit = (np.zeros(placing.seats) for _ in range(3))
    for number in range(peers.rounds):
        here = when == number
        beside = placing.stay[number].astype(np.int64)
        partners = beside.sum(0)[table[here]]
        card = peers.card[who[here], number]
        # a circle without its table stays together where it has one for itself
        crew = (peers.card[:, number] == card[:, None]).sum(1) - 1
        alone = (partners == 0) & (card != NOWHERE) & peers.lost[card]
        changed[here] = -np.where(card == table[here], partners, np.where(alone, crew, 0))
        repeats[here] = (met.astype(np.int64) @ beside)[who[here], table[here]]
        benefit[here] = (peers.room.benefit @ beside)[who[here], table[here]]
    less = repeats * (float(benefit.sum()) + 1.0) - benefit
    return np.asarray(-changed - less / (1.0 + 2.0 * float(np.abs(less).sum())))


def _cost(peers: Peers, place: Ints, met: Bools) -> tuple[int, int, int]:
    """Partners on the cards who are there and elsewhere, repeats, and benefit that is lost, over all pairs."""
    changed, benefit, times = 0, 0, met.astype(np.int64)
    for when in range(peers.rounds):
        said, now = (_together(one[:, when]) for one in (peers.card, place))
        changed += int((said & ~now).sum())
        benefit += int(peers.room.benefit[now].sum())
        times += now
    return changed, int(np.maximum(times - 1, 0).sum()), -benefit


def _together(place: Ints) -> Bools:
    """(n, n): who shares a table with whom."""
    found = (place[:, None] == place[None, :]) & (place != NOWHERE)[:, None]
    np.fill_diagonal(found, val=False)
    return np.asarray(found, np.bool_)
