"""Deleted at once: a moment later a person is nobody, is read nowhere, and stands in no row."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.webapp import crowd, places
from tests.webapp import factories as make
from tests.webapp.drafts import furnish
from tests.webapp.factories import Visitor
from tests.webapp.holding import publish
from tests.webapp.noticing import told_in
from tests.webapp.pages import in_words
from tests.webapp.places import taken, walk
from tests.webapp.repairs import KINDS, published_room, version_of
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_repair import BEFORE, during, session_of
from tests.webapp.walker import House, text_of
from webapp.access import Actor
from webapp.bridge import Rules
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Attendance, Person, Plan, Seat, SignIn
from webapp.operations.deletion import leaving
from webapp.operations.door import accounts
from webapp.operations.mine import schedule
from webapp.operations.plans import planning, variants
from webapp.operations.rounds import repair

SMALL = 14
OUT = "/me/leaving/everything"
LISTS = {"offer", "seek", "region", "topic"}
"""Words of lists to choose from, which organisers keep: they belong to nobody."""


@pytest.fixture(scope="module")
def crowded(at_noon: None, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A few people at an event with rounds of all formats, whose every field is a word of its own."""
    folder = tmp_path_factory.mktemp("few")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowd, "PEOPLE", SMALL)
        patch.setattr(places, "PEOPLE", SMALL)
        populated = crowd.gather(migrated, folder / "data")
        house = House(populated.open(folder / "own", hosts=("rondo.test",)), populated)
        house.host = "rondo.test"
        yield house
        house.close()


@pytest.fixture
def house(crowded: House) -> House:
    crowded.restore()
    return crowded


def own(house: House) -> dict[str, int]:
    """The places of those whose pages are read: a guest, and the specialist whom they visit."""
    with house.app.app_context():
        found = places.at_of()
        db.session.remove()
    return found


def good(answer: TestResponse) -> bool:
    return answer.status_code // 100 == 2


def gone(house: House, role: str) -> TestResponse:
    """Delete somebody by their own button, and give their browser back the cookie it had."""
    answer = house.send(role, OUT, [])
    house._hand_out_cookies()
    return answer


# --- nobody a moment later -------------------------------------------------------------------------------------------


APART = ("/me/rounds.ics", "/me/day.html", "/me/held", "/me/held.txt", "/me/held.json")
"""What the walk leaves out."""


