"""Sheets for those who are visited, for interpreters and for the wall say what the published rows say, and no more."""

import io
import re
from collections import defaultdict

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.gathering import ROUNDS, gather, publish, words_in
from tests.webapp.test_bridge import BY, open_room
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.exchange.paper import plainly
from webapp.models import Event, Host, Interpreter, KeepApart, Meeting, Person, Plan, Question, Seat, Session, Table
from webapp.operations.paper import host_sheets, printing, room_sheets
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import planning

HOSTED = ("clinics", "stations", "groups")
MARKUP = 'May I #read("hosts.typ") *aloud* ] $x$ <b>?'


def pages(session_id: int, kind: str, **options: object) -> list[str]:
    """The text of each page in English, without the marks around names."""
    pdf = printing.sheet(session_id, kind, **{"language": "en"} | options)  # type: ignore[arg-type]
    read = pypdf.PdfReader(io.BytesIO(pdf))
    return [" ".join(re.sub("[\u2068\u2069\u200b]", "", page.extract_text()).split()) for page in read.pages]


def told(session_id: int, kind: str) -> str:
    return " ".join(pages(session_id, kind))


def by_host(session_id: int, kind: str = "hosts") -> dict[str, str]:
    """What stands on the pages of each host, by the host's Latin spelling."""
    found: dict[str, str] = defaultdict(str)
    for page in pages(session_id, kind):
        (host,) = (word for word in words_in(page) if word.startswith("host"))
        found[host] += f" {page}"
    return found


def visitors(plan: Plan) -> dict[str, set[str]]:
    """Who visits whom, as the rows have it."""
    found = {host.latin: set() for host in plan.session.hosts}
    for meeting in db.session.query(Meeting).filter_by(plan_id=plan.id):
        host = db.session.query(Host).filter_by(public_id=meeting.host).one()
        found[host.latin] |= {seat.person.name for seat in meeting.seats}
    return found


def guests_in(text: str) -> set[str]:
    return {word for word in words_in(text) if word.startswith("guest")}


def wrong_on_host_sheets(plan: Plan) -> list[str]:
    sheets, due = by_host(plan.session_id), visitors(plan)
    return [host for host in due if guests_in(sheets[host]) != due[host]]


# --- host sheets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["open", "discreet"])
@pytest.mark.parametrize("kind", HOSTED)
def test_each_sheet_names_exactly_who_comes(app: Flask, kind: str, preset: str) -> None:
    plan = publish(gather(kind, 1, preset=preset), 1)
    assert not wrong_on_host_sheets(plan)
    for host, text in by_host(plan.session_id).items():
        row = db.session.query(Host).filter_by(latin=host).one()
        assert ("Specialist" if kind == "clinics" else "Presenter") in text
        assert row.table in text
        assert row.title in text
        assert " A " in text
        assert "Printed" in text
        assert not re.search(r"\bhost\b", text, re.IGNORECASE)


def test_a_visitor_on_every_sheet_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("clinics", 1), 1)
    person = db.session.query(Person).filter_by(name="guest05").one()
    monkeypatch.setattr(host_sheets._Desk, "_visitors", lambda desk, _meeting: (desk._visitor(person, ()),))
    assert wrong_on_host_sheets(plan)


def test_discreet_sheets_tell_no_organisation_and_no_topic(app: Flask) -> None:
    secret = re.compile(r"house\d\d|topic\d\d")
    plan = publish(gather("clinics", 1), 1)
    for preset in ("open", "discreet"):
        with transaction() as rows:
            rows.query(Event).one().preset = preset
        text = told(plan.session_id, "hosts")
        assert {word[:5] for word in secret.findall(text)} == ({"house", "topic"} if preset == "open" else set())
        assert guests_in(text)


def test_a_question_stands_for_whom_it_is_meant_and_nowhere_else(app: Flask) -> None:
    session_id = gather("clinics", 1)
    asking = {person.name: person for person in db.session.query(Person)}
    make.store(*(Question(person_id=one.id, session_id=session_id, text=f"{MARKUP} {name[-2:]}!")
                 for name, one in asking.items()))  # fmt: skip
    other = make.session(slug="other", format="clinics")
    make.store(other)
    make.store(Question(person_id=asking["guest03"].id, session_id=other.id, text="elsewhere"))
    plan = publish(session_id, 1)
    for host, text in by_host(session_id).items():
        for name in asking:
            assert (f"{MARKUP} {name[-2:]}!" in text) == (name in visitors(plan)[host]), (host, name)
        assert "elsewhere" not in text
        assert "#import" not in text
    for kind in printing.KINDS:
        if kind not in {"hosts", "pack", "changed"} and kind in {"pack", *offered(plan)}:
            assert MARKUP not in told(session_id, kind), kind


def test_what_may_keep_two_apart_is_on_no_sheet(app: Flask) -> None:
    session_id = gather("clinics", 1)
    one, other = db.session.query(Person).order_by(Person.id)[1:3]
    plan = publish(session_id, 1)
    before = {kind: pages(session_id, kind) for kind in ("hosts", "interpreters", "wall")}
    make.store(KeepApart(one_id=one.id, other_id=other.id))
    after = {kind: pages(plan.session_id, kind) for kind in before}
    assert [_untimed(text) for text in after.values()] == [_untimed(text) for text in before.values()]


