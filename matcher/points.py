"""What a meeting is worth in whole points 0…1000, part by part.

======== ====== ==========================================================================================
part     points when
======== ====== ==========================================================================================
exchange 0…600  what one offers and the other seeks, both ways: see `exchange_points`
wish     0…150  once for each of the two who wishes the other: see `wish_points`
region   100    `mix`: the two have regions and none in common; `same`: they have one in common
======== ====== ==========================================================================================

A visit to a host is worth what the visitor gains: 600 points times the share of what one seeks among the host's topics,
and the wish for the host.

The value of a pair is the plain sum of its parts, at most 1000. Likeness alone earns nothing: in the Columbia
speed-dating experiment (Fisman et al. 2006, 8,378 dates) it hardly predicts that two people want to meet again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import repeat
from math import isqrt
from operator import itemgetter
from typing import cast

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Host, KindWish, Person, Problem

EXCHANGE = 600
ONE_WAY = 30
FIRST_WISH, WISH_STEP, LEAST_WISH = 150, 20, 30
REGION = 100

MANY = 2_000
NOBODY = -1
ROWS = 256

IntArray = NDArray[np.int64]
Block = Callable[[slice], NDArray[np.float32]]


def exchange_points(gets: int, gives: int) -> int:
    """Return the points of an exchange in which one gets and gives that many of `EXCHANGE` points.

    A softened geometric mean, so that both must gain for a high value, and a gift one way still counts a little.

    Examples
    --------
    >>> exchange_points(600, 600), exchange_points(300, 300), exchange_points(600, 0), exchange_points(0, 0)
    (600, 300, 107, 0)
    """
    return isqrt((gets + ONE_WAY) * (gives + ONE_WAY)) - ONE_WAY


def wish_points(rank: int, wish: str | KindWish) -> int:
    """Return the points of the wish at `rank` (0: the most wished); a wish for a kind of person counts half.

    Examples
    --------
    >>> [wish_points(rank, "p4") for rank in (0, 1, 5, 9)], wish_points(0, KindWish("role", "donor"))
    ([150, 130, 50, 30], 75)
    """
    points = max(FIRST_WISH - WISH_STEP * rank, LEAST_WISH)
    return points // 2 if isinstance(wish, KindWish) else points


def matrix(problem: Problem) -> IntArray:
    """Return the benefit of every pair, as given or from profiles.

    Parameters
    ----------
    problem : Problem
        n people; `benefits` None means: from profiles.

    Returns
    -------
    (n, n) array of int64
        Symmetric, 0…1000, the diagonal 0; rows in the order of `problem.people`. Above 2,000 people int32, so that
        10,000 people are 400 MB, and nothing larger than a few rows is made on the way there.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> one = Person("p1", offers=("radio",), seeks=("law",))
    >>> other = Person("p2", offers=("law",), seeks=("radio", "money"), wishes=("p1",))
    >>> matrix(Problem(Session(rounds=1), (one, other))).tolist()
    [[0, 575], [575, 0]]
    """
    people = problem.people
    if problem.benefits is not None:
        return _given(problem)[: len(people), : len(people)]
    total = _zeros(len(people))
    parts = [_exchange(people), *_regions(people, problem.rules.regions)]
    for start in range(0, len(people), ROWS):
        rows = slice(start, start + ROWS)
        total[rows] = sum(part(rows) for part in parts)
    _add_wishes(total, people)
    np.fill_diagonal(total, 0)
    return total


def _zeros(number: int) -> IntArray:
    """Room for every pair, in four bytes each where there are many; whole points fit into either."""
    return cast(IntArray, np.zeros((number, number), np.int32 if number > MANY else np.int64))


def visits(problem: Problem) -> IntArray:
    """Return the benefit of every visit, as given or from profiles.

    Parameters
    ----------
    problem : Problem
        n people and h hosts that they come to.

    Returns
    -------
    (n, h) array of int64
        0…1000.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> people = (Person("p1", seeks=("law", "radio")), Person("p2", wishes=("h1",)))
    >>> visits(Problem(Session(rounds=1, format="clinics"), people, hosts=(Host("h1", topics=("law",)),))).tolist()
    [[300], [150]]
    """
    people, hosts = problem.people, problem.visited
    if problem.benefits is not None:
        return _given(problem)[: len(people), len(people) :]
    column = {topic: at for at, topic in enumerate(sorted({t for p in people for t in p.seeks}))}
    seeks = _incidence([person.seeks for person in people], column)
    topics = _incidence([tuple(t for t in host.topics if t in column) for host in hosts], column)
    gets: IntArray = EXCHANGE * (seeks @ topics.T).astype(np.int64)
    total: IntArray = gets // np.maximum(seeks.sum(axis=1), 1).astype(np.int64)[:, None]
    for row, person in enumerate(people):
        for place, host in enumerate(hosts):
            total[row, place] += max((wish_points(rank, wish) for rank, wish in fitting(person, host)), default=0)
    return total


def fitting(person: Person, host: Host) -> list[tuple[int, str | KindWish]]:
    """Return the wishes of a person that a host fulfils, each with its rank."""
    kind = KindWish("organisation", host.organisation) if host.organisation else None
    return [(rank, wish) for rank, wish in enumerate(person.wishes) if wish in (host.id, kind)]


def _given(problem: Problem) -> IntArray:
    ids = [*(person.id for person in problem.people), *(host.id for host in problem.visited)]
    index = {name: row for row, name in enumerate(ids)}
    total = _zeros(len(index))
    if problem.benefits:
        rows, columns = (
            np.fromiter(map(index.get, map(itemgetter(end), problem.benefits), repeat(NOBODY)), np.int64)
            for end in (0, 1)
        )
        values = np.fromiter(map(itemgetter(2), problem.benefits), np.int64)
        known = (rows != NOBODY) & (columns != NOBODY)
        rows, columns = rows[known], columns[known]
        total[rows, columns] = total[columns, rows] = values[known]
    return total


def _exchange(people: tuple[Person, ...]) -> Block:
    """From some rows to their points with everybody; single precision is exact on whole numbers as small as these."""
    column = {topic: at for at, topic in enumerate(sorted({t for p in people for t in (*p.offers, *p.seeks)}))}
    offers = _incidence([person.offers for person in people], column)
    seeks = _incidence([person.seeks for person in people], column)
    sought = np.maximum(seeks.sum(axis=1), 1)

    def block(rows: slice) -> NDArray[np.float32]:
        gets = np.floor(EXCHANGE * (seeks[rows] @ offers.T) / sought[rows, None])
        gives = np.floor(EXCHANGE * (offers[rows] @ seeks.T) / sought[None, :])
        root: NDArray[np.float32] = np.floor(np.sqrt((gets + ONE_WAY) * (gives + ONE_WAY)))
        return root - ONE_WAY

    return block


def _incidence(lists: Sequence[Sequence[str]], column: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(lists), len(column)), np.float32)
    for row, names in enumerate(lists):
        table[row, [column[name] for name in names]] = 1
    return table


def _add_wishes(total: IntArray, people: tuple[Person, ...]) -> None:
    """Add each person's best wish that fits the other, for both of the two."""
    index = {person.id: row for row, person in enumerate(people)}
    kinds: defaultdict[KindWish, list[int]] = defaultdict(list)
    for row, person in enumerate(people):
        for kind in kinds_of(person):
            kinds[kind].append(row)
    for row, person in enumerate(people):
        best = np.zeros(len(people), total.dtype)
        for rank, wish in enumerate(person.wishes):
            found = kinds.get(wish, []) if isinstance(wish, KindWish) else [index[wish]] if wish in index else []
            best[found] = np.maximum(best[found], wish_points(rank, wish))
        granted = np.flatnonzero(best)
        total[row, granted] += best[granted]
        total[granted, row] += best[granted]


def kinds_of(person: Person) -> set[KindWish]:
    """Return the kinds of wish that this person fulfils."""
    kinds = {KindWish("region", region) for region in person.regions}
    kinds |= {KindWish("organisation", person.organisation)} if person.organisation else set()
    return kinds | ({KindWish("role", person.role)} if person.role else set())


def _regions(people: tuple[Person, ...], preference: str) -> list[Block]:
    if preference == "any":
        return []
    column = {region: at for at, region in enumerate(sorted({r for person in people for r in person.regions}))}
    tied = _incidence([person.regions for person in people], column)
    known = np.greater(tied.sum(axis=1), 0)

    def block(rows: slice) -> NDArray[np.float32]:
        common = np.greater(tied[rows] @ tied.T, 0)
        gain = common if preference == "same" else ~common & known[rows, None] & known[None, :]
        points: NDArray[np.float32] = REGION * gain.astype(np.float32)
        return points

    return [block]
