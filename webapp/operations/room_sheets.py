"""The sheets that only some sessions have: which of them this one has, and each of them as PDF."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.db import db
from webapp.exchange import host_sheets as for_hosts
from webapp.exchange import room_sheets as for_room
from webapp.exchange.paper import CardPerson, SheetHead
from webapp.i18n import gettext as _
from webapp.i18n import language_name
from webapp.models import (
    Host,
    HostLanguage,
    Interpreter,
    InterpreterSession,
    Meeting,
    Person,
    PersonLanguage,
    Plan,
    Seat,
    Session,
)
from webapp.models.programme import HOSTED
from webapp.operations import host_sheets
from webapp.operations.talks import hosts_of, interpreters_of

KINDS = ("hosts", "interpreters", "wall", "signup", "instructions", "blanks")
UNPLANNED = ("signup", "instructions")
EXACT = ("instructions", "blanks")
ROWS_ON_WALL = 25


def why_not(session: Session, plan: Plan | None, kind: str) -> str:
    """Return why this kind of sheet is not to be had, as a sentence; nothing where it is."""
    if kind == "hosts" and session.format not in HOSTED:
        return _("Nobody is visited in this session, so there are no sheets for specialists or presenters.")
    if kind in UNPLANNED and session.format != "stations":
        return _("This sheet is for sessions with tool tables.")
    if kind == "wall" and session.event.preset != "open":
        return _("This event prints no wall list: nobody's name hangs on a wall here.")
    if plan is None:
        return "" if kind in UNPLANNED else _("Nothing is published yet. Plan and publish first, then print.")
    if kind == "interpreters" and not _interpreted(plan):
        return _("No table in this version has an interpreter.")
    return ""


def counts(session: Session, plan: Plan | None) -> list[tuple[str, int, int]]:
    """Return each kind that can be printed now, how many things are on it, and about how many pages that makes."""
    return [(kind, *_size(session, plan, kind)) for kind in KINDS if not why_not(session, plan, kind)]


def _size(session: Session, plan: Plan | None, kind: str) -> tuple[int, int]:
    rounds = plan.rounds if plan else session.rounds
    hosts = len(session.hosts)
    people = plan.people if plan else 0
    if kind == "hosts" and session.format == "clinics":
        return hosts, hosts * ceil(rounds / 9)
    if kind == "hosts":
        tall = 19 + 5.2 * ceil(people / max(hosts, 1) / 3)
        return hosts, hosts * ceil(rounds / max(1, 236 // tall))
    if kind == "interpreters" and plan:
        return (working := _interpreted(plan)), 1 + working * ceil(rounds / 12)
    if kind == "wall":
        return people, ceil(people / ROWS_ON_WALL)
    if kind == "signup":
        return hosts, sum(ceil(rounds / 2 / max(1, 236 // (15 + 7.4 * host.places))) for host in session.hosts)
    return (hosts, hosts) if kind == "instructions" else (1, 1)


def _interpreted(plan: Plan) -> int:
    used = select(func.count(func.distinct(Meeting.interpreter))).where(Meeting.plan_id == plan.id)
    return db.session.scalar(used) or 0


def host_paper(kind: str, head: SheetHead, session: Session, plan: Plan | None) -> bytes:
    """Return `hosts`, `signup` or `instructions` of the session as PDF."""
    sheets = host_sheets.host_sheets(session, plan)
    if kind == "hosts":
        return for_hosts.host_sheets(head, sheets, say=_)
    named = [one for one in sheets if one.name]
    if kind == "signup":
        return for_hosts.sign_up_sheets(head, named, say=_)
    return for_hosts.instructions(head, named, host_sheets.rotation(session, plan), say=_)


def wall_list(head: SheetHead, people: Iterable[CardPerson]) -> bytes:
    """Return the wall list of these people as PDF."""
    return for_room.wall_list(head, people, say=_)


def blank_cards(head: SheetHead, plan: Plan, *, address: str | None = None) -> bytes:
    """Return a page of spare cards for the version as PDF."""
    session = plan.session
    starts = {number: session.event.at_venue(session.round_starts(number)) for number in range(1, plan.rounds + 1)}
    return for_room.blank_cards(head, starts, qr=address, say=_)


def interpreters_list(head: SheetHead, plan: Plan) -> bytes:
    """Return who interprets where as PDF: all on a page, then a page for each who works in the version."""
    return for_room.interpreters_list(head, interpreter_sheets(plan), say=_)


def interpreter_sheets(plan: Plan) -> list[for_room.InterpreterSheet]:
    """Return the session's interpreters with their tables in the version, those without work as well."""
    company = selectinload(Meeting.seats).joinedload(Seat.person).selectinload(Person.languages)
    held = select(Meeting).where(Meeting.plan_id == plan.id, Meeting.interpreter.is_not(None))
    meetings = db.session.scalars(held.options(company)).all()
    hosts = hosts_of(meeting.host for meeting in meetings)
    assigned = select(Interpreter).join(InterpreterSession).where(InterpreterSession.session_id == plan.session_id)
    there = {
        one.public_id: one
        for one in db.session.scalars(
            assigned.options(joinedload(Interpreter.languages)).order_by(Interpreter.id)
        ).unique()
    }
    there |= interpreters_of(meeting.interpreter for meeting in meetings)
    at: dict[str, dict[int, Meeting]] = defaultdict(dict)
    for meeting in meetings:
        at[meeting.interpreter or ""][meeting.round_no] = meeting
    return [_interpreter(plan, one, at[one.public_id], hosts) for one in there.values()]


def _interpreter(
    plan: Plan, one: Interpreter, held: Mapping[int, Meeting], hosts: Mapping[str, Host]
) -> for_room.InterpreterSheet:
    session = plan.session
    spoken = [language.code for language in one.languages]

    def shift(number: int) -> for_room.Shift:
        starts = session.event.at_venue(session.round_starts(number))
        meeting = held.get(number)
        if meeting is None:
            return for_room.Shift(number, starts)
        return for_room.Shift(number, starts, meeting.table, _sides(meeting, hosts.get(meeting.host or ""), spoken))

    return for_room.InterpreterSheet(
        name=one.name,
        spelling=one.spelling,
        languages=tuple(map(language_name, spoken)),
        shifts=tuple(shift(number) for number in range(1, plan.rounds + 1)),
    )


def _sides(meeting: Meeting, host: Host | None, spoken: Sequence[str]) -> tuple[for_room.Side, ...]:
    visited = [_side(host, host.languages, spoken)] if host else []
    people = [seat.person for seat in meeting.seats]
    return (*visited, *(_side(one, one.languages, spoken, number=one.number) for one in people))


def _side(
    one: Person | Host, languages: Iterable[HostLanguage | PersonLanguage], spoken: Sequence[str], *, number: str = ""
) -> for_room.Side:
    """Somebody with the language of theirs, the best first, that the interpreter speaks."""
    shared = next((language_name(own.code) for own in languages if own.code in spoken), "")
    return for_room.Side(one.name, one.spelling, shared, number)
