"""How values stand in the cells of an event file: one text for each value, whatever else somebody may have typed."""

import json
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from math import isfinite
from typing import Any, TypeVar
from zoneinfo import available_timezones

from webapp.errors import BadInput
from webapp.exchange.letters import is_readable, strange_character, tidy
from webapp.exchange.tongues import country_codes, language_codes
from webapp.i18n import gettext as _
from webapp.i18n import isolate, locale
from webapp.models.programme import is_elsewhere
from webapp.operations.event.programme import RESERVED, YEARS
from webapp.operations.files.importing.reading import READERS, Known, key_of
from webapp.operations.words.spelling import bare

Day = TypeVar("Day", bound=date)

BETWEEN = ";"
MOST_LISTED = 500
SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
PARTS = re.compile(r"[\s;,،؛]+")
GONE = re.compile(r"\?[1-9][0-9]{0,4}")
"""How a host or an interpreter is called who has a part in a plan and is not there any more."""

REASONS = ("offer_meets_need", "wish", "other_region", "same_region", "given")
RESTS = ("odd_number", "no_partner", "limit", "no_table")
HOUSE_OF = "organisation"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cell: `read` gives a typed text the form in which the house tells it, `value` makes a value of that.

    `same` is what two cells have in common that say the same.
    """

    read: Callable[[str], str]
    value: Callable[[str], Any] = str
    same: Callable[[str], Hashable] = str


def told(value: Any) -> str:
    """Return a value as it stands in a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat() if value.second or value.microsecond else value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
        case list() | tuple():
            return BETWEEN.join(told(part) for part in value)
        case _:
            return str(value).replace("\r\n", "\n").replace("\r", "\n")


def listed(cell: str) -> list[str]:
    """Return the parts of a list."""
    return [part for part in cell.split(BETWEEN) if part]


def read_cell(kind: Kind, cell: str) -> str:
    """Return what a cell says that is not empty; refuse what it cannot say."""
    text = str(tidy(cell)).replace("\r\n", "\n").replace("\r", "\n")
    found = strange_character(text, lines=True)
    if found is not None:
        code = f"U+{ord(found):04X}"
        raise BadInput(_("There is an invisible character (%(code)s) in this cell; type the text anew.", code=code))
    return kind.read(text)


def shown(text: str) -> str:
    """Return a part of a cell as a sentence shows it."""
    return isolate(text if len(text) <= 40 else f"{text[:39]}…")


# --- texts -----------------------------------------------------------------------------------------------------------


def line(most: int, *, readable: bool = False, same: Callable[[str], Hashable] = str) -> Kind:
    """Return the kind of one line of text; `readable`: with a letter or a digit in it."""

    several = lines(most, readable=readable)
    return Kind(lambda text: several.read(re.sub(r"[\n\t]+", " ", text)), same=same)


def lines(most: int, *, readable: bool = False) -> Kind:
    """Return the kind of a text of several lines."""

    def read(text: str) -> str:
        if readable and not is_readable(text):
            raise BadInput(_("There is no letter and no digit in this cell."))
        return _no_longer(text, most)

    return Kind(read)


def _no_longer(text: str, most: int) -> str:
    if len(text) > most:
        raise BadInput(_("%(count)s characters are too many; %(most)s is the most.", count=len(text), most=most))
    return text


def _address(text: str) -> str:
    if not is_elsewhere(text):
        raise BadInput(_("%(part)s is no full address. Write it as https://www.example.org/.", part=shown(text)))
    return text


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text) or len(text) > 80 or text == RESERVED:
        sentence = _("%(part)s is no short name. Use small letters from a to z, digits and hyphens.", part=shown(text))
        raise BadInput(sentence)
    return text


def _slugs(text: str) -> str:
    return told(sorted({_slug(part) for part in PARTS.split(text) if part}))


# --- numbers, days, choices ------------------------------------------------------------------------------------------


def _whole(text: str, least: int, most: int) -> int:
    if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise BadInput(_("Write a whole number from %(least)s to %(most)s.", least=least, most=most))
    return int(text)


def whole(least: int, most: int) -> Kind:
    """Return the kind of a whole number; an empty cell stands for none."""
    return Kind(lambda text: str(_whole(text, least, most)), lambda cell: int(cell) if cell else None)


def wholes(least: int, most: int) -> Kind:
    """Return the kind of several whole numbers."""

    def read(text: str) -> str:
        return told(sorted({_whole(part, least, most) for part in PARTS.split(text) if part}))

    return Kind(read, lambda cell: [int(part) for part in listed(cell)])


def choice(*words: str) -> Kind:
    """Return the kind of one of these words."""

    def read(text: str) -> str:
        if text.casefold() not in words:
            known = _(", ").join(words)
            raise BadInput(
                _("%(part)s is not known here. Write one of these: %(known)s.", part=shown(text), known=known)
            )
        return text.casefold()

    return Kind(read)


def _day(text: str) -> str:
    try:
        # a spreadsheet that took it for a date gives a time with it
        found = date.fromisoformat(re.sub("[T ]00:00(:00)?$", "", text))
    except ValueError:
        raise BadInput(_("%(part)s is no day. Write it as 2013-06-19.", part=shown(text))) from None
    return told(_near(found))


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or ":" not in text:
        raise BadInput(_("%(part)s is no time at the venue. Write it as 2013-06-19T14:00.", part=shown(text)))
    return told(_near(found))


