"""What is held of a person is told whole: no column is forgotten, nothing of others comes with it."""

import json
import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask_babel.speaklater import LazyString
from sqlalchemy import Column, Integer, MetaData, Table

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from tests.webapp.repairs import version_of
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_repair import BEFORE
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import (
    Absence,
    ApartEntry,
    Attendance,
    Event,
    Feedback,
    Host,
    HostWish,
    Interest,
    Person,
    PersonInterest,
    Question,
    Region,
    Wish,
)
from webapp.operations.deletion import own_data
from webapp.operations.deletion.own_columns import BESIDES, NOT_TOLD, NOTHING, PARTS, SHELVES
from webapp.operations.door import accounts
from webapp.operations.plans import planning


def unspoken(tables: MetaData) -> list[str]:
    """The columns of which the registry says neither what they are nor why they are not told."""
    return [
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        for column in table.columns
        if table.name not in NOT_TOLD
        and f"{table.name}.{column.name}" not in NOT_TOLD
        and column.name not in (SHELVES[table.name].columns if table.name in SHELVES else ())
    ]


def leads_to_people(table: Table) -> bool:
    return any(key.column.table.name == "person" for column in table.columns for key in column.foreign_keys)


# --- every column ----------------------------------------------------------------------------------------------------


def test_every_column_is_told_or_said_not_to_be(app: Flask) -> None:
    assert unspoken(db.metadata) == []


def test_a_new_column_and_a_new_table_are_noticed(app: Flask) -> None:
    grown = MetaData()
    for table in db.metadata.sorted_tables:
        table.to_metadata(grown)
    grown.tables["person"].append_column(Column("shoe_size", Integer))
    Table("diary", grown, Column("person_id", Integer))
    assert sorted(unspoken(grown)) == ["diary.person_id", "person.shoe_size"]


def test_the_registry_speaks_of_what_there_is(app: Flask) -> None:
    tables = db.metadata.tables
    columns = {f"{name}.{column.name}" for name, table in tables.items() for column in table.columns}
    told = {f"{name}.{column}" for name, shelf in SHELVES.items() for column in shelf.columns}
    assert told | {f"{name}.{shelf.owner}" for name, shelf in SHELVES.items()} <= columns
    assert {*NOT_TOLD} <= columns | {*tables}
    assert not told & {*NOT_TOLD}
    reasons: set[LazyString] = {one for one in NOT_TOLD.values() if one is not NOTHING}
    assert {str(one) for one in reasons} == {str(one) for one in BESIDES}
    # a table that leads to people is never said to hold nothing of them
    assert not [name for name, table in tables.items() if leads_to_people(table) and NOT_TOLD.get(name, "") is NOTHING]


def test_every_shelf_stands_in_one_part_of_the_page() -> None:
    assert sorted(name for part in PARTS for name in part.tables) == sorted(SHELVES)


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.fixture
def me(app: Flask) -> Person:
    """Somebody with something on most shelves, in a room that is published, with a draft beside it."""
    session_id, rows = open_room(4, title="Talks")
    topic, region = make.interest(title="Local radio"), make.region(title="The far north")
    clinic = make.session(format="clinics", title="Clinic", hosts=[make.host(name="Nadia")])
    make.store(topic, region, clinic)
    with transaction() as writing:
        person = writing.get_one(Person, rows[0])
        person.name, person.registration, person.role = "Mina Sok", "ticket 77", "donor"
        person.organisation = make.organisation(name="Paper Boat")
        person.typed = {"organisation": ["The Paper Boat"]}
        person.regions = [writing.get_one(Region, region.id)]
        person.interests = [PersonInterest(interest=writing.get_one(Interest, topic.id), side="offers")]
        person.wishes = [Wish(text="Anna of Oslo")]
        person.absences = [Absence(starts=make.START.replace(hour=3), ends=make.START.replace(hour=4))]
        writing.add_all(
            [
                Question(person_id=person.id, session_id=clinic.id, text="Who pays?"),
                HostWish(person_id=person.id, host_id=writing.query(Host).one().id),
                Attendance(session_id=session_id, person_id=person.id, state="here", changed_by="Fay of the desk"),
                Feedback(session_id=session_id, round_no=1, person_id=person.id, kind="not_useful"),
                Feedback(session_id=session_id, round_no=1, person_id=rows[1], kind="not_met"),
                ApartEntry(person_id=rows[1], text="Mina Sok"),
            ]
        )
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    planning.make_plan(session_id, by=BY, seed=3)
    accounts.issue_link(lasts=accounts.PERSON_LASTS, person_id=rows[0])
    return db.session.get_one(Person, rows[0])


def held(person: Person) -> Mapping[str, own_data.Held]:
    db.session.rollback()
    found = own_data.holding_of(Actor(person=db.session.get_one(Person, person.id)), now=BEFORE)
    return {one.table: one for one in found.shelves}


