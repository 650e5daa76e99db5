"""Numbers for a donor: what was held and whom it reached, counted so that nobody can be recognised."""

import io
import re
from datetime import UTC, datetime

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask_sqlalchemy.record_queries import get_recorded_queries
from sqlalchemy import select

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.holding import publish
from tests.webapp.test_clock import MINUTE, OPENS
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import (
    Attendance,
    Feedback,
    HelpPlace,
    Host,
    Person,
    Region,
    RegionCountry,
    Session,
    Staff,
    StandbyNote,
    Translation,
    Wish,
)
from webapp.operations.figures import numbers, numbers_told
from webapp.operations.figures.numbers import Numbers, Place
from webapp.operations.figures.small_counts import STEP, Share
from webapp.operations.files import exporting
from webapp.operations.meetings.held import Held, held_meetings

BY = Actor(staff=Staff(name="olga", role="organiser"))
LITERAL_QUERIES = 24
LATER = datetime(2014, 6, 19, 7, 0, tzinfo=UTC)


@pytest.fixture
def talks(app: Flask) -> Session:
    session = make.session(slug="talks", title="Talks", rounds=2)
    make.store(make.event(), session)
    return session


def guests(count: int, **values: object) -> list[Person]:
    found = [make.person(**values) for _ in range(count)]
    make.store(*found)
    return found


