"""Agreed meetings: all held, with the fewest breaks, and nobody more than two breaks from anybody else.

Three seekers take turns: two that prove by cores how many breaks there must be, each with other redundant clauses
(which of the two is quick depends on the event), and the search that moves meetings into gaps. It ends where the best
timetable has as many breaks as are proven, when the effort is spent, or when long nothing has been gained.
"""

import random
from dataclasses import dataclass

from matcher.graph import Ints
from matcher.solver import NEVER, Deadline
from matcher.when.agenda import EVEN, Agenda, breaks_in
from matcher.when.compact import compact
from matcher.when.cores import Fewest
from matcher.when.fewest import fewest_breaks
from matcher.when.formula import Formula, Homes

SLICE = 500
FIRST = 20
TURN = 4
STEPS = 10_000
LONGER = 1.25
MOST_STEPS = 200_000
DERIVED_A_STEP = 150
EFFORT = 300_000_000
PATIENCE = 150_000_000


@dataclass(frozen=True, slots=True)
class Agreed:
    """When agreed meetings are held.

    Attributes
    ----------
    when : (m,) int or None
        The round of each meeting; None where there is no timetable, or none was found in time.
    breaks, bound : int
        All breaks, and proven: no timetable has fewer.
    possible : bool
        False where it is proven that there is no timetable.
    homes : list of int
        The table of each seated person, where such were asked for.
    """

    when: Ints | None
    breaks: int
    bound: int
    possible: bool
    homes: list[int]


def agree(
    agenda: Agenda, homes: Homes | None = None, *, seed: int = 0, effort: int = EFFORT, deadline: Deadline = NEVER
) -> Agreed:
    """Give agreed meetings their rounds.

    Parameters
    ----------
    agenda : Agenda
        People's meetings; with `spread` no two people are more than two breaks apart.
    homes : Homes, optional
        Seated people who might get into each other's way.
    seed : int
        Decides between equals.
    effort : int
        Literals that the proofs derive, each step of the search counting as 150; the first timetable is sought without
        this limit.
    deadline : Deadline
        After it nothing further is begun; a moment is left for a first timetable.
    """
    formulas = [Formula(agenda, homes, by_people=by_people) for by_people in (False, True)]
    search = Seekers(agenda, formulas, seed)
    turns = 0
    while not search.over() and (search.when is None or search.hopeful(effort)):
        if deadline.over() and (search.when is not None or turns >= FIRST):
            break
        search.turn(turns, deadline)
        turns += 1
    for formula in formulas:
        formula.clauses.close()
    return Agreed(search.when, search.breaks, search.bound, search.possible, search.homes)


class Seekers:
    """Three ways to the same end, and the best that any has found or proven."""

    def __init__(self, agenda: Agenda, formulas: list[Formula], seed: int) -> None:
        self.agenda, self.formulas = agenda, formulas
        self.rng = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
        self.proofs = [Fewest(one.clauses, [end for ends in one.breaks for end in ends]) for one in formulas]
        self.when: Ints | None = None
        self.breaks = agenda.rounds * len(agenda.capacity)
        self.bound = sum(fewest_breaks(agenda))
        self.possible = True
        self.homes: list[int] = []
        self._steps, self._moved, self._gained = float(STEPS), 0, 0

    @property
    def spent(self) -> int:
        """The effort so far, in derived literals."""
        return sum(one.clauses.propagations for one in self.formulas) + DERIVED_A_STEP * self._moved

    def hopeful(self, effort: int) -> bool:
        """Whether so much effort is not spent, and the last gain no longer ago than it took, or PATIENCE if more."""
        spent = self.spent
        return spent < effort and spent - self._gained < max(PATIENCE, self._gained)

    def over(self) -> bool:
        """Whether nothing is left to find."""
        return not self.possible or (self.when is not None and self.breaks <= self.bound)

    def turn(self, number: int, deadline: Deadline) -> None:
        """Let one seeker work: a proof, or after some turns the search."""
        before = self.breaks, self.bound
        self._turn(number, deadline)
        if (self.breaks, self.bound) != before:
            self._gained = self.spent

    def _turn(self, number: int, deadline: Deadline) -> None:
        which = number // TURN % len(self.formulas)
        if self.when is None:
            self._first(which)
            return
        proof = self.proofs[which]
        proof.run(SLICE)
        self.bound = max(self.bound, proof.bound)
        if proof.done:
            self._keep_answer(which)
        elif not self.homes and number % (TURN * len(self.formulas)) == 0:
            self._move(deadline)

    def _first(self, which: int) -> None:
        answer = self.formulas[which].clauses.ask([], SLICE)
        if answer is False:
            self.possible = False
        elif answer:
            self._keep_answer(which)

    def _keep_answer(self, which: int) -> None:
        if self._keep(self.formulas[which].timetable()):
            self.homes = self.formulas[which].homes()

    def _move(self, deadline: Deadline) -> None:
        assert self.when is not None
        steps = int(self._steps)
        self._keep(compact(self.agenda, self.when, self.rng, steps=steps, deadline=deadline).when)
        self._moved += steps
        self._steps = min(self._steps * LONGER, MOST_STEPS)

    def _keep(self, when: Ints) -> bool:
        each = breaks_of(self.agenda, when)
        even = max(each, default=0) - min(each, default=0) <= EVEN
        better = sum(each) < self.breaks and (even or not self.agenda.spread)
        if better:
            self.when, self.breaks = when, sum(each)
        return better


def breaks_of(agenda: Agenda, when: Ints) -> list[int]:
    """Count the breaks of everybody who has a meeting."""
    busy = [0] * len(agenda.capacity)
    for pair, number in zip(agenda.ends.tolist(), when.tolist(), strict=True):
        for who in pair:
            busy[who] |= 1 << number
    return [breaks_in(rounds) for rounds in busy if rounds]
