"""How time and memory grow: rooms are really planned, and what takes too long is said so."""

from tests.benchmarks.growth import ROUNDS, Grown, growth, lines, measured
from tests.benchmarks.problems import Recipe


def silent(what: str, now: float) -> None:
    """Nobody listens."""


def test_each_room_is_planned_apart_and_stands_beside_the_one_before() -> None:
    found = list(growth((20, 60), seed=1, patience=60.0, tell=silent))
    assert [one.people for one in found if isinstance(one, Grown)] == [20, 60]
    assert all(one.gap < 0.1 and one.megabytes > 10 and one.seconds > 0 for one in found if isinstance(one, Grown))
    assert [line.split()[0] for line in lines(found)] == ["people", "20", "60"]


def test_what_takes_too_long_is_stopped_and_told() -> None:
    (found,) = growth((400,), seed=1, patience=0.0, tell=silent)
    assert found == "400 people: over 0 s, stopped"
    assert lines([found])[1:] == [found]


def test_a_room_begins_when_it_is_made() -> None:
    begun: list[bool] = []
    room = measured(Recipe(people=12, rounds=ROUNDS, given=False, wishes=0), lambda: begun.append(True))
    assert begun == [True]
    assert room.lowest <= room.lowest_bound
