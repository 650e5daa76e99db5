"""Published plans written row by row: who sits with whom, at which table, with which host."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from webapp.db import transaction
from webapp.models import Host, Meeting, Person, Plan, Seat, Session

Rounds = Sequence[Mapping[str, Sequence[Person]]]


def publish(session: Session, rounds: Rounds, *, hosts: Mapping[str, Host] | None = None, **values: Any) -> None:
    """Publish who sits at which table in round 1, 2, …, in place of what was published; `hosts` sit at tables."""
    with transaction() as rows:
        versions = rows.query(Plan).filter_by(session_id=session.id).all()
        for one in versions:
            one.state = "replaced"
        rows.flush()
        plan = Plan(session_id=session.id, rounds=len(rounds), people=0)
        rows.add(plan)
        rows.flush()
        for number, tables in enumerate(rounds, 1):
            for table, people in tables.items():
                host = (hosts or {}).get(table)
                meeting = Meeting(round_no=number, table=table, host=host.public_id if host else None, **values)
                meeting.seats = [
                    Seat(plan_id=plan.id, round_no=number, person_id=one.id, place=at) for at, one in enumerate(people)
                ]
                plan.meetings.append(meeting)
        rows.flush()
        plan.state, plan.version, plan.published_at = "published", len(versions) + 1, datetime(2013, 6, 19, 5, 0)
