"""What the desk reads: the sessions by day and how far each is, who is expected, who can meet nobody."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select

from webapp import bridge
from webapp.bridge import Expected
from webapp.db import db
from webapp.i18n import lazy_gettext as _
from webapp.models import Person, Plan, Rest, Seat, Session
from webapp.models.programme import HOSTED
from webapp.operations.meetings import contacts
from webapp.operations.plans import clock, planning, variants
from webapp.operations.plans.clock import ByProgramme, Position
from webapp.operations.plans.presence import attendance

WHY_NOBODY = {
    "alone": _("Nobody else is expected."),
    "away": _("Everybody else is away when this person is here."),
    "language": _("Nobody else speaks a language of this person."),
    "organisation": _("Everybody else works for the same organisation."),
    "language_or_organisation": _("Only colleagues speak a language of this person."),
    "rules": _("The rules of this session leave nobody to meet."),
}
WHY_NO_VISIT = {
    "away": _("Whoever is visited is away when this person is here."),
    "language": _("Nobody who is visited speaks a language of this person."),
    "organisation": _("Everybody who is visited works for the same organisation."),
    "language_or_organisation": _("Of those who are visited, only colleagues speak a language of this person."),
    "rules": _("The rules of this session leave nobody to visit."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A session of the list, with the letter of its published version and whether there is a draft."""

    session: Session
    letter: str
    draft: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How far a session is, as its desk shows it.

    `missing` and `unseated` are how many people the published version has at tables though they are not there, and how
    many have come for whom it has none; so many of the missing have `left`, by their own word. `position` is where the
    rounds stand, `over` whether they have been held, and `cards_until` until when all that cards say can be entered.
    """

    session: Session
    lonely: tuple[tuple[Person, str], ...]
    why_not: str
    draft: Plan | None
    published: Plan | None
    tried: Plan | None
    missing: int
    left: int
    unseated: int
    position: Position
    programme: ByProgramme | None
    over: bool
    cards_until: datetime | None

    @property
    def running(self) -> bool:
        """Whether the rounds have been started and are not over."""
        return clock.deciding(self.session, self.position.at) is not None and self.position.kind != "over"

    @property
    def has_run(self) -> bool:
        """Whether a round has run, so that there is something to say of it."""
        return self.published is not None and clock.has_run(self.session, 1, self.position.at)


def days() -> list[tuple[date, list[Line]]]:
    """Return all sessions by day, each with how far its plan is."""
    plans: dict[int, dict[str, Plan]] = {}
    for plan in db.session.scalars(select(Plan).where(Plan.state != "replaced", ~Plan.trial)):
        plans.setdefault(plan.session_id, {})[plan.state] = plan
    sessions = db.session.scalars(select(Session).order_by(Session.starts, Session.ends, Session.id))
    lines = [_line(session, plans.get(session.id, {})) for session in sessions]
    return [(day, list(own)) for day, own in groupby(lines, key=lambda line: line.session.starts.date())]


def room(session: Session, there: Expected, *, now: datetime) -> Room:
    """Return how far a session is at `now`: what stands in the way of planning, its plans, who can meet nobody."""
    why_not = planning.why_not(session, there)
    published = planning.find_plan(session.id, "published")
    missing, left, unseated = _out_of_step(published, there, clock.begun(session, now)) if published else (0, 0, 0)
    return Room(
        session=session,
        lonely=() if why_not else _lonely(session, there),
        why_not=why_not,
        draft=planning.find_plan(session.id, "draft"),
        published=published,
        tried=variants.find_trial(session.id),
        missing=missing,
        left=left,
        unseated=unseated,
        position=clock.position(session, now),
        programme=clock.by_programme(session, now) if published else None,
        over=published is not None and _over(session, published.rounds, now),
        cards_until=None if contacts.is_opened(session, now) else contacts.opens_at(session, now),
    )


def _over(session: Session, rounds: int, now: datetime) -> bool:
    """Whether the rounds have been held, by whoever started them or by the programme."""
    if clock.position(session, now).kind not in ("before", "over"):
        return False
    return clock.has_run(session, 1, now) and clock.is_over(session, rounds, now)


def _out_of_step(plan: Plan, there: Expected, begun: int) -> tuple[int, int, int]:
    """How many sit in rounds to come though they are away then, how many of these say so themselves, how many came."""
    away = {one.person.id: one.away for one in there}
    later = select(Seat.person_id, Seat.round_no).where(Seat.plan_id == plan.id, Seat.round_no > begun)
    gone = {row for row, number in db.session.execute(later) if row not in away or number in away[row]}
    known = set(db.session.scalars(select(Seat.person_id).where(Seat.plan_id == plan.id).distinct()))
    known |= set(db.session.scalars(select(Rest.person_id).where(Rest.plan_id == plan.id).distinct()))
    ticked = attendance(db.session(), plan.session_id)
    told = plan.quality.get("shares", {}) if plan.session.format == "clinics" else {}
    new = [
        one
        for one in there
        if one.person.id in ticked
        and one.person.id not in known
        and one.person.public_id not in told
        and any(number not in one.away for number in range(begun + 1, plan.rounds + 1))
    ]
    people = {one.person.id: one.person for one in there}
    said = {row for row, ticks in ticked.items() if ticks.withdrew} | {
        row for row, one in people.items() if one.left_at
    }
    return len(gone), len(gone & said), len(new)


def _line(session: Session, plans: dict[str, Plan]) -> Line:
    published = plans.get("published")
    return Line(session, published.letter if published else "", "draft" in plans)


def _lonely(session: Session, there: Expected) -> tuple[tuple[Person, str], ...]:
    found = bridge.lonely(bridge.problem_of(db.session(), session, there))
    words = WHY_NO_VISIT if session.format in HOSTED else WHY_NOBODY
    return tuple((one.person, str(words[found[one.person.id]])) for one in there if one.person.id in found)
