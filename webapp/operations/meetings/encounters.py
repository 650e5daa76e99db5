"""Whom somebody has met: those at their tables in rounds that are over, as far as they know who that is.

The published version tells of every round that has begun, in whatever version that was; where the help point sent
somebody else, that counts. Whether the others were there is asked for by `Presence`, and shown to nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select, union_all
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp.models import (
    Attendance,
    Event,
    Feedback,
    HelpPlace,
    Host,
    Meeting,
    Person,
    Plan,
    Seat,
    Session,
    StandbyNote,
)
from webapp.operations.plans import clock
from webapp.operations.plans.presence import comes, gone_from_each
from webapp.operations.rounds.line import MISSING
from webapp.policy import shows

NOT_MET = "not_met"

# put together once, since every page with rounds asks them
ME, PEOPLE = bindparam("me", type_=Integer), bindparam("people", type_=Integer, expanding=True)
OWN_HOSTS = select(Host.public_id).where(Host.person_id == ME)
SENT = (
    select(HelpPlace)
    .where(HelpPlace.session_id.in_(bindparam("sessions", expanding=True)))
    .options(joinedload(HelpPlace.person))
)
PLANNED = select(Meeting, Plan.session_id).join(Meeting.plan).where(Plan.state == "published")
SEATED = PLANNED.join(Meeting.seats).where(Seat.person_id == ME)
SEATS = (
    select(Seat)
    .where(Seat.meeting_id.in_(bindparam("meetings", expanding=True)))
    .options(joinedload(Seat.person))
    .order_by(Seat.place)
)
TICKED = select(Attendance).where(Attendance.person_id.in_(PEOPLE))
NOT_THERE = union_all(
    select(Feedback.session_id, Feedback.round_no, Feedback.person_id).where(
        Feedback.person_id.in_(PEOPLE), Feedback.kind == NOT_MET
    ),
    select(StandbyNote.session_id, StandbyNote.round_no, StandbyNote.person_id).where(
        StandbyNote.person_id.in_(PEOPLE), StandbyNote.kind == MISSING
    ),
)
Spot = tuple[int, int, str]
"""A session, a round of it, a table."""


@dataclass(frozen=True, slots=True)
class Met:
    """Another participant at one's table in a round that is over, by the name one knows them under."""

    session_id: int
    number: int
    person_id: int
    public_id: str
    name: str
    spelling: str


def met_by(rows: Rows, person: Person, event: Event, sessions: Iterable[Session], *, now: datetime) -> list[Met]:
    """Return whom the person has met in these sessions, round by round."""
    courses = [clock.Course(one, now) for one in sessions]
    over = {(one.session.id, n) for one in courses for n in one.session.numbers if one.has_ended(n)}
    if not over:
        return []
    gone = gone_from_each(rows, [one.session for one in courses])
    return list(_Tables(rows, person, over, gone).met(event))


class Presence:
    """Whether some people were there in a round, as far as the desk and they themselves have said."""

    def __init__(self, rows: Rows, people: Collection[int]) -> None:
        asked = {"people": list(people)}
        self._ticked = {(one.session_id, one.person_id): one for one in rows.scalars(TICKED, asked)}
        self._not_there = {(a, b, c) for a, b, c in rows.execute(NOT_THERE, asked)}

    def was(self, person: int, session_id: int, number: int) -> bool:
        """Return whether the person was there, and does not say that they met nobody."""
        ticked = self._ticked.get((session_id, person))
        away = ticked is not None and not ticked.takes_part(number)
        return not away and (session_id, number, person) not in self._not_there


class _Tables:
    """The tables at which one person was, with all who were to be there; who is `gone`, by session, was not."""

    def __init__(
        self, rows: Rows, person: Person, over: Collection[tuple[int, int]], gone: Mapping[int, Mapping[int, int]]
    ) -> None:
        self.rows, self.person, self.over, self.gone = rows, person, over, gone
        self.own_hosts = set(rows.scalars(OWN_HOSTS, {"me": person.id}))
        sent = rows.scalars(SENT, {"sessions": list({session_id for session_id, _number in over})})
        self.sent = {(one.session_id, one.round_no, one.person_id): one for one in sent}
        self.meetings = dict(self._spots())
        self.seated = self._seated([one.id for one in self.meetings.values() if one is not None])
        public = {one.host for one in self.meetings.values() if one and one.host}
        public |= {one.host for one in self.sent.values() if one.host}
        hosts = select(Host).where(Host.public_id.in_(public)).options(joinedload(Host.person))
        self.hosts: Mapping[str, Host] = {one.public_id: one for one in rows.scalars(hosts)} if public else {}

    def _spots(self) -> Iterator[tuple[Spot, Meeting | None]]:
        """Where the person was, with what was planned there."""
        for meeting, session_id in self.rows.execute(SEATED, {"me": self.person.id}):
            key = (session_id, meeting.round_no)
            if key in self.over and (*key, self.person.id) not in self.sent:
                yield (*key, meeting.table), meeting
        if self.own_hosts:
            for meeting, session_id in self.rows.execute(PLANNED.where(Meeting.host.in_(self.own_hosts))):
                if (session_id, meeting.round_no) in self.over:
                    yield (session_id, meeting.round_no, meeting.table), meeting
        for place in self.sent.values():
            mine = place.person_id == self.person.id and (place.session_id, place.round_no) in self.over
            if mine and place.kind != "staff":
                there = (
                    Plan.session_id == place.session_id,
                    Meeting.round_no == place.round_no,
                    Meeting.table == place.table,
                )
                found = self.rows.execute(PLANNED.where(*there)).first()
                yield (place.session_id, place.round_no, place.table), found[0] if found else None

    def _seated(self, meetings: list[int]) -> Mapping[int, list[Person]]:
        found: dict[int, list[Person]] = defaultdict(list)
        for seat in self.rows.scalars(SEATS, {"meetings": meetings}) if meetings else ():
            found[seat.meeting_id].append(seat.person)
        return found

    def met(self, event: Event) -> Iterator[Met]:
        """Yield the others, where both sides are told of each other: whoever visits is not told of other visitors."""
        for (session_id, number, table), meeting in sorted(self.meetings.items(), key=lambda one: one[0]):
            guests = [
                one
                for one in (self.seated[meeting.id] if meeting else ())
                if (session_id, number, one.id) not in self.sent and comes(one.id, number, self.gone[session_id])
            ]
            came = [
                one
                for one in self.sent.values()
                if (one.session_id, one.round_no, one.table) == (session_id, number, table) and one.kind != "staff"
            ]
            guests += [one.person for one in came]
            public = next((one for one in (meeting and meeting.host, *(one.host for one in came)) if one), None)
            if public is None:
                others = [(one, one.name, one.spelling) for one in guests]
            elif not shows("name", to="visited", preset=event.preset):
                continue
            elif public in self.own_hosts:
                others = [(one, one.name, one.spelling) for one in guests]
            else:
                host = self.hosts.get(public)
                there = host and comes(host.person_id, number, self.gone[session_id])
                others = [(host.person, host.name, host.spelling)] if there and host and host.person else []
            for one, name, spelling in others:
                if one.id != self.person.id:
                    yield Met(session_id, number, one.id, one.public_id, name, spelling)
