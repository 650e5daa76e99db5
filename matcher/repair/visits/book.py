"""What the cards in people's hands say where people come to hosts, as arrays, beside who is there now."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.benefit import visits
from matcher.graph import Bools, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOBODY
from matcher.repair.changes import Changes
from matcher.rules import Admissibility, tables_of_hosts
from matcher.solver import matched


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a host (rows) in an open round (from 0)."""

    who: int
    host: int
    when: int


@dataclass(frozen=True, eq=False)
class Book:
    """The open rounds of a hosted session: n people and h hosts of the new problem, F rounds from `first` on.

    Attributes
    ----------
    card : (n, F) int
        Which host the card promises, `NOBODY` for none; also for late-comers and those gone in that round.
    late : (n,) bool
        Who has no card.
    been : (n, h) bool
        Who has visited whom in a begun round.
    left : (n,) int
        How many more visits each person may have.
    locked : (n, F) bool
        Whose visit in that round must stand.
    apart : (n, n) bool
        Who never shares a table with whom.
    mute : (n, F) bool
        Whose visit on the card cannot be held because nobody interprets.
    """

    problem: Problem
    admissible: Admissibility
    first: int
    card: Ints
    late: Bools
    been: Bools
    left: Ints
    locked: Bools
    apart: Bools
    tables: tuple[str, ...]
    mute: Bools

    @property
    def rounds(self) -> int:
        """How many rounds are open."""
        return int(self.card.shape[1])

    @cached_property
    def there(self) -> Bools:
        """Who is there; (n, F)."""
        return np.asarray(self.admissible.there[:, self.first :], np.bool_)

    @cached_property
    def worth(self) -> Ints:
        """What each visit is worth; (n, h)."""
        return visits(self.problem)

    @cached_property
    def open(self) -> Bools:
        """Who may still visit whom; (n, h)."""
        may = self.admissible.visits & ~self.been
        return np.asarray(may & (self.worth > 0) if self.problem.session.format == "clinics" else may, np.bool_)

    @cached_property
    def places(self) -> Ints:
        """How many people each host takes; (h, F), 0 where the host is away."""
        number = np.array([host.places for host in self.problem.visited], np.int64)
        return np.asarray(number[:, None] * self.admissible.hosts_there[:, self.first :], np.int64)

    @cached_property
    def stands(self) -> Bools:
        """(n, F): whose host of the card is there, and may still be visited.

        A lock that nobody can keep any more no longer excuses the visits of those who are left of it.
        """
        rows, rounds = np.nonzero(self.card != NOBODY)
        hosts = self.card[rows, rounds]
        may = self.admissible.visits & (self.worth > 0 if self.problem.session.format == "clinics" else True)
        found = np.zeros(self.card.shape, np.bool_)
        found[rows, rounds] = (may[rows, hosts] | self.locked[rows, rounds]) & (self.places[hosts, rounds] > 0)
        found &= self.there & ~self.mute
        more = np.maximum(self.left - self.locked.sum(1), 0)
        return np.asarray(found & (self.locked | ((found & ~self.locked).cumsum(1) <= more[:, None])), np.bool_)

    @cached_property
    def restless(self) -> bool:
        """Whether whoever is there should have a place in every round."""
        return self.problem.session.format == "stations"

    @cached_property
    def least_rests(self) -> Ints:
        """(F,): rests that no plan can avoid in a round, each round looked at alone."""
        least = np.zeros(self.rounds, np.int64)
        for when in range(self.rounds):
            rows = np.flatnonzero(self.there[:, when] & ((self.left > 0) | self.locked[:, when]))
            seats = np.repeat(np.arange(len(self.places)), self.places[:, when])
            may = self.open | (self.card[:, when][:, None] == np.arange(len(self.places))[None, :])
            least[when] = int(self.there[:, when].sum()) - matched(may[np.ix_(rows, seats)])
        return least


def book_of(before: Problem, problem: Problem, plan: Plan, changes: Changes) -> Book:
    """Read the cards from the plan that was printed for the problem `before`; `problem` is the changed one."""
    admissible, first = Admissibility(problem), changes.from_round - 1
    index, number, hosts = admissible.index, len(problem.people), len(problem.visited)
    card = np.full((number, problem.session.rounds - first), NOBODY)
    been, held = np.zeros((number, hosts), bool), np.zeros(number, np.int64)
    tables = list(tables_of_hosts(problem))
    for meeting in plan.meetings:
        host = index[str(meeting.host)] - number
        tables[host] = meeting.table
        rows = [index[name] for name in meeting.people]
        if meeting.round <= first:
            been[rows, host] = True
            held[rows] += 1
        else:
            card[rows, meeting.round - 1 - first] = host
    card[~admissible.there[:, first:]] = NOBODY
    locked = np.zeros(card.shape, bool)
    for lock in problem.locks:
        if lock.round > first:
            locked[[index[name] for name in lock.people], lock.round - 1 - first] = True
    apart = admissible.kept_apart.copy()
    for one, other in changes.keep_apart:
        pair = [index[one], index[other]]
        if max(pair) < number:
            apart[pair, pair[::-1]] = True
    return Book(
        problem=problem, admissible=admissible, first=first, card=card, late=np.arange(number) >= len(before.people),
        been=been, left=np.maximum(admissible.caps - held, 0), locked=locked, apart=apart, tables=tuple(tables),
        mute=np.zeros(card.shape, bool),
    )  # fmt: skip
