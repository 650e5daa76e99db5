"""What is kept of a version that follows on another: rounds that have begun are copied row by row."""

from dataclasses import replace

from sqlalchemy import delete
from sqlalchemy.orm import Session as Rows

import matcher
from webapp.bridge.asking import Problem
from webapp.bridge.ghosts import is_ghost
from webapp.bridge.keeping import BROKEN, forget, told
from webapp.errors import Refused
from webapp.models import Meeting, Plan, Rest, Seat


def record_next(
    rows: Rows, before: Plan, made: tuple[Problem, matcher.Plan], *, open_from: int, by: str, trial: bool = False
) -> Plan:
    """Keep a judged answer as the draft that follows on `before`; rounds before `open_from` are those of `before`.

    The session's own draft stays. A `trial` is kept as the session's one plan anew from a round on, to compare.
    """
    problem, answer = made
    if matcher.breaches(problem, answer):
        raise Refused(str(BROKEN))
    session, held = before.session, [_copied(one) for one in before.meetings if one.round_no < open_from]
    rested = [
        Rest(round_no=one.round_no, person_id=one.person_id, code=one.code)
        for one in before.rests
        if one.round_no < open_from
    ]
    older = (Plan.session_id == session.id, Plan.state == "draft", Plan.open_from > 0)
    rows.execute(delete(Plan).where(*older))
    forget(rows)
    draft = told(rows, session, _of_people(problem, answer), by=by)
    draft.meetings = held + [one for one in draft.meetings if one.round_no >= open_from]
    draft.rests = rested + [one for one in draft.rests if one.round_no >= open_from]
    draft.trial, draft.open_from = trial, open_from
    rows.add(draft)
    rows.flush()
    return draft


def _copied(row: Meeting) -> Meeting:
    names = ("round_no", "table", "position", "benefit", "language", "host", "interpreter", "reasons", "locked")
    seats = [Seat(person_id=one.person_id, round_no=one.round_no, place=one.place) for one in row.seats]
    return Meeting(**{name: getattr(row, name) for name in names}, seats=seats)


def _of_people(problem: Problem, answer: matcher.Plan) -> tuple[Problem, matcher.Plan]:
    """The same without ghosts, and without whoever never came."""
    away = {one.id for one in problem.people if len(one.away) == problem.session.rounds}
    gone = away | {one.id for one in problem.people if is_ghost(one.id)}
    people = tuple(one for one in problem.people if one.id not in gone)
    known = {one.id for one in people} | {one.id for one in problem.hosts}
    whole = replace(
        problem,
        people=tuple(
            replace(one, wishes=tuple(wish for wish in one.wishes if not isinstance(wish, str) or wish in known))
            for one in people
        ),
        keep_apart=tuple(pair for pair in problem.keep_apart if {*pair} <= known),
        met_before=tuple(pair for pair in problem.met_before if {*pair} <= known),
        locks=tuple(lock for lock in problem.locks if {*lock.people} <= known),
    )
    meetings = tuple(
        replace(one, people=tuple(name for name in one.people if name not in gone)) for one in answer.meetings
    )
    return whole, replace(answer, meetings=meetings, rests=tuple(one for one in answer.rests if one.person not in gone))
