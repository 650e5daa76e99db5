"""Specialists and tool tables in the office: what is kept, what is refused and how, what goes with whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import START, Visitor, send, token_of
from tests.webapp.pages import Page
from tests.webapp.test_office import HOSTILE, counted
from tests.webapp.test_programme import DESK, OFFICE, plan
from webapp.access import NOBODY, Actor
from webapp.db import db
from webapp.errors import NotFound
from webapp.models import Host, Interest, Organisation, Person, Plan, Session
from webapp.operations.event import programme
from webapp.operations.guests import hosts, people
from webapp.operations.guests.hosts import HostValues
from webapp.operations.plans import readiness

SPECIALIST = {
    "name": "سارا", "latin": "Sara", "title": "Going to court", "organisation": "Reed Lamp Press", "number": "",
    "languages": "Arabic, fr", "topics": ["privacy"], "rounds": ["1", "3"], "table": "S1", "places": "1",
    "note": "Bring your papers.",
}  # fmt: skip
TOOL = {**SPECIALIST, "title": "Encrypted mail", "table": "T1", "places": "8", "min_places": "3"}
CLINIC, TOOLS = "/office/sessions/clinic/hosts", "/office/sessions/tools/hosts"


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    later = {"starts": START + timedelta(hours=2), "ends": START + timedelta(hours=3)}
    clinic, tools = (
        make.session(slug="clinic", format="clinics"),
        make.session(slug="tools", format="stations", **later),
    )
    make.store(make.event(), make.interest(slug="privacy"), clinic, tools)
    return visitor.staff("organiser")


def values(**changes: Any) -> HostValues:
    return HostValues(
        **{
            "name": "Sara", "latin": "Sara", "title": "Law", "note": "", "organisation": "", "number": "",
            "languages": ("en",), "topics": (), "table": "", "places": 1, "min_places": 1, "away": (), **changes,
        }
    )  # fmt: skip


def told(page: str, field: str) -> str:
    """What stands beside a field as wrong."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', page, re.S)
    return found.group(1) if found else ""


def words(page: str) -> str:
    """All that can be read or heard on a page."""
    return " ".join(" ".join(part.text for part in Page(page).words).split())


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_a_specialist_is_kept_as_typed_and_told_with_the_arithmetic(office: FlaskClient) -> None:
    make.store(*(make.person() for _ in range(3)))
    assert send(office, f"{CLINIC}/new", **SPECIALIST).headers["Location"] == f"{CLINIC}?note=added"
    host = db.session.query(Host).one()
    assert (host.name, host.latin, host.title, host.note) == ("سارا", "Sara", "Going to court", "Bring your papers.")
    assert (host.organisation.name, host.table, host.places, host.min_places) == ("Reed Lamp Press", "S1", 1, 1)
    assert (host.away, host.person, host.session.slug) == ([2], None, "clinic")
    assert [language.code for language in host.languages] == ["ar", "fr"]
    assert [topic.slug for topic in host.topics] == ["privacy"]
    page = words(office.get(CLINIC).text)
    assert "1 specialist × 2 rounds × 1 place = 2 talks. 3 people may come. 2 of them can have a talk." in page
    assert "<bdi>سارا</bdi>" in office.get(CLINIC).text
    assert "Only in rounds 1, 3." in page
    assert "1 specialist</a>" in office.get("/office/sessions/clinic").text


def test_a_tool_table_is_kept_with_its_places(office: FlaskClient) -> None:
    make.store(*(make.person() for _ in range(9)))
    assert send(office, f"{TOOLS}/new", **TOOL).status_code == 303
    assert send(office, f"{TOOLS}/new", **{**TOOL, "title": "Maps", "table": "T2", "places": ""}).status_code == 303
    tool, other = db.session.query(Host).order_by(Host.position)
    assert (tool.title, tool.places, tool.min_places, other.places) == ("Encrypted mail", 8, 3, 8)
    page = words(office.get(TOOLS).text)
    assert "2 tool tables × 2 rounds × 8 places = 32 visits." in page
    assert "8 visitors at a time, at least 3" in page
    assert "In some rounds there is no tool table at all." in page
    assert (
        send(office, f"{TOOLS}/new", **{**TOOL, "title": "All day", "table": "T3", "rounds": ["2"]}).status_code == 303
    )
    assert "In a round there are places for 8 of them." in words(office.get(TOOLS).text)


