"""What the cards in people's hands say from the first changed round on, as arrays, beside who is there now."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.benefit import matrix
from matcher.graph import PLENTY, Bools, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.changes import Changes, names_of
from matcher.rules import Admissibility
from matcher.solver import matched

NOBODY = -1
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Cards:
    """The open rounds of a `pairs` session: n people of the new problem, F rounds from `first` (counted from 0) on.

    Attributes
    ----------
    partner, table : (n, F) int
        Whom the card promises, and the table as a place in `names`; `NOBODY` and `NOWHERE` where it says rest, and for
        late-comers and those who are gone in that round.
    late : (n,) bool
        Who has no card.
    left : (n,) int
        How many more meetings each person may have.
    lost : (T,) bool
        Which of the `names` are lost.
    room : int
        How many tables there are at one time.
    home : (n,) int
        The table at which a seated person stays, `NOWHERE` where that is open or the person is not seated.
    locked : (n, F) bool
        Whose meeting in that round must stand.
    mute : (n, F) bool
        Whose meeting on the card cannot be held because nobody interprets.
    direct : (n, n) bool
        Who may have a meeting together that is not on the card, as far as languages go.
    """

    problem: Problem
    admissible: Admissibility
    first: int
    names: tuple[str, ...]
    partner: Ints
    table: Ints
    late: Bools
    lost: Bools
    met: Bools
    left: Ints
    home: Ints
    locked: Bools
    worth: Ints
    room: int
    mute: Bools
    direct: Bools

    @cached_property
    def there(self) -> Bools:
        """Who is there now; (n, F)."""
        return np.asarray(self.admissible.there[:, self.first :], np.bool_)

    @cached_property
    def open(self) -> Bools:
        """Who may meet and has not met in a begun round; (n, n)."""
        return np.asarray(self.admissible.allowed & ~self.met & self.direct, np.bool_)

    @property
    def size(self) -> int:
        """How many people there are, late-comers among them."""
        return len(self.late)

    @property
    def rounds(self) -> int:
        """How many rounds are open."""
        return int(self.partner.shape[1])

    @cached_property
    def seated(self) -> Bools:
        """Who never changes tables."""
        return np.array([one.seated for one in self.problem.people], np.bool_)

    @cached_property
    def uprooted(self) -> Bools:
        """Seated people without a table: theirs is lost, or none is free throughout."""
        return np.asarray(self.seated & ((self.home == NOWHERE) | self.lost[self.home]), np.bool_)

    @cached_property
    def stands(self) -> Bools:
        """(n, F): whose meeting can go on at its table: both are there, the table too, and they may meet."""
        rows = np.arange(self.size)[:, None]
        other = np.where(self.partner == NOBODY, rows, self.partner)
        both = self.there & self.there[other, np.arange(self.rounds)] & (self.partner != NOBODY)
        apart = self.admissible.kept_apart[rows, other]
        return np.asarray(both & ~apart & ~self.lost[self.table] & ~self.mute, np.bool_)

    def again(self, rows: Ints, when: int) -> Bools:
        """Which two of the `rows` (m,) the cards bring together in a round, and may: (m, m)."""
        both = self.partner[rows, when][:, None] == rows[None, :]
        return np.asarray(both & ~self.mute[rows, when][:, None], np.bool_)

    @cached_property
    def least_rests(self) -> Ints:
        """(F,): rests that no plan can avoid in a round: by parity, rules and tables."""
        able = self.there & ((self.left > 0) & ~self.uprooted)[:, None] | self.locked
        found = np.zeros(self.rounds, np.int64)
        for when in range(self.rounds):
            rows = np.flatnonzero(able[:, when])
            may = self.open[np.ix_(rows, rows)] | self.again(rows, when)
            most = min(self.room, matched(may) // 2)
            found[when] = int(self.there[:, when].sum()) - 2 * most
        return found

    @cached_property
    def likely_rests(self) -> Ints:
        """(F,): rests to aim at: the least, or more where people's limits do not let them meet in every round."""
        there, most = self.there.sum(0), (self.there.sum(0) - self.least_rests) // 2
        more = int(np.minimum(self.left, self.there.sum(1)).sum()) // 2
        if most.sum() <= more:
            return self.least_rests
        held = np.minimum(self.stands.sum(0) // 2, most)
        waiting = (self.there & ~self.stands & ((self.table != NOWHERE) | self.late[:, None])).sum(0)
        for _ in range(max(more - int(held.sum()), 0)):
            when = int(np.argmax(np.where(held < most, waiting * self.size + most - held, NOBODY)))
            held[when] += held[when] < most[when]
            waiting[when] -= 2
        return np.asarray(there - 2 * held, np.int64)


def cards_of(before: Problem, problem: Problem, plan: Plan, changes: Changes) -> Cards:
    """Read the cards from the plan that was printed for the problem `before`; `problem` is the changed one."""
    admissible, first, names = Admissibility(problem), changes.from_round - 1, names_of(before, plan)
    index, place = admissible.index, {name: at for at, name in enumerate(names)}
    shape = (len(problem.people), problem.session.rounds - first)
    partner, table = np.full(shape, NOBODY), np.full(shape, NOWHERE)
    met, held, locked = np.zeros((shape[0], shape[0]), bool), np.zeros(shape[0], np.int64), np.zeros(shape, bool)
    for meeting in plan.meetings:
        pair = [index[name] for name in meeting.people]
        when = meeting.round - 1 - first
        if when < 0:
            met[pair, pair[::-1]] = True
            held[pair] += 1
        else:
            partner[pair, when], table[pair, when] = pair[::-1], place[meeting.table]
    gone = ~admissible.there[:, first:]
    partner[gone], table[gone] = NOBODY, NOWHERE
    for lock in problem.locks:
        if lock.round > first:
            locked[[index[name] for name in lock.people], lock.round - 1 - first] = True
    lost = np.array([name in changes.lost_tables for name in names] + [False], bool)
    tables = len(names) if isinstance(before.session.tables, tuple) else before.session.tables
    late = np.arange(shape[0]) >= len(before.people)
    home, names = _homes(problem, plan, lost=lost, table=table, names=names)
    return Cards(
        problem=problem, admissible=admissible, first=first, names=tuple(names), partner=partner, table=table,
        late=late, lost=np.append(lost, np.zeros(len(names) + 1 - len(lost), bool)), met=met,
        left=np.maximum(admissible.caps - held, 0), home=home, locked=locked, worth=matrix(problem),
        room=PLENTY if tables is None else tables - int(lost.sum()),
        mute=np.zeros(shape, bool), direct=np.ones((shape[0], shape[0]), bool),
    )  # fmt: skip


def _homes(problem: Problem, plan: Plan, *, names: list[str], lost: Bools, table: Ints) -> tuple[Ints, list[str]]:
    """Where each seated person stays: as in a begun round, else as on the card, else at a table nobody else needs.

    Those with a lock choose first.
    """
    rows = {one.id: row for row, one in enumerate(problem.people) if one.seated}
    home, names = np.full(len(problem.people), NOWHERE), list(names)
    first = problem.session.rounds - table.shape[1]
    for meeting in sorted(plan.meetings, key=lambda one: one.round):
        for row in (rows[name] for name in meeting.people if name in rows):
            at = names.index(meeting.table)
            if home[row] == NOWHERE and (meeting.round <= first or not lost[at]):
                home[row] = at
    locked = {name for lock in problem.locks if lock.round > first for name in lock.people}
    waiting = [row for row in rows.values() if home[row] == NOWHERE]
    for row in sorted(waiting, key=lambda row: problem.people[row].id not in locked):
        needed = {*table.ravel().tolist(), *home.tolist(), *np.flatnonzero(lost).tolist()}
        if problem.session.tables is None:
            names.append(str(1 + max((int(name) for name in names if name.isdecimal()), default=0)))
        home[row] = next((at for at in range(len(names)) if at not in needed), NOWHERE)
    return home, names
