"""The organiser's titles and headings in the languages of pages and paper.

A translation belongs to the words themselves, as in a dictionary: wherever they stand, they are said the same way.
"""

from collections.abc import Mapping

from sqlalchemy import delete, select, union
from sqlalchemy.orm import Session as Rows

from webapp.db import db
from webapp.i18n import LANGUAGES, locale
from webapp.models import Event, Interest, Region, Session, Translation

Told = Mapping[str, Mapping[str, str]]
"""By the organiser's own words and the code of a language what they are there; an empty text where they stay."""

KNOWN = "titles"


def titled(words: str) -> str:
    """Return a title or heading in the language spoken now; the organiser's own words where there is no other."""
    return in_language(words, locale().language)


def in_language(words: str, language: str) -> str:
    """Return a title or heading in this language; all of a language are read at once, whatever is asked for."""
    known: dict[str, Mapping[str, str]] = db.session.info.setdefault(KNOWN, {})
    if language not in known:
        found = select(Translation.words, Translation.text).where(Translation.language == language)
        known[language] = {row.words: row.text for row in db.session.execute(found)}
    return known[language].get(words, words)


def others(words: str) -> dict[str, str]:
    """Return what these words are in other languages, by code."""
    found = select(Translation.language, Translation.text).where(Translation.words == words)
    return {row.language: row.text for row in db.session.execute(found)}


def languages_in_order(event: Event | None) -> list[str]:
    """Return the languages of pages and paper, the event's working languages first."""
    working = [code for code in (event.working_languages if event else ()) if code in LANGUAGES]
    return list(dict.fromkeys([*working, *LANGUAGES]))


def write(rows: Rows, told: Told) -> None:
    """Keep what words are in other languages, within a transaction that is open, and forget what nothing is called."""
    for words, texts in told.items():
        for language, text in texts.items():
            rows.execute(delete(Translation).where(Translation.words == words, Translation.language == language))
            if text and text != words:
                rows.add(Translation(words=words, language=language, text=text))
    rows.flush()
    forget_unused(rows)


def forget_unused(rows: Rows) -> None:
    """Forget translations of words by which nothing is called any more."""
    rows.flush()
    used = union(*(select(column) for column in (Interest.title, Interest.heading, Region.title, Session.title)))
    rows.execute(delete(Translation).where(Translation.words.not_in(used)))
    rows.info.pop(KNOWN, None)
