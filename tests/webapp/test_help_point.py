"""The help point: an answer for everybody at once, by all rules, for one round, and nothing that tells a keep-apart."""

from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.rules import Admissibility
from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.repairs import KINDS, published_room, tables_in, version_of
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_repair import BEFORE, DOOR, during, empty_house, publish, session_of, tick
from webapp import bridge
from webapp.db import db, transaction
from webapp.errors import BadInput
from webapp.models import (
    Attendance,
    HelpPlace,
    Interpreter,
    InterpreterSession,
    KeepApart,
    Meeting,
    MetBefore,
    Person,
    PersonLanguage,
    Plan,
    Seat,
    Session,
)
from webapp.operations.plans import planning
from webapp.operations.rounds import help_point


def numbers(*rows: int) -> str:
    return " ".join(db.session.get_one(Person, row).number for row in rows)


def ask(session_id: int, *rows: int, number: int = 1) -> dict[int, HelpPlace]:
    help_point.send(session_id, numbers(*rows), number=number, by=BY, now=during(number))
    return {one.person_id: one for one in db.session.query(HelpPlace).filter_by(round_no=number)}


def stranded(*, count: int = 8, rounds: int = 2, **values: object) -> tuple[int, list[int]]:
    """A published session of pairs; of two tables of round 1 one person each is absent. Its id, and the other two."""
    session_id, _people = open_room(count, rounds=rounds, slug="s", **values)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    tables = [[seat.person_id for seat in one.seats] for one in version_of(session_id).meetings if one.round_no == 1]
    for table in tables[:2]:
        tick(session_id, table[1], last_round=0)
    return session_id, [table[0] for table in tables[:2]]


def together_later(session_id: int, one: int, other: int) -> bool:
    held = tables_in(version_of(session_id), range(2, 9))
    return any(held.get((other, number)) == table for (row, number), table in held.items() if row == one)


def keep(kind: type[KeepApart] | type[MetBefore], one: int, other: int) -> None:
    with transaction() as rows:
        rows.add(kind(one_id=min(one, other), other_id=max(one, other)))


def test_two_without_a_partner_meet_at_a_free_table_and_have_met_from_then_on(app: Flask) -> None:
    session_id, (one, other) = stranded(rounds=1)
    held = ask(session_id, one, other)
    assert {held[one].kind, held[other].kind} == {"pair"}
    assert held[one].table == held[other].table
    busy = {table for (row, _number), table in tables_in(version_of(session_id), range(1, 2)).items()
            if row not in {one, other} and not _absent(session_id, row)}  # fmt: skip
    assert held[one].table not in busy
    assert help_point.met_at_help_point(db.session(), version_of(session_id)) == [tuple(map(str, sorted((one, other))))]
    assert version_of(session_id).letter == "A"


def _absent(session_id: int, row: int) -> bool:
    held = db.session.get(Attendance, (session_id, row))
    return held is not None and held.state == "absent"


def test_whoever_met_at_the_help_point_is_not_sent_to_meet_again_by_a_repair(app: Flask) -> None:
    session_id, (one, other) = stranded(count=6, rounds=3)
    if not together_later(session_id, one, other):
        ask(session_id, one, other)
        publish(session_id, during(1))
        assert not together_later(session_id, one, other)
        return
    # they are to meet later, so the help point does not bring them together now
    assert {row.kind for row in ask(session_id, one, other).values()} <= {"third", "staff"}


def test_one_alone_is_a_third_and_then_a_member_of_staff_helps(app: Flask) -> None:
    session_id, (one, other) = stranded(rounds=1)
    keep(MetBefore, one, other)
    held = ask(session_id, one, other)
    assert {held[one].kind, held[other].kind} == {"third"}
    assert held[one].table != held[other].table
    seen = help_point.sent(session_of(session_id), 1)
    assert all(len(line.beside) == 2 for line in seen)
    help_point.undo(session_id, db.session.get_one(Person, one).public_id, number=1, by=BY)
    with transaction() as rows:
        for table in version_of(session_id).meetings:
            for seat in table.seats:
                if seat.person_id not in {one, other}:
                    rows.add(MetBefore(one_id=min(one, seat.person_id), other_id=max(one, seat.person_id)))
    assert ask(session_id, one)[one].kind == "staff"


