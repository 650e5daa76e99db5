"""Events of all kinds, from nothing set to everything set, for tests that carry them from house to house."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import openpyxl
from sqlalchemy import inspect, text

from tests.webapp import factories as make
from webapp import bridge
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import (
    Absence,
    HostWish,
    Interest,
    InterpreterSession,
    KeepApart,
    MetBefore,
    Organisation,
    Person,
    PersonInterest,
    Question,
    Region,
    RegionCountry,
    RemovedInterest,
    Session,
    Staff,
    Table,
    Translation,
    Wish,
)
from webapp.models.programme import FORMATS, ROLES
from webapp.operations.files.event_file import book, trading
from webapp.operations.files.event_file.trading import EventPreview
from webapp.operations.plans import planning, presence

NAMES = ("=SUM(A1)", "+1 Anna", "-Zoë", "@home", "سارا الأحمد", "A;B, C", 'Q"uote', "'=x",
         "زهرا کریمی‌زاده", "_x0041_ Ünal",
         "＝wide", "1.0", "2013-06-19", "TRUE", "a  b", "ខ្មែរ")  # fmt: skip
TWO = "سطران\nاثنان"
EVERYTHING, NOTHING = 1.0, 0.0


class Fate:
    """Decides what is set: with chance `fill`, the same for the same seed."""

    def __init__(self, seed: int, fill: float) -> None:
        self.dice, self.fill, self.given = Random(seed), fill, 0

    def maybe(self, value: Any, otherwise: Any) -> Any:
        """The value, or what stands there where nothing is set."""
        return value if self.dice.random() < self.fill else otherwise

    def name(self) -> str:
        """A name that nobody else has, and that is hard on files."""
        self.given += 1
        return f"{self.dice.choice(NAMES)} {self.given}"

    def some(self, many: list[Any]) -> list[Any]:
        """Some of many, in any order."""
        return self.maybe(self.dice.sample(many, self.dice.randint(1, len(many))), []) if many else []


def settle(seed: int, fill: float) -> None:
    """Let an event with sessions of every format live in the house."""
    fate = Fate(seed, fill)
    event = make.event(
        title=fate.name(), venue=fate.maybe("Riverside", ""), preset=fate.maybe("discreet", "open"),
        working_languages=fate.maybe(["fr", "ar", "km"], ["en"]), host_language=fate.maybe("km", None),
        exit_to=fate.maybe("https://www.example.org/weather?in=here", ""),
    )  # fmt: skip
    regions = [
        Region(slug=f"region-{at}", title=fate.name(), position=3 - at,
               countries=[RegionCountry(country=code) for code in fate.maybe(("KH", "CI"), ())])
        for at in range(2)
    ]  # fmt: skip
    topics = [
        Interest(id=5 + 2 * at, slug=f"topic-{at}", heading=fate.name(), title=fate.name(), position=9 - at,
                 retired=fate.maybe(True, False))
        for at in range(3)
    ]  # fmt: skip
    houses = [Organisation(name=fate.name(), country=fate.maybe("GH", None)) for _ in range(2)]
    sessions = [_session(fate, at, kind, regions) for at, kind in enumerate(FORMATS)]
    people = [_person(fate, at, houses, topics, regions) for at in range(5)]
    called = [regions[0].title, topics[0].title, topics[1].heading, sessions[0].title]
    titles = [Translation(words=one, language="km", text=fate.name()) for one in dict.fromkeys(called)]
    removed = fate.maybe([RemovedInterest(number=40)], [])
    make.store(event, *regions, *topics, *houses, *sessions, *people, *removed, *fate.maybe(titles, []))
    with transaction() as rows:
        guests, halls = rows.query(Person).order_by(Person.id).all(), rows.query(Session).order_by(Session.id).all()
        _visit(fate, rows, guests, halls)
        _speak(fate, rows, guests, halls)
        _interpret(fate, rows, halls)
        spoken = {hall.summary for hall in halls} | {words for hall in halls for one in hall.hosts
                                                     for words in (one.title, one.note)}  # fmt: skip
        rows.add_all(Translation(words=one, language="ar", text=f"={one}\n{TWO}") for one in spoken - {""})


def _session(fate: Fate, at: int, kind: str, regions: list[Region]) -> Session:
    plain, rounds = kind == "plain", 3 + at
    starts = datetime(2013, 6, 19, 9 + 2 * at)
    region = fate.maybe(fate.dice.choice(regions), None)
    return Session(
        event_id=1, slug=f"{kind}-{at}", title=fate.name(), summary=fate.maybe("=Two\nlines", ""), format=kind,
        room=fate.maybe(fate.name(), ""), starts=starts, ends=starts + timedelta(minutes=90 + at),
        audience="region" if region else fate.maybe("members", "everybody"), audience_region=region,
        rounds=0 if plain else rounds, round_minutes=fate.maybe(8, 6), change_minutes=fate.maybe(0, 2),
        break_after=[] if plain else fate.maybe([1, 2], []), break_minutes=fate.maybe(5, 15),
        must_attend=plain and fate.maybe(True, False), size=fate.maybe(6, 4), move=fate.maybe("groups", "each"),
        same_organisation=fate.maybe("allow", "apart"), shared_language=fate.maybe(False, True),
        regions=fate.maybe("same", "mix"), limit=fate.maybe(2, None), floor=fate.maybe(False, True),
        tables=[
            Table(
                name=f"{place}{'=' if at % 2 else ''}", position=4 - place, zone=fate.maybe("+Garden", ""),
                step_free=fate.maybe(True, False), quiet=fate.maybe(True, False), power=fate.maybe(True, False),
                gone_from=fate.maybe(2, None) if place == 1 else None,
            )
            for place in range(1, 4)
        ],
    )  # fmt: skip


def _person(fate: Fate, at: int, houses: list[Organisation], topics: list[Interest], regions: list[Region]) -> Person:
    row = make.person(
        number=str(900 - 37 * at), name=fate.name(), latin=fate.maybe(fate.name(), ""), role=fate.dice.choice(ROLES),
        country=fate.maybe("KH", None), seated=fate.maybe(True, False), first_time=fate.maybe(True, False),
        registration=fate.maybe(f"=R/{at}", ""), languages=fate.maybe(("en", "km"), fate.maybe(("fr",), ())),
        organisation=fate.maybe(fate.dice.choice(houses), None), regions=fate.some(regions),
        saved_at=fate.maybe(datetime(2013, 6, 1, 9, 3, 7, 123), None), offers_words=fate.maybe("=law, أمن", ""),
        seeks_words=fate.maybe("-radio", ""), shows_topics=fate.maybe(at % 2 == 0, True),
        listed=fate.maybe(True, False), companion=fate.maybe(True, False),
        companion_languages=fate.maybe(["fr", "km"], []), left_at=fate.maybe(datetime(2013, 6, 18, 7, 5), None),
    )  # fmt: skip
    row.interests = [
        PersonInterest(interest=topic, side=side) for side in ("offers", "seeks") for topic in fate.some(topics)
    ]
    row.absences = fate.maybe([Absence(starts=datetime(2013, 6, 19, 11), ends=datetime(2013, 6, 19, 11, 20))], [])
    return row


def _visit(fate: Fate, rows: Any, guests: list[Person], halls: list[Session]) -> None:
    topics, houses = rows.query(Interest).all(), rows.query(Organisation).all()
    for hall in halls:
        for at in range(3 if hall.format in ("clinics", "stations") else 0):
            host = make.host(
                session=hall, name=fate.name(), latin=fate.maybe(fate.name(), ""), title=fate.maybe("=Law", ""),
                note=fate.maybe("One\ntwo", ""), organisation=fate.maybe(fate.dice.choice(houses), None),
                person=fate.maybe(guests[4], None) if at == 0 else None, table=fate.maybe(f"@S{at}", ""),
                places=fate.maybe(3, 1), min_places=1, away=fate.maybe([2], []), position=5 - at,
                gone_from=fate.maybe(3, None), languages=fate.maybe(("ar", "en"), ()), topics=fate.some(topics),
            )  # fmt: skip
            rows.add(host)
    rows.flush()


def _speak(fate: Fate, rows: Any, guests: list[Person], halls: list[Session]) -> None:
    regions, houses = rows.query(Region).all(), rows.query(Organisation).all()
    clinic = next(hall for hall in halls if hall.format == "clinics")
    for person in guests[:4]:
        wishes: list[dict[str, Any]] = [
            {"wished_person_id": guests[4].id}, {"organisation": fate.dice.choice(houses)}, {"role": "donor"},
            {"region": fate.dice.choice(regions)}, {"text": f"={fate.name()}"},
        ]  # fmt: skip
        person.wishes = [Wish(position=at, **wish) for at, wish in enumerate(fate.some(wishes))]
        if fate.maybe(True, False):
            rows.add(Question(person_id=person.id, session_id=clinic.id, text=f"{fate.name()}\n=why"))
        chosen = fate.some(clinic.hosts)
        rows.add_all(HostWish(person_id=person.id, host_id=one.id, position=at) for at, one in enumerate(chosen))


def _interpret(fate: Fate, rows: Any, halls: list[Session]) -> None:
    for _ in range(2):
        row = make.interpreter(name=fate.name(), latin=fate.maybe("=Ibis", ""), most_in_a_row=fate.maybe(2, 3))
        rows.add(row)
        rows.flush()
        for hall in fate.some([hall for hall in halls if hall.format in ("pairs", "clinics")]):
            gone = fate.maybe(2, None)
            rows.add(InterpreterSession(interpreter_id=row.id, session_id=hall.id, gone_from=gone))


def keep_apart() -> None:
    """Let two pairs be kept apart, one of whom has met before."""
    with transaction() as rows:
        one, two, three = [row.id for row in rows.query(Person).order_by(Person.id)][:3]
        rows.add_all([KeepApart(one_id=one, other_id=two), MetBefore(one_id=one, other_id=three)])


def clear() -> None:
    """Leave an empty house."""
    with transaction() as rows:
        for table in ("session", "host", "person", "interpreter", "interest", "removed_interest", "organisation",
                      "region", "event"):  # fmt: skip
            rows.execute(text(f"DELETE FROM {table}"))


def attributes() -> set[str]:
    """Every attribute of every model."""
    return {f"{one.class_.__name__}.{held.key}" for one in db.Model.registry.mappers for held in one.column_attrs}


def fingerprint() -> dict[str, list[str]]:
    """The values of every attribute that an event file holds just as it is."""
    models = {one.class_.__name__: one.class_ for one in db.Model.registry.mappers}
    found: dict[str, list[str]] = {}
    for sheet in book.SHEETS:
        for name in sheet.held():
            model, _dot, attribute = name.partition(".")
            column = inspect(models[model]).column_attrs[attribute].columns[0]
            if not column.foreign_keys and name != "Host.id":
                held = db.session.scalars(db.select(getattr(models[model], attribute)))
                found[name] = sorted(repr(sorted(v) if isinstance(v, list) else v) for v in held)
    return found


def problems() -> dict[str, str]:
    """What the engine is asked for each session that can be planned."""
    rows = db.session()
    return {
        one.slug: bridge.problem_file(rows, one, presence.expected(rows, one))
        for one in rows.query(Session).all()
        if planning.plannable(one)
    }


# --- their files ----------------------------------------------------------------------------------------------------

BY = Actor(staff=Staff(name="somebody", role="organiser"))


def taken() -> bytes:
    """The event's file."""
    return trading.event_file(by=BY)


def brought(content: bytes) -> EventPreview:
    """Bring a file in that has nothing wrong in it."""
    shown = trading.preview(content, by=BY)
    assert not shown.problems, shown.problems
    return trading.store(content, digest=shown.digest, by=BY)


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    """The file after somebody has worked on it in a spreadsheet."""
    workbook, out = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    change(workbook)
    for held in (held for sheet in workbook for row in sheet.iter_rows() for held in row):
        if isinstance(held.value, str):
            # spreadsheets write it so; this library leaves it out
            held.value, held.data_type = re.sub("_x(?=[0-9A-F]{4}_)", "_x005F_x", held.value), "s"
    workbook.save(out)
    return out.getvalue()


def cell(workbook: Any, sheet: str, row: int, column: str) -> Any:
    """A cell of a workbook by the name of its column."""
    names = [held.value for held in workbook[sheet][1]]
    return workbook[sheet].cell(row, names.index(column) + 1)


def setting(sheet: str, row: int, column: str, value: Any) -> Callable[[Any], None]:
    """An edit that gives one cell another value."""

    def change(workbook: Any) -> None:
        cell(workbook, sheet, row, column).value = value

    return change
