"""Plans: one draft, versions that count up, and nothing that changes underfoot; what goes on paper."""

import io
import threading
from datetime import timedelta

import pypdf
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.webapp import factories as make
from tests.webapp.test_bridge import BY, open_room, pairs_of
from tests.webapp.test_floor import at_round
from webapp.access import NOBODY
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow, Refused
from webapp.models import (
    Absence,
    KeepApart,
    Meeting,
    MetBefore,
    Person,
    PersonInterest,
    PersonLanguage,
    Plan,
    Rest,
    Seat,
    Session,
    Table,
)
from webapp.operations.paper import cards, printing
from webapp.operations.plans import planning, summary


def draft_of(session_id: int) -> Plan:
    found = planning.find_plan(session_id, "draft")
    assert found is not None
    return found


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text().replace("\u2068", "").replace("\u2069", "") for page in _pages(pdf)]


def _pages(pdf: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_new_draft_takes_the_place_of_the_old_one(app: Flask) -> None:
    session_id, _people = open_room(6)
    first = planning.make_plan(session_id, by=BY)
    second = planning.make_plan(session_id, by=BY, seed=1)
    assert first != second
    assert [plan.public_id for plan in db.session.query(Plan)] == [second]
    assert db.session.query(Seat).count() == 18


def test_versions_count_up_and_the_older_is_replaced(app: Flask) -> None:
    session_id, _people = open_room(4)
    letters = []
    for _ in range(3):
        planning.make_plan(session_id, by=BY)
        letters.append(planning.publish(session_id, by=BY))
    assert letters == ["A", "B", "C"]
    found = db.session.query(Plan.version, Plan.state).order_by(Plan.version).all()
    assert [tuple(row) for row in found] == [(1, "replaced"), (2, "replaced"), (3, "published")]


def test_what_was_published_cannot_be_edited_and_a_draft_can(app: Flask) -> None:
    session_id, people = open_room(4)
    planning.make_plan(session_id, by=BY)
    edit = text("UPDATE meeting SET table_name = 'elsewhere' || id")
    with transaction() as rows:
        assert rows.execute(edit).rowcount == 6
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    for statement in (edit, text("UPDATE seat SET place = place + 7"), text("UPDATE seat SET person_id = person_id")):
        with pytest.raises(IntegrityError, match="a published version is never edited"), transaction() as rows:
            rows.execute(statement)
    plan_id = planning.find_plan(session_id, "published").id
    with pytest.raises(IntegrityError, match="never edited"), transaction() as rows:
        rows.add(Rest(plan_id=plan_id, round_no=9, person_id=people[0], code="limit"))
        rows.flush()


def test_the_stored_plan_takes_no_second_seat_in_a_round(app: Flask) -> None:
    session_id, _people = open_room(4)
    planning.make_plan(session_id, by=BY)
    one, other = db.session.query(Meeting).filter_by(round_no=1)
    seat = {"plan": one.plan_id, "person": one.seats[0].person_id, "meeting": other.id}
    add = text(
        "INSERT INTO seat (plan_id, round_no, person_id, meeting_id, place) VALUES (:plan, 1, :person, :meeting, 5)"
    )
    with pytest.raises(IntegrityError, match=r"seat\.person_id"), transaction() as rows:
        rows.execute(add, seat)
    with transaction() as rows:
        rows.execute(text("CREATE TABLE plain AS SELECT * FROM seat"))
        rows.execute(text("DROP TABLE seat"))
        rows.execute(text("ALTER TABLE plain RENAME TO seat"))
        assert rows.execute(add, seat).rowcount == 1


def test_of_two_who_publish_at_once_one_is_told_clearly(app: Flask) -> None:
    session_id, _people = open_room(4)
    planning.make_plan(session_id, by=BY)
    start, told = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            start.wait()
            try:
                told.append(planning.publish(session_id, by=BY))
            except NotNow as refusal:
                told.append(refusal.sentence)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) == [
        "A",
        "There is no draft: somebody has published or discarded it, or nothing was planned yet. Plan again.",
    ]
    db.session.rollback()
    assert [plan.state for plan in db.session.query(Plan)] == ["published"]


def test_only_the_draft_that_was_looked_at_is_published_or_discarded(app: Flask) -> None:
    session_id, _people = open_room(4)
    seen = planning.make_plan(session_id, by=BY)
    planning.make_plan(session_id, by=BY)
    for verb in (planning.publish, planning.discard):
        with pytest.raises(NotNow, match="newer draft"):
            verb(session_id, by=BY, draft=seen)
    planning.discard(session_id, by=BY, draft=draft_of(session_id).public_id)
    assert [db.session.query(kind).count() for kind in (Plan, Meeting, Seat, Rest)] == [0, 0, 0, 0]


