"""Who goes where at the help point: by all rules, and for the round that runs alone."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import matcher
from matcher.engine import BrokenPlan
from matcher.points import matrix, visits
from matcher.rules import Admissibility, interpreting
from webapp.bridge.asking import Problem, host_key, interpreter_key
from webapp.models import Host, Interpreter

MOST_IN_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Running:
    """A table as it is used in the round: who truly sits there, by row id, whom they visit, who interprets for them."""

    table: str
    people: tuple[int, ...]
    host: Host | None = None
    interpreter: Interpreter | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Where people go: two to a table of their own, one as a third or a visitor, or to a member of staff.

    `before` are those who were called to the table before and let their time go by.
    """

    kind: str
    people: tuple[int, ...]
    table: str = ""
    host: Host | None = None
    before: tuple[int, ...] = ()


def offers(
    problem: Problem, waiting: Sequence[int], *, number: int, running: Sequence[Running], free: Sequence[str]
) -> list[Offer]:
    """Return where each of those who wait goes in round `number`; nobody is left out.

    `problem` has everybody who waits or sits, there in all rounds, and who has met whom; `free` are tables that nobody
    uses. Two who wait come first, then tables that take one more, then a member of staff.
    """
    room = _Room(problem, number, running)
    if problem.hosted:
        found = room.joined(waiting, room.visits)
    elif problem.session.format == "circles":
        found = room.joined(waiting, room.chairs)
        found += _paired(problem, _left(waiting, found), free)
    else:
        found = _paired(problem, waiting, free)
        found += room.joined(_left(waiting, found), room.thirds)
    return found + [Offer("staff", (one,)) for one in _left(waiting, found)]


def called(
    problem: Problem,
    line: Sequence[int],
    *,
    number: int,
    running: Sequence[Running],
    passed: Container[tuple[int, str]] = (),
    turns: Sequence[Mapping[str, int]] = (),
) -> list[Offer]:
    """Return who of a line is called to which free place in round `number`, in the order of the tables.

    At each table one is called at a time. As many are called as can be, and of those the first in line; whoever could
    go to several tables goes where it is worth most. Nobody is called to a table where they were `passed` by (a person
    and the table). `turns` are tables by the moments at which something happened there: first it fell free, then each
    time whoever was called there let their time go by, so that others are called before them; a row beside the table
    says that the big screen has called that person there, who keeps their turn.
    """
    room = _Room(problem, number, running)
    open_to = {row: room.visitable(row, passed) for row in line}
    holders, late = _in_turn(open_to, turns) if turns else (_matched(open_to, open_to), {})
    return [
        Offer("visit", (row,), one.table, one.host, tuple(dict.fromkeys(late.get(one.table, ()))))
        for one in running
        if (row := holders.get(one.table)) is not None
    ]


