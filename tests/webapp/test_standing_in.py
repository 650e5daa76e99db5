"""Somebody comes instead of somebody else: the seats go over, nothing else does, and no rule is broken for it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

import matcher
from tests.webapp import factories as make
from tests.webapp.drafts import furnish, locked_in, person, seen
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_floor import at_round, together
from webapp.bridge import standing_in as bridge
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import (
    Absence,
    Attendance,
    Host,
    Interest,
    InterpreterSession,
    KeepApart,
    MetBefore,
    Person,
    PersonInterest,
    PersonLanguage,
    Plan,
    Rest,
    Seat,
    Session,
    Table,
)
from webapp.operations.plans import editing, planning
from webapp.operations.rounds import gone, repair, walk_ins
from webapp.operations.rounds.standing_in import Instead, bring, seats_left, take_over
from webapp.operations.rounds.walk_ins import WalkIn

Spots = dict[tuple[int, int], str]


def published(session_id: int) -> Plan:
    db.session.rollback()
    found = planning.find_plan(session_id, "published")
    assert found is not None
    return found


def spots(plan: Plan) -> Spots:
    """The table of everybody in every round."""
    return {(one.round_no, seat.person_id): one.table for one in plan.meetings for seat in one.seats}


def partner(plan: Plan, row: int, number: int) -> int:
    company = next(
        [seat.person_id for seat in one.seats]
        for one in plan.meetings
        if one.round_no == number and row in [seat.person_id for seat in one.seats]
    )
    return next(other for other in company if other != row)


def issue(session_id: int) -> Plan:
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    return published(session_id)


def newcomer(**values: Any) -> int:
    guest = make.person(**{"languages": ("en", "fr", "km"), **values})
    make.store(guest)
    with transaction() as rows:
        topics = rows.query(Interest).all()
        rows.get(Person, guest.id).interests = [PersonInterest(interest=topic, side="seeks") for topic in topics]
    return guest.id


def replaced(session_id: int, who: int, gone: int, *, number: int = 0, sure: bool = False) -> Instead:
    names = person(who).public_id, person(gone).public_id
    return take_over(session_id, *names, sure=sure, by=BY, now=at_round(number))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("format_", ["pairs", "clinics", "stations", "circles"])
def test_the_seats_go_over_and_everybody_else_stays(app: Flask, format_: str, number: int) -> None:
    session_id, people = furnish(format_, count=6)
    before = spots(issue(session_id))
    gone = next(row for row in people if sum(key[1] == row and key[0] > number for key in before) > 1)
    who, missing = newcomer(), next(row for row in people if row != gone)
    profile = person(gone).name, person(gone).organisation_id, len(person(gone).interests)
    # somebody else is missing too: that is for a repair
    with transaction() as rows:
        rows.add(Attendance(session_id=session_id, person_id=missing, state="absent", last_round=0))
    answer = replaced(session_id, who, gone, number=number)
    assert (answer.letter, dict(answer.against)) == ("B", {})
    after = spots(published(session_id))
    expected = {(at, who if row == gone and at > number else row): table for (at, row), table in before.items()}
    assert after == expected
    assert answer.rounds == tuple(sorted(at for at, row in before if row == gone and at > number))
    assert profile == (person(gone).name, person(gone).organisation_id, len(person(gone).interests))
    marks = {row.person_id: row for row in db.session.query(Attendance).filter_by(session_id=session_id)}
    assert (marks[gone].state, marks[gone].last_round) == ("absent", number)
    assert (marks[who].state, marks[who].first_round, marks[who].instead_of_id) == ("here", number + 1, gone)
    assert [plan.state for plan in db.session.query(Plan).order_by(Plan.version)] == ["replaced", "published"]


@pytest.mark.parametrize("cause", ["apart", "met", "language", "organisation", "away"])
def test_where_a_rule_stands_against_a_seat_the_round_is_free_once_that_was_asked_for(app: Flask, cause: str) -> None:
    session_id, people = open_room(6, rounds=3)
    plan = issue(session_id)
    gone = people[0]
    other, table = partner(plan, gone, 2), spots(plan)[2, gone]
    who = newcomer(languages=("en",))
    with transaction() as rows:
        if cause in {"apart", "met"}:
            kind = {"apart": KeepApart, "met": MetBefore}[cause]
            rows.add(kind(one_id=min(who, other), other_id=max(who, other)))
        elif cause == "language":
            rows.get(Person, who).languages = [PersonLanguage(code="fr")]
            for row in set(people) - {other}:
                guest = rows.get(Person, row)
                guest.languages.append(PersonLanguage(code="fr", position=1))
        elif cause == "organisation":
            house = make.organisation()
            rows.add(house)
            rows.get(Person, who).organisation = rows.get(Person, other).organisation = house
        else:
            start = make.START + timedelta(minutes=8)
            rows.add(Absence(person_id=who, starts=start, ends=start + timedelta(minutes=1)))
    asked = replaced(session_id, who, gone)
    assert (asked.letter, asked.rounds, list(asked.against)) == ("", (1, 3), [2])
    (told,) = asked.against[2]
    assert told.sentence.startswith(
        {
            "language": "They speak no common language.",
            "organisation": "They work for the same organisation.",
            "away": "\u2068",
        }.get(cause, "These two cannot sit together in this session.")
    )
    assert published(session_id).letter == "A"
    assert not db.session.query(Attendance).count()
    assert replaced(session_id, who, gone, sure=True).letter == "B"
    now = spots(published(session_id))
    assert {(at, row) for at, row in now if row == who} == {(1, who), (3, who)}
    assert (2, other) not in now
    assert table not in {name for (at, _row), name in now.items() if at == 2}
    resting = {(rest.round_no, rest.person_id) for rest in published(session_id).rests}
    assert resting == {(2, other)} | ({(2, who)} if cause != "away" else set())


def test_nobody_takes_over_where_every_seat_breaks_a_rule(app: Flask) -> None:
    session_id, people = open_room(4, rounds=2)
    issue(session_id)
    who = newcomer(languages=("km",))
    for sure in (False, True):
        answer = replaced(session_id, who, people[0], sure=sure)
        assert (answer.letter, answer.rounds, list(answer.against)) == ("", (), [1, 2])
    assert published(session_id).letter == "A"


def test_the_referee_has_the_last_word(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is heard against a pair to keep apart the referee stops it; without both it would be published."""
    session_id, people = open_room(4, rounds=1)
    other, who = partner(issue(session_id), people[0], 1), newcomer()
    make.store(KeepApart(one_id=min(who, other), other_id=max(who, other)))
    monkeypatch.setattr(bridge.Hearing, "objections", lambda _self: [])
    with pytest.raises(NotNow, match="does not suit"):
        replaced(session_id, who, people[0])
    assert published(session_id).letter == "A"
    monkeypatch.setattr(matcher, "breaches", lambda *_given: [])
    assert replaced(session_id, who, people[0]).letter == "B"
    assert partner(published(session_id), who, 1) == other


