"""What stands on a page, as a browser reads it: addresses, forms, and words with the elements around them.

And what stands on paper, as it can be selected and searched for.
"""

import contextlib
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

import pypdfium2

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ADDRESSES = {
    "href", "src", "action", "formaction", "poster", "data", "cite", "background", "srcset", "manifest", "xlink:href",
    "hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch", "hx-push-url",
}  # fmt: skip
TICKED = {"checkbox", "radio"}
PRESSED = {"submit", "button", "image", "reset"}


@dataclass
class Field:
    """One field of a form: what a browser would send for it, and what else could be chosen."""

    name: str
    kind: str
    value: str = ""
    sent: bool = True
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form with its fields in order."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def filled(self) -> list[tuple[str, str]]:
        """What a browser sends where nothing is changed; of the buttons the first is pressed."""
        pressed = [one for one in self.fields if one.kind in PRESSED and one.name][:1]
        return [(one.name, one.value) for one in self.fields if one.sent and one.kind not in PRESSED and one.name] + [
            (one.name, one.value) for one in pressed
        ]


@dataclass
class Words:
    """A piece of text, or of an attribute that is read out, the elements around it, and its language if told."""

    text: str
    within: tuple[str, ...]
    tongue: str = ""


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, str, str]] = []
        self.forms: list[Form] = []
        self.words: list[Words] = []
        self._open: list[str] = []
        self._tongues: list[tuple[int, str]] = []
        self._select: Field | None = None
        self._lines: Field | None = None
        self._in_form: Form | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses, forms and fields."""
        held = {name: value or "" for name, value in attrs}
        if "lang" in held and tag not in VOID:
            self._tongues.append((len(self._open), held["lang"]))
        self.links += [(tag, name, value) for name, value in held.items() if name in ADDRESSES]
        self.words += [
            Words(held[name], (*self._open, f"@{name}"), self._tongue())
            for name in ("title", "alt", "aria-label")
            if held.get(name)
        ]
        if tag == "form":
            self._in_form = Form(held.get("action", ""), held.get("method", "get").upper())
            self.forms.append(self._in_form)
        self._note_field(tag, held)
        if tag not in VOID:
            self._open.append(tag)

    def _note_field(self, tag: str, held: dict[str, str]) -> None:
        kind = held.get("type", "text").lower() if tag == "input" else tag
        made = Field(held.get("name", ""), kind, held.get("value", ""))
        if tag == "option" and self._select is not None:
            self._select.choices.append(made.value)
            if "selected" in held or len(self._select.choices) == 1:
                self._select.value = made.value
        elif tag == "button":
            made.kind = held.get("type", "submit")
        elif kind in TICKED:
            made.value, made.sent = held.get("value", "on"), "checked" in held
        elif tag == "select":
            self._select = made
        elif tag == "textarea":
            self._lines = made
        if tag in {"input", "select", "textarea", "button"} and self._in_form is not None:
            self._in_form.fields.append(made)

    def handle_endtag(self, tag: str) -> None:
        """Close elements."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass
            self._tongues = [one for one in self._tongues if one[0] < len(self._open)]
        if tag == "form":
            self._in_form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._lines = None

    def handle_data(self, data: str) -> None:
        """Note words."""
        if self._lines is not None:
            self._lines.value += data
        if data.strip():
            self.words.append(Words(data, tuple(self._open), self._tongue()))

    def _tongue(self) -> str:
        return self._tongues[-1][1] if self._tongues else ""

    def in_own_language(self) -> list[Words]:
        """The words that are in the language of the page, as far as it says."""
        own = next((one.tongue for one in self.words if one.tongue), "")
        return [one for one in self.words if one.tongue in {"", own}]


@lru_cache(maxsize=1024)
def read_page(text: str) -> Page:
    """A page taken apart, once for all that look at it during a walk and after; they leave it as it is."""
    return Page(text)


def in_words(text: str) -> str:
    """The words of a page or a part of one, with single blanks between them."""
    return " ".join(" ".join(held.text for held in Page(text).words).split())


def printed(pdf: bytes) -> str:
    """The words of a PDF, line by line with single blanks between them."""
    with contextlib.closing(pypdfium2.PdfDocument(pdf)) as book:
        return " ".join(" ".join(sheet.get_textpage().get_text_range().split()) for sheet in book)
