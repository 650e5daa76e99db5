"""Whatever the format, everybody's page, calendar, card and round sheet say exactly what the published rows say."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from icalendar import Calendar

from tests.webapp.factories import Visitor
from tests.webapp.gathering import KINDS, ROUNDS, Said, gather, is_open, laid, publish, said_to, words_in
from tests.webapp.pages import Page
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.exchange import sheets
from webapp.exchange.ics import calendar_file
from webapp.exchange.paper import plainly
from webapp.models import Host, Interpreter, Meeting, Person, Plan, Rest, Seat
from webapp.operations.mine import schedule
from webapp.operations.paper import cards, printing
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import talks

NONE: frozenset[str] = frozenset()
KEPT = "/me/day.html"
CASES = [*((kind, 1, "open") for kind in KINDS), ("pairs", 2, "discreet"), ("clinics", 2, "discreet")]
MORE = [
    case
    for kind in KINDS
    for seed, preset in ((0, "open"), (0, "discreet"), (1, "discreet"), (2, "discreet"))
    if (case := (kind, seed, preset)) not in CASES
]
every = pytest.mark.parametrize(
    "ground",
    [*CASES, *(pytest.param(case, marks=pytest.mark.long) for case in MORE)],
    indirect=True,
    ids=lambda case: "-".join(map(str, case)),
)


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test names a gathering, it is planned and published once for all that look at it."""
    if not hasattr(request, "param"):
        return migrated
    kind, seed, preset = request.param
    folder = tmp_path_factory.mktemp("gathering") / "data"
    return laid(migrated, folder, lambda: publish(gather(kind, seed, preset=preset), seed))


@pytest.fixture
def plan(app: Flask) -> Plan:
    """The version that is published."""
    return db.session.query(Plan).filter_by(state="published").one()


def people() -> list[Person]:
    return db.session.query(Person).order_by(Person.id).all()


# --- pages ---------------------------------------------------------------------------------------------------------


def page_of(person: Person, visitor: Visitor, path: str = "/me") -> dict[int, str]:
    """What a page says of each round, wherever it speaks of it, or the file that is kept of it."""
    page = Page(visitor.participant(person).get(path).text)
    text = " ".join(" ".join(part.text for part in page.words if not part.within[-1].startswith("@")).split())
    _before, *parts = re.split(r"(?:Round|How was round) (\d+)", text)
    found: dict[int, str] = {}
    for number, said in zip(map(int, parts[::2]), parts[1::2], strict=True):
        found[number] = f"{found[number]} {said}" if number in found else said
    return found


def wrong_on_pages(plan: Plan, visitor: Visitor, path: str = "/me") -> list[str]:
    """Where somebody's page, or the file that is kept of it, says more or less than the rows."""
    found = []
    for person in people():
        rows, page = said_to(person, plan), page_of(person, visitor, path)
        for number in range(1, ROUNDS + 1):
            words, said = words_in(page.get(number, "")), rows.get(number)
            least, most = (NONE, NONE) if path == KEPT and not is_open() else (needed(said, plan), allowed(said))
            if words - most or least - words:
                found.append(f"{person.name}, round {number}: {sorted(words)} for {said}")
            if said and not re.search(rf"\b[Tt]able {said.table}\b", page[number]):
                found.append(f"{person.name}, round {number}: no table {said.table}")
    return found


def allowed(said: Said | None) -> frozenset[str]:
    if said is None:
        return NONE
    if not is_open():
        return said.tools | said.voices | (NONE if said.hosting else said.names)
    return said.names | said.houses | said.tools | said.voices | said.topics


def needed(said: Said | None, plan: Plan) -> frozenset[str]:
    """A list says of a tool only the tool and who shows it, and of visitors only who they are."""
    brief = said is not None and (said.hosting or plan.session.format == "stations")
    return allowed(said) - (said.houses if said and brief else NONE)


@every
def test_pages_say_what_the_rows_say(plan: Plan, visitor: Visitor) -> None:
    assert not wrong_on_pages(plan, visitor)
    assert not wrong_on_pages(plan, visitor, KEPT)


