"""After a meeting: would the two exchange contacts? Asked in private, opened for all together, shown if both would.

Before the answers of a session are opened nothing here reads what anybody else has said. From then on a contact is
shown where both said yes, both were there and both have written how to reach them; all else is the same silence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange.letters import strange_character
from webapp.i18n import gettext as _
from webapp.i18n import show_time
from webapp.models import Contact, ContactAnswer, Event, Person, Session
from webapp.models.contacts import REACH_LENGTH
from webapp.operations.meetings.encounters import Met, Presence, met_by
from webapp.operations.plans import clock
from webapp.policy import shows
from webapp.sealing import seal

TO_ANSWER = timedelta(hours=2)
QUARTER = timedelta(minutes=15)
MOST_LINES = 6
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody with whom the reader may exchange contacts; `said` is the reader's own answer, None before there is one.

    `handle` names the two of them in one session, and says nothing to anybody else.
    """

    handle: str
    name: str
    spelling: str
    said: bool | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the reader is asked in one session, by round; the answers open at `opens`, on the venue's clock.

    `reachable`: the reader has written how to reach them.
    """

    opens: datetime
    opened: bool
    reachable: bool
    offers: Mapping[int, Sequence[Offer]] = field(default_factory=dict)

    def after(self, number: int) -> Sequence[Offer]:
        """With whom the reader may exchange contacts after round `number`; with nobody once the answers are opened."""
        return () if self.opened else self.offers.get(number, ())

    def unasked(self, number: int) -> bool:
        """Whether an answer of the reader's own is missing there."""
        return any(one.said is None for one in self.after(number))


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Somebody who has exchanged contacts with the reader, with the rounds in which they met, by session."""

    name: str
    spelling: str
    lines: tuple[str, ...]
    rounds: tuple[tuple[Session, tuple[int, ...]], ...]


def opens_at(session: Session, now: datetime) -> datetime:
    """Return when the answers of a session are opened: two hours after it, at a full quarter of an hour."""
    over = max(session.ends, clock.round_over(session, max(session.rounds, 1), now)) + TO_ANSWER
    midnight = over.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -((midnight - over) // QUARTER) * QUARTER


def is_opened(session: Session, now: datetime) -> bool:
    """Return whether the answers of a session are opened, and can be changed no more."""
    return opens_at(session, now) <= now.astimezone(session.event.zone).replace(tzinfo=None)


def exchanges(person: Person, event: Event, held: Iterable[Session], *, now: datetime) -> dict[int, Exchange]:
    """Return what the person is asked after their meetings in the sessions `held`, by the row id of the session."""
    rows, sessions = db.session(), {one.id: one for one in held}
    offers = _offers(rows, person, event, sessions.values(), now=now)
    reachable = bool(offers) and person.contact is not None
    return {
        key: Exchange(opens_at(sessions[key], now), is_opened(sessions[key], now), reachable, by_round)
        for key, by_round in offers.items()
    }


def exchanged(person: Person, event: Event, *, now: datetime) -> list[Exchanged]:
    """Return who has exchanged contacts with the person, by name; before the answers are opened nobody."""
    rows = db.session()
    opened = {key: one for key, one in _sessions(rows).items() if is_opened(one, now)}
    met = met_by(rows, person, event, opened.values(), now=now)
    mutual = _mutual(rows, person, met) if shows("contact", to="exchanged", preset=event.preset) else {}
    found = []
    for (reached, name, spelling), meetings in mutual.items():
        rounds: dict[int, list[int]] = defaultdict(list)
        for one in meetings:
            rounds[one.session_id].append(one.number)
        places = tuple((opened[key], tuple(sorted(set(numbers)))) for key, numbers in sorted(rounds.items()))
        found.append(Exchanged(name, spelling, tuple(reached.text.splitlines()), places))
    return sorted(found, key=lambda one: (one.spelling or one.name).casefold())


def answer(slug: str, handle: str, *, said: str, by: Actor, now: datetime) -> None:
    """Note whether the actor would exchange contacts with somebody they met; the last word counts, until all opens."""
    if by.person is None:
        raise NotFound
    with transaction() as rows:
        session, event = rows.scalar(select(Session).where(Session.slug == slug)), rows.get(Event, 1)
        person = rows.get(Person, by.person.id)
        if session is None or event is None or person is None:
            raise NotFound
        met = _asked(rows, person, met_by(rows, person, event, [session], now=now))
        if not met:
            raise NotFound
        must_be_open(session, now)
        partner = next((one.person_id for one in met if _handle(person, one, session) == handle), None)
        if partner is None or said not in ANSWERS:
            raise NotFound
        key = {"session_id": session.id, "person_id": person.id, "partner_id": partner}
        rows.merge(ContactAnswer(**key, yes=ANSWERS[said], by_card=False))


def must_be_open(session: Session, now: datetime) -> None:
    """Refuse an answer that comes once all are opened."""
    if is_opened(session, now):
        time = show_time(opens_at(session, now))
        raise NotNow(_("The answers were opened at %(time)s; they can be changed no more.", time=time))


# --- from a card ------------------------------------------------------------------------------------------------------


def note_card(rows: Rows, session: Session, person: Person, rounds: Iterable[int], *, now: datetime) -> None:
    """Store a yes for whom the person met in the rounds that are ticked on their card, in place of an earlier entry.

    What they have said on a phone stands.
    """
    event, ticked = rows.get_one(Event, 1), set(rounds)
    own = (ContactAnswer.session_id == session.id, ContactAnswer.person_id == person.id)
    rows.execute(delete(ContactAnswer).where(*own, ContactAnswer.by_card))
    by_phone = set(rows.scalars(select(ContactAnswer.partner_id).where(*own)))
    met = _asked(rows, person, met_by(rows, person, event, [session], now=now))
    for partner in {one.person_id for one in met if one.number in ticked} - by_phone:
        rows.add(ContactAnswer(session_id=session.id, person_id=person.id, partner_id=partner, yes=True, by_card=True))


def note_reach(rows: Rows, person: Person, typed: str) -> None:
    """Store how somebody without a phone is reached, as it stands on their card; what they typed themselves stands."""
    text = in_lines(typed)
    strange = strange_character(text, lines=True)
    if strange is not None or len(text) > REACH_LENGTH or text.count("\n") >= MOST_LINES:
        raise BadInput(_("Use at most %(most)d lines, %(length)d characters in all, and nothing invisible.",
                         most=MOST_LINES, length=REACH_LENGTH), "reach")  # fmt: skip
    own = rows.get(Contact, person.id)
    if text and (own is None or own.by_desk):
        rows.merge(Contact(person_id=person.id, text=text, by_desk=True))


def in_lines(typed: str | None) -> str:
    """Return what was typed line by line, without blanks around lines and without empty ones."""
    return "\n".join(line for line in (" ".join(one.split()) for one in (typed or "").splitlines()) if line)


# --- who has met whom, and said what ----------------------------------------------------------------------------------


def _sessions(rows: Rows) -> dict[int, Session]:
    timed = select(Session).where(Session.format != "plain").order_by(Session.starts, Session.title)
    return {one.id: one for one in rows.scalars(timed)}


def _handle(person: Person, met: Met, session: Session) -> str:
    return seal("exchange", person.public_id, met.public_id, session.slug)


def _asked(rows: Rows, person: Person, met: Sequence[Met]) -> list[Met]:
    """Of whom somebody has met, those of rounds in which they were there themselves."""
    present = Presence(rows, {person.id}) if met else None
    return [one for one in met if present and present.was(person.id, one.session_id, one.number)]


def _offers(
    rows: Rows, person: Person, event: Event, sessions: Iterable[Session], *, now: datetime
) -> dict[int, dict[int, list[Offer]]]:
    known = {one.id: one for one in sessions}
    met = _asked(rows, person, met_by(rows, person, event, known.values(), now=now))
    own = select(ContactAnswer).where(ContactAnswer.person_id == person.id)
    said = {(one.session_id, one.partner_id): one.yes for one in rows.scalars(own)} if met else {}
    found: dict[int, dict[int, list[Offer]]] = {}
    for one in met:
        handle = _handle(person, one, known[one.session_id])
        offer = Offer(handle, one.name, one.spelling, said.get((one.session_id, one.person_id)))
        found.setdefault(one.session_id, {}).setdefault(one.number, []).append(offer)
    return found


def _mutual(rows: Rows, person: Person, met: Sequence[Met]) -> dict[tuple[Contact, str, str], list[Met]]:
    """How those are reached with whom the answer is yes on both sides; asked alike, whatever the others have said.

    Whoever is met under two names stands there twice: that they are one is for them to tell.
    """
    own = select(ContactAnswer).where(ContactAnswer.person_id == person.id, ContactAnswer.yes)
    mine = {(one.session_id, one.partner_id) for one in rows.scalars(own)}
    theirs = select(ContactAnswer).where(ContactAnswer.partner_id == person.id, ContactAnswer.yes)
    both = mine & {(one.session_id, one.person_id) for one in rows.scalars(theirs)}
    wanted = {person.id, *(partner for _session, partner in mine)}
    present = Presence(rows, wanted)
    reached = {one.person_id: one for one in rows.scalars(select(Contact).where(Contact.person_id.in_(wanted)))}
    meetings: dict[tuple[int, int], list[Met]] = defaultdict(list)
    for one in met:
        meetings[one.session_id, one.person_id].append(one)
    found: dict[tuple[Contact, str, str], list[Met]] = defaultdict(list)
    for (session_id, partner), held in meetings.items():
        both_there = any(all(present.was(who, session_id, one.number) for who in (person.id, partner)) for one in held)
        written = person.id in reached and partner in reached
        if (session_id, partner) in both and both_there and written:
            for one in held:
                found[reached[partner], one.name, one.spelling].append(one)
    return found
