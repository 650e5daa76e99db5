"""Who may come through which door: one literal table of routes, and pure predicates on rows.

A route that is not in the table is closed to everybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from webapp.models import Helper, Person, Screen, Session, Staff

Role = Literal["anonymous", "screen", "participant", "helper", "facilitator", "organiser", "safety"]

ANYONE: frozenset[Role] = frozenset(
    ("anonymous", "screen", "participant", "helper", "facilitator", "organiser", "safety")
)
PARTICIPANT: frozenset[Role] = frozenset(("participant",))
DOOR: frozenset[Role] = frozenset(("helper", "facilitator", "organiser"))
DESK: frozenset[Role] = frozenset(("facilitator", "organiser"))
OFFICE: frozenset[Role] = frozenset(("organiser",))
SAFETY: frozenset[Role] = frozenset(("safety",))
NOBODY_YET: frozenset[Role] = frozenset(("anonymous",))
KNOWN: frozenset[Role] = frozenset(("participant", "facilitator", "organiser", "safety"))
SHOWN: frozenset[Role] = frozenset(("screen", "facilitator", "organiser"))

ROUTES: dict[str, frozenset[Role]] = {
    "static": ANYONE,
    "public.welcome": ANYONE,
    "public.sign_in": ANYONE,
    "public.link": ANYONE,
    "public.use_link": ANYONE,
    "public.card": ANYONE,
    "public.use_card": ANYONE,
    "public.devices": KNOWN,
    "public.staff": ANYONE,
    "public.staff_sign_in": ANYONE,
    "public.helper": ANYONE,
    "public.come_by_code": ANYONE,
    "public.invited": ANYONE,
    "public.come_by_link": ANYONE,
    "public.again": ANYONE,
    "public.sign_out": ANYONE,
    "public.exit": ANYONE,
    "public.language": ANYONE,
    "public.healthz": ANYONE,
    "public.robots": ANYONE,
    "participant.rounds": PARTICIPANT,
    "participant.news": PARTICIPANT,
    "participant.calendar": PARTICIPANT,
    "participant.keep": PARTICIPANT,
    "participant.profile": PARTICIPANT,
    "participant.topics": PARTICIPANT,
    "participant.meeting": PARTICIPANT,
    "participant.preview": PARTICIPANT,
    "participant.who_sees": PARTICIPANT,
    "participant.leaving": PARTICIPANT,
    "participant.withdraw": PARTICIPANT,
    "participant.leave": PARTICIPANT,
    "participant.delete": PARTICIPANT,
    "participant.held": PARTICIPANT,
    "participant.held_json": PARTICIPANT,
    "participant.held_text": PARTICIPANT,
    "participant.visitors": PARTICIPANT,
    "participant.feedback": PARTICIPANT,
    "participant.exchange": PARTICIPANT,
    "participant.contacts": PARTICIPANT,
    "participant.contact_cards": PARTICIPANT,
    "participant.contact_lines": PARTICIPANT,
    "participant.all_specialists": PARTICIPANT,
    "participant.specialists": PARTICIPANT,
    "participant.wish": PARTICIPANT,
    "participant.ask": PARTICIPANT,
    "participant.place": PARTICIPANT,
    "tick.page": DOOR,
    "tick.here": DOOR,
    "tick.scan": DOOR,
    "tick.undo": DOOR,
    "facilitator.today": DESK,
    "keeping.back_up": DESK,
    "keeping.guide": DESK,
    "keeping.confirm": DESK,
    "facilitator.session": DESK,
    "facilitator.counts": DESK,
    "facilitator.news": DESK,
    "facilitator.tick": DESK,
    "facilitator.scan": DESK,
    "facilitator.undo": DESK,
    "facilitator.guest": DESK,
    "facilitator.lost_slip": DESK,
    "facilitator.set_rounds": DESK,
    "facilitator.organisations": DESK,
    "facilitator.all_here": DESK,
    "facilitator.missing": DESK,
    "facilitator.all_absent": DESK,
    "facilitator.walk_in": DESK,
    "facilitator.instead": DESK,
    "facilitator.take_over": DESK,
    "facilitator.plan": DESK,
    "facilitator.job": DESK,
    "facilitator.stop": DESK,
    "facilitator.draft": DESK,
    "facilitator.published": DESK,
    "facilitator.drawing": DESK,
    "facilitator.publish": DESK,
    "facilitator.discard": DESK,
    "facilitator.rules": DESK,
    "facilitator.compare": DESK,
    "facilitator.take": DESK,
    "facilitator.leave": DESK,
    "facilitator.meetings": DESK,
    "facilitator.lock": DESK,
    "facilitator.unlock": DESK,
    "facilitator.swap": DESK,
    "facilitator.move": DESK,
    "facilitator.repair": DESK,
    "facilitator.publish_repair": DESK,
    "facilitator.plan_anew": DESK,
    "facilitator.undo_version": DESK,
    "facilitator.gone": DESK,
    "facilitator.say_gone": DESK,
    "facilitator.leaves": DESK,
    "facilitator.help_point": DESK,
    "facilitator.undo_help": DESK,
    "facilitator.standby": DESK,
    "facilitator.stand_by": DESK,
    "facilitator.feedback": DESK,
    "facilitator.prints": DESK,
    "facilitator.sheet": DESK,
    "facilitator.helpers": DESK,
    "facilitator.let_in": DESK,
    "facilitator.end_helper": DESK,
    "facilitator.end_helpers": DESK,
    "facilitator.run": DESK,
    "facilitator.press": DESK,
    "facilitator.start_late": DESK,
    "facilitator.pair": DESK,
    "facilitator.unpair": DESK,
    "screen.door": NOBODY_YET | SHOWN,
    "screen.ask": NOBODY_YET,
    "screen.show": NOBODY_YET | SHOWN,
    "screen.state": SHOWN,
    "safety.entries": SAFETY,
    "safety.entry": SAFETY,
    "safety.settle": SAFETY,
    "safety.set_aside": SAFETY,
    "safety.keep_apart": SAFETY,
    "safety.take_back": SAFETY,
    "organiser.checklist": OFFICE,
    "organiser.event": OFFICE,
    "organiser.delete_everything": OFFICE,
    "organiser.receipt": OFFICE,
    "organiser.receipt_file": OFFICE,
    "organiser.sessions": OFFICE,
    "organiser.new_session": OFFICE,
    "organiser.session": OFFICE,
    "organiser.remove_session": OFFICE,
    "organiser.tables": OFFICE,
    "organiser.hosts": OFFICE,
    "organiser.new_host": OFFICE,
    "organiser.host": OFFICE,
    "organiser.remove_host": OFFICE,
    "organiser.interpreters": OFFICE,
    "organiser.new_interpreter": OFFICE,
    "organiser.interpreter": OFFICE,
    "organiser.remove_interpreter": OFFICE,
    "organiser.interests": OFFICE,
    "organiser.interest": OFFICE,
    "organiser.retire_interest": OFFICE,
    "organiser.remove_interest": OFFICE,
    "organiser.regions": OFFICE,
    "organiser.region": OFFICE,
    "organiser.people": OFFICE,
    "organiser.new_person": OFFICE,
    "organiser.paper_form": OFFICE,
    "organiser.blank_form": OFFICE,
    "organiser.person": OFFICE,
    "organiser.issue_code": OFFICE,
    "organiser.take_back": OFFICE,
    "organiser.take_all_back": OFFICE,
    "organiser.ways_in": OFFICE,
    "organiser.slips": OFFICE,
    "organiser.links": OFFICE,
    "organiser.remove_person": OFFICE,
    "organiser.imports": OFFICE,
    "organiser.import_event": OFFICE,
    "organiser.import_columns": OFFICE,
    "organiser.import_characters": OFFICE,
    "organiser.import_preview": OFFICE,
    "organiser.cancel_import": OFFICE,
    "organiser.exports": OFFICE,
    "organiser.numbers": OFFICE,
    "organiser.export": OFFICE,
    "organiser.take_out": OFFICE,
    "organiser.take_out_of": OFFICE,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: one of `person`, `staff`, `helper` and `screen` is set, or none for somebody not signed in."""

    person: Person | None = None
    staff: Staff | None = None
    helper: Helper | None = None
    screen: Screen | None = None

    @property
    def role(self) -> Role:
        """The role that the table of routes speaks of."""
        if self.staff is not None:
            known: dict[str, Role] = {"organiser": "organiser", "safety": "safety"}
            return known.get(self.staff.role, "facilitator")
        if self.helper is not None:
            return "helper"
        if self.screen is not None:
            return "screen"
        return "participant" if self.person is not None else "anonymous"

    @property
    def name(self) -> str:
        """How the journal names the actor: staff by account, helpers by name, participants by event number."""
        known = self.staff or self.helper
        if known is not None:
            return known.name
        return self.person.number if self.person is not None else ""


NOBODY = Actor()


def may_use(actor: Actor, endpoint: str | None) -> bool:
    """Return whether the actor may come through the door named `endpoint`."""
    return actor.role in ROUTES.get(endpoint or "", frozenset())


def helps_in(actor: Actor, session: Session) -> bool:
    """Return whether the actor is a helper of this session; helpers belong to one session and to no other."""
    return actor.helper is not None and actor.helper.session_id == session.id


def may_attend(person: Person, session: Session) -> bool:
    """Return whether the session's audience takes this person in."""
    if session.audience == "members":
        return person.role == "member"
    if session.audience == "region":
        return any(region.id == session.audience_region_id for region in person.regions)
    return True


def is_there(person: Person, starts: datetime, ends: datetime) -> bool:
    """Return whether no absence of the person overlaps the span (wall clock of the venue), and they have not left."""
    if person.left_at is not None and person.left_at <= starts:
        return False
    return not any(absence.starts < ends and starts < absence.ends for absence in person.absences)


def audience_of(session: Session, people: Iterable[Person]) -> list[Person]:
    """Return those whom the session's audience takes in, in the given order."""
    return [person for person in people if may_attend(person, session)]