def test_who_met_in_another_session_does_not_meet_here(app: Flask) -> None:
    session_id, (one, other) = stranded(rounds=1)
    with transaction() as rows:
        here = rows.get_one(Session, session_id)
        earlier = make.session(starts=here.starts - timedelta(hours=2), ends=here.starts - timedelta(hours=1), rounds=1,
                               slug="earlier", tables=make.tables("1"))  # fmt: skip
        rows.add(earlier)
        rows.flush()
        plan = Plan(session_id=earlier.id, rounds=1, people=2, quality={})
        plan.meetings = [Meeting(round_no=1, table="1", seats=[
            Seat(person_id=row, round_no=1, place=at) for at, row in enumerate((one, other))])]  # fmt: skip
        rows.add(plan)
        rows.flush()
        plan.state, plan.version = "published", 1
    assert {row.kind for row in ask(session_id, one, other).values()} == {"third"}


def test_a_keep_apart_entry_reads_like_any_other_reason(app: Flask, visitor: Visitor) -> None:
    session_id, (one, other) = stranded(rounds=1)
    desk, pages = visitor.staff("facilitator"), []
    for kind in (KeepApart, MetBefore):
        keep(kind, one, other)
        assert send(desk, f"{DOOR}/help", numbers=numbers(one, other)).status_code == 303
        assert {row.kind for row in db.session.query(HelpPlace)} == {"third"}
        pages.append(in_words(untimed(desk.get(f"{DOOR}/help").text)))
        for row in (one, other):
            help_point.undo(session_id, db.session.get_one(Person, row).public_id, number=1, by=BY)
        with transaction() as rows:
            rows.query(kind).delete()
    assert pages[0] == pages[1]


def test_without_the_entry_the_page_differs(app: Flask) -> None:
    session_id, (one, other) = stranded(rounds=1)
    assert {row.kind for row in ask(session_id, one, other).values()} == {"pair"}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_in_every_format_everybody_gets_an_answer_that_no_rule_forbids(
    app: Flask, kind: str, data: st.DataObject
) -> None:
    empty_house()
    session_id, people = published_room(kind, count=7, rounds=2)
    one, other = data.draw(st.lists(st.sampled_from(people), min_size=2, max_size=2, unique=True))
    keep(KeepApart, one, other)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    waiting = data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=4, unique=True))
    for row in data.draw(st.lists(st.sampled_from(sorted({*people} - {*waiting})), max_size=2, unique=True)):
        tick(session_id, row, last_round=0)
    held = ask(session_id, *waiting)
    assert held.keys() == set(waiting)
    here = tables_in(version_of(session_id), range(1, 2))
    tables: dict[str, set[int]] = {}
    for (row, _number), table in here.items():
        if row not in held and not _absent(session_id, row):
            tables.setdefault(table, set()).add(row)
    for row, place in held.items():
        if place.table:
            tables.setdefault(place.table, set()).add(row)
    assert not any({one, other} <= table for table in tables.values())
    most = {"pairs": 3, "circles": 4}.get(kind, 9)
    assert all(len(table) <= most for table in tables.values())


def interpreted(*languages: str) -> tuple[int, int]:
    """Two who talk through an interpreter of English and French, and one who came without a card."""
    session = make.session(slug="s", rounds=1, tables=make.tables("1", "2"))
    with transaction() as rows:
        rows.merge(make.event())
    make.store(session, make.interpreter(sessions=[session]), make.person(), make.person(languages=("fr",)))
    session_id = session.id
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    assert version_of(session_id).meetings[0].interpreter
    late = make.person(languages=languages)
    make.store(late)
    return session_id, late.id


