"""A published version that comes with the file of its event: what does not go together, and its figures, told anew.

Nobody who is kept apart is known of here, and nobody who has met before: no such file tells either.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

import matcher
from webapp.bridge.appraising import appraisal
from webapp.bridge.asking import Expected, Problem, Rules, host_key, unlocked_problem
from webapp.bridge.judging import NOTHING, as_answered
from webapp.bridge.locking import split
from webapp.bridge.offending import offences
from webapp.errors import Refused
from webapp.models import Person, Plan

BLANK: dict[str, Any] = asdict(NOTHING) | {
    "shares": {}, "contacts": 0, "languages": [], "interpreted": 0, "with_regions": 0, "mixed_regions": 0,
    "regions": [], "mixed_organisations": 0, "colleagues": 0, "unshared": 0, "wishers": 0, "granted": 0, "unmet": [],
    "load": [],
}  # fmt: skip
"""The figures of a plan of which nothing can be told."""


@dataclass(frozen=True, slots=True)
class Found:
    """What does not go together in a version: seats as (round, table, who, by row id), where nobody is named 0.

    `idle` are people who are there in a round and have neither a table nor a rest. It is `sound` where the referee
    finds nothing at all.
    """

    seats: tuple[tuple[int, str, int], ...]
    idle: tuple[tuple[int, int], ...]
    sound: bool


def carried(rows: Rows, plan: Plan, there: Expected) -> Found:
    """Judge a stored version by the people, tables and hosts of now, and by the rules that it was made by."""
    try:
        problem = _problem(rows, plan, there)
    except Refused:
        return Found((), (), sound=False)
    told = as_answered(plan)
    sound = not matcher.broken_rules(problem, told)
    if sound:
        return Found((), (), sound=True)
    whole = _whole(problem, told)
    seats = [*_strange(problem, told)]
    seats += ((one.round, one.table, int(one.person)) for one in offences(problem, replace(told, meetings=whole), 1))
    return Found(tuple(dict.fromkeys(seats)), tuple(_idle(problem, told)), sound=False)


def told_anew(rows: Rows, plan: Plan, there: Expected) -> dict[str, Any]:
    """Return the figures of a stored version, worked out from what is here; what cannot be told is left blank."""
    try:
        problem = _problem(rows, plan, there)
        told = as_answered(plan)
        fresh = matcher.retell(problem, replace(told, meetings=_whole(problem, told)))
        names = {host_key(host): host.public_id for host in plan.session.hosts}
        names |= {str(row): public_id for row, public_id in rows.execute(select(Person.id, Person.public_id))}
        return asdict(fresh.quality) | appraisal(problem, fresh, names)
    except (Refused, KeyError, ValueError, matcher.MatcherError):
        return dict(BLANK)


def _problem(rows: Rows, plan: Plan, there: Expected) -> Problem:
    problem = unlocked_problem(rows, plan.session, there, Rules.kept_by(plan))
    problem = replace(problem, keep_apart=(), met_before=())
    locked = [one for one in plan.meetings if one.locked]
    return replace(problem, locks=split(problem, plan.session, locked)[0])


def _whole(problem: Problem, told: matcher.Plan) -> tuple[matcher.Meeting, ...]:
    """The meetings that can be judged further: everybody is known, and there are as many as the format needs."""
    people, hosts = {one.id for one in problem.people}, {one.id for one in problem.hosts}
    return tuple(
        one
        for one in told.meetings
        if one.round <= problem.session.rounds
        and {*one.people} <= people
        and _enough(problem, one)
        and (not problem.hosted or one.host in hosts)
    )


def _enough(problem: Problem, meeting: matcher.Meeting) -> bool:
    count = len(meeting.people)
    return count == 2 if problem.session.format == "pairs" else count >= (1 if problem.hosted else 2)


def _strange(problem: Problem, told: matcher.Plan) -> Iterator[tuple[int, str, int]]:
    """Seats of people who are not expected, or not in that round, and tables with too few or too many."""
    away = {one.id: one.away for one in problem.people}
    for one in told.meetings:
        if not _enough(problem, one):
            yield one.round, one.table, 0
        for name in one.people:
            if name not in away or one.round in away[name]:
                yield one.round, one.table, int(name)


def _idle(problem: Problem, told: matcher.Plan) -> Iterator[tuple[int, int]]:
    if problem.session.format == "clinics":
        return
    busy = {(one.round, name) for one in told.meetings for name in one.people}
    busy |= {(rest.round, rest.person) for rest in told.rests}
    for one in problem.people:
        for number in range(1, problem.session.rounds + 1):
            if number not in one.away and (number, one.id) not in busy:
                yield number, int(one.id)
