"""The door to the study: what the engine is told, what is kept of its answer, and what is never kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from tests.webapp import factories as make
from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import Refused
from webapp.models import (
    Absence,
    KeepApart,
    Meeting,
    MetBefore,
    Person,
    PersonInterest,
    Plan,
    Rest,
    Seat,
    Session,
    Staff,
    Wish,
)
from webapp.operations.plans import planning, presence

BY = Actor(staff=Staff(name="fay", role="facilitator"))
AFTER = timedelta(minutes=8)


def open_room(count: int, *, rounds: int = 3, **values: object) -> tuple[int, list[int]]:
    """A session of pairs with tables for everybody; its row id, and those of its people."""
    session = make.session(rounds=rounds, tables=make.tables(*(f"{at}A" for at in range(1, count // 2 + 2))), **values)
    people = [make.person() for _ in range(count)]
    make.store(make.event(), session, *people)
    return session.id, [person.id for person in people]


def problem_of(session_id: int) -> matcher.Problem:
    db.session.rollback()
    session = db.session.get(Session, session_id)
    return planning.problem_now(db.session(), session, presence.expected(db.session(), session))


def pairs_of(plan_id: int) -> set[frozenset[int]]:
    held: dict[int, set[int]] = {}
    for seat in db.session.query(Seat).filter_by(plan_id=plan_id):
        held.setdefault(seat.meeting_id, set()).add(seat.person_id)
    return {frozenset(company) for company in held.values()}


def test_the_engine_is_told_everything_that_stands_in_the_rows(app: Flask) -> None:
    africa, law, money = make.region(slug="africa"), make.interest(slug="law"), make.interest(slug="money")
    press = make.organisation()
    one = make.person(
        organisation=press, role="donor", regions=[africa], languages=("fr", "en"), seated=True, first_time=True
    )
    other = make.person(organisation=press)
    one.interests = [PersonInterest(interest=law, side="offers"), PersonInterest(interest=money, side="seeks")]
    session = make.session(tables=make.tables("12B", "12A"), same_organisation="allow", regions="same", limit=2)
    make.store(make.event(), session, one, other, africa)
    with transaction() as rows:
        person = rows.get(Person, one.id)
        person.absences = [Absence(starts=make.START + AFTER, ends=make.START + 2 * AFTER)]
        kinds = ({"wished_person_id": other.id}, {"organisation_id": press.id}, {"role": "guest"}, {"region": africa})
        person.wishes = [Wish(position=at, **kind) for at, kind in enumerate(kinds)]
        rows.add(MetBefore(one_id=one.id, other_id=other.id))
    problem = problem_of(session.id)
    assert problem.session == matcher.Session(
        id=session.slug, rounds=3, start=make.event().at_venue(make.START), tables=("12B", "12A")
    )
    assert problem.rules == matcher.Rules(same_organisation="allow", regions="same", limit=2)
    assert problem.met_before == ((str(one.id), str(other.id)),)
    assert problem.people[0] == matcher.Person(
        id=str(one.id),
        organisation=str(press.id),
        role="donor",
        regions=("africa",),
        languages=("fr", "en"),
        offers=("law",),
        seeks=("money",),
        away=frozenset({2}),
        wishes=(
            str(other.id),
            matcher.KindWish("organisation", str(press.id)),
            matcher.KindWish("role", "guest"),
            matcher.KindWish("region", "africa"),
        ),
        first_time=True,
        seated=True,
    )


def test_who_is_away_all_the_time_is_not_in_the_problem_nor_in_wishes_and_pairs(app: Flask) -> None:
    session_id, people = open_room(3)
    with transaction() as rows:
        rows.add(Absence(person_id=people[1], starts=make.START, ends=make.START + timedelta(days=1)))
        rows.add(Wish(person_id=people[0], wished_person_id=people[1]))
        rows.add_all(KeepApart(one_id=people[0], other_id=other) for other in people[1:])
    problem = problem_of(session_id)
    assert [person.id for person in problem.people] == [str(people[0]), str(people[2])]
    assert problem.people[0].wishes == ()
    assert problem.keep_apart == ((str(people[0]), str(people[2])),)


def test_an_absence_that_only_touches_a_round_takes_nobody_out_of_it(app: Flask) -> None:
    session_id, people = open_room(2)
    first_ends = make.START + timedelta(minutes=6)
    with transaction() as rows:
        rows.add(Absence(person_id=people[0], starts=first_ends, ends=make.START + AFTER))
        rows.add(Absence(person_id=people[1], starts=first_ends - timedelta(minutes=1), ends=make.START + AFTER))
    assert [person.away for person in problem_of(session_id).people] == [frozenset(), frozenset({1})]


def test_only_the_audience_is_planned(app: Flask) -> None:
    session = make.session(audience="members", tables=make.tables("1"))
    inside, outside = make.person(role="member"), make.person(role="donor")
    make.store(make.event(), session, inside, outside)
    assert [person.id for person in problem_of(session.id).people] == [str(inside.id)]


def test_what_the_engine_answers_is_kept_as_rows(app: Flask) -> None:
    session_id, _people = open_room(7)
    problem = problem_of(session_id)
    answer = bridge.solve(problem, seed=3)
    with transaction() as rows:
        plan_id = bridge.record(rows, rows.get(Session, session_id), (problem, answer), by="fay").id
    plan = db.session.get(Plan, plan_id)
    assert (plan.state, plan.version, plan.made_by, plan.seed, plan.people, plan.rounds) == (
        "draft", None, "fay", 3, 7, 3,
    )  # fmt: skip
    kept = {
        (row.round_no, row.table, tuple(str(seat.person_id) for seat in row.seats), row.benefit, row.language)
        for row in plan.meetings
    }
    assert kept == {
        (meeting.round, meeting.table, meeting.people, meeting.benefit, meeting.language) for meeting in answer.meetings
    }
    assert {(rest.round_no, str(rest.person_id), rest.code) for rest in plan.rests} == {
        (rest.round, rest.person, rest.code) for rest in answer.rests
    }
    assert plan.quality["bound"] == answer.quality.bound


@pytest.mark.parametrize("broken", ["twice", "apart", "figure"])
def test_a_plan_with_a_breach_is_refused_and_nothing_is_stored(app: Flask, broken: str) -> None:
    session_id, _people = open_room(6)
    problem = problem_of(session_id)
    answer = bridge.solve(problem)
    if broken == "twice":
        answer = replace(answer, meetings=(*answer.meetings, answer.meetings[0]))
    elif broken == "apart":
        met = answer.meetings[0].people
        problem = replace(problem, keep_apart=((met[0], met[1]),))
    else:
        answer = replace(answer, quality=replace(answer.quality, benefit=answer.quality.benefit + 1))
    with pytest.raises(Refused, match="breaks a rule"), transaction() as rows:
        bridge.record(rows, rows.get(Session, session_id), (problem, answer), by="fay")
    assert [db.session.query(kind).count() for kind in (Plan, Meeting, Seat, Rest)] == [0, 0, 0, 0]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_people_kept_apart_never_share_a_table(app: Flask, data: st.DataObject) -> None:
    with transaction() as rows:
        for kind in (Session, Person):
            rows.query(kind).delete()
        rows.merge(make.event())
    session = make.session(rounds=4, tables=make.tables("1", "2", "3", "4"))
    guests = [make.person() for _ in range(data.draw(st.integers(2, 8)))]
    make.store(session, *guests)
    people = [guest.id for guest in guests]
    every = [(one, other) for one in people for other in people if one < other]
    apart = data.draw(st.lists(st.sampled_from(every), unique=True, max_size=len(every)))
    make.store(*(KeepApart(one_id=one, other_id=other) for one, other in apart))
    planning.make_plan(session.id, by=BY, seed=data.draw(st.integers(0, 9)))
    met = pairs_of(planning.find_plan(session.id, "draft").id)
    assert not met & {frozenset(pair) for pair in apart}
    if not apart:
        assert met


def test_without_the_entry_the_same_two_would_meet(app: Flask) -> None:
    session_id, people = open_room(2)
    planning.make_plan(session_id, by=BY)
    assert pairs_of(planning.find_plan(session_id, "draft").id) == {frozenset(people)}
    make.store(KeepApart(one_id=people[0], other_id=people[1]))
    planning.make_plan(session_id, by=BY)
    assert pairs_of(planning.find_plan(session_id, "draft").id) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"languages": ("km",)}, "language"),
        ({"languages": ("km",), "away": True}, "rules"),
        ({"apart": True}, "rules"),
        ({"met": True}, "rules"),
        ({}, None),
    ],
)
def test_who_can_meet_nobody_is_told_with_a_reason_that_gives_no_pair_away(
    app: Flask, change: dict[str, object], code: str | None
) -> None:
    who = make.person(languages=change.get("languages", ("en",)))  # type: ignore[arg-type]
    others = [make.person() for _ in range(2)]
    session = make.session(tables=make.tables("1", "2"))
    make.store(make.event(), session, *others, who)
    kinds = [kind for word, kind in (("apart", KeepApart), ("met", MetBefore)) if word in change]
    make.store(*(kind(one_id=other.id, other_id=who.id) for kind in kinds for other in others))
    if "away" in change:
        make.store(Absence(person_id=others[0].id, starts=make.START, ends=make.START + 2 * AFTER))
        make.store(Absence(person_id=who.id, starts=make.START + 2 * AFTER, ends=make.START + 9 * AFTER))
    assert bridge.lonely(problem_of(session.id)).get(who.id) == code


def test_colleagues_alone_and_a_single_guest_are_told_apart(app: Flask) -> None:
    press = make.organisation()
    session = make.session(tables=make.tables("1"))
    make.store(make.event(), session, *(make.person(organisation=press) for _ in range(2)))
    assert set(bridge.lonely(problem_of(session.id)).values()) == {"organisation"}
    with transaction() as rows:
        rows.delete(rows.query(Person).first())
    assert set(bridge.lonely(problem_of(session.id)).values()) == {"alone"}
