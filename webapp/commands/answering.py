"""How pages are answered: at one port, by one process or two, until the first of them ends."""

import gc
import logging
import os
import select as waiting
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import click
import waitress
from flask import Flask

from matcher.commands.words import Refusal
from webapp.commands.house import house, with_data
from webapp.commands.keeper import Cutter, Keeper
from webapp.config import Settings
from webapp.db import db

try:
    import resource
except ImportError:  # not where there are no such limits
    resource = None  # type: ignore[assignment]

THREADS = 8
"""Of all processes together. Pages cost computing more than waiting, so more at a time only make all of them late."""
MOST_PROCESSES = 2
MOST_CONNECTIONS, OTHER_FILES = 2000, 56
"""A few hundred phones hold some connections each; the database and others want files too."""
WITHOUT_POLL = 400
LAST_PORT = 65535
EVERYWHERE = ("", "0.0.0.0")  # noqa: S104 - compared with, not listened on
LARGEST_BODY = 3 * 1024 * 1024
COLLECTED_AFTER = 50_000
COMMAND_LINES = Path("/proc/self/cmdline")
FAREWELL = 10.0
"""How many seconds another process may take to end what it has begun to answer."""


def take_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; taken before anything is loaded, so that the refusal comes at once."""
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        # elsewhere it would let two programs listen on one port
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen()
    except (OSError, UnicodeError) as error:
        door.close()
        other = port + 1 if port < LAST_PORT else port - 1
        raise Refusal(
            f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}. "
            f"Choose another port: --port {other} (or PORT={other} make run)"
        ) from None
    return door


def answer_all(app: Flask, door: socket.socket, name: str) -> None:
    """Answer whoever comes to the port until the program is ended; browsers may call it by `name`, too.

    This process deletes everything at its day and keeps backups; those beside it answer pages alone.
    """
    db.session.remove()
    keeper = Keeper(app)
    # before the first page is shown: the day may have come while nothing was served
    if not keeper.delete_if_due():
        click.echo("Everything is being deleted; somebody still reads the database, so it is tried again.")
    sys.stdout.flush()
    keeper.start()
    settings: Settings = app.config["SETTINGS"]
    # whoever ends this one waits until the other has left the port, too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _companion(settings, door, name) if processes(settings) > 1 else nullcontext():
        _answer(app, door, name)


def processes(settings: Settings) -> int:
    """Return how many processes answer: as many as the settings say, else as there are cores, two at most.

    On Linux alone: Windows cannot hand over a port, and elsewhere no process can tell whether another's work goes on.
    """
    if not COMMAND_LINES.exists():
        return 1
    return settings.processes or min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


@contextmanager
def _companion(settings: Settings, door: socket.socket, name: str) -> Iterator[None]:
    """Another process that answers at the same port; it ends with this one, however this one ends."""
    folder = str(settings.data.absolute())
    command = [sys.executable, "-P", "-m", "webapp.cli", "--data", folder, "beside", "--", str(door.fileno()), name]
    held = subprocess.Popen(
        command,
        # an end of this pipe is open for as long as this process lives
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=(door.fileno(),),
        # Ctrl-C comes to this one
        start_new_session=True,
    )
    try:
        yield
    finally:
        assert held.stdin is not None
        held.stdin.close()
        try:
            held.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            held.kill()
            held.wait()


@click.command(hidden=True)
@with_data
@click.argument("door", type=int)
@click.argument("name")
def beside(door: int, name: str) -> None:
    """Answer pages beside the process that was started, at its port (started by `serve` and `demo`)."""
    # whoever starts the first one in the background of a script has this ignored, by the second as well
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        threading.Thread(target=_end_with_the_first, name="farewell", daemon=True).start()
        with house() as app:
            db.session.remove()
            Cutter(app).start()
            _answer(app, socket.socket(fileno=door), name)


def _end_with_the_first() -> None:
    """Wait until the process that was started is no more, then end this one as Ctrl-C does."""
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(FAREWELL)
    # whatever holds it up, without the first nobody would keep backups or the day of deletion
    os._exit(1)


def _answer(app: Flask, door: socket.socket, name: str) -> None:
    app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], name]
    # that all phones of a room ask at once is nothing to be told of
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _spare_collecting()
    waitress.serve(
        app,
        sockets=[door],
        threads=THREADS // processes(app.config["SETTINGS"]),
        connection_limit=_room_for_connections(),
        asyncore_use_poll=hasattr(waiting, "poll"),
        ident=None,
        # by default a gigabyte is taken in before the application may refuse it
        max_request_body_size=LARGEST_BODY,
        # the application itself trusts as many proxies as the settings say
        clear_untrusted_proxy_headers=not app.config["SETTINGS"].proxies,
        _quiet=True,
    )


def _spare_collecting() -> None:
    """Look for what can be freed less often: what is loaded by now stays, and a page alone makes thousands of rows."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, 20, 20)


def _room_for_connections() -> int:
    """Return how many connections may be open at once: as many as the system gives when it is asked."""
    if resource is None or not hasattr(waiting, "poll"):
        return WITHOUT_POLL
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if soft < 0 else max(100, min(MOST_CONNECTIONS, soft - OTHER_FILES))
