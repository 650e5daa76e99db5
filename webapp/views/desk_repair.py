"""The counter once cards are out: what is gone, repair, and the help point."""

from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from webapp import jobs
from webapp.errors import BadInput
from webapp.operations.plans import clock, planning
from webapp.operations.rounds import gone as what_is_gone
from webapp.operations.rounds import help_point as pointing
from webapp.operations.rounds import repair as repairing
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.page import see_other

LONGEST_NUMBER = 4
LONGEST_LIST = 400


@counter.get("/<string:slug>/repair")
def repair(slug: str) -> str | Answer:
    """What a repair would change, beside a plan of the rest anew."""
    held = planning.find_session(slug)
    seen = repairing.outlook(held, now=_now(), first=_number(request.args.get("from", "")))
    if seen is None:
        return see_other("facilitator.session", slug=slug)
    return render_template(
        "desk/repair.html",
        session=held,
        seen=seen,
        job=jobs.under_way(held.id, "anew"),
        programme=clock.by_programme(held, _now()),
    )


@counter.post("/<string:slug>/repair/publish")
def publish_repair(slug: str) -> Answer:
    """Publish what was looked at, and go on to print what changed."""
    held = planning.find_session(slug)
    how, seal = request.form.get("how", ""), request.form.get("seal", "")
    first = _number(request.form.get("from", ""))
    before, _after = repairing.publish(held.id, how, seal, first=first, by=current_actor(), now=_now())
    return see_other("facilitator.prints", slug=slug, since=before, note="reissued")


@counter.post("/<string:slug>/repair/anew")
def plan_anew(slug: str) -> Answer:
    """Start planning the open rounds anew, beside the repair."""
    held = planning.find_session(slug)
    seen = repairing.outlook(held, now=_now(), first=_number(request.form.get("from", "")))
    if seen is None or seen.over or seen.why_not:
        return see_other("facilitator.repair", slug=slug)
    job = jobs.enqueue("anew", held.id, by=current_actor(), asked={"first": seen.first})
    return see_other("facilitator.job", slug=slug, job=job)


@counter.post("/<string:slug>/repair/undo")
def undo_version(slug: str) -> Answer:
    """Publish the tables of the version before once more."""
    held = planning.find_session(slug)
    seen = request.form.get("version", "")
    before, _after = repairing.undo(held.id, version=seen, by=current_actor(), now=_now())
    return see_other("facilitator.prints", slug=slug, since=before, note="taken_back")


@counter.get("/<string:slug>/gone")
def gone(slug: str) -> str | Answer:
    """Who and what is there no more."""
    if not planning.plannable(planning.find_session(slug)):
        return see_other("facilitator.session", slug=slug)
    return _gone_page(slug)


@counter.post("/<string:slug>/gone")
def say_gone(slug: str) -> Any:
    """Say that somebody or something is gone, or back."""
    held, form = planning.find_session(slug), request.form
    try:
        what_is_gone.say(
            held.id, form.get("kind", ""), form.get("name", ""), back=form.get("back") == "yes",
            by=current_actor(), now=_now(),
        )  # fmt: skip
    except BadInput as refusal:
        return _gone_page(slug, refusal), 422
    return see_other("facilitator.gone", slug=slug, note="saved")


@counter.post("/<string:slug>/leaves")
def leaves(slug: str) -> Any:
    """Note that somebody leaves early."""
    held = planning.find_session(slug)
    try:
        last = _number(request.form.get("last", ""))
        what_is_gone.leave_early(held.id, request.form.get("number", ""), last, by=current_actor())
    except BadInput as refusal:
        return _gone_page(slug, refusal), 422
    return see_other("facilitator.gone", slug=slug, note="saved")


def _gone_page(slug: str, refusal: BadInput | None = None) -> str:
    held = planning.find_session(slug)
    return render_template(
        "desk/gone.html", session=held, gone=what_is_gone.gone(held, now=_now()), refusal=refusal, typed=request.form
    )


@counter.route("/<string:slug>/help", methods=["GET", "POST"])
def help_point(slug: str) -> Any:
    """Send people without a partner somewhere, at once."""
    held = planning.find_session(slug)
    if not planning.plannable(held):
        return see_other("facilitator.session", slug=slug)
    number = pointing.running_round(held, now=_now(), asked=_number(request.values.get("round", "")))
    running = pointing.running_round(held, now=_now())
    refusal, typed = None, request.form.get("numbers", "")
    if request.method == "POST":
        try:
            seen = _number(request.form.get("now", ""))
            pointing.send(held.id, typed[:LONGEST_LIST], number=number, by=current_actor(), now=_now(), seen=seen)
        except BadInput as caught:
            refusal, number = caught, running if caught.field == "round" else number
        else:
            return see_other("facilitator.help_point", slug=slug, round=number)
    page = render_template(
        "desk/help.html",
        session=held,
        number=number,
        running=running,
        sent=pointing.sent(held, number),
        refusal=refusal,
        typed=typed,
    )
    return page, 422 if refusal else 200


@counter.post("/<string:slug>/help/undo")
def undo_help(slug: str) -> Answer:
    """Take back where somebody was sent."""
    held, number = planning.find_session(slug), _number(request.form.get("round", ""))
    pointing.undo(held.id, request.form.get("person", ""), number=number, by=current_actor())
    return see_other("facilitator.help_point", slug=slug, round=number or None)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def _now() -> datetime:
    return datetime.now(UTC)
