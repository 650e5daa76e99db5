"""Brute force over all plans of a tiny room of circles, from the contract alone: counts, sizes, repeats, benefit."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product

from matcher.points import matrix
from matcher.problem import Lock, Problem

Seating = tuple[frozenset[str], ...]
Score = tuple[tuple[int, ...], int, int, int, int]


def best_circles(problem: Problem) -> Score | None:
    """Try every plan; the best in the order of the aims, the smaller the better, or None where no plan keeps the locks.

    How many people have one, two … tables (minus), how far tables are from their size, how many tables (minus), how
    often a pair meets again, and the benefit (minus).
    """
    case = _Case(problem)
    judged = sorted(((case.score(plan), plan) for plan in case.plans()), key=lambda one: one[0])
    return next((score for score, plan in judged if case.at_home(plan)), None)


def every_circle(problem: Problem) -> list[Score]:
    """What each plan is worth in every aim, seated people apart."""
    case = _Case(problem)
    return [case.score(plan) for plan in case.plans()]


class _Case:
    def __init__(self, problem: Problem) -> None:
        self.problem, self.people = problem, {person.id: person for person in problem.people}
        self.apart = {frozenset(pair) for pair in problem.keep_apart}
        tables = problem.session.tables
        self.most = len(tables) if isinstance(tables, tuple) else tables
        own = range(len(self.people)) if tables is None else range(self.most)
        named = {lock.table for lock in problem.locks if lock.table}
        self.names = list(tables) if isinstance(tables, tuple) else [*named, *map(str, own)]
        ids = [person.id for person in problem.people]
        worth = matrix(problem).tolist()
        self.worth = {frozenset((ids[a], ids[b])): worth[a][b] for a, b in combinations(range(len(ids)), 2)}

    def plans(self) -> Iterator[tuple[Seating, ...]]:
        """All plans but for the homes of seated people, within the limits."""
        rounds = [list(self.seatings(number)) for number in range(1, self.problem.session.rounds + 1)]
        locked = Counter(name for lock in self.problem.locks for name in lock.people)
        common = self.problem.rules.limit
        limits = {name: common if person.limit is None else person.limit for name, person in self.people.items()}
        most = {name: max(9 if limit is None else limit, locked[name]) for name, limit in limits.items()}
        for plan in product(*rounds):
            held = Counter(name for tables in plan for table in tables for name in table)
            if all(count <= most[name] for name, count in held.items()):
                yield plan

    def seatings(self, number: int) -> Iterator[Seating]:
        """All ways to seat some of those who are there, as full or not."""
        there = [name for name, person in self.people.items() if number not in person.away]
        size = self.problem.session.size
        proper = -(-len(there) // (size + 1)) * (size - 1) <= len(there)
        sizes = range(max(2, size - 1) if proper else 2, size + 2)
        locks = [lock for lock in self.problem.locks if lock.round == number]
        every = [frozenset(some) for more in sizes for some in combinations(there, more)]
        fine = [table for table in every if self.lawful(table, locks)]

        def grow(tables: Seating, left: list[frozenset[str]]) -> Iterator[Seating]:
            yield tables
            for at, table in enumerate(left):
                rest = [other for other in left[at + 1 :] if not other & table]
                yield from grow((*tables, table), rest)

        for tables in grow((), fine):
            numbers = [len(table) for table in tables]
            even = not numbers or max(numbers) - min(numbers) <= 1
            kept = all(any(set(lock.people) <= table for table in tables) for lock in locks)
            if even and kept and (self.most is None or len(tables) <= self.most):
                yield tables

    def lawful(self, table: frozenset[str], locks: list[Lock]) -> bool:
        kept = [lock for lock in locks if set(lock.people) <= table]
        pardoned = {frozenset(two) for lock in kept for two in combinations(lock.people, 2)}
        spoken = {name: set(self.people[name].languages) for name in table if self.people[name].languages}
        silent: set[str] = set()
        for lock in kept:
            lists = [spoken[name] for name in lock.people if name in spoken]
            silent |= set(lock.people) if lists and not set.intersection(*lists) else set()
        if self.problem.rules.shared_language:
            rest = [known for name, known in spoken.items() if name not in silent]
            if rest and not set.intersection(*rest):
                return False
        return all(self.may_meet(*two) for two in combinations(table, 2) if frozenset(two) not in pardoned)

    def may_meet(self, one: str, other: str) -> bool:
        first, second = self.people[one], self.people[other]
        rules = self.problem.rules
        colleagues = first.organisation and first.organisation == second.organisation
        known = set(first.languages), set(second.languages)
        silent = rules.shared_language and all(known) and not known[0] & known[1]
        return not (
            silent or frozenset((one, other)) in self.apart or (colleagues and rules.same_organisation == "apart")
        )

    def at_home(self, plan: tuple[Seating, ...]) -> bool:
        """Whether seated people can have one table each throughout, and every lock its own."""
        seated = [name for name, person in self.people.items() if person.seated]
        return any(
            all(
                self.named(number, tables, dict(zip(seated, homes, strict=True)))
                for number, tables in enumerate(plan, 1)
            )
            for homes in product(self.names, repeat=len(seated))
        )

    def named(self, number: int, tables: Seating, home: dict[str, str]) -> bool:
        """Whether no table of a round needs two names, and no name two tables."""
        needed = []
        for table in tables:
            locks = [lock for lock in self.problem.locks if lock.round == number and set(lock.people) <= table]
            names = {lock.table for lock in locks if lock.table} | {home[name] for name in table if name in home}
            if len(names) > 1:
                return False
            needed += names
        return len(set(needed)) == len(needed)

    def score(self, plan: tuple[Seating, ...]) -> Score:
        held = Counter(name for tables in plan for table in tables for name in table)
        counts = tuple(-sum(count >= level for count in held.values()) for level in range(1, len(plan) + 1))
        every = [table for tables in plan for table in tables]
        times = Counter(dict.fromkeys(map(frozenset, self.problem.met_before), 1))
        pairs = [frozenset(two) for table in every for two in combinations(sorted(table), 2)]
        times.update(pairs)
        far = sum(abs(len(table) - self.problem.session.size) for table in every)
        again = sum(count - 1 for count in times.values())
        return counts, far, -len(every), again, -sum(self.worth[pair] for pair in pairs)
