"""The big screen: a code for the desk to type, then the clock of one session, for display only."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template

from webapp.i18n import locale
from webapp.operations.door import screens
from webapp.operations.rounds import running
from webapp.signin import browser_cookie, current_actor, let_in
from webapp.views import clockface
from webapp.views.page import came_from, see_other

counter = Blueprint("screen", __name__, url_prefix="/screen")


@counter.get("")
def door() -> Any:
    """The code of a screen that is not paired; one that is shows its session."""
    actor = current_actor()
    if actor.screen is not None and actor.screen.session is not None:
        return see_other("screen.show", slug=actor.screen.session.slug)
    if actor.staff is not None:
        return see_other("facilitator.today")
    return render_template("screen/door.html", code=screens.code_of(browser_cookie()))


@counter.post("")
def ask() -> Any:
    """Ask for a code to show."""
    let_in(screens.ask_code(browser_cookie(), address=came_from()))
    return see_other("screen.door")


@counter.get("/<string:slug>")
def show(slug: str) -> Any:
    """The clock of a session: for the screens that are paired with it, and for staff."""
    actor = current_actor()
    if actor.staff is None and not _shows(slug):
        return see_other("screen.door")
    session = running.find_session(slug)
    languages = clockface.languages_of(session, str(locale()))
    face = clockface.face(session, languages)
    return render_template("screen/show.html", session=session, face=face)


@counter.get("/<string:slug>/state.json")
def state(slug: str) -> Response:
    """What the clock counts by."""
    if current_actor().staff is None and not _shows(slug):
        abort(404)
    return jsonify(clockface.state(running.find_session(slug), clockface.now()))


def _shows(slug: str) -> bool:
    screen = current_actor().screen
    return screen is not None and screen.session is not None and screen.session.slug == slug
