"""What the cards in people's hands say where peers sit in circles, as arrays, beside who is there now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

import numpy as np

from matcher.choose.circles.layout import Room, Together
from matcher.errors import BadProblem
from matcher.graph import PLENTY, Bools, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOWHERE
from matcher.repair.changes import Changes, names_of
from matcher.rules import Admissibility
from matcher.ways.circles import room_of

LEAST = 2
SPARE = 8


@dataclass(frozen=True, eq=False)
class Peers:
    """The open rounds of a `circles` session: n people of the new problem, F rounds from `first` (from 0) on, T tables.

    Attributes
    ----------
    room : Room
        The open rounds alone: who is there, the rules (with whom to keep apart now), the locks that are left, how many
        tables there are. `caps` is how many tables each person may still have; `met` counts the begun rounds.
    names : tuple of str
        The tables: lost ones among them, and of those that nobody needs as many as could be useful.
    card : (n, F) int
        The table that the card says, as a place in `names`; `NOWHERE` for a rest, for late-comers, and for those gone.
    late : (n,) bool
        Who has no card.
    lost : (T,) bool
        Which tables cannot be used.
    home : (n,) int
        The table at which a seated person stays, `NOWHERE` where that is open or the person is not seated.
    """

    room: Room
    first: int
    names: tuple[str, ...]
    card: Ints
    late: Bools
    lost: Bools
    home: Ints

    @property
    def rounds(self) -> int:
        """How many rounds are open."""
        return int(self.card.shape[1])

    @property
    def there(self) -> Bools:
        """Who is there; (n, F)."""
        return self.room.there

    @cached_property
    def smallest(self) -> Ints:
        """(F,): the fewest people at a table; so few that the room cannot be shared out may sit as they like."""
        return np.where(self._odd, LEAST, max(LEAST, self.room.size - 1)).astype(np.int64)

    @cached_property
    def largest(self) -> Ints:
        """(F,): the most people at a table."""
        return np.maximum(np.where(self._odd, self.there.sum(0), self.room.size + 1), LEAST).astype(np.int64)

    @cached_property
    def _odd(self) -> Bools:
        size, there = self.room.size, self.there.sum(0)
        return np.asarray(-(-there // (size + 1)) * (size - 1) > there, np.bool_)

    @cached_property
    def stands(self) -> Bools:
        """(n, F): whose table on the card is still there."""
        return np.asarray(self.there & (self.card != NOWHERE) & ~self.lost[self.card], np.bool_)

    @property
    def locked(self) -> Bools:
        """(n, F): who sits by a lock."""
        return self.room.fixed

    @cached_property
    def forced(self) -> Bools:
        """(n,): whose card cannot stay right: a table is lost, or a limit is lower since a lock is gone."""
        lost = (self.there & (self.card != NOWHERE) & ~self.stands).any(1)
        return np.asarray((lost | (self.stands.sum(1) > self.room.caps)) & ~self.late, np.bool_)

    def only(self, rounds: list[int]) -> "Peers":
        """Some of the open rounds alone."""
        new = {when: at for at, when in enumerate(rounds)}
        locks = tuple(replace(one, round=new[one.round]) for one in self.room.locks if one.round in new)
        room = replace(self.room, there=self.there[:, rounds], locks=locks)
        return replace(self, room=room, card=self.card[:, rounds])

    def clash(self, when: int) -> Bools:
        """(n, n): who may not share a table in a round; those of one lock may."""
        clash = self.room.clash.copy()
        for lock in self.room.locked(when):
            clash[np.ix_(lock.people, lock.people)] = False
        return clash

    def speaks(self, when: int) -> Bools:
        """(n, L): who speaks what in a round; those of a lock that has no language in common may be taken for all."""
        speaks = self.room.speaks.copy()
        for lock in self.room.locked(when):
            own = list(lock.people)
            speaks[own] |= not speaks[own].all(0).any()
        return speaks

    def at(self, when: int) -> Bools:
        """(n, T): who sits where in a round as the cards say, as far as that stands."""
        return np.asarray(
            self.stands[:, when, None] & (self.card[:, when, None] == np.arange(len(self.lost))), np.bool_
        )

    def joinable(self, at: Bools, when: int) -> Bools:
        """(n, T): which tables each person could join in a round, as far as those go who are `at` them (n, T)."""
        here, speaks = at.astype(np.float32), self.speaks(when)
        may = np.equal(self.clash(when).astype(np.float32) @ here, 0) & ~self.lost & self.there[:, when, None]
        if speaks.shape[1]:
            common = np.equal((~speaks).T.astype(np.float32) @ here, 0)
            may &= np.greater(speaks.astype(np.float32) @ common.astype(np.float32), 0)
        own = self.home != NOWHERE
        may[own] &= self.home[own, None] == np.arange(len(self.lost))
        for lock in self.room.locked(when):
            if lock.table is not None:
                may[list(lock.people)] &= np.array([name == lock.table for name in self.names])
        return np.asarray(may, np.bool_)


def peers_of(before: Problem, problem: Problem, plan: Plan, changes: Changes) -> Peers:
    """Read the cards from the plan that was printed for the problem `before`; `problem` is the changed one.

    Raises
    ------
    BadProblem
        No table is left.
    """
    admissible, first = Admissibility(problem), changes.from_round - 1
    index, known = admissible.index, names_of(before, plan)
    lost = {name for name in known if name in changes.lost_tables}
    tables = before.session.tables
    number = tables if isinstance(tables, int) else None if tables is None else len(tables)
    if number is not None and number <= len(lost):
        raise BadProblem("--lost-table: no table would be left; keep one")
    room = _open(room_of(problem, admissible), plan, changes, index)
    room = replace(room, most=PLENTY if number is None else number - len(lost))
    home = _homes(problem, plan, changes)
    said = {one.table for one in plan.meetings if one.round > first}
    needed = {*said, *home.values(), *(one.table for one in room.locks if one.table)}
    names = tuple(_enough(known, needed, lost, spare=_spare(room, changes), more=tables is None))
    card, place = np.full(room.there.shape, NOWHERE), {name: at for at, name in enumerate(names)}
    for meeting in plan.meetings:
        if meeting.round > first:
            card[[index[name] for name in meeting.people], meeting.round - 1 - first] = place[meeting.table]
    card[~room.there] = NOWHERE
    return Peers(
        room=room, first=first, names=names, card=card, late=np.arange(len(card)) >= len(before.people),
        lost=np.array([name in lost for name in names], bool),
        home=np.array([place[home[one.id]] if one.id in home else NOWHERE for one in problem.people], np.int64),
    )  # fmt: skip


def _open(room: Room, plan: Plan, changes: Changes, index: dict[str, int]) -> Room:
    """The open rounds of a session: begun ones only count for who has met and for limits."""
    first = changes.from_round - 1
    met, clash, held = room.met.copy(), room.clash.copy(), np.zeros(len(room.caps), np.int64)
    for meeting in plan.meetings:
        if meeting.round <= first:
            rows = [index[name] for name in meeting.people]
            met[np.ix_(rows, rows)] = True
            held[rows] += 1
    for one, other in changes.keep_apart:
        if one in index and other in index:
            clash[[index[one], index[other]], [index[other], index[one]]] = True
    np.fill_diagonal(met, val=False)
    locks = tuple(Together(one.round - first, one.people, one.table) for one in room.locks if one.round >= first)
    return replace(
        room, there=room.there[:, first:], caps=np.maximum(room.caps - held, 0), met=met, clash=clash, locks=locks
    )


def _homes(problem: Problem, plan: Plan, changes: Changes) -> dict[str, str]:
    """Where each seated person stays: as in a begun round, else as on the card where that table is left."""
    seated, home = {one.id for one in problem.people if one.seated}, dict[str, str]()
    for meeting in sorted(plan.meetings, key=lambda one: one.round):
        if meeting.round < changes.from_round or meeting.table not in changes.lost_tables:
            for name in seated.intersection(meeting.people):
                home.setdefault(name, meeting.table)
    return home


def _spare(room: Room, changes: Changes) -> int:
    """How many more tables than the cards name could be useful."""
    most = max(int(room.there.sum(0).max(initial=0)) // LEAST, 1)
    return min(most, SPARE + len(changes.lost_tables) + len(changes.late) // LEAST)


def _enough(known: list[str], needed: set[str], lost: set[str], *, spare: int, more: bool) -> Iterator[str]:
    """Tables in walking order: all that are needed or lost, and some others; `more`: as many as one likes."""
    for name in known:
        others = name not in needed and name not in lost
        spare -= others
        if not others or spare >= 0:
            yield name
    fresh = (name for name in map(str, count(1)) if name not in known)
    for _ in range(max(spare if more else 0, not known)):
        yield next(fresh)
