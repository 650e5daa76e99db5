"""What has happened since the plan was printed, and the problem that the repaired plan answers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from matcher.errors import BadProblem, UnknownId
from matcher.plan import Plan
from matcher.problem import Chosen, Host, Interpreter, Lock, Person, Problem, Session
from matcher.rules import running_with, tables_of_hosts

Node = TypeVar("Node", Person, Host, Interpreter)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from round `from_round` on; rounds before it have begun and stand as they are.

    `leaves` are (id, first round missed); `late` people may be seated from `from_round` on, and `late_benefits` are
    rows (id, id, value) as in a problem, each with a late-comer in it.
    """

    from_round: int
    absent: tuple[str, ...] = ()
    leaves: tuple[tuple[str, int], ...] = ()
    late: tuple[Person, ...] = ()
    late_benefits: tuple[tuple[str, str, int], ...] = ()
    lost_tables: tuple[str, ...] = ()
    lost_hosts: tuple[str, ...] = ()
    lost_interpreters: tuple[str, ...] = ()
    keep_apart: tuple[tuple[str, str], ...] = ()

    def gone(self) -> dict[str, int]:
        """The first round that each of those who left will miss."""
        first: dict[str, int] = {}
        for name, number in (*((name, self.from_round) for name in self.absent), *self.leaves):
            first[name] = min(number, first.get(name, number))
        return first


def changed(problem: Problem, plan: Plan, changes: Changes) -> Problem:
    """Return the problem as it is now, under which the begun rounds of the plan are still legal.

    Absent people are away from `from_round` on and late-comers before it. Locks from that round on that nobody can
    keep any more are taken out; one at a lost table keeps its people and may be at any table. `repaired` takes out
    those that name no host, and whose people find none beside the others. What would make a begun round a breach is
    left out, though the repair keeps to it: a lost table stays in the list where a begun round used it, and two people
    who have shared a table already get no entry in `keep_apart` (in `pairs` they never meet twice).

    Of `chosen` meetings those are taken out that have not begun and that nobody can hold any more: because one of the
    two is gone in all rounds that are left for them, or because they are kept apart now. All others are still to be
    held, in one of their rounds; of those that somebody who leaves would miss, `repaired` takes out what finds no
    earlier round. An interpreter who rested in a begun round for having worked long enough, while one was missed there,
    is away then: with less to do afterwards it would look as if there had been time.

    Raises
    ------
    BadProblem, UnknownId
        A change names a round, person, table, host or interpreter that is not there.
    """
    _vet(problem, plan, changes)
    first, gone = changes.from_round, changes.gone()
    rounds = problem.session.rounds
    missing = {**dict.fromkeys((*hosts_lost(problem, plan, changes), *changes.lost_interpreters), first), **gone}
    begun = [{*one.people, one.host} for one in plan.meetings if one.round < first]
    known = {frozenset(pair) for pair in problem.keep_apart}
    fresh = {frozenset(pair): pair for pair in changes.keep_apart}
    apart = tuple(
        pair for both, pair in fresh.items() if both not in known and not any(both <= table for table in begun)
    )
    late = tuple(replace(one, away=one.away | set(range(1, first))) for one in changes.late)
    return replace(
        problem,
        session=_room_left(problem, plan, changes),
        people=tuple(_away(one, missing, rounds) for one in problem.people) + late,
        hosts=tuple(_away(one, missing, rounds) for one in problem.hosts),
        interpreters=tuple(_away(one, missing, rounds) for one in _rested(problem, plan, first)),
        chosen=None if problem.chosen is None else tuple(_chosen_left(problem, plan, changes)),
        keep_apart=problem.keep_apart + apart,
        locks=tuple(_locks_left(problem, plan, changes)),
        benefits=None if problem.benefits is None else problem.benefits + changes.late_benefits,
    )


def _away(one: Node, missing: dict[str, int], rounds: int) -> Node:
    """The same person, host or interpreter, away from the first round missed on."""
    return replace(one, away=one.away | set(range(missing[one.id], rounds + 1))) if one.id in missing else one


