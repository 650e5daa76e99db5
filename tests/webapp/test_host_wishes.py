"""Wishes for specialists: ranked in the profile, granted by the plan, and told to the desk where they are not."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, untimed
from tests.webapp.pages import in_words
from tests.webapp.profile_page import MEETING, error_beside, form_of, post, save
from tests.webapp.repairs import version_of
from tests.webapp.test_bridge import BY
from tests.webapp.test_help_point import keep
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import Event, Host, HostWish, KeepApart, MetBefore, Organisation, Person, Question, Session
from webapp.operations.guests import people
from webapp.operations.paper import host_sheets, own_sheets
from webapp.operations.plans import planning
from webapp.operations.profile import host_wishes

ORGANISER = Actor(staff=make.Staff(name="olu", role="organiser"))


@pytest.fixture
def hosts(app: Flask) -> list[str]:
    """The public ids of three specialists of one session."""
    three = [make.host(name=name, title=f"About {name}") for name in ("Ana", "Bo", "Cy")]
    make.store(make.event(), make.session(slug="ask-us", title="Ask us", format="clinics", rounds=1, hosts=three))
    return [one.public_id for one in db.session.query(Host).order_by(Host.id)]


@pytest.fixture
def me(hosts: list[str]) -> Person:
    me = make.person(name="Me", latin="Me", number="606")
    make.store(me)
    return me


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def wished() -> list[str]:
    db.session.rollback()
    found = db.session.query(Host.public_id).join(HostWish, HostWish.host_id == Host.id).order_by(HostWish.position)
    return [one for (one,) in found]


def wish(person: int, *names: str) -> None:
    with transaction() as rows:
        rows.query(HostWish).filter_by(person_id=person).delete()
        for at, name in enumerate(names):
            rows.add(HostWish(person_id=person, host_id=rows.query(Host).filter_by(name=name).one().id, position=at))


def plan() -> int:
    session_id = db.session.query(Session).one().id
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    db.session.rollback()
    return session_id


def codes(session_id: int) -> dict[str, list[tuple[str, str]]]:
    found = host_wishes.unmet(version_of(session_id))
    return {one.person.name: [(host.name, code) for host, code in one.wishes] for one in found}


# --- in the profile -------------------------------------------------------------------------------------------------


def test_wishes_go_there_and_back_in_their_order(mine: FlaskClient, hosts: list[str]) -> None:
    ana, bo, cy = hosts
    assert save(mine, **{"wish-ask-us-1": cy, "wish-ask-us-3": ana}).status_code == 303
    assert wished() == [cy, ana]
    form = form_of(mine)
    assert [form[f"wish-ask-us-{rank}"] for rank in (1, 2, 3)] == [cy, ana, ""]
    assert post(mine, form, **{"wish-ask-us-1": ana, "wish-ask-us-2": ana, "wish-ask-us-3": bo}).status_code == 303
    assert wished() == [ana, bo]
    assert save(mine, **{f"wish-ask-us-{rank}": "" for rank in (1, 2, 3)}).status_code == 303
    assert wished() == []


def test_the_list_says_what_each_is_asked_about_and_in_which_languages(mine: FlaskClient) -> None:
    page = in_words(mine.get(MEETING).text)
    assert "the team at the desk can see whom you wished for" in page
    assert re.search(r"Ana.*About Ana.*English.*Bo.*About Bo", page, re.S)


def test_what_is_said_of_a_specialist_helps_to_choose_but_not_in_a_discreet_event(mine: FlaskClient) -> None:
    said = "Bring your grant letter."
    with transaction() as rows:
        rows.query(Host).first().note = said
    assert said in mine.get("/me/profile/meeting").text
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    assert said not in mine.get("/me/profile/meeting").text


def test_an_older_page_and_a_specialist_who_is_gone_lose_nothing(mine: FlaskClient, hosts: list[str]) -> None:
    opened = form_of(mine)
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=hosts[0]).delete()
    answer = post(mine, opened, **{"wish-ask-us-1": hosts[0], "question-ask-us": "How?"})
    assert answer.status_code == 422
    assert error_beside(answer.text, "wish-ask-us-1") == "Choose one from the list."
    assert "How?" in answer.text
    assert post(mine, opened, **{"wish-ask-us-1": hosts[1]}).status_code == 303
    assert post(mine, opened, **{"wish-ask-us-1": hosts[1]}).status_code == 303
    assert post(mine, opened, **{"wish-ask-us-1": hosts[2]}).status_code == 409
    assert wished() == [hosts[1]]


def test_nobody_wishes_for_themselves_and_a_discreet_list_has_no_names(
    me: Person, mine: FlaskClient, hosts: list[str]
) -> None:
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=hosts[0]).one().person_id = me.id
        rows.get_one(Event, 1).preset = "discreet"
    page = mine.get(MEETING).text
    assert hosts[0] not in page
    assert hosts[1] in page
    assert "About Bo" in page
    assert not re.search(r"\bBo\b", in_words(page).replace("About Bo", ""))


# --- in the plan ----------------------------------------------------------------------------------------------------


def test_a_plan_grants_wishes_and_tells_the_desk_why_not(me: Person, hosts: list[str], visitor: Visitor) -> None:
    make.store(make.person(name="Kim", languages=("km",)), make.person(name="Second"))
    rows = {one.name: one.id for one in db.session.query(Person)}
    wish(rows["Me"], "Bo")
    wish(rows["Second"], "Bo")
    wish(rows["Kim"], "Ana")
    session_id = plan()
    (held,) = version_of(session_id).meetings
    assert {held.host, held.seats[0].person.name} <= {hosts[1], "Me", "Second"}
    left = ({"Me", "Second"} - {held.seats[0].person.name}).pop()
    assert codes(session_id) == {"Kim": [("Ana", "no_shared_language")], left: [("Bo", "host_full")]}
    page = in_words(visitor.staff("facilitator").get("/desk/ask-us/plan").text)
    assert "no language in common" in page
    assert "no place left" in page
    own = visitor.participant(db.session.get_one(Person, rows[left])).get("/me").text
    assert "no place left" not in own
    people.remove_person(db.session.get_one(Person, rows[left]).public_id, by=ORGANISER)
    assert version_of(session_id).quality["unmet"] == [
        [db.session.get_one(Person, rows["Kim"]).public_id, hosts[0], "no_shared_language"]
    ]


def unmet_pages(visitor: Visitor, me: Person, cause: str) -> tuple[str, str]:
    """What the desk and the wisher read where Me may not see Ana for this cause."""
    with transaction() as rows:
        other = rows.query(Person).filter_by(name="Ana herself").one()
        one = rows.get_one(Person, me.id)
        same = rows.query(Organisation).one() if cause == "colleagues" else None
        one.organisation = other.organisation = same
        for kind in (KeepApart, MetBefore):
            rows.query(kind).delete()
    if cause in {"keep_apart", "met_before"}:
        keep(KeepApart if cause == "keep_apart" else MetBefore, me.id, other.id)
    plan()
    desk = untimed(visitor.staff("facilitator").get("/desk/ask-us/plan").text)
    found = re.search(r'<h2 id="unmet">.*?</details>', desk, re.S)
    mine = untimed(visitor.participant(me).get("/me").text)
    return in_words(found.group()) if found else "", re.sub(r"version [A-Z]", "version", mine)


def test_a_keep_apart_entry_reads_like_colleagues_and_like_people_who_have_met(
    me: Person, hosts: list[str], visitor: Visitor
) -> None:
    ana = make.person(name="Ana herself")
    make.store(ana, make.organisation())
    with transaction() as rows:
        rows.query(Host).filter_by(public_id=hosts[0]).one().person_id = ana.id
    wish(me.id, "Ana")
    pages = {cause: unmet_pages(visitor, me, cause) for cause in ("keep_apart", "met_before", "colleagues", "")}
    assert pages["keep_apart"] == pages["met_before"] == pages["colleagues"]
    assert "not possible this time" in pages["keep_apart"][0]
    assert "Ana" not in pages["keep_apart"][1]
    assert pages[""][0] == "", "without any of these the wish comes true"


# --- the specialist's own list --------------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def visited(me: Person, hosts: list[str]) -> dict[str, int]:
    """A published session in which Me and Bo's own person are visited, each by one person who asks something."""
    bo, guests = make.person(name="Bo herself"), [make.person(name=f"Guest{word}") for word in ("alpha", "beta")]
    make.store(bo, *guests)
    with transaction() as rows:
        for public_id, row in ((hosts[0], me.id), (hosts[1], bo.id)):
            rows.query(Host).filter_by(public_id=public_id).one().person_id = row
        session = rows.query(Session).one()
        for guest in guests:
            rows.add(Question(person_id=guest.id, session_id=session.id, text=f"What does {guest.name} ask?"))
    wish(guests[0].id, "Ana")
    wish(guests[1].id, "Bo")
    plan()
    return {one.name: one.id for one in db.session.query(Person)}


