"""The canary matrix: every field of everybody × every reader × every answer, held against the table of the policy.

What stands in an answer and not in the table is a leak; what the table says is shown has to be found somewhere.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import time_machine

import webapp
from tests.webapp import crowd, places
from tests.webapp import factories as make
from tests.webapp.crowd import GIVEN, LISTED, OUTSIDER, PEOPLE, SPECIALIST, VOICE
from tests.webapp.noticing import in_text, told_in, topics_in
from tests.webapp.once import of_all_workers, once
from tests.webapp.places import Look, Matrix, looks
from tests.webapp.walker import House
from webapp.db import db
from webapp.models import Event, Person
from webapp.operations.plans import talks
from webapp.policy import TABLE, Field, Reader, shows

SCARCE = {"ways_in", "seated", "attendance", "hosting", "languages", "latin", "name", "about", "companion", "listed"}
CALLED = ("number", "screen")
"""A number stands on the big screen for two minutes, when a place falls free: tests of calls hold this."""
UNREAD = {"backup", "signs", "instructions", "hosts_file"}
"""A backup is locked; on the others stand specialists and presenters alone."""
SPOKEN_FOR = {"tables", "feedback", "specialists", "topics"}
"""What is told by ticks and by names of tables, which are nobody's own word; tests of their own hold these."""

# --- holding it against the table ------------------------------------------------------------------------------------


def has(at: int, what: str, place: str) -> bool:
    """Whether somebody has a field whose word could be found in this place."""
    if at >= OUTSIDER:
        return what in ("name", "latin") or (what == "about" and at == OUTSIDER)
    if what == "ways_in":
        # at the desk and on cards they are pictures to scan
        return place in ("file slip", "file links") or (at == GIVEN and place == "organiser")
    if (what, place) == CALLED or (what == "companion" and place in places.GUESTS):
        # a companion is told of whom one meets now, and not in the list of the other rounds
        return False
    if what in ("organisation", "questions"):
        return place != "sheet: hosts of stations"
    # the last one speaks a language of their own alone, at a table with an interpreter
    alone = {
        "attendance": at % 4 > 0,
        "seated": at == 5,
        "languages": at == PEOPLE - 1 or "sheet" not in place,
        "listed": at in LISTED,
        "about": at == SPECIALIST,
    }
    return alone.get(what, True)


def complaints(found: Mapping[str, Look], preset: str) -> tuple[list[str], list[str]]:
    """What is told and should not be, and what should be told and is not."""
    extra, missing = [], []
    watched = [one for one in get_args(Field) if one not in SPOKEN_FOR]
    for place, look in found.items():
        for at in {*look.readers, *look.hosts, *(at for at, _what in look.told)} - {VOICE}:
            told = {what for who, what in look.told if who == at}
            as_host = look.hosts.get(at, set())
            mine = {one for one in watched if any(shows(one, to=to, preset=preset) for to in look.readers.get(at, ()))}
            visited = any(shows("hosting", to=to, preset=preset) for to in as_host)
            house = any(shows("organisation", to=to, preset=preset) for to in as_host)
            picked = at in LISTED and any(shows("listed", to=to, preset=preset) for to in look.readers.get(at, ()))
            about = any(shows("about", to=to, preset=preset) for to in as_host)
            allowed = mine | ({"about"} if about else set()) | ({"name"} if picked else set())
            allowed |= ({"name", "latin"} if visited else set()) | ({"organisation"} if house else set())
            extra += [f"{place}: {what} of {at}" for what in told - allowed - SPOKEN_FOR]
            due = {one for one in mine | ({"name"} if visited else set()) if one != "hosting" and has(at, one, place)}
            if picked:
                due = due - {"listed"} | {"name"}
            if {"name", "latin"} & told:
                due -= {"name", "latin"}
            missing += [f"{place}: {what} of {at}" for what in due - told]
    return sorted(extra), sorted(missing)


