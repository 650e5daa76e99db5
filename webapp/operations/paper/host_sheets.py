"""What those who are visited get on paper: who comes to them, read from the published version alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.db import db
from webapp.exchange.host_sheets import HostSheet, Rotation, Turn, Visitor
from webapp.exchange.sheets import speaking
from webapp.i18n import gettext as _
from webapp.i18n import language_name
from webapp.models import Host, Interest, Interpreter, Meeting, Person, Plan, Question, Seat, Session, Table
from webapp.models.programme import HOSTED
from webapp.operations.paper.cards import own_language
from webapp.operations.plans import clock, presence
from webapp.operations.plans.presence import comes
from webapp.operations.plans.talks import interpreters_of
from webapp.operations.words.titles import titled
from webapp.policy import Field, shows

MOST_TOPICS = 3


def host_sheets(
    session: Session, plan: Plan | None, *, own: bool = False, gone: Mapping[int, int] | None = None
) -> list[HostSheet]:
    """Return everybody who is visited in the session, with who comes in which round of the version.

    A host who was removed since keeps a sheet without a name, for whoever stands in at the table; who is gone before
    the first round and whom nobody visits any more gets none. With `own`, each is in the language that the host is most
    comfortable in, of those that paper speaks. Who is `gone` is asked where it is left out.
    """
    return _Desk(session, plan, own=own, gone=gone).sheets() if session.format in HOSTED else []


def sheet_of(host: Host, plan: Plan) -> HostSheet:
    """Return the sheet of one who is visited in a version, and of nobody else."""
    return _Desk(host.session, plan).sheet(host)


def rotation(session: Session, plan: Plan | None) -> Rotation:
    """Return how people go round the session's tool tables."""
    rounds = plan.rounds if plan else session.rounds
    return Rotation(rounds, session.round_minutes, session.change_minutes, groups=session.move == "groups")


def beneath_signs(session: Session) -> dict[str, tuple[str, ...]]:
    """Return what stands under a table's name on its sign: the tool, who shows it, the zone.

    Signs are read by everybody who passes: in a discreet event they name nobody.
    """
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    named = shows("hosting", to="signs", preset=session.event.preset)
    if session.format == "stations":
        gone = presence.gone_from(db.session(), session)
        for host in session.hosts:
            name = (host.spelling or host.name) if named and host.person_id not in gone else ""
            found[host.table] = tuple(filter(None, (titled(host.title), name)))
    for table, zone in _zones(session).items():
        found[table] += (zone,)
    return dict(found)


def _zones(session: Session) -> dict[str, str]:
    rows = db.session.execute(select(Table.name, Table.zone).where(Table.session_id == session.id, Table.zone != ""))
    return {row.name: row.zone for row in rows}


