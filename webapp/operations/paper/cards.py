"""What stands on cards and lists: everybody of a version with all their rounds, and what every sheet shares."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.bridge import Expected
from webapp.db import db
from webapp.exchange.paper import CardPerson, SheetHead, Sitting
from webapp.i18n import LANGUAGES, force_locale, isolate, language_name, locale
from webapp.i18n import gettext as _
from webapp.models import Host, Interpreter, Meeting, Person, PersonLanguage, Plan, Rest, Seat, Session
from webapp.operations.door import ways_in
from webapp.operations.plans import clock, presence, talks
from webapp.operations.plans.presence import comes
from webapp.operations.words.titles import others, titled
from webapp.policy import shows

NOBODY: Mapping[int, int] = {}


def tables_of(plan: Plan) -> list[str]:
    """Return the tables that the plan uses, in walking order."""
    used = select(Meeting.table, Meeting.position).where(Meeting.plan_id == plan.id).distinct()
    return [name for name, _position in db.session.execute(used.order_by(Meeting.position, Meeting.table))]


def head_of(
    session: Session, plan: Plan | None, *, paper: str, printed: datetime, before: Plan | None = None
) -> SheetHead:
    """Return what every sheet shares; `printed` is a moment with a zone, `before` the version in people's hands."""
    event = session.event
    return SheetHead(
        event=event.title,
        session=titled(session.title),
        version=plan.version if plan else None,
        printed=printed.astimezone(event.zone).replace(second=0, microsecond=0),
        locale=str(locale()),
        paper=cast(Literal["a4", "letter"], paper),
        discreet=event.preset == "discreet",
        before=before.version if before else None,
        sessions=dict.fromkeys(LANGUAGES, session.title) | others(session.title),
    )


def bare(people: Iterable[Person]) -> list[CardPerson]:
    """Return people as lists name them, without their rounds."""
    return [_bare(person) for person in people]


def cards_of(
    plan: Plan,
    *,
    address: str | None = None,
    there: Expected | None = None,
    own: bool = False,
    gone: Mapping[int, int] = NOBODY,
) -> dict[int, CardPerson]:
    """Return everybody of the plan with all their rounds, by row id.

    Who is `gone` has no table from that round on and stands on nobody's card; the table stays on it, for whoever comes
    instead. `address` is where the code on a card leads; who is `there` is asked where it is left out. With `own`, each
    card is in the language its holder is most comfortable in, of those that paper speaks.
    """
    people = _people_of(plan, languages=own)
    tables = _tables(plan, gone)
    session = plan.session
    starts = clock.told_starts(session, plan.rounds)
    away = away_from(plan, people, there)

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

    def card(person: Person) -> CardPerson:
        language = own_language(person) if own else None
        with force_locale(language) if language else nullcontext():
            return replace(
                _bare(person),
                sittings=sittings(person.id),
                qr=_way_in(address, person, signs_in=shows("ways_in", to="card", preset=session.event.preset)),
                note=_("You are on the standby list: when a place falls free, we call you. Ask at the help point."),
                language=language,
            )

    return {person.id: card(person) for person in people.values()}


def own_language(person: Person | Host) -> str | None:
    """Return the language somebody is most comfortable in, of those that paper speaks; nothing where it speaks none."""
    codes = (language.code.replace("_", "-").partition("-")[0] for language in person.languages)
    return next((code for code in codes if code in LANGUAGES), None)


def _way_in(address: str | None, person: Person, *, signs_in: bool) -> str | None:
    """What the code on a card says: the page to open, and for a scanner at the desk the number beside it.

    In an open event the page signs its holder in after one press; in a discreet one it asks for the code of the slip,
    and the address holds no secret. The part after the sign never reaches the server.
    """
    if address is None:
        return None
    page = f"c/{ways_in.card_token(person)}" if signs_in else ""
    return f"{address}{page}#{person.number}"


def _bare(person: Person) -> CardPerson:
    return CardPerson(
        number=person.number,
        name=person.name,
        latin=person.latin or person.name,
        organisation=person.organisation.name if person.organisation else None,
        companion=person.companion,
    )