def test_the_page_of_a_host_shows_what_is_kept_and_takes_it_back(office: FlaskClient) -> None:
    send(office, f"{CLINIC}/new", **SPECIALIST)
    before = db.session.query(Host).one()
    address = f"{CLINIC}/{before.public_id}"
    form = next(form for form in Page(office.get(address).text).forms if any(f.name == "table" for f in form.fields))
    sent = office.post(address, data={"csrf_token": token_of(office, address), **_several(form.filled())})
    after = db.session.query(Host).one()
    assert sent.status_code == 303
    assert (after.away, after.table, after.note, after.id) == ([2], "S1", "Bring your papers.", before.id)
    assert [language.code for language in after.languages] == ["ar", "fr"]
    assert send(office, address, **{**SPECIALIST, "rounds": ["2"], "languages": "en"}).status_code == 303
    assert db.session.query(Host).one().away == [1, 3]


def _several(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "csrf_token":
            held.setdefault(name, []).append(value)
    return held


def test_a_host_can_be_a_participant(office: FlaskClient) -> None:
    make.store(make.person(number="417"))
    assert send(office, f"{CLINIC}/new", **{**SPECIALIST, "number": "٤١٧"}).status_code == 303
    assert db.session.query(Host).one().person.number == "417"
    assert "event number 417" in office.get(CLINIC).text
    address = f"{CLINIC}/{db.session.query(Host).one().public_id}"
    assert 'value="417"' in office.get(address).text
    assert "stays on the list of people" in office.get(f"{address}/remove").text
    assert send(office, f"{address}/remove").status_code == 303
    assert (db.session.query(Host).count(), db.session.query(Person).count()) == (0, 1)


def test_pages_say_specialist_or_presenter_and_nothing_else(office: FlaskClient) -> None:
    send(office, f"{CLINIC}/new", **SPECIALIST)
    send(office, f"{TOOLS}/new", **TOOL)
    pages = ["/office", "/office/sessions/clinic", CLINIC, TOOLS, f"{CLINIC}/new", f"{TOOLS}/new"]
    pages += [f"{CLINIC}/{row.public_id}" for row in db.session.query(Host).filter_by(table="S1")]
    pages += [f"{TOOLS}/{row.public_id}/remove" for row in db.session.query(Host).filter_by(table="T1")]
    read = [words(office.get(page).text) for page in pages]
    assert not [text for text in read if re.search(r"\bhosts?\b", text, re.I)]
    assert re.search(r"\bhosts?\b", words("<p>Add a <b>Host</b></p>"), re.I)
    assert "Presenter" in read[5]
    assert "Specialists" in read[2]


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "changes", "field", "said"),
    [
        (CLINIC, {"name": ""}, "name", "Give the specialist"),
        (CLINIC, {"name": "سارا"}, "name", "add something to the name"),
        (CLINIC, {"name": "Somebody"}, "table", "sits at table S1 already"),
        (CLINIC, {"name": "Somebody", "table": " s1"}, "table", "sits at table S1 already"),
        (CLINIC, {"table": "S2", "rounds": []}, "rounds", "at least one round"),
        (CLINIC, {"rounds": ["1", "4"]}, "rounds", "not in the list"),
        (CLINIC, {"topics": ["juggling"]}, "topics", "not in the list"),
        (CLINIC, {"name": "Somebody", "table": "", "number": "999"}, "number", "has the event number 999"),
        (CLINIC, {"number": "4l7"}, "number", "as it stands on the badge"),
        (CLINIC, {"languages": "Frensh"}, "languages", "French"),
        (CLINIC, {"places": "0"}, "places", "from 1 to 200"),
        (CLINIC, {"table": "x" * 21}, "table", "at most 20"),
        (TOOLS, {"name": ""}, "name", "who presents it"),
        (TOOLS, {"title": ""}, "title", "which tool"),
        (TOOLS, {"places": "2"}, "min_places", "more than the 2 visitors"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(
    office: FlaskClient, page: str, changes: dict[str, Any], field: str, said: str
) -> None:
    send(office, f"{CLINIC}/new", **SPECIALIST)
    typed = {**(SPECIALIST if page == CLINIC else TOOL), "note": "Kept as typed", **changes}
    answer = send(office, f"{page}/new", **typed)
    assert answer.status_code == 422
    assert said in told(answer.text, field)
    assert "Kept as typed" in answer.text
    assert db.session.query(Host).count() == 1


def test_the_same_words_and_tables_are_fine_where_nobody_is_mistaken(office: FlaskClient) -> None:
    assert send(office, f"{CLINIC}/new", **SPECIALIST).status_code == 303
    assert send(office, f"{CLINIC}/new", **{**SPECIALIST, "title": "Grants", "table": ""}).status_code == 303
    assert send(office, f"{CLINIC}/new", **{**SPECIALIST, "name": "Sim", "table": ""}).status_code == 303
    assert send(office, f"{TOOLS}/new", **{**TOOL, "table": "S1"}).status_code == 303
    assert db.session.query(Host).count() == 4


def test_a_participant_is_visited_once_in_a_session(office: FlaskClient) -> None:
    make.store(make.person(number="417"))
    first = {**SPECIALIST, "number": "417"}
    assert send(office, f"{CLINIC}/new", **first).status_code == 303
    again = send(office, f"{CLINIC}/new", **{**first, "name": "Other", "table": ""})
    assert "has the event number 417" in told(again.text, "number")
    assert send(office, f"{TOOLS}/new", **{**TOOL, "number": "417"}).status_code == 303


def test_only_organisers_say_who_is_visited(office: FlaskClient) -> None:
    make.store(make.host(session=programme.session_called("clinic"), public_id="someone"))
    for by in (NOBODY, DESK, Actor(person=make.person())):
        with pytest.raises(NotFound):
            hosts.add_host("clinic", values(), by=by)
        with pytest.raises(NotFound):
            hosts.change_host("clinic", "someone", values(), seen=0, by=by)
        with pytest.raises(NotFound):
            hosts.remove_host("clinic", "someone", by=by)
    assert db.session.query(Host).count() == 1
    hosts.remove_host("clinic", "someone", by=OFFICE)
    assert db.session.query(Host).count() == 0


def test_a_host_is_found_in_their_own_session_alone(office: FlaskClient) -> None:
    make.store(make.session(slug="pairs"), make.host(session=programme.session_called("clinic"), public_id="someone"))
    assert office.get(f"{CLINIC}/someone").status_code == 200
    for path in (f"{TOOLS}/someone", "/office/sessions/pairs/hosts", "/office/sessions/pairs/hosts/new"):
        assert office.get(path).status_code == 404
    assert send(office, f"{TOOLS}/someone/remove", page=f"{TOOLS}/new").status_code == 404
    assert "/office/sessions/pairs/hosts" not in office.get("/office/sessions/pairs").text
    assert f"{CLINIC}/someone" in office.get(CLINIC).text


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_get_an_answer_and_never_a_failure(office: FlaskClient, value: str | bytes) -> None:
    make.store(make.host(session=programme.session_called("tools"), public_id="someone"))
    token = token_of(office, f"{CLINIC}/new")
    for path, fields in ((f"{CLINIC}/new", SPECIALIST), (f"{TOOLS}/someone", TOOL)):
        for name in fields:
            answer = office.post(path, data={"csrf_token": token, **fields, name: value})
            assert answer.status_code < 500, (path, name)
    odd = value.decode("latin-1") if isinstance(value, bytes) else value
    for path in ("{}/hosts", "{}/hosts/new", "tools/hosts/{}", "tools/hosts/{}/remove"):
        assert office.get("/office/sessions/" + path.format(odd)).status_code < 500


def test_control_and_direction_characters_are_stored_nowhere(office: FlaskClient) -> None:
    for name in ("name", "latin", "title", "organisation", "table", "note"):
        assert send(office, f"{CLINIC}/new", **{**SPECIALIST, name: "a\u202eb"}).status_code == 422
    assert db.session.query(Host).count() == 0
    assert send(office, f"{CLINIC}/new", **SPECIALIST).status_code == 303


# --- how it is asked for ---------------------------------------------------------------------------------------------


def test_lists_ask_the_database_the_same_few_questions(office: FlaskClient) -> None:
    session = programme.session_called("clinic")
    topic = db.session.query(Interest).one()
    for more in (1, 2):
        rows = [make.host(session=session, topics=[topic], person=make.person(), organisation=make.organisation())
                for _ in range(more)]  # fmt: skip
        make.store(*rows)
        office.get(CLINIC)
        with counted() as statements:
            assert office.get(CLINIC).status_code == 200
        asked = [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]
        assert len(asked) == 10, asked


def test_how_many_can_be_served_follows_from_rounds_and_places() -> None:
    session = Session(rounds=3)
    listed = [Host(away=[], places=2), Host(away=[2], places=1)]
    assert hosts.capacity(session, listed) == hosts.Capacity(2, 5, 8, 2, 0, 0)
    assert hosts.capacity(session, listed[:1]) == hosts.Capacity(1, 3, 6, 2, 3, 2)
    assert hosts.capacity(session, []) == hosts.Capacity(0, 0, 0, 0, 0, 0)


# --- what goes with whom ---------------------------------------------------------------------------------------------


def test_a_removed_person_is_no_longer_visited(office: FlaskClient) -> None:
    session, who = programme.session_called("clinic"), make.person(public_id="someone")
    make.store(
        make.host(session=session, person=who, organisation=make.organisation(name="Theirs alone")),
        make.host(session=session, name="Stays", organisation=make.organisation(name="Stays too")),
    )
    people.remove_person("someone", by=OFFICE)
    assert [host.name for host in db.session.query(Host)] == ["Stays"]
    assert [row.name for row in db.session.query(Organisation)] == ["Stays too"]


def test_an_organisation_stays_while_anybody_names_it(office: FlaskClient) -> None:
    shared = make.organisation(name="Reed Lamp Press")
    make.store(make.person(public_id="someone", organisation=shared), shared)
    one = hosts.add_host("clinic", values(organisation="reed lamp PRESS"), by=OFFICE)
    other = hosts.add_host("tools", values(organisation="Reed Lamp Press"), by=OFFICE)
    people.remove_person("someone", by=OFFICE)
    assert db.session.query(Organisation).count() == 1
    hosts.change_host("clinic", one, values(organisation=""), seen=0, by=OFFICE)
    assert db.session.query(Organisation).count() == 1
    hosts.remove_host("tools", other, by=OFFICE)
    assert db.session.query(Organisation).count() == 0


def test_a_removed_session_takes_its_hosts_and_their_organisations(office: FlaskClient) -> None:
    hosts.add_host("clinic", values(organisation="Gone"), by=OFFICE)
    hosts.add_host("tools", values(organisation="Kept"), by=OFFICE)
    programme.remove_session("clinic", by=OFFICE)
    assert db.session.query(Host).count() == 1
    assert [row.name for row in db.session.query(Organisation)] == ["Kept"]


def test_a_topic_that_somebody_is_asked_about_stays(office: FlaskClient) -> None:
    send(office, f"{CLINIC}/new", **SPECIALIST)
    assert "Remove" not in office.get("/office/interests/privacy").text
    page = "/office/interests/privacy"
    assert send(office, f"{page}/remove", page=page).status_code == 409
    send(office, f"{page}/retire", page=page, retired="yes")
    address = f"{CLINIC}/{db.session.query(Host).one().public_id}"
    assert 'value="privacy"' in office.get(address).text
    assert 'value="privacy"' not in office.get(f"{CLINIC}/new").text
    hosts.remove_host("clinic", db.session.query(Host).one().public_id, by=OFFICE)
    assert send(office, f"{page}/remove", page=page).status_code == 303


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"table": "S9"}, 0), ({"away": (1,)}, 0), ({"languages": ("fr",)}, 0), ({"places": 2}, 0), ({"name": "Zoë"}, 1)],
)
def test_a_draft_that_rests_on_what_was_changed_is_thrown_away(
    office: FlaskClient, change: dict[str, Any], kept: int
) -> None:
    host = hosts.add_host("clinic", values(), by=OFFICE)
    plan(programme.session_called("clinic"), state="draft")
    plan(programme.session_called("tools"), state="draft")
    assert "A change here throws it away" in office.get(f"{CLINIC}/{host}").text
    hosts.change_host("clinic", host, values(**change), seen=0, by=OFFICE)
    assert db.session.query(Plan).count() == kept + 1


