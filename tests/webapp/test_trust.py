"""What pages show, and to whom: no guest to outsiders, no keys of rows, nothing from elsewhere, names kept apart."""

import base64
import re
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.webapp import canaries
from tests.webapp.canaries import CANARY, ROLES, Populated
from tests.webapp.faults import faulty
from tests.webapp.pages import read_page
from tests.webapp.walker import House, text_of
from webapp.models.people import new_public_id

KEY = re.compile(r"(?<![\w.])9[1-9]\d{4}(?!\w)")
BITS = 96
COUNTED = {"page", "round"}
PRINTED = {"/office/paper-form": canaries.topic_numbers()}
"""Numbers of rows that are said on purpose: those by which topics are typed in from paper."""
ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")
GUEST = re.compile(rf"{CANARY}(?:name|latin)-\w+")


def answers(house: House, role: str, within: str = "") -> dict[str, TestResponse]:
    """Everything that a role can walk to; of a counter alone where one is named."""
    if not within:
        return house.pages(role)
    return {house.address(rule): house.get(role, house.address(rule)) for rule in house.rules(within)}


# --- outsiders see nobody ------------------------------------------------------------------------------------------


def guests_in(text: str) -> set[str]:
    """Everything about guests that a text holds: names, spellings, organisations, event numbers."""
    numbers = {number for number in canaries.event_numbers() if re.search(rf"\b{number}\b", text)}
    return numbers | set(re.findall(rf"{CANARY}\w+-\w+", text))


def told_to_outsiders(house: House, within: str = "") -> dict[str, set[str]]:
    """What anybody can read about guests without signing in, by address."""
    looked = dict(answers(house, "anonymous", within))
    for rule in house.rules(within):
        for method in ("GET", "POST", "PATCH"):
            looked[f"{method} {rule.rule}"] = house.knock("anonymous", method, house.address(rule))
    texts = {address: f"{text_of(answer)} {answer.headers}" for address, answer in looked.items()}
    return {address: found for address, text in texts.items() if (found := guests_in(text))}


def test_outsiders_see_nobody(house: House) -> None:
    assert not told_to_outsiders(house)


