"""The standby line: one call for a place and a person, by all rules, after two minutes, and nothing told of why not."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.repairs import version_of
from tests.webapp.test_bridge import BY
from tests.webapp.test_help_point import keep
from tests.webapp.test_repair import BEFORE, during, empty_house, session_of, tick
from webapp import bridge
from webapp.bridge import helping
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import HelpPlace, Host, HostWish, KeepApart, MetBefore, Person, StandbyNote
from webapp.operations.plans import planning
from webapp.operations.rounds import help_point, line, standby

DOOR = "/desk/s/standby"
MINUTE = timedelta(minutes=1)
LONG_AGO = datetime(2013, 6, 1)


def clinic(count: int = 5, *, rounds: int = 1, hosts: int = 2, **values: object) -> tuple[int, list[int]]:
    """A published session of clinics where everybody wishes for every specialist; its id, and those of its people."""
    session = make.session(
        format="clinics", slug="s", rounds=rounds, hosts=[make.host() for _ in range(hosts)], **values
    )
    people = [make.person() for _ in range(count)]
    with transaction() as rows:
        rows.merge(make.event())
    make.store(session, *people)
    make.store(*(HostWish(person_id=one.id, host_id=host.id) for one in people for host in session.hosts))
    held = session.id, [one.id for one in people]
    publish(held[0])
    return held


def publish(session_id: int) -> None:
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)


def look(session_id: int, number: int = 1, after: timedelta = timedelta()) -> standby.Board:
    found = standby.board(session_of(session_id), now=during(number) + after)
    assert found is not None
    return found


def called(board: standby.Board) -> dict[str, int]:
    return {one.host.public_id: one.next.id for one in board.free if one.next}


def name(row: int) -> str:
    return db.session.get_one(Person, row).public_id


def visitors(session_id: int) -> list[tuple[int, str]]:
    """Who is planned with whom in round 1, by the order of the tables."""
    return [(one.seats[0].person_id, one.host) for one in version_of(session_id).meetings if one.round_no == 1]


def miss(session_id: int, row: int, host: str) -> None:
    standby.miss(session_id, name(row), host, number=1, by=BY, now=during(1))


def sit(session_id: int, row: int, host: str, after: timedelta = MINUTE) -> None:
    standby.sit(session_id, name(row), host, number=1, by=BY, now=during(1) + after)


def freed(**values: object) -> tuple[int, str, int]:
    """A clinic in which one visitor is absent: its id, the specialist who is free, and who is next."""
    session_id, _people = clinic(**values)
    row, host = visitors(session_id)[0]
    tick(session_id, row)
    return session_id, host, called(look(session_id))[host]


# --- when a place is free -------------------------------------------------------------------------------------------


def test_an_empty_place_goes_to_the_next_two_minutes_after_the_round_has_begun(app: Flask) -> None:
    session_id, _people = clinic()
    row, host = visitors(session_id)[0]
    assert not look(session_id).free
    miss(session_id, row, host)
    waiting = look(session_id, after=MINUTE - timedelta(seconds=1))
    assert not waiting.free
    assert waiting.opens is not None
    assert [one.state for place in waiting.places for one in place.visitors].count("missing") == 1
    open_ = look(session_id, after=MINUTE)
    assert called(open_).keys() == {host}
    assert open_.opens is None
    assert called(open_)[host] not in {planned for planned, _host in visitors(session_id)}
    standby.come_after_all(session_id, name(row), host, number=1, by=BY, now=during(1) + MINUTE)
    assert not look(session_id, after=MINUTE).free


def test_whoever_is_ticked_absent_leaves_the_place_at_once(app: Flask) -> None:
    session_id, _people = clinic()
    row, host = visitors(session_id)[0]
    tick(session_id, row)
    found = standby.board(session_of(session_id), now=BEFORE)
    assert found is not None
    assert not found.running
    assert called(found).keys() == {host}


def test_a_specialist_who_is_gone_has_no_free_place(app: Flask) -> None:
    session_id, host, _row = freed()
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=host).one().gone_from = 1
    assert not look(session_id).free


# --- who is called --------------------------------------------------------------------------------------------------


def test_those_without_a_talk_come_first_and_of_them_those_who_are_here(app: Flask) -> None:
    session_id, people = clinic(count=4, rounds=2, hosts=1)
    # two have a talk in one round each; of the others one is ticked in
    talked = {one.seats[0].person_id for one in version_of(session_id).meetings}
    here = max(set(people) - talked)
    tick(session_id, here, state="here", last_round=None)
    line = look(session_id).line
    assert line[0].person.id == here
    assert [one.talks for one in line] == sorted(one.talks for one in line)
    assert line == look(session_id).line


def test_who_did_not_come_is_called_there_no_more_and_the_next_is(app: Flask) -> None:
    session_id, host, first = freed()
    standby.pass_by(session_id, name(first), host, number=1, by=BY, now=during(1))
    second = called(look(session_id))[host]
    assert second != first
    standby.pass_by(session_id, name(second), host, number=1, by=BY, now=during(1))
    assert called(look(session_id)).get(host) not in {first, second}


def test_more_are_called_where_the_first_in_line_can_go_elsewhere(app: Flask) -> None:
    session_id, people = clinic(count=4)
    (one, here), (other, there) = visitors(session_id)
    first, second = sorted(set(people) - {one, other})
    with transaction() as rows:
        # only one specialist is anything for the second; the first could see both and likes that one better
        rows.query(HostWish).filter_by(person_id=second).delete()
        rows.query(HostWish).filter_by(person_id=first).update({"position": 1})
        host = rows.query(Host).filter_by(public_id=here).one()
        rows.add(HostWish(person_id=second, host_id=host.id))
        rows.get(HostWish, (first, host.id)).position = 0
    tick(session_id, one)
    tick(session_id, other)
    assert called(look(session_id)) == {here: second, there: first}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nobody_is_called_twice_and_no_rule_is_broken(app: Flask, data: st.DataObject) -> None:
    empty_house()
    session_id, _people = clinic(count=6, hosts=3)
    hosts = {one.public_id: one.id for one in session_of(session_id).hosts}
    for row, _host in visitors(session_id):
        if data.draw(st.booleans()):
            tick(session_id, row)
    waiting = [one.person.id for one in look(session_id).line]
    with transaction() as rows:
        deaf = data.draw(st.sampled_from(waiting))
        rows.get_one(Person, deaf).languages[0].code = "km"
        apart, house = data.draw(st.sampled_from(waiting)), data.draw(st.sampled_from(sorted(hosts)))
        rows.query(HostWish).filter_by(person_id=apart, host_id=hosts[house]).delete()
    while calls := called(look(session_id)):
        assert len(set(calls.values())) == len(calls)
        host, row = sorted(calls.items())[0]
        assert row != deaf
        assert (row, host) != (apart, house), "a talk that is worth nothing to somebody is none"
        assert row in waiting
        sit(session_id, row, host)
    held = db.session.query(HelpPlace).all()
    assert len({one.host for one in held}) == len(held) == len({one.person_id for one in held})


def test_each_has_two_minutes_and_whoever_was_called_before_may_still_sit_down(app: Flask) -> None:
    session_id, _people = clinic()
    row, host = visitors(session_id)[0]
    with transaction():
        version_of(session_id).published_at = LONG_AGO
    tick(session_id, row, changed_at=LONG_AGO)
    line = [one.person.id for one in look(session_id).line]
    assert [called(look(session_id, after=after * MINUTE))[host] for after in (-9, 0, 1, 3)] == [line[0], *line[:3]]
    (place,) = look(session_id, after=3 * MINUTE).free
    assert [one.id for one in place.before] == line[:2]
    assert f"{place.until:%H:%M}" == "14:06"
    sit(session_id, line[0], host)
    assert not look(session_id).free


@given(
    people=st.integers(1, 6),
    likes=st.lists(st.lists(st.sampled_from("ABC"), unique=True), min_size=6, max_size=6),
    turns=st.lists(st.dictionaries(st.sampled_from("ABC"), st.just(0), min_size=1), max_size=12),
)
def test_nobody_is_asked_again_before_others_and_no_place_waits(
    people: int, likes: list[list[str]], turns: list[dict[str, int]]
) -> None:
    open_to = dict(enumerate(likes[:people]))
    before: dict[str, int] = {}
    free: set[str] = set()
    for step in range(1, len(turns) + 1):
        holders, _late = helping._in_turn(open_to, turns[:step])
        free |= {*turns[step - 1]}
        assert len(set(holders.values())) == len(holders)
        assert all(table in open_to[row] and table in free for table, row in holders.items())
        waiting = [row for row in open_to if row not in holders.values()]
        assert not any(table not in holders for row in waiting for table in open_to[row] if table in free)
        for table in turns[step - 1]:
            others = [row for row in waiting if table in open_to[row] and row not in before.values()]
            if table in before and holders.get(table) == before[table]:
                assert not others, "somebody else could have been asked"
        before = holders


# --- sitting down ---------------------------------------------------------------------------------------------------


def test_who_sits_down_has_met_the_specialist_and_may_stand_up_again(app: Flask) -> None:
    session_id, host, row = freed()
    sit(session_id, row, host)
    sit(session_id, row, host)
    key = next(bridge.host_key(one) for one in session_of(session_id).hosts if one.public_id == host)
    assert help_point.met_at_help_point(db.session(), version_of(session_id)) == [(str(row), key)]
    board = look(session_id)
    assert not board.free
    assert row not in {one.person.id for one in board.line}
    with pytest.raises(NotNow):
        sit(session_id, board.line[0].person.id, host)
    standby.stand_up(session_id, name(row), host, number=1, by=BY)
    assert called(look(session_id))[host] == row


def test_a_visitor_who_comes_too_late_does_not_push_anybody_out(app: Flask) -> None:
    session_id, _people = clinic()
    row, host = visitors(session_id)[0]
    miss(session_id, row, host)
    sit(session_id, called(look(session_id, after=MINUTE))[host], host)
    with pytest.raises(NotNow, match="has this place now"):
        standby.come_after_all(session_id, name(row), host, number=1, by=BY, now=during(1) + MINUTE)


def test_strangers_and_visitors_of_other_tables_are_refused(app: Flask) -> None:
    session_id, host, _row = freed()
    outsider = make.person()
    make.store(outsider)
    with pytest.raises(NotFound):
        standby.sit(session_id, "nobody", host, number=1, by=BY, now=during(1))
    with pytest.raises(NotFound):
        sit(session_id, outsider.id, "no-such-host")
    with pytest.raises(NotNow):
        standby.miss(session_id, outsider.public_id, host, number=1, by=BY, now=during(1))
    assert db.session.query(StandbyNote).count() == 0


def both_press(app: Flask, session_id: int, host: str) -> tuple[int, int]:
    """Two desks let two people sit down at one free place at once: how many places are noted, how many are refused."""
    line = [one.person.public_id for one in look(session_id).line][:2]
    gate, refused = threading.Barrier(2), []

    def press(person: str) -> None:
        with app.app_context():
            gate.wait()
            try:
                standby.sit(session_id, person, host, number=1, by=BY, now=during(1))
            except NotNow as refusal:
                refused.append(refusal.sentence)
            db.session.remove()

    db.session.remove()
    both = [threading.Thread(target=press, args=(person,)) for person in line]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return db.session.query(HelpPlace).count(), len(refused)


def test_of_two_desks_that_press_at_once_one_seats_somebody(app: Flask) -> None:
    session_id, host, _row = freed()
    assert both_press(app, session_id, host) == (1, 1)


def test_without_looking_again_both_would(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, host, _row = freed()
    seen = look(session_id)
    monkeypatch.setattr("tests.webapp.test_standby.look", lambda _session: seen)
    monkeypatch.setattr(line.Case, "fits", lambda *_told: True)
    assert both_press(app, session_id, host) == (2, 0)


# --- what the page tells --------------------------------------------------------------------------------------------


def test_a_keep_apart_entry_reads_like_any_other_rule(app: Flask, visitor: Visitor) -> None:
    session_id, host, row = freed(count=3, hosts=1)
    outside = make.person(name="Sage")
    make.store(outside)
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=host).one().person_id = outside.id
    desk, pages = visitor.staff("facilitator"), []
    assert called(look(session_id))[host] == row
    for kind in (KeepApart, MetBefore):
        keep(kind, row, outside.id)
        assert called(look(session_id))[host] != row
        pages.append(in_words(untimed(desk.get(DOOR).text)))
        with pytest.raises(NotNow) as refusal:
            sit(session_id, row, host)
        pages[-1] += refusal.value.sentence
        with transaction() as rows:
            rows.query(kind).delete()
    assert pages[0] == pages[1]
    assert "keep" not in pages[0].lower()


def test_the_desk_presses_its_way_through(app: Flask, visitor: Visitor) -> None:
    session_id, host, row = freed()
    desk = visitor.staff("facilitator")
    page = desk.get(f"{DOOR}?round=1").text
    assert "Has come: sits down" in page
    part = desk.get(f"{DOOR}?round=1", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="standby"')
    fields = {"round": "1", "asked": "1", "person": name(row), "host": host}
    assert send(desk, DOOR, verb="sit", **fields).status_code == 303
    other = name(look(session_id).line[0].person.id)
    late = send(desk, DOOR, verb="sit", **fields | {"person": other})
    assert late.status_code == 409
    assert "Things have changed since you looked" in late.text
    assert send(desk, DOOR, verb="undo", **fields).status_code == 303
    assert send(desk, DOOR, verb="pass", **fields).status_code == 303
    planned, at = visitors(session_id)[1]
    fields |= {"person": name(planned), "host": at}
    assert send(desk, DOOR, verb="miss", **fields).status_code == 303
    assert send(desk, DOOR, verb="back", **fields).status_code == 303
    assert send(desk, DOOR, verb="dance", **fields).status_code == 303
    assert {one.kind for one in db.session.query(StandbyNote)} == {"passed"}


def test_before_anything_is_published_there_is_no_line(app: Flask, visitor: Visitor) -> None:
    make.store(make.event(), make.session(format="clinics", slug="s", hosts=[make.host()]))
    assert visitor.staff("facilitator").get(DOOR).status_code == 303