@pytest.mark.parametrize("kind", ["clinics", "stations", "groups"])
def test_nobody_reads_of_other_visitors(app: Flask, visitor: Visitor, kind: str) -> None:
    publish(gather(kind, 1), 1)
    for person in people()[1:]:
        assert not [word for said in page_of(person, visitor).values() for word in words_in(said) if "guest" in word]


def test_a_page_that_names_other_visitors_is_noticed(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = publish(gather("stations", 1), 1)
    assert not wrong_on_pages(plan, visitor)

    def everybody(reader: talks.Reader, meeting: Meeting, _company: object) -> tuple[talks.Partner, ...]:
        seats = db.session.query(Seat).filter_by(meeting_id=meeting.id)
        return tuple(talks.Partner(seat.person.name, "", "") for seat in seats if seat.person_id != reader.person.id)

    monkeypatch.setattr(talks.Reader, "_partners", everybody)
    assert wrong_on_pages(plan, visitor)
    assert wrong_on_pages(plan, visitor, KEPT)


def test_an_organisation_that_is_told_in_secret_is_noticed(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = publish(gather("circles", 1, preset="discreet"), 1)
    assert not wrong_on_pages(plan, visitor)
    monkeypatch.setattr(
        talks, "as_met", lambda one, _event, **_told: talks.Partner(one.name, "", one.organisation.name)
    )
    assert wrong_on_pages(plan, visitor)


def test_a_circle_reads_its_own_topics_alone(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("circles", 2), 2)
    topics = [said.topics for person in people() for said in said_to(person, plan).values()]
    assert any(topics)
    own = talks.Reader._topics

    def of_others(reader: talks.Reader, meeting: Meeting, company: list[Person]) -> tuple[talks.Topic, ...]:
        mine, reader.person = reader.person, company[0]
        try:
            return own(reader, meeting, [*company[1:], mine])
        finally:
            reader.person = mine

    monkeypatch.setattr(talks.Reader, "_topics", of_others)
    assert wrong_on_pages(plan, visitor)


def test_whoever_has_no_talk_is_on_the_standby_list(app: Flask, visitor: Visitor) -> None:
    plan = publish(gather("clinics", 0))
    told = {person: visitor.participant(person).get("/me").text for person in people()}
    without = [person for person in told if not said_to(person, plan)]
    assert 0 < len(without) < len(told)
    for person, page in told.items():
        assert ("standby list" in page) == (person in without)
        assert "Round 1: free (" not in page
    assert "Ask at the help point" in told[without[0]]
    assert ("You are at table" in told[people()[0]]) == (people()[0] not in without)


# --- calendars -----------------------------------------------------------------------------------------------------


def wrong_in_calendars(plan: Plan) -> list[str]:
    """Where somebody's calendar says more or less than the rows; in discreet events it names nobody."""
    found = []
    for person in people():
        rows = said_to(person, plan)
        entries = Calendar.from_ical(calendar_file(schedule.calendar_of(Actor(person=person)))).walk("VEVENT")
        told = {int(re.findall(r"\d+", entry["SUMMARY"])[0]): entry for entry in entries}
        if set(told) != set(rows):
            found.append(f"{person.name}: rounds {sorted(told)}")
            continue
        for number, said in rows.items():
            text = " ".join(str(told[number].get(part, "")) for part in ("SUMMARY", "DESCRIPTION", "LOCATION"))
            words = said.names | said.tools | said.voices if is_open() else NONE
            if words_in(text) != words or f"table {said.table}" not in text:
                found.append(f"{person.name}: {text}")
    return found


@every
def test_calendars_say_what_the_rows_say(plan: Plan) -> None:
    assert not wrong_in_calendars(plan)


def test_a_calendar_that_names_the_room_in_secret_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("clinics", 1, preset="discreet"), 1)
    monkeypatch.setattr(schedule, "_", lambda words, **values: f"{plainly(words, **values)} host00")
    assert wrong_in_calendars(plan)


# --- paper ---------------------------------------------------------------------------------------------------------


def read(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def wrong_on_cards(plan: Plan) -> list[str]:
    """Where somebody's card says more or less than the rows."""
    found = []
    head = PrintOrder(plan.session, plan).head
    numbers = {person.number: person for person in people()}
    for card in cards.cards_of(plan).values():
        person = numbers[card.number]
        rows = said_to(person, plan)
        told = words_in(" ".join(read(sheets.cards(head, [card])))) - {person.name, person.organisation.name}
        due = frozenset(word for said in rows.values() for word in on_card(said, plan))
        places = {one.round: one.table for one in card.sittings if one.table}
        if told != due or places != {number: said.table for number, said in rows.items()}:
            found.append(f"{person.name}: {sorted(told)} for {sorted(due)}")
    return found


def on_card(said: Said, plan: Plan) -> frozenset[str]:
    return said.names | said.voices | (said.tools if plan.session.format == "stations" else NONE)


def wrong_on_round_sheets(plan: Plan) -> list[str]:
    """Where the sheet of a round names more or less than everybody there, whom they visit and who interprets."""
    found = []
    idle = db.session.query(Rest).filter_by(plan_id=plan.id)
    printed = read(printing.sheet(plan.session_id, "rounds"))
    for number in range(1, ROUNDS + 1):
        due = {rest.person.name for rest in idle if rest.round_no == number}
        for person in people():
            said = said_to(person, plan).get(number)
            if said and not said.hosting:
                due |= {person.name, *on_card(said, plan)}
        told = words_in(" ".join(page for page in printed if f"Round {number}" in page))
        if told != due:
            found.append(f"round {number}: {sorted(told ^ due)}")
    return found


@every
def test_paper_says_what_the_rows_say(plan: Plan) -> None:
    assert not wrong_on_cards(plan)
    assert not wrong_on_round_sheets(plan)


def test_paper_without_the_specialist_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("clinics", 1), 1)
    monkeypatch.setattr(cards._Held, "_visited", lambda _held: (None, None))
    assert wrong_on_cards(plan)
    assert wrong_on_round_sheets(plan)


def test_everybody_has_a_card_and_those_without_a_talk_read_why(app: Flask) -> None:
    plan = publish(gather("clinics", 0))
    told = cards.cards_of(plan).values()
    assert len(told) == plan.people
    without = [card for card in told if not card.sittings]
    assert without
    head = PrintOrder(plan.session, plan).head
    (page,) = read(sheets.cards(head, without[:1]))
    assert "standby list" in " ".join(page.split())
    assert "standby list" not in " ".join(read(sheets.cards(head, [card for card in told if card.sittings])))


def test_many_companions_are_shortened_kindly(app: Flask) -> None:
    line = sheets._line
    plan = publish(gather("circles", 0))
    head = PrintOrder(plan.session, plan).head
    card = next(iter(cards.cards_of(plan).values()))
    sitting = next(one for one in card.sittings if one.table)
    crowd = cards.Sitting(1, sitting.starts, "1", tuple(f"guest{at:02}" for at in range(19)))
    assert words_in(str(line(head, crowd, plainly)["others"])) == {"guest00", "guest01", "guest02"}
    assert "16 more" in str(line(head, crowd, plainly)["others"])


# --- those who have gone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pairs", "clinics", "stations"])
def test_whoever_was_removed_leaves_a_table_without_a_name(app: Flask, visitor: Visitor, kind: str) -> None:
    plan = publish(gather(kind, 1), 1)
    tables = {(seat.person_id, seat.round_no): seat.meeting.table for seat in db.session.query(Seat)}
    with transaction() as rows:
        for gone in (*rows.query(Host), *rows.query(Interpreter)):
            rows.delete(gone)
    checks: list[Callable[[Plan], list[str]]] = [wrong_in_calendars, wrong_on_cards, wrong_on_round_sheets]
    assert not wrong_on_pages(plan, visitor)
    assert not [complaint for check in checks for complaint in check(plan)]
    named = re.compile(r"host\d|tool\d|voice\d|Хозяин|Голос")
    for person in people():
        page = page_of(person, visitor)
        assert not named.search(" ".join(page.values()))
        for (who, number), table in tables.items():
            assert who != person.id or re.search(rf"\b[Tt]able {table}\b", page[number])
    assert not named.search(" ".join(read(printing.sheet(plan.session_id, "cards"))))
    assert schedule.rounds_of(Actor(person=people()[0]), now=datetime(2014, 6, 19, tzinfo=UTC))
