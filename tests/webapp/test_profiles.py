"""The profile: every field there and back, errors beside the field, nothing typed ever lost."""

from datetime import date, datetime, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy.record_queries import get_recorded_queries
from sqlalchemy import select
from werkzeug.test import encode_multipart

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, token_of
from tests.webapp.profile_page import error_beside, fields_of, form_of, post, save
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Absence, Organisation, Person, Wish
from webapp.operations import profiles
from webapp.operations.profiles import Profile, Span

LITERAL_QUERIES = 12
FULL = {
    "name": "نور الهدى",
    "latin": "Nour El-Hoda",
    "organisation": "Paper Boat  Press",
    "country": "EG",
    "regions": ["africa", "americas"],
    "languages": ["fr", "en"],
    "more_1": "sw",
    "more_2": "",
    "best": "ar",
    "offers": ["radio", "law"],
    "seeks": ["money"],
    "wished_roles": ["donor", "guest"],
    "wished_regions": ["americas"],
    "wished_organisations": "Lantern Fund\r\nBlue Kite",
    "wished_people": "٧٠٧, 808",
    "first_time": "y",
    "seated": "y",
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
SAVED = Profile(
    name="نور الهدى",
    latin="Nour El-Hoda",
    organisation="Paper Boat Press",
    country="EG",
    languages=("ar", "fr", "en", "sw"),
    regions=("africa", "americas"),
    offers=("radio", "law"),
    seeks=("money",),
    wished_people="707 808",
    wished_organisations=("Lantern Fund", "Blue Kite"),
    wished_roles=("donor", "guest"),
    wished_regions=("americas",),
    first_time=True,
    seated=True,
    away=(Span(date(2013, 6, 18)), Span(date(2013, 6, 19), time(14, 15)), Span(date(2013, 6, 20), None, time(10, 30))),
)


@pytest.fixture
def me(app: Flask) -> Person:
    topics = [("radio", "Media"), ("law", "Justice"), ("money", "Running")]
    make.store(
        make.event(host_language="km"),
        *(make.interest(slug=slug, heading=heading, position=at) for at, (slug, heading) in enumerate(topics)),
        make.interest(slug="retired", retired=True),
        *(make.region(slug=slug, position=at) for at, slug in enumerate(("africa", "americas"))),
    )
    me = make.person(name="Me", latin="Me", number="606")
    make.store(me)
    return me


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def read(who: Person) -> Profile:
    return profiles.open_profile(Actor(person=db.session.get(Person, who.id))).profile


def test_every_field_there_and_back(me: Person, mine: FlaskClient) -> None:
    assert save(mine, **FULL).status_code == 303
    assert read(me) == SAVED
    shown = form_of(mine)
    assert save(mine).status_code == 303
    assert read(me) == SAVED
    for key, value in FULL.items():
        expected = {
            "organisation": "Paper Boat Press",
            "languages": ["ar", "fr", "en", "sw"],
            "more_1": "",
            "wished_people": "707 808",
        }.get(key, value)
        assert shown.getlist(key) == (expected if isinstance(expected, list) else [expected]), key


def test_saving_without_a_change_changes_nothing(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    assert save(mine, languages=["en"]).status_code == 303
    assert read(me) == before
    assert db.session.get(Person, me.id).revision == 1


def test_everything_can_be_taken_back(me: Person, mine: FlaskClient) -> None:
    save(mine, **FULL)
    emptied = {key: [] if isinstance(value, list) or value == "y" else "" for key, value in FULL.items()}
    assert save(mine, **(emptied | {"name": "Me", "latin": "Me", "languages": ["en"]})).status_code == 303
    assert read(me) == Profile(name="Me", latin="Me", languages=("en",))


def test_after_saving_one_looks_at_the_rounds(mine: FlaskClient) -> None:
    answer = save(mine)
    assert answer.headers["Location"] == "/me?note=saved"
    assert "Saved." in mine.get(answer.headers["Location"]).text


def test_nothing_typed_is_lost_on_errors(me: Person, mine: FlaskClient) -> None:
    before = read(me)
    sent = FULL | {"name": "", "country": "Atlantis", "away_2_to": "14:00"}
    answer = save(mine, **sent)
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for key, value in (FULL | {"name": "", "country": "", "away_2_to": "14:00"}).items():
        assert sorted(kept.getlist(key)) == sorted(value if isinstance(value, list) else [value]), key
    assert error_beside(answer.text, "name") == "Give a name; it may be a short or an invented one."
    assert error_beside(answer.text, "country") == "Choose one from the list."
    assert error_beside(answer.text, "away_2_to") == "This must be later than 14:15."
    assert "What you typed is still here; nothing is lost." in answer.text
    assert read(me) == before
    assert post(mine, kept, name="Me", country="EG", away_2_to="").status_code == 303


def test_no_switch_of_language_loses_what_was_typed(mine: FlaskClient) -> None:
    assert 'action="/language"' in mine.get("/me/profile").text
    assert 'action="/language"' not in save(mine, name="").text


def test_an_absence_that_holds_something_lies_open(mine: FlaskClient) -> None:
    assert mine.get("/me/profile").text.count("<summary>Absence") == 2
    assert save(mine, **FULL).status_code == 303
    assert "<summary>Absence" not in mine.get("/me/profile").text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"latin": "Нина"}, "latin", "Latin letters"),
        ({"name": "\u200b\u200b"}, "name", "at least one letter or digit"),
        ({"name": "x" * 81}, "name", "at most 80 characters"),
        ({"organisation": "x" * 201}, "organisation", "at most 200 characters"),
        ({"organisation": "---"}, "organisation", "at least one letter or digit"),
        ({"languages": [], "best": ""}, "languages", "at least one language"),
        ({"languages": ["xx"]}, "languages", "not in the list"),
        ({"more_1": "xx"}, "more_1", "from the list"),
        ({"offers": ["nothing"]}, "offers", "not in the list"),
        ({"seeks": ["retired"]}, "seeks", "not in the list"),
        ({"regions": ["moon"]}, "regions", "not in the list"),
        ({"wished_roles": ["king"]}, "wished_roles", "not in the list"),
        ({"wished_organisations": "a\nb\nc\nd"}, "wished_organisations", "at most 3"),
        ({"wished_organisations": "?!"}, "wished_organisations", "at least one letter or digit"),
        ({"wished_people": "1 2 3 4 5 6"}, "wished_people", "at most 5"),
        ({"wished_people": "123456789"}, "wished_people", "as they stand on badges"),
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


