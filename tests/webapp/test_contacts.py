"""Contacts after a meeting: the other's word is read where both said yes and all is opened, and never else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.holding import publish
from tests.webapp.test_clock import BY
from tests.webapp.test_my_rounds import arrange
from tests.webapp.walker import BACK, TOKEN
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import (
    ApartEntry,
    Attendance,
    Contact,
    ContactAnswer,
    Event,
    Feedback,
    HelpPlace,
    Person,
    Run,
    Session,
    StandbyNote,
)
from webapp.operations.meetings import contacts, encounters, feedback
from webapp.views import participant

BEFORE = datetime(2013, 6, 19, 8, 30, tzinfo=UTC)
OPENED = datetime(2013, 6, 19, 10, 0, tzinfo=UTC)
AFTER = datetime(2013, 6, 19, 10, 1, tzinfo=UTC)
WORDS = (None, False, True)
KEY = re.compile(r'name="(?:key|stamp)"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="(?:key|stamp)"')
MINE, THEIRS = "me@here.example", "anna@there.example"


@pytest.fixture
def anna(talks: Session) -> Person:
    return make.person(name="Anna")


@pytest.fixture
def me(talks: Session, anna: Person) -> Person:
    me = make.person(name="Me")
    arrange(me, [anna, None, make.person(name="Cy")], session=talks)
    write(me, MINE)
    write(anna, THEIRS)
    return me


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda moment: monkeypatch.setattr(participant, "now", lambda: moment)


def write(who: Person, text: str) -> None:
    with transaction() as rows:
        rows.merge(Contact(person_id=who.id, text=text, by_desk=False))


def handles(who: Person, now: datetime = BEFORE, slug: str = "talks") -> dict[str, str]:
    """Whom somebody is asked about, by name."""
    event, session = db.session.get_one(Event, 1), db.session.query(Session).filter_by(slug=slug).one()
    found = contacts.exchanges(db.session.get_one(Person, who.id), event, [session], now=now).get(session.id)
    return {one.name: one.handle for own in found.offers.values() for one in own} if found else {}


def say(who: Person, whom: str, *, yes: bool, now: datetime = BEFORE, slug: str = "talks") -> None:
    word = "yes" if yes else "no"
    contacts.answer(slug, handles(who, slug=slug)[whom], said=word, by=Actor(person=who), now=now)


def forget() -> None:
    with transaction() as rows:
        rows.query(ContactAnswer).delete()


def both_say(me: Person, anna: Person, mine: bool | None, hers: bool | None) -> None:
    forget()
    for who, whom, word in ((me, "Anna", mine), (anna, "Me", hers)):
        if word is not None:
            say(who, whom, yes=word)


def pages(mine: FlaskClient) -> str:
    """All that somebody reads, but what differs from one look to the next."""
    answers = [mine.get(path) for path in ("/me", "/me/contacts", "/me/contacts.vcf", "/me/contacts.txt")]
    return "\n".join(BACK.sub("", KEY.sub("", TOKEN.sub("", f"{one.status_code} {one.text}"))) for one in answers)


def told(me: Person, anna: Person, mine: FlaskClient, at: Callable[[datetime], None]) -> list[str]:
    """Where what I read hangs on another's word though it must not, or does not though it must."""
    found = []
    for word, now in product(WORDS, (BEFORE, AFTER)):
        at(now)
        read = {}
        for hers in WORDS:
            both_say(me, anna, word, hers)
            read[hers] = pages(mine)
        mutual = word is True and now == AFTER
        if read[False] != read[None] or (read[True] == read[None]) == mutual:
            found.append(f"{word} {now}")
        if (THEIRS in read[True]) != mutual or any(THEIRS in read[hers] for hers in (False, None)):
            found.append(f"{word} {now}: contact")
    return found


def stored() -> dict[tuple[int, int], bool]:
    db.session.rollback()
    return {(one.person_id, one.partner_id): one.yes for one in db.session.query(ContactAnswer)}


