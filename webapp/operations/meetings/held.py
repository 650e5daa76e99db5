"""What was held: the meetings of the rounds that have run, with those who were there as far as anybody knows."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.models import Attendance, Feedback, HelpPlace, Host, Meeting, Plan, Session, StandbyNote
from webapp.operations.meetings.feedback import NOT_MET
from webapp.operations.plans import clock
from webapp.operations.rounds.standby import MISSING

FEWEST_SIDES = 2
Spot = tuple[int, int, str]
"""A session, a round of it, a table."""


@dataclass(slots=True)
class Held:
    """A meeting with the row ids of its guests who were there; `host` is whom they visited, if they were there.

    `wished` are those of them for whom a wish came true at this table.
    """

    session_id: int
    number: int
    language: str | None = None
    visits: bool = False
    host: str | None = None
    host_person: int | None = None
    guests: set[int] = field(default_factory=set)
    wished: set[int] = field(default_factory=set)

    @property
    def was_held(self) -> bool:
        """Whether two sides at least were there."""
        return len(self.guests) + (self.host is not None) >= FEWEST_SIDES

    @property
    def people(self) -> frozenset[int]:
        """The participants who were there, whoever is visited included."""
        return frozenset(self.guests) | ({self.host_person} if self.host_person is not None else set())

    @property
    def contacts(self) -> list[tuple[int, int]]:
        """Each two participants who met: those at a table, or a visitor and whom they visit."""
        if not self.visits:
            return list(combinations(sorted(self.guests), 2))
        return [(one, self.host_person) for one in sorted(self.guests)] if self.host_person is not None else []


def held_meetings(rows: Rows, *, now: datetime) -> list[Held]:
    """Return the meetings that count as held.

    A meeting does where its round has run and at least two of its people were there; who was marked as absent in the
    round, or said that they did not meet, was not. Rounds that have begun stand in every later version as they were,
    so that the published one tells of all of them; where the help point sent somebody else, that counts.
    """
    return [one for one in _Room(rows, now).meetings() if one.was_held]


class _Room:
    """Everything that decides who was there, read once for all sessions."""

    def __init__(self, rows: Rows, now: datetime) -> None:
        self.rows = rows
        timed = rows.scalars(select(Session).where(Session.format != "plain"))
        self.sessions = {one.id: one for one in timed}
        self.ran = {(one.id, n) for one in self.sessions.values() for n in one.numbers if clock.has_run(one, n, now)}
        self.ticked = {(one.session_id, one.person_id): one for one in rows.scalars(select(Attendance))}
        self.hosts = {one.public_id: one for one in rows.scalars(select(Host))}
        self.sent = {(one.session_id, one.round_no, one.person_id): one for one in rows.scalars(select(HelpPlace))}
        denied = select(Feedback.session_id, Feedback.round_no, Feedback.person_id).where(Feedback.kind == NOT_MET)
        missing = select(StandbyNote.session_id, StandbyNote.round_no, StandbyNote.person_id).where(
            StandbyNote.kind == MISSING
        )
        self.not_there = {(a, b, c) for kind in (denied, missing) for a, b, c in rows.execute(kind)}

    def meetings(self) -> list[Held]:
        """Every meeting of a round that has run, with those who were there."""
        found: dict[Spot, Held] = {}
        published = select(Meeting, Plan.session_id).join(Meeting.plan).where(Plan.state == "published")
        for meeting, session_id in self.rows.execute(published.options(selectinload(Meeting.seats))):
            if (session_id, meeting.round_no) in self.ran:
                found[session_id, meeting.round_no, meeting.table] = self._planned(meeting, session_id)
        for (session_id, number, person), place in self.sent.items():
            if place.kind == "staff" or (session_id, number) not in self.ran:
                continue
            held = found.setdefault((session_id, number, place.table), Held(session_id, number))
            if held.host is None and place.host:
                self._visit(held, place.host)
            if self._there(session_id, number, person):
                held.guests.add(person)
        return list(found.values())

    def _planned(self, meeting: Meeting, session_id: int) -> Held:
        held = Held(session_id, meeting.round_no, meeting.language)
        if meeting.host is not None:
            self._visit(held, meeting.host)
        seated = {seat.person_id for seat in meeting.seats}
        elsewhere = {one for one in seated if (session_id, meeting.round_no, one) in self.sent}
        held.guests = {one for one in seated - elsewhere if self._there(session_id, meeting.round_no, one)}
        giving = {None, *held.guests}
        wishes = (one for one in meeting.reasons if one["code"] == "wish" and one["giver"] in giving)
        held.wished = held.guests & {one["taker"] for one in wishes}
        return held

    def _visit(self, held: Held, public_id: str) -> None:
        host = self.hosts.get(public_id)
        held.visits = True
        person = host.person_id if host else None
        gone = host is not None and held.number in host.missed_in(self.sessions[held.session_id])
        if not gone and (person is None or self._there(held.session_id, held.number, person)):
            held.host, held.host_person = public_id, person

    def _there(self, session_id: int, number: int, person: int) -> bool:
        ticked = self.ticked.get((session_id, person))
        away = ticked is not None and not ticked.takes_part(number)
        return not away and (session_id, number, person) not in self.not_there


def by_session(held: list[Held]) -> dict[int, list[Held]]:
    """Return meetings by the row id of their session."""
    found: dict[int, list[Held]] = defaultdict(list)
    for one in held:
        found[one.session_id].append(one)
    return found
