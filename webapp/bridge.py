"""The door to the study, and its only user: rows become a problem, a judged plan becomes rows, codes become values."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

import matcher
from matcher.engine import BrokenPlan
from matcher.graph import meeting_graph
from matcher.rules import Admissibility
from webapp.errors import Refused
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.models import KeepApart, Meeting, MetBefore, Person, Plan, Rest, Seat, Session, Wish

BROKEN = lazy_gettext(
    "The plan that was made breaks a rule and was thrown away. Nothing was changed. Please report this fault."
)

Progress = Callable[[float, str], None]
Problem = matcher.Problem


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody of the audience, with the rounds in which they are away."""

    person: Person
    away: frozenset[int]


def problem_of(rows: Rows, session: Session, expected: Iterable[Presence]) -> Problem:
    """Return what the engine is asked: people by row id, in an order that does not change from one time to the next.

    People who are away in every round are left out; so are wishes and pairs that name somebody who is not there.
    """
    everyone = range(1, session.rounds + 1)
    there = sorted((one for one in expected if not one.away.issuperset(everyone)), key=lambda one: one.person.id)
    known = {one.person.id for one in there}
    try:
        return Problem(
            session=matcher.Session(
                id=session.slug,
                rounds=session.rounds,
                start=session.event.at_venue(session.starts),
                round_minutes=session.round_minutes,
                change_minutes=session.change_minutes,
                tables=tuple(table.name for table in session.tables),
            ),
            rules=matcher.Rules(
                same_organisation="allow" if session.same_organisation == "allow" else "apart",
                shared_language=session.shared_language,
                regions=cast(Literal["mix", "same", "any"], session.regions),
                limit=session.limit,
            ),
            people=tuple(_person(one, known) for one in there),
            keep_apart=_pairs(rows, KeepApart, known),
            met_before=_pairs(rows, MetBefore, known),
        )
    except matcher.MatcherError as error:
        raise Refused(_("This session cannot be planned as it is set up: %(why)s.", why=error)) from error


def _pairs(rows: Rows, kind: type[KeepApart] | type[MetBefore], known: set[int]) -> tuple[tuple[str, str], ...]:
    found = rows.execute(select(kind.one_id, kind.other_id).order_by(kind.one_id, kind.other_id))
    return tuple((str(one), str(other)) for one, other in found if one in known and other in known)


def _person(one: Presence, known: set[int]) -> matcher.Person:
    person = one.person
    wishes = (_wish(wish, known) for wish in person.wishes if wish.wished_person_id != person.id)
    return matcher.Person(
        id=str(person.id),
        organisation=None if person.organisation_id is None else str(person.organisation_id),
        role=person.role,
        regions=tuple(region.slug for region in person.regions),
        languages=tuple(language.code for language in person.languages),
        offers=_topics(person, "offers"),
        seeks=_topics(person, "seeks"),
        away=one.away,
        wishes=tuple(dict.fromkeys(wish for wish in wishes if wish is not None)),
        first_time=person.first_time,
        seated=person.seated,
    )


def _topics(person: Person, side: str) -> tuple[str, ...]:
    return tuple(sorted(row.interest.slug for row in person.interests if row.side == side))


def _wish(wish: Wish, known: set[int]) -> str | matcher.KindWish | None:
    if wish.wished_person_id is not None:
        return str(wish.wished_person_id) if wish.wished_person_id in known else None
    if wish.organisation_id is not None:
        return matcher.KindWish("organisation", str(wish.organisation_id))
    if wish.region is not None:
        return matcher.KindWish("region", wish.region.slug)
    return matcher.KindWish("role", wish.role or "")


def solve(problem: Problem, *, seed: int = 0, progress: Progress | None = None) -> matcher.Plan:
    """Return the engine's plan."""
    try:
        return matcher.solve(problem, seed=seed, clock=time.monotonic, progress=progress)
    except matcher.MatcherError as error:
        raise Refused(_("This session cannot be planned as it is set up: %(why)s.", why=error)) from error
    except BrokenPlan as error:
        raise Refused(str(BROKEN)) from error


def record(rows: Rows, session: Session, made: tuple[Problem, matcher.Plan], *, by: str) -> Plan:
    """Keep a judged plan as the session's one draft, in the place of an older one; a plan with a breach is refused."""
    problem, answer = made
    if matcher.breaches(problem, answer):
        raise Refused(str(BROKEN))
    rows.execute(delete(Plan).where(Plan.session_id == session.id, Plan.state == "draft"))
    order = {name: at for at, name in enumerate(_tables(problem))}
    draft = Plan(
        session_id=session.id,
        seed=answer.seed,
        made_by=by,
        rounds=problem.session.rounds,
        people=len(problem.people),
        quality=asdict(answer.quality) | _appraisal(problem, answer),
        meetings=[_meeting(meeting, order) for meeting in answer.meetings],
        rests=[Rest(round_no=rest.round, person_id=int(rest.person), code=rest.code) for rest in answer.rests],
    )
    rows.add(draft)
    rows.flush()
    return draft