def pairs(people: list[Person], start: int = 1) -> dict[str, list[Person]]:
    """Each two of them at a table."""
    return {str(start + at): people[2 * at : 2 * at + 2] for at in range(len(people) // 2)}


def held(now: datetime = LATER) -> list[Held]:
    db.session.rollback()
    return held_meetings(db.session(), now=now)


def told(now: datetime = LATER) -> Numbers:
    db.session.rollback()
    return numbers.numbers(by=BY, now=now)


def note(*rows: object) -> None:
    make.store(*rows)


# --- what was held ----------------------------------------------------------------------------------------------------


def test_meetings_count_from_a_minute_of_their_round_on(talks: Session) -> None:
    publish(talks, [pairs(guests(4)), pairs(guests(2))])
    assert [len(held(moment)) for moment in (OPENS, OPENS + MINUTE, OPENS + 8 * MINUTE, LATER)] == [0, 2, 2, 3]


def test_whoever_is_absent_or_says_that_they_did_not_meet_was_not_there(talks: Session) -> None:
    a, b, c, d, e, f, g, h = guests(8)
    publish(talks, [{"1": (a, b), "2": (c, d), "3": (e, f, g)}, {"1": (a, b), "2": (c, d), "3": (g, h)}])
    note(
        Attendance(session_id=talks.id, person_id=a.id, state="absent", last_round=1),
        Feedback(session_id=talks.id, round_no=2, person_id=d.id, kind="not_met"),
        Feedback(session_id=talks.id, round_no=1, person_id=e.id, kind="not_met"),
        Feedback(session_id=talks.id, round_no=2, person_id=g.id, kind="not_useful"),
        Attendance(session_id=talks.id, person_id=h.id, state="late", first_round=2),
    )
    there = {(one.number, frozenset(one.guests)) for one in held()}
    both = {(1, frozenset((a.id, b.id))), (1, frozenset((c.id, d.id)))}
    assert there == both | {(1, frozenset((f.id, g.id))), (2, frozenset((g.id, h.id)))}


def test_a_visit_needs_a_visitor_and_whom_they_visit(talks: Session) -> None:
    a, b, c, known = guests(4)
    hosts = {"A": make.host(session=talks), "B": make.host(session=talks, gone_from=2),
             "C": make.host(session=talks, person=known)}  # fmt: skip
    make.store(*hosts.values())
    publish(talks, [{"A": (a,), "B": (b,), "C": (c,)}] * 2, hosts=hosts)
    note(
        StandbyNote(session_id=talks.id, round_no=1, person_id=a.id, host=hosts["A"].public_id, kind="missing"),
        Feedback(session_id=talks.id, round_no=2, person_id=known.id, kind="not_met"),
    )
    found = {(one.number, one.host): one for one in held()}
    names = {table: host.public_id for table, host in hosts.items()}
    assert found.keys() == {(1, names["B"]), (1, names["C"]), (2, names["A"])}
    assert found[1, names["C"]].contacts == [(c.id, known.id)]
    assert found[1, names["C"]].people == {c.id, known.id}
    assert found[1, names["B"]].contacts == []
    note(HelpPlace(session_id=talks.id, round_no=1, person_id=b.id, kind="visit", table="A", host=names["A"]))
    found = {(one.number, one.host): one for one in held()}
    assert found[1, names["A"]].guests == {b.id}
    assert (1, names["B"]) not in found
    note(HelpPlace(session_id=talks.id, round_no=2, person_id=c.id, kind="visit", table="Z", host=names["A"]))
    assert [one.guests for one in held() if one.number == 2 and c.id in one.guests] == [{c.id}]


def test_whom_the_help_point_sent_counts_there_and_not_where_they_were_planned(talks: Session) -> None:
    a, b, c, d, e, f = guests(6)
    publish(talks, [{"1": (a, b), "2": (c, d)}, {"1": (a, b)}])
    note(
        Attendance(session_id=talks.id, person_id=b.id, state="absent", last_round=0),
        HelpPlace(session_id=talks.id, round_no=1, person_id=a.id, kind="third", table="2"),
        HelpPlace(session_id=talks.id, round_no=2, person_id=a.id, kind="staff"),
        *(HelpPlace(session_id=talks.id, round_no=1, person_id=one.id, kind="pair", table="9") for one in (e, f)),
    )
    assert sorted(sorted(one.guests) for one in held()) == [sorted((a.id, c.id, d.id)), sorted((e.id, f.id))]


# --- what is told -----------------------------------------------------------------------------------------------------


def test_before_anything_was_held_the_page_says_so(visitor: Visitor, talks: Session) -> None:
    office = visitor.staff("organiser")
    assert "Nothing has been held yet" in office.get("/office/numbers").text
    publish(talks, [pairs(guests(4)), {}])
    assert "Fewer than 5 people have met so far" in office.get("/office/numbers").text
    assert "Nothing has been held yet" not in office.get("/office/export/numbers.csv").text
    with transaction() as rows:
        rows.delete(rows.get(Session, talks.id))
    for ending in ("csv", "xlsx", "pdf"):
        assert office.get(f"/office/export/numbers.{ending}").status_code == 200


def test_the_numbers_are_for_organisers(app: Flask) -> None:
    for role in ("facilitator", "helper"):
        with pytest.raises(NotFound):
            numbers.numbers(by=Actor(staff=Staff(name="x", role=role)))


def gathering(talks: Session) -> list[Person]:
    """Twenty-eight people: 12 from Cambodia, 6 from Kenya, 6 from Ghana, 3 from Peru, one who did not say."""
    regions = [
        Region(slug=slug, title=title, countries=[RegionCountry(country=code) for code in codes])
        for slug, title, codes in (("asia", "Asia", ("KH", "TH")), ("africa", "Africa", ("KE", "GH")),
                                   ("america", "America", ("PE",)))
    ]  # fmt: skip
    make.store(*regions)
    people = [
        *guests(12, country="KH", role="member"), *guests(6, country="KE", role="donor"),
        *guests(6, country="GH", role="donor"), *guests(3, country="PE"), *guests(1),
    ]  # fmt: skip
    publish(talks, [pairs(people), pairs(people[1:-1])], language="fr")
    return people


def test_small_countries_and_regions_are_told_with_others(talks: Session) -> None:
    gathering(talks)
    found = told()
    assert found.places == (
        Place("africa", 10, (("GH", 5), ("KE", 5))),
        # four from Peru and nowhere are too few, and take another region with them
        Place(None, 15, ()),
    )
    assert found.roles == (("donor", 10), (None, 15))
    assert (found.people, found.meetings, found.countries, found.regions) == (25, 25, 4, 3)
    assert found.spoken == (("fr", 25),)


def test_pairs_of_regions_and_countries_are_those_that_met(talks: Session) -> None:
    people = gathering(talks)
    met = {frozenset(pair) for one in held() for pair in one.contacts}
    by_id = {one.id: one.country for one in people}
    expected = {frozenset(by_id[one] for one in pair) for pair in met}
    found = told()
    assert found.country_pairs == len([pair for pair in expected if len(pair) == 2 and None not in pair])
    assert sum(count for _pair, count in found.met) <= len(met)
    assert found.across == Share("few") or found.across is None or found.across.percent % 5 == 0


def test_wishes_and_feedback_are_told_as_shares_where_both_sides_are_large_enough(talks: Session) -> None:
    people = guests(24)
    with transaction() as rows:
        rows.add_all(Wish(person_id=one.id, role="donor") for one in people[:20])
    reasons = [{"code": "wish", "points": 1, "topic": "donor", "giver": None, "taker": one.id} for one in people[:14]]
    publish(talks, [pairs(people), {}], reasons=reasons)
    note(
        *(_said(talks, one, "useful") for one in people[:12]),
        *(_said(talks, one, "not_useful") for one in people[12:15]),
    )
    found = told()
    assert (found.granted, found.wishers) == (Share("about", 70), 20)
    assert (found.useful, found.answered) == (Share("most"), 15)
    note(*(_said(talks, one, "not_useful") for one in people[15:18]), _said(talks, people[18], "not_met"))
    assert (told().useful, told().answered) == (Share("about", 65), 15)


def _said(talks: Session, who: Person, kind: str) -> Feedback:
    return Feedback(session_id=talks.id, round_no=1, person_id=who.id, kind=kind)


def test_a_session_too_small_is_told_with_another(talks: Session) -> None:
    people = guests(24)
    large = make.session(title="Large", rounds=1)
    make.store(large)
    publish(talks, [pairs(people[:4]), {}])
    publish(large, [pairs(people[4:])])
    assert [(one.title, one.meetings) for one in told().sessions] == [("", 10)]
    third = make.session(title="Third", rounds=1)
    make.store(third)
    publish(third, [pairs(people)])
    assert [(one.title, one.meetings) for one in told().sessions] == [("Large", 10), ("", 10)]


def test_the_share_of_one_session_is_not_told_where_the_others_would_follow_from_it(talks: Session) -> None:
    people = guests(40)
    second = make.session(title="Second", rounds=1)
    make.store(second)
    publish(talks, [pairs(people[:20]), {}])
    publish(second, [pairs(people[20:])])
    note(*(_said(talks, one, ("useful", "not_useful")[at % 2]) for at, one in enumerate(people[:20])))
    assert [one.useful for one in told().sessions] == [Share("about", 50), None]
    note(*(_said(second, one, "useful") for one in people[20:23]))
    assert [one.useful for one in told().sessions] == [None, None]


def test_every_count_of_people_in_every_file_is_rounded(talks: Session) -> None:
    gathering(talks)
    rows = numbers_told.told_numbers(by=BY, now=LATER)
    counts = [cell for group in rows.groups for row in group.rows for cell in row.cells if cell.isdecimal()]
    assert len(counts) > 6
    assert all(int(cell) and int(cell) % STEP == 0 for cell in counts)


def test_however_many_sessions_there_are_the_database_is_asked_as_often(talks: Session) -> None:
    people, asked = guests(12), []
    for at in range(3):
        session = talks if at == 0 else make.session(rounds=1)
        make.store(session)
        publish(session, [pairs(people)] + [{}] * (session.rounds - 1))
        before = len(get_recorded_queries())
        assert len(told().sessions) == at + 1
        asked.append(len(get_recorded_queries()) - before)
    assert max(asked) <= LITERAL_QUERIES
    assert asked[1] == asked[2]


# --- the files --------------------------------------------------------------------------------------------------------


def test_no_person_and_no_organisation_is_in_any_of_it(visitor: Visitor, talks: Session) -> None:
    people = gathering(talks)
    with transaction() as rows:
        for at, one in enumerate(rows.query(Person)):
            one.name, one.latin, one.number = f"Quillon{at}", f"Zephyra{at}", str(771000 + at)
            one.organisation = make.organisation(name=f"Xylem{at}")
        rows.add_all(Host(session_id=talks.id, name=f"Quillon9{at}", table=f"S{at}") for at in range(2))
    office = visitor.staff("organiser")
    page = office.get("/office/numbers").text
    book = openpyxl.load_workbook(io.BytesIO(office.get("/office/export/numbers.xlsx").data))
    cells = " ".join(str(cell.value) for row in book.active.iter_rows() for cell in row)
    pdf = office.get("/office/export/numbers.pdf?paper=letter")
    printed = "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(pdf.data))
    for text in (page, cells, printed, office.get("/office/export/numbers.csv").text):
        assert "Meetings held" in text
        assert not re.search(r"Quillon|Zephyra|Xylem|771\d\d\d", text)
    assert len(people) == 28
    assert office.get("/office/export/numbers.pdf?paper=a9").status_code == 400


def test_the_page_and_the_files_tell_the_same(visitor: Visitor, talks: Session) -> None:
    gathering(talks)
    office = visitor.staff("organiser")
    page = office.get("/office/numbers").text
    ledger = exporting.file_of("numbers", "csv", by=BY).decode("utf-8-sig")
    figures = {cell for group in numbers_told.told_numbers(by=BY).groups for row in group.rows for cell in row.cells}
    for figure in figures - {"–"}:
        assert f">{figure}<" in page
        assert f'"{figure}"' in ledger


def test_the_organiser_s_own_words_stand_in_the_language_of_the_page(visitor: Visitor, talks: Session) -> None:
    gathering(talks)
    known = dict(db.session.execute(select(Region.title, Region.slug)).all())
    note(*(Translation(words=words, language="fr", text=f"fr-{words}") for words in ("Talks", *known)))
    office, desk = visitor.staff("organiser"), visitor.staff("facilitator")
    for one in (office, desk):
        one.set_cookie("lang", "fr")
    page = office.get("/office/numbers").text
    assert "fr-Talks" in page
    assert [words for words in known if words in page.replace(f"fr-{words}", "")] == []
    for address in ("/desk", "/desk/talks", "/desk/talks/run", "/desk/talks/print"):
        assert "<bdi>fr-Talks</bdi>" in desk.get(address).text, address
