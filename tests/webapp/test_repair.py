"""Repair: rounds that have begun stay, nobody who is gone has a seat, and what is shown is what is published."""

import random
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from tests.webapp import factories as make
from tests.webapp.factories import START, Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.repairs import KINDS, case_of, happen, held_in, published_room, tables_in, version_of
from tests.webapp.test_bridge import BY, open_room
from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.models import (
    Attendance,
    Host,
    Interest,
    Interpreter,
    KeepApart,
    MetBefore,
    Organisation,
    Person,
    Plan,
    Session,
)
from webapp.operations.mine import schedule
from webapp.operations.plans import planning
from webapp.operations.plans.presence import expected
from webapp.operations.rounds import repair

BEFORE = datetime(2013, 6, 19, 6, 52, tzinfo=UTC)
STEP = timedelta(minutes=8)
DOOR = "/desk/s"


def during(number: int) -> datetime:
    """A moment in round `number`."""
    return START.replace(tzinfo=UTC) - timedelta(hours=7) + (number - 1) * STEP + timedelta(minutes=1)


def session_of(session_id: int) -> Session:
    db.session.rollback()
    return db.session.get_one(Session, session_id)


def tick(session_id: int, row: int, **values: object) -> None:
    with transaction() as rows:
        held = rows.get(Attendance, (session_id, row)) or Attendance(session_id=session_id, person_id=row)
        for name, value in {"state": "absent", "first_round": 1, "last_round": 0, **values}.items():
            setattr(held, name, value)
        rows.add(held)


def look(session_id: int, now: datetime = BEFORE, first: int | None = None) -> repair.Outlook:
    found = repair.outlook(session_of(session_id), now=now, first=first)
    assert found is not None
    return found


def publish(session_id: int, now: datetime = BEFORE, how: str = "repair") -> str:
    seen = look(session_id, now)
    one = seen.repair if how == "repair" else seen.anew
    assert one is not None
    return repair.publish(session_id, how, one.seal, first=seen.first, by=BY, now=now)[1]


def parted(plan: Plan, first: int) -> bool:
    """Whether no two who are kept apart share a table from a round on."""
    pairs = {frozenset((one.one_id, one.other_id)) for one in db.session.query(KeepApart)}
    tables = [{seat.person_id for seat in one.seats} for one in plan.meetings if one.round_no >= first]
    return not any(pair <= table for pair in pairs for table in tables)


def empty_house() -> None:
    with transaction() as rows:
        for kind in (Session, Person, Organisation, Interest, Interpreter):
            for one in rows.query(kind):
                rows.delete(one)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_repair_after_repair_keeps_to_everything(app: Flask, kind: str, chance: random.Random) -> None:
    empty_house()
    session_id, _people = published_room(kind, count=chance.randint(5, 8))
    begun = 0
    for _step in range(3):
        for _ in range(chance.randint(1, 3)):
            happen(session_id, chance, begun)
        begun = min(begun + chance.randint(0, 1), 2)
        first = begun + 1
        before = version_of(session_id)
        held, was = held_in(before, range(1, first)), tables_in(before, range(first, 4))
        made = bridge.repaired(case_of(session_id, first))
        with transaction() as rows:
            planning.reissue(rows, rows.get_one(Session, session_id), made.pair, BY, open_from=first)
        after = version_of(session_id)
        assert after.version == (before.version or 0) + 1
        assert held_in(after, range(1, first)) == held
        away = {one.person.id: one.away for one in expected(db.session(), session_of(session_id))}
        now = tables_in(after, range(first, 4))
        assert all(number not in away[row] for row, number in now)
        assert now == made.seats
        moves = repair.moves_of(was, made.seats, made.away)
        changed = {at for at, _table in was.items() ^ now.items()}
        stale = {row for row, number in changed if number not in away.get(row, {number})}
        assert moves.keys() == stale
        assert parted(after, first)


def test_two_who_are_kept_apart_at_one_table_would_be_noticed(app: Flask) -> None:
    session_id, people = open_room(6)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    one, other = (seat.person_id for seat in version_of(session_id).meetings[0].seats)
    with transaction() as rows:
        rows.add(KeepApart(one_id=min(one, other), other_id=max(one, other)))
    assert not parted(version_of(session_id), 1)
    tick(session_id, next(row for row in people if row not in {one, other}))
    publish(session_id)
    assert parted(version_of(session_id), 1)