# --- what one reads ---------------------------------------------------------------------------------------------------


def test_what_i_read_hangs_on_another_s_word_where_both_said_yes_and_all_is_opened(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    assert told(me, anna, visitor.participant(me), at) == []


@pytest.mark.parametrize("spoilt", ["opened too soon", "one yes is enough", "a no is told"])
def test_what_tells_too_much_is_noticed(
    visitor: Visitor,
    me: Person,
    anna: Person,
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    spoilt: str,
) -> None:
    mine = visitor.participant(me)
    if spoilt == "opened too soon":
        monkeypatch.setattr(contacts, "exchanged", _too_soon(contacts.exchanged))
    elif spoilt == "one yes is enough":
        monkeypatch.setattr(contacts, "_mutual", _one_sided)
    else:
        monkeypatch.setattr(contacts, "opens_at", lambda session, now: session.ends + timedelta(hours=_noes()))
    assert told(me, anna, mine, at)


def _too_soon(ask: Callable[..., object]) -> Callable[..., object]:
    return lambda person, event, *, now: ask(person, event, now=now + timedelta(hours=9))


def _one_sided(rows: object, person: Person, met: list[encounters.Met]) -> dict[Contact, list[encounters.Met]]:
    theirs = {one.person_id for one in db.session.query(ContactAnswer).filter_by(partner_id=person.id, yes=True)}
    return {db.session.get_one(Contact, one.person_id): [one] for one in met if one.person_id in theirs}


def _noes() -> int:
    return 2 + db.session.query(ContactAnswer).filter_by(yes=False).count()


def _without_lines(anna: Person) -> Contact:
    return db.session.get_one(Contact, anna.id)


@pytest.mark.parametrize(
    "why", ["no", "silence", "wrote nothing", "absent", "not met", "missing"],
)  # fmt: skip
def test_whatever_keeps_two_from_exchanging_reads_alike(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None], why: str
) -> None:
    mine = visitor.participant(me)
    both_say(me, anna, True, None)
    read = []
    for now in (BEFORE, AFTER):
        at(now)
        read.append(pages(mine))
    both_say(me, anna, True, {"no": False, "silence": None}.get(why, True))
    with transaction() as rows:
        (session,) = rows.query(Session).all()
        key = {"session_id": session.id, "person_id": anna.id}
        if why == "wrote nothing":
            rows.delete(rows.get_one(Contact, anna.id))
        elif why == "absent":
            rows.add(Attendance(**key, state="absent", last_round=0))
        elif why == "not met":
            rows.add(Feedback(**key, round_no=1, kind="not_met"))
        elif why == "missing":
            rows.add(StandbyNote(**key, round_no=1, kind="missing", host="x"))
    for now, before in zip((BEFORE, AFTER), read, strict=True):
        at(now)
        assert pages(mine) == before


