"""What goes on paper: the published plan as sheets, and the tick list of everybody expected."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
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
from webapp.models import Meeting, Person, Plan, Rest, Seat, Session
from webapp.operations import planning, presence

KINDS = ("rounds", "cards", "signs", "tick", "finder")
PAPERS = ("a4", "letter")

Place = tuple[str, str | None, tuple[str, ...]]


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
    if plan is None:
        raise NotNow(_("Nothing is published yet. Plan and publish first, then print."))
    head = _head(session, plan, paper)
    if kind == "signs":
        return sheets.table_signs(head, tables_of(plan), say=_)
    press: dict[str, Callable[..., bytes]] = {
        "rounds": sheets.round_sheets,
        "cards": sheets.cards,
        "finder": sheets.finder,
    }
    return press[kind](head, card_people(plan, address=address), say=_)


def printables(there: Iterable[Presence], plan: Plan | None) -> list[Printable]:
    """Return what can be printed now, the tick list first."""
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
    return found


def tables_of(plan: Plan) -> list[str]:
    """Return the tables that the plan uses, in walking order."""
    used = select(Meeting.table, Meeting.position).where(Meeting.plan_id == plan.id).distinct()
    return [name for name, _position in db.session.execute(used.order_by(Meeting.position, Meeting.table))]


def card_people(plan: Plan, *, address: str | None = None) -> list[CardPerson]:
    """Return everybody of the plan with all their rounds: table, partner and language, or why there is none."""
    people = _people_of(plan)
    places = _places(plan, people)
    free = {(rest.person_id, rest.round_no) for rest in db.session.scalars(select(Rest).where(Rest.plan_id == plan.id))}
    session = plan.session
    starts = {number: session.event.at_venue(session.round_starts(number)) for number in range(1, plan.rounds + 1)}

    def sitting(person: int, number: int) -> Sitting:
        table, language, others = places.get((person, number), (None, None, ()))
        note = None if table else _("free") if (person, number) in free else _("away")
        return Sitting(number, starts[number], table, others, language, note)

    return [
        CardPerson(
            number=person.number,
            name=person.name,
            latin=person.latin or person.name,
            organisation=person.organisation.name if person.organisation else None,
            sittings=tuple(sitting(person.id, number) for number in starts),
            qr=address,
        )
        for person in people.values()
    ]


def _people_of(plan: Plan) -> dict[int, Person]:
    seated = select(Seat.person_id).where(Seat.plan_id == plan.id)
    resting = select(Rest.person_id).where(Rest.plan_id == plan.id)
    wanted = select(Person).where(Person.id.in_(seated.union(resting)))
    people = db.session.scalars(wanted.options(joinedload(Person.organisation)))
    return {person.id: person for person in people}


def _places(plan: Plan, people: dict[int, Person]) -> dict[tuple[int, int], Place]:
    query = select(Seat.meeting_id, Seat.person_id, Seat.round_no, Meeting.table, Meeting.language)
    rows = db.session.execute(query.join(Seat.meeting).where(Seat.plan_id == plan.id).order_by(Seat.place))
    held = defaultdict(list)
    for meeting, person, number, table, language in rows:
        held[meeting].append((person, number, table, language))
    return {
        (person, number): (
            table,
            language_name(language) or None,
            tuple(_as_met(people[other]) for other, *_rest in company if other != person),
        )
        for company in held.values()
        for person, number, table, language in company
    }


def _as_met(person: Person) -> str:
    """Return a partner's name so that the card's holder can read and say it."""
    return f"{isolate(person.name)} {isolate(person.spelling)}" if person.spelling else person.name


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
