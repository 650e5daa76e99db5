"""What one process of a run makes, the others read; what it fails to make, they make themselves."""

import sqlite3
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES
from tests.webapp.once import once
from tests.webapp.walker import House, open_house, otherwise
from tests.webapp.walks import kept, taken_up
from webapp import jobs


def _refused(name: str) -> str:
    raise ZeroDivisionError(name)


def test_what_is_made_is_made_once_and_read_by_the_next(tmp_path: Path) -> None:
    first = once(tmp_path, ["a", "b"], str.upper)
    assert first == once(tmp_path, ["a", "b"], _refused) == {"a": "A", "b": "B"}


def test_what_another_has_begun_is_left_to_it(tmp_path: Path) -> None:
    once(tmp_path, ["a"], lambda _name: "of another")
    assert once(tmp_path, ["a", "b"], str.upper) == {"a": "of another", "b": "B"}


def test_what_fails_is_waited_for_by_nobody(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        once(tmp_path, ["a"], _refused)
    assert once(tmp_path, ["a"], str.upper) == {"a": "A"}


def _said(answer: TestResponse) -> tuple[object, ...]:
    asked = answer.request
    return (
        (asked.method, asked.path, asked.query_string),
        (
            answer.status,
            answer.mimetype,
            list(answer.headers),
            answer.get_data(),
            answer.text if answer.mimetype else "",
        ),
    )


@pytest.mark.parametrize("address", ["/me?x=%C3%A9&y=%D9%A1", "/me/", "/nothing-here", "/me/calendar.ics"])
def test_another_process_reads_of_an_answer_what_was_answered(house: House, address: str) -> None:
    answer = house.get("participant", address)
    read = taken_up(*kept(answer))
    assert _said(read) == _said(answer)
    assert read.location == answer.location


def test_a_house_is_walked_through_once_for_all_of_the_same_data(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shelf").mkdir()
    beside = open_house(house.populated, tmp_path / "data")
    monkeypatch.setattr(beside, "shelf", tmp_path / "shelf")
    once(tmp_path / "shelf", ROLES, lambda role: ({}, {}, {"of": role}))
    assert beside._walked == {role: ({}, {}, {"of": role}) for role in ROLES}
    beside.close()


def test_what_a_walk_finds_at_rest_is_kept_where_it_is_something_else(tmp_path: Path) -> None:
    first, page = TestResponse([b"a"], "200 OK", {}, None), 'b<input name="csrf_token" value="{}">'
    before = {"/a": first, "/b": TestResponse([page.format("x").encode()], "200 OK", {}, None), "/c": first}
    now = {"/b": TestResponse([page.format("y").encode()], "200 OK", {}, None), "/c": before["/b"], "/d": first}
    assert otherwise(before, now) == {"/c#at-rest": before["/b"], "/d#at-rest": first}
    assert otherwise({"/a": first}, {"/a": TestResponse([b"a"], "404 NOT FOUND", {}, None)})


def test_work_that_a_form_begins_is_under_way_in_a_house_without_a_process(house: House) -> None:
    with sqlite3.connect(house.file) as rows:
        rows.execute("DELETE FROM job")
    rows.close()
    started = dict(jobs._started)
    begun = house.send("facilitator", "/desk/first-talks/plan", [])
    assert (begun.status_code, jobs._started) == (303, started)
    assert "/stop" in house.get("facilitator", begun.location).text
