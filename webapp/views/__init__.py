"""Who asks: thin views that load, ask whether they may, do, and answer. One blueprint a counter."""

from flask import Flask

from webapp.views import (
    desk_meetings,
    desk_repair,
    errors,
    facilitator,
    headers,
    organiser,
    page,
    participant,
    public,
    variants,
)

__all__ = ["desk_meetings", "desk_repair", "open_counters", "variants"]


def open_counters(app: Flask) -> None:
    """Register every blueprint, the error pages and the headers that all answers carry."""
    for room in (public, participant, facilitator, organiser):
        app.register_blueprint(room.counter)
    page.register(app)
    errors.register(app)
    headers.register(app)
