"""What a file does to the house: what is shown is what is stored, all of it or nothing, and twice changes nothing."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as listening
from sqlalchemy import select, text

from tests.webapp import factories as make
from webapp.access import Actor
from webapp.db import WRITER, db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import Host, Organisation, Person, Session, Staff
from webapp.models.people import utc_now
from webapp.operations.files.importing import judging
from webapp.operations.files.importing.judging import Incoming, guessed
from webapp.operations.files.importing.lines import Preview
from webapp.operations.files.importing.reading import READERS, what_is_known
from webapp.operations.guests import people
from webapp.operations.profile import profiles
from webapp.operations.profile.who import open_who

BY = Actor(staff=Staff(name="somebody", role="organiser"))
HEADER = "Number,Registration,Name,Organisation,Country,Languages,Offers,Seeks,First time"
ANNA = ',X1,Anna Berg,Reed Lamp,Suède,"svenska, anglais",Privacy,"Art, music and law; 2",oui'
BORIS = "77,,Борис,Белая Ворона,Russie,Russian,,,no"


@pytest.fixture
def house(app: Flask) -> Flask:
    make.store(
        make.event(),
        make.region(slug="africa", title="Africa"),
        make.interest(id=1, slug="privacy", title="Privacy", position=1),
        make.interest(id=2, slug="money", title="Fund-raising", position=2),
        make.interest(id=3, slug="art", title="Art, music and law", position=3),
    )
    return app


def incoming(*rows: str, header: str = HEADER, session: str = "", columns: tuple[str, ...] = ()) -> Incoming:
    sent = Incoming("\n".join((header, *rows)).encode(), session)
    kind = judging.kind_of(db.session.scalar(select(Session).where(Session.slug == session)) if session else None)
    return replace(sent, columns=columns or guessed(kind, sent.sheet))


def shown(sent: Incoming) -> Preview:
    return judging.preview(sent, by=BY)


def stored(sent: Incoming, *, keep: bool = True) -> Preview:
    before = shown(sent)
    assert not before.problems, before.problems
    return judging.store(sent, digest=before.digest, keep=keep, by=BY)


def told(sent: Incoming) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.sentence) for one in shown(sent).problems]


def everything() -> dict[str, list[Any]]:
    names = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    return {name: [tuple(row) for row in db.session.execute(text(f'SELECT * FROM "{name}"'))] for name in names}


def person(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def test_people_come_in_whole_and_twice_changes_nothing(house: Flask) -> None:
    sent = incoming(ANNA, BORIS)
    first = stored(sent)
    assert [(line.row, line.name, line.number) for line in first.new] == [(2, "Anna Berg", ""), (3, "Борис", "77")]
    anna, boris = person("Anna Berg"), person("Борис")
    assert ([one.code for one in anna.languages], anna.country, anna.first_time) == (["sv", "en"], "SE", True)
    assert {(own.side, own.interest.slug) for own in anna.interests} == {
        ("offers", "privacy"), ("seeks", "art"), ("seeks", "money"),
    }  # fmt: skip
    assert (anna.registration, anna.role, boris.number, boris.organisation.country) == ("X1", "guest", "77", "RU")
    assert len(anna.number) >= people.SHORTEST_NUMBER
    before = everything()
    again = shown(sent)
    assert (again.new, again.changed, again.unchanged, again.moves) == ((), (), 2, False)
    stored(sent)
    assert everything() == before


def test_a_changed_file_shows_what_changes_and_that_is_what_is_stored(house: Flask) -> None:
    stored(incoming(ANNA, BORIS))
    changed = incoming(ANNA.replace("Reed Lamp", "Quiet Reed").replace("Privacy", "money"))
    preview = shown(changed)
    (line,) = preview.changed
    assert [(one.field, one.before, one.after) for one in line.changes] == [
        ("Organisation", "Reed Lamp", "Quiet Reed"), ("What they offer", "Privacy", "Fund-raising"),
    ]  # fmt: skip
    assert preview.missing == ("77 Борис",)
    revision = person("Anna Berg").revision
    stored(changed)
    anna = person("Anna Berg")
    assert (anna.organisation.name, anna.revision) == ("Quiet Reed", revision + 1)
    assert db.session.scalar(select(Organisation).where(Organisation.name == "Reed Lamp")) is None
    assert person("Борис").number == "77"


def test_who_a_row_is_about(house: Flask) -> None:
    stored(incoming(ANNA, BORIS))
    number = person("Anna Berg").number
    by_number = shown(incoming(f"{number},,Anna Lund,,,,,,"))
    assert [line.changes[0].after for line in by_number.changed] == ["Anna Lund"]
    by_registration = shown(incoming(",X1,Anna Lund,,,,,,"))
    assert [line.number for line in by_registration.changed] == [number]
    by_name = shown(incoming(",X9,борис,белая  ВОРОНА,,,,,"))
    assert [one.field for one in by_name.changed[0].changes] == ["Name", "Number of the order or registration"]
    another = shown(incoming(",X2,Anna Berg,Reed Lamp,,,,,"))
    assert another.new[0].note == f"Number {number} has the same name and organisation."
    moved = shown(incoming(",,Anna Berg,Elsewhere,,,,,"))
    assert moved.new[0].note == f"Number {number} has the same name and another organisation."


def test_what_is_not_clear_is_asked_with_row_and_column(house: Flask) -> None:
    make.store(*(make.person(number=str(at), name="Sam Low") for at in (501, 502)))
    stored(incoming(ANNA))
    number = person("Anna Berg").number
    assert told(incoming(",,Sam Low,,,,,,")) == [(2, "C", told(incoming(",,Sam Low,,,,,,"))[0][2])]
    assert "501, 502" in told(incoming(",,Sam Low,,,,,,"))[0][2]
    rows = (ANNA, ",X1,Another,,,,,,", "501,X1,Sam Low,,,,,,", f"{number},,,,,,,,", ",,,Nobody,,,,,", "999,,,,,,,,")
    sent = incoming(*rows, columns=incoming(ANNA).columns)
    assert [(row, column) for row, column, _ in told(sent)] == [
        (3, "B"), (4, "B"), (5, "C"), (6, "C"), (7, "C"),
    ]  # fmt: skip


WRONG_CELLS = (
    (",,Anna,,Swedn,,,,", "E", "no country"),
    (",,Anna,,,Frensh,,,", "F", "no language"),
    (",,Anna,,,,Basket weaving,,", "G", "list of interests"),
    (",,Anna,,,,,,maybe", "I", "neither yes nor no"),
    ("12a,,Anna,,,,,,", "A", "no event number"),
    (",,---,,,,,,", "C", "no letter"),
    (f",,{'a' * 81},,,,,,", "C", "81 characters"),
    (",,A\x00nna,,,,,,", "C", "U+0000"),
    (",,A\u202enna,,,,,,", "C", "U+202E"),
    (f",,Anna,{'b' * 201},,,,,", "D", "201 characters"),
    (f",,Anna,,,{'en;' * 70},,,", "F", "too many parts"),
)


def test_a_cell_that_cannot_be_is_told_with_its_place(house: Flask) -> None:
    before = everything()
    for row, column, why in WRONG_CELLS:
        ((number, letter, sentence),) = told(incoming(BORIS, row))
        assert (number, letter) == (3, column), row
        assert why in sentence
    sent = incoming(BORIS, WRONG_CELLS[0][0])
    with pytest.raises(NotNow):
        judging.store(sent, digest=shown(sent).digest, by=BY)
    assert everything() == before


def test_columns_put_together_are_told_when_they_are_too_long(house: Flask) -> None:
    header = "Order #,Attendee #,First name,Last name"
    row = f"{'1' * 70},{'2' * 70},{'a' * 50},{'b' * 50}"
    assert [(number, letter) for number, letter, _ in told(incoming(row, header=header))] == [(2, "A"), (2, "C")]


def test_numbers_and_registrations_stay_with_whom_they_belong_to(house: Flask) -> None:
    stored(incoming(ANNA, BORIS))
    number = person("Anna Berg").number
    ((_row, column, sentence),) = told(incoming("77,X1,Boris,,,,,,"))
    assert (column, number in sentence) == ("B", True)
    ((_row, column, sentence),) = told(incoming("901,X1,Anna Berg,,,,,,"))
    assert (column, number in sentence) == ("A", True)


def test_who_was_removed_is_told_at_their_row(house: Flask) -> None:
    one, header = make.person(name="Gone Again", number="5077"), "Number,Name,Languages"
    make.store(one)
    file = incoming("5077,Gone Again,English", "5078,Somebody Else,English", header=header)
    assert not told(file)
    people.remove_person(one.public_id, by=BY)
    ((row, column, sentence),) = told(file)
    assert (row, column, "was removed here" in sentence) == (2, "A", True)


def test_lists_are_read_however_they_are_parted(house: Flask) -> None:
    lists = {
        "Privacy; Fund-raising": ("privacy", "money"), "1\n2": ("privacy", "money"), "Art, music and law": ("art",),
        "art and Privacy": ("privacy", "art"), "Privacy, Art, music and law, money": ("privacy", "money", "art"),
        "privacy / 2.": ("privacy", "money"),
    }  # fmt: skip
    known = what_is_known(db.session(), None)
    for cell, slugs in lists.items():
        assert READERS["offers"]("offers", cell, known) == slugs, cell
    languages = {"English (fluent), français": ("en", "fr"), "العربية؛ English": ("ar", "en"), "sw/fr": ("sw", "fr")}
    for cell, codes in languages.items():
        assert READERS["languages"]("languages", cell, known) == codes, cell
    countries = {"USA": "US", "Côte d'Ivoire": "CI", "Ivory Coast": "CI", "كمبوديا": "KH", "kh": "KH", "Россия": "RU"}
    for cell, code in countries.items():
        assert READERS["country"]("country", cell, known) == code, cell
    assert READERS["regions"]("regions", "AFRICA", known) == ("africa",)
    assert READERS["role"]("role", "Local  stakeholder", known) == "stakeholder"
    for field, cell in (("regions", "Mars"), ("role", "king"), ("places", "0"), ("rounds_away", "9"), ("wishes", "x")):
        with pytest.raises(BadInput):
            READERS[field](field, cell, known)


def test_names_of_all_scripts_are_kept_as_they_are(house: Flask) -> None:
    names = ("زهرا کریمی‌زاده", "ዮናስ መኮንን", "رسمي 😀", "Zoë", "Nguyễn Ánh", "រ៉េត សុភា", "O’Neil-Ó")
    stored(incoming(*(f",,{name},,,,,," for name in names)))
    assert set(db.session.scalars(select(Person.name))) == {*names[:3], "Zoë", *names[4:]}


def test_what_people_saved_stays_unless_the_file_is_to_count(house: Flask) -> None:
    stored(incoming(ANNA, BORIS))
    with transaction():
        anna = person("Anna Berg")
        anna.saved_at, anna.country = utc_now(), "NO"
    sent = incoming(ANNA.replace("Berg,", "Berg,").replace(",oui", ",no"))
    (line,) = shown(sent).changed
    assert ([one.field for one in line.kept], line.changes, shown(sent).moves) == (
        ["Country", "Is here for the first time"], (), False,
    )  # fmt: skip
    stored(sent, keep=True)
    assert person("Anna Berg").country == "NO"
    stored(sent, keep=False)
    assert (person("Anna Berg").country, person("Anna Berg").first_time) == ("SE", False)


def test_a_profile_that_is_open_meanwhile_is_not_saved_over_the_file(house: Flask) -> None:
    stored(incoming(ANNA))
    opened = open_who(Actor(person=person("Anna Berg")))[0]
    stored(incoming(ANNA.replace("Suède", "Norvège")))
    with pytest.raises(NotNow):
        profiles.save(opened.part, profiles.Sent(opened.key, opened.stamp), by=Actor(person=person("Anna Berg")))


def test_nothing_is_stored_when_the_house_has_changed_since(house: Flask) -> None:
    stored(incoming(ANNA))
    sent = incoming(ANNA.replace("Suède", "Norvège"))
    digest = shown(sent).digest
    with transaction():
        person("Anna Berg").country = "DK"
    with pytest.raises(NotNow):
        judging.store(sent, digest=digest, by=BY)
    assert person("Anna Berg").country == "DK"


def test_a_failure_in_the_last_row_leaves_nothing(house: Flask) -> None:
    sent, before = incoming(ANNA, BORIS, ",,Last One,Last House,,,,,"), everything()
    digest = shown(sent).digest

    def fail(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO organisation") and "Last House" in str(parameters):
            raise OSError("the disk is full")

    listening.listen(db.engines[WRITER], "before_cursor_execute", fail)
    try:
        with pytest.raises(OSError, match="full"):
            judging.store(sent, digest=digest, by=BY)
    finally:
        listening.remove(db.engines[WRITER], "before_cursor_execute", fail)
    assert everything() == before
    judging.store(sent, digest=digest, by=BY)
    assert db.session.query(Person).count() == 3


def test_wishes_name_people_of_the_house_or_of_the_file(house: Flask) -> None:
    header = "number,name,wishes,away"
    good = incoming(
        "11,Anna,person:12;organisation:Reed; Lamp;role:donor;region:africa,2013-06-19T14:00/2013-06-19T16:00",
        "12,Boris,,",
        header=header,
    )
    stored(good)
    wishes = person("Anna").wishes
    assert [wish.wished_person_id for wish in wishes][:1] == [person("Boris").id]
    assert [wish.organisation.name for wish in wishes if wish.organisation] == ["Reed; Lamp"]
    assert shown(good).unchanged == 2
    assert told(incoming("11,Anna,person:99,", header=header))[0][:2] == (2, "C")
    assert told(incoming("11,Anna,,2013-06-19T14:00", header=header))[0][:2] == (2, "D")


HOSTS = "name,about,number,languages,topics,table,places,away"


def test_specialists_come_in_change_and_may_change_places(house: Flask) -> None:
    make.store(make.session(slug="clinic", format="clinics"), make.person(number="55"))
    two = ("Nadia,Law,55,ar;fr,privacy,S1,2,3", "Viktor,Courts,,ru,,S2,,")
    stored(incoming(*two, header=HOSTS, session="clinic"))
    assert shown(incoming(*two, header=HOSTS, session="clinic")).unchanged == 2
    swapped = incoming(
        "Nadia,Rights,55,ar;fr,privacy,S2,2,3", "Viktor,Courts,,ru,,S1,,", header=HOSTS, session="clinic"
    )
    stored(swapped)
    found = {host.name: (host.table, host.title, host.away) for host in db.session.scalars(select(Host))}
    assert found == {"Nadia": ("S2", "Rights", [3]), "Viktor": ("S1", "Courts", [])}
    wrong = ("Nadia,Rights,,,,S9,,", "Mira,Law,55,,,S9,,4", 'Viktor,Courts,,,,,,"1,2,3"', "Viktor,Courts,,,,,,")
    assert [(row, column) for row, column, _ in told(incoming(*wrong, header=HOSTS, session="clinic"))] == [
        (3, "H"), (4, "H"), (5, "A"),
    ]  # fmt: skip
    crowded = ("Nadia,Rights,,,,S9,,", "Mira,Law,55,,,S9,,")
    assert [(row, column) for row, column, _ in told(incoming(*crowded, header=HOSTS, session="clinic"))] == [
        (3, "C"), (3, "F"),
    ]  # fmt: skip


def test_tools_need_a_presenter_and_fewest_below_most(house: Flask) -> None:
    make.store(make.session(slug="tools", format="stations"))
    header = "tool,presenter,table,places,least_places"
    stored(incoming("Mail,Oskar,T1,6,2", header=header, session="tools"))
    renamed = shown(incoming("Mail,Berit,T1,6,2", header=header, session="tools"))
    assert [(one.field, one.before, one.after) for one in renamed.changed[0].changes] == [
        ("Presenter", "Oskar", "Berit")
    ]
    wrong = incoming("Chat,,T2,,", "Mail,Oskar,T1,2,4", header=header, session="tools")
    assert [(row, column) for row, column, _ in told(wrong)] == [(2, "B"), (3, "E")]


def test_columns_that_do_not_go_together_are_refused(house: Flask) -> None:
    for columns in (("", ""), ("name", "name"), ("name", "first"), ("nothing", "name"), ("name",)):
        with pytest.raises(BadInput):
            shown(incoming("Anna,Berg", header="a,b", columns=columns))


def test_an_order_that_several_share_is_no_registration(house: Flask) -> None:
    header = "Order #,First Name,Surname"
    assert incoming("7,Anna,Berg", "7,Boris,Low", header=header).columns == ("", "first", "last")
    assert incoming("7,Anna,Berg", "8,Boris,Low", header=header).columns == ("registration", "first", "last")


def test_only_organisers_import(house: Flask) -> None:
    for stranger in (Actor(), Actor(staff=Staff(name="f", role="facilitator"))):
        with pytest.raises(NotFound):
            judging.preview(incoming(ANNA), by=stranger)
