"""Every word of pages and paper in every language that has a button."""

import re
from collections.abc import Iterator
from gettext import c2py
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.pages import Page
from tests.webapp.walker import House, Walked
from webapp.exchange.guide import scripts
from webapp.i18n import EVERYWHERE, LANGUAGE_COOKIE, LANGUAGES
from webapp.operations.printing import KINDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "webapp" / "translations"
SOURCE = LANGUAGES[0]
TRANSLATED = LANGUAGES[1:]
WHOLE = EVERYWHERE[1:]
OUT_OF_THE_ROOM = (
    "webapp/templates/participant/", "webapp/templates/public/", "webapp/templates/screen/",
    "webapp/templates/base.html", "webapp/templates/error.html", "webapp/templates/macros.html",
    "webapp/templates/languages.html",
    "webapp/exchange/", "webapp/wording.py", "webapp/views/participant.py", "webapp/views/public.py",
    "webapp/views/errors.py", "webapp/views/clockface.py", "webapp/views/kept.py", "webapp/views/screen.py",
    "webapp/forms/profile", "webapp/forms/apart.py", "webapp/forms/text.py", "webapp/forms/speech.py",
    "webapp/forms/account.py", "webapp/forms/languages.py", "webapp/operations/accounts.py",
    "webapp/operations/cards.py", "webapp/operations/changed.py", "webapp/operations/countdown.py",
    "webapp/operations/feedback.py", "webapp/operations/host_sheets.py", "webapp/operations/host_wishes.py",
    "webapp/operations/own_sheets.py", "webapp/operations/patience.py", "webapp/operations/profile",
    "webapp/operations/room_sheets.py", "webapp/operations/schedule.py", "webapp/operations/talks.py",
    "webapp/operations/calls.py", "webapp/views/profile.py", "webapp/views/returning.py",
)  # fmt: skip
"""Where the words are that participants and the whole room read: pages of their own, paper, the big screen."""
OF_THE_ROOM = ("anonymous", "participant", "another")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
SHORT = 12
PLURAL_FORMS = {"fr": 2, "es": 2, "ar": 6, "ru": 3, "km": 1}
COUNTS = (0, 1, 2, 3, 11, 100)
PEOPLE = ("%(num)s person comes to you", "%(num)s people come to you")
COMING = {
    "fr": ("%(num)s personnes viennent vous voir", "%(num)s personnes viennent vous voir"),
    "es": ("%(num)s personas vienen a verle", "%(num)s personas vienen a verle"),
    "ar": ("%(num)s أشخاص يأتون إليك", "%(num)s شخصًا يأتون إليك"),
    "ru": ("К вам придут %(num)s человека", "К вам придут %(num)s человек"),
    "km": ("%(num)s នាក់មករកអ្នក", "%(num)s នាក់មករកអ្នក"),
}
ARABIC = re.compile("[\u0621-\u064a]")
LATIN_WORDS = re.compile(r"[A-Za-z]{2,}\s+[a-z]{2,}")
COMMAND = re.compile(r"`[^`]*`")
NAMES_STAND_IN = {"bdi", "title", "code", "textarea", "style"}


def read(language: str) -> Catalog:
    """The catalogue of a language."""
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        return read_po(lines, locale=language)


def template() -> Catalog:
    """All messages, without translations."""
    with (FOLDER / "messages.pot").open("rb") as lines:
        return read_po(lines)


def extracted(folder: Path, into: Path, *places: str) -> str:
    """Collect the messages of a source tree as `make translations` does."""
    CommandLineInterface().run(
        [
            "pybabel", "--quiet", "extract", "--mapping-file", str(ROOT / "pyproject.toml"),
            "--keywords", "__ say lazy_gettext ngettext:1,2", "--omit-header", *(places or ["--no-location"]),
            "--sort-output", "--width", "120", "--output-file", str(into), str(folder),
        ]
    )  # fmt: skip
    return into.read_text("utf-8")


def of_the_room(into: Path) -> Catalog:
    """The messages that participants and the whole room read, wherever else they stand."""
    extracted(ROOT, into, "--add-location", "file")
    with into.open("rb") as lines:
        found = read_po(lines)
    wanted = Catalog()
    for message in found:
        files = {str(place).removeprefix(f"{ROOT}/").removeprefix("./") for place, _line in message.locations}
        if message.id and any(one.startswith(OUT_OF_THE_ROOM) for one in files):
            wanted.add(message.id, flags=message.flags)
    return wanted


