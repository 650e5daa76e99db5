"""One person's part of the published plans: their meetings round by round, told as far as they may know."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Integer, Row, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from webapp.access import is_there
from webapp.db import db
from webapp.models import (
    Event,
    Host,
    Interest,
    Interpreter,
    Meeting,
    Person,
    Plan,
    Question,
    Rest,
    Seat,
    Session,
    Table,
)
from webapp.models.programme import HOSTED
from webapp.operations.plans import clock
from webapp.operations.plans.presence import Elsewhere, comes, gone_from_each
from webapp.operations.words.titles import titled
from webapp.policy import Field, shows

MOST_TOPICS = 3
PLACED = (
    select(Meeting, Table.zone)
    .join(Meeting.plan)
    .outerjoin(Table, and_(Table.session_id == Plan.session_id, Table.name == Meeting.table))
)
"""Meetings with the zone of their table."""

# put together once, since every page with rounds asks them
ME = bindparam("me", type_=Integer)
PLANS, MEETINGS = (bindparam(name, type_=Integer, expanding=True) for name in ("plans", "meetings"))
OWN = PLACED.join(Meeting.seats).where(Seat.person_id == ME, Seat.plan_id.in_(PLANS))
HELD = PLACED.where(Meeting.plan_id.in_(PLANS), Meeting.host.in_(bindparam("hosts", expanding=True)))
HOSTING = select(Host).join(Host.session).where(Host.person_id == ME, Session.format.in_(HOSTED))
RESTS = select(Rest).where(Rest.person_id == ME, Rest.plan_id.in_(PLANS))
COMPANY = (
    select(Seat)
    .where(Seat.meeting_id.in_(MEETINGS), Seat.person_id != ME)
    .options(joinedload(Seat.person).joinedload(Person.organisation))
    .order_by(Seat.place)
)
TITLES = select(Interest.slug, Interest.title)

Reads = Literal["partner", "visited", "visitor"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that brings people to one table, as the reader sees it."""

    title: str
    gives: bool
    takes: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom somebody meets, as far as they may know: the Latin spelling where the name is in another script.

    `about` is the tool that is shown, or what a specialist is asked about; `question` what a visitor would like to ask.
    `companion` says that somebody comes with them.
    """

    name: str
    spelling: str
    organisation: str
    about: str = ""
    question: str = ""
    companion: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """One meeting as its holder may see it; `pick` is a number that goes up with the holder's rounds.

    Who visits somebody sees them alone. `visitors` counts those who come, where the holder is visited.
    """

    format: str
    table: str
    zone: str
    partners: tuple[Partner, ...]
    language: str | None
    interpreter: Partner | None
    topics: tuple[Topic, ...]
    pick: int
    visitors: int | None = None

    @property
    def asks(self) -> bool:
        """Whether the holder is given a question: of those whom people visit, only on a topic that the holder seeks."""
        return self.visitors is None and (bool(self.topics) or self.format in {"pairs", "circles"})


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a session for one person: a talk, or the code of why there is none; times as people are told.

    `deserted` says that there would be a talk, had nobody else gone from it.
    """

    number: int
    starts: datetime
    ends: datetime
    talk: Talk | None = None
    code: str = ""
    people: int = 0
    deserted: bool = False


def hosts_of(public_ids: Iterable[str | None]) -> dict[str, Host]:
    """Return those of these hosts who are still there, by public id."""
    wanted = {one for one in public_ids if one}
    found = select(Host).where(Host.public_id.in_(wanted)).options(joinedload(Host.organisation))
    return {host.public_id: host for host in db.session.scalars(found)} if wanted else {}


def interpreters_of(public_ids: Iterable[str | None]) -> dict[str, Interpreter]:
    """Return those of these interpreters who are still there, by public id."""
    wanted = {one for one in public_ids if one}
    found = select(Interpreter).where(Interpreter.public_id.in_(wanted))
    return {one.public_id: one for one in db.session.scalars(found)} if wanted else {}


def as_met(person: Person, event: Event, *, to: Reads = "partner", question: str = "") -> Partner:
    """Return what those who meet a person read of them."""

    def told(field: Field) -> bool:
        return shows(field, to=to, preset=event.preset)

    return Partner(
        person.name,
        person.spelling,
        person.organisation.name if person.organisation and told("organisation") else "",
        question=question if told("questions") else "",
        companion=person.companion and told("companion"),
    )


def is_planned(plan: Plan, person: Person) -> bool:
    """Return whether a plan was made with this person, who may have got no table in it."""
    return person.public_id in plan.quality.get("shares", ())


