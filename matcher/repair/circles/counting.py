"""How many cards must change in circles, by counting alone: how many people have to leave each table.

A plan in which the people S have stale cards keeps everybody else at the table of the card, and whoever leaves a table
is in S. If T people sit at c tables in a round, T - c * low of them have low + 1 people and the others low, where low
is T // c; so what the cards leave at each table says how many must go: who is one of more than low + 1, and one each
of those tables of low + 1 that are too many. The fewer tables, the fewer must go: no table is opened that need not be;
and one is given up only if all who sit there are in S. Who may sit with whom is left out, but for people who sit
together and may not. So the smallest S is a lower bound, and a good first guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from matcher.choose.rows import Rows
from matcher.graph import Bools, Floats, Ints
from matcher.repair.cards import NOWHERE
from matcher.repair.circles.peers import Peers
from matcher.solver import Programme, linear, whole

NODES = 200
SLACK = 1e-6
FEW = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """How a round can be shared out: so many tables have `low` + 1 people, `high` of them, and the others `low`."""

    low: int
    high: int

    def must_leave(self, here: Ints) -> Ints:
        """How many must leave each table in any case."""
        return np.asarray(np.maximum(here - self.low - 1, 0), np.int64)

    def may_leave(self, here: Ints) -> Ints:
        """How many could leave each table for no others to come."""
        return np.asarray(np.maximum(here - self.low, 0), np.int64)

    def leave(self, here: Ints) -> int:
        """How many must leave in all."""
        return int(self.must_leave(here).sum()) + max(int((here > self.low).sum()) - self.high, 0)


@dataclass(frozen=True, eq=False)
class Census:
    """What the cards leave in each open round, and what can be made of it."""

    peers: Peers

    @cached_property
    def able(self) -> Bools:
        """(n, F): who is there, may have a table, and could share one with somebody."""
        peers = self.peers
        found = peers.there & (peers.room.caps > 0)[:, None]
        for when in range(peers.rounds):
            here = peers.there[:, when]
            found[:, when] &= (~peers.clash(when) & here[None, :]).sum(1) - here > 0
        return np.asarray(found, np.bool_)

    @cached_property
    def here(self) -> Ints:
        """(T, F): how many people the cards leave at each table."""
        return np.stack([self.peers.at(when).sum(0) for when in range(self.peers.rounds)], 1)

    @cached_property
    def most(self) -> Ints:
        """(F,): how many people could sit at most."""
        able = self.able.sum(0).tolist()
        return np.array([next((t for t in range(a, 1, -1) if self._fits(t, w)), 0) for w, a in enumerate(able)])

    @cached_property
    def least_rests(self) -> int:
        """How many rests there are at least, in all open rounds together."""
        there = self.peers.there
        limited = int((there.sum(1) - np.minimum(there.sum(1), self.peers.room.caps)).sum())
        return max(int((there.sum(0) - self.most).sum()), limited)

    def spare(self, rests: int) -> int:
        """How many more people than must rest in a round may rest in a plan with so many rests in all."""
        return rests - int((self.peers.there.sum(0) - self.most).sum())

    def _fits(self, sit: int, when: int) -> bool:
        smallest, largest = int(self.peers.smallest[when]), int(self.peers.largest[when])
        tables = -(-sit // largest)
        return tables <= self.peers.room.most and tables * smallest <= sit

    def shape(self, when: int, gone: int, spare: int) -> Shape | None:
        """The easiest shape of a round in which so many tables are given up and at most `spare` more rest than must."""
        peers, used = self.peers, int((self.here[:, when] > 0).sum()) - gone
        found: list[tuple[int, int]] = [(0, 0)] if used == 0 and self.most[when] <= spare else []
        for sit in range(max(int(self.most[when]) - spare, 2), int(self.most[when]) + 1):
            tables = max(used, -(-sit // int(peers.largest[when])))
            if tables <= peers.room.most and sit // tables >= peers.smallest[when]:
                found.append((sit // tables, sit % tables))
        return Shape(*max(found)) if found else None

    def comers(self, when: int) -> int:
        """How many could come to tables without a card: late-comers, and those whose table is lost."""
        peers, able = self.peers, self.able[:, when]
        lost = (peers.card[:, when] != NOWHERE) & ~peers.stands[:, when]
        return int((able & (peers.late | lost)).sum())


@dataclass(frozen=True, slots=True)
class Count:
    """How many stale cards there are at least, in plans with at most so many rests, and whose they could be; (n,)."""

    stale: int
    who: Bools


def fewest_stale(census: Census, rests: int, ease: Floats, cuts: Sequence[Bools] = ()) -> Count:
    """Count the stale cards that no plan with at most so many rests in the open rounds can avoid.

    `ease` (n,) from 0 to 1 says whom to prefer between equals. Of the people of each of the `cuts` (n,) somebody has a
    stale card in any such plan.
    """
    spare = census.spare(rests)
    first = _Counting(census, Asked(spare, cuts))
    count = first.solve(ease)
    if first.dearer >= count.stale:
        return count
    bound = min(count.stale, _Counting(census, Asked(spare, cuts, dear=True)).solve(ease).stale)
    return Count(max(bound, first.dearer), count.who)


def likely_stale(census: Census, ease: Floats, cuts: Sequence[Bools], useful: Bools) -> Bools:
    """Return whose cards (n,) are likely to do: in each round only those who are `useful` (n, F) leave a table."""
    return _Counting(census, Asked(census.spare(census.least_rests), cuts, useful)).solve(ease).who


@dataclass(frozen=True, slots=True)
class Asked:
    """How many more may rest than must, who is known to be needed, who may leave, and whether dear tables may go."""

    spare: int
    cuts: Sequence[Bools]
    useful: Bools | None = None
    dear: bool = False


class _Counting:
    """The programme: who is in S; then for each table of some rounds how many leave, and whether it is given up.

    Only tables with at most `FEW` people whose cards could stay right may be given up; `dearer` is what any plan costs
    that gives up others. Where `dear` tables may go it is only asked that so many of S are there as would leave.
    Columns: n people, then leaving and given up for each cell, then one for each round and way to share it out.
    """

    def __init__(self, census: Census, asked: Asked) -> None:
        self.census, self.asked, self.peers, self.rows = census, asked, census.peers, Rows()
        self.people = len(self.peers.card)
        self.columns, self.top = self.people, [self._staff()]
        self.dearer = 10**9
        forced = np.flatnonzero(self.peers.forced)
        self._add(np.ones(len(forced)), np.inf, (np.arange(len(forced)), forced, 1.0))
        for cut in asked.cuts:
            some = np.flatnonzero(cut)
            self._add(np.ones(1), np.inf, (_zeros(some), some, 1.0))
        for when in range(self.peers.rounds):
            self._apart(when, asked.spare)
            self._rested(when, asked.spare)
            self._round(when, asked.spare)

    def solve(self, ease: Floats) -> Count:
        """Return the smallest S, or a lower bound on it and an S that will do."""
        price = np.zeros(self.columns)
        price[: self.people] = 1.0 + (1.0 - ease) / (self.people + 1.0) / 2
        low, high = (np.concatenate(one) if one else np.zeros(0) for one in (self.rows.low, self.rows.high))
        question = Programme(-price, self.rows.matrix(self.columns), low, high, np.concatenate(self.top))
        found = whole(question, nodes=NODES)
        if found is not None and found.best:
            who = found.x[: self.people] > 0.5
            return Count(int(who.sum()), np.asarray(who, np.bool_))
        relaxed = linear(Programme(-np.ceil(price - 1.0 + SLACK), question.rows, low, high, question.top))
        who = self.peers.forced if found is None else found.x[: self.people] > 0.5
        return Count(0 if relaxed is None else ceil(-relaxed.value - SLACK), np.asarray(who, np.bool_))

    def _staff(self) -> Floats:
        return np.asarray((self.peers.there.any(1) & ~self.peers.late).astype(float))

    def _add(self, low: Floats, high: float, *parts: tuple[Ints, Ints, Floats | float]) -> None:
        self.rows.add(low, np.full(len(low), high), *parts)

    def _new(self, top: Floats) -> Ints:
        """So many more columns."""
        self.columns += len(top)
        self.top.append(top)
        return np.arange(self.columns - len(top), self.columns)

    def _apart(self, when: int, spare: int) -> None:
        """Of people who sit together and may not somebody leaves; who comes instead is in S too, or all of them go."""
        peers, at = self.peers, self.peers.at(when)
        shape = None if spare or self.census.comers(when) else self.census.shape(when, 0, 0)
        for table, group in conflicts(peers, at, when):
            self._add(np.ones(1), np.inf, (_zeros(group), np.array(group), 1.0))
            here, others = np.flatnonzero(at[:, table]), np.flatnonzero(peers.there[:, when] & ~at[:, table])
            if shape is not None and shape.low >= len(here) and len(here) < 2 * peers.smallest[when]:
                self._add(np.ones(1), np.inf, (_zeros(others), others, 1.0), (_zeros(here), here, 1 / len(here)))

    def _rested(self, when: int, spare: int) -> None:
        """So many who rest on their cards must sit for no more to rest."""
        peers, census = self.peers, self.census
        wanted = int(census.most[when] - spare - census.here[:, when].sum() - census.comers(when))
        if wanted > 0:
            resting = np.flatnonzero(census.able[:, when] & ~peers.late & (peers.card[:, when] == NOWHERE))
            self._add(np.full(1, float(wanted)), np.inf, (_zeros(resting), resting, 1.0))

    def _round(self, when: int, spare: int) -> None:
        """So many leave as the shape of the round wants, which depends on how many tables are given up."""
        census, here = self.census, self.census.here[:, when]
        shape = census.shape(when, 0, spare)
        if shape is not None and not shape.leave(here):
            return
        tables = np.flatnonzero(here)
        cards = here[tables] - self.peers.at(when)[self.peers.forced].sum(0)[tables]
        costs = np.cumsum(np.sort(cards))
        cheap, forced = int((costs <= FEW).sum()), int(self.peers.forced.sum())
        self.dearer = min([self.dearer, *(forced + costs[cheap:]), *(forced + cards[cards > FEW])])
        shapes = [(gone, census.shape(when, gone, spare)) for gone in range(len(tables) + 1)]
        ways = [
            _Way(gone, shape.leave(here), shape.may_leave(here[tables]), shape.must_leave(here[tables]))
            for gone, shape in shapes[: cheap + 1]
            if shape is not None
        ]
        if self.asked.dear:
            ways.append(_dear(here[tables], shapes, max(int(self.dearer) - forced, 0)))
        if ways:
            self._ways(when, tables, ways, np.asarray(cards > FEW, np.bool_))

    def _ways(self, when: int, tables: Ints, ways: "list[_Way]", dear: Bools) -> None:
        at, here = self.peers.at(when)[:, tables], self.census.here[tables, when]
        leave, gone = self._new(here.astype(float)), self._new((~dear).astype(float))
        way, cells = self._new(np.ones(len(ways))), np.arange(len(tables))
        none, useful = np.zeros(len(tables)), self.asked.useful
        cell, person = np.nonzero(at.T)
        own, mover = np.nonzero((at if useful is None else at & useful[:, when, None]).T)
        every = (np.repeat(cells, len(ways)), np.tile(way, len(tables)))
        may, must = np.stack([one.may for one in ways], 1).ravel(), np.stack([one.must for one in ways], 1).ravel()
        self._add(none, np.inf, (own, mover, 1.0), (cells, leave, -1.0))
        self._add(none, np.inf, (*every, may.astype(float)), (cells, leave, -1.0))
        self._add(none, np.inf, (own, mover, 1.0), (*every, -must.astype(float)))
        self._add(none, np.inf, (cell, person, 1.0), (cells, gone, -here.astype(float)))
        for columns, asked in ((leave, [one.leave for one in ways]), (gone, [one.gone for one in ways])):
            self._add(np.zeros(1), np.inf, (_zeros(columns), columns, 1.0), (_zeros(way), way, -np.array(asked, float)))
        self.rows.add(np.ones(1), np.ones(1), (_zeros(way), way, 1.0))


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to share out a round: how many tables are given up, how many people `leave` tables, and which (cells,)."""

    gone: int
    leave: int
    may: Ints
    must: Ints


def _dear(here: Ints, shapes: list[tuple[int, Shape | None]], least: int) -> _Way:
    """To give up any tables at all, one of them dear: so many people leave at least, from wherever they are."""
    total = [
        shape.leave(here) + int(np.sort(np.minimum(here, shape.low))[:gone].sum())
        for gone, shape in shapes
        if gone and shape is not None
    ]
    return _Way(0, max(min(total, default=0), least), here, np.zeros(len(here), np.int64))


def _zeros(columns: Ints | list[int]) -> Ints:
    return np.zeros(len(columns), np.int64)


def conflicts(peers: Peers, at: Bools, when: int) -> list[tuple[int, list[int]]]:
    """People who are `at` one table (n, T) in a round and may not: each two of them, or all where languages differ."""
    clash, speaks, found = peers.clash(when), peers.speaks(when), []
    for table in np.flatnonzero(at.any(0)).tolist():
        people = np.flatnonzero(at[:, table])
        both = np.argwhere(np.triu(clash[np.ix_(people, people)])).tolist()
        found += [(table, people[pair].tolist()) for pair in both]
        if speaks.shape[1] and not both and not speaks[people].all(0).any():
            found.append((table, people.tolist()))
    return found
