"""Eighty names: each is taken as it is, or refused with a sentence, by forms and by files alike; and shown apart."""

import unicodedata

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import Page
from tests.webapp.test_importing import BY
from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotFound
from webapp.exchange.ledger import Ledger, as_csv
from webapp.exchange.letters import tidy
from webapp.forms.people import PersonForm
from webapp.models import Person, Staff
from webapp.operations.files.importing import judging
from webapp.operations.files.importing.judging import Incoming

TAKEN = (
    # in many scripts, with all that they need
    "Anna", "Zoë Ünal", "Élodie", "E\u0301lodie B", "Nguyễn Thị Ánh", "Łukasz Żółć", "Þórður Æ", "Jǫrð ß", "İpek Işık",
    "Борис Ёлкин", "Δήμητρα", "Հայկ", "ნინო", "سلمى البدري", "محمّد", "زهرا کریمی‌زاده", "می‌خواهم", "נֹעַם כהן", "ܣܘܪܝܝܐ",
    "ދިވެހި", "श्री नाथ", "क्‍ष", "বাংলা", "தமிழ் செல்வி", "മലയാളം", "සිංහල", "ไทย ดี", "ລາວ", "သန်းသန်း", "សុភា រតនា", "བོད་ཡིག",
    "ሰላም ተስፋዬ", "ᏣᎳᎩ", "王小明", "李 四", "山田　太郎", "김민수", "\u1112\u1161\u11ab", "𠮷野", "ᚠᚢᚦ", "𐎠𐎼𐎹",
    # of any length, with any sign between
    "A", "王", "7", "A" * 80, "ع" * 80, "O’Neil, Jr", "Anne-Marie d'Arc", "J. R. R.", "X Æ A-12",
    "Noor 👩‍👩‍👧‍👦", "Ada 🏳️‍🌈",
    # not pretty, and harmless
    "a\u200bb", "\u200fشیرین", "Ａｎｎａ", "аnnа", "𝒜𝓃𝓃𝒶", "①",
    "Bob; DROP TABLE", "<b>Eve</b>", "{{7*7}}", "=1+1", "%s%n", "null",
)  # fmt: skip
REFUSED = {
    "": "name", " \t ": "name", "\u3000": "name", "...": "no letter", "—": "no letter", "🏮": "no letter",
    "\u200b\u200b": "no letter", "\u200d": "no letter", "\u0301\u0302": "no letter", "\ufeff\ufeff.": "no letter",
    "A" * 81: "81 characters", "e" + "\u0301\u0316" * 50: "characters are too many", "An\x00na": "U+0000",
    "An\x07na": "U+0007", "An\x7fna": "U+007F", "An\x85na": "U+0085", "An\u202ena": "U+202E", "\u202aAnna": "U+202A",
    "An\u2066na": "U+2066", "Anna\u2069": "U+2069", "An\ue000na": "U+E000", "An\ufffdna": "U+FFFD",
    "An\uffffna": "U+FFFF", "An\U0010ffffna": "U+10FFFF",
}  # fmt: skip
"""Names that nobody can have, and what is said of them."""


def test_there_are_eighty() -> None:
    assert len({*TAKEN, *REFUSED}) == len(TAKEN) + len(REFUSED) >= 80


def composed(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def complaints(name: str) -> list[str]:
    """What the office's form says of a name."""
    form = PersonForm(formdata=MultiDict({"name": name}), known=[], meta={"csrf": False})
    form.validate()
    return [str(one) for one in form.name.errors]


def test_forms_take_them_as_listed(app: Flask) -> None:
    with app.test_request_context():
        assert [name for name in TAKEN if complaints(name)] == []
        assert [name for name in REFUSED if not complaints(name)] == []
        for name, told in REFUSED.items():
            assert not told.startswith("U+") or told in complaints(name)[0]


def test_files_take_them_as_listed(app: Flask) -> None:
    make.store(make.event())
    told = Ledger(("name", "number"), tuple((name, str(at)) for at, name in enumerate((*TAKEN, *REFUSED), start=100)))
    sent = Incoming(as_csv(told), columns=("name", "number"))
    wrong = {problem.row: problem.sentence for problem in judging.preview(sent, by=BY).problems}
    assert [told.rows[row - 2][0] for row in wrong] == list(REFUSED)
    for row, name in enumerate(REFUSED, start=2 + len(TAKEN)):
        assert REFUSED[name] in wrong[row], name
    sent = Incoming(as_csv(Ledger(told.columns, told.rows[: len(TAKEN)])), columns=told.columns)
    judging.store(sent, digest=judging.preview(sent, by=BY).digest, by=BY)
    assert [one.name for one in db.session.query(Person).order_by(Person.id)] == list(map(composed, TAKEN))


def test_a_name_that_reads_like_another_is_pointed_out_to_organisers(app: Flask) -> None:
    make.store(make.event(), make.person(name="Anna", number="7"))
    for name in ("Ａｎｎａ", "𝒜𝓃𝓃𝒶", "ANNA", "  anna "):
        sent = Incoming(as_csv(Ledger(("name", "number"), ((name, "8"),))), columns=("name", "number"))
        (line,) = judging.preview(sent, by=BY).new
        assert "Number 7 has the same name" in line.note
    with pytest.raises(NotFound):
        judging.preview(sent, by=Actor(staff=Staff(name="somebody", role="facilitator")))


@pytest.mark.parametrize("role", ["organiser", "facilitator"])
def test_pages_show_each_in_an_element_of_its_own(app: Flask, visitor: Visitor, role: str) -> None:
    make.store(
        make.event(), make.session(slug="talks"),
        *(make.person(name=tidy(name), latin="", number=str(at)) for at, name in enumerate(TAKEN, start=100)),
    )  # fmt: skip
    client = visitor.staff(role)
    asked = dict(enumerate(map(composed, TAKEN), start=100))
    if role == "facilitator":
        asked = {at: name for at, name in asked.items() if at % 5 == 0}
    pages = {"organiser": ("/office/people", "/office/people?page=2")}.get(
        role, [f"/desk/talks?q={at}" for at in asked]
    )
    shown = [(words.text, words.within) for page in pages for words in Page(client.get(page).text).words]
    apart = {text.strip() for text, within in shown if "bdi" in within}
    assert not set(asked.values()) - apart
    long = [name for name in map(composed, TAKEN) if len(name) > 3]
    bare = [text for text, within in shown if "bdi" not in within and any(name in text for name in long)]
    assert bare == []


def test_a_name_in_running_text_would_be_noticed() -> None:
    (words,) = Page("<p>Anna</p>").words
    assert (words.text, words.within) == ("Anna", ("p",))
