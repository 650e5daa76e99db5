"""Pages are answered by two processes at one port, and what one of them knows the other knows at once."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.webapp import factories as make
from webapp.commands import answering
from webapp.config import Settings, from_env
from webapp.db import transaction
from webapp.operations.door import accounts

PATIENCE, A_MOMENT = 60.0, 1.0

pytestmark = pytest.mark.skipif(
    not list(Path("/proc/self/task").glob("*/children")), reason="who works beside whom is read there"
)


class Server:
    """`rondo serve` in processes of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port, self.first = process, port, process.pid

    @property
    def beside(self) -> list[int]:
        """The processes that the first one has started."""
        return [int(one) for one in Path(f"/proc/{self.first}/task/{self.first}/children").read_text().split()]

    def other(self) -> int:
        """The one that works beside the first, as soon as it does."""
        assert in_time(lambda: bool(self.beside))
        [held] = self.beside
        return held

    def status(self, path: str, *, cookie: str = "", patience: float = PATIENCE) -> int:
        """What an answer over a new connection begins with; a TimeoutError where nobody answers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        with contextlib.closing(line):
            line.request("GET", path, headers={"Cookie": f"rondo={cookie}"} if cookie else {})
            return line.getresponse().status

    @contextmanager
    def without(self, process: int) -> Iterator[None]:
        """Let one of the processes stand still for a while."""
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def is_open(self) -> bool:
        """Whether anybody listens at the port."""
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def server(data: Path, processes: int, *, before: Sequence[str] = ()) -> Iterator[Server]:
    """Serve a data folder until the block ends; started by what stands `before` the command, where something does."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [*before, sys.executable, "-m", "webapp.cli", "serve", "--data", str(data), "--port", str(port)]
    own = {**os.environ, "RONDO_PROCESSES": str(processes)}
    with subprocess.Popen(words, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert "Stop with Ctrl-C" in process.stdout.readline()
        try:
            yield Server(process, port)
        finally:
            process.kill()


def in_time(true: Callable[[], bool]) -> bool:
    """Whether something comes true while one waits."""
    until = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def is_gone(process: int) -> bool:
    """Whether a process is no more; a dead one of which nobody has taken note is none."""
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def cookie(durable: Flask) -> str:
    """The cookie of somebody who is signed in."""
    today = datetime.now(UTC).date()
    event = make.event(starts_on=today, ends_on=today, delete_on=today + timedelta(days=7))
    make.store(event, person := make.person())
    with transaction() as rows:
        return accounts.new_sign_in(rows, lasts=timedelta(days=1), person_id=person.id).cookie


def test_each_answers_while_the_other_stands_still(settings: Settings, cookie: str) -> None:
    with server(settings.data, 2) as house:
        other = house.other()
        with house.without(house.first):
            assert house.status("/me", cookie=cookie) == 200
        with house.without(other):
            assert house.status("/me", cookie=cookie) == 200
        accounts.sign_out(cookie)
        for still in (house.first, other):
            with house.without(still):
                assert house.status("/me", cookie=cookie) == 303
        os.kill(other, signal.SIGKILL)
        assert in_time(lambda: is_gone(other))
        assert [house.status("/healthz") for _each in range(3)] == [200] * 3


def test_one_alone_answers_nobody_while_it_stands_still(settings: Settings, cookie: str) -> None:
    with server(settings.data, 1) as house:
        assert house.status("/me", cookie=cookie) == 200
        assert house.beside == []
        with house.without(house.first), pytest.raises(TimeoutError):
            house.status("/me", cookie=cookie, patience=A_MOMENT)


IN_A_SCRIPT = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""As shells start what is to run in the background: Ctrl-C is for others."""


@pytest.mark.parametrize(
    ("how", "before", "early"),
    [(signal.SIGKILL, (), True), (signal.SIGTERM, IN_A_SCRIPT, False), (signal.SIGINT, (), False)],
)
def test_the_other_ends_with_the_first(
    settings: Settings, cookie: str, how: signal.Signals, before: Sequence[str], early: bool
) -> None:
    with server(settings.data, 2, before=before) as house:
        other = house.other()
        if not early:
            with house.without(house.first):
                assert house.status("/me", cookie=cookie) == 200
        house.process.send_signal(how)
        assert in_time(lambda: is_gone(other))
        assert in_time(lambda: not house.is_open())
        # what both have said ends when both are gone
        assert "Traceback" not in house.process.stdout.read()


def test_as_many_as_there_are_cores_but_two_at_most(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for cores, found in ((1, 1), (2, 2), (64, 2)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _process, cores=cores: set(range(cores)), raising=False)
        assert answering.processes(from_env(data=tmp_path)) == found
        assert [answering.processes(from_env(data=tmp_path, processes=one)) for one in (1, 2)] == [1, 2]
    monkeypatch.setattr(answering, "COMMAND_LINES", tmp_path / "not on this system")
    assert [answering.processes(from_env(data=tmp_path, processes=one)) for one in (1, 2, None)] == [1, 1, 1]