CHANGES = (
    "nothing", "person", "gone", "away", "table", "rounds", "apart", "met", "language", "organisation", "seated",
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_draft_that_no_longer_fits_is_not_published(app: Flask, change: str) -> None:
    session_id, people = open_room(4)
    planning.make_plan(session_id, by=BY)
    one, other = sorted(next(iter(pairs_of(draft_of(session_id).id))))
    rows_of = {
        "person": [make.person()],
        "away": [Absence(person_id=people[0], starts=make.START, ends=make.START + timedelta(minutes=1))],
        "apart": [KeepApart(one_id=one, other_id=other)],
        "met": [MetBefore(one_id=one, other_id=other)],
    }
    places = {(seat.person_id, seat.meeting.table) for seat in db.session.query(Seat)}
    mover = max(people, key=lambda who: sum(who == person for person, _table in places))
    make.store(*rows_of.get(change, []))
    with transaction() as rows:
        if change == "table":
            rows.query(Table).delete()
            rows.get(Session, session_id).tables = make.tables("X", "Y")
        if change == "rounds":
            rows.get(Session, session_id).rounds = 2
        if change == "gone":
            rows.delete(rows.get(Person, one))
        if change == "language":
            rows.get(Person, one).languages = [PersonLanguage(code="km")]
        if change == "organisation":
            rows.get(Person, one).organisation = rows.get(Person, other).organisation = make.organisation()
        if change == "seated":
            rows.get(Person, mover).seated = True
    if change == "nothing":
        assert planning.publish(session_id, by=BY) == "A"
        return
    with pytest.raises(NotNow, match="People, tables or rules have changed"):
        planning.publish(session_id, by=BY)
    assert draft_of(session_id)


def test_a_profile_that_changes_while_the_engine_thinks_is_not_missed(app: Flask) -> None:
    session_id, people = open_room(4)
    changes = []

    def change(fraction: float, _what: str) -> None:
        if fraction == 1.0 and not changes:
            changes.append(1)
            make.store(Absence(person_id=people[0], starts=make.START, ends=make.START + timedelta(minutes=6)))

    planning.make_plan(session_id, by=BY, progress=change)
    assert changes
    assert (1, people[0]) not in {(seat.round_no, seat.person_id) for seat in db.session.query(Seat)}


def test_profiles_that_never_rest_end_in_a_clear_sentence(app: Flask) -> None:
    session_id, _people = open_room(4)

    def change(fraction: float, _what: str) -> None:
        if fraction == 1.0:
            make.store(make.person())

    with pytest.raises(NotNow, match="Profiles changed"):
        planning.make_plan(session_id, by=BY, progress=change)
    assert db.session.query(Plan).count() == 0


def test_what_cannot_be_planned_is_said_kindly(app: Flask) -> None:
    bare = make.session(tables=[])
    plain = make.session(format="plain", rounds=0)
    circles = make.session(format="circles")
    clinics = make.session(format="clinics", tables=make.tables("1"))
    members = make.session(audience="members", tables=make.tables("1"))
    make.store(make.event(), make.person(), bare, plain, circles, clinics, members)
    for session, words in (
        (bare, "no tables yet"), (plain, "no rounds"), (circles, "no tables yet"),
        (clinics, "Nobody is there to be visited"), (members, "Nobody is expected yet"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            planning.make_plan(session.id, by=BY)
    with pytest.raises(NotFound):
        planning.make_plan(10**6, by=BY)
    with pytest.raises(NotFound):
        planning.make_plan(bare.id, by=NOBODY)


def test_the_summary_counts_what_a_facilitator_asks(app: Flask) -> None:
    session_id, people = open_room(5)
    with transaction() as rows:
        rows.get(Person, people[0]).languages = [PersonLanguage(code="km")]
    planning.make_plan(session_id, by=BY)
    told = summary.summary(draft_of(session_id))
    assert (told.people, told.rounds, told.talks, told.busy) == (5, 3, 6, 4)
    assert [(one.person.id, one.rounds) for one in told.resting] == [(people[0], (1, 2, 3))]
    assert (told.in_shared_language, told.languages) == (6, (("en", 6),))
    assert told.spread[0] == (90, 100, 5)
    assert [told.few, told.wishers] == [(), 0]


def test_few_names_those_far_from_their_best(app: Flask) -> None:
    session_id, people = open_room(4)
    planning.make_plan(session_id, by=BY)
    with transaction() as rows:
        plan = rows.query(Plan).one()
        names = [rows.get(Person, row).public_id for row in people]
        plan.quality = plan.quality | {"shares": dict(zip(names, (0.699, 0.7, 0.4), strict=False))}
    told = summary.summary(draft_of(session_id))
    assert [(one.person.id, one.talks, one.percent) for one in told.few] == [(people[2], 3, 40), (people[0], 3, 69)]
    assert told.spread == ((90, 100, 0), (80, 90, 0), (70, 80, 1), (60, 70, 1), (50, 60, 0), (0, 50, 1))


def test_paper_says_what_the_plan_says(app: Flask) -> None:
    session_id, people = open_room(3)
    make.store(Absence(person_id=people[0], starts=make.START, ends=make.START + timedelta(minutes=1)))
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    plan = planning.find_plan(session_id, "published")
    on_paper = {
        (one.number, each.round): (each.table, each.others)
        for one in cards.cards_of(plan).values()
        for each in one.sittings
    }
    name = {row.id: row for row in db.session.query(Person)}
    expected = {(row.number, number): (None, ()) for row in name.values() for number in (1, 2, 3)}
    for meeting in plan.meetings:
        one, other = (name[seat.person_id] for seat in meeting.seats)
        expected[one.number, meeting.round_no] = (meeting.table, (other.name,))
        expected[other.number, meeting.round_no] = (meeting.table, (one.name,))
    assert on_paper == expected
    notes = {each.note for one in cards.cards_of(plan).values() for each in one.sittings if each.table is None}
    assert notes == {"free", "away"}


@pytest.mark.parametrize("format_", ["pairs", "clinics"])
def test_a_card_says_between_which_languages_somebody_interprets(app: Flask, format_: str) -> None:
    hosts = [make.host(languages=("fr", "de"))] if format_ == "clinics" else []
    topic = make.interest()
    for host in hosts:
        host.topics = [topic]
    session = make.session(rounds=1, format=format_, hosts=hosts, tables=make.tables("1"))
    guests = [make.person(languages=("km", "en"), interests=[PersonInterest(interest=topic, side="seeks")])]
    guests += [make.person(languages=("fr", "de"))] if format_ == "pairs" else []
    make.store(make.event(), session, make.interpreter(languages=("de", "fr", "en"), sessions=[session]), *guests)
    session_id = session.id
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    told = cards.cards_of(planning.find_plan(session_id, "published")).values()
    assert {one.sittings[0].language for one in told} == {"en ↔ fr", *(["fr ↔ en"] if format_ == "pairs" else [])}


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_every_kind_of_sheet_prints(app: Flask, paper: str) -> None:
    session_id, _people = open_room(9)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    names = {person.name for person in db.session.query(Person)}
    for kind in ("rounds", "cards", "tick", "finder"):
        sheet = pages(printing.sheet(session_id, kind, paper=paper))
        assert all(name in " ".join(sheet) for name in names), kind
    signs = pages(printing.sheet(session_id, "signs", paper=paper))
    assert [name for sheet in signs for name in sheet.split() if name in {"1A", "2A", "3A", "4A"}][::2] == [
        "1A", "2A", "3A", "4A",
    ]  # fmt: skip


def test_the_pages_promised_are_the_pages_printed(app: Flask) -> None:
    session_id, _people = open_room(9)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    session, plan = db.session.get(Session, session_id), planning.find_plan(session_id, "published")
    offer = printing.offer(session, plan)
    assert {one.kind.name for one in offer.singles} >= {"tick", "cards", "rounds", "signs", "finder"}
    for one in (*offer.singles, offer.pack):
        assert len(_pages(printing.sheet(session_id, one.kind.name))) == one.pages, one.kind.name


def test_only_a_published_version_is_printed_the_tick_list_apart(app: Flask) -> None:
    session_id, _people = open_room(4)
    planning.make_plan(session_id, by=BY)
    needy = {kind.name for kind in printing.KINDS.values() if kind.needs_version}
    assert needy >= {"cards", "rounds", "signs", "finder", "pack", "changed"}
    for kind in needy:
        with pytest.raises(NotNow, match="Nothing is published yet"):
            printing.sheet(session_id, kind)
    assert pages(printing.sheet(session_id, "tick"))
    with pytest.raises(BadInput):
        printing.sheet(session_id, "tick", paper="a5")
    with pytest.raises(NotFound):
        printing.sheet(session_id, "posters")


def test_a_draft_changes_no_round_that_has_begun(app: Flask) -> None:
    session_id, _people = open_room(6, rounds=3)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    draft, now = planning.make_plan(session_id, by=BY, seed=1), at_round(2)
    with pytest.raises(NotNow, match="Round 1 has begun"):
        planning.publish(session_id, by=BY, now=now)
    assert planning.find_plan(session_id, "published").letter == "A"
    assert draft_of(session_id).public_id == draft
    planning.make_plan(session_id, by=BY)
    assert planning.publish(session_id, by=BY, now=now) == "B"
