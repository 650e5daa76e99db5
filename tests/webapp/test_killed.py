"""A process that dies while it brings a file in: all of the file is there afterwards, or nothing of it."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.test_commands import ask, rondo
from webapp.config import Settings
from webapp.db import db

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="commands are forked from one that is loaded")
PEOPLE = 80
PATIENCE = 60
FORKS = """
import json, os, signal, sys
from dataclasses import replace
import webapp.commands
from webapp.cli import main
from webapp.operations.files.importing import judging

def row_by_row(incoming, *, digest, keep, by):
    header, *rows = incoming.content.splitlines(keepends=True)
    for row in rows:
        one = replace(incoming, content=header + row)
        whole(one, digest=judging.preview(one, by=by).digest, keep=keep, by=by)

whole = judging.store
for line in sys.stdin:
    words = json.loads(line)
    child = os.fork()
    if not child:
        if words[0] == "row by row":
            judging.store = row_by_row
        main(words[1:])
    if sys.stdin.readline() == "kill\\n":
        os.kill(child, signal.SIGKILL)
    print("over", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Loaded:
    """A process that has loaded the whole program, and forks a command whenever it is told to."""

    process: subprocess.Popen[str]

    def line(self, wanted: Callable[[str], bool]) -> tuple[str, list[str]]:
        """The next line that is wanted, with those before it."""
        assert self.process.stdout
        before: list[str] = []
        for line in self.process.stdout:
            if wanted(line):
                return line, before
            before.append(line.strip())
        raise AssertionError(before)

    def say(self, what: str) -> None:
        """Say what to do next: which command to start; then whether to `wait` for its end, or to `kill` it."""
        assert self.process.stdin
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()

    def over(self, how: str) -> tuple[int, list[str]]:
        """End the command; return its status and what it said since."""
        self.say(how)
        line, said = self.line(lambda line: line.startswith("over "))
        return int(line.split()[1]), said


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    with subprocess.Popen(
        [sys.executable, "-u", "-c", FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Loaded(process)
        process.kill()


@dataclass
class Ground:
    """A house without guests, and a file of them."""

    data: Path
    file: Path

    def fresh(self) -> Path:
        """A copy of the house."""
        shutil.rmtree(self.data.parent / "copy", ignore_errors=True)
        return shutil.copytree(self.data, self.data.parent / "copy")


@pytest.fixture
def house(app: Flask, settings: Settings, tmp_path: Path) -> Ground:
    make.store(make.event(), make.interest(slug="privacy", title="Privacy"))
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    lines = (f"Guest {at},House {at % 40},English;français,Privacy" for at in range(PEOPLE))
    file = tmp_path / "people.csv"
    file.write_text("\n".join(("Name,Organisation,Languages,Offers", *lines)))
    return Ground(shutil.copytree(settings.data, tmp_path / "data"), file)


def bring_in(house: Ground, data: Path, how: str = "whole") -> str:
    return json.dumps([how, "import", str(house.file), "--kind", "people", "--yes", "--data", str(data)])


def guests(data: Path) -> int:
    """How many there are, in a database that is whole."""
    with closing(sqlite3.connect(data / "rondo.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        found = connection.execute(
            "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM person_interest),"
            " (SELECT count(*) FROM person_language), (SELECT count(*) FROM organisation)"
        ).fetchone()
    people: int = found[0]
    if people in (0, PEOPLE):
        assert found == ((0, 0, 0, 0) if not people else (PEOPLE, PEOPLE, 2 * PEOPLE, 40))
    return people


def kill_and_look(loaded: Loaded, house: Ground, kills: int) -> dict[str, int]:
    """Kill so many imports, each at another moment; return how they were left."""
    began = time.monotonic()
    loaded.say(bring_in(house, house.fresh()))
    loaded.line(lambda line: " new, " in line)
    shown = time.monotonic()
    loaded.line(lambda line: line == "Stored.\n")
    ended = time.monotonic()
    assert loaded.over("wait") == (0, [])
    chance, left = random.Random(), {"nothing": 0, "all": 0}
    for kill in range(kills):
        data = house.fresh()
        loaded.say(bring_in(house, data))
        if kill % 4 == 3:
            time.sleep(chance.uniform(0, ended - began))
        else:
            # while it is stored
            loaded.line(lambda line: " new, " in line)
            time.sleep((ended - shown) * (kill + chance.random()) / kills)
        status, said = loaded.over("kill")
        found = guests(data)
        assert found in ((PEOPLE,) if status == 0 or "Stored." in said else (0, PEOPLE))
        left["all" if found else "nothing"] += 1
    # the next start finds all in order
    assert rondo("import", str(house.file), "--kind", "people", "--yes", data=data).exit_code == 0
    assert guests(data) == PEOPLE
    print(f"{kills} imports killed, storing takes {(ended - shown) * 1000:.0f} ms; left: {left}")
    return left


def test_a_killed_import_leaves_all_or_nothing(loaded: Loaded, house: Ground) -> None:
    kill_and_look(loaded, house, 3)


@pytest.mark.long
def test_many_killed_imports_leave_all_or_nothing(loaded: Loaded, house: Ground) -> None:
    left = kill_and_look(loaded, house, 40)
    assert left["nothing"] > 0


def test_an_import_row_by_row_would_leave_a_half(loaded: Loaded, house: Ground) -> None:
    data = house.fresh()
    loaded.say(bring_in(house, data, "row by row"))
    ends = time.monotonic() + PATIENCE
    while not ask(data, "SELECT count(*) FROM person")[0][0]:
        assert time.monotonic() < ends
        time.sleep(0.002)
    loaded.over("kill")
    assert 0 < guests(data) < PEOPLE
