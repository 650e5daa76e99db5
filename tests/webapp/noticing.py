"""What an answer tells of whom: every field of everybody of the crowd that can be read in it."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from babel import Locale
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tests.webapp import crowd
from tests.webapp.pages import Page, printed, read_page

Told = set[tuple[int, str]]
"""Places of people and the names of their fields."""

ALONE = {
    "name": "name", "latin": "latin", "house": "organisation", "asked": "questions", "apart": "apart",
    "reg": "registration", "free": "words", "sought": "words", "about": "about", "reach": "contact", "note": "notes",
}  # fmt: skip
"""Words that tell of their person wherever they stand, in whatever corner of the answer."""
CHOSEN = {"offer": "offers", "seek": "seeks", "region": "regions", "wish": "wishes"}
"""Words that lists to choose from hold too: they tell of their person where they are chosen, or simply said."""
WHO = ("name", "latin", "number")
NUMBERS = {crowd.number(at): at for at in range(crowd.PEOPLE)}
NUMBER = re.compile(r"(?<!\d)\d{5}(?!\d)")
SEAL = re.compile(r"(?<![^\W_])[0-9a-f]{12,}(?![^\W_])")
"""Hexadecimal digits by chance: five of them in a row are nobody's number."""
NIGHT = re.compile(r"(?<![\d:.])0?3:(\d\d)(?![\d:])")
OPTION = re.compile(r"<option(?![^>]*\sselected)[^>]*>[^<]*(?:</option>)?")
BOX = re.compile(r"<label[^>]*>\s*<input(?=[^>]*type=\"(?:checkbox|radio)\")(?![^>]*\schecked)[^>]*>.*?</label>", re.S)
NAMED = {str(Locale("en").territories[code]): (at, "country") for at, code in enumerate(crowd.COUNTRIES)} | {
    str(Locale("en").languages[code]): (at, field)
    for codes, field in ((crowd.TONGUES, "languages"), (crowd.SIGNED, "interpreting"))
    for at, code in enumerate(codes)
}
CALLED = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(NAMED, key=len, reverse=True)))})\b")
TICKED = re.compile(r'<input(?=[^>]*\schecked)(?=[^>]*\sname="(seated|first_time|listed|shows_topics|companion)")')
TAGS = {
    "attendance": re.compile(r'<span class="tag(?: here)?">here</span>'),
    "seated": re.compile(r'<span class="tag">stays seated'),
}
"""What stands beside a name in a list."""
BRINGS = re.compile(r"zqname(\d\d)(?:(?!zqname).)*?Brings a helper or an interpreter", re.S)
PLUS = re.compile(r"(?<!\d)(\d{5})\s*\+1\b")
WAY_IN = re.compile(r"(?:\d{4}[\s-]){3}\d{4}|/in/[\w-]{20,}")
"""A code as it is printed, or a link."""
COLUMNS = {
    "number": "number", "registration": "registration", "country": "country", "regions": "regions",
    "languages": "languages", "offers": "offers", "seeks": "seeks", "wishes": "wishes", "away": "absences",
    "seated": "seated", "first_time": "first_time", "listed": "listed", "shows_topics": "shows_topics",
    "companion": "companion", "companion_languages": "interpreting",
    "role": "role", "table": "tables", "text": "questions",
}  # fmt: skip
"""The columns of files of people, by the field that stands in them."""


def told_in(answer: TestResponse, me: int | None = None) -> Told:
    """Everything that an answer tells, its headers included; of `me` also where it names nobody."""
    body, kind = answer.get_data(), answer.mimetype
    # how many bytes it has may look like somebody's number
    heads = " ".join(f"{name}: {value}" for name, value in answer.headers if name != "Content-Length")
    if kind == "application/pdf":
        return in_text(f"{printed(body)} {heads}")
    if str(kind).endswith("sheet") or body[:2] == b"PK":
        return in_text(heads) | set().union(*map(_in_table, _sheets(body)))
    text = body.decode("utf-8", "replace")
    if kind == "text/csv":
        return in_text(heads) | _in_table(list(csv.reader(io.StringIO(text.lstrip("\ufeff")), _dialect(text))))
    if kind == "text/html":
        return in_text(f"{html.unescape(text)} {heads}", said=_said(text), me=me) | _beside(text, me)
    if kind == "application/json":
        held = json.loads(text)
        return in_text(f"{json.dumps(held, ensure_ascii=False)} {heads}") | _in_contract(held)
    return in_text(f"{text.replace(chr(13) + chr(10) + ' ', '')} {heads}")


