"""The catalogues of translations: whole, certain, in all their forms, and compiled as they are written."""

import re
from collections.abc import Iterator
from gettext import c2py
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.i18n import EVERYWHERE, LANGUAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "webapp" / "translations"
SOURCE = LANGUAGES[0]
TRANSLATED = LANGUAGES[1:]
WHOLE = EVERYWHERE[1:]
OUT_OF_THE_ROOM = (
    "webapp/templates/participant/", "webapp/templates/public/", "webapp/templates/screen/",
    "webapp/templates/base.html", "webapp/templates/error.html", "webapp/templates/macros.html",
    "webapp/templates/languages.html", "webapp/exchange/", "webapp/wording.py", "webapp/views/participant.py",
    "webapp/views/public.py", "webapp/views/errors.py", "webapp/views/clockface.py", "webapp/views/kept.py",
    "webapp/views/screen.py", "webapp/forms/profile", "webapp/forms/apart.py", "webapp/forms/text.py",
    "webapp/forms/speech.py", "webapp/forms/account.py", "webapp/forms/languages.py",
    "webapp/operations/door/accounts.py", "webapp/operations/paper/cards.py", "webapp/operations/paper/changed.py",
    "webapp/operations/mine/countdown.py", "webapp/operations/meetings/feedback.py",
    "webapp/operations/paper/host_sheets.py", "webapp/operations/profile/host_wishes.py",
    "webapp/operations/paper/own_sheets.py", "webapp/operations/door/patience.py", "webapp/operations/profile",
    "webapp/operations/paper/room_sheets.py", "webapp/operations/mine/schedule.py",
    "webapp/operations/plans/talks.py", "webapp/operations/rounds/calls.py", "webapp/views/profile.py",
    "webapp/views/returning.py", "webapp/forms/specialists.py", "webapp/operations/mine/own_place.py",
    "webapp/operations/mine/specialists.py", "webapp/views/specialists.py", "webapp/operations/profile/who_sees.py",
    "webapp/operations/deletion/own_columns.py", "webapp/operations/deletion/own_data.py",
    "webapp/operations/deletion/leaving.py", "webapp/operations/meetings/contacts.py",
    "webapp/operations/mine/contact_page.py", "webapp/forms/contacts.py", "webapp/views/exchanging.py",
    "webapp/views/page.py", "webapp/views/news.py", "webapp/operations/mine/news.py",
    "webapp/templates/quick_exit.html",
)  # fmt: skip
"""Where the words are that participants and the whole room read: pages of their own, paper, the big screen."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
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
