"""What was agreed before: locks stand as they are, chosen meetings are all held in their rounds, and no others."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from matcher.check.case import Case, told

MOST_APART = 2


def locks(case: Case) -> Iterator[str]:
    """Every lock is kept: those people together in that round, at that table."""
    tables: dict[tuple[int, str], list[tuple[set[str], str]]] = {
        (lock.round, lock.people[0]): [] for lock in case.problem.locks
    }
    for meeting in case.meetings if tables else ():
        for name in meeting.people:
            if (meeting.round, name) in tables:
                tables[meeting.round, name].append((set(meeting.people), meeting.table))
    for lock in case.problem.locks:
        who, wanted = " and ".join(lock.people), set(lock.people)
        held = [table for people, table in tables[lock.round, lock.people[0]] if people >= wanted]
        if not held:
            yield f"the lock of {who} in round {lock.round} is not kept"
        elif lock.table is not None and lock.table not in held:
            yield f"the lock of {who} in round {lock.round} is at table {held[0]}, not at {lock.table}"


def chosen(case: Case) -> Iterator[str]:
    """With `chosen` exactly these are held, each in one of its rounds, and breaks differ by two at most."""
    if case.problem.chosen is None:
        return
    held: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for meeting in case.meetings:
        held[frozenset(meeting.people)].append(meeting.round)
        if frozenset(meeting.people) not in case.agreed:
            yield f"{told(meeting)} meet without being chosen"
    for one in case.problem.chosen:
        rounds = held.get(frozenset(one.people))
        if rounds is None:
            yield f"the chosen meeting of {' and '.join(one.people)} is not held"
        elif one.rounds is not None and not set(rounds) <= set(one.rounds):
            yield f"the chosen meeting of {' and '.join(one.people)} is in round {rounds[0]}, not in one of its rounds"
    breaks = breaks_of(case)
    if breaks and max(breaks.values()) - min(breaks.values()) > MOST_APART:
        most, least = max(breaks, key=breaks.__getitem__), min(breaks, key=breaks.__getitem__)
        yield f"{most} has {breaks[most]} breaks and {least} has {breaks[least]}; they differ by {MOST_APART} at most"


def breaks_of(case: Case) -> dict[str, int]:
    """Return for everybody who has a meeting how many runs of idle rounds lie between two of them."""
    return {
        name: sum(second - first > 1 for (first, _), (second, _) in pairwise(seats))
        for name, seats in case.seats.items()
        if seats
    }