def _untimed(sheets: list[str]) -> list[str]:
    return [re.sub(r"Printed .*?\d\d:\d\d", "", page) for page in sheets]


def test_free_rounds_breaks_and_absences_are_shown(app: Flask) -> None:
    session_id = gather("clinics", 1)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        session.break_after, session.break_minutes = [1], 20
        for host in session.hosts:
            host.away = [2]
        for person in rows.query(Person).order_by(Person.id)[3:]:
            rows.delete(person)
    publish(session_id, 1)
    text = told(session_id, "hosts")
    assert "Break, 14:06 to 14:26" in text
    assert "You are away in this round." in text
    assert "Free: somebody from the standby list may come." in text
    assert "14:28" in text


def test_nobody_is_sent_to_a_specialist_who_is_gone(app: Flask) -> None:
    session_id = gather("clinics", 2)
    publish(session_id, 1)
    with transaction() as rows:
        early, late = rows.get_one(Session, session_id).hosts[:2]
        plan = rows.query(Plan).filter_by(session_id=session_id, state="published").one()
        lost = (Meeting.host == early.public_id) | ((Meeting.host == late.public_id) & (Meeting.round_no > 1))
        for meeting in rows.query(Meeting).filter(Meeting.plan_id == plan.id, lost):
            rows.delete(meeting)
        early.gone_from, late.gone_from = 1, 2
        names = early.latin, late.latin
    found = by_host(session_id)
    assert names[0] not in found
    assert found[names[1]].count("You are away in this round.") == ROUNDS - 1


def test_whoever_was_removed_leaves_a_sheet_without_a_name(app: Flask) -> None:
    plan = publish(gather("clinics", 1), 1)
    due = set.union(*visitors(plan).values())
    with transaction() as rows:
        for host in rows.query(Host):
            rows.delete(host)
    text = told(plan.session_id, "hosts")
    assert guests_in(text) == due
    assert "host0" not in text


# --- interpreters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pairs", "clinics"])
def test_an_interpreter_reads_whom_to_serve_and_in_which_languages(app: Flask, kind: str) -> None:
    plan = publish(gather(kind, 1), 1)
    held = [one for one in db.session.query(Meeting).filter_by(plan_id=plan.id) if one.interpreter]
    assert held
    overview, own = pages(plan.session_id, "interpreters")
    assert "voice00" in overview
    assert not guests_in(overview)
    assert guests_in(own) == {seat.person.name for meeting in held for seat in meeting.seats}
    assert all(meeting.table in own.split() and meeting.table in overview.split() for meeting in held)
    assert ("rest" in own.split()) == (len(held) < ROUNDS)
    sheet = room_sheets.interpreter_sheets(plan)[0]
    for shift in sheet.shifts:
        if shift.table:
            assert {side.language for side in shift.sides} == {"English", "French"}


def test_no_interpreter_no_list(app: Flask) -> None:
    session_id = gather("pairs", 1)
    with transaction() as rows:
        for one in rows.query(Interpreter):
            rows.delete(one)
    plan = publish(session_id, 1)
    assert "interpreters" not in offered(plan)
    with pytest.raises(NotNow, match="No table in this version has an interpreter"):
        printing.sheet(plan.session_id, "interpreters")


# --- the wall --------------------------------------------------------------------------------------------------------


def offered(plan: Plan) -> dict[str, int]:
    return {one.kind.name: one.pages for one in printing.offer(plan.session, plan).singles}


def test_the_wall_shows_every_name_with_its_tables_where_the_event_is_open(app: Flask) -> None:
    plan = publish(gather("pairs", 1), 1)
    assert "wall" in offered(plan)
    text = told(plan.session_id, "wall")
    for person in db.session.query(Person):
        seats = db.session.query(Seat).filter_by(plan_id=plan.id, person_id=person.id)
        tables = {seat.round_no: seat.meeting.table for seat in seats}
        row = " ".join([person.number, person.name, *(tables.get(number, "–") for number in range(1, ROUNDS + 1))])
        assert row in text


def test_a_discreet_event_has_no_wall_list(app: Flask, visitor: Visitor) -> None:
    plan = publish(gather("pairs", 1, preset="discreet"), 1)
    assert "wall" not in offered(plan)
    with pytest.raises(NotNow, match="prints no wall list"):
        printing.sheet(plan.session_id, "wall")
    desk = visitor.staff("organiser")
    assert "wall.pdf" not in desk.get("/desk/s/print").text
    refused = desk.get("/desk/s/print/wall.pdf")
    assert refused.status_code == 409
    assert "prints no wall list" in refused.text
    with pytest.raises(ValueError, match="no wall list"):
        room_sheets.wall_list(PrintOrder(plan.session, plan))


# --- tool tables -----------------------------------------------------------------------------------------------------


