"""What no plan can do: give company to somebody who can meet nobody, and keep locks that contradict the rules."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np

from matcher.errors import NotPossible
from matcher.problem import Lock, Person, Problem
from matcher.rules import Admissibility, RuleName, tables_of_hosts


def lonely(problem: Problem, rules: Admissibility | None = None) -> list[tuple[str, str]]:
    """Name the people who can meet nobody, each with the reason in plain words.

    People with a lock do meet somebody and are not named. Keep-apart entries are never told.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> people = (Person("p1", languages=("en",)), Person("p2", languages=("en",)), Person("p17", languages=("km",)))
    >>> lonely(Problem(Session(rounds=2), people))
    [('p17', 'speaks only km')]
    """
    rules = rules or Admissibility(problem)
    locked = {name for lock in problem.locks for name in lock.people}
    could = rules.visits if problem.hosted else rules.allowed
    nobody = ~could.any(axis=1) | (rules.caps == 0)
    people = problem.people
    return [
        (people[row].id, _why_nobody(rules, row))
        for row in np.flatnonzero(nobody).tolist()
        if people[row].id not in locked
    ]


def _why_nobody(rules: Admissibility, row: int) -> str:
    if not rules.there[row].any():
        return "is away in every round"
    if rules.caps[row] == 0:
        return "has a limit of 0 meetings"
    number = len(rules.problem.people)
    if rules.problem.hosted and not rules.problem.visited:
        return "there are no hosts"
    if number == len(rules.nodes) == 1:
        return "is the only person"
    nodes = np.arange(len(rules.nodes))
    left = nodes >= number if rules.problem.hosted else nodes != row
    blocks = {name: layer(np.array([row]))[0] for name, layer in rules.layers.items()}
    alone = [name for name, block in blocks.items() if not (left & block).any()]
    told: list[RuleName] = []
    for name, block in blocks.items():
        if alone and name != alone[0]:
            continue
        if (left & ~block).any():
            told.append(name)
        left = left & block
    return ", and ".join(_reason(rules.problem.people[row], name) for name in told)


def _reason(person: Person, rule: RuleName) -> str:
    words = {
        "away": "is there only when the others are away",
        "language": f"speaks only {', '.join(person.languages)}",
        "organisation": f"is a colleague of the others at {person.organisation}",
        "side": f"is of side {person.side} like the others",
        "seated": "stays seated like the others",
        "met_before": "has met the others before",
        "keep_apart": "the rules leave nobody else",
    }
    return words[rule]


def refuse_locks(problem: Problem) -> None:
    """Refuse locks that no plan can keep.

    A lock overrides organisation, language, side, met-before and limit, never keep-apart, away or seated.

    Raises
    ------
    NotPossible
        A lock breaks such a rule or contradicts another lock; the message names the lock and what to change.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> people = (Person("p1"), Person("p2", away=frozenset({1})))
    >>> refuse_locks(Problem(Session(rounds=2), people, locks=(Lock(1, ("p1", "p2")),)))
    Traceback (most recent call last):
    matcher.errors.NotPossible: locks: the lock of 'p1' and 'p2' in round 1: 'p2' is away then; change one of the two
    """
    persons = {person.id: person for person in problem.people}
    apart = {frozenset(pair) for pair in problem.keep_apart}
    pairs = problem.session.format == "pairs"
    for lock in problem.locks:
        if any(frozenset(two) in apart for two in combinations(lock.people, 2)):
            raise _refusal(lock, "the two are kept apart; remove the lock or the entry in keep_apart")
        for name in lock.people:
            if lock.round in persons[name].away:
                raise _refusal(lock, f"{name!r} is away then; change one of the two")
        if pairs and all(persons[name].seated for name in lock.people):
            raise _refusal(lock, "both stay seated and cannot come to each other; change the lock or seated")
    _refuse_twice(problem)
    if problem.hosted:
        _refuse_visits(problem, apart)
    else:
        _refuse_tables(problem, persons)


def refuse_chosen(problem: Problem) -> None:
    """Refuse agreed meetings that contradict a rule that even they must keep, or a lock.

    Raises
    ------
    NotPossible
        Two are kept apart, both stay seated, or a lock is not among the agreed meetings and their rounds.
    """
    if problem.chosen is None:
        return
    apart = {frozenset(pair) for pair in problem.keep_apart}
    seated = {person.id for person in problem.people if person.seated}
    rounds = {frozenset(one.people): one.rounds for one in problem.chosen}
    for pair in rounds:
        who = " and ".join(repr(name) for name in sorted(pair))
        if pair in apart:
            raise NotPossible(f"chosen: {who} are kept apart; remove the meeting or the entry in keep_apart")
        if pair <= seated:
            raise NotPossible(
                f"chosen: {who} both stay seated and cannot come to each other; change the meeting or seated"
            )
    for lock in problem.locks:
        pair = frozenset(lock.people)
        if pair not in rounds:
            raise _refusal(lock, "the two are not among the chosen; remove the lock or add the meeting")
        within = rounds[pair]
        if within is not None and lock.round not in within:
            raise _refusal(lock, "the chosen meeting is not held in that round; change one of the two")


def _refuse_twice(problem: Problem) -> None:
    """Nobody is in two places in one round; in `pairs` no two people meet twice."""
    meets: dict[frozenset[str], int] = {}
    busy: set[tuple[str, int]] = set()
    for lock in problem.locks:
        pair = frozenset(lock.people)
        if problem.session.format == "pairs" and pair in meets:
            raise _refusal(lock, f"the two are already locked in round {meets[pair]}; keep one of the two locks")
        meets[pair] = lock.round
        for name in lock.people:
            if (name, lock.round) in busy:
                raise _refusal(lock, f"{name!r} has another lock in that round; keep one of the two locks")
            busy.add((name, lock.round))


def _refuse_visits(problem: Problem, apart: set[frozenset[str]]) -> None:
    """The table of a lock is a host's, who is there, has a place for each, and is visited once by each."""
    at = dict(zip(tables_of_hosts(problem), problem.visited, strict=True))
    guests: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for lock in problem.locks:
        if lock.table is None:
            if len(lock.people) > max((host.places for host in problem.visited), default=0):
                raise _refusal(lock, "no host has so many places; lock fewer people")
            continue
        host = at.get(lock.table)
        if host is None:
            raise _refusal(lock, f"no host is at table {lock.table!r}; the tables are {', '.join(at)}")
        if lock.round in host.away:
            raise _refusal(lock, f"the host {host.id!r} is away then; change one of the two")
        for name in lock.people:
            if frozenset((name, host.id)) in apart:
                raise _refusal(lock, f"{name!r} is kept apart from the host; remove one of the two entries")
            if any(name in guests[when, lock.table] for when in range(1, problem.session.rounds + 1)):
                raise _refusal(lock, f"{name!r} has another lock at that table; nobody visits one host twice")
        guests[lock.round, lock.table] += lock.people
        together = guests[lock.round, lock.table]
        if len(together) > host.places:
            raise _refusal(lock, f"{host.id!r} has {host.places} places and {len(together)} people locked; move one")
        if any(frozenset(two) in apart for two in combinations(together, 2)):
            raise _refusal(lock, "somebody locked at that table is kept apart from them; move one")


