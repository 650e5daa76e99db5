"""Agreed meetings as clauses: who is busy when, and where the breaks are.

Each meeting is in one round; each person is busy in exactly as many rounds as there are meetings to hold; a break ends
where somebody is idle, has met before and meets again in the next round. The redundant counts of busy people let the
solver see at once that a round is full (Bofill, Coll, Garcia, Giráldez-Cru, Pesant, Suy and Villaret, *Constraint
solving approaches to the business-to-business meeting scheduling problem*, JAIR 74, 2022).
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from matcher.graph import Ints
from matcher.sat import Clauses
from matcher.when.agenda import EVEN, Agenda

Grid = list[list[int]]


@dataclass(frozen=True, slots=True)
class Homes:
    """Seated people who need a table of their own whenever they meet, among `tables` tables.

    `locked` holds (round, table, meeting) for every lock that names its table.
    """

    seated: tuple[int, ...]
    tables: int
    locked: tuple[tuple[int, int, int], ...] = ()


class Formula:
    """The timetables of people's meetings, as clauses.

    Attributes
    ----------
    spot : dict
        The variable that is true where a meeting is in a round, by (meeting, round).
    breaks : list of list of int
        For each person the variables that are true where a break ends.
    wanted : list of int
        Where meetings may be left out, for each the literal that demands it.
    """

    def __init__(
        self, agenda: Agenda, homes: Homes | None = None, *, by_people: bool = False, strict: bool = True
    ) -> None:
        """`by_people`: count who is busy, too; not `strict`: meetings may be left out, and only stars are counted."""
        self.agenda, self.strict, self.clauses = agenda, strict, Clauses()
        self.wanted = [] if strict else [self.clauses.fresh() for _ in agenda.ends]
        people = len(agenda.capacity)
        self.held: list[int] = np.bincount(agenda.ends.ravel(), minlength=people).tolist()
        self.spot: dict[tuple[int, int], int] = {}
        self._at: list[Grid] = [[[] for _ in range(agenda.rounds)] for _ in range(people)]
        self._in: Grid = [[] for _ in range(agenda.rounds)]
        for meeting in _busiest_first(agenda, self.held):
            self._hold(meeting)
        self.busy = [self._busy(who) for who in range(people)]
        self.breaks = [self._breaks(who) for who in range(people)]
        self._stars = [] if strict else stars(agenda.ends)
        for when in range(agenda.rounds):
            self._within_room(when, by_people=by_people)
        for one, other in agenda.apart.tolist():
            for when in range(agenda.rounds):
                if (one, when) in self.spot and (other, when) in self.spot:
                    self.clauses.add(-self.spot[one, when], -self.spot[other, when])
        if agenda.spread:
            self._spread()
        self._home: Grid = []
        if homes is not None:
            self._settle(homes)

    def timetable(self) -> Ints:
        """The round of each meeting in the answer just found."""
        held = [place for place, true in zip(self.spot, self.clauses.true(self.spot.values()), strict=True) if true]
        when = np.zeros(len(self.agenda.ends), np.int64)
        for meeting, number in held:
            when[meeting] = number
        return when

    def homes(self) -> list[int]:
        """The table of each seated person in the answer just found."""
        return [self.clauses.true(row).index(True) for row in self._home]

    def _hold(self, meeting: int) -> None:
        places = []
        for when in np.flatnonzero(self.agenda.open[meeting]).tolist():
            place = self.spot[meeting, when] = self.clauses.fresh()
            places.append(place)
            self._in[when].append(place)
            for who in self.agenda.ends[meeting].tolist():
                self._at[who][when].append(place)
        self.clauses.add(*places, *([] if self.strict else [-self.wanted[meeting]]))
        self.clauses.one_at_most(places)

    def _busy(self, who: int) -> list[int]:
        busy = []
        for places in self._at[who]:
            now = self.clauses.fresh()
            for place in places:
                self.clauses.add(-place, now)
            self.clauses.add(-now, *places)
            self.clauses.one_at_most(places)
            busy.append(now)
        if self.strict:
            self.clauses.exactly(busy, self.held[who])
        return busy

    def _breaks(self, who: int) -> list[int]:
        """One variable for each round but the first and the last: whether a break ends with it."""
        if self.held[who] < 2:
            return []
        busy, clauses = self.busy[who], self.clauses
        met, ends = busy[0], []
        for now, following in pairwise(busy[1:]):
            end, later = clauses.fresh(), clauses.fresh()
            clauses.add(-met, now, -following, end)
            for needed in (met, -now, following):
                clauses.add(-end, needed)
            clauses.add(-now, later)
            clauses.add(-met, later)
            clauses.add(-later, met, now)
            met = later
            ends.append(end)
        return ends

    def _within_room(self, when: int, *, by_people: bool) -> None:
        """No more meetings than tables; and, said of people, no more than two at each."""
        room = int(self.agenda.room[when])
        if self.strict:
            self._at_most(self._in[when], room)
        elif len(self._in[when]) > room:
            self._at_most(_held_stars(self, self._stars, when), room)
        if by_people:
            self._at_most([busy[when] for busy, at in zip(self.busy, self._at, strict=True) if at[when]], 2 * room)

    def _at_most(self, literals: list[int], number: int) -> None:
        if len(literals) > number:
            self.clauses.add(-self.clauses.counted(literals, number + 1)[number])

    def _spread(self) -> None:
        """Of all who meet, nobody has more than k + 2 breaks unless everybody has more than k."""
        clauses = self.clauses
        rows = [ends for ends, held in zip(self.breaks, self.held, strict=True) if held]
        above = [clauses.counted(ends, len(ends)) for ends in rows]
        fewer = [clauses.counted([-end for end in ends], len(ends)) for ends in rows]
        scarce = min(map(len, rows), default=0)
        for level in range(scarce + 1):
            everybody = []
            if level < scarce:
                everybody = [clauses.fresh()]
                for row in fewer:
                    clauses.add(-everybody[0], -row[len(row) - level - 1])
            for row in above:
                if len(row) > level + EVEN:
                    clauses.add(-row[level + EVEN], *everybody)

    def _settle(self, homes: Homes) -> None:
        """Two who share a table never meet in the same round, nor while a lock has others at that table."""
        clauses = self.clauses
        self._home = [[clauses.fresh() for _ in range(homes.tables)] for _ in homes.seated]
        for row in self._home:
            clauses.add(*row)
            clauses.one_at_most(row)
        owners = list(zip(homes.seated, self._home, strict=True))
        for (one, mine), (other, yours) in combinations(owners, 2):
            for here, there in zip(mine, yours, strict=True):
                for now, then in zip(self.busy[one], self.busy[other], strict=True):
                    clauses.add(-here, -there, -now, -then)
        for when, table, meeting in homes.locked:
            for who, row in owners:
                if who in self.agenda.ends[meeting].tolist():
                    clauses.add(row[table])
                else:
                    clauses.add(-row[table], -self.busy[who][when])


def _busiest_first(agenda: Agenda, held: list[int]) -> list[int]:
    """Meetings of the busiest people first: the solver begins where least is free."""
    ends: list[list[int]] = agenda.ends.tolist()
    keys = [
        (*max((held[who], who) for who in pair), min(held[who] for who in pair), at) for at, pair in enumerate(ends)
    ]
    return sorted(range(len(ends)), key=lambda at: keys[at], reverse=True)


def _held_stars(formula: Formula, some: list[list[int]], when: int) -> list[int]:
    """For each star with a meeting that could be in a round a literal that is true where one is."""
    found = []
    for star in some:
        places = [formula.spot[meeting, when] for meeting in star if (meeting, when) in formula.spot]
        if len(places) > 1:
            one = formula.clauses.fresh()
            for place in places:
                formula.clauses.add(-place, one)
            places = [one]
        found += places
    return found


def stars(ends: Ints) -> list[list[int]]:
    """Share meetings out to few sets of which each has one person in common, so that one at most is in a round.

    >>> stars(np.array([[0, 1], [1, 2], [2, 3], [1, 4]]))
    [[0, 1, 3], [2]]
    """
    own: list[set[int]] = [set() for _ in range(int(ends.max(initial=-1)) + 1)]
    for meeting, pair in enumerate(ends.tolist()):
        for who in pair:
            own[who].add(meeting)
    found = []
    while left := max(own, key=len, default=None):
        found.append(sorted(left))
        taken = set(left)
        for who in {who for meeting in taken for who in ends[meeting].tolist()}:
            own[who] -= taken
    return found
