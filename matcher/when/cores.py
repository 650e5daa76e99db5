"""As few as can be: how many of some wishes must fail, proven by cores.

A core is a set of wishes that cannot all be kept: one of them fails, and the proven bound grows by one. The core then
becomes a counter of its failures, of which one is free and every further one a wish again (OLL: Andres, Kaufmann,
Matheis and Schaub, *Unsatisfiability-based optimization in clasp*, ICLP 2012; RC2: Ignatiev, Morgado and Marques-Silva
2019).
"""

from collections.abc import Iterable

from matcher.sat import Clauses

TRIM = 400


class Fewest:
    """Keeps as few of `costs` true as the clauses allow.

    Attributes
    ----------
    bound : int
        Proven: so many are true whatever is done.
    done : bool
        Whether `bound` is reached by the answer last found in `clauses`, or nothing satisfies the clauses.
    possible : bool
        False where nothing satisfies the clauses.
    """

    def __init__(self, clauses: Clauses, costs: Iterable[int]) -> None:
        self.clauses = clauses
        self.bound = 0
        self.done, self.possible = False, True
        self._wishes: dict[int, tuple[list[int], int]] = {-cost: ([], 0) for cost in costs}

    def run(self, conflicts: int) -> bool:
        """Go on until a question needs more conflicts than that; True where all is known."""
        while not self.done:
            answer = self.clauses.ask(list(self._wishes), conflicts)
            if answer is None:
                return False
            if answer:
                self.done = True
            else:
                self._learn(self._smaller(self.clauses.core()))
        return True

    def _smaller(self, core: list[int]) -> list[int]:
        """Leave out of a core what it does not need, as far as that is quickly seen."""
        size = 0
        while len(core) != size > 1 or not size:
            size = len(core)
            if size <= 1 or self.clauses.ask(core, TRIM) is not False:
                break
            core = self.clauses.core()
        for wish in list(core):
            if len(core) > 1 and wish in core:
                rest = [one for one in core if one != wish]
                if self.clauses.ask(rest, TRIM) is False:
                    core = [one for one in rest if one in set(self.clauses.core())]
        return core

    def _learn(self, core: list[int]) -> None:
        if not core:
            self.done, self.possible = True, False
            return
        self.bound += 1
        for wish in core:
            counter, level = self._wishes.pop(wish)
            if level + 1 < len(counter):
                self._wishes[-counter[level + 1]] = counter, level + 1
        if len(core) > 1:
            counter = self.clauses.counted([-wish for wish in core], len(core))
            self._wishes[-counter[1]] = counter, 1
            self._raise(counter)

    def _raise(self, counter: list[int]) -> None:
        """See at once how many of a core fail at least, as far as that is quickly seen."""
        level = 1
        while self.clauses.ask([-counter[level]], TRIM) is False:
            del self._wishes[-counter[level]]
            self.bound += 1
            level += 1
            if level == len(counter):
                return
            self._wishes[-counter[level]] = counter, level
