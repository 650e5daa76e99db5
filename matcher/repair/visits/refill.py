"""Repair where people come to hosts (`clinics`, `stations`): others hardly notice who is missing.

Whoever still finds the host of the card stays. Those whose host is gone, late-comers and, in `stations`, people who
rest are given places that are free; a visit left with too few people is filled or given up. All that at once, in whole
numbers, in the order of the aims: fewest rests (in `clinics` the most talks for those whose card changes anyway),
fewest stale cards, fewest changed hosts, most benefit. Where somebody is left without a place although a host had room
for one more in that round, those who could make room are asked next.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from matcher.answer import Sitting
from matcher.errors import NotPossible
from matcher.graph import Bools, Floats
from matcher.plan import Plan
from matcher.problem import MOST_BENEFIT, Problem
from matcher.repair.cards import NOBODY
from matcher.repair.changes import Changes
from matcher.repair.outlook import TOO_FEW, Refilled, lowest, reach
from matcher.repair.visits.book import Book, Visit, book_of
from matcher.repair.visits.rehousing import Rehoused, rehoused
from matcher.repair.visits.voices import Kept, Table, Voice, Voices, taken_over
from matcher.rules import best_alone
from matcher.solver import Programme, whole

NODES = 300
EXACT = 600
HELPERS = 12
HELPS = 4
BROAD = 3_000


def refill_visits(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Refilled:
    """Fill the open rounds of a `clinics` or `stations` session anew."""
    moved = rehoused(book_of(before, now, plan, changes))
    now = replace(now, locks=moved.locks)
    book = book_of(before, now, plan, changes)
    sittings, stale_bound = visits_filled(book, plan, moved)
    index, number = book.admissible.index, len(now.people)
    most = np.zeros(number, np.int64)
    for meeting in plan.meetings:
        if meeting.round <= book.first:
            rows = [index[name] for name in meeting.people]
            most[rows] += book.worth[rows, index[str(meeting.host)] - number]
    may, more = book.open.copy(), np.minimum(book.left, book.there.sum(1))
    for who, when in np.argwhere(book.locked & (book.card != NOBODY)).tolist():
        may[who, book.card[who, when]] = True
    for lock in (one for one in now.locks if one.table is None and one.round > book.first):
        may[[index[name] for name in lock.people]] |= book.places[:, lock.round - 1 - book.first] > 0
    most += reach(may, book.worth, np.maximum(more, book.locked.sum(1)))
    top = lowest(most, best_alone(book.admissible, book.worth)) if book.restless else None
    return Refilled(sittings, stale_bound, int(most.sum()), top, locks=now.locks)


def visits_filled(book: Book, plan: Plan, moved: Rehoused) -> tuple[tuple[Sitting, ...], int]:
    """Return who sits where in the open rounds, and how many cards must change at least where as few rest."""
    forced = ((book.card != NOBODY) & ~book.stands).any(1)
    voices = Voices(book, plan)
    heard, kept = voices.promised(), taken_over(voices, forced)
    doubtful = forced.copy()
    doubtful[[who for people in heard.values() for who in people]] = True
    bound = int(forced.sum()) + max(kept.lost + _parted(book, doubtful), _parted(book, forced))
    if (moved.card != book.card).any():
        book = replace(book, card=moved.card, mute=moved.ended)
        voices = Voices(book, plan)
        kept = taken_over(voices, forced)
    book = replace(book, mute=book.mute | kept.mute)
    free = forced | ((book.card != NOBODY) & ~book.stands).any(1) | book.late
    shaken = _unsettled(book, free)
    priced = shaken.any(1) & ~free
    loose = priced[:, None] | (free[:, None] & (shaken | ~book.stands))
    best, interpreting = _Desk(book, priced, loose, (voices, kept)).solve()
    for _ in range(HELPS if book.restless else 0):
        holes = _holes(book, best)
        if not holes.any():
            break
        helpers = _helpers(book, best, holes)
        priced = priced | (helpers & ~free)
        loose = loose | helpers[:, None]
        wide = _Desk(book, priced, loose | (free & holes.any(1))[:, None], (voices, kept))
        if len(wide.columns) > BROAD:
            wide = _Desk(book, priced, loose, (voices, kept))
        if len(wide.columns) > BROAD:
            break
        wider, _ = wide.solve()
        if len(wider) <= len(best):
            break
        best = wider
    return _sittings(book, voices, best, interpreting), bound


def _sittings(book: Book, voices: Voices, found: list[Visit], interpreting: list[Voice]) -> tuple[Sitting, ...]:
    at: defaultdict[Table, list[int]] = defaultdict(list)
    for one in sorted(found, key=lambda one: one.who):
        at[one.host, one.when].append(one.who)
    served = voices.helped(at, interpreting)
    return tuple(
        Sitting(book.first + when, tuple(people), book.tables[host], host, served.get((host, when)))
        for (host, when), people in at.items()
    )


def _parted(book: Book, forced: Bools) -> int:
    """Pairs kept apart at one host, no two with a person in common: one of each must go."""
    taken, number = forced.copy(), 0
    for one, other in np.argwhere(np.triu(book.apart)).tolist():
        both = book.stands[one] & book.stands[other] & (book.card[one] == book.card[other])
        if both.any() and not taken[one] and not taken[other]:
            taken[[one, other]] = True
            number += 1
    return number


def _unsettled(book: Book, free: Bools) -> Bools:
    """(n, F): who may have to go elsewhere: kept apart at one host, left with too few, resting where there is room."""
    found = np.zeros(book.card.shape, np.bool_)
    for one, other in np.argwhere(np.triu(book.apart)).tolist():
        found[[one, other]] |= book.stands[one] & book.stands[other] & (book.card[one] == book.card[other])
    least = [host.min_places for host in book.problem.visited]
    for when in range(book.rounds):
        here = np.where(book.stands[:, when], book.card[:, when], NOBODY)
        stay = np.where(free, NOBODY, here)
        for host in range(len(book.places)):
            if (here == host).any() and (stay == host).sum() < least[host]:
                found[:, when] |= here == host
        if book.restless:
            room = np.array([(here == host).sum() for host in range(len(book.places))]) < book.places[:, when]
            found[:, when] |= book.there[:, when] & (book.card[:, when] == NOBODY) & (book.open & room).any(1)
    return found


def _holes(book: Book, found: list[Visit]) -> Bools:
    """(n, F): who has no place in rounds in which fewer could rest."""
    rests = book.there.copy()
    for one in found:
        rests[one.who, one.when] = False
    return np.asarray(rests & (rests.sum(0) > book.least_rests), np.bool_)


def _helpers(book: Book, found: list[Visit], holes: Bools) -> Bools:
    """People who could leave a place to somebody without one, and find another in the same round."""
    useful = np.zeros(len(book.card), np.int64)
    for when in np.flatnonzero(holes.any(0)).tolist():
        here = np.full(len(book.card), NOBODY)
        for one in found:
            if one.when == when:
                here[one.who] = one.host
        full = np.bincount(here[here != NOBODY], minlength=len(book.places)) >= book.places[:, when]
        wanted = np.asarray(book.open[holes[:, when]].any(0), np.bool_)
        useful += (here != NOBODY) & wanted[here] & (book.open & ~full).any(1) & ~book.locked[:, when]
    order = np.argsort(-useful, kind="stable")[:HELPERS]
    helpers = np.zeros(len(book.card), np.bool_)
    helpers[order[useful[order] > 0]] = True
    return helpers


class _Desk:
    """One programme: a column for each possible visit of those who may move, for each visit held, for each card.

    `priced` (n,) are those whose cards would change by it; `loose` (n, F) says who may move in which rounds; `heard`
    is what interpreters can do, and what they go on doing.
    """

    def __init__(self, book: Book, priced: Bools, loose: Bools, heard: tuple[Voices, Kept]) -> None:
        self.book, self.priced = book, np.flatnonzero(priced).tolist()
        self.loose = loose & ~book.locked
        stays = book.stands & ~self.loose
        self.kept = [Visit(who, int(book.card[who, when]), when) for who, when in np.argwhere(stays).tolist()]
        self.at = np.zeros((len(book.places), book.rounds, len(book.card)), np.bool_)
        for one in self.kept:
            self.at[one.host, one.when, one.who] = True
        self.held = np.zeros(book.open.shape, np.bool_)
        for one in self.kept:
            self.held[one.who, one.host] = True
        self.columns = [visit for who in np.flatnonzero(loose.any(1)).tolist() for visit in self._options(who)]
        self.gates = sorted({(one.host, one.when) for one in self.columns})
        self.heard, kept = heard
        self.must = {table for table in kept.tables if self.heard.needed(table, self._staying(table))}
        tables = self.heard.wanted(self.columns, self.must)
        self.voices = [voice for table in tables for voice in self.heard.at(table, self._staying(table))]
        self.voice = len(self.columns) + len(self.gates)
        self.width = self.voice + len(self.voices) + len(self.priced)
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def _options(self, who: int) -> Iterable[Visit]:
        book = self.book
        for when in np.flatnonzero(book.there[who] & self.loose[who]).tolist():
            card = int(book.card[who, when]) if book.stands[who, when] else NOBODY
            may = book.open[who] & ~self.held[who] & (book.places[:, when] > self.at[:, when].sum(1))
            for host in np.flatnonzero(may & ~(self.at[:, when] & book.apart[who]).any(1)).tolist():
                if host != card:
                    yield Visit(who, host, when)
            if card != NOBODY and not (self.at[card, when] & book.apart[who]).any():
                yield Visit(who, card, when)

    def _staying(self, table: Table) -> list[int]:
        return np.flatnonzero(self.at[table]).tolist()

    def _row(self, weights: Iterable[tuple[int, float]], low: float, high: float) -> None:
        at = len(self.low)
        self.entries += [(at, place, weight) for place, weight in weights]
        self.low.append(low)
        self.high.append(high)

    def solve(self) -> tuple[list[Visit], list[Voice]]:
        """All visits of the open rounds, and who interprets where."""
        least = np.array([host.min_places for host in self.book.problem.visited], np.int64)
        crowd = self.at.sum(2)
        alone = (crowd > 0) & (crowd < least[:, None])
        if {(int(host), int(when)) for host, when in np.argwhere(alone)} - set(self.gates):
            raise NotPossible(TOO_FEW)
        if not self.columns and not self.voices:
            return self.kept, []
        self._people()
        self._hosts()
        self._cards()
        for row in self.heard.talks(self.columns, self.voices, self.must, first=self.voice):
            self._row(*row)
        rows, places, values = zip(*self.entries, strict=True)
        matrix = sp.csr_matrix((values, (rows, places)), shape=(len(self.low), self.width))
        low, high, top = np.array(self.low), np.array(self.high), np.ones(self.width)
        meets = np.concatenate([np.ones(len(self.columns)), np.zeros(self.width - len(self.columns))])
        price = np.concatenate([np.zeros(self.width - len(self.priced)), np.ones(len(self.priced))])
        aim = (len(self.priced) + 1.0) * meets - price if self.book.restless else meets - (meets.sum() + 1.0) * price
        first = whole(Programme(aim, matrix, low, high, top), nodes=NODES)
        if first is None:
            raise NotPossible(TOO_FEW)
        x = first.x
        aims = sp.vstack([matrix, sp.csr_matrix(meets[None, :]), sp.csr_matrix(-price[None, :])])
        low = np.append(low, [meets @ x, -(price @ x)])
        gain = np.zeros(self.width)
        kept = MOST_BENEFIT * float(meets @ x) + 1.0
        gain[: len(self.columns)] = [
            float(self.book.worth[one.who, one.host]) + kept * (self.book.card[one.who, one.when] == one.host)
            for one in self.columns
        ]
        before = self.heard.before
        gain[self.voice : self.voice + len(self.voices)] = [
            (before.get((one.host, one.when)) == one.helper) / (1.0 + len(self.voices)) for one in self.voices
        ]
        if self.width > EXACT:
            top = np.where(price > 0, x, top)
        second = whole(Programme(gain, aims, low, np.append(high, [np.inf, np.inf]), top), nodes=NODES)
        chosen: Floats = x if second is None else second.x
        taken = np.flatnonzero(chosen > 0.5).tolist()
        visits = [self.columns[at] for at in taken if at < len(self.columns)]
        end = self.voice + len(self.voices)
        return self.kept + visits, [self.voices[at - self.voice] for at in taken if self.voice <= at < end]

    def _people(self) -> None:
        """One place a round, one visit to a host, at most so many visits as the limit leaves."""
        rounds: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        once: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        each: defaultdict[int, list[int]] = defaultdict(list)
        for at, one in enumerate(self.columns):
            rounds[one.who, one.when].append(at)
            once[one.who, one.host].append(at)
            each[one.who].append(at)
        for places in rounds.values():
            self._row([(at, 1.0) for at in places], 0.0, 1.0)
        for places in once.values():
            self._row([(at, 1.0) for at in places], 0.0, 1.0)
        for who, places in each.items():
            most = max(int(self.book.left[who] - self.held[who].sum()), 0)
            self._row([(at, 1.0) for at in places], 0.0, float(most))

    def _hosts(self) -> None:
        """Between the least and the most people where a visit is held, and nobody beside whom they never sit."""
        by: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for at, one in enumerate(self.columns):
            by[one.host, one.when].append(at)
        for place, (host, when) in enumerate(self.gates):
            gate, there = len(self.columns) + place, float(self.at[host, when].sum())
            least, most = float(self.book.problem.visited[host].min_places), float(self.book.places[host, when])
            weights = [(at, 1.0) for at in by[host, when]]
            if there:
                self._row(weights, least - there, most - there)
            else:
                self._row([*weights, (gate, -most)], -np.inf, 0.0)
                self._row([*weights, (gate, -least)], 0.0, np.inf)
            for left, right in combinations(by[host, when], 2):
                if self.book.apart[self.columns[left].who, self.columns[right].who]:
                    self._row([(left, 1.0), (right, 1.0)], 0.0, 1.0)

    def _cards(self) -> None:
        """Whoever is not at the host of the card pays for it."""
        book = self.book
        mine: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for at, one in enumerate(self.columns):
            mine[one.who, one.when].append(at)
        for place, who in enumerate(self.priced):
            price = self.width - len(self.priced) + place
            for when in np.flatnonzero(book.there[who] & self.loose[who]).tolist():
                card = book.card[who, when]
                if card == NOBODY:
                    self._row([(price, -1.0), *((at, 1.0) for at in mine[who, when])], -np.inf, 0.0)
                else:
                    same = [(at, 1.0) for at in mine[who, when] if self.columns[at].host == card]
                    self._row([(price, 1.0), *same], 1.0, np.inf)
