"""Random rooms with hosts, and brute force over all plans of a tiny one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from matcher.benefit import visits
from matcher.errors import NotPossible
from matcher.problem import Host, Lock, Problem, Rules, Session
from matcher.refusals import refuse_locks
from matcher.rules import Admissibility, best_alone, tables_of_hosts
from tests.matcher.strategies import people

NOWHERE = -1
Seats = tuple[int, ...]


@dataclass(frozen=True)
class Best:
    """What no plan can beat, in the order of the aims."""

    counts: tuple[int, ...]
    benefit: int
    lowest: float


@st.composite
def hosts(draw: st.DrawFn, number: int, rounds: int) -> tuple[Host, ...]:
    """So many hosts, now and then away, with few or many places."""
    rare = st.sampled_from((False, False, False, True))
    found = []
    for at in range(number):
        places = draw(st.integers(1, 4))
        found.append(
            Host(
                id=f"h{at}",
                languages=tuple(draw(st.lists(st.sampled_from(("en", "fr", "km")), unique=True, max_size=2))),
                organisation=draw(st.sampled_from((None, "o1", "o2"))),
                places=places,
                min_places=draw(st.integers(1, places)) if draw(rare) else 1,
                away=frozenset(draw(st.sets(st.integers(1, rounds), max_size=1))) if draw(rare) else frozenset(),
                table=draw(st.sampled_from((None, f"T{at}"))),
            )
        )
    return tuple(found)


@st.composite
def rooms(draw: st.DrawFn, most: int = 4, most_hosts: int = 3, rounds: int = 3, *, move: str = "each") -> Problem:
    """A room whose locks are possible."""
    number, length = draw(st.integers(0, most)), draw(st.integers(1, rounds))
    persons = draw(people(number, length, seated=False))
    there = draw(hosts(draw(st.integers(0, most_hosts)), length))
    nodes = [*(person.id for person in persons), *(host.id for host in there)]
    pairs = list(combinations(nodes, 2))
    some = st.lists(st.sampled_from(pairs), unique=True, max_size=3) if pairs else st.just([])
    values = st.sampled_from((0, 0, 100, 250, 700, 1000)) | st.integers(0, 1000)
    problem = Problem(
        Session(rounds=length, format="stations", move=move),
        persons,
        Rules(
            draw(st.sampled_from(("apart", "allow"))), draw(st.booleans()), limit=draw(st.none() | st.integers(1, 3))
        ),
        keep_apart=tuple(draw(some)),
        met_before=tuple(draw(some)),
        benefits=tuple((person.id, host.id, draw(values)) for person in persons for host in there),
        hosts=there,
    )
    if not persons or not there or draw(st.booleans()):
        return problem
    who = tuple(draw(st.lists(st.sampled_from([person.id for person in persons]), unique=True, min_size=1, max_size=2)))
    table = draw(st.sampled_from((None, *tables_of_hosts(problem))))
    locked = replace(problem, locks=(Lock(draw(st.integers(1, length)), who, table),))
    try:
        refuse_locks(locked)
    except NotPossible:
        return problem
    return locked


def best_plans(problem: Problem) -> Best | None:
    """Try every plan; None where no plan keeps the locks."""
    case = _Case(problem)
    states: dict[tuple[tuple[int, ...], ...], None] = {tuple(() for _ in range(case.n)): None}
    for when in range(problem.session.rounds):
        rounds = list(case.rounds(when))
        states = {
            tuple(
                tuple(sorted((*had, seat))) if seat != NOWHERE else had for had, seat in zip(state, seats, strict=True)
            ): None
            for state in states
            for seats in rounds
            if not any(seat in had for had, seat in zip(state, seats, strict=True))
        }
    judged = [case.judged(state) for state in states if case.within(state)]
    if not judged:
        return None
    top = max(counts for counts, _, _ in judged)
    equal = [(benefit, lowest) for counts, benefit, lowest in judged if counts == top]
    return Best(top, max(benefit for benefit, _ in equal), max(lowest for _, lowest in equal))


class _Case:
    def __init__(self, problem: Problem) -> None:
        self.problem, self.rules = problem, Admissibility(problem)
        self.n, self.worth = len(problem.people), visits(problem)
        self.best = best_alone(self.rules, self.worth)
        self.tables = tables_of_hosts(problem)
        pinned = np.zeros(self.n, int)
        for lock in problem.locks:
            pinned[[self.rules.index[name] for name in lock.people]] += 1
        self.limit = np.maximum(self.rules.caps, pinned)

    def rounds(self, when: int) -> Iterator[Seats]:
        """Every way to sit in a round."""
        locks = [lock for lock in self.problem.locks if lock.round == when + 1]
        rows = [[self.rules.index[name] for name in lock.people] for lock in locks]
        pinned = {who for row in rows for who in row}
        could = [
            [NOWHERE, *(host for host in range(len(self.tables)) if self._may(who, host, when, who in pinned))]
            for who in range(self.n)
        ]
        for seats in product(*could):
            kept = all(
                seats[row[0]] != NOWHERE
                and len({seats[who] for who in row}) == 1
                and lock.table in (None, self.tables[seats[row[0]]])
                for lock, row in zip(locks, rows, strict=True)
            )
            if kept and self._sound(seats):
                yield seats

    def _may(self, who: int, host: int, when: int, pinned: bool) -> bool:
        if not (self.rules.there[who, when] and self.rules.hosts_there[host, when]):
            return False
        return bool(self.rules.visits[who, host]) or (
            pinned and "keep_apart" not in self.rules.forbidding(who, self.n + host)
        )

    def _sound(self, seats: Seats) -> bool:
        tables = defaultdict(list)
        for who, host in enumerate(seats):
            tables[host].append(who)
        tables.pop(NOWHERE, None)
        return all(
            self.problem.visited[host].min_places <= len(guests) <= self.problem.visited[host].places
            and not any(self.rules.kept_apart[two] for two in combinations(guests, 2))
            for host, guests in tables.items()
        )

    def within(self, state: tuple[tuple[int, ...], ...]) -> bool:
        return all(len(had) <= limit for had, limit in zip(state, self.limit, strict=True))

    def judged(self, state: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], int, float]:
        counts = tuple(sum(len(had) >= level for had in state) for level in range(1, self.problem.session.rounds + 1))
        gained = [int(self.worth[who, list(had)].sum()) for who, had in enumerate(state)]
        lowest = min((got / best for got, best in zip(gained, self.best.tolist(), strict=True) if best), default=1.0)
        return counts, sum(gained), lowest
