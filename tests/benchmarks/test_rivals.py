"""The parts of the benchmark that need no extra package: problems, greedy, the judge's view, the table, the options."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher import Person, Problem, Session, breaches, lonely, matrix
from tests.benchmarks import __main__ as command
from tests.benchmarks import race, rivals, trial
from tests.benchmarks.judged import as_plan, attendance, most_meetings
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.report import COLUMNS, Drawn, Row, Yardstick, line_of
from tests.benchmarks.rivals import RIVALS, Board, CannotRun, Rival, greedy
from tests.benchmarks.section import Asked
from tests.benchmarks.sections.pairs import measure_size

SMALL = list(trial.SMALL.values())
SHORT = 0.2


def names(recipe: Recipe) -> str:
    return f"{recipe.people}-people-seed-{recipe.seed}"


class Lines(Drawn):
    """Keeps rows in place of showing them."""

    def __init__(self) -> None:
        super().__init__("")
        self.rows: list[Row] = []

    def running(self, what: str, seconds: float = 0.0) -> None:
        """Nothing is shown."""

    def add(self, row: Row) -> None:
        """Nothing is shown."""


@pytest.mark.parametrize("recipe", SMALL, ids=names)
def test_the_same_recipe_gives_the_same_conference(recipe: Recipe) -> None:
    assert conference(recipe) == conference(recipe)
    assert conference(recipe) != conference(replace(recipe, seed=recipe.seed + 100))


def test_a_conference_has_what_its_recipe_says() -> None:
    problem = conference(Recipe(people=80, rounds=5, keep_apart=9, away=0.5, limited=0.5, sides=True))
    people = problem.people
    assert (len(people), problem.session.rounds, len(set(problem.keep_apart))) == (80, 5, 9)
    assert {person.side for person in people} == {"a", "b", None}
    assert 20 < sum(bool(person.away) for person in people) < 60
    assert 20 < sum(person.limit is not None for person in people) < 60
    assert all(person.languages and person.offers and person.seeks and person.regions for person in people)
    assert len(lonely(problem)) < 3


def test_some_people_and_interests_are_sought_by_many() -> None:
    people = conference(Recipe(people=200)).people
    wished = sorted((sum(one.id in other.wishes for other in people) for one in people), reverse=True)
    assert sum(wished[:50]) > sum(wished[100:])
    sought = [sum(topic in one.seeks for one in people) for topic in ("campaigns", "strategy")]
    assert sought[0] > 2 * sought[1]


def test_benefits_are_given_or_come_from_profiles() -> None:
    given, profiles = (conference(Recipe(people=30, given=given)) for given in (True, False))
    assert profiles.benefits is None
    assert given.benefits is not None
    assert matrix(profiles).max() > 300
    assert {value for *_, value in given.benefits} <= set(range(100, 1001))


@pytest.mark.parametrize("recipe", SMALL, ids=names)
def test_greedy_breaks_no_rule(recipe: Recipe) -> None:
    problem = conference(recipe)
    plan = as_plan(problem, greedy(Board(problem)))
    assert breaches(problem, plan) == []
    assert 0 < plan.quality.meetings <= most_meetings(problem)


@pytest.mark.parametrize("recipe", SMALL, ids=names)
def test_greedy_leaves_no_two_idle_who_may_meet(recipe: Recipe) -> None:
    problem = conference(recipe)
    board = Board(problem)
    spots = greedy(board)
    for when in range(board.rounds):
        busy = {who for at, *pair in spots if at == when for who in pair}
        idle = [who for who in range(recipe.people) if who not in busy and board.there[who, when] and board.left[who]]
        assert not [pair for pair in combinations(idle, 2) if board.open[pair]]


def test_the_referee_sees_a_rival_that_breaks_a_rule() -> None:
    problem = conference(Recipe(people=14, rounds=4))
    one, other = (int(name[1:]) - 1 for name in problem.keep_apart[0])
    found = breaches(problem, as_plan(problem, [(0, one, other)]))
    assert len(found) == 1
    assert "are kept apart and have a meeting" in found[0]


def test_tables_are_a_limit_for_rivals() -> None:
    problem = conference(Recipe(people=14, rounds=4))
    problem = replace(problem, session=replace(problem.session, tables=3))
    plan = as_plan(problem, greedy(Board(problem)))
    assert plan.quality.meetings == most_meetings(problem) == 12


def test_rivals_refuse_what_they_do_not_plan() -> None:
    people = (Person("p1", seated=True), Person("p2"))
    with pytest.raises(CannotRun, match="no seated people"):
        Board(Problem(Session(rounds=1), people))


def test_most_meetings_counts_rests_and_lonely_people() -> None:
    people = tuple(Person(f"p{number}", languages=("en",)) for number in range(1, 8))
    alone = Person("p9", languages=("km",))
    assert most_meetings(Problem(Session(rounds=2), people)) == 6
    assert most_meetings(Problem(Session(rounds=2), (*people[:6], alone))) == 6
    assert most_meetings(Problem(Session(rounds=2), (people[0], alone))) == 0


def test_most_meetings_knows_that_who_rests_in_an_even_round_leaves_another_one_alone() -> None:
    people = tuple(Person(f"p{number}") for number in range(1, 9))
    once = replace(people[0], limit=1)
    assert most_meetings(Problem(Session(rounds=3), (once, *people[1:]))) == 4 + 3 + 3
    assert most_meetings(Problem(Session(rounds=3), (once, *people[1:7]))) == 3 + 3 + 3


def test_attendance_counts_people_with_at_least_so_many_meetings() -> None:
    problem = Problem(Session(rounds=3), tuple(Person(f"p{number}") for number in range(1, 5)))
    plan = as_plan(problem, [(0, 0, 1), (1, 0, 2)])
    assert attendance(problem, plan) == (3, 1, 0)


def test_the_trial_finds_no_fault_in_the_engine_and_greedy() -> None:
    assert trial.faults(["greedy"], seconds=SHORT) == []


def test_the_trial_finds_a_rival_that_lets_pairs_meet_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(board: Board, seconds: float) -> list[rivals.Spot]:
        first = [(one, other) for when, one, other in greedy(board) if when == 0]
        return [(when, one, other) for when in range(board.rounds) for one, other in first]

    monkeypatch.setitem(RIVALS, "greedy", Rival(None, forgetful))
    assert any("meet 4 times" in sentence for sentence in trial.faults(["greedy"], seconds=SHORT))


def test_exact_matchings_that_differ_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIVALS, "networkx", Rival(None, greedy))
    monkeypatch.setitem(RIVALS, "rustworkx", Rival(None, lambda board, seconds: greedy(board)[1:]))
    problem = conference(SMALL[0])
    assert trial.disagreement(problem, ["networkx", "networkx"]) == []
    (sentence,) = trial.disagreement(problem, ["networkx", "rustworkx"])
    assert sentence.startswith("exact matchings of round 1 differ: networkx 6 meetings worth ")


def test_a_benefit_above_the_bound_is_a_fault_where_nobody_is_left_out() -> None:
    mark = Yardstick(seconds=2.0, bound=900, lowest_bound=0.9, most_meetings=7, attendance=(4, 2))
    above = race.Score(seconds=1.0, meetings=3, benefit=901, lowest=0.5, breaches=(), attendance=(4, 2))
    (sentence,) = Row(4, "greedy", above, mark).faults()
    assert sentence == "4 people, greedy: benefit 901 is above the bound of 900 that the engine proved"
    assert Row(4, "greedy", replace(above, attendance=(4, 1)), mark).faults() == []
    assert Row(4, "greedy", replace(above, benefit=900), mark).faults() == []


def test_a_row_compares_with_the_engine() -> None:
    mark = Yardstick(seconds=2.0, bound=800, lowest_bound=0.8, most_meetings=7, attendance=(4, 2))
    score = race.Score(seconds=1.0, meetings=5, benefit=600, lowest=0.4, breaches=("wrong",), attendance=(4, 1))
    cells = Row(4, "greedy", score, mark).cells()
    assert cells == ("4", "greedy", "1.00", "0.50", "75.000%", "0.400", "50.0%", "5", "2", "1")
    assert len(line_of(cells).split()) == len(COLUMNS)
    none = Yardstick(seconds=None, bound=None, lowest_bound=None, most_meetings=7)
    assert Row(4, "greedy", score, none).cells()[3:7] == ("–", "–", "0.400", "–")


def test_a_planner_runs_in_a_process_of_its_own() -> None:
    recipe = SMALL[0]
    found = race.race(recipe, "greedy", seconds=1, patience=60, tell=lambda seconds: None)
    here = race.score(conference(recipe), "greedy", seconds=1)
    assert isinstance(found, race.Score)
    assert replace(found, seconds=0.0) == replace(here, seconds=0.0)


def test_a_planner_is_stopped_when_patience_ends() -> None:
    heard: list[float] = []
    found = race.race(Recipe(people=700), "greedy", seconds=1, patience=0.1, tell=heard.append)
    assert found == "over 0.1 s, stopped"
    assert len(heard) == 1


def test_a_missing_package_is_a_line_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIVALS, "rustworkx", Rival("no_such_package", greedy))
    lines = Lines()
    asked = Asked(SMALL[0], (14,), ("rustworkx",), seconds=SHORT, patience=60)
    assert measure_size(SMALL[0], asked, report=lines, keep=lines.rows.append) == []
    assert [row.who for row in lines.rows] == ["rondo", "rondo, no floor", "rustworkx"]
    assert lines.rows[-1].cells() == (
        "14",
        "rustworkx",
        "no_such_package is not installed; it is in the dependency group `bench`",
    )


def test_the_command_prints_one_plain_table(tmp_path: Path) -> None:
    asked = ["--people", "12", "--people", "14", "--rounds", "3", "--only", "greedy", "--keep-apart", "2"]
    asked += ["--seconds", str(SHORT), "--section", "pairs", "--out", str(tmp_path)]
    result = CliRunner().invoke(command.main, asked)
    assert result.exit_code == 0, result.output
    table = [line for line in result.stdout.splitlines() if line.lstrip().startswith(("12 ", "14 "))]
    assert [line.split("  ")[-1].strip() for line in table] == ["0"] * 6
    assert "14 people: greedy ..." in result.stderr
    assert tmp_path.joinpath("index.html").read_text(encoding="utf-8").count("<tr>") == 1 + 6


def test_the_command_stops_where_a_rule_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIVALS, "greedy", Rival(None, lambda board, seconds: [(0, 0, 1), (0, 0, 2)]))
    asked = ["--people", "12", "--only", "greedy", "--seconds", str(SHORT), "--section", "pairs"]
    result = CliRunner().invoke(command.main, asked)
    assert result.exit_code == 1
    assert "p1 is at 2 tables in round 1" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "asked", [["--people", "1"], ["--rounds", "0"], ["--only", "magic"], ["--seconds", "nan"], ["--away", "nan"]]
)
def test_options_that_cannot_be_are_refused(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_pairs", None)
    assert CliRunner().invoke(command.main, asked).exit_code == 2
