"""May these two meet: the rules of every format, written once, for whoever plans and for whoever judges."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Host, Interpreter, Person, Problem

RuleName = Literal["away", "organisation", "language", "side", "seated", "met_before", "keep_apart"]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)

ROWS = 256


@dataclass(frozen=True, eq=False)
class Admissibility:
    """Who may meet whom, as arrays over the n people in the order of the problem; computed on first use, read-only.

    Where people come to h hosts, the hosts stand behind the people: node n + a is host a. `closed` are visits (person,
    host, round from 0) that may not be held then, though in other rounds.

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
    closed: tuple[tuple[int, int, int], ...] = ()

    @cached_property
    def nodes(self) -> tuple[Person | Host, ...]:
        """People first, then the hosts they come to."""
        return (*self.problem.people, *self.problem.visited)

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each person's id, and the node of each host's."""
        return {node.id: row for row, node in enumerate(self.nodes)}

    @cached_property
    def there(self) -> BoolArray:
        """Who is there when: shape (n, R), column r - 1 is round r."""
        return _presence(self.problem.people, self.problem.session.rounds)

    @cached_property
    def hosts_there(self) -> BoolArray:
        """Which host is there when: shape (h, R)."""
        return _presence(self.problem.visited, self.problem.session.rounds)

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
        number = len(self.problem.people)
        allowed = np.ones((number, number), bool)
        for rows in blocks(number):
            for layer in self.layers.values():
                allowed[rows] &= layer(rows)[:, :number]
        np.fill_diagonal(allowed, False)
        return _sealed(allowed)

    @cached_property
    def visits(self) -> BoolArray:
        """Whether this person may come to this host under all rules, whatever it is worth; shape (n, h)."""
        everybody = np.arange(len(self.problem.people))
        visits = np.ones((len(everybody), len(self.problem.visited)), bool)
        for layer in self.layers.values():
            visits &= layer(everybody)[:, len(everybody) :]
        return _sealed(visits)

    @cached_property
    def kept_apart(self) -> BoolArray:
        """Which people never share a table; shape (n, n)."""
        everybody = np.arange(len(self.problem.people))
        return _sealed(~_not_among(self.problem.keep_apart, self.index)(everybody)[:, : len(everybody)])

    def forbidden_by(self, i: int, j: int) -> RuleName | None:
        """Return the first rule that keeps nodes `i` and `j` from meeting, None where they may."""
        for name, layer in self.layers.items():
            if not layer(np.array([i]))[0, j]:
                return name
        return None

    def forbidding(self, i: int, j: int) -> set[RuleName]:
        """Return all rules that keep nodes `i` and `j` from meeting."""
        return {name for name, layer in self.layers.items() if not layer(np.array([i]))[0, j]}

    def shared_language(self, i: int, j: int) -> str | None:
        """Return the language that stands highest in both lists together; None where the two list none in common."""
        mine, yours = self.nodes[i].languages, self.nodes[j].languages
        common = set(mine) & set(yours)
        return min(common, key=lambda code: (mine.index(code) + yours.index(code), code), default=None)

    @cached_property
    def reach(self) -> BoolArray:
        """Which interpreter shares a language with which node; shape (k, n + h), k = 0 where no interpreter serves."""
        spoken = [set(one.languages) for one in interpreting(self.problem) if self.problem.rules.shared_language]
        shared = [[bool(own & set(node.languages)) for node in self.nodes] for own in spoken]
        return _sealed(np.array(shared, bool).reshape(len(spoken), len(self.nodes)))

    def need_interpreter(self, table: Sequence[int]) -> bool:
        """Whether somebody at a table shares no language with the last node there, the host or the other person."""
        if not self.problem.rules.shared_language:
            return False
        other = set(self.nodes[table[-1]].languages)
        lists = [set(self.nodes[one].languages) for one in table[:-1]]
        return bool(other) and any(own and not own & other for own in lists)

    def common_language(self, table: Sequence[int]) -> str | None:
        """Return the language that stands highest in the lists of all at a table; nodes without languages follow."""
        lists = [self.nodes[row].languages for row in table if self.nodes[row].languages]
        common = set.intersection(*map(set, lists)) if lists else set()
        return min(common, key=lambda code: (sum(own.index(code) for own in lists), code), default=None)

    @cached_property
    def layers(self) -> dict[RuleName, Callable[[IntArray], BoolArray]]:
        """For each rule in force a function from some rows to the block (rows, n + h) of who may meet whom under it."""
        nodes, rules = self.nodes, self.problem.rules
        kind = self.problem.session.format
        presence = np.vstack([self.there, self.hosts_there])
        layers: dict[RuleName, Callable[[IntArray], BoolArray]] = {"away": _common_round(presence)}
        if rules.shared_language:
            layers["language"] = _common_language(nodes, interpreting(self.problem))
        if rules.same_organisation == "apart":
            layers["organisation"] = _different([node.organisation for node in nodes])
        if kind == "pairs":
            layers["side"] = _different([person.side for person in self.problem.people])
            seated = np.array([person.seated for person in self.problem.people], bool)
            layers["seated"] = lambda rows: ~(seated[rows][:, None] & seated[None, :])
        if kind != "circles":
            layers["met_before"] = _not_among(self.problem.met_before, self.index)
        layers["keep_apart"] = _not_among(self.problem.keep_apart, self.index)
        return layers


def _presence(nodes: Sequence[Person | Host], rounds: int) -> BoolArray:
    there = np.ones((len(nodes), rounds), bool)
    for row, node in enumerate(nodes):
        there[row, [number - 1 for number in node.away]] = False
    return _sealed(there)


def _sealed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array


def _common_round(there: BoolArray) -> Callable[[IntArray], BoolArray]:
    presence = there.astype(np.float32)
    return lambda rows: np.greater(presence[rows] @ presence.T, 0)


def _common_language(
    people: Sequence[Person | Host], helpers: Sequence[Interpreter]
) -> Callable[[IntArray], BoolArray]:
    """A person without languages counts as able to speak with everybody; an interpreter, with all whom one reaches."""
    column = {code: at for at, code in enumerate(sorted({code for person in people for code in person.languages}))}
    spoken, known = (np.zeros((len(nodes), len(column)), np.float32) for nodes in (people, helpers))
    for table, nodes in ((spoken, people), (known, helpers)):
        for row, node in enumerate(nodes):
            table[row, [column[code] for code in node.languages if code in column]] = 1
    silent = np.equal(spoken.sum(axis=1), 0)
    # two speak with each other by a common language, or by an interpreter who shares one with each
    links = np.hstack([spoken, np.greater(spoken @ known.T, 0)])
    return lambda rows: np.greater(links[rows] @ links.T, 0) | silent[rows][:, None] | silent[None, :]


def _different(values: list[str | None]) -> Callable[[IntArray], BoolArray]:
    """Two equal values do not meet; None and the empty string are equal to nothing."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(value, len(numbers)) if value else -1 for value in values], np.int64)
    return lambda rows: (codes[rows][:, None] != codes[None, :]) | (codes[rows][:, None] < 0)


