"""Tables of a session: their names as a range or a list, and how many an audience needs."""

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.models.programme import MOST_TABLES

LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class TableRange:
    """Tables `first` to `last`, each with the places `letters` (none: the table itself is one place)."""

    first: int
    last: int
    letters: str = ""

    @property
    def names(self) -> list[str]:
        """The names in walking order."""
        return [f"{number}{place}" for number in range(self.first, self.last + 1) for place in self.letters or ("",)]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}" + (f" × {_short(self.letters)}" if self.letters else "")


def _short(letters: str) -> str:
    run = string.ascii_uppercase.find(letters)
    return f"{letters[0]}–{letters[-1]}" if run >= 0 and len(letters) > 1 else letters


def read_letters(typed: str) -> str:
    """Return the places that `A–D`, `ABCD` or `A, B, C, D` speak of, as capitals."""
    typed = typed.upper().strip()
    span = re.fullmatch(r"([A-Z])\s*[-–—]\s*([A-Z])", typed)
    if span:
        first, last = (string.ascii_uppercase.index(letter) for letter in span.groups())
        letters = string.ascii_uppercase[first : last + 1]
    else:
        letters = "".join(character for character in typed if character not in " ,;")
    if (typed and not letters) or not set(letters) <= set(string.ascii_uppercase) or len(set(letters)) < len(letters):
        raise BadInput(_("Write each place once, as a letter from A to Z, like A–D or ABCD."), "letters")
    return letters


def read_range(first: int, last: int, letters: str) -> TableRange:
    """Return the range that was typed."""
    found = TableRange(first, last, read_letters(letters))
    if last < first:
        raise BadInput(_("The range ends at %(last)s, before it starts.", last=last), "last_table")
    if (last - first + 1) * max(len(found.letters), 1) > MOST_TABLES:
        raise BadInput(_("These are more than %(most)s tables.", most=MOST_TABLES), "last_table")
    return found


def read_names(typed: str) -> list[str]:
    """Return the names of a list with commas or one name a line; a name that stands twice is refused."""
    names = [part.strip() for part in re.split(r"[\n\r,;،؛、]+", typed) if part.strip()]
    for name in names:
        if len(name) > LONGEST_NAME:
            raise BadInput(
                _("The table name %(name)s is longer than %(most)s characters.", name=name[:40], most=LONGEST_NAME),
                "table_names",
            )
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise BadInput(_("Table %(name)s stands in the list twice.", name=twice), "table_names")
    if len(names) > MOST_TABLES:
        raise BadInput(_("These are more than %(most)s tables.", most=MOST_TABLES), "table_names")
    return names


def as_range(names: Sequence[str]) -> TableRange | None:
    """Return the range that gives exactly these names, None where there is none."""
    parts = [re.fullmatch(r"([1-9][0-9]{0,5})([A-Z]?)", name) for name in names]
    found = [match for match in parts if match]
    if not found or len(found) < len(parts):
        return None
    letters = "".join(match[2] for match in found if match[1] == found[0][1])
    candidate = TableRange(int(found[0][1]), int(found[-1][1]), letters)
    size = (candidate.last - candidate.first + 1) * max(len(letters), 1)
    return candidate if size == len(names) and candidate.names == list(names) else None


def in_words(names: Iterable[str]) -> str:
    """Return the tables as short as can be: `1–27 × A–D`, or the names with commas."""
    listed = list(names)
    found = as_range(listed)
    return str(found) if found else ", ".join(listed)


def tables_needed(kind: str, people: int, size: int = 4) -> int:
    """Return how many tables a session's people need at one time; 0 where hosts bring the tables or there are none."""
    if kind == "pairs":
        return people // 2
    return -(-people // size) if kind == "circles" else 0
