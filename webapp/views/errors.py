"""Pages for what goes wrong: what happened, what is kept, what to do."""

import logging
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from webapp import errors
from webapp.i18n import lazy_gettext as _
from webapp.i18n import speak_to_everybody
from webapp.signin import current_actor
from webapp.views import exiting, leaving, returning

log = logging.getLogger("rondo")

SENTENCES = {
    400: (_("This could not be read"), _("Nothing was changed. Go back, reload the page and send it once more.")),
    401: (_("Please sign in again"), _("Nothing was changed. Your sign-in has ended; use your code or link again.")),
    403: (_("This is not possible"), _("Nothing was changed.")),
    404: (_("This page is not here"), _("The address may be mistyped, or the page may be for somebody else.")),
    405: (_("This page does not take that"), _("Nothing was changed. Go back and use the buttons on the page.")),
    409: (_("Not just now"), _("Nothing was changed. Reload the page to see how things stand.")),
    413: (_("This is too large"), _("Nothing was changed. Send less at once.")),
    429: (_("Please wait a moment"), _("Too many tries in a short time. Wait a minute and try again.")),
    500: (_("Something failed here"), _("It is noted. What was saved before is kept; try again, or ask at the desk.")),
}
REFUSALS = {errors.NotFound: 404, errors.NotNow: 409, errors.BadInput: 400, errors.Refused: 403}
ASKED_WRONG = 400


def register(app: Flask) -> None:
    """Answer every refusal and failure with a calm page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _stale_form)
    for strange in (SecurityError, BadHost):
        app.register_error_handler(strange, _strange_host)
    for kind, status in REFUSALS.items():
        app.register_error_handler(kind, partial(_refusal, status))
    app.register_error_handler(Exception, _failure)


def _refusal(status: int, refusal: errors.Refused) -> Any:
    return _page(status, refusal.sentence)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < ASKED_WRONG:
        return error
    ended = error.code == returning.ENDED
    kept = (leaving.deleted_before() or returning.kept_what_was_typed()) if ended else None
    return kept or _page(error.code)


def _stale_form(_error: CSRFError) -> Any:
    return (
        exiting.led_away_with_an_old_form()
        or returning.opened_long_ago()
        or _page(400, str(_("The form was open for too long or came from elsewhere. Go back, reload and send again.")))
    )


def _strange_host(_error: HTTPException) -> Response:
    # no page: its links would need a host that can be trusted
    return Response("This address is not served here.\n", 400, mimetype="text/plain")


def _failure(error: Exception) -> Any:
    # never the message: it may hold names
    log.error("event=failure route=%s status=500 err=%s", request.endpoint, type(error).__name__)
    return _page(500)


def _page(status: int, sentence: str = "") -> tuple[str, int]:
    if status == HTTPStatus.NOT_FOUND or current_actor().staff is None:
        speak_to_everybody()
    title, advice = SENTENCES.get(status, SENTENCES[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    return render_template("error.html", title=title, advice=sentence or advice, status=status), status
