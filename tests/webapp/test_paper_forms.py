"""Paper forms entered by keyboard: what is kept, what is refused and how, and that nobody is added twice."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.profile_page import TOPICS, WHO, fields_of, form_of
from tests.webapp.test_office import HOSTILE, counted
from tests.webapp.test_programme import OFFICE
from tests.webapp.test_sheets import pages, pieces
from webapp.access import Actor
from webapp.db import db
from webapp.errors import BadInput, NotFound
from webapp.models import Interest, Organisation, Person, PersonInterest
from webapp.operations.event import interests
from webapp.operations.paper import paper_forms
from webapp.operations.paper.paper_forms import Sheet, enter

PATH = "/office/paper-form"


def furnish() -> None:
    """Bring in an event with three topics, the last of them retired, and one guest."""
    make.store(
        make.event(host_language="km"),
        make.region(slug="asia", title="Asia"),
        make.region(slug="africa", title="Africa"),
        *(
            make.interest(id=number, slug=title.lower(), title=title, retired=number == 12)
            for number, title in ((3, "Privacy"), (7, "Impunity"), (12, "Telex"))
        ),
        make.person(
            number="412", public_id="sara", name="سارا", latin="Sara", country="KH", languages=("km",), seated=True
        ),
    )


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    """The office of a furnished house."""
    furnish()
    return visitor.staff("organiser")


def sara() -> Person:
    """The guest as the house knows her now."""
    return db.session.query(Person).filter_by(number="412").one()


def said(person: Person) -> dict[str, list[str]]:
    """The topics of a person by side."""
    return {
        side: sorted(own.interest.title for own in person.interests if own.side == side) for side in ("offers", "seeks")
    }


def beside(page: str, field: str) -> str:
    """What is said beside a field."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', page, re.S)
    return found.group(1) if found else ""


# --- entering: what is kept ------------------------------------------------------------------------------------------


def test_what_a_sheet_says_is_what_is_stored(office: FlaskClient) -> None:
    answer = send(
        office, PATH,
        name="Ольга", latin="Olga", organisation="Reed  Lamp", languages="ru, French", regions=["asia", "africa"],
        offers="7 ٣", seeks="3,7", first_time="y",
    )  # fmt: skip
    assert answer.status_code == 303
    olga = db.session.query(Person).filter_by(latin="Olga").one()
    assert (olga.name, olga.organisation.name, olga.role, olga.revision) == ("Ольга", "Reed Lamp", "guest", 0)
    assert (olga.first_time, olga.seated, len(olga.number)) == (True, False, 3)
    assert [language.code for language in olga.languages] == ["ru", "fr"]
    assert sorted(region.slug for region in olga.regions) == ["africa", "asia"]
    assert said(olga) == {"offers": ["Impunity", "Privacy"], "seeks": ["Impunity", "Privacy"]}
    page = office.get(answer.headers["Location"]).text
    assert f"Saved: {olga.number} <bdi>Ольга</bdi> (2 shared, 2 sought)." in page
    assert f'href="/office/people/{olga.public_id}"' in page
    assert re.search(r"<input[^>]*autofocus[^>]*>", page)[0].count('id="number"') == 1
    assert 'value="Olga"' not in page


def test_every_number_on_the_sheet_leads_to_its_topic(office: FlaskClient) -> None:
    (sheet,) = pages(office.get(f"{PATH}/ar.pdf").data)
    printed = {piece.text for piece in pieces(sheet) if piece.text.isdigit()} & {"3", "7", "12"}
    assert send(office, PATH, number="412", offers=" ".join(printed)).status_code == 303
    assert said(sara())["offers"] == ["Impunity", "Privacy"]


def test_what_is_empty_on_a_sheet_stays_as_it_was(office: FlaskClient) -> None:
    send(office, PATH, number="412", organisation="Reed Lamp", offers="3", seeks="7", regions="asia")
    assert send(office, PATH, number="٤١٢", seeks="3").status_code == 303
    who = sara()
    assert (who.name, who.latin, who.country, who.seated, who.revision) == ("سارا", "Sara", "KH", True, 2)
    assert (who.organisation.name, [region.slug for region in who.regions]) == ("Reed Lamp", ["asia"])
    assert [language.code for language in who.languages] == ["km"]
    assert said(who) == {"offers": ["Privacy"], "seeks": ["Privacy"]}
    assert send(office, PATH, number="412", name="Sara", languages="en, km").status_code == 303
    assert (sara().name, [language.code for language in sara().languages]) == ("سارا", ["en", "km"])


