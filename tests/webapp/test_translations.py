"""Every word of pages and paper in every language that has a button."""

import re
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from babel.messages.catalog import Catalog
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.once import of_all_workers, once
from tests.webapp.pages import Page, read_page
from tests.webapp.test_catalogues import PLACEHOLDER, SOURCE, TRANSLATED, WHOLE, forms, read
from tests.webapp.walker import House
from tests.webapp.walks import Kept, Walked, kept, taken_up
from webapp.exchange.guide import scripts
from webapp.i18n import EVERYWHERE, LANGUAGE_COOKIE
from webapp.operations.paper.printing import KINDS

OF_THE_ROOM = ("anonymous", "participant", "another")
SHORT = 12
ARABIC = re.compile("[\u0621-\u064a]")
LATIN_WORDS = re.compile(r"[A-Za-z]{2,}\s+[a-z]{2,}")
COMMAND = re.compile(r"`[^`]*`")
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
NAMES_STAND_IN = {"bdi", "title", "code", "textarea", "style"}


SOON = (WHOLE[-1], TRANSLATED[-1])
BRIEFLY = [one if one in SOON else pytest.param(one, marks=pytest.mark.long) for one in TRANSLATED]
"""What is said in no catalogue stands out in one whole language, and in one of the room, as in others: these come in
the long run."""


@pytest.fixture(scope="module", params=BRIEFLY)
def language(request: pytest.FixtureRequest) -> str:
    """Each language that has a button, but for the source's."""
    return str(request.param)


