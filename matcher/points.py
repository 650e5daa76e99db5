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
from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Host, KindWish, Person, Problem

EXCHANGE = 600
ONE_WAY = 30
FIRST_WISH, WISH_STEP, LEAST_WISH = 150, 20, 30
REGION = 100

IntArray = NDArray[np.int64]


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
        Symmetric, 0…1000, the diagonal 0; rows in the order of `problem.people`.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> one = Person("p1", offers=("radio",), seeks=("law",))
    >>> other = Person("p2", offers=("law",), seeks=("radio", "money"), wishes=("p1",))
    >>> matrix(Problem(Session(rounds=1), (one, other))).tolist()
    [[0, 575], [575, 0]]
    """
    if problem.benefits is not None:
        return _given(problem)[: len(problem.people), : len(problem.people)]
    total = _exchange(problem.people) + _wishes(problem.people) + _regions(problem.people, problem.rules.regions)
    np.fill_diagonal(total, 0)
    return total


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
    total = np.zeros((len(index), len(index)), np.int64)
    known = [row for row in problem.benefits or () if row[0] in index and row[1] in index]
    if known:
        ones, others, values = zip(*known, strict=True)
        rows, columns = [index[name] for name in ones], [index[name] for name in others]
        total[rows, columns] = values
        total[columns, rows] = values
    return total


def _exchange(people: tuple[Person, ...]) -> IntArray:
    column = {topic: at for at, topic in enumerate(sorted({t for p in people for t in (*p.offers, *p.seeks)}))}
    offers = _incidence([person.offers for person in people], column)
    seeks = _incidence([person.seeks for person in people], column)
    sought = np.maximum(seeks.sum(axis=1), 1).astype(np.int64)
    gets = EXCHANGE * (seeks @ offers.T).astype(np.int64) // sought[:, None]
    product = (gets + ONE_WAY) * (gets.T + ONE_WAY)
    # below 2^52 the floating root of a whole number, cut off, is its whole root
    root: IntArray = np.sqrt(product).astype(np.int64)
    return root - ONE_WAY


def _incidence(lists: Sequence[Sequence[str]], column: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(lists), len(column)), np.float32)
    for row, names in enumerate(lists):
        table[row, [column[name] for name in names]] = 1
    return table


def _wishes(people: tuple[Person, ...]) -> IntArray:
    """Each person's best wish that fits the other, added up over the two."""
    index = {person.id: row for row, person in enumerate(people)}
    kinds: defaultdict[KindWish, list[int]] = defaultdict(list)
    for row, person in enumerate(people):
        for kind in kinds_of(person):
            kinds[kind].append(row)
    wished = np.zeros((len(people), len(people)), np.int64)
    for row, person in enumerate(people):
        for rank, wish in enumerate(person.wishes):
            found = kinds.get(wish, []) if isinstance(wish, KindWish) else [index[wish]] if wish in index else []
            wished[row, found] = np.maximum(wished[row, found], wish_points(rank, wish))
    return wished + wished.T


def kinds_of(person: Person) -> set[KindWish]:
    """Return the kinds of wish that this person fulfils."""
    kinds = {KindWish("region", region) for region in person.regions}
    kinds |= {KindWish("organisation", person.organisation)} if person.organisation else set()
    return kinds | ({KindWish("role", person.role)} if person.role else set())


def _regions(people: tuple[Person, ...], preference: str) -> IntArray:
    if preference == "any":
        return np.zeros((len(people), len(people)), np.int64)
    column = {region: at for at, region in enumerate(sorted({r for person in people for r in person.regions}))}
    tied = _incidence([person.regions for person in people], column)
    common, known = np.greater(tied @ tied.T, 0), np.greater(tied.sum(axis=1), 0)
    gain = common if preference == "same" else ~common & known[:, None] & known[None, :]
    points: IntArray = REGION * gain.astype(np.int64)
    return points
