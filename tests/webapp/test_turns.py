"""One at a time, of all processes that work on a data folder."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from webapp.config import Settings
from webapp.db import db
from webapp.operations.plans import turns
from webapp.operations.plans.turns import InTurn

PATIENCE, A_MOMENT = 60.0, 0.3
HOLDER = """
import sys
from webapp.app import create_app
from webapp.config import from_env
from webapp.operations.plans.turns import InTurn

with create_app(from_env(data=sys.argv[1])).app_context(), InTurn():
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder until it reads a line."""
    words = [sys.executable, "-c", HOLDER, str(settings.data)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def come(app: Flask, turn: InTurn) -> threading.Event:
    """Let somebody come for the turn; the event says that they have it."""
    entered = threading.Event()

    def run() -> None:
        with app.app_context():
            with turn:
                entered.set()
            db.session.remove()

    threading.Thread(target=run, daemon=True).start()
    return entered


@pytest.mark.skipif(turns.fcntl is None, reason="one process alone answers here")
def test_one_process_waits_for_another_and_not_for_a_dead_one(app: Flask, settings: Settings) -> None:
    turn = InTurn()
    with holder(settings) as other:
        entered = come(app, turn)
        assert not entered.wait(A_MOMENT)
        other.communicate("\n")
        assert entered.wait(PATIENCE)
    with holder(settings) as other:
        entered = come(app, turn)
        assert not entered.wait(A_MOMENT)
        other.kill()
        assert entered.wait(PATIENCE)


@pytest.mark.skipif(turns.fcntl is None, reason="one process alone answers here")
def test_without_the_lock_nobody_would_wait(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with holder(settings):
        monkeypatch.setattr(turns, "fcntl", None)
        assert come(app, InTurn()).wait(PATIENCE)


def test_of_two_threads_one_waits_wherever_it_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "fcntl", None)
    turn = InTurn()
    with turn:
        entered = come(app, turn)
        assert not entered.wait(A_MOMENT)
    assert entered.wait(PATIENCE)
    with pytest.raises(ZeroDivisionError), turn:
        _ = 1 / 0
    assert come(app, turn).wait(PATIENCE)