@pytest.mark.parametrize("kind", ["pairs", "stations"])
def test_a_keep_apart_entry_reads_like_any_other_rule(app: Flask, visitor: Visitor, kind: str) -> None:
    session_id, people = published_room(kind, count=6, slug="s", shared_language=False)
    desk, pages, alone = visitor.staff("facilitator"), [], []
    held = version_of(session_id).meetings[-1]
    one = held.seats[0].person_id
    other = held.seats[1].person_id if kind == "pairs" else None
    missing = next(row for row in people if row not in {one, other})
    before = read_repair(desk)
    for entry in (KeepApart, MetBefore):
        with transaction() as rows:
            if other is None:
                visited = rows.query(Host).filter_by(public_id=held.host).one()
                visited.person = visited.person or make.person(name="Visited", number="4711", latin="")
                rows.flush()
            low, high = sorted((one, other or visited.person_id))
            rows.add(entry(one_id=low, other_id=high))
        alone.append(read_repair(desk))
        tick(session_id, missing)
        assert not look(session_id).repair.nothing
        pages.append(read_repair(desk))
        with transaction() as rows:
            rows.query(entry).delete()
            rows.query(Attendance).delete()
    assert pages[0] == pages[1]
    # alone an entry would be all that a repair is for, and would tell of whom it speaks
    assert alone == [before, before]
    assert look(session_id).repair.nothing


def read_repair(desk: FlaskClient) -> str:
    """The page of repair, without what differs from one look to the next."""
    return re.sub(r'name="seal" value="\w+"', "", untimed(desk.get(f"{DOOR}/repair").text))


def test_what_is_looked_at_is_published_and_a_draft_stays(app: Flask) -> None:
    session_id, people = published_room("pairs", count=8)
    planning.make_plan(session_id, by=BY, seed=3)
    draft = planning.find_plan(session_id, "draft").public_id
    assert look(session_id).news is not None
    assert not look(session_id).news
    for row in people[:2]:
        tick(session_id, row)
    seen = look(session_id)
    assert [one.id for one in seen.news.absent] == sorted(people[:2])
    before = tables_in(version_of(session_id), range(1, 4))
    assert publish(session_id) == "B"
    after = tables_in(version_of(session_id), range(1, 4))
    stale = {row for row, _number in {at for at, _table in before.items() ^ after.items()}} - set(people[:2])
    assert {card.person.id for card in seen.repair.changed} == stale
    assert seen.repair.proven <= len(stale)
    assert planning.find_plan(session_id, "draft").public_id == draft


def test_the_round_that_runs_never_changes(app: Flask) -> None:
    session_id, people = published_room("pairs", count=8)
    tick(session_id, people[0], last_round=1)
    now = during(2)
    seen = look(session_id, now, first=1)
    assert (seen.begun, seen.first) == (2, 3)
    early = look(session_id)
    with pytest.raises(NotNow, match="Round 1 has begun"):
        repair.publish(session_id, "repair", early.repair.seal, first=1, by=BY, now=now)
    held = held_in(version_of(session_id), range(1, 3))
    publish(session_id, now)
    assert held_in(version_of(session_id), range(1, 3)) == held
    assert (people[0], 3) not in tables_in(version_of(session_id), range(3, 4))
    assert look(session_id, during(3)).over


def test_undo_gives_back_the_same_tables_until_the_round_begins(app: Flask) -> None:
    session_id, people = published_room("pairs", count=8)
    tick(session_id, people[0])
    first = held_in(version_of(session_id, 1), range(1, 4))
    publish(session_id)
    held = version_of(session_id)
    with pytest.raises(NotNow, match="seats for people who are not there: "):
        repair.undo(session_id, version=held.public_id, by=BY, now=BEFORE)
    tick(session_id, people[0], state="here", last_round=None)
    with pytest.raises(NotNow, match="has begun, so it stays"):
        repair.undo(session_id, version=held.public_id, by=BY, now=during(1))
    assert repair.undo(session_id, version=held.public_id, by=BY, now=BEFORE) == ("B", "C")
    assert held_in(version_of(session_id), range(1, 4)) == first
    with pytest.raises(NotNow, match="Version C has been published"):
        repair.undo(session_id, version=held.public_id, by=BY, now=BEFORE)


