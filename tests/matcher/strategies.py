"""Random small problems of every kind, as Hypothesis strategies."""

from dataclasses import replace
from itertools import combinations

from hypothesis import strategies as st

from matcher.errors import BadProblem, NotPossible
from matcher.problem import (
    Chosen,
    Format,
    Host,
    Interpreter,
    Lock,
    Move,
    Person,
    Problem,
    Rules,
    Session,
)  # fmt: skip
from matcher.refusals import refuse_locks

LANGUAGES = ("en", "fr", "km")
KINDS = {
    "pairs": {"kind": "pairs"},
    "pairs with interpreters": {"kind": "pairs", "helped": True},
    "pairs agreed beforehand": {"kind": "pairs", "agreed": True},
    "clinics": {"kind": "clinics"},
    "clinics with interpreters": {"kind": "clinics", "helped": True},
    "stations": {"kind": "stations"},
    "stations in groups": {"kind": "stations", "move": "groups"},
    "circles": {"kind": "circles"},
}


@st.composite
def people(draw: st.DrawFn, number: int, rounds: int, *, seated: bool) -> tuple[Person, ...]:
    """So many people, now and then away, limited, on a side or seated."""
    rare = st.sampled_from((False, False, False, True))
    return tuple(
        Person(
            id=f"p{at}",
            organisation=draw(st.sampled_from((None, "o1", "o2", "o3"))),
            languages=tuple(draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2))),
            side=draw(st.sampled_from((None, None, "a", "b"))),
            away=frozenset(draw(st.sets(st.integers(1, rounds), max_size=rounds))) if draw(rare) else frozenset(),
            limit=draw(st.integers(0, rounds)) if draw(rare) else None,
            seated=seated and draw(rare),
        )
        for at in range(number)
    )


@st.composite
def problems(
    draw: st.DrawFn, most: int = 6, rounds: int = 3, *, seated: bool = False, few_tables: bool = True
) -> Problem:
    """A problem of at most so many people and rounds, whose locks are possible."""
    number, length = draw(st.integers(0, most)), draw(st.integers(1, rounds))
    persons = draw(people(number, length, seated=seated))
    pairs = list(combinations([person.id for person in persons], 2))
    some = st.lists(st.sampled_from(pairs), unique=True, max_size=3) if pairs else st.just([])
    tables = draw(st.none() | st.integers(1, 3)) if few_tables else None
    problem = Problem(
        Session(rounds=length, tables=tables),
        persons,
        Rules(
            draw(st.sampled_from(("apart", "allow"))), draw(st.booleans()), limit=draw(st.none() | st.integers(1, 3))
        ),
        keep_apart=tuple(draw(some)),
        met_before=tuple(draw(some)),
        benefits=tuple((*pair, draw(st.integers(0, 1000))) for pair in pairs),
    )
    if not pairs or draw(st.booleans()):
        return problem
    return _with_lock(problem, Lock(draw(st.integers(1, length)), draw(st.sampled_from(pairs))))


def _with_lock(problem: Problem, lock: Lock) -> Problem:
    """The problem with the lock, or without it where it is not possible."""
    try:
        locked = replace(problem, locks=(lock,))
        refuse_locks(locked)
    except (BadProblem, NotPossible):
        return problem
    return locked


@st.composite
def sessions(
    draw: st.DrawFn,
    kind: Format,
    *,
    most: int = 6,
    rounds: int = 3,
    move: Move = "each",
    helped: bool = False,
    agreed: bool = False,
) -> Problem:
    """A problem of any format with every rule in it, whose lock, if it has one, is possible.

    `helped`: with interpreters, in `pairs` and `clinics`; `agreed`: with `chosen` meetings, in `pairs`.
    """
    number, length = draw(st.integers(0, most)), draw(st.integers(1, rounds))
    persons = draw(people(number, length, seated=kind not in ("clinics", "stations")))
    visited = draw(hosts(length)) if kind in ("clinics", "stations") else ()
    ids, ports = [person.id for person in persons], [host.id for host in visited]
    pairs = list(combinations(ids, 2))
    visits = [(name, port) for name in ids for port in ports]
    met = visits if visited else pairs
    problem = Problem(
        Session(
            rounds=length,
            format=kind,
            tables=draw(st.sampled_from((None, 1, 2, ("A", "B")))) if not visited else None,
            size=draw(st.integers(2, 4)),
            move=move,
        ),
        draw(wishing(persons, [*ids, *ports])),
        Rules(
            draw(st.sampled_from(("apart", "allow"))), draw(st.booleans()), limit=draw(st.none() | st.integers(1, 3))
        ),
        keep_apart=draw(some_of([*pairs, *visits])),
        met_before=draw(some_of(met)),
        benefits=tuple((*pair, draw(st.integers(0, 9)) * 100) for pair in met) if draw(st.booleans()) else None,
        hosts=visited,
        interpreters=draw(interpreters(length)) if helped else (),
        chosen=draw(meetings_agreed(pairs, length)) if agreed else None,
    )
    if not ids or agreed or draw(st.booleans()):
        return problem
    return _with_lock(problem, draw(_locks(problem)))


