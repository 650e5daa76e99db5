"""How I want to meet: wishes, questions and needs there and back, errors beside the field, nothing typed ever lost."""

from datetime import date, datetime, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from tests.webapp.profile_page import MEETING, error_beside, fields_of, form_of, post, room, save
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Absence, Event, Organisation, Person, Wish
from webapp.operations.profile.meeting import Manner, Span, open_meeting

FULL = {
    "wished_roles": ["donor", "guest"],
    "wished_regions": ["americas"],
    "wished_names": "Lantern Fund\r\n٧٠٧, 808\r\nنور الهدى",
    "first_time": "y",
    "seated": "y",
    "listed": "y",
    "companion": "y",
    "companion_languages": ["fr"],
    "companion_more": "sw",
    "away_1_day": "2013-06-18",
    "away_1_from": "",
    "away_1_to": "",
    "away_2_day": "2013-06-19",
    "away_2_from": "14:15",
    "away_2_to": "",
    "away_3_day": "2013-06-20",
    "away_3_from": "",
    "away_3_to": "10:30",
}
SAVED = Manner(
    names=("Lantern Fund", "707", "808", "نور الهدى"),
    roles=("donor", "guest"),
    regions=("americas",),
    listed=True,
    first_time=True,
    seated=True,
    companion=True,
    companion_languages=("fr", "sw"),
    away=(Span(date(2013, 6, 18)), Span(date(2013, 6, 19), time(14, 15)), Span(date(2013, 6, 20), None, time(10, 30))),
)


@pytest.fixture
def me(app: Flask) -> Person:
    return room()


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def read(who: Person) -> Manner:
    return open_meeting(Actor(person=db.session.get(Person, who.id)))[0].part


def test_every_field_there_and_back(me: Person, mine: FlaskClient) -> None:
    assert save(mine, **FULL).headers["Location"] == "/me?note=saved"
    assert read(me) == SAVED
    shown = form_of(mine)
    assert save(mine).status_code == 303
    assert read(me) == SAVED
    assert db.session.get(Person, me.id).revision == 1, "nothing was changed the second time"
    other = {
        "wished_names": "Lantern Fund\r\n707\r\n808\r\nنور الهدى",
        "companion_languages": ["fr", "sw"],
        "companion_more": "",
    }
    for key, value in (FULL | other).items():
        assert shown.getlist(key) == (value if isinstance(value, list) else [value]), key


def test_saving_without_a_change_changes_nothing(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    assert save(mine).status_code == 303
    assert read(me) == before
    assert db.session.get(Person, me.id).revision == 0
    assert db.session.get(Person, me.id).saved_at


def test_everything_can_be_taken_back(me: Person, mine: FlaskClient) -> None:
    save(mine, **FULL)
    emptied = {key: [] if isinstance(value, list) or value == "y" else "" for key, value in FULL.items()}
    assert save(mine, **emptied).status_code == 303
    assert read(me) == Manner()


def test_nothing_typed_is_lost_on_errors(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    answer = save(mine, **FULL | {"companion_more": "Atlantis", "away_2_to": "14:00"})
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for key, value in (
        FULL | {"companion_more": "", "away_2_to": "14:00", "wished_names": kept["wished_names"]}
    ).items():
        assert sorted(kept.getlist(key)) == sorted(value if isinstance(value, list) else [value]), key
    assert error_beside(answer.text, "companion_more") == "Choose one from the list."
    assert error_beside(answer.text, "away_2_to") == "This must be later than 14:15."
    assert read(me) == before
    assert post(mine, kept, away_2_to="").status_code == 303
    assert read(me).names == SAVED.names


def test_an_absence_that_holds_something_lies_open(mine: FlaskClient) -> None:
    assert mine.get(MEETING).text.count("<summary>Absence") == 2
    assert save(mine, **FULL).status_code == 303
    assert "<summary>Absence" not in mine.get(MEETING).text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"wished_roles": ["king"]}, "wished_roles", "not in the list"),
        ({"wished_names": "a\nb\nc\nd\ne\nf\ng\nh\ni"}, "wished_names", "at most 8"),
        ({"wished_names": "1 2 3 4 5 6 7 8 9"}, "wished_names", "at most 8"),
        ({"wished_names": "?!"}, "wished_names", "at least one letter or digit"),
        ({"wished_names": "x" * 201}, "wished_names", "at most 200 characters"),
        ({"companion_languages": ["xx"]}, "companion_languages", "not in the list"),
        ({"away_1_from": "14:00"}, "away_1_day", "Choose the day"),
        ({"away_1_day": "2013-06-19", "away_1_from": "24:00"}, "away_1_from", "hours and minutes"),
        ({"away_1_day": "2013-06-19", "away_1_to": "soon"}, "away_1_to", "hours and minutes"),
        ({"away_1_day": "2013-06-19", "away_1_from": "10:00", "away_1_to": "10:00"}, "away_1_to", "later than 10:00"),
        ({"away_1_day": "2013-06-19", "away_1_to": "00:00"}, "away_1_to", "until the end of the day"),
        ({"away_1_day": "2013-07-19"}, "away_1_day", "from the list"),
    ],
)
def test_an_error_stands_beside_its_field(
    mine: FlaskClient, changes: dict[str, object], field: str, sentence: str
) -> None:
    answer = save(mine, **changes)
    assert answer.status_code == 422
    assert sentence in error_beside(answer.text, field)
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text


