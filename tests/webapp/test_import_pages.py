"""The office's pages about files: three steps without a script, and nothing of a file left behind."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, token_of
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.exchange.ledger import Ledger, as_book
from webapp.models import Person, WaitingFile
from webapp.models.people import utc_now
from webapp.operations.deletion import leaving
from webapp.operations.door import accounts

ROWS = "Prénom;Nom;Société;Langues;E-mail\nÉlodie;Carpentier;Café;français;a@example.org\nHervé;Noël;Café;;\n"


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    make.store(make.event(), make.session(slug="clinic", title="Clinic", format="clinics"))
    return visitor.staff("organiser")


def choose(office: FlaskClient, content: bytes, about: str = "people", name: str = "people.csv") -> Any:
    fields = {"csrf_token": token_of(office, "/office/import"), "about": about, "file": (io.BytesIO(content), name)}
    return office.post("/office/import", data=fields, content_type="multipart/form-data")


def chosen(office: FlaskClient, content: bytes, about: str = "people") -> str:
    """Send a file; return the address of its preview."""
    answer = choose(office, content, about)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).removesuffix("/columns")


def filled(office: FlaskClient, page: str) -> dict[str, str]:
    """What a browser sends from a page of columns where nothing is changed."""
    columns = re.findall(r'name="(column_\d+)".*?</select>', office.get(page).text, re.S)
    marked = re.findall(r'<select[^>]*name="(\w+)".*?<option selected value="(\w*)"', office.get(page).text, re.S)
    return dict.fromkeys(columns, "") | dict(marked)


def store(office: FlaskClient, address: str, **fields: str) -> Any:
    digest = re.search(r'name="digest"[^>]*value="(\w+)"', office.get(address).text)
    assert digest
    return send(office, address, digest=digest[1], keep="theirs", **fields)


def test_three_steps_bring_people_in_and_leave_no_file(office: FlaskClient) -> None:
    address = chosen(office, ROWS.encode("cp1252"))
    columns = office.get(f"{address}/columns").text
    assert "Windows-1252" in columns
    assert "Élodie" in columns
    told = filled(office, f"{address}/columns")
    assert list(told.values())[:4] == ["first", "last", "organisation", "languages"]
    assert send(office, f"{address}/columns", **told).headers["Location"] == address
    preview = office.get(address).text
    assert "Hervé Noël" in preview
    assert "a@example.org" not in preview
    assert db.session.query(Person).count() == 0
    answer = store(office, address)
    assert answer.headers["Location"] == "/office/people?note=imported"
    assert {one.name for one in db.session.query(Person)} == {"Élodie Carpentier", "Hervé Noël"}
    assert db.session.query(WaitingFile).count() == 0
    assert office.get(address).status_code == 404
    address = chosen(office, ROWS.encode("cp1252"))
    assert "Nothing would change" in office.get(address).text


def test_problems_are_listed_with_row_and_column_and_nothing_can_be_stored(office: FlaskClient) -> None:
    address = chosen(office, b"Name,Languages\nAnna,Frensh\nBoris,\x02\n")
    page = office.get(address).text
    assert re.search(r'<td class="number">2</td><td>B <span class="hint"><bdi>Languages</bdi></span></td>', page)
    assert "U+0002" in page
    assert 'name="digest"' not in page
    digest = "0" * 64
    assert send(office, address, page=f"{address}/columns", digest=digest, keep="theirs").status_code == 422
    assert db.session.query(Person).count() == 0


def test_the_house_may_change_between_looking_and_storing(office: FlaskClient) -> None:
    address = chosen(office, b"Name,Country\nAnna,SE\n")
    digest = re.search(r'name="digest"[^>]*value="(\w+)"', office.get(address).text)
    make.store(make.person(name="Anna", country="NO"))
    assert digest
    answer = send(office, address, digest=digest[1], keep="theirs")
    assert (answer.status_code, "Look at it once more" in answer.text) == (422, True)
    assert "Norway" in answer.text
    assert db.session.query(Person).one().country == "NO"
    assert store(office, address).status_code == 303
    assert db.session.query(Person).one().country == "SE"


def test_characters_can_be_chosen(office: FlaskClient) -> None:
    address = chosen(office, "Name,Note\nعلي,x\n".encode("cp1256"))
    assert "Ъбн" in office.get(f"{address}/columns").text
    assert send(office, f"{address}/characters", page=f"{address}/columns", encoding="cp1256").status_code == 303
    assert "علي" in office.get(f"{address}/columns").text
    assert send(office, f"{address}/characters", page=f"{address}/columns", encoding="latin-0").status_code == 400


def test_specialists_come_to_their_session(office: FlaskClient) -> None:
    address = chosen(office, b"name,about\nNadia,Law\n", about="session:clinic")
    assert store(office, address).headers["Location"] == "/office/sessions/clinic/hosts?note=imported"
    assert "Nadia" in office.get("/office/sessions/clinic/hosts").text
    assert choose(office, b"a,b\n1,2\n", about="session:nowhere").status_code == 422


def test_bad_files_are_told_beside_the_field_and_not_kept(office: FlaskClient) -> None:
    for content in (b"", b"%PDF-1.4", b"a", b"PK\x03\x04", b"a," * 900_000 + b"\nb\n", b"\xd0\xcf\x11\xe0"):
        answer = choose(office, content)
        assert (answer.status_code, 'id="file-error"' in answer.text) == (422, True), content[:20]
    assert db.session.query(WaitingFile).count() == 0
    assert not send(office, "/office/import", about="people").headers.get("Location")


def test_more_than_two_megabytes_do_not_come_in(office: FlaskClient) -> None:
    assert choose(office, b"a" * (2 * 1024 * 1024 + 1)).status_code == 422
    assert choose(office, b"a" * (3 * 1024 * 1024)).status_code == 413


def test_a_file_is_its_owners_alone_and_goes_in_time(app: Flask, office: FlaskClient, visitor: Visitor) -> None:
    address = chosen(office, b"Name\nAnna\n")
    other = visitor._enter(
        accounts.issue_link(lasts=timedelta(hours=1), staff_id=accounts.add_staff("another", "organiser", None))
    )
    for page in (address, f"{address}/columns"):
        assert other.get(page).status_code == 404
    assert send(other, f"{address}/cancel", page="/office/import").status_code == 404
    assert db.session.query(WaitingFile).count() == 1
    with transaction() as rows:
        rows.query(WaitingFile).one().expires_at = utc_now() - timedelta(seconds=1)
    assert office.get(address).status_code == 404
    visitor.staff("facilitator")
    assert db.session.query(WaitingFile).count() == 0


def test_a_second_file_takes_the_place_of_the_first_and_can_be_let_go(office: FlaskClient) -> None:
    first, second = chosen(office, b"Name\nAnna\n"), chosen(office, b"Name\nBoris\n")
    assert (office.get(first).status_code, office.get(second).status_code) == (404, 200)
    assert "Go on with it" in office.get("/office/import").text
    assert send(office, f"{second}/cancel", page=second).status_code == 303
    assert db.session.scalar(text("SELECT count(*) FROM waiting_file")) == 0


def test_columns_that_do_not_go_together_are_told_beside_them(office: FlaskClient) -> None:
    address = chosen(office, b"a,b\nAnna,Berg\n")
    assert office.get(address).headers["Location"] == f"{address}/columns"
    twice = send(office, f"{address}/columns", column_0="name", column_1="name", usual_role="guest")
    assert (twice.status_code, 'id="column_1-error"' in twice.text) == (422, True)
    nobody = send(office, f"{address}/columns", column_0="country", column_1="", usual_role="guest")
    assert (nobody.status_code, "which column holds the names" in nobody.text) == (422, True)


def test_the_page_says_what_no_file_brings(office: FlaskClient) -> None:
    page = office.get("/office/import").text
    assert "Keep-apart pairs are in no file" in page
    assert "Codes and links are in no file" in page


def test_files_are_held_in_memory(app: Flask, office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_told: Any, **_more: Any) -> None:
        raise AssertionError("a file was put on the disk")

    for name in ("SpooledTemporaryFile", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(f"tempfile.{name}", refuse)
    answer = choose(office, b"Name,x\n" + b"Anna,y\n" * 4000 * 20)
    assert answer.status_code == 422
    assert choose(office, b"Name,x\n" + (b"Anna," + b"y" * 400 + b"\n") * 3000).status_code == 303


def test_a_whole_event_comes_in_where_there_is_none(app: Flask, visitor: Visitor) -> None:
    make.store(make.event(), make.session(slug="clinic", format="clinics"), make.person(name="سارا"))
    office = visitor.staff("organiser")
    whole = send(office, "/office/files/event.xlsx", page="/office/export")
    assert whole.headers["Content-Disposition"] == "attachment; filename=event.xlsx"
    with transaction() as rows:
        for table in ("session", "person", "event"):
            rows.execute(text(f"DELETE FROM {table}"))
    page = office.get("/office/import").text
    assert "There is no event here yet" in page
    assert 'value="people"' not in page
    assert choose(office, whole.data, about="people").status_code == 422
    address = chosen(office, whole.data, about="event")
    assert address.endswith("/event")
    for other in ("", "/columns"):
        assert office.get(address.removesuffix("/event") + other).headers["Location"] == address
    preview = office.get(address).text
    assert "سارا" in preview
    assert "the safety contact enters the pairs anew" in preview
    assert db.session.query(Person).count() == 0
    assert store(office, address).headers["Location"] == "/office?note=imported"
    assert db.session.query(Person).one().name == "سارا"
    assert db.session.query(WaitingFile).count() == 0
    assert "Nothing would change" in office.get(chosen(office, whole.data, about="event")).text


def test_what_is_wrong_with_a_whole_event_is_told_with_its_sheet(office: FlaskClient) -> None:
    wrong = as_book({"people": Ledger(("number", "name", "country"), (("7", "Anna", "Nowhere"),))})
    page = office.get(chosen(office, wrong, about="event")).text
    assert re.search(r"<b><bdi>people</bdi></b><br>row 2<br>column C <span class=.hint.><bdi>country", page)
    assert 'name="digest"' not in page
    assert choose(office, b"Name\nAnna\n", about="event").status_code == 422


def test_the_house_may_change_before_a_whole_event_is_stored(office: FlaskClient) -> None:
    address = chosen(office, as_book({"people": Ledger(("number", "name"), (("7", "Anna"),))}), about="event")
    digest = re.search(r'name="digest"[^>]*value="(\w+)"', office.get(address).text)
    make.store(make.person(number="7", name="Boris"))
    assert digest
    answer = send(office, address, digest=digest[1], keep="theirs")
    assert (answer.status_code, "Look at it once more" in answer.text) == (422, True)
    assert db.session.query(Person).one().name == "Boris"


def test_exports_come_as_files(office: FlaskClient) -> None:
    page = office.get("/office/export").text
    found = re.findall(r'(href|action)="(/office/(?:export|files)/[^"]+)"', page)
    assert {way for way, _address in found} == {"href", "action"}
    for way, address in found:
        answer = office.get(address) if way == "href" else send(office, address, page="/office/export")
        assert (answer.status_code, "attachment" in answer.headers.get("Content-Disposition", "")) in {
            (200, True), (409, False),
        }, address  # fmt: skip
    people = send(office, "/office/files/people.csv", page="/office/export")
    assert people.headers["Content-Disposition"] == "attachment; filename=people.csv"
    assert send(office, "/office/files/people.exe", page="/office/export").status_code == 404
    assert office.get("/office/export/people.csv").status_code == 404


def test_a_file_that_went_with_somebody_who_was_deleted_is_explained(office: FlaskClient) -> None:
    make.store(guest := make.person())
    address = chosen(office, b"Name\nAnna\n")
    assert "at once when a person is deleted, who may stand in it." in office.get("/office/import").text
    leaving.delete_all(by=Actor(person=db.session.get_one(Person, guest.id)))
    for page in (address, f"{address}/columns", f"{address}/event"):
        assert "a person was deleted meanwhile who may stand in it." in office.get(page).text
    assert "still waits" not in office.get("/office/import").text
