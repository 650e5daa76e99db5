"""Random small problems of every kind, as Hypothesis strategies."""

from itertools import combinations

from hypothesis import strategies as st

from matcher.errors import NotPossible
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.refusals import refuse_locks

LANGUAGES = ("en", "fr", "km")


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
    locked = Problem(
        problem.session,
        problem.people,
        problem.rules,
        problem.keep_apart,
        problem.met_before,
        (lock,),
        problem.benefits,
    )
    try:
        refuse_locks(locked)
    except NotPossible:
        return problem
    return locked
