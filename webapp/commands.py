"""The commands that need the web application: demo, serve, plan, publish, sheets, staff, worker."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
import flask_migrate
import waitress
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import select

from matcher.cli import Bar, Refusal
from webapp import jobs
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import DatabaseRefused, db
from webapp.errors import Refused
from webapp.models import Person, Plan, Session, Staff
from webapp.operations import accounts, intake, planning, printing

DEMO_SESSION = "speed-dating"
LINK_LASTS = timedelta(hours=12)
SHEET_KINDS = ("rounds", "finder", "cards", "signs", "tick")
THREADS = 8
PAPERS = ("a4", "letter")

Function = TypeVar("Function", bound=Callable[..., Any])


def with_data(function: Function) -> Function:
    """Give a command its `--data`; where it is left out, the one before the command's name counts."""

    def remember(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
        context.obj = value or context.obj

    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=remember,
        help="Folder of the database (also RONDO_DATA; default ./rondo-data).",
    )(function)


@contextmanager
def house() -> Iterator[Flask]:
    """The application on a database of the newest revision; what it refuses becomes one line and exit status 2."""
    try:
        app = create_app(from_env(data=click.get_current_context().obj))
        with app.app_context():
            flask_migrate.upgrade()
            yield app
    except ValidationError as error:
        told = error.errors()[0]
        name = "RONDO_" + "_".join(str(part) for part in told["loc"]).upper()
        raise Refusal(f"the setting {name} does not fit: {told['msg']}") from None
    except (Refused, DatabaseRefused) as refusal:
        raise Refusal(str(refusal)) from None
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from None


@contextmanager
def progress() -> Iterator[Bar]:
    """A bar on the terminal, for whatever takes longer than a second."""
    bar = Bar()
    try:
        yield bar
    finally:
        bar.close()


def operator() -> Actor:
    """Whoever works on the command line: they hold the database, so they may do what an organiser may."""
    return Actor(staff=Staff(name="command line", role="organiser"))


def session_id(slug: str) -> int:
    """Return the row id of the session with this slug; the refusal lists the slugs there are."""
    query = select(Session.slug, Session.id).order_by(Session.starts)
    known = {row.slug: row.id for row in db.session.execute(query)}
    if slug not in known:
        there = ", ".join(known) or "none yet; `rondo demo` loads some"
        raise Refusal(f"there is no session {slug!r}; there are: {there}")
    return known[slug]


