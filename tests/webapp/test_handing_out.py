"""Slips and files of links: what leaves the house lets in whom it names, what it replaces lets in nobody."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.exchange import slips as paper
from webapp.models import AccessCode, GivenOut, Link, Person, SignIn, Staff, TakenOut
from webapp.models.people import utc_now
from webapp.operations.door import accounts, handing_out, ways_in

OFFICE = Actor(staff=Staff(name="anna", role="organiser"))
SITE = "http://10.0.0.5:8000/"
CODE = re.compile(r"(?<!\d)\d{4}(?:[ \u2002]\d{4}){3}(?!\d)")
SLIPS, LINKS = "/office/ways-in/slips", "/office/ways-in/links"


@pytest.fixture
def people(app: Flask) -> list[Person]:
    house = make.organisation(name="Reed Lamp")
    rows = [
        make.person(name="Zoë", latin="Zoe", number="501", organisation=house, registration="R-1"),
        make.person(name="Ana", latin="Ana", number="502"),
        make.person(name="نور", latin="Nur", number="503", organisation=house),
    ]
    make.store(make.event(), *rows)
    return rows


@pytest.fixture
def office(people: list[Person], visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr("webapp.views.office_ways.address_of_house", lambda: SITE)
    return visitor.staff("organiser")


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the codes to scan hold, in the order in which they are drawn."""
    held: list[str] = []
    draw = paper.qr_picture

    def drawn(address: str) -> str:
        held.append(address)
        return draw(address)

    monkeypatch.setattr(paper, "qr_picture", drawn)
    return held


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def good(tokens: list[str]) -> list[bool]:
    return [accounts.link_is_good(token) for token in tokens]


def tokens_of(addresses: list[str]) -> list[str]:
    return [re.search(r"/in/([\w-]+)", one)[1] for one in addresses]


# --- slips ---------------------------------------------------------------------------------------------------------


def test_what_stands_on_a_slip_signs_in(office: FlaskClient, people: list[Person], scanned: list[str]) -> None:
    answer = send(office, SLIPS, whom="everybody", order="latin", paper="letter")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    printed = words(answer.data)
    codes = CODE.findall(printed)
    assert [one.rpartition("#")[2] for one in scanned] == ["502", "503", "501"]
    assert all(re.fullmatch(SITE + r"in/[\w-]{32}#\d{3}", one) for one in scanned)
    for code, token, number in zip(codes, tokens_of(scanned), ("502", "503", "501"), strict=True):
        for ticket in (accounts.sign_in_by_code(code), accounts.sign_in_by_link(token)):
            assert accounts.actor_of(ticket.cookie).person.number == number
    for text in ("Zoë", "501", "Reed Lamp", "10.0.0.5:8000", "Show it to nobody", "Ne le montrez"):
        assert text in printed
    assert printed.count("Show it to nobody") == 3
    told = db.session.query(GivenOut).one()
    assert (told.what, told.people, db.session.query(TakenOut).one().what) == ("slip", 3, "slips")
    assert "Slips printed: 3 people" in office.get("/office/ways-in").text


def test_new_slips_end_the_older_ones_and_nothing_else(
    office: FlaskClient, people: list[Person], scanned: list[str], visitor: Visitor
) -> None:
    phone = visitor.participant(people[0])
    kept = accounts.issue_link(lasts=timedelta(hours=1), person_id=people[0].id)
    first = CODE.findall(words(send(office, SLIPS, whom="everybody", order="latin", paper="a4").data))
    old = tokens_of(scanned)
    scanned.clear()
    again = send(office, SLIPS, whom="numbers", numbers="501, ٥٠٣", order="latin", paper="a4")
    assert len(CODE.findall(words(again.data))) == 2
    assert good(old) == [True, False, False]
    assert good(tokens_of(scanned)) == [True, True]
    assert accounts.sign_in_by_code(first[0])
    for code in first[1:]:
        with pytest.raises(NotFound):
            accounts.sign_in_by_code(code)
    assert accounts.link_is_good(kept)
    assert phone.get("/me").status_code == 200


