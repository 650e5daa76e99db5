"""Ticks: they set and never toggle, an undo brings back what was, and several people at once lose none."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.webapp import factories as make
from tests.webapp.factories import START
from tests.webapp.test_bridge import BY, open_room
from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import Absence, Attendance, Person, Session, Staff
from webapp.operations.plans import planning
from webapp.operations.rounds import floor
from webapp.operations.rounds.floor import Mark

ROUNDS = 3
OTHER = Actor(staff=Staff(name="gil", role="facilitator"))


def at_round(number: int) -> datetime:
    """A moment while this round is held; 0 is before the first."""
    wall = START + timedelta(minutes=8 * (number - 1) + 1) if number else START - timedelta(minutes=2)
    return make.event().at_venue(wall)


def ids(people: list[int]) -> list[str]:
    return [db.session.get(Person, row).public_id for row in people]


def marks(session_id: int) -> dict[int, Mark]:
    db.session.rollback()
    return {row.person_id: Mark.of(row) for row in db.session.query(Attendance).filter_by(session_id=session_id)}


def tick(session_id: int, who: list[str], state: str, number: int = 0, **given_: int) -> floor.Ticked:
    return floor.tick(session_id, who, state, by=BY, now=at_round(number), **given_)


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([("here", 0)], Mark("here")),
        ([("here", 2)], Mark("here")),
        ([("late", 0)], Mark("late", 2)),
        ([("late", 2)], Mark("late", 3)),
        ([("absent", 0)], Mark("absent", 1, 0)),
        ([("here", 0), ("absent", 2)], Mark("absent", 1, 2)),
        ([("absent", 0), ("here", 2)], Mark("here", 1)),
        ([("late", 0), ("here", 0)], Mark("here", 1)),
        ([("late", 1), ("here", 2)], Mark("here", 2)),
        ([("here", 0), ("expected", 1)], None),
    ],
)
def test_a_tick_says_from_which_round_to_which(app: Flask, steps: list[tuple[str, int]], left: Mark | None) -> None:
    session_id, people = open_room(2, rounds=ROUNDS)
    for state, number in steps:
        tick(session_id, ids(people[:1]), state, number)
    assert marks(session_id) == ({} if left is None else {people[0]: left})


def test_rounds_that_are_given_count_as_given(app: Flask) -> None:
    session_id, people = open_room(1, rounds=ROUNDS)
    (who,) = ids(people)
    tick(session_id, [who], "late", first_round=3)
    assert marks(session_id)[people[0]] == Mark("late", 3)
    tick(session_id, [who], "here", last_round=2)
    assert marks(session_id)[people[0]] == Mark("here", 1, 2)
    for wrong in ({"first_round": 0}, {"first_round": 4}, {"last_round": 9}, {"last_round": -1}):
        with pytest.raises(BadInput):
            tick(session_id, [who], "here", **wrong)
    with pytest.raises(BadInput):
        tick(session_id, [who], "asleep")


def test_who_comes_late_and_leaves_early_does_both(app: Flask) -> None:
    session_id, people = open_room(2, rounds=4)
    one, other = ids(people)
    tick(session_id, [one], "late", first_round=2)
    tick(session_id, [one], "here", last_round=3)
    assert marks(session_id)[people[0]] == Mark("here", 2, 3)
    tick(session_id, [other], "here", last_round=3)
    tick(session_id, [other], "late", first_round=2)
    assert marks(session_id)[people[1]] == Mark("late", 2, 3)
    tick(session_id, [other], "here", 1)
    assert marks(session_id)[people[1]] == Mark("here", 2, 3)
    tick(session_id, [other], "absent", 1)
    tick(session_id, [other], "here", 2)
    assert marks(session_id)[people[1]] == Mark("here", 2)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_presses_mean_one_and_an_undo_brings_back_what_was(app: Flask, data: st.DataObject) -> None:
    with transaction() as rows:
        for kind in (Session, Person):
            rows.execute(delete(kind))
        rows.merge(make.event())
    session, people = make.session(rounds=ROUNDS), [make.person(), make.person()]
    make.store(session, *people)
    number, session_id = 0, session.id
    for _step in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(number, ROUNDS))
        who = [person.public_id for person in people if data.draw(st.booleans())]
        state = data.draw(st.sampled_from(floor.STATES))
        before = marks(session_id)
        done = tick(session_id, who, state, number)
        after = marks(session_id)
        assert not tick(session_id, who, state, data.draw(st.integers(number, ROUNDS))).before
        assert marks(session_id) == after
        for person in people:
            was, left = (held.get(person.id, Mark()) for held in (before, after))
            assert done.before.get(person.public_id, left) == was
            assert left.state == (state if person.public_id in who else was.state)
            assert Mark.read(left.word) == left
            floor.undo(session_id, person.public_id, was, left, by=BY, now=at_round(number))
        assert marks(session_id) == before
        tick(session_id, who, state, number)


def test_an_undo_never_wipes_what_somebody_else_has_ticked(app: Flask) -> None:
    session_id, people = open_room(3, rounds=ROUNDS)
    one, two, three = ids(people)
    tick(session_id, [one], "here")
    floor.tick(session_id, [one], "absent", by=OTHER, now=at_round(1))
    with pytest.raises(NotNow, match="Somebody else has ticked"):
        floor.undo(session_id, one, Mark(), Mark("here"), by=BY, now=at_round(1))
    done = floor.all_absent(session_id, by=BY, now=at_round(0))
    assert set(done.before) == {two, three}
    floor.tick(session_id, [two], "here", by=OTHER, now=at_round(1))
    assert floor.ticked_at(session_id, done.at, by=OTHER) == (0, "")
    assert floor.ticked_at(session_id, done.at, by=BY) == (1, "absent")
    assert floor.undo_all(session_id, done.at, by=OTHER) == 0
    assert floor.undo_all(session_id, done.at, by=BY) == 1
    assert marks(session_id) == {people[0]: Mark("absent", 1, 1), people[1]: Mark("here")}


def test_all_at_once_touches_only_who_is_still_expected(app: Flask) -> None:
    session_id, people = open_room(5, rounds=ROUNDS)
    house, other = make.organisation(), make.organisation()
    make.store(house, other)
    with transaction() as rows:
        for row, home in zip(people, (house, house, house, other, other), strict=True):
            rows.get(Person, row).organisation_id = home.id
        rows.add(Absence(person_id=people[2], starts=START, ends=START + timedelta(days=1)))
    tick(session_id, ids(people[:1]), "absent")
    assert set(floor.all_here(session_id, ids(people[:1])[0], by=BY, now=at_round(0)).before) == set(ids(people[1:2]))
    assert set(floor.all_absent(session_id, by=BY, now=at_round(0)).before) == set(ids(people[3:]))
    states = {row: mark.state for row, mark in marks(session_id).items()}
    assert states == dict(zip([*people[:2], *people[3:]], ["absent", "here", "absent", "absent"], strict=True))


def test_only_staff_tick_and_only_the_audience(app: Flask) -> None:
    session_id, people = open_room(1, audience="members")
    (who,) = ids(people)
    for wrong in ([who], ["nobody"]):
        with pytest.raises(NotFound):
            tick(session_id, wrong, "here")
    with transaction() as rows:
        rows.get(Person, people[0]).role = "member"
    guest = Actor(person=db.session.get(Person, people[0]))
    for by in (NOBODY, guest):
        with pytest.raises(NotFound):
            floor.tick(session_id, [who], "here", by=by, now=at_round(0))
    assert tick(session_id, [who], "here").before == {who: Mark()}
    assert marks(session_id) == {people[0]: Mark("here")}


# --- several people at once ------------------------------------------------------------------------------------------


def together(app: Flask, works: list[Callable[[], object]]) -> list[object]:
    """Do everything at once, each in a thread of its own; return what came of each, or what it raised."""
    ready = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def run(at: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                found[at] = works[at]()
            except Exception as error:
                found[at] = error
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return found


def crowd(app: Flask, press: Callable[[int, str, str], object]) -> tuple[list[object], dict[int, Mark], list[int]]:
    """Let four people tick sixteen guests at once, each guest twice by two of them."""
    session_id, people = open_room(16, rounds=ROUNDS)
    names = ids(people)

    def work(part: int) -> Callable[[], object]:
        mine = names[: len(names) // 2] if part % 2 else names[len(names) // 2 :]
        return lambda: [press(session_id, who, "here") for who in mine]

    found = together(app, [work(part) for part in range(4)])
    return found, marks(session_id), people


def test_several_people_at_once_lose_no_tick(app: Flask) -> None:
    found, held, people = crowd(app, lambda held, who, state: tick(held, [who], state))
    assert not [one for one in found if isinstance(one, Exception)]
    assert held == dict.fromkeys(people, Mark("here"))


def test_ticks_that_look_before_the_transaction_are_noticed(app: Flask) -> None:
    looked = threading.Barrier(4)

    def careless(session_id: int, who: str, state: str) -> None:
        row = db.session.query(Person).filter_by(public_id=who).one().id
        there = db.session.get(Attendance, (session_id, row)) is not None
        db.session.rollback()
        looked.wait(timeout=2)
        if not there:
            make.store(Attendance(session_id=session_id, person_id=row, state=state))

    found, held, people = crowd(app, careless)
    assert [one for one in found if isinstance(one, Exception)] or set(held) != set(people)


def test_the_last_of_two_who_tick_one_person_wins_and_both_are_told(app: Flask) -> None:
    session_id, people = open_room(1, rounds=ROUNDS)
    (who,) = ids(people)
    for _again in range(5):
        found = together(app, [lambda s=state: tick(session_id, [who], s) for state in ("here", "absent", "late")])
        befores = [one.before[who].state for one in found]
        last = marks(session_id)[people[0]].state
        # each saw what the one before had left
        assert sorted([*befores, last]) == ["absent", "expected", "here", "late"]
        tick(session_id, [who], "expected")


def winners(app: Flask, press: Callable[[int, str], object]) -> list[object]:
    session_id, _people = open_room(4, rounds=ROUNDS)
    draft = planning.make_plan(session_id, by=BY)
    return together(app, [lambda: press(session_id, draft) for _two in range(2)])


def test_of_two_who_publish_at_once_one_wins_and_the_other_gets_a_sentence(app: Flask) -> None:
    found = winners(app, lambda session_id, draft: planning.publish(session_id, by=BY, draft=draft))
    (lost,) = [one for one in found if one != "A"]
    assert isinstance(lost, NotNow)
    assert lost.sentence.startswith("There is no draft: somebody has published")


def test_two_who_publish_what_they_saw_before_would_both_win(app: Flask) -> None:
    looked = threading.Barrier(2)

    def careless(session_id: int, _draft: str) -> str:
        seen = planning.find_plan(session_id, "draft")
        looked.wait(timeout=2)
        with transaction() as rows:
            plan = rows.get(type(seen), seen.id)
            plan.state, plan.version = "published", 1
            return plan.letter

    assert winners(app, careless) == ["A", "A"]
