"""The commands that serve pages: demo, serve."""

import socket
from datetime import UTC, date, datetime, timedelta

import click
import segno
from flask import Flask
from sqlalchemy import select

from matcher.commands.words import Refusal
from webapp.commands.answering import EVERYWHERE, LAST_PORT, answer_all, take_port
from webapp.commands.house import house, operator, progress, with_data
from webapp.commands.plans import make_plan
from webapp.db import db
from webapp.models import Person, Plan, Session, Staff
from webapp.operations.door import accounts
from webapp.operations.files import demo_days
from webapp.operations.plans import clock, planning

TODAY = "today"
FIRST_YEAR, LAST_YEAR = 1970, 2999
LINK_LASTS = timedelta(hours=12)

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
        door = None if load_only else take_port(host, port)
        _load_demo(day)
        if door is None:
            return
        site = f"http://{_name(app, host)}:{port}"
        click.echo(f"Rondo is open at {site}\n")
        click.echo(f"{_when()}\n")
        for who, token in _demo_links():
            click.echo(f"  {who:<14} {site}/in/{token}")
        click.echo("\nThe links last 12 hours. Everybody in the demo is invented. Stop with Ctrl-C.")
        answer_all(app, door, _name(app, host))


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
        door = take_port(listen, port)
        address = f"http://{_name(app, shown)}:{port}"
        click.echo(f"Rondo is open at {address}. Stop with Ctrl-C.")
        if lan:
            show_code(address)
        answer_all(app, door, _name(app, shown))


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
