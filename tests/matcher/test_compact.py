"""Fewer breaks: whatever moves, every rule of the agenda stands, and the bound is proven."""

import random
from itertools import combinations, pairwise, product

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matcher.solver import Deadline
from matcher.when.agenda import Agenda, breaks_in
from matcher.when.compact import compact
from tests.breadth import breadth


def keeps(agenda: Agenda, when: np.ndarray) -> bool:
    """Whether a timetable keeps every rule of the agenda."""
    rounds = agenda.rounds
    load = np.zeros(agenda.capacity.shape, int)
    for meeting, number in enumerate(when.tolist()):
        load[agenda.ends[meeting], number] += 1
    return bool(
        agenda.open[np.arange(len(when)), when].all()
        and (load <= agenda.capacity).all()
        and ((load == 0) | (load >= agenda.least[:, None])).all()
        and (np.bincount(when, minlength=rounds) <= agenda.room).all()
        and all(when[one] != when[other] for one, other in agenda.apart.tolist())
    )


def breaks_of(agenda: Agenda, when: np.ndarray) -> tuple[int, ...]:
    """Breaks of each rank, counted run by run."""
    totals = [0] * (int(agenda.rank.max(initial=0)) + 1)
    for node in range(len(agenda.rank)):
        busy = sorted({int(number) for number, nodes in zip(when, agenda.ends, strict=True) if node in nodes})
        totals[agenda.rank[node]] += sum(second - first > 1 for first, second in pairwise(busy))
    return tuple(totals)


def timetables(agenda: Agenda) -> list[np.ndarray]:
    """Every timetable that keeps the rules."""
    choices = [np.flatnonzero(row).tolist() for row in agenda.open]
    return [when for one in product(*choices) if keeps(agenda, when := np.array(one, dtype=np.int64))]


@st.composite
def agendas(draw: st.DrawFn) -> Agenda:
    """People, or people with hosts of several places; some away, few tables, some meetings tied or apart."""
    rounds, nodes = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    hosts = draw(st.integers(0, 2))
    pairs = list(combinations(range(nodes), 2)) if not hosts else list(product(range(hosts), range(hosts, nodes)))
    assume(pairs)
    ends = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=6))
    places = [draw(st.integers(1, 3)) if node < hosts else 1 for node in range(nodes)]
    there = draw(st.lists(st.booleans() | st.just(True), min_size=nodes * rounds, max_size=nodes * rounds))
    tied = draw(st.lists(st.just(True) | st.just(True) | st.booleans(), min_size=6 * rounds, max_size=6 * rounds))
    two = list(combinations(range(len(ends)), 2))
    return Agenda(
        ends=np.array(ends),
        open=np.array(tied).reshape(6, rounds)[: len(ends)],
        capacity=np.array(there).reshape(nodes, rounds) * np.array(places)[:, None],
        room=np.full(rounds, draw(st.integers(1, 4))),
        rank=np.array([int(node >= hosts > 0) for node in range(nodes)]),
        least=np.array([draw(st.integers(1, place)) for place in places]),
        apart=np.array(draw(st.lists(st.sampled_from(two), max_size=1)) if two else [], dtype=np.int64).reshape(-1, 2),
        spread=draw(st.booleans()),
    )


@settings(max_examples=breadth(200, quick=80), deadline=None)
@given(agendas(), st.integers(0, 99))
def test_rules_stand_and_the_bound_holds(agenda: Agenda, seed: int) -> None:
    every = timetables(agenda)
    assume(every)
    rng = random.Random(seed)
    start = rng.choice(every)
    found = compact(agenda, start, rng, steps=300)
    assert keeps(agenda, found.when)
    assert found.breaks == breaks_of(agenda, found.when) <= breaks_of(agenda, start)
    for rank, least in enumerate(found.bound):
        assert least <= min(breaks_of(agenda, when)[rank] for when in every)


def crowd(people: int, rounds: int, seed: int) -> tuple[Agenda, np.ndarray]:
    """A timetable of its own accord without breaks, and the same rounds in another order."""
    rng = random.Random(seed)
    spots = [
        (number, one, other)
        for number in range(rounds)
        for one, other in zip(*[iter(rng.sample(range(number * 2, people), people // 2))] * 2, strict=False)
    ]
    order = rng.sample(range(rounds), rounds)
    ends = np.array([spot[1:] for spot in spots])
    ones = np.ones(people, np.int64)
    agenda = Agenda(
        ends, np.ones((len(ends), rounds), bool), np.ones((people, rounds), np.int64), np.full(rounds, people),
        0 * ones, ones,
    )  # fmt: skip
    return agenda, np.array([order[spot[0]] for spot in spots])


def test_breaks_disappear_where_they_can() -> None:
    agenda, when = crowd(40, 6, 3)
    start, found = breaks_of(agenda, when), compact(agenda, when, random.Random(0))
    assert start[0] > 20
    assert found.breaks[0] <= start[0] // 4
    assert keeps(agenda, found.when)


def test_the_same_seed_gives_the_same_timetable() -> None:
    agenda, when = crowd(30, 6, 1)
    one, other = (compact(agenda, when, random.Random(7), steps=2000) for _ in range(2))
    assert one.when.tolist() == other.when.tolist()


def test_no_chain_is_tried_after_a_deadline() -> None:
    agenda, when = crowd(30, 6, 1)
    found = compact(agenda, when, random.Random(7), deadline=Deadline(lambda: 1.0, 0.0))
    assert found.when.tolist() == when.tolist()


def test_someone_away_in_the_middle_has_a_break_that_no_timetable_avoids() -> None:
    ends, ones = np.array([[0, 1], [0, 2], [0, 3]]), np.ones(4, np.int64)
    there = np.ones((4, 5), np.int64)
    there[0, 2] = 0
    agenda = Agenda(ends, np.ones((3, 5), bool), there, np.full(5, 9), 0 * ones, ones)
    agenda.open[:, 2] = False
    found = compact(agenda, np.array([0, 1, 4]), random.Random(0))
    assert found.breaks == found.bound == (1,)


def test_breaks_are_counted_in_runs() -> None:
    assert [breaks_in(busy) for busy in (0, 0b1, 0b11, 0b101, 0b1001, 0b10101)] == [0, 0, 0, 1, 1, 2]
