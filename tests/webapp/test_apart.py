"""Keep apart: whom a line means, how long it lasts, and that those it means never share a table."""

import random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.webapp import factories as make
from tests.webapp.repairs import KINDS, case_of, happen, published_room, version_of
from tests.webapp.test_bridge import BY, open_room, pairs_of, problem_of
from tests.webapp.test_help_point import ask, stranded
from tests.webapp.test_repair import empty_house
from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.models import ApartEntry, ApartTarget, Host, KeepApart, Organisation, Person, Plan, Session, Staff
from webapp.operations.guests import apart, people, safety
from webapp.operations.plans import editing, planning
from webapp.operations.profile import profiles
from webapp.operations.profile.who import Who, open_who

CONTACT = Actor(staff=Staff(name="sam", role="safety"))
OFFICE = Actor(staff=Staff(name="olu", role="organiser"))


def wrote(row: int, *lines: str) -> None:
    """Let somebody write whom they need not meet."""
    with transaction() as rows:
        apart.write(rows, rows.get_one(Person, row), lines)


def kept_from(session_id: int, row: int) -> set[int]:
    """Whom the engine keeps apart from somebody."""
    pairs = [{int(name) for name in two} for two in problem_of(session_id).keep_apart]
    return {other for two in pairs for other in two if row in two and other != row}


def change(row: int, **values: object) -> None:
    """Let the office change somebody."""
    person = db.session.get_one(Person, row)
    told = {
        **{name: getattr(person, name) for name in ("name", "latin", "role", "country", "seated", "first_time")},
        "organisation": person.organisation.name if person.organisation else "",
        "regions": (), "languages": ("en",), **values,
    }  # fmt: skip
    people.change_person(person.public_id, people.PersonValues(**told), seen=person.revision, by=OFFICE)


def to_settle() -> list[str]:
    db.session.rollback()
    return [one.entry.text for one in safety.waiting(by=CONTACT)]


def public(row: int) -> str:
    return db.session.get_one(Person, row).public_id


@pytest.fixture
def room(app: Flask) -> tuple[int, list[int]]:
    """Six people, the second of whom is Sok Dara of the Paper Boat Press."""
    session_id, rows = open_room(6)
    with transaction() as writing:
        dara = writing.get_one(Person, rows[1])
        dara.name, dara.latin, dara.number = "សុខ ដារ៉ា", "Sok Dára", "4711"
        dara.organisation = Organisation(name="Paper Boat Press")
    return session_id, rows


# --- whom a line means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["សុខ ដារ៉ា", "Sok Dára", "sok dara", "DARA, Sok", "  Dara   Sok ", "4711", "٤٧١١", "Paper boat press"]
)
def test_a_line_means_a_name_in_any_spelling_a_number_or_an_organisation(
    room: tuple[int, list[int]], line: str
) -> None:
    session_id, (me, dara, *_others) = room
    wrote(me, line)
    assert kept_from(session_id, me) == {dara}
    assert not to_settle()


@pytest.mark.parametrize("line", ["Dara", "Sok", "471", "47110", "Paper Boat", "Person", "somebody tall"])
def test_a_line_that_fits_nobody_waits_and_keeps_nobody_apart(room: tuple[int, list[int]], line: str) -> None:
    session_id, (me, *_others) = room
    wrote(me, line)
    assert not kept_from(session_id, me)
    assert to_settle() == [line]


def test_whoever_writes_of_themselves_is_kept_from_nobody(room: tuple[int, list[int]]) -> None:
    session_id, (_me, dara, *_others) = room
    wrote(dara, "Sok Dara", "4711")
    assert not problem_of(session_id).keep_apart
    assert to_settle() == ["Sok Dara", "4711"]


def test_an_organisation_means_those_who_come_later_and_who_is_visited_from_there(app: Flask) -> None:
    session_id, rows = open_room(4, format="clinics")
    house = Organisation(name="Paper Boat Press")
    visited = [
        make.host(session_id=session_id, organisation=house),
        make.host(session_id=session_id, name="Law Heron", latin=""),
    ]
    make.store(house, *visited)
    wrote(rows[0], "paper boat press", "Heron Law")
    names = {bridge.host_key(one) for one in visited}
    assert {frozenset(two) for two in problem_of(session_id).keep_apart} == {
        frozenset((str(rows[0]), name)) for name in names
    }
    make.store(make.person(organisation=db.session.query(Organisation).one()))
    assert len(problem_of(session_id).keep_apart) == 3
    assert not to_settle()


