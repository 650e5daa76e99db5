"""The organiser's own words in the languages of pages and paper: titles, headings, what something is about.

A translation belongs to the words themselves, as in a dictionary: wherever they stand, they are said the same way.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, func, select, union
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Rows

from webapp.db import db
from webapp.i18n import LANGUAGES, locale
from webapp.models import Event, Host, Interest, Region, Session, Translation

Told = Mapping[str, Mapping[str, str]]
"""By the organiser's own words and the code of a language what they are there; an empty text where they stay."""

KNOWN = "titles"
SPOKEN: tuple[InstrumentedAttribute[str], ...] = (
    Interest.title,
    Interest.heading,
    Region.title,
    Session.title,
    Session.summary,
    Host.title,
    Host.note,
)
"""All words of the organiser that may stand in other languages too."""


def titled(words: str) -> str:
    """Return words of the organiser in the language spoken now; as they were typed where there are no others."""
    return in_language(words, locale().language)


def in_language(words: str, language: str) -> str:
    """Return words of the organiser in this language; all of a language are read at once, whatever is asked for."""
    known: dict[str, Mapping[str, str]] = db.session.info.setdefault(KNOWN, {})
    if language not in known:
        found = select(Translation.words, Translation.text).where(Translation.language == language)
        known[language] = {row.words: row.text for row in db.session.execute(found)}
    return known[language].get(_plain(words), words)


def others(words: str) -> dict[str, str]:
    """Return what these words are in other languages, by code."""
    found = select(Translation.language, Translation.text).where(Translation.words == _plain(words))
    return {row.language: row.text for row in db.session.execute(found)}


def languages_in_order(event: Event | None) -> list[str]:
    """Return the languages of pages and paper, the event's working languages first."""
    working = [code for code in (event.working_languages if event else ()) if code in LANGUAGES]
    return list(dict.fromkeys([*working, *LANGUAGES]))


def write(rows: Rows, told: Told) -> None:
    """Keep what words are in other languages, within a transaction that is open, and forget what stands nowhere."""
    for own, texts in told.items():
        words = _plain(own)
        for language, text in ((code, _plain(typed)) for code, typed in texts.items() if words):
            rows.execute(delete(Translation).where(Translation.words == words, Translation.language == language))
            if text and text != words:
                rows.add(Translation(words=words, language=language, text=text))
    rows.flush()
    forget_unused(rows)


def forget_unused(rows: Rows) -> None:
    """Forget translations of words that stand nowhere any more."""
    rows.flush()
    used = union(*(select(_plain_in(column)) for column in SPOKEN))
    rows.execute(delete(Translation).where(Translation.words.not_in(used)))
    rows.info.pop(KNOWN, None)


def _plain(words: str) -> str:
    """The words with the ends of their lines written as one way alone."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


def _plain_in(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """The same within the database."""
    return func.replace(func.replace(column, "\r\n", "\n"), "\r", "\n")
