"""The command that deletes everything."""

import click

from matcher.commands.words import Refusal
from webapp.commands.house import house, operator, with_data
from webapp.db import db
from webapp.errors import NotNow
from webapp.models import Event
from webapp.operations.deletion import purge as deleting
from webapp.operations.deletion import receipt
from webapp.operations.words.spelling import same_words


@click.command(epilog="Example: rondo purge --data conference")
@with_data
@click.option("--yes", is_flag=True, help="Do not ask for the title of the event.")
def purge(yes: bool) -> None:
    """Delete everything about everybody now, and print the receipt; on its day this happens by itself.

    Goes on with a deletion that was interrupted, without asking. Backups elsewhere stay; the receipt names them.
    """
    with house():
        event = db.session.get(Event, 1)
        if event is None:
            raise Refusal("there is no event in this folder, so there is nothing to delete")
        if event.receipt and not deleting.under_way(deleting.folder()):
            click.echo(receipt.as_text(event), nl=False)
            return
        if not yes and not deleting.under_way(deleting.folder()):
            _ask(event.title)
        delete_all()


def _ask(title: str) -> None:
    click.echo("All people, profiles, plans, codes and sign-ins go at once and for good.")
    typed = click.prompt(f"Type the title of the event ({title})", default="", show_default=False)
    if not same_words(typed, title):
        raise Refusal("this is not the title of the event; nothing was deleted")


def delete_all() -> None:
    """Delete everything, or go on with it, and print the receipt."""
    try:
        if not deleting.settle():
            deleting.purge("command", by=operator())
    except NotNow as refusal:
        raise Refusal(refusal.sentence) from None
    click.echo(receipt.as_text(db.session.get_one(Event, 1)), nl=False)
