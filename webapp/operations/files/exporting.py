"""What leaves the house as a file, column by column: people, hosts, plans, figures, the programme, the contract.

No file holds a code, a link, or a pair that is kept apart.
"""

import hashlib
from datetime import datetime

from sqlalchemy import select

from webapp import bridge
from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotFound, NotNow
from webapp.exchange import numbers
from webapp.exchange.ics import Entry, calendar_file
from webapp.exchange.ledger import Ledger, written
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.models import Interpreter, Meeting, Person, Plan, Session
from webapp.models.programme import HOSTED
from webapp.operations.event import programme
from webapp.operations.figures.numbers_told import sheet_of_numbers, told_numbers
from webapp.operations.files.importing import hosts, people
from webapp.operations.files.importing.lines import Value
from webapp.operations.guests.hosts import hosts_of, visited
from webapp.operations.plans import planning, presence, talks

PEOPLE = (
    "number", "registration", "name", "latin", "organisation", "role", "country", "regions", "languages", "offers",
    "seeks", "offers_words", "seeks_words", "wishes", "away", "seated", "first_time", "companion",
    "companion_languages", "shows_topics", "listed",
)  # fmt: skip
SPECIALISTS = {
    "number": "number", "name": "name", "latin": "latin", "about": "title", "organisation": "organisation",
    "languages": "languages", "topics": "topics", "table": "table", "places": "places", "away": "rounds_away",
    "note": "note",
}  # fmt: skip
TOOLS = {
    "number": "number", "tool": "title", "presenter": "name", "latin": "latin", "organisation": "organisation",
    "languages": "languages", "topics": "topics", "table": "table", "places": "places",
    "least_places": "least_places", "away": "rounds_away", "note": "note",
}  # fmt: skip
PLAN = ("round", "starts", "ends", "table", "visits", "number", "name", "language", "interpreter")
COLUMNS = (
    (__("People"), PEOPLE),
    (__("Specialists"), tuple(SPECIALISTS)),
    (__("Tool tables"), tuple(TOOLS)),
    (__("Published plan: round, table, person"), PLAN),
    (__("Numbers, with no person in them"), numbers.COLUMNS),
)
TABLES = ("csv", "xlsx")


def file_of(what: str, ending: str, *, by: Actor, paper: str = "a4") -> bytes:
    """Return `people` or `numbers` as a table, `numbers` as PDF too, or the `programme` as a calendar."""
    programme.only_organisers(by)
    if what == "programme" and ending == "ics":
        return _programme()
    if what == "numbers" and ending == "pdf":
        return sheet_of_numbers(by=by, paper=paper)
    if what not in ("people", "numbers") or ending not in TABLES:
        raise NotFound
    table = people_table() if what == "people" else numbers.numbers_ledger(told_numbers(by=by))
    return written(table, ending)


def file_of_session(slug: str, what: str, ending: str, *, by: Actor) -> bytes:
    """Return who is visited in a session or its published `plan` as a table, or `problem` and `plan` as JSON."""
    programme.only_organisers(by)
    session = planning.find_session(slug)
    if ending == "json" and what in ("problem", "plan") and planning.plannable(session):
        return _contract(session, what).encode()
    if what not in ("hosts", "plan") or ending not in TABLES:
        raise NotFound
    return written(hosts_table(slug) if what == "hosts" else plan_table(session), ending)


def _published(session: Session) -> Plan:
    plan = planning.find_plan(session.id, "published")
    if plan is None:
        raise NotNow(_("Nothing is published yet. Plan and publish first, then export."))
    return plan


def _contract(session: Session, what: str) -> str:
    rows = db.session()
    there = presence.expected(rows, session)
    reason = planning.why_not(session, there)
    if reason:
        raise NotNow(reason)
    if what == "problem":
        return bridge.problem_file(rows, session, there)
    plan = _published(session)
    planning.load_whole(rows, plan)
    return bridge.plan_file(rows, plan, there)


# --- tables ----------------------------------------------------------------------------------------------------------


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


def people_table() -> Ledger:
    """Return everybody, as an empty house takes them back."""
    guests = people.Guests(db.session())
    held = (guests.held(person) for person in guests.people)
    return Ledger(PEOPLE, tuple(tuple(_cell(values[name]) for name in PEOPLE) for values in held))


def hosts_table(slug: str) -> Ledger:
    """Return the specialists or tool tables of a session, as an empty session takes them back."""
    session = visited(slug)
    columns = SPECIALISTS if session.format == "clinics" else TOOLS
    held = (hosts.held(host) for host in hosts_of(session))
    return Ledger(tuple(columns), tuple(tuple(_cell(values[name]) for name in columns.values()) for values in held))


def plan_table(session: Session) -> Ledger:
    """Return the published plan, a row for everybody in every round; who rests has no table."""
    plan = _published(session)
    planning.load_whole(db.session(), plan)
    held = talks.hosts_of(meeting.host for meeting in plan.meetings)
    voices = talks.interpreters_of(meeting.interpreter for meeting in plan.meetings)
    ids = {seat.person_id for meeting in plan.meetings for seat in meeting.seats} | {
        one.person_id for one in plan.rests
    }
    known = {row.id: row for row in db.session.scalars(select(Person).where(Person.id.in_(ids)))}

    def visits(meeting: Meeting) -> str:
        host = held.get(meeting.host or "")
        return "" if host is None else host.title or host.name if session.format == "stations" else host.name

    def row(number: int, person: int, meeting: Meeting | None = None) -> tuple[str, ...]:
        times = (session.round_starts(number), session.round_ends(number))
        who = (known[person].number, known[person].name)
        if meeting is None:
            return (str(number), *map(_moment, times), "", "", *who, "", "")
        voice: Interpreter | None = voices.get(meeting.interpreter or "")
        return (str(number), *map(_moment, times), meeting.table, visits(meeting), *who, meeting.language or "",
                voice.name if voice else "")  # fmt: skip

    seated = [
        (meeting.round_no, meeting.position, seat.place, row(meeting.round_no, seat.person_id, meeting))
        for meeting in plan.meetings
        for seat in meeting.seats
    ]
    resting = [
        (rest.round_no, 10**6, int(known[rest.person_id].number), row(rest.round_no, rest.person_id))
        for rest in plan.rests
    ]
    return Ledger(PLAN, tuple(line for *_place, line in sorted([*seated, *resting])))


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="minutes")


# --- programme -------------------------------------------------------------------------------------------------------


def _programme() -> bytes:
    event = programme.the_event()
    listed = programme.sessions()
    if event is None or not listed:
        raise NotNow(_("There is no session yet."))
    return calendar_file(
        Entry(
            key=hashlib.sha256(f"programme {session.slug}".encode()).hexdigest()[:32],
            starts=event.at_venue(session.starts),
            ends=event.at_venue(session.ends),
            summary=session.title,
            version=0,
            noted_at=datetime.combine(event.starts_on, datetime.min.time()),
            location=", ".join(part for part in (session.room, event.venue) if part),
            description=session.summary,
        )
        for session in listed
    )


def whats_there() -> list[tuple[Session, bool, bool]]:
    """Return the sessions with rounds, whether each has hosts to export, and whether a plan is published."""
    letters = programme.published_versions()
    listed = [session for session in programme.sessions() if planning.plannable(session)]
    return [(session, session.format in HOSTED, session.slug in letters) for session in listed]
