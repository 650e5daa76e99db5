"""Where tables stand and what they are like: told for many at once, and kept."""

from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.pages import in_words
from webapp.db import db
from webapp.errors import BadInput
from webapp.models import Table
from webapp.operations.event.areas import areas, described, read_which

NAMES = [f"{number}{letter}" for number in range(1, 13) for letter in "ABCD"]


def names(typed: str, of: list[str] = NAMES) -> list[str]:
    return [table.name for table in read_which(typed, make.tables(*of))]


def test_a_number_takes_in_all_its_places() -> None:
    assert names("1–2") == ["1A", "1B", "1C", "1D", "2A", "2B", "2C", "2D"]
    assert names("12b, 3") == ["12B", "3A", "3B", "3C", "3D"]
    assert names("1, 1A") == ["1A", "1B", "1C", "1D"]
    assert names("garden", ["Garden", "Terrace"]) == ["Garden"]
    assert names("1-3", ["1", "2", "3", "4"]) == ["1", "2", "3"]


@pytest.mark.parametrize("typed", ["13", "20-30", "3-1", "Terrace", "1A, 99", "١٣", "9" * 30, "-"])
def test_a_table_that_is_not_there_is_named(app: Flask, typed: str) -> None:
    with pytest.raises(BadInput, match="There is no table"):
        names(typed)


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_span_is_what_lies_between(low: int, high: int) -> None:
    wanted = [name for name in NAMES if low <= int(name[:-1]) <= high]
    if wanted:
        assert names(f"{low} – {high}") == wanted


@given(st.lists(st.tuples(st.sampled_from(("", "Garden", "River")), st.booleans()), min_size=1, max_size=20))
def test_areas_hold_every_table_once_in_walking_order(said: list[tuple[str, bool]]) -> None:
    tables = [Table(name=str(at), position=at, zone=zone, quiet=quiet) for at, (zone, quiet) in enumerate(said, 1)]
    for table in tables:
        table.step_free = table.power = False
    found = areas(tables)
    assert [one.described for one in found for _ in range(one.count)] == [described(table) for table in tables]
    assert all(one.described != other.described for one, other in pairwise(found))


def test_tables_are_described_at_once_and_stay_so(app: Flask, visitor: Visitor) -> None:
    make.store(make.event(), make.session(slug="walk", tables=make.tables("1A", "1B", "2A", "2B")))
    office = visitor.staff("organiser")
    answer = send(office, "/office/sessions/walk/tables", which="1", zone="Garden side", step_free="y", quiet="y")
    assert answer.status_code == 303
    page = in_words(office.get("/office/sessions/walk/tables").text)
    assert "1 × A–B Garden side · step-free · quiet" in page
    assert "2 × A–B nothing is said of them yet" in page
    held = {table.name: described(table) for table in db.session.query(Table)}
    assert held["1A"] == held["1B"] != held["2A"]
    refused = send(office, "/office/sessions/walk/tables", which="7", zone="<b>x</b>", power="y")
    assert refused.status_code == 422
    assert "There is no table 7" in refused.text
    assert "&lt;b&gt;x" in refused.text
    assert {table.name: described(table) for table in db.session.query(Table)} == held
