"""Cells become values: names to codes, lists to parts; what cannot be understood is said with its row and column."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.errors import BadInput
from webapp.exchange.letters import is_readable, strange_character, tidy
from webapp.exchange.spreadsheet import Sheet, column_letters
from webapp.exchange.tongues import country_codes, language_codes
from webapp.i18n import gettext as _
from webapp.i18n import isolate, locale
from webapp.models import Interest, Region, Session
from webapp.models.hosts import MOST_PLACES
from webapp.models.programme import ROLES
from webapp.operations.files.importing.lines import Problem, Told, Value
from webapp.operations.files.importing.words import ROLE_WORDS
from webapp.operations.words.spelling import bare

LONGEST = {"name": 80, "latin": 80, "organisation": 200, "title": 120, "registration": 120, "table": 20, "note": 1000,
           "offers_words": 120, "seeks_words": 120}  # fmt: skip
READABLE = ("name", "latin", "organisation", "title", "table")
SEPARATORS = (r"[;\r\n\t|؛]+", r"[,،、]", r"/|&|\band\b|\bet\b|\bund\b|\by\b|\bو")
COMMA = 1
ASIDE = re.compile(r"\s*[(\[（][^)\]）]*[)\]）]\s*")
YES = {"yes", "y", "true", "1", "x", "oui", "vrai", "نعم", "sí", "si", "да", "ja", "✓", "✔"}
NO = {"no", "n", "false", "0", "non", "faux", "لا", "нет", "nein", "-", "–"}
MOST_PARTS = 60
WISHED = re.compile(r"(person|name|organisation|role|region):(.+)", re.DOTALL)

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may speak of: names to codes or slugs, slugs to titles and places in the list; how many rounds."""

    languages: Names
    countries: Names
    interests: Names
    regions: Names
    titles: Names
    places: Mapping[str, int]
    rounds: int = 0

    def in_order(self, slugs: Sequence[str]) -> tuple[str, ...]:
        """Return topics or regions in the order of their list, each once."""
        return tuple(sorted(set(slugs), key=lambda slug: self.places[slug]))


def what_is_known(rows: Rows, session: Session | None) -> Known:
    """Return what the cells of a file may speak of now."""
    topics = rows.scalars(select(Interest).order_by(Interest.position, Interest.title, Interest.id)).all()
    regions = rows.scalars(select(Region).order_by(Region.position, Region.title, Region.id)).all()
    interests = {key_of(name): topic.slug for topic in topics for name in (str(topic.id), topic.title, topic.slug)}
    listed: tuple[Interest | Region, ...] = (*topics, *regions)
    first = str(locale())
    return Known(
        languages={key_of(name): code for name, code in language_codes(first).items()},
        countries={key_of(name): code for name, code in country_codes(first).items()},
        interests=interests,
        regions={key_of(name): region.slug for region in regions for name in (region.title, region.slug)},
        titles={one.slug: one.title for one in listed},
        places={one.slug: at for at, one in enumerate(listed)},
        rounds=session.rounds if session else 0,
    )


def key_of(text: str) -> str:
    """Return a title or name as it is looked up."""
    return " ".join(bare(text))


def read_rows(sheet: Sheet, columns: Sequence[str], known: Known) -> tuple[list[Told], list[Problem]]:
    """Return what each row says, and all that cannot be understood."""
    told, problems = [], []
    for number, cells in sheet.rows:
        values: dict[str, Value] = {}
        wrong: set[str] = set()
        parts: dict[str, list[str]] = {}
        for at, (field, cell) in enumerate(zip(columns, cells, strict=True)):
            if not field or not cell.strip():
                continue
            try:
                value = _value(field, cell, known)
            except BadInput as refusal:
                problems.append(Problem(number, column_letters(at), sheet.header[at], refusal.sentence))
                wrong.add("name" if field in ("first", "last") else field)
                continue
            if field in ("registration", "first", "last"):
                parts.setdefault(field, []).append(str(value))
            else:
                values[field] = value
        for name, joined in _joined(parts):
            if len(joined) > LONGEST[name]:
                problems.append(_too_long(number, name, sheet, columns))
            values[name] = joined
        told.append(Told(number, values, frozenset(wrong)))
    return told, problems


