"""Whether two titles or names are the same to a reader."""

import unicodedata


def same_words(one: str, other: str) -> bool:
    """Return whether two titles read the same, whatever their case, blanks and width of letters."""
    return bare(one) == bare(other)


def bare(title: str) -> tuple[str, ...]:
    """Return what two titles have in common that read the same."""
    return tuple(unicodedata.normalize("NFKC", title).casefold().split())
