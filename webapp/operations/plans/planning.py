"""Plans: made as a draft, published as the next version, or thrown away."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp import bridge
from webapp.access import DESK, Actor
from webapp.bridge import Answer, Expected, Problem, Progress, Rules
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow, Refused
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.models import Meeting, Plan, Seat, Session
from webapp.models.people import utc_now
from webapp.models.programme import HOSTED
from webapp.operations.guests import apart
from webapp.operations.plans import backups
from webapp.operations.plans.clock import begun
from webapp.operations.plans.presence import expected

TRIES = 3
CHANGED = lazy_gettext("People, tables or rules have changed since this draft was made. Plan again, then publish.")


def find_session(slug: str) -> Session:
    """Return the session at this address."""
    session = db.session.scalar(select(Session).where(Session.slug == slug))
    if session is None:
        raise NotFound
    return session


def find_plan(session_id: int, state: str) -> Plan | None:
    """Return the session's draft or published version, if there is one."""
    return db.session.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == state, ~Plan.trial))


def plannable(session: Session) -> bool:
    """Return whether the session has rounds to plan."""
    return session.format != "plain"


def why_not(session: Session, there: Expected) -> str:
    """Return why the session cannot be planned, as a sentence; nothing where it can."""
    if not plannable(session):
        return _("This session has no rounds, so there is nothing to plan.")
    if session.format in HOSTED and not session.hosts:
        return _("Nobody is there to be visited yet. An organiser adds them on the page of this session.")
    if session.format not in HOSTED and not bridge.open_tables(session):
        return _("There are no tables yet. An organiser names them on the page of this session.")
    if not any(len(one.away) < session.rounds for one in there):
        if there:
            return _("Everybody who may come is away then, or has a table at another session. Look at the times.")
        return _("Nobody is expected yet. As soon as people have a profile, the rounds can be planned.")
    return ""


def problem_now(rows: Rows, session: Session, there: Expected, rules: Rules | None = None) -> Problem:
    """Return what the engine would be asked now; refuse what cannot be planned. `rules` stand in for the session's."""
    reason = why_not(session, there)
    if reason:
        raise Refused(reason)
    return bridge.problem_of(rows, session, there, rules)


def make_plan(
    session_id: int,
    *,
    by: Actor,
    seed: int = 0,
    progress: Progress | None = None,
    together_with: Callable[[Rows], None] | None = None,
    tried: Rules | None = None,
) -> str:
    """Plan the session and keep the plan as its one draft; return the draft's public id.

    What is kept fits what is true at that moment: where profiles change while the engine thinks, it thinks again.
    `together_with` is done in the same transaction; what it raises keeps the draft from being stored. By rules that
    are only `tried` it makes the session's one trial, and leaves the draft alone.
    """
    must_be_staff(by)
    for _again in range(TRIES):
        asked = problem, rules = _load_problem(db.session(), session_id, tried)
        db.session.rollback()
        plan = bridge.solve(problem, seed=seed, floor=rules.floor, progress=progress)
        with transaction() as rows:
            if _load_problem(rows, session_id, tried) != asked:
                continue
            apart.pin(rows)
            draft = bridge.record(rows, _get(rows, session_id), (problem, plan), by=by.name, tried=tried)
            if together_with is not None:
                together_with(rows)
            return draft.public_id
    raise NotNow(_("Profiles changed while the plan was being made. Nothing was stored; plan again in a moment."))


def publish(
    session_id: int, *, by: Actor, draft: str | None = None, over: str | None = None, now: datetime | None = None
) -> str:
    """Publish the draft as the next version, leave a backup, return the letter; `draft` names the one looked at.

    `over` is the letter of the version that was looked at beside it, empty for none: it replaces no other. Refused,
    too, where it would change a round of the published version that has begun.
    """
    must_be_staff(by)
    with transaction() as rows:
        plan = draft_seen(rows, session_id, draft)
        _refuse_newer(rows, session_id, over)
        if not fits(rows, plan):
            raise NotNow(str(CHANGED))
        _refuse_begun(rows, plan, begun(plan.session, now or datetime.now(UTC)))
        _number(rows, plan)
        letter = plan.letter
    backups.leave_if_set_up()
    return letter


def _refuse_newer(rows: Rows, session_id: int, over: str | None) -> None:
    held = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "published"))
    if over is not None and held is not None and held.letter != over:
        raise NotNow(newer(held))


def newer(version: Plan) -> str:
    """Say that a version was published since somebody looked."""
    return _("Version %(letter)s has been published since you looked. Look once more.", letter=version.letter)


def refuse_other_draft(session_id: int, seen: str) -> None:
    """Refuse where the draft is another than the one that was looked at, or where there is one unseen."""
    draft = find_plan(session_id, "draft")
    if draft is not None and draft.public_id != seen:
        raise NotNow(_("There is a newer draft than the one you looked at. Look at it first."))


