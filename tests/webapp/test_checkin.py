"""The desk at check-in, in a browser's place: find, tick, undo, all at once, walk-ins, stand-ins."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.pages import in_words
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_floor import at_round, marks
from tests.webapp.test_office import counted
from tests.webapp.test_standing_in import partner, published
from webapp.db import db, transaction
from webapp.models import Attendance, Event, KeepApart, Person, PersonLanguage, Plan
from webapp.operations.guests import finding
from webapp.operations.plans import planning
from webapp.operations.rounds.floor import Mark
from webapp.views import checkin as pages

DOOR = "/desk/s"


@pytest.fixture
def desk(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser in which a facilitator is signed in, two minutes before the session."""
    clock = (at_round(0) + timedelta(seconds=at) for at in itertools.count())
    monkeypatch.setattr(pages, "now", lambda: next(clock))
    return visitor.staff("facilitator")


def guests(*people: tuple[str, str, str]) -> list[Person]:
    """A session with these people: number, name, Latin spelling."""
    rows = [make.person(number=number, name=name, latin=latin) for number, name, latin in people]
    make.store(make.event(), make.session(slug="s", tables=make.tables("1", "2")), *rows)
    return rows


def numbers(page: str) -> list[str]:
    return re.findall(r'<li>\s*<span class="number">(\d+)</span>', page)


