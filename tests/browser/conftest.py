"""A real server on the demo conference, and a real browser."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.webapp.once import of_all_workers, once
from webapp.db import snapshot

TOP = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60
DAY = "2099-06-17"
"""A Wednesday long to come: on it the tests find the demo as it is before its day; those who want a day move one."""
DATABASE = "rondo.sqlite3"


@dataclass
class House:
    """The running demo: where it is, the sign-in links it printed, and its database as it was at first."""

    url: str
    data: Path
    links: dict[str, str] = field(default_factory=dict)
    at_first: bytes = b""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody holds."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def start_demo(
    data: Path, port: int, *words: str, program: Sequence[str] = ("webapp.cli",)
) -> tuple[subprocess.Popen[str], House]:
    """Start `rondo demo` and wait until it has printed its links and serves."""
    command = [sys.executable, "-u", "-m", *program, "demo", "--data", str(data), "--port", str(port), *words]
    server = subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
    assert server.stdout is not None
    said = []
    house = House(f"http://127.0.0.1:{port}", data)
    for line in server.stdout:
        said.append(line)
        found = re.match(r"\s+(\w+)\s+(http\S+/in/\S+)", line)
        if found:
            house.links[found.group(1)] = found.group(2)
        if "Ctrl-C" in line:
            break
    else:
        raise AssertionError("the demo did not start:\n" + "".join(said))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(house.url + "/healthz", timeout=5) as answer:
                assert answer.status == 200
                return server, house
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise AssertionError("the demo does not answer")


def stop(server: "subprocess.Popen[str]") -> None:
    """End the server as Ctrl-C does."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=10)


@contextmanager
def at(house: House, slug: str, starts: datetime, ends: datetime) -> Iterator[None]:
    """A session of the running demo at another time (by the venue's clock); afterwards at its own again."""
    with closing(sqlite3.connect(house.data / DATABASE)) as rows:
        before = rows.execute("SELECT starts, ends FROM session WHERE slug = ?", (slug,)).fetchone()
        move = "UPDATE session SET starts = ?, ends = ? WHERE slug = ?"
        with rows:
            rows.execute(move, (f"{starts}", f"{ends}", slug))
        yield
        with rows:
            rows.execute(move, (*before, slug))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo, served; loaded and planned by whichever process of the run asks first."""
    data, started = tmp_path_factory.mktemp("house") / "data", []

    def load(_name: str) -> bytes:
        started.append(start_demo(data, free_port(), "--day", DAY))
        return snapshot(str(data / DATABASE))

    loaded = once(of_all_workers(tmp_path_factory, "house"), ["rows"], load)["rows"]
    if not started:
        data.mkdir(mode=0o700)
        (data / DATABASE).write_bytes(loaded)
        started.append(start_demo(data, free_port()))
    server, house = started[-1]
    house.at_first = snapshot(str(data / DATABASE))
    yield house
    stop(server)


@pytest.fixture
def fresh(house: House) -> Iterator[House]:
    """The demo as it was at first, and so again afterwards: neither loaded, planned nor served once more."""
    as_at_first(house)
    yield house
    as_at_first(house)


def as_at_first(house: House) -> None:
    """Write the rows as they were at first over those of the running house."""
    with closing(sqlite3.connect(":memory:")) as kept, closing(sqlite3.connect(house.data / DATABASE)) as rows:
        kept.deserialize(house.at_first)
        kept.backup(rows)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of its own: no cookies, English."""
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One page of that browser."""
    return context.new_page()
