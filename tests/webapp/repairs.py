"""Rooms whose plan is published, and what happens to them afterwards, for tests that repair."""

import random
from typing import Any

from tests.webapp.drafts import furnish
from tests.webapp.test_bridge import BY
from webapp import bridge
from webapp.db import db, transaction
from webapp.models import Attendance, InterpreterSession, KeepApart, Person, PersonLanguage, Plan, Session
from webapp.operations.plans import planning
from webapp.operations.plans.presence import expected

KINDS = ("pairs", "circles", "stations", "clinics", "groups")


def published_room(kind: str, *, count: int, rounds: int = 3, **values: Any) -> tuple[int, list[int]]:
    """A small session of any format with a published version; its row id, and those of its people."""
    if kind == "groups":
        values["move"] = "groups"
    session_id, people = furnish("stations" if kind == "groups" else kind, count=count, rounds=rounds, **values)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    return session_id, people


def version_of(session_id: int, number: int | None = None) -> Plan:
    """The published version, or that of a number."""
    db.session.rollback()
    held = db.session.query(Plan).filter_by(session_id=session_id)
    plan = held.filter_by(version=number).one() if number else held.filter_by(state="published").one()
    planning.load_whole(db.session(), plan)
    return plan


def held_in(plan: Plan, numbers: range) -> set[tuple[int, str, frozenset[int], str | None, str | None]]:
    """The meetings of some rounds."""
    return {
        (one.round_no, one.table, frozenset(seat.person_id for seat in one.seats), one.host, one.interpreter)
        for one in plan.meetings
        if one.round_no in numbers
    }


def tables_in(plan: Plan, numbers: range) -> dict[tuple[int, int], str]:
    """The table of each person in some rounds."""
    return {
        (seat.person_id, one.round_no): one.table
        for one in plan.meetings
        for seat in one.seats
        if one.round_no in numbers
    }


def case_of(session_id: int, first: int) -> bridge.Printed:
    """The published version as the engine is told it."""
    session = db.session.get(Session, session_id)
    return bridge.printed(db.session(), version_of(session_id), expected(db.session(), session), first=first)


def happen(session_id: int, chance: random.Random, begun: int) -> None:
    """Let something happen in the room from the next round on."""
    with transaction() as rows:
        session = rows.get(Session, session_id)
        people = list(rows.query(Person))
        what = chance.choice(
            ("absent", "absent", "leaves", "late", "back", "host", "table", "voice", "apart", "new", "gone", "speech")
        )
        who = chance.choice(people)
        if what in {"absent", "leaves", "late", "back"}:
            row = rows.get(Attendance, (session_id, who.id)) or Attendance(session_id=session_id, person_id=who.id)
            row.state, row.first_round, row.last_round = {
                "absent": ("absent", 1, begun), "leaves": ("here", 1, chance.randint(begun, session.rounds)),
                "late": ("late", chance.randint(1, session.rounds), None), "back": ("here", 1, None),
            }[what]  # fmt: skip
            rows.add(row)
        elif what == "host" and session.hosts:
            host = chance.choice(session.hosts)
            host.gone_from = None if host.gone_from else begun + 1
        elif what == "table" and sum(one.gone_from is None for one in session.tables) > 1:
            chance.choice(session.tables).gone_from = begun + 1
        elif what == "voice":
            for held in rows.query(InterpreterSession):
                held.gone_from = begun + 1
        elif what == "apart":
            one, other = sorted(row.id for row in chance.sample(people, 2))
            if rows.query(KeepApart).filter_by(one_id=one, other_id=other).count() == 0:
                rows.add(KeepApart(one_id=one, other_id=other))
        elif what == "gone" and len(people) > 4:
            rows.delete(who)
        elif what == "speech":
            who.languages = (
                [PersonLanguage(code=chance.choice(("en", "km", "fr")))]
                if len(who.languages) > 5
                else who.languages[:1]
            )
        else:
            from tests.webapp import factories as make

            rows.add(make.person())
