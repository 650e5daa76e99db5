"""The front door: signing in and out, the choice of language, a sign of life."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy import select, text
from werkzeug.wrappers import Response as Answer

from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotFound, TooSoon
from webapp.forms.account import CodeForm, PasswordForm
from webapp.i18n import LANGUAGES
from webapp.i18n import gettext as _
from webapp.models import Event
from webapp.operations.door import accounts, ways_in
from webapp.signin import current_actor, let_in, let_out
from webapp.views import switching
from webapp.views.news import open_page
from webapp.views.page import came_from, wait_for

counter = Blueprint("public", __name__)

HOMES = {
    "participant": "participant.rounds",
    "helper": "tick.page",
    "facilitator": "facilitator.today",
    "organiser": "organiser.checklist",
    "safety": "safety.entries",
}


def home_of(actor: Actor) -> Answer:
    """Lead somebody who is signed in to their own first page."""
    slug = actor.helper.session.slug if actor.helper is not None else None
    return redirect(url_for(HOMES[actor.role], slug=slug), 303)


@counter.get("/")
def welcome() -> str | Answer:
    """One field for the code."""
    actor = current_actor()
    return (
        home_of(actor) if actor.role in HOMES else render_template("public/welcome.html", form=CodeForm(), failed=None)
    )


@counter.post("/")
def sign_in() -> tuple[str, int] | Answer:
    """Sign in by a typed code."""
    form = CodeForm()
    try:
        if not form.validate_on_submit():
            raise NotFound
        let_in(accounts.sign_in_by_code(form.code.data or "", address=came_from()))
    except TooSoon as refusal:
        return render_template("public/welcome.html", form=form, failed=wait_for(refusal)), 429
    except NotFound:
        failed = _("This code is not known here. Look at the slip again, or ask at the desk.")
        return render_template("public/welcome.html", form=form, failed=failed), 422
    return redirect(url_for("participant.rounds"), 303)


@counter.get("/in/<token>")
def link(token: str) -> str:
    """Show one button; looking at the link uses nothing up."""
    return render_template("public/link.html", token=token)


@counter.post("/in/<token>")
def use_link(token: str) -> tuple[str, int] | Answer:
    """Sign in by a link."""
    try:
        let_in(accounts.sign_in_by_link(token))
    except NotFound:
        return render_template("public/link.html", token=token, failed=True), 422
    return redirect(url_for("public.welcome"), 303)


@counter.get("/c/<token>")
def card(token: str) -> str:
    """Show one button to whoever has scanned a card."""
    return render_template("public/link.html", token=token, card=True)


@counter.post("/c/<token>")
def use_card(token: str) -> tuple[str, int] | Answer:
    """Sign in by the code of a card."""
    try:
        let_in(ways_in.sign_in_by_card(token))
    except NotFound:
        return render_template("public/link.html", token=token, card=True, failed=True), 422
    return redirect(url_for("public.welcome"), 303)


@counter.get("/devices")
def devices() -> str:
    """On how many devices somebody is signed in, and a button to sign out everywhere."""
    return render_template("devices.html", count=accounts.devices_of(current_actor()), open_page=open_page)


@counter.get("/staff")
def staff() -> str | Answer:
    """The staff's door."""
    actor = current_actor()
    return (
        home_of(actor)
        if actor.role in HOMES
        else render_template("public/staff.html", form=PasswordForm(), failed=None)
    )


@counter.post("/staff")
def staff_sign_in() -> tuple[str, int] | Answer:
    """Sign in by account name and password."""
    form = PasswordForm()
    try:
        if not form.validate_on_submit():
            raise NotFound
        let_in(accounts.sign_in_by_password(form.name.data or "", form.password.data or "", address=came_from()))
    except TooSoon as refusal:
        return render_template("public/staff.html", form=form, failed=wait_for(refusal)), 429
    except NotFound:
        failed = _("Account and password do not fit. Whoever looks after Rondo here can give you a new password.")
        return render_template("public/staff.html", form=form, failed=failed), 422
    return redirect(url_for("public.welcome"), 303)


@counter.post("/sign-out")
def sign_out() -> Answer:
    """End this sign-in, or all of them."""
    if request.form.get("everywhere"):
        accounts.sign_out_everywhere(by=current_actor())
    let_out()
    answer = redirect(url_for("public.welcome"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@counter.post("/language")
def language() -> Answer:
    """Keep the chosen language in this browser and go back to the page it was chosen on."""
    chosen = request.form.get("lang", "")
    if chosen not in LANGUAGES:
        abort(400)
    return switching.keep(redirect(safe_path(request.form.get("back", "")), 303), chosen)


def safe_path(path: str) -> str:
    """Return the path where it stays on this site, else the front door."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


@counter.get("/healthz")
def healthz() -> Response:
    """Answer 200 while the database can be read."""
    db.session.execute(text("SELECT 1"))
    db.session.execute(select(Event.id))
    return Response("ok\n", mimetype="text/plain")


@counter.get("/robots.txt")
def robots() -> Response:
    """Keep every search engine out."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
