"""The commands that serve pages: demo, serve."""

import logging
import os
import select as waiting
import socket
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import click
import segno
import waitress
from flask import Flask
from sqlalchemy import select

from matcher.commands.words import Refusal
from webapp.commands.house import house, operator, progress, with_data
from webapp.commands.keeper import Keeper
from webapp.commands.plans import make_plan
from webapp.db import db
from webapp.models import Person, Plan, Session, Staff
from webapp.operations.door import accounts
from webapp.operations.files import demo_days
from webapp.operations.plans import clock, planning

try:
    import resource
except ImportError:  # not where there are no such limits
    resource = None  # type: ignore[assignment]

TODAY = "today"
FIRST_YEAR, LAST_YEAR = 1970, 2999
LINK_LASTS = timedelta(hours=12)
THREADS = 8
MOST_CONNECTIONS, OTHER_FILES = 2000, 56
"""A few hundred phones hold some connections each; the database and others want files too."""
WITHOUT_POLL = 400
LAST_PORT = 65535
EVERYWHERE = ("", "0.0.0.0")  # noqa: S104 - compared with, not listened on
LARGEST_BODY = 3 * 1024 * 1024

NOWHERE = "192.0.2.1"


def _day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | str | None:
    if value in (None, TODAY):
        return value
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise click.BadParameter(f"{value!r} is neither {TODAY!r} nor a day, written as 2013-06-19.")
    return found


@click.command(epilog="Example: rondo demo --port 8001")
@with_data
@click.option("--load-only", is_flag=True, help="Load the demo conference and end.")
@click.option("--port", type=click.IntRange(1, LAST_PORT), default=8000, show_default=True, envvar="PORT")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--day",
    metavar="today|YYYY-MM-DD",
    callback=_day,
    help="Lay the demo's days, anew where it is loaded already: Speed Dating within the hour, or at 14:00 on that day.",
)
def demo(load_only: bool, port: int, host: str, day: date | str | None) -> None:
    """Load an invented conference, plan its Speed Dating, and serve it.

    Speed Dating begins within the hour. Loading again changes nothing while the conference lasts; once its days are
    past they move to today. Prints one sign-in link each for an organiser, a facilitator, a safety contact and a
    participant.
    """
    with house() as app:
        door = None if load_only else _take_port(host, port)
        _load_demo(day)
        if door is None:
            return
        site = f"http://{_name(app, host)}:{port}"
        click.echo(f"Rondo is open at {site}\n")
        click.echo(f"{_when()}\n")
        for who, token in _demo_links():
            click.echo(f"  {who:<14} {site}/in/{token}")
        click.echo("\nThe links last 12 hours. Everybody in the demo is invented. Stop with Ctrl-C.")
        _serve(app, door, host)


@click.command(epilog="Example: rondo serve --data ./conference --lan")
@with_data
@click.option("--port", type=click.IntRange(1, LAST_PORT), default=8000, show_default=True, envvar="PORT")
@click.option("--host", default=None, show_default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--lan", is_flag=True, help="Serve phones and laptops on the same network, and show the address as a code."
)
def serve(port: int, host: str | None, lan: bool) -> None:
    """Serve the event of the data folder."""
    if lan and host is not None:
        raise Refusal("--lan finds the address by itself; leave --host out")
    with house() as app:
        shown = lan_address() if lan else host or "127.0.0.1"
        listen = EVERYWHERE[-1] if lan else shown
        door = _take_port(listen, port)
        address = f"http://{_name(app, shown)}:{port}"
        click.echo(f"Rondo is open at {address}. Stop with Ctrl-C.")
        if lan:
            show_code(address)
        _serve(app, door, shown)


