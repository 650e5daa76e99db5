"""Characters as names and sentences need them: composed (NFC), none of them a trick; and cells no program runs."""

import re
import unicodedata

REFUSED = {"Cc", "Cs", "Co", "Cn"}
DIRECTION = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
UNREADABLE = "\ufffd"

STARTS = r"(?<![^;,\t\r\n\"])"
FORMULA = r"(?='*[=+\-@\t\r\n＝＋－＠])"
UNGUARDED, GUARDED = re.compile(STARTS + FORMULA), re.compile(STARTS + "'" + FORMULA)


def tidy(value: object) -> object:
    """Return typed text composed and without blanks at its ends; other values as they are."""
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def strange_character(text: str, *, lines: bool = False) -> str | None:
    """Return the first character that no name or sentence needs, None where all are fine."""
    for character in text:
        if lines and character in "\r\n\t":
            continue
        if unicodedata.category(character) in REFUSED or character in DIRECTION or character == UNREADABLE:
            return character
    return None


def is_readable(text: str) -> bool:
    """Return whether a letter or a digit is in it."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, whatever it holds to be the separator of cells."""
    return UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return GUARDED.sub("", text)
