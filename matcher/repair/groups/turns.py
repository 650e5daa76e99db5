"""Groups that go round as a block: the order of the hosts, and the group in which each card has its holder."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.check.case import Case
from matcher.check.rotation import Order, made_anew
from matcher.errors import BadProblem
from matcher.graph import Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.cards import NOBODY
from matcher.repair.visits.book import Book


@dataclass(frozen=True, eq=False)
class Turns:
    """The ways of h groups through the F open rounds, and those of n people through the groups.

    Attributes
    ----------
    host : (h, F) int
        Where each group is; a group is the host that it starts from in round 1.
    group : (h, F) int
        Which group is at each host.
    mine : (n, F) int
        In which group a person is, by the card; `NOBODY` for whoever has none. It is the same in all rounds, but for
        those whom an earlier repair had change groups in a later round: for them `NOBODY` where they rest.
    """

    host: Ints
    group: Ints
    mine: Ints

    @cached_property
    def way(self) -> Ints:
        """(n, F): at which host each person's own group is; `NOBODY` where it is unknown."""
        found = self.host[self.mine, np.arange(self.mine.shape[1])]
        return np.where(self.mine == NOBODY, NOBODY, found)


def turns_of(before: Problem, plan: Plan, book: Book) -> Turns:
    """Read the groups off the plan that was printed for the problem `before`.

    Raises
    ------
    BadProblem
        The groups of a first version go round in no one order.
    """
    number, open_rounds = len(book.places), book.rounds
    after = _after(before, made_anew(Case(before, plan))[1])
    host = np.empty((number, before.session.rounds), np.int64)
    host[:, 0] = np.arange(number)
    for when in range(1, host.shape[1]):
        host[:, when] = after[host[:, when - 1]]
    group = np.empty_like(host)
    for when in range(host.shape[1]):
        group[host[:, when], when] = np.arange(number)
    said = np.full((len(book.card), before.session.rounds), NOBODY)
    for meeting in plan.meetings:
        rows = [book.admissible.index[name] for name in meeting.people]
        place = book.admissible.index[str(meeting.host)] - len(book.card)
        said[rows, meeting.round - 1] = group[place, meeting.round - 1]
    if plan.version == 1 and any(len(set(row) - {NOBODY}) > 1 for row in said.tolist()):
        raise BadProblem("session.move: the groups of the plan go round in no one order; plan anew")
    mine = np.array([_own(row, open_rounds) for row in said.tolist()], np.int64).reshape(-1, open_rounds)
    return Turns(host[:, -open_rounds:], group[:, -open_rounds:], mine)


def _own(said: list[int], open_rounds: int) -> list[int]:
    """The group of a person in the open rounds: one throughout, but where an earlier repair had them change later."""
    begun, now = said[:-open_rounds], said[-open_rounds:]
    known = set(now) - {NOBODY} or {next((one for one in reversed(begun) if one != NOBODY), NOBODY)}
    return now if len(known) > 1 else [*known] * open_rounds


def _after(problem: Problem, order: Order) -> Ints:
    """Which host follows which; where the plan does not show it, those left over in the order of the file."""
    place = {host.id: at for at, host in enumerate(problem.visited)}
    after = np.full(len(place), NOBODY)
    for here, there in order.after.items():
        after[place[here]] = place[there]
    left = [at for at in range(len(place)) if at not in set(after.tolist())]
    after[after == NOBODY] = left
    return after
