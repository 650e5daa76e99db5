"""What stands at the head and foot of every sheet, and how a sheet writes names and times."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

from webapp.exchange.paper import Say, SheetHead


def heading(head: SheetHead, say: Say) -> dict[str, object]:
    """Return what every template reads: event, session, version, when it was printed, language, direction, paper."""
    locale = locale_of(head)
    day, short_day = (format_date(head.printed, format=length, locale=locale) for length in ("long", "medium"))
    return {
        "event": isolated(head.event),
        "session": isolated(head.session),
        "letter": head.letter,
        "badge": head.letter or say("Draft"),
        "replaces": say("%(new)s replaces %(old)s.", new=head.letter, old=head.replaced) if head.replaced else "",
        "printed": say("Printed %(day)s, %(time)s", day=day, time=clock(head, head.printed)),
        "stamp": f"{short_day} {clock(head, head.printed)}",
        "lang": locale.language,
        "dir": "rtl" if locale.text_direction == "rtl" else "ltr",
        "paper": "us-letter" if head.paper == "letter" else "a4",
        "discreet": head.discreet,
    }


def locale_of(head: SheetHead) -> Locale:
    """Return the language of a sheet; English where nobody knows it."""
    return written_in(head.locale)


def written_in(language: str) -> Locale:
    """Return how a language writes its dates; English as in Britain, where the day comes first."""
    try:
        found = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        found = Locale("en")
    return Locale("en", "GB") if found == Locale("en") else found


def clock(head: SheetHead, moment: datetime) -> str:
    """Write 14:16: on paper the 24-hour clock takes the least room and leaves no doubt."""
    return format_skeleton("Hm", moment, locale=locale_of(head))


def isolated(text: str) -> str:
    """Keep a name's direction to itself (U+2068 … U+2069)."""
    return f"\u2068{text}\u2069" if text else ""
