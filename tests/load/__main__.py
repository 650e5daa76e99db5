"""`python -m tests.load`: 212 phones at the bell, against Rondo and against a bare Flask page on the same server."""

import asyncio
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import select

from tests.load.phones import Phone, Tally, all_at_once
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import db, transaction
from webapp.models import Person, Session, SignIn, Staff
from webapp.operations.door import accounts
from webapp.operations.rounds import running
from webapp.views.news import EVERY, SPREAD

SESSION = "speed-dating"
DESK = Actor(staff=Staff(name="load", role="facilitator"))
BAR, TOLD_WITHIN = 1.0, 5.0
AS_PHONES_DO = {"poll": "asked, nothing new", "page": "asked, changed: the page once more"}
BEYOND = {"fresh": "beyond: all load it within one second", "bell": "beyond: all polls within one second"}
"""Open pages spread what they ask over some seconds; what would happen if they did not is printed, without a bar."""
SETTLE, BETWEEN = 4.0, 8.0
PLACE = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--people", type=click.IntRange(1, 1000), default=212, show_default=True, help="Phones in the room.")
@click.option("--presses", type=click.IntRange(1, 6), default=3, show_default=True, help="Bells while they look on.")
@click.option("--data", type=PLACE, help="Folder of a demo that was loaded before; it is copied.  [default: a new one]")
@click.option("--times", type=click.IntRange(1, 20), default=1, show_default=True, help="How often all is measured.")
def main(people: int, presses: int, data: Path | None, times: int) -> None:
    """Measure how a room full of phones is answered; ends with 1 where somebody was not, or p95 is over its bar."""
    kept = True
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        if data:
            shutil.copytree(data, folder)
        else:
            click.echo("Loading and planning the demo ...")
            rondo = [sys.executable, "-m", "webapp.cli", "demo", "--load-only", "--data", str(folder)]
            subprocess.run(rondo, check=True, stdout=subprocess.DEVNULL)
        cookies = _prepare(folder, people)
        for _again in range(times):
            port, bare = _free_port(), _free_port()
            serve = ["-m", "webapp.cli", "serve", "--data", str(folder), "--port", str(port)]
            with _server(serve, port, "/healthz") as rondo_id:
                kept &= _measure("Rondo", rondo_id, _room(port, cookies), presses, folder)
            with _server(["-m", "tests.load.bare", str(bare)], bare, "/") as bare_id:
                _measure("bare Flask", bare_id, _room(bare, [""] * len(cookies)), presses, None)
    bars = (
        f"p95 under {BAR:.0f} s for what open pages ask, and under {TOLD_WITHIN:.0f} s from the press to the open page"
    )
    click.echo(f"No error, {bars}: {'kept' if kept else 'NOT KEPT'}.")
    sys.exit(not kept)


def _prepare(folder: Path, people: int) -> list[str]:
    """Hold the first rounds now, and sign so many people in; none has been seen for ten minutes."""
    app = create_app(from_env(data=folder))
    with app.app_context(), transaction() as rows:
        session = rows.scalars(select(Session).where(Session.slug == SESSION)).one()
        wall = datetime.now(session.event.zone).replace(tzinfo=None, second=0, microsecond=0)
        session.starts, session.ends = wall + timedelta(minutes=1), wall + timedelta(minutes=61)
        ids = list(rows.scalars(select(Person.id).order_by(Person.id)))
        tickets = [
            accounts.new_sign_in(rows, lasts=timedelta(days=1), person_id=ids[at % len(ids)]) for at in range(people)
        ]
        rows.flush()
        for row in rows.scalars(select(SignIn)):
            row.seen_at -= timedelta(minutes=10)
    return [ticket.cookie for ticket in tickets]


def _room(port: int, cookies: list[str]) -> list[Phone]:
    tally = Tally()
    return [Phone(port, cookie, tally) for cookie in cookies]