def forms(message: object) -> tuple[str, ...]:
    """A message's text or texts."""
    return (message,) if isinstance(message, str) else tuple(message or ())  # type: ignore[arg-type]


def complaints(catalogue: Catalog, wanted: Catalog, known: Catalog | None = None) -> Iterator[str]:
    """Say what a catalogue lacks of what is wanted, message by message, and what stands in it that nobody says."""
    known = known or wanted
    for message in wanted:
        if not message.id:
            continue
        held = catalogue.get(message.id)
        if held is None or not all(forms(held.string)):
            yield f"{message.id!r} is not translated"
            continue
        if held.fuzzy:
            yield f"{message.id!r} is fuzzy"
        if not isinstance(message.id, str) and len(forms(held.string)) != catalogue.num_plurals:
            yield f"{message.id!r} has not {catalogue.num_plurals} plural forms"
        for text in forms(held.string):
            if not fits(message.id, text):
                yield f"{message.id!r} has other placeholders than {text!r}"
    for message in catalogue:
        if message.id and message.id not in known:
            yield f"{message.id!r} is in no page any more"


def fits(message: object, text: str) -> bool:
    """Whether a text has the placeholders of its message; a plural form may say its number in words."""
    named, told = [set(PLACEHOLDER.findall(one)) for one in forms(message)], set(PLACEHOLDER.findall(text))
    if len(named) == 1:
        return told == named[0]
    return set.intersection(*named) - {"num"} <= told <= set.union(*named)


@pytest.fixture(scope="module", params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> str:
    """Each language that has a button, but for the source's."""
    return str(request.param)


def test_languages_on_offer_are_those_with_a_catalogue() -> None:
    """A button exists for each catalogue, and a catalogue for each button."""
    assert sorted(TRANSLATED) == sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def test_template_holds_what_pages_and_paper_say(tmp_path: Path) -> None:
    """A fresh extraction finds nothing new; `make translations` has been run."""
    assert extracted(ROOT, tmp_path / "fresh.pot") == (FOLDER / "messages.pot").read_text("utf-8")


def test_extraction_finds_words_of_every_kind(tmp_path: Path) -> None:
    """Templates, forms, paper, plurals: a message said in any of these ways is collected."""
    (tmp_path / "webapp" / "templates").mkdir(parents=True)
    (tmp_path / "webapp" / "templates" / "page.html").write_text('{{ _("from a page") }}{{ ngettext("a", "b", 2) }}')
    (tmp_path / "webapp" / "form.py").write_text(
        '_("by itself")\n__("later")\nsay("on paper")\nlazy_gettext("lazily")\nngettext("one", "many", 3)\n'
    )
    found = extracted(tmp_path, tmp_path / "found.pot")
    for word in ("from a page", "by itself", "later", "on paper", "lazily", "one", "many", "a", "b"):
        assert f'"{word}"' in found


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The messages that every language has to have."""
    return of_the_room(tmp_path_factory.mktemp("room") / "room.pot")


def test_catalogue_is_complete(language: str, room: Catalog) -> None:
    """Every message is there, certain, in all its forms, with its placeholders; desk and office in some languages."""
    wanted = template() if language in WHOLE else room
    assert list(complaints(read(language), wanted, template())) == []


def test_the_room_s_words_are_those_of_its_pages(room: Catalog) -> None:
    """What participants read is asked of every language; what only the desk reads is not."""
    assert 300 < len(room) < len(template())
    for word in ("My rounds", "Round", "If someone else comes to your table, that is right.", "Go to your next table"):
        assert room.get(word) is not None, word
    assert room.get("Throw the draft away") is room.get("No page says this") is None


def test_incomplete_catalogues_are_found() -> None:
    """Each fault of a catalogue is told."""
    wanted = template()
    whole = read("ar")
    plural = next(message.id for message in wanted if isinstance(message.id, tuple))
    named = next(m.id for m in wanted if isinstance(m.id, str) and "%(name)s" in m.id)

    def told(change: str) -> list[str]:
        spoiled = read("ar")
        if change == "missing":
            spoiled.delete("Save")
        elif change == "empty":
            spoiled["Save"].string = ""
        elif change == "fuzzy":
            spoiled["Save"].flags.add("fuzzy")
        elif change == "plural":
            spoiled[plural].string = forms(whole[plural].string)[:-1]
        elif change == "placeholder":
            spoiled[named].string = "اسم"
        else:
            spoiled.add("No page says this", "لا صفحة")
        return list(complaints(spoiled, wanted))

    for change in ("missing", "empty", "fuzzy", "plural", "placeholder", "stale"):
        assert len(told(change)) == 1, change


@pytest.mark.parametrize(
    ("message", "text", "fine"),
    [
        ("%(a)s and %(b)s", "%(b)s et %(a)s", True),
        ("%(a)s and %(b)s", "%(b)s", False),
        ("nothing", "%(a)s", False),
        (("%(num)s of %(a)s", "%(num)s of %(a)s"), "deux de %(a)s", True),
        (("%(num)s of %(a)s", "%(num)s of %(a)s"), "%(num)s", False),
        (("one of %(a)s", "%(num)s of %(a)s"), "%(num)s de %(a)s", True),
        (("one of %(a)s", "%(num)s of %(a)s"), "%(number)s de %(a)s", False),
    ],
)
def test_placeholders_are_compared(message: object, text: str, fine: bool) -> None:
    """A text may order placeholders anew, but neither lose nor invent one."""
    assert fits(message, text) is fine


def compiled(catalogue: Catalog) -> bytes:
    """What a catalogue compiles to."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def test_compiled_catalogue_is_the_written_one(language: str) -> None:
    """The file that pages read says what the file that people write says."""
    held = (FOLDER / language / "LC_MESSAGES" / "messages.mo").read_bytes()
    catalogue = read(language)
    assert compiled(catalogue) == held
    catalogue["Save"].string += "."
    assert compiled(catalogue) != held


def test_plural_forms_are_those_of_the_language(language: str) -> None:
    """Every form is written, and counts that differ in a language reach different ones."""
    catalogue = read(language)
    assert catalogue.num_plurals == PLURAL_FORMS[language]
    rule = c2py(catalogue.plural_expr)
    assert {rule(count) for count in COUNTS} == set(range(PLURAL_FORMS[language]))
    said = forms(catalogue[PEOPLE].string)
    assert (said[rule(3)], said[rule(11)]) == COMING[language]


class Abroad(House):
    """A house whose guests all read one language; where it is walked briefly, no form is sent."""

    tongue, brief, only = SOURCE, False, ROLES

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
        if not self.brief:
            return super()._walk(role)
        self._walk_on(role, walked, "")
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
        return " ".join(words.text for words in Page(answer.text).in_own_language())
    if answer.mimetype == "application/pdf":
        return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.get_data())).pages)
    return answer.text.replace("\r\n ", "") if answer.mimetype == "text/calendar" else ""


