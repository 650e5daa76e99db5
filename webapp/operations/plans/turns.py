"""What is done by one at a time, of all threads of all processes that work on one data folder."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from webapp.db import db

try:
    import fcntl
except ImportError:  # not on Windows, where one process answers alone
    fcntl = None  # type: ignore[assignment]


class InTurn:
    """Held by one thread at a time; whoever comes meanwhile waits. A process that dies holds nothing any more.

    The folder of the database is what processes hold. Where its disk knows no locks, this holds within one process.
    It is the same folder for each, so nobody may hold two at once.
    """

    def __init__(self) -> None:
        self._threads = threading.Lock()
        self._held: int | None = None

    def __enter__(self) -> None:
        folder = Path(db.engines[None].url.database or "").parent
        self._threads.acquire()
        try:
            with suppress(OSError):
                self._held = _hold(folder)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self._threads.release()


def _hold(folder: Path) -> int | None:
    """Wait until no other process holds the folder; return what to close to let go of it."""
    if fcntl is None:
        return None
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
    except BaseException:
        os.close(opened)
        raise
    return opened
