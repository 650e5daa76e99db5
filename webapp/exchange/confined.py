"""Files are read by a process of their own: a file that is a trap takes nothing from the server and its guests."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from webapp.exchange.separated import Grid
from webapp.exchange.unreadable import Unreadable

MOST_ANSWER = 48 * 1024 * 1024
LONGEST = 30.0
AT_A_TIME = threading.BoundedSemaphore(2)
"""In each process that answers pages."""
HOUSE = str(Path(__file__).parents[2])
READING = "import sys; sys.path.insert(0, sys.argv[1]); from webapp.exchange.parser import main; main()"


def read_confined(content: bytes, *, encoding: str = "", most: int = 0) -> tuple[str, list[tuple[str, Grid]]]:
    """Return the encoding and the sheets, each with its name: so many that hold anything, or all that are shown."""
    if not AT_A_TIME.acquire(timeout=LONGEST):
        raise Unreadable("unread")
    try:
        told = _answer([sys.executable, "-I", "-c", READING, HOUSE, encoding, str(most)], content)
    except OSError as problem:
        raise Unreadable("unread") from problem
    finally:
        AT_A_TIME.release()
    try:
        answer = json.loads(told)
        if answer.get("refused"):
            raise Unreadable(str(answer["refused"]), **{name: int(one) for name, one in answer["told"].items()})
        return str(answer["encoding"]), [(str(name), [_row(row) for row in rows]) for name, rows in answer["sheets"]]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
        raise Unreadable("unread") from problem


def _row(told: Any) -> tuple[int, list[str]]:
    number, cells = told
    return int(number), [str(cell) for cell in cells]


def _answer(command: list[str], content: bytes) -> bytes:
    """Return what the process says until it ends, or is ended since it takes too long or says too much."""
    pipes: Mapping[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        # what stands in a file comes into no log
        "stderr": subprocess.DEVNULL,
        "env": {name: value for name, value in os.environ.items() if not name.upper().startswith("RONDO")},
        "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
    }
    with subprocess.Popen(command, **pipes) as reader:
        clock = threading.Timer(LONGEST, reader.kill)
        clock.start()
        try:
            with suppress(OSError), reader.stdin:  # type: ignore[union-attr]
                reader.stdin.write(content)  # type: ignore[union-attr]
            answer = reader.stdout.read(MOST_ANSWER + 1)  # type: ignore[union-attr]
        finally:
            clock.cancel()
            reader.kill()
    return answer if len(answer) <= MOST_ANSWER else b""
