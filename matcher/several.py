"""All sessions of an event with one memory: who has met whom, whose wish was granted, who sits elsewhere just then."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations

from matcher.effort import Progress
from matcher.engine import solve
from matcher.errors import MatcherError, NotPossible
from matcher.plan import Meeting, Plan
from matcher.points import kinds_of
from matcher.problem import Host, KindWish, Person, Problem, Session

Solved = tuple[Problem, Plan]


@dataclass(slots=True)
class Memory:
    """What the sessions planned so far have decided.

    Attributes
    ----------
    met : dict
        Pairs of ids that sat at one table on purpose: two people, or a person and the host visited; in the order in
        which they met.
    granted : set
        (person, wish) pairs.
    busy : list
        For each session its beginning, its end, its name and who has a table in it.
    """

    met: dict[tuple[str, str], None] = field(default_factory=dict)
    granted: set[tuple[str, str | KindWish]] = field(default_factory=set)
    busy: list[tuple[datetime, datetime, str, frozenset[str]]] = field(default_factory=list)

    def learn(self, problem: Problem, plan: Plan) -> None:
        """Remember a planned session."""
        known: dict[str, Person | Host] = {person.id: person for person in problem.people}
        known |= {host.id: host for host in problem.visited}
        for meeting in plan.meetings:
            for one, other in _met(meeting):
                self.met.setdefault((one, other) if one < other else (other, one))
                for wisher, wished in ((known[one], known[other]), (known[other], known[one])):
                    if isinstance(wisher, Person):
                        self.granted |= {(wisher.id, wish) for wish in wisher.wishes if _grants(wished, wish)}
        span = _span(problem.session)
        if span is not None:
            seated = frozenset(
                name for meeting in plan.meetings for name in (*meeting.people, meeting.host) if name is not None
            )
            self.busy.append((*span, problem.session.title or problem.session.id, seated))

    def carry(self, problem: Problem, *, again: bool = False) -> Problem:
        """Return the problem with what is remembered.

        Whoever has a table in a session at the same time may have no meeting here; who has met counts as met before,
        unless they may meet again; a wish that was granted is no longer one.

        Raises
        ------
        NotPossible
            A lock or chosen meeting needs somebody who sits in another session at that time.
        """
        elsewhere = self._elsewhere(problem.session)
        for names in [lock.people for lock in problem.locks] + [one.people for one in problem.chosen or ()]:
            for name in names:
                if name in elsewhere:
                    raise NotPossible(
                        f"{name!r} has a lock or a chosen meeting and sits in {elsewhere[name]!r} at the same time; "
                        "remove one of the two"
                    )
        known = {*(person.id for person in problem.people), *(host.id for host in problem.hosts)}
        told = {frozenset(pair) for pair in problem.met_before}
        met = [pair for pair in self.met if known.issuperset(pair) and frozenset(pair) not in told]
        every = frozenset(range(1, problem.session.rounds + 1))
        return replace(
            problem,
            people=tuple(self._left(person, elsewhere) for person in problem.people),
            hosts=tuple(replace(host, away=every) if host.id in elsewhere else host for host in problem.hosts),
            met_before=problem.met_before if again else (*problem.met_before, *met),
        )

    def _left(self, person: Person, elsewhere: dict[str, str]) -> Person:
        wishes = tuple(wish for wish in person.wishes if (person.id, wish) not in self.granted)
        return replace(person, wishes=wishes, limit=0 if person.id in elsewhere else person.limit)

    def _elsewhere(self, session: Session) -> dict[str, str]:
        """Who sits in which session at the same time."""
        span = _span(session)
        if span is None:
            return {}
        at_once = [(name, seated) for start, end, name, seated in self.busy if start < span[1] and span[0] < end]
        return {person: name for name, seated in at_once for person in seated}


def _met(meeting: Meeting) -> Iterator[tuple[str, str]]:
    """Those who met on purpose: at a host's table each visitor and the host, elsewhere everybody and everybody."""
    if meeting.host is None:
        return combinations(meeting.people, 2)
    return ((name, meeting.host) for name in meeting.people)


