"""The embedded database: how it is opened, and the one place that commits.

Two engines stand over one file. Reading goes through the first, which refuses every write; `transaction()` switches
the session to the second, whose transactions begin as writers (`BEGIN IMMEDIATE`), so that no update is lost and
nobody is told "database is locked" half-way. Every pragma is read back, and a connection that differs is refused.
"""

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import URL, Engine, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session

WRITER = "writer"
T = TypeVar("T")

KEPT = "kept"

PRAGMAS: dict[str, tuple[str, object]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "busy_timeout": ("10000", 10000),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),
    "temp_store": ("MEMORY", 2),
    "trusted_schema": ("OFF", 0),
}

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseRefused(RuntimeError):
    """The database does not keep a setting that Rondo relies on."""


class Base(DeclarativeBase):
    """The ground every row class stands on."""

    metadata = MetaData(naming_convention=NAMING)


class TwoEngineSession(FlaskSession):
    """A session that reads through one engine and, inside `transaction()`, works on the writing one."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any) -> Any:  # noqa: ARG002
        """Return the engine for a statement: the writing one inside `transaction()`, else the reading one."""
        if bind is not None:
            return bind
        return db.engines[WRITER if self.info.get("writing") else None]


db = SQLAlchemy(model_class=Base, session_options={"class_": TwoEngineSession}, disable_autonaming=True)

if TYPE_CHECKING:

    class Row(DeclarativeBase):
        """What every row class inherits."""
else:
    Row = db.Model


def open_database(app: Flask, path: str) -> None:
    """Bind the application to the database file at `path`; the file is made by the first migration."""
    # not as text: a question mark in a folder's name would end it
    url = URL.create("sqlite", database=path)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
    app.config["SQLALCHEMY_BINDS"] = {WRITER: {"url": url, "hide_parameters": True}}
    db.init_app(app)
    with app.app_context():
        _prepare(db.engines[None], writes=False)
        _prepare(db.engines[WRITER], writes=True)


def _prepare(engine: Engine, *, writes: bool) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, (value, expected) in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
            found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if found != expected:
                raise DatabaseRefused(f"the database keeps {name}={found!r}, Rondo needs {expected!r}")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction() -> Iterator[Session]:
    """Do everything inside as one write: committed at the end, undone as a whole where anything is raised.

    What was read before is read anew inside, so decisions rest on what is true now.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a transaction is open already")
    session.rollback()
    session.info["writing"], session.info["after"] = True, []
    session.info.pop(KEPT, None)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False
    for act in session.info.pop("after"):
        act()


def read_once(name: str, read: Callable[[], T]) -> T:
    """Return what `read` reads; the same answer asks for it once, unless something is written.

    Within a transaction it is read each time: decisions rest on what is true then.
    """
    info = db.session().info
    if info.get("writing"):
        return read()
    kept: dict[str, T] = info.setdefault(KEPT, {})
    if name not in kept:
        kept[name] = read()
    return kept[name]


def after_commit(rows: Session, act: Callable[[], object]) -> None:
    """Do something once what is written in this transaction is kept, and not at all where it is undone."""
    rows.info.setdefault("after", []).append(act)


journal_holds = threading.Event()
"""Whether the journal may still hold what was deleted, because somebody was reading when it was to be cut."""


def cut_journal(*, wait: float = 0, owed: bool = True) -> bool:
    """Carry the journal over into the database and cut it to nothing, for at most `wait` seconds.

    Return whether that went. It does not while somebody reads what was before; then it is noted as `owed`.
    """
    try:
        with closing(sqlite3.connect(db.engines[None].url.database or "", isolation_level=None, timeout=wait)) as held:
            for name in ("secure_delete", "temp_store"):
                held.execute(f"PRAGMA {name}={PRAGMAS[name][0]}")
            busy: int = held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        busy = 1
    if busy and owed:
        journal_holds.set()
    elif not busy:
        journal_holds.clear()
    return not busy


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Open an empty database of the same tables that is in memory alone, and gone at the end."""
    engine = create_engine("sqlite://", hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=ON"))
    try:
        db.metadata.create_all(engine)
        with Session(engine) as rows:
            yield rows
    finally:
        engine.dispose()


def snapshot(path: str) -> bytes:
    """Return the whole database as it stands, without what was deleted; nothing of it touches the disk."""
    name = f"file:/rondo-{secrets.token_hex(8)}?vfs=memdb"
    with closing(sqlite3.connect(name, uri=True)) as copy:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=rw", uri=True, isolation_level=None)) as whole:
            whole.execute("VACUUM INTO ?", (name,))
        return copy.serialize()
