"""Stations with `move: groups`: the same people stay together, and go on to the next table all the same way."""

from collections.abc import Iterator
from itertools import pairwise

from matcher.check.case import Case
from matcher.plan import Meeting


def rotation(case: Case) -> Iterator[str]:
    """Fixed groups move as a block, clockwise.

    Two people who share a table once share it in every round in which both have one. Whoever leaves a host goes, one
    round later, to the one host that follows; no two hosts are followed by the same. Which table follows which is free.
    """
    session = case.problem.session
    if session.format != "stations" or session.move != "groups":
        return
    at = {(name, meeting.round): meeting for meeting in case.meetings for name in meeting.people}
    yield from _parted(case, at)
    yield from _astray(case, at)


def _parted(case: Case, at: dict[tuple[str, int], Meeting]) -> Iterator[str]:
    """Whoever shares a table in any round is of one group: at one host in each round, however many of them rest."""
    group = {name: name for name in case.persons}
    for meeting in case.meetings:
        mine = {group[name] for name in meeting.people}
        group = {name: min(mine) if own in mine else own for name, own in group.items()}
    for number in range(1, case.problem.session.rounds + 1):
        hosts: dict[str, set[str | None]] = {}
        for name, own in group.items():
            if (name, number) in at:
                hosts.setdefault(own, set()).add(at[name, number].host)
        for where in hosts.values():
            if len(where) > 1:
                yield f"a group is parted in round {number}: it is with {' and '.join(sorted(map(str, where)))}"


def _astray(case: Case, at: dict[tuple[str, int], Meeting]) -> Iterator[str]:
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    for number, following in pairwise(range(1, case.problem.session.rounds + 1)):
        for name in case.persons:
            if (name, number) not in at or (name, following) not in at:
                continue
            here, there = str(at[name, number].host), str(at[name, following].host)
            right = after.setdefault(here, there) == there and before.setdefault(there, here) == here
            if not right and (here, there) not in told:
                told.add((here, there))
                yield f"a group goes from {here} to {there} in round {following}, the others do not"