def test_a_guest_who_is_visited_is_met_at_no_table_of_theirs(app: Flask) -> None:
    session_id, rows = open_room(4, format="clinics")
    make.store(make.host(session_id=session_id, name="Doctor Law", person=db.session.get(Person, rows[1])))
    key = bridge.host_key(db.session.query(Host).one())
    for line in (db.session.get_one(Person, rows[1]).name, "Doctor Law"):
        wrote(rows[0], line)
        assert problem_of(session_id).keep_apart == ((str(rows[0]), key),)
        with transaction() as writing:
            writing.query(ApartEntry).delete()


# --- how long it lasts ---------------------------------------------------------------------------------------------


def test_whoever_comes_later_is_met_by_what_was_written_before(room: tuple[int, list[int]]) -> None:
    session_id, (me, *_others) = room
    wrote(me, "Late Comer")
    late = make.person(name="Late Comer", latin="Late Comer")
    make.store(late)
    assert kept_from(session_id, me) == {late.id}
    assert not to_settle()


@pytest.mark.parametrize("planned", [True, False])
def test_another_name_or_organisation_is_no_way_out(room: tuple[int, list[int]], planned: bool) -> None:
    session_id, (me, dara, third, *_others) = room
    wrote(me, "Sok Dara")
    wrote(third, "Paper Boat Press")
    if planned:
        planning.make_plan(session_id, by=BY)
    change(dara, name="Another Name", latin="Another Name", organisation="Another House")
    assert kept_from(session_id, dara) == {me, third}
    assert not to_settle()


def test_a_name_of_ones_own_choice_is_no_way_out(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, *_others) = room
    wrote(me, "Sok Dara")
    who = Actor(person=db.session.get(Person, dara))
    renamed = Who(name="Another Name", latin="Another Name", languages=("en",))
    profiles.save(renamed, profiles.Sent("a form", open_who(who)[0].stamp), by=who)
    assert kept_from(session_id, dara) == {me}


