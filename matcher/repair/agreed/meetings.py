"""What the cards say of meetings agreed beforehand, and in which rounds those that have not begun may still be."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.errors import BadProblem, NotPossible
from matcher.graph import PLENTY, Bools, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOWHERE
from matcher.repair.changes import Changes, names_of
from matcher.rules import Admissibility
from matcher.when.agenda import breaks_in


@dataclass(frozen=True, eq=False)
class Meetings:
    """The m agreed meetings of n people that are still to be held, begun ones too, in R rounds.

    Attributes
    ----------
    first : int
        The first open round, from 0.
    ends : (m, 2) int
        The two people of each meeting.
    round, table : (m,) int
        What the cards say; tables are places in `names`.
    open : (m, R) bool
        In which rounds each may be; a begun or locked one has one.
    fixed : (m,) bool
        Which have begun, or must be at the table of a lock.
    lost : (T,) bool
        Which of the `names` are lost.
    room : int
        How many tables there are at one time in open rounds.
    said : (n, R) int
        At which table each person's card says in each open round in which the person is there; `NOWHERE` for none.
    dropped : (n,) int
        How many meetings each card names that are not to be held at all.
    """

    problem: Problem
    admissible: Admissibility
    first: int
    ends: Ints
    round: Ints
    table: Ints
    open: Bools
    fixed: Bools
    names: tuple[str, ...]
    lost: Bools
    room: int
    said: Ints
    dropped: Ints

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self.open.shape[1])

    @cached_property
    def begun(self) -> Bools:
        """(m,): which have begun."""
        return np.asarray(self.round < self.first, np.bool_)

    @cached_property
    def missed(self) -> Bools:
        """(m,): which the card puts in a round in which one of the two is gone; they may be given up."""
        return np.asarray(~self.open[np.arange(len(self.round)), self.round], np.bool_)

    @cached_property
    def moved(self) -> Bools:
        """(m,): which cannot stay as they are: missed, or at a lost table."""
        return np.asarray(~self.begun & (self.missed | self.lost[self.table]), np.bool_)

    @cached_property
    def forced(self) -> Bools:
        """(n,): whose card cannot hold: it has more tables than there are meetings for, or its table is lost."""
        more = np.zeros(len(self.said), np.int64)
        for at in np.flatnonzero(self.missed & ~self.begun).tolist():
            for who in self.ends[at].tolist():
                more[who] += self.said[who, self.round[at]] == NOWHERE
        without = ((self.said != NOWHERE) & self.lost[self.said]).any(1)
        return np.asarray((self.dropped > more) | without, np.bool_)

    @cached_property
    def home(self) -> Ints:
        """(n,): at which table a seated person stays; `NOWHERE` for others, and where it is open."""
        home, seated = np.full(len(self.said), NOWHERE), [one.seated for one in self.problem.people]
        for at in np.argsort(self.round, kind="stable").tolist():
            for who in self.ends[at].tolist():
                if seated[who] and home[who] == NOWHERE and (self.begun[at] or not self.lost[self.table[at]]):
                    home[who] = self.table[at]
        return home

    @cached_property
    def unsettled(self) -> list[int]:
        """Seated people with meetings to come who have sat nowhere yet, nor are locked to a table: any will do."""
        settled = np.unique(self.ends[self.fixed])
        coming = np.setdiff1d(self.ends[~self.begun], settled)
        return [who for who in coming.tolist() if self.problem.people[who].seated]

    @cached_property
    def homeless(self) -> list[int]:
        """Those of the unsettled whose table is lost."""
        return [who for who in self.unsettled if self.home[who] == NOWHERE]

    def refuse_uprooted(self) -> None:
        """Refuse what no table can mend.

        Raises
        ------
        BadProblem, NotPossible
            No table is left; somebody who stays seated has met at the table that is lost.
        """
        coming = self.ends[~self.begun]
        if len(coming) and self.room < 1:
            raise BadProblem("--lost-table: no table would be left; keep one")
        for who in np.unique(coming).tolist():
            if self.home[who] != NOWHERE and self.lost[self.home[who]]:
                name, table = self.problem.people[who].id, self.names[self.home[who]]
                raise NotPossible(
                    f"--lost-table: {name!r} stays seated at {table!r}, has met there and has meetings to come; "
                    f"keep the table, or let {name!r} not be seated"
                )

    def breaks(self, when: Ints) -> dict[int, int]:
        """Count the breaks of everybody who has a meeting, where `when` (m,) are rounds and negative ones not held."""
        busy: dict[int, int] = {}
        for pair, number in zip(self.ends.tolist(), when.tolist(), strict=True):
            for who in pair if number >= 0 else ():
                busy[who] = busy.get(who, 0) | 1 << number
        return {who: breaks_in(rounds) for who, rounds in busy.items()}


def meetings_of(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Meetings:
    """Read the cards from the plan that was printed for the problem `before`; `now` is the changed one."""
    admissible, first, names = Admissibility(now), changes.from_round - 1, names_of(before, plan)
    index, place, gone = admissible.index, {name: at for at, name in enumerate(names)}, changes.gone()
    printed = {frozenset(one.people): one for one in plan.meetings}
    chosen = now.chosen or ()
    held = [printed[frozenset(one.people)] for one in chosen]
    rounds = now.session.rounds
    said, dropped = np.full((len(now.people), rounds), NOWHERE), np.zeros(len(now.people), np.int64)
    still = {frozenset(one.people) for one in chosen}
    for one in plan.meetings:
        for name in one.people if one.round > first else ():
            if gone.get(name, one.round + 1) > one.round:
                said[index[name], one.round - 1] = place[one.table]
                dropped[index[name]] += frozenset(one.people) not in still
    ends = np.array([sorted(index[name] for name in one.people) for one in chosen], np.int64).reshape(-1, 2)
    open_to = np.zeros((len(chosen), rounds), np.bool_)
    for at, agreed in enumerate(chosen):
        open_to[at, [number - 1 for number in agreed.rounds or range(1, rounds + 1)]] = True
    open_to &= admissible.there[ends[:, 0]] & admissible.there[ends[:, 1]] & (np.arange(rounds) >= first)
    locks = {frozenset(lock.people): lock for lock in now.locks}
    fixed = np.zeros(len(chosen), np.bool_)
    for at, meeting in enumerate(held):
        lock = locks.get(frozenset(meeting.people))
        if meeting.round <= first or lock is not None:
            open_to[at] = np.arange(rounds) == meeting.round - 1
            fixed[at] = meeting.round <= first or (lock is not None and lock.table is not None)
    lost = np.array([name in changes.lost_tables for name in names] + [False], np.bool_)
    tables = before.session.tables
    number = len(names) if isinstance(tables, tuple) else tables
    return Meetings(
        problem=now, admissible=admissible, first=first, ends=ends,
        round=np.array([one.round - 1 for one in held], np.int64),
        table=np.array([place[one.table] for one in held], np.int64),
        open=open_to, fixed=fixed, names=tuple(names), lost=lost,
        room=PLENTY if number is None else number - int(lost.sum()), said=said, dropped=dropped,
    )  # fmt: skip
