"""What the engine reads of what people wrote: names typed as wishes, free words, languages of a companion."""

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.test_bridge import BY
from webapp import bridge
from webapp.db import db, transaction
from webapp.models import Person, Session, Wish
from webapp.operations.plans import planning, presence


def wishes(session: Session) -> list[object]:
    problem = bridge.problem_of(db.session(), session, presence.expected(db.session(), session))
    return list(next(person for person in problem.people if person.wishes or person.id == "1").wishes)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Sára  LINDQVIST", ["2"]),
        ("lindqvist sara", ["2"]),
        ("سارة", ["3"]),
        ("Sara of Cairo", ["3"]),
        ("٧٠٧", ["2"]),
        ("Twin", ["4", "5"]),
        ("paper-boat", ["organisation"]),
        ("Sara", []),
        ("Me", []),
        ("nobody at all", []),
    ],
)
def test_a_name_means_whoever_is_called_so_when_the_plan_is_made(app: Flask, typed: str, meant: list[str]) -> None:
    me = make.person(name="Me", latin="Me")
    make.store(make.event(), make.session(tables=make.tables("1", "2", "3")), me)
    make.store(make.person(name="Sara Lindqvist", latin="Sara Lindqvist", number="707"))
    make.store(make.person(name="سارة", latin="Sara of Cairo"), make.person(name="Twin", latin="Twin"))
    make.store(make.person(name="Twin", latin="Twin"), make.organisation(name="Paper Boat"))
    wish_for(me, typed)
    found = wishes(db.session.query(Session).one())
    assert [getattr(one, "kind", one) for one in found] == meant


def wish_for(me: Person, typed: str) -> None:
    with transaction() as rows:
        rows.add(Wish(person_id=me.id, text=typed))


def test_a_wish_for_somebody_who_is_visited_means_their_table(app: Flask) -> None:
    me, ana = make.person(name="Me"), make.host(name="Ana Alone")
    make.store(make.event(), make.session(format="clinics", hosts=[ana]), me)
    wish_for(me, "ana alone")
    session = db.session.query(Session).one()
    assert wishes(session) == [bridge.host_key(session.hosts[0])]


def test_who_comes_later_is_meant_by_a_wish_of_before(app: Flask) -> None:
    me = make.person(name="Me")
    make.store(make.event(), make.session(tables=make.tables("1")), me, make.person(name="Else"))
    wish_for(me, "Late Comer")
    session = db.session.query(Session).one()
    assert wishes(session) == []
    make.store(make.person(name="Late Comer"))
    assert wishes(db.session.query(Session).one()) == ["3"]


def test_an_interpreter_of_ones_own_makes_more_people_reachable(app: Flask) -> None:
    me = make.person(languages=("km",), companion=True, companion_languages=["en", "km"])
    make.store(make.event(), make.session(rounds=1, tables=make.tables("1")), me, make.person(languages=("en",)))
    session = db.session.query(Session).one()
    problem = bridge.problem_of(db.session(), session, presence.expected(db.session(), session))
    assert problem.people[0].languages == ("km", "en")
    planning.make_plan(session.id, by=BY)
    draft = planning.find_plan(session.id, "draft")
    assert draft
    assert [meeting.language for meeting in draft.meetings] == ["en"]
    with transaction() as rows:
        rows.get_one(Person, me.id).companion = False
    session = db.session.query(Session).one()
    problem = bridge.problem_of(db.session(), session, presence.expected(db.session(), session))
    assert problem.people[0].languages == ("km",), "alone, only their own"


# --- free words ----------------------------------------------------------------------------------------------------


def asked(*words: tuple[str, str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What the engine is told that people offer and seek, who wrote these words on the two sides."""
    topic = make.interest(slug="radio", title="Community radio")
    people = [make.person(offers_words=offers, seeks_words=seeks) for offers, seeks in words]
    make.store(make.event(), make.session(tables=make.tables("1", "2")), topic, *people)
    session = db.session.query(Session).one()
    problem = bridge.problem_of(db.session(), session, presence.expected(db.session(), session))
    return [(person.offers, person.seeks) for person in problem.people]


def test_the_same_words_on_both_sides_are_one_topic(app: Flask) -> None:
    one, other = asked(("Théâtre forum, sewing", ""), ("", "theatre  FORUM; knitting"))
    assert one[0] == other[1]
    assert len(one[0]) == 1
    assert "theatre" not in str(one), "a plan keeps its topics, and nobody's words"


def test_words_that_read_like_an_interest_are_that_interest(app: Flask) -> None:
    assert asked(("community RADIO", "")) == [(("radio",), ())]


def test_words_that_nobody_shares_count_for_nothing(app: Flask) -> None:
    assert asked(("sewing", "–"), ("sewing", "knitting")) == [((), ()), ((), ())]
