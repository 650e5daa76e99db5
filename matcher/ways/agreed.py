"""Meetings agreed beforehand: nothing is left to choose, only when and where."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.booths import longest_run
from matcher.effort import Effort
from matcher.errors import NotPossible
from matcher.graph import PLENTY, Bools, Ints
from matcher.problem import Problem
from matcher.rules import Admissibility
from matcher.when.agenda import Agenda
from matcher.when.agreed import agree
from matcher.when.formula import Homes
from matcher.when.obstacle import Obstacle, obstacle, too_many
from matcher.where.seat import Group, seat

MOST_TOLD = 8


def agreed(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan exactly the chosen meetings.

    Raises
    ------
    NotPossible
        They cannot all be held: the message names a few that stand in each other's way. Or no timetable was found
        before the deadline.
    """
    effort.tell(0.05, "rounds")
    return Agreement(problem, admissible).plan(effort)


@dataclass(frozen=True)
class Agreement:
    """The chosen meetings of a problem, by row, and what they need."""

    problem: Problem
    admissible: Admissibility

    def plan(self, effort: Effort) -> Outcome:
        """Find rounds, then tables, then interpreters."""
        if not len(self.ends):
            return Outcome((), 0, 0.0, breaks_bound=0)
        if (crowd := too_many(self.agenda)) is not None:  # a search would try every order of them
            raise NotPossible(f"chosen: {self.sentence(crowd)}")
        found = agree(self.agenda, self.homes, seed=effort.seed, deadline=effort.deadline)
        if found.when is None:
            raise NotPossible(
                self._why() if not found.possible else "chosen: no timetable was found in time; allow more"
            )
        effort.tell(0.9, "seat")
        sittings = self._sittings(found.when, found.homes)
        return Outcome(tuple(self._interpreted(sittings)), 0, 0.0, breaks_bound=found.bound)

    @cached_property
    def ends(self) -> Ints:
        """The two people of each meeting, by row, shape (m, 2)."""
        index = self.admissible.index
        rows = [sorted(index[name] for name in one.people) for one in self.problem.chosen or ()]
        return np.array(rows, np.int64).reshape(-1, 2)

    @cached_property
    def locked(self) -> dict[int, tuple[int, str | None]]:
        """Round (from 0) and table of each meeting that a lock pins."""
        number = {frozenset(one.people): at for at, one in enumerate(self.problem.chosen or ())}
        return {number[frozenset(lock.people)]: (lock.round - 1, lock.table) for lock in self.problem.locks}

    @cached_property
    def names(self) -> list[str] | None:
        """All tables, those that locks name too; None where there are as many as needed."""
        tables = self.problem.session.tables
        if tables is None:
            return None
        names = [str(number + 1) for number in range(tables)] if isinstance(tables, int) else list(tables)
        return names + [name for _, name in self.locked.values() if name is not None and name not in names]

    @cached_property
    def agenda(self) -> Agenda:
        """The meetings in the rounds where both are there and that they and their locks allow."""
        there, rounds = self.admissible.there, self.problem.session.rounds
        inside = np.zeros((len(self.ends), rounds), np.bool_)
        for at, one in enumerate(self.problem.chosen or ()):
            inside[at, [number - 1 for number in one.rounds or range(1, rounds + 1)]] = True
        for at, (when, _) in self.locked.items():
            inside[at] &= np.arange(rounds) == when
        tables = self.problem.session.tables
        room = PLENTY if tables is None else tables if isinstance(tables, int) else len(tables)
        people = len(self.problem.people)
        return Agenda(
            ends=self.ends,
            open=inside & there[self.ends[:, 0]] & there[self.ends[:, 1]],
            capacity=there.astype(np.int64),
            room=np.full(rounds, room),
            rank=np.zeros(people, np.int64),
            least=np.ones(people, np.int64),
            spread=True,
        )

    @cached_property
    def seated(self) -> list[int]:
        """Seated people who have a meeting."""
        return [who for who in np.unique(self.ends).tolist() if self.problem.people[who].seated]

    @cached_property
    def homes(self) -> Homes | None:
        """Asked for where seated people could lack a table: too few for them, or taken by locks."""
        names, pinned = self.names, [(at, when, name) for at, (when, name) in self.locked.items() if name is not None]
        if names is None or not self.seated or (len(self.seated) <= len(names) and not pinned):
            return None
        locked = tuple((when, names.index(name), at) for at, when, name in pinned)
        return Homes(tuple(self.seated), len(names), locked)

    def _sittings(self, when: Ints, homes: list[int]) -> list[Sitting]:
        at_home = {who: (self.names or [])[table] for who, table in zip(self.seated, homes, strict=False)}
        groups = []
        for at, (number, pair) in enumerate(zip(when.tolist(), self.ends.tolist(), strict=True)):
            fixed = self.locked.get(at, (0, None))[1] or next((at_home[who] for who in pair if who in at_home), None)
            groups.append(Group(number, tuple(pair), fixed, at in self.locked))
        tables = seat(groups, self.problem.session.tables, self.seated)
        return [Sitting(group.round, group.people, str(name)) for group, name in zip(groups, tables, strict=True)]

    def _interpreted(self, sittings: list[Sitting]) -> list[Sitting]:
        """Send an interpreter wherever one is free who speaks with both: a help, no condition."""
        reach, helpers = self.admissible.reach, self.problem.interpreters
        work: Bools = np.zeros((len(reach), self.problem.session.rounds), np.bool_)
        done = []
        for one in sittings:
            helper = None
            if self.admissible.need_interpreter(one.people):
                free = (
                    row for row in range(len(reach)) if reach[row, list(one.people)].all() and not work[row, one.round]
                )
                for row in free:
                    longer = work[row] | (np.arange(work.shape[1]) == one.round)
                    here = one.round + 1 not in helpers[row].away
                    if here and longest_run(longer.tolist()) <= helpers[row].most_in_a_row:
                        helper, work[row] = row, longer
                        break
            done.append(Sitting(one.round, one.people, one.table, interpreter=helper))
        return done

    def _why(self) -> str:
        found = obstacle(self.agenda, self.homes)
        if found is None:
            return "chosen: the meetings cannot all be held; drop some, or allow more rounds or tables"
        return f"chosen: {self.sentence(found)}"

    def sentence(self, found: Obstacle) -> str:
        """Tell which meetings stand in each other's way."""
        told = [self._told(at) for at in found.meetings[:MOST_TOLD]]
        more = len(found.meetings) - len(told)
        which = ", ".join(told) + (f" and {more} more" if more else "")
        number = len(found.meetings)
        if number == 1:
            return f"the meeting of {which} has no round in which both are there; change its rounds, or drop it"
        if found.person is not None:
            name = self.problem.people[found.person].id
            few = f"{name!r} has {number} meetings and only {number - 1} rounds for them"
            return f"{few}; drop one or open a round: {which}"
        why = {
            "person": "",
            "attendance": "in the rounds when people are there",
            "tables": "at so few tables",
            "seated": "at the tables that seated people leave free",
            "spread": "without somebody having three breaks more than another",
        }[found.limit]
        return f"these {number} meetings cannot all be held {why}; drop one or open a round: {which}"

    def _told(self, at: int) -> str:
        chosen = (self.problem.chosen or ())[at]
        who = " and ".join(chosen.people)
        if at in self.locked:
            return f"{who} (locked in round {self.locked[at][0] + 1})"
        if chosen.rounds is not None:
            return f"{who} (rounds {', '.join(map(str, chosen.rounds))})"
        return who
