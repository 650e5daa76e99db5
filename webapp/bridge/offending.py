"""Which seats of a version no rule allows any more; what a lock can hold is left alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import matcher
from matcher.points import visits
from matcher.rules import Admissibility
from webapp.bridge.asking import Problem


@dataclass(frozen=True, slots=True)
class Offence:
    """Somebody who may not stay at a table in a round."""

    round: int
    table: str
    person: str


def offences(problem: Problem, plan: matcher.Plan, first: int) -> list[Offence]:
    """Return who may not stay where they are from round `first` on, each once in a round."""
    locked = {(lock.round, lock.people) for lock in problem.locks}
    apart = [set(pair) for pair in problem.keep_apart]

    def held(one: matcher.Meeting) -> bool:
        company = {*one.people, one.host}
        return (one.round, one.people) in locked and not any(pair <= company for pair in apart)

    loose = [one for one in plan.meetings if one.round >= first and not held(one)]
    rules = Admissibility(problem)
    found = [Offence(one.round, one.table, name) for one in loose for name in _strangers(problem, rules, one)]
    found += _restless(problem, plan, loose)
    found += _often(problem, rules, plan, loose)
    return list(dict.fromkeys(found))


def _strangers(problem: Problem, rules: Admissibility, meeting: matcher.Meeting) -> list[str]:
    """Who may not be with the others, as few as can be."""
    rows = [rules.index[name] for name in meeting.people]
    if meeting.host is not None:
        return _visitors(problem, rules, meeting)
    if problem.session.format == "pairs":
        one, other = rows
        mute = meeting.interpreter is None and rules.need_interpreter((one, other))
        seated = problem.people[other].seated
        return [meeting.people[0 if seated else 1]] if mute or not rules.allowed[one, other] else []
    left, out = list(rows), []
    while len(left) > 1:
        against = {row: sum(not rules.allowed[row, other] for other in left if other != row) for row in left}
        worst = max(left, key=lambda row: against[row])
        if not against[worst]:
            break
        left.remove(worst)
        out.append(worst)
    return [problem.people[row].id for row in (*out, *_speechless(rules, left))]


def _speechless(rules: Admissibility, rows: list[int]) -> list[int]:
    """Who does not speak the language that most at a table speak, where there is none for all."""
    if not rules.problem.rules.shared_language or rules.common_language(rows) is not None:
        return []
    spoken = [code for row in rows for code in rules.nodes[row].languages]
    best = max(dict.fromkeys(spoken), key=spoken.count, default=None)
    return [row for row in rows if rules.nodes[row].languages and best not in rules.nodes[row].languages]


def _visitors(problem: Problem, rules: Admissibility, meeting: matcher.Meeting) -> list[str]:
    host = rules.index[str(meeting.host)]
    column, rows = host - len(problem.people), [rules.index[name] for name in meeting.people]
    worth = visits(problem) if problem.session.format == "clinics" else None
    places = problem.hosts[column].places
    return [
        name
        for at, (name, row) in enumerate(zip(meeting.people, rows, strict=True))
        if not rules.visits[row, column]
        or (worth is not None and not worth[row, column])
        or (meeting.interpreter is None and rules.need_interpreter((row, host)))
        or at >= places
        or any(rules.kept_apart[row, other] for other in rows[:at])
    ]


def _restless(problem: Problem, plan: matcher.Plan, loose: list[matcher.Meeting]) -> Iterator[Offence]:
    """Who stays seated, and sits at another table than where they sat first."""
    if problem.hosted:
        return
    for person in (one for one in problem.people if one.seated):
        seats = sorted((one.round, one.table) for one in plan.meetings if person.id in one.people)
        yield from (
            Offence(one.round, one.table, person.id)
            for one in loose
            if person.id in one.people and one.table != seats[0][1]
        )


def _often(
    problem: Problem, rules: Admissibility, plan: matcher.Plan, loose: list[matcher.Meeting]
) -> Iterator[Offence]:
    """Who has more meetings than the limit, in their last rounds."""
    if problem.rules.limit is None:
        return
    for row, person in enumerate(problem.people):
        held = [one for one in plan.meetings if person.id in one.people]
        over = len(held) - max(int(rules.caps[row]), 0)
        mine = [one for one in loose if person.id in one.people]
        for one in mine[len(mine) - over :] if over > 0 else ():
            yield Offence(one.round, one.table, person.id)
