"""A counter where everything is wrong, so that each check of trust can be seen to fail."""

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, redirect, request, session
from sqlalchemy import update

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.walker import House
from webapp import access
from webapp.db import db, transaction
from webapp.models import Person

ANYONE = access.ANYONE


def counter() -> Blueprint:
    """Views that break one promise each."""
    wrong = Blueprint("fault", __name__, url_prefix="/fault")

    @wrong.route("/names", methods=["GET"])
    def names() -> str:
        return " ".join(f"<p>{person.name}</p>" for person in db.session.query(Person))

    @wrong.route("/keys", methods=["GET"])
    def keys() -> str:
        return " ".join(f'<a href="/fault/person/{person.id}">x</a>' for person in db.session.query(Person))

    @wrong.route("/abroad", methods=["GET"])
    def abroad() -> str:
        return '<img src="https://cdn.example/pixel.gif"><form action="//evil.example/" method="post"></form>'

    @wrong.route("/write", methods=["GET"])
    def write() -> str:
        with transaction() as rows:
            rows.execute(update(Person).values(revision=Person.revision + 1))
        return "written"

    @wrong.route("/change", methods=["POST"])
    def change() -> str:
        return write()

    @wrong.route("/number/<text>", methods=["GET"])
    def number(text: str) -> str:
        db.session.query(Person).filter_by(id=int(text)).one_or_none()
        return "found"

    @wrong.route("/host", methods=["GET"])
    def host() -> str:
        return f"this is {request.headers.get('X-Forwarded-Host') or request.host}"

    @wrong.route("/onward", methods=["POST"])
    def onward() -> Any:
        return redirect(request.form.get("back", "/"))

    @wrong.route("/bare", methods=["GET"])
    def bare() -> str:
        session.accessed = True
        return "no header is left"

    return wrong


ENDPOINTS = ("names", "keys", "abroad", "write", "change", "number", "host", "onward", "bare")


@contextmanager
def faulty(
    populated: Populated,
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    change: Callable[[Flask], None] = lambda _app: None,
) -> Iterator[House]:
    """A house with the counter where everything is wrong, and with `change` done to it besides."""
    app = populated.open(folder)
    app.register_blueprint(counter())
    for name in ENDPOINTS:
        patch.setitem(access.ROUTES, f"fault.{name}", ANYONE)
    change(app)
    house = House(app, populated)
    # the other counters are not walked here
    house._walked = {role: ({}, {}, {}) for role in ROLES}
    try:
        yield house
    finally:
        contextvars.Context().run(house.close)
