"""The commands for the day a laptop dies: backup, restore."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from matcher.commands.words import Refusal
from webapp.commands.deleting import delete_all
from webapp.commands.house import house, with_data
from webapp.config import from_env
from webapp.db import db
from webapp.errors import Refused
from webapp.models import Event
from webapp.operations.deletion import purge
from webapp.operations.door import accounts
from webapp.operations.plans import backups

LINK_LASTS = timedelta(hours=12)


def ask_passphrase(*, again: bool) -> str:
    """Return a passphrase: asked for on a terminal, else the first line of the input."""
    if sys.stdin.isatty():
        return str(click.prompt("Passphrase of the backups", hide_input=True, confirmation_prompt=again))
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refusal("the passphrase on the input is no text in UTF-8") from None


@click.command(epilog="Example: rondo backup --folder /media/stick")
@with_data
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Choose the folder, once: a stick, another disk. Asks for a passphrase that a restore will need.",
)
def backup(folder: Path | None) -> None:
    """Leave an encrypted backup now; every publish leaves one too, once a folder is chosen."""
    with house():
        path = backups.leave() if folder is None else backups.set_up(folder, ask_passphrase(again=True))
        click.echo(f"Backed up to {path}.")
        if folder is not None:
            click.echo(
                "From now on every publish leaves one there. Keep the passphrase somewhere else than the folder."
            )


@click.command(epilog="Example: rondo restore /media/stick --data conference")
@with_data
@click.argument("backup_folder", metavar="FOLDER", type=click.Path(path_type=Path))
def restore(backup_folder: Path) -> None:
    """Go on from the newest backup in FOLDER (or from one file), on this computer, in an empty data folder.

    Prints a sign-in link for each account; whoever was signed in before signs in anew.
    """
    settings = from_env(data=click.get_current_context().obj)
    try:
        copy = backups.newest(backup_folder)
        backups.take_up(copy, ask_passphrase(again=False), settings)
    except Refused as refusal:
        raise Refusal(str(refusal)) from None
    with house():
        backups.end_all_sign_ins()
        again = backups.take_away_again(copy.path.parent)
        if purge.is_due():
            click.echo("The day has come on which everything in this backup is deleted, so it is deleted now.\n")
            delete_all()
            return
        event = db.session.get(Event, 1)
        made = copy.made_at.astimezone(event.zone if event else None)
        click.echo(
            f"Restored {event.title if event else 'an event'} as it was on {made:%d %B %Y at %H:%M} (venue time)."
        )
        click.echo(
            "Links, the codes to scan on slips and cards, and all sign-ins have ended. The digits of slips let people "
            "in as they did then: where you took some back later, do it again in the office."
        )
        if again:
            click.echo(f"{again} of them had been removed since then, and were removed again.")
        held = backups.staff_to_go_on()
        if not held:
            click.echo("There is no account in it yet; add one: rondo staff add NAME --role organiser")
            return
        click.echo("Start it with `rondo serve` on this data folder, then open a link on this computer (12 hours):\n")
        for account in held:
            token = accounts.issue_link(lasts=LINK_LASTS, staff_id=account.id)
            click.echo(f"  {account.name:<20} http://127.0.0.1:8000/in/{token}")
