"""The facilitator's page on which the rounds run: start, pause, a minute more, skip, stop; late; big screens."""

from typing import Any

from flask import render_template, request, url_for

from webapp.errors import NotFound, TooSoon
from webapp.forms.running import LateForm, ScreenForm
from webapp.i18n import gettext as _
from webapp.i18n import locale
from webapp.models import Session
from webapp.operations.door import screens
from webapp.operations.plans import clock, planning
from webapp.operations.rounds import running
from webapp.signin import current_actor
from webapp.views import clockface
from webapp.views.facilitator import address_of_house, counter
from webapp.views.page import see_other, wait_for

LONGEST_NUMBER = 9
BACK = {"repair": "facilitator.repair", "session": "facilitator.session"}


@counter.get("/<string:slug>/run")
def run(slug: str) -> Any:
    """The clock and its buttons."""
    return _page(running.find_session(slug))


@counter.post("/<string:slug>/run")
def press(slug: str) -> Any:
    """Press one of the buttons; it counts where nobody has pressed since the page was looked at."""
    session = running.find_session(slug)
    done = running.press(session.id, request.form.get("verb", ""), seen=_seen(), by=current_actor())
    back = BACK.get(request.form.get("back", ""), "facilitator.run")
    return see_other(back, slug=slug, note=None if done else "overtaken")


@counter.post("/<string:slug>/run/late")
def start_late(slug: str) -> Any:
    """Say how many minutes later the rounds start."""
    session, form = running.find_session(slug), LateForm()
    if not form.validate():
        return _page(session, late=form), 422
    done = running.start_late(session.id, form.minutes.data or 0, seen=_seen(), by=current_actor())
    return see_other("facilitator.run", slug=slug, note="moved" if done else "overtaken")


@counter.post("/<string:slug>/run/screens")
def pair(slug: str) -> Any:
    """Connect the big screen that shows the typed code."""
    session, form = running.find_session(slug), ScreenForm()
    if not form.validate():
        return _page(session, screen=form), 422
    try:
        screens.pair(session.id, form.code.data or "", by=current_actor())
    except TooSoon as refusal:
        form.code.errors = [wait_for(refusal)]
        return _page(session, screen=form), 429
    except NotFound:
        form.code.errors = [_("No screen shows this code now. Look at the screen again: a code lasts ten minutes.")]
        return _page(session, screen=form), 422
    return see_other("facilitator.run", slug=slug, note="connected")


@counter.post("/<string:slug>/run/screens/<string:public_id>/unpair")
def unpair(slug: str, public_id: str) -> Any:
    """Let a screen go."""
    screens.unpair(running.find_session(slug).id, public_id)
    return see_other("facilitator.run", slug=slug, note="removed")


def _page(session: Session, *, late: LateForm | None = None, screen: ScreenForm | None = None) -> str:
    return render_template(
        "desk/run.html",
        session=session,
        face=clockface.face(session, [str(locale())]),
        seen=running.revision(session),
        late=late or LateForm(formdata=None, minutes=session.run.late_minutes if session.run else None),
        screen=screen or ScreenForm(formdata=None),
        screens=screens.screens_of(session.id),
        published=planning.find_plan(session.id, "published"),
        rehearsal=clock.is_rehearsal(session),
        programme=clock.by_programme(session, clockface.now()),
        address=url_for("screen.door", _external=True) if address_of_house() else "",
    )


def _seen() -> int:
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else -1
