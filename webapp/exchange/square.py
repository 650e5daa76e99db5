"""Square codes (QR) for pages: drawn as one path, so that a page needs no picture from anywhere."""

from dataclasses import dataclass
from functools import lru_cache

import segno

QUIET = 4
MOST_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Square:
    """A square code as an SVG path of unit squares on a field of `size` by `size`, the quiet edge counted in."""

    path: str
    size: int


@lru_cache(MOST_KEPT)
def square(text: str) -> Square:
    """Return the square code of a text."""
    matrix = segno.make(text, error="m", micro=False).matrix
    dark = ((x, y) for y, row in enumerate(matrix, QUIET) for x, cell in enumerate(row, QUIET) if cell)
    return Square("".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(matrix) + 2 * QUIET)
