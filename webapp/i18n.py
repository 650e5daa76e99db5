"""Languages of the pages: which one, in which direction, and how names, times and places are written in it.

Numbers are written with the digits 0 to 9 in every language, as Babel does where nothing else is asked for: the number
on a page, on paper, on the screen and over a table is one picture, which whoever reads no word of it still finds.
"""

import unicodedata
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.localedata import locale_identifiers
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, refresh
from flask_babel import force_locale as force_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

LANGUAGES: tuple[str, ...] = ("en", "fr", "es", "ar", "ru", "km")
"""The languages of all that participants see, and of all paper and the big screen."""

EVERYWHERE: tuple[str, ...] = ("en", "fr", "ar")
"""The languages of desk and office too."""

STAFF_ROOMS = {"facilitator", "organiser", "keeping", "safety", "tick"}
PAPER = {"organiser.blank_form", "keeping.guide"}
LANGUAGE_COOKIE = "lang"
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
BDI, END_OF_BDI = Markup("<bdi>"), Markup("</bdi>")
ENGLISH = Locale.parse(LANGUAGES[0])
CATALOGUES = Path(__file__).parent / "translations"

babel = Babel(configure_jinja=False)


def choose_locale() -> str:
    """Return the language of this request: the one chosen, else the browser's best, else English."""
    if not has_request_context():
        return LANGUAGES[0]
    known = EVERYWHERE if speaks_to_staff() else LANGUAGES
    chosen = switched_to() or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in known:
        return chosen
    return request.accept_languages.best_match(known) or LANGUAGES[0]


def switched_to() -> str | None:
    """Return the language that this very request chooses; the form that came with it is only shown once more."""
    return g.get("switched_to") if has_request_context() else None


def speaks_to_staff() -> bool:
    """Return whether this request is for a page of desk or office: one language there, not half of one."""
    return request.blueprint in STAFF_ROOMS and request.endpoint not in PAPER and not g.get("for_everybody")


def speak_to_everybody() -> None:
    """Answer in any of the languages, whichever room was asked for: whoever may not enter it need not know of it."""
    g.for_everybody = True
    refresh()


def locale() -> Locale:
    """Return the current locale; English outside a request."""
    return get_locale() or ENGLISH


@cache
def _catalogue(language: str) -> NullTranslations:
    """The sentences of one language, read once; English stands in the source."""
    return Translations.load(CATALOGUES, [language])


def gettext(string: str, **values: object) -> str:
    """Return a sentence in the current language, with `values` put in."""
    said = _in_tongue(string)
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return a sentence that counts in the current language, with `num` and `values` put in."""
    return _counting_in_tongue(singular, plural, num) % {"num": num, **values}


def _in_tongue(string: str) -> str:
    # not flask_babel's, which asks for the request four times a sentence, and a page has a hundred of them
    return str(_catalogue(locale().language).ugettext(string))


def _counting_in_tongue(singular: str, plural: str, num: int) -> str:
    return str(_catalogue(locale().language).ungettext(singular, plural, num))


def lazy_gettext(string: str, **values: object) -> LazyString:
    """Return a sentence that is said in the language spoken when it is shown."""
    return LazyString(gettext, string, **values)


def isolate(name: object) -> str:
    """Wrap a name so that its direction does not disturb the text around it (Unicode bidi isolates)."""
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}"


def bdi(name: object) -> Markup:
    """Return the name as an element of its own direction, for running text on pages."""
    return BDI + escape(name) + END_OF_BDI


def language_name(code: str | None) -> str:
    """Return what a language is called in the current one; the code itself where nobody knows it."""
    if not code:
        return ""
    return _name_in(locale(), code)


def own_language_name(code: str) -> str:
    """Return what a language calls itself."""
    return _name_in(Locale.parse(code), code)


def _name_in(where: Locale, code: str) -> str:
    try:
        return Locale.parse(code).get_display_name(where) or code
    except (UnknownLocaleError, ValueError):
        return str(where.languages.get(code, code))


def country_name(code: str | None) -> str:
    """Return what a country is called in the current language."""
    return str(locale().territories.get(code or "", code or ""))


def countries() -> list[tuple[str, str]]:
    """Return all countries as (ISO 3166 alpha-2 code, name), sorted by name without accents."""
    names = locale().territories
    pairs = [(code, str(name)) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    real = [(code, name) for code, name in pairs if code not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}]
    return sorted(real, key=lambda pair: _without_accents(pair[1]))


def languages() -> list[tuple[str, str]]:
    """Return the languages of today as (ISO 639 code, name), sorted by name without accents."""
    written = {code.partition("_")[0] for code in locale_identifiers()}
    pairs = [(code, str(name)) for code, name in locale().languages.items() if code in written or len(code) == 2]
    return sorted(pairs, key=lambda pair: _without_accents(pair[1]))


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))


def show_time(when: datetime | time) -> str:
    """Return a time of day on the 24-hour clock, as it stands on paper: one hour looks the same in every language."""
    return when.strftime("%H:%M")


def show_day(when: datetime | date) -> str:
    """Return a weekday and date as the language writes it."""
    return str(format_date(when, "EEEE d MMMM" if locale().language == "en" else "full", locale=locale()))


def show_date(when: date) -> str:
    """Return a date with its year as the language writes it."""
    return str(format_date(when, "d MMMM y" if locale().language == "en" else "long", locale=locale()))


def show_moment(when: datetime) -> str:
    """Return a date as the language writes it, and the time of day."""
    day = format_date(when, "d MMM y" if locale().language == "en" else "medium", locale=locale())
    return f"{day} · {show_time(when)}"


def open_i18n(app: Flask) -> None:
    """Give pages their language, direction and filters."""
    babel.init_app(app, locale_selector=choose_locale)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_in_tongue, _counting_in_tongue, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        isolate=isolate,
        bdi=bdi,
        language=language_name,
        own_language=own_language_name,
        country=country_name,
        time=show_time,
        day=show_day,
        date=show_date,
        moment=show_moment,
    )
    app.context_processor(_page_language)


def _page_language() -> dict[str, Any]:
    here = locale()
    offered = EVERYWHERE if has_request_context() and speaks_to_staff() else LANGUAGES
    return {
        "lang": str(here).replace("_", "-"),
        "dir": here.text_direction,
        "page_languages": offered,
        "paper_languages": LANGUAGES,
    }
