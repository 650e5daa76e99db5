"""A plan that somebody changed by hand: who interprets where, and all that is told of it, worked out anew."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from matcher.answer import Outcome, Sitting, plan_of
from matcher.plan import Plan, Quality
from matcher.problem import Problem
from matcher.rules import Admissibility, interpreting, running_with

Work = defaultdict[int, set[int]]


def retell(problem: Problem, plan: Plan) -> Plan:
    """Tell the meetings of a plan anew, as the problem has them now.

    Parameters
    ----------
    problem : Problem
        What is asked, the locks of now with it.
    plan : Plan
        Of its meetings round, table, people, host and interpreter count; of its figures the bounds and the seconds.

    Returns
    -------
    Plan
        With benefits, languages, reasons, rests, unmet wishes and figures as they truly are. Who is needed to interpret
        stays where possible, and comes where nobody was and somebody is free. A bound that the meetings now pass
        becomes what they reach. The referee has not judged it: rules may be broken.

    Examples
    --------
    >>> from matcher.engine import solve
    >>> from matcher.problem import Person, Session
    >>> room = Problem(Session(rounds=1), tuple(Person(f"p{number}") for number in range(1, 5)))
    >>> plan = solve(room, clock=lambda: 0.0)
    >>> fewer = retell(room, replace(plan, meetings=plan.meetings[:1]))
    >>> fewer.quality.meetings, [rest.code for rest in fewer.rests]
    (1, ['no_partner', 'no_partner'])
    """
    admissible = Admissibility(problem)
    outcome = Outcome(tuple(_staffed(admissible, _sittings(admissible, plan))), plan.quality.bound, None)
    fresh = plan_of(problem, admissible, outcome, plan.seed)
    return replace(fresh, version=plan.version, stale=plan.stale, quality=_bounded(fresh.quality, before=plan.quality))


def _sittings(admissible: Admissibility, plan: Plan) -> list[Sitting]:
    number = len(admissible.problem.people)
    helpers = {one.id: row for row, one in enumerate(admissible.problem.interpreters)}
    return [
        Sitting(
            one.round - 1,
            tuple(admissible.index[name] for name in one.people),
            one.table,
            None if one.host is None else admissible.index[one.host] - number,
            None if one.interpreter is None else helpers.get(one.interpreter),
        )
        for one in plan.meetings
    ]


def _staffed(admissible: Admissibility, sittings: Iterable[Sitting]) -> list[Sitting]:
    """Let interpreters go where nobody needs them, then send whoever is free to where somebody is missed."""
    number = len(admissible.problem.people)
    held: list[tuple[Sitting, tuple[int, ...]]] = []
    work: Work = defaultdict(set)
    for one in sittings:
        table = one.people if one.host is None else (*one.people, number + one.host)
        who = one.interpreter
        if who is not None and not (
            _needed(admissible, table) and _can(admissible, who, table, busy=work[who], when=one.round)
        ):
            who = None
        if who is not None:
            work[who].add(one.round)
        held.append((replace(one, interpreter=who), table))
    return [_served(admissible, one, table, work) for one, table in held]


def _served(admissible: Admissibility, one: Sitting, table: tuple[int, ...], work: Work) -> Sitting:
    if one.interpreter is not None or not _needed(admissible, table):
        return one
    for who in range(len(interpreting(admissible.problem))):
        if _can(admissible, who, table, busy=work[who], when=one.round):
            work[who].add(one.round)
            return replace(one, interpreter=who)
    return one


def _needed(admissible: Admissibility, table: tuple[int, ...]) -> bool:
    return bool(interpreting(admissible.problem)) and any(
        admissible.need_interpreter((one, table[-1])) for one in table[:-1]
    )


def _can(admissible: Admissibility, who: int, table: tuple[int, ...], *, busy: set[int], when: int) -> bool:
    """Whether an interpreter speaks with everybody at a table and is free in a round, with rests."""
    helper = admissible.problem.interpreters[who]
    if when in busy or when + 1 in helper.away or running_with(busy | {when}, when) > helper.most_in_a_row:
        return False
    sides = (admissible.nodes[node].languages for node in table)
    return all(not set(helper.languages).isdisjoint(spoken) for spoken in sides if spoken)


def _bounded(quality: Quality, *, before: Quality) -> Quality:
    """The bounds from before, none of them passed by what it bounds."""
    lowest = before.lowest_bound
    fewest, again = before.breaks_bound, before.repeats_bound
    return replace(
        quality,
        seconds=before.seconds,
        lowest_bound=None if lowest is None else max(lowest, quality.lowest_satisfaction),
        breaks_bound=None if fewest is None else min(fewest, quality.breaks),
        repeats_bound=None if again is None or quality.repeats is None else min(again, quality.repeats),
        stale_bound=before.stale_bound,
    )
