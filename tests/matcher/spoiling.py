"""Ways to spoil a plan: each takes a good plan and gives back one that is wrong in one thing."""

from collections.abc import Callable
from dataclasses import replace

from matcher.plan import Meeting, Plan, Rest, Unmet
from matcher.problem import Problem
from tests.matcher.telling import told

Spoil = Callable[[Plan], Plan]


def changed(at: int, **values: object) -> Spoil:
    """One meeting is another, and nothing else is told anew."""
    return lambda plan: replace(
        plan, meetings=tuple(replace(m, **values) if k == at else m for k, m in enumerate(plan.meetings))
    )


def added(*meetings: Meeting) -> Spoil:
    return lambda plan: replace(plan, meetings=(*plan.meetings, *meetings))


def kept(*places: int) -> Spoil:
    return lambda plan: replace(plan, meetings=tuple(plan.meetings[at] for at in places))


def rested(*rests: Rest) -> Spoil:
    return lambda plan: replace(plan, rests=(*plan.rests, *rests))


def wished(*unmet: Unmet) -> Spoil:
    return lambda plan: replace(plan, unmet=unmet)


def judged(**values: object) -> Spoil:
    return lambda plan: replace(plan, quality=replace(plan.quality, **values))


def altered(**values: object) -> Spoil:
    return lambda plan: replace(plan, **values)


def truly(problem: Problem, spoil: Spoil) -> Spoil:
    """The spoiled meetings with rests, wishes and figures that are true of them: the rule alone is broken."""
    return lambda plan: told(problem, list(spoil(plan).meetings))
