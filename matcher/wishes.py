"""Wishes that a plan does not grant, each with the first true code."""

from collections import defaultdict
from collections.abc import Sequence

from matcher.plan import Meeting, Unmet, UnmetCode
from matcher.problem import Problem
from matcher.rules import Admissibility


def unmet(problem: Problem, admissible: Admissibility, meetings: Sequence[Meeting]) -> tuple[Unmet, ...]:
    """Return every wish for a person or host that was not granted: the two never share a table."""
    met: defaultdict[str, set[str]] = defaultdict(set)
    for meeting in meetings:
        table = {*meeting.people} | ({meeting.host} if meeting.host else set())
        for name in meeting.people:
            met[name] |= table
    return tuple(
        Unmet(person.id, wish, why(admissible, (person.id, wish), meetings))
        for person in problem.people
        for wish in dict.fromkeys(person.wishes)
        if isinstance(wish, str) and wish in admissible.index and wish not in met[person.id]
    )


def why(admissible: Admissibility, wish: tuple[str, str], meetings: Sequence[Meeting]) -> UnmetCode:  # noqa: ARG001
    """Return the first code that holds for a wish (person, wished) which the meetings do not grant."""
    rules = admissible.forbidding(admissible.index[wish[0]], admissible.index[wish[1]])
    if rules - {"language", "away"}:
        return "not_possible"
    if "language" in rules:
        return "no_shared_language"
    return "away" if "away" in rules else "clash"
