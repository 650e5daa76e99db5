"""What is done while pages are served goes on after a failure, and what was deleted stands in no file."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.webapp import factories as make
from webapp.access import Actor
from webapp.commands.keeper import Cutter, Keeper
from webapp.config import Settings
from webapp.db import db, journal_holds, transaction
from webapp.errors import NotNow, Refused
from webapp.exchange import backup
from webapp.models import Contact, Event, Person, Staff
from webapp.operations.deletion import leaving, purge, receipt
from webapp.operations.door import patience
from webapp.operations.figures import numbers
from webapp.operations.guests import people, tombstones
from webapp.operations.mine.contact_page import Kept
from webapp.operations.plans import backups

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


def lets_cut(thread: Keeper | Cutter, settings: Settings) -> None:
    """State that a thread which looks again and again soon leaves nothing in any file."""
    thread.start()
    for _again in range(500):
        if not told(settings):
            break
        thread.ended.wait(0.02)
    thread.ended.set()
    thread.join()
    assert told(settings) == set()


def test_a_process_beside_cuts_what_it_owes_alone(guest: Person, settings: Settings, app: Flask) -> None:
    journal_holds.clear()
    cutter = Cutter(app)
    empty_what_one_wrote(guest)
    cutter.look()
    # that is for the keeper, and owed by nobody
    assert told(settings) == {"rondo.sqlite3-wal"}
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        remove("guest", guest)
        cutter.look()
        assert "rondo.sqlite3-wal" in told(settings)
        reader.execute("ROLLBACK")
    cutter.every = 0.01
    lets_cut(cutter, settings)
    assert not journal_holds.is_set()


def test_what_a_killed_program_left_is_cut_soon(
    guest: Person, settings: Settings, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "cut_journal", lambda: True)
    remove("guest", guest)
    lets_cut(Keeper(app, every=0.01), settings)


def empty_what_one_wrote(guest: Person) -> None:
    """Take back a contact, as the page does, and a name."""
    with transaction() as rows:
        Kept().write(rows, person := rows.get_one(Person, guest.id))
        person.name = "Z."
    db.session.remove()


def test_words_that_are_taken_back_stand_in_no_file_after_the_next_look(
    guest: Person, settings: Settings, app: Flask
) -> None:
    keeper = Keeper(app)
    empty_what_one_wrote(guest)
    # else this would not show that looking does it
    assert told(settings) == {"rondo.sqlite3-wal"}
    keeper.look()
    assert told(settings) == set()
    before = keeper.seen
    keeper.look()
    assert keeper.seen == before


def test_while_somebody_reads_they_are_tried_again_at_the_next_look_and_not_sooner(
    guest: Person, settings: Settings, app: Flask
) -> None:
    journal_holds.clear()
    keeper = Keeper(app)
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        empty_what_one_wrote(guest)
        keeper.look()
        assert "rondo.sqlite3-wal" in told(settings)
        assert not journal_holds.is_set()
        reader.execute("ROLLBACK")
    keeper.look()
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


# --- a backup is under way while everything goes ----------------------------------------------------------------------


@pytest.fixture
def stick(app: Flask, settings: Settings, tmp_path: Path) -> Path:
    """A folder chosen for the backups of a house with somebody in it; what is left there is not encrypted."""
    make.store(make.event(), make.person(name=NAME))
    (settings.data / backups.NOTE_FILE).write_text(json.dumps({"folder": str(tmp_path), "public_key": ""}))
    return tmp_path


def delete_all(app: Flask) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            purge.purge("office", by=OFFICE)
            db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def leave_during(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object], *, late: bool = False) -> None:
    """Leave a backup, and do something while it is being made: before its file is written, or after."""

    def write(folder: Path, content: bytes, **_how: object) -> Path:
        (path := folder / "rondo-2013-06-19-130000.age").write_bytes(content)
        if late:
            meanwhile()
        return path

    def read(path: str) -> bytes:
        content = Path(path).read_bytes()
        if not late:
            meanwhile()
        return content

    monkeypatch.setattr(backups, "snapshot", read)
    monkeypatch.setattr(backup, "leave", write)
    with suppress(Refused):
        backups.leave()
    db.session.remove()


def test_a_deletion_waits_for_the_backup_that_is_being_made(
    app: Flask, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[threading.Thread] = []

    def begin() -> None:
        begun.append(delete_all(app))
        # time enough for it to be done, if it did not wait
        begun[0].join(0.5)

    leave_during(monkeypatch, begin)
    begun[0].join()
    told = db.session.get_one(Event, 1).receipt or {}
    assert (told["backups"]["copies"], len(backup.copies(stick))) == (1, 1)
    assert backups.kept() is None


@pytest.mark.parametrize("late", [False, True])
def test_another_process_that_deletes_leaves_no_backup_behind(
    app: Flask, stick: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    def elsewhere() -> None:
        # a lock of its own, as in a program of its own
        monkeypatch.setattr(backups, "one_at_a_time", threading.Lock())
        delete_all(app).join()

    leave_during(monkeypatch, elsewhere, late=late)
    assert db.session.get_one(Event, 1).deleted_at
    assert backup.copies(stick) == []
    assert backups.kept() is None


def test_who_does_not_look_leaves_a_full_copy(
    app: Flask, stick: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = settings.data / purge.MARK
    leave_during(monkeypatch, lambda: mark.write_text("{}"))
    assert backup.copies(stick) == []
    monkeypatch.setattr(tombstones, "under_way", lambda _where: False)
    leave_during(monkeypatch, lambda: None)
    assert len(backup.copies(stick)) == 1
    monkeypatch.undo()
    with pytest.raises(Refused):
        backups.leave()


# --- what cannot be done keeps nothing else from going ------------------------------------------------------------


def test_a_file_that_another_program_holds_is_named(
    guest: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.data / "rondo.log").write_text("a line")
    unlink = Path.unlink

    def refuse(path: Path, **how: bool) -> None:
        if path.name == "rondo.log":
            raise PermissionError(13, "in use")
        unlink(path, **how)

    monkeypatch.setattr(Path, "unlink", refuse)
    purge.purge("office", by=OFFICE)
    assert not purge.under_way(settings.data)
    assert told(settings) == set()
    said = receipt.as_text(db.session.get_one(Event, 1))
    assert "This file could not be removed; remove it: rondo.log" in said
    assert "Contacts, answers about them, and notes of meetings: fewer than 5 rows" in said


def test_only_work_is_called_the_journal() -> None:
    named = {name for names in purge.GROUPS.values() for name in names}
    tables = set(db.metadata.tables) - {"event"}
    assert named <= tables
    assert tables - named == {"taken_out", "tombstone", "answered_form", "job", "waiting_file"}
    assert receipt.GROUPS.keys() == {*purge.GROUPS, "journal"}


def test_figures_that_cannot_be_counted_keep_nobody_here(guest: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_how: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(numbers, "numbers", fail)
    purge.purge("office", by=OFFICE)
    assert db.session.query(Person).count() == 0
    assert (db.session.get_one(Event, 1).receipt or {})["counts"] == {}


def test_a_full_disk_keeps_no_journal(guest: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "TRIES", 1)
    open_file = sqlite3.connect

    class Full(sqlite3.Connection):
        def execute(self, statement: str) -> sqlite3.Cursor:  # type: ignore[override]
            if statement == "VACUUM":
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(statement)

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *given, **how: open_file(*given, **how, factory=Full))
        with pytest.raises(NotNow):
            purge.purge("office", by=OFFICE)
    assert told(settings) == set()
    assert purge.settle()
    assert not purge.under_way(settings.data)