@pytest.mark.parametrize(("languages", "kind"), [(("fr",), "third"), ((), "third"), (("km",), "staff")])
def test_an_interpreter_at_a_table_speaks_for_a_third_too(app: Flask, languages: tuple[str, ...], kind: str) -> None:
    session_id, late = interpreted(*languages)
    assert ask(session_id, late)[late].kind == kind


def test_an_interpreter_who_is_gone_or_no_longer_needed_there_speaks_for_nobody(app: Flask) -> None:
    session_id, late = interpreted("fr")
    with transaction() as rows:
        rows.query(InterpreterSession).one().gone_from = 1
    assert ask(session_id, late)[late].kind == "staff"
    empty_house()
    session_id, late = interpreted("fr")
    for seat in version_of(session_id).meetings[0].seats:
        tick(session_id, seat.person_id, last_round=0)
    two = [make.person(languages=("en", "fr")) for _ in range(2)]
    make.store(*two)
    assert {one.kind for one in ask(session_id, *(one.id for one in two)).values()} == {"pair"}
    with transaction() as rows:
        rows.get_one(Person, late).languages[0].code = "km"
    assert ask(session_id, late)[late].kind == "staff"


def understood(session_id: int) -> bool:
    """Whether at each table that was joined all have a language in common, or with the interpreter who works there."""
    voices = {one.table: one.interpreter for one in version_of(session_id).meetings if one.round_no == 1}
    tables: dict[str, set[int]] = {}
    for (row, _number), table in tables_in(version_of(session_id), range(1, 2)).items():
        if db.session.get(HelpPlace, (session_id, 1, row)) is None and not _absent(session_id, row):
            tables.setdefault(table, set()).add(row)
    joined = db.session.query(HelpPlace).filter(HelpPlace.table != "").all()
    for one in joined:
        tables.setdefault(one.table, set()).add(one.person_id)
    spoken = {one.id: {held.code for held in one.languages} for one in db.session.query(Person)}
    heard = {one.public_id: {held.code for held in one.languages} for one in db.session.query(Interpreter)}
    for table in {one.table for one in joined}:
        lists = [spoken[row] for row in tables[table]]
        voice = heard.get(voices.get(table) or "", set())
        if not set.intersection(*lists) and not all(own & voice for own in lists):
            return False
    return True


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_everybody_at_a_table_that_was_joined_is_understood(app: Flask, data: st.DataObject) -> None:
    empty_house()
    session_id, people = published_room("pairs", count=8, rounds=1)
    with transaction() as rows:
        for row in people:
            rows.get_one(Person, row).languages = [PersonLanguage(code=data.draw(st.sampled_from(["en", "fr", "km"])))]
    publish(session_id, BEFORE)
    ask(session_id, *data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True)))
    assert understood(session_id)


def test_an_interpreter_who_is_thought_to_speak_everything_would_be_noticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, late = interpreted("km")
    monkeypatch.setattr(bridge.helping._Room, "_interpreted", lambda *_told: True)
    monkeypatch.setattr(Admissibility, "allowed", ~np.eye(3, dtype=bool))
    assert ask(session_id, late)[late].kind == "third"
    assert not understood(session_id)


def test_numbers_in_any_digits_are_read_and_what_is_wrong_is_told(app: Flask, visitor: Visitor) -> None:
    session_id, (one, other) = stranded(rounds=1)
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    assert help_point.numbers_in("٣٤٥، 12;  7,7") == ["345", "12", "7"]
    desk = visitor.staff("facilitator")
    for wrong, words in (("", "Type the event numbers"), ("99999", "Nobody here has this number: 99999")):
        answer = send(desk, f"{DOOR}/help", numbers=wrong)
        assert answer.status_code == 422
        assert words in in_words(answer.text)
    assert send(desk, f"{DOOR}/help", numbers=numbers(one, other).translate(arabic)).status_code == 303
    with pytest.raises(BadInput, match="has sent them somewhere"):
        ask(session_id, one)
    public_id = db.session.get_one(Person, other).public_id
    assert send(desk, f"{DOOR}/help/undo", f"{DOOR}/help", person=public_id, round="1").status_code == 303
    assert db.session.query(HelpPlace).count() == 0