def test_without_a_note_of_whom_it_meant_another_name_would_be_one(
    room: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, (me, dara, *_others) = room
    wrote(me, "Sok Dara")
    monkeypatch.setattr(apart, "pin", lambda rows: None)
    change(dara, name="Another Name", latin="Another Name")
    assert not kept_from(session_id, dara)


def test_until_it_is_settled_everybody_whom_it_fits_is_kept_apart(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, third, *_others) = room
    wrote(me, "Sok Dara")
    planning.make_plan(session_id, by=BY)
    change(third, name="Dara Sok", latin="Dara Sok")
    assert kept_from(session_id, me) == {dara, third}
    assert to_settle() == ["Sok Dara"]
    held = safety.waiting(by=CONTACT)[0]
    assert [one.person.id for one in held.choices if one.person] == [third, dara]
    safety.settle(held.entry.public_id, [public(third)], by=CONTACT)
    assert kept_from(session_id, me) == {third}
    assert not to_settle()
    assert db.session.query(ApartEntry).one().text == ""


# --- the safety contact --------------------------------------------------------------------------------------------


def test_what_is_said_in_person_counts_and_can_be_taken_back(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, third, *_others) = room
    number = db.session.get_one(Person, me).number
    safety.keep_apart(number, "Sok Dara", by=CONTACT)
    safety.keep_apart(number, db.session.get_one(Person, third).number, by=CONTACT)
    safety.keep_apart("4711", "Paper Boat Press", by=CONTACT)
    assert kept_from(session_id, me) == {dara, third}
    assert not to_settle()
    safety.take_back(number, "Sok Dara", by=CONTACT)
    assert kept_from(session_id, me) == {third}
    wrote(me, "Paper Boat Press", "nobody here")
    safety.take_back(number, "", by=CONTACT)
    assert not kept_from(session_id, me)
    assert not to_settle()


def test_what_fits_nobody_or_several_is_asked_back_in_person(room: tuple[int, list[int]]) -> None:
    _session_id, (me, _dara, third, *_others) = room
    change(third, name="Sok Dara", latin="Sok Dara")
    number = db.session.get_one(Person, me).number
    for who, whom, field in (
        ("nobody", "4711", "who"), ("Sok Dara", "4711", "who"), ("Paper Boat Press", "4711", "who"),
        (number, "nobody", "whom"), (number, "Sok Dara", "whom"), (number, number, "whom"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            safety.keep_apart(who, whom, by=CONTACT)
        assert caught.value.field == field
    assert db.session.query(ApartEntry).count() == 0


def test_an_entry_can_mean_several_an_organisation_or_nobody(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, third, fourth, *_others) = room
    wrote(me, "the two of the press", "somebody tall", "nobody")
    both, tall, nobody = (one.entry.public_id for one in safety.waiting(by=CONTACT))
    keys = [one.key for one in safety.search("paper boat")]
    with pytest.raises(BadInput):
        safety.settle(both, [public(me), "nothing"], by=CONTACT)
    safety.settle(both, [*keys, public(third)], by=CONTACT)
    safety.settle(tall, [public(fourth)], by=CONTACT)
    safety.set_aside(nobody, by=CONTACT)
    assert kept_from(session_id, me) == {dara, third, fourth}
    assert not to_settle()
    with pytest.raises(NotFound):
        safety.settle(tall, [public(third)], by=CONTACT)


@pytest.mark.parametrize("role", ["organiser", "facilitator", "participant"])
def test_nobody_else_can_settle_or_see_anything(room: tuple[int, list[int]], role: str) -> None:
    _session_id, (me, *_others) = room
    wrote(me, "somebody tall")
    entry = db.session.query(ApartEntry).one().public_id
    by = Actor(person=db.session.get(Person, me)) if role == "participant" else Actor(staff=Staff(name="x", role=role))
    for verb in (
        lambda: safety.waiting(by=by), lambda: safety.settle(entry, [public(me)], by=by),
        lambda: safety.set_aside(entry, by=by), lambda: safety.keep_apart("4711", "4711", by=by),
        lambda: safety.take_back("4711", "", by=by), lambda: safety.waiting_called(entry, by=by),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            verb()
    assert to_settle() == ["somebody tall"]


def test_the_safety_contact_does_nothing_at_the_desk_or_in_the_office(room: tuple[int, list[int]]) -> None:
    session_id, (me, *_others) = room
    for verb in (
        lambda: planning.make_plan(session_id, by=CONTACT), lambda: people.remove_person(public(me), by=CONTACT),
        lambda: planning.publish(session_id, by=CONTACT),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            verb()


def test_what_is_written_by_and_of_a_person_goes_with_them(room: tuple[int, list[int]]) -> None:
    _session_id, (me, dara, third, *_others) = room
    wrote(me, "Sok Dara", "somebody tall")
    wrote(dara, "somebody tall")
    wrote(third, "Paper Boat Press")
    safety.keep_apart(db.session.get_one(Person, third).number, "4711", by=CONTACT)
    waiting = to_settle()
    people.remove_person(public(dara), by=OFFICE)
    held = db.session.scalars(select(ApartEntry).order_by(ApartEntry.id)).all()
    texts = [(me, ""), (me, "somebody tall"), (third, "Paper Boat Press"), (third, "")]
    assert [(one.person_id, one.text) for one in held] == texts
    assert db.session.query(ApartTarget).filter(ApartTarget.person_id == dara).count() == 0
    stored = " ".join(db.session.scalars(select(ApartTarget.called))).casefold()
    assert "dara" not in stored
    assert "សុខ" not in stored
    assert to_settle() == waiting[:1] == ["somebody tall"]


def came_again(name: str, latin: str) -> int:
    """Somebody comes who has never been here, as far as the house knows."""
    with transaction() as rows:
        person = make.person(id=9_001, number="8888", name=name, latin=latin, languages=("en",))
        rows.add(person)
        rows.flush()
        return person.id


@pytest.mark.parametrize(("name", "latin"), [("dara SOK", ""), ("សុខ ដារ៉ា", "Other")])
def test_who_goes_and_comes_back_is_kept_from_those_who_would_rather_not(
    room: tuple[int, list[int]], name: str, latin: str
) -> None:
    session_id, (me, dara, third, fourth, fifth, sixth) = room
    wrote(me, "Sok Dara")
    safety.keep_apart(db.session.get_one(Person, third).number, "4711", by=CONTACT)
    make.store(KeepApart(one_id=dara, other_id=fourth))
    both = [ApartTarget(person_id=dara), ApartTarget(person_id=sixth)]
    make.store(ApartEntry(person_id=fifth, settled=True, targets=both))
    people.remove_person(public(dara), by=OFFICE)
    back = came_again(name, latin)
    assert kept_from(session_id, back) == {me, third, fourth, fifth}
    # under another name again, and after going once more
    with transaction() as rows:
        apart.pin(rows)
        rows.get_one(Person, back).name = "Somebody Else"
    assert kept_from(session_id, back) == {me, third, fourth, fifth}
    people.remove_person(public(back), by=OFFICE)
    assert kept_from(session_id, came_again(name, latin)) == {me, third, fourth, fifth}


def test_somebody_else_than_who_has_gone_is_kept_from_nobody(room: tuple[int, list[int]]) -> None:
    session_id, (me, dara, *_others) = room
    wrote(me, "Sok Dara")
    people.remove_person(public(dara), by=OFFICE)
    assert kept_from(session_id, came_again("Sok Mina", "")) == set()


# --- never at one table --------------------------------------------------------------------------------------------


def written_at_random(chance: random.Random) -> None:
    """Let some people write of others, by name, number or organisation."""
    everybody = list(db.session.scalars(select(Person).order_by(Person.id)))
    for who in chance.sample(everybody, 2):
        whom = chance.choice([one for one in everybody if one is not who])
        house = whom.organisation.name if whom.organisation else whom.name
        wrote(who.id, chance.choice((whom.name, whom.latin or whom.name, whom.number, house)))


def offenders(plan: Plan, first: int = 1) -> list[tuple[int, set[str]]]:
    """Every two who share a table from a round on though they are to be kept apart."""
    keys = {one.public_id: bridge.host_key(one) for one in plan.session.hosts}
    apart_ = [set(two) for two in problem_of(plan.session_id).keep_apart]
    tables = [
        (one.round_no, {*(str(seat.person_id) for seat in one.seats), keys.get(one.host or "", "")})
        for one in db.session.get_one(Plan, plan.id).meetings
        if one.round_no >= first
    ]
    return [(number, two) for number, table in tables for two in apart_ if two <= table]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_nobody_meets_whom_they_need_not_in_any_plan_or_repair(app: Flask, kind: str, chance: random.Random) -> None:
    empty_house()
    session_id, _people = published_room(kind, count=chance.randint(6, 8))
    for first in (1, 2, 3):
        written_at_random(chance)
        happen(session_id, chance, first - 1)
        made = bridge.repaired(case_of(session_id, first))
        with transaction() as rows:
            planning.reissue(rows, rows.get_one(Session, session_id), made.pair, BY, open_from=first)
        assert not offenders(version_of(session_id), first)


def test_an_entry_after_the_plan_is_noticed_by_the_same_look(app: Flask) -> None:
    session_id, rows = open_room(4, rounds=3)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    wrote(rows[0], db.session.get_one(Person, rows[1]).number)
    assert len(offenders(version_of(session_id))) == 1
    planning.make_plan(session_id, by=BY)
    draft = planning.find_plan(session_id, "draft")
    assert frozenset(rows[:2]) not in pairs_of(draft.id)


@pytest.mark.parametrize("apart_", [False, True])
def test_the_help_point_brings_no_two_together_who_need_not_meet(app: Flask, apart_: bool) -> None:
    session_id, (one, other) = stranded(rounds=1)
    if apart_:
        wrote(one, db.session.get_one(Person, other).name)
    assert {row.kind for row in ask(session_id, one, other).values()} == {"third" if apart_ else "pair"}


@pytest.mark.parametrize("apart_", [False, True])
def test_no_hand_brings_two_together_who_need_not_meet(app: Flask, apart_: bool) -> None:
    session_id, rows = open_room(4, rounds=1)
    planning.make_plan(session_id, by=BY)
    draft = planning.find_plan(session_id, "draft")
    one, other = draft.meetings[0].seats[0].person_id, draft.meetings[1].seats[0].person_id
    if apart_:
        wrote(one, db.session.get_one(Person, other).number)
    tables = {seat.person_id: held.table for held in draft.meetings for seat in held.seats}
    partner = next(row for row in rows if row != one and tables[row] == tables[one])
    seen = editing.Draft(session_id, draft.public_id)
    told = editing.trade(seen, (1, public(partner)), public(other), by=BY)
    assert told.done is not apart_
    assert not offenders(planning.find_plan(session_id, "draft"))
