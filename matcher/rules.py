"""May these two meet: the rules of `pairs`, written once, for whoever plans and for whoever judges."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.errors import NotPossible
from matcher.problem import Lock, Person, Problem

RuleName = Literal["away", "organisation", "language", "side", "seated", "met_before", "keep_apart"]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Admissibility:
    """Who may meet whom, as arrays over the n people in the order of the problem; computed on first use, read-only.

    Examples
    --------
    >>> from matcher.problem import Person, Problem, Session
    >>> spoken = {"p1": ("en",), "p2": ("fr", "en"), "p3": ("km",)}
    >>> people = tuple(Person(name, languages=codes) for name, codes in spoken.items())
    >>> rules = Admissibility(Problem(Session(rounds=2), people))
    >>> rules.allowed.astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> rules.shared_language(0, 1), rules.forbidden_by(0, 2)
    ('en', 'language')
    """

    problem: Problem

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each person's id."""
        return {person.id: row for row, person in enumerate(self.problem.people)}

    @cached_property
    def there(self) -> BoolArray:
        """Who is there when: shape (n, R), column r - 1 is round r."""
        there = np.ones((len(self.problem.people), self.problem.session.rounds), bool)
        for row, person in enumerate(self.problem.people):
            there[row, [number - 1 for number in person.away]] = False
        return _sealed(there)

    @cached_property
    def caps(self) -> IntArray:
        """The most meetings of each person: own limit, else the common one, at most the rounds there; shape (n,)."""
        common = self.problem.rules.limit
        rounds = self.there.sum(axis=1, dtype=np.int64)
        own = [common if person.limit is None else person.limit for person in self.problem.people]
        limits = np.array([self.problem.session.rounds if limit is None else limit for limit in own], np.int64)
        return _sealed(np.minimum(limits, rounds))

    @cached_property
    def allowed(self) -> BoolArray:
        """Whether these two may meet under all rules; shape (n, n), symmetric, the diagonal False."""
        everybody = np.arange(len(self.problem.people))
        allowed = np.ones((len(everybody), len(everybody)), bool)
        np.fill_diagonal(allowed, False)
        for layer in self._layers.values():
            allowed &= layer(everybody)
        return _sealed(allowed)

    def forbidden_by(self, i: int, j: int) -> RuleName | None:
        """Return the first rule that keeps rows `i` and `j` from meeting, None where they may."""
        for name, layer in self._layers.items():
            if not layer(np.array([i]))[0, j]:
                return name
        return None

    def shared_language(self, i: int, j: int) -> str | None:
        """Return the language that stands highest in both lists together; None where the two list none in common."""
        mine, yours = self.problem.people[i].languages, self.problem.people[j].languages
        common = set(mine) & set(yours)
        return min(common, key=lambda code: (mine.index(code) + yours.index(code), code), default=None)

    @cached_property
    def _layers(self) -> dict[RuleName, Callable[[IntArray], BoolArray]]:
        """For each rule in force a function from some rows to the block (rows, n) of who may meet whom under it."""
        people, rules = self.problem.people, self.problem.rules
        layers: dict[RuleName, Callable[[IntArray], BoolArray]] = {"away": _common_round(self.there)}
        if rules.shared_language:
            layers["language"] = _common_language(people)
        if rules.same_organisation == "apart":
            layers["organisation"] = _different([person.organisation for person in people])
        layers["side"] = _different([person.side for person in people])
        seated = np.array([person.seated for person in people], bool)
        layers["seated"] = lambda rows: ~(seated[rows][:, None] & seated[None, :])
        layers["met_before"] = _not_among(self.problem.met_before, self.index)
        layers["keep_apart"] = _not_among(self.problem.keep_apart, self.index)
        return layers


def _sealed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array


def _common_round(there: BoolArray) -> Callable[[IntArray], BoolArray]:
    presence = there.astype(np.float32)
    return lambda rows: np.greater(presence[rows] @ presence.T, 0)


def _common_language(people: tuple[Person, ...]) -> Callable[[IntArray], BoolArray]:
    """A person without languages counts as able to speak with everybody."""
    column = {code: at for at, code in enumerate(sorted({code for person in people for code in person.languages}))}
    spoken = np.zeros((len(people), len(column)), np.float32)
    for row, person in enumerate(people):
        spoken[row, [column[code] for code in person.languages]] = 1
    silent = np.equal(spoken.sum(axis=1), 0)
    return lambda rows: np.greater(spoken[rows] @ spoken.T, 0) | silent[rows][:, None] | silent[None, :]


def _different(values: list[str | None]) -> Callable[[IntArray], BoolArray]:
    """Two equal values do not meet; None and the empty string are equal to nothing."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(value, len(numbers)) if value else -1 for value in values], np.int64)
    return lambda rows: (codes[rows][:, None] != codes[None, :]) | (codes[rows][:, None] < 0)


def _not_among(pairs: Iterable[tuple[str, str]], index: dict[str, int]) -> Callable[[IntArray], BoolArray]:
    both = [(index[one], index[other]) for pair in pairs for one, other in (pair, pair[::-1])]
    barred = np.array(both, np.int64).reshape(len(both), 2)

    def layer(rows: IntArray) -> BoolArray:
        block = np.ones((len(rows), len(index)), bool)
        place = np.full(len(index), -1)
        place[rows] = np.arange(len(rows))
        inside = barred[place[barred[:, 0]] >= 0]
        block[place[inside[:, 0]], inside[:, 1]] = False
        return block

    return layer


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
    nobody = ~rules.allowed.any(axis=1) | (rules.caps == 0)
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
    if len(rules.problem.people) == 1:
        return "is the only person"
    left = np.arange(len(rules.problem.people)) != row
    blocks = {name: layer(np.array([row]))[0] for name, layer in rules._layers.items()}
    alone = [name for name, block in blocks.items() if not (left & block).any()]
    told: list[RuleName] = []
    for name, block in blocks.items():
        if alone and name != alone[0]:
            continue
        if (left & ~block).any():
            told.append(name)
        left = left & block
        if not left.any():
            break
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
    for lock in problem.locks:
        if frozenset(lock.people) in apart:
            raise _refusal(lock, "the two are kept apart; remove the lock or the entry in keep_apart")
        for name in lock.people:
            if lock.round in persons[name].away:
                raise _refusal(lock, f"{name!r} is away then; change one of the two")
        if all(persons[name].seated for name in lock.people):
            raise _refusal(lock, "both stay seated and cannot come to each other; change the lock or seated")
    _refuse_twice(problem.locks)
    _refuse_tables(problem, persons)


def _refuse_twice(locks: tuple[Lock, ...]) -> None:
    """Nobody is in two places in one round, no two people meet twice."""
    meets: dict[frozenset[str], int] = {}
    busy: set[tuple[str, int]] = set()
    for lock in locks:
        pair = frozenset(lock.people)
        if pair in meets:
            raise _refusal(lock, f"the two are already locked in round {meets[pair]}; keep one of the two locks")
        meets[pair] = lock.round
        for name in lock.people:
            if (name, lock.round) in busy:
                raise _refusal(lock, f"{name!r} has another lock in that round; keep one of the two locks")
            busy.add((name, lock.round))


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
    one, other = lock.people
    return NotPossible(f"locks: the lock of {one!r} and {other!r} in round {lock.round}: {why}")
