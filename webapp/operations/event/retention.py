"""The day on which everything is deleted: which one is usual, how late it may be, and whether it has come."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from webapp.i18n import gettext as _
from webapp.i18n import ngettext, show_date
from webapp.models import Event
from webapp.models.people import utc_now

USUAL = {"open": 7, "discreet": 2}
"""How many days after the last one everything is deleted where nobody says otherwise: the last papers are sorted by
then, and when *discreet* there is a day for whoever travels home."""
MOST = {"open": 60, "discreet": 14}
"""How many days after the last one it may be at most, whoever asks."""


def usual_day(ends_on: date, preset: str, *, time_zone: str) -> date:
    """Return the day on which an event is deleted where nobody says otherwise, from today where the usual has come."""
    usual, here = ends_on + timedelta(days=USUAL[preset]), today(time_zone)
    return usual if usual > here else here + timedelta(days=USUAL[preset])


def today(time_zone: str) -> date:
    """Return which day it is at the venue."""
    return utc_now().replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()


def has_come(event: Event) -> bool:
    """Return whether the day is there; it begins at midnight at the venue, and everything goes with its beginning."""
    return today(event.time_zone) >= event.delete_on


def wrong_day(delete_on: date, *, ends_on: date, preset: str, time_zone: str) -> str:
    """Return why everything cannot be deleted on this day, in a sentence; nothing where it can."""
    most, here = MOST[preset], today(time_zone)
    last = ends_on + timedelta(days=most)
    if delete_on <= ends_on:
        return _("Everything would be deleted before the event is over.")
    # of an event that was stored long after its end, something can still be said
    if last <= here < delete_on - timedelta(days=most):
        return _("The event is over: %(day)s at the latest.", day=show_date(here + timedelta(days=most)))
    if here < last < delete_on:
        return ngettext(
            "At most %(num)s day after the end: %(day)s, or earlier.",
            "At most %(num)s days after the end: %(day)s, or earlier.",
            most,
            day=show_date(last),
        )
    if delete_on <= here:
        return _("This day has come already, and everything would be gone at once. Give a later one.")
    return ""
