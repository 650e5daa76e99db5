"""Whether published pages tell who is kept apart: the attack on the engine's own plans, and what pages show."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.inference import OPEN, Rate, Sight, attack, planned, rates, room, sights
from tests.webapp.pages import in_words
from tests.webapp.test_apart import wrote
from tests.webapp.test_bridge import BY, open_room, problem_of
from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import ApartEntry, Event, MetBefore, Person, PersonInterest
from webapp.operations.mine import schedule
from webapp.operations.plans import planning
from webapp.operations.plans.talks import MOST_TOPICS

BAR, WORKS = 0.05, 0.5
FREE = re.compile(r"Round \d: free \(everybody you have not met yet")
NOW = datetime(2013, 6, 19, 6, 0, tzinfo=UTC)


def measured(seeds: range) -> tuple[dict[str, Rate], dict[str, Rate]]:
    """How often guesses are right in *open* and in *discreet*."""
    shown, hidden = rates(), rates()
    for seed in seeds:
        problem = room(seed)
        plan = planned(problem)
        attack(problem, sights(problem, plan, most=MOST_TOPICS), shown, seed=seed)
        attack(problem, sights(problem, plan, most=0), hidden, seed=seed)
    print(f"\nwho is kept from me, guessed from ({shown[OPEN].guesses} guesses)      open  discreet")
    for name, rate in shown.items():
        print(f"  {name:<48} {rate.share:6.1%}  {hidden[name].share:7.1%}")
    return shown, hidden


def judge(shown: dict[str, Rate], hidden: dict[str, Rate]) -> None:
    """A page tells nothing, nor do five in *discreet*; the same attack succeeds where topics can be looked up."""
    assert shown["1 page"].share <= BAR
    assert all(rate.share <= BAR for name, rate in hidden.items() if name != OPEN)
    assert all(rate.share <= WORKS / 2 for name, rate in shown.items() if name != OPEN)
    assert shown[OPEN].share > WORKS


def test_a_page_does_not_tell_who_is_kept_from_its_reader() -> None:
    judge(*measured(range(5)))


@pytest.mark.long
def test_many_pages_do_not_tell_who_is_kept_from_their_readers() -> None:
    judge(*measured(range(60)))


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_pages_show_what_the_attack_goes_by_and_no_more(app: Flask, preset: str) -> None:
    session_id, rows = furnished(preset)
    problem = problem_of(session_id)
    expected = sights(problem, bridge.solve(problem), most=MOST_TOPICS if preset == "open" else 0)
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    assert {str(row): seen_by(row) for row in rows} == expected
    shown = [topics for one in expected.values() for topics in one.met.values()]
    assert any(shown) is (preset == "open")


def furnished(preset: str) -> tuple[int, list[int]]:
    """A room of people who offer and seek, two of whom need not meet others."""
    session_id, rows = open_room(10, rounds=4)
    topics = [make.interest(title=f"topic {at}", slug=f"topic-{at}") for at in range(6)]
    make.store(*topics)
    with transaction() as writing:
        writing.get_one(Event, 1).preset = preset
        for at, row in enumerate(rows):
            held = [(topics[(at + step) % 6], side) for step, side in ((0, "offers"), (2, "offers"), (1, "seeks"))]
            writing.get_one(Person, row).interests = [
                PersonInterest(interest=writing.merge(topic), side=side) for topic, side in held
            ]
    wrote(rows[0], db.session.get_one(Person, rows[7]).name)
    wrote(rows[1], db.session.get_one(Person, rows[2]).number)
    return session_id, rows


def seen_by(row: int) -> Sight:
    """What somebody's own page shows, by row ids and slugs of topics."""
    me = db.session.get_one(Person, row)
    ids = {one.name: str(one.id) for one in db.session.query(Person)}
    held = schedule.rounds_of(Actor(person=me), now=NOW).first
    met = {
        ids[one.talk.partners[0].name]: tuple((t.title.replace(" ", "-"), t.gives, t.takes) for t in one.talk.topics)
        for one in held.talks
    }
    own = {
        side: frozenset(one.interest.slug for one in me.interests if one.side == side) for side in ("offers", "seeks")
    }
    return Sight(str(row), own["offers"], own["seeks"], met)


def test_a_free_round_reads_the_same_whoever_is_kept_apart(app: Flask, visitor: Visitor) -> None:
    session_id, rows = open_room(4, rounds=3, slug="s")
    told: dict[str, list[list[str]]] = {}
    for cause in ("apart", "met", ""):
        if cause == "apart":
            wrote(rows[0], db.session.get_one(Person, rows[1]).number)
        elif cause == "met":
            make.store(MetBefore(one_id=rows[0], other_id=rows[1]))
        planning.make_plan(session_id, by=BY)
        planning.publish(session_id, by=BY)
        people = [db.session.get_one(Person, row) for row in rows]
        told[cause] = [FREE.findall(in_words(visitor.participant(one).get("/me").text)) for one in people]
        with transaction() as writing:
            writing.query(MetBefore).delete()
            writing.query(ApartEntry).delete()
    assert told["apart"] == told["met"]
    assert any(told["apart"])
    assert not any(told[""])
    assert {one.partition("(")[2] for held in told["apart"] for one in held} == {"everybody you have not met yet"}