@click.command(epilog="Example: rondo demo --port 8001")
@with_data
@click.option("--load-only", is_flag=True, help="Load the demo conference and end.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def demo(load_only: bool, port: int, host: str) -> None:
    """Load an invented conference, plan its Speed Dating, and serve it.

    Loading again changes nothing. Prints one sign-in link each for an organiser, a facilitator and a participant.
    """
    with house() as app:
        door = None if load_only else _take_port(host, port)
        _load_demo()
        if door is None:
            return
        click.echo(f"Rondo is open at http://{host}:{port}\n")
        for who, token in _demo_links():
            click.echo(f"  {who:<14} http://{host}:{port}/in/{token}")
        click.echo("\nThe links last 12 hours. Everybody in the demo is invented. Stop with Ctrl-C.")
        _serve(app, door, host)


@click.command(epilog="Example: rondo serve --data ./conference --port 8000")
@with_data
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def serve(port: int, host: str) -> None:
    """Serve the event of the data folder."""
    with house() as app:
        door = _take_port(host, port)
        click.echo(f"Rondo is open at http://{host}:{port}. Stop with Ctrl-C.")
        _serve(app, door, host)


@click.command(epilog="Example: rondo plan speed-dating --seed 1")
@with_data
@click.argument("session")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Decides between equals.")
def plan(session: str, seed: int) -> None:
    """Plan the rounds of SESSION as a draft (`rondo publish` makes it count)."""
    with house():
        _plan(session_id(session), seed=seed)
        click.echo(f"Planned {session}. Look at the draft on its desk page, then: rondo publish {session}")


@click.command(epilog="Example: rondo publish speed-dating")
@with_data
@click.argument("session")
def publish(session: str) -> None:
    """Publish the draft of SESSION as its next version."""
    with house():
        letter = planning.publish(session_id(session), by=operator())
        click.echo(f"Published version {letter} of {session}.")


@click.command(epilog="Example: rondo sheets speed-dating --kind cards --out cards.pdf")
@with_data
@click.argument("session")
@click.option("--kind", type=click.Choice(SHEET_KINDS), required=True, help="What to print.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.pdf")
@click.option("--paper", type=click.Choice(PAPERS), default="a4", show_default=True)
def sheets(session: str, kind: str, out: Path, paper: str) -> None:
    """Write the printed sheets of SESSION as a PDF file."""
    with house(), progress() as tell:
        tell(0.1, "read")
        content = printing.sheet(session_id(session), kind, paper=paper)
        tell(1.0, "write")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Refusal(f"{out}: cannot be written: {error.strerror}") from None
    click.echo(f"Written to {out} ({len(content) / 1024:.0f} kB).")


@click.group()
def staff() -> None:
    """Accounts of organisers and facilitators."""


def ask_password() -> str:
    """Return a new password: asked for twice on a terminal, else the first line of the input."""
    if sys.stdin.isatty():
        return str(click.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@staff.command("add", epilog="Example: rondo staff add anna --role organiser")
@with_data
@click.argument("name")
@click.option("--role", type=click.Choice(["organiser", "facilitator"]), required=True)
def staff_add(name: str, role: str) -> None:
    """Add the account NAME; asks for its password."""
    with house():
        accounts.add_staff(name, role, ask_password())
        click.echo(f"{name} can sign in as {role} on the page /staff.")


@staff.command("reset", epilog="Example: rondo staff reset anna")
@with_data
@click.argument("name")
def staff_reset(name: str) -> None:
    """Give the account NAME a new password and end all its sign-ins."""
    with house():
        accounts.reset_password(name, ask_password())
        click.echo(f"{name} has a new password; every earlier sign-in has ended.")


@click.command(hidden=True)
@with_data
@click.argument("job")
def worker(job: str) -> None:
    """Do one piece of background work (started by the web pages)."""
    with house():
        jobs.run(job)


def _take_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; taken before anything is loaded, so that the refusal comes at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise Refusal(
            f"cannot listen on {host}:{port}: {error.strerror}. "
            f"Choose another port: --port {port + 1} (or PORT={port + 1} make run)"
        ) from None
    return door


def _serve(app: Flask, door: socket.socket, host: str) -> None:

    app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], host]
    db.session.remove()
    sys.stdout.flush()
    waitress.serve(app, sockets=[door], threads=THREADS, ident=None, _quiet=True)


def _load_demo() -> None:
    with progress() as tell:
        tell(0.1, "load")
        loaded = intake.load_demo()
    if loaded.added:
        click.echo(f"Loaded {loaded.people} people, {loaded.organisations} organisations, {loaded.sessions} sessions.")
    held = db.session.scalar(select(Session.id).where(Session.slug == DEMO_SESSION))
    if held is None or db.session.scalar(select(Plan.id).where(Plan.session_id == held)) is not None:
        return
    _plan(held)
    planning.publish(held, by=operator())
    click.echo("Planned and published Speed Dating.")


def _plan(held: int, *, seed: int = 0) -> None:
    with progress() as tell:
        planning.make_plan(held, by=operator(), seed=seed, progress=tell)


def _demo_links() -> list[tuple[str, str]]:

    links = []
    for role in ("organiser", "facilitator"):
        held = db.session.scalar(select(Staff.id).where(Staff.role == role).order_by(Staff.id))
        held = held or accounts.add_staff(role, role, None)
        links.append((role, accounts.issue_link(lasts=LINK_LASTS, staff_id=held)))
    person = db.session.scalar(select(Person.id).order_by(Person.id))
    if person is not None:
        links.append(("participant", accounts.issue_link(lasts=LINK_LASTS, person_id=person)))
    return links


commands: tuple[click.Command, ...] = (demo, serve, plan, publish, sheets, staff, worker)
