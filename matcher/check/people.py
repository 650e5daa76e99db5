"""People: nobody sits anywhere while away, at two tables at once, too often, or at another table though seated."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from matcher.check.case import Case


def attendance(case: Case) -> Iterator[str]:
    """Nobody sits anywhere while away, nor at two tables at once; a host neither."""
    seats: dict[str, list[tuple[int, str]]] = dict(case.seats)
    served: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for meeting in case.meetings:
        if meeting.host is not None:
            served[meeting.host].append((meeting.round, meeting.table))
    for name, places in (seats | served).items():
        for number, times in Counter(number for number, _ in places).items():
            if number in case.nodes[name].away:
                yield f"{name} is away in round {number} and has a meeting there"
            if times > 1:
                yield f"{name} is at {times} tables in round {number}"


def limits(case: Case) -> Iterator[str]:
    """Only locks and agreed meetings may lift somebody above the own limit."""
    pinned = Counter(name for _, name in case.locks)
    agreed = Counter(name for pair in case.agreed for name in pair)
    for name, seats in case.seats.items():
        limit = case.limit(case.persons[name])
        if len(seats) > max(limit, pinned[name], agreed[name]):
            yield f"{name} has {len(seats)} meetings, the limit is {limit}"


def once(case: Case) -> Iterator[str]:
    """Two people of `pairs` meet once, and nobody visits one host twice."""
    if case.problem.session.format == "pairs":
        for pair, count in Counter(frozenset(meeting.people) for meeting in case.meetings).items():
            if count > 1:
                yield f"{' and '.join(sorted(pair))} meet {count} times"
    visits = Counter((name, meeting.host) for meeting in case.meetings if meeting.host for name in meeting.people)
    for (name, host), count in visits.items():
        if count > 1:
            yield f"{name} visits {host} {count} times"


def seated(case: Case) -> Iterator[str]:
    """A seated person stays at one table; at hosts' tables the host comes instead."""
    for name, seats in case.seats.items() if not case.problem.hosted else ():
        tables = {table for _, table in seats}
        if case.persons[name].seated and len(tables) > 1:
            yield f"{name} should stay seated and is at {len(tables)} tables"
