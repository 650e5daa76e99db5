"""Plans: made as a draft, published as the next version, or thrown away; what a plan says."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp import bridge
from webapp.access import Actor
from webapp.bridge import Presence, Problem, Progress
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow, Refused
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.models import Person, Plan, Rest, Seat, Session
from webapp.models.people import utc_now
from webapp.operations.presence import expected

TRIES = 3
FEW = 0.7
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)
NOT_YET = {
    "plain": lazy_gettext("This session has no rounds, so there is nothing to plan."),
    "pairs": "",
    "clinics": lazy_gettext("Rounds of this format are not planned by this version yet."),
    "stations": lazy_gettext("Rounds of this format are not planned by this version yet."),
    "circles": lazy_gettext("Rounds of this format are not planned by this version yet."),
}


@dataclass(frozen=True, slots=True)
class Few:
    """Somebody who got few of the talks that would suit them best."""

    person: Person
    talks: int
    percent: int


@dataclass(frozen=True, slots=True)
class Resting:
    """Somebody with a free round, and which."""

    person: Person
    rounds: tuple[int, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How good a plan is, in plain values. `spread` counts people by how much of their best possible day they got."""

    people: int
    rounds: int
    talks: int
    busy: int
    resting: tuple[Resting, ...]
    few: tuple[Few, ...]
    lowest_percent: int
    languages: tuple[tuple[str, int], ...]
    in_shared_language: int
    other_organisation: int
    other_region: int
    with_regions: int
    wishers: int
    granted: int
    spread: tuple[tuple[int, int, int], ...]


def find_session(slug: str) -> Session:
    """Return the session at this address."""
    session = db.session.scalar(select(Session).where(Session.slug == slug))
    if session is None:
        raise NotFound
    return session


def find_plan(session_id: int, state: str) -> Plan | None:
    """Return the session's draft or published version, if there is one."""
    return db.session.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == state))


def plannable(session: Session) -> bool:
    """Return whether rounds of this session's format are planned at all."""
    return not NOT_YET[session.format]


def why_not(session: Session, there: Sequence[Presence]) -> str:
    """Return why the session cannot be planned, as a sentence; nothing where it can."""
    if NOT_YET[session.format]:
        return str(NOT_YET[session.format])
    if not session.tables:
        return _("There are no tables yet. An organiser names them on the page of this session.")
    if not any(len(one.away) < session.rounds for one in there):
        return _("Nobody is expected yet. As soon as people have a profile, the rounds can be planned.")
    return ""


def problem_now(rows: Rows, session: Session, there: Sequence[Presence]) -> Problem:
    """Return what the engine would be asked now; refuse what cannot be planned."""
    reason = why_not(session, there)
    if reason:
        raise Refused(reason)
    return bridge.problem_of(rows, session, there)


def make_plan(
    session_id: int,
    *,
    by: Actor,
    seed: int = 0,
    progress: Progress | None = None,
    together_with: Callable[[Rows], None] | None = None,
) -> str:
    """Plan the session and keep the plan as its one draft; return the draft's public id.

    What is kept fits what is true at that moment: where profiles change while the engine thinks, it thinks again.
    `together_with` is done in the same transaction; what it raises keeps the draft from being stored.
    """
    _must_be_staff(by)
    for _again in range(TRIES):
        problem = _load_problem(db.session(), session_id)
        db.session.rollback()
        plan = bridge.solve(problem, seed=seed, progress=progress)
        with transaction() as rows:
            if _load_problem(rows, session_id) != problem:
                continue
            draft = bridge.record(rows, _get(rows, session_id), (problem, plan), by=by.name)
            if together_with is not None:
                together_with(rows)
            return draft.public_id
    raise NotNow(_("Profiles changed while the plan was being made. Nothing was stored; plan again in a moment."))


def publish(session_id: int, *, by: Actor, draft: str | None = None) -> str:
    """Publish the draft as the next version and return its letter; `draft` names the one that was looked at."""
    _must_be_staff(by)
    with transaction() as rows:
        plan = _draft(rows, session_id, draft)
        if not fits(rows, plan):
            raise NotNow(_("People, tables or rules have changed since this draft was made. Plan again, then publish."))
        last = rows.scalar(select(func.max(Plan.version)).where(Plan.session_id == session_id)) or 0
        for older in rows.scalars(select(Plan).where(Plan.session_id == session_id, Plan.state == "published")):
            older.state = "replaced"
        rows.flush()
        plan.state, plan.version, plan.published_at = "published", last + 1, utc_now()
        return plan.letter


