"""Guessing gets slow, in all processes and after a restart, and nobody waits for what their neighbours do."""

import hashlib
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import send, token_of
from webapp.app import create_app
from webapp.db import db
from webapp.errors import NotFound, TooSoon
from webapp.models import Attempt
from webapp.operations.door import accounts, patience
from webapp.operations.door.patience import Door

VENUE = "198.51.100.7"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2013, 6, 19, 14, 0)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(patience, "utc_now", held)
    return held


def fail(door: Door, clock: Clock) -> int:
    """Try once as soon as one may, in vain; return how long that took."""
    waited = 0
    try:
        patience.knock(door)
    except TooSoon as refusal:
        waited = refusal.seconds
        clock.wait(waited)
        patience.knock(door)
    patience.note_failure(door)
    return waited


def test_waits_grow_in_all_processes_and_after_a_restart(app: Flask, clock: Clock) -> None:
    door, waits = Door("code 1234", VENUE), []
    for at in range(30):
        # each try in a process of its own, none of which remembers anything
        with create_app(app.config["SETTINGS"]).app_context() if at < 12 else app.app_context():
            waits.append(fail(door, clock))
            db.session.remove()
            if at < 12:
                for engine in db.engines.values():
                    engine.dispose()
    assert waits[:12] == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60]
    assert set(waits[12:]) == {60}
    assert db.session.get(Attempt, door.here).failures == 30


