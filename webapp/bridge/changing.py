"""Changes by hand: a draft as it stands, as it would stand, and whether the referee takes that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import matcher
from matcher.rules import tables_of_hosts
from webapp.bridge.asking import Problem
from webapp.bridge.judging import as_answered
from webapp.bridge.objecting import Hearing, Objection
from webapp.models import Plan

Meetings = tuple[matcher.Meeting, ...]
Companies = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft as the engine tells it, with the problem of now; `locked` are its locked meetings: (round, table)."""

    problem: Problem
    plan: matcher.Plan
    locked: frozenset[tuple[int, str]]

    @property
    def sound(self) -> bool:
        """Whether the draft suits the people, tables and rules of now."""
        return not matcher.broken_rules(self.problem, self.plan)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables there are, in walking order."""
        named = self.problem.session.tables
        return tuple(_hosts(self.problem)) if self.problem.hosted else named if isinstance(named, tuple) else ()

    def touched(self, number: int, meetings: Meetings) -> str | None:
        """Return a table whose meeting is locked and would not stay as it is."""
        now = {one.table: set(one.people) for one in meetings if one.round == number}
        own = ((at, set(people)) for at, people in self.companies(number).items() if (number, at) in self.locked)
        return next((at for at, people in own if now.get(at) != people), None)

    def companies(self, number: int) -> dict[str, tuple[str, ...]]:
        """Return who sits at which table in a round."""
        return {one.table: one.people for one in self.plan.meetings if one.round == number}

    def with_companies(self, number: int, companies: Companies) -> Meetings:
        """Return all meetings, those of one round as these companies; too few for a meeting have none."""
        least = 1 if self.problem.hosted else 2
        old = {one.table: one for one in self.plan.meetings if one.round == number}
        helping = {frozenset(one.people): one.interpreter for one in old.values()}
        hosts = _hosts(self.problem)
        fresh = (
            matcher.Meeting(
                number,
                table,
                tuple(people),
                0,
                host=hosts.get(table),
                interpreter=helping.get(frozenset(people)) or (old[table].interpreter if table in old else None),
            )
            for table, people in companies.items()
            if len(people) >= least
        )
        return (*(one for one in self.plan.meetings if one.round != number), *fresh)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a change, and what would be kept; `possible` where nothing or only what a lock overrides."""

    objections: tuple[Objection, ...]
    made: tuple[Problem, matcher.Plan]

    @property
    def possible(self) -> bool:
        """Whether it can be done, all the same where something stands against it."""
        return all(one.gentle for one in self.objections)


def standing(problem: Problem, plan: Plan) -> Standing:
    """Return a stored draft as it stands."""
    told = as_answered(plan)
    tables = {host: table for table, host in _hosts(problem).items()}
    figures: dict[str, Any] = {field.name: plan.quality.get(field.name) for field in fields(matcher.Quality)}
    meetings = tuple(replace(one, table=tables.get(one.host or "", one.table)) for one in told.meetings)
    locked = frozenset((one.round, one.table) for one, row in zip(meetings, plan.meetings, strict=True) if row.locked)
    return Standing(
        problem, replace(told, meetings=meetings, seed=plan.seed, quality=matcher.Quality(**figures)), locked
    )


def judge(held: Standing, number: int, meetings: Meetings) -> Verdict:
    """Hear what stands against a round as it would be; the referee has the last word."""
    plan = matcher.retell(held.problem, replace(held.plan, meetings=meetings))
    found = Hearing(held.problem, held.plan.meetings, plan.meetings, number).objections()
    if not all(one.gentle for one in found):
        return Verdict(tuple(found), (held.problem, plan))
    problem = replace(held.problem, locks=(*held.problem.locks, *_overriding(held, found, plan, number)))
    if matcher.breaches(problem, plan):
        groups = problem.session.format == "stations" and problem.session.move == "groups"
        found.append(Objection("groups" if groups else "other"))
    return Verdict(tuple(found), (problem, plan))


