"""Everything is deleted on its day: nothing is left in any file, whatever happens meanwhile; a receipt says so."""

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.building import TOKEN
from tests.webapp.canaries import CANARY, FIRST_KEY, ROLES, Populated
from tests.webapp.factories import send
from tests.webapp.test_commands import ask, refused, rondo, served, status
from tests.webapp.walker import House, text_of
from webapp.access import Actor
from webapp.app import create_app
from webapp.commands.keeper import Keeper
from webapp.config import from_env
from webapp.db import db
from webapp.errors import NotFound, NotNow
from webapp.models import Event, Staff
from webapp.operations.deletion import purge, receipt
from webapp.operations.event import retention
from webapp.operations.guests import people, tombstones

TITLE = "Spring Gathering"
WORD = f"{CANARY}name-amber"
OFFICE = Actor(staff=Staff(name="olu", role="organiser"))
LAST_MINUTE = datetime(2013, 6, 26, 16, 59)
"""In UTC: one minute before the 27th begins in Phnom Penh."""
PLANTED = {
    "rondo.log": "a line about {}",
    "rondo.sqlite3.bak": "a copy with {}",
    "rondo-2013-06-19-130000.age": "{}",
    ".rondo-2013-06-19-130000.age.part": "half of {}",
}
LEFT = {"rondo.sqlite3", "rondo.sqlite3-wal", "rondo.sqlite3-shm", "rondo-gone.txt", "minutes.txt"}


def forms(word: str) -> dict[str, bytes]:
    """A word as somebody may have written it down."""
    return {
        "utf-8": word.encode(),
        "utf-16": word.encode("utf-16-le"),
        "base64": base64.b64encode(f"{word}{word}".encode()),
        "zlib": zlib.compress(f"{word} {word}".encode()),
    }


def squeezed(content: bytes) -> Iterator[bytes]:
    """Whatever zlib makes of a file, wherever it may begin."""
    at = content.find(b"\x78")
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[at : at + 4096])
        at = content.find(b"\x78", at + 1)


def found(folder: Path) -> set[str]:
    """In which forms canaries stand anywhere in the folder, with the file's name."""
    word, hits = CANARY, set()
    # what stands around it decides how the first and the last letters look
    inside = [base64.b64encode(b"." * at + WORD.encode())[4:-4] for at in (0, 1, 2)]
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        known = {
            "utf-8": word.encode() in content,
            "utf-16": word.encode("utf-16-le") in content,
            "base64": any(one in content for one in inside),
            "zlib": any(word.encode() in one for one in squeezed(content)),
        }
        hits |= {f"{path.name} {form}" for form, is_there in known.items() if is_there}
    return hits


def forms_of(hits: set[str]) -> set[str]:
    return {hit.split()[-1] for hit in hits}


@pytest.fixture
def folder(populated: Populated, tmp_path: Path) -> Path:
    """A data folder full of guests, with what else may lie in one."""
    folder = Path(shutil.copytree(populated.folder, tmp_path / "data"))
    for name, text in PLANTED.items():
        (folder / name).write_text(text.format(CANARY))
    (folder / "minutes.txt").write_text("somebody else's")
    with closing(sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None)) as rows:
        rows.execute("UPDATE waiting_file SET content = ?", (b" ".join(forms(WORD).values()),))
    return folder


@pytest.fixture
def full(folder: Path) -> Iterator[Flask]:
    app = create_app(from_env(data=folder, testing=True))
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def move_clock(monkeypatch: pytest.MonkeyPatch, to: datetime) -> None:
    monkeypatch.setattr(retention, "utc_now", lambda: to)


def is_empty(folder: Path) -> None:
    """Nothing is left but the event's frame, its organisers, and the sign that keeps backups out."""
    rows = {
        name: ask(folder, f"SELECT count(*) FROM {name}")[0][0] for name in (t.name for t in db.metadata.sorted_tables)
    }
    held = {name: count for name, count in rows.items() if count}
    assert held.keys() <= {"event", "staff", "sign_in", "link"}
    assert {role for (role,) in ask(folder, "SELECT role FROM staff")} <= {"organiser"}
    assert {path.name for path in folder.iterdir()} <= LEFT
    assert not (folder / purge.MARK).exists()
    assert found(folder) == set()


