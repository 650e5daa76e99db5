"""A running application with guests in it: knock at any door in any role, see what changed, put everything back."""

import contextvars
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES, Populated
from webapp import jobs
from webapp.db import db, transaction
from webapp.models import Job

HOST = "localhost"
FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def taken_up_by_nobody(public_id: str) -> None:
    """Let work be under way that no process does: before it had begun, everything would be back in its place."""
    with transaction() as rows:
        rows.execute(update(Job).where(Job.public_id == public_id).values(process=os.getpid()))


class Building:
    """A running application with guests in it, one browser for each role, and a way back to how it was.

    Work that a form begins is under way from then on, and no process is started for it.
    """

    def __init__(self, app: Flask, populated: Populated) -> None:
        self.app, self.populated = app, populated
        self.host = HOST
        self.file = app.config["SETTINGS"].database
        self._pristine = sqlite3.connect(":memory:")
        with sqlite3.connect(self.file) as rows:
            rows.backup(self._pristine)
        rows.close()
        self.cookie_name = "__Host-rondo" if app.config["SESSION_COOKIE_SECURE"] else "rondo"
        everybody = dict.fromkeys((*ROLES, *populated.cookies))
        self.browsers: dict[str, FlaskClient] = {role: app.test_client() for role in everybody}
        self._tokens: dict[str, str] = {}
        self._watch = sqlite3.connect(self.file)
        self._counted: tuple[int, dict[str, str]] = (0, {})
        self._hand_out_cookies()

    # --- asking ---------------------------------------------------------------------------------------------------

    def knock(
        self,
        role: str,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes = b"",
        kind: str = FORM,
        headers: dict[str, str] | None = None,
        environ: dict[str, str] | None = None,
    ) -> TestResponse:
        """Send one request byte by byte as it is given: the path and the query percent-encoded, the body raw."""
        scheme = "https" if self.app.config["SESSION_COOKIE_SECURE"] else "http"
        given = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query, **(environ or {})}
        if scheme == "https":
            headers = {"Referer": f"https://{self.host}/", **(headers or {})}
        with patch.object(jobs, "_start", taken_up_by_nobody):
            return contextvars.Context().run(
                self.browsers[role].open,
                "/",
                method=method,
                base_url=f"{scheme}://{self.host}",
                data=body,
                content_type=kind if body or method == "POST" else None,
                headers=headers,
                environ_overrides=given,
                buffered=True,
            )

    def get(self, role: str, address: str) -> TestResponse:
        """Look at an address."""
        parts = urlsplit(address)
        return self.knock(role, "GET", parts.path, query=parts.query)

    def send(self, role: str, path: str, fields: list[tuple[str, str]]) -> TestResponse:
        """Send a form with this browser's token."""
        held = [(name, value) for name, value in fields if name != "csrf_token"]
        return self.knock(role, "POST", path, body=urlencode([("csrf_token", self.token(role)), *held]).encode())

    def token(self, role: str) -> str:
        """The hidden token of this browser's forms."""
        held = self.browsers[role].get_cookie(self.cookie_name, self.host)
        if held is None or held.value not in self._tokens:
            found = TOKEN.search(self.knock(role, "GET", "/nothing-here").text)
            assert found, "an error page carries a form, and a form carries a token"
            held = self.browsers[role].get_cookie(self.cookie_name, self.host)
            assert held
            self._tokens[held.value] = found.group(1)
        return self._tokens[held.value]

    # --- keeping things as they were ------------------------------------------------------------------------------

    def restore(self) -> None:
        """Put every row and every cookie back."""
        with sqlite3.connect(self.file) as rows:
            rows.execute("PRAGMA synchronous=OFF")
            self._pristine.backup(rows)
        rows.close()
        self._hand_out_cookies()

    def end_work(self) -> None:
        """Let the work that is under way be done."""
        with sqlite3.connect(self.file) as rows:
            rows.execute("UPDATE job SET state = 'done'")
        rows.close()

    def _hand_out_cookies(self) -> None:
        for role, browser in self.browsers.items():
            for cookie in list(browser._cookies.values()):
                browser.delete_cookie(cookie.key, domain=cookie.domain, path=cookie.path)
            value = self.populated.cookies.get(role, "a-browser-that-is-not-signed-in")
            browser.set_cookie(self.cookie_name, value, domain=self.host, secure=False)

    def contents(self) -> dict[str, str]:
        """A hash of each table; when somebody was last seen does not count. Read anew once anything was written."""
        version = self._watch.execute("PRAGMA data_version").fetchone()[0]
        if version != self._counted[0]:
            self._counted = (version, self._count())
        return self._counted[1]

    def _count(self) -> dict[str, str]:
        with sqlite3.connect(self.file) as rows:
            rows.execute("UPDATE sign_in SET seen_at = ''")
            tables = [
                name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            ]
            held = {t: sorted(map(repr, rows.execute(f'SELECT * FROM "{t}"'))) for t in tables}
            rows.rollback()
        rows.close()
        return {name: hashlib.sha256("\n".join(found).encode()).hexdigest() for name, found in held.items()}

    @contextmanager
    def unchanged(self, complaints: list[str], about: str) -> Iterator[None]:
        """Complain where what happens inside changes any row; put things back then."""
        before = self.contents()
        yield
        after = self.contents()
        changed = [name for name in after if before.get(name) != after[name]]
        if changed:
            complaints.append(f"{about}: changed {', '.join(changed)}")
            self.restore()

    def close(self) -> None:
        """Let go of the file."""
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        self._pristine.close()
        self._watch.close()
