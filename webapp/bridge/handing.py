"""What is handed on as a file: a problem and a plan as the contract has them, without any pair that is kept apart."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session as Rows

import matcher
from webapp.bridge.asking import Expected, Problem, Rules, host_key, interpreter_key, problem_of
from webapp.bridge.changing import standing
from webapp.errors import NotNow
from webapp.i18n import gettext as _
from webapp.models import Plan, Session

Namer = Callable[[str], str]


def problem_file(rows: Rows, session: Session, expected: Expected) -> str:
    """Return what the engine is asked, people by event number; nothing tells who is kept apart or locked."""
    problem = _open(rows, session, expected, Rules.of(session))
    return matcher.write_problem(_renamed(problem, _namer(session, expected)))


def plan_file(rows: Rows, plan: Plan, expected: Expected) -> str:
    """Return a stored plan, told anew as an answer to `problem_file`; refuse one for other people or tables."""
    problem, name = _open(rows, plan.session, expected, Rules.kept_by(plan)), _namer(plan.session, expected)
    try:
        held = _seated(standing(problem, plan).plan, name)
        told = matcher.retell(_renamed(problem, name), held)
        whole = all(len(one.people) >= (1 if problem.hosted else 2) for one in told.meetings)
    except (KeyError, ValueError, matcher.MatcherError):
        whole = False
    if not whole:
        raise NotNow(_("People or tables have changed since this plan was made. Plan again and publish, then export."))
    return matcher.write_plan(replace(told, version=plan.version or 1, stale=None))


def _open(rows: Rows, session: Session, expected: Expected, rules: Rules) -> Problem:
    return replace(problem_of(rows, session, expected, rules), keep_apart=(), locks=())


def _namer(session: Session, expected: Expected) -> Namer:
    """How people, hosts and interpreters are called in files: never by a row's own id."""
    names = {str(one.person.id): one.person.number for one in expected}
    names |= {host_key(host): f"h{at}" for at, host in enumerate(session.hosts, start=1)}
    names |= {interpreter_key(one): f"i{at}" for at, one in enumerate(session.interpreters, start=1)}
    return names.__getitem__


def _renamed(problem: Problem, name: Namer) -> Problem:
    houses: dict[str, str] = {}

    def house(key: str) -> str:
        return houses.setdefault(key, f"o{len(houses) + 1}")

    def wish(one: str | matcher.KindWish) -> str | matcher.KindWish:
        if isinstance(one, str):
            return name(one)
        return replace(one, value=house(one.value)) if one.kind == "organisation" else one

    return replace(
        problem,
        people=tuple(
            replace(
                one,
                id=name(one.id),
                organisation=one.organisation and house(one.organisation),
                wishes=tuple(wish(each) for each in one.wishes),
            )
            for one in problem.people
        ),
        hosts=tuple(
            replace(one, id=name(one.id), organisation=one.organisation and house(one.organisation))
            for one in problem.hosts
        ),
        interpreters=tuple(replace(one, id=name(one.id)) for one in problem.interpreters),
        met_before=tuple((name(one), name(other)) for one, other in problem.met_before),
    )


def _seated(plan: matcher.Plan, name: Namer) -> matcher.Plan:
    """Rename who sits where; all else is told anew."""

    def maybe(key: str | None) -> str | None:
        return None if key is None else name(key)

    return replace(
        plan,
        meetings=tuple(
            replace(
                one,
                people=tuple(name(key) for key in one.people),
                host=maybe(one.host),
                interpreter=maybe(one.interpreter),
            )
            for one in plan.meetings
        ),
    )