def _refuse_tables(problem: Problem, persons: dict[str, Person]) -> None:
    """A seated person keeps one table, a table holds one lock a round, a round has no more tables than the room."""
    home: dict[str, str] = {}
    for lock in problem.locks:
        for name in lock.people:
            if not persons[name].seated or lock.table is None:
                continue
            if home.setdefault(name, lock.table) != lock.table:
                raise _refusal(lock, f"{name!r} stays seated and is also locked at table {home[name]!r}; use one table")
    tables = problem.session.tables
    most = len(tables) if isinstance(tables, tuple) else tables
    in_round: Counter[int] = Counter()
    taken: defaultdict[int, set[str]] = defaultdict(set)
    for lock in problem.locks:
        table = lock.table or next((home[name] for name in lock.people if name in home), None)
        if table is not None and table in taken[lock.round]:
            raise _refusal(lock, f"table {table!r} has another lock in that round; choose another table")
        taken[lock.round] |= {table} if table is not None else set()
        in_round[lock.round] += 1
        if most is not None and in_round[lock.round] > most:
            raise _refusal(
                lock, f"it needs one table more than session.tables has ({most}); remove a lock or add a table"
            )


def _refusal(lock: Lock, why: str) -> NotPossible:
    who = " and ".join(repr(name) for name in lock.people)
    return NotPossible(f"locks: the lock of {who} in round {lock.round}: {why}")
