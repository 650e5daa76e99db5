"""While pages are served: a backup and a cut journal whenever something has changed; all is deleted at its day."""

import threading
from pathlib import Path

from flask import Flask

from webapp.db import cut_journal, db, journal_holds
from webapp.operations.deletion import purge
from webapp.operations.door import patience
from webapp.operations.guests import tombstones
from webapp.operations.plans import backups

EVERY = 60.0
MOMENT = 0.5
"""How long to wait for whoever reads, while nobody can write."""
SOON = 5.0
"""How long to wait where something is deleted and somebody still reads the database."""


class Keeper(threading.Thread):
    """Leaves a backup at most once in `every` seconds, where a folder is chosen and the database has changed."""

    def __init__(self, app: Flask, *, every: float = EVERY) -> None:
        super().__init__(name="keeper", daemon=True)
        self.app, self.every = app, every
        self.ended = threading.Event()
        self.seen = _written(app)
        self.uncut = False

    def run(self) -> None:
        """Look again and again until the program ends."""
        # a program that was killed may have left it so
        journal_holds.set()
        while not self.ended.wait(min(self.every, SOON) if self._is_in_haste() else self.every):
            self.look()

    def _is_in_haste(self) -> bool:
        return journal_holds.is_set() or self._is_deleting()

    def _is_deleting(self) -> bool:
        return purge.under_way(self.app.config["SETTINGS"].data)

    def delete_if_due(self) -> bool:
        """Delete everything where its day has come, or go on with it; return whether there is no more to be done."""
        try:
            with self.app.app_context():
                purge.settle()
                db.session.remove()
        except Exception as error:
            # whatever it is, it is tried again; its message may hold names
            self.app.logger.error("event=deleting err=%s", type(error).__name__)
        return not self._is_deleting()

    def look(self) -> None:
        """Delete everything if its day has come; leave a backup if anything was written since the last look.

        Failed tries that are too old to count are forgotten. Whatever fails is tried again at the next look.
        """
        if not self.delete_if_due():
            return
        try:
            self._tidy()
        except Exception as error:
            # a full disk for a minute, and nothing would ever be kept or deleted again
            self.app.logger.error("event=keeping err=%s", type(error).__name__)

    def _tidy(self) -> None:
        with self.app.app_context():
            patience.forget_old()
            db.session.remove()
        self._cut()
        now = _written(self.app)
        if now == self.seen:
            return
        with self.app.app_context():
            tombstones.leave_in(purge.folder(), tombstones.known())
            backups.leave_if_set_up()
            db.session.remove()
        self.seen = now

    def _cut(self) -> None:
        """Let the journal hold nothing that was there before: whoever empties a field empties it in the files, too."""
        owed = journal_holds.is_set()
        self.uncut = self.uncut or _written(self.app) != self.seen
        if owed or self.uncut:
            with self.app.app_context():
                # what is deleted is owed at once; the rest is tried again at the next look
                self.uncut = not cut_journal(wait=MOMENT, owed=owed)


class Cutter(threading.Thread):
    """Cuts the journal where something was deleted by a process that answers pages beside the keeper's."""

    def __init__(self, app: Flask, *, every: float = SOON) -> None:
        super().__init__(name="cutter", daemon=True)
        self.app, self.every = app, every
        self.ended = threading.Event()

    def run(self) -> None:
        """Look again and again until the program ends."""
        while not self.ended.wait(self.every):
            self.look()

    def look(self) -> None:
        """Cut the journal if that is owed; where somebody reads what was there before, it is tried at the next look."""
        if not journal_holds.is_set():
            return
        try:
            with self.app.app_context():
                cut_journal(wait=MOMENT)
        except Exception as error:
            self.app.logger.error("event=keeping err=%s", type(error).__name__)


def _written(app: Flask) -> tuple[int, ...]:
    """When the database and its journal were last written; reading leaves both alone."""
    database: Path = app.config["SETTINGS"].database
    files = (database, database.with_name(f"{database.name}-wal"))
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
