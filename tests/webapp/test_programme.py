"""The event, its sessions and their tables: what may be set up, and what stays as it is."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.webapp import factories as make
from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import Event, Interest, Meeting, Person, PersonInterest, Plan, Region, Seat, Session, Staff, Table
from webapp.operations.deletion import purge
from webapp.operations.event import interests, programme, retention
from webapp.operations.event.programme import EventValues, SessionValues
from webapp.operations.event.tables import TableRange, as_range, in_words, read_names, read_range, tables_needed
from webapp.operations.plans import readiness

OFFICE = Actor(staff=Staff(name="office", role="organiser"))
DESK = Actor(staff=Staff(name="desk", role="facilitator"))
START = datetime(2013, 6, 19, 14, 0)


def event_values(**changes: Any) -> EventValues:
    return EventValues(
        **{
            "title": "Spring Gathering", "venue": "Riverside Hotel", "time_zone": "Asia/Phnom_Penh",
            "starts_on": date(2013, 6, 17), "ends_on": date(2013, 6, 20), "delete_on": date(2013, 6, 27),
            "preset": "open", "working_languages": ("en", "fr"), "host_language": "km", **changes,
        }
    )  # fmt: skip


def session_values(**changes: Any) -> SessionValues:
    return SessionValues(
        **{
            "title": "Speed Dating", "summary": "", "format": "pairs", "room": "Grand Hall", "starts": START,
            "ends": START + timedelta(hours=1), "audience": "everybody", "region": None, "rounds": 7,
            "round_minutes": 6, "change_minutes": 2, "break_after": (), "break_minutes": 15, "must_attend": False,
            "limit": None, "size": 4, "move": "each", "same_organisation": "apart", "shared_language": True,
            "regions": "mix", "tables": ("1A", "1B"), **changes,
        }
    )  # fmt: skip


def test_a_time_zone_that_would_delete_everything_at_once_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme.save_event(event_values(), by=OFFICE)
    # the evening of the 26th at the venue, and the 27th already where the sun rises first
    monkeypatch.setattr(retention, "utc_now", lambda: datetime(2013, 6, 26, 12, 0))
    with pytest.raises(BadInput, match="has come already"):
        programme.save_event(event_values(time_zone="Pacific/Kiritimati"), by=OFFICE)
    assert not purge.is_due()
    programme.save_event(event_values(time_zone="Asia/Bangkok"), by=OFFICE)
    assert db.session.get_one(Event, 1).time_zone == "Asia/Bangkok"


def tables_of(slug: str) -> list[tuple[str, int, str]]:
    return [(table.name, table.position, table.zone) for table in programme.session_called(slug).tables]


def plan(session: Session, *people: Person, state: str = "published") -> None:
    """Keep a plan of one round in which the people sit at table 1A."""
    with transaction() as rows:
        row = Plan(session_id=session.id, rounds=1, people=len(people))
        meeting = Meeting(round_no=1, table="1A")
        row.meetings = [meeting]
        rows.add(row)
        rows.flush()
        for at, one in enumerate(people):
            rows.add(Seat(plan_id=row.id, round_no=1, person_id=one.id, meeting_id=meeting.id, place=at))
        rows.flush()
        if state == "published":
            row.state, row.version = "published", 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (TableRange(1, 27, "ABCD").names, "1–27 × A–D"),
        (TableRange(3, 5).names, "3–5"),
        (TableRange(2, 3, "AC").names, "2–3 × AC"),
        (["1", "2", "4"], "1, 2, 4"),
        (["1A", "1B", "2A"], "1A, 1B, 2A"),
        (["Garden", "Terrace"], "Garden, Terrace"),
        ([], ""),
    ],
)
def test_tables_are_told_as_short_as_can_be(names: list[str], words: str) -> None:
    assert in_words(names) == words
    found = as_range(names)
    assert found is None or found.names == names


@pytest.mark.parametrize(
    ("letters", "read"),
    [("A–D", "ABCD"), ("a-d", "ABCD"), ("ABCD", "ABCD"), ("A, C", "AC"), ("", "")],
)
def test_places_are_read_as_people_write_them(app: Flask, letters: str, read: str) -> None:
    assert read_range(1, 2, letters) == TableRange(1, 2, read)


@pytest.mark.parametrize(
    ("first", "last", "letters", "field"),
    [(5, 4, "", "last_table"), (1, 2, "AA", "letters"), (1, 2, "É", "letters"), (1, 2, ";", "letters"),
     (1, 2000, "AB", "last_table")],
)  # fmt: skip
def test_a_range_that_cannot_be_is_refused(app: Flask, first: int, last: int, letters: str, field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_range(first, last, letters)
    assert refusal.value.field == field


def test_a_list_of_tables_keeps_its_order_and_refuses_doubles(app: Flask) -> None:
    assert read_names("Garden, Terrace\r\n7؛ 3") == ["Garden", "Terrace", "7", "3"]
    assert read_names("Garden،Terrace") == ["Garden", "Terrace"]
    with pytest.raises(BadInput, match="Garden"):
        read_names("Garden, Terrace, Garden")
    with pytest.raises(BadInput, match="longer"):
        read_names("x" * 21)


@pytest.mark.parametrize(
    ("kind", "people", "needed"), [("pairs", 213, 106), ("pairs", 1, 0), ("circles", 9, 3), ("clinics", 50, 0)]
)
def test_how_many_tables_people_need(kind: str, people: int, needed: int) -> None:
    assert tables_needed(kind, people) == needed
    assert tables_needed("circles", 13, 6) == 3


def test_only_organisers_set_up_an_event(app: Flask) -> None:
    for by in (NOBODY, DESK, Actor(person=make.person())):
        with pytest.raises(NotFound):
            programme.save_event(event_values(), by=by)
    assert programme.the_event() is None


def test_a_new_event_brings_the_usual_regions_once(app: Flask) -> None:
    programme.save_event(event_values(), by=OFFICE)
    titles = [region.title for region in programme.regions()]
    assert "Africa" in titles
    programme.save_event(event_values(title="Autumn Gathering"), by=OFFICE)
    assert [region.title for region in programme.regions()] == titles
    event = programme.the_event()
    assert event is not None
    assert (event.title, event.working_languages, event.host_language) == ("Autumn Gathering", ["en", "fr"], "km")


def test_a_session_gets_its_slug_from_the_title_and_keeps_it(app: Flask) -> None:
    make.store(make.event())
    slug = programme.add_session(session_values(title="Été: Café & 'Clicktivism'"), by=OFFICE)
    assert slug == "ete-cafe-clicktivism"
    programme.change_session(slug, session_values(title="Another name"), by=OFFICE)
    assert programme.session_called(slug).title == "Another name"


def test_titles_without_latin_letters_and_reserved_words_get_a_slug_too(app: Flask) -> None:
    make.store(make.event())
    slugs = [programme.add_session(session_values(title=title), by=OFFICE) for title in ("ការជួបជុំ", "اجتماع", "New")]
    assert slugs == ["session", "session-2", "new-2"]


def test_a_double_tap_adds_no_second_session(app: Flask) -> None:
    make.store(make.event())
    programme.add_session(session_values(), by=OFFICE)
    with pytest.raises(BadInput) as refusal:
        programme.add_session(session_values(title="speed  dating"), by=OFFICE)
    assert refusal.value.field == "title"
    assert db.session.query(Session).count() == 1


def test_tables_that_stay_keep_their_part_of_the_room(app: Flask) -> None:
    zoned = [Table(name="1A", position=1, zone="Garden"), Table(name="1B", position=2, zone="River")]
    make.store(make.event(), make.session(slug="walk", tables=zoned))
    programme.change_session("walk", session_values(tables=("1B", "2A", "1A")), by=OFFICE)
    assert tables_of("walk") == [("1B", 1, "River"), ("2A", 2, ""), ("1A", 3, "Garden")]


def test_an_audience_of_a_region_needs_the_region(app: Flask) -> None:
    make.store(make.event(), make.region(slug="africa"))
    slug = programme.add_session(session_values(audience="region", region="africa"), by=OFFICE)
    assert programme.session_called(slug).audience_region.slug == "africa"
    with pytest.raises(BadInput) as refusal:
        programme.change_session(slug, session_values(audience="region", region="atlantis"), by=OFFICE)
    assert refusal.value.field == "audience"


def test_who_may_come_follows_from_the_audience(app: Flask) -> None:
    africa = make.region(slug="africa")
    one, two, three = make.person(role="member"), make.person(role="donor", regions=[africa]), make.person()
    sessions = [
        make.session(slug="all"), make.session(slug="members", audience="members"),
        make.session(slug="africa", audience="region", audience_region=africa),
    ]  # fmt: skip
    make.store(make.event(), one, two, three, *sessions)
    may_come = programme.audiences(programme.sessions(), programme.everybody())
    assert may_come == {
        "all": {one.id, two.id, three.id},
        "members": {one.id},
        "africa": {two.id},
    }


def test_a_published_version_stays_whatever_changes(app: Flask) -> None:
    one, two = make.person(), make.person()
    session = make.session(slug="walk", tables=make.tables("1A", "1B"))
    make.store(make.event(), one, two, session)
    plan(session, one, two)
    programme.change_session("walk", session_values(rounds=5, tables=("7", "8")), by=OFFICE)
    kept = db.session.query(Plan).one()
    assert (kept.version, kept.rounds, [meeting.table for meeting in kept.meetings]) == (1, 1, ["1A"])
    assert {seat.person_id for seat in kept.meetings[0].seats} == {one.id, two.id}
    assert [name for name, *_ in tables_of("walk")] == ["7", "8"]
    assert programme.published_versions() == {"walk": "A"}


def test_the_format_of_a_published_session_stays(app: Flask) -> None:
    session = make.session(slug="walk")
    make.store(make.event(), session)
    plan(session)
    with pytest.raises(BadInput) as refusal:
        programme.change_session("walk", session_values(format="plain", rounds=0), by=OFFICE)
    assert refusal.value.field == "format"
    assert programme.session_called("walk").format == "pairs"


@pytest.mark.parametrize(("change", "kept"), [({"room": "Lotus Room"}, 1), ({"rounds": 6}, 0), ({"tables": ()}, 0)])
def test_a_draft_made_for_other_rules_is_thrown_away(app: Flask, change: dict[str, Any], kept: int) -> None:
    make.store(make.event())
    slug = programme.add_session(session_values(), by=OFFICE)
    plan(programme.session_called(slug), state="draft")
    assert programme.has_draft(programme.session_called(slug))
    programme.change_session(slug, replace(session_values(), **change), by=OFFICE)
    assert db.session.query(Plan).count() == kept


def test_a_published_session_is_not_removed_but_a_draft_goes_with_its_session(app: Flask) -> None:
    kept, gone = make.session(slug="kept"), make.session(slug="gone", tables=make.tables("1"))
    make.store(make.event(), kept, gone)
    plan(kept)
    plan(gone, state="draft")
    with pytest.raises(NotNow, match="published"):
        programme.remove_session("kept", by=OFFICE)
    programme.remove_session("gone", by=OFFICE)
    assert [session.slug for session in programme.sessions()] == ["kept"]
    assert db.session.query(Table).count() == 0
    assert db.session.query(Plan).count() == 1


def test_interests_are_added_renamed_and_retired(app: Flask) -> None:
    slug = interests.add_interest("Safety", "Digital security", by=OFFICE)
    interests.add_interest("Safety", "Privacy", by=OFFICE)
    interests.rename_interest(slug, "Safety first", "Security online", by=OFFICE)
    interests.retire_interest("privacy", retired=True, by=OFFICE)
    assert {heading: [(one.interest.title, one.interest.retired) for one in listed]
            for heading, listed in interests.by_heading().items()} == {
        "Safety first": [("Security online", False)], "Safety": [("Privacy", True)],
    }  # fmt: skip
    with pytest.raises(BadInput, match="Safety first"):
        interests.add_interest("Other", "security ONLINE", by=OFFICE)


def test_an_interest_in_use_is_never_removed(app: Flask) -> None:
    topic, idle = make.interest(slug="privacy"), make.interest(slug="idle")
    make.store(topic, idle, make.person(interests=[PersonInterest(interest=topic, side="seeks")]))
    with pytest.raises(NotNow, match="Retire"):
        interests.remove_interest("privacy", by=OFFICE)
    interests.remove_interest("idle", by=OFFICE)
    assert [row.slug for row in db.session.query(Interest)] == ["privacy"]


def points() -> dict[str, bool]:
    return {point.code: point.done for point in readiness.checklist()}


def test_an_empty_house_lacks_everything(app: Flask) -> None:
    assert points() == {"event": False, "interests": False, "people": False, "sessions": False}


def test_a_house_that_is_ready_lacks_nothing(app: Flask) -> None:
    topic = make.interest()
    people = [make.person(interests=[PersonInterest(interest=topic, side="offers")]) for _ in range(2)]
    make.store(make.event(), make.session(tables=make.tables("1")), *people)
    assert all(point.done for point in readiness.checklist())


def test_what_people_and_tables_lack_is_told_with_numbers(app: Flask) -> None:
    region = make.region()
    crowded = make.session(tables=make.tables("1"))
    circle = make.session(format="circles", audience="region", audience_region=region)
    stray = make.session(format="plain", rounds=0, starts=START + timedelta(days=9), ends=START + timedelta(days=10))
    people = [make.person(languages=()), make.person(regions=[region]), *(make.person() for _ in range(3))]
    make.store(make.event(), crowded, circle, stray, *people)
    missing = [point for point in readiness.checklist() if not point.done]
    told = [(point.code, point.count, point.needed, point.session and point.session.slug) for point in missing]
    assert told == [
        ("interests", 0, 0, None),
        ("profile", 5, 0, None),
        ("language", 1, 0, None),
        ("outside", 0, 0, stray.slug),
        ("tables", 5, 2, crowded.slug),
        ("tables", 1, 1, circle.slug),
        ("overlap", 1, 0, crowded.slug),
    ]


def test_sessions_one_after_the_other_do_not_overlap(app: Flask) -> None:
    first = make.session()
    second = make.session(starts=first.ends, ends=first.ends + timedelta(hours=1))
    make.store(make.event(), first, second, make.person())
    assert "overlap" not in points()


@pytest.mark.parametrize("must", [False, True])
def test_a_plain_session_clashes_only_where_it_must_be_attended(app: Flask, must: bool) -> None:
    talk = make.session(format="plain", rounds=0, must_attend=must, audience="members")
    also = make.session(format="plain", rounds=0, must_attend=must)
    held = make.session()
    make.store(make.event(), talk, also, held, make.person(role="member"), make.person(role="guest"))
    clashes = {
        (point.code, point.count, point.session.slug, point.other.slug)
        for point in readiness.checklist()
        if point.session and point.other
    }
    missed = {("missed", 1, held.slug, talk.slug), ("missed", 2, held.slug, also.slug)}
    assert clashes == (missed | {("overlap", 1, talk.slug, also.slug)} if must else set())


def test_the_house_holds_one_event_and_known_regions(app: Flask) -> None:
    make.store(make.region(slug="north"))
    programme.save_event(event_values(), by=OFFICE)
    assert db.session.query(Event).count() == 1
    assert [row.slug for row in db.session.query(Region)] == ["north"]
