"""Migrations: up, down, up with data; what they build is what the rows say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from tests.webapp.test_bridge import BY, open_room
from webapp.app import MIGRATIONS, create_app
from webapp.bridge import Rules
from webapp.config import from_env
from webapp.db import WRITER, db
from webapp.models import Session
from webapp.operations.door import accounts
from webapp.operations.files import intake
from webapp.operations.plans import planning, variants


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has not been migrated."""
    app = create_app(from_env(data=tmp_path / "data", testing=True))
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engines[WRITER]).get_table_names()) - {"alembic_version"}


def content() -> dict[str, int]:
    return {name: db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in sorted(tables())}


def revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def differences() -> list[object]:
    with db.engines[WRITER].connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), db.metadata))


def test_every_revision_goes_up_and_down_and_up(empty: Flask) -> None:
    for revision in revisions():
        flask_migrate.upgrade(revision=revision)
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade(revision=revision)
    flask_migrate.downgrade(revision="base")
    assert tables() == set()


def test_every_revision_says_which_one_it_follows() -> None:
    for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        assert f"Revises: {one.down_revision or ''}".strip() in one.longdoc.splitlines(), one.revision


def test_head_is_what_the_rows_say(empty: Flask) -> None:
    flask_migrate.upgrade()
    assert differences() == []
    with db.engines[WRITER].begin() as connection:
        connection.exec_driver_sql("ALTER TABLE person DROP COLUMN latin")
    assert differences() != []


def test_migrated_and_created_databases_have_the_same_guards(empty: Flask, tmp_path: Path) -> None:
    flask_migrate.upgrade()
    query = text(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL ORDER BY name"
    )
    migrated = [(name, " ".join(sql.split())) for name, sql in db.session.execute(query)]
    created_app = create_app(from_env(data=tmp_path / "created", testing=True))
    with created_app.app_context():
        with db.engines[WRITER].begin() as connection:
            db.metadata.create_all(connection)
        created = [(name, " ".join(sql.split())) for name, sql in db.session.execute(query)]
    assert migrated == created
    assert sum("never edited" in sql for _, sql in migrated) == 6


def test_data_stays_when_migrations_run_again(empty: Flask) -> None:
    flask_migrate.upgrade()
    intake.load_demo()
    before = content()
    assert before["person"] == 213
    flask_migrate.upgrade()
    assert content() == before


def test_the_last_step_back_and_forth_keeps_what_both_sides_know(empty: Flask) -> None:
    flask_migrate.upgrade()
    intake.load_demo()
    before = content()
    *_, last = revisions()
    script = ScriptDirectory(str(MIGRATIONS)).get_revision(last)
    flask_migrate.downgrade(revision="-1")
    remaining = content()
    assert all(before[name] == count for name, count in remaining.items())
    assert bool(remaining) == (script.down_revision is not None)
    flask_migrate.upgrade()
    assert differences() == []


def test_without_its_column_a_trial_goes_and_the_draft_stays(empty: Flask) -> None:
    flask_migrate.upgrade()
    session_id, _people = open_room(6)
    draft = planning.make_plan(session_id, by=BY)
    rules = replace(Rules.of(db.session.get(Session, session_id)), limit=1)
    variants.try_rules(session_id, rules, by=BY)
    seats = text("SELECT count(*) FROM seat")
    kept = db.session.scalar(text("SELECT count(*) FROM seat JOIN plan ON plan.id = plan_id WHERE NOT trial"))
    assert db.session.scalar(seats) > kept
    db.session.remove()
    flask_migrate.downgrade(revision="0003")
    assert [tuple(row) for row in db.session.execute(text("SELECT public_id, state FROM plan"))] == [(draft, "draft")]
    assert db.session.scalar(seats) == kept
    db.session.remove()
    flask_migrate.upgrade()
    assert planning.find_plan(session_id, "draft").public_id == draft
    assert variants.find_trial(session_id) is None
    assert Rules.kept_by(planning.find_plan(session_id, "draft")).floor


def test_staff_keep_their_ways_in_when_another_role_comes_and_goes(empty: Flask) -> None:
    flask_migrate.upgrade()
    for at, role in enumerate(("organiser", "safety")):
        held = accounts.add_staff(role, role, "seven quiet lanterns")
        token = accounts.issue_link(lasts=timedelta(hours=1 + at), staff_id=held)
        accounts.sign_in_by_link(token)
    names = text("SELECT staff.name FROM staff JOIN link ON link.staff_id = staff.id JOIN sign_in USING (staff_id)")
    assert set(db.session.scalars(names)) == {"organiser", "safety"}
    before = ScriptDirectory(str(MIGRATIONS)).get_revision("0015").down_revision
    db.session.remove()
    flask_migrate.downgrade(revision=before)
    assert list(db.session.scalars(names)) == ["organiser"]
    db.session.remove()
    flask_migrate.upgrade()
    assert list(db.session.scalars(names)) == ["organiser"]


def test_what_people_typed_of_others_stands_for_their_wishes(empty: Flask) -> None:
    flask_migrate.upgrade(revision="0015")
    typed = {
        1: '{"numbers": "11 99", "organisation": ["lantern"], "wished_organisations": ["LANTERN fund"]}',
        2: "{}",
    }
    with db.engines[WRITER].begin() as rows:
        rows.exec_driver_sql("INSERT INTO organisation (id, name) VALUES (1, 'Lantern Fund')")
        for row, said in typed.items():
            rows.exec_driver_sql(
                "INSERT INTO person (id, public_id, number, name, latin, role, seated, first_time, revision, typed)"
                " VALUES (?, ?, ?, 'N', 'N', 'guest', 0, 0, 0, ?)",
                (row, f"p{row}", str(10 + row), said),
            )
            rows.exec_driver_sql("INSERT INTO wish (person_id, position, wished_person_id) VALUES (?, 0, 1)", (row,))
            rows.exec_driver_sql("INSERT INTO wish (person_id, position, organisation_id) VALUES (?, 1, 1)", (row,))
            rows.exec_driver_sql("INSERT INTO wish (person_id, position, role) VALUES (?, 2, 'donor')", (row,))
    flask_migrate.upgrade()
    wishes = text("SELECT person_id, text, role, wished_person_id FROM wish ORDER BY person_id, role, position")
    assert [tuple(row) for row in db.session.execute(wishes)] == [
        (1, "11", None, None),
        (1, "99", None, None),
        (1, "LANTERN fund", None, None),
        (1, None, "donor", None),
        (2, None, None, 1),
        (2, None, None, None),
        (2, None, "donor", None),
    ]
    assert db.session.scalar(text("SELECT typed FROM person WHERE id = 1")) == '{"organisation": ["lantern"]}'
    db.session.remove()
    flask_migrate.downgrade(revision="0015")
    assert db.session.scalar(text("SELECT count(*) FROM wish")) == 4
    db.session.remove()
