"""Whoever is visited is a person too: kept apart, away or removed like everybody, and nobody's place is taken by it."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import START, Visitor
from tests.webapp.test_bridge import BY
from tests.webapp.test_office import counted
from tests.webapp.test_programme import OFFICE
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.models import Absence, Host, Interest, KeepApart, Meeting, Person, PersonInterest, Plan, Seat, Session, Wish
from webapp.operations.guests import people
from webapp.operations.plans import planning, summary, sums, talks
from webapp.operations.plans.presence import expected

HOUR = timedelta(hours=1)
HOSTED = ("clinics", "stations")


def seeker(topic: Interest, **values: object) -> Person:
    """Somebody who seeks this topic."""
    who = make.person(**values)
    who.interests = [PersonInterest(interest=topic, side="seeks")]
    return who


def room(format_: str, **values: object) -> tuple[Session, Person, Person]:
    """A session in which one person is visited by another who seeks what they are asked about."""
    topic = make.interest()
    guest, visited = seeker(topic, name="guest"), make.person(name="visited")
    held = make.session(format=format_, slug="s", rounds=2, same_organisation="allow", **values)
    make.store(make.event(), held, guest, visited, topic)
    make.store(make.host(session_id=held.id, person_id=visited.id, table="S1", topics=[topic], places=2))
    return held, guest, visited


def visits(held: Session, state: str = "draft") -> list[tuple[int, int]]:
    plan = planning.find_plan(held.id, state)
    assert plan is not None
    seats = db.session.query(Seat.round_no, Seat.person_id).filter_by(plan_id=plan.id)
    return sorted((number, who) for number, who in seats)


@pytest.mark.parametrize("format_", HOSTED)
@pytest.mark.parametrize("apart", [False, True])
def test_nobody_is_sent_to_whom_they_are_kept_apart_from(app: Flask, format_: str, apart: bool) -> None:
    held, guest, visited = room(format_)
    if apart:
        make.store(KeepApart(one_id=guest.id, other_id=visited.id))
    planning.make_plan(held.id, by=BY)
    assert bool(visits(held)) is not apart


@pytest.mark.parametrize("format_", HOSTED)
def test_a_draft_with_such_a_visit_fits_no_more_once_the_two_are_kept_apart(app: Flask, format_: str) -> None:
    held, guest, visited = room(format_)
    planning.make_plan(held.id, by=BY)
    make.store(KeepApart(one_id=guest.id, other_id=visited.id))
    with pytest.raises(NotNow):
        planning.publish(held.id, by=BY)


@pytest.mark.parametrize("rule", ["apart", "allow"])
def test_whoever_is_visited_has_the_organisation_of_the_person(app: Flask, rule: str) -> None:
    held, guest, visited = room("clinics")
    press = make.organisation()
    make.store(press)
    with transaction() as rows:
        rows.get(Session, held.id).same_organisation = rule
        for who in (guest, visited):
            rows.get(Person, who.id).organisation_id = press.id
    planning.make_plan(held.id, by=BY)
    assert bool(visits(held)) is (rule == "allow")


def test_a_wish_for_a_person_is_one_for_the_host_they_are(app: Flask) -> None:
    held, guest, visited = room("clinics")
    make.store(Wish(person_id=guest.id, wished_person_id=visited.id))
    there = expected(db.session(), held)
    problem = planning.problem_now(db.session(), held, there)
    assert problem.people[0].wishes == (problem.hosts[0].id,)


def test_nobody_is_sent_to_somebody_who_is_away(app: Flask) -> None:
    held, guest, visited = room("clinics")
    make.store(Absence(person_id=visited.id, starts=START - HOUR, ends=START + timedelta(minutes=6)))
    planning.make_plan(held.id, by=BY)
    assert visits(held) == [(2, guest.id)]
    must = {"format": "plain", "rounds": 0, "must_attend": True, "audience": "members"}
    make.store(make.session(starts=START, ends=START + HOUR, **must))
    with transaction() as rows:
        rows.query(Absence).delete()
        rows.get(Person, visited.id).role = "member"
    assert planning.problem_now(db.session(), held, expected(db.session(), held)).hosts[0].away == {1, 2}


def test_fewer_rounds_than_somebody_was_away_from_can_be_planned(app: Flask, visitor: Visitor) -> None:
    held, guest, _visited = room("clinics")
    with transaction() as rows:
        rows.query(Host).one().away = [2, 3, 4]
    assert visitor.staff("facilitator").get("/desk/s").status_code == 200
    planning.make_plan(held.id, by=BY)
    assert visits(held) == [(1, guest.id)]
    (talks_to_give,) = sums.sums(held, 5)
    assert talks_to_give.numbers["talks"] == 2


def test_who_was_visited_is_a_guest_again_when_the_format_changes(app: Flask) -> None:
    held, guest, visited = room("clinics")
    assert [one.person.id for one in expected(db.session(), held)] == [guest.id]
    with transaction() as rows:
        rows.get(Session, held.id).format = "pairs"
    assert {one.person.id for one in expected(db.session(), held)} == {guest.id, visited.id}
    assert all(not one.away for one in expected(db.session(), held))


def test_a_plan_of_clinics_fits_no_more_when_somebody_has_come(app: Flask) -> None:
    held, _guest, _visited = room("clinics")
    planning.make_plan(held.id, by=BY)
    make.store(make.person())
    with pytest.raises(NotNow):
        planning.publish(held.id, by=BY)
    planning.make_plan(held.id, by=BY)
    assert planning.publish(held.id, by=BY) == "A"


def test_a_newcomer_never_stands_in_the_place_of_somebody_removed(app: Flask) -> None:
    held, _guest, _visited = room("clinics")
    gone = make.person(name="gone")
    make.store(gone)
    planning.make_plan(held.id, by=BY)
    planning.publish(held.id, by=BY)
    row, public_id = gone.id, gone.public_id
    people.remove_person(public_id, by=OFFICE)
    make.store(make.person(id=row, name="newcomer"))
    plan = db.session.query(Plan).one()
    assert public_id not in str(plan.quality)
    assert [one.name for one in summary.summary(plan).without] == []
    newcomer = db.session.get(Person, row)
    assert newcomer is not None
    assert not talks.is_planned(plan, newcomer)
    assert talks.is_planned(plan, db.session.query(Person).filter_by(name="guest").one())


@pytest.mark.parametrize("later", [False, True])
def test_an_interpreter_sits_at_one_table_at_a_time(app: Flask, later: bool) -> None:
    here = make.region()
    first = make.session(tables=make.tables("1"), rounds=1, audience="members")
    starts = START + HOUR if later else START
    where = {"audience": "region", "audience_region": here}
    second = make.session(tables=make.tables("1"), rounds=1, starts=starts, ends=starts + HOUR, **where)
    guests = [make.person(languages=(code,), role="member") for code in ("en", "fr")]
    guests += [make.person(languages=(code,), role="guest", regions=[here]) for code in ("en", "fr")]
    make.store(make.event(), first, second, *guests, make.interpreter(sessions=[first, second]))
    planning.make_plan(first.id, by=BY)
    planning.publish(first.id, by=BY)
    assert db.session.query(Meeting).filter(Meeting.interpreter.is_not(None)).count() == 1
    planning.make_plan(second.id, by=BY)
    plan = planning.find_plan(second.id, "draft")
    assert plan is not None
    assert len(plan.meetings) == int(later)


def test_the_desk_asks_the_same_however_many_are_visited(app: Flask, visitor: Visitor) -> None:
    held, _guest, _visited = room("clinics")
    desk = visitor.staff("facilitator")
    asked = []
    for more in (0, 4):
        make.store(*(make.host(session_id=held.id, table=f"T{at}") for at in range(more)))
        make.store(*(make.interpreter(sessions=[db.session.get(Session, held.id)]) for _ in range(more + 1)))
        desk.get("/desk/s")
        with counted() as statements:
            assert desk.get("/desk/s").status_code == 200
        asked.append(len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]))
    assert asked[0] == asked[1]
