"""What somebody keeps of their meetings: how they are reached, notes for themselves, and who exchanged contacts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.exchange.vcard import Reached
from webapp.models import Contact, MeetingNote, Person
from webapp.operations.meetings import contacts
from webapp.operations.meetings.contacts import Exchanged
from webapp.operations.mine import schedule
from webapp.operations.mine.schedule import Timed
from webapp.operations.plans import clock
from webapp.operations.plans.talks import Round
from webapp.operations.profile import profiles

NoteKey = tuple[int, int]
"""The row id of a session, and a round of it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How to reach somebody, and what they noted of their meetings, by session and round."""

    reach: str = ""
    notes: tuple[tuple[NoteKey, str], ...] = ()

    @classmethod
    def of(cls, person: Person) -> Self:
        """Read the part."""
        notes = sorted(((one.session_id, one.round_no), one.text) for one in person.notes)
        return cls(person.contact.text if person.contact else "", tuple(notes))

    def write(self, rows: Rows, person: Person) -> None:
        """Write the part; what is empty is gone."""
        now = type(self).of(person)
        if self.reach != now.reach:
            person.contact = None
            rows.flush()
            person.contact = Contact(text=self.reach) if self.reach else None
        told = dict(self.notes)
        person.notes = [one for one in person.notes if (one.session_id, one.round_no) in told]
        known = {(one.session_id, one.round_no): one for one in person.notes}
        for (session_id, number), text in told.items():
            if (session_id, number) in known:
                known[session_id, number].text = text
            else:
                person.notes.append(MeetingNote(session_id=session_id, round_no=number, text=text))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page is about: sessions with the meetings that were held, and with whom contacts were exchanged."""

    sessions: tuple[tuple[Timed, tuple[Round, ...]], ...]
    exchanged: tuple[Exchanged, ...]

    @property
    def waiting(self) -> list[Timed]:
        """The sessions whose answers are still to be opened."""
        return [one for one, _held in self.sessions if one.exchange and not one.exchange.opened]

    @property
    def opened(self) -> list[Timed]:
        """The sessions whose answers are opened."""
        return [one for one, _held in self.sessions if one.exchange and one.exchange.opened]


def open_contacts(by: Actor, *, now: datetime) -> tuple[profiles.Opened[Kept], Choices]:
    """Return what the actor has written, and what their page of contacts shows."""
    event, person = profiles.who_asks(by)
    timed = schedule.rounds_of(by, now=now, asking=True).timed
    held = ((one, tuple(r for r in one.talks if clock.has_run(one.session, r.number, now))) for one in timed)
    sessions = tuple((one, rounds) for one, rounds in held if rounds or one.exchange)
    choices = Choices(sessions, tuple(contacts.exchanged(person, event, now=now)))
    return profiles.opened(event, person, Kept.of(person)), choices


def reached(by: Actor, *, now: datetime) -> list[Reached]:
    """Return how those are reached who have exchanged contacts with the actor."""
    event, person = profiles.who_asks(by)
    found = contacts.exchanged(person, event, now=now)
    return [Reached(f"{one.name} ({one.spelling})" if one.spelling else one.name, one.lines) for one in found]
