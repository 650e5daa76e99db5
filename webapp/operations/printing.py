"""What goes on paper: the published plan as sheets, and the tick list of everybody expected."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.bridge import Presence
from webapp.db import db
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange import sheets
from webapp.exchange.paper import CardPerson, SheetHead, Sitting
from webapp.i18n import gettext as _
from webapp.i18n import isolate, language_name, locale
from webapp.models import Host, Interpreter, Meeting, Person, Plan, Rest, Seat, Session
from webapp.operations import host_sheets, planning, presence, room_sheets, talks

KINDS = ("rounds", "cards", "signs", "tick", "finder", *room_sheets.KINDS)
PAPERS = ("a4", "letter")


@dataclass(frozen=True, slots=True)
class Printable:
    """One kind of sheet: how many things are on it, and about how many pages that makes."""

    kind: str
    count: int
    pages: int
    exact: bool


def sheet(session_id: int, kind: str, *, paper: str = "a4", address: str | None = None) -> bytes:
    """Return a kind of sheet of the session as PDF; `address` is where the codes on cards lead.

    Only the published version is printed; the tick list needs none.
    """
    session = db.session.get(Session, session_id)
    if session is None or kind not in KINDS:
        raise NotFound
    if paper not in PAPERS:
        raise BadInput(_("The paper is either a4 or letter."), "paper")
    plan = planning.find_plan(session_id, "published")
    if kind == "tick":
        return sheets.tick_list(_head(session, plan, paper), _ticked(session), say=_)
    head = _head(session, plan, paper)
    if kind in room_sheets.KINDS and (why_not := room_sheets.why_not(session, plan, kind)):
        raise NotNow(why_not)
    if kind in {"hosts", "signup", "instructions"}:
        return room_sheets.host_paper(kind, head, session, plan)
    if plan is None:
        raise NotNow(_("Nothing is published yet. Plan and publish first, then print."))
    if kind == "signs":
        return sheets.table_signs(head, tables_of(plan), beneath=host_sheets.beneath_signs(session), say=_)
    if kind == "interpreters":
        return room_sheets.interpreters_list(head, plan)
    if kind == "blanks":
        return room_sheets.blank_cards(head, plan, address=address)
    if kind == "wall":
        return room_sheets.wall_list(head, card_people(plan))
    press: dict[str, Callable[..., bytes]] = {
        "rounds": partial(sheets.round_sheets, idle=session.format != "clinics"),
        "cards": sheets.cards,
        "finder": sheets.finder,
    }
    return press[kind](head, card_people(plan, address=address), say=_)


def printables(session: Session, there: Iterable[Presence], plan: Plan | None) -> list[Printable]:
    """Return what can be printed of a session now, the tick list first."""
    people = sum(1 for _one in there)
    found = [Printable("tick", people, _pages(people, 28), exact=False)]
    if plan is not None:
        seated = len(set(db.session.scalars(select(Seat.person_id).where(Seat.plan_id == plan.id))))
        per_card = sheets.CARDS_SHORT_DAY if plan.rounds <= sheets.MOST_ROUNDS_SHORT else sheets.CARDS_LONG_DAY
        tables = len(tables_of(plan))
        found += [
            Printable("cards", plan.people, _pages(plan.people, per_card), exact=True),
            Printable("rounds", plan.rounds, plan.rounds * _pages(seated, 108) + _pages(plan.people, 44), exact=False),
            Printable("signs", tables, tables, exact=True),
            Printable("finder", plan.people, _pages(plan.people, 44), exact=False),
        ]
    more = room_sheets.counts(session, plan)
    return found + [Printable(kind, count, size, exact=kind in room_sheets.EXACT) for kind, count, size in more]


def tables_of(plan: Plan) -> list[str]:
    """Return the tables that the plan uses, in walking order."""
    used = select(Meeting.table, Meeting.position).where(Meeting.plan_id == plan.id).distinct()
    return [name for name, _position in db.session.execute(used.order_by(Meeting.position, Meeting.table))]


def card_people(plan: Plan, *, address: str | None = None) -> list[CardPerson]:
    """Return everybody of the plan with all their rounds: table, whom they meet, language, or why there is none."""
    people = _people_of(plan)
    tables = _tables(plan)
    session = plan.session
    starts = {number: session.event.at_venue(session.round_starts(number)) for number in range(1, plan.rounds + 1)}
    away = _away(plan, people)

    def sittings(person: int) -> tuple[Sitting, ...]:
        held = {number: tables[person, number] for number in starts if (person, number) in tables}
        if not held and session.format == "clinics":
            return ()
        return tuple(
            held[number].sitting(starts[number], person, people)
            if number in held
            else Sitting(number, start, None, note=_("away") if (person, number) in away else _("free"))
            for number, start in starts.items()
        )

    return [
        CardPerson(
            number=person.number,
            name=person.name,
            latin=person.latin or person.name,
            organisation=person.organisation.name if person.organisation else None,
            sittings=sittings(person.id),
            qr=address,
            note=_("You are on the standby list: when a place falls free, we call you. Ask at the help point."),
        )
        for person in people.values()
    ]


def _people_of(plan: Plan) -> dict[int, Person]:
    """Everybody with a table or a rest, and where a plan gives few a place, everybody it was made for."""
    seated = select(Seat.person_id).where(Seat.plan_id == plan.id)
    resting = select(Rest.person_id).where(Rest.plan_id == plan.id)
    wanted = select(Person).where(Person.id.in_(seated.union(resting)))
    found = set(db.session.scalars(wanted.options(joinedload(Person.organisation))))
    if plan.session.format == "clinics":
        everybody = db.session.scalars(select(Person).options(joinedload(Person.organisation)))
        found |= {person for person in everybody if talks.is_planned(plan, person)}
    return {person.id: person for person in sorted(found, key=lambda one: one.id)}


def _away(plan: Plan, people: Iterable[int]) -> set[tuple[int, int]]:
    """Who is away in which round: without a table and a rest; visits leave no rests, so that there it is asked anew."""
    if plan.session.format == "clinics":
        there = presence.expected(db.session(), plan.session)
        return {(one.person.id, number) for one in there for number in one.away}
    resting = select(Rest).where(Rest.plan_id == plan.id)
    free = {(rest.person_id, rest.round_no) for rest in db.session.scalars(resting)}
    return {(person, number) for person in people for number in range(1, plan.rounds + 1)} - free


@dataclass(frozen=True, slots=True)
class _Held:
    """A table in one round: who sits there, whom they visit, who interprets."""

    meeting: Meeting
    seated: tuple[int, ...]
    host: Host | None
    interpreter: Interpreter | None

    def sitting(self, starts: datetime, person: int, people: Mapping[int, Person]) -> Sitting:
        """Return it as one of those who sit there has it on paper: whoever visits is not told of other visitors."""
        meeting = self.meeting
        host, presenter = self._visited()
        company = [people[one] for one in self.seated if one != person]
        return Sitting(
            meeting.round_no,
            starts,
            meeting.table,
            tuple(map(_as_met, company)) if meeting.host is None else (host,) if host else (),
            language_name(meeting.language) or None,
            host=host,
            presenter=presenter,
            interpreter=(self.interpreter.spelling or self.interpreter.name) if self.interpreter else None,
        )

    def _visited(self) -> tuple[str | None, str | None]:
        """A specialist's name, or a tool and who shows it; nothing where they have gone since."""
        if self.host is None:
            return None, None
        if self.host.title and self.host.session.format == "stations":
            return self.host.title, _as_met(self.host)
        return _as_met(self.host), None


