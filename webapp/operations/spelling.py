"""Whether two titles or names are the same to a reader."""

import unicodedata


def same_words(one: str, other: str) -> bool:
    """Return whether two titles read the same, whatever their case, blanks and width of letters."""
    return _bare(one) == _bare(other)


def _bare(title: str) -> list[str]:
    return unicodedata.normalize("NFKC", title).casefold().split()
