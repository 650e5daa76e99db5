"""The referee agrees with the rules told plainly: on plans of random problems, good ones and randomly spoiled ones."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.check import breaches
from matcher.plan import Meeting
from matcher.problem import Problem
from matcher.rules import tables_of_hosts
from tests.matcher.plain import wrongs
from tests.matcher.strategies import KINDS, sessions
from tests.matcher.telling import told


def proposals(problem: Problem, rng: random.Random) -> Iterator[Meeting]:
    """Meetings as they might be, locks and agreements first."""
    ids = [person.id for person in problem.people]
    spots = [(host.id, table) for host, table in zip(problem.visited, tables_of_hosts(problem), strict=True)]
    named = problem.session.tables if isinstance(problem.session.tables, tuple) else ("1", "2", "3")
    helpers = [None, None, *(one.id for one in problem.interpreters)]
    wanted = [(lock.round, lock.people) for lock in problem.locks]
    rounds = problem.session.rounds
    wanted += [(rng.choice(one.rounds or range(1, rounds + 1)), one.people) for one in (problem.chosen or ()) * 4]
    free = [(rng.randint(1, rounds), ()) for _ in range(12 if problem.chosen is None else 0)]
    most = 2 if problem.session.format == "pairs" else 4
    for number, people in wanted + free:
        others = [name for name in ids if name not in people]
        size = max(len(people), rng.randint(1 if problem.hosted else 2, most))
        some = (*people, *rng.sample(others, min(size - len(people), len(others))))
        for host, table in rng.sample(spots, len(spots)) if problem.hosted else [(None, rng.choice(named))]:
            yield Meeting(number, table, some, 0, host=host, interpreter=rng.choice(helpers))


MUSTS = {"lock", "not exactly the chosen", "chosen, in another round", "breaks differ", "uneven", "size"}


def drafted(problem: Problem, rng: random.Random) -> list[Meeting]:
    """Meetings that break no rule, first come, first served; what they leave undone may still be wrong."""
    held: list[Meeting] = []
    for meeting in proposals(problem, rng):
        if set(wrongs(problem, [*held, meeting])) <= MUSTS:
            held.append(meeting)
    return held


def mutated(problem: Problem, meetings: list[Meeting], rng: random.Random) -> list[Meeting]:
    """One meeting is left out, moved, peopled otherwise, or told twice."""
    if not meetings:
        return list(proposals(problem, rng))[:1]
    ids = [person.id for person in problem.people]
    if not ids:
        return meetings
    at = rng.randrange(len(meetings))
    one, other = meetings[at], rng.choice(meetings)
    ways = [
        [],
        [replace(one, round=rng.randint(1, problem.session.rounds))],
        [replace(one, table=rng.choice(("1", "A", "T0", other.table)))],
        [replace(one, people=tuple(rng.sample(ids, min(len(one.people), len(ids)))))],
        [replace(one, people=(*one.people, rng.choice(ids)))],
        [replace(one, people=one.people[1:])],
        [replace(one, host=other.host, table=other.table)],
        [replace(one, interpreter=rng.choice((None, "i0", "i1")))],
        [one, replace(one, round=rng.randint(1, problem.session.rounds))],
    ]
    return [*meetings[:at], *rng.choice(ways), *meetings[at + 1 :]]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_plan_is_good_if_and_only_if_it_breaks_no_plain_rule(kind, data):
    problem = data.draw(sessions(**KINDS[kind]))
    rng = random.Random(data.draw(st.integers(0, 2**32 - 1)))
    meetings = drafted(problem, rng)
    for _ in range(data.draw(st.integers(0, 2))):
        meetings = mutated(problem, meetings, rng)
    wrong = list(wrongs(problem, meetings))
    if "malformed" in wrong:
        assert breaches(problem, replace(told(problem, []), meetings=tuple(meetings)))
        return
    assert bool(breaches(problem, told(problem, meetings))) == bool(wrong), (wrong, meetings)


@pytest.mark.parametrize("kind", KINDS)
def test_drafts_are_good_often_enough_and_mutants_bad_often_enough(kind):
    """The test above sees both: plans that keep every rule and hold something, and plans that break one."""
    good = bad = 0

    @given(data=st.data())
    @settings(max_examples=100, deadline=None, derandomize=True)
    def counted(data):
        nonlocal good, bad
        problem = data.draw(sessions(**KINDS[kind]))
        rng = random.Random(data.draw(st.integers(0, 2**32 - 1)))
        meetings = drafted(problem, rng)
        good += bool(meetings) and not any(wrongs(problem, meetings))
        bad += any(wrongs(problem, mutated(problem, meetings, rng)))

    counted()
    assert good >= 5
    assert bad >= 5
