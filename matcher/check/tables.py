"""Tables: they exist, hold one meeting a round, and as many people as they should."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from matcher.check.case import Case


def tables(case: Case) -> Iterator[str]:
    """A table is used once a round; in `pairs` and `circles` it exists, and there are enough."""
    given = None if case.problem.hosted else case.problem.session.tables
    names = set(given) if isinstance(given, tuple) else None
    most = len(given) if isinstance(given, tuple) else given
    used: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for meeting in case.plan.meetings:
        used[meeting.round][meeting.table] += 1
        if names is not None and meeting.table not in names:
            yield f"table {meeting.table} in round {meeting.round} does not exist"
    for number, counts in used.items():
        for table, times in counts.items():
            if times > 1:
                yield f"table {table} is used {times} times in round {number}"
        if most is not None and counts.total() > most:
            yield f"{counts.total()} tables are in use in round {number}, there are {most}"


def hosts(case: Case) -> Iterator[str]:
    """A host stays at the own table, with `min_places` to `places` people."""
    for meeting in case.meetings:
        if meeting.host is None:
            continue
        host, number = case.hosts[meeting.host], len(meeting.people)
        if host.table not in (None, meeting.table):
            yield f"{host.id} is at table {meeting.table} in round {meeting.round}, not at {host.table}"
        if number > host.places:
            yield f"{host.id} has {number} people in round {meeting.round}, there are {host.places} places"
        if number < host.min_places:
            yield f"{host.id} has {number} people in round {meeting.round}, a visit needs {host.min_places}"


def sizes(case: Case) -> Iterator[str]:
    """Circles of one round differ by one at most, and from `size` by one wherever so many people can be shared out."""
    if case.problem.session.format != "circles":
        return
    size = case.problem.session.size
    found: defaultdict[int, list[int]] = defaultdict(list)
    for meeting in case.meetings:
        found[meeting.round].append(len(meeting.people))
    for number, people in found.items():
        if max(people) - min(people) > 1:
            yield f"the circles of round {number} have {min(people)} to {max(people)} people"
        there = sum(number not in person.away for person in case.problem.people)
        fewest_tables = -(-there // (size + 1))
        if fewest_tables * (size - 1) <= there and not size - 1 <= min(people) <= max(people) <= size + 1:
            wrong = min(people) if min(people) < size - 1 else max(people)
            yield f"a circle of round {number} has {wrong} people, the size is {size}, one more or one less"
