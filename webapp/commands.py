"""The commands that need the web application: demo, serve, plan, publish, sheets, staff, worker."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
import waitress
from alembic import command
from alembic.util import CommandError
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from matcher.commands.bar import Bar
from matcher.commands.words import Refusal
from webapp import jobs
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import DatabaseRefused, db
from webapp.errors import Refused
from webapp.forms.text import strange_character, tidy
from webapp.models import Person, Plan, Session, Staff
from webapp.operations import accounts, intake, planning, printing

DEMO_SESSION = "speed-dating"
LINK_LASTS = timedelta(hours=12)
THREADS = 8
LONGEST_ACCOUNT = 80
LAST_PORT = 65535
EVERYWHERE = ("", "0.0.0.0")  # noqa: S104 - compared with, not listened on
LARGEST_BODY = 1024 * 1024

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
        with app.app_context(), _database_told(app):
            command.upgrade(app.extensions["migrate"].migrate.get_config(), "head")
            yield app
    except ValidationError as error:
        told = error.errors()[0]
        name = "RONDO_" + "_".join(str(part) for part in told["loc"]).upper()
        raise Refusal(f"the setting {name} does not fit: {told['msg']}") from None
    except (Refused, DatabaseRefused) as refusal:
        raise Refusal(str(refusal)) from None
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from None


@contextmanager
def _database_told(app: Flask) -> Iterator[None]:
    """Name the file where the database itself fails, or where its revision is not known here."""
    path = app.config["SETTINGS"].database
    try:
        yield
    except CommandError:
        raise Refusal(
            f"{path} was written by another version of Rondo; use that one, or a folder of its own: --data DIR"
        ) from None
    except DatabaseError as error:
        raise Refusal(f"{path} cannot be used: {error.orig}") from None


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
        there = ", ".join(known) or "none yet; add some in the office (`rondo serve`)"
        raise Refusal(f"there is no session {slug!r}; there are: {there}")
    return known[slug]


@click.command(epilog="Example: rondo demo --port 8001")
@with_data
@click.option("--load-only", is_flag=True, help="Load the demo conference and end.")
@click.option("--port", type=click.IntRange(1, LAST_PORT), default=8000, show_default=True, envvar="PORT")
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
        site = f"http://{_name(app, host)}:{port}"
        click.echo(f"Rondo is open at {site}\n")
        for who, token in _demo_links():
            click.echo(f"  {who:<14} {site}/in/{token}")
        click.echo("\nThe links last 12 hours. Everybody in the demo is invented. Stop with Ctrl-C.")
        _serve(app, door, host)


@click.command(epilog="Example: rondo serve --data ./conference --port 8000")
@with_data
@click.option("--port", type=click.IntRange(1, LAST_PORT), default=8000, show_default=True, envvar="PORT")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def serve(port: int, host: str) -> None:
    """Serve the event of the data folder."""
    with house() as app:
        door = _take_port(host, port)
        click.echo(f"Rondo is open at http://{_name(app, host)}:{port}. Stop with Ctrl-C.")
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


@click.command(epilog="Example: rondo sheets speed-dating --kind pack --out pack.pdf")
@with_data
@click.argument("session")
@click.option("--kind", type=click.Choice(list(printing.KINDS)), help="What to print; pack is everything.")
@click.option(
    "--changed-since",
    "since",
    metavar="VERSION",
    help="Only the cards that have changed since this version (A or 1), and a list to deliver them by.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.pdf")
@click.option("--paper", type=click.Choice(printing.PAPERS), default="a4", show_default=True)
def sheets(session: str, *, kind: str | None, since: str | None, out: Path, paper: str) -> None:
    """Write the printed sheets of SESSION as a PDF file."""
    wanted = kind or ("changed" if since else None)
    if wanted is None:
        raise Refusal("name what to print: --kind pack (everything), another --kind, or --changed-since VERSION")
    if since and wanted != "changed":
        raise Refusal(f"--changed-since goes with --kind changed, not with --kind {wanted}")
    with house(), progress() as tell:
        tell(0.1, "read")
        content = printing.sheet(session_id(session), wanted, paper=paper, since=since)
        tell(1.0, "write")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        with suppress(OSError):
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
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refusal("the password on the input is no text in UTF-8") from None


def account_name(_context: click.Context, _argument: click.Parameter, typed: str) -> str:
    """Return an account's name as the page /staff reads it; refuse what nobody could type there."""
    name = str(tidy(typed))
    if not any(character.isalnum() for character in name) or strange_character(name) is not None:
        raise click.BadParameter("a name needs letters or digits, and no invisible characters")
    if len(name) > LONGEST_ACCOUNT:
        raise click.BadParameter(f"the name is longer than {LONGEST_ACCOUNT} characters")
    return name


@staff.command("add", epilog="Example: rondo staff add anna --role organiser")
@with_data
@click.argument("name", callback=account_name)
@click.option("--role", type=click.Choice(["organiser", "facilitator"]), required=True)
def staff_add(name: str, role: str) -> None:
    """Add the account NAME; asks for its password."""
    with house():
        accounts.add_staff(name, role, ask_password())
        click.echo(f"{name} can sign in as {role} on the page /staff.")


@staff.command("reset", epilog="Example: rondo staff reset anna")
@with_data
@click.argument("name", callback=account_name)
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


def _name(app: Flask, host: str) -> str:
    """Return what browsers call the address listened on; pages know no number of version 6 and no "everywhere"."""
    if host == "::1":
        return "localhost"
    return str(app.config["SETTINGS"].hosts[0]) if ":" in host or host in EVERYWHERE else host


def _take_port(host: str, port: int) -> socket.socket:
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


def _serve(app: Flask, door: socket.socket, host: str) -> None:
    app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], _name(app, host)]
    db.session.remove()
    sys.stdout.flush()
    waitress.serve(
        app,
        sockets=[door],
        threads=THREADS,
        ident=None,
        # by default a gigabyte is taken in before the application may refuse it
        max_request_body_size=LARGEST_BODY,
        # the application itself trusts as many proxies as the settings say
        clear_untrusted_proxy_headers=not app.config["SETTINGS"].proxies,
        _quiet=True,
    )


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
