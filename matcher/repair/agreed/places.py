"""Which timetables of agreed meetings leave which cards right, as clauses.

A card holds where its holder has a meeting in exactly the rounds that it says, at the tables that it says. So two whose
cards hold and who were to meet do meet; whoever they meet otherwise comes to their table; and a seated person needs the
own table whenever there is a meeting. Meetings of people whom nothing touches are not in the question: they take a
table each.
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from matcher.graph import PLENTY, Bools
from matcher.repair.agreed.meetings import Meetings
from matcher.repair.cards import NOWHERE
from matcher.when.agenda import Agenda
from matcher.when.formula import Formula

NEW = -3


class Places:
    """The timetables in which only some meetings leave their places, and only for rounds that are `open_to` them.

    Attributes
    ----------
    touched : list of int
        The people of meetings that may move, and
    rows : list of int
        all their meetings.
    holds : dict
        For each of these people the variable that is true only where the card holds.
    home : dict
        For those seated people who may be at any table a variable for each of the `free` ones, then one for a new table
        where there are as many as needed.
    enough : bool
        False where those whom nothing touches leave too few tables.
    """

    def __init__(self, meetings: Meetings, open_to: Bools, roaming: list[int]) -> None:
        self.meetings, self.movable = meetings, np.asarray(open_to.any(1), np.bool_)
        movable = self.movable
        people = np.zeros(len(meetings.said), np.bool_)
        people[meetings.ends[movable].ravel()] = True
        self.touched = np.flatnonzero(people).tolist()
        self.rows = np.flatnonzero(movable | people[meetings.ends].any(1)).tolist()
        self.row = {meeting: row for row, meeting in enumerate(self.rows)}
        self.node = {who: node for node, who in enumerate(self.touched)}
        agenda = self._agenda(open_to)
        self.formula = Formula(replace(agenda, room=np.maximum(agenda.room, 0)), strict=False)
        self.clauses = self.formula.clauses
        self.holds = {who: self.clauses.fresh() for who in self.touched}
        self.home: dict[int, list[int]] = {}
        self.printed = {
            (int(meetings.round[at]), int(meetings.table[at])): at for at in np.flatnonzero(~meetings.begun).tolist()
        }
        self.free = np.flatnonzero(~meetings.lost[: len(meetings.names)]).tolist()
        self.partners: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for (row, when), spot in self.formula.spot.items():
            one, other = meetings.ends[self.rows[row]].tolist()
            self.partners[one, when].append((other, spot))
            self.partners[other, when].append((one, spot))
        self._demand()
        for who in self.touched:
            self._card(who)
        self._tables()
        self._seated(roaming)
        self.enough = bool((agenda.room >= 0).all())

    def _agenda(self, open_to: Bools) -> Agenda:
        """The meetings of touched people; whoever else they meet is somebody new each time."""
        meetings, nodes = self.meetings, len(self.touched)
        ends = []
        for at in self.rows:
            pair = []
            for who in meetings.ends[at].tolist():
                pair.append(self.node.get(who, nodes))
                nodes += pair[-1] == nodes
            ends.append(pair)
        rounds = np.arange(meetings.rounds)
        at_times = np.where(self.movable[:, None], open_to, rounds == meetings.round[:, None])[self.rows]
        others = np.ones(len(meetings.ends), np.bool_)
        others[self.rows] = False
        taken = np.bincount(meetings.round[others], minlength=meetings.rounds)
        return Agenda(
            ends=np.array(ends, np.int64).reshape(-1, 2),
            open=np.asarray(at_times, np.bool_),
            capacity=np.ones((nodes, meetings.rounds), np.int64),
            room=np.where(rounds < meetings.first, PLENTY, meetings.room - taken),
            rank=np.zeros(nodes, np.int64),
            least=np.ones(nodes, np.int64),
        )

    def busy(self, who: int, when: int) -> int:
        """The variable that is true where a touched person has a meeting in a round."""
        return self.formula.busy[self.node[who]][when]

    def _demand(self) -> None:
        """All are held, but those that somebody who leaves would miss may be given up."""
        for at, wish in zip(self.rows, self.formula.wanted, strict=True):
            if not self.meetings.missed[at] or self.meetings.begun[at]:
                self.clauses.add(wish)

    def _card(self, who: int) -> None:
        """A card that holds: busy in the rounds that it says, and idle in the others in which its holder is there."""
        meetings, holds = self.meetings, self.holds[who]
        if meetings.forced[who]:
            self.clauses.add(-holds)
            return
        for when in range(meetings.first, meetings.rounds):
            if meetings.admissible.there[who, when]:
                said = meetings.said[who, when] != NOWHERE
                self.clauses.add(-holds, self.busy(who, when) if said else -self.busy(who, when))

    def _tables(self) -> None:
        """Nobody is at two tables, and no two meetings at one, while the cards of those who sit there hold."""
        meetings, add = self.meetings, self.clauses.add
        for (row, when), spot in self.formula.spot.items():
            at = self.rows[row]
            one, other = meetings.ends[at].tolist()
            tables = meetings.said[[one, other], when]
            if when >= meetings.first and tables[0] != tables[1]:
                known = [-self.holds[who] for who in (one, other) if who in self.holds]
                add(-spot, *known)
        for (when, _), at in self.printed.items():
            if at in self.row and not meetings.missed[at]:
                known = [-self.holds[who] for who in meetings.ends[at].tolist() if who in self.holds]
                add(*known, self.formula.spot[self.row[at], when])

    def _seated(self, roaming: list[int]) -> None:
        """Whenever a seated person has a meeting nobody else needs that table."""
        meetings, owners = self.meetings, defaultdict[int, list[tuple[int, list[int]]]](list)
        for who in self.touched:
            if who in roaming:
                self._choose_home(who)
                for table, here in zip((*self.free, NEW), self.home[who], strict=False):
                    owners[table].append((who, [-here]))
            elif meetings.home[who] != NOWHERE:
                owners[int(meetings.home[who])].append((who, []))
        for table, those in owners.items():
            for place, (who, unless) in enumerate(those):
                for when in range(meetings.first, meetings.rounds):
                    self._alone(who, unless, (table, when))
                    for other, there in those[:place] if table != NEW else ():
                        self.clauses.add(*unless, *there, -self.busy(who, when), -self.busy(other, when))

    def _choose_home(self, who: int) -> None:
        new = self.meetings.problem.session.tables is None
        here = self.home[who] = [self.clauses.fresh() for _ in range(len(self.free) + new)]
        self.clauses.add(*here)
        self.clauses.one_at_most(here)
        said = self.meetings.said[who]
        for table in np.unique(said[said != NOWHERE]).tolist():
            if table in self.free:
                self.clauses.add(-self.holds[who], here[self.free.index(table)])

    def _alone(self, who: int, unless: list[int], seat: tuple[int, int]) -> None:
        """While somebody is at the own table, no card that holds says it to others, nor does a lock."""
        meetings, (table, when) = self.meetings, seat
        at = self.printed.get((when, table))
        if at is not None and who not in meetings.ends[at].tolist():
            others = meetings.ends[at].tolist()
            if meetings.fixed[at] or not self.movable[at]:
                self.clauses.add(*unless, -self.busy(who, when))
            for other in others if self.movable[at] else ():
                if meetings.said[other, when] == table and other in self.holds:
                    with_them = [spot for partner, spot in self.partners[who, when] if partner == other]
                    self.clauses.add(*unless, -self.busy(who, when), -self.holds[other], *with_them)
        for partner, spot in self.partners[who, when]:
            if meetings.said[partner, when] != table:
                self.clauses.add(*unless, -spot, *([-self.holds[partner]] if partner in self.holds else []))