def _vet(problem: Problem, plan: Plan, changes: Changes) -> None:
    known = {one.id for one in problem.people}
    rounds, first = problem.session.rounds, changes.from_round
    if not 1 <= first <= rounds:
        raise BadProblem(f"--from-round {first}: the session has rounds 1 to {rounds}")
    _refuse_strangers("--absent", changes.absent, known)
    _refuse_strangers("--leaves", [name for name, _ in changes.leaves], known)
    for name, number in changes.leaves:
        if not first <= number <= rounds:
            raise BadProblem(f"--leaves {name}:{number}: give a round from {first} to {rounds}")
    arrived = known | {one.id for one in changes.late} | {host.id for host in problem.hosts}
    for one, other in changes.keep_apart:
        _refuse_strangers("--keep-apart", (one, other), arrived)
        if one == other:
            raise BadProblem(f"--keep-apart {one}:{other}: name two different people")
    _vet_late(problem, changes, known)
    _refuse_strangers("--lost-table", changes.lost_tables, set(names_of(problem, plan)), "a table of the plan")
    _refuse_strangers("--lost-host", changes.lost_hosts, {one.id for one in problem.hosts}, "in hosts")
    helpers = {one.id for one in problem.interpreters}
    _refuse_strangers("--lost-interpreter", changes.lost_interpreters, helpers, "in interpreters")


def _vet_late(problem: Problem, changes: Changes, known: set[str]) -> None:
    late, hosts = {one.id for one in changes.late}, {host.id for host in problem.hosts}
    for name in sorted(late & known):
        raise BadProblem(f"--late: {name!r} is in people already; give late-comers ids of their own")
    if changes.late_benefits and problem.benefits is None:
        raise BadProblem("--late: the problem takes benefits from profiles; leave out the benefits of the late-comers")
    for one, other, _ in changes.late_benefits:
        _refuse_strangers("--late: benefits", (one, other), known | late | hosts)
        if not {one, other} & late:
            raise BadProblem(f"--late: the benefit of {one!r} and {other!r} names no late-comer; leave it out")


def _refuse_strangers(option: str, names: Iterable[str], known: set[str], where: str = "in people") -> None:
    for name in names:
        if name not in known:
            raise UnknownId(f"{option}: {name!r} is not {where}")