def _in_turn(
    open_to: Mapping[int, Sequence[str]], turns: Iterable[Mapping[str, int]]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Who is called where after all that happened, and who was before; nobody moves because others let time go by."""
    order, free, holders, kept = list(open_to), set[str](), dict[str, int](), dict[str, int]()
    late: dict[str, list[int]] = defaultdict(list)
    for tables in turns:
        gone = {one: holders[one] for one, row in tables.items() if not row and one in free and one in holders}
        for one, row in gone.items():
            late[one].append(row)
        order.sort(key=[*gone.values()].__contains__)
        free |= {*tables}
        said = {table: row for table, row in tables.items() if row and table in open_to.get(row, ())}
        kept = {one: row for one, row in kept.items() if one not in tables and row not in said.values()} | said
        holders = _matched(order, _reachable(open_to, free, holders, kept))
    return holders, late


def _reachable(
    open_to: Mapping[int, Sequence[str]], free: Container[str], holders: Mapping[str, int], kept: Mapping[str, int]
) -> dict[int, list[str]]:
    """Where each can be called: first to where they are already, and alone to where the big screen calls them."""
    held, bound = ({row: table for table, row in told.items()} for told in (holders, kept))
    return {
        row: [bound[row]] if row in bound else
        _first(held.get(row), [one for one in those if one in free and one not in kept])
        for row, those in open_to.items()
    }  # fmt: skip


def _first(table: str | None, tables: list[str]) -> list[str]:
    return sorted(tables, key=lambda one: one != table)


def _matched(line: Iterable[int], open_to: Mapping[int, Sequence[str]]) -> dict[str, int]:
    holders: dict[str, int] = {}
    for row in line:
        _find(row, open_to, holders, set())
    return holders


def _find(row: int, open_to: Mapping[int, Sequence[str]], holders: dict[str, int], seen: set[str]) -> bool:
    """Find somebody a table, moving those before to another of theirs where that helps; nobody loses their place."""
    for table in open_to[row]:
        if table not in seen:
            seen.add(table)
            if table not in holders or _find(holders[table], open_to, holders, seen):
                holders[table] = row
                return True
    return False


def gains(problem: Problem, line: Iterable[int]) -> dict[int, int]:
    """Return what the best visit would be worth for each of a line, whatever forbids it; so it tells of no rule."""
    best = visits(problem).max(axis=1, initial=0)
    at = {one.id: row for row, one in enumerate(problem.people)}
    return {row: int(best[at[str(row)]]) for row in line}


def _left(waiting: Sequence[int], found: Iterable[Offer]) -> list[int]:
    placed = {row for one in found for row in one.people}
    return [row for row in waiting if row not in placed]


def _paired(problem: Problem, waiting: Sequence[int], free: Sequence[str]) -> list[Offer]:
    """Two and two at free tables, as many as can be, and of those the best; the engine is asked for a single round."""
    names = {str(row) for row in waiting}
    people = tuple(
        replace(one, wishes=tuple(wish for wish in one.wishes if not isinstance(wish, str) or wish in names))
        for one in problem.people
        if one.id in names and not one.seated
    )
    if not free or len(people) < MOST_IN_PAIRS:
        return []
    known = {one.id for one in people}
    asked = matcher.Problem(
        matcher.Session(rounds=1, id="help", tables=tuple(free)),
        people,
        rules=replace(problem.rules, limit=None),
        keep_apart=tuple(pair for pair in problem.keep_apart if {*pair} <= known),
        met_before=tuple(pair for pair in problem.met_before if {*pair} <= known),
    )
    try:
        plan = matcher.solve(asked, clock=lambda: 0.0)
    except (matcher.MatcherError, BrokenPlan):
        return []
    return [Offer("pair", tuple(map(int, one.people)), one.table) for one in plan.meetings]


class _Room:
    """The tables that are in use, and how well one more would do there."""

    def __init__(self, problem: Problem, number: int, running: Sequence[Running]) -> None:
        self.problem, self.number = problem, number
        self.rules = Admissibility(problem)
        self.tables = list(running)
        self.worth = visits(problem) if problem.hosted else matrix(problem)

    def joined(self, waiting: Sequence[int], worth: Callable[[int, Running], int | None]) -> list[Offer]:
        """Let one after the other join a table that takes them: those first who can go to the fewest."""
        kind = "visit" if self.problem.hosted else "third"
        found: list[Offer] = []
        left = [row for row in waiting if not self._seated(row)]
        while left:
            open_to = {row: [one for one in self.tables if worth(row, one) is not None] for row in left}
            row = min(left, key=lambda one: len(open_to[one]) or len(self.tables) + 1)
            if not open_to[row]:
                break
            best = max(open_to[row], key=lambda one: worth(row, one) or 0)
            found.append(Offer(kind, (row,), best.table, best.host))
            self.tables[self.tables.index(best)] = replace(best, people=(*best.people, row))
            left.remove(row)
        return found

    def _seated(self, row: int) -> bool:
        """Whether somebody stays at one table; whoever is visited sits at their own in any case."""
        return not self.problem.hosted and self.problem.people[self.rules.index[str(row)]].seated

    def visitable(self, row: int, passed: Container[tuple[int, str]]) -> list[str]:
        """Return the tables where somebody may sit down now, those first that are worth most."""
        worth = {one.table: self.visits(row, one) for one in self.tables if (row, one.table) not in passed}
        return sorted((table for table, value in worth.items() if value), key=lambda table: -(worth[table] or 0))

    def thirds(self, row: int, table: Running) -> int | None:
        """How well somebody does beside two who talk; None where it cannot be."""
        return self._beside(row, table) if len(table.people) == MOST_IN_PAIRS else None

    def chairs(self, row: int, table: Running) -> int | None:
        """How well somebody does at a small table with a chair left; None where it cannot be."""
        return self._beside(row, table) if 1 < len(table.people) <= self.problem.session.size else None

    def _beside(self, row: int, table: Running) -> int | None:
        me, others = self.rules.index[str(row)], [self.rules.index[str(one)] for one in table.people]
        if not all(self.rules.allowed[me, other] for other in others):
            return None
        everybody = [me, *others]
        spoken = any(self.rules.nodes[one].languages for one in everybody)
        alike = not spoken or self.rules.common_language(everybody) is not None
        if self.problem.rules.shared_language and not alike and not self._interpreted(everybody, table):
            return None
        return int(sum(self.worth[me, other] for other in others))

    def _interpreted(self, everybody: Iterable[int], table: Running) -> bool:
        """Whether the interpreter who works at a table in the round shares a language with each of these."""
        name = interpreter_key(table.interpreter) if table.interpreter else ""
        voice = next((one for one in interpreting(self.problem) if one.id == name), None)
        if voice is None or self.number in voice.away:
            return False
        lists = (self.rules.nodes[one].languages for one in everybody)
        return all(not own or {*own} & {*voice.languages} for own in lists)

    def visits(self, row: int, table: Running) -> int | None:
        """How well somebody does with a specialist or at a tool table with a free place; None where it cannot be."""
        key = host_key(table.host) if table.host else ""
        if key not in self.rules.index:
            return None
        me, node = self.rules.index[str(row)], self.rules.index[key]
        column = node - len(self.problem.people)
        host, worth = self.problem.hosts[column], int(self.worth[me, column])
        beside = any(self.rules.kept_apart[me, self.rules.index[str(one)]] for one in table.people)
        full = self.number in host.away or len(table.people) >= host.places
        mute = self.rules.need_interpreter((me, node)) and not self._interpreted((me, node), table)
        barred = not self.rules.visits[me, column] or mute
        if full or barred or beside or (self.problem.session.format == "clinics" and not worth):
            return None
        return worth
