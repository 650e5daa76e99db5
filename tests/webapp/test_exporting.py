"""What leaves the house: the written columns and nothing else, and the same house again from its own files."""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

import matcher
from tests.webapp import canaries
from tests.webapp import factories as make
from tests.webapp.canaries import CANARY, FIRST_KEY, Populated
from webapp.access import Actor
from webapp.bridge import problem_of
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.exchange.ledger import Ledger
from webapp.exchange.spreadsheet import read_sheet, read_sheets
from webapp.models import (
    Absence,
    Host,
    Interest,
    Organisation,
    Person,
    PersonInterest,
    Region,
    Session,
    Staff,
    Wish,
)
from webapp.operations.files import exporting
from webapp.operations.files.event_file import trading
from webapp.operations.files.importing import judging
from webapp.operations.files.importing.judging import Incoming, guessed
from webapp.operations.plans import presence

BY = Actor(staff=Staff(name="somebody", role="organiser"))
WRITTEN = {
    "people.csv": ("number registration name latin organisation role country regions languages offers seeks "
                   "offers_words seeks_words wishes away seated first_time companion companion_languages "
                   "shows_topics listed"),
    "numbers.csv": "about what figure",
    "clinic/hosts.csv": "number name latin about organisation languages topics table places away note",
    "first-talks/plan.csv": "round starts ends table visits number name language interpreter",
}  # fmt: skip
"""The list that the house gave its word on: what each file tells, and nothing beyond it."""


def taken(address: str) -> bytes:
    slug, _slash, name = address.rpartition("/")
    what, ending = name.split(".")
    return exporting.file_of_session(slug, what, ending, by=BY) if slug else exporting.file_of(what, ending, by=BY)


def brought(content: bytes, session: str = "") -> None:
    sent = Incoming(content, session)
    kind = judging.kind_of(db.session.query(Session).filter_by(slug=session).one() if session else None)
    sent = replace(sent, columns=guessed(kind, sent.sheet))
    preview = judging.preview(sent, by=BY)
    assert not preview.problems, preview.problems
    judging.store(sent, digest=preview.digest, by=BY)


# --- nothing but what is written -------------------------------------------------------------------------------------


@pytest.fixture
def guests(populated: Populated, tmp_path: Path) -> Any:
    app = populated.open(tmp_path / "data")
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def secrets(rows: Any) -> set[str]:
    """All that no file may hold: public ids, hashes, the keys of rows, notes of who did what."""
    found = set()
    for table, column in (("person", "public_id"), ("host", "public_id"), ("link", "token_hash"), ("plan", "made_by"),
                          ("access_code", "secret_hash"), ("access_code", "finder"), ("staff", "name"),
                          ("sign_in", "id_hash"), ("person", "id"), ("host", "id"), ("session", "id")):  # fmt: skip
        found |= {str(value) for value in rows.scalars(text(f"SELECT {column} FROM {table}")) if value}
    return {value for value in found if len(value) > 3}