def test_the_same_search_finds_guests_where_they_may_be_seen(
    house: House, populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {role: guests_in(" ".join(map(text_of, house.pages(role).values()))) for role in ROLES}
    assert len(seen["organiser"]) >= 3 * len(canaries.WORDS)
    assert seen["participant"] & set(canaries.names())
    assert not seen["anonymous"]
    with faulty(populated, tmp_path / "data", monkeypatch) as wrong:
        found = told_to_outsiders(wrong, "fault.names")["/fault/names"]
        assert found == {name for name in canaries.names() if "name-" in name}


def test_a_participant_meets_only_their_own_partners(house: House) -> None:
    with house.app.app_context():
        from sqlalchemy import text

        from webapp.db import db

        met = {
            str(name).partition(" ")[0]
            for (name,) in db.session.execute(
                text(
                    "SELECT DISTINCT p.name FROM seat mine JOIN seat other ON other.meeting_id = mine.meeting_id "
                    "JOIN plan ON plan.id = mine.plan_id AND plan.state = 'published' "
                    "JOIN person p ON p.id = other.person_id WHERE mine.person_id = :me"
                ),
                {"me": canaries.FIRST_KEY},
            )
        }
        db.session.rollback()
    seen = set(GUEST.findall(" ".join(map(text_of, house.pages("participant").values()))))
    # specialists are announced to all who may wish for a talk with them
    assert {name for name in seen if "name-" in name} == met | {f"{CANARY}name-heron", f"{CANARY}name-coral"}
    assert f"{CANARY}name-ember" not in seen
    assert 1 < len(met) < len(canaries.WORDS)


def askers(house: House) -> dict[str, set[str]]:
    """Whose questions for a specialist stand in what each role can walk to."""
    asked = re.compile(rf"{CANARY}asked-(\d+)")
    return {role: set(asked.findall(" ".join(map(text_of, house.pages(role).values())))) for role in ROLES}


def test_a_question_is_read_by_its_writer_alone(house: House) -> None:
    first, second, *_others = canaries.event_numbers()
    nobody: set[str] = set()
    assert askers(house) == {
        "anonymous": nobody, "participant": {first}, "another": {second}, "helper": nobody, "facilitator": nobody,
        "organiser": nobody, "safety": nobody,
    }  # fmt: skip


# --- no key of a row ever leaves the house -------------------------------------------------------------------------


def keys_in(address: str, answer: TestResponse) -> list[str]:
    """Keys of rows in an answer, and whole numbers in its addresses that count neither pages nor rounds."""
    text = f"{text_of(answer)} {answer.headers}" if answer.mimetype != "application/pdf" else str(answer.headers)
    said = PRINTED.get(re.split(r"[?#]", address.removeprefix("POST "))[0].split(" ")[0], set())
    found = [f"{address}: {key}" for key in KEY.findall(text) if key not in said]
    if answer.mimetype == "text/html":
        for _, _, link in read_page(answer.text).links:
            parts = urlsplit(link)
            numbers = [piece for piece in re.split(r"[/.]", parts.path) if piece.isdecimal()]
            numbers += [v for name, v in parse_qsl(parts.query) if v.isdecimal() and name not in COUNTED | {"v"}]
            found += [f"{address}: {link}" for _ in numbers]
    return found


def test_no_key_of_a_row_leaves_the_house(house: House) -> None:
    for role in ROLES:
        for address, answer in house.pages(role).items():
            assert not keys_in(address, answer)


def test_a_key_in_an_address_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        found = keys_in("keys", house.get("anonymous", "/fault/keys"))
        assert f"keys: {canaries.FIRST_KEY}" in found
        assert f"keys: /fault/person/{canaries.FIRST_KEY}" in found


def test_numbers_of_topics_are_said_on_the_page_that_takes_them_alone(house: House) -> None:
    answer = house.get("organiser", "/office/paper-form")
    assert len(keys_in("/office/interests", answer)) == len(canaries.topic_numbers())
    assert not keys_in("/office/paper-form", answer)


def test_ids_cannot_be_guessed(house: House) -> None:
    made = {new_public_id() for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(
        _bits(one) >= BITS for one in (*list(made)[:50], house.populated.link, *house.populated.cookies.values())
    )
    assert _bits("Zm9vYmFy") < BITS
    # somebody who knows one id finds nobody beside it
    known = next(a for a in house.pages("organiser") if re.fullmatch(r"/office/people/[\w-]{22}", a))
    near = [known[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter != known[-1]]
    assert {house.get("organiser", address).status_code for address in near} == {404}


def _bits(text: str) -> int:
    return 8 * len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


# --- nothing from elsewhere ----------------------------------------------------------------------------------------


def abroad(house: House, address: str, answer: TestResponse) -> list[str]:
    """Addresses on a page that lead to another host or run something."""
    here = f"http://{house.host}{address.removeprefix('POST ')}"
    links = [link for _, _, link in read_page(answer.text).links] if answer.mimetype == "text/html" else []
    onward = [answer.headers["Location"]] if "Location" in answer.headers else []
    met = [(link, urlsplit(urljoin(here, link))) for link in (*links, *onward)]
    return [f"{address}: {link}" for link, to in met if (to.scheme, to.netloc) != ("http", house.host)]


def test_nothing_is_loaded_from_or_leads_to_other_hosts(house: House) -> None:
    counted = 0
    for role in ROLES:
        for address, answer in house.pages(role).items():
            assert not abroad(house, address, answer)
            counted += answer.mimetype == "text/html"
    assert counted > 60


def test_style_loads_nothing(house: House) -> None:
    style = house.get("anonymous", "/static/style.css").text
    assert not re.findall(r"@import|url\((?!['\"]?/?[\w.-]+\.svg)", style)


def test_a_foreign_address_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        found = abroad(house, "/fault/abroad", house.get("anonymous", "/fault/abroad"))
        assert len(found) == 2


# --- names keep to themselves --------------------------------------------------------------------------------------


def unwrapped(address: str, answer: TestResponse) -> list[str]:
    """Guests' names that stand in running text without an element (or, where none can be, a mark) of their own."""
    if answer.mimetype != "text/html":
        return []
    return [
        f"{address}: {words.text.strip()!r} in {'/'.join(words.within[-3:])}"
        for words in read_page(answer.text).words
        if GUEST.search(words.text if "bdi" in words.within else ISOLATED.sub("", words.text))
        and not {"bdi", "textarea"} & set(words.within)
    ]


def test_every_name_stands_apart(house: House) -> None:
    wrapped = 0
    for role in ROLES:
        for address, answer in house.pages(role).items():
            assert not unwrapped(address, answer)
            wrapped += answer.text.count("<bdi>") if answer.mimetype == "text/html" else 0
    assert wrapped > 30


def test_no_name_becomes_markup(house: House) -> None:
    for role in ROLES:
        for address, answer in house.pages(role).items():
            if answer.mimetype == "text/html":
                assert not any("i" in words.within for words in read_page(answer.text).words), address


def test_a_bare_name_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        answer = house.get("anonymous", "/fault/names")
        assert len(unwrapped("names", answer)) == len(canaries.WORDS)
        assert any("i" in words.within for words in read_page(answer.text).words)
