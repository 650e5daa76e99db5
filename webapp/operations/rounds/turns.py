"""Whose turn it is at a place that falls free: two minutes each, counted from when the round has begun."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.models import Session, StandbyCall
from webapp.operations.plans import clock

PATIENCE = timedelta(minutes=2)
LONGEST = timedelta(hours=1)


def since_begin(session: Session, number: int, now: datetime) -> timedelta | None:
    """Return for how long a round has been running, without pauses; None where it has not begun."""
    at = clock.position(session, now)
    if at.kind == "round" and at.number == number:
        return at.at - at.starts
    if clock.begun(session, now) < number:
        return None
    if at.kind != "before":
        return PATIENCE
    return now.astimezone(session.event.zone).replace(tzinfo=None) - clock.round_begins(session, number, now)


def calls_of(rows: Rows, session: Session, number: int, now: datetime) -> dict[str, StandbyCall]:
    """Return the calls by the big screen in a round by the specialist's public id; none that was made very long ago."""
    here = (StandbyCall.session_id == session.id, StandbyCall.round_no == number)
    found = rows.scalars(select(StandbyCall).where(*here))
    return {one.host: one for one in found if now - one.made_at.replace(tzinfo=UTC) < LONGEST}


def turns_of(starts: Mapping[str, Sequence[tuple[timedelta, int]]]) -> list[dict[str, int]]:
    """Return tables by the moments at which something happened there: a place fell free, then went to the next.

    `starts` says how long ago a turn began anew there, the longest ago first: as the place fell free, as somebody was
    called by the big screen (by their row, which stands at the table at that moment), or as another sat down.
    """
    found: dict[tuple[timedelta, bool], dict[str, int]] = defaultdict(dict)
    for table, told in starts.items():
        ends = [ago for ago, _row in told[1:]] + [timedelta()]
        found[-told[0][0], False][table] = 0
        for (ago, row), end in zip(told, ends, strict=True):
            if row:
                found[-ago, True][table] = row
            for turn in range(1, (ago - end) // PATIENCE + 1):
                found[turn * PATIENCE - ago, False][table] = 0
    return [found[at] for at in sorted(found)]