def lan_address() -> str:
    """Return this computer's address in the network it is in; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
            found = str(probe.getsockname()[0])
        except OSError:
            found = _own_address()
    if found.startswith("127.") or found == EVERYWHERE[-1]:
        raise Refusal("this computer is in no network; connect it to your access point first, or leave --lan out")
    return found


def _own_address() -> str:
    """What the computer's own name leads to, in a network without a way out."""
    try:
        known = {str(row[4][0]) for row in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    except OSError:
        known = set()
    return min((one for one in known if not one.startswith("127.")), default="127.0.0.1")


def show_code(address: str) -> None:
    """Print the address as a code to scan, and what pages in such a network cannot do."""
    click.echo("Phones and laptops on the same network open that address, or scan this code:\n")
    segno.make(address, error="m", micro=False).terminal(compact=True)
    click.echo(
        "\nPages travel unencrypted in this network, so bring an access point of your own. Phones cannot use their "
        "camera on such pages: helpers type numbers or use a USB reader."
    )


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
    keeper = Keeper(app)
    # before the first page is shown: the day may have come while nothing was served
    if not keeper.delete_if_due():
        click.echo("Everything is being deleted; somebody still reads the database, so it is tried again.")
    sys.stdout.flush()
    # that all phones of a room ask at once is nothing to be told of
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    keeper.start()
    waitress.serve(
        app,
        sockets=[door],
        threads=THREADS,
        connection_limit=_room_for_connections(),
        asyncore_use_poll=hasattr(waiting, "poll"),
        ident=None,
        # by default a gigabyte is taken in before the application may refuse it
        max_request_body_size=LARGEST_BODY,
        # the application itself trusts as many proxies as the settings say
        clear_untrusted_proxy_headers=not app.config["SETTINGS"].proxies,
        _quiet=True,
    )


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


def _load_demo(day: date | str | None) -> None:
    with progress() as tell:
        tell(0.1, "load")
        brought = demo_days.bring(day if isinstance(day, date) else None, anew=day == TODAY)
    loaded = brought.loaded
    if loaded.added:
        click.echo(f"Loaded {loaded.people} people, {loaded.organisations} organisations, {loaded.sessions} sessions.")
    if brought.moved:
        click.echo(
            "The demo was there already. Its days have moved, and its rounds are to come again: "
            "what was ticked, pressed and answered in them is gone."
        )
    held = db.session.scalar(select(Session.id).where(Session.slug == demo_days.LEADS))
    if held is None or db.session.scalar(select(Plan.id).where(Plan.session_id == held)) is not None:
        return
    make_plan(held)
    planning.publish(held, by=operator())
    click.echo("Planned and published Speed Dating.")


def _when() -> str:
    """Say when the demo's Speed Dating begins, and what to do once it is over."""
    held = db.session.scalar(select(Session).where(Session.slug == demo_days.LEADS))
    if held is None:
        return "Its Speed Dating was taken off the programme."
    now = datetime.now(UTC)
    here, begins = now.astimezone(held.event.zone).replace(tzinfo=None), clock.round_begins(held, 1, now)
    at = f"{begins:%H:%M} on {begins:%A}, {begins.day} {begins:%B %Y}"
    if clock.is_over(held, held.rounds, now):
        return (
            f"Its Speed Dating began at {at}, and is over. To have it begin again: rondo demo --day {TODAY} "
            "(what was ticked, pressed and answered in its rounds goes then)."
        )
    if begins <= here:
        return f"Its Speed Dating has begun at {at}; the venue's clock says {here:%H:%M}."
    return f"Its Speed Dating begins at {at}; the venue's clock says {here:%H:%M}."


def _demo_links() -> list[tuple[str, str]]:
    links = []
    for role in ("organiser", "facilitator", "safety"):
        held = db.session.scalar(select(Staff.id).where(Staff.role == role).order_by(Staff.id))
        held = held or accounts.add_staff(role, role, None)
        links.append((role, accounts.issue_link(lasts=LINK_LASTS, staff_id=held)))
    person = db.session.scalar(select(Person.id).order_by(Person.id))
    if person is not None:
        links.append(("participant", accounts.issue_link(lasts=LINK_LASTS, person_id=person)))
    return links
