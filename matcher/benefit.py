"""What a meeting is worth and why: the whole from `points`, told as reasons that add up to it."""

from matcher.plan import Reason
from matcher.points import EXCHANGE, REGION, exchange_points, fitting, kinds_of, matrix, visits, wish_points
from matcher.problem import KindWish, Person, Problem

__all__ = ["matrix", "reasons", "visit_reasons", "visits"]


def reasons(problem: Problem, i: int, j: int) -> tuple[Reason, ...]:
    """Return why the people in rows `i` and `j` should meet.

    Parameters
    ----------
    problem : Problem
        n people.
    i, j : int
        Two different rows, 0…n - 1.

    Returns
    -------
    tuple of Reason
        Offers that meet needs first, then wishes, then regions. The points add up to `matrix(problem)[i, j]` where
        benefits come from profiles; where they are given the same reasons stand with 0 points each, for nobody knows
        what the giver had in mind.

    Examples
    --------
    >>> from matcher.problem import Session
    >>> one = Person("p1", offers=("radio",), seeks=("law",))
    >>> other = Person("p2", offers=("law",), seeks=("radio", "money"))
    >>> for reason in reasons(Problem(Session(rounds=1), (one, other)), 0, 1):
    ...     print(reason.code, reason.topic, reason.giver, reason.taker, reason.points)
    offer_meets_need law p2 p1 283
    offer_meets_need radio p1 p2 142
    """
    one, other = problem.people[i], problem.people[j]
    return _as_given(
        problem, (*_exchange(one, other), *_wishes(one, other), *_regions(one, other, problem.rules.regions))
    )


def visit_reasons(problem: Problem, i: int, a: int) -> tuple[Reason, ...]:
    """Return why the person in row `i` should visit the host in row `a`; points as in `reasons`.

    Examples
    --------
    >>> from matcher.problem import Host, Session
    >>> people = (Person("p1", seeks=("law", "radio"), wishes=("h1",)),)
    >>> problem = Problem(Session(rounds=1, format="clinics"), people, hosts=(Host("h1", topics=("law",)),))
    >>> [(reason.code, reason.topic, reason.points) for reason in visit_reasons(problem, 0, 0)]
    [('offer_meets_need', 'law', 300), ('wish', None, 150)]
    """
    person, host = problem.people[i], problem.visited[a]
    topics = [topic for topic in dict.fromkeys(person.seeks) if topic in host.topics]
    points = EXCHANGE * len(topics) // max(len(set(person.seeks)), 1)
    shares = [points * (at + 1) // len(topics) - points * at // len(topics) for at in range(len(topics))]
    told = [
        Reason("offer_meets_need", share, topic, host.id, person.id)
        for topic, share in zip(topics, shares, strict=True)
    ]
    wishes = [(wish_points(rank, wish), wish) for rank, wish in fitting(person, host)]
    if wishes:
        points, wish = max(wishes, key=lambda pair: pair[0])
        told.append(Reason("wish", points, wish.value if isinstance(wish, KindWish) else None, host.id, person.id))
    return _as_given(problem, tuple(told))


def _as_given(problem: Problem, told: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Reasons without points where the benefits are given."""
    if problem.benefits is None:
        return told
    return tuple(Reason(reason.code, 0, reason.topic, reason.giver, reason.taker) for reason in told)


def _exchange(one: Person, other: Person) -> list[Reason]:
    """Share the points of the exchange among its topics: each by its part of what its taker seeks."""
    gets = _met(other, one)
    gives = _met(one, other)
    seeks, sought = max(len(set(one.seeks)), 1), max(len(set(other.seeks)), 1)
    points = exchange_points(EXCHANGE * len(gets) // seeks, EXCHANGE * len(gives) // sought)
    parts = [(topic, other, one, sought) for topic in gets] + [(topic, one, other, seeks) for topic in gives]
    whole = sum(weight for *_, weight in parts)
    found, before = [], 0
    for topic, giver, taker, weight in parts:
        share = points * (before + weight) // whole - points * before // whole
        before += weight
        found.append(Reason("offer_meets_need", share, topic, giver.id, taker.id))
    return found


def _met(giver: Person, taker: Person) -> list[str]:
    """Topics that `taker` seeks and `giver` offers, in the order in which they are sought."""
    return [topic for topic in dict.fromkeys(taker.seeks) if topic in giver.offers]


def _wishes(one: Person, other: Person) -> list[Reason]:
    found = []
    for wisher, wished in ((one, other), (other, one)):
        kinds = kinds_of(wished)
        granted = [
            (wish_points(rank, wish), wish)
            for rank, wish in enumerate(wisher.wishes)
            if wish == wished.id or (isinstance(wish, KindWish) and wish in kinds)
        ]
        if granted:
            points, wish = max(granted, key=lambda pair: pair[0])
            topic = wish.value if isinstance(wish, KindWish) else None
            found.append(Reason("wish", points, topic, wished.id, wisher.id))
    return found


def _regions(one: Person, other: Person, preference: str) -> list[Reason]:
    common = [region for region in one.regions if region in other.regions]
    if preference == "same" and common:
        return [Reason("same_region", REGION, common[0])]
    if preference == "mix" and one.regions and other.regions and not common:
        return [Reason("other_region", REGION)]
    return []
