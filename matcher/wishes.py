"""Wishes that a plan does not grant, each with the first true code.

==================== ===========================================================================================
code                 holds where
==================== ===========================================================================================
`not_possible`       a rule stands in the way: keep-apart, organisation, met before, side, seated, no benefit, a
                     limit that is reached; people come to hosts and the wish is for a person; there is a time and a
                     place for it, and still keep-apart at that table or `min_places` bar it
`no_shared_language` the two have no language in common
`away`               there is no round in which both are there
`host_full`          in every such round all places are taken by people who had fewer other talks, or for whom the
                     visit is worth as much or more
`clash`              other meetings take the time
==================== ===========================================================================================

Whatever is due to a keep-apart entry is `not_possible`, as are many other things, so that no code tells of one.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property

from matcher.plan import Meeting, Unmet, UnmetCode
from matcher.points import visits
from matcher.problem import Problem
from matcher.rules import Admissibility, IntArray, RuleName

GENTLE: set[RuleName] = {"language", "away"}


def unmet(problem: Problem, admissible: Admissibility, meetings: Sequence[Meeting]) -> tuple[Unmet, ...]:
    """Return every wish for a person or host that was not granted: the two never share a table."""
    met: defaultdict[str, set[str]] = defaultdict(set)
    for meeting in meetings:
        table = {*meeting.people} | ({meeting.host} if meeting.host else set())
        for name in meeting.people:
            met[name] |= table
    held = _Held(admissible, meetings)
    return tuple(
        Unmet(person.id, wish, held.why(admissible.index[person.id], admissible.index[wish]))
        for person in problem.people
        for wish in dict.fromkeys(person.wishes)
        if isinstance(wish, str) and wish in admissible.index and wish not in met[person.id]
    )


def why(admissible: Admissibility, wish: tuple[str, str], meetings: Sequence[Meeting]) -> UnmetCode:
    """Return the first code that holds for a wish (person, wished) which the meetings do not grant."""
    return _Held(admissible, meetings).why(admissible.index[wish[0]], admissible.index[wish[1]])


class _Held:
    """What the meetings leave: everybody by node, rounds from 0."""

    def __init__(self, admissible: Admissibility, meetings: Sequence[Meeting]) -> None:
        self.admissible, self.problem = admissible, admissible.problem
        self.number = len(self.problem.people)
        self.talks: Counter[int] = Counter()
        self.busy: set[tuple[int, int]] = set()
        self.guests: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for meeting in meetings:
            rows = [admissible.index[name] for name in meeting.people]
            self.talks.update(rows)
            self.busy |= {(row, meeting.round - 1) for row in rows}
            if meeting.host is not None:
                self.guests[admissible.index[meeting.host], meeting.round - 1] += rows

    @cached_property
    def worth(self) -> IntArray:
        """The benefit of every visit, shape (n, h)."""
        return visits(self.problem)

    def why(self, who: int, other: int) -> UnmetCode:
        """Return the first code that holds for two nodes that share no table; `who` is a person."""
        rules = self.admissible.forbidding(who, other)
        if rules - GENTLE or self._barred(who, other):
            return "not_possible"
        if "language" in rules:
            return "no_shared_language"
        if "away" in rules:
            return "away"
        return self._at_host(who, other) if other >= self.number else "clash"

    def _barred(self, who: int, other: int) -> bool:
        """Whether limits, or what the format plans, leave no room for this meeting."""
        if other < self.number:
            return self.problem.hosted or self._limited(who) or self._limited(other)
        useless = self.problem.session.format == "clinics" and not self.worth[who, other - self.number]
        return useless or self._limited(who)

    def _limited(self, who: int) -> bool:
        """Whether the limit, rather than the time, is used up."""
        most = int(self.admissible.caps[who])
        return most < self.admissible.there[who].sum() and self.talks[who] >= most

    def _at_host(self, who: int, host: int) -> UnmetCode:
        place = host - self.number
        both = self.admissible.there[who] & self.admissible.hosts_there[place]
        rounds = both.nonzero()[0].tolist()
        most = self.problem.visited[place].places
        full = [when for when in rounds if len(self.guests[host, when]) >= most]
        if any((who, when) not in self.busy for when in rounds if when not in full):
            return "not_possible"
        guests = [guest for when in rounds for guest in self.guests[host, when]]
        ahead = all(self._ahead(guest, who, place) for guest in guests)
        return "host_full" if len(full) == len(rounds) and ahead else "clash"

    def _ahead(self, guest: int, who: int, place: int) -> bool:
        """Whether a guest had fewer other talks, or gains as much or more from this one."""
        return self.talks[guest] <= self.talks[who] or bool(self.worth[guest, place] >= self.worth[who, place])
