"""Backups: encrypted, whole, taken up elsewhere within a command; a lost stick tells nothing and a bad one is said."""

import contextlib
import json
import re
import shutil
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_commands import LONG_ENOUGH, refused, rondo
from webapp.access import NOBODY, Actor
from webapp.app import create_app
from webapp.commands.keeper import Keeper
from webapp.config import Settings, from_env
from webapp.db import db, snapshot, transaction
from webapp.errors import BadInput, NotFound, Refused
from webapp.exchange import backup
from webapp.models import Event, Person, Staff
from webapp.operations.deletion import purge, receipt
from webapp.operations.door import accounts, helping, ways_in
from webapp.operations.event import retention
from webapp.operations.guests import people, tombstones
from webapp.operations.plans import backups, planning

SECRET = "Zaynab al-Canary"
OFFICE = Actor(staff=Staff(name="olu", role="organiser"))
PASS = "seven quiet horses"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a key in it, and the key's public half: making and opening one takes a second each."""
    folder = tmp_path_factory.mktemp("prepared")
    return folder, backup.new_key(folder, PASS)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def chosen(app: Flask, settings: Settings, prepared: tuple[Path, str], tmp_path: Path) -> Path:
    """A folder that was chosen for this house's backups."""
    folder = tmp_path / "chosen"
    shutil.copytree(prepared[0], folder)
    note = backups.Kept(str(folder), prepared[1])
    (settings.data / backups.NOTE_FILE).write_text(json.dumps(asdict(note)), encoding="utf-8")
    return folder


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with contextlib.closing(sqlite3.connect(database)) as held:
        names = [name for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: sorted(held.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


def test_what_is_restored_is_what_was_there(app: Flask, settings: Settings, stick: Path, tmp_path: Path) -> None:
    make.store(make.event(), make.person(name=SECRET))
    path = backups.set_up(stick, PASS)
    before = rows(settings.database)
    for file in stick.iterdir():
        content = file.read_bytes()
        assert not any(SECRET.encode(code) in content for code in ("utf-8", "utf-16-le")), file
        assert file.stat().st_mode & 0o077 == 0
    assert SECRET.encode() in snapshot(str(settings.database))
    elsewhere = from_env(data=tmp_path / "elsewhere", testing=True)
    backups.take_up(backups.newest(stick), PASS, elsewhere)
    assert rows(elsewhere.database) == before
    assert backups.newest(path).path == path


def test_what_was_deleted_is_not_in_a_backup(app: Flask, settings: Settings) -> None:
    make.store(make.event(), make.person(name=SECRET))
    with contextlib.closing(sqlite3.connect(settings.database, isolation_level=None)) as held:
        held.execute("PRAGMA foreign_keys=ON")
        held.execute("PRAGMA secure_delete=OFF")
        held.execute("DELETE FROM person")
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert SECRET.encode() in settings.database.read_bytes()
        assert SECRET.encode() not in snapshot(str(settings.database))


def test_a_backup_is_whole_while_others_write(app: Flask, settings: Settings) -> None:
    make.store(make.event())
    with contextlib.closing(sqlite3.connect(settings.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE event SET title = 'half done'")
        content = snapshot(str(settings.database))
        writer.execute("ROLLBACK")
    assert b"half done" not in content
    assert b"SQLite format 3" in content


def test_a_changed_bit_or_a_wrong_passphrase_restores_nothing(app: Flask, chosen: Path, tmp_path: Path) -> None:
    make.store(make.event())
    stick, path = chosen, backups.leave()
    elsewhere = from_env(data=tmp_path / "elsewhere", testing=True)
    with pytest.raises(Refused, match="not the passphrase"):
        backups.take_up(backups.newest(stick), PASS + "!", elsewhere)
    whole = path.read_bytes()
    for at in (len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Refused, match="damaged"):
            backups.take_up(backups.newest(stick), PASS, elsewhere)
    assert not elsewhere.database.exists()
    path.write_bytes(whole)
    backups.take_up(backups.newest(stick), PASS, elsewhere)
    with pytest.raises(Refused, match="an event in this folder already"):
        backups.take_up(backups.newest(stick), PASS, elsewhere)


def test_a_key_that_asks_for_too_much_work_is_no_wrong_passphrase(app: Flask, chosen: Path, tmp_path: Path) -> None:
    make.store(make.event())
    backups.leave()
    key = chosen / backup.KEY_FILE
    key.write_bytes(re.sub(rb"(-> scrypt \S+) \d+", rb"\1 40", key.read_bytes(), count=1))
    with pytest.raises(Refused, match="too busy or too slow"):
        backups.take_up(backups.newest(chosen), PASS, from_env(data=tmp_path / "elsewhere", testing=True))
    with pytest.raises(Refused, match="too busy or too slow"):
        backups.set_up(chosen, PASS)


def test_the_folder_is_looked_at_before_it_counts(app: Flask, settings: Settings, stick: Path) -> None:
    with pytest.raises(BadInput, match="too short"):
        backups.set_up(stick, "short")
    with pytest.raises(BadInput, match="no such folder"):
        backups.set_up(stick / "none", PASS)
    (settings.data / "inside").mkdir()
    with pytest.raises(BadInput, match="lost with it"):
        backups.set_up(settings.data / "inside", PASS)
    with pytest.raises(Refused, match="No folder"):
        backups.leave()
    with pytest.raises(Refused, match="no backup in it"):
        backups.newest(stick)
    backups.set_up(stick, PASS)
    with pytest.raises(Refused, match="another passphrase"):
        backups.set_up(stick, PASS + "!")


def test_only_the_newest_are_kept(prepared: tuple[Path, str], stick: Path) -> None:
    key = prepared[1]
    start = datetime(2013, 6, 19, 13, 0, tzinfo=UTC)
    for minute in range(backup.KEPT + 3):
        backup.leave(stick, b"x", public_key=key, now=start + timedelta(minutes=minute))
    made = [copy.made_at for copy in backup.copies(stick)]
    assert made == [start + timedelta(minutes=minute) for minute in range(backup.KEPT + 2, 2, -1)]


def test_every_publish_leaves_one_and_a_lost_stick_stops_nobody(app: Flask, chosen: Path, visitor: Visitor) -> None:
    held, stick = open_room(4)[0], chosen
    desk = visitor.staff("facilitator")
    planning.make_plan(held, by=BY)
    assert planning.publish(held, by=BY) == "A"
    assert len(backup.copies(stick)) == 1
    assert "Last backup" in desk.get("/desk").text
    shutil.rmtree(stick)
    planning.make_plan(held, by=BY)
    assert planning.publish(held, by=BY) == "B"
    page = desk.get("/desk").text
    assert "The last backup failed" in page
    assert "Last backup" in page
    stick.mkdir()
    assert send(desk, "/backup", "/desk").status_code == 303
    page = desk.get("/desk").text
    assert "The last backup failed" not in page
    assert len(backup.copies(stick)) == 1


@pytest.mark.parametrize("fault", ["copy", "note"])
def test_no_fault_of_a_backup_stops_a_publish(
    app: Flask, chosen: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    held, _people = open_room(4)
    planning.make_plan(held, by=BY)
    if fault == "copy":

        def no_memory(_path: str) -> bytes:
            raise sqlite3.OperationalError("out of memory")

        monkeypatch.setattr(backups, "snapshot", no_memory)
    else:
        (settings.data / f".{backups.NOTE_FILE}.part").mkdir()
    assert planning.publish(held, by=BY) == "A"
    kept = backups.kept()
    assert kept is not None
    assert ("out of memory" in kept.failed) == (fault == "copy")


def test_after_a_restore_nobody_comes_in_by_what_let_them_in_before(app: Flask) -> None:
    session = make.session()
    make.store(make.event(), session, Staff(name="anna", role="organiser"))
    anna = db.session.query(Staff).one()
    by, old = Actor(staff=anna), accounts.issue_link(lasts=timedelta(hours=1), staff_id=anna.id)
    helper = helping.come_by_link(helping.invite(session.id, by=by).token, "Ben")
    left = helping.invite(session.id, by=by)
    assert accounts.actor_of(helper.cookie).role == "helper"
    backups.end_all_sign_ins()
    assert accounts.actor_of(helper.cookie) == NOBODY
    with pytest.raises(NotFound):
        helping.come_by_link(left.token, "Cleo")
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(old)


@pytest.mark.parametrize("far", [True, False])
def test_a_card_that_was_taken_back_after_the_backup_lets_nobody_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch, far: bool
) -> None:
    today = datetime.now(UTC).date()
    event = make.event(preset="open", starts_on=today, ends_on=today, delete_on=today + timedelta(days=7))
    make.store(event, who := make.person())
    at_backup, cards = who.card_turn, []
    for _again in range(2):
        ways_in.take_back(who.public_id, by=OFFICE)
        cards.append(ways_in.card_token(db.session.get_one(Person, who.id)))
    with transaction() as writing:
        writing.get_one(Person, who.id).card_turn = at_backup
    if not far:
        monkeypatch.setattr(backups, "FARTHEST_TURN", 1)
    backups.end_all_sign_ins()
    let_in = []
    for card in cards:
        with contextlib.suppress(NotFound):
            ways_in.sign_in_by_card(card)
            let_in.append(card)
    assert let_in == ([] if far else cards[:1])
    assert ways_in.sign_in_by_card(ways_in.card_token(db.session.get_one(Person, who.id))).cookie


def test_while_pages_are_served_what_changed_is_backed_up(app: Flask, chosen: Path) -> None:
    make.store(make.event())
    stick = chosen
    keeper = Keeper(app, every=0.01)
    keeper.look()
    assert backup.copies(stick) == []
    make.store(make.person(name=SECRET))
    keeper.start()
    for _again in range(500):
        if backup.copies(stick):
            break
        keeper.ended.wait(0.02)
    keeper.ended.set()
    keeper.join()
    assert SECRET.encode() in backup.open_copy(backups.newest(stick).path, PASS)


def test_another_laptop_goes_on_from_the_stick(tmp_path: Path, stick: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert rondo("staff", "add", "anna", "--role", "organiser", data=one, typed=LONG_ENOUGH + "\n").exit_code == 0
    app = create_app(from_env(data=one, testing=True))
    with app.app_context():
        make.store(make.event(title="Conference of the Canary"), make.person(name=SECRET))
        cookie = _signed_in(app)
        db.session.remove()
    assert "Backed up to" in rondo("backup", "--folder", str(stick), data=one, typed=PASS + "\n").stdout
    shutil.rmtree(one)
    other.mkdir()
    assert "no backup in it" in refused(rondo("restore", str(tmp_path / "other"), data=other, typed=PASS + "\n"))
    told = rondo("restore", str(stick), data=other, typed=PASS + "\n")
    assert "Restored Conference of the Canary" in told.stdout
    link = re.search(r"anna +http://127\.0\.0\.1:8000(/in/\S+)", told.stdout)
    assert link is not None
    app = create_app(from_env(data=other, testing=True))
    app.test_client_class = make.Browser
    with app.app_context():
        assert _name(db.session.query(Person).one()) == SECRET
        old = app.test_client()
        old.set_cookie("rondo", cookie)
        assert old.get("/office").status_code in {303, 404}
        browser = app.test_client()
        assert send(browser, link[1], link[1]).status_code == 303
        assert browser.get("/office").status_code == 200
        db.session.remove()


def _name(person: Person) -> str:
    return person.name


def _signed_in(app: Flask) -> str:
    """Return the cookie of an organiser who is signed in."""
    app.test_client_class = make.Browser
    browser: FlaskClient = Visitor(app).staff("organiser")
    assert browser.get("/office").status_code == 200
    held = browser.get_cookie("rondo")
    assert held is not None
    return held.value


def test_a_folder_that_cannot_be_written_is_said(app: Flask, chosen: Path) -> None:
    make.store(make.event())
    stick = chosen
    shutil.rmtree(stick)
    stick.write_bytes(b"no folder")
    with pytest.raises(Refused, match="cannot be written"):
        backups.leave()
    kept = backups.kept()
    assert kept is not None
    assert str(stick) in kept.failed
    assert stick.read_bytes() == b"no folder"


def elsewhere_on(copy: backup.Copy, folder: Path) -> tuple[Flask, Path]:
    """Take a backup up in a folder of its own; the application on it."""
    settings = from_env(data=folder, testing=True)
    backups.take_up(copy, PASS, settings)
    return create_app(settings), folder


def test_who_was_removed_since_stays_removed(app: Flask, chosen: Path, tmp_path: Path) -> None:
    make.store(make.event(), make.person(name=SECRET), make.person(name="Olu"))
    before = backup.Copy(shutil.copy(backups.leave(), chosen / "rondo-2013-06-19-130000.age"), datetime.now(UTC))
    people.remove_person(db.session.query(Person).filter_by(name=SECRET).one().public_id, by=OFFICE)
    backups.leave()
    signs = tombstones.signs_in(chosen, "person")
    assert len(signs) == 1
    other, _folder = elsewhere_on(before, tmp_path / "one")
    with other.app_context():
        assert SECRET in {person.name for person in db.session.query(Person)}
        assert backups.take_away_again(chosen) == 1
        assert {person.name for person in db.session.query(Person)} == {"Olu"}
        # what was restored knows of it from now on
        assert len(tombstones.known()) == 1
    # without the file nobody would know; one beside the database serves as well
    (chosen / tombstones.FILE).unlink()
    other, folder = elsewhere_on(before, tmp_path / "two")
    with other.app_context():
        assert backups.take_away_again(chosen) == 0
        tombstones.leave_in(folder, signs)
        assert backups.take_away_again(chosen) == 1


def test_no_backup_of_an_event_that_was_deleted_is_taken_up(app: Flask, chosen: Path, tmp_path: Path) -> None:
    make.store(make.event(), make.person(name=SECRET))
    path = backups.leave()
    purge.purge("office", by=OFFICE)
    told = receipt.as_text(db.session.get_one(Event, 1))
    assert f"{chosen}: 1 locked backup, left there; remove it." in told
    assert backups.kept() is None
    with pytest.raises(Refused, match="everything about this event was deleted"):
        backups.take_up(backups.newest(path), PASS, from_env(data=tmp_path / "one", testing=True))
    assert not (tmp_path / "one").exists()
    # where that sign is lost, its day decides
    (chosen / tombstones.FILE).unlink()
    other, _folder = elsewhere_on(backups.newest(path), tmp_path / "two")
    with other.app_context():
        assert not purge.settle()
        assert db.session.query(Person).count() == 1


def test_a_backup_whose_day_has_come_is_deleted_as_it_is_restored(
    app: Flask, chosen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.store(make.event(), make.person(name=SECRET))
    backups.leave()
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2013, 6, 27, 9, 0))
    folder = tmp_path / "elsewhere"
    told = rondo("restore", str(chosen), data=folder, typed=f"{PASS}\n")
    assert told.exit_code == 0, told.output
    assert "The day has come" in told.output
    assert "Receipt: everything about Spring Gathering was deleted" in told.output
    assert not any(SECRET.encode() in path.read_bytes() for path in folder.iterdir())
    # one that was only taken up is deleted before the first page
    other, folder = elsewhere_on(backups.newest(chosen), tmp_path / "another")
    assert Keeper(other).delete_if_due()
    assert not any(SECRET.encode() in path.read_bytes() for path in folder.iterdir())