def test_a_specialist_reads_and_prints_their_own_list_alone(visited: dict[str, int], visitor: Visitor) -> None:
    mine = visitor.participant(db.session.get_one(Person, visited["Me"]))
    page = mine.get("/me").text
    assert "What does Guestalpha ask?" in page
    assert "Guestbeta" not in page
    answer = mine.get("/me/visitors.pdf?person=other&host=other")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    told = text_of(answer.data)
    assert "Guestalpha" in told
    assert "Guestbeta" not in told
    guest = visitor.participant(db.session.get_one(Person, visited["Guestalpha"]))
    assert guest.get("/me/visitors.pdf").status_code == 404
    assert "visitors.pdf" not in guest.get("/me").text
    assert visitor.staff("organiser").get("/me/visitors.pdf").status_code == 404


def test_with_all_sheets_somebody_elses_would_be_read(visited: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def everybody(host: Host, version: object) -> object:
        return host_sheets.host_sheets(host.session, version)[1]  # type: ignore[arg-type]

    monkeypatch.setattr(own_sheets.host_sheets, "sheet_of", everybody)
    assert "Guestbeta" in text_of(own_sheets.own_sheets(Actor(person=db.session.get_one(Person, visited["Me"]))))


def test_in_a_discreet_event_the_desk_alone_prints_it(visited: dict[str, int], visitor: Visitor) -> None:
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    mine = visitor.participant(db.session.get_one(Person, visited["Me"]))
    page = mine.get("/me").text
    assert "Guestalpha" not in page
    assert "visitors.pdf" not in page
    assert mine.get("/me/visitors.pdf").status_code == 404
    with pytest.raises(NotFound):
        own_sheets.own_sheets(Actor(person=db.session.get_one(Person, visited["Me"])))
