"""What a facilitator asks of a plan: plain counts, and each person's share of the best they could have alone."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import matcher
from webapp.bridge.asking import Problem

Contact = tuple[matcher.Person, matcher.Person | matcher.Host, matcher.Meeting]


def appraisal(problem: Problem, answer: matcher.Plan, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the counts that the page of a plan tells; people and hosts by public id, which `names` gives for keys.

    A contact is two people who meet, or a person and the host they visit. `regions` counts for each two regions the
    contacts between people of the one and the other; somebody of two regions counts for both. `colleagues` are
    different pairs of one organisation, `unshared` meetings in which somebody understands nobody,
    `unmet` wishes for a specialist that are not granted.
    """
    contacts = list(_contacts(problem, answer))
    placed = [
        (set(one.regions), set(other.regions))
        for one, other, _ in contacts
        if isinstance(other, matcher.Person) and one.regions and other.regions
    ]
    granted = {reason.taker for meeting in answer.meetings for reason in meeting.reasons if reason.code == "wish"}
    return {
        "shares": {names[name]: round(share, 4) for name, share in matcher.shares(problem, answer).items()},
        "contacts": len(contacts),
        "languages": Counter(meeting.language for meeting in answer.meetings if meeting.language).most_common(),
        "interpreted": sum(meeting.interpreter is not None for meeting in answer.meetings),
        "with_regions": len(placed),
        "mixed_regions": sum(not one & other for one, other in placed),
        "regions": _regions(placed),
        "mixed_organisations": sum(one.organisation != other.organisation for one, other, _ in contacts),
        "colleagues": _colleagues(contacts),
        "unshared": _unshared(problem, answer),
        "wishers": sum(bool(person.wishes) for person in problem.people),
        "granted": len(granted),
        "unmet": _unmet(problem, answer, names),
        "load": [(names[host], taken, places) for host, taken, places in _load(problem, answer)],
    }


def _unmet(problem: Problem, answer: matcher.Plan, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Who does not see a specialist they wished for, and the engine's code of why."""
    if problem.session.format != "clinics":
        return []
    hosts, people = {host.id for host in problem.hosts}, {person.id for person in problem.people}
    told = (one for one in answer.unmet if one.wish in hosts and one.person in people)
    return [(names[one.person], names[one.wish], one.code) for one in told]


def _contacts(problem: Problem, answer: matcher.Plan) -> Iterator[Contact]:
    people = {person.id: person for person in problem.people}
    hosts = {host.id: host for host in problem.hosts}
    for meeting in answer.meetings:
        company = [people[name] for name in meeting.people]
        if meeting.host is not None:
            yield from ((one, hosts[meeting.host], meeting) for one in company)
        else:
            yield from ((one, other, meeting) for one, other in combinations(company, 2))


def _colleagues(contacts: list[Contact]) -> int:
    ours = [(one, other) for one, other, _ in contacts if one.organisation and one.organisation == other.organisation]
    return len({frozenset((one.id, other.id)) for one, other in ours})


def _unshared(problem: Problem, answer: matcher.Plan) -> int:
    """Count the meetings that have neither a language in common nor an interpreter.

    Whoever has told no language counts as able to follow. Who visits a host needs to speak with the host alone.
    """
    spoken = {person.id: set(person.languages) for person in problem.people}
    spoken |= {host.id: set(host.languages) for host in problem.hosts}

    def understood(names: tuple[str, ...]) -> bool:
        lists = [spoken[name] for name in names if spoken[name]]
        return len(lists) < 2 or bool(set.intersection(*lists))

    tables = [
        [(name, meeting.host) for name in meeting.people] if meeting.host else [meeting.people]
        for meeting in answer.meetings
        if meeting.interpreter is None
    ]
    return sum(not all(understood(names) for names in table) for table in tables)


def _regions(placed: list[tuple[set[str], set[str]]]) -> list[tuple[str, str, int]]:
    met: Counter[tuple[str, str]] = Counter()
    for ones, others in placed:
        for pair in {tuple(sorted((one, other))) for one in ones for other in others}:
            met[pair[0], pair[1]] += 1
    return [(*pair, count) for pair, count in sorted(met.items())]


def _load(problem: Problem, answer: matcher.Plan) -> list[tuple[str, int, int]]:
    """Each host, with how many places are taken and how many there are in all rounds."""
    taken: dict[str, int] = defaultdict(int)
    for meeting in answer.meetings:
        if meeting.host is not None:
            taken[meeting.host] += len(meeting.people)
    rounds = problem.session.rounds
    return [(host.id, taken[host.id], host.places * (rounds - len(host.away))) for host in problem.hosts]
