"""Called by the big screen: whoever's turn it is, two minutes each, until somebody sits down; and no name."""

import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
from flask import Flask

from tests.webapp.factories import Visitor, send
from tests.webapp.test_bridge import BY
from tests.webapp.test_repair import BEFORE, during, session_of, tick
from tests.webapp.test_standby import DOOR, MINUTE, called, clinic, freed, look, name, sit, visitors
from webapp.db import db
from webapp.models import Host, Person, StandbyCall
from webapp.operations.rounds import calls, standby
from webapp.operations.rounds.turns import LONGEST, PATIENCE
from webapp.views import clockface
from webapp.views import standby as standby_page


def shown(session_id: int, after: timedelta = timedelta()) -> list[tuple[str, str]]:
    """What the big screen calls in round 1, by row id and specialist."""
    found = calls.shown(session_of(session_id), during(1) + after)
    people = {one.number: one.id for one in db.session.query(Person)}
    hosts = {one.table: one.public_id for one in db.session.query(Host)}
    return [(people[one.number], hosts[one.table]) for one in found]


def call(session_id: int, after: timedelta = timedelta()) -> None:
    standby.call(session_id, number=1, by=BY, now=during(1) + after)


def test_the_screen_calls_each_for_two_minutes_until_somebody_sits_down(app: Flask) -> None:
    session_id, host, row = freed()
    assert shown(session_id) == []
    call(session_id)
    assert shown(session_id) == [(row, host)]
    assert shown(session_id, PATIENCE - timedelta(seconds=1)) == [(row, host)]
    ((other, there),) = shown(session_id, PATIENCE)
    assert (other != row, there) == (True, host)
    assert shown(session_id, timedelta(minutes=8)) == []
    call(session_id, MINUTE * 3)
    assert shown(session_id, MINUTE * 3) == [(other, host)], "it is their turn already"
    sit(session_id, row, host, MINUTE * 3)
    assert shown(session_id, MINUTE * 3) == []
    standby.stand_up(session_id, name(row), host, number=1, by=BY)
    assert shown(session_id, MINUTE * 3) == []


def test_who_did_not_come_makes_room_for_the_next_on_the_screen(app: Flask) -> None:
    session_id, host, first = freed()
    standby.pass_by(session_id, name(first), host, number=1, by=BY, now=during(1))
    assert shown(session_id) == [], "without the screen nobody is called there"
    call(session_id)
    second = called(look(session_id))[host]
    assert shown(session_id) == [(second, host)]
    standby.pass_by(session_id, name(second), host, number=1, by=BY, now=during(1))
    third = called(look(session_id)).get(host)
    assert shown(session_id) == ([(third, host)] if third else [])
    assert third not in {first, second}


def test_whoever_is_on_the_screen_stays_called_there(app: Flask) -> None:
    session_id, host, row = freed(count=6)
    call(session_id)
    other = next(one.person.id for one in look(session_id).line if one.person.id != row)
    # somebody who would come before them, were they not called already
    tick(session_id, other, state="here", last_round=None)
    assert called(look(session_id))[host] == row
    assert called(look(session_id, after=PATIENCE))[host] == other
    tick(session_id, row)
    assert shown(session_id) == [(other, host)]


def test_a_call_before_the_round_begins_the_two_minutes_then(app: Flask) -> None:
    session_id, host, row = freed()
    turns = []
    for minutes in (0, 1, 2):
        if not minutes:
            standby.call(session_id, number=1, by=BY, now=BEFORE)
        now = BEFORE + minutes * MINUTE
        board = standby.board(session_of(session_id), now=now)
        assert board is not None
        assert not board.running
        (place,) = board.free
        until = BEFORE + (2 if minutes < 2 else 4) * MINUTE
        assert place.until == until.astimezone(board.session.event.zone).replace(tzinfo=None)
        assert [one.table for one in calls.shown(session_of(session_id), now)] == [place.table]
        turns.append(called(board)[host])
    assert turns[:2] == [row, row] != turns[1:]
    assert calls.shown(session_of(session_id), BEFORE + LONGEST) == [], "one that was forgotten goes on no longer"


def test_a_few_are_called_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _people = clinic(count=6, hosts=3)
    for row, _host in visitors(session_id):
        tick(session_id, row)
    monkeypatch.setattr(calls, "MOST_AT_ONCE", 2)
    assert look(session_id).callable
    call(session_id)
    call(session_id)
    assert len(shown(session_id)) == 2
    assert not look(session_id).callable


def test_screen_and_desk_show_the_call_and_the_screen_no_name(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _session_id, host, row = freed()
    made = during(1)
    monkeypatch.setattr(standby_page, "datetime", Mock(now=lambda _zone: made))
    desk = visitor.staff("facilitator")
    assert send(desk, DOOR, verb="call", round="1", asked="1").status_code == 303
    assert "on the big screen until" in desk.get(f"{DOOR}?round=1").text
    assert db.session.query(StandbyCall).one().made_at == made.replace(tzinfo=None)
    monkeypatch.setattr(clockface, "now", lambda: made)
    table, who = db.session.query(Host).filter_by(public_id=host).one().table, db.session.get_one(Person, row)
    page, state = desk.get("/screen/s").text, desk.get("/screen/s/state.json").json
    assert f"Number {who.number}: table {table}, please" in re.sub("<[^>]+>", "", page)
    assert who.name not in page
    assert [one[:2] for one in state["calls"]] == [[who.number, table]]
    monkeypatch.setattr(clockface, "now", lambda: made + PATIENCE)
    assert who.number not in desk.get("/screen/s").text
