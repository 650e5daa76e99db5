"""`rondo repair`: files in, files out, one line for everything that cannot be."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher import cli
from matcher.engine import solve
from matcher.errors import BadFile
from matcher.problem import Chosen, Person, Problem, Session
from matcher.wire import read_latecomers, read_plan, read_problem, write_plan, write_problem


def run(*arguments: object):
    return CliRunner().invoke(cli.main, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    people = tuple(Person(f"p{number}", organisation=f"o{number % 7}") for number in range(1, 13))
    problem = Problem(Session(rounds=4, id="room"), people, benefits=(("p1", "p2", 700), ("p3", "p4", 10)))
    (tmp_path / "problem.json").write_text(write_problem(problem), encoding="utf-8")
    assert run("match", tmp_path / "problem.json", "--out", tmp_path / "plan.json").exit_code == 0
    return tmp_path


def repair(folder: Path, *more: object, first: int = 2):
    files = folder / "problem.json", folder / "plan.json"
    outs = "--problem-out", folder / "problem2.json", "--out", folder / "plan2.json"
    return run("repair", *files, "--from-round", first, *more, *outs)


def begun(path: Path, first: int) -> list[str]:
    """The lines of the rounds before `first`, byte for byte."""
    return [
        one
        for one in path.read_text(encoding="utf-8").splitlines()
        if any(f'"round": {n},' in one for n in range(first))
    ]


def test_a_day_of_trouble(folder: Path) -> None:
    late = [{"id": "l:1", "languages": ["en"], "benefits": [["p1", 300]]}, {"id": "l2", "benefits": {"p2": 5}}]
    (folder / "late.json").write_text(json.dumps(late), encoding="utf-8")
    table = read_plan((folder / "plan.json").read_bytes()).meetings[0].table
    result = repair(
        folder, "--absent", "p3", "--absent", "p4", "--leaves", "p5:4", "--late", folder / "late.json",
        "--lost-table", table, "--keep-apart", "p6:p7", "--keep-apart", "l:1:p8", first=3,
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Version 2: ")
    before, after = folder / "plan.json", folder / "plan2.json"
    lines = begun(before, 3)
    assert [one.rstrip(",") for one in begun(after, 3)] == [one.rstrip(",") for one in lines]
    assert len(lines) == 12
    judged = run("check", folder / "problem2.json", after)
    assert judged.exit_code == 0, judged.stdout
    plan, now = read_plan(after.read_bytes()), read_problem((folder / "problem2.json").read_bytes())
    assert plan.version == 2
    assert plan.stale is not None
    assert f"Stale: {', '.join(plan.stale)}\n" in result.stdout
    people = {one.id: one for one in now.people}
    assert (people["p3"].away, people["p5"].away, people["l:1"].away) == ({3, 4}, {4}, {1, 2})
    assert ("l:1", "p1", 300) in now.benefits
    assert ("l2", "p2", 5) in now.benefits
    assert ("l:1", "p8") in now.keep_apart
    assert table not in {one.table for one in plan.meetings if one.round > 2}


def test_nothing_stale_is_said_in_one_line(folder: Path) -> None:
    result = repair(folder)
    assert result.stdout.startswith(
        "Version 2: 0 cards stale (proven the fewest), 0 rests from round 2 on. Written to "
    )
    assert result.stdout.count("\n") == 1


REFUSALS = [
    (["--absent", "p99"], "--absent: 'p99' is not in people"),
    (["--leaves", "p1"], "--leaves p1: write the id and the first round missed, as in p7:4"),
    (["--leaves", "p1:5"], "--leaves p1:5: give a round from 2 to 4"),
    (["--keep-apart", "p1"], "--keep-apart p1: write two ids, as in p7:p9"),
    (["--keep-apart", "p1:p99"], "--keep-apart: 'p99' is not in people"),
    (["--lost-table", "Z"], "--lost-table: 'Z' is not a table of the plan"),
    (["--lost-host", "h1"], "--lost-host: 'h1' is not in hosts"),
    (["--lost-interpreter", "i1"], "--lost-interpreter: 'i1' is not in interpreters"),
    (["--late", "nowhere.json"], "nowhere.json: cannot be read: No such file or directory"),
]


@pytest.mark.parametrize(("more", "sentence"), REFUSALS)
def test_a_refusal_is_one_line_and_nothing_is_written(folder: Path, more: list[str], sentence: str) -> None:
    before = sorted(folder.iterdir())
    result = repair(folder, *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"rondo: {sentence}\n"
    assert sorted(folder.iterdir()) == before


def test_a_plan_of_another_problem_is_refused(folder: Path) -> None:
    other = Problem(Session(rounds=4, id="other"), (Person("p1"), Person("p2")))
    (folder / "problem.json").write_text(write_problem(other), encoding="utf-8")
    result = repair(folder)
    assert result.exit_code == 2
    assert "problem.json: the plan does not answer the problem: " in result.stderr


def test_agreed_meetings_are_repaired_by_the_command(folder: Path) -> None:
    people = tuple(Person(f"p{at}") for at in range(1, 5))
    chosen = (Chosen(("p1", "p2"), (1,)), Chosen(("p1", "p3"), (2,)), Chosen(("p2", "p4"), (3,)))
    problem = Problem(Session(rounds=3), people, chosen=chosen)
    (folder / "problem.json").write_text(write_problem(problem), encoding="utf-8")
    (folder / "plan.json").write_text(write_plan(solve(problem, clock=lambda: 0.0)), encoding="utf-8")
    result = repair(folder, "--absent", "p3")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Version 2: 1 card stale (proven the fewest), 0 rests from round ")
    now = json.loads((folder / "problem2.json").read_text(encoding="utf-8"))
    assert [one["people"] for one in now["chosen"]] == [["p1", "p2"], ["p2", "p4"]]


BAD_LATE = [
    ("7", "people: holds 7 where a list of people is expected"),
    ('[{"id": "l1", "benefits": [["p1"]]}]', "people: people[0] ('l1').benefits: "),
    ('[{"id": "l1", "benefits": 3}]', "people: people[0] ('l1').benefits: 3 is not a list of [id, benefit]"),
    ('[{"id": "l1", "age": 3}]', "people: people[0] ('l1'): unknown key 'age'"),
    ('{"persons": []}', "people: the key 'people' is missing"),
    ('[{"name": "x"}]', "people: people[0]: the key 'id' is missing"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD_LATE)
def test_other_shapes_of_late_comers_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_latecomers(text)
    assert str(caught.value).startswith(sentence)


def test_late_comers_may_come_with_rows_of_benefits() -> None:
    people, benefits = read_latecomers('{"people": [{"id": "l1"}], "benefits": [["l1", "p1", 4]]}')
    assert (people, benefits) == ((Person("l1"),), (("l1", "p1", 4),))
