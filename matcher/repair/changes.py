"""What has happened since the plan was printed, and the problem that the repaired plan answers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matcher.errors import BadProblem, UnknownId
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Session
from matcher.rules import tables_of_hosts


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
    keep any more are taken out; one at a lost table keeps its people and may be at any table. What would make a begun
    round a breach is left out, though the repair keeps to it: a lost table stays in the list where a begun round used
    it, and two people who have shared a table already get no entry in `keep_apart` (in `pairs` they never meet twice).

    Raises
    ------
    BadProblem, UnknownId
        A change names a round, person, table, host or interpreter that is not there.
    """
    _vet(problem, plan, changes)
    first, gone = changes.from_round, changes.gone()
    rounds = problem.session.rounds
    missing = hosts_lost(problem, plan, changes)
    stayed = tuple(
        replace(one, away=one.away | set(range(gone[one.id], rounds + 1))) if one.id in gone else one
        for one in problem.people
    )
    late = tuple(replace(one, away=one.away | set(range(1, first))) for one in changes.late)
    begun = [{*one.people, one.host} for one in plan.meetings if one.round < first]
    known = {frozenset(pair) for pair in problem.keep_apart}
    fresh = {frozenset(pair): pair for pair in changes.keep_apart}
    apart = tuple(
        pair for both, pair in fresh.items() if both not in known and not any(both <= table for table in begun)
    )
    return replace(
        problem,
        session=_room_left(problem, plan, changes),
        people=stayed + late,
        hosts=tuple(
            replace(one, away=one.away | set(range(first, rounds + 1))) if one.id in missing else one
            for one in problem.hosts
        ),
        interpreters=tuple(
            replace(one, away=one.away | set(range(first, rounds + 1))) if one.id in changes.lost_interpreters else one
            for one in problem.interpreters
        ),
        keep_apart=problem.keep_apart + apart,
        locks=tuple(_locks_left(problem, changes, tables_lost(problem, plan, changes))),
        benefits=None if problem.benefits is None else problem.benefits + changes.late_benefits,
    )


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


def _locks_left(problem: Problem, changes: Changes, tables: set[str]) -> Iterable[Lock]:
    gone, apart = changes.gone(), {frozenset(pair) for pair in changes.keep_apart}
    for lock in problem.locks:
        lost = lock.table in tables
        if lock.round < changes.from_round:
            yield lock
        elif (
            all(gone.get(name, lock.round + 1) > lock.round for name in lock.people)
            and not any(pair <= set(lock.people) for pair in apart)
            and (not problem.hosted or _has_host(problem, changes, lock, tables))
        ):
            yield replace(lock, table=None if lost else lock.table)


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