def test_a_draft_and_its_locks_stay_and_an_outdated_version_is_left_alone(app: Flask) -> None:
    session_id, people = open_room(6, rounds=2)
    issue(session_id)
    planning.make_plan(session_id, by=BY, seed=3)
    table = next(iter(planning.find_plan(session_id, "draft").meetings)).table
    assert editing.lock(seen(session_id), 1, table, by=BY).done
    draft, locked = seen(session_id).public_id, locked_in(session_id)
    assert replaced(session_id, newcomer(), people[0]).letter == "B"
    assert (seen(session_id).public_id, locked_in(session_id)) == (draft, locked)
    with transaction() as rows:
        rows.get(Person, people[1]).languages = [PersonLanguage(code="km")]
    with pytest.raises(NotNow, match="Version B does not suit"):
        replaced(session_id, newcomer(), people[2])


def test_who_cannot_take_over_is_told_why(app: Flask) -> None:
    session_id, people = open_room(4, rounds=1)
    with pytest.raises(NotNow, match="Nothing is published yet"):
        replaced(session_id, people[0], people[1])
    issue(session_id)
    with pytest.raises(BadInput, match="has seats in this version"):
        replaced(session_id, people[0], people[1])
    late = newcomer()
    with pytest.raises(BadInput, match="has no seat"):
        replaced(session_id, late, newcomer())
    with pytest.raises(BadInput, match="has no seat"):
        replaced(session_id, late, people[0], number=1)
    with pytest.raises(NotFound):
        take_over(session_id, "nobody", person(people[0]).public_id, by=BY, now=at_round(0))


