"""What people say of their meetings: two taps on a phone or a card at the desk, theirs alone, and only counted."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.holding import publish
from tests.webapp.test_clock import BY, OPENS, press, started
from tests.webapp.test_my_rounds import arrange
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import Feedback, HelpPlace, Person, Session
from webapp.operations.meetings import feedback
from webapp.operations.mine import schedule
from webapp.operations.plans import clock
from webapp.views import checkin, participant

MINUTE = timedelta(minutes=1)
LATER = datetime(2014, 6, 19, 7, 0, tzinfo=UTC)


@pytest.fixture
def me(talks: Session) -> Person:
    me = make.person(name="Me")
    arrange(me, [make.person(name="Anna"), None, make.person(name="Cy")], session=talks)
    return me


def stored() -> dict[tuple[int, int], str]:
    db.session.rollback()
    return {(row.round_no, row.person_id): row.kind for row in db.session.query(Feedback)}


def say(who: Person, number: int, kind: str, now: datetime = LATER) -> None:
    feedback.say("talks", number, kind, by=Actor(person=who), now=now)


# --- when a round has run ---------------------------------------------------------------------------------------------


def test_a_round_has_run_after_a_minute_of_it() -> None:
    session = started()
    assert not clock.has_run(session, 1, OPENS + MINUTE / 2)
    assert clock.has_run(session, 1, OPENS + MINUTE)
    assert not clock.has_ended(session, 1, OPENS + 5 * MINUTE)
    assert clock.has_ended(session, 1, OPENS + 6 * MINUTE)
    assert not clock.has_run(session, 2, OPENS + 8 * MINUTE)


def test_a_round_that_was_skipped_at_once_or_never_came_has_not_run() -> None:
    session = started()
    assert press(session, "skip", OPENS + MINUTE / 6)
    assert press(session, "skip", OPENS + MINUTE / 6)
    assert press(session, "stop", OPENS + 3 * MINUTE)
    assert [clock.has_run(session, number, LATER) for number in (1, 2, 3)] == [False, True, False]
    assert clock.has_ended(session, 2, OPENS + 3 * MINUTE)


def test_the_programme_decides_where_nobody_started_the_rounds(talks: Session) -> None:
    assert clock.has_run(talks, 3, LATER)
    assert not clock.has_run(talks, 3, OPENS + 16 * MINUTE)


# --- on one's own page ------------------------------------------------------------------------------------------------


def test_the_last_word_counts_and_the_same_word_again_changes_nothing(me: Person) -> None:
    for kind in ("useful", "useful", "not_met", "not_met"):
        say(me, 1, kind)
    assert stored() == {(1, me.id): "not_met"}
    assert db.session.query(Feedback).one().changes == 1


def test_one_speaks_of_ones_own_meetings_alone(me: Person) -> None:
    stranger = make.person()
    make.store(stranger)
    for who, number, kind in ((me, 2, "useful"), (me, 4, "useful"), (me, 0, "useful"), (me, 1, "great"),
                              (stranger, 1, "useful")):  # fmt: skip
        with pytest.raises(NotFound):
            say(who, number, kind)
    with pytest.raises(NotFound):
        feedback.say("talks", 1, "useful", by=BY, now=LATER)
    assert stored() == {}


def test_nobody_speaks_of_a_round_that_has_not_run(me: Person) -> None:
    with pytest.raises(NotNow):
        say(me, 1, "useful", OPENS)
    say(me, 1, "useful", OPENS + MINUTE)


def test_one_cannot_change_ones_mind_for_ever(me: Person) -> None:
    for at in range(feedback.MOST_CHANGES + 1):
        say(me, 1, ("useful", "not_useful")[at % 2])
    with pytest.raises(NotNow):
        say(me, 1, "not_met")
    say(me, 1, "useful")
    assert stored() == {(1, me.id): "useful"}


def test_whoever_is_visited_and_whoever_the_help_point_sent_has_a_say(talks: Session, me: Person) -> None:
    host, sent = make.host(session=talks, person=make.person()), make.person()
    make.store(host, sent)
    publish(talks, [{"40": [me]}, {}, {}], hosts={"40": host})
    with transaction() as rows:
        rows.add(HelpPlace(session_id=talks.id, round_no=2, person_id=sent.id, kind="third", table="11"))
        rows.add(HelpPlace(session_id=talks.id, round_no=3, person_id=sent.id, kind="staff"))
    assert host.person is not None
    say(host.person, 1, "useful")
    say(sent, 2, "useful")
    for who, number in ((host.person, 3), (sent, 3)):
        with pytest.raises(NotFound):
            say(who, number, "useful")


def test_what_was_said_stays_through_versions_and_goes_with_its_person(talks: Session, me: Person) -> None:
    say(me, 1, "useful")
    publish(talks, [{"40": [me]}, {}, {"40": [me]}])
    (timed,) = [one for one in [schedule.rounds_of(Actor(person=me), now=LATER).first] if one]
    assert [timed.answer(held) for held in timed.rounds] == ["useful", "", ""]
    with transaction() as rows:
        rows.delete(rows.get(Person, me.id))
    assert stored() == {}


def test_it_is_asked_for_on_the_page_and_shown_to_its_writer_alone(
    visitor: Visitor, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(participant, "now", lambda: OPENS + 3 * MINUTE)
    mine = visitor.participant(me)
    assert "We did not meet" not in mine.get("/me").text
    monkeypatch.setattr(participant, "now", lambda: OPENS + 7 * MINUTE)
    page = mine.get("/me").text
    assert "How was round 1?" in page
    assert page.count('value="not_met"') == 2, "under the card, and in the line of the round"
    answer = send(mine, "/me/feedback/talks", page="/me", round="1", kind="not_met")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me?note=answered#talks-1")
    assert (
        send(mine, "/me/feedback/talks", page="/me", round="1", kind="not_met", top="yes")
        .headers["Location"]
        .endswith("d")
    )
    after = mine.get("/me?note=answered").text
    assert "You said: We did not meet" in after
    assert "How was round 1?" not in after
    anna = db.session.query(Person).filter_by(name="Anna").one()
    assert "You said" not in visitor.participant(anna).get("/me").text


def test_what_is_typed_by_hand_into_the_form_is_refused(visitor: Visitor, me: Person) -> None:
    mine = visitor.participant(me)
    for fields in ({"round": "x", "kind": "useful"}, {"round": "1"}, {"round": "99999999999", "kind": "useful"}, {}):
        assert send(mine, "/me/feedback/talks", page="/me", **fields).status_code == 404
    assert send(mine, "/me/feedback/nowhere", page="/me", round="1", kind="useful").status_code == 404
    assert stored() == {}


# --- a card at the desk -----------------------------------------------------------------------------------------------


def test_a_card_is_entered_by_number_and_rounds(visitor: Visitor, me: Person) -> None:
    desk = visitor.staff("facilitator")
    asked = desk.get(f"/desk/talks/feedback?number={me.number}").text
    assert "There were: 1, 3." in asked
    fields = {"number": me.number, "useful": "٣", "missed": ""}
    answer = send(desk, "/desk/talks/feedback", **fields)
    assert answer.status_code == 303
    said = desk.get(answer.headers["Location"]).text
    assert f"Stored for {me.number}" in said
    assert "not useful: 1" in said
    assert stored() == {(1, me.id): "not_useful", (3, me.id): "useful"}
    assert send(desk, "/desk/talks/feedback", **(fields | {"useful": "1", "missed": "3"})).status_code == 303
    assert stored() == {(1, me.id): "useful", (3, me.id): "not_met"}


def test_the_desk_reads_nothing_back(visitor: Visitor, me: Person) -> None:
    desk = visitor.staff("facilitator")
    pages = [f"/desk/talks/feedback?number={me.number}", "/desk/talks/feedback?done=made-up", "/desk/talks"]
    before = [make.untimed(desk.get(page).text) for page in pages]
    say(me, 1, "not_met")
    assert [make.untimed(desk.get(page).text) for page in pages] == before


@pytest.mark.parametrize(
    ("useful", "missed", "field"),
    [("2", "", "useful"), ("1 x", "", "useful"), ("1", "1", "missed"), ("", "", "useful"), ("", "99", "missed"),
     ("1" * 50, "", "useful"), ("-1", "", "useful")],
)  # fmt: skip
def test_what_does_not_fit_the_card_is_refused_whole(
    talks: Session, me: Person, useful: str, missed: str, field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        feedback.enter(talks, me.number, feedback.Typed(useful, missed), by=BY, now=LATER)
    assert refusal.value.field == field
    assert stored() == {}


def test_a_card_without_a_circle_is_entered_with_a_nought(talks: Session, me: Person) -> None:
    assert feedback.enter(talks, me.number, feedback.Typed("0"), by=BY, now=LATER) == {1: "not_useful", 3: "not_useful"}


def test_a_card_that_does_not_fit_is_shown_again_as_it_was_typed(visitor: Visitor, me: Person) -> None:
    desk = visitor.staff("facilitator")
    for number, useful, said in (
        (me.number, "1 7", "No meeting in round 7."),
        (me.number, "8 1 7", "No meeting in round 8, 7."),
        ("999999", "1", "Nobody with this number"),
    ):
        answer = send(desk, "/desk/talks/feedback", number=number, useful=useful)
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{useful if number == me.number else number}"' in answer.text
    assert stored() == {}


def test_once_over_the_next_step_is_to_enter_the_cards(
    visitor: Visitor, talks: Session, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = re.compile(r'<a class="button" href="/desk/talks/feedback">([^<]+)<')
    over = talks.event.at_venue(talks.ends)
    for role, now, said in (
        ("facilitator", over - 90 * MINUTE, []),
        ("facilitator", over, ["Enter what the cards say (before 17:00)"]),
        ("organiser", over + timedelta(days=1), ["Enter what the cards say"]),
        ("facilitator", LATER, ["Enter what the cards say"]),
    ):
        monkeypatch.setattr(checkin, "now", lambda at=now: at)
        page = visitor.staff(role).get("/desk/talks").text
        assert step.findall(page) == said
        assert ('class="way" href="/office/numbers"' in page) == (role == "organiser")


def test_the_desk_reads_whose_card_it_is_in_latin_letters(visitor: Visitor, me: Person) -> None:
    with transaction() as rows:
        rows.merge(me).name, rows.merge(me).latin = "Ольга", "Olga"
    desk = visitor.staff("facilitator")
    for page in (f"/desk/talks/feedback?number={me.number}",):
        assert "<bdi>Olga</bdi>" in desk.get(page).text
    assert "<bdi>Olga</bdi>" in send(desk, f"/desk/talks/guest/{me.public_id}/lost-slip", "/desk").text


def test_a_number_that_nobody_has_is_said_beside_the_field(visitor: Visitor, me: Person) -> None:
    desk = visitor.staff("facilitator")
    for number in ("999999", "abc", "<b>"):
        answer = desk.get("/desk/talks/feedback", query_string={"number": number})
        assert answer.status_code == 422
        assert "Nobody with this number" in answer.text
    with pytest.raises(NotFound):
        feedback.card_of(db.session.query(Session).one(), me.number, by=Actor(person=me), now=LATER)


def test_what_one_says_is_not_printed(visitor: Visitor, me: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(participant, "now", lambda: LATER)
    say(me, 1, "useful")
    page = re.sub(
        r'<(section|details|p) class="[^"]*\bon-screen\b.*?</\1>',
        "",
        visitor.participant(me).get("/me").text,
        flags=re.DOTALL,
    )
    assert "table" in page
    assert not [word for word in ("How was", "You said", "Change it", 'name="kind"') if word in page]
