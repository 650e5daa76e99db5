"""Taking over what was tried: rules and draft in one step or not at all; a trial itself is never published."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.webapp import factories as make
from tests.webapp.factories import send
from tests.webapp.test_bridge import BY
from tests.webapp.test_variants import DOOR, contents, desk, other, room, tried
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.models import Plan, Session, Table
from webapp.operations.plans import planning, variants

__all__ = ["desk"]


def test_a_trial_is_never_published(app: Flask) -> None:
    session_id = room()
    trial = variants.find_trial(session_id).public_id
    with pytest.raises(NotNow, match="newer draft"):
        planning.publish(session_id, by=BY, draft=trial)
    publish = text("UPDATE plan SET state = 'published', version = 1 WHERE trial")
    with pytest.raises(IntegrityError, match="ck_plan_trial"), transaction() as rows:
        rows.execute(publish)
    with transaction() as rows:
        rows.execute(text("PRAGMA ignore_check_constraints = ON"))
        assert rows.execute(publish).rowcount == 1
        rows.execute(text("PRAGMA ignore_check_constraints = OFF"))
        rows.rollback()


def standing(session_id: int) -> tuple[object, ...]:
    draft, trial = planning.find_plan(session_id, "draft"), variants.find_trial(session_id)
    return other(session_id), draft and contents(draft.public_id), trial and contents(trial.public_id)


def take(session_id: int) -> None:
    db.session.rollback()
    trial, base = variants.find_trial(session_id), variants.find_base(session_id)
    variants.take(session_id, by=BY, trial=trial.public_id, base=base.public_id)


def test_taking_over_changes_rules_and_draft(app: Flask) -> None:
    session_id = room()
    trial = variants.find_trial(session_id).public_id
    take(session_id)
    assert (other(session_id).limit, planning.find_plan(session_id, "draft").public_id) == (1, trial)
    assert db.session.query(Plan).count() == 1
    assert planning.publish(session_id, by=BY, draft=trial) == "A"


@contextmanager
def careless() -> Iterator[object]:
    """A transaction that keeps what was done before something went wrong."""
    db.session.rollback()
    db.session().info["writing"] = True
    try:
        yield db.session()
    finally:
        db.session.commit()
        db.session().info["writing"] = False


@pytest.mark.parametrize("careful", [True, False])
def test_a_fault_half_way_leaves_everything_as_it_was(
    app: Flask, careful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = room()
    before = standing(session_id)

    def fail(*_what: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(variants, "delete", fail)
    if not careful:
        monkeypatch.setattr(variants, "transaction", careless)
    with pytest.raises(RuntimeError, match="odd"):
        take(session_id)
    assert (standing(session_id) == before) is careful


@pytest.mark.parametrize("step", ["UPDATE ON session", "DELETE ON plan", "UPDATE ON plan"])
def test_a_fault_of_the_database_at_any_step_leaves_everything_as_it_was(app: Flask, step: str) -> None:
    session_id = room()
    before = standing(session_id)
    with transaction() as rows:
        rows.execute(text(f"CREATE TRIGGER odd BEFORE {step} BEGIN SELECT RAISE(ABORT, 'odd'); END"))
    with pytest.raises(IntegrityError, match="odd"):
        take(session_id)
    assert standing(session_id) == before
    with transaction() as rows:
        rows.execute(text("DROP TRIGGER odd"))
    take(session_id)
    assert standing(session_id) != before


def _arrives(session_id: int) -> None:
    make.store(make.person())


def _tables_go(session_id: int) -> None:
    with transaction() as rows:
        rows.query(Table).delete()
        rows.get(Session, session_id).tables = make.tables("X", "Y", "Z")


def _planned_again(session_id: int) -> None:
    planning.make_plan(session_id, by=BY, seed=1)


def _tried_again(session_id: int) -> None:
    tried(session_id, limit=2)


def _left(session_id: int) -> None:
    variants.leave(session_id, by=BY, trial=variants.find_trial(session_id).public_id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_arrives, "People or tables have changed"), (_tables_go, "People or tables have changed"),
        (_planned_again, "newer draft"), (_tried_again, "Other rules have been tried"),
        (_left, "Nothing is being compared"),
        (lambda _session: None, ""),
    ],
)  # fmt: skip
def test_only_what_was_compared_and_still_fits_is_taken(
    desk: FlaskClient, change: Callable[[int], None], words: str
) -> None:
    session_id = room()
    page = desk.get(f"{DOOR}/compare").text
    fields = {name: re.search(f'name="{name}" value="([^"]+)"', page).group(1) for name in ("trial", "base")}
    change(session_id)
    before = standing(session_id)
    answer = send(desk, f"{DOOR}/take", page=DOOR, **fields)
    assert (answer.status_code, answer.location) == ((409, None) if words else (303, f"{DOOR}/draft?note=taken"))
    assert words in answer.text
    assert (standing(session_id) == before) is bool(words)


def test_what_no_longer_fits_cannot_be_taken_on_the_page(desk: FlaskClient) -> None:
    room()
    assert "Take this</button>" in desk.get(f"{DOOR}/compare").text
    make.store(make.person())
    page = desk.get(f"{DOOR}/compare").text
    assert "Take this</button>" not in page
    assert "People or tables have changed since these rules were tried" in page
