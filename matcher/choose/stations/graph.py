"""What is open once the locks stand: people, the hosts they may visit, and the places in every round."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matcher.benefit import visits
from matcher.errors import NotPossible
from matcher.problem import Lock, Problem
from matcher.rules import Admissibility, best_alone, tables_of_hosts

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Guests:
    """People who are locked to a host in one round (from 0); `free` where the lock left the table open."""

    round: int
    people: tuple[int, ...]
    host: int
    free: bool = False


@dataclass(frozen=True, eq=False)
class VisitGraph:
    """People and hosts as arrays, less what the locks take.

    Attributes
    ----------
    benefit : (n, h) int
        What every visit is worth.
    allowed : (n, h) bool
        Visits that are still open: the rules admit them, and there is a round for them.
    free : (n, R) bool
        Who is there and not locked, when.
    room : (h, R) int
        Free places.
    fewest : (h, R) int
        The fewest open visitors where the visit is held at all.
    forced : (h, R) bool
        Where a lock needs the visit to be held.
    caps, held, gained : (n,) int
        The most open visits of each person, and the number and benefit of the locked ones.
    best : (n,) int
        What each person could gain alone: the denominator of satisfaction.
    apart : (n, n) bool
        Who never shares a table.
    guests : tuple of Guests
        The locked visits.
    """

    benefit: Ints
    allowed: Bools
    free: Bools
    room: Ints
    fewest: Ints
    forced: Bools
    caps: Ints
    held: Ints
    gained: Ints
    best: Ints
    apart: Bools
    guests: tuple[Guests, ...]

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self.free.shape[1])

    @property
    def size(self) -> int:
        """How many people there are."""
        return int(self.free.shape[0])

    @property
    def could(self) -> Ints:
        """The most open visits of each person by limit, rounds and hosts, whatever others do; shape (n,)."""
        could: Ints = np.minimum(self.caps, self.allowed.sum(1))
        return could

    def share(self, gained: Ints) -> NDArray[np.float64]:
        """Everybody's satisfaction, 1 where there is nothing to gain."""
        return np.where(self.best > 0, gained / np.maximum(self.best, 1), 1.0)


def visit_graph(problem: Problem, admissible: Admissibility) -> VisitGraph:
    """Return what is open in a problem whose locks are possible.

    Raises
    ------
    NotPossible
        No host can take the people of a lock that leaves the table open.
    """
    return _without(problem, admissible, locked(problem, admissible))


def relaxed(problem: Problem, admissible: Admissibility, graph: VisitGraph) -> VisitGraph:
    """Return a graph in which locks that left the table open take no places: no plan at all gains more than in it."""
    if not any(one.free for one in graph.guests):
        return graph
    named = tuple(one for one in graph.guests if not one.free)
    loose = _without(problem, admissible, named)
    free, caps, gained = loose.free.copy(), loose.caps.copy(), loose.gained.copy()
    for one in graph.guests:
        if one.free:
            who = list(one.people)
            free[who, one.round] = False
            caps[who] = np.maximum(caps[who] - 1, 0)
            gained[who] += loose.benefit[who].max(1)
    return VisitGraph(
        benefit=loose.benefit,
        allowed=loose.allowed,
        free=free,
        room=loose.room,
        fewest=loose.fewest,
        forced=loose.forced,
        caps=np.minimum(caps, free.sum(1)),
        held=graph.held,
        gained=gained,
        best=loose.best,
        apart=loose.apart,
        guests=named,
    )


