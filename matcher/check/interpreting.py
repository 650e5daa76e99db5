"""Interpreters: one wherever sides share no language, who speaks with both, is there, and is not overworked."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from matcher.check.case import Case, met, table_of, told
from matcher.plan import Meeting
from matcher.problem import Host, Interpreter, Person
from matcher.rules import interpreting, running_with


def interpreters(case: Case) -> Iterator[str]:
    """Judge who interprets where, and who is missed.

    A lock or an agreement overrides language; an interpreter is missed there only where one was free to come.
    """
    known = {one.id for one in interpreting(case.problem)}
    serving: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for meeting in case.meetings:
        name = meeting.interpreter
        if name is None:
            continue
        if name not in known:
            here = "" if name not in case.helpers else f"; in {case.problem.session.format} nobody interprets"
            yield f"{told(meeting)}: {name} is not an interpreter{here}"
            continue
        serving[name].append((meeting.round, meeting.table))
        if not _speaks(case.helpers[name], _sides(case, meeting)):
            yield f"{told(meeting)}: the interpreter {name} does not speak with both sides"
    for name, served in serving.items():
        yield from _overworked(case.helpers[name], served)
    if known and case.problem.rules.shared_language:
        yield from _missed(case, {name: {number for number, _ in served} for name, served in serving.items()})


def _overworked(helper: Interpreter, served: list[tuple[int, str]]) -> Iterator[str]:
    rounds = [number for number, _ in served]
    for number in sorted(set(rounds)):
        if number in helper.away:
            yield f"the interpreter {helper.id} is away in round {number} and has a meeting there"
        if rounds.count(number) > 1:
            yield f"the interpreter {helper.id} is at {rounds.count(number)} tables in round {number}"
        running = running_with(set(rounds), number)
        if running > helper.most_in_a_row and number - 1 not in rounds:
            yield f"the interpreter {helper.id} works {running} rounds running, at most {helper.most_in_a_row} is right"


def _missed(case: Case, serving: dict[str, set[int]]) -> Iterator[str]:
    nodes = case.nodes
    for meeting in case.meetings:
        if meeting.interpreter is not None:
            continue
        mute = [two for two in met(meeting) if not _share(nodes[two[0]], nodes[two[1]])]
        if not mute:
            continue
        pardoned = {frozenset(two) for two in mute} <= case.pardoned(meeting)
        free = partial(_free, number=meeting.round, serving=serving)
        could = (one for one in case.problem.interpreters if _speaks(one, _sides(case, meeting)))
        if not pardoned or any(free(one) for one in could):
            yield f"{told(meeting)} share no language and have no interpreter"


def _free(helper: Interpreter, *, number: int, serving: dict[str, set[int]]) -> bool:
    rounds = serving.get(helper.id, set())
    return (
        number not in helper.away
        and number not in rounds
        and running_with(rounds | {number}, number) <= helper.most_in_a_row
    )


def _sides(case: Case, meeting: Meeting) -> list[set[str]]:
    """The languages of each at the table who lists any."""
    return [set(node.languages) for node in table_of(case, meeting) if node.languages]


def _speaks(helper: Interpreter, sides: list[set[str]]) -> bool:
    return all(spoken & set(helper.languages) for spoken in sides)


def _share(one: Person | Host, other: Person | Host) -> bool:
    return not one.languages or not other.languages or not set(one.languages).isdisjoint(other.languages)