def test_what_a_participant_saves_meanwhile_is_not_overwritten(office: FlaskClient, visitor: Visitor) -> None:
    mine = visitor.participant(sara())
    assert send(mine, TOPICS, **{**form_of(mine, TOPICS), "seeks": "privacy"}).status_code == 303
    opened, who = form_of(mine, TOPICS), form_of(mine, WHO)
    assert send(office, PATH, number="412", offers="7").status_code == 303
    assert said(sara()) == {"offers": ["Impunity"], "seeks": ["Privacy"]}
    stale = send(mine, TOPICS, **{**opened, "seeks": "impunity"})
    assert (stale.status_code, said(sara())["seeks"]) == (409, ["Privacy"])
    assert fields_of(stale.text)["seeks"] == "impunity"
    assert send(mine, WHO, **{**who, "country": "FR"}).status_code == 303, "what the sheet left alone is no conflict"
    assert sara().country == "FR"


def test_an_organisation_that_nobody_is_from_any_more_is_forgotten(office: FlaskClient) -> None:
    send(office, PATH, number="412", organisation="Reed Lmap")
    send(office, PATH, number="412", organisation="Reed Lamp")
    assert [row.name for row in db.session.query(Organisation)] == ["Reed Lamp"]


# --- entering: what is refused ---------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "number": "412",
    "organisation": "Kept as typed",
    "languages": "en",
    "offers": "3",
    "seeks": "7",
}


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("number", "413", "Nobody has this event number"),
        ("number", "4 12", "as it stands on the badge"),
        ("number", "4" * 9, "at most 8"),
        ("name", "---", "letter or digit"),
        ("latin", "Сара", "Latin letters"),
        ("languages", "Frensh", "French"),
        ("offers", "3 99 7", "No interest has this number: 99."),
        ("offers", "4000000000", "with a space between"),
        ("offers", "12", "Retired, so leave it out: 12 (\u2068Telex\u2069)."),
        ("seeks", "3-7", "with a space between"),
        ("seeks", "²", "with a space between"),
        ("seeks", "-7", "with a space between"),
        ("seeks", str(2**63), "with a space between"),
        ("offers", "0 99 98 12", "No interest has this number: 0, 99, 98. Retired"),
        ("regions", "moon", "Choose one"),
    ],
)
def test_a_wrong_sheet_is_told_beside_the_field_and_all_stays(
    office: FlaskClient, field: str, typed: str, told: str
) -> None:
    answer = send(office, PATH, **{**GOOD, field: typed})
    assert answer.status_code == 422
    assert told in beside(answer.text, field)
    assert "Kept as typed" in answer.text
    assert (sara().revision, said(sara()), db.session.query(Organisation).count()) == (
        0,
        {"offers": [], "seeks": []},
        0,
    )


def test_the_same_sheet_without_a_fault_is_taken(office: FlaskClient) -> None:
    assert send(office, PATH, **GOOD).status_code == 303
    assert (sara().revision, said(sara())) == (1, {"offers": ["Privacy"], "seeks": ["Impunity"]})


def test_the_cursor_stands_in_the_first_wrong_field(office: FlaskClient) -> None:
    def cursor(**changes: str) -> str:
        page = send(office, PATH, **{**GOOD, **changes}).text
        (field,) = [tag for tag in re.findall(r"<input[^>]*>", page) if " autofocus" in tag]
        return re.search(r' id="(\w+)"', field)[1]

    assert cursor(offers="99", seeks="98") == "offers"
    assert cursor(number="413") == "number"
    assert cursor(name="Somebody else") == "sure"


def test_a_topic_retired_after_the_page_was_opened_is_refused_as_a_whole(office: FlaskClient) -> None:
    for sheet in (Sheet("412", organisation="New House", offers=(3, 12)), Sheet("412", seeks=(99,), seated=True)):
        with pytest.raises(BadInput):
            enter(sheet, by=OFFICE)
    assert (sara().revision, db.session.query(Organisation).count()) == (0, 0)
    enter(Sheet("412", organisation="New House", offers=(3,)), by=OFFICE)
    assert (sara().revision, db.session.query(Organisation).count()) == (1, 1)


def test_only_organisers_enter_sheets(office: FlaskClient) -> None:
    for by in (Actor(), Actor(person=sara())):
        with pytest.raises(NotFound):
            enter(Sheet("412", name="Mallory"), by=by)
    assert sara().name == "سارا"


def test_somebody_new_needs_a_name(office: FlaskClient) -> None:
    answer = send(office, PATH, offers="3")
    assert "Give a name" in beside(answer.text, "name")
    with pytest.raises(BadInput):
        enter(Sheet(offers=(3,)), by=OFFICE)
    assert db.session.query(Person).count() == 1


def test_a_double_tap_adds_nobody_twice(office: FlaskClient) -> None:
    sheet = {"name": "Nour", "organisation": "Reed Lamp", "offers": "3"}
    assert [send(office, PATH, **sheet).status_code for _ in range(2)] == [303, 422]
    asked = send(office, PATH, **sheet)
    (first,) = (row.number for row in db.session.query(Person).filter_by(name="Nour"))
    assert f"Number {first} has the same name and organisation" in beside(asked.text, "name")
    assert f'name="asked" type="hidden" value="{first}"' in asked.text
    # whoever is sure and taps twice is asked about the second as well
    sure = {**sheet, "sure": "y", "asked": first}
    assert [send(office, PATH, **sure).status_code for _ in range(2)] == [303, 422]
    assert db.session.query(Person).filter_by(name="Nour").count() == 2


