"""My profile on three screens, saved as one goes, and what others will see of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from webapp import wording
from webapp.access import Actor
from webapp.errors import BadInput, NotNow
from webapp.forms.contacts import contacts_form
from webapp.forms.profile import ScreenForm
from webapp.forms.profile_meeting import meeting_form
from webapp.forms.profile_topics import TopicsForm
from webapp.forms.profile_who import WhoForm
from webapp.i18n import gettext as _
from webapp.operations.mine.contact_page import open_contacts
from webapp.operations.profile import profiles
from webapp.operations.profile.meeting import open_meeting
from webapp.operations.profile.preview import preview as what_others_see
from webapp.operations.profile.topics import open_topics
from webapp.operations.profile.who import a_name, open_who
from webapp.signin import current_actor
from webapp.views import participant
from webapp.views.page import see_other
from webapp.views.participant import counter

UNREADABLE, STALE, OPENED_LONG_AGO = 422, 409, 400
Page = str | tuple[str, int] | tuple[dict[str, str], int] | Answer


@dataclass(frozen=True, slots=True)
class Screen:
    """One of the three, or the page of contacts: how it is opened, its form, and where one goes on from there."""

    number: int
    endpoint: str
    template: str
    opens: Callable[..., Any]
    form: Callable[..., Any]
    back: str
    after: str
    of_profile: bool = True


def _open_contacts(by: Actor) -> Any:
    return open_contacts(by, now=participant.now())


SCREENS = {
    one.endpoint: one
    for one in (
        Screen(1, "participant.profile", "participant/who.html", open_who, WhoForm,
               back="participant.rounds", after="participant.topics"),
        Screen(2, "participant.topics", "participant/topics.html", open_topics, TopicsForm,
               back="participant.profile", after="participant.meeting"),
        Screen(3, "participant.meeting", "participant/meeting.html", open_meeting, meeting_form,
               back="participant.topics", after="participant.rounds"),
        Screen(0, "participant.contacts", "participant/contacts.html", _open_contacts, contacts_form,
               back="participant.rounds", after="participant.contacts", of_profile=False),
    )
}  # fmt: skip


@counter.route("/me/profile", methods=["GET", "POST"])
def profile() -> Page:
    """Who I am, in which languages, and where I work."""
    if "suggest" in request.form:
        return _suggested()
    return _screen()


@counter.route("/me/profile/topics", methods=["GET", "POST"])
def topics() -> Page:
    """What I can share and what I am looking for."""
    return _screen()


@counter.route("/me/profile/meeting", methods=["GET", "POST"])
def meeting() -> Page:
    """How I want to meet."""
    return _screen()


@counter.route("/me/contacts", methods=["GET", "POST"])
def contacts() -> Page:
    """How to reach me and my notes, and who has exchanged contacts with me."""
    return _screen()


@counter.get("/me/profile/preview")
def preview() -> str:
    """What the people I meet will see."""
    return render_template("participant/preview.html", seen=what_others_see(current_actor()), wording=wording)


def _screen() -> Page:
    screen = SCREENS[str(request.endpoint)]
    opened, choices = screen.opens(current_actor())
    form: ScreenForm = screen.form(opened, choices)
    if not form.is_submitted():
        return _page(screen, form, opened, choices)
    status = UNREADABLE
    if form.validate():
        try:
            stamp = profiles.save(form.part(), form.sent(), by=current_actor(), of_profile=screen.of_profile)
            return _saved(screen, stamp)
        except NotNow:
            status = STALE
        except BadInput as refusal:
            sentence = refusal.sentence or _("This was changed just now. Look at it and save again.")
            form[str(refusal.field)].errors = [sentence]
    if _at_once():
        return {"stamp": form.sent().stamp}, status
    opened, choices = screen.opens(current_actor())
    if status == STALE:
        form.begin_anew(opened)
    return _page(screen, form, opened, choices, stale=status == STALE, unsaved=True), status


def _saved(screen: Screen, stamp: str) -> Page:
    if _at_once():
        return {"stamp": stamp}, 200
    if request.form.get("then") == "stay":
        return see_other(screen.endpoint, note="saved")
    return see_other(screen.after, note="saved")


def _at_once() -> bool:
    """Whether a script sends the form while somebody types, and shows no page."""
    return request.headers.get("Accept") == "application/json"


def _suggested() -> Page:
    """The first screen as it was sent, with an invented name; nothing is saved."""
    screen = SCREENS["participant.profile"]
    opened, choices = open_who(current_actor())
    form = WhoForm(opened, choices)
    form.suggest(a_name())
    return _page(screen, form, opened, choices, unsaved=True)


def shown_again(endpoint: str, status: int = 200) -> Page:
    """Show a screen with what was typed before its writer signed in again; nothing is saved.

    What another person typed on the same phone is not shown.
    """
    screen = SCREENS[endpoint]
    if not profiles.is_own(request.form.get("key", ""), current_actor()):
        return see_other("participant.rounds", note="theirs")
    opened, choices = screen.opens(current_actor())
    return _page(screen, screen.form(opened, choices), opened, choices, unsaved=True, again=True), status


def _page(screen: Screen, form: ScreenForm, opened: profiles.Opened[Any], choices: Any, **told: bool) -> str:
    """Render a screen; it may be told that it is `stale`, `unsaved`, or shown `again` after signing in."""
    return render_template(screen.template, screen=screen, form=form, opened=opened, choices=choices, **told)