def _near(found: Day) -> Day:
    """A day or a moment that is not of another century."""
    if found.year not in YEARS:
        raise BadInput(_("Give a year from %(first)s to %(last)s.", first=YEARS[0], last=YEARS[-1]))
    return found


def _yes(text: str) -> str:
    return told(READERS["seated"]("seated", text, _known()))


def _number(text: str) -> str:
    return str(READERS["number"]("number", text, _known()))


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise BadInput(_("This time zone is not known; write it as Asia/Phnom_Penh."))
    return text


# --- languages and countries -----------------------------------------------------------------------------------------


def _known() -> Known:
    return _names(str(locale()))


@cache
def _names(first: str) -> Known:
    """The names of languages and countries, those in the language `first` before the others."""
    return Known(
        languages={key_of(name): code for name, code in language_codes(first).items()},
        countries={key_of(name): code for name, code in country_codes(first).items()},
        interests={}, regions={}, titles={}, places={},
    )  # fmt: skip


def _languages(text: str) -> str:
    return told(READERS["languages"]("languages", text, _known()))


def _language(text: str) -> str:
    found = _languages(text)
    if BETWEEN in found:
        raise BadInput(_("Write one language."))
    return found


def _country(text: str) -> str:
    return str(READERS["country"]("country", text, _known()))


def _countries(text: str) -> str:
    parts = [part.strip() for part in re.split("[;\n]", text) if part.strip()]
    if len(parts) > MOST_LISTED:
        raise BadInput(_("There are too many parts in this cell; %(most)s is the most.", most=MOST_LISTED))
    return told(sorted({_country(part) for part in parts}))


# --- plans -----------------------------------------------------------------------------------------------------------


def _letters(text: str) -> str:
    if not re.fullmatch("[A-Z]{1,3}", text.upper()):
        raise BadInput(_("%(part)s is no version. Write a letter, as A.", part=shown(text)))
    return text.upper()


def version_of(word: str) -> int:
    """Return the number of a version from its letters.

    >>> [version_of(word) for word in ("A", "Z", "AA")]
    [1, 26, 27]
    """
    number = 0
    for letter in word:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _numbers(text: str) -> str:
    return told([_number(part) for part in PARTS.split(text) if part])


def _key(text: str) -> str:
    return text if GONE.fullmatch(text) else _slug(text)


def read_json(text: str) -> Any:
    """Return what a cell says as JSON; refuse what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(_("This cell cannot be read; copy it from the file as it was.")) from None


def as_json(value: Any) -> str:
    """Return a value as JSON in a cell."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _figure(text: str) -> str:
    """A figure: a number, several with semicolons, or null where there is none."""
    parts = [read_json(part) for part in text.split(BETWEEN)]
    numbers = (isinstance(part, int | float) and not isinstance(part, bool) and isfinite(part) for part in parts)
    if parts != [None] and not all(numbers):
        raise BadInput(_("%(part)s is no number.", part=shown(text)))
    return BETWEEN.join(as_json(part) for part in parts)


def _figure_name(text: str) -> str:
    if not re.fullmatch("[a-z_]{1,40}", text):
        raise BadInput(_("%(part)s is not known here.", part=shown(text)))
    return text


def _reasons(text: str) -> str:
    """The reasons of a meeting: each a code, its points, its topic, who gives and who takes."""
    found = read_json(text)
    if not isinstance(found, list) or not all(_is_reason(one) for one in found):
        raise BadInput(_("This cell cannot be read; copy it from the file as it was."))
    return as_json(found)


def _is_reason(one: object) -> bool:
    match one:
        case [str(code), int(points), topic, giver, taker] if not isinstance(points, bool):
            spoken = topic is None or isinstance(topic, str) or _is_house(topic)
            return code in REASONS and spoken and all(name is None or isinstance(name, str) for name in (giver, taker))
    return False


def _is_house(topic: object) -> bool:
    return isinstance(topic, dict) and topic.keys() == {HOUSE_OF} and isinstance(topic[HOUSE_OF], str)


DAY = Kind(_day, date.fromisoformat)
MOMENT = Kind(_moment, datetime.fromisoformat)
YES = Kind(_yes, lambda cell: cell == "yes")
NUMBER = Kind(_number)
ZONE, ADDRESS = Kind(_zone), Kind(_address)
SLUG_CELL, SLUGS = Kind(_slug), Kind(_slugs, listed)
LANGUAGES, LANGUAGE = Kind(_languages, listed), Kind(_language, lambda cell: cell or None)
COUNTRY, COUNTRIES = Kind(_country, lambda cell: cell or None), Kind(_countries, listed)
NAME = line(80, readable=True)
HOUSE = line(200, readable=True, same=bare)
"""The name of an organisation: whoever spells it otherwise means the same one."""
INTERPRETER = line(80, readable=True, same=bare)
LETTERS = Kind(_letters, version_of)
NUMBERS = Kind(_numbers, listed)
KEY = Kind(_key, lambda cell: cell or None)
VOICE = line(80, readable=True, same=bare)
FIGURE, JSON_REASONS = Kind(_figure), Kind(_reasons, json.loads)
FIGURE_NAME = Kind(_figure_name)
