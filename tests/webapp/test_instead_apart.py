"""Somebody comes instead where two need not meet: nobody is stopped by others' entries, and nothing tells of them."""

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.drafts import furnish, person
from tests.webapp.test_apart import wrote
from tests.webapp.test_floor import at_round
from tests.webapp.test_standing_in import issue, newcomer, published, replaced, spots
from webapp.bridge.objecting import Hearing
from webapp.db import db
from webapp.errors import NotNow
from webapp.models import Host, KeepApart, Meeting, Session
from webapp.operations.rounds import repair

RULES = "The rules of this session do not allow it."


def company(one: Meeting) -> set[int]:
    return {seat.person_id for seat in one.seats}


@pytest.mark.parametrize("kind", ["pairs", "circles", "clinics", "stations"])
def test_two_others_who_need_not_meet_by_now_stop_nobody_from_coming(app: Flask, kind: str) -> None:
    session_id, people = furnish(kind, count=8)
    plan = issue(session_id)
    before, hosts = spots(plan), {one.public_id: one.name for one in db.session.query(Host)}
    far = max(plan.meetings, key=lambda one: (one.round_no, one.table))
    one = min(company(far))
    together = [company(held) for held in plan.meetings if one in company(held)]
    other = person(min(company(far) - {one})).number if not far.host else hosts[far.host]
    gone = next(row for row in people if (1, row) in before and not any(row in table for table in together))
    wrote(one, other)
    # what a repair says of it must not be what one is sent to
    seen = repair.outlook(db.session.get_one(Session, session_id), now=at_round(0))
    assert seen is not None
    assert seen.repair is not None
    assert seen.repair.nothing
    who = newcomer()
    answer = replaced(session_id, who, gone)
    assert (answer.letter, dict(answer.against)) == ("B", {})
    assert spots(published(session_id)) == {(at, who if row == gone else row): t for (at, row), t in before.items()}


def test_nobody_joins_two_who_need_not_meet_by_now(app: Flask) -> None:
    session_id, people = furnish("circles", count=8)
    plan = issue(session_id)
    gone = next(row for row in people if row in company(plan.meetings[0]) and len(company(plan.meetings[0])) > 2)
    one, other = sorted(company(plan.meetings[0]) - {gone})[:2]
    make.store(KeepApart(one_id=one, other_id=other))
    rounds = {held.round_no for held in plan.meetings if {one, other, gone} <= company(held)}
    who = newcomer()
    asked = replaced(session_id, who, gone)
    assert (asked.letter, set(asked.against)) == ("", rounds)
    assert {told.sentence for told in asked.against[1]} == {RULES}
    done = replaced(session_id, who, gone, sure=True)
    assert (done.letter, set(done.rounds) & rounds) == ("B", set())
    tables = [company(held) for held in published(session_id).meetings]
    assert not any({one, other, who} <= table for table in tables)


@pytest.mark.parametrize("kind", ["clinics", "stations"])
@pytest.mark.parametrize("heard", [True, False])
def test_who_need_not_meet_whoever_is_visited_is_free_in_that_round(
    app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str, heard: bool
) -> None:
    session_id, _people = furnish(kind, count=6)
    plan = issue(session_id)
    hosts = {one.public_id: one.name for one in db.session.query(Host)}
    tables = [(one, row) for one in plan.meetings for row in company(one) if len(company(one)) > 1]
    visit, gone = next((one, row) for one, row in tables if sum(row in company(held) for held in plan.meetings) > 1)
    who = newcomer()
    wrote(who, hosts[visit.host])
    if not heard:
        monkeypatch.setattr(Hearing, "hidden", frozenset())
        with pytest.raises(NotNow, match="does not suit"):
            replaced(session_id, who, gone, sure=True)
        return
    asked = replaced(session_id, who, gone)
    assert (asked.letter, list(asked.against)) == ("", [visit.round_no])
    assert [told.sentence for told in asked.against[visit.round_no]] == [RULES]
    done = replaced(session_id, who, gone, sure=True)
    assert (done.letter, visit.round_no in done.rounds) == ("B", False)
    assert who not in {row for number, row in spots(published(session_id)) if number == visit.round_no}
