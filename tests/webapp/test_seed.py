"""Reading the conference's files: all of it, or one sentence that says where and what."""

import csv
import shutil
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest

from webapp.errors import BadInput
from webapp.exchange.seed import TableRow, read_conference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in resources.files("seed_data").iterdir():
        if file.name.endswith(".csv"):
            with resources.as_file(file) as path:
                shutil.copy(path, tmp_path / file.name)
    return tmp_path


def change(path: Path, *, row: int, column: str, value: str) -> None:
    """Write a value into one cell; the header is row 1."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[row - 1][lines[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def cell(path: Path, *, row: int, column: str) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    return lines[row - 1][lines[0].index(column)]


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_conference(folder)
    return caught.value.sentence


def test_a_copy_of_the_demo_reads_like_the_demo(folder: Path) -> None:
    assert read_conference(folder) == read_conference()


def test_the_conference_is_read_as_values() -> None:
    conference = read_conference()
    assert (len(conference.people), len(conference.organisations), len(conference.sessions)) == (213, 96, 14)
    assert (len(conference.regions), len(conference.interests), len(conference.keep_apart)) == (5, 16, 8)
    assert sum(len(region.countries) for region in conference.regions) == 67
    africa = next(session for session in conference.sessions if session.slug == "regional-africa")
    assert (africa.audience, africa.region, africa.rounds) == ("region", "africa", 4)
    dating = next(session for session in conference.sessions if session.slug == "speed-dating")
    assert (dating.audience, dating.region, dating.shared_language) == ("everybody", None, True)
    assert dating.starts == datetime.fromisoformat("2013-06-19T14:00")
    places = [table for table in conference.tables if table.session == "speed-dating"]
    assert len(places) == 108
    assert places[:2] == [
        TableRow("speed-dating", "1A", "Garden side"),
        TableRow("speed-dating", "1B", "Garden side"),
    ]
    assert places[-1] == TableRow("speed-dating", "27D", "River side")
    assert (len(conference.hosts), len(conference.interpreters)) == (22, 4)
    tool = next(host for host in conference.hosts if host.table == "T11")
    assert (tool.session, tool.title, tool.latin) == ("digital-tools", "Films on a telephone", "Thana Wongdee")
    assert (tool.places, tool.min_places, tool.away, tool.languages) == (6, 2, (1,), ("th", "en"))
    person = next(person for person in conference.people if person.latin == "Kim Ratana")
    assert person.name == "គឹម រតនា"
    assert person.away[1] == tuple(map(datetime.fromisoformat, ("2013-06-19T14:40", "2013-06-19T14:56")))


@pytest.mark.parametrize(
    ("file", "column", "value", "said"),
    [
        ("event.csv", "time_zone", "Asia/Nowhere", "'Asia/Nowhere' is no time zone"),
        ("event.csv", "starts_on", "17 June", "'17 June' is no day"),
        ("event.csv", "ends_on", "2013-06-16", "ends before it starts"),
        ("event.csv", "delete_on", "2013-06-20", "before the event is over"),
        ("event.csv", "preset", "secret", "'secret' is no known preset (known: discreet, open)"),
        ("event.csv", "working_languages", "en;French", "'French' is no language code"),
        ("countries.csv", "code", "kh", "'kh' is no country code"),
        ("countries.csv", "region", "moon", "'moon' is no known region"),
        ("interests.csv", "slug", "Free Speech", "small letters a to z"),
        ("organisations.csv", "country", "XX", "'XX' is no known country"),
        ("programme.csv", "starts", "2013-06-17", "is no time at the venue"),
        ("programme.csv", "starts", "2013-06-17T09:00+07:00", "is no time at the venue"),
        ("programme.csv", "starts", "2013-06-18T17:30", "ends before it starts"),
        ("programme.csv", "format", "dance", "'dance' is no known format"),
        ("programme.csv", "format", "pairs", "at least one round"),
        ("programme.csv", "rounds", "-1", "'-1' is no whole number from 0 to 100"),
        ("programme.csv", "rounds", "9" * 40, "is no whole number from 0 to 100"),
        ("programme.csv", "rounds", "٣", "is no whole number"),
        ("programme.csv", "audience", "region:moon", "'moon' is no known region"),
        ("programme.csv", "audience", "region", "write everybody, members, or region:"),
        ("programme.csv", "audience", "members:africa", "write everybody, members, or region:"),
        ("programme.csv", "shared_language", "perhaps", "neither yes nor no"),
        ("tables.csv", "session", "lunch", "'lunch' is no known session"),
        ("tables.csv", "last", "0", "is no whole number from 1 to 2000"),
        ("tables.csv", "first", "10", "the range ends at 9, before it starts at 10"),
        ("tables.csv", "last", "10", "table 10A of speed-dating stands in an earlier row"),
        ("tables.csv", "places", "AA", "write each place once"),
        ("people.csv", "number", "12x", "write digits only"),
        ("people.csv", "name", "", "must not be empty"),
        ("people.csv", "name", "a\x00b", "control character"),
        ("people.csv", "name", "a" * 81, "81 characters are too many; 80 is the most"),
        ("people.csv", "languages", "", "must not be empty"),
        ("people.csv", "languages", "en;en", "'en' stands there twice"),
        ("people.csv", "offers", "juggling", "'juggling' is no known interest"),
        ("people.csv", "role", "boss", "'boss' is no known role"),
        ("people.csv", "organisation", "Nobody's Desk", "is no known organisation"),
        ("people.csv", "wishes", "person:1", "'1' is no known person"),
        ("people.csv", "wishes", "everybody", "must begin with person:"),
        ("people.csv", "away", "2013-06-19T14:00", "write START/END"),
        ("people.csv", "away", "2013-06-19T15:00/2013-06-19T14:00", "ends before it starts"),
        ("keep_apart.csv", "number_one", "1", "'1' is no known event number"),
        ("specialists.csv", "session", "digital-tools", "'digital-tools' is no known session of clinics"),
        ("specialists.csv", "name", "", "must not be empty"),
        ("specialists.csv", "number", "1", "'1' is no known event number"),
        ("specialists.csv", "number", "136", "'136' stands in row 2 already"),
        ("specialists.csv", "organisation", "Nobody's Desk", "is no known organisation"),
        ("specialists.csv", "languages", "", "must not be empty"),
        ("specialists.csv", "topics", "juggling", "'juggling' is no known interest"),
        ("specialists.csv", "table", "S2", "'S2' stands in row 2 already"),
        ("specialists.csv", "table", "S" * 21, "21 characters are too many"),
        ("specialists.csv", "places", "0", "is no whole number from 1 to 200"),
        ("specialists.csv", "away", "7", "'7' is no known round (known: 1, 2, 3, 4, 5, 6)"),
        ("specialists.csv", "away", "1;2;3;4;5;6", "away in all rounds"),
        ("tools.csv", "session", "meet-the-specialist", "is no known session of stations"),
        ("tools.csv", "tool", "", "must not be empty"),
        ("tools.csv", "least_places", "19", "is no whole number from 1 to 18"),
        ("questions.csv", "session", "digital-tools", "is no known session of clinics"),
        ("questions.csv", "number", "1", "'1' is no known event number"),
        ("questions.csv", "number", "200", "'200' stands in row"),
        ("questions.csv", "number", "136", "nobody can wish to meet themselves"),
        ("questions.csv", "specialists", "S11", "'S11' is no known specialist's table"),
        ("questions.csv", "specialists", "S1;S2;S3;S4", "4 are too many; 3 is the most"),
        ("questions.csv", "question", "a" * 301, "301 characters are too many"),
        ("interpreters.csv", "languages", "en", "at least two languages"),
        ("interpreters.csv", "most_in_a_row", "0", "is no whole number from 1 to 100"),
        ("interpreters.csv", "sessions", "digital-tools", "is no known session of pairs or clinics"),
    ],
)
def test_a_mistake_is_refused_with_file_row_and_column(
    folder: Path, file: str, column: str, value: str, said: str
) -> None:
    if value == "136" and file == "questions.csv":
        change(folder / file, row=2, column="specialists", value="S10")
    change(folder / file, row=2, column=column, value=value)
    sentence = refusal(folder)
    assert sentence.startswith(f"{file}, row ")
    assert ", column " in sentence
    assert said in sentence


def test_the_row_and_column_named_are_those_of_the_mistake(folder: Path) -> None:
    change(folder / "people.csv", row=57, column="role", value="boss")
    assert refusal(folder).startswith("people.csv, row 57, column role: 'boss' is no known role")


@pytest.mark.parametrize(
    ("file", "column"), [("people.csv", "number"), ("programme.csv", "slug"), ("interpreters.csv", "name")]
)
def test_the_same_name_twice_is_refused(folder: Path, file: str, column: str) -> None:
    again = cell(folder / file, row=2, column=column)
    change(folder / file, row=4, column=column, value=again)
    assert refusal(folder) == f"{file}, row 4, column {column}: {again!r} stands in row 2 already."


def test_a_tool_is_refused_where_its_presenter_shows_it_twice(folder: Path) -> None:
    path = folder / "tools.csv"
    change(path, row=5, column="presenter", value=cell(path, row=3, column="presenter"))
    read_conference(folder)
    change(path, row=5, column="tool", value=cell(path, row=3, column="tool"))
    assert refusal(folder).startswith("tools.csv, row 5, column presenter: 'រ៉េត សុភា' stands in row 3 already")


def test_a_wish_for_oneself_and_a_pair_of_one_are_refused(folder: Path) -> None:
    number = cell(folder / "people.csv", row=3, column="number")
    change(folder / "keep_apart.csv", row=3, column="number_one", value=number)
    change(folder / "keep_apart.csv", row=3, column="number_two", value=number)
    assert "row 3, column number_two: a pair needs two different people" in refusal(folder)
    change(folder / "people.csv", row=3, column="wishes", value=f"person:{number}")
    assert "row 3, column wishes: nobody can wish to meet themselves" in refusal(folder)


def test_a_pair_is_refused_the_second_time_also_the_other_way_round(folder: Path) -> None:
    path = folder / "keep_apart.csv"
    one, other = (cell(path, row=2, column=column) for column in ("number_one", "number_two"))
    change(path, row=5, column="number_one", value=other)
    change(path, row=5, column="number_two", value=one)
    assert refusal(folder) == "keep_apart.csv, row 5, column number_one: this pair stands in an earlier row already."


def test_rounds_that_do_not_fit_between_start_and_end_are_refused(folder: Path) -> None:
    slugs = [session.slug for session in read_conference(folder).sessions]
    change(folder / "programme.csv", row=slugs.index("speed-dating") + 2, column="rounds", value="8")
    assert "the rounds take 62 minutes" in refusal(folder)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "regions.csv: the file is missing"),
        (lambda path: path.write_bytes(b"slug,title\nafrica,\xff\n"), "regions.csv: the file is not in UTF-8"),
        (lambda path: path.write_text("slug\nafrica\n"), "regions.csv, row 1: there must be one column 'title'"),
        (lambda path: path.write_text("slug,title,x\n"), "regions.csv, row 1: the column 'x' is not known"),
        (lambda path: path.write_text("slug,title\nafrica\n"), "regions.csv, row 2: it has 1 cells, the header has 2"),
        (lambda path: path.write_text('slug,title\nafrica,"Af"r\n'), "regions.csv, line 2: this is no proper CSV"),
        (lambda path: path.write_text(""), "regions.csv, row 1: there must be one column 'slug'"),
    ],
)
def test_a_broken_file_is_refused_by_name(folder: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(folder / "regions.csv")
    assert refusal(folder).startswith(said)


def test_there_is_one_event(folder: Path) -> None:
    with (folder / "event.csv").open("a", encoding="utf-8") as file:
        file.write("Another,Hall,Asia/Bangkok,2013-07-01,2013-07-02,2013-07-09,open,en,th\n")
    assert refusal(folder) == "event.csv: there must be one row beneath the header, there are 2."


def test_a_file_saved_by_a_spreadsheet_reads_the_same(folder: Path) -> None:
    path = folder / "people.csv"
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n") + ",,,,,,,,,,,,,\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_conference(folder) == read_conference()
