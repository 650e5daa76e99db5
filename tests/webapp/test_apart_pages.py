"""Keep apart on pages: one answer for every name, never shown back, and read by the safety contact alone."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.webapp.canaries import CANARY, ROLES
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.profile_page import MEETING, error_beside, fields_of, form_of, post, save
from tests.webapp.test_apart import kept_from, to_settle
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.walker import House, text_of
from webapp.db import db, transaction
from webapp.models import ApartEntry, Organisation, Person
from webapp.operations.guests import apart
from webapp.operations.plans import planning

WRITTEN = re.compile(rf"{CANARY}apart-\w+")


@pytest.fixture
def room(app: Flask) -> tuple[int, list[int]]:
    """Four people: me, one of a house, and two of the same name."""
    session_id, rows = open_room(4, slug="s", rounds=1)
    with transaction() as writing:
        for row, name in zip(rows, ("Me", "Sok Dara", "Ana Li", "Ana Li"), strict=True):
            person = writing.get_one(Person, row)
            person.name = person.latin = name
        writing.get_one(Person, rows[1]).organisation = Organisation(name="Paper Boat Press")
    return session_id, rows


@pytest.fixture
def mine(room: tuple[int, list[int]], visitor: Visitor) -> FlaskClient:
    return visitor.participant(db.session.get_one(Person, room[1][0]))


def kept() -> list[str]:
    db.session.rollback()
    return [one.text for one in db.session.query(ApartEntry).order_by(ApartEntry.id)]


# --- the box in the profile ----------------------------------------------------------------------------------------


def bare(answer: object) -> tuple[int, list[tuple[str, str]], str]:
    """An answer without what differs from one request to the next."""
    headers = sorted((name, value) for name, value in answer.headers if name not in {"Date", "Set-Cookie"})
    return answer.status_code, headers, untimed(re.sub(r'name="key"[^>]*', "", answer.text))


def test_the_answer_is_the_same_for_every_name(room: tuple[int, list[int]], mine: FlaskClient) -> None:
    lines = ("", "Sok Dara", "Nobody Here", "Ana Li", "Me", "Paper Boat Press", "1", "Sok Dara\nNobody Here\nMe")
    answers, pages = [], []
    for line in lines:
        answers.append(bare(save(mine, apart=line)))
        pages.append(bare(mine.get(MEETING)))
        assert form_of(mine).get("apart") == ""
    assert answers == answers[:1] * len(lines)
    assert pages == pages[:1] * len(lines)
    assert kept() == ["Sok Dara", "Nobody Here", "Ana Li", "Me", "Paper Boat Press", "1"]
    session_id, (me, dara, *both) = room
    assert kept_from(session_id, me) == {dara, *both}
    assert to_settle() == ["Nobody Here", "Ana Li", "Me", "1"]


def test_the_request_looks_nobody_up(mine: FlaskClient) -> None:
    """Each name costs the same statements, so that not even the time tells."""
    save(mine, apart="Somebody Tall")
    counts = []
    for line in ("Sok Dara", "Nobody Here", "Ana Li", "Me", "Paper Boat Press"):
        form = form_of(mine)
        with statements() as said:
            post(mine, form, apart=line)
        counts.append([re.sub(r"\s+", " ", one) for one in said])
    assert counts == counts[:1] * len(counts)
    assert sum("INSERT INTO apart_entry" in one for one in counts[0]) == 1
    # seals of what one wrote before are one's own
    assert all("WHERE apart_entry.person_id = ?" in one for one in counts[0] if "apart_target" in one)


class statements:  # noqa: N801
    """Every statement that runs inside."""

    def __enter__(self) -> list[str]:
        self.said: list[str] = []
        for engine in db.engines.values():
            event.listen(engine, "before_cursor_execute", self._note)
        return self.said

    def __exit__(self, *_told: object) -> None:
        for engine in db.engines.values():
            event.remove(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        self.said.append(statement)


def test_what_is_sent_twice_is_kept_once_and_nothing_else_is_lost(mine: FlaskClient) -> None:
    form = form_of(mine)
    for _ in range(3):
        assert post(mine, form, apart="Sok Dara\r\nsomebody tall").status_code == 303
    assert kept() == ["Sok Dara", "somebody tall"]
    save(mine, first_time="y")
    stale = post(mine, form, apart="one more", seated="y")
    assert stale.status_code == 409
    assert fields_of(stale.text)["apart"] == "one more"
    assert save(mine, apart="one more").status_code == 303
    assert kept() == ["Sok Dara", "somebody tall", "one more"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\r\n".join(f"name {at}" for at in range(13)), "at most 12 lines"),
        ("x" * 201, "at most 200 characters"),
        ("- - -", "at least one letter or digit"),
        ("a\u202eb", "an invisible character"),
        ("x\r\n" * 2000, "at most 2400 characters"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_the_field(mine: FlaskClient, typed: str, said: str) -> None:
    answer = save(mine, apart=typed)
    assert answer.status_code == 422
    assert said in error_beside(answer.text, "apart")
    assert kept() == []


def test_there_is_an_end_and_it_does_not_tell_what_is_known(room: tuple[int, list[int]], mine: FlaskClient) -> None:
    with transaction() as writing:
        lines = [f"name {at}" for at in range(apart.MOST_ENTRIES)]
        apart.write(writing, writing.get_one(Person, room[1][0]), lines)
    for line in ("name 1", "a new name"):
        answer = save(mine, apart=line)
        assert answer.status_code == 422
        assert "No more can be written here" in error_beside(answer.text, "apart")
    assert len(kept()) == apart.MOST_ENTRIES


# --- nobody else reads it ------------------------------------------------------------------------------------------


def readers(house: House) -> set[str]:
    """Who finds what people wrote in anything that they can walk to, files and headers included."""
    return {
        role
        for role in ROLES
        for answer in house.pages(role).values()
        if WRITTEN.search(f"{text_of(answer)} {answer.headers}")
    }


@pytest.mark.long
def test_what_people_wrote_is_read_by_the_safety_contact_alone(house: House) -> None:
    assert readers(house) == {"safety"}
    found = {line for answer in house.pages("safety").values() for line in WRITTEN.findall(text_of(answer))}
    assert found == {f"{CANARY}apart-heath", f"{CANARY}apart-hedge"}
    waiting = house.get("safety", "/safety").text
    assert "name-ember" not in waiting
    assert "house-fjord" not in waiting


def test_what_one_has_sent_is_in_no_log_and_no_file(
    room: tuple[int, list[int]], mine: FlaskClient, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    session_id, _rows = room
    save(mine, apart="Quince Canary\nSok Dara")
    with transaction() as writing:
        writing.connection().exec_driver_sql(
            "CREATE TRIGGER odd BEFORE INSERT ON apart_entry BEGIN SELECT RAISE(ABORT, 'Quince'); END"
        )
    mine.application.config["PROPAGATE_EXCEPTIONS"] = False
    failed = save(mine, apart="Quince again")
    assert failed.status_code == 500
    assert "Quince" not in failed.text + caplog.text
    assert "IntegrityError" in caplog.text
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    office = visitor.staff("organiser")
    for what in ("people.csv", "numbers.csv", "programme.ics"):
        assert b"Quince" not in office.get(f"/office/export/{what}").get_data()


def test_no_page_of_desk_or_office_differs_or_reads_it(room: tuple[int, list[int]], visitor: Visitor) -> None:
    _session_id, (me, *_others) = room
    desk, office = visitor.staff("facilitator"), visitor.staff("organiser")
    person = db.session.get_one(Person, me).public_id
    looks = [(desk, "/desk"), (desk, "/desk/s"), (office, "/office"), (office, f"/office/people/{person}"),
             (office, "/office/people")]  # fmt: skip
    before = [untimed(client.get(path).text) for client, path in looks]
    with transaction() as writing:
        apart.write(writing, writing.get_one(Person, me), ("Sok Dara", "Nobody Here"))
    assert [untimed(client.get(path).text) for client, path in looks] == before
    for client, path in looks[2:]:
        with statements() as said:
            client.get(path)
        assert not any("apart" in one for one in said)


# --- the safety contact's pages ------------------------------------------------------------------------------------


@pytest.fixture
def contact(room: tuple[int, list[int]], visitor: Visitor) -> FlaskClient:
    return visitor.staff("safety")


def test_the_safety_contact_settles_what_waits(
    room: tuple[int, list[int]], mine: FlaskClient, contact: FlaskClient
) -> None:
    session_id, (me, dara, third, fourth) = room
    save(mine, apart="Ana Li\nDara\nSok Dara")
    page = contact.get("/safety").text
    assert re.findall(r"· (fits \w+)", in_words(page)) == ["fits 2", "fits nobody"]
    several, nobody = re.findall(r'href="(/safety/entry/[^"]+)"', page)
    assert "Sok Dara" in in_words(contact.get(nobody).text)
    assert "Nobody was found" in in_words(contact.get(f"{nobody}?q=zzz").text)
    keys = re.findall(r'name="meant" value="([^"]+)"', contact.get(several).text)
    assert set(keys) == {db.session.get_one(Person, row).public_id for row in (third, fourth)}
    assert send(contact, several, several).status_code == 422
    answer = send(contact, several, several, meant=db.session.get_one(Person, third).public_id)
    assert answer.status_code == 303
    assert kept_from(session_id, me) == {dara, third}
    assert send(contact, f"{nobody}/aside", nobody).status_code == 303
    assert "Nothing waits" in in_words(contact.get("/safety").text)
    for gone in (several, nobody):
        assert contact.get(gone).status_code == 404


def test_what_is_said_in_person_is_entered_and_taken_back(room: tuple[int, list[int]], contact: FlaskClient) -> None:
    session_id, (me, dara, *_others) = room
    assert send(contact, "/safety", who="me", whom="paper boat press").status_code == 303
    assert kept_from(session_id, me) == {dara}
    for who, whom in (("me", "nobody"), ("me", ""), ("", "me"), ("me", "Ana Li")):
        answer = send(contact, "/safety", who=who, whom=whom)
        assert answer.status_code == 422
        assert f'value="{who}"' in answer.text
    page = "/safety"
    assert send(contact, "/safety/back", page, **{"back-who": "nobody"}).status_code == 422
    answers = [send(contact, "/safety/back", page, **{"back-who": "me", "back-whom": "Sok Dara"}) for _ in range(2)]
    assert [(one.status_code, one.headers["Location"]) for one in answers] == [(303, "/safety?note=forgotten")] * 2
    assert send(contact, "/safety/back", page, **{"back-who": "me"}).status_code == 303
    assert not kept_from(session_id, me)
