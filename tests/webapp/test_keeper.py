"""What is done while pages are served goes on after a failure, and what was deleted stands in no file."""

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.webapp import factories as make
from webapp.access import Actor
from webapp.commands.keeper import Keeper
from webapp.config import Settings
from webapp.db import db, journal_holds, transaction
from webapp.models import Contact, Person, Staff
from webapp.operations import backups, leaving, patience, people, tombstones

NAME = "Zeynep al-Canary"
REACH = "canary@reach.example"
OFFICE = Actor(staff=Staff(name="olu", role="organiser"))


def test_after_a_failure_it_looks_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make.store(make.event(), make.person(name=NAME))
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OperationalError(NAME, {}, Exception("database or disk is full"))

    monkeypatch.setattr(patience, "forget_old", fail_once)
    keeper = Keeper(app, every=0.01)
    with caplog.at_level(logging.ERROR):
        keeper.start()
        for _again in range(500):
            if len(tries) > 1 or not keeper.is_alive():
                break
            keeper.ended.wait(0.02)
    alive = keeper.is_alive()
    keeper.ended.set()
    keeper.join()
    assert alive
    assert len(tries) > 1
    assert "event=keeping err=OperationalError" in caplog.text
    assert NAME not in caplog.text


# --- one person goes -----------------------------------------------------------------------------------------------


@pytest.fixture
def guest(durable: Flask) -> Person:
    """Somebody with a contact, among others."""
    make.store(make.event(), one := make.person(name=NAME), make.person(name="Olu"))
    with transaction() as rows:
        rows.add(Contact(person_id=one.id, text=REACH))
    return db.session.get_one(Person, one.id)


def told(settings: Settings) -> set[str]:
    """Which files of the data folder hold the name or the contact."""
    words = (NAME.encode(), REACH.encode())
    return {file.name for file in settings.data.iterdir() if any(word in file.read_bytes() for word in words)}


def remove(how: str, person: Person) -> None:
    if how == "guest":
        leaving.delete_all(by=Actor(person=person))
    else:
        people.remove_person(person.public_id, by=OFFICE)
    db.session.remove()


@pytest.mark.parametrize("how", ["guest", "office"])
def test_who_was_deleted_stands_in_no_file(guest: Person, settings: Settings, how: str) -> None:
    assert told(settings)
    remove(how, guest)
    assert told(settings) == set()
    assert not journal_holds.is_set()


def test_without_a_cut_the_journal_would_tell(
    guest: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "cut_journal", lambda: True)
    remove("guest", guest)
    assert told(settings) == {"rondo.sqlite3-wal"}


def test_while_somebody_reads_it_is_cut_later(guest: Person, settings: Settings, app: Flask) -> None:
    keeper = Keeper(app)
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        remove("guest", guest)
        assert "rondo.sqlite3-wal" in told(settings)
        keeper.look()
        assert journal_holds.is_set()
        reader.execute("ROLLBACK")
    keeper.look()
    assert not journal_holds.is_set()
    assert told(settings) == set()


def test_what_is_undone_is_cut_nowhere(guest: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[bool] = []
    monkeypatch.setattr(people, "cut_journal", lambda: cuts.append(True))
    with pytest.raises(RuntimeError), transaction() as rows:
        people.erase(rows, rows.get_one(Person, guest.id))
        raise RuntimeError
    with transaction():
        pass
    assert cuts == []


@pytest.mark.parametrize("how", ["guest", "office"])
def test_the_sign_lies_beside_database_and_backups_at_once(
    guest: Person, settings: Settings, tmp_path: Path, how: str
) -> None:
    (settings.data / backups.NOTE_FILE).write_text(json.dumps({"folder": str(tmp_path), "public_key": ""}))
    who = guest.public_id
    remove(how, guest)
    for place in (settings.data, tmp_path):
        assert tombstones.fits(who, tombstones.signs_in(place, "person")), place


@pytest.mark.parametrize("note", ['{"folder": "/nowhere/at/all"}', '{"folder": ""}', "[]", "{"])
def test_a_stick_out_of_reach_keeps_nobody_from_going(guest: Person, settings: Settings, note: str) -> None:
    (settings.data / backups.NOTE_FILE).write_text(note)
    remove("guest", guest)
    assert len(tombstones.signs_in(settings.data, "person")) == 1
    assert db.session.query(Person).count() == 1
