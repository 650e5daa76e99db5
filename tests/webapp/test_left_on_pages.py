"""Who has withdrawn or left is named to nobody whom they were to meet, from that moment on and until they come back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.gathering import KINDS, gather, laid, publish
from tests.webapp.pages import read_page
from tests.webapp.test_bridge import BY
from tests.webapp.test_left_on_paper import BEFORE, actor, go
from tests.webapp.test_office import counted
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Attendance, Host, HostWish, Person, Run, Session
from webapp.operations.deletion import leaving
from webapp.operations.mine import schedule
from webapp.operations.plans import talks
from webapp.operations.rounds import floor, running
from webapp.views import participant

ME = ("/me", "/me/rounds.ics", "/me/day.html")


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test names a kind, it is planned and published once for all that look at it."""
    if not hasattr(request, "param"):
        return migrated
    folder = tmp_path_factory.mktemp("room") / "data"
    return laid(migrated, folder, lambda: publish(gather(request.param, 1)))


def names_read(name: str, now: datetime = BEFORE) -> dict[str, list[tuple[int, str, tuple[str, ...]]]]:
    """Who meets somebody by their own rounds: in which, at what table, and with whom else."""
    db.session.rollback()
    found: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}
    for one in db.session.query(Person).order_by(Person.id):
        for timed in schedule.rounds_of(Actor(person=one), now=now).timed:
            for held in timed.talks:
                assert held.talk
                met = tuple(partner.spelling or partner.name for partner in held.talk.partners)
                if name in met and one.name != name:
                    found.setdefault(one.name, []).append((held.number, held.talk.table, met))
    return found


@pytest.mark.parametrize("way", ["withdrawn", "left", "marked"])
@pytest.mark.parametrize(("ground", "kind"), [(kind, kind) for kind in KINDS], indirect=["ground"], ids=KINDS)
def test_no_own_page_names_them(app: Flask, visitor: Visitor, kind: str, way: str) -> None:
    session_id, gone = db.session.query(Session).one().id, "guest04"
    before = names_read(gone)
    if kind not in ("clinics", "stations"):
        assert before
    go(way, session_id, gone)
    # whom only the desk has marked may still come through the door
    assert names_read(gone) == (before if way == "marked" else {})
    for name, meetings in before.items():
        me = db.session.query(Person).filter_by(name=name).one()
        now = {held.number: held for timed in schedule.rounds_of(Actor(person=me), now=BEFORE).timed
               for held in timed.rounds}  # fmt: skip
        for number, table, met in meetings if way != "marked" else ():
            talk, others = now[number].talk, [one for one in met if one != gone]
            assert (
                (talk.table, [one.spelling or one.name for one in talk.partners]) == (table, others)
                if talk
                else not others
            )
            assert talk or now[number].code == "usual"


@pytest.mark.usefixtures("on_the_eve")
def test_what_one_reads_and_takes_along_follows_at_once(app: Flask, visitor: Visitor) -> None:
    session_id = gather("pairs", 1)
    plan = publish(session_id)
    with transaction():
        plan.published_at = datetime(2013, 6, 16, 9, 0)
    gone = "guest04"
    met = min(names_read(gone))
    mine = visitor.participant(db.session.query(Person).filter_by(name=met).one())

    def told() -> list[bool]:
        return [gone in mine.get(page).text for page in ME]

    assert told() == [True, True, True]
    with counted() as before:
        mine.get("/me")
    go("left", session_id, gone)
    assert told() == [False, False, False]
    with counted() as after:
        mine.get("/me")
    assert len(after) <= len(before)
    leaving.return_to_event(by=actor(gone), now=BEFORE)
    assert told() == [True, True, True]


