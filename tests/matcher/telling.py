"""Meetings told as a whole plan, every figure counted the slow way: what a truthful engine would write."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise

from matcher.plan import Meeting, Plan, Quality, Rest, Unmet, UnmetCode
from matcher.problem import Person, Problem
from tests.matcher.plain import breaks_of, couples, limit, nodes, rules_against, table, value


def told(problem: Problem, meetings: list[Meeting], rests: list[Rest] | None = None) -> Plan:
    """Tell known people's meetings; whoever has none rests for want of a partner, unless rests are given."""
    true = [replace(one, benefit=sum(value(problem, *two) for two in couples(one))) for one in meetings]
    silent = problem.session.format == "clinics" or problem.chosen is not None
    idle = () if silent else tuple(resting(problem, true) if rests is None else rests)
    return Plan(problem.session.id, tuple(true), idle, tuple(ungranted(problem, true)), quality(problem, true))


def resting(problem: Problem, meetings: list[Meeting]) -> list[Rest]:
    busy = {(name, one.round) for one in meetings for name in one.people}
    there = [(n, p) for n in range(1, problem.session.rounds + 1) for p in problem.people if n not in p.away]
    return [Rest(number, person.id, "no_partner") for number, person in there if (person.id, number) not in busy]


def quality(problem: Problem, meetings: list[Meeting]) -> Quality:
    seats = [sorted((m.round, m.table) for m in meetings if p.id in m.people) for p in problem.people]
    changes = sum(before[1] != after[1] for places in seats for before, after in pairwise(places))
    benefit = sum(one.benefit for one in meetings)
    return Quality(
        meetings=len(meetings),
        benefit=benefit,
        bound=benefit,
        gap=0.0,
        lowest_satisfaction=min((share(problem, meetings, person.id) for person in problem.people), default=1.0),
        lowest_bound=None,
        breaks=sum(breaks_of(person.id, meetings) or 0 for person in problem.people),
        table_changes=changes,
        seconds=0.1,
        repeats=repeats(problem, meetings) if problem.session.format == "circles" else None,
    )


def share(problem: Problem, meetings: list[Meeting], name: str) -> float:
    person = next(one for one in problem.people if one.id == name)
    others = [h.id for h in problem.visited] if problem.hosted else [p.id for p in problem.people if p is not person]
    open_ = [value(problem, name, other) for other in others if not rules_against(problem, name, other)]
    best = sum(sorted(open_, reverse=True)[: limit(problem, person)])
    gained = sum(value(problem, *two) for one in meetings for two in couples(one) if name in two)
    return gained / best if best else 1.0


def repeats(problem: Problem, meetings: list[Meeting]) -> int:
    met = Counter({frozenset(pair) for pair in problem.met_before})
    met.update(frozenset(two) for one in meetings for two in combinations(one.people, 2))
    return sum(times - 1 for times in met.values())


def ungranted(problem: Problem, meetings: list[Meeting]) -> list[Unmet]:
    """Every wish by name that no table grants."""
    return [
        Unmet(person.id, wish, why(problem, meetings, person.id, wish))
        for person in problem.people
        for wish in dict.fromkeys(person.wishes)
        if wish in nodes(problem) and not any({person.id, wish} <= set(table(one)) for one in meetings)
    ]


def why(problem: Problem, meetings: list[Meeting], name: str, wish: str) -> UnmetCode:
    """The first code that holds."""
    against = rules_against(problem, name, wish)
    visit = wish in {host.id for host in problem.visited}
    if against - {"language", "away"} or problem.hosted != visit:
        return "not_possible"
    if any(used_up(problem, meetings, person) for person in problem.people if person.id in (name, wish)):
        return "not_possible"
    if "language" in against:
        return "no_shared_language"
    if "away" in against:
        return "away"
    if visit and time_and_place(problem, meetings, name, wish):
        return "not_possible"
    return "host_full" if taken(problem, meetings, name, wish) else "clash"


def used_up(problem: Problem, meetings: list[Meeting], person: Person) -> bool:
    """Whether a limit below the rounds there is reached."""
    most = limit(problem, person)
    held = sum(person.id in one.people for one in meetings)
    return held >= most and most < problem.session.rounds - len(person.away)


def time_and_place(problem: Problem, meetings: list[Meeting], name: str, host: str) -> bool:
    """Whether in some round both are there, the person is idle and the host has a place."""
    there = set(range(1, problem.session.rounds + 1)) - nodes(problem)[host].away - nodes(problem)[name].away
    free = there - {one.round for one in meetings if name in one.people}
    guests = {number: sum(len(m.people) for m in meetings if (m.host, m.round) == (host, number)) for number in free}
    return any(number < nodes(problem)[host].places for number in guests.values())


def taken(problem: Problem, meetings: list[Meeting], name: str, host: str) -> bool:
    """Whether all places of a host are held by people with fewer talks or more benefit."""
    node = nodes(problem)[host]
    if host not in {one.id for one in problem.visited}:
        return False
    talks = Counter(guest for one in meetings for guest in one.people)
    mine = value(problem, name, host)
    for number in set(range(1, problem.session.rounds + 1)) - node.away:
        guests = [guest for one in meetings if (one.host, one.round) == (host, number) for guest in one.people]
        better = [g for g in guests if talks[g] < talks[name] or value(problem, g, host) > mine]
        if len(guests) < node.places or better != guests:
            return False
    return True
