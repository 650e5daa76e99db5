"""Finding somebody by what the desk or the office types or scans: an event number, or the beginnings of a name."""

import re
import unicodedata
from collections.abc import Sequence

from webapp.models.people import parts

LONGEST_SEARCH = 80
IN_ADDRESS = re.compile(r"(?<![0-9A-Za-z])[0-9]{3,8}(?![0-9A-Za-z])", re.ASCII)


def fits(query: str, *, number: str, names: Sequence[str]) -> bool:
    """Return whether a query is the start of the event number, or each of its words starts some part of a name."""
    words = parts(query)
    if len(words) == 1 and words[0].isdecimal():
        return number.startswith(words[0])
    return any(all(any(part.startswith(word) for part in parts(name)) for word in words) for name in names)


def number_in(typed: str) -> str:
    """Return the event number in what was typed or scanned, digits of any script; nothing where there is none.

    A scanner may read the address that a code holds: then it is the last number that stands in it by itself.
    """
    text = "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in typed).strip()
    if "://" not in text:
        return text if text.isascii() and text.isdecimal() else ""
    found = IN_ADDRESS.findall(text.partition("://")[2].partition("/")[2])
    return found[-1] if found else ""