def test_a_meeting_that_was_held_stays_and_one_that_was_called_off_never_was(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    gone, session = "guest04", db.session.get_one(Session, session_id)
    met = {number: name for name, held in names_read(gone).items() for number, _table, _met in held}
    first, *later = sorted(met)
    assert later
    during = session.event.at_venue(session.round_starts(first)) + timedelta(minutes=1)
    leaving.withdraw(session.slug, by=actor(gone), now=during)
    assert set(names_read(gone, during)) == {met[first]}
    over = datetime(2014, 1, 1, tzinfo=UTC)
    assert set(names_read(gone, over)) == {met[first]}
    free = schedule.rounds_of(actor(met[later[0]]), now=over).timed[0].rounds[later[0] - 1]
    assert (free.talk, free.code) == (None, "usual")
    monkeypatch.setattr(participant, "now", lambda: over)
    for number, name in met.items():
        me = visitor.participant(db.session.query(Person).filter_by(name=name).one())
        assert all((gone in me.get(page).text) is (number == first) for page in ("/me", "/me/contacts"))
    floor.tick(session_id, [actor(gone).person.public_id], "here", by=BY, now=during)  # type: ignore[union-attr]
    assert set(names_read(gone, during)) == set(met.values())


def test_a_round_that_was_started_early_is_held_although_its_time_is_to_come(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    gone, session = "guest04", db.session.get_one(Session, session_id)
    met = {number: name for name, held in names_read(gone).items() for number, _table, _met in held}
    early = session.event.at_venue(session.starts) - timedelta(minutes=10)
    assert running.press(session_id, "start", seen=running.revision(session), by=BY, now=early)
    during = early + timedelta(minutes=1)
    leaving.leave(by=actor(gone), now=during)
    assert set(names_read(gone, during)) == {name for number, name in met.items() if number == 1}


def test_whom_the_desk_sees_at_the_door_after_all_is_named_again(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    before = names_read("guest04")
    go("left", session_id, "guest04")
    floor.tick(session_id, [actor("guest04").person.public_id], "here", by=BY, now=BEFORE)  # type: ignore[union-attr]
    assert names_read("guest04") == before


def test_what_is_called_off_is_no_change_that_a_version_brought(app: Flask) -> None:
    session_id = gather("pairs", 1)
    for _version in range(2):
        publish(session_id)

    def changed() -> dict[str, set[int]]:
        db.session.rollback()
        people = db.session.query(Person).order_by(Person.id)
        told = {one.name: schedule.rounds_of(Actor(person=one), now=BEFORE).timed for one in people}
        return {name: {one.number for timed in mine for one in timed.corrected} for name, mine in told.items()}

    before, met = changed(), names_read("guest04")
    go("withdrawn", session_id, "guest04")
    after = changed()
    assert met
    for name, held in met.items():
        assert after[name] == before[name] - {number for number, _table, _met in held}


def test_a_specialist_who_has_left_is_offered_to_those_alone_who_have_chosen_them(app: Flask, visitor: Visitor) -> None:
    make.store(make.event(), session := make.session(format="clinics", rounds=3, slug="clinic"))
    make.store(me := make.person(), other := make.person(), who := make.person(name="specialist"))
    host = make.host(session=session, name="Known by name", latin="", person=who)
    make.store(host, make.host(session=session, name="Somebody else", latin=""))
    pages = ("/me/specialists/clinic", "/me/profile/meeting")
    mine, theirs = visitor.participant(me), visitor.participant(other)
    make.store(HostWish(person_id=me.id, host_id=host.id))
    assert all("Known by name" in one.get(page).text for one in (mine, theirs) for page in pages)
    leaving.leave(by=actor("specialist"), now=datetime(2013, 6, 18, 9, 0, tzinfo=UTC))
    assert not any("Known by name" in theirs.get(page).text for page in pages)
    form = next(one for one in read_page(mine.get(pages[1]).text).forms if one.action == pages[1])
    assert mine.post(pages[1], data=MultiDict(form.filled())).status_code == 303
    db.session.rollback()
    assert [wish.host_id for wish in db.session.get_one(Person, me.id).host_wishes] == [host.id]


def test_a_rehearsal_is_no_round_that_anybody_was_in(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    session = db.session.get_one(Session, session_id)
    rehearsed = session.event.at_venue(session.starts) - timedelta(days=1)
    assert running.press(session_id, "start", seen=running.revision(session), by=BY, now=rehearsed)
    leaving.leave(by=actor("guest04"), now=rehearsed + timedelta(minutes=1))
    assert names_read("guest04", rehearsed + timedelta(minutes=2)) == {}


def test_a_tick_by_mistake_that_is_taken_back_names_nobody_who_has_left(app: Flask) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    go("left", session_id, "guest04")
    gone = actor("guest04").person
    assert gone
    was = floor.Mark.of(db.session.get(Attendance, (session_id, gone.id)))
    floor.tick(session_id, [gone.public_id], "here", by=BY, now=BEFORE)
    here = floor.Mark.of(db.session.get(Attendance, (session_id, gone.id)))
    floor.undo(session_id, gone.public_id, was, here, by=BY, now=BEFORE)
    assert names_read("guest04") == {}


@pytest.mark.parametrize(("minutes", "met"), [(-10, {1}), (10, {1}), (None, set())])
def test_a_host_is_gone_from_the_rounds_that_begin_after_they_have_left(
    app: Flask, minutes: int | None, met: set[int]
) -> None:
    session_id = gather("stations", 1)
    publish(session_id)
    with transaction() as rows:
        rows.query(Host).filter_by(latin="host00").one().person = make.person(name="specialist")
    session = db.session.get_one(Session, session_id)
    begins = session.event.at_venue(session.starts) + timedelta(minutes=minutes or 0)
    if minutes is None:
        with transaction() as rows:
            rows.add(Run(session_id=session_id, waiting=True))
    else:
        assert running.press(session_id, "start", seen=running.revision(session), by=BY, now=begins)
    leaving.leave(by=actor("specialist"), now=begins + timedelta(minutes=1))
    told = names_read("host00", begins + timedelta(minutes=2))
    assert {number for held in told.values() for number, _table, _met in held} == met


@pytest.mark.parametrize("kind", ["clinics", "stations"])
def test_who_is_visited_and_has_left_is_named_to_no_visitor(app: Flask, kind: str) -> None:
    session_id = gather(kind, 1)
    publish(session_id)
    with transaction() as rows:
        host = rows.query(Host).filter_by(latin="host00").one()
        name = host.latin
        host.person = make.person(name="specialist")
    visits = names_read(name)
    assert visits
    leaving.leave(by=actor("specialist"), now=BEFORE)
    assert names_read(name) == {}
    for one, held in visits.items():
        rounds = schedule.rounds_of(actor(one), now=BEFORE).timed[0].rounds
        assert [rounds[number - 1].talk.table for number, *_rest in held] == [table for _number, table, _met in held]


def test_a_reader_that_asks_nobody_who_is_gone_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = gather("pairs", 1)
    publish(session_id)
    before = names_read("guest04")
    monkeypatch.setattr(talks, "gone_from_each", lambda _rows, sessions: {one.id: {} for one in sessions})
    go("left", session_id, "guest04")
    assert names_read("guest04") == before
