"""While everything is being deleted no page shows anything; after that, all that organisers find is the receipt."""

from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from webapp.models import Event
from webapp.operations.deletion import purge
from webapp.operations.event import programme
from webapp.signin import current_actor
from webapp.views.page import see_other

ALWAYS = {"static", "public.healthz", "public.robots"}
AFTER = ALWAYS | {
    "organiser.receipt", "organiser.receipt_file", "public.sign_out", "public.language", "public.devices",
}  # fmt: skip

DOORS = {
    "public.link", "public.use_link", "public.card", "public.use_card", "public.again", "public.sign_in",
    "public.helper", "public.come_by_code", "public.invited", "public.come_by_link",
    "screen.door", "screen.ask", "screen.show",
}  # fmt: skip
"""What once let somebody in, or a screen; afterwards all of it tells the same, whatever code or link it was given."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The day that stands on every page: the one to come, or when it was `over`."""

    day: date
    over: bool


def register(app: Flask) -> None:
    """Stand in front of all pages, and tell each of them the day."""
    app.before_request_funcs.setdefault(None, []).insert(0, wait_until_it_is_done)
    app.before_request_funcs[None].insert(1, say_that_it_is_over)
    app.before_request(lead_to_the_receipt)
    app.jinja_env.globals["deletion"] = deletion


def wait_until_it_is_done() -> Any:
    """Answer with one calm page while a deletion is under way."""
    if request.endpoint in ALWAYS or not purge.under_way(current_app.config["SETTINGS"].data):
        return None
    g.being_deleted = True
    return render_template("deleting.html"), 503, {"Retry-After": "60"}


def say_that_it_is_over() -> Any:
    """Lead from every door that nobody comes in by any more to the page that says so."""
    if request.endpoint not in DOORS:
        return None
    # held, so that the page that follows finds it
    g.event = event = programme.the_event()
    return redirect(url_for("public.welcome"), 303) if event is not None and event.deleted_at else None


def lead_to_the_receipt() -> Any:
    """Lead organisers to the receipt once there is nothing else."""
    if current_actor().role != "organiser" or request.endpoint in AFTER:
        return None
    # held, so that the page that follows finds it
    g.event = event = programme.the_event()
    return see_other("organiser.receipt") if event is not None and event.deleted_at else None


def deletion() -> Deletion | None:
    """Return the day on which everything is, or was, deleted; None where there is no event."""
    if g.get("being_deleted"):
        return None
    try:
        event = programme.the_event()
        return _deletion(event) if event is not None else None
    except SQLAlchemyError:
        # this stands on the page of failures too
        return None


def _deletion(event: Event) -> Deletion:
    if event.deleted_at is None:
        return Deletion(event.delete_on, over=False)
    return Deletion(event.deleted_at.replace(tzinfo=UTC).astimezone(event.zone).date(), over=True)