def test_a_latin_name_needs_no_second_spelling(me: Person, mine: FlaskClient) -> None:
    save(mine, name="Zoë Ångström", latin="")
    assert read(me).latin == "Zoë Ångström"
    save(mine, name="Нина", latin="")
    assert read(me).latin == ""


def test_a_form_opened_before_another_save_keeps_what_is_typed(me: Person, mine: FlaskClient) -> None:
    old = form_of(mine)
    save(mine, organisation="Other window")
    answer = post(mine, old, organisation="This window")
    assert answer.status_code == 409
    assert "saved from another window" in answer.text
    assert fields_of(answer.text)["organisation"] == "This window"
    assert read(me).organisation == "Other window"
    assert post(mine, fields_of(answer.text)).status_code == 303
    assert read(me).organisation == "This window"


def test_sending_the_same_form_twice_is_fine(me: Person, mine: FlaskClient) -> None:
    form = form_of(mine)
    assert [post(mine, form, organisation="Paper Boat Press").status_code for _ in range(2)] == [303, 303]
    assert read(me).organisation == "Paper Boat Press"
    assert db.session.get(Person, me.id).revision == 1


@pytest.mark.parametrize("revision", [None, "", "-1", "9" * 30, "x"])
def test_a_form_that_does_not_say_when_it_was_opened_saves_nothing(
    me: Person, mine: FlaskClient, revision: str | None
) -> None:
    form = form_of(mine)
    sent = [] if revision is None else [revision]
    assert post(mine, form, organisation="Elsewhere", revision=sent).status_code == 409
    assert read(me).organisation == ""


