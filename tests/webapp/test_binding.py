"""Binding: parts in order, none lost, each found by its name."""

import io

import pypdf

from tests.webapp.test_sheets import HEAD, words
from webapp.exchange.binding import Part, bind
from webapp.exchange.sheets import table_signs


def test_parts_stay_whole_in_their_order_and_are_named() -> None:
    parts = [Part("Eins", table_signs(HEAD, ["1", "2"])), Part("باب", table_signs(HEAD, ["3"]))]
    book = pypdf.PdfReader(io.BytesIO(bound := bind(parts, title="Spring <Gathering>")))
    assert words(bound) == " ".join(words(part.pdf) for part in parts)
    assert book.metadata is not None
    assert book.metadata.title == "Spring <Gathering>"
    assert [(one.title, book.get_destination_page_number(one)) for one in book.outline] == [("Eins", 0), ("باب", 2)]


def test_the_same_parts_give_the_same_bytes() -> None:
    parts = [Part("One", table_signs(HEAD, ["1"]))]
    assert bind(parts, title="T") == bind(parts, title="T")
