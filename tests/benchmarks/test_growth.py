"""How time and memory grow: rooms are really planned, and what takes too long is said so."""

from tests.benchmarks.growth import ROUNDS, Grown, growth, measured
from tests.benchmarks.problems import Recipe
from tests.benchmarks.sections.growth import _rows


def silent(what: str, now: float) -> None:
    """Nobody listens."""


def test_each_room_is_planned_apart_and_stands_beside_the_one_before() -> None:
    found = list(growth((20, 60), seed=1, patience=60.0, tell=silent))
    assert [one.people for one in found if isinstance(one, Grown)] == [20, 60]
    assert all(one.gap < 0.1 and one.megabytes > 10 and one.seconds > 0 for one in found if isinstance(one, Grown))


def test_what_takes_too_long_is_stopped_and_told() -> None:
    (found,) = growth((400,), seed=1, patience=0.0, tell=silent)
    assert found == "400 people: over 0 s, stopped"
    assert _rows([found]) == [("400", found)]


def test_a_room_begins_when_it_is_made() -> None:
    begun: list[bool] = []
    room = measured(Recipe(people=12, rounds=ROUNDS, given=False, wishes=0), lambda: begun.append(True))
    assert begun == [True]
    assert room.lowest <= room.lowest_bound


def test_each_row_says_how_many_times_the_size_before() -> None:
    found = [Grown(100, 0.5, 120, 0.01, 0.9, 1.0), "300 people: no", Grown(1000, 5.0, 240, 0.01, 0.8, 1.0)]
    assert _rows(found) == [
        ("100", "0.50", "–", "120", "–", "1.000%", "90.0%"),
        ("300", "300 people: no"),
        ("1,000", "5.00", "10.00", "240", "2.00", "1.000%", "80.0%"),
    ]
