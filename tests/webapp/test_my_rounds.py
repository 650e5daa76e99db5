"""My rounds: the published version, seen by the one whom it concerns and nobody else."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_sqlalchemy.record_queries import get_recorded_queries
from icalendar import Calendar

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.exchange.square import square
from webapp.models import (
    Absence,
    Interest,
    Meeting,
    Organisation,
    Person,
    PersonInterest,
    Plan,
    Rest,
    Seat,
)
from webapp.operations.mine import schedule
from webapp.operations.plans.talks import Topic
from webapp.views import participant

LITERAL_QUERIES = 13
NEXT_YEAR = datetime(2014, 6, 19, 7, 0, tzinfo=UTC)
EVE = datetime(2013, 6, 18, 7, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("on_the_eve")


def at_venue(hour: int, minute: int) -> datetime:
    """A moment of the session's day, by the venue's clock (seven hours before universal time)."""
    return datetime(2013, 6, 19, hour, minute, tzinfo=UTC) - timedelta(hours=7)


@pytest.fixture
def topic(app: Flask) -> Interest:
    topic = make.interest(slug="radio", title="Local radio")
    make.store(make.event(), topic)
    return topic


def somebody(topic: Interest, **values: object) -> Person:
    person = make.person(**values)
    person.interests = [PersonInterest(interest=topic, side="seeks")]
    return person


def arrange(
    me: Person, partners: list[Person | None], *, state: str = "published", version: int | None = 1, **values: object
) -> Plan:
    """Store a plan in which `me` meets one partner a round at `tables`, else 11, 12, …; None is a rest."""
    tables, open_from = values.pop("tables", {}), values.pop("open_from", 0)
    session = values.pop("session", None) or make.session(rounds=len(partners), room="Grand Hall", **values)
    make.store(session, me, *[partner for partner in partners if partner])
    with transaction() as rows:
        plan = Plan(session=session, rounds=len(partners), people=211, open_from=open_from)
        rows.add(plan)
        rows.flush()
        for number, partner in enumerate(partners, start=1):
            if partner is None:
                rows.add(Rest(plan_id=plan.id, round_no=number, person_id=me.id, code="odd_number"))
                continue
            reasons = [
                {"code": "offer_meets_need", "points": 5, "topic": "radio", "giver": partner.id, "taker": me.id},
                {"code": "wish", "points": 5, "topic": "donor", "giver": me.id, "taker": partner.id},
            ]
            table = tables.get(number, str(10 + number))
            meeting = Meeting(plan_id=plan.id, round_no=number, table=table, language="fr", reasons=reasons)
            rows.add(meeting)
            rows.flush()
            for place, who in enumerate((me, partner)):
                rows.add(Seat(plan_id=plan.id, round_no=number, person_id=who.id, meeting_id=meeting.id, place=place))
        rows.flush()
        plan.state, plan.version, plan.published_at = state, version, datetime(2013, 6, 19, 5, 0)
    return plan


def look(who: Person, now: datetime = EVE) -> schedule.MyRounds:
    return schedule.rounds_of(Actor(person=who), now=now)


def test_the_event_number_can_be_scanned_from_the_page(topic: Interest, visitor: Visitor) -> None:
    who = somebody(topic)
    make.store(who)
    page = visitor.participant(who).get("/me").text
    assert square(who.number).path in page
    assert f">{who.number}</p>" in page


def test_the_card_tells_all(topic: Interest, visitor: Visitor) -> None:
    me = somebody(topic)
    anna = make.person(name="Anna <b>", organisation=make.organisation(name="Paper Boat Press"))
    arrange(me, [anna])
    page = visitor.participant(me).get("/me").text
    assert "<span>Round</span><b>1</b>" in page
    assert "<span>Table</span><b><bdi>11</bdi></b>" in page
    assert "<bdi>Anna &lt;b&gt;</bdi>" in page
    assert "<bdi>Paper Boat Press</bdi>" in page
    assert "14:00–14:06" in page
    assert "French" in page
    assert "Local radio" in page
    assert "You seek it, and your partner offers it." in page
    assert "Phnom Penh (GMT+07:00)" in page


def test_a_wish_stays_with_its_wisher(topic: Interest) -> None:
    me, anna = somebody(topic), somebody(topic)
    arrange(me, [anna])
    for who, gives in ((me, False), (anna, True)):
        talk = look(who).card.talk
        assert talk.topics == (Topic("Local radio", gives=gives, takes=not gives),)


def test_discreet_shows_a_name_and_no_more(topic: Interest, visitor: Visitor) -> None:
    me, anna = somebody(topic), make.person(name="Anna", organisation=make.organisation(name="Paper Boat Press"))
    arrange(me, [anna])
    client = visitor.participant(me)
    open_page, open_file = client.get("/me").text, client.get("/me/rounds.ics").text
    with transaction():
        schedule._who(Actor(person=me))[1].preset = "discreet"
    page, file = client.get("/me").text, client.get("/me/rounds.ics").text
    assert "Anna" in page
    assert all(word in open_page and word not in page for word in ("Paper Boat Press", "Local radio"))
    assert all(word in open_file and word not in file for word in ("Anna", "Riverside Hotel", "Grand Hall", "French"))
    assert "SUMMARY:Round 1 · table 11" in file


def test_before_anything_is_published(topic: Interest, visitor: Visitor) -> None:
    me = somebody(topic)
    make.store(me, make.session(title="Speed talks"))
    answer = visitor.participant(me).get("/me")
    assert "Your rounds are not published yet." in answer.text
    assert "Speed talks" in answer.text
    assert visitor.participant(me).get("/me/rounds.ics").status_code == 404


def test_only_the_published_version_is_shown(topic: Interest) -> None:
    me, old, new = somebody(topic), somebody(topic, name="Old partner"), somebody(topic, name="New partner")
    first = arrange(me, [old])
    second = arrange(me, [new], state="draft", version=None, session=first.session)
    assert look(me).card.talk.partners[0].name == "Old partner"
    with transaction():
        first.state = "replaced"
    assert look(me).first is None
    with transaction():
        second.state, second.version = "published", 2
    assert look(me).card.talk.partners[0].name == "New partner"


def test_nobody_sees_the_rounds_of_another(topic: Interest, visitor: Visitor) -> None:
    me, anna, stranger = somebody(topic, name="Mine"), somebody(topic, name="Anna"), somebody(topic, name="Stranger")
    arrange(me, [anna])
    make.store(stranger)
    mine, theirs = (visitor.participant(who).get("/me").text for who in (me, stranger))
    assert "Anna" in mine
    assert "Stranger" not in mine
    assert not any(name in theirs for name in ("Anna", "Mine", "Table</span>"))
    assert "You are not in this plan." in theirs


@pytest.mark.parametrize("path", ["/me", "/me/rounds.ics", "/me/profile"])
def test_only_participants_come_in(topic: Interest, visitor: Visitor, app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 303
    assert visitor.staff("organiser").get(path).status_code == 404
    me = somebody(topic)
    arrange(me, [somebody(topic)])
    assert visitor.participant(me).get(path).status_code == 200


def test_a_rest_says_why_and_what_is_next(topic: Interest, visitor: Visitor) -> None:
    me = somebody(topic)
    plan = arrange(me, [somebody(topic), None, somebody(topic)])
    mine = look(me)
    assert [held.code for held in mine.first.rounds] == ["", "odd_number", ""]
    assert (mine.first.rounds[1].people, mine.first.after(2).number) == (1, 3)
    text = visitor.participant(me).get("/me").text
    assert "Round 2: free (1 person does not split in pairs)." in text
    assert "Next: round 3, table <bdi>13</bdi>." in text
    assert plan.people == 211


def test_away_and_late_are_told_apart(topic: Interest) -> None:
    me = somebody(topic)
    partner = somebody(topic)
    me.absences = [Absence(starts=make.START + timedelta(minutes=8), ends=make.START + timedelta(minutes=16))]
    session = make.session(rounds=3)
    arrange(me, [partner], session=session)
    with transaction():
        session.rounds = 3
        db.session.query(Plan).one().rounds = 3
    assert [held.code for held in look(me).first.rounds] == ["", "away", "no_seat"]


def test_the_page_reads_the_clock(topic: Interest, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    me = somebody(topic)
    arrange(me, [somebody(topic), somebody(topic)])
    client = visitor.participant(me)
    for moment, number, word in ((at_venue(14, 1), 1, "Now"), (at_venue(14, 7), 2, "Next")):
        monkeypatch.setattr(participant, "now", lambda moment=moment: moment)
        page = client.get("/me").text
        assert f"<span>Round</span><b>{number}</b>" in page
        assert f">{word}</span>" in page


def test_programme_shows_what_one_may_attend(topic: Interest, visitor: Visitor) -> None:
    africa = make.region(title="Africa")
    make.store(
        make.session(title="For members", format="plain", rounds=0, audience="members"),
        make.session(title="For everybody", format="plain", rounds=0),
        make.session(title="For the region", format="plain", rounds=0, audience="region", audience_region=africa),
    )
    guest, member = somebody(topic), somebody(topic, role="member")
    member.regions = [africa]
    make.store(guest, member)
    for who, titles in ((guest, {"For everybody"}), (member, {"For everybody", "For members", "For the region"})):
        assert {session.title for _day, held in look(who).programme for session in held} == titles
    assert "For members" not in visitor.participant(guest).get("/me").text


def test_an_empty_profile_is_led_to_the_form(topic: Interest, visitor: Visitor) -> None:
    empty, full = make.person(), somebody(topic)
    make.store(empty, full)
    assert "Start with your profile" in visitor.participant(empty).get("/me").text
    assert "Start with your profile" not in visitor.participant(full).get("/me").text


def test_a_partner_who_was_deleted_leaves_a_calm_page(
    topic: Interest, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, gone = somebody(topic), somebody(topic, name="Gone")
    arrange(me, [gone])
    with transaction() as rows:
        rows.delete(gone)
    client = visitor.participant(me)
    for moment, said in ((EVE, "Round 1: free."), (NEXT_YEAR, "Round 1 · table")):
        monkeypatch.setattr(participant, "now", lambda at=moment: at)
        page = client.get("/me")
        assert page.status_code == 200
        assert "Gone" not in page.text
        assert said in page.text
    assert client.get("/me/rounds.ics").status_code == 200


def test_calendar_has_one_entry_a_meeting(topic: Interest, visitor: Visitor) -> None:
    me = somebody(topic)
    anna = make.person(name="Anna", organisation=make.organisation(name="Paper Boat Press"))
    plan = arrange(me, [anna, None, somebody(topic)])
    answer = visitor.participant(me).get("/me/rounds.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=rounds.ics"
    first, second = Calendar.from_ical(answer.data).walk("VEVENT")
    assert first["DTSTART"].dt == make.START.replace(tzinfo=plan.session.event.zone)
    assert second["DTSTART"].dt - first["DTSTART"].dt == timedelta(minutes=16)
    assert "\u2068Anna\u2069" in first["SUMMARY"]
    assert first["UID"] != second["UID"]


def test_an_entry_keeps_its_name_through_versions(topic: Interest) -> None:
    me = somebody(topic)
    first = arrange(me, [somebody(topic)])
    before = schedule.calendar_of(Actor(person=me))
    with transaction():
        first.state = "replaced"
    arrange(me, [somebody(topic)], session=first.session, version=2)
    after = schedule.calendar_of(Actor(person=me))
    assert [entry.key for entry in before] == [entry.key for entry in after]
    assert [entry.version for entry in (*before, *after)] == [1, 2]
    assert me.public_id not in before[0].key


def test_pages_take_the_same_queries_however_long_the_day(topic: Interest) -> None:
    counts = {}
    for meetings in (1, 3):
        me = somebody(topic)
        partners = [somebody(topic, organisation=Organisation(name=f"Org {meetings}-{at}")) for at in range(meetings)]
        arrange(me, partners)
        held = me.id
        db.session.remove()
        who = Actor(person=db.session.get(Person, held))
        before = len(get_recorded_queries())
        mine = schedule.rounds_of(who, now=NEXT_YEAR)
        assert max(len(timed.talks) for timed in (mine.first, *mine.others)) == meetings
        counts[meetings] = len(get_recorded_queries()) - before
    assert counts == {1: LITERAL_QUERIES, 3: LITERAL_QUERIES}


def test_the_page_before_the_day_shows_the_first_round_and_the_others(topic: Interest, visitor: Visitor) -> None:
    me = somebody(topic)
    arrange(me, [somebody(topic) for _ in range(3)])
    page = visitor.participant(me).get("/me").text
    assert "<span>Round</span><b>1</b>" in page
    assert all(f"Round {number} · table" in page for number in (2, 3))
    assert "The other rounds" in page


def test_a_name_in_another_script_comes_with_its_latin_spelling(app: Flask) -> None:
    spelled = {
        "علي العصفور": "Ali al-Asfoor",
        "Andrés Murillo": "",
        "Михаил Орлов": "Mikhail Orlov",
        "Zoë": "",
    }
    for name, spelling in spelled.items():
        assert make.person(name=name, latin=spelling or "Andres").spelling == spelling


def told_of_changes(me: Person, visitor: Visitor, path: str = "/me") -> str:
    """What a page or file says has changed."""
    text = visitor.participant(me).get(path).text
    start = text.find("Changed in version B")
    return " ".join(re.sub(r"<[^>]+>", " ", text[start : text.find("</details>", start)]).split()) if start >= 0 else ""


@pytest.mark.parametrize("open_from", [1, 0])
def test_a_new_version_says_what_it_changed_for_me(topic: Interest, visitor: Visitor, open_from: int) -> None:
    me, other = somebody(topic), somebody(topic)
    first = arrange(me, [other, None, somebody(topic), somebody(topic)])
    with transaction():
        first.state = "replaced"
    after = [None, somebody(topic), other, somebody(topic)]
    arrange(me, after, session=first.session, version=2, tables={3: "31"}, open_from=open_from)
    said = told_of_changes(me, visitor)
    assert said == told_of_changes(me, visitor, "/me/day.html")
    if open_from:
        assert "Round 1 is free now, no longer at table 11 ." in said
        assert "Round 2 is at table 12 now; before it was free." in said
        assert "Round 3 is at table 31 now, no longer at table 13 ." in said
        assert "Round 4" not in said
    else:
        assert "All rounds were planned anew." in said
        assert "Round" not in said
    assert "An older card is wrong" in said or "an older card is wrong" in said


@pytest.mark.parametrize("open_from", [1, 0])
def test_a_new_version_says_nothing_where_my_tables_stay(topic: Interest, visitor: Visitor, open_from: int) -> None:
    me = somebody(topic)
    first = arrange(me, [somebody(topic), None])
    with transaction():
        first.state = "replaced"
    arrange(me, [somebody(topic), None], session=first.session, version=2, open_from=open_from)
    assert told_of_changes(me, visitor) == ""
    assert "version B" in visitor.participant(me).get("/me").text