class _Desk:
    """All meetings of a version by host and round, with what is needed to tell of the visitors."""

    def __init__(
        self, session: Session, plan: Plan | None, *, own: bool = False, gone: Mapping[int, int] | None = None
    ) -> None:
        self.session, self.rounds, self.own = session, plan.rounds if plan else session.rounds, own
        self.now = datetime.now(UTC)
        self.held: dict[str, dict[int, Meeting]] = defaultdict(dict)
        for meeting in _meetings(plan) if plan else ():
            self.held[meeting.host or ""][meeting.round_no] = meeting
        self.interpreters = interpreters_of(one.interpreter for own in self.held.values() for one in own.values())
        asked = select(Question.person_id, Question.text).where(Question.session_id == session.id)
        self.questions: Mapping[int, str] = {row.person_id: row.text for row in db.session.execute(asked)}
        titles = select(Interest.slug, Interest.title)
        self.titles: Mapping[str, str] = {row.slug: row.title for row in db.session.execute(titles)}
        self.zones = _zones(session)
        self.gone = presence.gone_from(db.session(), session) if gone is None else gone

    def sheets(self) -> list[HostSheet]:
        known = {host.public_id for host in self.session.hosts}
        gone = [public_id for public_id in self.held if public_id not in known]
        there = [host for host in self.session.hosts if host.gone_from != 1 or host.public_id in self.held]
        return [
            *(self._sheet(host, self.held.get(host.public_id, {})) for host in there),
            *(self._sheet(None, self.held[public_id]) for public_id in gone),
        ]

    def sheet(self, host: Host) -> HostSheet:
        return self._sheet(host, self.held.get(host.public_id, {}))

    def _sheet(self, host: Host | None, held: Mapping[int, Meeting]) -> HostSheet:
        language = _language_of(host) if host and self.own else None
        with speaking(language):
            return replace(self._spoken(host, held), language=language)

    def _spoken(self, host: Host | None, held: Mapping[int, Meeting]) -> HostSheet:
        table = next((meeting.table for meeting in held.values()), host.table if host else "")
        named = host if host and comes(host.person_id, 1, self.gone) else None
        return HostSheet(
            name=named.name if named else "",
            spelling=named.spelling if named else "",
            about=titled(host.title) if host else "",
            table=table,
            places=host.places if host else 0,
            turns=tuple(self._turn(host, number, held.get(number)) for number in range(1, self.rounds + 1)),
            zone=self.zones.get(table, ""),
            tool=self.session.format == "stations",
        )

    def _turn(self, host: Host | None, number: int, meeting: Meeting | None) -> Turn:
        session, at_venue = self.session, self.session.event.at_venue
        away = meeting is None and host is not None and number in host.missed_in(session)
        last = number == self.rounds
        visitors = self._visitors(meeting) if meeting else ()
        return Turn(
            round=number,
            starts=at_venue(clock.round_begins(session, number, self.now)),
            ends=at_venue(clock.round_over(session, number, self.now)),
            visitors=visitors,
            language=language_name(meeting.language) if meeting else "",
            interpreter=_voice(self.interpreters.get(meeting.interpreter or "")) if meeting else "",
            note="" if visitors else self._why_nobody(away=away),
            away=away,
            pause=session.break_minutes if number in session.break_after and not last else 0,
        )

    def _why_nobody(self, *, away: bool) -> str:
        if away:
            return _("You are away in this round.")
        if self.session.format == "clinics":
            return _("Free: somebody from the standby list may come.")
        return _("Nobody is planned for this round.")

    def _visitors(self, meeting: Meeting) -> tuple[Visitor, ...]:
        people = [seat.person for seat in meeting.seats if comes(seat.person_id, meeting.round_no, self.gone)]
        if self.session.format == "stations":
            people.sort(key=lambda one: one.sort_name)
        return tuple(self._visitor(person, meeting.reasons) for person in people)

    def _visitor(self, person: Person, reasons: Sequence[Mapping[str, object]]) -> Visitor:
        return Visitor(
            number=person.number,
            name=person.name,
            spelling=person.spelling,
            organisation=person.organisation.name if person.organisation and self._tells("organisation") else "",
            question=self.questions.get(person.id, "") if self._tells("questions") else "",
            topics=self._topics(person, reasons) if self._tells("topics") and person.shows_topics else (),
        )

    def _tells(self, field: Field) -> bool:
        return shows(field, to="hosts", preset=self.session.event.preset)

    def _topics(self, person: Person, reasons: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
        """The topics that the person seeks and the host is asked about; a host has no number in a reason."""
        found = [
            titled(self.titles.get(str(reason["topic"]), ""))
            for reason in reasons
            if reason["code"] == "offer_meets_need" and reason["taker"] == person.id and reason["giver"] is None
        ]
        return tuple(dict.fromkeys(filter(None, found)))[:MOST_TOPICS]


def _meetings(plan: Plan) -> Sequence[Meeting]:
    company = selectinload(Meeting.seats).joinedload(Seat.person).joinedload(Person.organisation)
    held = select(Meeting).where(Meeting.plan_id == plan.id, Meeting.host.is_not(None)).options(company)
    return db.session.scalars(held.order_by(Meeting.position, Meeting.round_no)).all()


def _language_of(host: Host) -> str | None:
    """The language of the participant that a host is, else the best one that they speak with visitors."""
    return (own_language(host.person) if host.person else None) or own_language(host)


def _voice(one: Interpreter | None) -> str:
    return (one.spelling or one.name) if one else ""
