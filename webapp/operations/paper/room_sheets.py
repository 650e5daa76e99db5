"""The sheets that only some sessions have: why not this one, about how many pages, and each of them as PDF."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.db import db
from webapp.exchange import host_sheets as for_hosts
from webapp.exchange import room_sheets as for_room
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
)
from webapp.models.programme import HOSTED
from webapp.operations.paper import host_sheets
from webapp.operations.paper.cards import NOBODY
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import clock
from webapp.operations.plans.presence import comes
from webapp.operations.plans.talks import hosts_of, interpreters_of
from webapp.policy import shows

ROWS_ON_WALL = 25


def visited_only(order: PrintOrder) -> str:
    """Return why there are no sheets for specialists and presenters; nothing where somebody is visited."""
    if order.session.format in HOSTED:
        return ""
    return _("Nobody is visited in this session, so there are no sheets for specialists or presenters.")


def tools_only(order: PrintOrder) -> str:
    """Return why there are no sheets for tool tables; nothing where there are some."""
    return "" if order.session.format == "stations" else _("This sheet is for sessions with tool tables.")


def open_only(order: PrintOrder) -> str:
    """Return why no wall list is printed; nothing where names may hang on a wall."""
    if shows("name", to="wall", preset=order.session.event.preset):
        return ""
    return _("This event prints no wall list: nobody's name hangs on a wall here.")


def interpreted_only(order: PrintOrder) -> str:
    """Return why there is no list for interpreters; nothing where somebody interprets in the version."""
    return "" if _interpreted(order.version) else _("No table in this version has an interpreter.")


def host_pages(order: PrintOrder) -> int:
    """Return about how many pages the sheets for specialists or presenters take."""
    rounds, hosts = order.version.rounds, len(order.session.hosts)
    if order.session.format == "clinics":
        return hosts * ceil(rounds / 9)
    lines = ceil(order.version.people / max(hosts, 1) / 3)
    if rounds * (11.2 + 4.4 * lines) <= 236:
        return hosts
    return hosts * ceil(rounds / max(1, 236 // (19 + 5.2 * lines)))


def interpreter_pages(order: PrintOrder) -> int:
    """Return about how many pages the interpreters' list takes."""
    return 1 + _interpreted(order.version) * ceil(order.version.rounds / 12)


def wall_pages(order: PrintOrder) -> int:
    """Return how many pages the wall list takes."""
    return ceil(order.holders / ROWS_ON_WALL)


def sign_up_pages(order: PrintOrder) -> int:
    """Return about how many pages the sign-up sheets take."""
    rounds = order.plan.rounds if order.plan else order.session.rounds
    return sum(ceil(rounds / 2 / max(1, 236 // (15 + 7.4 * host.places))) for host in order.session.hosts)


def presenters(order: PrintOrder) -> int:
    """Return how many presenters there are."""
    return len(order.session.hosts)


def _interpreted(plan: Plan) -> int:
    used = select(func.count(func.distinct(Meeting.interpreter))).where(Meeting.plan_id == plan.id)
    return db.session.scalar(used) or 0


def hosts(order: PrintOrder) -> bytes:
    """Return a sheet for each specialist or presenter as PDF: who comes when."""
    told = host_sheets.host_sheets(order.session, order.plan, own=order.own, gone=order.gone)
    return for_hosts.host_sheets(order.head, told, say=_)


def sign_up(order: PrintOrder) -> bytes:
    """Return a sign-up sheet for each tool table as PDF."""
    return for_hosts.sign_up_sheets(order.head, _named(order), say=_)


def instructions(order: PrintOrder) -> bytes:
    """Return a page for each presenter as PDF: what happens, and when."""
    rotation = host_sheets.rotation(order.session, order.plan)
    return for_hosts.instructions(order.head, _named(order, own=order.own), rotation, say=_)


def _named(order: PrintOrder, *, own: bool = False) -> list[for_hosts.HostSheet]:
    return [one for one in host_sheets.host_sheets(order.session, order.plan, own=own, gone=order.gone) if one.name]


def wall_list(order: PrintOrder) -> bytes:
    """Return the wall list as PDF."""
    return for_room.wall_list(order.head, order.people, say=_)


def blank_cards(order: PrintOrder) -> bytes:
    """Return a page of spare cards for the version as PDF."""
    starts = clock.told_starts(order.session, order.version.rounds)
    return for_room.blank_cards(order.head, starts, qr=order.address, say=_)


def interpreters_list(order: PrintOrder) -> bytes:
    """Return who interprets where as PDF: all on a page, then a page for each who works in the version."""
    return for_room.interpreters_list(order.head, interpreter_sheets(order.version, gone=order.gone), say=_)


def interpreter_sheets(plan: Plan, *, gone: Mapping[int, int] = NOBODY) -> list[for_room.InterpreterSheet]:
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
    return [_interpreter(plan, one, at[one.public_id], _Tables(hosts, gone)) for one in there.values()]


@dataclass(frozen=True, slots=True)
class _Tables:
    """Whom an interpreter finds at tables: hosts by public id, and from which round on people do not come."""

    hosts: Mapping[str, Host]
    gone: Mapping[int, int]

    def sides(self, meeting: Meeting, spoken: Sequence[str]) -> tuple[for_room.Side, ...]:
        host, number = self.hosts.get(meeting.host or ""), meeting.round_no
        visited = [_side(host, host.languages, spoken)] if host and comes(host.person_id, number, self.gone) else []
        people = [seat.person for seat in meeting.seats if comes(seat.person_id, number, self.gone)]
        return (*visited, *(_side(one, one.languages, spoken, number=one.number) for one in people))


def _interpreter(
    plan: Plan, one: Interpreter, held: Mapping[int, Meeting], tables: _Tables
) -> for_room.InterpreterSheet:
    spoken = [language.code for language in one.languages]

    def shift(number: int, starts: datetime) -> for_room.Shift:
        meeting = held.get(number)
        if meeting is None:
            return for_room.Shift(number, starts)
        return for_room.Shift(number, starts, meeting.table, tables.sides(meeting, spoken))

    return for_room.InterpreterSheet(
        name=one.name,
        spelling=one.spelling,
        languages=tuple(map(language_name, spoken)),
        shifts=tuple(shift(number, starts) for number, starts in clock.told_starts(plan.session, plan.rounds).items()),
    )


def _side(
    one: Person | Host, languages: Iterable[HostLanguage | PersonLanguage], spoken: Sequence[str], *, number: str = ""
) -> for_room.Side:
    """Somebody with the language of theirs, the best first, that the interpreter speaks."""
    shared = next((language_name(own.code) for own in languages if own.code in spoken), "")
    return for_room.Side(one.name, one.spelling, shared, number)
