"""Single values at the door: out of range, not one of the known words, unreadable, twice or unknown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import category

from matcher.errors import BadProblem, UnknownId

TURNERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they reverse the text around them


def check_range(where: str, value: int, low: int, high: int) -> None:
    """Refuse what is not a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadProblem(f"{where}: {value!r} is not a whole number from {low} to {high}")


def check_printable(where: str, name: str) -> None:
    """Refuse a name with control characters in it."""
    if any(category(letter) in ("Cc", "Cs") or letter in TURNERS for letter in name):
        raise BadProblem(f"{where} {name!a} holds an invisible control character; write it anew")


def check_one_of(where: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is not known."""
    if value not in known:
        raise BadProblem(f"{where}: {value!r} is not one of {', '.join(known)}")


def check_distinct(where: str, names: Sequence[str]) -> None:
    """Refuse a name that stands twice."""
    for name, times in Counter(names).items():
        if times > 1:
            raise BadProblem(f"{where} {name!r} stands {times} times")


def check_pair(key: str, pair: Iterable[str], known: set[str]) -> None:
    """Refuse a pair that names a stranger, or one person twice."""
    one, other = pair
    for name in (one, other):
        if name not in known:
            raise UnknownId(f"{key}: {name!r} is not in people or hosts")
    if one == other:
        raise BadProblem(f"{key}: {one!r} is paired with itself")
