"""Drafts for tests that change them by hand: rooms of every format, what is kept, what the referee says."""

from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

import matcher
from tests.webapp import factories as make
from tests.webapp.factories import send
from tests.webapp.test_bridge import problem_of
from webapp import bridge
from webapp.db import db, transaction
from webapp.models import (
    Person,
    PersonInterest,
    Plan,
)
from webapp.operations.plans import planning
from webapp.operations.plans.editing import Draft

DOOR = "/desk/s"
MEETINGS, MOVE = f"{DOOR}/draft/meetings", f"{DOOR}/draft/move"


def draft_of(session_id: int) -> Plan:
    db.session.rollback()
    found = planning.find_plan(session_id, "draft")
    assert found is not None
    return found


def seen(session_id: int) -> Draft:
    return Draft(session_id, draft_of(session_id).public_id)


def state_of(session_id: int) -> list[tuple[Any, ...]]:
    """All that is kept of a draft."""
    plan = draft_of(session_id)
    return [
        (plan.public_id, str(plan.quality)),
        *((one.round_no, one.table, one.locked, one.benefit, tuple(s.person_id for s in one.seats), one.language)
          for one in plan.meetings),
        *((rest.round_no, rest.person_id, rest.code) for rest in plan.rests),
    ]  # fmt: skip


def breaches(session_id: int) -> list[str]:
    """What the referee finds in the stored draft, its figures with it."""
    plan = draft_of(session_id)
    problem = problem_of(session_id)
    held = bridge.standing(problem, plan)
    told = matcher.retell(problem, held.plan)
    figures = {name: getattr(told.quality, name) for name in ("benefit", "gap", "breaks", "table_changes", "repeats")}
    rests = {(rest.round_no, str(rest.person_id), rest.code) for rest in plan.rests}
    wrong = [name for name, value in figures.items() if plan.quality[name] != value]
    wrong += [] if rests == {(rest.round, rest.person, rest.code) for rest in told.rests} else ["rests"]
    return wrong + matcher.breaches(problem, replace(told, meetings=_told(held.plan, told), quality=held.plan.quality))


def _told(stored: matcher.Plan, fresh: matcher.Plan) -> tuple[matcher.Meeting, ...]:
    """The meetings as stored; what is not stored (when they start) is left out."""
    reasons = {(one.round, one.table): one.reasons for one in fresh.meetings}
    return tuple(replace(one, reasons=reasons[one.round, one.table]) for one in stored.meetings)


def person(row: int) -> Person:
    found = db.session.get(Person, row)
    assert found is not None
    return found


def at(session_id: int, number: int) -> dict[str, list[int]]:
    """Who sits at which table in a round."""
    meetings = (one for one in draft_of(session_id).meetings if one.round_no == number)
    return {one.table: [seat.person_id for seat in one.seats] for one in meetings}


SEATED = 5


def furnish(format_: str, *, count: int, rounds: int = 3, **values: Any) -> tuple[int, list[int]]:
    """A session of any format with colleagues, several languages and an interpreter."""
    law, press, hosted = make.interest(), make.organisation(), format_ in planning.HOSTED
    places = (1, 2, 2) if format_ == "clinics" else (3, 4, 3)
    session = make.session(
        format=format_, rounds=rounds, size=3, **values,
        hosts=[make.host(places=most, languages=("en", "fr"), topics=[law]) for most in places] if hosted else [],
        tables=[] if hosted else make.tables(*("1A", "1B", "2A", "2B", "3A")),
    )  # fmt: skip
    spoken = (("en",), ("en", "fr"), ("fr", "en"), ("en", "km"), ("fr",), ("en",))
    guests = [
        make.person(languages=spoken[at % 6], organisation=press if at in {0, 3} else None, seated=at == SEATED)
        for at in range(count)
    ]
    for guest in guests:
        guest.interests = [PersonInterest(interest=law, side="seeks")]
    with transaction() as rows:
        rows.merge(make.event())
    make.store(session, make.interpreter(languages=("en", "fr", "km"), sessions=[session]), *guests)
    return session.id, [guest.id for guest in guests]


def ends(session_id: int) -> list[tuple[int, int]]:
    """Who has a seat or a rest in which round, each as often as they have."""
    plan = draft_of(session_id)
    seats = [(seat.round_no, seat.person_id) for one in plan.meetings for seat in one.seats]
    return sorted(seats + [(rest.round_no, rest.person_id) for rest in plan.rests])


def locked_in(session_id: int) -> dict[tuple[int, str], frozenset[int]]:
    """Who sits where in the locked meetings of a draft."""
    return {
        (one.round_no, one.table): frozenset(seat.person_id for seat in one.seats)
        for one in draft_of(session_id).meetings
        if one.locked
    }


def bring_together(desk: FlaskClient, people: list[int], **fields: str) -> Any:
    """Ask for the first two people at one table; who sits with the first goes where the second sits."""
    session_id = planning.find_session("s").id
    tables = at(session_id, 1)
    partner = next(row for table in tables.values() if people[0] in table for row in table if row != people[0])
    who = person(partner).public_id
    form = {"draft": draft_of(session_id).public_id, "round": "1", "to": f"person:{person(people[1]).public_id}"}
    return send(desk, f"{MOVE}/{who}", **{**form, **fields})
