"""What the demo conference promises, read straight from its files."""

import csv
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from importlib import resources
from itertools import pairwise

import pytest

Row = dict[str, str]
WORKING = {"en", "fr", "es", "ar", "ru"}


def rows(name: str) -> list[Row]:
    text = resources.files("seed_data").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def parts(row: Row, column: str) -> list[str]:
    return [part for part in row[column].split(";") if part]


PEOPLE = rows("people")
SESSIONS = {row["slug"]: row for row in rows("programme")}
BY_NUMBER = {row["number"]: row for row in PEOPLE}


def scripts(name: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in name if letter.isalpha()}


def admissible(one: Row, other: Row) -> bool:
    shared = set(parts(one, "languages")) & set(parts(other, "languages"))
    return bool(shared) and one["organisation"] != other["organisation"]


def test_the_counts_of_the_conference() -> None:
    organisations = rows("organisations")
    countries = {row["country"] for row in organisations} | {row["country"] for row in PEOPLE}
    assert (len(PEOPLE), len(organisations), len(countries)) == (213, 96, 67)
    assert countries == {row["code"] for row in rows("countries")}
    assert {row["organisation"] for row in PEOPLE} == {row["name"] for row in organisations}
    assert len(rows("interests")) == 16
    assert len({row["group"] for row in rows("interests")}) == 6


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("people", "number"),
        ("people", "latin"),
        ("organisations", "name"),
        ("countries", "code"),
        ("regions", "slug"),
        ("interests", "slug"),
        ("programme", "slug"),
    ],
)
def test_what_names_a_row_is_unique(name: str, column: str) -> None:
    counts = Counter(row[column] for row in rows(name))
    assert [value for value, times in counts.items() if times > 1 or not value] == []


def test_everything_people_point_at_is_there() -> None:
    interests = {row["slug"] for row in rows("interests")}
    regions = {row["slug"] for row in rows("regions")}
    countries = {row["code"] for row in rows("countries")}
    known = {
        "person": set(BY_NUMBER),
        "organisation": {row["name"] for row in rows("organisations")},
        "role": {"member", "donor", "stakeholder", "guest"},
        "region": regions,
    }
    for row in PEOPLE:
        assert row["organisation"] in known["organisation"]
        assert row["role"] in known["role"]
        assert row["country"] in countries
        assert parts(row, "regions")
        assert set(parts(row, "regions")) <= regions
        assert parts(row, "offers")
        assert parts(row, "seeks")
        assert set(parts(row, "offers")) | set(parts(row, "seeks")) <= interests
        assert not set(parts(row, "offers")) & set(parts(row, "seeks"))
        for wish in parts(row, "wishes"):
            kind, _, value = wish.partition(":")
            assert value in known[kind], (row["number"], wish)
            assert value not in {row["number"], row["organisation"]}, (row["number"], wish)


def test_everything_else_points_at_what_is_there() -> None:
    regions = {row["slug"] for row in rows("regions")}
    countries = {row["code"] for row in rows("countries")}
    assert {row["region"] for row in rows("countries")} == regions
    assert {row["country"] for row in rows("organisations")} == countries
    assert {row["session"] for row in rows("tables")} <= set(SESSIONS)
    assert {row["audience"].removeprefix("region:") for row in SESSIONS.values()} <= {"everybody", "members", *regions}
    for row in rows("keep_apart"):
        assert {row["number_one"], row["number_two"]} <= set(BY_NUMBER)


def test_people_ask_specialists_in_many_languages_whom_they_can_speak_with() -> None:
    specialists, asked = {row["table"]: row for row in rows("specialists")}, rows("questions")
    assert len({row["number"] for row in asked}) == len(asked) >= 40
    assert {script for row in asked for script in scripts(row["question"])} >= {"LATIN", "ARABIC", "CYRILLIC", "KHMER"}
    for row in asked:
        person = BY_NUMBER[row["number"]]
        assert 2 <= len(parts(row, "specialists")) <= 3, row["number"]
        assert row["question"] == unicodedata.normalize("NFC", row["question"])
        for table in parts(row, "specialists"):
            assert set(parts(person, "languages")) & set(parts(specialists[table], "languages")), (row["number"], table)
            assert person["organisation"] != specialists[table]["organisation"]
    assert {table for row in asked for table in parts(row, "specialists")} == set(specialists)


