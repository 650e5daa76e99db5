"""The only door to the satisfiability solver (Glucose 4, by way of PySAT).

Effort is counted in conflicts, so that the same clauses and questions always have the same answers.

Sources: Audemard and Simon, *Predicting learnt clauses quality in modern SAT solvers*, IJCAI 2009; Ignatiev, Morgado
and Marques-Silva, *PySAT: a Python toolkit for prototyping with SAT oracles*, SAT 2018.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

from pysat.solvers import Glucose4

FEW = 5


class Clauses:
    """A growing set of clauses and a solver that keeps what it has learnt; a literal is a variable, or minus it."""

    def __init__(self) -> None:
        self._solver = Glucose4(incr=False)
        self._last = 0
        self._until: int | None = None

    def fresh(self) -> int:
        """A new variable."""
        self._last += 1
        return self._last

    def add(self, *literals: int) -> None:
        """Demand that one of the literals is true."""
        self._solver.add_clause(literals)

    def ask(self, assumed: Sequence[int], conflicts: int) -> bool | None:
        """Whether all can be kept under what is assumed; None where so many conflicts do not tell."""
        if self._until is not None:
            if self.propagations >= self._until:
                return None
            self._solver.prop_budget(self._until - self.propagations)
        self._solver.conf_budget(conflicts)
        answer: bool | None = self._solver.solve_limited(assumptions=list(assumed))
        return answer

    def allow(self, derived: int) -> None:
        """From now on derive no more literals than that in all; then no question has an answer."""
        self._until = self.propagations + derived

    def suggest(self, literals: Iterable[int]) -> None:
        """Try these first wherever a variable is free."""
        self._solver.set_phases(list(literals))

    @property
    def propagations(self) -> int:
        """How many literals all questions so far have derived: what takes the time, however large the clauses are."""
        return int(self._solver.accum_stats()["propagations"])

    def true(self, literals: Iterable[int]) -> list[bool]:
        """Which literals are true in the answer just found."""
        model = self.answer()
        return [model[literal - 1] > 0 for literal in literals]

    def answer(self) -> list[int]:
        """The answer just found: of each variable in turn the literal that is true."""
        model: list[int] = self._solver.get_model()
        return model

    def core(self) -> list[int]:
        """Those of the assumed literals that cannot all be true."""
        return list(self._solver.get_core() or [])

    def close(self) -> None:
        """Give the memory back."""
        self._solver.delete()

    def one_at_most(self, literals: Sequence[int]) -> None:
        """Demand that at most one is true; from six on by a sequential counter (Sinz 2005)."""
        if len(literals) <= FEW:
            for one, other in combinations(literals, 2):
                self.add(-one, -other)
            return
        before = 0
        for literal in literals[:-1]:
            sofar = self.fresh()
            self.add(-literal, sofar)
            if before:
                self.add(-before, sofar)
                self.add(-before, -literal)
            before = sofar
        self.add(-before, -literals[-1])

    def exactly(self, literals: Sequence[int], number: int) -> None:
        """Demand that so many are true, by a sequential counter; both sides propagate."""
        before: list[int] = []
        for position, literal in enumerate(literals):
            row = [self.fresh() for _ in range(min(position + 1, number + 1))]
            for count, now in enumerate(row):
                old = before[count] if count < len(before) else 0
                less = before[count - 1] if count else 0
                if old:
                    self.add(-old, now)
                self.add(-literal, now, *([-less] if count else []))
                self.add(-now, literal, *([old] if old else []))
                if count:
                    self.add(-now, less, *([old] if old else []))
            before = row
        for count, last in enumerate(before):
            self.add(last if count < number else -last)
        if len(before) < number:
            self.add()

    def counted(self, literals: Sequence[int], most: int) -> list[int]:
        """Count upwards: the k-th of the literals returned is true where more than k are (k from 0, at most `most`).

        A totaliser (Bailleux and Boufkhad 2003), cut off where it is full.
        """
        if len(literals) <= 1:
            return list(literals)
        half = len(literals) // 2
        left, right = self.counted(literals[:half], most), self.counted(literals[half:], most)
        out = [self.fresh() for _ in range(min(len(left) + len(right), most))]
        for one in range(len(left) + 1):
            for other in range(len(right) + 1):
                if not one + other:
                    continue
                needed = [-left[one - 1]] * (one > 0) + [-right[other - 1]] * (other > 0)
                self.add(*needed, out[min(one + other, most) - 1])
        return out
