"""The engine's codes in words for people. The other person stays unnamed, so that every language can say it."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta, get_timezone_gmt, get_timezone_location

from webapp.i18n import gettext as _
from webapp.i18n import locale, ngettext

MOST = 10**9
"""More than any span has of any unit, so that it is said in the unit asked for and no longer one."""


def topic_reason(*, gives: bool, takes: bool, kind: str = "pairs") -> str:
    """Say what the reader gives and takes of a topic that both chose, or several at a table."""
    if kind == "clinics":
        return _("You seek it, and it is what this specialist is asked about.")
    if kind == "stations":
        return _("You seek it, and it is shown here.")
    if kind == "circles":
        return _circle_reason(gives=gives, takes=takes)
    if gives and takes:
        return _("Each of you offers it and seeks it.")
    if gives:
        return _("You offer it, and your partner seeks it.")
    return _("You seek it, and your partner offers it.")


def _circle_reason(*, gives: bool, takes: bool) -> str:
    if gives and takes:
        return _("You offer it and seek it, as others at your table do.")
    if gives:
        return _("You offer it, and somebody at your table seeks it.")
    return _("You seek it, and somebody at your table offers it.")


def opening_question(topic: str | None = None, *, gives: bool = False, pick: int = 0) -> str:
    """Return a question to start with; `pick` is any whole number: with the next one comes another question."""
    if topic is None:
        choices = _open_questions()
    elif gives:
        choices = _giver_questions(topic)
    else:
        choices = _taker_questions(topic)
    return choices[pick % len(choices)]


def _taker_questions(topic: str) -> tuple[str, ...]:
    return (
        _("What would you tell somebody who is just beginning with “%(topic)s”?", topic=topic),
        _("What worked better than you expected in “%(topic)s”, and what did not?", topic=topic),
        _("What do you wish you had known earlier about “%(topic)s”?", topic=topic),
        _("Which mistake in “%(topic)s” taught you most?", topic=topic),
        _("How did you come to “%(topic)s”, and what keeps you at it?", topic=topic),
        _("What should somebody try next who wants to go further in “%(topic)s”?", topic=topic),
    )


def _giver_questions(topic: str) -> tuple[str, ...]:
    return (
        _("What is the hardest part of “%(topic)s” for you at the moment?", topic=topic),
        _("Where do you stand with “%(topic)s”, and what would be a good next step?", topic=topic),
        _("What have you tried so far in “%(topic)s”?", topic=topic),
        _("What would change in your work if “%(topic)s” went well?", topic=topic),
        _("What made you think of “%(topic)s” just now?", topic=topic),
        _("What about “%(topic)s” would you like to see with other eyes?", topic=topic),
    )


def _open_questions() -> tuple[str, ...]:
    return (
        _("What are you working on that you would like to talk about?"),
        _("What brought you here, and what would make the journey worth it?"),
        _("What has gone well in your work this year?"),
        _("What could somebody in this room help you with?"),
        _("What do people often misunderstand about your work?"),
        _("What have you learnt lately that others here should know?"),
        _("What would you do next if you had twice the time?"),
        _("Whose work do you admire, and why?"),
    )


def time_ahead(left: timedelta) -> str:
    """Say how far ahead something is: in minutes begun, from two hours on in full hours, then in full days."""
    unit: Literal["minute", "hour", "day"] = "day"
    if left < timedelta(hours=2):
        unit, left = "minute", timedelta(minutes=max(1, -(-left // timedelta(minutes=1))))
    elif left < timedelta(days=1):
        unit, left = "hour", timedelta(hours=left // timedelta(hours=1))
    else:
        left = timedelta(days=left.days)
    here = locale()
    return format_timedelta(left, granularity=unit, threshold=MOST, add_direction=True, locale=here)


def awaited_here(*, running: bool, when: str) -> str:
    """Say `when` ("in 5 minutes") the round that stands beside this begins or ends."""
    return _("Ends %(when)s", when=when) if running else _("Starts %(when)s", when=when)


def awaited(number: int, table: str, *, running: bool, when: str) -> str:
    """Say `when` ("in 5 minutes") a round begins or ends, and at which table it is."""
    if running:
        return _("Now round %(number)d, table %(table)s. It ends %(when)s.", number=number, table=table, when=when)
    return _("Next: round %(number)d, table %(table)s. It starts %(when)s.", number=number, table=table, when=when)


def rest(code: str, *, round_no: int, people: int = 0, kind: str = "pairs") -> str:
    """Explain a round without a table, without blame; `people` is how many were to be paired in it."""
    if code == "usual":
        return _("Round %(number)d: free.", number=round_no)
    if code == "no_visitor":
        return _("Round %(number)d: nobody is expected at your table.", number=round_no)
    why = rest_reason(code, people=people, kind=kind)
    return _("Round %(number)d: free (%(why)s).", number=round_no, why=why)


def rest_reason(code: str, *, people: int = 0, kind: str = "pairs") -> str:
    """Return why somebody has no table in a round, as a part of a sentence."""
    if code == "odd_number":
        if people % 2:
            return ngettext("%(num)d person does not split in pairs", "%(num)d people do not split in pairs", people)
        return _("an odd number of people does not split in pairs")
    if code == "no_partner" and kind == "stations":
        return _("no other table in your languages has a free place")
    return {
        "no_partner": _("everybody you have not met yet is at another table"),
        "limit": _("you have as many talks as this session gives"),
        "no_table": _("all tables are taken"),
        "away": _("you said that you are away"),
        "withdrew": _("you have withdrawn"),
        "elsewhere": _("you are needed at another session then"),
    }.get(code, _("there is no table for you in this round; ask at the help point if you would like one"))


def role_name(role: str) -> str:
    """Return what kind of guest a role is, in the plural."""
    names = {
        "member": _("Members"),
        "donor": _("Donors"),
        "stakeholder": _("Local stakeholders"),
        "guest": _("Special guests"),
    }
    return names.get(role, role)


def time_zone(zone: ZoneInfo, at: datetime) -> str:
    """Name the venue's time zone by its city and its distance to universal time."""
    here = locale()
    city = get_timezone_location(zone, locale=here, return_city=True)
    return f"{city} ({get_timezone_gmt(at.replace(tzinfo=zone), locale=here)})"