# --- bytes ---------------------------------------------------------------------------------------------------------


def test_nothing_is_left_in_any_file_in_any_form(full: Flask, folder: Path) -> None:
    assert forms_of(found(folder)) == set(forms(WORD))
    key = (folder / "secret.key").read_text()
    purge.purge("office", by=OFFICE)
    is_empty(folder)
    assert (folder / "rondo.sqlite3-wal").stat().st_size == 0
    create_app(from_env(data=folder, testing=True))
    assert (folder / "secret.key").read_text() != key


def test_without_a_checkpoint_it_would_all_be_there(full: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "_empty_journal", lambda **_how: True)
    with db.engines[None].connect():
        # to have looked before leaves the journal as it is
        people.person_called(str(ask(folder, "SELECT public_id FROM person")[0][0]))
    with closing(sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None)) as rows:
        rows.execute("UPDATE person SET latin = latin || '.'")
        purge.purge("office", by=OFFICE)
        assert ask(folder, "SELECT count(*) FROM person") == [(0,)]
        assert "rondo.sqlite3-wal utf-8" in found(folder)


def test_it_is_not_finished_while_somebody_still_reads(
    full: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "TRIES", 1)
    with closing(sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        with pytest.raises(NotNow, match="still reads the database"):
            purge.purge("office", by=OFFICE)
        assert found(folder)
        for page in ("/", "/me", "/office", "/staff", "/in/nothing"):
            answer = full.test_client().get(page)
            assert (answer.status_code, "is being deleted" in answer.text) == (503, True), page
        assert full.test_client().get("/healthz").status_code == 200
        assert not Keeper(full).delete_if_due()
        assert "still reads" in refused(rondo("purge", data=folder))
        reader.execute("ROLLBACK")
    db.session.remove()
    Keeper(full).look()
    is_empty(folder)
    assert full.test_client().get("/").status_code == 200


# --- the day -------------------------------------------------------------------------------------------------------


def test_everything_goes_when_the_day_begins_at_the_venue(
    full: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(full)
    move_clock(monkeypatch, LAST_MINUTE)
    keeper.look()
    assert ask(folder, "SELECT count(*) FROM person") == [(7,)]
    move_clock(monkeypatch, LAST_MINUTE + timedelta(minutes=1))
    # however many serve it, it is done once
    several = [threading.Thread(target=Keeper(full).delete_if_due) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    is_empty(folder)
    told = ask(folder, "SELECT receipt FROM event")
    keeper.look()
    assert ask(folder, "SELECT receipt FROM event") == told
    assert json.loads(str(told[0][0]))["why"] == "date"


def test_what_comes_after_the_day_goes_too(full: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    purge.purge("office", by=OFFICE)
    with closing(sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None)) as rows:
        rows.execute(
            "INSERT INTO person (id, public_id, number, name, latin, role, seated, first_time, revision, typed)"
            f" VALUES (1, 'p', '111', '{CANARY}', '', 'guest', 0, 0, 0, '{{}}')"
        )
    assert not purge.settle()
    move_clock(monkeypatch, LAST_MINUTE + timedelta(days=1))
    assert purge.settle()
    is_empty(folder)


def test_a_day_that_came_while_nothing_was_served_counts_before_the_first_page(folder: Path) -> None:
    # the real clock: the day was years ago
    with served("serve", folder) as (port, _lines):
        assert status("127.0.0.1", port, "/") == 200
        is_empty(folder)


KILLED = """
import json, os, signal, sys
import webapp.commands
from webapp.cli import main
from webapp.operations.deletion import purge

def die(*_given, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

for line in sys.stdin:
    step, *words = json.loads(line)
    child = os.fork()
    if not child:
        setattr(purge, step, die)
        main(words)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="commands are forked from one that is loaded")
def test_a_deletion_that_is_killed_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for step in ("_leave_sign", "_delete_rows", "_rewrite", "_empty_journal", "_files_that_go"):
            data = Path(shutil.copytree(folder, tmp_path / step))
            process.stdin.write(json.dumps([step, "purge", "--yes", "--data", str(data)]) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == f"{-signal.SIGKILL}\n", step
            begun = (data / purge.MARK).exists()
            assert begun == (step != "_files_that_go")
            told = rondo("purge", "--yes", data=data)
            assert (told.exit_code, "about 20 rows" in told.output) == (0, True), told.output
            is_empty(data)
        process.stdin.close()


# --- who may, and what is told -------------------------------------------------------------------------------------


def test_the_office_asks_for_the_title_and_shows_the_receipt(full: Flask, folder: Path, populated: Populated) -> None:
    office = full.test_client()
    office.set_cookie("rondo", populated.cookies["organiser"])
    assert "27 June" in office.get("/office/receipt").text
    assert office.get("/office/receipt.txt").location == "/office/receipt"
    wrong = send(office, "/office/delete", typed="Autumn")
    assert (wrong.status_code, "Nothing was deleted" in wrong.text) == (422, True)
    assert send(office, "/office/delete", typed=" spring  gathering").status_code == 303
    is_empty(folder)
    for page in ("/office/receipt", "/office", "/desk", "/"):
        answer = office.get(page, follow_redirects=True)
        assert (answer.status_code, "Everything was deleted" in answer.text) == (200, True), page
    parts = ("When and why", "What you must still destroy", "What was deleted", "What took place", "Files and database")
    page, file = office.get("/office/receipt").text, office.get("/office/receipt.txt").text
    for told in (page, file):
        assert [*map(told.index, parts)] == sorted(map(told.index, parts))
    assert "<summary>Files and database</summary>" in page
    assert "An organiser deleted everything" in file
    assert "fewer than 5 rows" in file
    assert "checkpoint not busy" in file
    assert "1 file of 15 bytes" in file
    assert "Backups in the data folder: 2 files" in file


def test_only_whoever_has_just_shown_who_they_are_deletes(full: Flask, folder: Path, populated: Populated) -> None:
    with closing(sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None)) as rows:
        rows.execute("UPDATE sign_in SET confirmed_at = NULL, made_at = datetime('now', '-1 hour')")
    office = full.test_client()
    office.set_cookie("rondo", populated.cookies["organiser"])
    led = office.get("/office/delete")
    assert (led.status_code, led.location) == (303, "/confirm?back=/office/delete")
    assert "Everything is deleted only by" in office.get(led.location).text
    with pytest.raises(NotFound):
        purge.purge("office", by=Actor(staff=Staff(name="desk", role="facilitator")))
    assert ask(folder, "SELECT count(*) FROM person") == [(7,)]


def test_what_let_somebody_in_is_answered_like_what_never_did(full: Flask, populated: Populated) -> None:
    def answers(cookie: str, link: str, code: str) -> list[tuple[int, str]]:
        guest = full.test_client()
        guest.set_cookie("rondo", cookie)
        with full.app_context():
            return told(guest, link, code)

    def told(guest: FlaskClient, link: str, code: str) -> list[tuple[int, str]]:
        pages = [guest.get(page, follow_redirects=True) for page in ("/me", "/me/profile", "/", f"/in/{link}")]
        form = f"/in/{link}" if guest.get(f"/in/{link}").status_code == 200 else "/staff"
        pages += [send(guest, f"/in/{link}", form), send(guest, "/", form, code=code)]
        plain = (page.text.replace(link, "LINK") for page in pages)
        return [(page.status_code, TOKEN.sub("", text)) for page, text in zip(pages, plain, strict=True)]

    cookie = populated.cookies["participant"]
    assert answers(cookie, populated.link, populated.code) != answers("x" * 43, "y" * 32, "0000 0000 0000 0000")
    purge.purge("office", by=OFFICE)
    after = answers(cookie, populated.link, populated.code)
    assert after == answers("x" * 43, "y" * 32, "0000 0000 0000 0000")
    assert "This event is over" in after[0][1]
    doors = (
        f"/in/{populated.link}",
        "/in/nothing",
        "/c/nothing",
        "/helper",
        "/helper/nothing",
        "/screen",
        "/screen/nothing",
    )
    with full.app_context():
        guest = full.test_client()
        assert {(guest.get(door).status_code, guest.get(door).location) for door in doors} == {(303, "/")}
        assert {(guest.post(door).status_code, guest.post(door).location) for door in (*doors[:-1], "/")} == {
            (303, "/")
        }
        assert len({guest.get(door, follow_redirects=True).text for door in doors}) == 1


@pytest.mark.parametrize(("lang", "day"), [("en", "27 June 2013"), ("fr", "27 juin 2013")])
def test_the_day_stands_in_the_language_of_the_page(client: FlaskClient, lang: str, day: str) -> None:
    make.store(make.event())
    client.set_cookie("lang", lang)
    for page in ("/", "/staff", "/in/nothing", "/nothing-here", "/screen"):
        assert day in client.get(page).text, page


@pytest.mark.long
def test_the_day_stands_on_every_page_of_everybody(house: House) -> None:
    answers = {(role, at): text_of(answer) for role in ROLES for at, answer in house.pages(role).items()}
    shown = {key: text for key, text in answers.items() if text.startswith('<!doctype html>\n<html lang="')}
    assert len(shown) > 100
    # but on the big screen, before a whole room, and where all that somebody had here is gone
    without = ("/screen/", "POST /me/leaving/everything")
    assert [key for key, text in shown.items() if ("will be deleted on" in text) == key[1].startswith(without)] == []


def test_the_command_asks_and_prints_the_receipt(folder: Path, migrated: Path, tmp_path: Path) -> None:
    empty = Path(shutil.copytree(migrated, tmp_path / "empty"))
    assert "no event in this folder" in refused(rondo("purge", data=empty))
    told = rondo("purge", data=folder, typed="Autumn\n")
    assert (told.exit_code, "not the title" in told.output) == (2, True)
    told = rondo("purge", data=folder, typed=f"{TITLE}\n")
    assert told.exit_code == 0, told.output
    assert f"Receipt: everything about {TITLE} was deleted" in told.output
    is_empty(folder)
    assert rondo("purge", data=folder).output in told.output
    (guests := tmp_path / "guests.csv").write_text("name,role\nZora,guest\n")
    assert "was deleted" in refused(rondo("import", str(guests), "--kind", "people", "--yes", data=folder))
    assert ask(folder, "SELECT count(*) FROM person") == [(0,)]


def test_no_receipt_tells_how_few_something_was() -> None:
    assert [receipt.fewer(count) for count in (0, 1, 4, 5, 9, 10, 213)] == [0, 1, 1, 5, 5, 10, 210]


def test_whoever_is_removed_leaves_a_sign_that_tells_nobody(full: Flask, folder: Path) -> None:
    who = str(ask(folder, f"SELECT public_id FROM person WHERE id = {FIRST_KEY}")[0][0])
    people.remove_person(who, by=OFFICE)
    (sign,) = tombstones.known()
    assert who not in sign
    assert tombstones.fits(who, {sign})
    assert not tombstones.fits(f"{who}.", {sign})
    Keeper(full)
    tombstones.leave_in(folder, {sign})
    assert tombstones.signs_in(folder, "person") == {sign}
    (folder / tombstones.FILE).write_bytes(b"\xff person")
    assert tombstones.signs_in(folder, "person") == set()


def test_the_event_and_its_receipt_survive_a_migration(full: Flask, folder: Path) -> None:
    purge.purge("office", by=OFFICE)
    flask_migrate.upgrade()
    event = db.session.get_one(Event, 1)
    assert (event.title, event.venue) == (TITLE, "")
    assert receipt.parts(event)
