"""Who is asking: the cookie, the guard in front of every view, and what a form's hidden token is made of.

The cookie holds one random id and nothing else; what belongs to it stands in the database as a row that can be
revoked. Before anybody signs in there is no row at all: the token of a form follows from the id by HMAC, so looking
at a page writes nothing.
"""

import hashlib
import hmac
import secrets
from typing import Any

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.sessions import SessionInterface, SessionMixin
from werkzeug import Response
from werkzeug.exceptions import NotFound, Unauthorized

from webapp.access import NOBODY, Actor, may_use
from webapp.operations.door import accounts, screens
from webapp.operations.door.accounts import Ticket

ID_BYTES = 32
LONGEST_COOKIE = 64


def _form_token(cookie: str, key: str) -> str:
    return hmac.new(key.encode(), cookie.encode(), hashlib.sha256).hexdigest()


class Browser(dict[str, Any], SessionMixin):
    """What Flask calls the session: the browser's id, and the form token that follows from it."""

    def __init__(self, cookie: str, key: str, *, fresh: bool) -> None:
        super().__init__(csrf_token=_form_token(cookie, key))
        self.cookie, self.fresh, self.gone = cookie, fresh, False
        self.ticket: Ticket | None = None


class CookieOnly(SessionInterface):
    """Reads and sends the cookie; stores nothing."""

    def open_session(self, app: Flask, request: Any) -> Browser:
        """Return the browser's id from its cookie, a fresh one where it has none."""
        cookie = request.cookies.get(cookie_name(app), "")
        fresh = not (0 < len(cookie) <= LONGEST_COOKIE and cookie.isascii())
        return Browser(secrets.token_urlsafe(ID_BYTES) if fresh else cookie, str(app.secret_key), fresh=fresh)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie where the id is new."""
        assert isinstance(session, Browser)
        if session.gone:
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            response.delete_cookie(cookie_name(app), secure=secure, httponly=True, samesite="Lax")
            return
        if not session.fresh and session.ticket is None:
            return
        if request.endpoint in {"static", "public.healthz"}:
            return
        ticket = session.ticket
        response.set_cookie(
            cookie_name(app),
            ticket.cookie if ticket else session.cookie,
            expires=ticket.expires_at if ticket else None,
            secure=bool(app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
            path="/",
        )


def cookie_name(app: Flask) -> str:
    """Return the cookie's name; over https its prefix keeps other hosts from setting it."""
    return "__Host-rondo" if app.config["SESSION_COOKIE_SECURE"] else "rondo"


def current_actor() -> Actor:
    """Return who asks."""
    actor: Actor = g.get("actor", NOBODY)
    return actor


def let_in(ticket: Ticket) -> None:
    """Give the browser the fresh sign-in's cookie; the id it had before is worth nothing from now on."""
    _browser().ticket = ticket


def let_in_at_once(ticket: Ticket) -> None:
    """Give the browser the fresh sign-in's cookie; the page that answers is that person's already."""
    let_in(ticket)
    g.actor = accounts.actor_of(ticket.cookie)
    _browser()["csrf_token"] = _form_token(ticket.cookie, str(current_app.secret_key))
    g.pop("csrf_token", None)


def browser_cookie() -> str:
    """Return the id that the browser came with."""
    return _browser().cookie


def let_out() -> None:
    """End the browser's sign-in and give it a new, empty id."""
    browser = _browser()
    accounts.sign_out(browser.cookie)
    browser.cookie, browser.fresh = secrets.token_urlsafe(ID_BYTES), True


def let_out_at_once() -> None:
    """Give the browser a new, empty id; the page that answers is nobody's already."""
    browser = _browser()
    browser.cookie, browser.fresh = secrets.token_urlsafe(ID_BYTES), True
    browser["csrf_token"] = _form_token(browser.cookie, str(current_app.secret_key))
    g.actor = NOBODY
    g.pop("csrf_token", None)


def leave_no_cookie() -> None:
    """End the browser's sign-in and take its cookie away."""
    browser = _browser()
    accounts.sign_out(browser.cookie)
    browser.gone = True


def guard() -> Response | None:
    """Stand in front of every view: find out who asks and whether the door is theirs."""
    g.actor = NOBODY
    if request.endpoint in {"static", "public.healthz"}:
        return None
    browser = _browser()
    if not browser.fresh:
        # held for this answer, so that the row is read once
        g.sign_in = accounts.sign_in_of(browser.cookie)
        g.actor = accounts.holder_of(browser.cookie, g.sign_in)
        if g.actor is NOBODY and request.blueprint == "screen":
            # at every other door a paired screen is nobody
            g.actor = screens.actor_of(browser.cookie)
    if request.endpoint is None or may_use(g.actor, request.endpoint):
        if g.actor is not NOBODY and request.endpoint != "participant.news":
            # what a page asks while it lies open is nobody's doing
            accounts.note_seen(browser.cookie)
        return None
    if g.actor is not NOBODY:
        raise NotFound
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("public.welcome"), 303)
    raise Unauthorized


def _browser() -> Browser:
    browser = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(browser, Browser)
    return browser


def open_doors(app: Flask) -> None:
    """Put cookie and guard in place."""
    app.session_interface = CookieOnly()
    app.before_request(guard)
