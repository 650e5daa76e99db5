"""Ways in: codes, links, passwords; what ends them."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import AccessCode, Attempt, Link, Person, SignIn
from webapp.models.people import utc_now
from webapp.operations.door import accounts, patience


@pytest.fixture
def somebody(app: Flask) -> int:
    who = make.person()
    make.store(make.event(), who)
    return who.id


def test_code_signs_in_however_it_is_typed(somebody: int) -> None:
    code = make.code(somebody)
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (code, code.replace(" ", ""), code.replace(" ", "-"), arabic):
        assert accounts.actor_of(accounts.sign_in_by_code(typed).cookie).person.id == somebody


def test_a_new_code_ends_the_old_one(somebody: int) -> None:
    old = make.code(somebody)
    make.code(somebody)
    with pytest.raises(NotFound):
        accounts.sign_in_by_code(old)


def test_the_database_holds_no_usable_secret(somebody: int) -> None:
    code = make.code(somebody).replace(" ", "")
    token = accounts.issue_link(lasts=timedelta(hours=1), person_id=somebody)
    cookie = accounts.sign_in_by_link(token).cookie
    kept = [row.secret_hash for row in db.session.query(AccessCode)]
    kept += [row.token_hash for row in db.session.query(Link)]
    kept += [row.id_hash for row in db.session.query(SignIn)]
    assert len(kept) == 3
    assert not any(secret in row for row in kept for secret in (code, code[4:], token, cookie))


def test_guessing_gets_slower_and_spares_other_doors(somebody: int) -> None:
    code = make.code(somebody)
    other = "0000" if not code.startswith("0000") else "1111"
    for _ in range(patience.FREE_TRIES):
        with pytest.raises(NotFound):
            accounts.sign_in_by_code(other + "9" * 12)
    with pytest.raises(NotNow):
        accounts.sign_in_by_code(other + "9" * 12)
    assert accounts.sign_in_by_code(code)


def test_success_forgets_failures(somebody: int) -> None:
    code = make.code(somebody)
    with pytest.raises(NotFound):
        accounts.sign_in_by_code(code[:-1] + str((int(code[-1]) + 1) % 10))
    accounts.sign_in_by_code(code)
    assert db.session.query(Attempt).one().door_hash == patience.Door("").neighbours


def test_failures_are_forgotten_after_a_while(somebody: int) -> None:
    make.code(somebody)
    for finder in ("0000", "1111"):
        with pytest.raises(NotFound):
            accounts.sign_in_by_code(finder + "9" * 11)
    assert db.session.query(Attempt).count() == 2 * 2 + 1
    with transaction() as rows:
        rows.execute(update(Attempt).values(open_again_at=utc_now() - 2 * patience.FORGOTTEN_AFTER))
    with pytest.raises(NotFound):
        accounts.sign_in_by_code("2222")
    assert [row.failures for row in db.session.query(Attempt)] == [1, 1, 1]


def test_sign_ins_that_ended_are_forgotten(somebody: int) -> None:
    token = accounts.issue_link(lasts=timedelta(hours=1), person_id=somebody)
    accounts.sign_in_by_link(token)
    with transaction() as rows:
        rows.execute(update(SignIn).values(expires_at=utc_now()))
    accounts.sign_in_by_link(token)
    assert db.session.query(SignIn).count() == 1


@pytest.mark.parametrize("way", ["code", "password"])
def test_what_ends_while_it_is_compared_signs_nobody_in(
    somebody: int, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    code = make.code(somebody)
    accounts.add_staff("anna", "organiser", "correct horse battery")
    compare = accounts._fits

    def ended_meanwhile(secret_hash: str, secret: str) -> bool:
        found = compare(secret_hash, secret)
        db.session.rollback()
        make.code(somebody)
        accounts.reset_password("anna", "another long password")
        return found

    monkeypatch.setattr(accounts, "_fits", ended_meanwhile)
    with pytest.raises(NotFound):
        accounts.sign_in_by_code(code) if way == "code" else accounts.sign_in_by_password(
            "anna", "correct horse battery"
        )
    assert db.session.query(SignIn).count() == 0


def test_a_password_fits_however_its_accents_are_typed(app: Flask) -> None:
    accounts.add_staff("anna", "organiser", "cafe\u0301 au lait")
    assert accounts.sign_in_by_password("anna", "caf\u00e9 au lait")


def test_link_ends_in_time(somebody: int) -> None:
    token = accounts.issue_link(lasts=timedelta(seconds=-1), person_id=somebody)
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(token)


def test_password_reset_ends_what_was_open(app: Flask) -> None:
    held = accounts.add_staff("anna", "organiser", "correct horse battery")
    cookie = accounts.sign_in_by_password("anna", "correct horse battery").cookie
    token = accounts.issue_link(lasts=timedelta(hours=1), staff_id=held)
    accounts.reset_password("anna", "another long password")
    assert accounts.actor_of(cookie).role == "anonymous"
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(token)
    with pytest.raises(NotFound):
        accounts.sign_in_by_password("anna", "correct horse battery")
    assert accounts.actor_of(accounts.sign_in_by_password("anna", "another long password").cookie).role == "organiser"


def test_short_password_is_refused(app: Flask) -> None:
    with pytest.raises(BadInput, match="too short"):
        accounts.add_staff("anna", "organiser", "short")


def test_looking_at_a_link_uses_nothing_up(somebody: int, client: FlaskClient) -> None:
    token = accounts.issue_link(lasts=timedelta(hours=1), person_id=somebody)
    for _ in range(10):
        assert client.get(f"/in/{token}").status_code == 200
        assert client.head(f"/in/{token}").status_code == 200
    assert db.session.query(SignIn).count() == 0
    assert send(client, f"/in/{token}").status_code == 303
    assert db.session.query(SignIn).count() == 1


def test_copied_cookie_is_worth_nothing_after_sign_out(app: Flask, somebody: int) -> None:
    client = Visitor(app).participant(db.session.get(Person, somebody))
    copied = client.get_cookie("rondo").value
    assert accounts.actor_of(copied).person.id == somebody
    send(client, "/sign-out", page="/not-a-page")
    assert accounts.actor_of(copied).role == "anonymous"
    assert client.get_cookie("rondo").value != copied


def test_sign_in_changes_the_cookie(app: Flask, somebody: int) -> None:
    client = app.test_client()
    client.get("/")
    before = client.get_cookie("rondo").value
    send(client, "/", code=make.code(somebody))
    assert client.get_cookie("rondo").value != before
    assert accounts.actor_of(before).role == "anonymous"


def test_wrong_and_unknown_codes_get_the_same_answer(client: FlaskClient, somebody: int) -> None:
    code = make.code(somebody)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    unknown = str((int(code[0]) + 1) % 10) + code[1:]
    pages = []
    for typed in (wrong, unknown):
        answer = send(client, "/", code=typed)
        pages.append((answer.status_code, answer.text.replace(typed, "")))
    assert pages[0][0] == pages[1][0] == 422
    without_token = re.compile(r'name="csrf_token" value="[^"]+"').sub
    assert without_token("", pages[0][1]) == without_token("", pages[1][1])
