"""The facilitator's guide: two pages whatever the languages, with what is read aloud in those of the event."""

import io

import pypdf
import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from webapp.errors import BadInput
from webapp.exchange import guide
from webapp.i18n import LANGUAGES, force_locale, own_language_name
from webapp.operations.paper import guides

SPOKEN = ["en", "fr", "es", "ar", "ru", "km"]


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def seen(sentence: str, page: str) -> bool:
    """Whether a sentence stands on a page, wherever its lines break."""
    return sentence.replace(" ", "") in page.replace(" ", "").replace("-", "-")


def test_every_language_has_every_part() -> None:
    scripts = guide.scripts()
    assert set(scripts) >= set(SPOKEN)
    for code, spoken in scripts.items():
        assert set(spoken) == {*guide.PARTS, *guide.TOLD, *(f"{one}_name" for one in guide.TOLD)}, code
        assert len(set(spoken.values())) == len(spoken)
    for part in ("card", "pairs_name", "circles_name"):
        assert len({spoken[part] for spoken in scripts.values()}) == len(scripts)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_two_pages_in_six_languages(app: Flask, language: str, paper: str) -> None:
    make.store(
        make.event(working_languages=SPOKEN[:-1], host_language="km"),
        *(make.session(format=one, rounds=3) for one in guide.TOLD),
    )
    with force_locale(language):
        work, aloud = pages(guides.facilitators_guide(paper=paper))
    assert len(work) > 500
    for code in ("en", "fr", "es", "ru"):
        assert all(seen(sentence, aloud) for sentence in guide.scripts()[code].values()), code


def test_it_holds_the_languages_and_formats_of_the_event_alone(app: Flask) -> None:
    make.store(make.event(working_languages=["fr", "sw"]), make.session(format="pairs"))
    aloud = pages(guides.facilitators_guide())[1]
    spoken = guide.scripts()
    assert seen(spoken["fr"]["pairs"], aloud)
    assert not seen(spoken["fr"]["circles"], aloud)
    assert not seen(spoken["en"]["card"], aloud)
    assert own_language_name("sw") not in aloud


def test_before_there_is_an_event_it_holds_every_format(app: Flask) -> None:
    aloud = pages(guides.facilitators_guide())[1]
    assert all(seen(sentence, aloud) for sentence in guide.scripts()["en"].values())
    with pytest.raises(BadInput, match="a4 or letter"):
        guides.facilitators_guide(paper="a5")


def test_the_desk_hands_it_out(app: Flask, visitor: Visitor) -> None:
    make.store(make.event())
    desk = visitor.staff("facilitator")
    assert "/guide.pdf?paper=letter" in desk.get("/desk").text
    answer = desk.get("/guide.pdf?paper=letter")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    size = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].mediabox
    assert (round(size.width), round(size.height)) == (612, 792)
    assert desk.get("/guide.pdf?paper=a5").status_code in {400, 404, 422}
