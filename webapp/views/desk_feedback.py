"""The facilitator's page on which cards are entered: a number, the rounds that are circled, and the next one."""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template, request
from itsdangerous import BadData, URLSafeSerializer

from webapp.errors import BadInput
from webapp.models import Session
from webapp.operations.meetings import contacts
from webapp.operations.meetings import feedback as answers
from webapp.operations.plans import planning
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.page import see_other

LONGEST_TYPED, LONGEST_REACH = 200, 500


@counter.route("/<string:slug>/feedback", methods=["GET", "POST"])
def feedback(slug: str) -> Any:
    """Ask for a number, then for the rounds; say once what was stored, and ask for the next number."""
    held = planning.find_session(slug)
    if request.method == "POST":
        return _entered(held)
    number = request.args.get("number", "")[:LONGEST_TYPED]
    if not number:
        return _page(held, done=_read(held, request.args.get("done", "")))
    try:
        return _page(held, number, card=_card(held, number))
    except BadInput as refusal:
        return _page(held, number, refusal=refusal), 422


def _entered(held: Session) -> Any:
    lines = {name: request.form.get(name, "")[:LONGEST_TYPED] for name in ("useful", "missed", "ticked")}
    typed = answers.Typed(**lines, reach=request.form.get("reach", "")[:LONGEST_REACH])
    number, now, by = request.form.get("number", "")[:LONGEST_TYPED], datetime.now(UTC), current_actor()
    try:
        told = answers.enter(held, number, typed, by=by, now=now)
    except BadInput as refusal:
        card = _card(held, number) if refusal.field != "number" else None
        return _page(held, number, card=card, refusal=refusal, typed=typed), 422
    number = answers.card_of(held, number, by=by, now=now).person.number
    token = _seal(held).dumps([number, sorted(told.items())])
    return see_other("facilitator.feedback", slug=held.slug, done=token)


def _card(held: Session, number: str) -> answers.Card:
    return answers.card_of(held, number, by=current_actor(), now=datetime.now(UTC))


def _page(held: Session, number: str = "", **shown: Any) -> str:
    opens, opened = contacts.opens_at(held, datetime.now(UTC)), contacts.is_opened(held, datetime.now(UTC))
    return render_template("desk/feedback.html", session=held, number=number, opens=opens, opened=opened, **shown)


def _read(held: Session, token: str) -> tuple[str, dict[int, str]] | None:
    """What was just typed comes through the address under a seal: nothing is read back from what is stored."""
    try:
        number, told = _seal(held).loads(token)
    except BadData:
        return None
    return number, dict(told)


def _seal(held: Session) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"card {held.slug} {current_actor().name}")
