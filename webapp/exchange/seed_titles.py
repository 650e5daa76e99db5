"""The titles of the demo conference in other languages, read strictly."""

from collections.abc import Collection
from importlib.resources.abc import Traversable

from webapp.exchange.cells import read_rows
from webapp.i18n import LANGUAGES

SPOKEN = LANGUAGES[1:]
LONGEST = 1000


def read_titles(folder: Traversable, known: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """Return `titles.csv` as words, a language, and what they are in it; words that nothing is called are refused.

    A conference may do without the file.
    """
    if not folder.joinpath("titles.csv").is_file():
        return ()
    seen: dict[str, int] = {}
    found = []
    for cells in read_rows(folder, "titles.csv", ("words", *SPOKEN)):
        words = cells.one_of("words", known, "title or heading", most=LONGEST)
        if words in seen:
            cells.refuse("words", f"{words!r} stands in row {seen[words]} already.")
        seen[words] = cells.row
        found += [(words, code, cells.text(code, most=LONGEST)) for code in SPOKEN if cells.text(code, most=LONGEST)]
    return tuple(found)
