"""A place that falls free, on one's own phone: the desk's order, one winner, two minutes each, and nothing told."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.repairs import version_of
from tests.webapp.test_bridge import BY
from tests.webapp.test_calls import call, shown
from tests.webapp.test_help_point import keep
from tests.webapp.test_repair import during, session_of, tick
from tests.webapp.test_specialists import at
from tests.webapp.test_standby import (
    LONG_AGO,
    MINUTE,
    called,
    clinic,
    freed,
    look,
    miss,
    name,
    sit,
    visitors,
)
from webapp.access import Actor
from webapp.bridge import helping
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Attendance, Event, HelpPlace, Host, HostWish, KeepApart, MetBefore, Person, StandbyNote
from webapp.operations.mine import own_place
from webapp.operations.rounds import line_now, standby
from webapp.operations.rounds.line import Case

DOOR = "/me/specialists/s"
NOT_MINE = "This place is not free for you any more."


def who(row: int) -> Actor:
    return Actor(person=db.session.get_one(Person, row))


def stands(session_id: int, row: int, after: timedelta = timedelta()) -> own_place.Standing:
    session = session_of(session_id)
    found = own_place.standing(session, session.event, db.session.get_one(Person, row), now=during(1) + after)
    assert found is not None
    return found


def take(row: int, host: str, after: timedelta = timedelta(), number: int = 1) -> None:
    own_place.take("s", host, number=number, by=who(row), now=during(1) + after)


def give_back(row: int, host: str, after: timedelta = timedelta()) -> None:
    own_place.give_back("s", host, number=1, by=who(row), now=during(1) + after)


def timed(**values: object) -> tuple[int, str, list[int]]:
    """A clinic in which one visitor was absent from the start: its id, the specialist who is free, and the line."""
    session_id, _people = clinic(**values)
    with transaction():
        version_of(session_id).published_at = LONG_AGO
    row, host = visitors(session_id)[0]
    tick(session_id, row, changed_at=LONG_AGO)
    return session_id, host, [one.person.id for one in look(session_id).line]


# --- whose turn it is -----------------------------------------------------------------------------------------------


def test_the_number_is_the_desks_and_the_place_is_offered_to_whom_the_desk_calls(app: Flask) -> None:
    session_id, host, first = freed()
    line = [one.person.id for one in look(session_id).line]
    told = {row: stands(session_id, row) for row in line}
    assert {row: one.rank for row, one in told.items()} == {row: at for at, row in enumerate(line, start=1)}
    assert [row for row, one in told.items() if one.freed] == [first]
    offer = told[first].freed
    assert offer is not None
    assert (offer.host, offer.number, offer.table) == (host, 1, look(session_id).free[0].table)
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[1], host)
    take(first, host)
    take(first, host)
    after = stands(session_id, first)
    assert (after.rank, after.freed, [one.host.public_id for one in after.taken]) == (0, None, [host])
    assert [stands(session_id, row).rank for row in line[1:]] == list(range(1, len(line)))
    board = look(session_id)
    assert not board.free
    assert ("standby", first) in {(one.state, one.person.id) for place in board.places for one in place.visitors}


def test_whoever_has_a_talk_in_the_round_is_not_in_line(app: Flask) -> None:
    session_id, host, _first = freed()
    seated = next(row for row, other in visitors(session_id) if other != host)
    assert (stands(session_id, seated).rank, stands(session_id, seated).freed) == (0, None)
    with pytest.raises(NotNow, match=NOT_MINE):
        take(seated, host)


def test_an_empty_chair_is_offered_after_two_minutes_and_not_when_the_round_is_nearly_over(app: Flask) -> None:
    session_id, people = clinic(count=3, hosts=1)
    (row, host), (first, *_others) = visitors(session_id)[0], [one.person.id for one in look(session_id).line]
    assert row in people
    miss(session_id, row, host)
    assert stands(session_id, first).freed is None
    assert stands(session_id, first, MINUTE).freed is not None
    assert stands(session_id, first, 2 * MINUTE).freed is not None
    late = 4 * MINUTE
    assert stands(session_id, first, late).freed is None
    with pytest.raises(NotNow, match=NOT_MINE):
        take(first, host, late)
    sit(session_id, first, host, late)
    assert [one.may_return for one in stands(session_id, first, late).taken] == [False]
    with pytest.raises(NotNow, match="Only the desk"):
        give_back(first, host, late)


def test_after_two_minutes_the_next_has_it_and_the_desk_may_still_seat_who_comes(app: Flask) -> None:
    session_id, host, line = timed()
    turns = [called(look(session_id, after=after * MINUTE))[host] for after in (-1, 0, 1, 2, 3)]
    assert turns == [line[0], line[0], line[1], line[1], line[2]]
    offer = stands(session_id, line[0]).freed
    assert offer is not None
    assert f"{offer.until:%H:%M}" == "14:02"
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[0], host, MINUTE)
    (place,) = look(session_id, after=MINUTE).free
    assert [one.id for one in place.before] == [line[0]]
    sit(session_id, line[0], host, MINUTE)
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[1], host, MINUTE)
    assert db.session.query(HelpPlace).one().person_id == line[0]


def test_whom_the_desk_passes_by_is_offered_it_no_more_and_the_next_has_the_full_time(app: Flask) -> None:
    session_id, host, line = timed()
    standby.pass_by(session_id, name(line[0]), host, number=1, by=BY, now=during(1))
    with transaction() as rows:
        rows.query(StandbyNote).one().made_at = during(1).replace(tzinfo=None)
    assert stands(session_id, line[0]).freed is None
    offer = stands(session_id, line[1], MINUTE).freed
    assert offer is not None
    assert f"{offer.until:%H:%M}" == "14:03"


def agreed(session_id: int, host: str, after: timedelta) -> tuple[int, str, list[int]]:
    """Whose turn it is by desk, phones and screen, until when, and who was called before."""
    (place,) = look(session_id, after=after).free
    assert place.next is not None
    waiting = [one.person.id for one in look(session_id, after=after).line]
    assert [row for row in waiting if stands(session_id, row, after).freed] == [place.next.id]
    assert shown(session_id, after) == [(place.next.id, host)]
    return place.next.id, f"{place.until:%H:%M:%S}", [one.id for one in place.before]


def test_a_call_begins_the_two_minutes_and_desk_screen_and_phones_agree(app: Flask) -> None:
    session_id, host, line = timed(round_minutes=15)
    call(session_id, 1.5 * MINUTE)
    # the second one's turn had begun at 14:02; called at 14:02:30, they have two minutes from then on
    assert agreed(session_id, host, 1.5 * MINUTE) == (line[1], "14:04:30", [line[0]])
    assert agreed(session_id, host, 3 * MINUTE) == (line[1], "14:04:30", [line[0]])
    # the next follows by itself, and nobody is asked again before all others
    assert agreed(session_id, host, 3.5 * MINUTE) == (line[2], "14:06:30", line[:2])
    standby.pass_by(session_id, name(line[2]), host, number=1, by=BY, now=during(1) + 4 * MINUTE)
    assert [row for row, _host in shown(session_id, 4 * MINUTE)] not in ([], [line[2]])
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[2], host, 4 * MINUTE)


def test_taking_it_on_the_phone_ends_the_call(app: Flask) -> None:
    session_id, host, line = timed()
    call(session_id)
    take(line[0], host)
    assert shown(session_id) == []
    give_back(line[0], host)
    assert shown(session_id) == []


# --- one winner -----------------------------------------------------------------------------------------------------


def both(app: Flask, *presses: Callable[[], None]) -> tuple[int, int]:
    """Two press at once: how many places are noted, how many are refused."""
    gate, refused = threading.Barrier(len(presses)), []

    def press(one: Callable[[], None]) -> None:
        with app.app_context():
            gate.wait()
            try:
                one()
            except NotNow as refusal:
                refused.append(refusal.sentence)
            db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=press, args=(one,)) for one in presses]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return db.session.query(HelpPlace).count(), len(refused)


def two_phones(app: Flask) -> tuple[int, int]:
    """One taps in the last second of their two minutes, the next in the first of theirs, both at once."""
    session_id, host, line = timed()
    assert called(look(session_id, after=MINUTE))[host] == line[1]
    return both(app, lambda: take(line[0], host, MINUTE - timedelta(seconds=1)), lambda: take(line[1], host, MINUTE))


def test_of_two_phones_one_gets_the_place(app: Flask) -> None:
    assert two_phones(app) == (1, 1)


def test_without_looking_again_both_would(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, host, line = timed()
    table = next(one for one in look(session_id).places if one.host.public_id == host)
    offers = [helping.Offer("visit", (row,), table.table, table.host) for row in line]
    monkeypatch.setattr(Case, "called", lambda *_told: offers)
    assert both(app, lambda: take(line[0], host), lambda: take(line[1], host)) == (2, 0)


def test_a_phone_and_the_desk_never_give_one_place_twice(app: Flask) -> None:
    session_id, host, line = timed()
    assert both(app, lambda: take(line[0], host), lambda: sit(session_id, line[1], host, timedelta())) == (1, 1)


def test_two_taps_of_one_finger_are_one(app: Flask) -> None:
    _session_id, host, line = timed()
    assert both(app, lambda: take(line[0], host), lambda: take(line[0], host)) == (1, 0)


def test_what_one_has_taken_one_may_give_back(app: Flask) -> None:
    session_id, host, line = timed()
    take(line[0], host)
    give_back(line[1], host)
    assert [one.may_return for one in stands(session_id, line[0]).taken] == [True]
    give_back(line[0], host)
    give_back(line[0], host)
    assert called(look(session_id))[host] == line[0]
    take(line[0], host)
    with pytest.raises(NotNow, match="Only the desk"):
        give_back(line[0], host, timedelta(hours=1))


def test_other_rounds_places_and_sessions_are_refused(app: Flask) -> None:
    _session_id, host, line = timed(rounds=2)
    for number in (0, 3, 10**18):
        with pytest.raises(NotFound):
            take(line[0], host, number=number)
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[0], host, number=2)
    with pytest.raises(NotNow, match=NOT_MINE):
        take(line[0], "no-such-host")
    with pytest.raises(NotFound):
        own_place.take("none", host, number=1, by=who(line[0]), now=during(1))
    with pytest.raises(NotFound):
        own_place.take("s", host, number=1, by=Actor(), now=during(1))
    assert db.session.query(HelpPlace).count() == 0


# --- what the page tells --------------------------------------------------------------------------------------------


def test_one_tap_takes_it_and_the_desk_sees_it(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, during(1))
    session_id, host, line = timed()
    mine, other = (visitor.participant(db.session.get_one(Person, row)) for row in line[:2])
    assert "A place is free now" in mine.get("/me").text
    page = mine.get(DOOR).text
    assert re.search(r"A place is free now Round 1 Table S\d+ 14:00 with Specialist \d+ I take it", in_words(page))
    assert "hx-get" in page
    part = mine.get(DOOR, headers={"HX-Request": "true"}).text
    assert 'id="place"' in part
    assert "<html" not in part
    seen = other.get(DOOR).text
    assert "I take it" not in seen
    assert "You are about number 2 in line for round 1." in in_words(seen)
    fields = {"round": "1", "host": host}
    late = send(other, f"{DOOR}/place", page=DOOR, verb="take", **fields)
    assert late.status_code == 409
    assert NOT_MINE in late.text
    assert send(mine, f"{DOOR}/place", page=DOOR, verb="take", **fields).status_code == 303
    assert "Give it back" in mine.get(DOOR).text
    assert "From the standby line: round 1" in in_words(mine.get("/me").text)
    assert "You are about number 1 in line" in in_words(other.get(DOOR).text)
    board = visitor.staff("facilitator").get("/desk/s/standby?round=1").text
    assert "from the standby line" in board
    assert send(mine, f"{DOOR}/place", page=DOOR, verb="back", **fields).status_code == 303
    assert send(mine, f"{DOOR}/place", page=DOOR, verb="dance", **fields | {"round": "\u0661"}).status_code == 303
    assert look(session_id).free


def test_nobody_else_is_named_on_the_page(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, during(1))
    _session_id, _host, line = timed()
    for row in line:
        page = visitor.participant(db.session.get_one(Person, row)).get(DOOR).text
        assert not re.search(r"\bPerson \d", in_words(page))


def test_a_discreet_offer_names_the_subject(app: Flask) -> None:
    session_id, host, line = timed()
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
        rows.query(Host).filter_by(public_id=host).one().title = "Law"
    offer = stands(session_id, line[0]).freed
    assert offer is not None
    assert (offer.name, offer.about) == ("Law", "")


def causes(visitor: Visitor, session_id: int, row: int, host: str, outside: int) -> dict[str, tuple[str, ...]]:
    """What somebody first in line reads where they may not go to the place that is free, by what forbids it."""
    told: dict[str, tuple[str, ...]] = {}
    mine = visitor.participant(db.session.get_one(Person, row))

    def read() -> tuple[str, ...]:
        answer = send(mine, f"{DOOR}/place", page=DOOR, verb="take", round="1", host=host)
        pages = (mine.get(path).text for path in (DOOR, "/me"))
        return (str(answer.status_code), *(in_words(untimed(one)) for one in (*pages, answer.text)))

    for kind in (KeepApart, MetBefore):
        keep(kind, row, outside)
        told[kind.__name__] = read()
        with transaction() as rows:
            rows.query(kind).delete()
    with transaction() as rows:
        ticked = rows.query(Attendance).one()
        ticked.state, ticked.last_round = "here", None
    told["nothing is free"] = read()
    with transaction() as rows:
        ticked = rows.query(Attendance).one()
        ticked.state, ticked.last_round, ticked.changed_at = "absent", 0, LONG_AGO
    told["none"] = read()
    return told


def test_a_keep_apart_entry_reads_as_if_no_place_were_free(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, during(1))
    # time stands still here, so that what was worked out before would hold for ever
    monkeypatch.setattr(line_now, "LASTS", timedelta())
    session_id, host, line = timed(count=3, hosts=1)
    outside = make.person(name="Sage")
    make.store(outside)
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=host).one().person_id = outside.id
        rows.query(HostWish).filter_by(person_id=outside.id).delete()
    told = causes(visitor, session_id, line[0], host, outside.id)
    assert told["KeepApart"] == told["MetBefore"] == told["nothing is free"]
    assert told["KeepApart"][0] == "409"
    assert "about number 1 in line" in told["KeepApart"][1]
    assert told["none"][0] == "303", "without any of these the place is theirs"
