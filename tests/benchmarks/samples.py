"""Problems from files made ready for planners that know benefits only: written out, and a part of them if too large."""

import json
import random
from dataclasses import replace

import numpy as np

from matcher import Problem
from matcher.benefit import matrix, visits
from matcher.wire import write_benefits

MOST = 300


def sample(problem: Problem, seed: int, most: int = MOST) -> Problem:
    """Return the session with so many of its people at most, drawn by chance, and what concerns them.

    Examples
    --------
    >>> from matcher import Person, Session
    >>> people = tuple(Person(f"p{number}") for number in range(9))
    >>> problem = Problem(Session(rounds=1), people, keep_apart=(("p0", "p1"),))
    >>> [person.id for person in sample(problem, seed=1, most=3).people]
    ['p1', 'p2', 'p8']
    """
    if len(problem.people) <= most:
        return problem
    drawn = sorted(random.Random(seed).sample(range(len(problem.people)), most))
    people = [problem.people[row] for row in drawn]
    known = {one.id for one in (*people, *problem.hosts)}
    kept = tuple(
        replace(one, wishes=tuple(wish for wish in one.wishes if not isinstance(wish, str) or wish in known))
        for one in people
    )
    return replace(
        problem,
        people=kept,
        keep_apart=tuple(pair for pair in problem.keep_apart if known.issuperset(pair)),
        met_before=tuple(pair for pair in problem.met_before if known.issuperset(pair)),
        locks=tuple(lock for lock in problem.locks if known.issuperset(lock.people)),
        benefits=None if problem.benefits is None else tuple(row for row in problem.benefits if known >= {*row[:2]}),
    )


def written(problem: Problem) -> Problem:
    """Return the problem with the benefits that `rondo match --benefits-out` writes for it, as explicit ones."""
    if problem.benefits is not None:
        return problem
    ids = [person.id for person in problem.people]
    worth = visits(problem) if problem.hosted else np.triu(matrix(problem), 1)
    others = [host.id for host in problem.visited] if problem.hosted else ids
    ends = np.argwhere(worth).tolist()
    text = write_benefits((ids[one], others[other], int(worth[one, other])) for one, other in ends)
    return replace(problem, benefits=tuple((one, other, value) for one, other, value in json.loads(text)))


def agrees(problem: Problem, explicit: Problem) -> bool:
    """Whether the written benefits are those that the engine plans by."""
    worth = visits if problem.hosted else matrix
    return bool(np.array_equal(worth(problem), worth(explicit)))
