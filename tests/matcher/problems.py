"""Any problem the study takes, for property tests: small, and with every rule in it."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from matcher.problem import KindWish, Lock, Person, Problem, Rules, Session

ORGANISATIONS = [None, "o1", "o2", "o3"]
ROLES = [None, "member", "donor"]
REGIONS = ["africa", "americas", "europe"]
LANGUAGES = ["en", "fr", "km"]
TOPICS = ["law", "radio", "money", "safety"]


def some(values: list[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


@st.composite
def persons(draw: st.DrawFn, name: str, ids: list[str], rounds: int) -> Person:
    kinds = st.one_of(
        st.builds(KindWish, st.just("organisation"), st.sampled_from(ORGANISATIONS[1:])),
        st.builds(KindWish, st.just("role"), st.sampled_from(ROLES[1:])),
        st.builds(KindWish, st.just("region"), st.sampled_from(REGIONS)),
    )
    others = [one for one in ids if one != name]
    wishes = st.one_of(st.sampled_from(others), kinds) if others else kinds
    return Person(
        id=name,
        name=draw(st.sampled_from(["", "សុខា", "نور", "Zoë"])),
        organisation=draw(st.sampled_from(ORGANISATIONS)),
        role=draw(st.sampled_from(ROLES)),
        regions=draw(some(REGIONS, 2)),
        languages=draw(some(LANGUAGES)),
        offers=draw(some(TOPICS)),
        seeks=draw(some(TOPICS)),
        side=draw(st.sampled_from([None, None, "a", "b"])),
        away=draw(st.frozensets(st.integers(1, rounds), max_size=2)),
        limit=draw(st.sampled_from([None, None, 0, 1, 2])),
        wishes=tuple(draw(st.lists(wishes, max_size=3, unique=True))),
        first_time=draw(st.booleans()),
        seated=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def problems(draw: st.DrawFn, *, most: int = 7, locks: bool = True, given: bool | None = None) -> Problem:
    """A problem of up to `most` people; its locks may contradict its rules."""
    rounds = draw(st.integers(1, 4))
    ids = [f"p{number}" for number in range(1, draw(st.integers(0, most)) + 1)]
    pairs = [(one, other) for at, one in enumerate(ids) for other in ids[at + 1 :]]
    few = st.lists(st.sampled_from(pairs), max_size=3, unique=True).map(tuple) if pairs else st.just(())
    lock = st.builds(Lock, st.integers(1, rounds), st.sampled_from(pairs), st.sampled_from([None, "1", "2"]))
    values = st.lists(st.integers(0, 1000), min_size=len(pairs), max_size=len(pairs))
    explicit = draw(st.booleans()) if given is None else given
    benefits = tuple((*pair, value) for pair, value in zip(pairs, draw(values), strict=True)) if explicit else None
    return Problem(
        session=Session(
            rounds=rounds,
            id=draw(st.sampled_from(["", "speed-dating"])),
            start=draw(st.sampled_from([None, datetime(2013, 6, 19, 14, tzinfo=timezone(timedelta(hours=7)))])),
            tables=draw(st.sampled_from([None, 2, ("1", "2", "A3")])),
        ),
        people=tuple(draw(persons(name, ids, rounds)) for name in ids),
        rules=Rules(
            same_organisation=draw(st.sampled_from(["apart", "allow"])),
            shared_language=draw(st.booleans()),
            regions=draw(st.sampled_from(["mix", "same", "any"])),
            limit=draw(st.sampled_from([None, None, 1, 2])),
        ),
        keep_apart=draw(few),
        met_before=draw(few),
        locks=tuple(draw(st.lists(lock, max_size=2))) if locks and pairs else (),
        benefits=benefits,
    )