def test_who_is_deleted_leaves_nothing_with_those_who_had_their_contact(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    at(AFTER)
    mine = visitor.participant(me)
    both_say(me, anna, True, True)
    assert THEIRS in mine.get("/me/contacts").text
    with transaction() as rows:
        rows.delete(rows.get_one(Person, anna.id))
    assert not [word for word in (THEIRS, "Anna") if word in pages(mine)]
    assert db.session.query(ContactAnswer).count() == 0


def test_who_takes_their_own_contact_back_reads_the_other_s_no_more(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    at(AFTER)
    both_say(me, anna, True, True)
    hers, mine = visitor.participant(anna), visitor.participant(me)
    assert MINE in hers.get("/me/contacts").text
    with transaction() as rows:
        rows.delete(rows.get_one(Contact, me.id))
    assert MINE not in hers.get("/me/contacts").text
    assert THEIRS not in mine.get("/me/contacts").text


def test_whom_one_need_not_meet_is_not_felt(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    mine = visitor.participant(me)
    both_say(me, anna, True, True)
    read = []
    for now in (BEFORE, AFTER):
        at(now)
        read.append(pages(mine))
    make.store(ApartEntry(person_id=anna.id, text="Me"))
    for now, before in zip((BEFORE, AFTER), read, strict=True):
        at(now)
        assert pages(mine) == before


# --- when -------------------------------------------------------------------------------------------------------------


def test_all_is_opened_two_hours_after_at_a_full_quarter(talks: Session) -> None:
    assert contacts.opens_at(talks, BEFORE) == datetime(2013, 6, 19, 17, 0)
    with transaction() as rows:
        rows.add(Run(session_id=talks.id, late_minutes=41))
    late = db.session.get_one(Session, talks.id)
    assert contacts.opens_at(late, BEFORE) == datetime(2013, 6, 19, 17, 15)
    assert not contacts.is_opened(late, OPENED)


def test_one_may_change_one_s_mind_until_all_is_opened(me: Person, anna: Person) -> None:
    both_say(me, anna, False, True)
    say(me, "Anna", yes=True, now=OPENED - timedelta(seconds=1))
    assert {(one.person_id, one.yes) for one in db.session.query(ContactAnswer)} == {(me.id, True), (anna.id, True)}
    with pytest.raises(NotNow):
        say(me, "Anna", yes=False, now=OPENED)
    assert db.session.query(ContactAnswer).filter_by(yes=False).count() == 0


def test_nobody_is_asked_before_the_round_is_over(me: Person) -> None:
    round_1 = datetime(2013, 6, 19, 7, 0, tzinfo=UTC)
    assert handles(me, round_1 + timedelta(minutes=5)) == {}
    assert set(handles(me, round_1 + timedelta(minutes=6))) == {"Anna"}
    assert set(handles(me)) == {"Anna", "Cy"}


# --- with whom --------------------------------------------------------------------------------------------------------


def test_one_answers_for_oneself_about_those_one_met(talks: Session, me: Person, anna: Person) -> None:
    stranger = make.person(name="Stranger")
    make.store(stranger)
    about_anna, about_me = handles(me)["Anna"], handles(anna)["Me"]
    assert about_anna != about_me
    for who, handle in ((me, about_me), (stranger, about_anna), (me, ""), (me, anna.public_id)):
        with pytest.raises(NotFound):
            contacts.answer("talks", handle, said="yes", by=Actor(person=who), now=BEFORE)
    for slug, by in (("nowhere", Actor(person=me)), ("talks", BY)):
        with pytest.raises(NotFound):
            contacts.answer(slug, about_anna, said="yes", by=by, now=BEFORE)
    assert db.session.query(ContactAnswer).count() == 0


def test_who_was_away_or_says_they_did_not_meet_is_not_asked(talks: Session, me: Person, anna: Person) -> None:
    feedback.say("talks", 1, "not_met", by=Actor(person=me), now=BEFORE)
    assert set(handles(me)) == {"Cy"}
    assert set(handles(anna)) == {"Me"}, "and the other is not told"
    with transaction() as rows:
        rows.add(Attendance(session_id=talks.id, person_id=me.id, state="late", first_round=4))
    assert handles(me) == {}


def test_what_was_really_held_counts(talks: Session, me: Person, anna: Person) -> None:
    third, sent = make.person(name="Third"), make.person(name="Sent")
    make.store(third, sent)
    with transaction() as rows:
        rows.add(HelpPlace(session_id=talks.id, round_no=1, person_id=third.id, kind="third", table="11"))
        for who in (me, sent):
            rows.add(HelpPlace(session_id=talks.id, round_no=3, person_id=who.id, kind="pair", table="Z"))
        rows.add(HelpPlace(session_id=talks.id, round_no=2, person_id=third.id, kind="staff"))
    assert set(handles(me)) == {"Anna", "Third", "Sent"}
    assert set(handles(third)) == {"Me", "Anna"}
    assert set(handles(sent)) == {"Me"}
    cy = db.session.query(Person).filter_by(name="Cy").one()
    assert handles(cy) == {}


def test_later_versions_change_the_rounds_to_come_alone(talks: Session, me: Person, anna: Person) -> None:
    new = make.person(name="New")
    make.store(new)
    publish(talks, [{"11": [me, anna]}, {}, {"13": [me, new]}])
    assert set(handles(me)) == {"Anna", "New"}


def test_at_a_table_of_several_each_is_asked_about_each(app: Flask, me: Person) -> None:
    people = [make.person(name=name) for name in ("A", "B", "C", "D")]
    circle = make.session(slug="circle", format="circles")
    make.store(circle, *people)
    publish(circle, [{"1": people[:3], "2": people[3:]}, {"1": people[1:]}, {}])
    assert [set(handles(one, slug="circle")) for one in people] == [
        {"B", "C"}, {"A", "C", "D"}, {"A", "B", "D"}, {"B", "C"},
    ]  # fmt: skip


@pytest.mark.parametrize(("preset", "asked"), [("open", True), ("discreet", False)])
def test_visitors_are_asked_about_whom_they_visit_where_both_are_told_of_each_other(
    app: Flask, me: Person, preset: str, asked: bool
) -> None:
    visits = make.session(slug="visits", format="clinics")
    people = [make.person(name=name) for name in ("A", "B", "Doctor")]
    host = make.host(session=visits, person=people[2], name="Dr D")
    outside = make.host(session=visits, name="Outside")
    make.store(visits, *people, host, outside)
    publish(visits, [{"1": people[:1]}, {"1": people[1:2], "2": people[:1]}, {}], hosts={"1": host, "2": outside})
    with transaction() as rows:
        rows.get_one(Event, 1).preset = preset
    found = [set(handles(one, slug="visits")) for one in people]
    assert found == ([{"Dr D"}, {"Dr D"}, {"A", "B"}] if asked else [set(), set(), set()])


# --- two people, from the meeting to the file -------------------------------------------------------------------------


def test_two_people_exchange_contacts(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    mine, hers = visitor.participant(me), visitor.participant(anna)
    at(BEFORE)
    for client, whom in ((mine, "Anna"), (hers, "Me")):
        page = client.get("/me").text
        assert f"Exchange contacts with <bdi>{whom}</bdi>?" in page
        assert "opened together at 17:00" in page
        who = handles(me if client is mine else anna)[whom]
        answer = send(client, "/me/contacts/talks", page="/me", who=who, round="1", say="yes")
        assert answer.headers["Location"] == "/me?note=exchange#talks-1"
        assert "You said: yes." in client.get("/me").text
        assert client.get("/me/contacts.vcf").status_code == 404
    at(AFTER)
    page = mine.get("/me/contacts").text
    assert "all answers were opened at 17:00" in page
    assert "<bdi>Anna</bdi>" in page
    file = mine.get("/me/contacts.vcf")
    assert file.headers["Content-Disposition"] == "attachment; filename=contacts.vcf"
    assert f"EMAIL:{THEIRS}\r\n" in file.text
    assert hers.get("/me/contacts.txt").text == f"Me\r\n{MINE}\r\n"
    assert "Exchange contacts with" not in mine.get("/me").text
    who = handles(me)["Anna"]
    assert send(mine, "/me/contacts/talks", page="/me", who=who, round="1", say="no").status_code == 409


def test_what_is_typed_by_hand_into_the_form_is_refused(
    visitor: Visitor, me: Person, at: Callable[[datetime], None]
) -> None:
    at(BEFORE)
    mine = visitor.participant(me)
    for fields in (
        {},
        {"say": "yes"},
        {"say": "maybe", "who": "x"},
        {"say": "no", "who": "é" * 200},
        {"who": handles(me)["Anna"]},
        {"say": "maybe", "who": handles(me)["Anna"]},
    ):
        assert send(mine, "/me/contacts/talks", page="/me", **fields).status_code == 404
    assert stored() == {}