def _people_of(plan: Plan, *, languages: bool) -> dict[int, Person]:
    """Everybody with a table or a rest, and where a plan gives few a place, everybody it was made for."""
    options = [joinedload(Person.organisation), *([selectinload(Person.languages)] if languages else [])]
    seated = select(Seat.person_id).where(Seat.plan_id == plan.id)
    resting = select(Rest.person_id).where(Rest.plan_id == plan.id)
    wanted = select(Person).where(Person.id.in_(seated.union(resting)))
    found = set(db.session.scalars(wanted.options(*options)))
    if plan.session.format == "clinics":
        everybody = db.session.scalars(select(Person).options(*options))
        found |= {person for person in everybody if talks.is_planned(plan, person)}
    return {person.id: person for person in sorted(found, key=lambda one: one.id)}


def away_from(plan: Plan, people: Iterable[int], there: Expected | None = None) -> set[tuple[int, int]]:
    """Return who is away in which round: without a table and a rest.

    Visits leave no rests, so that there it is asked anew who is expected.
    """
    if plan.session.format == "clinics":
        expected = presence.expected(db.session(), plan.session) if there is None else there
        return {(one.person.id, number) for one in expected for number in one.away}
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
    spoken: Mapping[int, tuple[str, ...]]

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
            language_name(meeting.language) or self._through(person),
            host=host,
            presenter=presenter,
            interpreter=(self.interpreter.spelling or self.interpreter.name) if self.interpreter else None,
            to_tick=self._to_tick(person),
        )

    def _to_tick(self, person: int) -> bool:
        """Whether there is a participant with whom contacts may be exchanged: both have to know of each other."""
        if self.meeting.host is None:
            return len(self.seated) > 1
        known = self.host and shows("name", to="visited", preset=self.host.session.event.preset)
        return bool(known and self.host and self.host.person_id not in (None, person))

    def _through(self, person: int) -> str | None:
        """Return between which languages somebody is interpreted, theirs first; nothing where that is not known."""
        voice = {one.code for one in self.interpreter.languages} if self.interpreter else set()
        company = [self.spoken.get(one, ()) for one in self.seated if one != person]
        other = tuple(one.code for one in self.host.languages) if self.host else next(iter(company), ())
        ends = [next((code for code in own if code in voice), "") for own in (self.spoken.get(person, ()), other)]
        return " ↔ ".join(ends) if all(ends) and ends[0] != ends[1] else None

    def _visited(self) -> tuple[str | None, str | None]:
        """A specialist's name, or a tool and who shows it; nothing where they have gone since."""
        if self.host is None:
            return None, None
        if self.host.title and self.host.session.format == "stations":
            return titled(self.host.title), _as_met(self.host)
        return _as_met(self.host), None


def _tables(plan: Plan, gone: Mapping[int, int]) -> dict[tuple[int, int], _Held]:
    """The table of everybody in every round in which they have one, by whoever is still there."""
    meetings = db.session.scalars(select(Meeting).where(Meeting.plan_id == plan.id)).all()
    hosts = talks.hosts_of(meeting.host for meeting in meetings)
    interpreters = talks.interpreters_of(meeting.interpreter for meeting in meetings)
    seated: dict[int, list[int]] = defaultdict(list)
    rows = select(Seat.meeting_id, Seat.person_id).where(Seat.plan_id == plan.id).order_by(Seat.place)
    for meeting_id, person in db.session.execute(rows):
        seated[meeting_id].append(person)
    spoken = _spoken(plan) if interpreters else {}
    found: dict[tuple[int, int], _Held] = {}
    for meeting in meetings:
        company = tuple(one for one in seated[meeting.id] if comes(one, meeting.round_no, gone))
        host, interpreter = hosts.get(meeting.host or ""), interpreters.get(meeting.interpreter or "")
        if host is not None and not comes(host.person_id, meeting.round_no, gone):
            host = None
        held = _Held(meeting, company, host, interpreter, spoken)
        found |= {(person, meeting.round_no): held for person in company}
    return found


def _spoken(plan: Plan) -> dict[int, tuple[str, ...]]:
    """The languages of everybody with a seat at a table with an interpreter, the best first."""
    interpreted = (
        select(Seat.person_id)
        .join(Meeting, Meeting.id == Seat.meeting_id)
        .where(Meeting.plan_id == plan.id, Meeting.interpreter.is_not(None))
    )
    own = select(PersonLanguage).where(PersonLanguage.person_id.in_(interpreted)).order_by(PersonLanguage.position)
    found: dict[int, tuple[str, ...]] = {}
    for one in db.session.scalars(own):
        found[one.person_id] = (*found.get(one.person_id, ()), one.code)
    return found


def _as_met(one: Person | Host | Interpreter) -> str:
    """Return a name so that the card's holder can read and say it."""
    return f"{isolate(one.name)} {isolate(one.spelling)}" if one.spelling else one.name
