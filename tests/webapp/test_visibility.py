"""Whether somebody is named on a page, in every state there is: the table, the rows and the page say the same."""

import re

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_bridge import BY
from webapp.db import db, transaction
from webapp.models import Person, Seat
from webapp.operations.plans import planning
from webapp.policy import TABLE, Field, shows

WORDS: dict[Field, str] = {"name": "guest", "organisation": "house"}
SESSION = 70_001


def room(preset: str) -> list[Person]:
    """Six people and a session of one round, so that everybody meets one of the others."""
    tables = make.tables("1", "2", "3")
    people = [make.person(name=f"guest{at}", organisation=make.organisation(name=f"house{at}")) for at in range(6)]
    make.store(make.event(preset=preset), make.session(id=SESSION, rounds=1, tables=tables), *people)
    return people


def partners() -> dict[int, int]:
    """Who sits with whom in the published version, by place, as the rows have it."""
    plan = planning.find_plan(SESSION, "published")
    seats = db.session.query(Seat).filter_by(plan_id=plan.id if plan else 0).all()
    return {one.person_id: other.person_id for one in seats for other in seats
            if one.meeting_id == other.meeting_id and one.person_id != other.person_id}  # fmt: skip


def wrong(people: list[int], visitor: Visitor, preset: str) -> list[str]:
    """Everybody × everybody else × field, where the page does not say what it ought to."""
    met, there = partners(), {row.id: row for row in db.session.query(Person)}
    found = []
    for me, row in there.items():
        page = visitor.participant(row).get("/me").text
        for at, other in enumerate(people):
            for field, word in WORDS.items():
                due = met.get(me) == other and other in there and shows(field, to="partner", preset=preset)
                if other != me and bool(re.search(rf"\b{word}{at}\b", page)) != due:
                    found.append(f"{field} of {at} to {people.index(me)}: {not due}")
    return found


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_a_page_names_whom_one_meets_from_publication_until_they_are_gone(
    app: Flask, visitor: Visitor, preset: str
) -> None:
    people = [one.id for one in room(preset)]
    assert not wrong(people, visitor, preset)
    planning.make_plan(SESSION, by=BY)
    assert not wrong(people, visitor, preset)
    planning.publish(SESSION, by=BY)
    assert len(partners()) == len(people)
    assert not wrong(people, visitor, preset)
    with transaction() as rows:
        rows.delete(rows.get_one(Person, people[0]))
    assert not wrong(people, visitor, preset)


def test_a_page_that_says_more_or_less_is_noticed(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [one.id for one in room("open")]
    planning.make_plan(SESSION, by=BY)
    planning.publish(SESSION, by=BY)
    assert not wrong(people, visitor, "open")
    assert len(wrong(people, visitor, "discreet")) == len(people)
    monkeypatch.setitem(TABLE, ("name", "partner"), "-")
    # the page goes by the table too: it names nobody, and so nobody's house
    assert len(wrong(people, visitor, "open")) == len(people)


def test_who_sees_what_is_told_by_the_same_table(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    me = room("open")[0]
    mine = visitor.participant(me)
    assert "/me/who-sees-what" in mine.get("/me/profile").text

    def told() -> str:
        page = mine.get("/me/who-sees-what").text
        found = re.search(r"<dt>The people you meet, once the rounds are published</dt>\s*<dd>(.*?)</dd>", page)
        assert found
        return found.group(1)

    assert "your organisation" in told()
    monkeypatch.setitem(TABLE, ("organisation", "partner"), "-")
    assert "your organisation" not in told()