def _tables(problem: Problem) -> tuple[str, ...]:
    tables = problem.session.tables
    return tables if isinstance(tables, tuple) else ()


def _meeting(meeting: matcher.Meeting, order: Mapping[str, int]) -> Meeting:
    return Meeting(
        round_no=meeting.round,
        table=meeting.table,
        position=order.get(meeting.table, 0),
        benefit=meeting.benefit,
        language=meeting.language,
        reasons=[_reason(reason) for reason in meeting.reasons],
        seats=[
            Seat(person_id=int(person), round_no=meeting.round, place=at) for at, person in enumerate(meeting.people)
        ],
    )


def _reason(reason: matcher.Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "points": reason.points,
        "topic": reason.topic,
        "giver": int(reason.giver) if reason.giver else None,
        "taker": int(reason.taker) if reason.taker else None,
    }


def _appraisal(problem: Problem, answer: matcher.Plan) -> dict[str, Any]:
    """What a facilitator asks of a plan: each person's share of the best they could have alone, and counts of talks."""
    people = {person.id: person for person in problem.people}
    met = [(people[one], people[other], meeting) for meeting in answer.meetings for one, other in [meeting.people]]
    placed = [(set(one.regions), set(other.regions)) for one, other, _ in met if one.regions and other.regions]
    granted = {reason.taker for *_, meeting in met for reason in meeting.reasons if reason.code == "wish"}
    return {
        "shares": _shares(problem, answer),
        "languages": Counter(meeting.language for *_, meeting in met if meeting.language).most_common(),
        "with_regions": len(placed),
        "mixed_regions": sum(not one & other for one, other in placed),
        "mixed_organisations": sum(one.organisation != other.organisation for one, other, _ in met),
        "wishers": sum(bool(person.wishes) for person in problem.people),
        "granted": len(granted),
    }


def _shares(problem: Problem, answer: matcher.Plan) -> dict[str, float]:
    best = meeting_graph(problem, Admissibility(problem)).best
    gained = Counter({person.id: 0 for person in problem.people})
    for meeting in answer.meetings:
        gained.update(dict.fromkeys(meeting.people, meeting.benefit))
    return {
        person.id: round(gained[person.id] / int(most), 4) if most else 1.0
        for person, most in zip(problem.people, best, strict=True)
    }


def lonely(problem: Problem) -> dict[int, str]:
    """Return who can meet nobody, by row id, with a code: why.

    Codes: alone, away, language, organisation, language_or_organisation, rules. The last has many causes, so that
    it tells nothing about any one of them.
    """
    rules = Admissibility(problem)
    return {int(name): _why_alone(rules, rules.index[name]) for name, _ in matcher.lonely(problem, rules)}


def _why_alone(rules: Admissibility, row: int) -> str:
    others = [other for other in range(len(rules.problem.people)) if other != row]
    if not others:
        return "alone"
    causes = {rules.forbidden_by(row, other) or "rules" for other in others}
    if causes == {"language", "organisation"}:
        return "language_or_organisation"
    return str(causes.pop()) if len(causes) == 1 and causes <= {"away", "language", "organisation"} else "rules"


def still_fits(problem: Problem, seats: Iterable[tuple[int, int, int, str]], rests: Iterable[tuple[int, int]]) -> bool:
    """Return whether a stored plan suits the people, rules, rounds and tables of now.

    `seats` are (meeting, round, person, table), `rests` are (round, person), all by row id.
    """
    everyone = range(1, problem.session.rounds + 1)
    there = {(number, int(one.id)) for one in problem.people for number in everyone if number not in one.away}
    told = set(rests)
    companies: dict[int, list[str]] = defaultdict(list)
    tables: dict[str, set[str]] = defaultdict(set)
    for meeting, number, person, table in seats:
        told.add((number, person))
        companies[meeting].append(str(person))
        tables[str(person)].add(table)
    if told != there or not set().union(*tables.values()) <= set(_tables(problem)):
        return False
    moved = any(one.seated and len(tables[one.id]) > 1 for one in problem.people)
    rules = Admissibility(problem)
    return not moved and all(_may_sit(rules, company) for company in companies.values())


def _may_sit(rules: Admissibility, company: list[str]) -> bool:
    rows = [rules.index[person] for person in company]
    return len(rows) > 1 and all(rules.allowed[one, other] for one, other in combinations(rows, 2))
