"""The study's commands: files in, files out, exit statuses, nothing half written, and no web anywhere."""

import json
import os
import runpy
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import matcher
from matcher import cli
from matcher.commands.bar import Bar
from matcher.problem import Person, Problem, Session
from matcher.wire import read_plan, read_problem, write_problem

ROOT = Path(__file__).parents[2]
TOPICS = ("law", "radio", "money")
WEB = ("flask", "flask_sqlalchemy", "sqlalchemy", "babel", "flask_babel", "wtforms", "flask_wtf", "webapp")


def room(people: int = 6, **more: object) -> Problem:
    persons = tuple(
        Person(f"p{number}", languages=("en",), offers=TOPICS[number % 3 :], seeks=TOPICS[: number % 3 + 1])
        for number in range(1, people + 1)
    )
    return Problem(Session(rounds=3, id="room"), persons, **more)


@pytest.fixture
def problem_file(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(write_problem(room()), encoding="utf-8")
    return path


def run(*arguments: object):
    return CliRunner().invoke(cli.main, [str(one) for one in arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def match(problem_file: Path, *more: object):
    out = problem_file.with_name("plan.json")
    return out, run("match", problem_file, "--out", out, *more)


def test_match_writes_a_plan_that_check_accepts(problem_file):
    out, result = match(problem_file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("9 meetings in 3 rounds for 6 people, 0 rests; benefit ")
    assert result.stdout.count("\n") == 1
    assert read_plan(out.read_bytes()).quality.meetings == 9
    judged = run("check", problem_file, out)
    assert (judged.exit_code, judged.stderr) == (0, "")
    assert judged.stdout.startswith("No rule is broken. 9 meetings in 3 rounds for 6 people")


def test_check_tells_every_breach_and_exits_with_1(problem_file):
    out, _ = match(problem_file)
    plan = json.loads(out.read_text(encoding="utf-8"))
    gone = plan["meetings"].pop()
    out.write_text(json.dumps(plan), encoding="utf-8")
    judged = run("check", problem_file, out)
    assert judged.exit_code == 1
    for name in gone["people"]:
        assert f"{name} is there in round {gone['round']}, has no table, and no rest is told" in judged.stdout
    assert "quality.meetings is told as 9, it is 8" in judged.stdout


def test_the_same_problem_and_seed_give_the_same_bytes(problem_file):
    def without_time() -> str:
        out, _ = match(problem_file, "--seed", 7)
        plan = json.loads(out.read_bytes())
        del plan["quality"]["seconds"]
        return json.dumps(plan)

    assert without_time() == without_time()
    assert read_plan(problem_file.with_name("plan.json").read_bytes()).seed == 7


def test_all_options_together(problem_file):
    benefits = problem_file.with_name("benefits.json")
    _, result = match(problem_file, "--seconds", 5, "--seed", 1, "--no-floor", "--benefits-out", benefits)
    assert result.exit_code == 0
    data = json.loads(problem_file.read_bytes()) | {"benefits": json.loads(benefits.read_bytes())}
    given = read_problem(json.dumps(data))
    assert (matcher.matrix(given) == matcher.matrix(room())).all()
    assert len(given.benefits) > 5


def test_who_can_meet_nobody_is_told(tmp_path):
    path = tmp_path / "problem.json"
    people = (*room().people, *(Person(f"q{number}", languages=("km",), organisation="o1") for number in range(7)))
    path.write_text(write_problem(Problem(Session(rounds=3), people)), encoding="utf-8")
    _, result = match(path)
    assert result.exit_code == 0
    notes = result.stderr.splitlines()
    assert notes[0] == "q0 can meet nobody: speaks only km, and is a colleague of the others at o1"
    assert notes[-1] == "2 others can meet nobody"
    assert len(notes) == 6


@pytest.mark.parametrize("people", [0, 1, 2, 3])
def test_few_people_have_a_plan_too(tmp_path, people):
    path = tmp_path / "problem.json"
    path.write_text(write_problem(room(people)), encoding="utf-8")
    out, result = match(path)
    assert result.exit_code == 0
    assert run("check", path, out).exit_code == 0


BAD_FILES = [
    ("{", "is not JSON at line 1"),
    ('{"rondo": 1, "session": {"format": "pairs", "rounds": 0}}', "session.rounds: 0 is not a whole number"),
    (
        (
            '{"rondo": 1, "session": {"format": "pairs", "rounds": 1}, "people": [{"id": "p1"}, {"id": "p2"}],'
            ' "keep_apart": [["p1", "p2"]], "locks": [{"round": 1, "people": ["p1", "p2"]}]}'
        ),
        "locks: the lock of 'p1' and 'p2' in round 1: the two are kept apart",
    ),
]


@pytest.mark.parametrize(("text", "words"), BAD_FILES, ids=[words for _, words in BAD_FILES])
def test_a_bad_file_is_one_line_and_nothing_is_written(tmp_path, text, words):
    path = tmp_path / "problem.json"
    path.write_text(text, encoding="utf-8")
    _, result = match(path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"rondo: {path}: {words}")
    assert result.stderr.count("\n") == 1
    assert names(tmp_path) == ["problem.json"]


def test_check_refuses_a_plan_that_cannot_be_read(problem_file):
    plan_file = problem_file.with_name("plan.json")
    plan_file.write_text('{"rondo": 1, "meetings": []}', encoding="utf-8")
    judged = run("check", problem_file, plan_file)
    assert (judged.exit_code, judged.stdout) == (2, "")
    assert judged.stderr == f"rondo: {plan_file}: the key 'quality' is missing\n"


def test_a_strange_id_in_a_plan_stays_on_its_line(problem_file):
    out, _ = match(problem_file)
    plan = json.loads(out.read_bytes())
    plan["meetings"][0]["people"][0] = "x\n\x1b[31m\u202ey"
    out.write_text(json.dumps(plan), encoding="utf-8")
    judged = run("check", problem_file, out)
    assert judged.exit_code == 1
    assert "x\\n\\x1b[31m\\u202ey is not in people" in judged.stdout


def test_files_that_are_not_there(problem_file, tmp_path):
    missing = tmp_path / "none.json"
    for arguments in (("match", missing, "--out", tmp_path / "plan.json"), ("check", problem_file, missing)):
        result = run(*arguments)
        assert result.exit_code == 2
        assert result.stderr == f"rondo: {missing}: cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--out", "none/plan.json"), "the folder {}/none does not exist"),
        (("--out", "."), "is a folder; name a file"),
        (("--out", "problem.json"), "the same file is named twice"),
        (("--out", "plan.json", "--benefits-out", "plan.json"), "the same file is named twice"),
    ],
)
def test_outputs_that_cannot_be_written_are_refused_before_the_work(problem_file, options, words):
    folder = problem_file.parent
    placed = [one if one.startswith("--") else folder / one for one in options]
    result = run("match", problem_file, *placed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words.format(folder) in result.stderr
    assert names(folder) == ["problem.json"]


@pytest.mark.parametrize("option", [("--seconds", "0"), ("--seconds", "nan"), ("--seconds", "x"), ("--seed", "-1")])
def test_options_out_of_range_are_refused(problem_file, option):
    out, result = match(problem_file, *option)
    assert result.exit_code == 2
    assert option[0] in result.stderr
    assert not out.exists()


def test_an_old_plan_stays_where_the_second_file_cannot_be_written(problem_file):
    out = problem_file.with_name("plan.json")
    out.write_text("old", encoding="utf-8")
    device = "/dev/full"
    if not Path(device).exists():
        device = str(problem_file.parent / "none" / "none")
    _, result = match(problem_file, "--benefits-out", device)
    assert result.exit_code == 2
    assert out.read_text(encoding="utf-8") == "old"
    assert names(problem_file.parent) == ["plan.json", "problem.json"]


def test_a_device_is_written_to_as_it_is(problem_file):
    result = run("match", problem_file, "--out", os.devnull)
    assert (result.exit_code, result.stderr) == (0, "")
    assert not Path(os.devnull).is_file()


def test_the_study_is_a_module_that_runs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rondo", "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(cli.__file__), run_name="__main__")
    assert end.value.code == 0
    assert "repair" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["match", "check"])