def test_each_file_holds_the_written_columns_and_nothing_else(guests: Flask) -> None:
    files = ["clinic/problem.json", "first-talks/problem.json", "first-talks/plan.json", "programme.ics", *WRITTEN]
    contents = {name: taken(name).decode() for name in files}
    for name, columns in WRITTEN.items():
        assert " ".join(read_sheet(contents[name].encode()).header) == columns
    hidden = secrets(db.session())
    assert len(hidden) > 30
    for name, content in contents.items():
        assert not [value for value in hidden if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", content)], name
    assert set(canaries.event_numbers()) <= set(re.findall(r"\d+", contents["people.csv"]))
    for bare in ("numbers.csv", "programme.ics", "first-talks/problem.json", "first-talks/plan.json"):
        assert CANARY not in contents[bare], bare


def test_no_file_tells_who_is_kept_apart(guests: Flask) -> None:
    names = ["clinic/problem.json", "first-talks/problem.json", "first-talks/plan.json", "first-talks/plan.csv",
             "people.csv", "numbers.csv"]  # fmt: skip
    before = {name: taken(name) for name in names}
    assert all(b"keep_apart" not in content for content in before.values())
    with transaction() as rows:
        rows.execute(text("DELETE FROM keep_apart"))
    assert {name: taken(name) for name in names} == before


def test_the_file_of_the_whole_event_holds_no_secrets(guests: Flask) -> None:
    def cells() -> str:
        sheets = read_sheets(trading.event_file(by=BY))
        return "\n".join(cell for _name, sheet in sheets for _row, texts in sheet.rows for cell in texts)

    before = cells()
    hidden = secrets(db.session())
    numbers = {str(one.id) for one in db.session.query(Interest)}
    assert not [value for value in hidden - numbers if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", before)]
    assert set(canaries.event_numbers()) <= set(re.findall(r"\d+", before))
    with transaction() as rows:
        rows.execute(text("DELETE FROM keep_apart"))
    assert cells() == before


def test_a_file_that_tells_it_would_be_noticed(guests: Flask) -> None:
    session = db.session.query(Session).filter_by(slug="first-talks").one()
    told = problem_of(db.session(), session, presence.expected(db.session(), session))
    assert "keep_apart" in matcher.write_problem(told)


def test_the_contract_reads_what_is_handed_on(guests: Flask) -> None:
    problem = matcher.read_problem(taken("first-talks/problem.json"))
    plan = matcher.read_plan(taken("first-talks/plan.json"))
    assert not list(matcher.breaches(problem, plan))
    assert {person.id for person in problem.people} <= set(canaries.event_numbers())
    assert (plan.version, {host.id for host in matcher.read_problem(taken("clinic/problem.json")).hosts}) == (
        1, {"h1", "h2"},
    )  # fmt: skip
    assert json.loads(taken("first-talks/plan.json"))["session"] == "first-talks"


def test_what_is_not_there_is_not_exported(guests: Flask) -> None:
    for name in ("people.json", "codes.csv", "nowhere/plan.csv", "general/problem.json", "first-talks/hosts.csv"):
        with pytest.raises(NotFound):
            taken(name)
    with pytest.raises(NotNow):
        taken("clinic/plan.csv")
    with pytest.raises(NotFound):
        exporting.file_of("people", "csv", by=Actor(staff=Staff(name="f", role="facilitator")))


def test_a_plan_for_people_who_have_gone_is_not_handed_on(guests: Flask) -> None:
    with transaction() as rows:
        rows.execute(delete(Person).where(Person.id == FIRST_KEY + 1))
    with pytest.raises(NotNow) as refusal:
        taken("first-talks/plan.json")
    assert "changed since" in refusal.value.sentence
    assert canaries.event_numbers()[1].encode() not in taken("first-talks/plan.csv")


def test_the_programme_is_one_entry_a_session(guests: Flask) -> None:
    with transaction():
        db.session.query(Session).filter_by(slug="general").one().title = "A;B,\r\nATTENDEE:mailto:x@example.org"
    calendar = icalendar.Calendar.from_ical(taken("programme.ics"))
    entries = [part for part in calendar.walk() if part.name == "VEVENT"]
    assert len(entries) == db.session.query(Session).count()
    assert not [entry for entry in entries if "ATTENDEE" in entry]


# --- out and in again ------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ("Anna", "=Anna", "-Zoë", "'+1", "سارا", "A;B", 'Q"uote', "O’Neil, Jr", "@x", "زهرا کریمی‌زاده", "Ünal", "a b  c")
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES, "latin": st.sampled_from(("", "Anna", "=Sara")), "registration": st.booleans(),
            "house": st.none() | NAMES, "role": st.sampled_from(("member", "donor", "guest")),
            "country": st.none() | st.sampled_from(("KH", "CI")),
            "languages": st.sampled_from(((), ("en",), ("km", "fr"))),
            "offers": st.sets(st.integers(0, 2)), "seeks": st.sets(st.integers(0, 2)), "region": st.booleans(),
            "seated": st.booleans(), "away": st.booleans(),
            "wish": st.sampled_from(("", "person", "house", "role", "region")),
        }
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def empty() -> None:
    with transaction() as rows:
        for table in ("wish", "person", "host", "organisation"):
            rows.execute(text(f"DELETE FROM {table}"))


def settle(told: list[dict[str, Any]]) -> None:
    """Let these people live in the house."""
    with transaction() as rows:
        houses: dict[str, Organisation] = {}
        listed = rows.query(Interest).order_by(Interest.id).all()
        (region,) = rows.query(Region).all()
        people = []
        for at, one in enumerate(told):
            row = make.person(
                number=str(100 + at), name=one["name"], latin=one["latin"], role=one["role"], country=one["country"],
                languages=one["languages"], seated=one["seated"], registration=f"R/{at}" if one["registration"] else "",
                regions=[region] if one["region"] else [],
            )  # fmt: skip
            if one["house"]:
                row.organisation = houses.setdefault(one["house"], Organisation(name=one["house"]))
            row.interests = [
                PersonInterest(interest=listed[topic], side=side) for side in ("offers", "seeks") for topic in one[side]
            ]
            if one["away"]:
                row.absences = [Absence(starts=datetime(2013, 6, 19, 14), ends=datetime(2013, 6, 19, 15))]
            rows.add(row)
            people.append(row)
        rows.flush()
        for one, row in zip(told, people, strict=True):
            kinds = {"person": {"wished_person_id": people[0].id}, "role": {"role": "donor"},
                     "region": {"region": region}, "house": {"organisation": people[0].organisation}}  # fmt: skip
            if one["wish"] and not (one["wish"] == "house" and people[0].organisation is None):
                row.wishes = [Wish(**kinds[one["wish"]])]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_people_come_back_the_same(app: Flask, ending: str) -> None:
    make.store(make.event(), make.region(slug="africa"), *(make.interest(position=at) for at in range(3)))

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(PEOPLE)
    def comes_back(told: list[dict[str, Any]]) -> None:
        empty()
        settle(told)
        before = exporting.file_of("people", ending, by=BY)
        empty()
        brought(before)
        assert exporting.file_of("people", ending, by=BY) == before

    comes_back()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["clinics", "stations"])
