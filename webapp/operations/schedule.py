"""A person's own rounds, read from published versions alone; nothing is computed anew."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.access import Actor, is_there, may_attend
from webapp.db import db
from webapp.errors import NotFound
from webapp.exchange.ics import Entry
from webapp.i18n import gettext as _
from webapp.i18n import isolate, language_name
from webapp.models import Event, Interest, Meeting, Person, Plan, Rest, Seat, Session, Table
from webapp.operations.presence import Elsewhere

MOST_TOPICS = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that brings two people together, as the reader sees it."""

    title: str
    gives: bool
    takes: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom somebody meets, as far as they may know: the Latin spelling where the name is in another script."""

    name: str
    spelling: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One meeting as its holder may see it; `pick` is a number that stays the same for the meeting."""

    table: str
    zone: str
    partners: tuple[Partner, ...]
    language: str | None
    topics: tuple[Topic, ...]
    pick: int


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a session for one person: a talk, or the code of why there is none."""

    number: int
    starts: datetime
    ends: datetime
    talk: Talk | None = None
    code: str = ""
    people: int = 0


@dataclass(frozen=True, slots=True)
class Timed:
    """A session with a published plan; `rounds` is empty for somebody who is not in the plan."""

    session: Session
    plan: Plan
    rounds: tuple[Round, ...]

    @property
    def talks(self) -> list[Round]:
        """The rounds with a meeting."""
        return [held for held in self.rounds if held.talk]

    def after(self, number: int) -> Round | None:
        """Return the next round with a meeting after round `number`."""
        return next((held for held in self.talks if held.number > number), None)

    def is_over(self, now: datetime) -> bool:
        """Return whether the last round has ended."""
        return self.session.round_ends(self.plan.rounds) <= now


@dataclass(frozen=True, slots=True)
class MyRounds:
    """All that the page shows. `card` is the meeting to go to next, in words of `when`: now, next or first."""

    event: Event
    empty_profile: bool
    first: Timed | None
    card: Round | None
    when: str
    earlier: list[Round]
    later: list[Round]
    others: list[Timed]
    programme: list[tuple[date, list[Session]]]

    @property
    def clock(self) -> datetime:
        """A moment for which the distance of the venue's zone to universal time holds."""
        return self.first.session.starts if self.first else datetime.combine(self.event.starts_on, time(12))


def rounds_of(by: Actor, *, now: datetime) -> MyRounds:
    """Return the actor's rounds and programme, as things stand at `now` (with a zone)."""
    person, event = _who(by)
    wall = now.astimezone(event.zone).replace(tzinfo=None)
    mine, programme = _sessions(person, event)
    first = _in_focus(mine, wall)
    card, when = _card(first, wall) if first else (None, "")
    listed = [held for held in first.rounds if held is not card] if first else []
    earlier = [held for held in listed if when in {"now", "next"} and card and held.number < card.number]
    return MyRounds(
        event=event,
        empty_profile=not person.interests,
        first=first,
        card=card,
        when=when,
        earlier=earlier,
        later=[held for held in listed if held not in earlier],
        others=[timed for timed in mine if timed is not first],
        programme=[(day, list(held)) for day, held in groupby(programme, key=lambda session: session.starts.date())],
    )


def _who(by: Actor) -> tuple[Person, Event]:
    event = db.session.get(Event, 1)
    if by.person is None or event is None:
        raise NotFound
    return by.person, event


def _in_focus(mine: Sequence[Timed], wall: datetime) -> Timed | None:
    """The session under way or next; when all are over the last of today, else the first of all."""
    ahead = [timed for timed in mine if not timed.is_over(wall)]
    today = [timed for timed in mine if timed.session.starts.date() == wall.date()]
    return next(iter(ahead or today[-1:] or mine), None)


def _card(first: Timed, wall: datetime) -> tuple[Round | None, str]:
    if first.session.starts.date() != wall.date():
        return next(iter(first.talks), None), "first"
    coming = next((held for held in first.talks if held.ends > wall), None)
    return coming, "now" if coming and coming.starts <= wall else "next"


def calendar_of(by: Actor) -> list[Entry]:
    """Return the actor's meetings as calendar entries; neutral ones where the event is discreet."""
    person, event = _who(by)
    mine, _programme = _sessions(person, event)
    return [_entry(person, event, timed, held) for timed in mine for held in timed.talks]


def _entry(person: Person, event: Event, timed: Timed, held: Round) -> Entry:
    assert held.talk is not None
    talk, session = held.talk, timed.session
    key = f"{person.public_id} {session.slug} {held.number}"
    summary = _("Round %(number)d · table %(table)s", number=held.number, table=talk.table)
    location = description = ""
    if event.preset == "open":
        names = ", ".join(isolate(partner.spelling or partner.name) for partner in talk.partners)
        summary = _("%(place)s · with %(names)s", place=summary, names=names) if names else summary
        location = ", ".join(part for part in (session.room, event.venue) if part)
        spoken = [language_name(talk.language)] if talk.language else []
        description = "\n".join([session.title, *spoken])
    return Entry(
        key=hashlib.sha256(key.encode()).hexdigest()[:32],
        starts=event.at_venue(held.starts),
        ends=event.at_venue(held.ends),
        summary=summary,
        version=timed.plan.version or 0,
        noted_at=timed.plan.published_at or timed.plan.made_at,
        location=location,
        description=description,
    )


