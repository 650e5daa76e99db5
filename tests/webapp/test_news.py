"""What an open page asks: nothing new is told in nothing, what is new to everybody at once and by their own table."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_bridge import BY
from tests.webapp.test_my_rounds import arrange, at_venue
from tests.webapp.test_office import counted
from webapp.db import db, transaction
from webapp.models import Person, Plan, Session, SignIn
from webapp.models.people import utc_now
from webapp.operations.door import accounts
from webapp.operations.rounds import running
from webapp.views import participant

SEEN = re.compile(r'data-seen="([^"]+)"')
LINE = re.compile(r'<div id="news"[^>]*data-kind="(\w*)">(.*?)</div>', re.DOTALL)
MOST_STATEMENTS, OF_THE_PAGE, OF_THE_NEWS = 6, 24, 27


@pytest.fixture
def plan(app: Flask) -> Plan:
    """Version A: Me meets one partner in each of three rounds, at tables 11 to 13."""
    make.store(make.event())
    return arrange(make.person(name="Me"), [make.person(name=f"Partner {at}") for at in range(3)], version=1)


@pytest.fixture
def me(plan: Plan) -> Person:
    return db.session.query(Person).filter_by(name="Me").one()


def seen_by(client: FlaskClient, path: str = "/me") -> str:
    """The stamp of a page."""
    return SEEN.search(client.get(path).text).group(1)


def asked(client: FlaskClient, seen: str) -> tuple[int, str, str]:
    """What the open page is answered: the status, the kind of news, and the line without its marks."""
    answer = client.get("/me/news", query_string={"seen": seen})
    found = LINE.search(answer.text)
    words = re.sub(r"<p data-elsewhere>.*?</p>|<[^>]+>", "", found.group(2)) if found else ""
    return answer.status_code, found.group(1) if found else "", " ".join(words.split())


def publish(before: Plan, me: Person, **tables: object) -> None:
    """Publish the version after `before`, with me alone at these tables."""
    with transaction():
        before.state = "replaced"
    version = (before.version or 0) + 1
    after = arrange(me, [make.person() for _ in range(3)], session=before.session, version=version, **tables)
    with transaction():
        after.published_at = utc_now()


def test_nothing_is_told_while_nothing_is_new(me: Person, visitor: Visitor) -> None:
    client = visitor.participant(me)
    for page in ("/me", "/me/profile", "/me/who-sees-what", "/devices"):
        answer = client.get("/me/news", query_string={"seen": seen_by(client, page)})
        assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (204, b"", "no-store")


def test_a_new_version_says_what_changes_for_me(plan: Plan, me: Person, visitor: Visitor) -> None:
    client = visitor.participant(me)
    seen = seen_by(client)
    with transaction() as rows:
        draft = Plan(session=plan.session, rounds=3, people=4)
        rows.add(draft)
    assert asked(client, seen)[0] == 204
    with transaction() as rows:
        rows.delete(draft)
    publish(plan, me, tables={2: "31"})
    status, kind, line = asked(client, seen)
    assert (status, kind) == (200, "version")
    assert line == "Version B is published. Round 2 is at table 31 now, no longer at table 12."
    assert asked(client, seen_by(client))[0] == 204


def test_who_stays_is_told_so_and_who_had_none_reads_of_none(plan: Plan, me: Person, visitor: Visitor) -> None:
    stranger = make.person()
    make.store(stranger)
    clients = [visitor.participant(who) for who in (me, stranger)]
    seen = [seen_by(client) for client in clients]
    publish(plan, me)
    told = [asked(client, one) for client, one in zip(clients, seen, strict=True)]
    assert told[0] == (200, "version", "Version B is published. Your tables stay as they are.")
    assert told[1] == (200, "version", "Version B is published.")


def test_everybody_asks_anew_at_once_whosever_table_is_another_one(plan: Plan, me: Person, visitor: Visitor) -> None:
    others = [make.person() for _ in range(2)]
    make.store(*others)
    clients = [visitor.participant(who) for who in (me, *others)]
    before = {seen_by(client) for client in clients}
    publish(plan, me, tables={2: "31"})
    after = {seen_by(client) for client in clients}
    assert (len(before), len(after)) == (1, 1)
    assert before != after


def test_a_session_that_one_may_not_see_is_no_news(me: Person, visitor: Visitor) -> None:
    member = make.person(role="member")
    make.store(member)
    guest, client = visitor.participant(me), visitor.participant(member)
    seen = [seen_by(guest), seen_by(client)]
    make.store(make.session(title="For members", format="plain", rounds=0, audience="members"))
    assert asked(guest, seen[0])[0] == 204
    assert asked(client, seen[1]) == (200, "programme", "The programme has changed.")


def test_the_desk_s_press_is_told_with_my_table(
    plan: Plan, me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitor.participant(me)
    monkeypatch.setattr(participant, "now", lambda: at_venue(13, 55))
    seen, held = seen_by(client), plan.session.id
    assert running.press(held, "start", seen=0, by=BY, now=at_venue(13, 55))
    monkeypatch.setattr(participant, "now", lambda: at_venue(13, 56))
    assert asked(client, seen) == (200, "pressed", "Now round 1, table \u206811\u2069. It ends in 5 minutes.")
    seen = seen_by(client)
    assert running.press(held, "pause", seen=1, by=BY, now=at_venue(13, 57))
    assert asked(client, seen) == (200, "pressed", "The clock is paused")


@pytest.mark.parametrize(
    ("then", "line"),
    [
        (at_venue(13, 59), None),
        (at_venue(14, 1), "Now round 1, table \u206811\u2069. It ends in 5 minutes."),
        (at_venue(14, 7), "Next: round 2, table \u206812\u2069. It starts in 1 minute."),
    ],
)
def test_the_bell_is_told_when_its_time_has_come(
    me: Person, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, then: datetime, line: str | None
) -> None:
    client = visitor.participant(me)
    monkeypatch.setattr(participant, "now", lambda: at_venue(13, 50))
    seen = seen_by(client)
    monkeypatch.setattr(participant, "now", lambda: then)
    assert asked(client, seen) == ((200, "clock", line) if line else (204, "", ""))


def test_asking_writes_nothing_and_reads_little(me: Person, visitor: Visitor) -> None:
    client = visitor.participant(me)
    seen, held = seen_by(client), me.id
    with transaction() as rows:
        row = rows.query(SignIn).filter_by(person_id=held).one()
        row.seen_at -= timedelta(hours=1)
        before = row.seen_at
    db.session.remove()
    with counted() as said:
        assert asked(client, seen)[0] == 204
    assert 1 < len(said) <= MOST_STATEMENTS
    assert db.session.query(SignIn.seen_at).filter_by(person_id=held).scalar() == before
    db.session.remove()
    client.get("/me")
    assert db.session.query(SignIn.seen_at).filter_by(person_id=held).scalar() > before


def test_the_page_and_its_news_read_each_thing_once(me: Person, visitor: Visitor) -> None:
    client = visitor.participant(me)
    client.get("/me")
    asked_for = []
    for address in ("/me", "/me/news?seen=0.0.0"):
        db.session.remove()
        with counted() as said:
            assert client.get(address).status_code == 200
        plain = [" ".join(one.split()) for one in said]
        for table in ("event", "sign_in", "session", "person_interest"):
            assert sum(f"FROM {table} " in one and "taking_part" not in one for one in plain) == 1, table
        asked_for.append(len(said))
    assert asked_for == [OF_THE_PAGE, OF_THE_NEWS]


@pytest.mark.parametrize("seen", ["", "x", "a.b.c", "a.b.-1", "a.b." + "9" * 300, "<script>.b.1"])
def test_a_stamp_that_is_none_of_ours_gets_the_page(me: Person, visitor: Visitor, seen: str) -> None:
    status, _kind, _line = asked(visitor.participant(me), seen)
    assert status == 200
    assert db.session.query(Session).count() == 1


def test_who_is_signed_out_is_answered_by_another_door(app: Flask, me: Person, visitor: Visitor) -> None:
    assert app.test_client().get("/me/news").status_code == 303
    assert visitor.staff("organiser").get("/me/news").status_code == 404


def test_a_full_room_does_not_queue_to_be_noted(me: Person, visitor: Visitor) -> None:
    client, held = visitor.participant(me), me.id
    with transaction() as rows:
        rows.query(SignIn).filter_by(person_id=held).one().seen_at -= timedelta(hours=1)
    before = db.session.query(SignIn.seen_at).filter_by(person_id=held).scalar()
    for busy in (True, False):
        if busy:
            accounts._noting.acquire()
        assert client.get("/me").status_code == 200
        if busy:
            accounts._noting.release()
        db.session.rollback()
        noted = db.session.query(SignIn.seen_at).filter_by(person_id=held).scalar() > before
        assert noted is not busy