def some_of(pairs: list[tuple[str, str]]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Up to three of these pairs."""
    return st.lists(st.sampled_from(pairs), unique=True, max_size=3).map(tuple) if pairs else st.just(())


@st.composite
def wishing(draw: st.DrawFn, persons: tuple[Person, ...], ids: list[str]) -> tuple[Person, ...]:
    """The same people with wishes, topics and regions."""
    topics = st.lists(st.sampled_from(("law", "radio", "money")), unique=True, max_size=2).map(tuple)

    def wishes(name: str) -> st.SearchStrategy[tuple[str, ...]]:
        others = [one for one in ids if one != name]
        return st.lists(st.sampled_from(others), unique=True, max_size=2).map(tuple) if others else st.just(())

    return tuple(
        replace(person, wishes=draw(wishes(person.id)), offers=draw(topics), seeks=draw(topics)) for person in persons
    )


@st.composite
def hosts(draw: st.DrawFn, rounds: int) -> tuple[Host, ...]:
    """Up to three hosts, with places for some, now and then away or at a table of their own."""
    places = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(0, 3)))]
    return tuple(
        Host(
            id=f"h{at}",
            topics=draw(st.sampled_from(((), ("law",), ("radio", "money")))),
            languages=draw(st.sampled_from(((), ("en",), ("en", "fr")))),
            organisation=draw(st.sampled_from((None, None, "o1"))),
            places=number,
            min_places=draw(st.integers(1, min(number, 2))),
            away=draw(st.sampled_from((frozenset(), frozenset(), frozenset({rounds})))),
            table=draw(st.sampled_from((None, f"T{at}"))),
        )
        for at, number in enumerate(places)
    )


@st.composite
def interpreters(draw: st.DrawFn, rounds: int) -> tuple[Interpreter, ...]:
    """Up to two interpreters, now and then away, who work one or two rounds running."""
    return tuple(
        Interpreter(
            id=f"i{at}",
            languages=tuple(draw(st.lists(st.sampled_from(LANGUAGES), unique=True, min_size=1))),
            away=draw(st.sampled_from((frozenset(), frozenset(), frozenset({rounds})))),
            most_in_a_row=draw(st.integers(1, 2)),
        )
        for at in range(draw(st.integers(0, 2)))
    )


@st.composite
def meetings_agreed(draw: st.DrawFn, pairs: list[tuple[str, str]], rounds: int) -> tuple[Chosen, ...]:
    """Up to four meetings agreed beforehand, each in any round or in some."""
    some = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs else []
    when = st.none() | st.sets(st.integers(1, rounds), min_size=1).map(lambda found: tuple(sorted(found)))
    return tuple(Chosen(pair, draw(when)) for pair in some)


@st.composite
def _locks(draw: st.DrawFn, problem: Problem) -> Lock:
    """A lock of two, where people come to hosts also of one; it may say where."""
    ids, two = [person.id for person in problem.people], problem.session.format == "pairs"
    number = 2 if two else min(draw(st.integers(1, 2)), len(ids))
    said = [host.table for host in problem.visited if host.table]
    tables = problem.session.tables if isinstance(problem.session.tables, tuple) else said
    who = draw(st.permutations(ids))[:number]
    table = draw(st.none() | st.sampled_from(tables)) if tables else None
    return Lock(draw(st.integers(1, problem.session.rounds)), tuple(who), table)
