"""Rests at the ends: the visits of a tour in other rounds, with fewer breaks; everybody visits whom they visited."""

import random

import numpy as np
import scipy.sparse as sp

from matcher.choose.stations.graph import Ints
from matcher.choose.stations.transport import proven
from matcher.solver import NEVER, Deadline, Programme, linear
from matcher.when.agenda import Agenda, breaks_in
from matcher.when.compact import STEPS, compact
from matcher.when.fewest import within
from matcher.when.tour import NOWHERE, Tour

PEOPLE, HOSTS = 0, 1
MOST = 100_000
NEARLY = 1e-6


def gather(tour: Tour, rng: random.Random, *, steps: int = STEPS, deadline: Deadline = NEVER) -> int:
    """Move open visits to other rounds until few breaks are left; hosts get no more uneven than they are.

    Parameters
    ----------
    tour : Tour
        It is changed; it keeps every rule before and after.
    rng : random.Random
        Which chains are tried.
    steps : int
        How many chains are tried at most.
    deadline : Deadline
        After it no further chain is tried.

    Returns
    -------
    int
        No rounds for these visits give people fewer breaks.
    """
    who, when = np.nonzero(tour.at != NOWHERE)
    visits = np.column_stack([who, tour.at[who, when], when])
    agenda = agenda_of(tour, visits)
    found = compact(agenda, when, rng, steps=steps, deadline=deadline)
    tour.at[:] = NOWHERE
    tour.at[who, found.when] = visits[:, 1]
    return max(found.bound[PEOPLE], fewest(agenda, tour.graph.size, _places(tour)))


def agenda_of(tour: Tour, visits: Ints) -> Agenda:
    """Say what must hold while visits change rounds; the breaks of people count before those of hosts.

    Parameters
    ----------
    tour : Tour
        Where everybody is.
    visits : (m, 3) int
        Rows of (person, host, round); those that a lock holds stay in their round.
    """
    graph, load = tour.graph, tour.load()
    (n, h), (who, host, when) = graph.allowed.shape, visits.T
    open_ = graph.free[who] & (graph.room[host] > 0)
    locked = tour.fixed[who, when]
    open_[locked] = np.eye(graph.rounds, dtype=np.bool_)[when[locked]]
    taken = np.zeros_like(load)
    np.add.at(taken, (host[locked], when[locked]), 1)
    places = np.minimum(graph.room + taken, load.max(1, initial=0)[:, None])
    least = np.where(load > 0, load, graph.size).min(1, initial=graph.size)
    return Agenda(
        ends=np.column_stack([who, n + host]),
        open=open_,
        capacity=np.vstack([(graph.free | tour.fixed).astype(np.int64), np.maximum(places, taken)]),
        room=np.full(graph.rounds, len(visits)),
        rank=np.repeat([PEOPLE, HOSTS], [n, h]),
        least=np.append(np.ones(n, np.int64), least),
        apart=_apart(tour, visits),
    )


def _places(tour: Tour) -> Ints:
    """How many people can be at any tables in each round."""
    return np.asarray(tour.graph.room.sum(0) + tour.fixed.sum(0), np.int64)


def _apart(tour: Tour, visits: Ints) -> Ints:
    """Visits of people who are kept apart to one host."""
    at = {(one, host): visit for visit, (one, host) in enumerate(visits[:, :2].tolist())}
    found = [
        (at[one, host], at[other, host])
        for one, other in np.argwhere(np.triu(tour.graph.apart, 1)).tolist()
        for host in range(tour.graph.allowed.shape[1])
        if (one, host) in at and (other, host) in at
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def fewest(agenda: Agenda, people: int, places: Ints) -> int:
    """Prove how many breaks people have at least where a round has only so many places.

    Everybody takes shares of sets of rounds; people alike in when they can come and how often are counted together.

    Parameters
    ----------
    agenda : Agenda
        The visits.
    people : int
        How many nodes, the first ones, are people.
    places : (R,) int
        How many people can be at any tables in each round.
    """
    reach, must = within(agenda)
    held = np.bincount(agenda.ends[:, 0], minlength=people)
    cases = np.column_stack([reach[:people], must[:people], held])
    kinds, number = np.unique(cases, axis=0, return_counts=True)
    rounds = agenda.rounds
    if len(kinds) << rounds > MOST:
        return 0
    busy = np.arange(1 << rounds)[:, None] >> np.arange(rounds) & 1
    gaps = np.array([breaks_in(bits) for bits in range(1 << rounds)])
    fits = (busy.sum(1) == kinds[:, -1:]) & ~((busy[None] > kinds[:, None, :rounds]).any(2))
    fits &= ~(kinds[:, None, rounds:-1] > busy[None]).any(2)
    kind, bits = np.nonzero(fits)
    one = sp.csr_matrix((np.ones(len(kind)), (kind, np.arange(len(kind)))), shape=(len(kinds), len(kind)))
    low = np.append(number, np.full(rounds, -np.inf))
    high = np.append(number, places).astype(float)
    rows = sp.vstack([one, sp.csr_matrix(busy[bits].T.astype(float))]).tocsr()
    programme = Programme(-gaps[bits].astype(float), rows, low, high, np.full(len(kind), float(people)))
    answer = linear(programme)
    return 0 if answer is None else int(np.ceil(-proven(programme, answer) - NEARLY))
