"""The facilitator's counter: the sessions, a session's desk, planning, publishing, printing."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from webapp import jobs
from webapp.db import db
from webapp.errors import NotFound
from webapp.exchange import picture
from webapp.i18n import LANGUAGES
from webapp.i18n import gettext as _
from webapp.models import Plan
from webapp.operations.paper import printing
from webapp.operations.plans import backups, objections, planning, presence, summary, variants
from webapp.operations.profile import host_wishes
from webapp.operations.reception import desk
from webapp.signin import current_actor
from webapp.views.page import see_other

counter = Blueprint("facilitator", __name__, url_prefix="/desk")

STATES = {"draft": "draft", "plan": "published"}
GOALS = {"try": "facilitator.compare", "anew": "facilitator.repair"}


@counter.get("")
def today() -> str:
    """The sessions by day."""
    return render_template("desk/today.html", days=desk.days(), kept=backups.kept())


@counter.post("/<string:slug>/plan")
def plan(slug: str) -> Answer:
    """Start planning; where it is under way already, lead there. A draft that was not looked at stays."""
    held = planning.find_session(slug)
    if "draft" in request.form:
        planning.refuse_other_draft(held.id, request.form["draft"])
    refusal = planning.why_not(held, presence.expected(db.session(), held))
    if refusal:
        return see_other("facilitator.session", slug=slug)
    return see_other("facilitator.job", slug=slug, job=jobs.enqueue("plan", held.id, by=current_actor()))


@counter.get("/<string:slug>/job/<string:job>")
def job(slug: str, job: str) -> str | Answer | Response:
    """How far the planning is; htmx asks for the part that changes."""
    held = planning.find_session(slug)
    found = jobs.find(job, held.id)
    live = "HX-Request" in request.headers
    if found.state == "done":
        first = (found.asked or {}).get("first") if found.kind == "anew" else None
        goal = url_for(GOALS.get(found.kind, "facilitator.draft"), slug=slug, **({"from": first} if first else {}))
        return Response(headers={"HX-Redirect": goal}) if live else redirect(goal, 303)
    if live and found.state not in jobs.UNDER_WAY:
        return Response(headers={"HX-Refresh": "true"})
    told = _(found.sentence) if found.sentence else ""
    return render_template("desk/progress.html" if live else "desk/job.html", session=held, job=found, told=told)


@counter.post("/<string:slug>/job/<string:job>/stop")
def stop(slug: str, job: str) -> Answer:
    """Stop the planning."""
    jobs.stop(job, planning.find_session(slug).id, by=current_actor())
    return see_other("facilitator.session", slug=slug, note="stopped")


@counter.get("/<string:slug>/draft")
def draft(slug: str) -> str | Answer:
    """How good the draft is."""
    return _plan_page(slug, "draft")


@counter.get("/<string:slug>/plan")
def published(slug: str) -> str | Answer:
    """How good the published version is."""
    return _plan_page(slug, "published")


def _plan_page(slug: str, state: str) -> str | Answer:
    held = planning.find_session(slug)
    found = planning.find_plan(held.id, state)
    if found is None:
        return see_other("facilitator.session", slug=slug)
    fits = state != "draft" or planning.fits(db.session(), found)
    shown: dict[str, Any] = {"told": summary.summary(found), "tried": variants.find_trial(held.id), "fits": fits}
    shown["unmet"] = host_wishes.unmet(found) if held.format == "clinics" else ()
    shown["lost"] = objections.lost_locks(db.session(), found) if state == "draft" else ()
    return render_template("desk/plan.html", session=held, plan=found, **shown)


@counter.get("/<string:slug>/<any(draft, plan):which>.svg")
def drawing(slug: str, which: str) -> Response:
    """The picture of the draft or the published version, for a light or a dark page."""
    tone = picture.DARK if request.args.get("tone") == "dark" else picture.LIGHT
    found: Plan | None = planning.find_plan(planning.find_session(slug).id, STATES[which])
    if found is None:
        raise NotFound
    if request.args.get("what") == "regions":
        mixture = summary.summary(found).mixture
        numbered = [f"{at} {title}" for at, title in enumerate(mixture.titles, 1)]
        return Response(picture.grid(numbered, mixture.counts, tone=tone), mimetype="image/svg+xml")
    rows = [(_("%(low)s to %(high)s %%", low=low, high=high), n) for low, high, n in summary.summary(found).spread]
    return Response(picture.bars(rows, across=_("People"), tone=tone), mimetype="image/svg+xml")


@counter.post("/<string:slug>/publish")
def publish(slug: str) -> Answer:
    """Publish the draft that was looked at."""
    held = planning.find_session(slug)
    typed = request.form
    planning.publish(held.id, by=current_actor(), draft=typed.get("draft", ""), over=typed.get("over"))
    return see_other("facilitator.session", slug=slug, note="published")


@counter.post("/<string:slug>/discard")
def discard(slug: str) -> Answer:
    """Throw the draft away that was looked at."""
    held = planning.find_session(slug)
    planning.discard(held.id, by=current_actor(), draft=request.form.get("draft", ""))
    return see_other("facilitator.session", slug=slug, note="removed")


@counter.get("/<string:slug>/print")
def prints(slug: str) -> str:
    """What can be printed, and how many pages it takes."""
    held = planning.find_session(slug)
    found = planning.find_plan(held.id, "published")
    language = request.args.get("language", printing.OWN)
    if language not in printing.TONGUES:
        abort(404)
    shown: dict[str, Any] = {"plannable": planning.plannable(held), "language": language, "tongues": LANGUAGES}
    return render_template("desk/print.html", session=held, plan=found, offer=printing.offer(held, found), **shown)


@counter.get("/<string:slug>/print/<string:kind>.pdf")
def sheet(slug: str, kind: str) -> Response:
    """One kind of sheet as PDF, or all of them as one; `since` names the version that changes are counted from."""
    paper, since = request.args.get("paper", "a4"), request.args.get("since")
    language = request.args.get("language", printing.OWN)
    if kind not in printing.KINDS or paper not in printing.PAPERS or language not in printing.TONGUES:
        abort(404)
    held = planning.find_session(slug)
    content = printing.sheet(held.id, kind, paper=paper, language=language, address=address_of_house(), since=since)
    found = planning.find_plan(held.id, "published")
    name = f"{kind}-{found.letter}.pdf" if found else f"{kind}.pdf"
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def address_of_house() -> str | None:
    """Return where the code on a card leads; nothing where a phone could not reach this computer by that name."""
    host = urlsplit(request.host_url).hostname or ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    return None if near else request.url_root