def _not_among(pairs: Iterable[tuple[str, str]], index: dict[str, int]) -> Callable[[IntArray], BoolArray]:
    known = [pair for pair in pairs if pair[0] in index and pair[1] in index]
    both = [(index[one], index[other]) for pair in known for one, other in (pair, pair[::-1])]
    barred = np.array(both, np.int64).reshape(len(both), 2)

    def layer(rows: IntArray) -> BoolArray:
        block = np.ones((len(rows), len(index)), bool)
        place = np.full(len(index), -1)
        place[rows] = np.arange(len(rows))
        inside = barred[place[barred[:, 0]] >= 0]
        block[place[inside[:, 0]], inside[:, 1]] = False
        return block

    return layer


def interpreting(problem: Problem) -> tuple[Interpreter, ...]:
    """Return who may stand between two sides: nobody in `stations` and `circles`, whoever is listed."""
    return problem.interpreters if problem.session.format in ("pairs", "clinics") else ()


def tables_of_hosts(problem: Problem) -> tuple[str, ...]:
    """Where each host sits throughout: at the table the problem says, else at the next one that no other host has.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> hosts = (Host("h1"), Host("h2", table="1"), Host("h3"))
    >>> tables_of_hosts(Problem(Session(rounds=1, format="stations"), hosts=hosts))
    ('2', '1', '3')
    """
    said = {host.table for host in problem.visited}
    given = problem.session.tables
    names = (name for name in chain(given if isinstance(given, tuple) else (), map(str, count(1))) if name not in said)
    return tuple(host.table or next(names) for host in problem.visited)


def best_alone(admissible: Admissibility, worth: IntArray) -> IntArray:
    """Return what each person could gain whatever others do: the denominator of satisfaction; shape (n,).

    `worth` is the benefit of every pair (n, n), or of every visit (n, h).
    """
    could = admissible.visits if admissible.problem.hosted else admissible.allowed
    caps, best = admissible.caps, np.zeros(len(could), np.int64)
    most = min(int(caps.max(initial=0)), could.shape[1])
    for rows in blocks(len(could)) if most else ():
        block = np.where(could[rows], worth[rows], 0)
        ranked = -np.sort(np.partition(-block, most - 1, axis=1)[:, :most], axis=1)
        best[rows] = np.where(np.arange(most) < caps[rows, None], ranked, 0).sum(1, dtype=np.int64)
    return best


def blocks(number: int) -> Iterator[IntArray]:
    """Cut 0…number - 1 into runs of so many rows that a block of pairs stays small, however many people there are.

    Examples
    --------
    >>> [(int(rows[0]), len(rows)) for rows in blocks(600)]
    [(0, 256), (256, 256), (512, 88)]
    """
    return (np.arange(start, min(start + ROWS, number)) for start in range(0, number, ROWS))


def running_with(rounds: set[int], number: int) -> int:
    """How many rounds without a pause this one stands among."""
    first = last = number
    while first - 1 in rounds:
        first -= 1
    while last + 1 in rounds:
        last += 1
    return last - first + 1
