"""What the process does that reads a file for the server: a file comes in, its cells go out as JSON, and it ends.

It loads little, so that it starts at once, and it lets go of what it might do before it looks at the file: it gets no
more time and memory than a table may need, and writes no file. Only POSIX systems hold it to that; elsewhere whoever
started it ends it when its time is over.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from webapp.exchange.separated import rows_of
from webapp.exchange.unreadable import Unreadable
from webapp.exchange.workbook import Grid, sheets_of

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 256 * 1024 * 1024
MOST_SECONDS = 20
ARCHIVE = b"PK\x03\x04"


def main() -> None:
    """Read a file from the standard input and answer."""
    wanted, most = sys.argv[-2], int(sys.argv[-1])
    content = sys.stdin.buffer.read()
    confine()
    answer = json.dumps(answer_of(content, wanted or None, most or None), ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(answer.encode())
    sys.stdout.buffer.flush()


def confine() -> None:
    """Bound the memory and the time of this process for good, and take the writing of files from it."""
    if resource is None:
        return
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # some systems know a bound and refuse to set it
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def answer_of(content: bytes, wanted: str | None, most: int | None) -> dict[str, Any]:
    """Return the encoding and the sheets, the first few that hold anything or all that are shown; or why not."""
    try:
        if not content.startswith(ARCHIVE):
            encoding, rows = rows_of(content, wanted)
            return {"encoding": encoding, "sheets": [("", rows)]}
        sheets = sheets_of(content)
        return {"encoding": "", "sheets": list(islice(_told(sheets), most) if most else sheets)}
    except Unreadable as refusal:
        return {"refused": refusal.why, "told": refusal.told}


def _told(sheets: Iterator[tuple[str, Grid]]) -> Iterator[tuple[str, Grid]]:
    return (sheet for sheet in sheets if sheet[1])