def in_text(text: str, said: str | None = None, me: int | None = None) -> Told:
    """What a text tells; `said` is what is left of it once all that could be chosen and is not has gone."""
    said = text if said is None else said
    words = [(kind, int(at)) for kind, at in crowd.WORD.findall(text)]
    found = {(at, ALONE[kind]) for kind, at in words if kind in ALONE}
    found |= {(NUMBERS[one], "number") for one in NUMBER.findall(SEAL.sub("", text)) if one in NUMBERS}
    found |= {(int(minute) - 11, "absences") for minute in NIGHT.findall(text) if 11 <= int(minute) < 43}
    found |= {(int(at), "companion") for at in BRINGS.findall(text)}
    found |= {(NUMBERS[one], "companion") for one in PLUS.findall(text) if one in NUMBERS}
    about = {at for at, field in found if field in WHO} | ({me} if me is not None else set())
    found |= {(int(at), CHOSEN[kind]) for kind, at in crowd.WORD.findall(said) if kind in CHOSEN and int(at) in about}
    found |= {NAMED[name] for name in CALLED.findall(said) if NAMED[name][0] in about}
    return found | {(at, "ways_in") for at in about if WAY_IN.search(said)}


def topics_in(text: str) -> set[str]:
    """The topics that bring people together which a text names."""
    return {f"zq{kind}{at}" for kind, at in crowd.WORD.findall(text) if kind == "topic"}


def _said(text: str) -> str:
    page = Page(BOX.sub("", OPTION.sub("", text)))
    words = [held.text for held in page.words]
    return " ".join([*words, *(value for form in page.forms for _name, value in form.filled())])


def _beside(text: str, me: int | None) -> Told:
    """What stands in the form in which somebody's name stands, and beside a name in lists."""
    found: Told = set()
    for form in read_page(text).forms:
        filled = dict(form.filled())
        owner = {int(at) for _kind, at in crowd.WORD.findall(filled.get("name", ""))} | {me} - {None}
        fields = {*TICKED.findall(text), *({"role"} if filled.get("role") else ())}
        found |= {(at, field) for at in owner if at is not None for field in fields}
    for line in re.split(r"<(?:li|h1)\b", text):
        named = {at for at, field in in_text(line) if field == "name"} if "tag" in line else set()
        found |= {(at, field) for field, tag in TAGS.items() if len(named) == 1 and tag.search(line) for at in named}
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    return csv.Sniffer().sniff(text.partition("\n")[0], ",;\t")


def _sheets(content: bytes) -> Iterator[list[list[str]]]:
    for sheet in load_workbook(io.BytesIO(content), read_only=True):
        yield [[str(cell) if cell is not None else "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def _in_contract(held: dict[str, Any]) -> Told:
    """What a problem or a plan says of people, who are known by their numbers there."""
    people = held.get("people", ()) if isinstance(held.get("people"), list) else ()
    found = {
        (NUMBERS[one["id"]], field)
        for one in people
        for field in COLUMNS.values()
        if one.get(field) and one["id"] in NUMBERS
    }
    found |= {
        (NUMBERS[one["id"]], "interpreting")
        for one in people
        if one["id"] in NUMBERS and crowd.SIGNED[NUMBERS[one["id"]]] in one.get("languages", ())
    }
    seated = {one for meeting in held.get("meetings", ()) for one in meeting.get("people", ())}
    return found | {(NUMBERS[one], "tables") for one in seated if one in NUMBERS}


OWN = ("role", "seated", "first_time", "listed", "shows_topics", "companion")
"""What stands in somebody's own row as a word or a tick that many have."""


def told_of_own(held: dict[str, Any], me: int) -> Told:
    """What somebody reads of what is held of themselves, table by table."""
    found = {(me, name) for name in OWN for row in held["person"] if row.get(name) is not None}
    shelves = {"attendance": "attendance", "seat": "tables", "feedback": "feedback", "host": "hosting"}
    return found | {(me, field) for shelf, field in shelves.items() if held[shelf]}


def _in_table(lines: list[list[str]]) -> Told:
    """What a table tells: its words, and line by line what stands in the columns of a person."""
    found = in_text("\n".join("\t".join(line) for line in lines))
    heads: dict[str, Any] = {name: at for at, name in enumerate(lines[0] if lines else [])}
    for line in lines[1:]:
        at = NUMBERS.get(line[heads["number"]]) if "number" in heads and len(line) > heads["number"] else None
        cells = {field: line[heads[name]] for name, field in COLUMNS.items() if heads.get(name, len(line)) < len(line)}
        if at is not None:
            found |= {(at, field) for field, cell in cells.items() if cell not in ("", "no", "False")}
    return found