def test_by_itself_only_who_has_no_way_in_gets_one(office: FlaskClient, people: list[Person], visitor: Visitor) -> None:
    make.code(people[0].id)
    visitor.participant(people[1])
    page = office.get(SLIPS).text
    assert re.search(r'checked[^>]*value="without"', page)
    assert [one.number for one in ways_in.chosen("without")] == ["503"]
    assert [one.number for one in ways_in.chosen("organisation", organisation="Reed Lamp")] == ["503", "501"]
    assert [one.number for one in handing_out.by_organisation(ways_in.chosen("everybody"))] == ["503", "501", "502"]
    for whom, more in (("numbers", {"numbers": "999"}), ("numbers", {}), ("organisation", {"organisation": "Nobody"})):
        with pytest.raises(BadInput):
            ways_in.chosen(whom, **more)
    refused = send(office, SLIPS, whom="numbers", numbers="501 999", order="latin", paper="a4")
    assert (refused.status_code, "Nobody has the number" in refused.text) == (422, True)
    for more in ({"numbers": "501"}, {"organisation": "Reed Lamp"}):
        unmeant = send(office, SLIPS, whom="without", order="latin", paper="a4", **more)
        assert (unmeant.status_code, "Tick the line above" in unmeant.text) == (422, True)
    assert db.session.query(GivenOut).count() == 0


@pytest.mark.parametrize("ended", [{"revoked_at": utc_now()}, {"expires_at": utc_now()}])
def test_whoever_was_signed_in_once_gets_a_slip_again(
    people: list[Person], visitor: Visitor, ended: dict[str, datetime]
) -> None:
    for one in people:
        visitor.participant(one)
    with pytest.raises(BadInput):
        ways_in.chosen("without")
    assert (ways_in.standing().signed_in, ways_in.standing().without) == (3, 0)
    with transaction() as rows:
        rows.execute(update(SignIn).where(SignIn.person_id.in_([people[0].id, people[1].id])).values(**ended))
    assert [one.number for one in ways_in.chosen("without")] == ["502", "501"]
    assert (ways_in.standing().signed_in, ways_in.standing().without) == (1, 2)
    ways_in.take_all_back(by=OFFICE)
    assert len(ways_in.chosen("without")) == 3


@pytest.mark.parametrize("careful", [True, False])
def test_slips_that_cannot_be_made_leave_the_older_ones(
    app: Flask, people: list[Person], monkeypatch: pytest.MonkeyPatch, careful: bool
) -> None:
    code = make.code(people[0].id)

    def fail() -> bytes:
        raise OSError

    fresh = ways_in.fresh_slips(people[:1])
    if not careful:
        # the twin gives the codes first, and prints them afterwards
        ways_in.keep(fresh, bytes, kind="slip", by=OFFICE)
    with pytest.raises(OSError):  # noqa: PT011 - raised above, without words
        ways_in.keep(fresh, fail, kind="slip", by=OFFICE)
    if careful:
        assert accounts.sign_in_by_code(code)
    else:
        with pytest.raises(NotFound):
            accounts.sign_in_by_code(code)


def test_discreet_slips_name_no_organisation(app: Flask, people: list[Person]) -> None:
    with transaction() as rows:
        rows.get(Person, people[0].id).organisation.name = "Reed Lamp"
        db.session.execute(db.text("UPDATE event SET preset = 'discreet'"))
    pdf = handing_out.slips(ways_in.chosen("everybody"), paper="a4", site=SITE, by=OFFICE)
    assert "Reed Lamp" not in words(pdf)
    assert "Zoë" in words(pdf)


def test_without_an_address_a_slip_holds_the_digits_alone(app: Flask, people: list[Person], scanned: list[str]) -> None:
    printed = words(handing_out.slips(ways_in.chosen("everybody"), paper="a4", site=None, by=OFFICE))
    assert (scanned, len(CODE.findall(printed)), "http" in printed) == ([], 3, False)


def test_the_database_holds_no_usable_secret_of_a_slip(office: FlaskClient, scanned: list[str]) -> None:
    codes = CODE.findall(words(send(office, SLIPS, whom="everybody", order="latin", paper="a4").data))
    kept = [row.secret_hash for row in db.session.query(AccessCode)] + [
        row.token_hash for row in db.session.query(Link)
    ]
    secrets = [re.sub(r"\D", "", code)[4:] for code in codes] + tokens_of(scanned)
    assert not any(secret in row for row in kept for secret in secrets)
    assert sum(row.startswith("$argon2id$") for row in kept) == 3