def test_more_or_fewer_hosts_throw_the_draft_away_and_never_what_is_published(office: FlaskClient) -> None:
    clinic, tools = programme.session_called("clinic").id, programme.session_called("tools").id
    plan(db.session.get(Session, tools))
    plan(db.session.get(Session, clinic), state="draft")
    host = hosts.add_host("clinic", values(), by=OFFICE)
    assert [row.session_id for row in db.session.query(Plan)] == [tools]
    plan(db.session.get(Session, clinic), state="draft")
    hosts.remove_host("clinic", host, by=OFFICE)
    shown = hosts.add_host("tools", values(), by=OFFICE)
    hosts.remove_host("tools", shown, by=OFFICE)
    assert [row.session_id for row in db.session.query(Plan)] == [tools]
    assert "Version A" in office.get(TOOLS).text
    assert "Version A" not in office.get(CLINIC).text


def test_a_removed_person_takes_the_draft_that_counts_on_them(office: FlaskClient) -> None:
    who = make.person(public_id="someone")
    make.store(make.host(session=programme.session_called("clinic"), person=who), make.person(public_id="other"))
    plan(programme.session_called("clinic"), state="draft")
    people.remove_person("other", by=OFFICE)
    assert db.session.query(Plan).count() == 1
    people.remove_person("someone", by=OFFICE)
    assert db.session.query(Plan).count() == 0


