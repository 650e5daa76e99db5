"""Stations with `move: groups`: the same people stay together, and go on to the next table all the same way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from matcher.check.case import Case
from matcher.plan import Meeting

Seats = dict[tuple[str, int], Meeting]


@dataclass
class Order:
    """Which host follows which, as far as it is known; no two hosts are followed by the same."""

    after: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    def agrees(self, here: str, there: str) -> bool:
        """Whether `there` may follow `here`; from now on it does, where neither had a neighbour."""
        return self.after.setdefault(here, there) == there and self.before.setdefault(there, here) == here

    def copy(self) -> "Order":
        """The same order, to be tried further."""
        return Order(dict(self.after), dict(self.before))


def rotation(case: Case) -> Iterator[str]:
    """Fixed groups move as a block, clockwise.

    Two people who share a table once share it in every round in which both have one. Whoever leaves a host goes, one
    round later, to the one host that follows; no two hosts are followed by the same. Which table follows which is free.
    Each repair may make groups anew from one round on, so that version v has up to v of them one after the other; the
    order of the hosts stays.
    """
    session = case.problem.session
    if session.format != "stations" or session.move != "groups":
        return
    found = list(_breaches(case, range(1, session.rounds + 1), Order()))
    if found and (case.plan.version == 1 or made_anew(case)[0] > case.plan.version):
        yield from found


def made_anew(case: Case) -> tuple[int, Order]:
    """Return how many stretches of rounds with groups of their own there are, and the order in which these go round.

    That is the order of the file where a plan of this version can have it, else what the rounds show.
    """
    hosts = [host.id for host in case.problem.visited]
    filed = Order()
    for here, there in zip(hosts, hosts[1:] + hosts[:1], strict=True):
        filed.agrees(here, there)
    number, order = _stretches(case, filed)
    return (number, order) if number <= case.plan.version else _stretches(case, Order())


def _stretches(case: Case, order: Order) -> tuple[int, Order]:
    """As few as can be under this order: each goes on for as long as its groups stay together."""
    number, first = 1, 1
    for last in range(1, case.problem.session.rounds + 1):
        further = order.copy()
        if any(_breaches(case, range(first, last + 1), further)):
            number, first = number + 1, last
        else:
            order = further
    return number, order


def _breaches(case: Case, rounds: Sequence[int], order: Order) -> Iterator[str]:
    at = {
        (name, meeting.round): meeting
        for meeting in case.meetings
        if meeting.round in rounds
        for name in meeting.people
    }
    yield from _parted(case, at, rounds)
    yield from _astray(case, at, rounds, order)


def _parted(case: Case, at: Seats, rounds: Sequence[int]) -> Iterator[str]:
    """Whoever shares a table in any round is of one group: at one host in each round, however many of them rest."""
    group = {name: name for name in case.persons}
    for meeting in (one for one in case.meetings if one.round in rounds):
        mine = {group[name] for name in meeting.people}
        group = {name: min(mine) if own in mine else own for name, own in group.items()}
    for number in rounds:
        hosts: dict[str, set[str | None]] = {}
        for name, own in group.items():
            if (name, number) in at:
                hosts.setdefault(own, set()).add(at[name, number].host)
        for where in hosts.values():
            if len(where) > 1:
                yield f"a group is parted in round {number}: it is with {' and '.join(sorted(map(str, where)))}"


def _astray(case: Case, at: Seats, rounds: Sequence[int], order: Order) -> Iterator[str]:
    told: set[tuple[str, str]] = set()
    for number, following in pairwise(rounds):
        for name in case.persons:
            if (name, number) not in at or (name, following) not in at:
                continue
            here, there = str(at[name, number].host), str(at[name, following].host)
            if not order.agrees(here, there) and (here, there) not in told:
                told.add((here, there))
                yield f"a group goes from {here} to {there} in round {following}, the others do not"