def test_specialists_and_tools_have_tables_languages_and_topics() -> None:
    specialists, tools, interests = rows("specialists"), rows("tools"), {row["slug"] for row in rows("interests")}
    assert {row["session"] for row in specialists} == {"meet-the-specialist"}
    assert {row["session"] for row in tools} == {"digital-tools"}
    assert [row["table"] for row in specialists] == [f"S{number}" for number in range(1, 11)]
    assert [row["table"] for row in tools] == [f"T{number}" for number in range(1, 13)]
    organisations = {row["name"] for row in rows("organisations")}
    for row in specialists + tools:
        assert set(parts(row, "languages")) & WORKING, row["latin"]
        assert parts(row, "topics")
        assert set(parts(row, "topics")) <= interests
        assert row["latin"].isascii()
        assert row["organisation"] in organisations
    assert sum(bool(row["away"]) for row in specialists) >= 3
    assert {int(row["places"]) for row in tools} <= set(range(6, 19))
    found = {script for row in specialists + tools for script in scripts(row.get("name") or row["presenter"])}
    assert {"LATIN", "ARABIC", "KHMER", "CYRILLIC", "THAI", "DEVANAGARI"} <= found


def test_who_is_visited_is_the_participant_of_that_number_or_nobody_of_that_name() -> None:
    names, listed = {row["latin"] for row in PEOPLE}, rows("specialists") + rows("tools")
    assert sum(bool(row["number"]) for row in listed) == 2
    for row in listed:
        known = BY_NUMBER.get(row["number"])
        told = (row.get("name") or row["presenter"], row["latin"], row["organisation"])
        if known is None:
            assert row["latin"] not in names
        else:
            assert told == (known["name"], known["latin"], known["organisation"])


def test_interpreters_join_english_with_each_working_language() -> None:
    joined = [set(parts(row, "languages")) for row in rows("interpreters")]
    assert all("en" in languages and len(languages) >= 2 for languages in joined)
    assert set.union(*joined) == WORKING
    assert not {row["latin"] for row in rows("interpreters")} & {row["latin"] for row in PEOPLE}


def test_names_come_in_the_scripts_of_the_conference_and_each_has_a_latin_spelling() -> None:
    found = Counter(script for row in PEOPLE for script in scripts(row["name"]))
    for script in ("LATIN", "ARABIC", "KHMER", "CYRILLIC", "MYANMAR", "ETHIOPIC", "THAI", "DEVANAGARI", "CJK"):
        assert found[script] >= 3, script
    for row in PEOPLE:
        assert row["latin"].isascii(), row["number"]
        assert any(letter.isalpha() for letter in row["latin"]), row["number"]
        assert row["name"] == unicodedata.normalize("NFC", row["name"]).strip()


def test_roles_are_mixed_and_members_are_somewhat_over_half() -> None:
    roles = Counter(row["role"] for row in PEOPLE)
    assert 107 <= roles["member"] <= 140
    assert min(roles["donor"], roles["stakeholder"], roles["guest"]) >= 15


def test_everybody_can_meet_enough_people() -> None:
    assert [row["number"] for row in PEOPLE if not parts(row, "languages")] == []
    without = [row["number"] for row in PEOPLE if not set(parts(row, "languages")) & WORKING]
    assert len(without) <= 2
    assert sum("en" not in parts(row, "languages") for row in PEOPLE) >= 10
    rounds = int(SESSIONS["speed-dating"]["rounds"])
    for row in PEOPLE:
        assert sum(admissible(row, other) for other in PEOPLE) >= rounds, row["number"]