def _too_long(number: int, name: str, sheet: Sheet, columns: Sequence[str]) -> Problem:
    parts = ("registration",) if name == "registration" else ("first", "last")
    at = next(at for at, field in enumerate(columns) if field in parts)
    sentence = _("Put together, these columns have more than %(most)s characters.", most=LONGEST[name])
    return Problem(number, column_letters(at), sheet.header[at], sentence)


def _joined(parts: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    if "registration" in parts:
        yield "registration", "/".join(parts["registration"])
    name = " ".join(part for field in ("first", "last") for part in parts.get(field, ()))
    if name:
        yield "name", name


def _value(field: str, cell: str, known: Known) -> Value:
    """Return what a cell says that is not empty."""
    text = str(tidy(cell))
    found = strange_character(text, lines=True)
    if found is not None:
        code = f"U+{ord(found):04X}"
        raise BadInput(_("There is an invisible character (%(code)s) in this cell; type the text anew.", code=code))
    return READERS[field](field, text, known)


def _line(field: str, text: str, _known: Known) -> str:
    value = re.sub(r"[\r\n\t]+", " ", text)
    return _checked(field, value)


def _lines(field: str, text: str, _known: Known) -> str:
    return _checked(field, text.replace("\r\n", "\n").replace("\r", "\n"))


def _checked(field: str, text: str) -> str:
    most = LONGEST.get(field, LONGEST["name"])
    if len(text) > most:
        raise BadInput(_("%(count)s characters are too many; %(most)s is the most.", count=len(text), most=most))
    if field in (*READABLE, "first", "last") and not is_readable(text):
        raise BadInput(_("There is no letter and no digit in this cell."))
    return text


def _number(_field: str, text: str, _known: Known) -> str:
    digits = "".join(str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" else sign for sign in text)
    if not re.fullmatch("[0-9]{1,8}", digits):
        raise BadInput(_("%(part)s is no event number; write one to eight digits.", part=_shown(text)))
    return digits


def _role(_field: str, text: str, _known: Known) -> str:
    roles = {key_of(str(word)): role for role, word in ROLE_WORDS.items()} | {role: role for role in ROLES}
    if key_of(text) not in roles:
        raise BadInput(_("%(part)s is no role. Write member, donor, stakeholder or guest.", part=_shown(text)))
    return roles[key_of(text)]


def _country(_field: str, text: str, known: Known) -> str:
    for said in (text, ASIDE.sub(" ", text)):
        if key_of(said) in known.countries:
            return known.countries[key_of(said)]
    raise BadInput(
        _(
            "%(part)s is no country known here. Write its name in English or French, or its code, like KH.",
            part=_shown(text),
        )
    )


def _languages(_field: str, text: str, known: Known) -> tuple[str, ...]:
    def unknown(part: str) -> str:
        return _("%(part)s is no language known here. Write it as English, français or sw.", part=part)

    return tuple(dict.fromkeys(_each(text, known.languages, unknown)))


def _topics(_field: str, text: str, known: Known) -> tuple[str, ...]:
    def unknown(part: str) -> str:
        return _(
            "%(part)s is not in the list of interests. Write it as it stands there, or add it to the list first.",
            part=part,
        )

    return known.in_order(list(_each(text, known.interests, unknown)))


def _regions(_field: str, text: str, known: Known) -> tuple[str, ...]:
    def unknown(part: str) -> str:
        there = _(", ").join(known.titles[slug] for slug in dict.fromkeys(known.regions.values()))
        return _("%(part)s is not in the list of regions. There are: %(known)s.", part=part, known=there)

    return known.in_order(list(_each(text, known.regions, unknown)))


def _each(text: str, known: Names, unknown: Callable[[str], str], depth: int = 0) -> Iterator[str]:
    """Yield what each part of a list stands for; a name that is known goes before the commas within it."""
    said = text.strip(" .")
    if not said:
        return
    for name in (said, ASIDE.sub(" ", said)):
        if key_of(name) in known:
            yield known[key_of(name)]
            return
    if depth == len(SEPARATORS):
        raise BadInput(unknown(_shown(said)))
    parts = re.split(SEPARATORS[depth], said)
    if len(parts) > MOST_PARTS:
        raise BadInput(_("There are too many parts in this cell; %(most)s is the most.", most=MOST_PARTS))
    at = 0
    while at < len(parts):
        ends = range(len(parts), at + 1, -1) if depth == COMMA else ()
        joined = next((end for end in ends if key_of(",".join(parts[at:end])) in known), at + 1)
        yield from _each(",".join(parts[at:joined]), known, unknown, depth + 1)
        at = joined


def _wishes(_field: str, text: str, known: Known) -> tuple[str, ...]:
    """Read KIND:WHOM; what follows a semicolon and names no kind belongs to the name before it."""
    found: list[str] = []
    for part in re.split(r"[;\n]", text):
        if WISHED.fullmatch(part.strip()) or not found:
            found.append(part.strip())
        else:
            found[-1] += f";{part}"
    for wish in found:
        told = WISHED.fullmatch(wish)
        fits = {
            "person": lambda whom: re.fullmatch("[0-9]{1,8}", whom),
            "name": lambda whom: len(whom) <= LONGEST["organisation"] and is_readable(whom),
            "organisation": lambda whom: len(whom) <= LONGEST["organisation"] and is_readable(whom),
            "role": lambda whom: whom in ROLES,
            "region": lambda whom: whom in known.regions.values(),
        }
        if told is None or not fits[told[1]](told[2]):
            raise BadInput(
                _(
                    "%(part)s is no wish. Write person:NUMBER, name:NAME, organisation:NAME, role:ROLE or "
                    "region:NAME, with semicolons between them.",
                    part=_shown(wish),
                )
            )
    return tuple(dict.fromkeys(found))


def _spans(_field: str, text: str, _known: Known) -> tuple[str, ...]:
    found = []
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        try:
            starts, ends = (datetime.fromisoformat(end.strip()) for end in part.split("/"))
            fits = not (starts.tzinfo or ends.tzinfo) and starts < ends
        except ValueError:
            fits = False
        if not fits:
            sentence = _("%(part)s is no span of time. Write it as 2013-06-19T14:00/2013-06-19T18:00.",
                         part=_shown(part))  # fmt: skip
            raise BadInput(sentence)
        found.append(span_of(starts, ends))
    return tuple(sorted(set(found)))


def span_of(starts: datetime, ends: datetime) -> str:
    """Return a span of time as it stands in a cell."""
    return f"{starts.isoformat(timespec='minutes')}/{ends.isoformat(timespec='minutes')}"


def _yes(_field: str, text: str, _known: Known) -> bool:
    word = re.split(r"[\s,.;:!]+", key_of(text))[0]
    if word not in YES | NO:
        raise BadInput(_("%(part)s is neither yes nor no.", part=_shown(text)))
    return word in YES


def _places(_field: str, text: str, _known: Known) -> int:
    if not (re.fullmatch("[0-9]{1,4}", text) and 1 <= int(text) <= MOST_PLACES):
        raise BadInput(_("Write a whole number from 1 to %(most)s.", most=MOST_PLACES))
    return int(text)


def _rounds(_field: str, text: str, known: Known) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[\s,;،]+", text) if part]
    if not all(re.fullmatch("[0-9]{1,3}", part) and 1 <= int(part) <= known.rounds for part in parts):
        raise BadInput(_("Write numbers of rounds from 1 to %(most)s, with commas between them.", most=known.rounds))
    return tuple(sorted({int(part) for part in parts}))


def _shown(text: str) -> str:
    """A part as a sentence shows it."""
    return isolate(text if len(text) <= 40 else f"{text[:39]}…")


READERS: Mapping[str, Callable[[str, str, Known], Any]] = {
    **dict.fromkeys(("registration", "name", "first", "last", "latin", "organisation", "title", "table"), _line),
    "number": _number,
    "role": _role,
    "country": _country,
    "regions": _regions,
    "languages": _languages,
    "offers": _topics,
    "seeks": _topics,
    "offers_words": _line,
    "seeks_words": _line,
    "companion": _yes,
    "companion_languages": _languages,
    "shows_topics": _yes,
    "listed": _yes,
    "topics": _topics,
    "wishes": _wishes,
    "away": _spans,
    "seated": _yes,
    "first_time": _yes,
    "places": _places,
    "least_places": _places,
    "rounds_away": _rounds,
    "note": _lines,
}
