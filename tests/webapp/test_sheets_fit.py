"""Sheets for one person and for the wall: whatever is written in them, it stays on its page and stays text."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import typst

from tests.webapp.test_sheets import HEAD, MARKUP, MILLIMETRE, NOON, SCRIPTS, pages, person, words
from webapp.exchange.host_sheets import (
    HostSheet,
    Rotation,
    Turn,
    Visitor,
    host_sheets,
    instructions,
    sign_up_sheets,
)
from webapp.exchange.paper import SheetHead
from webapp.exchange.room_sheets import InterpreterSheet, Shift, Side, blank_cards, interpreters_list, wall_list
from webapp.exchange.sheets import table_signs

Press = Callable[[SheetHead, str], bytes]
UNBROKEN = "W" * 80
LONG = "Maximiliana Wolfeschlegelsteinhausen de la Encarnacion y Todos los Santos Perez"
WIDE, RESOLUTION = 8, 3


def host(text: str, *, tool: bool, rounds: int = 6, guests: int = 1) -> HostSheet:
    """A host all of whose words are this text."""
    guest = Visitor("4711", text, text, text, (text * 4)[:300], (text,))
    return HostSheet(
        name=text, spelling=text, about=text, table=text[:20], zone=text[:60], places=max(guests, 3), tool=tool,
        turns=tuple(
            Turn(
                number, NOON + timedelta(minutes=15 * number), NOON + timedelta(minutes=15 * number + 12),
                visitors=(guest,) * guests, language=text[:20], interpreter=text, pause=15 if number == 2 else 0,
            )
            for number in range(1, rounds + 1)
        ),
    )  # fmt: skip


def interpreter(text: str) -> InterpreterSheet:
    """An interpreter all of whose words are this text."""
    sides = (Side(text, text, text[:20]), Side(text, text, text[:20], "4711"))
    return InterpreterSheet(text, text, (text[:20],), (Shift(1, NOON, text[:20], sides), Shift(2, NOON)))


def guests(text: str) -> list[object]:
    """A few people with this text for a name and a table."""
    return [replace(person(number), name=text, latin=text) for number in range(3)]


PRESSES: dict[str, Press] = {
    "specialists": lambda head, text: host_sheets(head, [host(text, tool=False)]),
    "presenters": lambda head, text: host_sheets(head, [host(text, tool=True, guests=25)]),
    "sign up": lambda head, text: sign_up_sheets(head, [host(text, tool=True, guests=30)]),
    "instructions": lambda head, text: instructions(head, [host(text, tool=True, rounds=12)], Rotation(12, 9, 1)),
    "interpreters": lambda head, text: interpreters_list(head, [interpreter(text)] * 3),
    "wall": lambda head, text: wall_list(head, guests(text)),
    "blanks": lambda head, _text: blank_cards(head, {1: NOON, 2: NOON}, qr="https://rondo.example/"),
    "signs": lambda head, text: table_signs(head, ["12A"], beneath={"12A": (text, text, text)}),
}
every = pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)


def over_the_margin(pdf: bytes) -> list[int]:
    """The pages on which ink stands nearer to the edge than printers reach (a hair is allowed for cut marks)."""
    found = []
    for at, page in enumerate(pypdfium2.PdfDocument(pdf)):
        picture = page.render(scale=RESOLUTION / MILLIMETRE, grayscale=True).to_pil()
        edge = WIDE * RESOLUTION - 2
        inside = (edge, edge, picture.width - edge, picture.height - edge)
        picture.paste(255, inside)
        if picture.getextrema()[0] < 250:
            found.append(at)
    return found


@every
@pytest.mark.parametrize("locale", ["en", "ar"])
@pytest.mark.parametrize(("paper", "size"), [("a4", (595.28, 841.89)), ("letter", (612, 792))])
def test_everything_stays_on_its_paper(press: Press, locale: str, paper: str, size: tuple[float, float]) -> None:
    head = replace(HEAD, paper=paper, locale=locale)  # type: ignore[arg-type]
    for text in (UNBROKEN, LONG):
        pdf = press(head, text)
        assert not over_the_margin(pdf), text
        for page in pages(pdf):
            assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.1)


def test_ink_in_the_margin_is_noticed(tmp_path: Path) -> None:
    for margin, expected in (("9mm", []), ("6mm", [1])):
        (tmp_path / "page.typ").write_text(f"#pagebreak()\n#set page(margin: {margin})\nX", encoding="utf-8")
        assert over_the_margin(typst.compile(str(tmp_path / "page.typ"), format="pdf")) == expected


@pytest.mark.parametrize("name", [name for name in PRESSES if name != "blanks"])
@pytest.mark.parametrize("nasty", MARKUP)
def test_markup_stays_text(name: str, nasty: str) -> None:
    text = words(PRESSES[name](HEAD, nasty))
    assert all(part in text for part in nasty.split())
    assert "dressed" not in text


def test_a_question_is_printed_whole_in_every_script() -> None:
    for script, name in SCRIPTS.items():
        question = f"{name} " * 6
        guest = Visitor("12", "Guest", question=question.strip())
        turn = Turn(1, NOON, NOON, visitors=(guest,))
        pdf = host_sheets(HEAD, [HostSheet("Nadia", "", "Law", "S1", 1, (turn,))])
        assert "…" not in words(pdf), script
        assert len(pages(pdf)) == 1
    longest = "".join(f"word{at:03} " for at in range(40))[:300]
    turn = Turn(1, NOON, NOON, visitors=(Visitor("12", "Guest", question=longest),))
    assert longest.strip() in words(host_sheets(HEAD, [HostSheet("Nadia", "", "Law", "S1", 1, (turn,) * 6)]))


def test_a_sheet_for_each_counts_its_own_pages() -> None:
    many = [host("Nadia", tool=False, rounds=rounds) for rounds in (6, 14, 6)]
    said = [" ".join(page.extract_text().split()) for page in pages(host_sheets(HEAD, many))]
    assert [page[page.index("Page ") :][:10] for page in said] == [
        "Page 1 / 1",
        "Page 1 / 2",
        "Page 2 / 2",
        "Page 1 / 1",
    ]
    assert all("Nadia" in page for page in said)


@pytest.mark.parametrize(("visitors", "sheets"), [(18, 1), (24, 2)])
def test_six_full_rounds_at_a_tool_table_fit_a_page(visitors: int, sheets: int) -> None:
    turn = host("Ana", tool=True, rounds=1, guests=visitors).turns[0]
    table = replace(host("Ana", tool=True), turns=(turn,) * 6)
    assert len(pages(host_sheets(HEAD, [table]))) == sheets


def test_topics_stand_where_there_is_no_question() -> None:
    guest = Visitor("12", "Guest", topics=("Privacy", "Radio"))
    asked = replace(guest, question="How?")
    for one, expected in ((guest, "Privacy · Radio"), (asked, "How?")):
        turn = Turn(1, NOON, NOON, visitors=(one,))
        text = words(host_sheets(HEAD, [HostSheet("Nadia", "", "Law", "S1", 1, (turn,))]))
        assert expected in text
        assert ("Privacy" in text) == (one is guest)


@every
def test_empty_or_draft_is_fine(press: Press) -> None:
    assert press(replace(HEAD, version=None), "Nadia")


@pytest.mark.parametrize("nothing", [host_sheets, sign_up_sheets, interpreters_list, wall_list])
def test_an_empty_list_says_so(nothing: Callable[..., bytes]) -> None:
    assert "Nobody is on this list yet." in words(nothing(HEAD, []))


def test_the_same_values_give_the_same_bytes() -> None:
    for press in PRESSES.values():
        assert press(HEAD, "Nadia") == press(HEAD, "Nadia")