def test_the_answer_is_the_same_for_any_number(me: Person, visitor: Visitor, mine: FlaskClient) -> None:
    other = make.person(number="707")
    make.store(other)
    pages = []
    for number in ("707", "709"):
        answer = save(mine, wished_people=number)
        page = mine.get("/me/profile").text
        found = [wish.wished_person_id for wish in db.session.scalars(select(Wish))]
        assert found == ([other.id] if number == "707" else [])
        pages.append((answer.status_code, answer.headers["Location"], fields_of(page)["wished_people"] == number))
    assert pages[0] == pages[1] == (303, "/me?note=saved", True)


def test_nobody_wishes_for_oneself(mine: FlaskClient) -> None:
    assert save(mine, wished_people="606").status_code == 303
    assert db.session.query(Wish).count() == 0


def test_an_organisation_is_found_by_name_and_its_spelling_not_revealed(me: Person, mine: FlaskClient) -> None:
    known = make.organisation(name="Paper Boat PRESS", country="EG")
    make.store(known)
    save(mine, organisation="paper  boat press", wished_organisations="PAPER BOAT press")
    person = db.session.get(Person, me.id)
    assert (person.organisation_id, person.wishes[0].organisation_id) == (known.id, known.id)
    shown = form_of(mine)
    assert (shown["organisation"], shown["wished_organisations"]) == ("paper boat press", "PAPER BOAT press")


def test_names_nobody_uses_any_more_are_let_go(me: Person, mine: FlaskClient) -> None:
    make.store(make.organisation(name="Of the organisers", country="EG"))
    save(mine, organisation="Typo Pres", wished_organisations="Somewhere")
    save(mine, organisation="Of the organisers", wished_organisations="")
    save(mine, organisation="Typo Press")
    assert {row.name for row in db.session.scalars(select(Organisation))} == {"Of the organisers", "Typo Press"}


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
    assert form_of(mine)["wished_people"] == "707"


def test_absences_that_the_form_cannot_show_are_kept(me: Person, mine: FlaskClient) -> None:
    day = datetime(2013, 6, 18)
    long = Absence(person_id=me.id, starts=day, ends=day.replace(day=20))
    short = [
        Absence(person_id=me.id, starts=day.replace(hour=h), ends=day.replace(hour=h + 1)) for h in (9, 11, 13, 15)
    ]
    make.store(long, *short)
    assert "2 more absences are noted for you" in mine.get("/me/profile").text
    assert form_of(mine)["away_3_from"] == "13:00"
    save(mine, away_3_day="", away_3_from="", away_3_to="")
    kept = [(absence.starts.hour, absence.ends.day) for absence in db.session.get(Person, me.id).absences]
    assert sorted(kept) == [(0, 20), (9, 18), (11, 18), (15, 18)]


def test_a_retired_topic_chosen_before_stays_choosable(me: Person, mine: FlaskClient) -> None:
    assert 'value="retired"' not in mine.get("/me/profile").text
    with transaction() as rows:
        row = rows.get(Person, me.id)
        profiles._write_interests(rows, row, Profile(name="Me", seeks=("retired",)))
    assert save(mine).status_code == 303
    assert read(me).seeks == ("retired",)


def test_saving_is_for_oneself_only(me: Person) -> None:
    with pytest.raises(NotFound):
        profiles.save(Profile(name="X"), revision="0", by=Actor())
    with pytest.raises(NotNow):
        profiles.save(Profile(name="X"), revision="1", by=Actor(person=me))
    profiles.save(Profile(name="X"), revision="0", by=Actor(person=me))
    assert read(me).name == "X"


