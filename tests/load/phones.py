"""Phones: each with a connection that it keeps for a while, asking for pages and noting how long that takes."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE = 20.0
RECONNECTS = 0.1
SEEN = re.compile(rb'data-seen="([^"]+)"')


@dataclass
class Tally:
    """What a room of phones was answered: seconds of each answer by kind, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    told: list[float] = field(default_factory=list)

    def note(self, kind: str, seconds: float) -> None:
        """Note one answer."""
        self.taken.setdefault(kind, []).append(seconds)


@dataclass
class Phone:
    """One phone, signed in by its cookie (none for a bare page)."""

    port: int
    cookie: str
    tally: Tally
    seen: str = ""
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, kind: str = "") -> bytes:
        """Ask for a page; note the time until its last byte has come, a new connection included."""
        begun = time.perf_counter()
        try:
            status, body = await asyncio.wait_for(self._exchange(path), PATIENCE)
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.tally.wrong.append(type(error).__name__)
            self.hang_up()
            return b""
        if status not in {200, 204}:
            self.tally.wrong.append(str(status))
            return b""
        self.tally.note(kind or ("page" if body else "poll"), time.perf_counter() - begun)
        return body

    async def _exchange(self, path: str) -> tuple[int, bytes]:
        if self.line is None or random.random() < RECONNECTS:
            self.hang_up()
            self.line = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.line
        cookie = f"Cookie: rondo={self.cookie}\r\n" if self.cookie else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{cookie}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(None, 2)[1])
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        body = await reader.readexactly(int(length.group(1))) if length else b""
        if re.search(rb"(?i)\r\nconnection: close", head):
            self.hang_up()
        return status, body

    def hang_up(self) -> None:
        """Give up the connection."""
        if self.line is not None:
            self.line[1].close()
        self.line = None

    async def look(self, path: str) -> None:
        """Load the page anew, over a connection of its own."""
        self.hang_up()
        body = await self.ask(path, "fresh")
        found = SEEN.search(body)
        self.seen = found.group(1).decode() if found else self.seen

    async def stay(self, path: str, until: float, pace: Callable[[], float], changed_at: Callable[[], float]) -> None:
        """Keep the page open: ask again and again, as its script does, and note how soon a change is told."""
        await asyncio.sleep(random.random() * pace())
        while time.perf_counter() < until:
            body = await self.ask(f"{path}?seen={self.seen}")
            found = SEEN.search(body)
            if found and found.group(1).decode() != self.seen:
                self.seen = found.group(1).decode()
                self.tally.told.append(time.perf_counter() - changed_at())
            await asyncio.sleep(pace())


async def all_at_once(phones: list[Phone], path: str, within: float = 1.0) -> None:
    """Let everybody load the page within a second."""

    async def one(phone: Phone) -> None:
        await asyncio.sleep(random.random() * within)
        await phone.look(path)

    await asyncio.gather(*map(one, phones))
