"""The report as a folder: well-formed, without scripts, with nothing from elsewhere, whatever the sections say."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import __main__ as command
from tests.benchmarks import folder
from tests.benchmarks.drawing import drawn
from tests.benchmarks.problems import Recipe
from tests.benchmarks.race import Score
from tests.benchmarks.report import Row, Yardstick
from tests.benchmarks.section import Chart, Section, Table
from tests.benchmarks.sections.pairs import _charts

NAMES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
FOREIGN = re.compile(r"(?:https?:)?//[^\s\"'<>)]+")
ACTIVE = re.compile(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
TABLE = Table("Rests & <b>more</b>.", ("people", "rests", "why"), (("8", "0", "–"), ("9", "no plan <at all>")))
CHART = Chart("rests", "Rests & more", ("8 people", "9 people"), (("Rondo", (0.0, 2.0)), ("greedy", (1.0, None))))
PART = Section("rests", "Who rests", "Nobody should.", "Exactly nobody.", (TABLE,), (CHART,))


def page(at: Path) -> ET.Element:
    """The page of a report as a tree: it is well-formed."""
    return ET.fromstring(at.joinpath("index.html").read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>"))


def harmless(at: Path) -> None:
    """Nothing runs, nothing is styled in place, nothing comes from elsewhere, every picture is there."""
    assert not ACTIVE.search(at.joinpath("index.html").read_text(encoding="utf-8"))
    for path in at.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not set(FOREIGN.findall(text)) - {name.removeprefix("") for name in NAMES}, path.name
    root = page(at)
    assert {image.get("src") for image in root.iter("img")} == {path.name for path in at.glob("*.svg")}
    assert all(image.get("alt") for image in root.iter("img"))


def test_a_page_says_everything_and_nothing_runs_on_it(tmp_path: Path) -> None:
    broken = replace(PART, name="more", charts=(), faults=("greedy: p1 is at 2 tables & chairs",))
    facts = folder.machine(took=3.2, load=0.5)
    assert folder.write(tmp_path, [PART, broken], facts) == tmp_path / "index.html"
    harmless(tmp_path)
    root = page(tmp_path)
    assert [cell.text for cell in root.find(".//tbody").iter() if cell.tag in ("th", "td")] == [
        *("8", "0", "–", "9", "no plan <at all>")
    ]
    assert root.find(".//td[@colspan]").get("colspan") == "2"
    assert [one.text for one in root.iter("caption")] == ["Rests & <b>more</b>."] * 2
    assert "greedy: p1 is at 2 tables & chairs" in [one.text for one in root.iter("li")]
    assert {"Python", "numpy", "scipy", "cores", "date", "load before it"} <= {one.text for one in root.iter("dt")}


def test_what_runs_or_comes_from_elsewhere_would_be_noticed() -> None:
    assert ACTIVE.search("<p style='color: red'>")
    assert ACTIVE.search('<a onclick="x()">')
    assert FOREIGN.findall('<img src="//example.org/a.png">') == ["//example.org/a.png"]
    with pytest.raises(ET.ParseError):
        ET.fromstring("<p>one<p>two</p>")


@pytest.mark.parametrize("chart", [CHART, replace(CHART, logarithmic=True), replace(CHART, labels=(), series=())])
def test_a_chart_stands_still_and_shows_its_figures(chart: Chart) -> None:
    svg = drawn(chart).decode()
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert "prefers-color-scheme: dark" in svg
    assert set(FOREIGN.findall(svg)) <= NAMES
    told = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert told >= ({"2", "1", "8 people", "Rests & more"} if chart.series else set())


def test_the_bars_of_pairs_are_the_table_s_figures() -> None:
    mark = Yardstick(seconds=2.0, bound=800, lowest_bound=0.8, most_meetings=7)
    score = Score(seconds=1.0, meetings=5, benefit=600, lowest=0.4, breaches=(), attendance=())
    rows = [Row(4, "rondo", replace(score, benefit=800), mark), Row(4, "greedy", score, mark), Row(4, "x", "no", mark)]
    lost, worst, seconds = _charts(rows)
    assert lost.series == (("rondo", (0.0,)), ("greedy", (25.0,)))
    assert worst.series == (("rondo", (0.4,)), ("greedy", (0.4,)))
    assert seconds.series == (("rondo", (1.0,)), ("greedy", (1.0,)))


def test_the_command_writes_every_section_asked_for(tmp_path: Path) -> None:
    asked = ["--small", "--seconds", "0.2", "--out", str(tmp_path)]
    wanted = ["tables", "repair"]
    result = CliRunner().invoke(command.main, [*asked, *(part for name in wanted for part in ("--section", name))])
    assert result.exit_code == 0, result.output
    harmless(tmp_path)
    assert [one.get("id") for one in page(tmp_path).iter("section")] == wanted
    assert f"Report: {tmp_path / 'index.html'}" in result.stdout
    assert "tables: 12 people ..." in result.stderr


def test_sections_come_in_their_order_and_events_where_there_are_some() -> None:
    asked = command.Asked(Recipe(), (), (), seconds=1, patience=1)
    assert command._wanted((), asked) == ["pairs", "growth", "clinics", "stations", "circles", "tables", "repair"]
    assert command._wanted(("repair", "clinics"), asked) == ["clinics", "repair"]


def test_a_fault_ends_with_status_1_and_stands_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(PART, faults=("tables: fewer changes than the proven 7",))
    monkeypatch.setitem(command.SECTIONS, "tables", lambda asked, tell: broken)
    result = CliRunner().invoke(command.main, ["--section", "tables", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "1 faults in the tables" in result.stderr
    assert "fewer changes than the proven 7" in tmp_path.joinpath("index.html").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.SECTIONS, "tables", lambda asked, tell: PART)
    place = tmp_path / "file"
    place.write_text("")
    result = CliRunner().invoke(command.main, ["--section", "tables", "--out", str(place / "deep")])
    assert result.exit_code != 0
    assert "cannot be written" in result.stderr
