"""Why these two, why not that wish, and what each rule costs: codes with values, no words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from matcher.benefit import reasons, visit_reasons
from matcher.effort import Progress
from matcher.engine import solve
from matcher.plan import Meeting, Plan, Quality, Reason, Unmet, UnmetCode
from matcher.points import kinds_of
from matcher.problem import Host, KindWish, Person, Problem
from matcher.rules import Admissibility
from matcher.wishes import unmet, why

RuleCost = Literal[
    "same_organisation", "shared_language", "side", "limit", "keep_apart", "met_before", "locks", "seated", "tables",
    "floor",
]  # fmt: skip
MILDEST: tuple[UnmetCode, ...] = ("clash", "host_full", "away", "no_shared_language", "not_possible")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a session would be without one rule.

    Attributes
    ----------
    rule : str
        Which one.
    benefit, lowest_satisfaction : int, float
        How much more there would be, whole points and a share; below 0 where everybody then compares with more.
    without : Quality
        The best plan found without the rule.
    """

    rule: RuleCost
    benefit: int
    lowest_satisfaction: float
    without: Quality


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about a plan.

    Attributes
    ----------
    meetings : tuple of (Meeting, tuple of Reason)
        Each meeting with its reasons, worked out anew; given benefits count as one reason, "given".
    unmet : tuple of Unmet
        Wishes for a person or host that were not granted.
    unmet_kinds : tuple of (str, KindWish, code)
        Wishes for a kind of person that nobody at the wisher's tables fulfils; the mildest code of all who would.
    costs : tuple of Cost
        For each rule in force.
    """

    meetings: tuple[tuple[Meeting, tuple[Reason, ...]], ...]
    unmet: tuple[Unmet, ...]
    unmet_kinds: tuple[tuple[str, KindWish, UnmetCode], ...]
    costs: tuple[Cost, ...]


def explain(
    problem: Problem, plan: Plan, *, clock: Callable[[], float], progress: Progress | None = None
) -> Explanation:
    """Explain a plan that breaks no rule.

    Each rule in force is taken away once and the session planned anew, with the plan's seed.

    Parameters
    ----------
    problem, plan : Problem, Plan
        What was asked and what was answered.
    clock : callable
        A monotonic timer in seconds.
    progress : callable, optional
        Told how far it is (0…1), and which rule is being taken away.
    """
    admissible = Admissibility(problem)
    return Explanation(
        meetings=tuple((meeting, _reasons(problem, admissible, meeting)) for meeting in plan.meetings),
        unmet=unmet(problem, admissible, plan.meetings),
        unmet_kinds=tuple(_unmet_kinds(problem, admissible, plan)),
        costs=tuple(_costs(problem, plan, clock, progress or (lambda _fraction, _what: None))),
    )


def _reasons(problem: Problem, admissible: Admissibility, meeting: Meeting) -> tuple[Reason, ...]:
    rows = [admissible.index[name] for name in meeting.people]
    if meeting.host is None:
        told = [reason for one, other in combinations(rows, 2) for reason in reasons(problem, one, other)]
    else:
        host = admissible.index[meeting.host] - len(problem.people)
        told = [reason for row in rows for reason in visit_reasons(problem, row, host)]
    given = () if problem.benefits is None else (Reason("given", meeting.benefit),)
    return (*given, *told)


def _unmet_kinds(problem: Problem, admissible: Admissibility, plan: Plan) -> Iterator[tuple[str, KindWish, UnmetCode]]:
    mates: dict[str, set[str]] = {person.id: set() for person in problem.people}
    for meeting in plan.meetings:
        table = {*meeting.people, *([meeting.host] if meeting.host else [])}
        for name in meeting.people:
            mates[name] |= table - {name}
    nodes: tuple[Person | Host, ...] = problem.visited if problem.hosted else problem.people
    kinds = {node.id: _kinds(node) for node in nodes}
    for person in problem.people:
        for wish in dict.fromkeys(person.wishes):
            if isinstance(wish, KindWish):
                fitting = [name for name, own in kinds.items() if wish in own and name != person.id]
                if not mates[person.id] & {*fitting}:
                    codes = {why(admissible, (person.id, name), plan.meetings) for name in fitting}
                    yield person.id, wish, next((code for code in MILDEST if code in codes), "not_possible")


def _kinds(node: Person | Host) -> set[KindWish]:
    if isinstance(node, Person):
        return kinds_of(node)
    return {KindWish("organisation", node.organisation)} if node.organisation else set()


def _costs(problem: Problem, plan: Plan, clock: Callable[[], float], tell: Progress) -> Iterator[Cost]:
    freer = list(_without(problem))
    for at, (rule, relaxed) in enumerate(freer):
        tell(at / len(freer), rule)
        found = solve(relaxed, seed=plan.seed, floor=rule != "floor", clock=clock).quality
        benefit = found.benefit - plan.quality.benefit
        lowest = round(found.lowest_satisfaction - plan.quality.lowest_satisfaction, 4)
        yield Cost(rule, benefit, lowest, found)


def _without(problem: Problem) -> Iterator[tuple[RuleCost, Problem]]:
    """Each rule in force, and the problem without it."""
    rules, session, people = problem.rules, problem.session, problem.people
    if rules.same_organisation == "apart":
        yield "same_organisation", replace(problem, rules=replace(rules, same_organisation="allow"))
    if rules.shared_language:
        yield "shared_language", replace(problem, rules=replace(rules, shared_language=False))
    if session.format == "pairs" and any(person.side for person in people):
        yield "side", replace(problem, people=tuple(replace(person, side=None) for person in people))
    if rules.limit is not None or any(person.limit is not None for person in people):
        free = tuple(replace(person, limit=None) for person in people)
        yield "limit", replace(problem, rules=replace(rules, limit=None), people=free)
    if problem.keep_apart:
        yield "keep_apart", replace(problem, keep_apart=())
    if problem.met_before:
        yield "met_before", replace(problem, met_before=())
    if problem.locks:
        yield "locks", replace(problem, locks=())
    if not problem.hosted and any(person.seated for person in people):
        yield "seated", replace(problem, people=tuple(replace(person, seated=False) for person in people))
    if not problem.hosted and session.tables is not None and not any(lock.table for lock in problem.locks):
        yield "tables", replace(problem, session=replace(session, tables=None))
    if session.format in ("pairs", "stations") and problem.chosen is None:
        yield "floor", problem