def names_of(problem: Problem, plan: Plan) -> list[str]:
    """The tables of a session in walking order: as listed, else those in use and 1 to how many there are."""
    tables = problem.session.tables
    if isinstance(tables, tuple) and not problem.hosted:
        return list(tables)
    used = {meeting.table for meeting in plan.meetings}
    if isinstance(tables, int) and not problem.hosted:
        used |= {str(number + 1) for number in range(tables)}
    return sorted(used, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def hosts_lost(problem: Problem, plan: Plan, changes: Changes) -> set[str]:
    """Hosts who are not there any more, and those whose own table is lost: nobody finds them anywhere else."""
    tables = _tables_of(problem, plan)
    return {*changes.lost_hosts, *(name for name, table in tables.items() if table in changes.lost_tables)}


def tables_lost(problem: Problem, plan: Plan, changes: Changes) -> set[str]:
    """Tables that are lost, and those of hosts who are not there any more."""
    tables = _tables_of(problem, plan)
    return {*changes.lost_tables, *(tables[name] for name in changes.lost_hosts if name in tables)}


def _tables_of(problem: Problem, plan: Plan) -> dict[str, str]:
    tables = dict(zip((host.id for host in problem.visited), tables_of_hosts(problem), strict=True))
    return tables | {one.host: one.table for one in plan.meetings if one.host is not None}


def _room_left(problem: Problem, plan: Plan, changes: Changes) -> Session:
    """Take lost tables out as far as the begun rounds allow; hosts have tables of their own."""
    session = problem.session
    begun = [meeting for meeting in plan.meetings if meeting.round < changes.from_round]
    lost = set(changes.lost_tables)
    if problem.hosted:
        return session
    if isinstance(session.tables, tuple):
        used = {meeting.table for meeting in begun}
        kept = tuple(name for name in session.tables if name not in lost or name in used)
        return replace(session, tables=kept or session.tables)
    if session.tables is None or not lost:
        return session
    busiest = max((sum(one.round == number for one in begun) for number in range(1, changes.from_round)), default=0)
    return replace(session, tables=max(session.tables - len(lost), busiest, 1))


def _locks_left(problem: Problem, plan: Plan, changes: Changes) -> Iterable[Lock]:
    gone, apart = changes.gone(), {frozenset(pair) for pair in changes.keep_apart}
    tables, uprooted = tables_lost(problem, plan, changes), _uprooted(problem, plan, changes)
    for lock in problem.locks:
        lost = lock.table in tables
        if lock.round < changes.from_round:
            yield lock
        elif (
            all(gone.get(name, lock.round + 1) > lock.round for name in lock.people)
            and not any(pair <= set(lock.people) for pair in apart)
            and not uprooted & set(lock.people)
            and (not problem.hosted or _has_host(problem, changes, lock, tables))
        ):
            yield replace(lock, table=None if lost else lock.table)


def _uprooted(problem: Problem, plan: Plan, changes: Changes) -> set[str]:
    """Name those who stay seated and have sat at a table that is lost; where people come to hosts nobody does."""
    lost = () if problem.hosted else changes.lost_tables
    begun = [one for one in plan.meetings if one.round < changes.from_round and one.table in lost]
    return {one.id for one in problem.people if one.seated and any(one.id in meeting.people for meeting in begun)}


def _chosen_left(problem: Problem, plan: Plan, changes: Changes) -> Iterable[Chosen]:
    """Agreed meetings that have begun, or that two who may still meet have a round for."""
    gone, away = changes.gone(), {one.id: one.away for one in problem.people}
    begun = {frozenset(one.people) for one in plan.meetings if one.round < changes.from_round}
    apart = {frozenset(pair) for pair in changes.keep_apart}
    last = problem.session.rounds
    for one in problem.chosen or ():
        left = [
            number
            for number in one.rounds or range(1, last + 1)
            if number >= changes.from_round
            and all(number < gone.get(name, last + 1) and number not in away[name] for name in one.people)
        ]
        if frozenset(one.people) in begun or (left and frozenset(one.people) not in apart):
            yield one


def _rested(problem: Problem, plan: Plan, first: int) -> Iterable[Interpreter]:
    """The interpreters, away in rounds before `first` in which only their work in later ones let them rest."""
    missed = {
        one.round for one in plan.meetings if one.round < first and one.interpreter is None and one.language is None
    }
    for one in problem.interpreters:
        work = {meeting.round for meeting in plan.meetings if meeting.interpreter == one.id}
        begun = {number for number in work if number < first}
        idle = {number for number in missed - begun if running_with(begun | {number}, number) <= one.most_in_a_row}
        tired = {number for number in idle if running_with(work | {number}, number) > one.most_in_a_row}
        yield replace(one, away=one.away | tired) if tired else one


def _has_host(problem: Problem, changes: Changes, lock: Lock, lost: set[str]) -> bool:
    """Whether a lock's people can still come to its host; one that names none gives way to a new keep-apart entry."""
    if lock.table is None and any(name in pair for pair in changes.keep_apart for name in lock.people):
        return False
    apart = {frozenset(pair) for pair in (*problem.keep_apart, *changes.keep_apart)}
    return any(
        lock.table in (None, table)
        and table not in lost
        and host.id not in changes.lost_hosts
        and lock.round not in host.away
        and len(lock.people) <= host.places
        and not any(frozenset((name, host.id)) in apart for name in lock.people)
        for host, table in zip(problem.visited, tables_of_hosts(problem), strict=True)
    )