def said(one: own_data.Held) -> list[dict[str, str]]:
    return [{fact.column: fact.said for fact in row if fact.said} for row in one.rows]


def test_all_of_it_is_told_in_words(me: Person) -> None:
    found = held(me)
    (row,) = said(found["person"])
    assert (row["name"], row["registration"], row["role"], row["typed"]) == (
        "Mina Sok", "ticket 77", "donor", "The Paper Boat",
    )  # fmt: skip
    assert row["organisation_id"] == "Paper Boat"
    assert said(found["person_interest"]) == [{"interest_id": "Local radio", "side": "You can share it"}]
    assert said(found["person_region"]) == [{"region_id": "The far north"}]
    assert said(found["wish"]) == [{"text": "Anna of Oslo"}]
    assert said(found["question"]) == [{"session_id": "Clinic", "text": "Who pays?"}]
    assert said(found["host_wish"]) == [{"host_id": "Nadia"}]
    assert said(found["feedback"])[0]["kind"] == "Not really"
    assert said(found["absence"])[0]["starts"].endswith("03:00")
    assert said(found["attendance"])[0]["state"] == "here"
    plan = version_of(db.session.query(Attendance).one().session_id)
    tables = {one.round_no: one.table for one in plan.meetings for seat in one.seats if seat.person_id == me.id}
    seats = [(row["plan_id"], int(row["round_no"]), row["meeting_id"]) for row in said(found["seat"])]
    # the draft is nobody's plan yet
    assert sorted(seats) == [("Talks · version A", number, tables[number]) for number in sorted(tables)]


def test_both_files_say_the_same(me: Person, visitor: Visitor) -> None:
    browser = visitor.participant(me)
    page, text = browser.get("/me/held"), browser.get("/me/held.txt")
    told = json.loads(browser.get("/me/held.json").text)
    assert told["held"]["person"][0]["name"] == "Mina Sok"
    assert set(told["held"]) == set(SHELVES)
    assert told["held"]["feedback"][0]["kind"] == "not_useful"
    words = " ".join(in_words(page.text).split())
    for one in held(me).values():
        for row in one.rows:
            for fact in row:
                assert fact.said in text.text
                assert " ".join(fact.said.split()) in words
    assert text.headers["Content-Disposition"] == "attachment; filename=held.txt"
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    assert browser.get("/me/held.json").headers["Content-Disposition"] == "attachment; filename=notes.json"


def test_the_page_is_in_parts_and_what_is_empty_is_folded(me: Person, visitor: Visitor) -> None:
    page = visitor.participant(me).get("/me/held").text
    shown, folded = page.partition("<details>")[::2]
    assert re.findall(r'<h2 id="part-\d">([^<]+)</h2>', page) == [
        "About you", "Your rounds", "After your meetings", "How you come in here",
    ]  # fmt: skip
    found = held(me)
    full, empty = ([str(one.title) for one in found.values() if bool(one.rows) is there] for there in (True, False))
    assert sorted(re.findall(r"<h3>([^<]+)</h3>", shown)) == sorted(full)
    assert re.findall(r"<li>([^<]+)</li>", folded.partition("</details>")[0]) == empty
    assert shown.index("Local radio") < shown.index("Not really") < shown.index("a link")


def test_nothing_of_others_comes_with_it(me: Person, visitor: Visitor) -> None:
    browser = visitor.participant(me)
    everything = " ".join(browser.get(f"/me/held{ending}").text for ending in ("", ".txt", ".json"))
    others = [one for one in db.session.query(Person) if one.id != me.id]
    assert not [one.name for one in others if one.name in everything]
    assert not [one.number for one in others if f">{one.number}<" in everything]
    for word in ("not_met", "Fay of the desk", "apart_entry"):
        assert word not in everything


@pytest.mark.parametrize("whose", ["own", "of others"])
def test_the_page_is_the_same_whether_or_not_somebody_need_not_be_met(
    me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    browser = visitor.participant(me)

    def all_of_it() -> list[str]:
        whole = own_data.holding_of(Actor(person=db.session.get_one(Person, me.id)), now=BEFORE)
        return [in_words(browser.get("/me/held").text), own_data.as_json(whole), own_data.as_text(whole)]

    before = all_of_it()
    other = db.session.query(Person).filter(Person.id != me.id).first()
    assert other is not None
    writer, name = (me, other.name) if whose == "own" else (other, me.name)
    make.store(ApartEntry(person_id=writer.id, text=name))
    assert all_of_it() == before
    make.store(Wish(person_id=me.id, text="Bo of Bergen", position=2))
    assert all_of_it() != before


def test_nobody_else_is_told(me: Person, visitor: Visitor) -> None:
    for role in ("facilitator", "organiser", "safety"):
        answers = [visitor.staff(role).get(f"/me/held{ending}") for ending in ("", ".txt", ".json")]
        assert [one.status_code for one in answers] == [404] * 3