def test_twin_without_the_question_a_double_tap_adds_two(office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_forms, "_doubtful", lambda _rows, _sheet: [])
    assert [send(office, PATH, name="Nour").status_code for _ in range(2)] == [303, 303]
    assert db.session.query(Person).filter_by(name="Nour").count() == 2


def test_a_number_that_is_somebody_elses_is_asked_back(office: FlaskClient) -> None:
    wrong = {"number": "412", "name": "Nour", "offers": "3"}
    asked = send(office, PATH, **wrong)
    assert "Number 412 is \u2068سارا\u2069" in beside(asked.text, "name")
    assert (asked.status_code, sara().name, sara().revision) == (422, "سارا", 0)
    assert send(office, PATH, **wrong, sure="y").status_code == 422
    assert send(office, PATH, **wrong, sure="y", asked="413").status_code == 422
    assert send(office, PATH, **wrong, sure="y", asked="412").status_code == 303
    assert (sara().name, sara().latin, said(sara())["offers"]) == ("Nour", "Nour", ["Privacy"])
    assert send(office, PATH, number="412", name="Noúr").status_code == 303
    assert sara().name == "Noúr"


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_get_an_answer_and_never_a_failure(office: FlaskClient, value: str | bytes) -> None:
    fields = {**GOOD, "name": "S", "latin": "S", "regions": "asia", "sure": "y", "asked": "412", "first_time": "y"}
    for name in (*fields, "seated"):
        answer = send(office, PATH, **{**fields, name: value})
        assert answer.status_code in {303, 422}, name
        assert "<b>x</b>" not in answer.text
    for query in ({"saved": value}, {"note": value}, {"paper": value}):
        assert office.get(PATH, query_string=query).status_code < 500
        assert office.get(f"{PATH}/en.pdf", query_string=query).status_code < 500


def test_control_and_direction_characters_are_stored_nowhere(office: FlaskClient) -> None:
    for value in ("a\x00b", "\u202eabc", "\u2066x\u2069"):
        for field in ("name", "latin", "organisation", "languages", "offers", "seeks", "number"):
            assert send(office, PATH, **{"name": "New", field: value}).status_code == 422, field
    assert db.session.query(Person).count() == 1
    assert send(office, PATH, name="New").status_code == 303


# --- how much is asked of the database -------------------------------------------------------------------------------


def asked(act: Callable[[], Any]) -> list[str]:
    """The statements that an act sends to the database."""
    with counted() as statements:
        assert act().status_code in {200, 303}
    return [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]


def test_one_topic_takes_as_many_statements_as_thirty(office: FlaskClient) -> None:
    make.store(*(make.interest(id=number) for number in range(101, 131)))
    counts = []
    for name, numbers in (("One", "101"), ("Many", " ".join(map(str, range(101, 131))))):
        sheet = {"name": name, "organisation": name, "offers": numbers, "seeks": numbers, "languages": "en, fr"}
        added = asked(lambda sheet=sheet: send(office, PATH, **sheet))
        held = db.session.query(Person).filter_by(name=name).one()
        sheet |= {"number": held.number, "seeks": "3 7", "languages": "fr"}
        changed = asked(lambda sheet=sheet: send(office, PATH, **sheet))
        shown = asked(lambda held=held: office.get(f"{PATH}?saved={held.public_id}"))
        blank = asked(lambda: office.get(f"{PATH}/en.pdf"))
        counts.append([len(added), len(changed), len(shown), len(blank)])
        assert db.session.query(PersonInterest).filter_by(person_id=held.id).count() == len(numbers.split()) + 2
    assert counts[0] == counts[1]


def test_the_count_of_topics_is_noticed(office: FlaskClient) -> None:
    def one_by_one() -> Any:
        for number in (3, 7, 12):
            db.session.scalar(db.select(Interest).where(Interest.id == number))
        return office.get(PATH)

    assert len(asked(one_by_one)) >= len(asked(lambda: office.get(PATH))) + 3


def test_the_number_of_a_removed_interest_is_never_given_again(app: Flask) -> None:
    make.store(make.event())
    for title in ("Privacy", "Impunity"):
        interests.add_interest("Topics", title, by=OFFICE)
    numbers = {one.slug: one.id for one in db.session.query(Interest)}
    interests.remove_interest("impunity", by=OFFICE)
    interests.add_interest("Topics", "Fund-raising", by=OFFICE)
    found = {one.slug: one.id for one in db.session.query(Interest)}
    assert found["privacy"] == numbers["privacy"]
    assert found["fund-raising"] not in numbers.values()
