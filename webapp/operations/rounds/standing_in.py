"""Somebody comes instead of somebody else: takes over the seats, never the profile, and every rule is checked anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.access import Actor, may_attend
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models import Attendance, Meeting, Person, Plan, Seat, Session
from webapp.operations.plans import backups, objections, planning
from webapp.operations.plans.clock import begun
from webapp.operations.plans.objections import Told
from webapp.operations.plans.presence import expected
from webapp.operations.rounds import floor, walk_ins
from webapp.operations.rounds.walk_ins import WalkIn


@dataclass(frozen=True, slots=True)
class Instead:
    """What came of it: the new version's letter where it was published, the rounds whose seats are taken over, and
    what stands against the others, by round; and who came, by number."""

    letter: str = ""
    rounds: tuple[int, ...] = ()
    against: Mapping[int, tuple[Told, ...]] = field(default_factory=dict)
    number: str = ""


class _Against(Exception):
    """Something stands against it, so nothing is stored."""

    def __init__(self, found: Instead) -> None:
        super().__init__()
        self.found = found


def take_over(
    session_id: int, public_id: str, instead_of: str, *, sure: bool = False, by: Actor, now: datetime
) -> Instead:
    """Give somebody the seats of another in all rounds that have not begun, and publish that as the next version.

    Who goes is ticked as absent, who comes as here. Where a rule stands against a seat nothing is done; `sure` has been
    told so, and both the stand-in and whoever is left alone at that table are free in that round.
    """
    return _done(
        session_id, lambda rows, session: _person(rows, session, public_id), instead_of, sure=sure, by=by, now=now
    )


def bring(
    session_id: int,
    values: WalkIn,
    instead_of: str,
    *,
    known: bool = False,
    sure: bool = False,
    by: Actor,
    now: datetime,
) -> Instead:
    """Add somebody who is not on the list and give them the seats of another, both or neither.

    `known` has been told that somebody of that name and organisation is there; the rest is as in `take_over`.
    """
    return _done(
        session_id,
        lambda rows, session: walk_ins.enter(rows, session, values, sure=known, by=by, now=now),
        instead_of,
        sure=sure,
        by=by,
        now=now,
    )


def _done(
    session_id: int,
    comes: Callable[[Rows, Session], Person],
    instead_of: str,
    *,
    sure: bool,
    by: Actor,
    now: datetime,
) -> Instead:
    planning.must_be_staff(by)
    try:
        with transaction() as rows:
            session = rows.get(Session, session_id)
            if session is None:
                raise NotFound
            pair = comes(rows, session), _person(rows, session, instead_of)
            done = _taken_over(rows, session, pair, sure=sure, by=by, now=now)
    except _Against as refusal:
        return refusal.found
    backups.leave_if_set_up()
    return done


def _taken_over(
    rows: Rows, session: Session, pair: tuple[Person, Person], *, sure: bool, by: Actor, now: datetime
) -> Instead:
    who, gone = pair
    running = begun(session, now)
    plan = _published(rows, session)
    _refuse_seats(rows, plan, pair, running)
    _write(rows, session, pair, by=by, now=now)
    relief = bridge.relieved(rows, plan, expected(rows, session), (who.id, gone.id), after=running)
    against = {number: objections.told(rows, session, found) for number, found in relief.against.items()}
    if against and (not sure or not relief.rounds):
        raise _Against(Instead("", relief.rounds if relief.made else (), against, who.number))
    if relief.made is None:
        raise NotNow(
            _(
                "Version %(letter)s does not suit the people and rules of now. Repair it or plan again first; then "
                "let somebody come instead.",
                letter=plan.letter,
            )
        )
    issued = planning.reissue(rows, session, relief.made, by, open_from=running + 1)
    return Instead(issued.letter, relief.rounds, against, who.number)


def seats_left(session: Session, now: datetime) -> dict[int, int]:
    """Return how many seats people have in rounds that have not begun, by row id; of the published version."""
    plan = planning.find_plan(session.id, "published")
    if plan is None:
        return {}
    found: dict[int, int] = {}
    later = select(Seat.person_id).where(Seat.plan_id == plan.id, Seat.round_no > begun(session, now))
    for row in db.session.scalars(later):
        found[row] = found.get(row, 0) + 1
    return found


def _person(rows: Rows, session: Session, public_id: str) -> Person:
    person = rows.scalar(select(Person).where(Person.public_id == public_id))
    if person is None or not may_attend(person, session):
        raise NotFound
    return person


def _published(rows: Rows, session: Session) -> Plan:
    plan = rows.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
    if plan is None:
        raise NotNow(
            _("Nothing is published yet, so there are no seats to take over. Tick who has come, and who has not.")
        )
    planning.load_whole(rows, plan)
    return plan


def _refuse_seats(rows: Rows, plan: Plan, pair: tuple[Person, Person], running: int) -> None:
    """Refuse who comes and has seats, and who goes and has none."""
    who, gone = pair
    later = select(Seat.person_id).join(Meeting, Meeting.id == Seat.meeting_id)
    seated = set(rows.scalars(later.where(Meeting.plan_id == plan.id, Meeting.round_no > running)))
    if who.id == gone.id or who.id in seated:
        raise BadInput(_("%(name)s has seats in this version already.", name=isolate(who.name)))
    if gone.id not in seated:
        raise BadInput(_("%(name)s has no seat that could be taken over.", name=isolate(gone.name)))


def _write(rows: Rows, session: Session, pair: tuple[Person, Person], *, by: Actor, now: datetime) -> None:
    who, gone = pair
    floor.write(rows, session, [gone], "absent", by=by, now=now)
    mark = floor.Mark("here", begun(session, now) + 1)
    floor.write(rows, session, [who], "here", by=by, given=mark, now=now)
    row = rows.get(Attendance, (session.id, who.id))
    assert row is not None
    row.instead_of_id = gone.id
    rows.flush()
