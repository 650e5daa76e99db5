"""The commands for the accounts of organisers, facilitators and safety contacts."""

import sys

import click

from matcher.commands.words import Refusal
from webapp.commands.house import house, with_data
from webapp.forms.text import strange_character, tidy
from webapp.operations.door import accounts

LONGEST_ACCOUNT = 80


@click.group()
def staff() -> None:
    """Accounts of organisers, facilitators and safety contacts."""


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
@click.option("--role", type=click.Choice(["organiser", "facilitator", "safety"]), required=True)
def staff_add(name: str, role: str) -> None:
    """Add the account NAME; asks for its password.

    A safety contact settles whom people need not meet, and can do nothing else; give it to somebody of their own.
    """
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