def _refuse_begun(rows: Rows, draft: Plan, count: int) -> None:
    before = rows.scalar(select(Plan.id).where(Plan.session_id == draft.session_id, Plan.state == "published"))
    if not count or before is None:
        return
    seats = select(Seat.round_no, Seat.person_id, Meeting.table).join(Meeting, Meeting.id == Seat.meeting_id)
    so_far = seats.where(Seat.round_no <= count)
    held, wanted = (
        {(row[0], row[1], row[2]) for row in rows.execute(so_far.where(Seat.plan_id == one))}
        for one in (before, draft.id)
    )
    if held != wanted:
        first = min(held ^ wanted)[0]
        raise NotNow(_("Round %(number)s has begun. Look at what would change from the next round on.", number=first))


def reissue(rows: Rows, session: Session, made: tuple[Problem, Answer], by: Actor, *, open_from: int = 1) -> Plan:
    """Publish a judged answer as the version that follows on the published one, in a transaction that is open.

    Rounds before `open_from` stay row by row as they were held, and a draft that somebody works on stays where it is.
    A plan with a breach is refused.
    """
    must_be_staff(by)
    before = rows.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
    if before is None:
        raise NotNow(_("Nothing is published yet. Plan and publish first."))
    apart.pin(rows)
    load_whole(rows, before)
    plan = bridge.record_next(rows, before, made, open_from=open_from, by=by.name)
    _number(rows, plan)
    return plan


def take_over(rows: Rows, plan: Plan, *, version: int, at: datetime, by: Actor) -> None:
    """Publish a plan that comes with the file of its event, under the number it has there.

    Refused where the session has a published version; a draft of it is thrown away.
    """
    must_be_staff(by)
    if rows.scalar(select(Plan.id).where(Plan.session_id == plan.session_id, Plan.version.is_not(None))) is not None:
        raise NotNow(_("A version of this session is published here already."))
    rows.execute(delete(Plan).where(Plan.session_id == plan.session_id, Plan.state == "draft"))
    rows.add(plan)
    rows.flush()
    plan.state, plan.version, plan.published_at = "published", version, at
    rows.flush()


def _number(rows: Rows, plan: Plan) -> None:
    """Make a draft the session's published version, with the next number."""
    last = rows.scalar(select(func.max(Plan.version)).where(Plan.session_id == plan.session_id)) or 0
    for older in rows.scalars(select(Plan).where(Plan.session_id == plan.session_id, Plan.state == "published")):
        older.state = "replaced"
    rows.flush()
    plan.state, plan.version, plan.published_at = "published", last + 1, utc_now()


def discard(session_id: int, *, by: Actor, draft: str | None = None) -> None:
    """Throw the draft away, and what was tried beside it."""
    must_be_staff(by)
    with transaction() as rows:
        draft_seen(rows, session_id, draft)
        rows.execute(delete(Plan).where(Plan.session_id == session_id, Plan.state == "draft"))


def fits(rows: Rows, plan: Plan) -> bool:
    """Return whether a plan suits the people, tables and rules of now; a trial, the rules it tries."""
    there = expected(rows, plan.session)
    if why_not(plan.session, there) or not _for_these(plan, there):
        return False
    load_whole(rows, plan)
    rules = Rules.kept_by(plan) if plan.trial else None
    return bridge.still_fits(bridge.problem_of(rows, plan.session, there, rules), plan)


def load_whole(rows: Rows, plan: Plan) -> None:
    """Load all meetings, seats and rests of a plan at once."""
    rows.scalars(
        select(Plan)
        .where(Plan.id == plan.id)
        .options(selectinload(Plan.meetings).selectinload(Meeting.seats), selectinload(Plan.rests))
    ).all()


def _for_these(plan: Plan, there: Expected) -> bool:
    """Whether a plan of clinics, where nobody is told to rest, was made for these people and no others."""
    coming = {one.person.public_id for one in there if len(one.away) < plan.session.rounds}
    return plan.session.format != "clinics" or coming == set(plan.quality["shares"])


def _load_problem(rows: Rows, session_id: int, tried: Rules | None) -> tuple[Problem, Rules]:
    session = _get(rows, session_id)
    rules = tried or Rules.of(session)
    return problem_now(rows, session, expected(rows, session), rules), rules


def _get(rows: Rows, session_id: int) -> Session:
    session = rows.get(Session, session_id)
    if session is None:
        raise NotFound
    return session


def draft_seen(rows: Rows, session_id: int, public_id: str | None) -> Plan:
    """Return the session's draft; refused where it is not the one that was looked at."""
    plan = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "draft", ~Plan.trial))
    if plan is None:
        raise NotNow(
            _("There is no draft: somebody has published or discarded it, or nothing was planned yet. Plan again.")
        )
    if public_id is not None and plan.public_id != public_id:
        raise NotNow(_("There is a newer draft than the one you looked at. Look at it first."))
    return plan


def must_be_staff(by: Actor) -> None:
    """Refuse everybody but staff of the desk; a second lock behind the table of routes."""
    if by.role not in DESK:
        raise NotFound
