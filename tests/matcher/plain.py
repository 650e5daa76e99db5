"""The contract's rules once more, the slow and plain way: what the referee must agree with, word for word."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise, product

from matcher import points
from matcher.plan import Meeting
from matcher.problem import Host, Person, Problem


def nodes(problem: Problem) -> dict[str, Person | Host]:
    return {node.id: node for node in (*problem.people, *problem.visited)}


def table(meeting: Meeting) -> list[str]:
    return [*meeting.people, *([meeting.host] if meeting.host else [])]


def couples(meeting: Meeting) -> list[tuple[str, str]]:
    if meeting.host:
        return [(name, meeting.host) for name in meeting.people]
    return list(combinations(meeting.people, 2))


def value(problem: Problem, one: str, other: str) -> int:
    if problem.benefits is not None:
        return {frozenset(row[:2]): row[2] for row in problem.benefits}.get(frozenset((one, other)), 0)
    people, hosts = [p.id for p in problem.people], [h.id for h in problem.visited]
    if other in hosts:
        return int(points.visits(problem)[people.index(one), hosts.index(other)])
    return int(points.matrix(problem)[people.index(one), people.index(other)])


def limit(problem: Problem, person: Person) -> int:
    own = problem.rules.limit if person.limit is None else person.limit
    there = problem.session.rounds - len(person.away)
    return there if own is None else min(own, there)


def listed(pairs: tuple[tuple[str, str], ...], one: str, other: str) -> bool:
    return (one, other) in pairs or (other, one) in pairs


def speak(one: Person | Host, other: Person | Host) -> bool:
    return not one.languages or not other.languages or any(code in other.languages for code in one.languages)


def helped(problem: Problem, one: Person | Host, other: Person | Host) -> bool:
    return problem.session.format in ("pairs", "clinics") and any(
        set(helper.languages) & set(one.languages) and set(helper.languages) & set(other.languages)
        for helper in problem.interpreters
    )


def rules_against(problem: Problem, a: str, b: str) -> set[str]:
    """All rules that keep two nodes from meeting."""
    one, other, kind = nodes(problem)[a], nodes(problem)[b], problem.session.format
    both = isinstance(one, Person) and isinstance(other, Person)
    found = {
        "away": len(one.away | other.away) == problem.session.rounds,
        "organisation": problem.rules.same_organisation == "apart"
        and bool(one.organisation)
        and one.organisation == other.organisation,
        "language": problem.rules.shared_language and not speak(one, other) and not helped(problem, one, other),
        "side": kind == "pairs" and bool(one.side) and one.side == other.side if both else False,
        "seated": kind == "pairs" and one.seated and other.seated if both else False,
        "met_before": kind != "circles" and listed(problem.met_before, a, b),
        "keep_apart": listed(problem.keep_apart, a, b),
        "nothing to gain": kind == "clinics" and not both and value(problem, a, b) == 0,
    }
    return {name for name, holds in found.items() if holds}


def wrongs(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    """Every rule that these meetings break; an empty list means that they are lawful."""
    if not all(_sound(problem, meeting) for meeting in meetings):
        yield "malformed"
        return
    yield from _places(problem, meetings)
    yield from _company(problem, meetings)
    yield from _agreed(problem, meetings)
    if problem.session.format == "circles":
        yield from _sizes(problem, meetings)
    yield from _interpreted(problem, meetings)
    if problem.session.format == "stations" and problem.session.move == "groups":
        yield from _groups(meetings)


def _sound(problem: Problem, meeting: Meeting) -> bool:
    people, least = {p.id for p in problem.people}, 1 if problem.hosted else 2
    most = 2 if problem.session.format == "pairs" else len(people)
    hosts = {h.id for h in problem.hosts} if problem.hosted else {None}
    known = set(meeting.people) <= people and len(set(meeting.people)) == len(meeting.people)
    right = least <= len(meeting.people) <= most and meeting.host in hosts
    return known and right and 1 <= meeting.round <= problem.session.rounds


def _places(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    everybody = nodes(problem)
    if any(meeting.round in everybody[name].away for meeting in meetings for name in table(meeting)):
        yield "away"
    busy = [(name, meeting.round) for meeting in meetings for name in table(meeting)]
    used = [(meeting.table, meeting.round) for meeting in meetings]
    if len(set(busy)) < len(busy) or len(set(used)) < len(used):
        yield "twice at once"
    tables = problem.session.tables
    if tables is not None and not problem.hosted:
        most = tables if isinstance(tables, int) else len(tables)
        if any(times > most for times in Counter(meeting.round for meeting in meetings).values()):
            yield "too few tables"
        if isinstance(tables, tuple) and any(meeting.table not in tables for meeting in meetings):
            yield "no such table"
    for meeting in meetings:
        host = everybody.get(meeting.host)
        if isinstance(host, Host) and not (host.min_places <= len(meeting.people) <= host.places):
            yield "places"
        if isinstance(host, Host) and host.table and host.table != meeting.table:
            yield "wrong table"
    pinned = Counter(name for lock in problem.locks for name in lock.people)
    agreed = Counter(name for one in problem.chosen or () for name in one.people)
    for person in problem.people:
        held = [meeting for meeting in meetings if person.id in meeting.people]
        if len(held) > max(limit(problem, person), pinned[person.id], agreed[person.id]):
            yield "limit"
        if person.seated and not problem.hosted and len({meeting.table for meeting in held}) > 1:
            yield "not seated"


def _pardoned(problem: Problem, meeting: Meeting, one: str, other: str) -> bool:
    for lock in problem.locks:
        kept = set(lock.people) <= set(meeting.people) and lock.table in (None, meeting.table)
        if lock.round == meeting.round and kept and one in lock.people and (other in lock.people or meeting.host):
            return True
    return any({one, other} == set(agreed.people) for agreed in problem.chosen or ())


def _company(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    for meeting in meetings:
        if any(listed(problem.keep_apart, *two) for two in combinations(table(meeting), 2)):
            yield "kept apart"
        for two in couples(meeting):
            broken = rules_against(problem, *two)
            if broken and ("seated" in broken or not _pardoned(problem, meeting, *two)):
                yield f"{two}: {broken}"
        spoken = [set(nodes(problem)[name].languages) for name in meeting.people if nodes(problem)[name].languages]
        alike = problem.session.format != "circles" or not problem.rules.shared_language or not spoken
        if not (alike or set.intersection(*spoken) or _excused(problem, meeting)):
            yield "no common language"
    seen = [frozenset(two) for meeting in meetings for two in couples(meeting)]
    if problem.session.format != "circles" and len(set(seen)) < len(seen):
        yield "met twice"


def _excused(problem: Problem, meeting: Meeting) -> bool:
    """A lock of people without a common language: the others at the table have one."""
    people = nodes(problem)
    mute = set()
    for lock in problem.locks:
        if lock.round == meeting.round and set(lock.people) <= set(meeting.people):
            lists = [set(people[name].languages) for name in lock.people if people[name].languages]
            if lock.table in (None, meeting.table) and lists and not set.intersection(*lists):
                mute |= set(lock.people)
    others = [set(people[name].languages) for name in meeting.people if people[name].languages and name not in mute]
    return bool(mute) and (not others or bool(set.intersection(*others)))


def _agreed(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    for lock in problem.locks:
        if not any(
            meeting.round == lock.round
            and set(lock.people) <= set(meeting.people)
            and lock.table in (None, meeting.table)
            for meeting in meetings
        ):
            yield "lock"
    if problem.chosen is None:
        return
    held = sorted((sorted(meeting.people), meeting.round) for meeting in meetings)
    wanted = {tuple(sorted(one.people)): one.rounds for one in problem.chosen}
    if sorted(map(list, wanted)) != [people for people, _ in held]:
        yield "not exactly the chosen"
    elif any(number not in (wanted[tuple(people)] or (number,)) for people, number in held):
        yield "chosen, in another round"
    breaks = [count for person in problem.people if (count := breaks_of(person.id, meetings)) is not None]
    if breaks and max(breaks) - min(breaks) > 2:
        yield "breaks differ"


def breaks_of(name: str, meetings: list[Meeting]) -> int | None:
    rounds = sorted(meeting.round for meeting in meetings if name in meeting.people)
    return sum(b - a > 1 for a, b in pairwise(rounds)) if rounds else None


def _sizes(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    size = problem.session.size
    for number in range(1, problem.session.rounds + 1):
        found = [len(meeting.people) for meeting in meetings if meeting.round == number]
        there = sum(number not in person.away for person in problem.people)
        fits = any(count * (size - 1) <= there <= count * (size + 1) for count in range(1, there + 1))
        if found and max(found) - min(found) > 1:
            yield "uneven"
        if found and fits and any(abs(one - size) > 1 for one in found):
            yield "size"


def _interpreted(problem: Problem, meetings: list[Meeting]) -> Iterator[str]:
    helpers = {one.id: one for one in problem.interpreters if problem.session.format in ("pairs", "clinics")}
    serve = {name: {m.round for m in meetings if m.interpreter == name} for name in helpers}
    tired = {name for name, rounds in serve.items() if _tired(rounds, helpers[name].most_in_a_row)}
    if tired:
        yield "overworked"
    for meeting in meetings:
        lists = [set(nodes(problem)[name].languages) for name in table(meeting)]

        def fits(name: str, lists: list[set[str]] = lists, number: int = meeting.round) -> bool:
            spoken = set(helpers[name].languages)
            return number not in helpers[name].away and all(not own or own & spoken for own in lists)

        if meeting.interpreter is not None:
            others = [m for m in meetings if m.round == meeting.round and m.interpreter == meeting.interpreter]
            if meeting.interpreter not in helpers or len(others) > 1 or not fits(meeting.interpreter):
                yield "not this interpreter"
        elif problem.rules.shared_language and helpers:
            mute = [two for two in couples(meeting) if not speak(*(nodes(problem)[name] for name in two))]
            spare = [n for n in helpers if fits(n) and meeting.round not in serve[n]]
            rested = [
                n for n in spare if not _tired(serve[n] | {meeting.round}, helpers[n].most_in_a_row, meeting.round)
            ]
            if mute and (rested or not all(_pardoned(problem, meeting, *two) for two in mute)):
                yield "no interpreter"


def _tired(rounds: set[int], most: int, around: int | None = None) -> bool:
    """Whether there is a run of more rounds than that, around the given one."""
    runs = (set(range(first, first + most + 1)) for first in range(1, max(rounds, default=0) + 1))
    return any(run <= rounds and (around is None or around in run) for run in runs)


def _groups(meetings: list[Meeting]) -> Iterator[str]:
    at = {(name, meeting.round): meeting.host for meeting in meetings for name in meeting.people}
    names, rounds = {name for name, _ in at}, sorted({number for _, number in at})
    group = {name: name for name in names}
    for meeting in meetings:
        for one, other in pairwise(meeting.people):
            mine, yours = group[one], group[other]
            group = {name: mine if own == yours else own for name, own in group.items()}
    for one, other in combinations(sorted(names), 2):
        if group[one] == group[other] and any(
            (one, number) in at and (other, number) in at and at[one, number] != at[other, number] for number in rounds
        ):
            yield "a group is parted"
    steps = {
        (at[name, r], at[name, r + 1]) for name, r in product(names, rounds) if {(name, r), (name, r + 1)} <= set(at)
    }
    if len({a for a, _ in steps}) < len(steps) or len({b for _, b in steps}) < len(steps):
        yield "not one after the other"