def discard(session_id: int, *, by: Actor, draft: str | None = None) -> None:
    """Throw the draft away."""
    _must_be_staff(by)
    with transaction() as rows:
        plan = _draft(rows, session_id, draft)
        rows.execute(delete(Plan).where(Plan.id == plan.id))


def fits(rows: Rows, plan: Plan) -> bool:
    """Return whether a plan suits the people, tables and rules of now."""
    there = expected(rows, plan.session)
    if why_not(plan.session, there):
        return False
    rows.scalars(
        select(Plan)
        .where(Plan.id == plan.id)
        .options(selectinload(Plan.meetings).selectinload(Meeting.seats), selectinload(Plan.rests))
    ).all()
    return bridge.still_fits(bridge.problem_of(rows, plan.session, there), plan)


def summary(plan: Plan) -> Summary:
    """Return how good a plan is, in plain values; figures were taken when it was made, names are those of now."""
    told = plan.quality
    talks = Counter(db.session.scalars(select(Seat.person_id).where(Seat.plan_id == plan.id)))
    shares = {int(name): float(share) for name, share in told["shares"].items()}
    names = _people(shares)
    resting = _resting(plan)
    few = sorted((share, name) for name, share in shares.items() if share < FEW and name in names)
    return Summary(
        people=plan.people,
        rounds=plan.rounds,
        talks=told["meetings"],
        busy=plan.people - len(resting),
        resting=resting,
        few=tuple(Few(names[name], talks[name], int(100 * share)) for share, name in few),
        lowest_percent=int(100 * told["lowest_satisfaction"]),
        languages=tuple((code, count) for code, count in told["languages"]),
        in_shared_language=sum(count for _code, count in told["languages"]),
        other_organisation=told["mixed_organisations"],
        other_region=told["mixed_regions"],
        with_regions=told["with_regions"],
        wishers=told["wishers"],
        granted=told["granted"],
        spread=_spread(list(shares.values())),
    )


def _spread(shares: list[float]) -> tuple[tuple[int, int, int], ...]:
    """Count shares by steps: (from percent, to percent, how many), the highest step first and 100 in it."""
    edges = (0.0, *STEPS, 1.0)
    return tuple(
        (round(100 * low), round(100 * high), sum(low <= share < high or (share >= high == 1.0) for share in shares))
        for low, high in reversed(list(pairwise(edges)))
    )


def _resting(plan: Plan) -> tuple[Resting, ...]:
    rests = select(Rest).where(Rest.plan_id == plan.id).options(joinedload(Rest.person)).order_by(Rest.round_no)
    held: dict[int, list[Rest]] = {}
    for rest in db.session.scalars(rests):
        held.setdefault(rest.person_id, []).append(rest)
    found = [Resting(own[0].person, tuple(rest.round_no for rest in own), own[0].code) for own in held.values()]
    return tuple(sorted(found, key=lambda one: (-len(one.rounds), one.person.sort_name)))


def _people(names: dict[int, float]) -> dict[int, Person]:
    return {person.id: person for person in db.session.scalars(select(Person)) if person.id in names}


def _load_problem(rows: Rows, session_id: int) -> Problem:
    session = _get(rows, session_id)
    return problem_now(rows, session, expected(rows, session))


def _get(rows: Rows, session_id: int) -> Session:
    session = rows.get(Session, session_id)
    if session is None:
        raise NotFound
    return session


def _draft(rows: Rows, session_id: int, public_id: str | None) -> Plan:
    plan = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "draft"))
    if plan is None:
        raise NotNow(
            _("There is no draft: somebody has published or discarded it, or nothing was planned yet. Plan again.")
        )
    if public_id is not None and plan.public_id != public_id:
        raise NotNow(_("There is a newer draft than the one you looked at. Look at it first."))
    return plan


def _must_be_staff(by: Actor) -> None:
    if by.staff is None:
        raise NotFound
