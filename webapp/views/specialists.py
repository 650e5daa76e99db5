"""The participant's page of the specialists: whom to ask, what to ask, and a place that falls free."""

from typing import Any

from flask import Response, render_template, request

from webapp import wording
from webapp.errors import NotNow
from webapp.forms.specialists import QuestionForm
from webapp.operations.mine import own_place
from webapp.operations.mine import specialists as known
from webapp.signin import current_actor
from webapp.views.page import see_other
from webapp.views.participant import LONGEST_NUMBER, counter, now


@counter.context_processor
def _has_specialists() -> dict[str, Any]:
    return {"has_specialists": known.are_open_to(current_actor())}


@counter.get("/me/specialists")
def all_specialists() -> Any:
    """The session with specialists that is next."""
    return see_other("participant.specialists", slug=known.first_for(current_actor(), now=now()))


@counter.get("/me/specialists/<string:slug>")
def specialists(slug: str) -> Any:
    """The specialists of a session; htmx asks for how I stand in the line, and is told nothing where that stands."""
    if "HX-Request" in request.headers:
        session, standing = known.standing(slug, by=current_actor(), now=now())
        if standing and standing.stamp == request.args.get("seen"):
            return Response(status=204)
        return render_template("participant/place.html", session=session, standing=standing)
    return _page(slug)


@counter.post("/me/specialists/<string:slug>/wish")
def wish(slug: str) -> Any:
    """Wish for a specialist, or no more."""
    form = request.form
    host, verb = form.get("host", ""), form.get("verb", "")
    try:
        known.wish(slug, host, verb, by=current_actor(), now=now())
    except NotNow as refusal:
        return _page(slug, refusal=refusal), 409
    asked = {name: form.get(name) or None for name in ("topic", "language")}
    anchor = "wishes" if form.get("top") else f"host-{host}"
    return see_other("participant.specialists", slug=slug, note="noted", _anchor=anchor, **asked)


@counter.post("/me/specialists/<string:slug>/question")
def ask(slug: str) -> Any:
    """Write what I would like to ask."""
    form = QuestionForm()
    if not form.validate():
        return _page(slug, form=form), 422
    try:
        known.ask(slug, form.text, by=current_actor(), now=now())
    except NotNow as refusal:
        return _page(slug, form=form, refusal=refusal), 409
    return see_other("participant.specialists", slug=slug, note="saved")


@counter.post("/me/specialists/<string:slug>/place")
def place(slug: str) -> Any:
    """Take the place that is free now, or give it back."""
    form, moment = request.form, now()
    typed = form.get("round", "")
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_NUMBER else 0
    verb = {"take": own_place.take, "back": own_place.give_back}.get(form.get("verb", ""), own_place.leave)
    try:
        verb(slug, form.get("host", ""), number=number, by=current_actor(), now=moment)
    except NotNow as refusal:
        return _page(slug, refusal=refusal), 409
    return see_other("participant.specialists", slug=slug)


def _page(slug: str, *, form: QuestionForm | None = None, refusal: NotNow | None = None) -> Any:
    asked = request.values
    topic, language = asked.get("topic", ""), asked.get("language", "")
    shown = known.browse(slug, topic=topic, language=language, by=current_actor(), now=now())
    form = form or QuestionForm(formdata=None, question=shown.question)
    return render_template(
        "participant/specialists.html",
        shown=shown, session=shown.session, standing=shown.standing, form=form, refusal=refusal, wording=wording,
    )  # fmt: skip
