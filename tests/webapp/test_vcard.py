"""Address cards: whatever people write stays in the line in which it belongs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.exchange.vcard import Reached, address_cards, plain_text

NASTY = (
    "\r",
    "\n",
    "\r\n",
    "\x0b",
    "\x85",
    "\u2028",
    ";",
    ",",
    "\\",
    "\\n",
    ":",
    "END:VCARD",
    "BEGIN:VCARD",
    "TEL:1",
    " ",
)
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=30)), max_size=6).map("".join)
people = st.lists(st.builds(Reached, texts, st.lists(texts, max_size=4).map(tuple)), max_size=3)
KNOWN = {"BEGIN", "VERSION", "N", "FN", "EMAIL", "TEL", "NOTE", "END"}


def read(content: bytes) -> list[dict[str, list[str]]]:
    """Read address cards as RFC 2426 says: unfolded, unescaped, and refused where a line has no name."""
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert lines.pop() == ""
    found: list[dict[str, list[str]]] = []
    for line in lines:
        name, _colon, value = line.partition(":")
        assert name in KNOWN
        if line == "BEGIN:VCARD":
            found.append({})
        found[-1].setdefault(name, []).append(unescaped(value))
    assert all(one["BEGIN"] == one["END"] == ["VCARD"] and one["VERSION"] == ["3.0"] for one in found)
    return found


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda one: "\n" if one[1] in "nN" else one[1], value)


def in_one(text: str) -> str:
    return " ".join(text.split())


@given(people)
def test_a_card_says_what_was_written_and_nothing_else(written: list[Reached]) -> None:
    cards = read(address_cards(written))
    assert len(cards) == len(written)
    for card, one in zip(cards, written, strict=True):
        lines = [line for line in map(in_one, one.lines) if line]
        assert card["FN"] == [in_one(one.name)]
        assert card["N"] == [in_one(one.name) + ";;;;"]
        said = [*card.get("EMAIL", ()), *card.get("TEL", ()), *"\n".join(card.get("NOTE", ())).split("\n")]
        assert sorted(filter(None, said)) == sorted(lines)


@given(people)
def test_text_has_as_many_lines_as_were_written(written: list[Reached]) -> None:
    lines = plain_text(written).decode().split("\r\n")
    assert [line for line in lines if line] == [
        line for one in written for line in map(in_one, (one.name, *one.lines)) if line
    ]


def test_an_address_and_a_number_can_be_tapped() -> None:
    (card,) = read(address_cards([Reached("Amal", ("amal@there.example", "+855 (0)12-34.56", "Signal: amal.7"))]))
    assert (card["EMAIL"], card["TEL"], card["NOTE"]) == (
        ["amal@there.example"], ["+855 (0)12-34.56"], ["Signal: amal.7"],
    )  # fmt: skip


def test_a_line_that_was_smuggled_in_is_noticed() -> None:
    content = address_cards([Reached("Amal", ("x",))]).replace(b"NOTE:x", b"NOTE:x\r\nURL:http://evil.example")
    with pytest.raises(AssertionError):
        read(content)
