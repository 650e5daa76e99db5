"""Rows and visitors for tests: real values with sensible defaults."""

import contextvars
import itertools
import re
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Rows
from werkzeug.test import TestResponse

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import (
    Event,
    Host,
    HostLanguage,
    Interest,
    Interpreter,
    InterpreterLanguage,
    Organisation,
    Person,
    PersonLanguage,
    Region,
    Session,
    Staff,
    Table,
)
from webapp.operations.door import accounts, helping

_counter = itertools.count(1)
START = datetime(2013, 6, 19, 14, 0)


def event(**values: Any) -> Event:
    """The event of the tests, in Phnom Penh."""
    return Event(
        **{
            "id": 1, "title": "Spring Gathering", "venue": "Riverside Hotel", "time_zone": "Asia/Phnom_Penh",
            "starts_on": date(2013, 6, 17), "ends_on": date(2013, 6, 20), "delete_on": date(2013, 6, 27),
            "working_languages": ["en", "fr"], **values,
        }
    )  # fmt: skip


def session(**values: Any) -> Session:
    """A session of one-to-one rounds."""
    number = next(_counter)
    return Session(
        **{
            "event_id": 1, "slug": f"session-{number}", "title": f"Session {number}", "format": "pairs",
            "starts": START, "ends": START + timedelta(minutes=56), "rounds": 3, "round_minutes": 6,
            "change_minutes": 2, **values,
        }
    )  # fmt: skip


def person(*, languages: tuple[str, ...] = ("en",), **values: Any) -> Person:
    """A participant who speaks English."""
    number = next(_counter)
    row = Person(**{"number": str(1000 + number), "name": f"Person {number}", "latin": f"Person {number}", **values})
    row.languages = [PersonLanguage(code=code, position=at) for at, code in enumerate(languages)]
    return row


def organisation(**values: Any) -> Organisation:
    """An organisation of its own name."""
    return Organisation(**{"name": f"Organisation {next(_counter)}", **values})


def interest(**values: Any) -> Interest:
    """A topic."""
    number = next(_counter)
    return Interest(**{"slug": f"topic-{number}", "heading": "Topics", "title": f"Topic {number}", **values})


def region(**values: Any) -> Region:
    """A region."""
    number = next(_counter)
    return Region(**{"slug": f"region-{number}", "title": f"Region {number}", **values})


def host(*, languages: tuple[str, ...] = ("en",), **values: Any) -> Host:
    """Somebody who is visited and speaks English, at a table of their own."""
    number = next(_counter)
    row = Host(**{"name": f"Specialist {number}", "table": f"S{number}", "away": [], **values})
    row.languages = [HostLanguage(code=code, position=at) for at, code in enumerate(languages)]
    return row


def interpreter(*, languages: tuple[str, ...] = ("en", "fr"), **values: Any) -> Interpreter:
    """Somebody who interprets."""
    row = Interpreter(**{"name": f"Interpreter {next(_counter)}", **values})
    row.languages = [InterpreterLanguage(code=code, position=at) for at, code in enumerate(languages)]
    return row


def tables(*names: str) -> list[Table]:
    """Tables in walking order."""
    return [Table(name=name, position=at) for at, name in enumerate(names)]


def code(person_id: int) -> str:
    """Give a person a code as a slip has it, in fours, and leave what else signs in as it is."""
    drawn = accounts.random_code(accounts.CODE_DIGITS)
    with transaction() as rows:
        accounts.keep_code(rows, person_id, drawn)
    return drawn.in_fours


def store(*rows: Any) -> None:
    """Keep the rows in one transaction."""
    with transaction() as writing:
        writing: Rows
        writing.add_all(rows)


class Browser(FlaskClient):
    """A test client whose requests see nothing of the test's own context, as in a server."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        db.session.rollback()
        answer = contextvars.Context().run(super().open, *args, **options)
        db.session.rollback()
        return answer


class Visitor:
    """Signs browsers in and sends forms with the token of the page, as a browser would."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def participant(self, who: Person) -> FlaskClient:
        """A browser in which this participant is signed in."""
        return self._enter(accounts.issue_link(lasts=timedelta(hours=1), person_id=who.id))

    def staff(self, role: str) -> FlaskClient:
        """A browser in which a member of staff of this role is signed in."""
        row = db.session.query(Staff).filter_by(name=f"{role} of the tests").one_or_none()
        held = row.id if row else accounts.add_staff(f"{role} of the tests", role, None)
        return self._enter(accounts.issue_link(lasts=timedelta(hours=1), staff_id=held))

    def helper(self, session_id: int, name: str = "Noor") -> FlaskClient:
        """A browser in which somebody helps in this session."""
        client = self.app.test_client()
        door = Actor(staff=Staff(name="somebody at the desk", role="facilitator"))
        answer = send(client, f"/helper/{helping.invite(session_id, by=door).token}", name=name)
        assert answer.status_code == 303, answer.text
        return client

    def _enter(self, token: str) -> FlaskClient:
        client = self.app.test_client()
        answer = send(client, f"/in/{token}")
        assert answer.status_code == 303, answer.text
        return client


def token_of(client: FlaskClient, page: str = "/healthz") -> str:
    """The hidden token that this browser's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, f"no form on {page}"
    return found.group(1)


def untimed(page: str) -> str:
    """A page without what tells when it was made: the tokens of its forms, and the stamps it asks for news by."""
    return re.sub(r'(name="csrf_token" value=|data-seen=|data-source=)"[^"]+"', r"\1", page)


def send(client: FlaskClient, path: str, page: str | None = None, **fields: Any) -> TestResponse:
    """Fill in the form on `page` (by default the one at `path`) and send it to `path`."""
    return client.post(path, data={"csrf_token": token_of(client, page or path), **fields})
