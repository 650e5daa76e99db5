"""The interest form on paper: one page in every language, with all topics and their numbers."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_paper_forms import PATH, furnish
from tests.webapp.test_programme import OFFICE
from tests.webapp.test_sheets import MARKUP, MILLIMETRE, only, pages, pieces, words
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.exchange.interest_form import BlankForm, interest_form
from webapp.i18n import LANGUAGES
from webapp.models import Event, Organisation
from webapp.operations.event import interests
from webapp.operations.paper import paper_forms

JUNE = datetime(2013, 6, 1, tzinfo=UTC)
HEADINGS = ("Campaigns", "Justice", "Running a house", "Cyberspace", "Freedoms", "Content")


@pytest.fixture
def office(app: Flask, visitor: Visitor) -> FlaskClient:
    """The office of a furnished house."""
    furnish()
    return visitor.staff("organiser")


def many(count: int, *, headings: int = 6) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """So many topics under their headings."""
    per = -(-count // headings)
    named = [(str(number), f"Topic of work {number:03}") for number in range(1, count + 1)]
    return tuple((HEADINGS[at], tuple(named[at * per : (at + 1) * per])) for at in range(headings))


def form(**changes: Any) -> BlankForm:
    """A form of sixteen topics."""
    plain: dict[str, Any] = {
        "event": "Spring Gathering", "delete_on": date(2013, 6, 27), "printed": JUNE,
        "languages": ("English", "French · français"), "regions": ("Africa", "Asia"), "topics": many(16),
    }  # fmt: skip
    return BlankForm(**plain | changes)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_of_one_page_in_each_language(office: FlaskClient, language: str, paper: str) -> None:
    answer = office.get(f"{PATH}/{language}.pdf?paper={paper}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    (sheet,) = pages(answer.data)
    assert float(sheet.mediabox.width) == pytest.approx(595.28 if paper == "a4" else 612, abs=0.1)
    for number, title in (("3", "Privacy"), ("7", "Impunity")):
        line = only(sheet, title).y
        assert sum(piece.text == number and abs(piece.y - line) < 4 for piece in pieces(sheet)) == 1
    text = words(answer.data)
    assert "Spring Gathering" in text
    # much of a page in Khmer is not read back in order, since its letters stand above and beneath one another
    assert "ខ្មែ" in text or language == "km"
    assert "Telex" not in text
    assert not any(piece.text == "12" for piece in pieces(sheet))


def test_a_topic_offered_again_is_on_the_sheet_again(office: FlaskClient) -> None:
    interests.retire_interest("telex", retired=False, by=OFFICE)
    assert "12 Telex" in words(office.get(f"{PATH}/en.pdf").data)


def test_the_sheet_speaks_its_own_language_and_the_page_goes_on_in_its_own(office: FlaskClient) -> None:
    office.set_cookie("lang", "fr")
    assert "Organisation" in words(office.get(f"{PATH}/en.pdf").data)
    assert "27 June 2013" in words(office.get(f"{PATH}/en.pdf").data)
    french = words(office.get(f"{PATH}/fr.pdf").data)
    assert "27 juin 2013" in french
    assert "première fois" in french
    assert 'lang="fr"' in office.get("/office/people").text
    with pytest.raises(NotFound):
        paper_forms.blank("xx", paper="a4", by=OFFICE)
    with pytest.raises(NotFound):
        paper_forms.blank("en", paper="a4", by=Actor())


def test_the_arabic_sheet_runs_from_right_to_left(office: FlaskClient) -> None:
    def number_before_title(language: str) -> bool:
        (sheet,) = pages(office.get(f"{PATH}/{language}.pdf").data)
        return only(sheet, "7").x < only(sheet, "Impunity").x

    assert number_before_title("en")
    assert number_before_title("fr")
    assert not number_before_title("ar")


def test_no_organisation_is_asked_for_at_a_discreet_event(office: FlaskClient) -> None:
    assert "Organisation" in words(office.get(f"{PATH}/en.pdf").data)
    assert 'name="organisation"' in office.get(PATH).text
    with transaction() as rows:
        rows.query(Event).one().preset = "discreet"
    text = words(office.get(f"{PATH}/en.pdf").data)
    assert "rganisation" not in text.replace("organisations, or kinds", "")
    assert "and nothing else" in text
    assert 'name="organisation"' not in office.get(PATH).text
    assert send(office, PATH, name="Nobody", organisation="Reed Lamp").status_code == 303
    assert db.session.query(Organisation).count() == 0


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("count", [1, 16, 40, 60, 120])
def test_all_topics_are_on_it_however_many(count: int, paper: str) -> None:
    pdf = interest_form(form(topics=many(count, headings=min(count, 6)), paper=paper))
    assert len(pages(pdf)) == (1 if count <= 60 else 2)
    text = words(pdf)
    assert all(f"{number} Topic of work {number:03}" in text for number in range(1, count + 1))
    for sheet in pages(pdf):
        for piece in pieces(sheet):
            assert 8 * MILLIMETRE <= piece.x <= float(sheet.mediabox.width) - 8 * MILLIMETRE
            assert 8 * MILLIMETRE <= piece.y <= float(sheet.mediabox.height) - 8 * MILLIMETRE


def test_headings_keep_their_topics_and_are_said_again_where_they_go_on() -> None:
    text = words(interest_form(form()))
    assert [text.count(heading) for heading in HEADINGS] == [1] * 6
    assert words(interest_form(form(topics=(("Everything", many(40, headings=1)[0][1]),)))).count("Everything") > 1


def test_very_long_words_stay_in_their_column() -> None:
    topics = (("W" * 120, (("3", "W" * 120), ("970001", "Monitoring, evaluation and learning " * 3))),)
    (sheet,) = pages(interest_form(form(topics=topics, event="Gathering " * 20, languages=("Ladino",) * 14)))
    assert "970001" in words(interest_form(form(topics=topics)))
    assert "…" in sheet.extract_text()


def test_every_word_of_the_form_passes_the_translator() -> None:
    def shout(text: str, **values: object) -> str:
        return (text % values if values else text).upper()

    text = words(interest_form(form(topics=(), regions=(), languages=(), event="X"), say=shout))
    assert text == text.upper()
    assert words(interest_form(form())) != words(interest_form(form())).upper()


@pytest.mark.parametrize("nasty", MARKUP)
def test_markup_in_a_title_stays_text(nasty: str) -> None:
    text = words(
        interest_form(form(event=nasty, languages=(nasty,), regions=(nasty,), topics=((nasty, (("1", nasty),)),)))
    )
    assert text.count(nasty) >= 5
    assert "dressed" not in text


def test_twin_a_title_written_into_the_template_would_be_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    from webapp.exchange import interest_form as drawn

    def careless(template: str, data: dict[str, Any], **options: Any) -> bytes:
        import typst

        return typst.compile(json.dumps(data["session"], ensure_ascii=False).strip('"').encode(), format="pdf")

    monkeypatch.setattr(drawn, "press", careless)
    assert "#upper" not in words(interest_form(form(event="#upper[quiet]")))
    assert "QUIET" in words(interest_form(form(event="#upper[quiet]")))


def test_a_form_needs_an_event_and_a_language_that_is_there(app: Flask, visitor: Visitor) -> None:
    office = visitor.staff("organiser")
    assert office.get(f"{PATH}/en.pdf").headers["Location"] == "/office/event"
    make.store(make.event())
    assert office.get(f"{PATH}/en.pdf").status_code == 200
    for wrong in (f"{PATH}/de.pdf", f"{PATH}/en.pdf?paper=a3", f"{PATH}/en.txt"):
        assert office.get(wrong).status_code == 404