def test_whose_card_is_wrong_reads_so_until_its_rounds_are_over(app: Flask) -> None:
    session_id, people = published_room("pairs", count=8)
    tick(session_id, people[0])
    card = look(session_id).repair.changed[0]
    publish(session_id)

    def wrong(now: datetime = BEFORE) -> list[int]:
        db.session.rollback()
        mine = schedule.rounds_of(Actor(person=db.session.get_one(Person, card.person.id)), now=now)
        return [one.number for one in mine.first.corrected]

    told = wrong()
    assert told == [move.round for move in card.moves]
    tick(session_id, people[0], state="here", last_round=None)
    assert repair.undo(session_id, version=version_of(session_id).public_id, by=BY, now=BEFORE)[1] == "C"
    assert wrong() == told
    assert wrong(during(3)) == [number for number in told if number == 3]


def test_of_two_who_publish_at_once_one_is_told(app: Flask) -> None:
    session_id, people = published_room("pairs", count=6)
    tick(session_id, people[0])
    seal = look(session_id).repair.seal
    db.session.rollback()
    told: list[str] = []

    def press() -> None:
        with app.app_context(), app.test_request_context():
            try:
                told.append(repair.publish(session_id, "repair", seal, first=1, by=BY, now=BEFORE)[1])
            except NotNow as refusal:
                told.append(refusal.sentence)

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told, key=len)[0] == "B"
    assert sorted(told, key=len)[1].startswith("Something has changed since you looked.")
    assert version_of(session_id).letter == "B"
    assert publish(session_id) == "C"


def test_what_has_changed_since_one_looked_is_not_published_over(app: Flask) -> None:
    session_id, people = published_room("circles", count=7)
    tick(session_id, people[0])
    seal = look(session_id).repair.seal
    tick(session_id, people[1])
    with pytest.raises(NotNow, match="Something has changed"):
        repair.publish(session_id, "repair", seal, first=1, by=BY, now=BEFORE)
    assert version_of(session_id).letter == "A"


@pytest.mark.parametrize("kind", ["pairs", "stations"])
def test_the_rest_planned_anew_stands_beside_and_is_published_when_chosen(app: Flask, kind: str) -> None:
    session_id, people = published_room(kind, count=7)
    tick(session_id, people[0], last_round=1)
    assert look(session_id, during(1)).anew is None
    newcomer = make.person()
    make.store(newcomer)
    repair.plan_anew(session_id, 2, by=BY)
    seen = look(session_id, during(1))
    for one in (seen.repair, seen.anew):
        assert one is not None
        assert newcomer.id not in {card.person.id for card in one.changed}
        assert people[0] not in {person.id for person in one.fewer}
    assert [card.person.id for card in seen.anew.new] in ([], [newcomer.id])
    assert planning.find_plan(session_id, "draft") is None
    held = held_in(version_of(session_id), range(1, 2))
    assert publish(session_id, during(1), "anew") == "B"
    assert held_in(version_of(session_id), range(1, 2)) == held
    assert (people[0], 2) not in tables_in(version_of(session_id), range(2, 4))


def parted_group() -> int:
    """Fixed groups of which a repair has sent somebody on with another group in round 2."""
    session_id, people = published_room("groups", count=6)
    first = [one.seats for one in version_of(session_id).meetings if one.round_no == 1 and len(one.seats) > 1]
    for seats in first[:2]:
        one, other = sorted(seat.person_id for seat in seats[:2])
        make.store(KeepApart(one_id=one, other_id=other))
        people = [row for row in people if row not in {one, other}]
    # a repair waits until the room gives another reason
    tick(session_id, people[-1], last_round=1)
    assert publish(session_id, during(1)) == "B"
    return session_id