def test_each_command_has_help_with_an_example(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example: rondo {command} problem.json" in result.stdout
    assert [one.name for one in cli.commands] == ["match", "check", "repair", "explain"]


def shown(terminal: bool, patience: float, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if terminal else "0")
    bar = Bar(patience)
    bar(0.5, "rounds")
    time.sleep(0.3)
    bar.close()
    return capsys.readouterr()


def test_the_bar_appears_on_stderr_when_it_takes_long(capsys, monkeypatch):
    told = shown(True, 0.05, capsys, monkeypatch)
    assert "rounds" in told.err
    assert told.out == ""


def test_the_bar_stays_away_when_it_is_quick(capsys, monkeypatch):
    told = shown(True, 60.0, capsys, monkeypatch)
    assert "rounds" not in told.err + told.out


def test_the_bar_stays_away_where_there_is_no_terminal(capsys, monkeypatch):
    told = shown(False, 0.05, capsys, monkeypatch)
    assert told.err + told.out == ""


# Without the web: a child process in which the web's packages cannot be imported.
BLOCKER = f"""
import runpy, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {WEB!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}} (blocked)")
sys.meta_path.insert(0, Blocker())
"""


def child(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKER + code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_commands_work_where_the_web_is_not_installed(problem_file):
    out = problem_file.with_name("plan.json")
    start = "runpy.run_module('matcher.cli', run_name='__main__')"
    made = child(start, "match", problem_file, "--out", out)
    assert (made.returncode, made.stderr) == (0, "")
    judged = child(start, "check", problem_file, out)
    assert judged.returncode == 0
    assert judged.stdout.startswith("No rule is broken.")


@pytest.mark.parametrize("package", WEB)
def test_the_blocker_blocks(package):
    result = child(f"import {package}")
    assert result.returncode == 1
    assert "(blocked)" in result.stderr


def test_the_door_shows_these_names_and_no_others():
    assert sorted(matcher.__all__) == [
            "BadFile", "BadProblem", "Changes", "Host", "Interpreter", "KindWish", "Lock", "MatcherError", "Meeting",
            "NotPossible", "Person", "Plan", "Problem", "Quality", "Reason", "Rest", "RestCode", "Rules", "Session",
            "UnknownId", "Unmet", "UnmetCode", "breaches", "broken_rules", "changed", "lonely", "matrix", "read_plan",
            "read_problem", "reasons", "refuse_locks", "repaired", "retell", "shares", "solve", "write_plan",
            "write_problem",
        ]  # fmt: skip
    assert all(hasattr(matcher, name) for name in matcher.__all__)
