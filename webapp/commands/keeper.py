"""While pages are served: a backup whenever something has changed, so that ticks at the desk are not lost either."""

import threading
from pathlib import Path

from flask import Flask

from webapp.db import db
from webapp.operations import backups, patience

EVERY = 60.0


class Keeper(threading.Thread):
    """Leaves a backup at most once in `every` seconds, where a folder is chosen and the database has changed."""

    def __init__(self, app: Flask, *, every: float = EVERY) -> None:
        super().__init__(name="keeper", daemon=True)
        self.app, self.every = app, every
        self.ended = threading.Event()
        self.seen = _written(app)

    def run(self) -> None:
        """Look again and again until the program ends."""
        while not self.ended.wait(self.every):
            self.look()

    def look(self) -> None:
        """Leave a backup if anything was written since the last look; forget failed tries that are too old to count."""
        with self.app.app_context():
            patience.forget_old()
            db.session.remove()
        now = _written(self.app)
        if now == self.seen:
            return
        with self.app.app_context():
            backups.leave_if_set_up()
            db.session.remove()
        self.seen = now


def _written(app: Flask) -> tuple[int, ...]:
    """When the database and its journal were last written; reading leaves both alone."""
    database: Path = app.config["SETTINGS"].database
    files = (database, database.with_name(f"{database.name}-wal"))
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
