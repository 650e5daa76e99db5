"""Paper: what is on it, where it stands, and that a name is never more than a name."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from webapp.exchange.paper import CardPerson, SheetHead, Sitting, by_latin, by_table, letters
from webapp.exchange.press import EPOCH, fonts, press, undrawable
from webapp.exchange.sheets import cards, cut_and_stack, round_sheets, table_signs, tick_list

MILLIMETRE = 72 / 25.4
CARD = (95 * MILLIMETRE, 64 * MILLIMETRE)
NOON = datetime(2013, 6, 19, 13, 40, tzinfo=ZoneInfo("Asia/Phnom_Penh"))
HEAD = SheetHead("General Meeting", "Speed Dating", 2, NOON)
SCRIPTS = {
    "Latin": "Þórdís Nguyễn Thị Ánh Nguyệt",
    "Cyrillic": "Ольга Петрова",
    "Greek": "Ελένη Νίκα",
    "Arabic": "عبد الرحمن بن خالد",
    "Hebrew": "רות כהן",
    "Khmer": "សុខ ដារា",
    "Thai": "สมชาย ใจดี",
    "Burmese": "အောင်မြင့်ကျော်",
    "Hindi": "प्रिया शर्मा",
    "Bengali": "মিতা দাস",
    "Amharic": "አበበ በቀለ",
    "Chinese": "王小明",
    "Japanese": "さくら 田中",
}


@dataclass(frozen=True)
class Piece:
    """A run of text with the point (from the page's lower left corner) where it begins."""

    text: str
    x: float
    y: float
    size: float
    upright: bool


def person(number: int, *, rounds: int = 7, **changes: object) -> CardPerson:
    sittings = tuple(
        Sitting(one, NOON + timedelta(minutes=8 * one), f"{number % 27 + 1}B", ("Sok Dara",), "French")
        for one in range(1, rounds + 1)
    )
    plain = CardPerson(str(number), f"Guest {number}", f"Guest {number:04}", "Harbour Press Watch", sittings)
    return replace(plain, **changes)  # type: ignore[arg-type]


def pages(pdf: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in pages(pdf))
    return " ".join(text.replace("\u2068", "").replace("\u2069", "").split())


def pieces(page: pypdf.PageObject) -> list[Piece]:
    found: list[Piece] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip("\u2068\u2069 \n"):
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append(Piece(text.strip("\u2068\u2069 \n"), x, y, size, cm[0] > 0))

    page.extract_text(visitor_text=visit)
    return found


def only(page: pypdf.PageObject, text: str) -> Piece:
    (piece,) = [piece for piece in pieces(page) if piece.text == text]
    return piece


# --- what is on the sheets ---------------------------------------------------------------------------------------


def test_card_carries_name_number_organisation_rounds_and_version() -> None:
    text = words(cards(HEAD, [person(412, rounds=3)]))
    for expected in ("Guest 412", "412", "Harbour Press Watch", "8B", "Sok Dara", "French", "B replaces A."):
        assert expected in text
    assert "If someone else comes to your table, that is right." in text


def test_first_version_replaces_nothing_and_a_draft_says_so() -> None:
    assert "replaces" not in words(cards(replace(HEAD, version=1), [person(412)]))
    assert "Draft" in words(cards(replace(HEAD, version=None), [person(412)]))


def test_rest_shows_its_note_instead_of_a_table() -> None:
    rest = Sitting(1, NOON, None, note="free: next table 12")
    resting = replace(person(7), sittings=(rest,))
    assert "free: next table 12" in words(cards(HEAD, [resting]))
    assert "free: next table 12" in words(round_sheets(HEAD, [resting]))


def test_discreet_leaves_organisations_off_cards_and_tick_list() -> None:
    discreet = replace(HEAD, discreet=True)
    for sheet in (cards, tick_list):
        assert "Harbour Press Watch" not in words(sheet(discreet, [person(412)]))
        assert "Harbour Press Watch" in words(sheet(HEAD, [person(412)]))


def test_round_sheets_list_tables_in_walking_order_then_the_finder() -> None:
    people = [person(number, rounds=2) for number in (11, 1, 9)]
    first, second, finder = pages(round_sheets(HEAD, people))
    for sheet, title in ((first, "Round 1"), (second, "Round 2")):
        tables = [piece.text for piece in pieces(sheet) if piece.text in {"2B", "10B", "12B"}]
        assert tables == ["2B", "10B", "12B"]
        assert title in sheet.extract_text()
    rows = [piece.text for piece in pieces(finder) if piece.text in {"1", "9", "11"} and piece.x < 60]
    assert rows == ["1", "9", "11"]
    assert [piece.text for piece in pieces(finder)].count("12B") == 2


def test_one_round_can_be_printed_alone() -> None:
    sheets = pages(round_sheets(HEAD, [person(5, rounds=4)], rounds=[3]))
    assert len(sheets) == 1
    assert "Round 3" in sheets[0].extract_text()


def test_people_of_one_table_stand_together_with_their_language() -> None:
    together = [replace(person(number), sittings=(Sitting(1, NOON, "14", ("…",), "Khmer"),)) for number in (301, 302)]
    sheet = pages(round_sheets(HEAD, together, rounds=[1]))[0]
    table, language = only(sheet, "14"), only(sheet, "Khmer")
    for number in ("301", "302"):
        assert abs(only(sheet, number).y - table.y) < 20 > abs(only(sheet, number).y - language.y)


def test_tick_list_sorts_by_latin_spelling_and_counts_its_pages() -> None:
    people = [
        person(1, latin="Ödön Zsolt"),
        person(2, latin="omar Aziz"),
        person(3, latin="Abebe Bekele", name="አበበ በቀለ"),
    ]
    sheet = pages(tick_list(HEAD, people))[0]
    assert [piece.text for piece in pieces(sheet) if piece.text in {"1", "2", "3"} and piece.x < 60] == ["3", "1", "2"]
    many = pages(tick_list(HEAD, [person(number) for number in range(213)]))
    assert f"Page {len(many)} / {len(many)}" in many[-1].extract_text()
    assert len(many) == 8


def test_sign_shows_its_table_on_both_sides_one_upside_down() -> None:
    sheets = pages(table_signs(HEAD, ["7", "12", "12B", "Garden terrace"]))
    assert len(sheets) == 4
    for sheet, name in zip(sheets, ("7", "12", "12B"), strict=False):
        sides = [piece for piece in pieces(sheet) if piece.text == name]
        assert [side.upright for side in sides] == [False, True]
    for sheet, name in zip(sheets, ("7", "12"), strict=False):
        figure_height = pieces(sheet)[0].size * 0.714 / MILLIMETRE
        assert figure_height == pytest.approx(100, abs=0.5), name


def test_a_wide_table_name_shrinks_into_the_page() -> None:
    (sheet,) = pages(table_signs(HEAD, ["12B"]))
    upright = next(piece for piece in pieces(sheet) if piece.text == "12B" and piece.upright)
    bold = bold_width("12B") * upright.size
    assert upright.x + bold <= float(sheet.mediabox.width) - 8 * MILLIMETRE
    assert upright.size > 250


def bold_width(text: str) -> float:
    """Widths of Noto Sans Bold in em: figures 0.572, B 0.672."""
    return sum(0.672 if letter == "B" else 0.572 for letter in text)


@pytest.mark.parametrize("sheet", [round_sheets, cards, table_signs, tick_list])
def test_an_empty_list_says_so(sheet: object) -> None:
    assert "Nobody is on this list yet." in words(sheet(HEAD, []))  # type: ignore[operator]


# --- cards: size, order, long names --------------------------------------------------------------------------------


@pytest.mark.parametrize(("rounds", "people", "expected"), [(7, 17, 3), (7, 8, 1), (8, 9, 3), (8, 4, 1), (1, 9, 2)])
def test_eight_cards_a_page_up_to_seven_rounds_then_four(rounds: int, people: int, expected: int) -> None:
    pdf = cards(HEAD, [person(100 + number, rounds=rounds) for number in range(people)])
    assert len(pages(pdf)) == expected


def test_cut_piles_laid_on_one_another_are_sorted() -> None:
    people = [person(number) for number in range(119, 100, -1)]
    numbers = {guest.number for guest in people}
    piles: list[list[str]] = [[] for _ in range(8)]
    for sheet in pages(cards(HEAD, people)):
        large = [piece for piece in pieces(sheet) if piece.text in numbers and piece.size > 16]
        for piece in large:
            column, row = piece.x > 300, round((842 - piece.y) // (CARD[1] + 1))
            piles[2 * row + column].append(piece.text)
    stacked = [number for pile in piles for number in pile]
    assert stacked == sorted(numbers, key=int)


@given(st.integers(0, 400), st.sampled_from([4, 8]))
def test_every_pile_holds_neighbours(count: int, per_page: int) -> None:
    people = [CardPerson(str(number), "", "") for number in range(count)]
    dealt = cut_and_stack(people, per_page)
    assert [guest for place in range(per_page) for page in dealt if (guest := page[place])] == people
    assert len(dealt) == -(-count // per_page)


def test_very_long_names_and_organisations_stay_on_their_card() -> None:
    long_name = "Maximiliana Wolfeschlegelsteinhausen de la Encarnacion y Todos los Santos Perez"[:80]
    unbroken, organisation = "W" * 80, "Federation of Independent Writers and Translators " * 4
    sitting = Sitting(1, NOON, "Upper terrace by the river", (unbroken, long_name), "Haitian Creole French")
    crowd = [
        person(number, name=name, organisation=organisation, sittings=(sitting,) * 7)
        for number, name in enumerate((long_name, unbroken) * 4)
    ]
    (sheet,) = pages(cards(HEAD, crowd))
    assert words(cards(HEAD, crowd)).count(long_name) == 4
    lowest = (842 - 4 * CARD[1]) / 2
    assert all(lowest < piece.y < 842 - lowest for piece in pieces(sheet))
    assert "…" in sheet.extract_text()


def test_code_is_drawn_only_when_there_is_one() -> None:
    plain, coded = (cards(HEAD, [person(1, qr=qr)]) for qr in (None, "https://rondo.example/c/abc"))
    assert len(coded) > len(plain) + 500


@pytest.mark.parametrize(("paper", "size"), [("a4", (595.28, 841.89)), ("letter", (612, 792))])
def test_paper_sizes(paper: str, size: tuple[float, float]) -> None:
    head = replace(HEAD, paper=paper)  # type: ignore[arg-type]
    people = [person(1)]
    for pdf in (cards(head, people), round_sheets(head, people), tick_list(head, people), table_signs(head, ["1"])):
        box = pages(pdf)[0].mediabox
        assert (float(box.width), float(box.height)) == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_eight_millimetres_of_margin_stay_empty(paper: str) -> None:
    head = replace(HEAD, paper=paper)  # type: ignore[arg-type]
    people = [person(number) for number in range(36)]
    for pdf in (cards(head, people), round_sheets(head, people), tick_list(head, people), table_signs(head, ["12B"])):
        for sheet in pages(pdf):
            for piece in pieces(sheet):
                assert 8 * MILLIMETRE <= piece.x <= float(sheet.mediabox.width) - 8 * MILLIMETRE
                assert 8 * MILLIMETRE <= piece.y <= float(sheet.mediabox.height) - 8 * MILLIMETRE


# --- words, directions, scripts ------------------------------------------------------------------------------------


def test_every_printed_word_passes_the_translator() -> None:
    def shout(text: str, **values: object) -> str:
        return (text % values if values else text).upper()

    sheet = words(cards(HEAD, [person(1)], say=shout))
    assert "IF SOMEONE ELSE COMES TO YOUR TABLE" in sheet
    assert "ROUND 1" in words(round_sheets(HEAD, [person(1)], say=shout))
    assert "TICK LIST" in words(tick_list(HEAD, [person(1)], say=shout))


def test_right_to_left_languages_mirror_the_sheets() -> None:
    def left_of_time(locale: str) -> bool:
        sheet = pages(cards(replace(HEAD, locale=locale), [person(412, rounds=1)]))[0]
        return only(sheet, "8B").x < only(sheet, "Time").x

    assert left_of_time("en")
    assert not left_of_time("ar")


@pytest.mark.parametrize("locale", ["en", "fr", "es", "ar", "ru", "km", "zh-CN", "pt_BR", "xx", ""])
def test_any_locale_prints(locale: str) -> None:
    assert words(tick_list(replace(HEAD, locale=locale), [person(412)]))


@pytest.mark.parametrize("script", SCRIPTS)
def test_vendored_fonts_draw_every_script_without_the_system(script: str) -> None:
    assert undrawable([SCRIPTS[script]], system_fonts=False) == ()


def test_a_character_without_glyph_is_found_among_others() -> None:
    hieroglyph = "Seth \U000130e9"
    assert undrawable([*SCRIPTS.values(), hieroglyph], system_fonts=False) == (hieroglyph,)
    assert undrawable([]) == ()


def test_vendored_fonts_draw_everybody_in_the_demo() -> None:
    with as_file(files("seed_data") / "people.csv") as path, path.open(encoding="utf-8-sig", newline="") as rows:
        names = {row[key] for row in csv.DictReader(rows) for key in ("name", "latin")}
    assert len(names) > 200
    assert undrawable(sorted(names), system_fonts=False) == ()


def test_fonts_travel_with_their_licence() -> None:
    folder = files("webapp.exchange") / "fonts"
    licence = (folder / "OFL.txt").read_text("utf-8")
    for family in {font.family for font in fonts(system=False).fonts()}:
        assert f"{family}: Copyright" in licence


# --- a name is never more than a name ------------------------------------------------------------------------------

MARKUP = (
    '#read("cards.typ")',
    "*bold* $x$ ] } #panic()",
    '"; #let x = 1',
    "\\",
    "<script>",
    "= Title",
    "@preview",
    "//",
)


@pytest.mark.parametrize("nasty", MARKUP)
def test_markup_in_data_stays_text(nasty: str) -> None:
    sitting = Sitting(1, NOON, nasty, (nasty,), nasty)
    guest = CardPerson(nasty, nasty, nasty, nasty, (sitting,))
    head = replace(HEAD, event=nasty, session=nasty)
    signs = words(table_signs(head, [nasty]))
    for text in (words(round_sheets(head, [guest])), words(cards(head, [guest])), words(tick_list(head, [guest]))):
        assert nasty in text
        assert "dressed" not in text
    assert all(part in signs for part in nasty.split())


def test_twin_the_same_name_written_into_a_template_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the register", encoding="utf-8")
    name = '#read("secret.txt")'
    (tmp_path / "naive.typ").write_text(f"Name: {name}", encoding="utf-8")
    naive = typst.compile(str(tmp_path / "naive.typ"), root=str(tmp_path), format="pdf")
    assert isinstance(naive, bytes)
    assert "the register" in words(naive)
    data = {"data": json.dumps({"name": name})}
    (tmp_path / "careful.typ").write_text("#json(bytes(sys.inputs.data)).name", encoding="utf-8")
    careful = typst.compile(str(tmp_path / "careful.typ"), root=str(tmp_path), format="pdf", sys_inputs=data)
    assert isinstance(careful, bytes)
    assert "the register" not in words(careful)


def test_templates_reach_no_file_outside_their_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    room = tmp_path / "typst"
    room.mkdir()
    (tmp_path / "secret.txt").write_text("the register", encoding="utf-8")
    (room / "inside.txt").write_text("the register", encoding="utf-8")
    (room / "reach.typ").write_text("#read(json(bytes(sys.inputs.data)).path)", encoding="utf-8")
    fonts(system=True)
    monkeypatch.setattr("webapp.exchange.press.files", lambda _package: tmp_path)
    assert "the register" in words(press("reach.typ", {"path": "inside.txt"}, printed=EPOCH))
    for path in ("../secret.txt", "/../secret.txt", str(tmp_path / "secret.txt")):
        with pytest.raises(typst.TypstError):
            press("reach.typ", {"path": path}, printed=EPOCH)


def test_same_input_same_bytes() -> None:
    people = [person(number, name=name) for number, name in enumerate(SCRIPTS.values())]
    for sheet in (cards, round_sheets, tick_list):
        assert sheet(HEAD, people) == sheet(HEAD, people)
    assert tick_list(HEAD, people) != tick_list(replace(HEAD, printed=NOON + timedelta(minutes=1)), people)


# --- small values --------------------------------------------------------------------------------------------------


def test_versions_read_as_letters() -> None:
    assert [letters(version) for version in (1, 2, 26, 27, 52, 53, 703)] == ["A", "B", "Z", "AA", "AZ", "BA", "AAA"]


def test_tables_sort_as_one_walks() -> None:
    names = ["12B", "2", "Library", "12A", "1D", "10", "A10", "A9"]
    assert sorted(names, key=by_table) == ["1D", "2", "10", "12A", "12B", "A9", "A10", "Library"]


def test_latin_order_ignores_accents_and_case() -> None:
    def order(spellings: Iterable[str]) -> list[str]:
        return [guest.latin for guest in sorted((CardPerson("1", "", one) for one in spellings), key=by_latin)]

    assert order(["Zoe", "élan", "Eve", "Ángel", "Ana"]) == ["Ana", "Ángel", "élan", "Eve", "Zoe"]
