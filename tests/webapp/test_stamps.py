"""What every page tells, whatever is on it: which version it is, what it replaces, when it was printed."""

import contextlib
from dataclasses import replace

import pypdfium2

from tests.webapp.test_sheets import HEAD, person
from webapp.exchange import sheets
from webapp.exchange.errands import changed_cards
from webapp.exchange.paper import CardPerson, Errand


def texts(pdf: bytes) -> list[str]:
    """The words of every page."""
    with contextlib.closing(pypdfium2.PdfDocument(pdf)) as book:
        pages = [page.get_textpage().get_text_range() for page in book]
    return [" ".join(page.replace("\u2068", "").replace("\u2069", "").split()) for page in pages]


def test_every_card_of_a_page_tells_them() -> None:
    (page,) = texts(sheets.cards(HEAD, [person(number) for number in range(8)]))
    assert page.count("19 Jun 2013 13:40") == page.count("B replaces A.") == 8


def test_drafts_and_empty_lists_tell_them_too() -> None:
    draft = replace(HEAD, version=None)
    for guests in ([], [person(1)]):
        for sheet in (sheets.cards, sheets.round_sheets, sheets.finder, sheets.tick_list):
            for page in texts(sheet(draft, guests)):
                assert "Draft" in page
                assert "13:40" in page
    for page in texts(sheets.table_signs(draft, [])) + texts(sheets.table_signs(draft, ["1"])):
        assert "Draft" in page
        assert "Printed 19 June 2013, 13:40" in page


def test_changed_cards_name_the_version_in_peoples_hands() -> None:
    errands = [Errand(person(1), "2B", "31"), Errand(person(2), None, None, "free")]
    pages = texts(changed_cards(replace(HEAD, version=4, before=2), errands, [CardPerson("9", "Gone", "Gone")]))
    assert len(pages) == 2
    for page in pages:
        assert "D replaces B." in page
        assert "13:40" in page


def test_a_name_that_fits_beside_an_interpreter_is_whole() -> None:
    holder = person(1)
    sittings = [
        replace(holder.sittings[0], round=number, others=("Nadia Cherif",), interpreter="Íñigo Zubiaurre")
        for number in range(1, 8)
    ]
    _list, card = texts(changed_cards(HEAD, [Errand(replace(holder, sittings=tuple(sittings)), "2B", "31")]))
    assert card.count("Nadia Cherif") == card.count("Íñigo Zubiaurre interprets") == 7
    assert "…" not in card