def test_wishes_keep_their_order(me: Person, mine: FlaskClient) -> None:
    with transaction() as rows:
        rows.add_all([Wish(person_id=me.id, position=at, role=role) for at, role in enumerate(("guest", "donor"))])
    save(mine, wished_roles=["member", "donor", "guest"])
    assert [wish.role for wish in db.session.get(Person, me.id).wishes] == ["guest", "donor", "member"]


def test_wishes_brought_in_from_a_file_are_shown(me: Person, mine: FlaskClient) -> None:
    other = make.person(number="707")
    make.store(other)
    with transaction() as rows:
        rows.add(Wish(person_id=me.id, wished_person_id=other.id))
    assert form_of(mine)["wished_names"] == "707"
    save(mine, wished_names="707\nSara")
    kept = [(wish.wished_person_id, wish.text) for wish in db.session.get(Person, me.id).wishes]
    assert kept == [(other.id, None), (None, "Sara")]


def test_absences_that_the_form_cannot_show_are_kept(me: Person, mine: FlaskClient) -> None:
    day = datetime(2013, 6, 18)
    long = Absence(person_id=me.id, starts=day, ends=day.replace(day=20))
    short = [
        Absence(person_id=me.id, starts=day.replace(hour=h), ends=day.replace(hour=h + 1)) for h in (9, 11, 13, 15)
    ]
    make.store(long, *short)
    assert "2 more absences are noted for you" in mine.get(MEETING).text
    assert form_of(mine)["away_3_from"] == "13:00"
    save(mine, away_3_day="", away_3_from="", away_3_to="")
    kept = [(absence.starts.hour, absence.ends.day) for absence in db.session.get(Person, me.id).absences]
    assert sorted(kept) == [(0, 20), (9, 18), (11, 18), (15, 18)]


def test_a_row_of_companions_is_told_to_desk_and_card(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    make.store(make.session(slug="talks"))
    desk = visitor.staff("facilitator")
    page = f"/desk/talks/guest/{db.session.get_one(Person, me.id).public_id}"
    assert "+1" not in desk.get(page).text
    save(mine, companion="y", companion_languages=["fr"])
    told = in_words(desk.get(page).text)
    assert "+1" in told
    assert "French" in told


def test_a_list_to_choose_from_holds_whoever_asked_for_it(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    sara, nina = make.person(name="Sara", latin="Sara", listed=True), make.person(name="Nina", latin="Nina")
    make.store(sara, nina)
    page = mine.get(MEETING).text
    assert "Sara" in page
    assert "Nina" not in page
    assert sara.public_id not in page
    assert save(mine, wished_listed=["Nina"]).status_code == 422
    assert save(mine, wished_listed=["Sara"], wished_names="Nina").status_code == 303
    assert read(me).names == ("Nina", "Sara")
    shown = form_of(mine)
    assert (shown["wished_names"], shown.getlist("wished_listed")) == ("Nina", ["Sara"])
    assert save(visitor.participant(sara), listed=[]).status_code == 303
    shown = form_of(mine)
    assert (shown["wished_names"], shown.getlist("wished_listed")) == ("Nina\r\nSara", [])
    save(mine, listed="y")
    assert 'value="Me"' not in mine.get(MEETING).text
    with transaction() as rows:
        rows.get_one(Person, sara.id).listed = True
        rows.get_one(Event, 1).preset = "discreet"
    page = mine.get(MEETING).text
    assert 'name="wished_listed"' not in page
    assert 'name="listed"' not in page
    assert save(mine).status_code == 303
    assert read(me).listed


def test_an_organisation_that_is_typed_is_no_organisation_of_the_house(mine: FlaskClient) -> None:
    save(mine, wished_names="Lantern Fund")
    assert not db.session.scalars(select(Organisation)).all()
    assert [wish.text for wish in db.session.scalars(select(Wish))] == ["Lantern Fund"]


def test_the_answer_is_the_same_for_any_name(me: Person, mine: FlaskClient) -> None:
    house = make.organisation(name="Paper Boat")
    make.store(make.person(number="707", name="Sara", latin="Sara", organisation=house))
    told = set()
    for name in ("Sara", "Sora", "707", "709", "Paper Boat", "Paper Goat", "606", "Me"):
        answer = save(mine, wished_names=name)
        page = fields_of(mine.get(MEETING).text)
        told.add((answer.status_code, answer.headers["Location"], page["wished_names"] == name))
        assert [wish.text for wish in db.session.scalars(select(Wish))] == [name]
    assert told == {(303, "/me?note=saved", True)}
