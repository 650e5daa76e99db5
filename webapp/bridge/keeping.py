"""What is kept of an answer: a judged plan becomes rows, with what a facilitator asks about it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

import matcher
from matcher.engine import BrokenPlan
from matcher.rules import tables_of_hosts
from webapp.bridge.appraising import appraisal
from webapp.bridge.asking import Problem, Rules, host_key, interpreter_key
from webapp.errors import Refused
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.models import Meeting, Person, Plan, Rest, Seat, Session

BROKEN = lazy_gettext(
    "The plan that was made breaks a rule and was thrown away. Nothing was changed. Please report this fault."
)

TOGETHER = lazy_gettext("The locked meetings cannot all be kept together. Unlock some of them, then plan again.")

Answer = matcher.Plan
Progress = Callable[[float, str], None]


def solve(problem: Problem, *, seed: int = 0, floor: bool = True, progress: Progress | None = None) -> matcher.Plan:
    """Return the engine's plan; `floor` guards those who would get least."""
    try:
        return matcher.solve(problem, seed=seed, floor=floor, clock=time.monotonic, progress=progress)
    except matcher.MatcherError as error:
        if problem.locks and isinstance(error, matcher.NotPossible):
            # the engine's own sentence names people by row
            raise Refused(str(TOGETHER)) from error
        raise Refused(_("This session cannot be planned as it is set up: %(why)s.", why=error)) from error
    except BrokenPlan as error:
        raise Refused(str(BROKEN)) from error


def record(
    rows: Rows, session: Session, made: tuple[Problem, matcher.Plan], *, by: str, tried: Rules | None = None
) -> Plan:
    """Keep a judged plan as the session's one draft, in the place of an older one; a plan with a breach is refused.

    What was made by rules that are only `tried` is kept as the session's one trial, beside the draft.
    """
    problem, answer = made
    if matcher.breaches(problem, answer):
        raise Refused(str(BROKEN))
    trial = tried is not None
    older = (Plan.session_id == session.id, Plan.state == "draft", Plan.trial == trial, Plan.open_from == 0)
    rows.execute(delete(Plan).where(*older))
    forget(rows)
    draft = told(rows, session, made, by=by)
    draft.trial, draft.rules = trial, (tried or Rules.of(session)).as_json()
    rows.add(draft)
    rows.flush()
    return draft


def forget(rows: Rows) -> None:
    """Let go of the meetings, rests and seats that were loaded: new rows may get the numbers of those that went."""
    for kind in (Meeting, Rest, Seat):
        for row in [one for one in rows if isinstance(one, kind)]:
            rows.expunge(row)


def told(rows: Rows, session: Session, made: tuple[Problem, matcher.Plan], *, by: str) -> Plan:
    """Return a judged plan as rows that are not kept yet."""
    problem, answer = made
    answer = _with_reasons(problem, answer)
    order = {name: at for at, name in enumerate(_tables(problem))}
    names = {host_key(host): host.public_id for host in session.hosts}
    kept = {(lock.round, name) for lock in problem.locks for name in lock.people}
    names |= {host.id: host.id for host in problem.hosts if host.id not in names}
    names |= {interpreter_key(one): one.public_id for one in session.interpreters}
    names |= {str(row): public_id for row, public_id in rows.execute(select(Person.id, Person.public_id))}
    return Plan(
        session_id=session.id,
        seed=answer.seed,
        made_by=by,
        rounds=problem.session.rounds,
        people=len(problem.people),
        quality=asdict(answer.quality) | appraisal(problem, answer, names),
        rules=Rules.of(session).as_json(),
        meetings=[
            _meeting(meeting, order, names, locked=any((meeting.round, name) in kept for name in meeting.people))
            for meeting in answer.meetings
        ],
        rests=[Rest(round_no=rest.round, person_id=int(rest.person), code=rest.code) for rest in answer.rests],
    )


def _with_reasons(problem: Problem, answer: matcher.Plan) -> matcher.Plan:
    """The plan with the reasons between each two of a circle, which the engine tells of two people alone."""
    if problem.session.format != "circles":
        return answer
    row = {person.id: at for at, person in enumerate(problem.people)}

    def told(meeting: matcher.Meeting) -> tuple[matcher.Reason, ...]:
        pairs = combinations((row[name] for name in meeting.people), 2)
        return tuple(reason for one, other in pairs for reason in matcher.reasons(problem, one, other))

    return replace(answer, meetings=tuple(replace(meeting, reasons=told(meeting)) for meeting in answer.meetings))


def _tables(problem: Problem) -> tuple[str, ...]:
    """The tables in walking order."""
    if problem.hosted:
        return tables_of_hosts(problem)
    tables = problem.session.tables
    return tables if isinstance(tables, tuple) else ()


def _meeting(meeting: matcher.Meeting, order: Mapping[str, int], names: Mapping[str, str], *, locked: bool) -> Meeting:
    return Meeting(
        round_no=meeting.round,
        table=meeting.table,
        position=order.get(meeting.table, 0),
        benefit=meeting.benefit,
        language=meeting.language,
        host=names[meeting.host] if meeting.host else None,
        interpreter=names[meeting.interpreter] if meeting.interpreter else None,
        reasons=[_reason(reason) for reason in meeting.reasons],
        locked=locked,
        seats=[
            Seat(person_id=int(person), round_no=meeting.round, place=at) for at, person in enumerate(meeting.people)
        ],
    )


def _reason(reason: matcher.Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "points": reason.points,
        "topic": reason.topic,
        "giver": _row(reason.giver),
        "taker": _row(reason.taker),
    }


def _row(name: str | None) -> int | None:
    """The row id of a person; None for a host, whom the meeting names."""
    return int(name) if name and name.isdecimal() else None