def _grants(wished: Person | Host, wish: str | KindWish) -> bool:
    if isinstance(wish, str):
        return wish == wished.id
    if isinstance(wished, Person):
        return wish in kinds_of(wished)
    return wish == KindWish("organisation", wished.organisation or "")


def _span(session: Session) -> tuple[datetime, datetime] | None:
    """When a session begins and ends; None where it has no start."""
    if session.start is None:
        return None
    minutes = session.rounds * (session.round_minutes + session.change_minutes) - session.change_minutes
    return session.start, session.start + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Task:
    """Sessions that share people, to be planned one after another: their places in the list, and how hard to try."""

    problems: tuple[tuple[int, str | None, Problem], ...]
    clock: Callable[[], float]
    seed: int = 0
    floor: bool = True
    again: bool = False
    deadline: float | None = None


def solve_all(
    problems: Sequence[Problem],
    *,
    names: Sequence[str] = (),
    seed: int = 0,
    floor: bool = True,
    again: bool = False,
    deadline: float | None = None,
    clock: Callable[[], float],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> list[Solved]:
    """Plan several sessions one after another with one memory; the first of two at the same time has the first choice.

    Parameters
    ----------
    problems : sequence of Problem
        The sessions in the order in which they are planned.
    names : sequence of str
        What errors call them: usually their files.
    again : bool
        People may meet once in each session.
    deadline : float, optional
        Seconds for all of them; each session may use its share of what is left.
    executor : concurrent.futures.Executor, optional
        Where sessions that have nobody in common run at the same time; here, where None. The plans are the same.
    seed, floor, clock, progress
        As in `solve`; an executor tells nobody how far it is, and its clock must be a function that it can find.

    Returns
    -------
    list of (Problem, Plan)
        Each problem with what was remembered, and its plan, which is judged against it.

    Raises
    ------
    MatcherError, BrokenPlan
        As in `solve`; the sentence begins with the name of the session where there are several.
    """
    named = [(at, names[at] if len(problems) > 1 and names else None, problem) for at, problem in enumerate(problems)]
    if executor is None:
        solved = _in_order(Task(tuple(named), clock, seed, floor, again, deadline), progress)
    else:
        tasks = [Task(group, clock, seed, floor, again, deadline) for group in _groups(named)]
        solved = [one for group in executor.map(_in_order, tasks) for one in group]
    return [one for _, one in sorted(solved, key=lambda row: row[0])]


def _in_order(task: Task, progress: Progress | None = None) -> list[tuple[int, Solved]]:
    memory, solved, number = Memory(), [], len(task.problems)
    started = task.clock()
    for done, (at, name, problem) in enumerate(task.problems):
        left = None
        if task.deadline is not None:
            left = max(task.deadline - (task.clock() - started), 0.0) / (number - done)
        share = None if progress is None else _part(progress, done, number)
        with _named(name):
            carried = memory.carry(problem, again=task.again)
            plan = solve(carried, seed=task.seed, floor=task.floor, deadline=left, clock=task.clock, progress=share)
        memory.learn(carried, plan)
        solved.append((at, (carried, plan)))
    return solved


def _groups(named: Sequence[tuple[int, str | None, Problem]]) -> list[tuple[tuple[int, str | None, Problem], ...]]:
    """Sessions that share people or hosts, directly or through others, stand in one group."""
    groups: list[tuple[set[str], list[tuple[int, str | None, Problem]]]] = []
    for row in named:
        ids, rows = {one.id for one in row[2].people} | {host.id for host in row[2].visited}, [row]
        apart = []
        for other_ids, other_rows in groups:
            if ids & other_ids:
                ids, rows = ids | other_ids, other_rows + rows
            else:
                apart.append((other_ids, other_rows))
        groups = [*apart, (ids, rows)]
    return [tuple(sorted(rows, key=lambda row: row[0])) for _, rows in groups]


@contextmanager
def _named(session: str | None) -> Iterator[None]:
    """Let errors begin with the name of their session."""
    try:
        yield
    except MatcherError as error:
        raise error if session is None else type(error)(f"{session}: {error}") from None


def _part(progress: Progress, at: int, number: int) -> Progress:
    return lambda fraction, what: progress((at + fraction) / number, what)
