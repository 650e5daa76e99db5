"""Serves an application on a port of its own, for a browser or a plain client that comes by the network."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from werkzeug.serving import make_server

from tests.webapp.canaries import Populated
from webapp.db import db, transaction


@dataclass(frozen=True)
class Served:
    """Where it is served, and the cookies that open it."""

    url: str
    cookies: dict[str, str]
    code: str
    link: str

    def cookie(self, role: str) -> dict[str, str]:
        """The cookie of a role as a browser is given it."""
        return {"name": "rondo", "value": self.cookies[role], "url": self.url}


@contextmanager
def served(populated: Populated, folder: Path, *, preset: str = "open") -> Iterator[Served]:
    """A copy of the populated house, served."""
    app = populated.open(folder)
    with app.app_context(), transaction() as rows:
        rows.execute(text("UPDATE event SET preset = :preset"), {"preset": preset})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.port}", populated.cookies, populated.code, populated.link)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
