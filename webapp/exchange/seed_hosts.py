"""The demo conference's specialists with what people ask them, tool tables and interpreters, read as strictly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from webapp.exchange.cells import Cells, read_rows
from webapp.models.hosts import MOST_PLACES

SPECIALISTS = (
    "session", "name", "latin", "about", "number", "organisation", "languages", "topics", "table", "places", "away",
    "note",
)  # fmt: skip
TOOLS = (
    "session", "tool", "presenter", "latin", "number", "organisation", "languages", "topics", "table", "places",
    "least_places", "away", "note",
)  # fmt: skip
QUESTIONS = ("session", "number", "specialists", "question")
MOST_WISHED = 3
INTERPRETERS = ("name", "latin", "languages", "most_in_a_row", "sessions")


@dataclass(frozen=True, slots=True)
class HostRow:
    """A specialist or a tool table; `number` and `organisation` may be empty, `away` holds rounds."""

    session: str
    name: str
    latin: str
    title: str
    note: str
    number: str
    organisation: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    table: str
    places: int
    min_places: int
    away: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InterpreterRow:
    """An interpreter with the slugs of their sessions."""

    name: str
    latin: str
    languages: tuple[str, ...]
    most_in_a_row: int
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What a person asks in a session of clinics, and the tables of those they would like to see; one may be empty."""

    session: str
    number: str
    tables: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What rows of hosts may point at; sessions are slugs with their format and their rounds."""

    sessions: Mapping[str, tuple[str, int]]
    organisations: frozenset[str]
    interests: frozenset[str]
    numbers: frozenset[str]

    def held_as(self, *formats: str) -> frozenset[str]:
        """The slugs of the sessions of these formats."""
        return frozenset(slug for slug, (kind, _) in self.sessions.items() if kind in formats)


def read_hosts(folder: Traversable, around: Around) -> tuple[HostRow, ...]:
    """Return the specialists, then the tool tables."""
    specialists = read_rows(folder, "specialists.csv", SPECIALISTS)
    tools = read_rows(folder, "tools.csv", TOOLS)
    return (
        *_told_apart(specialists, [_specialist(cells, around) for cells in specialists]),
        *_told_apart(tools, [_tool(cells, around) for cells in tools]),
    )


def _specialist(cells: Cells, around: Around) -> HostRow:
    return _host(
        cells,
        around,
        session=cells.one_of("session", around.held_as("clinics"), "session of clinics"),
        name=cells.needed("name", most=80),
        title=cells.text("about", most=120),
        places=(1, cells.whole("places", least=1, most=MOST_PLACES, usual=1)),
    )


def _tool(cells: Cells, around: Around) -> HostRow:
    places = cells.whole("places", least=1, most=MOST_PLACES, usual=8)
    return _host(
        cells,
        around,
        session=cells.one_of("session", around.held_as("stations"), "session of stations"),
        name=cells.needed("presenter", most=80),
        title=cells.needed("tool", most=120),
        places=(cells.whole("least_places", least=1, most=places, usual=1), places),
    )


def _host(cells: Cells, around: Around, *, session: str, name: str, title: str, places: tuple[int, int]) -> HostRow:
    """Return what both files ask for, with what each has of its own; `places` are the fewest and the most."""
    organisation, number = cells.text("organisation"), cells.text("number")
    return HostRow(
        session=session,
        name=name,
        latin=cells.needed("latin", most=80),
        title=title,
        note=cells.text("note", most=1000),
        number=cells.one_of("number", around.numbers, "event number") if number else "",
        organisation=cells.one_of("organisation", around.organisations, "organisation") if organisation else "",
        languages=cells.codes("languages") or cells.refuse("languages", "this cell must not be empty."),
        topics=cells.each_of("topics", around.interests, "interest"),
        table=cells.text("table", most=20),
        places=places[1],
        min_places=places[0],
        away=_away(cells, around.sessions[session][1]),
    )


def _away(cells: Cells, rounds: int) -> tuple[int, ...]:
    known = {str(number): number for number in range(1, rounds + 1)}
    away = tuple(sorted(known[part] for part in cells.each_of("away", known, "round")))
    if len(away) == rounds:
        cells.refuse("away", "nobody can be visited who is away in all rounds.")
    return away


def _told_apart(rows: tuple[Cells, ...], hosts: list[HostRow]) -> list[HostRow]:
    """Refuse what a session has once: a table, a participant among its hosts, the same name with the same words."""
    name = "name" if rows and "name" in rows[0].values else "presenter"
    seen: dict[tuple[str, ...], int] = {}
    for cells, host in zip(rows, hosts, strict=True):
        for column, *key in (("table", host.table), ("number", host.number), (name, host.name, host.title)):
            if not key[0]:
                continue
            if (column, host.session, *key) in seen:
                row = seen[column, host.session, *key]
                cells.refuse(column, f"{key[0]!r} stands in row {row} already.")
            seen[column, host.session, *key] = cells.row
    return hosts


def read_questions(folder: Traversable, around: Around, hosts: Iterable[HostRow]) -> tuple[QuestionRow, ...]:
    """Return what people ask, and whom they would like to see; one row for a person in a session."""
    seats = {(host.session, host.table): host.number for host in hosts if host.table}
    seen: dict[tuple[str, str], int] = {}
    found = []
    for cells in read_rows(folder, "questions.csv", QUESTIONS):
        row = _question(cells, around, seats)
        if (row.session, row.number) in seen:
            cells.refuse("number", f"{row.number!r} stands in row {seen[row.session, row.number]} already.")
        seen[row.session, row.number] = cells.row
        found.append(row)
    return tuple(found)


def _question(cells: Cells, around: Around, seats: Mapping[tuple[str, str], str]) -> QuestionRow:
    session = cells.one_of("session", around.held_as("clinics"), "session of clinics")
    number = cells.one_of("number", around.numbers, "event number")
    known = {table for held, table in seats if held == session}
    tables = cells.each_of("specialists", known, "specialist's table")
    if len(tables) > MOST_WISHED:
        cells.refuse("specialists", f"{len(tables)} are too many; {MOST_WISHED} is the most.")
    if number in {seats[session, table] for table in tables}:
        cells.refuse("specialists", "nobody can wish to meet themselves.")
    return QuestionRow(session, number, tables, cells.text("question", most=300))


def read_interpreters(folder: Traversable, around: Around) -> tuple[InterpreterRow, ...]:
    """Return the interpreters."""
    seen: dict[str, int] = {}
    found = []
    for cells in read_rows(folder, "interpreters.csv", INTERPRETERS):
        row = _interpreter(cells, around)
        if row.name in seen:
            cells.refuse("name", f"{row.name!r} stands in row {seen[row.name]} already.")
        seen[row.name] = cells.row
        found.append(row)
    return tuple(found)


def _interpreter(cells: Cells, around: Around) -> InterpreterRow:
    row = InterpreterRow(
        name=cells.needed("name", most=80),
        latin=cells.needed("latin", most=80),
        languages=cells.codes("languages"),
        most_in_a_row=cells.whole("most_in_a_row", least=1, most=100, usual=3),
        sessions=cells.each_of("sessions", around.held_as("pairs", "clinics"), "session of pairs or clinics"),
    )
    if len(row.languages) < 2:
        cells.refuse("languages", "an interpreter needs at least two languages.")
    return row