def test_people_sign_up_on_numbered_lines_where_nothing_is_planned_yet(app: Flask) -> None:
    session_id = gather("stations", 1)
    for host, text in by_host(session_id, "signup").items():
        row = db.session.query(Host).filter_by(latin=host).one()
        assert row.title in text
        assert not guests_in(text)
        for number in range(1, ROUNDS + 1):
            assert f"Round {number}" in text
        assert len(re.findall(r"(?<=\s)[123](?=\s)", text)) >= ROUNDS * row.places
    held = db.session.get(Session, session_id)
    assert held is not None
    assert "signup" in {one.kind.name for one in printing.offer(held, None).singles}


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_who_is_planned_stands_on_the_sign_up_sheet(app: Flask, preset: str) -> None:
    plan = publish(gather("stations", 1, preset=preset), 1)
    due = visitors(plan)
    numbers = {person.name: person.number for person in db.session.query(Person)}
    sheets = pages(plan.session_id, "signup")
    for host in plan.session.hosts:
        text = " ".join(page for page in sheets if host.title in page)
        assert guests_in(text) == (due[host.latin] if preset == "open" else set())
        assert {name for name, number in numbers.items() if number in text.split()} == due[host.latin]
        assert (host.latin in text) == (preset == "open")


@pytest.mark.parametrize(
    ("kind", "comes", "not_"),
    [
        ("stations", "each on a path of their own", "Fixed groups go round"),
        ("groups", "Fixed groups go round", "each on a path of their own"),
    ],
)
def test_presenters_are_told_what_happens(app: Flask, kind: str, comes: str, not_: str) -> None:
    session_id = gather(kind, 1)
    for count in ("people a round, at most", "people a round, about"):
        sheets = pages(session_id, "instructions")
        assert len(sheets) == 3
        for page in sheets:
            assert count in page
            assert comes in page
            assert not_ not in page
            assert not guests_in(page)
            assert all(time in page for time in ("14:00", "14:08", "14:16", "14:22"))
        publish(session_id, 1)


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_a_sign_says_the_tool_and_the_zone(app: Flask, preset: str) -> None:
    plan = publish(gather("stations", 1, preset=preset), 1)
    host = plan.session.hosts[0]
    make.store(Table(session_id=plan.session_id, name=host.table, position=0, zone="by the river"))
    (sign,) = (page for page in pages(plan.session_id, "signs") if host.table in page.split())
    assert sign.count("by the river") == sign.count(host.title) == 2
    assert sign.count(host.latin) == (2 if preset == "open" else 0)


# --- which sheets there are, and how many pages ----------------------------------------------------------------------

EVERYWHERE = {"tick", "cards", "rounds", "signs", "finder", "blanks", "wall"}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("pairs", {"interpreters"}),
        ("clinics", {"interpreters", "hosts"}),
        ("stations", {"hosts", "signup", "instructions"}),
        ("circles", set()),
    ],
)
def test_only_what_makes_sense_is_offered_and_has_the_pages_promised(app: Flask, kind: str, more: set[str]) -> None:
    plan = publish(gather(kind, 1), 1)
    promised = offered(plan)
    assert set(promised) == EVERYWHERE | more
    for one in promised:
        assert len(pages(plan.session_id, one)) == promised[one], one
    for one in set(printing.KINDS) - {"pack", "changed"} - set(promised):
        with pytest.raises(NotNow, match=r"\.$"):
            printing.sheet(plan.session_id, one)


def test_spare_cards_are_blank(app: Flask) -> None:
    session_id, _people = open_room(4)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    (page,) = pages(session_id, "blanks", address="https://rondo.example/")
    assert page.count("If someone else comes to your table, that is right.") == 8
    assert page.count("14:16") == 8
    assert page.split().count("A") == 8
    assert not any(person.name in page for person in db.session.query(Person))


def test_the_desk_offers_the_sheets_by_their_names(app: Flask, visitor: Visitor) -> None:
    publish(gather("stations", 1), 1)
    desk: FlaskClient = visitor.staff("facilitator")
    page = desk.get("/desk/s/print").text
    for words in (
        "Sheets for specialists and presenters",
        "Sign-up sheets",
        "Instructions for presenters",
        "Wall list",
    ):
        assert words in page
    answer = desk.get("/desk/s/print/hosts.pdf?paper=letter")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="hosts-A.pdf"'


def test_every_word_passes_the_translator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("stations", 1), 1)
    monkeypatch.setattr(room_sheets, "_", lambda text, **values: plainly(text, **values).upper())
    for kind, words in (("hosts", "PRESENTER"), ("signup", "ROUND 1"), ("instructions", "THE BELL")):
        assert words in told(plan.session_id, kind)


def test_nobody_is_sent_to_a_specialist_who_has_gone(app: Flask) -> None:
    session_id = gather("clinics", 1)
    with transaction() as rows:
        rows.get_one(Session, session_id).hosts[0].gone_from = 2
    held = db.session.get_one(Session, session_id)
    first = host_sheets.host_sheets(held, None)[0]
    assert [turn.away for turn in first.turns] == [False] + [True] * (ROUNDS - 1)
