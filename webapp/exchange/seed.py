"""The demo conference as it stands in the folder `seed_data`, read and checked as a whole before anything is stored."""

import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.errors import BadInput
from webapp.exchange.cells import Cells, Span, read_rows
from webapp.exchange.seed_hosts import (
    Around,
    HostRow,
    InterpreterRow,
    QuestionRow,
    read_hosts,
    read_interpreters,
    read_questions,
)
from webapp.exchange.seed_titles import read_titles
from webapp.models.programme import AUDIENCES, FORMATS, MOST_TABLES, ROLES

WISHES = ("person", "organisation", "role", "region")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EventRow:
    """The event."""

    title: str
    venue: str
    time_zone: str
    starts_on: date
    ends_on: date
    delete_on: date
    preset: str
    working_languages: tuple[str, ...]
    host_language: str | None


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region with the codes of its countries."""

    slug: str
    title: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterestRow:
    """A topic and the heading it stands under."""

    slug: str
    heading: str
    title: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation and the code of its country."""

    name: str
    country: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One place where a meeting can be held."""

    session: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; `region` is the slug of its audience's region where the audience is one."""

    slug: str
    title: str
    format: str
    starts: datetime
    ends: datetime
    audience: str
    region: str | None
    rounds: int
    round_minutes: int
    change_minutes: int
    room: str
    same_organisation: str
    shared_language: bool
    regions: str
    summary: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person; `wishes` are pairs of a kind (`person`, `organisation`, `role`, `region`) and whom it names."""

    number: str
    name: str
    latin: str
    organisation: str
    role: str
    country: str
    regions: tuple[str, ...]
    languages: tuple[str, ...]
    offers: tuple[str, ...]
    seeks: tuple[str, ...]
    wishes: tuple[tuple[str, str], ...]
    away: tuple[Span, ...]
    seated: bool
    first_time: bool


@dataclass(frozen=True, slots=True)
class Conference:
    """The whole event; every slug, number, name and code that a row points at is there.

    `titles` are words, a language, and what the words are in it.
    """

    event: EventRow
    regions: tuple[RegionRow, ...]
    interests: tuple[InterestRow, ...]
    organisations: tuple[OrganisationRow, ...]
    sessions: tuple[SessionRow, ...]
    tables: tuple[TableRow, ...]
    people: tuple[PersonRow, ...]
    keep_apart: tuple[tuple[str, str], ...]
    hosts: tuple[HostRow, ...] = ()
    interpreters: tuple[InterpreterRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    titles: tuple[tuple[str, str, str], ...] = ()

    def called(self, words: str) -> dict[str, str]:
        """Return what words are in other languages, by code."""
        return {code: text for own, code, text in self.titles if own == words}


@dataclass(frozen=True, slots=True)
class _Known:
    """What a row of people may point at."""

    organisations: frozenset[str]
    countries: frozenset[str]
    regions: frozenset[str]
    interests: frozenset[str]
    numbers: frozenset[str]


def read_conference(folder: Traversable | None = None) -> Conference:
    """Return the conference in a folder of CSV files, the demo's by default; the first mistake found is refused."""
    folder = folder or resources.files("seed_data")
    event = _event(folder)
    regions = _regions(folder)
    interests = _unique(read_rows(folder, "interests.csv", ("slug", "group", "title")), "slug", _interest)
    region_slugs = frozenset(region.slug for region in regions)
    countries = frozenset(code for region in regions for code in region.countries)
    organisations = _unique(
        read_rows(folder, "organisations.csv", ("name", "country")),
        "name",
        lambda cells: OrganisationRow(cells.needed("name"), cells.one_of("country", countries, "country")),
    )
    sessions = _unique(read_rows(folder, "programme.csv", _SESSION), "slug", lambda c: _session(c, region_slugs))
    people_cells = read_rows(folder, "people.csv", tuple(PersonRow.__dataclass_fields__))
    known = _Known(
        organisations=frozenset(row.name for row in organisations),
        countries=countries,
        regions=region_slugs,
        interests=frozenset(row.slug for row in interests),
        numbers=frozenset(cells.needed("number") for cells in people_cells),
    )
    around = Around(
        sessions={row.slug: (row.format, row.rounds) for row in sessions},
        organisations=known.organisations,
        interests=known.interests,
        numbers=known.numbers,
    )
    hosts = read_hosts(folder, around)
    return Conference(
        event=event,
        regions=regions,
        interests=interests,
        organisations=organisations,
        sessions=sessions,
        tables=_tables(folder, frozenset(row.slug for row in sessions)),
        people=_unique(people_cells, "number", lambda cells: _person(cells, known)),
        keep_apart=_keep_apart(folder, known.numbers),
        hosts=hosts,
        interpreters=read_interpreters(folder, around),
        questions=read_questions(folder, around, hosts),
        titles=read_titles(folder, _words(regions, interests, sessions, hosts)),
    )


