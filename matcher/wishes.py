"""Wishes that a plan does not grant, each with the first true code."""

from collections import defaultdict
from collections.abc import Iterable

from matcher.plan import Meeting, Unmet, UnmetCode
from matcher.problem import Problem
from matcher.rules import Admissibility


def unmet(problem: Problem, admissible: Admissibility, meetings: Iterable[Meeting]) -> tuple[Unmet, ...]:
    """Return every wish for a person or host that was not granted: the two never share a table."""
    met: defaultdict[str, set[str]] = defaultdict(set)
    for meeting in meetings:
        table = {*meeting.people} | ({meeting.host} if meeting.host else set())
        for name in meeting.people:
            met[name] |= table
    found = []
    for who, person in enumerate(problem.people):
        for wish in dict.fromkeys(person.wishes):
            if isinstance(wish, str) and wish in admissible.index and wish not in met[person.id]:
                found.append(Unmet(person.id, wish, _why(admissible, who, admissible.index[wish])))
    return tuple(found)


def _why(admissible: Admissibility, who: int, other: int) -> UnmetCode:
    """Return the first code that holds; whatever is neither language nor absence is told as one."""
    rules = admissible.forbidding(who, other)
    if rules - {"language", "away"}:
        return "not_possible"
    if "language" in rules:
        return "no_shared_language"
    return "away" if "away" in rules else "clash"
