"""Brute force over all plans of a tiny room: the best counts, the best benefit with them, the best lowest share."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.benefit import matrix
from matcher.problem import Problem
from matcher.rules import Admissibility

Pair = tuple[int, int]


@dataclass(frozen=True)
class Best:
    """What no plan can beat, in the order of the aims."""

    counts: tuple[int, ...]
    benefit: int
    lowest: float


def best_plans(problem: Problem) -> Best:
    """Try every plan."""
    case = _Case(problem)
    judged = [(case.counts(held), case.benefit(held), case.lowest(held)) for held in case.choices()]
    top = max(counts for counts, _, _ in judged)
    equal = [(benefit, lowest) for counts, benefit, lowest in judged if counts == top]
    return Best(top, max(benefit for benefit, _ in equal), max(lowest for _, lowest in equal))


class _Case:
    def __init__(self, problem: Problem) -> None:
        rules = Admissibility(problem)
        self.problem, self.there, self.allowed = problem, rules.there, rules.allowed
        self.worth = matrix(problem)
        self.n = len(problem.people)
        self.locked = {lock.round - 1: [] for lock in problem.locks}
        for lock in problem.locks:
            self.locked[lock.round - 1].append(tuple(sorted(rules.index[name] for name in lock.people)))
        pinned = np.zeros(self.n, int)
        for pairs in self.locked.values():
            for pair in pairs:
                pinned[list(pair)] += 1
        self.limit = np.maximum(rules.caps, pinned)
        ranked = -np.sort(-np.where(self.allowed, self.worth, 0), axis=1)
        self.best = [int(ranked[who, : rules.caps[who]].sum()) for who in range(self.n)]

    def choices(self) -> set[frozenset[Pair]]:
        """Every set of meetings that some plan holds."""
        kept_for_locks = {pair for pairs in self.locked.values() for pair in pairs}
        found = {frozenset[Pair]()}
        for when in range(self.problem.session.rounds):
            fresh = list(self._matchings(when, kept_for_locks))
            found = {held | one for held in found for one in fresh if not held & one and self._within(held | one)}
        return found

    def _within(self, held: frozenset[Pair]) -> bool:
        return all(degree <= limit for degree, limit in zip(self._degrees(held), self.limit, strict=True))

    def _matchings(self, when: int, kept_for_locks: set[Pair]) -> Iterator[frozenset[Pair]]:
        must = self.locked.get(when, [])
        there = self.there[:, when]
        pairs = [
            pair
            for pair in combinations(range(self.n), 2)
            if there[list(pair)].all() and self.allowed[pair] and pair not in kept_for_locks
        ]
        most = self.problem.session.tables or self.n
        for size in range(min(most - len(must), self.n // 2) + 1):
            for some in combinations(pairs, size):
                held = [*must, *some]
                if len({who for pair in held for who in pair}) == 2 * len(held):
                    yield frozenset(held)

    def _degrees(self, held: frozenset[Pair]) -> list[int]:
        return [sum(who in pair for pair in held) for who in range(self.n)]

    def counts(self, held: frozenset[Pair]) -> tuple[int, ...]:
        degrees = self._degrees(held)
        return tuple(sum(one >= level for one in degrees) for level in range(1, self.problem.session.rounds + 1))

    def benefit(self, held: frozenset[Pair]) -> int:
        return sum(int(self.worth[pair]) for pair in held)

    def lowest(self, held: frozenset[Pair]) -> float:
        gained = [sum(int(self.worth[pair]) for pair in held if who in pair) for who in range(self.n)]
        return min((got / best for got, best in zip(gained, self.best, strict=True) if best), default=1.0)