def test_nobody_sees_the_profile_of_another(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    save(mine, **FULL)
    stranger = make.person(name="Stranger", latin="Stranger", number="5555")
    make.store(stranger)
    page = visitor.participant(stranger).get("/me/profile").text
    words = ("Paper Boat Press", "Lantern Fund", "Nour", "808", "نور")
    assert not any(word in page for word in words)
    assert all(word in mine.get("/me/profile").text for word in words)


def test_a_form_without_its_token_saves_nothing(me: Person, mine: FlaskClient) -> None:
    assert save(mine, organisation="Elsewhere", csrf_token=[]).status_code == 400
    assert read(me).organisation == ""
    assert save(mine, organisation="Elsewhere").status_code == 303


TEXTS = ("name", "latin", "organisation", "wished_organisations", "wished_people")
CHOICES = (
    "country", "regions", "languages", "more_1", "more_2", "best", "offers", "seeks", "wished_roles",
    "wished_regions", "away_1_day", "away_2_from", "away_3_to",
)  # fmt: skip
HOSTILE = ("a\x00b", "a\u202eb", "\u2066a")
TOO_LARGE = str(2**63)
NEVER_A_FAILURE = (*HOSTILE, b"a\xed\xa0\x80b", TOO_LARGE, "' OR 1=1 --", "<script>", "%00", "=1+1")


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_is_refused(me: Person, mine: FlaskClient, value: str) -> None:
    before, form = read(me), form_of(mine)
    for field in (*TEXTS, *CHOICES):
        answer = post(mine, form, **{field: value})
        assert answer.status_code == 422, field
        assert error_beside(answer.text, field), field
    assert read(me) == before


@pytest.mark.parametrize("value", [TOO_LARGE, "-1", "²", "9" * 5000])
def test_numbers_where_none_belong_are_refused(mine: FlaskClient, value: str) -> None:
    form = form_of(mine)
    for field in (*CHOICES, "wished_people"):
        assert post(mine, form, **{field: value}).status_code == 422, field


@pytest.mark.parametrize("field", TEXTS)
def test_text_that_cannot_be_read_is_refused(me: Person, mine: FlaskClient, field: str) -> None:
    form = form_of(mine)
    for typed, status in ((b"a\xed\xa0\x80b", 422), (b"a\xff\xfeb", 422), (b"a1b", 303)):
        boundary, body = encode_multipart({**form.to_dict(), field: "HOSTILE"})
        kind = f"multipart/form-data; boundary={boundary}"
        answer = mine.post("/me/profile", data=body.replace(b"HOSTILE", typed), content_type=kind)
        assert answer.status_code == status


@pytest.mark.parametrize("value", NEVER_A_FAILURE)
def test_no_value_makes_the_house_fall(mine: FlaskClient, value: str | bytes) -> None:
    form = form_of(mine)
    for field in (*TEXTS, *CHOICES, "revision", "csrf_token", "first_time", "seated", "away-²-day"):
        answer = post(mine, form, **{field: value})
        assert answer.status_code in {303, 400, 409, 422}, field
        assert "<script>" not in answer.text
    assert mine.get("/me/profile").status_code == mine.get("/me").status_code == 200


def test_an_address_with_strange_values_is_no_failure(mine: FlaskClient) -> None:
    for path in ("/me?note=%00", "/me?note=%ED%A0%80", f"/me?page={TOO_LARGE}", "/me/profile?x=%FF", "/me/%00"):
        assert mine.get(path).status_code < 500


def test_the_page_takes_the_same_queries_for_long_and_short_profiles(me: Person, mine: FlaskClient) -> None:
    counts, held = [], me.id
    for topics, regions in ((["radio"], ["africa"]), (["radio", "law", "money"], ["africa", "americas"])):
        save(mine, offers=topics, seeks=topics, regions=regions, wished_regions=regions)
        db.session.expunge_all()
        who = Actor(person=db.session.get(Person, held))
        before = len(get_recorded_queries())
        profiles.open_profile(who)
        counts.append(len(get_recorded_queries()) - before)
    assert counts == [LITERAL_QUERIES, LITERAL_QUERIES]


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_has_a_direction(mine: FlaskClient, lang: str, direction: str) -> None:
    mine.set_cookie("lang", lang)
    page = mine.get("/me/profile").text
    assert f'lang="{lang}" dir="{direction}"' in page
    assert token_of(mine, "/me/profile")
