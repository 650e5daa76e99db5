"""Letting people in from the desk: helpers, with the door through which they come, and whoever has lost a slip."""

from typing import Any

from flask import render_template, url_for

from webapp.errors import NotFound, TooSoon
from webapp.exchange.square import square
from webapp.forms.account import HelperForm, InvitedForm
from webapp.i18n import gettext as _
from webapp.operations.door import helping, ways_in
from webapp.operations.plans import planning
from webapp.operations.reception import checkin
from webapp.signin import current_actor, let_in
from webapp.views import facilitator, public
from webapp.views.page import came_from, see_other, wait_for

# --- at the desk ---------------------------------------------------------------------------------------------------


@facilitator.counter.get("/<string:slug>/helpers")
def helpers(slug: str) -> str:
    """Who helps in this session, and a button to let somebody in."""
    held = planning.find_session(slug)
    return render_template("desk/helpers.html", session=held, helping=helping.helping(held))


@facilitator.counter.post("/<string:slug>/helpers/new", endpoint="let_in")
def invite(slug: str) -> str:
    """Show a fresh invitation, on this page and never again."""
    held = planning.find_session(slug)
    made = helping.invite(held.id, by=current_actor())
    site = facilitator.address_of_house()
    drawn = square(site.rstrip("/") + url_for("public.invited", token=made.token)) if site else None
    minutes = int(helping.INVITED_FOR.total_seconds()) // 60
    return render_template("desk/let_in.html", session=held, code=made.code, square=drawn, minutes=minutes)


@facilitator.counter.post("/<string:slug>/helpers/<string:public_id>/end")
def end_helper(slug: str, public_id: str) -> Any:
    """End one helper's work."""
    helping.end(planning.find_session(slug).id, public_id, by=current_actor())
    return see_other("facilitator.helpers", slug=slug, note="ended")


@facilitator.counter.post("/<string:slug>/helpers/end")
def end_helpers(slug: str) -> Any:
    """End the work of all helpers of the session."""
    helping.end_all(planning.find_session(slug).id, by=current_actor())
    return see_other("facilitator.helpers", slug=slug, note="all-ended")


@facilitator.counter.post("/<string:slug>/guest/<string:public_id>/lost-slip")
def lost_slip(slug: str, public_id: str) -> str:
    """Show a code that signs one person in once, on this page and never again."""
    held = planning.find_session(slug)
    person = checkin.board(held).called(public_id).person
    site, drawn = facilitator.address_of_house(), None
    if site:
        token = ways_in.one_time(person.public_id, by=current_actor())
        drawn = square(site.rstrip("/") + url_for("public.link", token=token))
    minutes = int(ways_in.ONCE_LASTS.total_seconds()) // 60
    return render_template("desk/lost_slip.html", session=held, person=person, square=drawn, minutes=minutes)


# --- at the front door ---------------------------------------------------------------------------------------------


@public.counter.get("/helper")
def helper() -> str:
    """Fields for a helper's code and name."""
    return render_template("public/helper.html", form=HelperForm(), failed=None)


@public.counter.post("/helper")
def come_by_code() -> Any:
    """Let a helper in by the typed code."""
    form = HelperForm()
    if not form.validate_on_submit():
        return render_template("public/helper.html", form=form, failed=None), 422
    try:
        let_in(helping.come_by_code(form.code.data, form.name.data, address=came_from()))
    except TooSoon as refusal:
        return render_template("public/helper.html", form=form, failed=wait_for(refusal)), 429
    except NotFound:
        failed = _("This code is not known here, or it has been used. Ask at the desk for a new one.")
        return render_template("public/helper.html", form=form, failed=failed), 422
    return see_other("public.welcome")


@public.counter.get("/helper/<string:token>")
def invited(token: str) -> str:  # noqa: ARG001
    """A field for the name and one button; looking uses nothing up, and says the same to any link."""
    return render_template("public/helper.html", form=InvitedForm(), failed=None)


@public.counter.post("/helper/<string:token>")
def come_by_link(token: str) -> Any:
    """Let a helper in by the link."""
    form = InvitedForm()
    if not form.validate_on_submit():
        return render_template("public/helper.html", form=form, failed=None), 422
    try:
        let_in(helping.come_by_link(token, form.name.data))
    except NotFound:
        failed = _("This invitation has ended, or it has been used. Ask at the desk for a new one.")
        return render_template("public/helper.html", form=form, failed=failed), 422
    return see_other("public.welcome")
