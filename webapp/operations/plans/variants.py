"""Other rules, tried: a trial stands beside the draft, is compared with it, and is taken over or thrown away."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.bridge import Progress, Rules
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Plan, Session
from webapp.operations.plans import planning
from webapp.operations.plans.planning import find_plan, must_be_staff
from webapp.operations.plans.summary import Summary, summary

FLOORED = ("pairs", "stations")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both plans."""

    code: str
    before: int
    after: int

    @property
    def more(self) -> int:
        """How much larger the figure is in the trial; below nothing where it is smaller."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan as it is and one by other rules: the rules that differ, figures, and what each of the two says."""

    base: Plan
    trial: Plan
    before: Summary
    after: Summary
    was: Rules
    tried: Rules
    fits: bool

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the rules that differ."""
        was, tried = self.was.as_json(), self.tried.as_json()
        return tuple(name for name in was if was[name] != tried[name])

    @property
    def lines(self) -> tuple[Line, ...]:
        """Figures of both; what is nothing in both or not known of one is left out."""
        format_ = self.trial.session.format
        before, after = _figures(self.before, format_), _figures(self.after, format_)
        both = [Line(code, before[code], count) for code, count in after.items() if code in before]
        return tuple(line for line in both if line.before or line.after)


def _figures(told: Summary, format_: str) -> dict[str, int]:
    floored = format_ in FLOORED
    figures = {
        "contacts": told.contacts,
        "free": len(told.resting),
        "without": len(told.without),
        "few": len(told.few) if floored else None,
        "lowest": told.lowest_percent if floored else None,
        "unshared": told.unshared,
        "interpreted": told.interpreted,
        "colleagues": told.colleagues,
        "organisations": told.other_organisation,
        "regions": told.other_region,
        "repeats": told.repeats,
        "granted": told.granted,
    }
    return {code: count for code, count in figures.items() if count is not None}


def find_trial(session_id: int) -> Plan | None:
    """Return what was tried for the session, if anything was."""
    return db.session.scalar(select(Plan).where(Plan.session_id == session_id, Plan.trial, Plan.open_from == 0))


def find_base(session_id: int) -> Plan | None:
    """Return the plan as it is, with which a trial is compared: the draft, else the published version."""
    return find_plan(session_id, "draft") or find_plan(session_id, "published")


def refuse_the_same(session: Session, rules: Rules) -> None:
    """Refuse to try the rules that the session has already."""
    if rules == Rules.of(session):
        raise BadInput(_("These are the rules that this session has. Change at least one of them."), "apart")


def try_rules(
    session_id: int,
    rules: Rules,
    *,
    by: Actor,
    progress: Progress | None = None,
    together_with: Callable[[Rows], None] | None = None,
) -> str:
    """Plan the session by other rules and keep the plan as its one trial; the draft and the rules stay as they are."""
    must_be_staff(by)
    session = db.session.get(Session, session_id)
    if session is None:
        raise NotFound
    before = Rules.of(session)

    def finish(rows: Rows) -> None:
        held = rows.get_one(Session, session_id)
        if find_base(session_id) is None or Rules.of(held) != before:
            raise NotNow(_("The rules were changed or the draft was thrown away meanwhile. Nothing was stored."))
        if together_with is not None:
            together_with(rows)

    return planning.make_plan(session_id, by=by, progress=progress, together_with=finish, tried=rules)


def compare(session_id: int) -> Comparison | None:
    """Return the plan as it is beside what was tried; None where one of the two is not there."""
    base, trial = find_base(session_id), find_trial(session_id)
    if base is None or trial is None:
        return None
    return Comparison(
        base=base,
        trial=trial,
        before=summary(base),
        after=summary(trial),
        was=Rules.kept_by(base),
        tried=Rules.kept_by(trial),
        fits=planning.fits(db.session(), trial),
    )


def take(session_id: int, *, by: Actor, trial: str, base: str) -> None:
    """Give the session the rules that were tried and make the trial its draft, both or neither.

    `trial` and `base` name the two that were compared.
    """
    must_be_staff(by)
    with transaction() as rows:
        plan = _looked_at(session_id, trial)
        beside = find_base(session_id)
        if beside is None or beside.public_id != base:
            raise NotNow(_("There is a newer draft than the one you compared with. Compare once more."))
        if not planning.fits(rows, plan):
            raise NotNow(_("People or tables have changed since these rules were tried. Try them again."))
        for name, value in Rules.kept_by(plan).as_json().items():
            setattr(plan.session, name, value)
        rows.execute(delete(Plan).where(Plan.session_id == session_id, Plan.state == "draft", ~Plan.trial))
        plan.trial = False


def leave(session_id: int, *, by: Actor, trial: str) -> None:
    """Throw away what was tried; the draft and the rules stay as they are."""
    must_be_staff(by)
    with transaction() as rows:
        rows.execute(delete(Plan).where(Plan.id == _looked_at(session_id, trial).id))


def _looked_at(session_id: int, public_id: str) -> Plan:
    plan = find_trial(session_id)
    if plan is None:
        raise NotNow(_("Nothing is being compared any more: somebody has taken it over or left things as they were."))
    if plan.public_id != public_id:
        raise NotNow(_("Other rules have been tried since you looked. Compare once more."))
    return plan