def test_keep_apart_pairs_could_otherwise_meet() -> None:
    pairs = [(BY_NUMBER[row["number_one"]], BY_NUMBER[row["number_two"]]) for row in rows("keep_apart")]
    assert len(pairs) == 8
    assert len({frozenset((one["number"], other["number"])) for one, other in pairs}) == 8
    assert all(admissible(one, other) for one, other in pairs)


def test_speed_dating_has_an_odd_head_count_and_places_enough() -> None:
    session = SESSIONS["speed-dating"]
    assert (session["format"], session["audience"]) == ("pairs", "everybody")
    assert (session["rounds"], session["round_minutes"], session["change_minutes"]) == ("7", "6", "2")
    assert len(PEOPLE) % 2 == 1
    ranges = [row for row in rows("tables") if row["session"] == "speed-dating"]
    names = [f"{n}{p}" for r in ranges for n in range(int(r["first"]), int(r["last"]) + 1) for p in r["places"]]
    assert len(names) == len(set(names)) == 108 >= len(PEOPLE) // 2
    assert (names[0], names[-1]) == ("1A", "27D")


def test_regional_networking_has_tables_for_its_audience() -> None:
    assert SESSIONS["regional-africa"]["audience"] == "region:africa"
    invited = sum("africa" in parts(row, "regions") for row in PEOPLE)
    tables = sum(int(r["last"]) - int(r["first"]) + 1 for r in rows("tables") if r["session"] == "regional-africa")
    assert 40 <= invited <= tables * 4


def test_some_stay_seated_and_some_are_away_in_some_rounds() -> None:
    assert sum(row["seated"] == "yes" for row in PEOPLE) == 3
    assert {row["seated"] for row in PEOPLE} | {row["first_time"] for row in PEOPLE} == {"yes", "no"}
    starts, ends = (datetime.fromisoformat(SESSIONS["speed-dating"][column]) for column in ("starts", "ends"))
    touched = 0
    for row in PEOPLE:
        for span in parts(row, "away"):
            gone, back = map(datetime.fromisoformat, span.split("/"))
            assert gone < back, row["number"]
            touched += gone < ends and back > starts
            assert (gone, back) != (starts, ends)
    assert touched >= 8


def test_the_programme_is_complete_and_its_timed_sessions_do_not_overlap() -> None:
    formats = {slug: row["format"] for slug, row in SESSIONS.items() if row["format"] != "plain"}
    assert formats == {
        "speed-dating": "pairs",
        "digital-tools": "stations",
        "meet-the-specialist": "clinics",
        "regional-africa": "circles",
    }
    assert len(SESSIONS) - len(formats) == 10
    assert [slug for slug, row in SESSIONS.items() if row["audience"] == "members"] == ["general-meeting"]
    spans = []
    for slug in formats:
        row = SESSIONS[slug]
        starts, ends = datetime.fromisoformat(row["starts"]), datetime.fromisoformat(row["ends"])
        needed = int(row["rounds"]) * (int(row["round_minutes"]) + int(row["change_minutes"]))
        assert starts + timedelta(minutes=needed - int(row["change_minutes"])) <= ends
        spans.append((starts, ends))
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(sorted(spans)))


def test_the_event_spans_its_programme() -> None:
    (event,) = rows("event")
    days = sorted(row[column][:10] for row in SESSIONS.values() for column in ("starts", "ends"))
    assert (event["starts_on"], event["ends_on"]) == (days[0], days[-1]) == ("2013-06-17", "2013-06-20")
    assert event["delete_on"] > event["ends_on"]
    assert event["time_zone"] == "Asia/Phnom_Penh"
    assert set(parts(event, "working_languages")) == WORKING
    assert event["host_language"] == "km"


def test_the_readme_names_every_column_and_says_that_all_is_invented() -> None:
    text = resources.files("seed_data").joinpath("README.md").read_text(encoding="utf-8")
    assert "Every person and every organisation in these files is invented" in text
    for file in resources.files("seed_data").iterdir():
        if file.name.endswith(".csv"):
            assert file.name in text
            for column in rows(file.name.removesuffix(".csv"))[0]:
                assert f"`{column}`" in text, (file.name, column)