def test_they_can_change_back_before_the_next_round(app: Flask) -> None:
    session_id, people = open_room(4, rounds=2)
    before = spots(issue(session_id))
    who = newcomer()
    assert seats_left(db.session.get(Plan, 1).session, at_round(1))[people[0]] == 1
    assert replaced(session_id, who, people[0]).letter == "B"
    assert replaced(session_id, people[0], who).letter == "C"
    assert spots(published(session_id)) == before


def test_of_two_who_let_somebody_come_at_once_one_wins(app: Flask) -> None:
    session_id, people = open_room(4, rounds=2)
    issue(session_id)
    gone = person(people[0]).public_id
    names = [person(newcomer()).public_id for _two in range(2)]

    def press(name: str, now: datetime) -> str:
        return take_over(session_id, name, gone, by=BY, now=now).letter

    found = together(app, [lambda n=name: press(n, at_round(0)) for name in names])
    assert sorted(map(type, found), key=str) == sorted([str, BadInput], key=str)
    assert published(session_id).letter == "B"
    assert db.session.query(Seat).filter_by(plan_id=published(session_id).id).count() == 8
    assert not db.session.query(Rest).filter_by(plan_id=published(session_id).id).count()


@pytest.mark.parametrize("cause", ["table", "apart"])
@pytest.mark.parametrize("kind", ["pairs", "circles"])
def test_what_is_gone_since_a_round_was_held_stops_nobody_from_coming_instead(
    app: Flask, kind: str, cause: str
) -> None:
    session_id, people = furnish(kind, count=8, rounds=3)
    first = issue(session_id).meetings[0]
    if cause == "table":
        gone.say(session_id, "table", first.table, by=BY, now=at_round(1))
    else:
        one, other = sorted(seat.person_id for seat in first.seats)[:2]
        make.store(KeepApart(one_id=one, other_id=other))
        # a repair waits until the room gives another reason
        away = max(row for row in people if row not in {one, other})
        make.store(Attendance(session_id=session_id, person_id=away, state="absent", first_round=1, last_round=1))
    seen = repair.outlook(db.session.get_one(Session, session_id), now=at_round(1))
    assert seen is not None
    assert seen.repair is not None
    repair.publish(session_id, "repair", seen.repair.seal, first=2, by=BY, now=at_round(1))
    held = {at: table for at, table in spots(published(session_id)).items() if at[0] == 1}
    who = min(seats_left(db.session.get_one(Session, session_id), at_round(1)))
    done = replaced(session_id, newcomer(), who, number=1, sure=True)
    assert done.letter == "C"
    now = published(session_id)
    assert {at: table for at, table in spots(now).items() if at[0] == 1} == held
    if cause == "table":
        assert first.table not in {one.table for one in now.meetings if one.round_no > 1}


