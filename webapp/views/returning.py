"""Somebody whose sign-in ended while a form lay open: asked for the code, and given back what they typed.

Nothing of it is kept in between: it travels on the page itself.
"""

from urllib.parse import urlsplit

from flask import render_template, request
from werkzeug.exceptions import HTTPException

from webapp.errors import NotFound, NotNow
from webapp.forms.account import CodeForm
from webapp.i18n import gettext as _
from webapp.operations.door import accounts
from webapp.operations.profile.profiles import is_own
from webapp.signin import current_actor, let_in_at_once
from webapp.views.page import see_other
from webapp.views.profile import OPENED_LONG_AGO, SCREENS, Page, shown_again
from webapp.views.public import counter

ENDED, UNKNOWN, TOO_SOON = 401, 422, 429
OWN = ("csrf_token", "code", "to")


@counter.post("/again")
def again() -> Page:
    """Sign in by a code, and show what was typed before."""
    endpoint, form = _endpoint(), CodeForm()
    if endpoint is None:
        return see_other("public.welcome")
    try:
        if not form.validate_on_submit():
            raise NotFound
        let_in_at_once(accounts.sign_in_by_code(form.code.data or ""))
    except NotNow:
        return _ask(endpoint, _("Please wait a minute, then try again.")), TOO_SOON
    except NotFound:
        return _ask(endpoint, _("This code is not known here. Look at the slip again, or ask at the desk.")), UNKNOWN
    return shown_again(endpoint)


def kept_what_was_typed() -> tuple[str, int] | None:
    """Return a page that asks for the code and carries the form along; nothing where no form is to be kept."""
    endpoint = _endpoint()
    try:
        return (_ask(endpoint), ENDED) if endpoint is not None and _is_ours() else None
    except HTTPException:
        # larger than any form here
        return None


def opened_long_ago() -> Page | None:
    """Return a screen as it was sent by a browser that signed in anew since; nothing where there is none."""
    endpoint = _endpoint()
    if endpoint is None or not _is_ours() or not is_own(request.form.get("key", ""), current_actor()):
        return None
    return shown_again(endpoint, OPENED_LONG_AGO)


def _endpoint() -> str | None:
    """The screen that the form belongs to."""
    if request.method != "POST" or request.is_json:
        return None
    named = f"participant.{request.form.get('to', '')}" if request.endpoint == "public.again" else request.endpoint
    return named if named in SCREENS else None


def _is_ours() -> bool:
    """Whether the form comes from a page of ours, for no other may put words into it, and a person waits for a page."""
    origin = request.headers.get("Origin")
    ours = origin is None or urlsplit(origin).netloc == request.host
    return (
        ours
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and request.headers.get("Accept") != "application/json"
    )


def _ask(endpoint: str, failed: str | None = None) -> str:
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN]
    to = endpoint.rpartition(".")[2]
    return render_template("public/again.html", form=CodeForm(formdata=None), failed=failed, carried=carried, to=to)