def asked_by(house: House, role: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Every request that somebody's browser was answered with 2xx, and nobody else's would be."""
    found = [("GET", one, []) for one, answer in walk(house, role).items() if one.startswith("/") and good(answer)]
    found += [("GET", one, []) for one in APART if good(house.get(role, one))]
    found.append(("POST", "/me/profile", [("suggest", "yes"), ("name", "me")]))
    return [one for one in found if one[0] == "POST" or not good(house.get("anonymous", one[1]))]


def again(house: House, role: str, asked: list[tuple[str, str, list[tuple[str, str]]]]) -> list[str]:
    """Which of these requests are answered with 2xx now."""
    sent = {"GET": lambda path, _fields: house.get(role, path), "POST": lambda *form: house.send(role, *form)}
    return [path for method, path, fields in asked if good(sent[method](path, fields))]


@pytest.mark.parametrize("role", ["participant", "specialist"])
def test_nothing_that_was_answered_is_answered_any_more(house: House, role: str) -> None:
    asked = asked_by(house, role)
    assert {"/me", "/me/held", "/me/held.json", "/me/rounds.ics", "/devices"} <= {path for _m, path, _f in asked}
    # who only leaves the event still gets all of it, and so would who was not deleted
    house.send(role, "/me/leaving/event", [])
    assert set(again(house, role, asked)) >= {path for _method, path, _fields in asked if "leaving/session" not in path}
    answer = gone(house, role)
    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Sign out" not in answer.text
    told = again(house, role, asked)
    print(f"\n{len(asked)} requests of the {role} were answered before, {len(told)} are now")
    assert told == []


def test_no_way_in_leads_to_whoever_is_gone(house: House) -> None:
    key = crowd.FIRST_KEY + crowd.GIVEN
    with house.app.app_context():
        cookies = [accounts.sign_in_by_link(house.populated.link).cookie for _device in range(2)]
        leaving.delete_all(by=Actor(person=db.session.get_one(Person, key)))
        assert all(accounts.actor_of(cookie).person is None for cookie in cookies)
        with pytest.raises(NotFound):
            accounts.sign_in_by_link(house.populated.link)
        with pytest.raises(NotFound):
            accounts.sign_in_by_code(house.populated.code, address="")
        assert db.session.query(SignIn).filter_by(person_id=key).count() == 0
        db.session.remove()


# --- read nowhere ----------------------------------------------------------------------------------------------------


def read_by_all(house: House, partner: str, me: int) -> dict[str, set[str]]:
    """What of me is told by each kind of place: a partner's pages, desk, door, office, paper, screen, files."""
    slugs = ("pairs", "circles", "clinics", "stations")
    desk = [f"/desk/{slug}{page}" for slug in slugs for page in ("", "/plan", "/repair", "/missing")]
    desk += ["/desk/clinics/standby", "/desk/pairs?q=zqn", "/desk/pairs/draft", "/desk/pairs/gone"]
    sheets = [f"/desk/{kind}.pdf" for kind in ("pairs/print/cards", "pairs/print/finder", "clinics/print/hosts")]
    office = ["/office/people?q=zqn", "/office/people", "/office/sessions/clinics/hosts", "/office"]
    mine = ["/me", "/me/rounds.ics", "/me/day.html", "/me/visitors.pdf", "/me/profile/meeting", "/me/held"]
    read = {
        "partner": [house.get(partner, path) for path in mine],
        "desk": [house.get("facilitator", path) for path in desk],
        "paper": [house.get("facilitator", path) for path in sheets],
        "door": [house.get("helper", "/tick/pairs?q=zqn")],
        "office": [house.get("organiser", path) for path in office],
        "files": [taken(house, f"/office/files/{name}") for name in ("people.csv", "event.xlsx", "pairs/plan.csv")],
        "screen": [house.get("screen", "/screen/pairs")],
        "safety": [house.get("safety", "/safety")],
    }
    assert all(sum(map(good, answers)) for answers in read.values()), {
        place: [one.status_code for one in answers] for place, answers in read.items()
    }
    return {name: {what for one in answers for at, what in told_in(one) if at == me} for name, answers in read.items()}


def test_nobody_reads_a_word_of_whoever_is_gone(house: House) -> None:
    me, visited = (own(house)[role] for role in ("participant", "specialist"))
    before = read_by_all(house, "specialist", me)
    assert {place for place, told in before.items() if told} >= {"partner", "desk", "paper", "door", "office", "files"}
    house.restore()
    assert gone(house, "participant").status_code == 200
    after = read_by_all(house, "specialist", me)
    told = {place: len(words) for place, words in before.items()}
    print(f"\nfields told before {told}, after {sum(map(len, after.values()))}")
    assert not any(after.values()), after
    house.restore()
    assert gone(house, "specialist").status_code == 200
    assert not any(read_by_all(house, "participant", visited).values())


# --- in no row -------------------------------------------------------------------------------------------------------


def rows_with(house: House, me: int, public_id: str) -> dict[str, int]:
    """How many rows of each table hold a word of mine, or a key of mine where a person is named."""
    key, found = crowd.FIRST_KEY + me, {}
    with sqlite3.connect(house.file) as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            keys = {one[3] for one in rows.execute(f'PRAGMA foreign_key_list("{table}")') if one[2] == "person"}
            cursor = rows.execute(f'SELECT * FROM "{table}"')
            columns = [one[0] for one in cursor.description]
            found[table] = sum(
                _is_mine(dict(zip(columns, row, strict=True)), keys, me, key, public_id) for row in cursor
            )
    rows.close()
    return {table: count for table, count in found.items() if count}


def _is_mine(row: dict[str, object], keys: set[str], me: int, key: int, public_id: str) -> bool:
    text = " ".join(map(str, row.values()))
    words = {kind for kind, at in crowd.WORD.findall(text) if int(at) == me} - LISTS
    named = any(row[name] == key for name in keys) or re.search(rf'"(?:giver|taker)": {key}\b', text)
    return bool(words or named or public_id in text or re.search(rf"\b{crowd.number(me)}\b", text))


@pytest.mark.parametrize("role", ["participant", "specialist"])
def test_nothing_is_left_in_any_row(house: House, role: str) -> None:
    me = own(house)[role]
    with house.app.app_context():
        public_id = db.session.get_one(Person, crowd.FIRST_KEY + me).public_id
        db.session.remove()
    before = rows_with(house, me, public_id)
    assert {"person", "seat", "meeting", "plan", "wish", "question", "absence", "apart_entry", "sign_in"} <= {*before}
    assert gone(house, role).status_code == 200
    after = rows_with(house, me, public_id)
    print(f"\n{role}: {sum(before.values())} rows in {len(before)} tables before, {sum(after.values())} after")
    assert after == {}


def test_a_version_is_else_what_it_was(house: House) -> None:
    me = crowd.FIRST_KEY + own(house)["participant"]
    query = (
        "SELECT m.plan_id, m.round_no, m.table_name, m.language, m.host, m.benefit, "
        "(SELECT group_concat(person_id) FROM seat WHERE meeting_id = m.id AND person_id <> :me ORDER BY place) "
        "FROM meeting m ORDER BY m.id"
    )

    def versions() -> list[object]:
        with sqlite3.connect(house.file) as rows:
            found = list(rows.execute(query, {"me": me}))
        rows.close()
        return found

    before = versions()
    gone(house, "participant")
    assert versions() == before
    with sqlite3.connect(house.file) as rows, pytest.raises(sqlite3.IntegrityError):
        rows.execute("UPDATE meeting SET benefit = 9 WHERE plan_id IN (SELECT id FROM plan WHERE state = 'published')")
    rows.close()


# --- in every state --------------------------------------------------------------------------------------------------


def delete(row: int) -> leaving.Receipt:
    db.session.rollback()
    return leaving.delete_all(by=Actor(person=db.session.get_one(Person, row)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_published_room_goes_on_without_them(app: Flask, visitor: Visitor, kind: str) -> None:
    session_id, rows = published_room(kind, count=6)
    me, other = rows[1], rows[2]
    desk, partner = visitor.staff("facilitator"), visitor.participant(db.session.get_one(Person, other))
    assert delete(me).deleted
    slug = session_of(session_id).slug
    for path in (f"/desk/{slug}", f"/desk/{slug}/plan", f"/desk/{slug}/repair", f"/desk/{slug}/print/cards.pdf"):
        assert desk.get(path).status_code == 200
    assert partner.get("/me").status_code == 200
    found = repair.outlook(session_of(session_id), now=BEFORE)
    assert found is not None
    if found.repair is not None and not found.repair.nothing:
        repair.publish(session_id, "repair", found.repair.seal, first=1, by=BY, now=BEFORE)
    assert all(seat.person_id != me for one in version_of(session_id).meetings for seat in one.seats)


def test_whoever_would_have_met_them_is_free_and_reads_what_is_next(app: Flask, visitor: Visitor) -> None:
    session = make.session(slug="talks", rounds=2)
    me, other, third = (make.person() for _ in range(3))
    make.store(make.event(), session, me, other, third)
    publish(session, [{"1": [other, me]}, {"2": [other, third]}])
    delete(me.id)
    # the last round first, as it is on the day before
    mine = schedule.rounds_of(Actor(person=db.session.get_one(Person, other.id)), now=during(1))
    assert [one.code for one in mine.timed[0].rounds] == ["usual", ""]
    assert mine.card is not None
    assert mine.card.number == 2
    held = schedule.rounds_of(Actor(person=db.session.get_one(Person, other.id)), now=BEFORE).timed[0]
    with app.test_request_context("/me"):
        free = app.jinja_env.get_template("participant/round.html").module.free  # type: ignore[attr-defined]
        from webapp import wording

        said = " ".join(in_words(str(free(held.rounds[0], held, wording))).split())
    assert said == "Round 1: free. Next: round 2, table 2 ."


def test_a_running_room_and_one_who_has_withdrawn_or_left(app: Flask) -> None:
    session_id, rows = published_room("pairs", count=6)
    slug = session_of(session_id).slug
    for at, way in enumerate(("here", "withdrawn", "left", "instead")):
        by = Actor(person=db.session.get_one(Person, rows[at]))
        if way == "here":
            make.store(Attendance(session_id=session_id, person_id=rows[at], state="here"))
        elif way == "withdrawn":
            leaving.withdraw(slug, by=by, now=during(1))
        elif way == "left":
            leaving.leave(by=by, now=during(2))
        else:
            make.store(Attendance(session_id=session_id, person_id=rows[4], state="here", instead_of_id=rows[at]))
        delete(rows[at])
    assert {one.person_id for one in db.session.query(Seat)} <= {*rows[4:]}
    assert [one.instead_of_id for one in db.session.query(Attendance)] == [None]


def test_a_plan_that_is_being_made_is_stored_without_them(app: Flask) -> None:
    session_id, rows = open_room(6)
    going = iter(rows[:1])

    def told(_fraction: float, _doing: str) -> None:
        for row in going:
            delete(row)

    planning.make_plan(session_id, by=BY, progress=told)
    planning.publish(session_id, by=BY)
    plan = version_of(session_id)
    assert {seat.person_id for one in plan.meetings for seat in one.seats} <= {*rows[1:]}
    assert len(plan.quality["shares"]) == 5


@pytest.mark.parametrize("job", ["plan", "try", "anew"])
def test_work_in_which_somebody_goes_each_time_is_refused_cleanly(app: Flask, job: str) -> None:
    session_id, rows = published_room("pairs", count=12)
    going = iter(rows)
    seen: list[float] = []

    def told(fraction: float, _doing: str) -> None:
        if not seen or fraction < seen[-1]:
            delete(next(going))
        seen.append(fraction)

    with pytest.raises(NotNow):
        if job == "plan":
            planning.make_plan(session_id, by=BY, progress=told)
        elif job == "try":
            variants.try_rules(session_id, Rules.of(session_of(session_id)), by=BY, progress=told)
        else:
            repair.plan_anew(session_id, 1, by=BY, progress=told)
    db.session.rollback()
    assert [one.state for one in db.session.query(Plan)] == ["published"]


def test_what_is_left_is_said(app: Flask, visitor: Visitor) -> None:
    session_id, (me, *_others) = furnish("pairs", count=4, rounds=2)
    assert session_id
    browser = visitor.participant(db.session.get_one(Person, me))
    page = browser.get(OUT).text
    assert "27 June" in page
    with transaction() as rows:
        rows.get_one(Person, me).name = "Somebody"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = browser.post(OUT, data={"csrf_token": token[1]})
    told = in_words(text_of(answer))
    for words in ("You\n1 entry", "Paper:", "Backups: none", "The organisers delete everything by 27 June 2013"):
        assert " ".join(words.split()) in " ".join(told.split())
    assert "Somebody" not in told
    assert browser.get("/me").status_code == 303
    assert browser.post(OUT, data={"csrf_token": token[1]}).status_code in {400, 401}
