"""The quick exit of a discreet event: signed out on this device, and on another site, at once.

No redirect leads there: browsers hold that a form of ours, which may send to us alone, may not be led on to another
host. A page without words does it, and nothing of ours stays behind where the browser may clear it.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from webapp.i18n import LANGUAGE_COOKIE
from webapp.models import Event
from webapp.models.programme import USUAL_EXIT
from webapp.operations.event.programme import the_event
from webapp.signin import current_actor, leave_no_cookie
from webapp.views.public import counter

FOR = {"participant", "anonymous"}
ROOMS_WITHOUT = {"screen"}
ENDPOINT = "public.exit"


def _event() -> Event | None:
    try:
        return the_event()
    except SQLAlchemyError:
        # the page that says so has to be shown all the same
        return None


def quick_exit() -> str | None:
    """Return where the quick exit of this page leads; nothing where there is none."""
    if current_actor().role not in FOR or request.blueprint in ROOMS_WITHOUT:
        return None
    event = _event()
    return event.elsewhere if event is not None and event.preset == "discreet" else None


def _led_away() -> Response:
    event = _event()
    to = event.elsewhere if event is not None else USUAL_EXIT
    return make_response(render_template("public/exit.html", to=to))


@counter.post("/exit")
def exit() -> Response:  # noqa: A001
    """Sign out on this device, and lead to another site."""
    leave_no_cookie()
    answer = _led_away()
    answer.delete_cookie(LANGUAGE_COOKIE)
    # on a phone it may take long to clear the cache: not while somebody waits for the other site
    waits = request.headers.get("Sec-Fetch-Mode") == "navigate"
    answer.headers["Clear-Site-Data"] = '"cookies", "storage"' if waits else '"cache", "cookies", "storage"'
    return answer


def led_away_with_an_old_form() -> Response | None:
    """Lead away whoever presses the button of a page that was open for too long, too; nothing for any other form."""
    if request.endpoint != ENDPOINT:
        return None
    # only a page of ours is said to be of this site, so that no other can sign anybody out
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    answer = exit() if ours else _led_away()
    answer.status_code = 400
    return answer


def register(app: Flask) -> None:
    """Offer it to every page."""
    app.jinja_env.globals["quick_exit"] = quick_exit
    app.jinja_env.filters["host"] = lambda address: urlsplit(address).hostname
