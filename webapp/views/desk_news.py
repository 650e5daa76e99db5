"""What an open page of the desk asks by, every few seconds, and what it then says in a line."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, render_template, request, url_for

from webapp.i18n import gettext as _
from webapp.i18n import show_time
from webapp.models import Session
from webapp.operations.plans import clock
from webapp.operations.reception import desk_news
from webapp.operations.reception.desk_news import Stamp
from webapp.views.clockface import SIGNS
from webapp.views.facilitator import counter
from webapp.views.news import EVERY, MILLISECOND, SPREAD

SHOWS_CLOCK = "facilitator.run"


def now() -> datetime:
    """Return the time at this moment, in UTC."""
    return datetime.now(UTC)


@counter.get("/<string:slug>/news")
def news(slug: str) -> Any:
    """Nothing while what a page of the desk shows still stands; else what is new since it was opened."""
    moment, timed = now(), "untimed" not in request.args
    held, fresh = _look(slug, moment, timed=timed)
    seen, since = (Stamp.read(request.args.get(name, "")) for name in ("seen", "since"))
    if seen == fresh:
        return Response(status=204)
    found = desk_news.since(since, fresh) if since else None
    sentence = _how_it_runs(held, moment) if found and found.timed else ""
    return render_template("desk/news.html", page=_page(held, fresh, timed=timed), new=found, sentence=sentence)


@counter.context_processor
def _live() -> dict[str, Any]:
    return {"desk_page": _open_page}


def _open_page() -> dict[str, Any] | None:
    """What an open page asks by, with the stamp of what it shows; nothing on a page that is of no session."""
    slug, timed = (request.view_args or {}).get("slug"), request.endpoint != SHOWS_CLOCK
    if "desk_page" not in g:
        g.desk_page = _page(*_look(slug, now(), timed=timed), timed=timed) if slug else None
    page: dict[str, Any] | None = g.desk_page
    return page


def _page(held: Session, stamp: Stamp, *, timed: bool) -> dict[str, Any]:
    return {
        "source": url_for("facilitator.news", slug=held.slug, since=stamp, untimed=None if timed else "yes"),
        "slug": held.slug,
        "seen": stamp,
        "every": EVERY // MILLISECOND,
        "spread": SPREAD // MILLISECOND,
        "zone": held.event.time_zone,
        "again": _again(),
    }


def _look(slug: str, moment: datetime, *, timed: bool) -> tuple[Session, Stamp]:
    held, stamp = desk_news.look(slug, now=moment)
    return held, stamp if timed else stamp.without_clock()


def _again() -> str:
    """Where the page is to be had once more, without the sentence on what was done; nothing where it answers a form."""
    if request.method != "GET":
        return ""
    asked = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != "note"])
    return "?".join(filter(None, (request.path, asked)))


def _how_it_runs(held: Session, moment: datetime) -> str:
    """Where the rounds stand, for the desk."""
    programme, at = clock.by_programme(held, moment), clock.position(held, moment)
    if programme and programme.waits:
        return _(
            "The rounds wait for “Start round 1”: all of them are to come, though by the programme round %(number)s "
            "has begun.",
            number=programme.number,
        )
    if programme:
        began = show_time(programme.began)
        return _(
            "Nobody has pressed “Start round 1”. By the programme round %(number)s has begun at %(time)s.",
            number=programme.number,
            time=began,
        )
    ends = show_time(at.ends.astimezone(held.event.zone))
    if at.sign in ("before", "soon"):
        return str(SIGNS["before"]) % {"time": ends}
    if at.sign in ("paused", "over"):
        return str(SIGNS[at.sign])
    if at.kind == "round":
        return _("Round %(number)s is running, until %(time)s.", number=at.number, time=ends)
    return _("Round %(number)s starts at %(time)s.", number=at.number, time=ends)
