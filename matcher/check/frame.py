"""The frame: the plan belongs to the problem, its rounds and ids exist, its times are right, its cards are known."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from matcher.check.case import Case, malformed, told


def frame(case: Case) -> Iterator[str]:
    """The plan belongs to the problem; rounds and ids exist; meetings start when their round does."""
    session, plan = case.problem.session, case.plan
    if plan.session != session.id:
        yield f"the plan is for session {plan.session!r}, the problem for {session.id!r}"
    if plan.version < 1:
        yield f"the plan has version {plan.version}, the first is 1"
    for meeting in plan.meetings:
        yield from malformed(meeting, case)
    step = timedelta(minutes=session.round_minutes + session.change_minutes)
    for meeting in case.meetings:
        true = None if session.start is None else session.start + (meeting.round - 1) * step
        if meeting.starts is not None and meeting.starts != true:
            really = "without a start" if true is None else f"really at {true.isoformat()}"
            yield f"the meeting of {told(meeting)} is told to start at {meeting.starts.isoformat()}, it is {really}"


def stale(case: Case) -> Iterator[str]:
    """After a repair stale cards belong to different people who are there; before one there are none."""
    cards, bound = case.plan.stale, case.plan.quality.stale_bound
    if cards is None:
        if bound is not None:
            yield f"quality.stale_bound is {bound}, but no stale cards are told"
        return
    if case.plan.version == 1:
        yield "stale cards are told, but version 1 has no cards before it"
    for name, times in Counter(cards).items():
        person = case.persons.get(name)
        if times > 1:
            yield f"stale: {name} stands {times} times"
        if person is None:
            yield f"stale: {name} is not in people"
        elif len(person.away) == case.problem.session.rounds:
            yield f"stale: {name} is away in every round and needs no card"
    if bound is not None and not 0 <= bound <= len(cards):
        yield f"quality.stale_bound {bound} is not between 0 and the {len(cards)} stale cards"
