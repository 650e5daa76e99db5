"""Keep apart: a new name is no way out, whoever gives it: the office, a list of hosts or the whole event's file."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.events import BY, brought, edited, taken
from tests.webapp.test_apart import CONTACT, kept_from, to_settle, wrote
from tests.webapp.test_bridge import open_room, problem_of
from tests.webapp.test_importing import incoming, stored
from webapp import bridge
from webapp.db import db, transaction
from webapp.models import Host, Organisation, Person
from webapp.operations.guests import apart, hosts, safety


def renaming(sheet: str, old: str, new: str) -> Callable[[Any], None]:
    """An edit that writes another text wherever a sheet has the old one."""

    def change(workbook: Any) -> None:
        for held in (held for row in workbook[sheet].iter_rows() for held in row if held.value == old):
            held.value = new

    return change


@pytest.mark.parametrize("line", ["Sok Dara", "Paper Boat Press"])
@pytest.mark.parametrize("noted", [True, False])
def test_the_event_file_gives_another_name_and_nobody_gets_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, line: str, noted: bool
) -> None:
    session_id, (me, dara, *_others) = open_room(4)
    with transaction() as writing:
        person = writing.get_one(Person, dara)
        person.name = person.latin = "Sok Dara"
        person.organisation = Organisation(name="Paper Boat Press")
    wrote(me, line)
    content = edited(taken(), renaming("people", line, "Another Name"))
    if not noted:
        monkeypatch.setattr(apart, "pin", lambda rows: None)
    assert brought(content).changed
    assert kept_from(session_id, me) == ({dara} if noted else set())


# --- who is visited ------------------------------------------------------------------------------------------------


def office(host: Host, name: str) -> None:
    """The office saves a host under another name, and from nowhere."""
    held = hosts.HostValues(
        name=name, latin="", title=host.title, note="", organisation="", number="", languages=("en",), topics=(),
        table=host.table, places=host.places, min_places=host.min_places, away=(),
    )  # fmt: skip
    hosts.change_host(host.session.slug, host.public_id, held, seen=host.revision, by=BY)


def list_of_hosts(host: Host, name: str) -> None:
    """A list finds a tool by its title, and gives its presenter another name and organisation."""
    row = f"{host.title},{name},{name},Another House"
    stored(incoming(row, header="Title,Name,Latin spelling,Organisation", session=host.session.slug))


def file_of_all(host: Host, name: str) -> None:
    """The event's file gives another name and organisation."""
    content = taken()
    for old in (host.name, "Paper Boat Press"):
        content = edited(content, renaming("specialists and tools", old, name))
    brought(content)


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("way", [office, list_of_hosts, file_of_all])
@pytest.mark.parametrize("line", ["Law Heron", "Paper Boat Press"])
def test_who_is_visited_stays_apart_under_another_name(
    app: Flask, monkeypatch: pytest.MonkeyPatch, line: str, way: Callable[[Host, str], None], noted: bool
) -> None:
    session_id, (me, *_others) = open_room(4, format="stations")
    house = Organisation(name="Paper Boat Press")
    host = make.host(session_id=session_id, name="Law Heron", title="Maps", organisation=house, places=8)
    make.store(house, host)
    wrote(me, line)
    pair = ((str(me), bridge.host_key(host)),)
    assert problem_of(session_id).keep_apart == pair
    if not noted:
        monkeypatch.setattr(apart, "pin", lambda rows: None)
    way(db.session.get_one(Host, host.id), "Laura Heron")
    assert db.session.get_one(Host, host.id).name == "Laura Heron"
    assert problem_of(session_id).keep_apart == (pair if noted else ())
    assert not noted or not to_settle()


def test_another_host_under_the_old_name_is_asked_about_and_the_new_name_can_be_taken_back(app: Flask) -> None:
    session_id, (me, *_others) = open_room(4, format="stations")
    host = make.host(session_id=session_id, name="Law Heron", title="Maps", places=8)
    make.store(host)
    wrote(me, "Heron Law")
    office(host, "Laura Heron")
    make.store(make.host(session_id=session_id, name="Law Heron", title="Flags"))
    assert to_settle() == ["Heron Law"]
    assert len(problem_of(session_id).keep_apart) == 2
    held = safety.waiting(by=CONTACT)[0]
    safety.settle(held.entry.public_id, [one.key for one in held.choices if one.called == "Laura Heron"], by=CONTACT)
    assert problem_of(session_id).keep_apart == ((str(me), bridge.host_key(host)),)
    office(db.session.get_one(Host, host.id), "Lou Heron")
    safety.take_back(db.session.get_one(Person, me).number, "Lou Heron", by=CONTACT)
    assert problem_of(session_id).keep_apart == ()


def test_a_host_who_is_entered_anew_under_the_later_name_is_still_meant(app: Flask) -> None:
    session_id, (me, *_others) = open_room(4, format="stations")
    host = make.host(session_id=session_id, name="Law Heron", title="Maps", places=8)
    make.store(host)
    wrote(me, "Law Heron")
    office(host, "Laura Heron")
    hosts.remove_host(host.session.slug, host.public_id, by=BY)
    again = make.host(session_id=session_id, name="Laura Heron", title="Maps")
    make.store(again)
    assert problem_of(session_id).keep_apart == ((str(me), bridge.host_key(again)),)