def test_six_languages_and_long_names_stay_on_a_slip() -> None:
    head = paper.SlipHead("Event", datetime(2013, 6, 18), ("en", "fr", "es", "ar", "ru", "km", "xx"), SITE.rstrip("/"))
    one = paper.Slip("501", "W" * 80, "1234 5678 9012 3456", "Federation of Writers " * 8, f"{SITE}in/{'A' * 32}#501")
    reader = pypdf.PdfReader(io.BytesIO(paper.slips(head, [one] * 17)))
    assert len(reader.pages) == 3
    text = reader.pages[0].extract_text()
    assert all(part in text for part in ("Your way in", "Votre accès", "Su entrada", "Ваш вход"))


# --- links ---------------------------------------------------------------------------------------------------------


def test_a_file_of_links_is_counted_and_ends_the_file_before(
    office: FlaskClient, people: list[Person], scanned: list[str]
) -> None:
    send(office, SLIPS, whom="everybody", order="latin", paper="a4")
    files = []
    for _again in range(2):
        answer = send(office, LINKS, whom="everybody", ending="csv")
        assert (answer.status_code, answer.headers["Content-Disposition"]) == (200, "attachment; filename=links.csv")
        files.append(list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))))
    assert [(row["number"], row["name"], row["registration"]) for row in files[1]] == [
        ("502", "Ana", ""), ("503", "نور", ""), ("501", "Zoë", "R-1"),
    ]  # fmt: skip
    first, second = ([row["link"].removeprefix(f"{SITE}in/") for row in file] for file in files)
    assert (good(first), good(second), good(tokens_of(scanned))) == ([False] * 3, [True] * 3, [True] * 3)
    assert db.session.query(TakenOut).filter_by(what="links").count() == 2
    assert db.session.query(GivenOut).filter_by(what="file", people=3).count() == 2


def test_links_that_lead_nowhere_are_not_made(people: list[Person], visitor: Visitor) -> None:
    answer = send(visitor.staff("organiser"), LINKS, whom="everybody", ending="csv")
    assert (answer.status_code, "would lead nowhere" in answer.text) == (422, True)
    assert db.session.query(Link).filter(Link.person_id.is_not(None)).count() == 0


@pytest.mark.parametrize("path", [SLIPS, LINKS])
def test_who_has_not_just_shown_who_they_are_gets_neither(office: FlaskClient, path: str) -> None:
    with transaction() as rows:
        for row in rows.query(SignIn):
            row.made_at -= timedelta(hours=1)
    assert office.get(path).location.startswith("/confirm")
    answer = send(office, path, page="/office/people", whom="everybody", ending="csv", order="latin", paper="a4")
    assert answer.location.startswith("/confirm")
    assert (db.session.query(GivenOut).count(), db.session.query(AccessCode).count()) == (0, 0)


def test_only_the_office_hands_out(people: list[Person], visitor: Visitor) -> None:
    desk = visitor.staff("facilitator")
    for path in (SLIPS, LINKS, "/office/ways-in", "/office/ways-in/back"):
        assert desk.get(path).status_code == 404
    facilitator = Actor(staff=Staff(name="ben", role="facilitator"))
    for make_it in (
        lambda: handing_out.slips(people, paper="a4", site=SITE, by=facilitator),
        lambda: handing_out.links(people, ending="csv", site=SITE, by=facilitator),
        lambda: ways_in.take_all_back(by=facilitator),
        lambda: ways_in.take_back(people[0].public_id, by=facilitator),
    ):
        with pytest.raises(NotFound):
            make_it()


def test_links_last_some_days_past_the_event_and_a_day_in_a_rehearsal(app: Flask) -> None:
    event = make.event(ends_on=date(2013, 6, 20))
    before, after = datetime(2013, 6, 10), datetime(2013, 7, 10)
    end = datetime(2013, 6, 23, 17)  # midnight after the third day, in Phnom Penh
    assert before + ways_in.lasts_until(event, before) == end
    assert ways_in.lasts_until(event, after) == timedelta(days=1)
