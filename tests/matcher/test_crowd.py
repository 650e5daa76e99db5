"""Tables that are too few: the numbers, and the one line that `rondo match` says about them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher.cli import main
from matcher.crowd import crowded
from matcher.problem import Host, Person, Problem, Session


def room(number: int, tables: int, places: int, **more: object) -> Problem:
    people = tuple(Person(f"p{at}") for at in range(number))
    hosts = tuple(Host(f"h{at}", places=places) for at in range(tables))
    return Problem(Session(rounds=4, format="stations"), people, hosts=hosts, **more)


def test_tables_enough_are_not_spoken_of() -> None:
    assert crowded(room(96, 12, 8)) is None
    assert crowded(room(0, 3, 8)) is None
    assert crowded(room(4, 0, 8)) is None


def test_only_a_rotation_is_crowded() -> None:
    problem = room(100, 2, 50)
    assert crowded(problem) is not None
    assert crowded(Problem(Session(rounds=4, format="clinics"), problem.people, hosts=problem.hosts)) is None


@pytest.mark.parametrize(
    ("number", "tables", "places", "found"),
    [
        (200, 8, 25, (25, 25, 4, 50, 0)),
        (97, 12, 9, (9, 13, 2, 49, 0)),
        (30, 5, 4, (6, 8, 2, 15, 10)),
        (20, 1, 30, (20, 3, 3, 7, 0)),
    ],
)
def test_the_numbers(number: int, tables: int, places: int, found: tuple[int, ...]) -> None:
    crowd = crowded(room(number, tables, places))
    assert (crowd.at_a_table, crowd.enough_tables, crowd.waves, crowd.wave, crowd.without_a_place) == found


def test_people_who_are_away_do_not_count() -> None:
    people = tuple(Person(f"p{at}", away=frozenset({1}) if at < 8 else frozenset()) for at in range(24))
    hosts = tuple(Host(f"h{at}", places=9) for at in range(2))
    assert crowded(Problem(Session(rounds=1, format="stations"), people, hosts=hosts)) is None
    assert crowded(Problem(Session(rounds=2, format="stations"), people, hosts=hosts)).people == 24


CROWDED = "24 people at 2 tables are 12 at a table, where 6 to 8 is right; 3 tables, or 2 waves of 12 people would do"
SHORT = (
    "24 people at 2 tables have 10 places, so 14 of them rest in a round; "
    "12 places at every table, or 5 tables, or 3 waves of 8 people would do"
)


@pytest.mark.parametrize(("places", "words"), [(12, CROWDED), (5, SHORT)])
def test_the_command_says_so_in_one_line(tmp_path: Path, places: int, words: str) -> None:
    problem = {
        "rondo": 1,
        "session": {"format": "stations", "rounds": 2},
        "people": [{"id": f"p{at}"} for at in range(24)],
        "hosts": [{"id": f"h{at}", "places": places} for at in range(2)],
    }
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem), encoding="utf-8")
    result = CliRunner().invoke(main, ["match", str(path), "--out", str(tmp_path / "plan.json")])
    assert result.exit_code == 0, result.stderr
    assert result.stderr == words + "\n"