def of_another_language(at: str, language: str) -> bool:
    """Whether this is paper in a language of its name or its choice, and not in this one."""
    chosen = re.search(r"/office/paper-form/(\w+)\.pdf|[?&]language=(\w+)", at)
    return chosen is not None and (chosen[1] or chosen[2]) != language


def unsaid(page: str) -> list[str]:
    """English that stands on an Arabic page although it is nobody's name: words that no catalogue knows."""
    outside = [one.text for one in Page(page).in_own_language() if not NAMES_STAND_IN & set(one.within)]
    return [text for text in outside if LATIN_WORDS.search(COMMAND.sub("", text))]


def walked(house: House) -> dict[str, TestResponse]:
    """Every answer that any role can walk to, refusals and errors included."""
    answers = {f"{role} {at}": answer for role in ROLES for at, answer in house.pages(role).items()}
    return {at: answer for at, answer in answers.items() if answer.status_code not in range(300, 400)}


def abroad(populated: Populated, folder: Path, tongue: str, *, brief: bool) -> dict[str, TestResponse]:
    """All that is answered to guests who read this language."""
    house = Abroad(populated.open(folder), populated)
    house.tongue, house.brief = tongue, brief
    house.only = ROLES if tongue in EVERYWHERE else OF_THE_ROOM
    found = walked(house) | (house.paper() if house.only is not ROLES else {})
    house.close()
    return found


@pytest.fixture(scope="module")
def answers(language: str, populated: Populated, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResponse]:
    """All pages and all paper in a language; what forms answer in the last one, and in all where there is time."""
    return abroad(populated, tmp_path_factory.mktemp(language) / "data", language, brief=language != WHOLE[-1])


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
    """Refusals and errors too say nothing in English where the language has its own."""
    said = pieces(read(tongue))
    found = abroad(populated, tmp_path / "data", tongue, brief=False)
    own = {at: one for at, one in found.items() if not of_another_language(at, tongue)}
    assert any(" POST " in at for at in own)
    assert left_in_english(own, said) == {}


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
    told = {at: found for at, one in answers.items() if one.mimetype == "text/html" and (found := unsaid(one.text))}
    assert told == {}


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
