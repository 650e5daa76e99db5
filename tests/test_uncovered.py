"""The list of branches that no test takes tells of the source as it is, and who judges by it says no where it must."""

import json
import subprocess
import sys
from pathlib import Path

import coverage
import pytest

from tests.uncovered import TOP, Branch, Report, entries, judged, main, missed, named

SIGN = """def sign(x):
    if x > 0:
        return 1
    for one in range(x, 0):
        print(one)

"""
POSITIVE = ("matcher/sign.py", "if x > 0: -> return 1")


def untouched(files: set[str], folder: Path) -> Report:
    """The report of a run in which none of these files had a line executed: all their branches are missed."""
    data = coverage.CoverageData(basename=str(folder / "data"))
    for file in sorted(files):
        data.add_arcs({str(TOP / file): []})
        data.touch_file(str(TOP / file))
    data.write()
    run = coverage.Coverage(data_file=str(folder / "data"), branch=True, config_file=False)
    run.load()
    run.json_report(outfile=str(folder / "report.json"))
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def gone(reasons: dict[Branch, str], folder: Path) -> set[Branch]:
    """Named branches that the source does not have."""
    there = {file for file, _ in reasons if (TOP / file).is_file()}
    return set(reasons) - set(missed(untouched(there, folder)))


def test_every_named_branch_is_in_the_source_and_has_a_reason(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(TOP)
    reasons = named()
    assert not gone(reasons, tmp_path)
    assert all(reasons.values())


def test_a_branch_that_is_gone_would_be_noticed(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(TOP)
    there, other = (
        ("matcher/solver.py", "if result.status == 1: -> raise OutOfTime"),
        ("matcher/solver.py", "if x: -> y"),
    )
    lost = ("matcher/not_there.py", "if x: -> y")
    assert gone({there: "a", other: "b", lost: "c"}, tmp_path) == {other, lost}


def report(folder: Path, *calls: int) -> Report:
    """The report of a run that tells the signs of these numbers."""
    room = folder / "matcher"
    room.mkdir()
    (room / "sign.py").write_text(SIGN + "".join(f"sign({x})\n" for x in calls), encoding="utf-8")
    for words in (("run", "--branch", "matcher/sign.py"), ("json", "-o", "report.json")):
        subprocess.run([sys.executable, "-m", "coverage", *words], cwd=folder, check=True, capture_output=True)
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("calls", "taken"), [((), 0), ((1,), 1), ((0,), 2), ((-1,), 3), ((-1, 1), 4)])
def test_too_few_branches_taken_are_refused_though_all_are_named(tmp_path, calls, taken) -> None:
    told = report(tmp_path, *calls)
    good, said = judged(told, dict.fromkeys(missed(told, tmp_path), "tried"), tmp_path)
    assert good == (taken == 4)
    assert said.startswith(f"{taken} of 4 branches")


def test_one_branch_without_a_reason_is_refused_and_told_as_it_stands_in_the_list(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tests.uncovered.LEAST", 0.75)
    told = report(tmp_path, -1)
    assert judged(told, {POSITIVE: "nobody is positive"}, tmp_path)[0]
    for reasons in ({}, {POSITIVE: ""}, {("matcher/other.py", POSITIVE[1]): "elsewhere"}):
        good, said = judged(told, reasons, tmp_path)
        assert not good
        assert said.endswith(entries([POSITIVE]))
    tidy = {POSITIVE: "a", ("matcher/sign.py", "if x > 0: -> (end)"): "b"}
    assert judged(told, tidy, tmp_path)[1].endswith("matcher/sign.py: if x > 0: -> (end)")


def test_the_list_can_be_pasted_together(tmp_path) -> None:
    branches = [("a.py", 'if x == "\'": -> y'), ("a.py", 'if y == "z": -> (end)'), ("b.py", "for x in y: -> z")]
    (tmp_path / "list.toml").write_text(f"{entries(branches)}\n{entries(branches[1:])}", encoding="utf-8")
    assert named(tmp_path / "list.toml") == dict.fromkeys(branches, "")


def test_the_exit_status_is_the_judgement(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(TOP)
    monkeypatch.setattr(sys, "argv", ["uncovered", str(tmp_path / "report.json")])
    found = untouched({"matcher/effort.py", "matcher/solver.py"}, tmp_path)
    assert main() == 1
    for part in found["files"].values():
        part["missing_branches"], part["summary"]["covered_branches"] = [], part["summary"]["num_branches"]
    (tmp_path / "report.json").write_text(json.dumps(found), encoding="utf-8")
    assert main() == 0
