"""Another language for the page one is on: kept in this browser, and what was typed into a form stays there.

A page with a form of its own sends that form along with the choice. This is a look at the page and no answer to it:
the request is led to the page as if somebody had asked for it, so that nothing can be stored, and the form is filled
in with what was typed.
"""

from flask import Flask, abort, after_this_request, current_app, g, request
from flask.globals import request_ctx
from flask_babel import refresh
from werkzeug import Response
from werkzeug.exceptions import HTTPException, NotFound

from webapp.access import may_use
from webapp.i18n import LANGUAGE_COOKIE, LANGUAGES
from webapp.signin import current_actor

FIELD = "switch-to"
LASTS = 60 * 60 * 24 * 30


def keep(answer: Response, language: str) -> Response:
    """Let this browser remember a language."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=LASTS, samesite="Lax", httponly=True, secure=secure)
    return answer


def switch() -> None:
    """Turn the answer to a form that only chooses a language into a look at its page; its token was checked before."""
    if request.method != "POST" or FIELD not in request.form:
        return
    chosen = request.form[FIELD]
    if chosen not in LANGUAGES or request_ctx.url_adapter is None:
        abort(400)
    try:
        rule, values = request_ctx.url_adapter.match(method="GET", return_rule=True)
    except HTTPException:
        raise NotFound from None
    if not may_use(current_actor(), rule.endpoint):
        raise NotFound
    request.method, request.url_rule, request.view_args = "GET", rule, dict(values)
    g.switched_to = chosen
    refresh()
    after_this_request(lambda answer: keep(answer, chosen))


def register(app: Flask) -> None:
    """Look at each request before any view does."""
    app.before_request(switch)
    app.jinja_env.globals["switch_field"] = FIELD
