"""Company: nobody shares a table with somebody whom a rule forbids."""

from collections.abc import Iterator
from itertools import combinations

from matcher.check.case import Case, told
from matcher.plan import Meeting


def company(case: Case) -> Iterator[str]:
    """Nobody is kept apart from somebody at the table; who may not meet does so only by a lock or by agreement."""
    yield from _kept_apart(case)
    persons, format_ = case.persons, case.problem.session.format
    for meeting, one, other, rule in case.forbidden():
        pair = frozenset((one, other))
        if pair in case.apart or rule == "seated" or pair in case.pardoned(meeting):
            continue
        yield f"{one} and {other} in round {meeting.round} may not meet: {rule}"
    for meeting in case.meetings:
        if format_ == "pairs" and all(persons[name].seated for name in meeting.people):
            yield f"{told(meeting)} are both seated and cannot come to each other"
        if format_ == "circles":
            yield from _no_common_language(case, meeting)
    if format_ == "clinics":
        yield from _worthless(case)


def _kept_apart(case: Case) -> Iterator[str]:
    for meeting in case.meetings if case.apart else ():
        table = (*meeting.people, meeting.host) if meeting.host else meeting.people
        for two in combinations(table, 2):
            if frozenset(two) in case.apart:
                yield f"{' and '.join(two)} in round {meeting.round} are kept apart and have a meeting"


def _no_common_language(case: Case, meeting: Meeting) -> Iterator[str]:
    """One language for the whole circle; those of a lock that share none need one with each of the others."""
    lists = {name: set(case.persons[name].languages) for name in meeting.people if case.persons[name].languages}
    if not case.problem.rules.shared_language or not lists or set.intersection(*lists.values()):
        return
    locked: set[str] = set()
    for lock in case.kept_locks(meeting):
        spoken = [lists[name] for name in lock.people if name in lists]
        locked |= set(lock.people) if spoken and not set.intersection(*spoken) else set()
    rest = [spoken for name, spoken in lists.items() if name not in locked]
    if not locked or (rest and not set.intersection(*rest)):
        yield f"{told(meeting)} have no language that all share"


def _worthless(case: Case) -> Iterator[str]:
    """A visit to a clinic is worth something, unless it is locked."""
    found, nodes = case.pairings, case.rules.nodes
    for place in (found.value == 0).nonzero()[0].tolist():
        meeting = case.meetings[int(found.meeting[place])]
        name, host = nodes[int(found.one[place])].id, nodes[int(found.other[place])].id
        if frozenset((name, host)) not in case.pardoned(meeting):
            yield f"{name} visits {host} in round {meeting.round}, which is worth nothing to {name}"
