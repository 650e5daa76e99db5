"""Who asks: thin views that load, ask whether they may, do, and answer. One blueprint a counter."""

from flask import Flask

from webapp.views import (
    checkin,
    deleting,
    desk_feedback,
    desk_meetings,
    desk_news,
    desk_repair,
    desk_run,
    errors,
    exchanging,
    exiting,
    facilitator,
    headers,
    helping,
    keeping,
    leaving,
    organiser,
    page,
    participant,
    profile,
    public,
    returning,
    safety,
    screen,
    specialists,
    standby,
    statics,
    switching,
    tick,
    variants,
    walk_ins,
)

__all__ = [
    "checkin",
    "desk_feedback",
    "desk_meetings",
    "desk_news",
    "desk_repair",
    "desk_run",
    "exchanging",
    "helping",
    "leaving",
    "open_counters",
    "profile",
    "returning",
    "specialists",
    "standby",
    "variants",
    "walk_ins",
]


def open_counters(app: Flask) -> None:
    """Register every blueprint, the error pages and the headers that all answers carry."""
    for room in (public, participant, tick, facilitator, organiser, safety, screen, keeping):
        app.register_blueprint(room.counter)
    statics.register(app)
    page.register(app)
    switching.register(app)
    exiting.register(app)
    errors.register(app)
    headers.register(app)
    deleting.register(app)
