"""The facilitator's pages on which other rules are tried and compared with the plan as it is."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from webapp import jobs
from webapp.db import db
from webapp.forms.rules import RulesForm
from webapp.operations.plans import planning, presence, variants
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.office import form_page, told
from webapp.views.page import see_other


@counter.route("/<string:slug>/rules", methods=["GET", "POST"])
def rules(slug: str) -> Any:
    """Change rules and start planning by them, beside the draft; where nothing is planned yet, lead to the desk."""
    held = planning.find_session(slug)
    base = variants.find_base(held.id)
    if base is None or planning.why_not(held, presence.expected(db.session(), held)):
        return see_other("facilitator.session", slug=slug)
    form = RulesForm(held)
    if form.validate_on_submit():
        with told(form):
            variants.refuse_the_same(held, form.rules())
            asked = form.rules().as_json()
            found = jobs.enqueue("try", held.id, by=current_actor(), asked=asked)
            return see_other("facilitator.job", slug=slug, job=found)
    return form_page("desk/rules.html", form, session=held, base=base, job=jobs.under_way(held.id, "try"))


@counter.get("/<string:slug>/compare")
def compare(slug: str) -> str | Answer:
    """The plan as it is beside what was tried."""
    held = planning.find_session(slug)
    found = variants.compare(held.id)
    if found is None:
        return see_other("facilitator.session", slug=slug)
    return render_template("desk/compare.html", session=held, both=found)


@counter.post("/<string:slug>/take")
def take(slug: str) -> Answer:
    """Take over the rules that were tried, and the plan made by them."""
    held, typed = planning.find_session(slug), request.form
    variants.take(held.id, by=current_actor(), trial=typed.get("trial", ""), base=typed.get("base", ""))
    return see_other("facilitator.draft", slug=slug, note="taken")


@counter.post("/<string:slug>/leave")
def leave(slug: str) -> Answer:
    """Throw away what was tried."""
    held = planning.find_session(slug)
    variants.leave(held.id, by=current_actor(), trial=request.form.get("trial", ""))
    drafted = planning.find_plan(held.id, "draft") is not None
    return see_other("facilitator.draft" if drafted else "facilitator.published", slug=slug, note="left")
