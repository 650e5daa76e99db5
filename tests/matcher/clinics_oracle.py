"""Random tiny clinics, and brute force over all their plans."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from hypothesis import strategies as st

from matcher.errors import NotPossible
from matcher.problem import Host, Lock, Person, Problem, Rules, Session
from matcher.refusals import refuse_locks
from matcher.rules import tables_of_hosts
from tests.matcher.plain import limit, rules_against, value

LANGUAGES = ("en", "fr", "km")


@st.composite
def clinics(draw: st.DrawFn, people: int = 4, hosts: int = 2, rounds: int = 3, *, loose: bool = True) -> Problem:
    """A clinic of at most so many people, hosts and rounds, with every rule, whose locks may be contradictory."""
    length = draw(st.integers(1, rounds))
    rare = st.sampled_from((False, False, True))
    ids = [f"p{at}" for at in range(draw(st.integers(1, people)))]
    tables = [f"h{at}" for at in range(draw(st.integers(1, hosts)))]
    away = st.frozensets(st.integers(1, length), max_size=2)
    spoken = st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2).map(tuple)
    wished = st.lists(st.sampled_from([*ids, *tables]), unique=True, max_size=4)
    persons = tuple(
        Person(
            name,
            organisation=draw(st.sampled_from((None, "o1", "o2"))),
            languages=draw(spoken) if draw(rare) else (),
            away=draw(away) if draw(rare) else frozenset(),
            limit=draw(st.integers(0, 2)) if draw(rare) else None,
            wishes=tuple(one for one in draw(wished) if one != name),
            first_time=draw(st.booleans()),
        )
        for name in ids
    )
    experts = []
    for name in tables:
        places = draw(st.integers(1, 3))
        least = draw(st.integers(1, places)) if draw(rare) else 1
        gone = draw(away) if draw(rare) else frozenset[int]()
        firm = draw(st.sampled_from((None, None, None, "o1")))
        experts.append(Host(name, places=places, min_places=least, away=gone, organisation=firm, table=f"T{name}"))
    few = st.lists(st.sampled_from(list(combinations([*ids, *tables], 2))), unique=True, max_size=4)
    values = st.sampled_from((0, 1, 2, 2, 3, 5, 900, 1000))
    problem = Problem(
        Session(rounds=length, format="clinics"),
        persons,
        Rules(shared_language=draw(st.booleans()), limit=draw(st.sampled_from((None, 1, 2)))),
        keep_apart=tuple(draw(few)) if draw(st.booleans()) else (),
        met_before=tuple(draw(few)) if draw(rare) else (),
        benefits=tuple((*pair, draw(values)) for pair in product(ids, tables)),
        hosts=tuple(experts),
    )
    seats = [f"T{name}" for name in tables] + [None] * loose
    few_people = st.lists(st.sampled_from(ids), unique=True, min_size=1, max_size=2).map(tuple)
    lock = st.builds(Lock, st.integers(1, length), few_people, st.sampled_from(seats))
    locked = replace(problem, locks=tuple(draw(st.lists(lock, max_size=2)))) if draw(rare) else problem
    try:
        refuse_locks(locked)
    except NotPossible:
        return problem
    return locked


@dataclass(frozen=True)
class Best:
    """What no plan can beat, in the order of the aims; `first` is what the order between equals is worth."""

    counts: tuple[int, ...]
    benefit: int
    first: int


Way = tuple[int | None, ...]  # of one person: the host of each round


def best_clinic(problem: Problem) -> Best | None:
    """Try every plan; None where none keeps the locks."""
    found = [Best(counts(problem, plan), benefit(problem, plan), first(problem, plan)) for plan in plans(problem)]
    return max(found, key=lambda one: (one.counts, one.benefit, one.first), default=None)


def plans(problem: Problem) -> Iterator[list[Way]]:
    """Every plan that keeps every rule."""
    grown: list[list[Way]] = [[]]
    for at in range(len(problem.people)):
        ways = list(_ways(problem, at))
        grown = [[*plan, way] for plan in grown for way in ways if _fits(problem, [*plan, way])]
    yield from (plan for plan in grown if _held(problem, plan))


def _ways(problem: Problem, at: int) -> Iterator[Way]:
    """Every day that one person could have."""
    person, rounds = problem.people[at], range(1, problem.session.rounds + 1)
    tables = tables_of_hosts(problem)
    locks = {lock.round: lock for lock in problem.locks if person.id in lock.people}
    choices: list[list[int | None]] = []
    for number in rounds:
        lock = locks.get(number)
        open_: list[int | None] = [] if lock else [None]
        for place, host in enumerate(problem.visited):
            against = rules_against(problem, person.id, host.id)
            if number in person.away | host.away or (lock and lock.table not in (None, tables[place])):
                continue
            if not against or (lock and "keep_apart" not in against):
                open_.append(place)
        choices.append(open_)
    for way in product(*choices):
        visits = [place for place in way if place is not None]
        if len(set(visits)) == len(visits) <= max(limit(problem, person), len(locks)):
            yield way


def _fits(problem: Problem, plan: list[Way]) -> bool:
    """Whether the newest person has a place everywhere and is kept apart from nobody there."""
    apart = {frozenset(pair) for pair in problem.keep_apart}
    new = len(plan) - 1
    for number, place in enumerate(plan[new]):
        if place is None:
            continue
        guests = [at for at in range(new) if plan[at][number] == place]
        if len(guests) >= problem.visited[place].places:
            return False
        if any(frozenset((problem.people[new].id, problem.people[at].id)) in apart for at in guests):
            return False
    return True


def _held(problem: Problem, plan: list[Way]) -> bool:
    """Whether nobody waits at a host for too few others, and whoever a lock puts together is together."""
    rows = {person.id: way for person, way in zip(problem.people, plan, strict=True)}
    for lock in problem.locks:
        if len({rows[name][lock.round - 1] for name in lock.people}) > 1:
            return False
    for place, host in enumerate(problem.visited):
        for number in range(problem.session.rounds):
            guests = sum(way[number] == place for way in plan)
            if 0 < guests < host.min_places:
                return False
    return True


def talks(plan: list[Way]) -> list[int]:
    """How many each person has."""
    return [sum(place is not None for place in way) for way in plan]


def counts(problem: Problem, plan: list[Way]) -> tuple[int, ...]:
    """How many people have at least 1, 2, … talks."""
    return tuple(sum(one >= level for one in talks(plan)) for level in range(1, problem.session.rounds + 1))


def benefit(problem: Problem, plan: list[Way]) -> int:
    return sum(
        value(problem, person.id, problem.visited[place].id)
        for person, way in zip(problem.people, plan, strict=True)
        for place in way
        if place is not None
    )


def first(problem: Problem, plan: list[Way]) -> int:
    """First-timers count more, and people of small organisations; an earlier talk more than a later."""
    sizes = [
        sum(other.organisation == one.organisation for other in problem.people) if one.organisation else 1
        for one in problem.people
    ]
    ranks = sorted(set(sizes), reverse=True)
    total = 0
    for person, size, held in zip(problem.people, sizes, talks(plan), strict=True):
        weight = ranks.index(size) + len(ranks) * person.first_time
        total += weight * sum(range(problem.session.rounds, problem.session.rounds - held, -1))
    return total
