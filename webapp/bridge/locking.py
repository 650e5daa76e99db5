"""What stays when one plans again: the draft's locked meetings as locks, and those that can be kept no longer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

import matcher
from matcher.rules import tables_of_hosts
from webapp.models import Meeting, Plan, Session


@dataclass(frozen=True, slots=True)
class Lost:
    """A locked meeting that can be kept no longer, with a code: left, away, round, table or rules.

    `people` are those who left or are away, by row id. The code `rules` has many causes, so that it tells nothing about
    any one of them.
    """

    meeting: Meeting
    code: str
    people: tuple[int, ...] = ()


def locked_meetings(rows: Rows, session: Session) -> Sequence[Meeting]:
    """Return the locked meetings of the session's draft, in their order."""
    return rows.scalars(
        select(Meeting)
        .join(Meeting.plan)
        .where(Plan.session_id == session.id, Plan.state == "draft", ~Plan.trial, Meeting.locked)
        .options(selectinload(Meeting.seats))
        .order_by(Meeting.round_no, Meeting.position)
    ).all()


def split(
    problem: matcher.Problem, session: Session, meetings: Sequence[Meeting]
) -> tuple[tuple[matcher.Lock, ...], list[Lost]]:
    """Return the locks that these meetings are in a problem without locks, and those that it cannot keep."""
    tables = _tables(problem, session)
    lost = [found for found in (_lost(problem, one, tables) for one in meetings) if found is not None]
    gone = {one.meeting.id for one in lost}
    wanted = [(one, _lock(one, tables)) for one in meetings if one.id not in gone]
    if _possible(problem, tuple(lock for _, lock in wanted)):
        return tuple(lock for _, lock in wanted), lost
    kept: list[matcher.Lock] = []
    for one, lock in wanted:
        if _possible(problem, (*kept, lock)):
            kept.append(lock)
        else:
            lost.append(Lost(one, "rules"))
    return tuple(kept), lost


def _tables(problem: matcher.Problem, session: Session) -> dict[str, str]:
    """Where each host of now sits, by public id."""
    if not problem.hosted:
        return {}
    return dict(zip((host.public_id for host in session.hosts), tables_of_hosts(problem), strict=True))


def _lost(problem: matcher.Problem, meeting: Meeting, tables: dict[str, str]) -> Lost | None:
    away = {person.id: person.away for person in problem.people}
    names = [str(seat.person_id) for seat in meeting.seats]
    if meeting.round_no > problem.session.rounds:
        return Lost(meeting, "round")
    gone = tuple(int(name) for name in names if name not in away)
    if gone or len(names) < (1 if problem.hosted else 2):
        return Lost(meeting, "left", gone)
    missing = tuple(int(name) for name in names if meeting.round_no in away[name])
    if missing:
        return Lost(meeting, "away", missing)
    given = problem.session.tables
    there = meeting.host in tables if problem.hosted else isinstance(given, tuple) and meeting.table in given
    if not there:
        return Lost(meeting, "table")
    # a lock could override met-before; where it did, a meeting that is lost would tell of keep-apart
    strange = problem.session.format == "pairs" and frozenset(names) in map(frozenset, problem.met_before)
    return Lost(meeting, "rules") if strange else None


def _lock(meeting: Meeting, tables: dict[str, str]) -> matcher.Lock:
    people = tuple(str(seat.person_id) for seat in meeting.seats)
    return matcher.Lock(meeting.round_no, people, tables.get(meeting.host or "", meeting.table))


def _possible(problem: matcher.Problem, locks: tuple[matcher.Lock, ...]) -> bool:
    try:
        matcher.refuse_locks(replace(problem, locks=locks))
    except matcher.MatcherError:
        return False
    return True