def test_groups_are_made_anew_where_a_repair_has_parted_one(app: Flask) -> None:
    session_id = parted_group()
    repair.plan_anew(session_id, 3, by=BY)
    held = held_in(version_of(session_id), range(1, 3))
    assert publish(session_id, during(2), "anew") == "C"
    plan = version_of(session_id)
    assert held_in(plan, range(1, 3)) == held
    assert parted(plan, 3)
    visits = [(seat.person_id, one.host) for one in plan.meetings for seat in one.seats]
    assert len(set(visits)) == len(visits)
    assert tables_in(plan, range(3, 4))


def test_groups_of_all_rounds_would_not_be_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_told: object) -> None:
        raise matcher.NotPossible("locks: a group is parted")

    session_id = parted_group()
    monkeypatch.setattr(bridge.repairing, "_regrouped", refuse)
    with pytest.raises(NotNow, match="cannot be planned anew"):
        repair.plan_anew(session_id, 3, by=BY)


def test_the_pages_lead_from_what_is_gone_to_print_and_tell_those_concerned(app: Flask, visitor: Visitor) -> None:
    session_id, people = published_room("pairs", count=6, slug="s")
    desk = visitor.staff("facilitator")
    assert "nothing has happened that concerns it" in in_words(desk.get(f"{DOOR}/repair").text)
    number = db.session.get_one(Person, people[0]).number
    refused = send(desk, f"{DOOR}/leaves", f"{DOOR}/gone", number=number, last="1")
    assert (refused.status_code, "has not come yet" in refused.text) == (422, True)
    make.store(Attendance(session_id=session_id, person_id=people[0]))
    assert send(desk, f"{DOOR}/leaves", f"{DOOR}/gone", number=f" {number} ", last="1").status_code == 303
    assert send(desk, f"{DOOR}/leaves", f"{DOOR}/gone", number="000", last="1").status_code == 422
    assert send(desk, f"{DOOR}/gone", kind="table", name="1a").status_code == 303
    assert send(desk, f"{DOOR}/gone", kind="table", name="no").status_code == 422
    told = in_words(desk.get(f"{DOOR}/repair").text)
    assert "is not there from round 2 on" in told
    assert "Table 1A is gone" in told
    seen = look(session_id)
    form = {"how": "repair", "from": "1", "seal": seen.repair.seal}
    answer = send(desk, f"{DOOR}/repair/publish", f"{DOOR}/repair", **form)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{DOOR}/print?")
    assert "since=A" in answer.location
    card = seen.repair.changed[0]
    words = in_words(visitor.participant(card.person).get("/me").text)
    move = card.moves[0]
    assert "Changed in version B" in words
    assert f"Round {move.round} is {f'at table {move.after}' if move.after else 'free'} now" in words
    assert "1A" not in tables_in(version_of(session_id), range(1, 4)).values()
    assert send(desk, f"{DOOR}/gone", kind="table", name="1A", back="yes").status_code == 303
    tick(session_id, people[0], state="here", last_round=None)
    assert "Undo: the tables of version A again" in in_words(desk.get(f"{DOOR}/repair").text)
    undone = send(desk, f"{DOOR}/repair/undo", f"{DOOR}/repair", version=version_of(session_id).public_id)
    assert undone.status_code == 303
    assert version_of(session_id).letter == "C"


def test_somebody_visited_or_interpreting_goes_and_comes_back(app: Flask, visitor: Visitor) -> None:
    session_id, _people = published_room("clinics", count=6, slug="s")
    desk, session = visitor.staff("facilitator"), session_of(session_id)
    host, voice = session.hosts[0].public_id, session.interpreters[0].public_id
    for kind, name in (("host", host), ("interpreter", voice)):
        assert send(desk, f"{DOOR}/gone", kind=kind, name=name).status_code == 303
    assert send(desk, f"{DOOR}/gone", kind="host", name="nobody").status_code == 404
    seen = look(session_id)
    publish(session_id)
    assert {one.public_id for one in seen.news.hosts} == {host}
    meetings = version_of(session_id).meetings
    assert all(one.host != host and one.interpreter is None for one in meetings)
    for kind, name in (("host", host), ("interpreter", voice)):
        send(desk, f"{DOOR}/gone", kind=kind, name=name, back="yes")
    assert session_of(session_id).hosts[0].gone_from is None
    assert not look(session_id).news