def _words(*rows: Iterable[object]) -> frozenset[str]:
    """All titles and headings, and what something is about."""
    held = [one for some in rows for one in some]
    return frozenset(getattr(one, name, "") for one in held for name in ("title", "heading", "summary", "note"))


_SESSION = tuple(name for name in SessionRow.__dataclass_fields__ if name != "region")


def _unique(rows: Iterable[Cells], column: str, make: Callable[[Cells], T]) -> tuple[T, ...]:
    """Make a value of every row; two rows with the same name are refused."""
    seen: dict[str, int] = {}
    made = []
    for cells in rows:
        made.append(make(cells))
        value = cells.needed(column)
        if value in seen:
            cells.refuse(column, f"{value!r} stands in row {seen[value]} already.")
        seen[value] = cells.row
    return tuple(made)


def _event(folder: Traversable) -> EventRow:
    rows = read_rows(folder, "event.csv", tuple(EventRow.__dataclass_fields__))
    if len(rows) != 1:
        raise BadInput(f"event.csv: there must be one row beneath the header, there are {len(rows)}.")
    (cells,) = rows
    event = EventRow(
        title=cells.needed("title"),
        venue=cells.text("venue"),
        time_zone=cells.needed("time_zone"),
        starts_on=cells.day("starts_on"),
        ends_on=cells.day("ends_on"),
        delete_on=cells.day("delete_on"),
        preset=cells.one_of("preset", ("open", "discreet"), "preset"),
        working_languages=cells.codes("working_languages"),
        host_language=next(iter(cells.codes("host_language")), None),
    )
    try:
        ZoneInfo(event.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        cells.refuse("time_zone", f"{event.time_zone!r} is no time zone; write it as Asia/Phnom_Penh.")
    if event.ends_on < event.starts_on:
        cells.refuse("ends_on", "the event ends before it starts.")
    if event.delete_on <= event.ends_on:
        cells.refuse("delete_on", "everything would be deleted before the event is over.")
    return event


def _regions(folder: Traversable) -> tuple[RegionRow, ...]:
    regions = _unique(read_rows(folder, "regions.csv", ("slug", "title")), "slug", _region)
    slugs = [slug for slug, _ in regions]
    countries = _unique(
        read_rows(folder, "countries.csv", ("code", "title", "region")),
        "code",
        lambda cells: (_country(cells), cells.one_of("region", slugs, "region")),
    )
    return tuple(
        RegionRow(slug, title, tuple(code for code, region in countries if region == slug)) for slug, title in regions
    )


def _region(cells: Cells) -> tuple[str, str]:
    return _slug(cells), cells.needed("title", most=120)


def _country(cells: Cells) -> str:
    code = cells.needed("code")
    if len(code) != 2 or not set(code) <= set(string.ascii_uppercase):
        cells.refuse("code", f"{code!r} is no country code; write two capital letters, like KH.")
    return code


def _slug(cells: Cells) -> str:
    slug = cells.needed("slug", most=80)
    if not set(slug) <= set(string.ascii_lowercase + string.digits + "-"):
        cells.refuse("slug", f"{slug!r} may hold small letters a to z, digits and hyphens only.")
    return slug


def _interest(cells: Cells) -> InterestRow:
    return InterestRow(_slug(cells), cells.needed("group", most=120), cells.needed("title", most=120))


def _session(cells: Cells, regions: frozenset[str]) -> SessionRow:
    audience, region = _audience(cells, regions)
    session = SessionRow(
        slug=_slug(cells),
        title=cells.needed("title"),
        format=cells.one_of("format", FORMATS, "format"),
        starts=cells.moment("starts"),
        ends=cells.moment("ends"),
        audience=audience,
        region=region,
        rounds=cells.whole("rounds", least=0, most=100, usual=0),
        round_minutes=cells.whole("round_minutes", least=1, most=240, usual=6),
        change_minutes=cells.whole("change_minutes", least=0, most=60, usual=2),
        room=cells.text("room", most=120),
        same_organisation=cells.one_of("same_organisation", ("apart", "allow"), "rule")
        if cells.text("same_organisation")
        else "apart",
        shared_language=cells.yes("shared_language", usual=True),
        regions=cells.one_of("regions", ("mix", "same", "any"), "preference") if cells.text("regions") else "mix",
        summary=cells.text("summary", most=1000),
    )
    _check_times(cells, session)
    return session


def _audience(cells: Cells, regions: frozenset[str]) -> tuple[str, str | None]:
    kind, _, region = cells.needed("audience").partition(":")
    if kind not in AUDIENCES or (kind == "region") != bool(region):
        cells.refuse("audience", "write everybody, members, or region: and the slug of a region.")
    if region and region not in regions:
        cells.refuse("audience", f"{region!r} is no known region (known: {', '.join(sorted(regions))}).")
    return kind, region or None


def _check_times(cells: Cells, session: SessionRow) -> None:
    if session.ends <= session.starts:
        cells.refuse("ends", "the session ends before it starts.")
    if session.format == "plain":
        return
    if session.rounds == 0:
        cells.refuse("rounds", f"a session of the format {session.format} needs at least one round.")
    minutes = session.rounds * (session.round_minutes + session.change_minutes) - session.change_minutes
    if session.starts + timedelta(minutes=minutes) > session.ends:
        cells.refuse("ends", f"the rounds take {minutes} minutes, which is more than there is from start to end.")


def _tables(folder: Traversable, sessions: frozenset[str]) -> tuple[TableRow, ...]:
    found: dict[tuple[str, str], TableRow] = {}
    for cells in read_rows(folder, "tables.csv", ("session", "first", "last", "places", "zone")):
        session, zone = cells.one_of("session", sessions, "session"), cells.text("zone", most=60)
        for name in _table_names(cells):
            if (session, name) in found:
                cells.refuse("first", f"table {name} of {session} stands in an earlier row already.")
            found[session, name] = TableRow(session, name, zone)
    return tuple(found.values())


def _table_names(cells: Cells) -> list[str]:
    first = cells.whole("first", least=1, most=MOST_TABLES)
    last = cells.whole("last", least=1, most=MOST_TABLES)
    places = cells.text("places", most=26)
    if last < first:
        cells.refuse("last", f"the range ends at {last}, before it starts at {first}.")
    if not set(places) <= set(string.ascii_uppercase) or len(set(places)) != len(places):
        cells.refuse("places", f"{places!r}: write each place once, as a capital letter, like ABCD.")
    return [f"{number}{place}" for number in range(first, last + 1) for place in places or ("",)]


def _person(cells: Cells, known: _Known) -> PersonRow:
    number = cells.needed("number", most=8)
    if not (number.isascii() and number.isdigit()):
        cells.refuse("number", f"{number!r} is no event number; write digits only.")
    return PersonRow(
        number=number,
        name=cells.needed("name", most=80),
        latin=cells.needed("latin", most=80),
        organisation=cells.one_of("organisation", known.organisations, "organisation"),
        role=cells.one_of("role", ROLES, "role"),
        country=cells.one_of("country", known.countries, "country"),
        regions=cells.each_of("regions", known.regions, "region"),
        languages=cells.codes("languages") or cells.refuse("languages", "this cell must not be empty."),
        offers=cells.each_of("offers", known.interests, "interest"),
        seeks=cells.each_of("seeks", known.interests, "interest"),
        wishes=tuple(_wish(cells, part, known) for part in cells.parts("wishes")),
        away=cells.spans("away"),
        seated=cells.yes("seated"),
        first_time=cells.yes("first_time"),
    )


def _wish(cells: Cells, part: str, known: _Known) -> tuple[str, str]:
    kind, _, whom = part.partition(":")
    if kind not in WISHES:
        cells.refuse("wishes", f"{part!r} must begin with person:, organisation:, role: or region:.")
    there = {"person": known.numbers, "organisation": known.organisations, "role": ROLES, "region": known.regions}
    if whom not in there[kind]:
        cells.refuse("wishes", f"{whom!r} is no known {kind}.")
    if kind == "person" and whom == cells.needed("number"):
        cells.refuse("wishes", "nobody can wish to meet themselves.")
    return kind, whom


def _keep_apart(folder: Traversable, numbers: frozenset[str]) -> tuple[tuple[str, str], ...]:
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for cells in read_rows(folder, "keep_apart.csv", ("number_one", "number_two")):
        one = cells.one_of("number_one", numbers, "event number")
        other = cells.one_of("number_two", numbers, "event number")
        if one == other:
            cells.refuse("number_two", "a pair needs two different people.")
        if frozenset((one, other)) in pairs:
            cells.refuse("number_one", "this pair stands in an earlier row already.")
        pairs[frozenset((one, other))] = (one, other)
    return tuple(pairs.values())
