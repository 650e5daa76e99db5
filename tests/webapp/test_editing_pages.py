"""The pages that change a draft: refusals in words that tell of no entry, and who may ask for what."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.webapp import factories as make
from tests.webapp.drafts import (
    DOOR,
    MEETINGS,
    MOVE,
    at,
    bring_together,
    draft_of,
    furnish,
    person,
    seen,
    state_of,
)
from tests.webapp.factories import Visitor, send, token_of, untimed
from tests.webapp.pages import in_words
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_office import HOSTILE, counted
from webapp.access import NOBODY
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import (
    Absence,
    KeepApart,
    Meeting,
    MetBefore,
    Organisation,
    Person,
    PersonLanguage,
    Session,
    Table,
)
from webapp.operations.plans import editing, planning


@pytest.fixture
def desk(app: Flask, visitor: Visitor) -> FlaskClient:
    """A browser in which a facilitator is signed in."""
    return visitor.staff("facilitator")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("language", "They speak no common language."),
        ("locked", "is locked. Unlock it first."),
        ("seated", "These two cannot sit together in this session."),
    ],
)
def test_what_stands_against_a_move_is_said_in_words(desk: FlaskClient, case: str, words: str) -> None:
    session_id, people = open_room(6, rounds=1, slug="s")
    with transaction() as rows:
        if case == "language":
            for row, codes in zip(people, (("km",), ("fr",), *[("km", "fr")] * 4), strict=True):
                rows.get(Person, row).languages = [PersonLanguage(code=c, position=i) for i, c in enumerate(codes)]
        if case == "seated":
            rows.get(Person, people[0]).seated = rows.get(Person, people[1]).seated = True
    planning.make_plan(session_id, by=BY)
    if case == "locked":
        table = next(table for table, company in at(session_id, 1).items() if people[1] in company)
        editing.lock(seen(session_id), 1, table, by=BY)
    before = state_of(session_id)
    answer = bring_together(desk, people)
    assert answer.status_code == 422
    assert words in in_words(answer.text)
    assert ("Do it all the same" in answer.text) == (case == "language")
    assert state_of(session_id) == before


def test_nobody_takes_the_place_of_somebody_who_is_away_or_stays_seated(desk: FlaskClient) -> None:
    session_id, people = open_room(5, rounds=2, slug="s")
    with transaction() as rows:
        rows.add(Absence(person_id=people[4], starts=make.START, ends=make.START + timedelta(minutes=1)))
        rows.get(Person, people[0]).seated = True
    planning.make_plan(session_id, by=BY)
    before = state_of(session_id)
    tables = at(session_id, 1)
    own = next(table for table, company in tables.items() if people[0] in company)
    stranger = next(row for table, company in tables.items() if table != own for row in company)
    for who, whom, words in (
        (stranger, people[4], "is away in round 1."),
        (people[0], stranger, "stays at one table in all rounds."),
    ):
        form = {"draft": draft_of(session_id).public_id, "round": "1", "to": f"person:{person(whom).public_id}"}
        answer = send(desk, f"{MOVE}/{person(who).public_id}", sure="yes", **form)
        assert answer.status_code == 422
        assert words in in_words(answer.text)
    form = {
        "draft": draft_of(session_id).public_id,
        "round": "1",
        "table": own,
        "other": next(iter(tables.keys() - {own})),
    }
    answer = send(desk, f"{MEETINGS}/swap", page=MEETINGS, **form)
    assert "stays at one table in all rounds." in in_words(answer.text)
    assert state_of(session_id) == before


def test_nobody_meets_twice_and_the_page_says_in_which_round(desk: FlaskClient) -> None:
    session_id, _people = open_room(4, rounds=2, slug="s")
    planning.make_plan(session_id, by=BY)
    one, other = next(iter(at(session_id, 2).values()))
    answer = bring_together(desk, [one, other])
    assert answer.status_code == 422
    assert "They have met in round 2 already." in in_words(answer.text)
    assert bring_together(desk, [one, other], sure="yes").status_code == 422


DOORS = tuple(f"{MEETINGS}/{verb}" for verb in ("lock", "unlock", "swap"))
NEUTRAL = "These two cannot sit together in this session."


def refusal(desk: FlaskClient, people: list[int], **fields: str) -> str:
    """The page that refuses to bring the first two together, without what differs from draft to draft."""
    answer = bring_together(desk, people, **fields)
    page = re.sub(r'name="draft" value="[^"]+"', "", untimed(answer.text))
    return f"{answer.status_code} {page}"


def one_refusal(desk: FlaskClient, cause: str, *, colleagues: bool = False, **fields: str) -> str:
    """Refuse for one cause, then put everything back."""
    session_id = planning.find_session("s").id
    people = [row for (row,) in db.session.query(Person.id).order_by(Person.id)]
    with transaction() as rows:
        if cause in {"apart", "met"}:
            kind = KeepApart if cause == "apart" else MetBefore
            rows.add(kind(one_id=people[0], other_id=people[1]))
        for row in people[:2]:
            rows.get(Person, row).seated = cause == "seated"
            rows.get(Person, row).organisation = None
        if colleagues or cause == "organisation":
            press = make.organisation(name="Press")
            for row in people[:2]:
                rows.get(Person, row).organisation = press
    planning.make_plan(session_id, by=BY)
    told = refusal(desk, people, **fields)
    with transaction() as rows:
        for kind in (KeepApart, MetBefore):
            rows.query(kind).delete()
        for row in people[:2]:
            rows.get(Person, row).organisation = None
        rows.query(Organisation).delete()
    return re.sub(r"/move/[\w-]{22}", "", told)


@pytest.mark.parametrize("sure", ["", "yes"])
@pytest.mark.parametrize("colleagues", [False, True])
def test_people_kept_apart_cannot_be_told_from_people_whom_another_rule_parts(
    desk: FlaskClient, sure: str, colleagues: bool
) -> None:
    open_room(4, rounds=1, slug="s")
    apart, met, seated = (
        one_refusal(desk, cause, colleagues=colleagues, sure=sure) for cause in ("apart", "met", "seated")
    )
    assert apart.startswith("422")
    assert NEUTRAL in apart
    assert "Do it all the same" not in apart
    assert "organisation" not in apart
    assert apart == met == seated


def test_the_comparison_tells_a_rule_that_may_be_told(desk: FlaskClient) -> None:
    open_room(4, rounds=1, slug="s")
    assert one_refusal(desk, "apart") != one_refusal(desk, "organisation")
    assert NEUTRAL not in one_refusal(desk, "organisation")


@pytest.mark.parametrize("format_", ["circles", "stations", "clinics"])
def test_neither_can_they_in_other_formats(desk: FlaskClient, format_: str) -> None:
    session_id, _people = furnish(format_, count=7, rounds=1, slug="s")
    pages = []
    for kind in (KeepApart, MetBefore, None):
        with transaction() as rows:
            rows.query(KeepApart).delete()
            rows.query(MetBefore).delete()
        planning.make_plan(session_id, by=BY)
        tables = at(session_id, 1)
        who = next(company for company in tables.values())[0]
        company = next(company for company in tables.values() if who not in company and len(company) > 1)
        with transaction() as rows:
            if kind is not None:
                rows.add(kind(one_id=min(who, company[0]), other_id=max(who, company[0])))
        form = {"draft": draft_of(session_id).public_id, "round": "1", "to": f"person:{person(company[1]).public_id}"}
        answer = send(desk, f"{MOVE}/{person(who).public_id}", sure="yes", **form)
        pages.append(re.sub(r'name="draft" value="[^"]+"', "", untimed(answer.text)))
    assert NEUTRAL in pages[0]
    assert pages[0] == pages[1]
    assert NEUTRAL not in pages[2]


def test_what_is_published_is_not_edited(desk: FlaskClient) -> None:
    session_id, people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    looked = seen(session_id)
    table, other = list(at(session_id, 1))[:2]
    planning.publish(session_id, by=BY)
    before = [(one.id, one.table, one.locked) for one in db.session.query(Meeting)]
    whom = [person(row).public_id for row in people[:2]]
    form = {"draft": looked.public_id, "round": "1", "table": table, "other": other, "to": f"person:{whom[1]}"}
    for path in (*DOORS, f"{MOVE}/{whom[0]}"):
        assert send(desk, path, page=DOOR, **form).status_code == 409
    assert desk.get(MEETINGS).location == DOOR
    assert desk.get(f"{MOVE}/{whom[0]}").location == DOOR
    with pytest.raises(IntegrityError, match="never edited"), transaction() as rows:
        rows.execute(text("UPDATE meeting SET locked = 1"))
    assert [(one.id, one.table, one.locked) for one in db.session.query(Meeting)] == before


def test_a_draft_that_was_not_looked_at_is_not_edited(desk: FlaskClient) -> None:
    session_id, people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    before = state_of(session_id)
    table, other = list(at(session_id, 1))[:2]
    whom = [person(row).public_id for row in people[:2]]
    for draft in ({"draft": "another"}, {}):
        form = {"round": "1", "table": table, "other": other, "to": f"person:{whom[1]}", **draft}
        for path in (*DOORS, f"{MOVE}/{whom[0]}"):
            assert send(desk, path, page=MEETINGS, **form).status_code == 409
    assert state_of(session_id) == before


def test_only_staff_see_and_change_meetings(app: Flask, visitor: Visitor, client: FlaskClient) -> None:
    session_id, people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    table, whom = next(iter(at(session_id, 1))), person(people[0]).public_id
    guest = visitor.participant(person(people[0]))
    for path in (MEETINGS, f"{MOVE}/{whom}"):
        assert guest.get(path).status_code == 404
        assert client.get(path).location == "/"
    form = {
        "draft": draft_of(session_id).public_id,
        "round": "1",
        "table": table,
        "other": table,
        "to": f"table:{table}",
    }
    for path in (*DOORS, f"{MOVE}/{whom}"):
        assert send(guest, path, page="/me", **form).status_code == 404
    looked = seen(session_id)
    for verb in (
        lambda: editing.lock(looked, 1, table, by=NOBODY),
        lambda: editing.unlock(looked, 1, table, by=NOBODY),
        lambda: editing.swap(looked, 1, (table, table), by=NOBODY),
        lambda: editing.move_to(looked, (1, whom), table, by=NOBODY),
        lambda: editing.trade(looked, (1, whom), whom, by=NOBODY),
    ):
        with pytest.raises(NotFound):
            verb()
    assert visitor.staff("organiser").get(MEETINGS).status_code == 200


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_change_nothing(desk: FlaskClient, value: str | bytes) -> None:
    session_id, people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    before = state_of(session_id)
    table = next(iter(at(session_id, 1)))
    whom = person(people[0]).public_id
    for key in ("round", "q", "note"):
        for path in (MEETINGS, f"{MOVE}/{whom}"):
            assert desk.get(path, query_string={key: value}).status_code < 500
    form = {
        "draft": draft_of(session_id).public_id,
        "round": "1",
        "table": table,
        "other": table,
        "to": f"person:{whom}",
    }
    token = token_of(desk, MEETINGS)
    for path in (*DOORS, f"{MOVE}/{whom}"):
        for name in form:
            if path in DOORS[:2] and name in {"other", "to"}:
                continue
            answer = desk.post(path, data={"csrf_token": token, **form, name: value})
            assert 400 <= answer.status_code < 500
    assert state_of(session_id) == before


def test_the_list_finds_people_and_names_are_never_markup(desk: FlaskClient) -> None:
    session_id, people = open_room(7, slug="s")
    with transaction() as rows:
        rows.get(Person, people[0]).name = "Zoe <i>x</i>"
    planning.make_plan(session_id, by=BY)
    for number in (1, 2, 3):
        page = desk.get(f"{MEETINGS}?round={number}&q=Zoe").text
        assert "<i>" not in page
        assert page.count("<bdi>Zoe &lt;i&gt;") >= 1
        assert page.count("<bdi>") <= 5
    assert "Free in this round" in desk.get(MEETINGS).text
    assert "<i>" not in desk.get(f"{MOVE}/{person(people[0]).public_id}").text


@pytest.mark.parametrize("path", [MEETINGS, f"{MOVE}/who"])
def test_pages_take_the_same_queries_for_few_and_for_many(desk: FlaskClient, path: str) -> None:
    session_id, people = open_room(4, slug="s")
    path = path.replace("who", person(people[0]).public_id)
    counts = []
    for more in (0, 4):
        make.store(*(make.person() for _ in range(more)))
        with transaction() as rows:
            rows.query(Table).delete()
            rows.get(Session, session_id).tables = make.tables(*(f"{more}{letter}" for letter in "ABCDE"))
        planning.make_plan(session_id, by=BY)
        for table in list(at(session_id, 2))[:2]:
            editing.lock(seen(session_id), 2, table, by=BY)
        with counted() as statements:
            assert desk.get(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 40
