"""A real application on a real SQLite file, migrated once and copied for every test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import CodeType

import flask_migrate
import pyrage
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from tests.webapp import crowd
from tests.webapp import factories as make
from tests.webapp.canaries import Populated, populate
from tests.webapp.factories import Browser, Visitor
from tests.webapp.once import of_all_workers, once
from tests.webapp.walker import House, open_house
from webapp.app import create_app
from webapp.config import Settings, from_env
from webapp.db import PRAGMAS, WRITER, db
from webapp.models import Session
from webapp.operations.event import retention
from webapp.views import checkin, participant


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of a run."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of the same file in the same words."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}

pyrage.passphrase.decrypt = lru_cache(pyrage.passphrase.decrypt)
"""The right passphrase opens the same key as before: a second of work once, where a wrong one takes it every time."""

AS_KEPT = dict(PRAGMAS)
PRAGMAS["synchronous"] = ("OFF", 0)
"""No test cuts the power, so none waits for the disk; take `durable` to have it as it is kept."""


@pytest.fixture(autouse=True)
def before_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the day on which the tests' event is deleted be one to come."""
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2013, 6, 18, 9, 0))


@pytest.fixture
def on_the_eve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let people and the desk look at the tests' event on the day before its rounds."""
    for pages in (participant, checkin):
        monkeypatch.setattr(pages, "now", lambda: datetime(2013, 6, 18, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database stands at the newest revision and holds nothing."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(from_env(data=folder, testing=True))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        with db.engines[WRITER].connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        for engine in db.engines.values():
            engine.dispose()
    return folder


@pytest.fixture(scope="module")
def at_noon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Noon, at the same moment for all that read the crowd."""
    ahead = once(of_all_workers(tmp_path_factory, "noon"), ["ahead"], lambda _name: crowd.to_noon())["ahead"]
    with time_machine.travel(datetime.now(UTC) + ahead):
        yield


@pytest.fixture(scope="session")
def ground(migrated: Path) -> Path:
    """The data folder that a test starts from; modules may lay another one, planned once for many tests."""
    return migrated


@pytest.fixture(scope="session")
def running(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application for all tests, so that routes, pages and statements are compiled once; take `app`."""
    folder = tmp_path_factory.mktemp("running") / "data"
    shutil.copytree(migrated, folder)
    app = create_app(from_env(data=folder, testing=True))
    app.test_client_class = Browser
    return app


@pytest.fixture
def settings(running: Flask, ground: Path) -> Settings:
    """Settings whose data folder holds a fresh copy of what the test starts from."""
    settings: Settings = running.config["SETTINGS"]
    shutil.rmtree(settings.data)
    shutil.copytree(ground, settings.data)
    return settings


@pytest.fixture
def app(running: Flask, settings: Settings) -> Iterator[Flask]:
    """The application, inside its context, its configuration and its files put back."""
    held = dict(running.config)
    with running.app_context():
        yield running
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    running.config.clear()
    running.config.update(held)


@pytest.fixture
def durable(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application, its database opened as it is outside of tests."""
    for name, kept in AS_KEPT.items():
        monkeypatch.setitem(PRAGMAS, name, kept)
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    yield app
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Makes signed-in browsers that fill in forms as a browser does, hidden token included."""
    return Visitor(app)


@pytest.fixture(scope="session")
def populated(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Populated:
    """A data folder full of guests whose every word is a canary."""
    shared = of_all_workers(tmp_path_factory, "populated")
    return once(shared, ["guests"], lambda name: populate(migrated, shared / name))["guests"]


@pytest.fixture(scope="session")
def standing(populated: Populated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests that walk; take `house`, which puts it back first."""
    house = open_house(populated, tmp_path_factory.mktemp("standing") / "data")
    house.shelf = of_all_workers(tmp_path_factory, "walked")
    yield house
    house.close()


@pytest.fixture
def house(standing: House) -> House:
    """The populated house, with everything in its place."""
    standing.restore()
    return standing


@pytest.fixture
def talks(app: Flask) -> Session:
    """A session of one-to-one rounds that an event holds."""
    session = make.session(slug="talks", title="Talks")
    make.store(make.event(), session)
    return session