# --- the checklist ---------------------------------------------------------------------------------------------------


def missing() -> list[tuple[str, int, str, str]]:
    points = [point for point in readiness.checklist() if point.code.startswith("host") and not point.done]
    return [(p.code, p.count, p.session.slug, p.other.slug if p.other else "") for p in points]


def test_what_hosts_lack_is_told(office: FlaskClient) -> None:
    assert missing() == [("hosts", 0, "clinic", ""), ("hosts", 0, "tools", "")]
    clinic, tools = programme.session_called("clinic"), programme.session_called("tools")
    make.store(make.host(session=clinic, languages=(), table="", away=[1, 2, 3]), make.host(session=tools))
    assert missing() == [
        ("host_languages", 1, "clinic", ""), ("host_tables", 1, "clinic", ""), ("host_rounds", 1, "clinic", ""),
    ]  # fmt: skip
    page = words(office.get("/office").text)
    assert "1 specialist has no language" in page
    assert "1 tool table" in page


def test_hosts_who_are_needed_twice_at_one_time_are_told_with_both_sessions(office: FlaskClient) -> None:
    clinic, tools, who = (
        programme.session_called("clinic"),
        programme.session_called("tools"),
        make.person(role="member"),
    )
    guests = make.session(slug="guests", title="Talks of two", audience="members", tables=make.tables("1"))
    make.store(who, guests, make.host(session=clinic, person=who), make.host(session=tools))
    assert missing() == [("host_guests", 1, "clinic", "guests")]
    assert "1 specialist is expected as a guest in Talks of two at the same time." in words(office.get("/office").text)
    make.store(make.session(slug="more", format="stations", audience="members", hosts=[make.host(person=who)]))
    assert ("host_twice", 1, "clinic", "more") in missing()
    assert ("host_guests", 1, "clinic", "more") not in missing()
    assert ("host_guests", 1, "more", "guests") in missing()


@pytest.mark.parametrize(("away", "clash"), [([], True), ([2, 3], True), ([1], False)])
def test_rounds_without_a_host_leave_them_free_for_others(office: FlaskClient, away: list[int], clash: bool) -> None:
    who, clinic = make.person(), programme.session_called("clinic")
    short = make.session(slug="short", rounds=1, ends=START + timedelta(minutes=6), tables=make.tables("1"))
    make.store(who, short, make.host(session=clinic, person=who, away=away))
    assert (("host_guests", 1, "clinic", "short") in missing()) is clash
