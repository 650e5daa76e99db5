"""The ground of `clinics`: who could visit which host in which round, with what the locks already decide."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.benefit import visits
from matcher.graph import Bools, Ints
from matcher.problem import Lock, Problem
from matcher.rules import Admissibility, tables_of_hosts


@dataclass(frozen=True, slots=True)
class Together:
    """People whom a lock puts at one host in one round, whoever that is: `round` from 0, rows of people."""

    round: int
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is open, for n people, h hosts and R rounds.

    Attributes
    ----------
    open : (n, h, R) bool
        Visits that could be held: admissible, of a benefit above 0, both there and what locks leave; or locked.
    worth : (n, h) int
        Whole-number benefits 0…1000.
    places, least : (h,) int
        Most and least people at a host in one round.
    caps : (n,) int
        Most visits of each person, the locked ones included.
    must : (n, R) bool
        Who is locked when; then `open` holds nothing but what the lock allows.
    together : tuple of Together
        Locks of several people that leave the host open.
    apart : (k, 2) int
        People who never sit with one host in one round.
    first : (n,) int
        Who goes first between equals: the more, the earlier.
    settled : bool
        Whether every lock names its host, so that only rounds are to be found for what is chosen.
    """

    open: Bools
    worth: Ints
    places: Ints
    least: Ints
    caps: Ints
    must: Bools
    together: tuple[Together, ...]
    apart: Ints
    first: Ints
    settled: bool

    @property
    def stuck(self) -> bool:
        """Whether a lock leaves no host."""
        return bool((self.must & ~self.open.any(1)).any())


def ground_of(problem: Problem, admissible: Admissibility) -> Ground:
    """Turn a problem and its rules into arrays.

    Parameters
    ----------
    problem : Problem
        What is asked; its locks have been found possible.
    admissible : Admissibility
        Who may visit whom, who is there, and everybody's limit.
    """
    worth = visits(problem)
    places = np.array([host.places for host in problem.visited], np.int64)
    least = np.array([host.min_places for host in problem.visited], np.int64)
    present = admissible.there[:, None, :] & admissible.hosts_there[None, :, :]
    open_ = (admissible.visits & (worth > 0))[:, :, None] & present
    open_[tuple(np.array(admissible.closed, np.int64).reshape(-1, 3).T)] = False
    must = np.zeros_like(admissible.there)
    together = []
    for lock in problem.locks:
        rows, when = [admissible.index[name] for name in lock.people], lock.round - 1
        hosts = _hosts_for(problem, admissible, lock, rows)
        open_[rows, :, when] = False
        open_[np.ix_(rows, hosts, [when])] = True
        must[rows, when] = True
        if len(rows) > 1 and len(hosts) != 1:
            together.append(Together(when, tuple(rows)))
    open_ &= (open_.sum(0) >= least[:, None])[None, :, :]
    caps = np.maximum(admissible.caps, must.sum(1))
    return Ground(
        open=open_,
        worth=worth,
        places=places,
        least=least,
        caps=np.array([_reachable(open_[who], int(cap)) for who, cap in enumerate(caps)], np.int64),
        must=must,
        together=tuple(together),
        apart=np.argwhere(np.triu(admissible.kept_apart)),
        first=_first(problem),
        settled=all(lock.table is not None for lock in problem.locks),
    )


def _hosts_for(problem: Problem, admissible: Admissibility, lock: Lock, rows: Sequence[int]) -> list[int]:
    """Where a lock can be held: at its table, else at every host with enough places who is not kept apart from them."""
    tables = tables_of_hosts(problem)
    if lock.table is not None:
        return [tables.index(lock.table)]
    n, apart = len(problem.people), {frozenset(pair) for pair in problem.keep_apart}
    return [
        place
        for place, host in enumerate(problem.visited)
        if admissible.hosts_there[place, lock.round - 1] and host.places >= len(rows)
        if not any(frozenset((admissible.nodes[row].id, admissible.nodes[n + place].id)) in apart for row in rows)
    ]


def _reachable(open_: Bools, cap: int) -> int:
    """How many different hosts one person alone could visit in different rounds: a matching, up to `cap`."""
    rounds = [np.flatnonzero(row).tolist() for row in open_]
    taken: dict[int, int] = {}

    def placed(host: int, seen: set[int]) -> bool:
        for when in rounds[host]:
            if when not in seen:
                seen.add(when)
                if when not in taken or placed(taken[when], seen):
                    taken[when] = host
                    return True
        return False

    for host in range(len(rounds)):
        if len(taken) >= cap:
            break
        placed(host, set())
    return min(cap, len(taken))


def _first(problem: Problem) -> Ints:
    """First-timers before all others; within each group the fewer participants an organisation has, the earlier."""
    size = Counter(person.organisation for person in problem.people if person.organisation)
    own = [size[person.organisation] if person.organisation else 1 for person in problem.people]
    ranks = {number: rank for rank, number in enumerate(sorted(set(own), reverse=True))}
    return np.array(
        [ranks[number] + len(ranks) * person.first_time for number, person in zip(own, problem.people, strict=True)],
        np.int64,
    )
