"""Keep apart: a line that is written again, where the one it meant is here, is gone, or never was."""

import pytest

from tests.webapp import factories as make
from tests.webapp.test_apart import CONTACT, OFFICE, came_again, kept_from, public, room, wrote
from webapp.db import transaction
from webapp.errors import BadInput
from webapp.models import KeepApart
from webapp.operations.guests import apart, people, safety

FIXTURES = (room,)

LINES = ("Sok Dara", "Paper Boat Press", "Somebody Tall")


def left_after(me: int, line: str) -> int:
    """How many new lines somebody can still write after one that they write again."""
    wrote(me, line)
    for at in range(apart.MOST_ENTRIES + 1):
        try:
            wrote(me, f"new {at}")
        except BadInput:
            return at
    return apart.MOST_ENTRIES + 1


@pytest.mark.parametrize("way", ["removed", "settled", "counted anew"])
def test_where_the_end_is_does_not_tell_who_was_here(
    room: tuple[int, list[int]], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _session_id, (me, dara, third, fourth, *_others) = room
    make.store(KeepApart(one_id=dara, other_id=third))
    for writer in (me, third, fourth):
        wrote(writer, *LINES)
    again = LINES
    if way == "counted anew":
        monkeypatch.setattr(apart, "empty", lambda entry, _writer: setattr(entry, "text", ""))
    if way == "settled":
        waits = next(one.entry for one in safety.waiting(by=CONTACT) if one.entry.person_id == me)
        safety.settle(waits.public_id, [public(dara)], by=CONTACT)
        again = LINES[::-1]
    else:
        people.remove_person(public(dara), by=OFFICE)
    told = {left_after(*one) for one in zip((me, third, fourth), again, strict=True)}
    assert (len(told) == 1) == (way != "counted anew"), told


def test_a_line_of_whoever_is_gone_can_mean_somebody_else(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, *_others) = room
    wrote(me, "4711")
    people.remove_person(public(dara), by=OFFICE)
    with transaction() as rows:
        rows.add(make.person(id=9_002, number="4711", name="Another", languages=("en",)))
    assert kept_from(session_id, 9_002) == set()
    wrote(me, "4711")
    assert kept_from(session_id, 9_002) == {me}
    assert kept_from(session_id, came_again("Sok Dara", "")) == {me}