@pytest.mark.parametrize(("kind", "what"), [("circles", "table"), ("clinics", "host"), ("pairs", "voice")])
def test_what_is_gone_waits_for_a_repair_and_stops_nobody(app: Flask, kind: str, what: str) -> None:
    session_id, people = furnish(kind, count=6)
    if what == "voice":
        with transaction() as rows:
            for row in people[:3]:
                rows.get(Person, row).languages = [PersonLanguage(code="fr")]
            for row in people[3:]:
                rows.get(Person, row).languages = [PersonLanguage(code="en")]
    held = [one for one in issue(session_id).meetings if what != "voice" or one.interpreter]
    who = held[0].seats[0].person_id
    before = spots(published(session_id))
    with transaction() as rows:
        if what == "table":
            rows.query(Table).filter_by(name=held[0].table).one().gone_from = 1
        elif what == "host":
            rows.query(Host).filter_by(public_id=held[0].host).one().gone_from = 1
        else:
            rows.query(InterpreterSession).one().gone_from = 1
    comes = newcomer()
    assert replaced(session_id, comes, who).letter == "B"
    assert spots(published(session_id)) == {(at, comes if row == who else row): t for (at, row), t in before.items()}
    seen_ = repair.outlook(db.session.get_one(Session, session_id), now=at_round(0))
    assert seen_ is not None
    assert seen_.repair is not None
    repair.publish(session_id, "repair", seen_.repair.seal, first=1, by=BY, now=at_round(0))
    now = published(session_id)
    lost = held[0].host if what == "host" else held[0].table
    assert what == "voice" or lost not in {one.host if what == "host" else one.table for one in now.meetings}
    assert not any(one.interpreter for one in now.meetings) or what != "voice"


# --- somebody who is not on the list ------------------------------------------------------------------------------


def brought(session_id: int, gone: int, *, sure: bool = False, **values: Any) -> Instead:
    typed = WalkIn(**{"name": "Noor Haddad", "latin": "Noor Haddad", "languages": ("en",), **values})
    return bring(session_id, typed, person(gone).public_id, sure=sure, by=BY, now=at_round(0))


def test_somebody_new_comes_instead_in_one_step(app: Flask) -> None:
    session_id, people = open_room(4, rounds=2)
    issue(session_id)
    done = brought(session_id, people[0])
    assert (done.letter, done.rounds) == ("B", (1, 2))
    who = db.session.query(Person).filter_by(number=done.number).one()
    assert who.name == "Noor Haddad"
    assert {row for at, row in spots(published(session_id)) if at == 1} == {*people[1:], who.id}
    assert db.session.get(Attendance, (session_id, who.id)).instead_of_id == people[0]


@pytest.mark.parametrize("cause", ["language", "seats", "outdated", "crash"])
def test_a_failure_leaves_nobody_behind(app: Flask, cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, people = open_room(4, rounds=1)
    issue(session_id)
    if cause == "language":
        answer = brought(session_id, people[0], languages=("km",))
        assert (answer.letter, list(answer.against)) == ("", [1])
    elif cause == "seats":
        with pytest.raises(BadInput, match="has no seat"):
            brought(session_id, newcomer(name="Noor"))
    elif cause == "outdated":
        with transaction() as rows:
            rows.get(Person, people[1]).languages = [PersonLanguage(code="km")]
        with pytest.raises(NotNow, match="does not suit"):
            brought(session_id, people[0])
    else:
        monkeypatch.setattr(planning, "reissue", lambda *_told, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            brought(session_id, people[0])
    assert not db.session.query(Person).filter_by(name="Noor Haddad").count()
    assert not db.session.query(Attendance).count()
    assert published(session_id).letter == "A"


def test_in_two_steps_somebody_would_be_left(app: Flask) -> None:
    session_id, people = open_room(4, rounds=1)
    issue(session_id)
    typed = WalkIn(name="Noor Haddad", latin="Noor Haddad", languages=("km",))
    who = walk_ins.add(session_id, typed, by=BY, now=at_round(0))
    assert not take_over(session_id, who, person(people[0]).public_id, by=BY, now=at_round(0)).letter
    assert db.session.query(Person).filter_by(name="Noor Haddad").count() == 1
