"""The folder that holds everything: for its owner alone, whatever it is called, and never with a key that is none."""

import os
import threading
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp import factories as make
from webapp.app import create_app
from webapp.config import SHORTEST_SECRET, Settings, from_env, open_data_folder, signing_key
from webapp.db import WRITER, db
from webapp.models import Event


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def use(settings: Settings) -> dict[str, int]:
    """Write something and return the modes of the files while the database is open."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        make.store(make.event())
        assert db.session.scalar(select(Event.title)) == "Spring Gathering"
        found = modes(settings.data)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return found


@pytest.mark.parametrize("turn", range(2))
def test_every_test_finds_things_as_they_were(app: Flask, turn: int) -> None:
    assert db.session.scalar(select(Event.title)) is None
    assert app.config["TRUSTED_HOSTS"]
    make.store(make.event())
    app.config["TRUSTED_HOSTS"] = None


def test_database_and_journals_are_for_their_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        found = use(from_env(data=tmp_path, testing=True))
    finally:
        os.umask(before)
    assert {"rondo.sqlite3", "rondo.sqlite3-wal", "rondo.sqlite3-shm", "secret.key"} <= set(found)
    assert set(found.values()) == {0o600}


def test_a_database_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    settings = from_env(data=tmp_path, testing=True)
    settings.database.touch(mode=0o644)
    open_data_folder(settings)
    assert modes(tmp_path) == {"rondo.sqlite3": 0o600}


@pytest.mark.parametrize("name", ["what?mode=ro", "100 %", "a#b", "مجلد"])
def test_the_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    settings = from_env(data=tmp_path / name, testing=True)
    use(settings)
    assert settings.database.stat().st_size > 0
    app = create_app(settings)
    with app.app_context():
        assert db.engines[WRITER].url.database == str(settings.database)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 8])
def test_a_key_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(OSError, match="no signing key") as told:
        signing_key(from_env(data=tmp_path))
    assert told.value.filename == str(path)
    assert path.read_bytes() == content


def test_all_who_start_at_once_use_one_key(tmp_path: Path) -> None:
    settings, start, found = from_env(data=tmp_path), threading.Barrier(8), []

    def open_it() -> None:
        start.wait()
        found.append(signing_key(settings))

    workers = [threading.Thread(target=open_it) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) >= SHORTEST_SECRET
    assert sorted(modes(tmp_path)) == ["rondo.sqlite3", "secret.key"]
