"""What people say of a meeting: it was useful, it was not, or they did not meet; on their phone, or by their card.

Nobody is shown what somebody else has said: it is counted, and it goes with the person.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.access import DESK, Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Feedback, HelpPlace, Host, Meeting, Person, Plan, Seat, Session
from webapp.models.floor import ANSWERS
from webapp.operations.guests.finding import number_in
from webapp.operations.meetings import contacts
from webapp.operations.plans import clock

MOST_CHANGES, MOST_NAMED = 40, 9
USEFUL, NOT_USEFUL, NOT_MET = ANSWERS
NONE = frozenset("0-–—")


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody whose card is entered: the rounds that have run and in which they had a meeting."""

    person: Person
    rounds: tuple[int, ...]


def said_by(person: Person) -> Mapping[tuple[int, int], str]:
    """Return what the person has said, by session and round."""
    rows = db.session.scalars(select(Feedback).where(Feedback.person_id == person.id))
    return {(row.session_id, row.round_no): row.kind for row in rows}


def say(slug: str, number: int, kind: str, *, by: Actor, now: datetime) -> None:
    """Note what the actor says of their own meeting in a round that has run; the last word counts.

    The same word again changes nothing; one cannot change one's mind for ever.
    """
    if by.person is None or kind not in ANSWERS:
        raise NotFound
    with transaction() as rows:
        session = rows.scalar(select(Session).where(Session.slug == slug))
        person = rows.get(Person, by.person.id)
        if session is None or person is None or number not in _rounds_of(rows, session, person):
            raise NotFound
        if not clock.has_run(session, number, now):
            raise NotNow(_("This round has not been held yet. Come back afterwards."))
        _note(rows, (session.id, number, person.id), kind)


def card_of(session: Session, typed: str, *, by: Actor, now: datetime) -> Card:
    """Return whose card it is by the event number that was typed or scanned."""
    if by.role not in DESK:
        raise NotFound
    person = db.session.scalar(select(Person).where(Person.number == number_in(typed)))
    rounds = () if person is None else _held(db.session(), session, person, now)
    if person is None or not rounds:
        raise BadInput(_("Nobody with this number had a meeting in a round that has run. Look once more."), "number")
    return Card(person, rounds)


@dataclass(frozen=True, slots=True)
class Typed:
    """A card as it was typed: the rounds in its lines, with ticks for contacts, and how its holder is reached."""

    useful: str = ""
    missed: str = ""
    ticked: str = ""
    reach: str = ""


def enter(session: Session, number: str, typed: Typed, *, by: Actor, now: datetime) -> dict[int, str]:
    """Store what a card says in place of what was stored; rounds that it does not name were not useful.

    Return what is stored now, by round. A tick for contacts is refused once the answers are opened.
    """
    card = card_of(session, number, by=by, now=now)
    good, gone, ticked = _read(typed, card.rounds)
    if ticked:
        contacts.must_be_open(session, now)
    told = {n: USEFUL if n in good else NOT_MET if n in gone else NOT_USEFUL for n in card.rounds}
    with transaction() as rows:
        person = rows.get(Person, card.person.id)
        if person is None:
            raise NotFound
        for held, kind in told.items():
            _note(rows, (session.id, held, person.id), kind, forever=True)
        rows.flush()
        if not contacts.is_opened(session, now):
            contacts.note_card(rows, session, person, ticked, now=now)
        if typed.reach:
            contacts.note_reach(rows, person, typed.reach)
    return told


def _read(typed: Typed, rounds: Collection[int]) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """The rounds that were useful, those without a meeting, and those that are ticked for contacts."""
    good, gone = read_rounds(typed.useful, rounds, "useful"), read_rounds(typed.missed, rounds, "missed")
    ticked = read_rounds(typed.ticked, rounds, "ticked")
    if good & gone:
        raise BadInput(_("Round %(number)s is in both lines.", number=_listed(good & gone)), "missed")
    if not typed.useful.strip() and not gone:
        raise BadInput(_("Type the rounds that are circled, or 0 for none."), "useful")
    if ticked & gone:
        raise BadInput(_("Round %(number)s is in both lines.", number=_listed(ticked & gone)), "ticked")
    return good, gone, ticked


def _listed(rounds: Collection[int]) -> str:
    return _(", ").join(map(str, sorted(rounds)))


def read_rounds(typed: str, known: Collection[int], field: str) -> frozenset[int]:
    """Read `1 3 5`, in digits of any script; nothing and 0 are none. Refused where no meeting was in the round."""
    text = "".join(str(unicodedata.digit(c, c)) for c in unicodedata.normalize("NFKC", typed)).strip()
    if not text or text in NONE:
        return frozenset()
    parts = [part for part in re.split(r"[\s,;.،؛、]+", text) if part]
    wrong = [
        part for part in parts if not (part.isascii() and part.isdecimal() and len(part) <= 3 and int(part) in known)
    ]
    if wrong:
        named = _(", ").join(dict.fromkeys(part[:9] for part in wrong[:MOST_NAMED]))
        raise BadInput(
            _("No meeting in round %(number)s. There were: %(held)s.", number=named, held=_listed(known)), field
        )
    return frozenset(map(int, parts))


def _note(rows: Rows, key: tuple[int, int, int], kind: str, *, forever: bool = False) -> None:
    row = rows.get(Feedback, key)
    if row is None:
        rows.add(Feedback(session_id=key[0], round_no=key[1], person_id=key[2], kind=kind))
    elif row.kind != kind:
        if row.changes >= MOST_CHANGES and not forever:
            raise NotNow(_("You have changed this many times. It stays as it is; ask at the desk to change it."))
        row.kind, row.changes = kind, row.changes + 1


def _held(rows: Rows, session: Session, person: Person, now: datetime) -> tuple[int, ...]:
    return tuple(n for n in sorted(_rounds_of(rows, session, person)) if clock.has_run(session, n, now))


def _rounds_of(rows: Rows, session: Session, person: Person) -> frozenset[int]:
    """The rounds in which the person has a meeting: by the published version, as host, or by the help point."""
    own = Plan.session_id == session.id, Plan.state == "published"
    seated = select(Meeting.round_no).join(Meeting.plan).join(Meeting.seats).where(*own, Seat.person_id == person.id)
    visited = (
        select(Meeting.round_no)
        .join(Meeting.plan)
        .join(Host, Host.public_id == Meeting.host)
        .where(*own, Host.person_id == person.id, Meeting.seats.any())
    )
    helped = select(HelpPlace.round_no).where(
        HelpPlace.session_id == session.id, HelpPlace.person_id == person.id, HelpPlace.kind != "staff"
    )
    return frozenset(rows.scalars(seated.union(visited, helped)))