def follow(desk: FlaskClient, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return desk.get(answer.location).text


def count_of(page: str) -> dict[str, int]:
    return {word: int(n) for n, word in re.findall(r"<b>(\d+)</b> (here|still expected|late|absent)", page)}


def test_nothing_is_listed_until_it_is_asked_for_and_the_cursor_is_in_the_field(desk: FlaskClient) -> None:
    guests(("101", "Ann", "Ann"), ("102", "Ben", "Ben"))
    page = desk.get(DOOR).text
    assert count_of(page) == {"here": 0, "still expected": 2, "late": 0, "absent": 0}
    assert not numbers(page)
    assert re.findall(r"<(?:input|button)[^>]* autofocus", page) == re.findall(r'<input id="q"[^>]* autofocus', page)
    assert numbers(desk.get(f"{DOOR}?show=expected").text) == ["101", "102"]
    assert "Nobody is on this list" in desk.get(f"{DOOR}?show=late").text
    assert count_of(desk.get(f"{DOOR}/counts").text) == count_of(page)
    assert "<html" not in desk.get(f"{DOOR}/counts").text


def test_a_long_answer_says_how_many_more_there_are(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(("101", "Ann", "Ann"), ("102", "Anton", "Anton"))
    monkeypatch.setattr("webapp.operations.reception.checkin.LONGEST_LIST", 1)
    page = desk.get(f"{DOOR}?q=an").text
    assert numbers(page) == ["101"]
    assert "2 people found. These are the first 1; type more letters." in in_words(page)


def test_enter_finds_one_and_enter_again_ticks_with_an_undo(desk: FlaskClient) -> None:
    (ann, _ben, _more) = guests(("101", "أمل", "Amal"), ("102", "Ben", "Ben"), ("1011", "Cy", "Cy"))
    found = desk.get(DOOR, query_string={"q": "١٠١"}).text
    assert numbers(found) == ["101", "1011"]
    assert re.findall(r'<button name="(\w+)" value="([^"]+)" autofocus', found) == [("here", ann.public_id)]
    assert not re.search(r"autofocus", desk.get(DOOR, query_string={"q": "b"}).text.split('name="here"')[0])
    answer = send(desk, f"{DOOR}/tick", page=DOOR, here=ann.public_id)
    page = follow(desk, answer)
    assert "101 أمل : here ." in in_words(page)
    assert re.search(r'<input id="q"[^>]* value=""[^>]* autofocus', page)
    assert count_of(page)["here"] == 1
    (word,) = re.findall(r'name="was" value="([^"]+)"', page)
    again = follow(desk, send(desk, f"{DOOR}/tick", page=DOOR, here=ann.public_id))
    assert "no change, here before as well" in again
    undone = send(desk, f"{DOOR}/undo", page=DOOR, who=ann.public_id, was=word, left="here.1")
    assert count_of(follow(desk, undone))["here"] == 0
    assert not db.session.query(Attendance).count()


def test_what_an_address_says_is_shown_only_as_far_as_it_is_true(desk: FlaskClient) -> None:
    (ann,) = guests(("101", "Ann", "Ann"))
    for query in (
        f"done={ann.public_id}&was=here.1",
        "done=nobody&was=expected",
        "batch=1",
        "batch=20130619T065800.000000",
    ):
        page = desk.get(f"{DOOR}?{query}").text
        assert "is here" not in page
        assert not re.search(r"Ann</bdi>: <b>here", page)


def test_scanner_mode_ticks_exact_numbers_at_once_and_looks_for_names(desk: FlaskClient) -> None:
    ann, ben = guests(("101", "Ann", "Ann"), ("1012", "Ben", "Ben"))
    page = desk.get(f"{DOOR}?scan=on").text
    assert f'action="{DOOR}/scan"' in page
    for typed, who in ((" 101 ", ann), ("https://rondo.example/me/1012", ben), ("http://10.0.0.5:8000/n?who=101", ann)):
        answer = send(desk, f"{DOOR}/scan", page=DOOR, q=typed)
        assert "scan=on" in answer.location
        assert f"done={who.public_id}" in answer.location
    assert marks(1) == {ann.id: Mark("here"), ben.id: Mark("here")}
    for typed in ("Ann", "10", "999", "https://rondo.example/", "http://10.1.2.101:8000/"):
        assert "done=" not in send(desk, f"{DOOR}/scan", page=DOOR, q=typed).location
    page = follow(desk, send(desk, f"{DOOR}/scan", page=DOOR, q="999"))
    assert "0 people found" in page
    assert f'action="{DOOR}/scan"' in page


@pytest.mark.parametrize(
    ("typed", "number"),
    [("٣١٢", "312"), ("https://a.example/in/Zq312x", ""), ("https://a.example/312", "312"), ("312a", ""), ("", "")],
)
def test_the_number_in_what_was_scanned(typed: str, number: str) -> None:
    assert finding.number_in(typed) == number


def test_late_absent_and_leaving_early_are_said_in_words(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = guests(("101", "Ann", "Ann"))
    guest = f"{DOOR}/guest/{ann.public_id}"
    page = follow(desk, send(desk, f"{DOOR}/tick", page=DOOR, late=ann.public_id))
    assert "late, from round 2" in page
    assert "late, from round 3" in follow(desk, send(desk, guest, first="3"))
    monkeypatch.setattr(pages, "now", lambda: at_round(2))
    assert "absent since round 3" in follow(desk, send(desk, f"{DOOR}/tick", page=DOOR, absent=ann.public_id))
    assert "here until round 2" in follow(desk, send(desk, guest, last="2"))
    assert "here until round 2" in desk.get(guest).text
    assert count_of(follow(desk, send(desk, f"{DOOR}/tick", page=DOOR, expected=ann.public_id)))["here"] == 0
    assert send(desk, guest, last="99").status_code == 400
    assert send(desk, guest).location == guest


def test_a_list_is_kept_while_it_is_ticked_and_a_long_one_goes_by_letter(desk: FlaskClient) -> None:
    rows = guests(*((str(100 + at), f"{'AB'[at % 2]}{at}", f"{'AB'[at % 2]}{at}") for at in range(44)))
    page = desk.get(f"{DOOR}?show=expected").text
    assert not numbers(page)
    assert re.findall(r"letter=(\w)", page) == ["A", "B"]
    page = desk.get(f"{DOOR}?show=expected&letter=B").text
    assert len(numbers(page)) == 22
    kept = dict(re.findall(r'type="hidden" name="(show|letter)" value="(\w+)"', page))
    page = follow(desk, send(desk, f"{DOOR}/tick", page=DOOR, here=rows[1].public_id, **kept))
    assert len(numbers(page)) == 21


def test_a_whole_organisation_and_all_who_are_missing_at_once(desk: FlaskClient) -> None:
    rows = guests(*((str(100 + at), f"P{at}", f"P{at}") for at in range(6)))
    house = make.organisation(name="Reed Lamp Press")
    make.store(house)
    with transaction() as writing:
        for row in rows[:4]:
            writing.get(Person, row.id).organisation_id = house.id
    send(desk, f"{DOOR}/tick", page=DOOR, absent=rows[0].public_id)
    page = in_words(desk.get(f"{DOOR}/organisations").text)
    assert "Reed Lamp Press 0 of 4 here The other 3 here" in page
    assert numbers(desk.get(f"{DOOR}?q=lamp").text) == ["100", "101", "102", "103"]
    page = follow(desk, send(desk, f"{DOOR}/organisations", one=rows[0].public_id))
    assert "3 people: here." in in_words(page)
    assert count_of(page) == {"here": 3, "still expected": 2, "late": 0, "absent": 1}
    assert "2 people are still expected" in desk.get(f"{DOOR}/missing").text
    page = follow(desk, send(desk, f"{DOOR}/missing"))
    assert count_of(page)["absent"] == 3
    (batch,) = re.findall(r'name="batch" value="([^"]+)"', page)
    page = follow(desk, send(desk, f"{DOOR}/undo", page=DOOR, batch=batch))
    assert count_of(page) == {"here": 3, "still expected": 2, "late": 0, "absent": 1}
    assert "Nobody of an organisation" in desk.get(f"{DOOR}/organisations").text


def test_the_discreet_preset_shows_no_organisation_at_the_desk(desk: FlaskClient) -> None:
    rows = guests(("101", "Ann", "Ann"))
    with transaction() as writing:
        writing.get(Event, 1).preset = "discreet"
        writing.get(Person, rows[0].id).organisation = make.organisation(name="Reed Lamp Press")
    paths = ("?q=ann", "?show=expected", "/organisations", f"/guest/{rows[0].public_id}", "/walk-in", "?q=reed")
    found = [desk.get(f"{DOOR}{path}").text for path in paths]
    assert not any("Reed Lamp" in page for page in found)
    assert "0 people found" in found[-1]
    assert 'name="organisation"' not in found[4]


# --- walk-ins --------------------------------------------------------------------------------------------------------

FIELDS = {"name": "Sara Lim", "latin": "", "languages": "en", "seeks": "", "offers": ""}


def test_a_walk_in_is_added_ticked_and_told_the_number(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _people = open_room(4, slug="s")
    law = make.interest(slug="law")
    make.store(law)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    monkeypatch.setattr("webapp.views.walk_ins.now", lambda: at_round(2))
    answer = send(desk, f"{DOOR}/walk-in", **{**FIELDS, "seeks": "law", "languages": ["fr", "en"]})
    row = db.session.query(Person).filter_by(name="Sara Lim").one()
    assert (row.latin, row.role, [one.code for one in row.languages]) == ("Sara Lim", "guest", ["fr", "en"])
    assert [(one.interest.slug, one.side) for one in row.interests] == [("law", "seeks")]
    assert marks(session_id) == {row.id: Mark("here", 3)}
    page = follow(desk, answer)
    assert f"<b>{row.number}</b>" in page
    assert "here from round 3 on" in page
    assert "Version A has no seat for them" in page
    again = send(desk, f"{DOOR}/walk-in", **FIELDS)
    assert again.status_code == 422
    assert "has the same name and organisation" in again.text
    assert send(desk, f"{DOOR}/walk-in", **FIELDS, sure="y").status_code == 303


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Give a name, or a pseudonym."),
        ({"name": "سارا"}, "Write the name in Latin letters too"),
        ({"latin": "سارا"}, "Write this one in Latin letters"),
        ({"languages": "xx"}, "Something here is not in the list"),
        ({"seeks": "law"}, "Choose one from the list."),
    ],
)
def test_what_is_missing_of_a_walk_in_is_said(desk: FlaskClient, wrong: dict[str, str], told: str) -> None:
    guests(("101", "Ann", "Ann"))
    answer = send(desk, f"{DOOR}/walk-in", **{**FIELDS, **wrong})
    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.query(Person).count() == 1


def test_a_walk_in_without_a_language_is_asked_and_belongs_to_the_audience(desk: FlaskClient) -> None:
    region = make.region()
    make.store(make.event(), make.session(slug="m", audience="members"))
    make.store(make.session(slug="r", audience="region", audience_region=region))
    none = {key: value for key, value in FIELDS.items() if key != "languages"}
    assert "Choose at least one language." in send(desk, "/desk/m/walk-in", **none).text
    for slug, name in (("m", "Mo"), ("r", "Re")):
        added = send(desk, f"/desk/{slug}/walk-in", **{**none, "name": name, "more": "Swahili"})
        assert f"<b>{db.session.query(Person).filter_by(name=name).one().number}</b>" in follow(desk, added)


# --- somebody comes instead ------------------------------------------------------------------------------------------


def seated(desk: FlaskClient) -> tuple[int, list[int]]:
    session_id, people = open_room(4, slug="s", rounds=2)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    return session_id, people


def test_somebody_new_takes_over_the_seats(desk: FlaskClient) -> None:
    session_id, people = seated(desk)
    gone = db.session.get(Person, people[0]).public_id
    assert "2 seats are left" in desk.get(f"{DOOR}/guest/{gone}").text
    page = desk.get(f"{DOOR}/instead/{gone}").text
    assert f"/desk/s/walk-in?instead={gone}" in page
    answer = send(desk, f"{DOOR}/walk-in", page=f"{DOOR}/walk-in?instead={gone}", **FIELDS, instead=gone)
    page = follow(desk, answer)
    assert "Version B is published" in page
    assert "instead of" in page
    assert marks(session_id)[people[0]] == Mark("absent", 1, 0)
    assert "There is no seat to take over" in desk.get(f"{DOOR}/instead/{gone}").text


def test_somebody_new_whom_a_rule_stands_against_is_added_only_when_that_was_said(desk: FlaskClient) -> None:
    _session_id, people = seated(desk)
    with transaction() as rows:
        for row in people[:3]:
            rows.add(PersonLanguage(person_id=row, code="fr", position=1))
    gone = db.session.get(Person, people[0]).public_id
    typed = {**FIELDS, "name": "Mo", "latin": "Mo", "languages": "fr", "instead": gone}
    page = f"{DOOR}/walk-in?instead={gone}"
    asked = send(desk, f"{DOOR}/walk-in", page=page, **typed)
    assert asked.status_code == 422
    assert "They speak no common language." in asked.text
    assert 'value="Mo"' in asked.text
    assert not db.session.query(Person).filter_by(name="Mo").count()
    assert "Version B is published" in follow(desk, send(desk, f"{DOOR}/walk-in", page=page, **typed, how="anyway"))
    alone = send(desk, f"{DOOR}/walk-in", page=page, **{**typed, "name": "Al", "latin": "Al"}, how="seatless")
    assert "Version B has no seat for them" in follow(desk, alone)


def test_what_stands_against_it_is_said_and_keep_apart_reads_like_any_rule(desk: FlaskClient) -> None:
    session_id, people = seated(desk)
    plan, who = published(session_id), make.person(number="777", public_id="stand-in")
    make.store(who)
    with transaction() as rows:
        rows.add(KeepApart(one_id=partner(plan, people[0], 1), other_id=who.id))
    gone = db.session.get(Person, people[0]).public_id
    page = desk.get(f"{DOOR}/instead/{gone}?q=777").text
    assert re.search(r'name="who" value="stand-in" autofocus', page)
    answer = send(desk, f"{DOOR}/instead/{gone}", who="stand-in")
    assert answer.status_code == 422
    assert "These two cannot sit together in this session." in answer.text
    assert "apart" not in answer.text
    assert [plan.letter for plan in db.session.query(Plan)] == ["A"]
    assert "Version B" in follow(desk, send(desk, f"{DOOR}/instead/{gone}", who="stand-in", sure="yes"))
    assert send(desk, f"{DOOR}/instead/{gone}", page=DOOR).location == f"{DOOR}/instead/{gone}"


@pytest.mark.parametrize("path", ["?show=expected", "?q=p", "/counts", "/organisations", "/missing", "/walk-in"])
def test_pages_of_check_in_take_the_same_queries_for_one_and_for_three(desk: FlaskClient, path: str) -> None:
    open_room(2, slug="s")
    counts = []
    for more in (0, 3):
        for _ in range(more):
            guest = make.person(organisation=make.organisation(), regions=[make.region()])
            make.store(guest, make.session())
            make.store(Attendance(session_id=1, person_id=guest.id, instead_of_id=guest.id))
        with counted() as statements:
            assert desk.get(f"{DOOR}{path}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 32


def test_unknown_guests_and_sessions_are_not_there(desk: FlaskClient, visitor: Visitor) -> None:
    (ann,) = guests(("101", "Ann", "Ann"))
    for path in ("guest/nobody", "instead/nobody"):
        assert desk.get(f"{DOOR}/{path}").status_code == 404
        assert send(desk, f"{DOOR}/{path}", page=DOOR).status_code == 404
    assert send(desk, f"{DOOR}/tick", page=DOOR, here="nobody").status_code == 404
    guest = visitor.participant(ann)
    for path in ("tick", "scan", "undo", "missing", "organisations", "walk-in"):
        assert send(desk, f"/desk/none/{path}", page=DOOR).status_code == 404
        assert send(guest, f"{DOOR}/{path}", page="/me", here=ann.public_id, q="101").status_code == 404
    assert not db.session.query(Attendance).count()


def test_the_clock_of_the_desk_is_the_real_one() -> None:
    assert abs(pages.now() - datetime.now(UTC)) < timedelta(seconds=5)