def _sessions(person: Person, event: Event) -> tuple[list[Timed], list[Session]]:
    """The sessions with a published plan that concern this person, and the rest of what they may attend."""
    sessions = list(db.session.scalars(select(Session).order_by(Session.starts, Session.ends, Session.title)))
    plans = {plan.session_id: plan for plan in db.session.scalars(select(Plan).where(Plan.state == "published"))}
    reader = _Reader(person, event, [plan.id for plan in plans.values()])
    mine = []
    for session in sessions:
        plan = plans.get(session.id)
        if plan and (may_attend(person, session) or reader.is_in(plan)):
            mine.append(Timed(session, plan, reader.rounds(session, plan)))
    shown = {timed.session.id for timed in mine}
    return mine, [session for session in sessions if session.id not in shown and may_attend(person, session)]


class _Reader:
    """Reads one person's part of some plans, with the same few queries however long the day is."""

    def __init__(self, person: Person, event: Event, plans: list[int]) -> None:
        self.person, self.discreet = person, event.preset != "open"
        own = select(Meeting).join(Meeting.seats).where(Seat.person_id == person.id, Seat.plan_id.in_(plans))
        self.meetings = {(held.plan_id, held.round_no): held for held in db.session.scalars(own)}
        rests = select(Rest).where(Rest.person_id == person.id, Rest.plan_id.in_(plans))
        self.rests = {(rest.plan_id, rest.round_no): rest.code for rest in db.session.scalars(rests)}
        self.partners = self._partners([held.id for held in self.meetings.values()])
        self.there = self._there({plan for plan, _number in self.rests})
        self.titles = {row.slug: row.title for row in db.session.query(Interest.slug, Interest.title)}
        zones = db.session.query(Table.session_id, Table.name, Table.zone).where(Table.zone != "")
        self.zones = {(row.session_id, row.name): row.zone for row in zones}
        self.elsewhere: dict[int, Elsewhere] = {}

    def _partners(self, meetings: list[int]) -> dict[int, list[Person]]:
        seats = (
            select(Seat)
            .where(Seat.meeting_id.in_(meetings), Seat.person_id != self.person.id)
            .options(joinedload(Seat.person).joinedload(Person.organisation))
            .order_by(Seat.place)
        )
        found = defaultdict(list)
        for seat in db.session.scalars(seats):
            found[seat.meeting_id].append(seat.person)
        return found

    def _there(self, plans: Iterable[int]) -> dict[tuple[int, int], int]:
        """How many people were to be placed in each round of these plans: those with a table and those without."""
        counts: dict[tuple[int, int], int] = defaultdict(int)
        wanted = list(plans)
        for kind in (Seat, Rest):
            rows = db.session.execute(
                select(kind.plan_id, kind.round_no, func.count())
                .where(kind.plan_id.in_(wanted))
                .group_by(kind.plan_id, kind.round_no)
            )
            for plan, number, count in rows:
                counts[plan, number] += count
        return counts

    def is_in(self, plan: Plan) -> bool:
        """Return whether the person has a table or a rest in this plan."""
        return any(held == plan.id for held, _number in (*self.meetings, *self.rests))

    def rounds(self, session: Session, plan: Plan) -> tuple[Round, ...]:
        """Return the person's rounds in this plan."""
        if not self.is_in(plan):
            return ()
        return tuple(self._round(session, plan, number) for number in range(1, plan.rounds + 1))

    def _round(self, session: Session, plan: Plan, number: int) -> Round:
        starts, ends = session.round_starts(number), session.round_ends(number)
        meeting = self.meetings.get((plan.id, number))
        if meeting is not None:
            return Round(number, starts, ends, talk=self._talk(session, plan, meeting))
        code = self.rests.get((plan.id, number)) or self._why_not(session, starts, ends)
        return Round(number, starts, ends, code=code, people=self.there.get((plan.id, number), 0))

    def _why_not(self, session: Session, starts: datetime, ends: datetime) -> str:
        if not is_there(self.person, starts, ends):
            return "away"
        if session.id not in self.elsewhere:
            self.elsewhere[session.id] = Elsewhere(db.session(), session)
        return "elsewhere" if self.elsewhere[session.id].keeps(self.person, starts, ends) else "no_seat"

    def _talk(self, session: Session, plan: Plan, meeting: Meeting) -> Talk:
        partners = self.partners.get(meeting.id, [])
        chosen = hashlib.sha256(f"{plan.public_id} {meeting.round_no} {meeting.table}".encode()).digest()
        return Talk(
            table=meeting.table,
            zone=self.zones.get((session.id, meeting.table), ""),
            partners=tuple(Partner(one.name, one.spelling, self._organisation(one)) for one in partners),
            language=meeting.language,
            topics=() if self.discreet or not partners else self._topics(meeting),
            pick=int.from_bytes(chosen[:4], "big"),
        )

    def _organisation(self, partner: Person) -> str:
        return partner.organisation.name if partner.organisation and not self.discreet else ""

    def _topics(self, meeting: Meeting) -> tuple[Topic, ...]:
        """Topics that one offers and the other seeks; what either of them wished for stays with them."""
        me = str(self.person.id)
        found: dict[str, set[str]] = {}
        for reason in meeting.reasons:
            title = self.titles.get(reason.get("topic", ""))
            if reason.get("code") == "offer_meets_need" and title:
                found.setdefault(title, set()).add("gives" if str(reason.get("giver")) == me else "takes")
        return tuple(
            Topic(title, "gives" in ways, "takes" in ways) for title, ways in list(found.items())[:MOST_TOPICS]
        )