@pytest.fixture(scope="module")
def crowded(at_noon: None, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house in which everybody's every field is a word of its own."""
    shared, folder = of_all_workers(tmp_path_factory, "crowd"), tmp_path_factory.mktemp("crowd")
    populated = once(shared, ["gathered"], lambda name: crowd.gather(migrated, folder / name))["gathered"]
    house = House(populated.open(folder / "own", hosts=("rondo.test",)), populated)
    house.host = "rondo.test"
    yield house
    house.close()


@pytest.fixture(scope="module")
def matrix(crowded: House, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Matrix]:
    """All that can be read in all places, in both presets."""
    shared = of_all_workers(tmp_path_factory, "matrix")
    return once(shared, ["open", "discreet"], lambda preset: looks(crowded, preset))


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_every_answer_tells_what_the_table_says_and_no_more(matrix: Mapping[str, Matrix], preset: str) -> None:
    found = matrix[preset].found
    answers, words = sum(look.answers for look in found.values()), sum(len(look.told) for look in found.values())
    checked = sum(len(look.readers) * (len(get_args(Field)) - len(SPOKEN_FOR)) for look in found.values())
    print(f"\n{preset}: {len(found)} places, {answers} answers, {words} words told, {checked} cells checked")
    assert complaints(found, preset) == ([], [])


@pytest.mark.parametrize("hour", range(24))
def test_the_matrix_is_read_at_noon_whatever_the_hour(hour: int) -> None:
    with time_machine.travel(datetime(2026, 11, 29, hour, 32, tzinfo=UTC)):
        assert (datetime.now(make.event().zone) + crowd.to_noon()).hour == 12


def test_a_number_is_noticed_wherever_it_is_no_chance() -> None:
    one = crowd.number(18)
    for text in (f"No. {one}.", f"p{one}x", f"/desk/{one}", f"aabbcc-{one}-ddeeff", f"x_{one}_y", f"{one}ffee"):
        assert in_text(text) == {(18, "number")}, text
    for text in (f"aabbccd{one}eeff", f'data-owner="a{one}bcdef0123"', f"{one}abcdefab", f"1{one}", f"{one}0"):
        assert in_text(text) == set(), text


# --- each cell of the table is watched -------------------------------------------------------------------------------


def unwatched(matrix: Mapping[str, Matrix], patch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """The cells of the table that could say something else and no answer would contradict."""
    by_reader: dict[str, dict[str, dict[str, Look]]] = {preset: {} for preset in matrix}
    for preset, one in matrix.items():
        for place, look in one.found.items():
            for reader in set().union(*look.readers.values(), *look.hosts.values(), set()):
                by_reader[preset].setdefault(reader, {})[place] = look
    found = set()
    for cell, mark in TABLE.items():
        for other in {"yes", "-", *(["open"] if mark == "open" else ())} - {mark}:
            patch.setitem(TABLE, cell, other)
            told = [complaints(own.get(cell[1], {}), preset) for preset, own in by_reader.items()]
            if not any(extra or missing for extra, missing in told):
                found.add(cell)
        patch.setitem(TABLE, cell, mark)
    return found


def test_another_word_in_any_cell_is_noticed(matrix: Mapping[str, Matrix], monkeypatch: pytest.MonkeyPatch) -> None:
    found = unwatched(matrix, monkeypatch)
    told = {cell for cell in found if cell[0] not in SPOKEN_FOR and cell[1] not in UNREAD}
    print(f"\n{len(TABLE) - len(found)} of {len(TABLE)} cells of the table are watched: {sorted(told)}")
    # ways in are words on slips, in files of links and for the organiser who gives one; elsewhere pictures to scan
    assert {field for field, _reader in told - {CALLED}} <= SCARCE
    assert len(told) <= 70


def test_the_table_is_whole() -> None:
    assert {field for field, _reader in TABLE} == set(get_args(Field))
    assert {reader for _field, reader in TABLE} == set(get_args(Reader))
    assert set(TABLE.values()) == {"yes", "open", "-"}
    assert not any(shows(field, to="anybody", preset="open") for field in get_args(Field))
    assert [cell for cell, mark in TABLE.items() if cell[0] == "apart" and mark != "-"] == [
        ("apart", "safety"),
        ("apart", "backup"),
    ]


def test_the_table_speaks_of_all_that_is_kept_of_a_person() -> None:
    kept = set(Person.__mapper__.attrs.keys()) - {
        # nothing of these is ever told: names of rows, counters, and what was typed of others, which are wishes
        "id", "public_id", "organisation_id", "revision", "saved_at", "card_turn", "typed",
    }  # fmt: skip
    called = {
        "interests": "offers", "host_wishes": "specialists", "offers_words": "words", "seeks_words": "words",
        "companion_languages": "interpreting", "left_at": "absences",
    }  # fmt: skip
    assert {called.get(one, one) for one in kept} <= set(get_args(Field))


# --- the house goes by the table, and by nothing else ----------------------------------------------------------------


def read_as(house: House, role: str, path: str, preset: str) -> set[str]:
    """The fields of others that a page tells somebody."""
    house.restore()
    with house.app.app_context():
        crowd.choose(preset)
        me = places.at_of()[role] if role in places.GUESTS else -1
        db.session.remove()
    return {field for at, field in told_in(house.get(role, path)) if at != me}


@pytest.mark.parametrize(
    ("role", "path", "reader"),
    [
        ("participant", "/me", "partner"),
        ("helper", f"/tick/pairs?q={crowd.number(7)}", "helper"),
        ("facilitator", f"/desk/pairs?q={crowd.number(7)}", "facilitator"),
        ("facilitator", "/desk/pairs/print/tick.pdf", "tick"),
    ],
)
def test_pages_and_paper_ask_the_table(
    crowded: House, monkeypatch: pytest.MonkeyPatch, role: str, path: str, reader: str
) -> None:
    for also in ("partner", "visitor", "visited") if role == "participant" else (reader,):
        monkeypatch.setitem(TABLE, ("organisation", also), "yes")
    assert "organisation" in read_as(crowded, role, path, "discreet")
    for also in ("partner", "visitor", "visited") if role == "participant" else (reader,):
        monkeypatch.setitem(TABLE, ("organisation", also), "-")
    told = read_as(crowded, role, path, "open")
    assert "organisation" not in told
    assert told & {"name", "latin"}


def _whatever_house(one: Person, _event: Event, **_told: object) -> talks.Partner:
    return talks.Partner(one.name, one.spelling, one.organisation.name if one.organisation else "")


def test_a_page_that_asks_nobody_is_noticed(
    crowded: House, matrix: Mapping[str, Matrix], monkeypatch: pytest.MonkeyPatch
) -> None:
    look = matrix["discreet"].found["participant"]
    assert complaints({"participant": look}, "discreet") == ([], [])
    monkeypatch.setattr(talks, "as_met", _whatever_house)
    read_as(crowded, "participant", "/me", "discreet")
    leaking = Look(look.told | told_in(crowded.get("participant", "/me")), look.readers, look.hosts)
    extra, missing = complaints({"participant": leaking}, "discreet")
    assert not missing
    assert {re.sub(r"\d+", "", one) for one in extra} == {"participant: organisation of "}


BY_HAND = re.compile(
    r"""data\.discreet|preset\s*[!=]=|["']discreet["']\s*[)\]]?\s*[!=]=|\bhead\.discreet|\bif (?:not )?\w*\.?discreet"""
)
ABOUT_ELSE = {
    # what a form asks for, how a file is called, which words stand on a sheet, the way out: nothing of a person
    "views/office_paper.py", "views/kept.py", "exchange/heading.py", "exchange/interest_form.py",
    "operations/paper/paper_forms.py", "operations/paper/cards.py",
    "forms/walk_in.py", "forms/paper_form.py", "policy.py",
    "exchange/paper.py", "exchange/typst/interest-form.typ", "forms/profile_who.py", "operations/profile/profiles.py",
    "templates/participant/who.html", "views/exiting.py",
}  # fmt: skip


def test_nobody_decides_by_hand() -> None:
    root = Path(webapp.__file__).parent
    files = [
        path for ending in ("*.py", "*.html", "*.typ") for path in root.rglob(ending) if "migrations" not in path.parts
    ]
    found = {str(path.relative_to(root)) for path in files if BY_HAND.search(path.read_text(encoding="utf-8"))}
    assert found - ABOUT_ELSE == set()
    assert BY_HAND.search('{% if event.preset == "open" %}')
    assert BY_HAND.search("if head.discreet:")


# --- topics, ids ---------------------------------------------------------------------------------------------------


def test_topics_are_read_by_those_whom_they_bring_together(crowded: House, matrix: Mapping[str, Matrix]) -> None:
    with crowded.app.app_context():
        due = {role: {one for one in crowd.topics_of(at) if "topic" in one} for role, at in places.at_of().items()}
        db.session.remove()
    for preset, one in matrix.items():
        for role in places.GUESTS:
            pages = [text for path, text in one.walked[role].items() if "/me/profile" not in path]
            told = set().union(*map(topics_in, pages))
            assert told == (due[role] if preset == "open" else set())
    others = [role for role in matrix["open"].walked if role not in places.GUESTS]
    assert others
    assert any(due.values())


def test_no_key_and_no_id_of_others_leaves_the_house(crowded: House, matrix: Mapping[str, Matrix]) -> None:
    with crowded.app.app_context():
        ids = [str(one) for (one,) in crowd._rows("SELECT public_id FROM person")]
        db.session.remove()
    assert len(set(ids)) == PEOPLE
    assert all(re.fullmatch(r"[\w-]{22}", one) for one in ids)
    for one in matrix.values():
        assert one.keys == []
        for role in ("anonymous", "screen", *places.GUESTS):
            text = " ".join(one.walked[role].values())
            assert not [held for held in ids if held in text]
    # where ids are needed they are found: an organiser opens people by them
    assert any(ids[0] in text for text in matrix["open"].walked["organiser"].values())
