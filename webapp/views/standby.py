"""The facilitator's page of the standby line: which table is free now, who is next, who has sat down."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Response, render_template, request

from webapp.access import Actor
from webapp.errors import NotNow
from webapp.models import Session
from webapp.operations.plans import planning
from webapp.operations.rounds import standby as line
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.page import see_other

LONGEST_NUMBER = 4


@counter.get("/<string:slug>/standby")
def standby(slug: str) -> Any:
    """The line and the tables; htmx asks for the part that changes."""
    return _page(planning.find_session(slug), asked=_number(request.args.get("round", "")))


@counter.post("/<string:slug>/standby")
def stand_by(slug: str) -> Any:
    """Note what has happened at a table."""
    held, form = planning.find_session(slug), request.form
    number, verb = _number(form.get("round", "")), _verbs().get(form.get("verb", ""))
    try:
        if verb is not None:
            verb(held.id, form.get("person", ""), form.get("host", ""), number=number, by=current_actor())
    except NotNow as refusal:
        return _page(held, asked=number, refusal=refusal), 409
    return see_other("facilitator.standby", slug=slug, round=_number(form.get("asked", "")) or None)


def _verbs() -> dict[str, Callable[..., None]]:
    now = datetime.now(UTC)
    timed = {"call": _call, "sit": line.sit, "pass": line.pass_by, "miss": line.miss, "back": line.come_after_all}
    return {name: partial(verb, now=now) for name, verb in timed.items()} | {"undo": line.stand_up}


def _call(session_id: int, _person: str, _host: str, *, number: int, by: Actor, now: datetime) -> None:
    line.call(session_id, number=number, by=by, now=now)


def _page(held: Session, *, asked: int = 0, refusal: NotNow | None = None) -> Any:
    live, moment = "HX-Request" in request.headers, datetime.now(UTC)
    # before the board is read: what is new from then on is asked for again
    stamp = line.stamp_of(held, now=moment, asked=asked)
    if live and stamp and stamp == request.args.get("seen"):
        return Response(status=204)
    seen = line.board(held, now=moment, asked=asked)
    if seen is None:
        return see_other("facilitator.session", slug=held.slug)
    page = "desk/standby_now.html" if live else "desk/standby.html"
    return render_template(page, session=held, seen=seen, asked=asked, refusal=refusal, stamp=stamp)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
