"""The arithmetic of a room: numbers an organiser can check by hand, and by trying it out."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.pages import in_words
from webapp.db import db
from webapp.models import Host, Session
from webapp.operations.plans.sums import LEAST_GROUP, MOST_GROUP, Sum, sums


def visited(format_: str, hosts: int, *, places: int = 1, rounds: int = 6, away: tuple[int, ...] = ()) -> Session:
    held = make.session(format=format_, rounds=rounds)
    held.hosts = [Host(name=f"h{at}", places=places, away=list(away) if at == 0 else []) for at in range(hosts)]
    return held


def told(session: Session, people: int) -> dict[str, Sum]:
    return {one.code: one for one in sums(session, people)}


def test_sixty_minutes_of_pairs_are_a_small_part_of_the_room() -> None:
    held = make.session(rounds=7, tables=make.tables(*map(str, range(100))))
    found = told(held, 201)
    assert found["met"].numbers == {"met": 7, "others": 200, "percent": 4}
    assert found["odd"].numbers == {"people": 201, "rounds": 7}
    assert not found["tables"].look
    assert told(held, 202)["tables"].look
    assert "odd" not in told(held, 202)


def test_ten_specialists_serve_sixty() -> None:
    found = told(visited("clinics", 10, away=(1, 2)), 200)["talks"]
    assert found.numbers == {"hosts": 10, "talks": 58, "people": 200, "served": 58, "waiting": 142}


def test_two_hundred_people_on_eight_tables_are_twenty_five_at_a_table() -> None:
    found = told(visited("stations", 8, places=25), 200)
    assert found["at_a_table"].numbers["most"] == 25
    assert found["crowded"].numbers == {"least": 25, "most": 34, "waves": 4, "from": 6, "to": 8}
    assert "places" not in found
    assert told(visited("stations", 8, places=20), 200)["places"].numbers["free"] == 40
    assert told(visited("stations", 4, rounds=5), 4)["rounds"].look


@given(people=st.integers(2, 400), hosts=st.integers(1, 40))
def test_what_the_warning_offers_would_do(people: int, hosts: int) -> None:
    found = told(visited("stations", hosts, places=50), people)
    if "crowded" not in found:
        assert people <= MOST_GROUP * hosts
        return
    offered = found["crowded"].numbers
    assert people > MOST_GROUP * hosts
    assert -(-people // offered["least"]) <= MOST_GROUP < -(-people // (offered["least"] - 1))
    assert -(-people // offered["most"]) <= LEAST_GROUP
    assert -(-people // offered["waves"]) <= MOST_GROUP * hosts < -(-people // (offered["waves"] - 1))


@given(people=st.integers(2, 100), size=st.integers(2, 9), rounds=st.integers(1, 20))
def test_circles_say_whether_all_can_be_new(people: int, size: int, rounds: int) -> None:
    held = make.session(format="circles", size=size, rounds=rounds)
    found = told(held, people)
    assert ("again" in found) == (rounds * (size - 1) > people - 1)
    assert found["tables"].numbers["needed"] * size >= people > (found["tables"].numbers["needed"] - 1) * size


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    return visitor.staff("organiser")


def sentences(client: FlaskClient, slug: str) -> str:
    found = re.search(r'<ul class="facts-list">(.*?)</ul>', client.get(f"/office/sessions/{slug}").text, re.S)
    assert found
    return in_words(found.group(1))


def test_every_sum_is_told_in_words(office: FlaskClient) -> None:
    pairs = make.session(slug="pairs")
    clinic, tools = visited("clinics", 2), visited("stations", 1, rounds=3, places=2)
    circle = make.session(format="circles", rounds=5, slug="circle", tables=make.tables("1"))
    clinic.slug, tools.slug = "clinic", "tools"
    make.store(make.event(), pairs, clinic, tools, circle, *(make.person() for _ in range(13)))
    assert "13 people do not split in pairs" in sentences(office, "pairs")
    assert "Everybody meets up to 3 of 12 others, 25 in a hundred" in sentences(office, "pairs")
    assert "2 specialists have 12 talks to give. Of 13 people 12 can have one" in sentences(office, "clinic")
    told_of_tools = sentences(office, "tools")
    assert "13 people on 1 table are 13 at a table." in told_of_tools
    assert "that takes 2 to 3 tables, or 2 waves" in told_of_tools
    assert "There are 2 places for 13 people: in a round 11 of them are free." in told_of_tools
    assert "so 1 table fills no more rounds than that; there are 3." in told_of_tools
    assert "13 people at tables of 4 need 4 tables; there is 1." in sentences(office, "circle")
    assert "room for 15 companions each, and there are 12 others: some meet again" in sentences(office, "circle")


def test_settings_of_rounds_are_kept_and_shown(office: FlaskClient) -> None:
    make.store(make.event())
    fields = {
        "title": "Circles", "format": "circles", "day": "2013-06-19", "start": "14:00", "end": "15:30",
        "audience": "everybody", "rounds": "6", "round_minutes": "8", "change_minutes": "2", "regions": "mix",
        "break_after": "4، 2", "break_minutes": "10", "limit": "5", "size": "6", "move": "groups",
    }  # fmt: skip
    assert send(office, "/office/sessions/new", **fields).status_code == 303
    held = db.session.query(Session).one()
    page = office.get("/office/sessions/circles").text
    assert (held.break_after, held.limit, held.size, held.move) == ([2, 4], 5, 6, "groups")
    assert "6 rounds of 8 + 2 minutes and 2 breaks of 10 minutes end at 15:18" in page
    for name, value in (("break_after", "2, 4"), ("break_minutes", "10"), ("limit", "5"), ("size", "6")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', page), name


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"break_after": "6"}, "break_after", "from 1 to 5"),
        ({"break_after": "two"}, "break_after", "from 1 to 5"),
        ({"break_after": "9" * 60}, "break_after", "from 1 to 5"),
        ({"break_after": "1", "rounds": "1"}, "break_after", "single round"),
        ({"break_after": "3", "break_minutes": ""}, "break_minutes", "how long"),
        ({"break_after": "3", "break_minutes": "90"}, "rounds", "after the session"),
        ({"size": "1"}, "size", "from 2 to 20"),
        ({"limit": "0"}, "limit", "from 1 to 100"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    office: FlaskClient, changes: dict[str, str], field: str, sentence: str
) -> None:
    make.store(make.event())
    fields = {
        "title": "Circles", "format": "circles", "day": "2013-06-19", "start": "14:00", "end": "15:30",
        "audience": "everybody", "rounds": "6", "round_minutes": "8", "change_minutes": "2", "regions": "mix",
        "break_minutes": "10", **changes,
    }  # fmt: skip
    answer = send(office, "/office/sessions/new", **fields)
    assert answer.status_code == 422
    found = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.S)
    assert found
    assert sentence in found.group(1)