class Coming:
    """Who comes to the meetings of some plans, as far as people say themselves."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.session_of = {plan.id: plan.session_id for plan in plans}
        self.gone = gone_from_each(db.session(), [plan.session for plan in plans])

    def to(self, meeting: Meeting, person_id: int | None) -> bool:
        """Return whether somebody comes to a meeting."""
        return comes(person_id, meeting.round_no, self.gone[self.session_of[meeting.plan_id]])


class Reader:
    """Reads one person's part of some plans, with the same few queries however long the day is."""

    def __init__(self, person: Person, event: Event, plans: Sequence[Plan], *, now: datetime) -> None:
        self.person, self.event, self.now = person, event, now
        mine = {"me": person.id, "plans": [plan.id for plan in plans]}
        self.zones: dict[int, str] = {}
        self.meetings = self._by_round(db.session.execute(OWN, mine))
        self.hosting = {host.session_id: host for host in db.session.scalars(HOSTING, {"me": person.id})}
        visited = [host.public_id for host in self.hosting.values()]
        self.held = self._by_round(db.session.execute(HELD, mine | {"hosts": visited})) if visited else {}
        self.rests = {(rest.plan_id, rest.round_no): rest.code for rest in db.session.scalars(RESTS, mine)}
        self.questions = _asked_in(self.hosting)
        self.hosts = hosts_of(meeting.host for meeting in self.meetings.values())
        everywhere = [*self.meetings.values(), *self.held.values()]
        self.interpreters = interpreters_of(meeting.interpreter for meeting in everywhere)
        self.coming = Coming(plans)
        self.company = self._company([one for one in everywhere if one.host is None or one in self.held.values()])
        self.there = _there({plan for plan, _number in self.rests})
        self.titles = {row.slug: row.title for row in db.session.execute(TITLES)}
        self.elsewhere: dict[int, Elsewhere] = {}

    def _by_round(self, placed: Iterable[Row[Meeting, str]]) -> dict[tuple[int, int], Meeting]:
        """Meetings by plan and round; in which zone each is held is noted."""
        found = {}
        for meeting, zone in placed:
            found[meeting.plan_id, meeting.round_no] = meeting
            self.zones[meeting.id] = zone or ""
        return found

    def _company(self, meetings: Sequence[Meeting]) -> Mapping[int, list[Person]]:
        """Who else comes to tables where people meet one another, or to the person's own; nobody where all left."""
        at = {one.id: one for one in meetings}
        found: dict[int, list[Person]] = defaultdict(list)
        for seat in db.session.scalars(COMPANY, {"me": self.person.id, "meetings": list(at)}):
            company = found[seat.meeting_id]
            company += [seat.person] if self.coming.to(at[seat.meeting_id], seat.person_id) else []
        return found

    def _host(self, meeting: Meeting) -> Host | None:
        """Who is visited at a table, as long as they come."""
        host = self.hosts.get(meeting.host or "")
        return host if host is not None and self.coming.to(meeting, host.person_id) else None

    def is_in(self, plan: Plan) -> bool:
        """Return whether the plan was made with the person, as a guest or as somebody who is visited."""
        rounds = (*self.meetings, *self.held, *self.rests)
        planned = is_planned(plan, self.person) or plan.session_id in self.hosting
        return planned or any(held == plan.id for held, _number in rounds)

    def visited_in(self, plan: Plan) -> Host | None:
        """Return as whom the person is visited in the plan's session, if they are."""
        guest = any(held == plan.id for held, _number in (*self.meetings, *self.rests))
        return None if guest else self.hosting.get(plan.session_id)

    def rounds(self, session: Session, plan: Plan) -> tuple[Round, ...]:
        """Return the person's rounds in this plan."""
        if not self.is_in(plan):
            return ()
        course = clock.Course(session, self.now)
        return tuple(self._round(course, plan, number) for number in range(1, plan.rounds + 1))

    def _round(self, course: clock.Course, plan: Plan, number: int) -> Round:
        session, starts, ends = course.session, course.begins(number), course.over(number)
        meeting = self.meetings.get((plan.id, number)) or self.held.get((plan.id, number))
        if meeting is not None and self._is_deserted(course, meeting):
            return Round(number, starts, ends, code="usual", deserted=True)
        if meeting is not None:
            return Round(number, starts, ends, talk=self._talk(session, meeting))
        host = self.visited_in(plan)
        if host is not None:
            return Round(number, starts, ends, code="away" if number in host.missed else "no_visitor")
        code = self.rests.get((plan.id, number)) or self._why_not(session, number)
        return Round(number, starts, ends, code=code, people=self.there.get((plan.id, number), 0))

    def _is_deserted(self, course: clock.Course, meeting: Meeting) -> bool:
        """Whether everybody else of a meeting has said that they do not come, or was deleted before it was over."""
        alone = meeting.host is None and not self.company.get(meeting.id)
        return alone and (meeting.id in self.company or not course.has_ended(meeting.round_no))

    def _why_not(self, session: Session, number: int) -> str:
        # who is away in which round was settled by the programme's times
        starts, ends = session.round_starts(number), session.round_ends(number)
        if not is_there(self.person, starts, ends):
            return "away"
        if session.id not in self.elsewhere:
            self.elsewhere[session.id] = Elsewhere(db.session(), session)
        if self.elsewhere[session.id].keeps(self.person, starts, ends):
            return "elsewhere"
        return "usual" if session.format == "clinics" else "no_seat"

    def _talk(self, session: Session, meeting: Meeting) -> Talk:
        chosen = hashlib.sha256(f"{session.slug} {self.person.number}".encode()).digest()
        company = self.company.get(meeting.id, [])
        visited = meeting in self.held.values()
        interpreter = self.interpreters.get(meeting.interpreter or "")
        return Talk(
            format=session.format,
            table=meeting.table,
            zone=self.zones[meeting.id],
            partners=self._partners(meeting, company) if self._sees("name", meeting) else (),
            language=meeting.language,
            interpreter=Partner(interpreter.name, interpreter.spelling, "") if interpreter else None,
            topics=self._topics(meeting, company) if self._sees("topics", meeting) else (),
            pick=int.from_bytes(chosen[:4], "big") + meeting.round_no,
            visitors=len(company) if visited else None,
        )

    def _partners(self, meeting: Meeting, company: Sequence[Person]) -> tuple[Partner, ...]:
        host = self._host(meeting)
        if host is not None:
            return (Partner(host.name, host.spelling, self._organisation(host, meeting), titled(host.title)),)
        asked = self.questions if meeting in self.held.values() else {}
        to = self._reads(meeting)
        return tuple(
            as_met(one, self.event, to=to, question=asked.get((meeting.plan_id, one.id), "")) for one in company
        )

    def _reads(self, meeting: Meeting) -> Reads:
        """As whom the person reads of the others at a table."""
        return "visited" if meeting in self.held.values() else "visitor" if meeting.host else "partner"

    def _sees(self, field: Field, meeting: Meeting) -> bool:
        """Whether the person is told this of whom they meet, whom they visit, or who visits them."""
        return shows(field, to=self._reads(meeting), preset=self.event.preset)

    def _organisation(self, host: Host, meeting: Meeting) -> str:
        return host.organisation.name if host.organisation and self._sees("organisation", meeting) else ""

    def _topics(self, meeting: Meeting, company: Sequence[Person]) -> tuple[Topic, ...]:
        """Topics between the person and somebody at the table who is still there, where both let them be read.

        What others give one another, and what anybody wished for, stays with them. A host has no number in a reason,
        and what a host is asked about stands in lists anyway.
        """
        me = self.person.id
        open_to = {one.id for one in company if one.shows_topics and self.person.shows_topics}
        others = open_to if meeting.host is None else {None} if self._host(meeting) else set()
        found: dict[str, set[str]] = {}
        for reason in meeting.reasons:
            title, giver, taker = self.titles.get(reason["topic"] or ""), reason["giver"], reason["taker"]
            if reason["code"] != "offer_meets_need" or not title:
                continue
            if giver == me and taker in others:
                found.setdefault(title, set()).add("gives")
            elif taker == me and giver in others:
                found.setdefault(title, set()).add("takes")
        return tuple(
            Topic(titled(title), "gives" in ways, "takes" in ways) for title, ways in list(found.items())[:MOST_TOPICS]
        )


def _there(plans: Iterable[int]) -> dict[tuple[int, int], int]:
    """How many people were to be placed in each round of these plans: those with a table and those without."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    wanted = list(plans)
    for kind in (Seat, Rest) if wanted else ():
        rows = db.session.execute(
            select(kind.plan_id, kind.round_no, func.count())
            .where(kind.plan_id.in_(wanted))
            .group_by(kind.plan_id, kind.round_no)
        )
        for plan, number, count in rows:
            counts[plan, number] += count
    return counts


def _asked_in(sessions: Iterable[int]) -> Mapping[tuple[int, int], str]:
    """What people ask in sessions of clinics, by published plan and person."""
    wanted = tuple(sessions)
    asked = (
        select(Plan.id, Question.person_id, Question.text)
        .join(Session, Session.id == Question.session_id)
        .join(Plan, Plan.session_id == Session.id)
        .where(Session.id.in_(wanted), Session.format == "clinics", Plan.state == "published")
    )
    return {(plan, person): text for plan, person, text in db.session.execute(asked)} if wanted else {}
