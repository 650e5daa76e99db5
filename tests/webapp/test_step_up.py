"""Files with names leave only after a fresh sign-in or password, and everybody in the office sees how often."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_commands import rondo
from webapp.access import ROUTES
from webapp.db import db, transaction
from webapp.models import Attempt, SignIn, TakenOut
from webapp.models.people import utc_now
from webapp.operations.door import accounts, step_up

PASSWORD = "seven quiet lanterns"
FILES = ("/office/files/people.csv", "/office/files/people.xlsx", "/office/files/talks/problem.json",
         "/office/files/talks/plan.csv", "/office/files/clinic/hosts.csv")  # fmt: skip


@pytest.fixture
def office(app: Flask) -> FlaskClient:
    make.store(
        make.event(),
        make.session(slug="talks", tables=make.tables("1", "2")),
        make.session(slug="clinic", format="clinics"),
        *(make.person() for _ in range(3)),
    )
    accounts.add_staff("anna", "organiser", PASSWORD)
    browser = app.test_client()
    assert send(browser, "/staff", name="anna", password=PASSWORD).status_code == 303
    return browser


def later(minutes: float) -> None:
    """Let time pass since everybody signed in or confirmed."""
    with transaction() as rows:
        back = timedelta(minutes=minutes)
        for row in rows.scalars(select(SignIn)):
            row.made_at, row.confirmed_at = row.made_at - back, row.confirmed_at and row.confirmed_at - back


def taken() -> int:
    return db.session.query(TakenOut).count()


def test_a_fresh_sign_in_takes_files_out_and_each_is_counted(office: FlaskClient, visitor: Visitor) -> None:
    for address in FILES[:3]:
        assert send(office, address, page="/office/export").status_code == 200, address
    assert taken() == 3
    page = visitor.staff("organiser").get("/office/export").text
    assert re.search(r"<b>People</b> <span>2 times</span>.*by <bdi>anna</bdi>", page)
    assert send(office, FILES[3], page="/office/export").status_code == 409
    assert taken() == 3


def test_after_ten_minutes_every_file_asks_for_the_password(office: FlaskClient) -> None:
    later(9.9)
    assert send(office, FILES[0], page="/office/export").status_code == 200
    later(0.2)
    for address in FILES:
        answer = send(office, address, page="/office/export")
        assert answer.headers.get("Location") == "/confirm?back=/office/export", address
        assert b"Person" not in answer.data
    assert taken() == 1
    assert "more than ten minutes ago" in office.get("/office/export").text
    assert send(office, "/confirm?back=/office/export", password="wrong").status_code == 422
    assert send(office, FILES[0], page="/office/export").status_code == 303
    answer = send(office, "/confirm?back=/office/export", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/office/export")
    assert send(office, FILES[0], page="/office/export").status_code == 200
    later(10.1)
    assert send(office, FILES[0], page="/office/export").status_code == 303


def test_figures_and_the_programme_hold_no_names_and_ask_for_nothing(office: FlaskClient) -> None:
    later(60)
    for address in ("numbers.csv", "programme.ics"):
        assert office.get(f"/office/export/{address}").status_code == 200
    assert taken() == 0


def test_whoever_has_no_password_comes_by_a_link_again(app: Flask, visitor: Visitor, office: FlaskClient) -> None:
    guest = visitor.staff("organiser")
    assert send(guest, FILES[0], page="/office/export").status_code == 200
    later(11)
    page = guest.get("/confirm").text
    assert "by your link once more" in page
    assert 'type="password"' not in page
    assert send(guest, "/confirm", page="/office/export", password="").status_code == 422
    assert send(guest, "/confirm", page="/office/export", password=PASSWORD).status_code == 422
    assert send(guest, FILES[0], page="/office/export").status_code == 303
    assert send(visitor.staff("organiser"), FILES[0], page="/office/export").status_code == 200


def test_guessing_gets_slower_and_a_reset_ends_it(office: FlaskClient) -> None:
    later(11)
    answers = [send(office, "/confirm", password=f"wrong {at}").status_code for at in range(7)]
    assert (answers[0], answers[-1]) == (422, 429)
    assert send(office, "/confirm", password=PASSWORD).status_code == 429
    with transaction() as rows:
        rows.execute(delete(Attempt))
    accounts.reset_password("anna", "eight quiet lanterns")
    assert office.get("/confirm").status_code == 303


def test_a_password_confirms_one_browser_alone(office: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    send(other, "/staff", name="anna", password=PASSWORD)
    later(11)
    assert send(office, "/confirm", password=PASSWORD).status_code == 303
    assert send(office, FILES[0], page="/office/export").status_code == 200
    assert send(other, FILES[0], page="/office/export").status_code == 303


def test_the_way_back_stays_in_the_house(office: FlaskClient) -> None:
    for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert send(office, f"/confirm?back={back}", password=PASSWORD).headers["Location"] == "/"


def test_the_command_line_is_counted_too(app: Flask, office: FlaskClient) -> None:
    settings = app.config["SETTINGS"]
    out = settings.data / "people.csv"
    assert rondo("export", "people", "--out", str(out), data=settings.data).exit_code == 0
    assert rondo("export", "numbers", "--out", str(out), data=settings.data).exit_code == 0
    assert [(one.what, one.times, one.last_by) for one in step_up.taken_so_far()] == [("People", 1, "command line")]


def test_a_door_that_forgets_to_ask_would_be_noticed(office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(f"organiser.{name}" in ROUTES for name in ("take_out", "take_out_of"))
    with transaction() as rows:
        rows.execute(update(SignIn).values(made_at=utc_now() - timedelta(hours=1)))
    monkeypatch.setattr("webapp.views.office_trade.first_confirm", lambda _back: None)
    assert send(office, FILES[0], page="/office/export").status_code == 200