def _measure(name: str, process: int, phones: list[Phone], presses: int, folder: Path | None) -> bool:
    """Let the phones in, ring the bells, and print what they were answered; return whether the bars are kept."""
    processes = _all_of(process)
    before, own, begun = _seconds_of(processes), time.process_time(), time.perf_counter()
    asyncio.run(_evening(phones, presses, folder))
    took = time.perf_counter() - begun
    tally, served = phones[0].tally, _seconds_of(processes) - before
    each = served / sum(map(len, tally.taken.values())) * 1000
    click.echo(
        f"\n{name}: {len(phones)} phones, {took:.0f} s; {len(tally.wrong)} errors {sorted(set(tally.wrong))}. "
        f"The server’s processes ({len(processes)}) used {served / took:.0%} of a core, "
        f"the phones {(time.process_time() - own) / took:.0%}; {each:.1f} ms of the server an answer."
    )
    for kind, label in (AS_PHONES_DO | BEYOND).items():
        if kind in tally.taken:
            click.echo(f"  {label:<42} {_told(tally.taken[kind])}")
    if tally.told:
        click.echo(f"  {'from the desk’s press to the open page':<42} {_told(tally.told)}")
    asked = all(_part(tally.taken[kind], 0.95) < BAR for kind in AS_PHONES_DO if kind in tally.taken)
    return not tally.wrong and asked and (not tally.told or _part(tally.told, 0.95) < TOLD_WITHIN)


async def _evening(phones: list[Phone], presses: int, folder: Path | None) -> None:
    page, news = ("/me", "/me/news") if folder else ("/", "/")
    await all_at_once(phones, page)
    # as if their polls had fallen together, each answered by the page anew
    await asyncio.sleep(1)
    await asyncio.gather(*(_at_the_bell(phone, f"{news}?seen=") for phone in phones))
    changed = [time.perf_counter()]
    until = changed[0] + SETTLE + presses * BETWEEN
    desk = asyncio.create_task(_press(folder, presses, changed))
    await asyncio.gather(*(phone.stay(news, until, _pace, lambda: changed[0]) for phone in phones))
    await desk
    for phone in phones:
        phone.hang_up()


async def _at_the_bell(phone: Phone, path: str) -> None:
    await asyncio.sleep(random.random())
    await phone.ask(path, "bell")


def _pace() -> float:
    return (EVERY + random.random() * SPREAD).total_seconds()


async def _press(folder: Path | None, presses: int, changed: list[float]) -> None:
    """Start the rounds and skip on, from another process than the one that serves."""
    await asyncio.sleep(SETTLE)
    for _again in range(presses):
        if folder:
            await asyncio.to_thread(_press_once, folder)
        changed[0] = time.perf_counter()
        await asyncio.sleep(BETWEEN)


def _press_once(folder: Path) -> None:
    with create_app(from_env(data=folder)).app_context():
        held = db.session.scalars(select(Session).where(Session.slug == SESSION)).one()
        number, seen = held.id, running.revision(held)
        started = held.run is not None and held.run.started_at is not None
        assert running.press(number, "skip" if started else "start", seen=seen, by=DESK, now=datetime.now(UTC))
        db.session.remove()


def _told(taken: list[float]) -> str:
    parts = "  ".join(f"p{part:.0%} {_part(taken, part) * 1000:5.0f} ms".replace("%", "") for part in (0.5, 0.95, 0.99))
    return f"{len(taken):5d} times  {parts}  most {max(taken) * 1000:5.0f} ms"


def _part(taken: list[float], part: float) -> float:
    held = sorted(taken)
    return held[min(len(held) - 1, int(part * len(held)))]


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _all_of(process: int) -> list[int]:
    """The process and those that answer beside it; itself alone where the system does not say."""
    beside = Path(f"/proc/{process}/task/{process}/children")
    return [process, *(map(int, beside.read_text().split()) if beside.exists() else ())]


def _seconds_of(processes: list[int]) -> float:
    """How many seconds of a processor these processes have used; 0 where the system does not say."""
    ticks = 0
    for stat in (Path(f"/proc/{process}/stat") for process in processes):
        told = stat.read_text().rpartition(")")[2].split() if stat.exists() else ["0"] * 13
        ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server(command: list[str], port: int, path: str) -> Iterator[int]:
    """A server in a process of its own, until it answers."""
    held = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    try:
        for _try in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        # those that answer beside it come a little later
        time.sleep(SETTLE)
        yield held.pid
    finally:
        held.send_signal(signal.SIGINT)
        held.wait(timeout=20)


if __name__ == "__main__":
    random.seed(secrets.randbits(32))
    main()
