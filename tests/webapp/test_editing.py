"""Drafts by hand: whatever is locked, moved and swapped, the referee finds nothing, and what is locked stays."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from tests.breadth import breadth
from tests.webapp import factories as make
from tests.webapp.drafts import (
    DOOR,
    MEETINGS,
    MOVE,
    at,
    breaches,
    bring_together,
    draft_of,
    ends,
    furnish,
    locked_in,
    person,
    seen,
    state_of,
)
from tests.webapp.factories import Visitor, send
from tests.webapp.pages import in_words
from tests.webapp.test_bridge import BY, open_room, pairs_of, problem_of
from webapp import bridge
from webapp.db import db, transaction
from webapp.errors import NotNow, Refused
from webapp.models import (
    Absence,
    Interest,
    Interpreter,
    KeepApart,
    MetBefore,
    Organisation,
    Person,
    Rest,
    Session,
    Table,
)
from webapp.operations.plans import editing, planning, summary


@pytest.fixture
def desk(app: Flask, visitor: Visitor) -> FlaskClient:
    """A browser in which a facilitator is signed in."""
    return visitor.staff("facilitator")


def test_what_is_locked_is_in_the_plan_made_anew_and_stays_locked(app: Flask) -> None:
    session_id, _people = open_room(8)
    planning.make_plan(session_id, by=BY)
    locked = set()
    for number in (1, 2):
        table, company = list(at(session_id, number).items())[-1]
        assert editing.lock(seen(session_id), number, table, by=BY).done
        locked.add((number, table, frozenset(company)))
    for seed in (1, 2, 3):
        planning.make_plan(session_id, by=BY, seed=seed)
        kept = {
            (one.round_no, one.table, frozenset(seat.person_id for seat in one.seats))
            for one in draft_of(session_id).meetings
            if one.locked
        }
        assert kept == locked
        assert not breaches(session_id)
    planning.publish(session_id, by=BY)


@pytest.mark.parametrize("cause", ["left", "away", "table", "apart", "met"])
def test_a_lock_that_cannot_be_kept_is_told_and_dropped(desk: FlaskClient, cause: str) -> None:
    session_id, _people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    table, (one, other) = next(iter(at(session_id, 1).items()))
    kept = list(at(session_id, 1))[1]
    for name in (table, kept):
        assert editing.lock(seen(session_id), 1, name, by=BY).done
    assert "cannot be kept" not in desk.get(MEETINGS).text
    with transaction() as rows:
        if cause == "left":
            rows.delete(rows.get(Person, one))
        elif cause == "away":
            rows.add(Absence(person_id=one, starts=make.START, ends=make.START + timedelta(minutes=1)))
        elif cause == "table":
            rows.query(Table).filter_by(name=table).delete()
        else:
            rows.add({"apart": KeepApart, "met": MetBefore}[cause](one_id=min(one, other), other_id=max(one, other)))
    for page in (f"{DOOR}/draft", MEETINGS):
        words = in_words(desk.get(page).text)
        assert "1 locked meeting cannot be kept" in words
        wanted = {"away": "is away in round 1.", "left": "no longer expected", "table": "no longer there"}
        assert wanted.get(cause, "The rules of this session do not allow it.") in words
    planning.make_plan(session_id, by=BY)
    assert [row.table for row in draft_of(session_id).meetings if row.locked] == [kept]
    assert not breaches(session_id)


def test_a_draft_that_no_longer_fits_can_still_be_locked_but_for_what_is_forbidden(app: Flask) -> None:
    session_id, _people = open_room(6)
    planning.make_plan(session_id, by=BY)
    (first, gone), (second, apart), (third, _kept) = at(session_id, 1).items()
    with transaction() as rows:
        rows.add(Absence(person_id=gone[0], starts=make.START, ends=make.START + timedelta(minutes=1)))
        rows.add(KeepApart(one_id=min(apart), other_id=max(apart)))
    looked = seen(session_id)
    for table, done in ((first, False), (second, False), (third, True)):
        answer = editing.lock(looked, 1, table, by=BY)
        assert (answer.done, answer.possible) == (done, False)
        assert done or [one.sentence for one in answer.told] == ["The rules of this session do not allow it."]
    with pytest.raises(NotNow, match="have changed since"):
        editing.swap(looked, 1, (first, second), by=BY)
    assert editing.unlock(looked, 1, third, by=BY).done
    assert not any(one.locked for one in draft_of(session_id).meetings)


def test_locks_that_contradict_each_other_are_told_without_a_name(app: Flask) -> None:
    problem = matcher.Problem(
        matcher.Session(rounds=1, format="circles", size=2),
        tuple(matcher.Person(str(row)) for row in range(71, 77)),
        locks=(matcher.Lock(1, tuple(map(str, range(71, 76)))),),
    )
    with pytest.raises(Refused) as refusal:
        bridge.solve(problem)
    assert refusal.value.sentence.startswith("The locked meetings cannot all be kept together.")


def test_two_change_places_and_the_figures_are_true_again(app: Flask) -> None:
    session_id, _people = open_room(8, rounds=2)
    planning.make_plan(session_id, by=BY)
    before = draft_of(session_id).public_id
    for one, other in _pairs_to_trade(session_id):
        answer = editing.trade(seen(session_id), (1, person(one).public_id), person(other).public_id, by=BY)
        if answer.done:
            break
    assert answer.done
    assert draft_of(session_id).public_id != before
    assert not breaches(session_id)
    assert summary.summary(draft_of(session_id)).talks == 8


def _pairs_to_trade(session_id: int) -> list[tuple[int, int]]:
    tables = list(at(session_id, 1).values())
    return [(one, other) for one in tables[0] for table in tables[1:] for other in table]


def organised(**values: Any) -> tuple[int, list[int]]:
    """One round of six; the first two work for the same organisation, the third speaks Khmer alone with the fourth."""
    session_id, people = open_room(4, rounds=1, slug="s", **values)
    press = make.organisation()
    with transaction() as rows:
        for row in people[:2]:
            rows.get(Person, row).organisation = press
    planning.make_plan(session_id, by=BY)
    return session_id, people


def test_a_gentle_rule_is_told_and_broken_only_when_asked_for_once_more(desk: FlaskClient) -> None:
    session_id, people = organised()
    before = state_of(session_id)
    answer = bring_together(desk, people)
    assert answer.status_code == 422
    assert "They work for the same organisation." in in_words(answer.text)
    assert "Do it all the same" in answer.text
    assert state_of(session_id) == before
    assert bring_together(desk, people, sure="yes").status_code == 303
    assert frozenset(people[:2]) in pairs_of(draft_of(session_id).id)
    assert {frozenset(s.person_id for s in one.seats) for one in draft_of(session_id).meetings if one.locked} == {
        frozenset(people[:2])
    }
    assert not breaches(session_id)
    assert "have changed since" not in desk.get(f"{DOOR}/draft").text
    planning.make_plan(session_id, by=BY, seed=4)
    assert frozenset(people[:2]) in pairs_of(draft_of(session_id).id)


def test_a_meeting_that_stands_by_its_lock_alone_is_taken_out_when_asked_for_once_more(desk: FlaskClient) -> None:
    session_id, people = organised()
    bring_together(desk, people, sure="yes")
    table = next(one.table for one in draft_of(session_id).meetings if one.locked)
    form = {"draft": draft_of(session_id).public_id, "round": "1", "table": table}
    answer = send(desk, f"{MEETINGS}/unlock", page=MEETINGS, **form)
    assert answer.status_code == 422
    assert "stands by its lock alone" in answer.text
    assert send(desk, f"{MEETINGS}/unlock", page=MEETINGS, sure="yes", **form).status_code == 303
    assert {row.person_id for row in db.session.query(Rest)} == set(people[:2])
    assert not breaches(session_id)


def draw_change(session_id: int, people: list[int], data: st.DataObject) -> editing.Answer:
    """Do one thing or another to a draft."""
    number = data.draw(st.integers(1, 3))
    tables = at(session_id, number)
    verb = data.draw(st.sampled_from(("lock", "unlock", "move", "trade", "trade", "swap")))
    sure = data.draw(st.booleans())
    who, other = (person(data.draw(st.sampled_from(people))).public_id for _ in range(2))
    names = bridge.standing(problem_of(session_id), draft_of(session_id)).tables
    table, another = (data.draw(st.sampled_from(names)) for _ in range(2))
    if verb in {"lock", "unlock"}:
        if table not in tables:
            return editing.Answer(done=False)
        if verb == "lock":
            return editing.lock(seen(session_id), number, table, by=BY)
        return editing.unlock(seen(session_id), number, table, sure=sure, by=BY)
    if verb == "move":
        return editing.move_to(seen(session_id), (number, who), table, sure=sure, by=BY)
    if verb == "trade":
        return editing.trade(seen(session_id), (number, who), other, sure=sure, by=BY)
    return editing.swap(seen(session_id), number, (table, another), by=BY)


@pytest.mark.parametrize("format_", ["pairs", "circles", "stations", "clinics", "groups"])
@settings(
    max_examples=breadth(8, quick=4),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_after_any_changes_the_referee_finds_nothing_and_nobody_is_lost(
    app: Flask, format_: str, data: st.DataObject
) -> None:
    with transaction() as rows:
        for kind in (Session, Person, Organisation, Interest, Interpreter):
            rows.query(kind).delete()
    values = {"move": "groups"} if format_ == "groups" else {}
    count, limit = data.draw(st.integers(5, 8)), data.draw(st.sampled_from((None, 2)))
    session_id, people = furnish(
        "stations" if format_ == "groups" else format_,
        count=count,
        limit=None if format_ == "groups" else limit,
        **values,
    )
    pairs = [(one, other) for one in people for other in people if one < other]
    for kind in (KeepApart, MetBefore):
        entries = data.draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True))
        make.store(*(kind(one_id=one, other_id=other) for one, other in entries))
    planning.make_plan(session_id, by=BY)
    everybody = ends(session_id)
    for _ in range(data.draw(st.integers(1, 8))):
        before = state_of(session_id)
        answer = draw_change(session_id, people, data)
        assert not breaches(session_id)
        assert answer.done or state_of(session_id) == before
        assert ends(session_id) == everybody or format_ == "clinics"
        assert planning.fits(db.session(), draft_of(session_id))
        summary.summary(draft_of(session_id))
    locked = locked_in(session_id)
    planning.make_plan(session_id, by=BY, seed=1)
    assert not breaches(session_id)
    kept = locked_in(session_id)
    assert all(any(spot == (n, t) and who <= others for (n, t), others in kept.items()) for spot, who in locked.items())


@pytest.mark.parametrize("format_", ["circles", "stations", "clinics", "pairs"])
def test_in_every_format_somebody_can_be_moved_by_the_pages(desk: FlaskClient, format_: str) -> None:
    session_id, _people = furnish(format_, count=7, rounds=2, slug="s")
    planning.make_plan(session_id, by=BY)
    done = 0
    for number in (1, 2):
        page = desk.get(f"{MEETINGS}?round={number}").text
        for link in sorted(set(re.findall(rf'href="({MOVE}/[\w-]+)\?round={number}"', page))):
            for value in re.findall(r'<option value="([^"]+)"', desk.get(f"{link}?round={number}").text):
                form = {"draft": draft_of(session_id).public_id, "round": str(number), "to": value}
                answer = send(desk, link, **form)
                assert answer.status_code in {303, 422}
                done += answer.status_code == 303
            if done:
                break
    assert done
    assert not breaches(session_id)
