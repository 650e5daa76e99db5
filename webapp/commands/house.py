"""The event's house as a command sees it: opened on its data folder, with what it refuses in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from alembic import command
from alembic.util import CommandError
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from matcher.commands.bar import Bar
from matcher.commands.words import Refusal
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import DatabaseRefused, db
from webapp.errors import Refused
from webapp.models import Session, Staff

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
