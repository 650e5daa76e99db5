"""The day on which everything is deleted: which one is usual, how late it may be, and whether it has come."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from webapp.i18n import gettext as _
from webapp.i18n import ngettext, show_day
from webapp.models import Event
from webapp.models.people import utc_now

USUAL = {"open": 7, "discreet": 2}
"""How many days after the last one everything is deleted where nobody says otherwise: the last papers are sorted by
then, and when *discreet* there is a day for whoever travels home."""
MOST = {"open": 60, "discreet": 14}
"""How many days after the last one it may be at most, whoever asks."""


def usual_day(ends_on: date, preset: str) -> date:
    """Return the day on which an event with this last day is deleted where nobody says otherwise."""
    return ends_on + timedelta(days=USUAL[preset])


def today(time_zone: str) -> date:
    """Return which day it is at the venue."""
    return utc_now().replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()


def has_come(event: Event) -> bool:
    """Return whether the day is there; it begins at midnight at the venue, and everything goes with its beginning."""
    return today(event.time_zone) >= event.delete_on


def wrong_day(delete_on: date, *, ends_on: date, preset: str, time_zone: str) -> str:
    """Return why everything cannot be deleted on this day, in a sentence; nothing where it can."""
    most = MOST[preset]
    if delete_on <= ends_on:
        return _("Everything would be deleted before the event is over.")
    if delete_on > ends_on + timedelta(days=most):
        last = show_day(ends_on + timedelta(days=most))
        return ngettext(
            "At most %(num)s day after the end: %(day)s, or earlier.",
            "At most %(num)s days after the end: %(day)s, or earlier.",
            most,
            day=last,
        )
    if delete_on <= today(time_zone):
        return _("This day has come already, and everything would be gone at once. Give a later one.")
    return ""