class Abroad(House):
    """A house whose guests all read one language; some of them send no form."""

    tongue, only = SOURCE, ROLES
    silent: Collection[str] = ()

    def knock(self, *asked: Any, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Ask in that language; paper comes in the one that is asked for."""
        if str(asked[2]).endswith(".pdf") and "/print/" in str(asked[2]):
            options["query"] = "&".join(filter(None, [options.get("query", ""), f"language={self.tongue}"]))
        return super().knock(*asked, headers={**(headers or {}), "Accept-Language": self.tongue}, **options)

    def paper(self) -> dict[str, TestResponse]:
        """Every sheet that the desk can print."""
        found = {}
        for slug in set(re.findall(r'href="/desk/([\w-]+)"', self.get("facilitator", "/desk").text)):
            for kind in KINDS:
                at = f"/desk/{slug}/print/{kind}.pdf"
                answer = self.get("facilitator", at)
                if answer.mimetype == "application/pdf":
                    found[f"facilitator {at}"] = answer
        for language in (self.tongue, SOURCE):
            at = f"/office/paper-form/{language}.pdf?paper=a4"
            found[f"organiser {at}"] = self.get("organiser", at)
        return found

    def _walk(self, role: str) -> Walked:
        walked: Walked = ({}, {}, {})
        if role not in self.only:
            return walked
        if role not in self.silent:
            return super()._walk(role)
        self._walk_on(role, walked)
        return walked


def pieces(catalogue: Catalog) -> dict[str, str]:
    """Long pieces of English that this language says in other words, each with its message."""
    found = {}
    for message in catalogue:
        texts = " ".join(forms(message.string))
        for english in forms(message.id):
            for piece in PLACEHOLDER.split(english)[::2]:
                said = piece.replace("%%", "%").strip()
                if len(said) > SHORT and said not in texts:
                    found[said] = english
    return found


def english_in(words: str, said: dict[str, str]) -> list[str]:
    """The messages of which an English piece stands among the words of a page."""
    return sorted({message for piece, message in said.items() if piece in words})


def left_in_english(answers: dict[str, TestResponse], said: dict[str, str]) -> dict[str, list[str]]:
    """What stands in English where it should not; the guide has a part to read aloud in each language."""
    aloud = set(scripts()["en"].values())
    found = {at: english_in(words_of(one), said) for at, one in answers.items()}
    return {
        at: left
        for at, messages in found.items()
        if (left := [one for one in messages if not (one in aloud and "/guide.pdf" in at)])
    }


def words_of(answer: TestResponse) -> str:
    """What a page, a sheet of paper or a calendar says."""
    if answer.mimetype == "text/html":
        return " ".join(words.text for words in read_page(answer.text).in_own_language())
    if answer.mimetype == "application/pdf":
        return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.get_data())).pages)
    return answer.text.replace("\r\n ", "") if answer.mimetype == "text/calendar" else ""


def of_another_language(at: str, language: str) -> bool:
    """Whether this is paper in a language of its name or its choice, and not in this one."""
    chosen = re.search(r"/office/paper-form/(\w+)\.pdf|[?&]language=(\w+)", at)
    return chosen is not None and (chosen[1] or chosen[2]) != language


def unsaid(page: str) -> list[str]:
    """English that stands on an Arabic page although it is nobody's name: words that no catalogue knows."""
    outside = [one.text for one in read_page(page).in_own_language() if not NAMES_STAND_IN & set(one.within)]
    return [text for text in outside if LATIN_WORDS.search(COMMAND.sub("", ISOLATED.sub("", text)))]


def outside_the_catalogue(answers: dict[str, TestResponse]) -> dict[str, list[str]]:
    """What Arabic pages say in Latin letters that is nobody's name."""
    pages = {at: one.text for at, one in answers.items() if one.mimetype == "text/html"}
    return {at: found for at, text in pages.items() if (found := unsaid(text))}


def walked(house: House) -> dict[str, TestResponse]:
    """Every answer that any role can walk to, refusals and errors included."""
    answers = {f"{role} {at}": answer for role in ROLES for at, answer in house.pages(role).items()}
    return {at: answer for at, answer in answers.items() if answer.status_code not in range(300, 400)}


def abroad(populated: Populated, folder: Path, tongue: str, silent: Collection[str] = ()) -> dict[str, TestResponse]:
    """All that is answered to guests who read this language, of whom some send no form."""
    house = Abroad(populated.open(folder), populated)
    house.tongue, house.silent = tongue, silent
    house.only = ROLES if tongue in EVERYWHERE else OF_THE_ROOM
    found = walked(house) | (house.paper() if house.only is not ROLES else {})
    house.close()
    return found


@pytest.fixture(scope="module")
def answers(language: str, populated: Populated, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResponse]:
    """All pages and all paper in a language; in the last one also what forms answer to a participant."""

    def read_all(tongue: str) -> dict[str, Kept]:
        folder = tmp_path_factory.mktemp(tongue) / "data"
        silent = set(ROLES) - ({"participant"} if tongue == WHOLE[-1] else set())
        return {at: kept(one) for at, one in abroad(populated, folder, tongue, silent).items()}

    found = once(of_all_workers(tmp_path_factory, "abroad"), [language], read_all)[language]
    return {at: taken_up(*one) for at, one in found.items()}


def test_pages_and_paper_speak_one_language(language: str, answers: dict[str, TestResponse]) -> None:
    """Nothing that can be walked to says an English message where the language has its own."""
    said = pieces(read(language))
    kinds = {answer.mimetype for answer in answers.values()}
    assert {"text/html", "application/pdf", "text/calendar"} <= kinds
    own = {at: one for at, one in answers.items() if not of_another_language(at, language)}
    assert left_in_english(own, said) == {}
    assert f"organiser /office/paper-form/{language}.pdf?paper=a4" in own
    assert english_in(words_of(answers["organiser /office/paper-form/en.pdf?paper=a4"]), said)


@pytest.mark.long
@pytest.mark.parametrize("tongue", TRANSLATED)
def test_answers_to_forms_speak_one_language(tongue: str, populated: Populated, tmp_path: Path) -> None:
    """Refusals and errors too say nothing in English where the language has its own, or in no catalogue."""
    said = pieces(read(tongue))
    found = abroad(populated, tmp_path / "data", tongue)
    own = {at: one for at, one in found.items() if not of_another_language(at, tongue)}
    assert any(" POST " in at for at in own)
    assert left_in_english(own, said) == {}
    assert tongue != "ar" or outside_the_catalogue(found) == {}


def test_pages_say_their_language_and_direction(language: str, answers: dict[str, TestResponse]) -> None:
    """Browsers and screen readers are told what they read."""
    head = f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">'
    texts = [one.text for one in answers.values() if one.mimetype == "text/html" and "<html" in one.text]
    assert len(texts) > (40 if language in WHOLE else 8)
    assert all(head in text for text in texts)


def test_english_on_pages_and_paper_is_found(house: House, language: str, answers: dict[str, TestResponse]) -> None:
    """The same look at English pages and paper finds their sentences."""
    said = pieces(read(language))
    found = english_in(words_of(house.get("anonymous", "/")), said)
    assert "16 digits in four groups, such as 0000 0000 0000 0000. Spaces do not matter." in found
    role, _, paper = next(at for at in answers if "cards.pdf" in at).partition(" ")
    cards = house.get(role, paper)
    assert cards.mimetype == "application/pdf"
    assert "If someone else comes to your table, that is right." in english_in(words_of(cards), said)


@pytest.mark.parametrize("language", ["ar"], indirect=True)
def test_nothing_is_said_outside_the_catalogue(answers: dict[str, TestResponse]) -> None:
    """On Arabic pages Latin words stand in names alone, so no sentence has been left without a translator."""
    assert any("participant POST " in at for at in answers)
    assert outside_the_catalogue(answers) == {}


def test_words_outside_the_catalogue_are_found() -> None:
    """A sentence is found wherever it stands; a name, an address and a command are none."""
    assert unsaid("<p>Plan this session</p>") == ["Plan this session"]
    assert unsaid('<img alt="Bars of a picture">') == ["Bars of a picture"]
    assert unsaid("<p>مرحبا <bdi>Radio of the hills</bdi></p><p>الأمر `rondo staff reset` هنا</p>") == []


@pytest.mark.parametrize(("tongue", "arabic"), [("ar", True), ("en", False)])
def test_the_form_library_speaks_the_language_of_the_page(client: FlaskClient, tongue: str, arabic: bool) -> None:
    """A message that the house does not word itself comes in the reader's language too."""
    client.set_cookie(LANGUAGE_COOKIE, tongue)
    form = _form_of("/staff", client)
    answer = client.post("/staff", data={**form, "name": "n" * 200, "password": "p" * 300})
    told = [one.text for one in Page(answer.text).words if any(tag == "p" for tag in one.within)]
    assert any("80" in text and bool(ARABIC.search(text)) is arabic for text in told), told


def _form_of(path: str, client: FlaskClient) -> dict[str, str]:
    return dict(next(form for form in Page(client.get(path).text).forms if form.action != "/language").filled())
