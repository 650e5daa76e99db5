"""My rounds as a file: one plain page that needs no network, no script and nothing beside it."""

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Response, render_template
from markupsafe import Markup

from webapp import wording
from webapp.i18n import gettext as _
from webapp.operations.mine.schedule import MyRounds
from webapp.policy import shows
from webapp.views.statics import FOLDER


def kept_page(mine: MyRounds, now: datetime) -> Response:
    """Return the file to keep.

    In a discreet event neither its name nor its title tells what it is, and it holds what the calendar does: times,
    rounds and tables.
    """
    neutral = not shows("name", to="calendar", preset=mine.event.preset)
    style = _style(FOLDER / "kept.css")
    policy = _policy(style)
    page = render_template(
        "participant/kept.html",
        mine=mine,
        wording=wording,
        neutral=neutral,
        saved=now.astimezone(mine.event.zone),
        title=_("Notes") if neutral else _("My rounds"),
        # the policy names these bytes, so that the file may have its style and nothing else
        style=Markup("<style>{}</style>").format(Markup(style)),  # noqa: S704 a file of ours
        policy=policy,
    )
    answer = Response(page, mimetype="text/html")
    name = "notes.html" if neutral else "my-rounds.html"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Content-Security-Policy"] = f"sandbox; {policy}; frame-ancestors 'none'"
    return answer


@cache
def _style(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _policy(style: str) -> str:
    held = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{held}'; base-uri 'none'; form-action 'none'"