def test_hosts_come_back_the_same(app: Flask, kind: str, ending: str) -> None:
    topics = [make.interest(slug=f"t{at}", position=at) for at in range(2)]
    guest = make.person(number="55")
    make.store(make.event(), guest, make.session(slug="there", format=kind))
    session_id = db.session.query(Session).one().id
    make.store(
        make.host(session_id=session_id, name="=Nadia", title="Law; courts", note="One\r\nTwo", places=3, min_places=2,
                  away=[2], languages=("ar", "fr"), topics=topics, position=1,
                  organisation=make.organisation(name="-Reed")),
        make.host(session_id=session_id, name="سلمى", title="Mail", table="", person_id=guest.id, languages=(),
                  position=2),
    )  # fmt: skip
    before = exporting.file_of_session("there", "hosts", ending, by=BY)
    with transaction() as rows:
        rows.execute(delete(Host))
    brought(before, "there")
    after = exporting.file_of_session("there", "hosts", ending, by=BY)
    dropped = "least_places" not in read_sheet(before).header
    assert after == before
    assert {host.min_places for host in db.session.query(Host)} == ({1} if dropped else {1, 2})


def test_a_column_too_many_would_be_noticed(guests: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    real = exporting.people_table()
    wider = Ledger((*real.columns, "key"), tuple((*row, str(FIRST_KEY)) for row in real.rows))
    monkeypatch.setattr(exporting, "people_table", lambda: wider)
    content = taken("people.csv")
    assert " ".join(read_sheet(content).header) != WRITTEN["people.csv"]
    assert str(FIRST_KEY) in secrets(db.session()) & set(re.findall(r"\w+", content.decode()))
