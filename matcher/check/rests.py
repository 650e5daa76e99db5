"""Rests: everybody who is there has a table or a rest, never both, and the reason told is true."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from matcher.check.case import Case
from matcher.plan import Rest


def rests(case: Case) -> Iterator[str]:
    """Judge the list of rests; in `clinics` and with `chosen` there is none."""
    if case.problem.session.format == "clinics" or case.problem.chosen is not None:
        if case.plan.rests:
            why = "with chosen" if case.problem.chosen is not None else "in clinics"
            yield f"{len(case.plan.rests)} rests are told; {why} nobody rests"
        return
    busy = {(name, number) for name, seats in case.seats.items() for number, _ in seats}
    told = Counter((rest.person, rest.round) for rest in case.plan.rests)
    accounted = busy | told.keys()
    for person in case.problem.people:
        for number in range(1, case.problem.session.rounds + 1):
            if number not in person.away and (person.id, number) not in accounted:
                yield f"{person.id} is there in round {number}, has no table, and no rest is told"
    for (name, number), times in told.items():
        if times > 1:
            yield f"the rest of {name} in round {number} is told {times} times"
        if name not in case.persons:
            yield f"the rest in round {number} names {name}, who is not in people"
        elif not 1 <= number <= case.problem.session.rounds:
            yield f"the rest of {name} is in round {number}, which does not exist"
        elif (name, number) in busy:
            yield f"the rest of {name} in round {number} is wrong: there is a meeting"
        elif number in case.persons[name].away:
            yield f"the rest of {name} in round {number} is wrong: {name} is away"
    yield from _codes(case)


def _codes(case: Case) -> Iterator[str]:
    """What a code says can be read off; where the code is no_partner it cannot."""
    there = Counter(
        number
        for person in case.problem.people
        for number in range(1, case.problem.session.rounds + 1)
        if number not in person.away
    )
    free = _free(case)
    for rest in case.plan.rests:
        if rest.person not in case.persons:
            continue
        where = f"the rest of {rest.person} in round {rest.round} is told as {rest.code}"
        if rest.code == "limit" and not _at_limit(case, rest):
            yield f"{where}, which is not reached"
        if rest.code == "odd_number":
            if case.problem.session.format != "pairs":
                yield f"{where}, but only pairs need an even number"
            elif there[rest.round] % 2 == 0:
                yield f"{where}, but {there[rest.round]} people are there"
        if rest.code == "no_table":
            if case.problem.session.tables is None and not case.problem.hosted:
                yield f"{where}, but tables are without limit"
            elif free.get(rest.round, 0) > 0:
                yield f"{where}, but {free[rest.round]} are free"


def _at_limit(case: Case, rest: Rest) -> bool:
    """A limit that was reached before a repair may be told for the rounds that the repair left as they were."""
    return case.plan.version > 1 or len(case.seats[rest.person]) >= case.limit(case.persons[rest.person])


def _free(case: Case) -> dict[int, int]:
    """How many tables, or places at hosts, are free in each round."""
    given = case.problem.session.tables
    used: defaultdict[int, int] = defaultdict(int)
    for meeting in case.meetings:
        used[meeting.round] += len(meeting.people) if case.problem.hosted else 1
    rounds = range(1, case.problem.session.rounds + 1)
    if case.problem.hosted:
        hosts = case.hosts.values()
        return {
            number: sum(host.places for host in hosts if number not in host.away) - used[number] for number in rounds
        }
    most = len(given) if isinstance(given, tuple) else given
    return {} if most is None else {number: most - used[number] for number in rounds}