def _without(problem: Problem, admissible: Admissibility, guests: tuple[Guests, ...]) -> VisitGraph:
    benefit, allowed = visits(problem), admissible.visits.copy()
    free, there = admissible.there.copy(), admissible.hosts_there
    places = np.array([host.places for host in problem.visited], np.int64)
    least = np.array([host.min_places for host in problem.visited], np.int64)
    taken = np.zeros((len(places), free.shape[1]), np.int64)
    held, gained = np.zeros(len(free), np.int64), np.zeros(len(free), np.int64)
    for one in guests:
        who = list(one.people)
        allowed[who, one.host] = free[who, one.round] = False
        taken[one.host, one.round] += len(who)
        held[who] += 1
        gained[who] += benefit[who, one.host]
    room = np.where(there, places[:, None] - taken, 0)
    allowed &= (free.astype(np.int64) @ (room > 0).T.astype(np.int64)) > 0
    return VisitGraph(
        benefit=benefit,
        allowed=allowed,
        free=free,
        room=room,
        fewest=np.where(there, np.maximum(least[:, None] - taken, 0), 0),
        forced=taken > 0,
        caps=np.minimum(np.maximum(admissible.caps - held, 0), free.sum(1)),
        held=held,
        gained=gained,
        best=best_alone(admissible, benefit),
        apart=admissible.kept_apart,
        guests=guests,
    )


def locked(problem: Problem, admissible: Admissibility) -> tuple[Guests, ...]:
    """Return the host of every lock; one that leaves the table open goes where the rules and the benefit are best.

    Examples
    --------
    >>> from matcher.problem import Host, Person, Session
    >>> session, people = Session(rounds=1, format="stations"), (Person("p1"), Person("p2"))
    >>> problem = Problem(session, people, locks=(Lock(1, ("p2",)),), hosts=(Host("h1"), Host("h2")),
    ...                   benefits=(("p2", "h2", 7),))
    >>> locked(problem, Admissibility(problem))
    (Guests(round=0, people=(1,), host=1, free=True),)
    """
    tables = tables_of_hosts(problem)
    named, loose = [], []
    for lock in problem.locks:
        who = tuple(admissible.index[name] for name in lock.people)
        if lock.table is None:
            loose.append((lock, who))
        else:
            named.append(Guests(lock.round - 1, who, tables.index(lock.table)))
    found = next(_places(admissible, visits(problem), named, loose), None)
    if found is None:
        who_else = " and ".join(repr(name) for lock, _ in loose for name in lock.people)
        raise NotPossible(f"locks: no host can take {who_else} as their locks ask; name tables or remove a lock")
    return tuple(found)


def _places(
    admissible: Admissibility, worth: Ints, taken: list[Guests], loose: Sequence[tuple[Lock, tuple[int, ...]]]
) -> Iterator[list[Guests]]:
    """Every way to send the people of open locks to hosts, the best for the first lock first."""
    if not loose:
        yield taken
        return
    (lock, who), *rest = loose
    when = lock.round - 1
    fits = admissible.visits[list(who)].sum(0)
    gains = worth[list(who)].sum(0)
    for host in sorted(range(worth.shape[1]), key=lambda at: (-fits[at], -gains[at], at)):
        one = Guests(when, who, host, free=True)
        if _fits(admissible, taken, one):
            yield from _places(admissible, worth, [*taken, one], rest)


def _fits(admissible: Admissibility, taken: list[Guests], one: Guests) -> bool:
    spec, number = admissible.problem.visited[one.host], len(admissible.problem.people)
    visited = {who for other in taken if other.host == one.host for who in other.people}
    table: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for other in taken:
        table[other.round, other.host] += other.people
    together = [*table[one.round, one.host], *one.people]
    barred = {frozenset(pair) for pair in admissible.problem.keep_apart}
    names = [admissible.nodes[who].id for who in together]
    return (
        bool(admissible.hosts_there[one.host, one.round])
        and (admissible.problem.session.move == "each" or _one_group(admissible, taken, one))
        and not visited & set(one.people)
        and len(together) <= spec.places
        and not any(frozenset((name, admissible.nodes[number + one.host].id)) in barred for name in names)
        and not any(admissible.kept_apart[two] for two in combinations(together, 2))
    )


def _one_group(admissible: Admissibility, taken: list[Guests], one: Guests) -> bool:
    """Whether people with several locks are at all of them on the way of one group, which comes to host after host."""
    hosts = len(admissible.problem.visited)
    mine = [other for other in taken if set(other.people) & set(one.people)]
    return all((other.host - other.round - one.host + one.round) % hosts == 0 for other in mine)
