"""Keep apart: a new name is no way out, whoever gives it: the office, a list of hosts or the whole event's file."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.webapp.events import brought, edited, taken
from tests.webapp.test_apart import kept_from, wrote
from tests.webapp.test_bridge import open_room
from webapp.db import transaction
from webapp.models import Organisation, Person
from webapp.operations import apart


def renaming(sheet: str, old: str, new: str) -> Callable[[Any], None]:
    """An edit that writes another text wherever a sheet has the old one."""

    def change(workbook: Any) -> None:
        for held in (held for row in workbook[sheet].iter_rows() for held in row if held.value == old):
            held.value = new

    return change


@pytest.mark.parametrize("line", ["Sok Dara", "Paper Boat Press"])
@pytest.mark.parametrize("noted", [True, False])
def test_the_event_file_gives_another_name_and_nobody_gets_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, line: str, noted: bool
) -> None:
    session_id, (me, dara, *_others) = open_room(4)
    with transaction() as writing:
        person = writing.get_one(Person, dara)
        person.name = person.latin = "Sok Dara"
        person.organisation = Organisation(name="Paper Boat Press")
    wrote(me, line)
    content = edited(taken(), renaming("people", line, "Another Name"))
    if not noted:
        monkeypatch.setattr(apart, "pin", lambda rows: None)
    assert brought(content).changed
    assert kept_from(session_id, me) == ({dara} if noted else set())