def _tables(plan: Plan) -> dict[tuple[int, int], _Held]:
    """The table of everybody in every round in which they have one."""
    meetings = db.session.scalars(select(Meeting).where(Meeting.plan_id == plan.id)).all()
    hosts = talks.hosts_of(meeting.host for meeting in meetings)
    interpreters = talks.interpreters_of(meeting.interpreter for meeting in meetings)
    seated: dict[int, list[int]] = defaultdict(list)
    rows = select(Seat.meeting_id, Seat.person_id).where(Seat.plan_id == plan.id).order_by(Seat.place)
    for meeting_id, person in db.session.execute(rows):
        seated[meeting_id].append(person)
    found: dict[tuple[int, int], _Held] = {}
    for meeting in meetings:
        company = tuple(seated[meeting.id])
        host, interpreter = hosts.get(meeting.host or ""), interpreters.get(meeting.interpreter or "")
        held = _Held(meeting, company, host, interpreter)
        found |= {(person, meeting.round_no): held for person in company}
    return found


def _as_met(one: Person | Host | Interpreter) -> str:
    """Return a name so that the card's holder can read and say it."""
    return f"{isolate(one.name)} {isolate(one.spelling)}" if one.spelling else one.name


def _ticked(session: Session) -> list[CardPerson]:
    return [
        CardPerson(
            number=one.person.number,
            name=one.person.name,
            latin=one.person.latin or one.person.name,
            organisation=one.person.organisation.name if one.person.organisation else None,
        )
        for one in presence.expected(db.session(), session)
    ]


def _head(session: Session, plan: Plan | None, paper: str) -> SheetHead:
    event = session.event
    return SheetHead(
        event=event.title,
        session=session.title,
        version=plan.version if plan else None,
        printed=datetime.now(event.zone).replace(second=0, microsecond=0),
        locale=str(locale()),
        paper=cast(Literal["a4", "letter"], paper),
        discreet=event.preset == "discreet",
    )


def _pages(things: int, on_a_page: int) -> int:
    return -(-things // on_a_page)
