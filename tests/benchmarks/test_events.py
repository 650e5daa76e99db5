"""Events of the user: read from a folder, planned by everybody, beside what was published for them."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher import MatcherError, Person, Problem, Session, matrix, write_problem
from matcher.problem import Chosen
from tests.benchmarks import __main__ as command
from tests.benchmarks.judging import ENGINE, tried
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.published import BadTable, Published, published
from tests.benchmarks.samples import agrees, sample, written
from tests.benchmarks.section import Asked
from tests.benchmarks.sections import events

CHOSEN = Problem(
    Session(4, id="agreed"),
    tuple(Person(f"p{number}") for number in range(1, 5)),
    chosen=(Chosen(("p1", "p2")), Chosen(("p1", "p3"))),
)


def event(folder: Path, name: str, problem: Problem) -> None:
    folder.joinpath(f"{name}.json").write_text(write_problem(problem), encoding="utf-8")


def published_as(folder: Path, name: str, text: str) -> Published:
    folder.joinpath(name).write_text(text, encoding="utf-8")
    return published(folder)


def silent(what: str, seconds: float = 0.0) -> None:
    """Nobody listens."""


# --- published figures -----------------------------------------------------------------------------------------------


def test_a_folder_without_figures_has_none(tmp_path: Path) -> None:
    assert published(tmp_path).cells("one") == ()
    assert published_as(tmp_path, "README.md", "# Events\n\n| name | s |\n| --- | --- |\n| one | 5 |\n").columns == ()


def test_the_first_table_of_a_readme_whose_first_column_is_file_counts(tmp_path: Path) -> None:
    text = "# E\n\n| a | b |\n|---|---|\n| x | y |\n\n| file | MIP s | note |\n| --- | ---: | :-: |\n"
    text += "| one | 2.5 | a \\| b |\n| two.json | 14 at time-out | |\n\nMore.\n\n"
    text += "| file | z |\n| --- | --- |\n| one | 9 |\n"
    found = published_as(tmp_path, "README.md", text)
    assert found.columns == ("MIP s", "note")
    assert found.cells("one") == ("2.5", "a | b")
    assert found.cells("two") == ("14 at time-out", "")
    assert found.cells("three") == ("", "")
    assert found.of(("two", "three")) == found
    assert found.of(("three",)) == Published()


def test_a_csv_goes_before_a_readme(tmp_path: Path) -> None:
    published_as(tmp_path, "README.md", "| file | z |\n| --- | --- |\n| one | 9 |\n")
    found = published_as(tmp_path, "published.csv", '\ufefffile,"best, s",by\none.json,3,"A, B"\n\n')
    assert (found.columns, found.cells("one")) == (("best, s", "by"), ("3", "A, B"))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("published.csv", "", "published.csv: is empty; its first line names the columns, the first of them 'file'"),
        ("published.csv", "event,s\none,3\n", "published.csv: the first column is 'event'; it must be 'file'"),
        ("published.csv", "file,s\none,3,4\n", "published.csv: row 2 has 3 cells, the header has 2"),
        ("published.csv", "file,s\none,3\none.json,4\n", "published.csv: the file 'one' stands twice; keep one row"),
        ("README.md", "| file | s |\n| --- | --- |\n| one |\n", "README.md: row 2 has 1 cells, the header has 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(BadTable) as refused:
        published_as(tmp_path, name, text)
    assert str(refused.value) == says


def test_a_table_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("published.csv").write_bytes(b"file,s\n\xff,3\n")
    with pytest.raises(BadTable, match="is not UTF-8; save it as UTF-8"):
        published(tmp_path)


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_folder_without_problems_or_with_a_broken_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MatcherError, match="holds no problem file"):
        events.events_of(tmp_path)
    tmp_path.joinpath("broken.json").write_text("{}")
    with pytest.raises(MatcherError, match=r"broken\.json: "):
        events.events_of(tmp_path)
    result = CliRunner().invoke(command.main, ["--section", "events", "--events", str(tmp_path)])
    assert result.exit_code == 2
    assert "--events: broken.json: " in result.stderr


def test_events_need_a_folder() -> None:
    result = CliRunner().invoke(command.main, ["--section", "events"])
    assert result.exit_code == 2
    assert "--section events needs --events DIR" in result.stderr


def test_written_benefits_are_those_that_the_engine_plans_by() -> None:
    problem = conference(Recipe(14, 3, given=False))
    explicit = written(problem)
    assert problem.benefits is None
    assert (matrix(problem) == matrix(explicit)).all()
    assert agrees(problem, explicit)
    assert not agrees(problem, replace(explicit, benefits=explicit.benefits[1:]))
    assert written(explicit) == explicit
    one, other = (tried(each, ENGINE, 5.0).quality.benefit for each in (problem, explicit))
    assert one == other


def test_a_sample_is_a_smaller_session_of_the_same_kind() -> None:
    problem = conference(Recipe(40, 3, given=False))
    part = sample(problem, seed=1, most=15)
    ids = {person.id for person in part.people}
    assert len(ids) == 15
    assert all(ids.issuperset(pair) for pair in (*part.keep_apart, *part.met_before))
    assert sample(problem, seed=1, most=40) == problem
    assert sample(problem, seed=1, most=15) == part != sample(problem, seed=2, most=15)


def test_a_large_event_is_planned_whole_by_the_engine_and_in_part_by_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "sample", lambda problem, seed: sample(problem, seed, most=10))
    monkeypatch.setattr(events, "planners", lambda problem: {"greedy": None})
    event(tmp_path, "many", conference(Recipe(14, 3, given=False)))
    asked = Asked(Recipe(), (), (), seconds=2, patience=60, events=tmp_path, event_seconds=2)
    found = events.measure(asked, silent)
    (table,) = found.tables
    assert [row[:3] for row in table.rows] == [
        ("many", "rondo", "10"), ("many", "greedy", "10"), ("many", "rondo, all people", "14")
    ]  # fmt: skip
    assert found.faults == ()


def test_agreed_meetings_stand_beside_what_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "planners", lambda problem: {})
    event(tmp_path, "fair", CHOSEN)
    published_as(tmp_path, "published.csv", "file,MIP s\nfair,648\n")
    asked = Asked(Recipe(), (), (), seconds=2, patience=60, events=tmp_path, event_seconds=2)
    found = events.measure(asked, silent)
    (table,) = found.tables
    assert table.columns[-1] == "published: MIP s"
    (row,) = table.rows
    assert (row[:6], row[-1]) == (("fair", "4", "2", "4", "0", "0"), "648")
    assert found.faults == ()
