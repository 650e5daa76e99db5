"""Which sheets and columns an event file has, what of the house each holds, and what is in no event file, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.i18n import LANGUAGES
from webapp.models.hosts import MOST_PLACES
from webapp.models.programme import AUDIENCES, FORMATS, MOST_TABLES, ROLES
from webapp.operations.files.event_file import cells
from webapp.operations.files.event_file.cells import Kind

NEEDED = None
MOST_ROUNDS = 100
Record = Mapping[str, str]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `usual` is what an empty cell says, `NEEDED` where it must not be empty.

    `holds` are the model's attributes that it tells, where they are not the one of its own name; `plain` where that one
    alone is told and written, just as it is.
    """

    name: str
    kind: Kind
    usual: str | None = ""
    holds: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the column is an attribute of the row."""
        return not self.holds


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: what its rows are, by which columns two rows are about the same, and which one is their name."""

    name: str
    model: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    title: str = ""
    frozen: tuple[str, ...] = field(default=())
    """Columns that are told and stay as they are where the row is here already."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def key(self, record: Record) -> Key:
        """Return what two rows about the same have in common."""
        return tuple(column.kind.same(record[column.name]) for column in self.columns if column.name in self.keys)

    def held(self) -> set[str]:
        """Return the attributes of models that the columns hold."""
        return {name for one in self.columns for name in one.holds or (f"{self.model}.{one.name}",)}


def of(*names: str) -> tuple[str, ...]:
    """Return the attributes that a column holds."""
    return names


EVENT = Sheet("event", "Event", (), (
    Column("title", cells.line(200, readable=True), NEEDED),
    Column("venue", cells.line(200)),
    Column("time_zone", cells.ZONE, NEEDED),
    Column("starts_on", cells.DAY, NEEDED),
    Column("ends_on", cells.DAY, NEEDED),
    Column("delete_on", cells.DAY, NEEDED),
    Column("preset", cells.choice("open", "discreet"), "open"),
    Column("working_languages", cells.LANGUAGES),
    Column("host_language", cells.LANGUAGE),
    Column("exit_to", cells.ADDRESS),
    Column("removed_interests", cells.wholes(1, 10**6), holds=of("RemovedInterest.number")),
), title="title")  # fmt: skip
REGIONS = Sheet("regions", "Region", ("slug",), (
    Column("slug", cells.SLUG_CELL, NEEDED),
    Column("title", cells.line(120, readable=True), NEEDED),
    Column("position", cells.whole(0, 10**6), "0"),
    Column("countries", cells.COUNTRIES, holds=of("RegionCountry.region_id", "RegionCountry.country")),
), title="title")  # fmt: skip
INTERESTS = Sheet("interests", "Interest", ("slug",), (
    Column("slug", cells.SLUG_CELL, NEEDED),
    Column("number", cells.whole(1, 10**6), "", of("Interest.id")),
    Column("heading", cells.line(120, readable=True), NEEDED),
    Column("title", cells.line(120, readable=True), NEEDED),
    Column("position", cells.whole(0, 10**6), "0"),
    Column("retired", cells.YES, "no"),
), title="title")  # fmt: skip
ORGANISATIONS = Sheet("organisations", "Organisation", ("name",), (
    Column("name", cells.HOUSE, NEEDED),
    Column("country", cells.COUNTRY),
), title="name")  # fmt: skip
SESSIONS = Sheet("sessions", "Session", ("slug",), (
    Column("slug", cells.SLUG_CELL, NEEDED),
    Column("title", cells.line(200, readable=True), NEEDED),
    Column("summary", cells.lines(1000)),
    Column("format", cells.choice(*FORMATS), NEEDED),
    Column("room", cells.line(120)),
    Column("starts", cells.MOMENT, NEEDED),
    Column("ends", cells.MOMENT, NEEDED),
    Column("audience", cells.choice(*AUDIENCES), "everybody"),
    Column("audience_region", cells.SLUG_CELL, "", of("Session.audience_region_id")),
    Column("rounds", cells.whole(0, MOST_ROUNDS), "0"),
    Column("round_minutes", cells.whole(1, 240), "6"),
    Column("change_minutes", cells.whole(0, 60), "2"),
    Column("break_after", cells.wholes(1, MOST_ROUNDS)),
    Column("break_minutes", cells.whole(0, 240), "15"),
    Column("must_attend", cells.YES, "no"),
    Column("size", cells.whole(2, 20), "4"),
    Column("move", cells.choice("each", "groups"), "each"),
    Column("same_organisation", cells.choice("apart", "allow"), "apart"),
    Column("shared_language", cells.YES, "yes"),
    Column("regions", cells.choice("mix", "same", "any"), "mix"),
    Column("limit", cells.whole(1, MOST_ROUNDS)),
    Column("floor", cells.YES, "yes"),
), title="title")  # fmt: skip
TITLES = Sheet("titles", "Translation", ("words", "language"), (
    Column("words", cells.lines(1000), NEEDED),
    Column("language", cells.choice(*LANGUAGES), NEEDED),
    Column("text", cells.lines(1000, readable=True), NEEDED),
), title="words")  # fmt: skip
TABLES = Sheet("tables", "Table", ("session", "name"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Table.session_id")),
    Column("name", cells.line(20, readable=True), NEEDED),
    Column("position", cells.whole(0, 10 * MOST_TABLES), NEEDED),
    Column("zone", cells.line(60)),
    Column("step_free", cells.YES, "no"),
    Column("quiet", cells.YES, "no"),
    Column("power", cells.YES, "no"),
    Column("gone_from", cells.whole(1, MOST_ROUNDS)),
), title="name")  # fmt: skip
PEOPLE = Sheet("people", "Person", ("number",), (
    Column("number", cells.NUMBER, NEEDED),
    Column("name", cells.NAME, NEEDED),
    Column("latin", cells.NAME),
    Column("organisation", cells.HOUSE, "", of("Person.organisation_id")),
    Column("role", cells.choice(*ROLES), "guest"),
    Column("country", cells.COUNTRY),
    Column("regions", cells.SLUGS, "", of("PersonRegion.person_id", "PersonRegion.region_id")),
    Column("languages", cells.LANGUAGES, "",
           of("PersonLanguage.person_id", "PersonLanguage.code", "PersonLanguage.position")),
    Column("offers", cells.SLUGS, "",
           of("PersonInterest.person_id", "PersonInterest.interest_id", "PersonInterest.side")),
    Column("seeks", cells.SLUGS, "", of("PersonInterest.side")),
    Column("seated", cells.YES, "no"),
    Column("first_time", cells.YES, "no"),
    Column("offers_words", cells.line(120)),
    Column("seeks_words", cells.line(120)),
    Column("shows_topics", cells.YES, "yes"),
    Column("listed", cells.YES, "no"),
    Column("companion", cells.YES, "no"),
    Column("companion_languages", cells.LANGUAGES),
    Column("registration", cells.line(120)),
    Column("left_at", Kind(cells.MOMENT.read, lambda cell: cells.MOMENT.value(cell) if cell else None)),
    Column("saved_at", Kind(cells.MOMENT.read, lambda cell: cells.MOMENT.value(cell) if cell else None)),
), title="name", frozen=("left_at", "saved_at"))  # fmt: skip
WISHES = Sheet("wishes", "Wish", ("number", "kind", "whom"), (
    Column("number", cells.NUMBER, NEEDED, of("Wish.person_id")),
    Column("kind", cells.choice("person", "organisation", "role", "region", "name"), NEEDED,
           of("Wish.role", "Wish.text")),
    Column("whom", cells.HOUSE, NEEDED, of("Wish.wished_person_id", "Wish.organisation_id", "Wish.region_id")),
    Column("position", cells.whole(0, 10**6), "0"),
), title="whom")  # fmt: skip
ABSENCES = Sheet("absences", "Absence", ("number", "starts", "ends"), (
    Column("number", cells.NUMBER, NEEDED, of("Absence.person_id")),
    Column("starts", cells.MOMENT, NEEDED),
    Column("ends", cells.MOMENT, NEEDED),
), title="number")  # fmt: skip
HOSTS = Sheet("specialists and tools", "Host", ("session", "key"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Host.session_id")),
    Column("key", cells.SLUG_CELL, NEEDED, of("Host.id")),
    Column("name", cells.NAME, NEEDED),
    Column("latin", cells.NAME),
    Column("title", cells.line(120)),
    Column("note", cells.lines(1000)),
    Column("organisation", cells.HOUSE, "", of("Host.organisation_id")),
    Column("number", cells.NUMBER, "", of("Host.person_id")),
    Column("languages", cells.LANGUAGES, "", of("HostLanguage.host_id", "HostLanguage.code", "HostLanguage.position")),
    Column("topics", cells.SLUGS, "", of("HostTopic.host_id", "HostTopic.interest_id")),
    Column("table", cells.line(20)),
    Column("places", cells.whole(1, MOST_PLACES), "1"),
    Column("min_places", cells.whole(1, MOST_PLACES), "1"),
    Column("away", cells.wholes(1, MOST_ROUNDS)),
    Column("gone_from", cells.whole(1, MOST_ROUNDS)),
    Column("position", cells.whole(0, 10**6), "0"),
), title="name")  # fmt: skip
HOST_WISHES = Sheet("specialist wishes", "HostWish", ("number", "session", "key"), (
    Column("number", cells.NUMBER, NEEDED, of("HostWish.person_id")),
    Column("session", cells.SLUG_CELL, NEEDED, of("HostWish.host_id")),
    Column("key", cells.SLUG_CELL, NEEDED, of("HostWish.host_id")),
    Column("position", cells.whole(0, 10**6), "0"),
), title="key")  # fmt: skip
QUESTIONS = Sheet("questions", "Question", ("number", "session"), (
    Column("number", cells.NUMBER, NEEDED, of("Question.person_id")),
    Column("session", cells.SLUG_CELL, NEEDED, of("Question.session_id")),
    Column("text", cells.lines(300), NEEDED),
), title="session")  # fmt: skip
INTERPRETERS = Sheet("interpreters", "Interpreter", ("name",), (
    Column("name", cells.INTERPRETER, NEEDED),
    Column("latin", cells.NAME),
    Column("languages", cells.LANGUAGES, "",
           of("InterpreterLanguage.interpreter_id", "InterpreterLanguage.code", "InterpreterLanguage.position")),
    Column("most_in_a_row", cells.whole(1, 100), "3"),
), title="name")  # fmt: skip
INTERPRETER_SESSIONS = Sheet("interpreter sessions", "InterpreterSession", ("name", "session"), (
    Column("name", cells.INTERPRETER, NEEDED, of("InterpreterSession.interpreter_id")),
    Column("session", cells.SLUG_CELL, NEEDED, of("InterpreterSession.session_id")),
    Column("gone_from", cells.whole(1, MOST_ROUNDS)),
), title="name")  # fmt: skip
RULES = of("Plan.rules")
PLANS = Sheet("plans", "Plan", ("session",), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Plan.session_id")),
    Column("version", cells.LETTERS, NEEDED, of("Plan.version")),
    Column("fits", cells.YES, "yes", RULES),
    Column("rounds", cells.whole(1, MOST_ROUNDS), NEEDED),
    Column("people", cells.whole(0, 10**6), NEEDED),
    Column("seed", cells.whole(0, 2**31 - 1), "0"),
    Column("open_from", cells.whole(0, MOST_ROUNDS + 1), "0"),
    Column("made_at", cells.MOMENT, NEEDED),
    Column("published_at", cells.MOMENT, NEEDED),
    Column("same_organisation", cells.choice("apart", "allow"), "", RULES),
    Column("shared_language", cells.YES, "", RULES),
    Column("regions", cells.choice("mix", "same", "any"), "", RULES),
    Column("limit", cells.whole(1, MOST_ROUNDS), "", RULES),
    Column("floor", cells.YES, "", RULES),
), title="version", frozen=("fits",))  # fmt: skip
MEETINGS = Sheet("meetings", "Meeting", ("session", "round", "table"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Meeting.plan_id", "Seat.plan_id")),
    Column("round", cells.whole(1, MOST_ROUNDS), NEEDED, of("Meeting.round_no", "Seat.round_no")),
    Column("table", cells.line(20, readable=True), NEEDED),
    Column("people", cells.NUMBERS, "", of("Seat.person_id", "Seat.meeting_id", "Seat.place")),
    Column("host", cells.KEY),
    Column("interpreter", cells.VOICE),
    Column("language", cells.LANGUAGE),
    Column("locked", cells.YES, "no"),
    Column("benefit", cells.whole(0, 2**31 - 1), "0"),
    Column("position", cells.whole(0, 10**6), "0"),
), title="table")  # fmt: skip
RESTS = Sheet("rests", "Rest", ("session", "round", "number"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Rest.plan_id")),
    Column("round", cells.whole(1, MOST_ROUNDS), NEEDED, of("Rest.round_no")),
    Column("number", cells.NUMBER, NEEDED, of("Rest.person_id")),
    Column("code", cells.choice(*cells.RESTS), NEEDED),
), title="number")  # fmt: skip
REASONS = Sheet("reasons", "Meeting", ("session", "round", "table", "part"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Meeting.plan_id")),
    Column("round", cells.whole(1, MOST_ROUNDS), NEEDED, of("Meeting.round_no")),
    Column("table", cells.line(20, readable=True), NEEDED),
    Column("part", cells.whole(1, 1000), "1", of("Meeting.reasons")),
    Column("reasons", cells.JSON_REASONS, NEEDED),
), title="table")  # fmt: skip
FIGURES = Sheet("figures", "Plan", ("session", "figure", "of"), (
    Column("session", cells.SLUG_CELL, NEEDED, of("Plan.session_id")),
    Column("figure", cells.FIGURE_NAME, NEEDED, of("Plan.quality")),
    Column("of", cells.line(200), "", of("Plan.quality")),
    Column("value", cells.FIGURE, "", of("Plan.quality")),
), title="figure")  # fmt: skip
PLANNED = (PLANS, MEETINGS, RESTS, REASONS, FIGURES)
"""The sheets of published plans: told of a session together, and stored together or not at all."""

SHEETS = (
    EVENT, REGIONS, INTERESTS, ORGANISATIONS, SESSIONS, TITLES, TABLES, PEOPLE, WISHES, ABSENCES, HOSTS, HOST_WISHES,
    QUESTIONS, INTERPRETERS, INTERPRETER_SESSIONS, *PLANNED,
)  # fmt: skip
"""All sheets, each after those it speaks of."""

NAMED_OTHERWISE = "told by slug, event number or name"
LEFT_OUT: Mapping[str, str] = {
    "Event.id": "there is one event",
    **dict.fromkeys(
        ("Region.id", "Organisation.id", "Session.id", "Table.id", "Person.id", "Wish.id", "Absence.id",
         "Interpreter.id"),
        NAMED_OTHERWISE,
    ),
    "Session.event_id": "there is one event",
    **dict.fromkeys(("Person.public_id", "Host.public_id", "Interpreter.public_id"), "stands in addresses of a house"),
    "Person.revision": "counts saves in one house",
    "Person.typed": "what somebody wrote of others is shown to the writer alone",
    **dict.fromkeys(
        ("KeepApart", "MetBefore", "ApartEntry", "ApartTarget"),
        "entered by the safety contact, or tells of it; entered anew",
    ),
    **dict.fromkeys(("AccessCode", "Link", "SignIn", "Attempt", "Helper", "Invitation", "Screen"), "a way in"),
    "Staff": "accounts belong to one house",
    "Person.card_turn": "belongs to codes on paper, which are a way in",
    **dict.fromkeys(("Plan.id", "Meeting.id"), NAMED_OTHERWISE),
    "Plan.public_id": "stands in addresses of a house",
    **dict.fromkeys(("Plan.state", "Plan.trial"), "the published version alone is told: no draft, no replaced one"),
    "Plan.made_by": "accounts belong to one house",
    **dict.fromkeys(
        ("Attendance", "Run", "HelpPlace", "StandbyNote", "StandbyCall", "Feedback"), "what happened in the room"
    ),
    **dict.fromkeys(("Contact", "ContactAnswer", "MeetingNote"), "what people tell one another, and nobody else"),
    **dict.fromkeys(
        ("Job", "WaitingFile", "TakenOut", "GivenOut", "AnsweredForm", "Tombstone", "Event.public_id",
         "Event.deleted_at", "Event.receipt"),
        "what one house has done",
    ),
    **dict.fromkeys(("Host.revision", "Interpreter.revision"), "counts saves in one house"),
}  # fmt: skip
"""Attributes and whole models that are in no event file, with the reason."""