def at_once(app: Flask, tries: int) -> int:
    """How many of so many tries at one moment may be compared."""
    passed: list[bool] = []

    def one() -> None:
        with app.app_context():
            try:
                patience.knock(Door("code 1234", VENUE))
                passed.append(True)
            except TooSoon:
                passed.append(False)
            db.session.remove()

    db.session.remove()
    crowd = [threading.Thread(target=one) for _ in range(tries)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(passed) == tries
    return sum(passed)


def test_many_tries_at_once_are_as_slow_as_one_after_the_other(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_once(app, 12) == patience.FREE_TRIES
    clock.wait(2 * 3600)
    monkeypatch.setattr(patience, "_count", lambda *_row, **_rule: None)
    assert at_once(app, 12) == 12, "the twin that counts nothing lets all of them pass"


def test_the_first_right_try_never_waits_for_the_neighbours(app: Flask, client: FlaskClient, clock: Clock) -> None:
    who = make.person()
    make.store(make.event(), who)
    code = make.code(who.id)
    for at in range(40):
        patience.knock(Door(f"code {at:04} of somebody else", VENUE))
        patience.note_failure(Door("", VENUE))
    at_venue = {"REMOTE_ADDR": VENUE}
    wrong = {"csrf_token": token_of(client, "/"), "code": "7" * 16}
    assert client.post("/", data=wrong, environ_base=at_venue).status_code == 422
    again = client.post("/", data=wrong, environ_base=at_venue)
    assert (again.status_code, "Wait 1 second, then" in again.text) == (429, True)
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.post("/", data=wrong, environ_base=elsewhere).status_code == 422
    assert client.post("/", data=wrong, environ_base=elsewhere).status_code == 422
    right = client.post("/", data={**wrong, "code": code}, environ_base=at_venue)
    assert right.status_code == 303


def attack(door: str, clock: Clock, tries: range) -> None:
    """Try as soon as one may, each time from another address."""
    for at in tries:
        fail(Door(door, f"203.0.113.{at}"), clock)


@pytest.mark.parametrize("fresh", [patience.FRESH_TRIES, 0])
def test_who_tries_without_a_pause_keeps_no_holder_out(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, fresh: int
) -> None:
    monkeypatch.setattr(patience, "FRESH_TRIES", fresh)
    make.store(who := make.person())
    digits = make.code(who.id)
    door = f"code {digits[:4]}"
    attack(door, clock, range(30))
    for typed in (f"{digits[:4]} 0000 0000 0000", digits[:-1], digits):
        attack(door, clock, range(100, 101))
        if not fresh:
            with pytest.raises(TooSoon):
                accounts.sign_in_by_code(typed, address=VENUE)
        elif typed is digits:
            assert accounts.sign_in_by_code(typed, address=VENUE).cookie
        else:
            with pytest.raises(NotFound):
                accounts.sign_in_by_code(typed, address=VENUE)


def test_who_tries_often_from_many_addresses_waits_at_all_of_them(app: Flask, clock: Clock) -> None:
    longest = int(patience.LONGEST_EVERYWHERE.total_seconds())
    for _again in range(patience.FRESH_TRIES):
        attack("code 1234", clock, range(12))
    waits = [fail(Door("code 1234", f"203.0.113.{at}"), clock) for at in range(12)]
    assert waits == [longest] * 12
    assert db.session.get(Attempt, Door("code 1234").everywhere).failures == 12 * (patience.FRESH_TRIES + 1)


def test_at_an_address_of_many_failures_one_try_alone_is_fresh(app: Flask, clock: Clock) -> None:
    attack("code 1234", clock, range(30))
    for at in range(patience.MANY_FAILURES):
        fail(Door(f"code {at} of somebody else", VENUE), clock)
    attack("code 1234", clock, range(30, 31))
    assert [fail(Door("code 1234", VENUE), clock) > 0 for _again in range(2)] == [False, True]


@pytest.mark.parametrize("way", ["code", "staff", "helper"])
def test_a_made_up_forwarding_address_changes_nothing(app: Flask, client: FlaskClient, way: str) -> None:
    make.store(make.event())
    page, fields = {
        "code": ("/", {"code": "1" * 16}),
        "staff": ("/staff", {"name": "anna", "password": "not the right words"}),
        "helper": ("/helper", {"code": "1" * 12, "name": "Sam"}),
    }[way]
    token = token_of(client, page)
    told = [
        client.post(
            page, data={"csrf_token": token, **fields}, headers={"X-Forwarded-For": f"203.0.113.{at}"}
        ).status_code
        for at in range(patience.FREE_TRIES + 1)
    ]
    assert told == [422] * patience.FREE_TRIES + [429]


def test_no_address_is_kept_and_nothing_for_long(app: Flask, clock: Clock) -> None:
    fail(Door("code 1234", VENUE), clock)
    kept = [row.door_hash for row in db.session.query(Attempt)]
    assert len(kept) == 3
    for text in (VENUE, "code 1234", f"code 1234 {VENUE}"):
        assert not {text, hashlib.sha256(text.encode()).hexdigest()} & set(kept)
    patience.forget_old()
    assert db.session.query(Attempt).count() == 3
    clock.wait(3601)
    patience.forget_old()
    assert db.session.query(Attempt).count() == 0


def test_another_key_seals_otherwise(app: Flask, tmp_path: Path) -> None:
    here = Door("code 1234", VENUE)
    held = (here.here, here.everywhere, here.neighbours)
    assert len(set(held)) == 3
    with create_app(app.config["SETTINGS"].model_copy(update={"secret_key": "k" * 40})).app_context():
        assert not set(held) & {here.here, here.everywhere, here.neighbours}
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("198.51.100.7", "198.51.100.8", False),
        ("", "", True),
    ],
)
def test_a_household_shares_its_network(app: Flask, one: str, other: str, same: bool) -> None:
    assert (Door("x", one).neighbours == Door("x", other).neighbours) is same


def test_the_office_is_told_how_long_to_wait(app: Flask, client: FlaskClient) -> None:
    accounts.add_staff("anna", "organiser", "correct horse battery")
    for _again in range(patience.FREE_TRIES):
        assert send(client, "/staff", name="anna", password="wrong words here").status_code == 422
    page = send(client, "/staff", name="anna", password="correct horse battery")
    assert (page.status_code, "then try again" in page.text) == (429, True)