def lockable(held: Standing, number: int, table: str) -> bool:
    """Return whether a meeting of a draft may be locked: no rule stands against it, whatever became of the others."""
    if held.sound:
        return True
    others = tuple(one for one in held.plan.meetings if (one.round, one.table) != (number, table))
    try:
        found = Hearing(held.problem, others, held.plan.meetings, number).objections()
    except KeyError:
        # somebody at this table is no longer there, or whoever is visited
        return False
    return all(one.code == "uneven" for one in found)


def unlocked(held: Standing, number: int, table: str) -> tuple[bool, Verdict]:
    """Return whether a meeting can stay without its lock, and what would be kept: where it cannot, all but this one."""
    names = set(held.companies(number)[table])
    locks = tuple(one for one in held.problem.locks if one.round != number or names.isdisjoint(one.people))
    free = replace(held, problem=replace(held.problem, locks=locks))
    plan = matcher.retell(free.problem, held.plan)
    if not matcher.breaches(free.problem, plan):
        return True, Verdict((), (free.problem, plan))
    companies = {other: people for other, people in held.companies(number).items() if other != table}
    return False, judge(free, number, held.with_companies(number, companies))


def places(held: Standing, number: int) -> list[tuple[str, int]]:
    """Return the tables with free places in a round, in walking order, and how many: never one in `pairs`."""
    if held.problem.session.format == "pairs":
        return []
    most = {one.table: held.problem.session.size + 1 for one in held.plan.meetings if one.round == number}
    if held.problem.hosted:
        hosts = {host.id: host for host in held.problem.hosts if number not in host.away}
        most = {table: hosts[host].places for table, host in _hosts(held.problem).items() if host in hosts}
    taken = {table: len(people) for table, people in held.companies(number).items()}
    left = ((table, most[table] - taken.get(table, 0)) for table in held.tables if table in most)
    return [(table, count) for table, count in left if count > 0]


def moved(held: Standing, number: int, who: str, table: str) -> Meetings:
    """Return all meetings with somebody at another table in a round."""
    rest = {at: [name for name in people if name != who] for at, people in held.companies(number).items()}
    return held.with_companies(number, rest | {table: [*rest.get(table, ()), who]})


def exchanged(held: Standing, number: int, who: str, other: str) -> Meetings | None:
    """Return all meetings with two people in each other's place in a round; None where that changes nothing.

    Who has no table takes the other's place; two who have none sit down at a free table.
    """
    companies = held.companies(number)
    at = {name: table for table, people in companies.items() for name in people}
    if at.get(who) == at.get(other):
        free = None if who == other or who in at or held.problem.hosted else _free(held, number, (who, other))
        return None if free is None else held.with_companies(number, companies | {free: (who, other)})
    place = {who: other, other: who}
    return held.with_companies(
        number, {table: tuple(place.get(name, name) for name in people) for table, people in companies.items()}
    )


def swapped(held: Standing, number: int, one: str, other: str) -> Meetings:
    """Return all meetings with two tables of a round in each other's place."""
    place = {one: other, other: one}
    return held.with_companies(
        number, {place.get(table, table): people for table, people in held.companies(number).items()}
    )


def _free(held: Standing, number: int, people: Sequence[str]) -> str | None:
    """A table that nobody uses in a round: that of somebody who stays seated, else the first."""
    free = [one for one in held.tables if one not in held.companies(number)]
    seated = {person.id for person in held.problem.people if person.seated}
    homes = [one.table for one in held.plan.meetings if not seated.isdisjoint({*one.people} & {*people})]
    return next((table for table in [*homes, *free] if table in free), None)


def _overriding(held: Standing, found: Sequence[Objection], plan: matcher.Plan, number: int) -> Iterable[matcher.Lock]:
    """The locks under which the gentler rules bend; above a limit every meeting of the person has to be one."""
    tables = {one.table for one in found if one.gentle and one.table}
    often = {str(name) for one in found if one.code == "limit" for name in one.people}
    for one in plan.meetings:
        bent = (one.round == number and one.table in tables) or not often.isdisjoint(one.people)
        if bent and (one.round, one.table) not in held.locked:
            yield matcher.Lock(one.round, one.people, one.table)


def _hosts(problem: Problem) -> dict[str, str]:
    """Who is visited at which table."""
    if not problem.hosted:
        return {}
    return dict(zip(tables_of_hosts(problem), (host.id for host in problem.visited), strict=True))
