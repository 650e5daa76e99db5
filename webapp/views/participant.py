"""The participant's counter: one's rounds, and the calendar file of these; the profile has a module of its own."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as Answer

from webapp import wording
from webapp.errors import NotFound
from webapp.exchange.ics import calendar_file
from webapp.exchange.square import square
from webapp.i18n import gettext as _
from webapp.operations.event import programme
from webapp.operations.meetings import feedback as answers
from webapp.operations.mine import news as tidings
from webapp.operations.mine import schedule, specialists
from webapp.operations.paper.own_sheets import own_sheets
from webapp.operations.profile import who_sees
from webapp.signin import current_actor
from webapp.views.countdown import counted
from webapp.views.kept import kept_page
from webapp.views.news import open_page, told
from webapp.views.page import see_other

counter = Blueprint("participant", __name__)

LONGEST_NUMBER = 4


def now() -> datetime:
    """Return the time at this moment, in UTC."""
    return datetime.now(UTC)


@counter.get("/me")
def rounds() -> str:
    """My rounds: the next meeting first."""
    return _my_rounds(now())


@counter.get("/me/news")
def news() -> Any:
    """Nothing while what a page showed still stands; else My rounds once more, with a sentence on what is new."""
    moment, seen = now(), tidings.Stamp.read(request.args.get("seen", ""))
    fresh = tidings.stamp_of(current_actor(), now=moment)
    return Response(status=204) if seen == fresh else _my_rounds(moment, seen, fresh)


@counter.context_processor
def _live() -> dict[str, Any]:
    return {"open_page": open_page}


def _my_rounds(moment: datetime, seen: tidings.Stamp | None = None, fresh: tidings.Stamp | None = None) -> str:
    who = current_actor()
    mine = schedule.rounds_of(who, now=moment, asking=True)
    # of the same state of the database: whatever one answer reads is read in one transaction
    stamp = fresh or tidings.stamp_of(who, now=moment)
    return render_template(
        "participant/rounds.html",
        mine=mine,
        wording=wording,
        square=square(who.person.number) if who.person else None,
        count=counted(mine, moment),
        told=specialists.told_of(who, now=moment),
        stamp=stamp,
        new=told(tidings.since(who, seen, stamp, now=moment), mine, moment) if seen else None,
    )


@counter.post("/me/feedback/<string:slug>")
def feedback(slug: str) -> Answer:
    """Say how a meeting of mine was."""
    number, kind = request.form.get("round", ""), request.form.get("kind", "")
    held = int(number) if number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER else 0
    answers.say(slug, held, kind, by=current_actor(), now=now())
    place = None if request.form.get("top") else f"{slug}-{held}"
    return see_other("participant.rounds", note="answered", _anchor=place)


@counter.get("/me/day.html")
def keep() -> Response:
    """My rounds as a file to keep on the phone."""
    moment = now()
    return kept_page(schedule.rounds_of(current_actor(), now=moment), moment)


@counter.get("/me/rounds.ics")
def calendar() -> Response:
    """My rounds as a calendar file."""
    entries = schedule.calendar_of(current_actor(), now=now())
    if not entries:
        raise NotFound(_("There is nothing to put into a calendar yet. Your rounds are not published."))
    answer = Response(calendar_file(entries), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=rounds.ics"
    return answer


@counter.get("/me/visitors.pdf")
def visitors() -> Response:
    """The list of those who come to me, to print."""
    content = own_sheets(current_actor())
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="visitors.pdf"'}
    )


@counter.get("/me/who-sees-what", endpoint="who_sees")
def who_sees_what() -> str:
    """What of me is shown to whom, by the table that everything goes by."""
    person, event = current_actor().person, programme.the_event()
    if person is None or event is None:
        raise NotFound
    told = {"people": who_sees.PEOPLE, "paper": who_sees.PAPER, "files": who_sees.FILES}
    shown = {name: who_sees.sights(person, event, readers) for name, readers in told.items()}
    return render_template("participant/who_sees.html", event=event, **shown)
