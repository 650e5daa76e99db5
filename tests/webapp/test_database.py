"""How the embedded database is opened, and what it refuses by itself."""

import sqlite3
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.webapp import factories as make
from webapp import db as room
from webapp.config import Settings
from webapp.db import PRAGMAS, WRITER, DatabaseRefused, db, read_once, transaction
from webapp.models import Meeting, Person, Plan, Seat


def test_every_connection_keeps_the_pragmas(durable: Flask) -> None:
    for engine in db.engines.values():
        with engine.connect() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        assert found == {name: expected for name, (_, expected) in PRAGMAS.items()}
        assert found["synchronous"] == 2, "what is committed is on the disk"


def test_a_connection_that_differs_is_refused(durable: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    monkeypatch.setitem(room.PRAGMAS, "synchronous", ("NORMAL", 2))
    with pytest.raises(DatabaseRefused, match="synchronous=1"), db.engines[None].connect():
        pass


def test_reading_cannot_write(app: Flask) -> None:
    make.store(make.event())
    with pytest.raises(OperationalError, match="readonly"):
        db.session.execute(text("UPDATE event SET title = 'changed'"))
    db.session.rollback()
    with transaction() as rows:
        rows.execute(text("UPDATE event SET title = 'changed'"))
    assert db.session.scalar(text("SELECT title FROM event")) == "changed"


def test_what_is_raised_undoes_the_whole_transaction(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as rows:
        rows.add(make.event())
        rows.flush()
        raise ZeroDivisionError
    assert db.session.scalar(text("SELECT count(*) FROM event")) == 0


def test_transactions_do_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="open already"), transaction(), transaction():
        pass


def test_one_answer_reads_once_what_it_asks_for_twice_and_a_write_is_seen(app: Flask) -> None:
    def titles() -> list[str]:
        return read_once("titles", lambda: list(db.session.scalars(text("SELECT title FROM event"))))

    make.store(make.event(title="before"))
    held = titles()
    assert (titles() is held, held) == (True, ["before"])
    with transaction() as rows:
        rows.execute(text("UPDATE event SET title = 'between'"))
        assert titles() == ["between"]
        rows.execute(text("UPDATE event SET title = 'after'"))
        assert titles() == ["after"]
    assert titles() == ["after"]
    db.session.remove()
    assert titles() is not held


def count_up(path: Path, begin: str, *, threads: int, each: int) -> int:
    """Let threads add 1 to a counter by reading and writing; return what the counter says."""

    def work() -> None:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        for _ in range(each):
            try:
                connection.execute(begin)
                value = connection.execute("SELECT n FROM counter").fetchone()[0]
                connection.execute("UPDATE counter SET n = ?", (value + 1,))
                connection.execute("COMMIT")
            except sqlite3.OperationalError:
                connection.execute("ROLLBACK") if connection.in_transaction else None
        connection.close()

    with sqlite3.connect(path) as first:
        first.executescript("PRAGMA journal_mode=WAL; CREATE TABLE counter (n); INSERT INTO counter VALUES (0)")
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return int(sqlite3.connect(path).execute("SELECT n FROM counter").fetchone()[0])


def test_no_update_is_lost(app: Flask) -> None:
    first = make.person(revision=0)
    make.store(make.event(), first)
    who, each, threads = first.id, 10, 8

    def work() -> None:
        with app.app_context():
            for _ in range(each):
                with transaction() as rows:
                    person = rows.get(Person, who)
                    assert person is not None
                    person.revision += 1

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.session.rollback()
    assert db.session.get(Person, who).revision == each * threads


def test_plain_begin_would_lose_updates(tmp_path: Path) -> None:
    assert count_up(tmp_path / "good.sqlite3", "BEGIN IMMEDIATE", threads=8, each=10) == 80
    assert count_up(tmp_path / "bad.sqlite3", "BEGIN", threads=8, each=10) < 80


def draft_with_two_meetings() -> tuple[int, int, int]:
    """A draft with two tables in round 1; the ids of plan, second meeting and a person at the first."""
    session = make.session()
    one, other = make.person(), make.person()
    plan = Plan(session=session, rounds=3, people=2)
    plan.meetings = [Meeting(round_no=1, table="1", position=0), Meeting(round_no=1, table="2", position=1)]
    make.store(make.event(), session, one, other, plan)
    with transaction() as rows:
        first = rows.get(Plan, plan.id).meetings[0]
        rows.add(Seat(plan_id=plan.id, round_no=1, person_id=one.id, meeting_id=first.id, place=0))
    return plan.id, plan.meetings[1].id, one.id


def test_the_database_forbids_sitting_twice_in_a_round(app: Flask) -> None:
    plan_id, second, person_id = draft_with_two_meetings()
    with pytest.raises(IntegrityError, match="UNIQUE"), transaction() as rows:
        rows.add(Seat(plan_id=plan_id, round_no=1, person_id=person_id, meeting_id=second, place=0))


def test_without_the_key_a_double_seat_would_pass(app: Flask, tmp_path: Path) -> None:
    sql = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'seat'"))
    mutated = "\n".join(line for line in sql.splitlines() if "PRIMARY KEY" not in line)
    assert mutated != sql
    engine = create_engine(f"sqlite:///{tmp_path / 'mutated.sqlite3'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(mutated.replace("ON DELETE CASCADE, \n\t\n", "ON DELETE CASCADE"))
        for meeting in (1, 2):
            connection.exec_driver_sql("INSERT INTO seat VALUES (1, 1, 1, ?, 0)", (meeting,))
        assert connection.exec_driver_sql("SELECT count(*) FROM seat").scalar() == 2


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE seat SET place = 1",
        "UPDATE meeting SET table_name = '9' WHERE table_name = '2'",
        (
            "INSERT INTO seat (plan_id, round_no, person_id, meeting_id, place) "
            "SELECT plan_id, round_no, 2, id, 1 FROM meeting WHERE table_name = '2'"
        ),
        "INSERT INTO rest (plan_id, round_no, person_id, code) SELECT plan_id, 2, person_id, 'odd_number' FROM seat",
    ],
)
def test_a_published_version_is_never_edited(app: Flask, edit: str) -> None:
    plan_id, _, _ = draft_with_two_meetings()
    with transaction() as rows:
        rows.execute(text("SAVEPOINT twin"))
        assert rows.execute(text(edit)).rowcount == 1, "a draft takes the edit"
        rows.execute(text("ROLLBACK TO twin"))
        rows.execute(text("UPDATE plan SET state = 'published', version = 1"))
    with pytest.raises(IntegrityError, match="never edited"), transaction() as rows:
        rows.execute(text(edit))
    assert db.session.get(Plan, plan_id).state == "published"


def test_one_published_version_a_session(app: Flask) -> None:
    plan_id, _, _ = draft_with_two_meetings()
    with transaction() as rows:
        rows.execute(text("UPDATE plan SET state = 'published', version = 1"))
        session_id = rows.get(Plan, plan_id).session_id
    with pytest.raises(IntegrityError), transaction() as rows:
        rows.add(Plan(session_id=session_id, state="published", version=2, rounds=3, people=2))


def test_two_tables_of_one_name_in_a_round_are_refused(app: Flask) -> None:
    plan_id, _, _ = draft_with_two_meetings()
    with pytest.raises(IntegrityError), transaction() as rows:
        rows.add(Meeting(plan_id=plan_id, round_no=1, table="1", position=5))


def test_files_are_for_their_owner_alone(settings: Settings, app: Flask) -> None:
    assert (settings.data / "secret.key").stat().st_mode & 0o077 == 0
    assert db.engines[WRITER].url.database == str(settings.database)
