"""The card's ticks for contacts, entered at the desk: by somebody who reads nothing, and less than a word by phone."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.holding import publish
from tests.webapp.test_clock import BY
from tests.webapp.test_contacts import BEFORE, MINE, OPENED, THEIRS, anna, at, both_say, me, say, stored
from tests.webapp.test_sheets import HEAD, person, words
from webapp.db import db, transaction
from webapp.errors import BadInput, NotNow
from webapp.exchange import sheets
from webapp.models import Contact, Event, Feedback, Person, Plan, Session
from webapp.operations.meetings import feedback
from webapp.operations.meetings.feedback import Typed
from webapp.operations.paper import cards

FIXTURES = (anna, at, me)


def card(me: Person, typed: Typed, now: datetime = BEFORE) -> None:
    feedback.enter(db.session.query(Session).one(), me.number, typed, by=BY, now=now)


def test_a_card_s_ticks_count_where_its_holder_has_not_answered_on_a_phone(me: Person, anna: Person) -> None:
    cy = db.session.query(Person).filter_by(name="Cy").one()
    say(me, "Anna", yes=False)
    card(me, Typed("0", ticked="1 ٣"))
    assert stored() == {(me.id, anna.id): False, (me.id, cy.id): True}
    card(me, Typed("0"))
    assert stored() == {(me.id, anna.id): False}, "typed wrongly, and typed anew"
    say(me, "Cy", yes=True)
    card(me, Typed("0"))
    assert stored() == {(me.id, anna.id): False, (me.id, cy.id): True}


def test_a_card_is_entered_whole_or_not_at_all(me: Person) -> None:
    for typed, field, now in (
        (Typed("1", ticked="2"), "ticked", BEFORE),
        (Typed("1", missed="3", ticked="3"), "ticked", BEFORE),
        (Typed("1", ticked="1", reach="x\u202e"), "reach", BEFORE),
        (Typed("1", reach="\n".join("abcdefg")), "reach", BEFORE),
        (Typed("1", ticked="1", reach="x" * 301), "reach", BEFORE),
    ):
        with pytest.raises(BadInput) as refusal:
            card(me, typed, now)
        assert refusal.value.field == field
    with pytest.raises(NotNow):
        card(me, Typed("1", ticked="1"), OPENED)
    assert stored() == {}
    assert db.session.query(Feedback).count() == 0
    card(me, Typed("1"), OPENED)
    assert db.session.query(Feedback).count() == 2


def test_how_somebody_is_reached_is_typed_for_who_has_not_done_so(me: Person, anna: Person) -> None:
    card(me, Typed("1", reach="desk@there.example"))
    assert db.session.get_one(Contact, me.id).text == MINE
    with transaction() as rows:
        rows.delete(rows.get_one(Contact, me.id))
    for reach in (" 012 34  \n\n mail ", "", "another"):
        card(me, Typed("1", reach=reach))
        assert db.session.get_one(Contact, me.id).text == ("another" if reach == "another" else "012 34\nmail")
        db.session.rollback()


def test_the_desk_reads_no_answer_and_no_contact(visitor: Visitor, me: Person, anna: Person) -> None:
    desk = visitor.staff("facilitator")
    pages = [f"/desk/talks/feedback?number={who.number}" for who in (me, anna)]
    pages += ["/desk/talks/feedback?done=made-up", "/desk/talks", f"/desk/talks?q={anna.number}"]

    def read() -> list[str]:
        return [make.untimed(desk.get(page).text) for page in pages]

    before = read()
    both_say(me, anna, True, True)
    assert read() == before
    assert not [text for text in before if MINE in text or THEIRS in text]
    answer = send(desk, "/desk/talks/feedback", number=me.number, useful="1", reach="new@here.example")
    assert "new@here.example" not in answer.text + desk.get(answer.headers["Location"]).text


def boxes(plan: Plan) -> dict[str, list[bool]]:
    """In which rounds there is a box to tick, on everybody's card."""
    found = cards.cards_of(plan).values()
    return {one.name: [sitting.to_tick for sitting in one.sittings if sitting.table] for one in found}


def test_there_is_a_box_to_tick_where_there_is_somebody_to_exchange_with(me: Person) -> None:
    visits = make.session(slug="visits", format="clinics")
    doctor = make.person(name="Doctor")
    host, outside = make.host(session=visits, person=doctor, name="Dr D"), make.host(session=visits, name="Outside")
    make.store(visits, doctor, host, outside)
    publish(visits, [{"1": [me]}, {"2": [me]}, {}], hosts={"1": host, "2": outside})
    pairs, clinics = (db.session.query(Plan).filter_by(session_id=one).one() for one in (1, visits.id))
    assert boxes(pairs) == {"Me": [True, True], "Anna": [True], "Cy": [True]}
    assert boxes(clinics) == {"Me": [True, False]}
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    assert boxes(clinics) == {"Me": [False, False]}


def test_a_card_says_what_a_tick_means_where_there_is_a_box() -> None:
    plain = person(1, rounds=2)
    ticked = replace(plain, sittings=(replace(plain.sittings[0], to_tick=True), plain.sittings[1]))
    assert [
        [words(sheets.cards(HEAD, [one])).count(told) for told in ("Contacts?", "to exchange contacts.")]
        for one in (plain, ticked)
    ] == [[0, 0], [1, 1]]
