"""Other ways to plan `pairs`, each under the same rules: what one would write without this engine.

=========== ===========================================================================================================
greedy      each round takes the best remaining admissible pair first: half the best benefit of a round for certain
            (Preis 1999), usually far more; nothing looks ahead
networkx    each round is one exact matching of most meetings, then of most benefit: Edmonds' blossoms with Galil's
            duals (Galil 1986) in `networkx.max_weight_matching`, pure Python
rustworkx   the same algorithm in `rustworkx.max_weight_matching`, Rust
cp-sat      all rounds in one model, a yes or no for each pair and round, given to OR-tools' CP-SAT with a time limit;
            it begins from the greedy plan, the aims are most meetings, then most benefit
=========== ===========================================================================================================

None of them plans locks, seated people or tables by name: the problems measured here have none, and each says so.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from matcher import Problem
from matcher.benefit import matrix
from matcher.rules import Admissibility

Spot = tuple[int, int, int]
Pair = tuple[int, int]
Edge = tuple[int, int, int]


class CannotRun(Exception):
    """A competitor gives no plan here, and why."""


class Board:
    """What a round-by-round planner sees: who may still meet whom, and what has been agreed so far.

    Spots are (round from 0, one, other) with people by row of the problem.
    """

    def __init__(self, problem: Problem) -> None:
        room = problem.session.tables
        if problem.locks or any(person.seated for person in problem.people) or isinstance(room, tuple):
            raise CannotRun("plans no locks, no seated people and no tables by name")
        rules = Admissibility(problem)
        self.rounds = problem.session.rounds
        self.there = rules.there
        self.benefit = matrix(problem)
        self.open = rules.allowed.copy()
        self.left = rules.caps.copy()
        self.tables = len(problem.people) if room is None else room
        self.spots: list[Spot] = []

    def edges(self, when: int) -> list[Edge]:
        """Pairs that may meet in a round, as (one, other, benefit), the lower row first."""
        free = self.there[:, when] & (self.left > 0)
        ones, others = np.nonzero(np.triu(self.open & free[:, None] & free[None, :], 1))
        values = self.benefit[ones, others]
        return list(zip(ones.tolist(), others.tolist(), values.tolist(), strict=True))

    def hold(self, when: int, pairs: Iterable[Pair]) -> None:
        """Agree on the meetings of a round; where tables are short the most beneficial ones stay."""
        ranked = sorted((tuple(sorted(pair)) for pair in pairs), key=lambda pair: (-self.benefit[pair], pair))
        for one, other in ranked[: self.tables]:
            self.open[[one, other], [other, one]] = False
            self.left[[one, other]] -= 1
            self.spots.append((when, one, other))


@dataclass(frozen=True, slots=True)
class Rival:
    """A way to plan: the package it needs, and a function from a board and a number of seconds to spots."""

    package: str | None
    plan: Callable[[Board, float], list[Spot]]
    timed: bool = False

    def needs(self) -> str | None:
        """Say what is missing here, None where it can run."""
        try:
            self.load()
        except CannotRun as reason:
            return str(reason)
        return None

    def load(self) -> None:
        """Import the package, so that this costs no measured time."""
        if self.package:
            package(self.package)


def package(name: str) -> ModuleType:
    """Import a package of the group `bench`, or say that it is missing."""
    try:
        return import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        raise CannotRun(f"{top} is not installed; it is in the dependency group `bench`") from None


def greedy(board: Board, seconds: float = 0.0) -> list[Spot]:
    """Fill each round with the best remaining pair first; of equal pairs the one with the lower rows.

    Examples
    --------
    >>> from matcher import Person, Session
    >>> people = tuple(Person(f"p{number}") for number in range(1, 5))
    >>> worth = (("p1", "p2", 10), ("p1", "p3", 9), ("p2", "p4", 9))
    >>> greedy(Board(Problem(Session(rounds=1), people, benefits=worth)))
    [(0, 0, 1), (0, 2, 3)]
    """
    for when in range(board.rounds):
        board.hold(when, _best_first(board.edges(when)))
    return board.spots


def _best_first(edges: list[Edge]) -> Iterator[Pair]:
    busy: set[int] = set()
    for one, other, _ in sorted(edges, key=lambda edge: (-edge[2], edge)):
        if one not in busy and other not in busy:
            busy |= {one, other}
            yield one, other


def by_networkx(board: Board, seconds: float = 0.0) -> list[Spot]:
    """Plan each round by one exact matching of networkx: most meetings, then most benefit.

    Source: https://networkx.org/documentation/stable/reference/algorithms/matching.html
    """
    networkx = package("networkx")
    for when in range(board.rounds):
        graph = networkx.Graph()
        graph.add_weighted_edges_from(board.edges(when))
        board.hold(when, networkx.max_weight_matching(graph, maxcardinality=True))
    return board.spots


def by_rustworkx(board: Board, seconds: float = 0.0) -> list[Spot]:
    """Plan each round by one exact matching of rustworkx: most meetings, then most benefit.

    Source: https://www.rustworkx.org/apiref/rustworkx.max_weight_matching.html
    """
    rustworkx = package("rustworkx")
    for when in range(board.rounds):
        graph = rustworkx.PyGraph(multigraph=False)
        graph.add_nodes_from(range(len(board.left)))
        graph.add_edges_from(board.edges(when))
        found = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
        board.hold(when, found)
    return board.spots


def by_cp_sat(board: Board, seconds: float = 20.0) -> list[Spot]:
    """Plan all rounds at once by CP-SAT, from the greedy plan on, within `seconds` (model building counts).

    Source: https://developers.google.com/optimization/cp/cp_solver
    """
    begun = time.perf_counter()
    cp_model = package("ortools.sat.python.cp_model")
    spots = [(when, one, other) for when in range(board.rounds) for one, other, _ in board.edges(when)]
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in spots]
    _constrain(model, board, dict(zip(spots, variables, strict=True)))
    first = 1 + 1000 * len(board.left) * board.rounds
    weights = [first + int(board.benefit[one, other]) for _, one, other in spots]
    model.maximize(cp_model.LinearExpr.weighted_sum(variables, weights))
    start = set(greedy(board))
    for spot, variable in zip(spots, variables, strict=True):
        model.add_hint(variable, spot in start)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = min(os.cpu_count() or 1, 8)
    solver.parameters.max_time_in_seconds = max(seconds - (time.perf_counter() - begun), 0.1)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise CannotRun(f"found no plan in {seconds:g} s")
    return [spot for spot, variable in zip(spots, variables, strict=True) if solver.value(variable)]


def _constrain(model, board: Board, meet: dict) -> None:  # type: ignore[no-untyped-def, type-arg]
    """One table a person and round, one meeting a pair, everybody's limit, the tables of a round."""
    seats: dict[Pair, list] = {}  # type: ignore[type-arg]
    pairs: dict[Pair, list] = {}  # type: ignore[type-arg]
    people: dict[int, list] = {}  # type: ignore[type-arg]
    rounds: dict[int, list] = {}  # type: ignore[type-arg]
    for (when, one, other), variable in meet.items():
        pairs.setdefault((one, other), []).append(variable)
        rounds.setdefault(when, []).append(variable)
        for who in (one, other):
            seats.setdefault((who, when), []).append(variable)
            people.setdefault(who, []).append(variable)
    for group in (*seats.values(), *pairs.values()):
        model.add_at_most_one(group)
    for who, group in people.items():
        if board.left[who] < board.there[who].sum():
            model.add(sum(group) <= int(board.left[who]))
    for group in rounds.values():
        if board.tables < len(board.left) // 2:
            model.add(sum(group) <= board.tables)


RIVALS = {
    "greedy": Rival(None, greedy),
    "networkx": Rival("networkx", by_networkx),
    "rustworkx": Rival("rustworkx", by_rustworkx),
    "cp-sat": Rival("ortools.sat.python.cp_model", by_cp_sat, timed=True),
}
