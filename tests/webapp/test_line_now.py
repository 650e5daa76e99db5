"""The line as open pages ask for it every few seconds: told at once, worked out once for all, and nothing otherwise."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from tests.webapp.test_bridge import BY
from tests.webapp.test_own_place import DOOR, stands, timed
from tests.webapp.test_repair import during
from tests.webapp.test_specialists import at
from tests.webapp.test_standby import MINUTE, name
from webapp.db import db
from webapp.models import Person
from webapp.operations.rounds import line_now, standby

ASKS = re.compile(r'hx-get="([^"]+)" hx-trigger="every (\d+)s"')


def asking(client: FlaskClient, path: str) -> str:
    """Where an open page asks for what is new; at least every five seconds."""
    address, pause = ASKS.search(client.get(path).text).groups()
    assert int(pause) < 5
    return address.replace("&amp;", "&")


def answer(client: FlaskClient, address: str) -> tuple[int, str]:
    found = client.get(address, headers={"HX-Request": "true"})
    return found.status_code, in_words(found.text)


def test_an_open_page_is_told_of_a_place_and_of_nothing_while_nothing_is_new(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, during(1))
    session_id, host, line = timed()
    first, second, third = (visitor.participant(db.session.get_one(Person, row)) for row in line[:3])
    pages = {client: asking(client, DOOR) for client in (first, second, third)}
    worked_out = noting(monkeypatch)
    assert [answer(client, address) for client, address in pages.items()] == [(204, "")] * 3
    assert not worked_out, "one answer serves all who ask"
    at(monkeypatch, during(1) + 2 * MINUTE)
    assert "A place is free now" in answer(second, pages[second])[1], "two minutes later it is the next one's turn"
    assert answer(first, pages[first])[1].count("A place is free now") == 0
    assert len(worked_out) == 1
    standby.pass_by(session_id, name(line[1]), host, number=1, by=BY, now=during(1) + 2 * MINUTE)
    worked_out.clear()
    offered = {client: "A place is free now" in answer(client, pages[client])[1] for client in pages}
    assert (offered[second], sum(offered.values())) == (False, 1), "the desk has passed by the second"
    assert len(worked_out) == 1


def test_whose_place_it_is_does_not_wait_for_what_was_worked_out_before(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: were it held whatever the desk notes, the second would not be called when the first is passed by."""
    session_id, host, line = timed()
    assert [bool(stands(session_id, row).freed) for row in line[:2]] == [True, False]
    standby.pass_by(session_id, name(line[0]), host, number=1, by=BY, now=during(1))
    with monkeypatch.context() as patch:
        patch.setattr(line_now.Line, "stands", lambda *_told: True)
        assert [bool(stands(session_id, row).freed) for row in line[:2]] == [True, False]
    assert [bool(stands(session_id, row).freed) for row in line[:2]] == [False, True]


def noting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each time the line is worked out from now on."""
    noted: list[int] = []
    real = line_now._worked_out
    monkeypatch.setattr(line_now, "_worked_out", lambda *told: (noted.append(1), real(*told))[1])
    return noted


def test_the_desk_s_open_page_is_told_at_once_too(app: Flask, visitor: Visitor) -> None:
    session_id, host, line = timed()
    desk = visitor.staff("facilitator")
    address = asking(desk, "/desk/s/standby?round=1")
    assert answer(desk, address) == (204, "")
    standby.pass_by(session_id, name(line[0]), host, number=1, by=BY, now=during(1))
    status, told = answer(desk, address)
    assert (status, "Free now" in told) == (200, True)
