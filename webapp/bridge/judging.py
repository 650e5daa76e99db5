"""What is still true: who can meet nobody, and whether a stored plan suits the people and rules of now."""

from collections.abc import Mapping
from typing import cast

import matcher
from matcher.rules import Admissibility
from webapp.bridge.asking import Problem, host_key, interpreter_key
from webapp.models import Plan, Session

NOTHING = matcher.Quality(0, 0, 0, 0.0, 1.0, None, 0, 0, 0.0)


def lonely(problem: Problem) -> dict[int, str]:
    """Return who can meet nobody, by row id, with a code: why.

    Codes: alone, away, language, organisation, language_or_organisation, rules. The last has many causes, so that
    it tells nothing about any one of them.
    """
    rules = Admissibility(problem)
    return {int(name): _why_alone(rules, rules.index[name]) for name, _ in matcher.lonely(problem, rules)}


def _why_alone(rules: Admissibility, row: int) -> str:
    people = len(rules.problem.people)
    others = range(people, len(rules.nodes)) if rules.problem.hosted else [one for one in range(people) if one != row]
    if not others:
        return "alone"
    causes = {rules.forbidden_by(row, other) or "rules" for other in others}
    if causes == {"language", "organisation"}:
        return "language_or_organisation"
    return str(causes.pop()) if len(causes) == 1 and causes <= {"away", "language", "organisation"} else "rules"


def still_fits(problem: Problem, plan: Plan) -> bool:
    """Return whether a stored plan suits the people, rules, rounds, tables, hosts and interpreters of now."""
    return not matcher.broken_rules(problem, as_answered(plan))


def as_answered(plan: Plan) -> matcher.Plan:
    """Return a stored plan as the engine would tell it; what it does not judge is left out."""
    names = _names(plan.session)
    return matcher.Plan(
        session=plan.session.slug,
        meetings=tuple(
            matcher.Meeting(
                round=row.round_no,
                table=row.table,
                people=tuple(str(seat.person_id) for seat in row.seats),
                benefit=row.benefit,
                language=row.language,
                host=None if row.host is None else names.get(row.host, row.host),
                interpreter=None if row.interpreter is None else names.get(row.interpreter, row.interpreter),
            )
            for row in plan.meetings
        ),
        rests=tuple(
            matcher.Rest(row.round_no, str(row.person_id), cast(matcher.RestCode, row.code)) for row in plan.rests
        ),
        unmet=(),
        quality=NOTHING,
    )


def _names(session: Session) -> Mapping[str, str]:
    hosts = {host.public_id: host_key(host) for host in session.hosts}
    return hosts | {one.public_id: interpreter_key(one) for one in session.interpreters}
