"""What is told of a deletion: when it was, what went, what is left, and what it could not reach. No names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from babel.numbers import format_decimal

from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.i18n import locale, ngettext, show_date, show_moment
from webapp.models import Event
from webapp.operations.door.step_up import LABELS
from webapp.operations.figures.small_counts import FEWEST, STEP

FEW = 1
"""Stands for a number of rows from one to four: how few they were is nobody's business any more."""

WHY = {
    "date": __("The day had come on which everything is deleted."),
    "office": __("An organiser deleted everything in the office."),
    "command": __("Everything was deleted by the command on this computer."),
}
GROUPS = {
    "people": __("People, their organisations, languages and interests"),
    "wishes": __("Wishes, questions, and whom somebody need not meet"),
    "visited": __("Specialists, presenters and interpreters"),
    "rounds": __("Plans: meetings, seats and rests"),
    "room": __("Check-in, help point and feedback"),
    "contacts": __("Contacts, answers about them, and notes of meetings"),
    "ways": __("Codes, links, sign-ins and accounts"),
    "journal": __("Files that waited, work done, and what was noted of it"),
    "programme": __("Sessions, tables and interests"),
}
FILES = {
    "copies": __("Backups in the data folder"),
    "parts": __("Files half written"),
    "logs": __("Logs"),
    "note": __("The note where backups go"),
    "key": __("The key for signing; the next start makes a new one"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a receipt: a heading, and lines of a label with what is told of it (or a sentence alone).

    It is `urgent` where somebody has still to do something, and an `aside` where it tells of files alone.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    urgent: bool = False
    aside: bool = False


def fewer(count: int) -> int:
    """Return a number of rows as it may be told."""
    return count - count % STEP if count >= FEWEST else min(count, FEW)


def parts(event: Event) -> list[Part]:
    """Return the receipt in the language of the page; none where nothing was deleted yet."""
    told = event.receipt
    if not told:
        return []
    return [
        Part(_("When and why"), tuple(_when(event, told))),
        Part(_("What you must still destroy"), tuple(_elsewhere(event, told)), urgent=True),
        Part(_("What was deleted"), tuple(_rows(told))),
        Part(_("What took place"), tuple(_counts(told))),
        Part(_("What is left here"), tuple(_left(told))),
        Part(_("Files and database"), tuple(_files(told)), aside=True),
    ]


def as_text(event: Event) -> str:
    """Return the receipt as plain text."""
    lines = [_("Receipt: everything about %(event)s was deleted", event=event.title)]
    for part in parts(event):
        lines += ["", part.title, *(f"  {label}: {said}" if said else f"  {label}" for label, said in part.lines)]
    return "\n".join([*lines, ""])


def _when(event: Event, told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield str(WHY[str(told["why"])]), ""
    yield _("Begun"), _moment(event, told["begun_at"])
    yield _("Finished"), _moment(event, told["ended_at"])
    yield _("The day it was to be deleted on"), show_date(date.fromisoformat(told["delete_on"]))


def _rows(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, count in _pairs(told, "rows"):
        if count == FEW:
            yield _group(name), _("fewer than %(num)s rows", num=FEWEST)
        elif count:
            yield _group(name), ngettext("about %(rows)s row", "about %(rows)s rows", count, rows=_number(count))


def _group(name: str) -> str:
    return str(GROUPS.get(name, name))


def _files(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, count, size in told["files"]:
        yield str(FILES.get(name, name)), _files_and_bytes(count, size)
    yield (
        _("The database"),
        _(
            "%(before)s bytes before, %(after)s bytes after; rewritten without what was deleted",
            before=_number(told["bytes_before"]),
            after=_number(told["bytes_after"]),
        ),
    )
    yield (
        _("Its journal"),
        _("emptied and cut to 0 bytes (checkpoint not busy, at try %(number)s)", number=told["tries"]),
    )


def _files_and_bytes(count: int, size: int) -> str:
    return ngettext(
        "%(num)s file of %(size)s bytes", "%(num)s files of %(size)s bytes together", count, size=_number(size)
    )


def _counts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    labels = {"people": _("People who met"), "meetings": _("Meetings"), "sessions": _("Sessions with rounds")}
    for name, count in _pairs(told, "counts"):
        yield labels[name], _number(count)
    yield _("Counts are rounded down; what is less than %(num)s is not told.", num=FEWEST), ""


def _left(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield _("The title and the days of the event, and this receipt."), ""
    yield _("Accounts of organisers, so that somebody can read it"), _number(told["organisers"])
    if told["others"]:
        yield (
            _("Files and folders in the data folder that Rondo did not write, and left. Look at them"),
            _files_and_bytes(*told["others"]),
        )
    for name in told.get("stayed", ()):
        yield _("This file could not be removed; remove it"), name
    if not told["key"]:
        yield _("The key for signing is a setting of this computer; change it there."), ""
    yield _("Delete the data folder when you need none of this any more."), ""


def _elsewhere(event: Event, told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield _("Paper: cards, slips, lists and signs. Destroy what is still there."), ""
    for what, times in _pairs(told, "taken"):
        label = str(LABELS.get(what, what))
        yield label, ngettext("taken out as a file %(num)s time", "taken out as a file %(num)s times", times)
    kept = told["backups"]
    if isinstance(kept, dict):
        count = kept["copies"]
        there = (
            _("This folder could not be reached; remove what lies in it.")
            if count is None
            else ngettext(
                "%(num)s locked backup, left there; remove it.",
                "%(num)s locked backups, left there; remove them.",
                count,
            )
        )
        yield kept["folder"], there
        if kept["last"]:
            yield _("The last backup was made"), _moment(event, kept["last"])
    yield _("Copies of this computer's disk or of the data folder that others made."), ""
    yield _("Out of reach is what people saved on their phones, calendars and photographs."), ""


def _pairs(told: dict[str, Any], name: str) -> list[tuple[str, int]]:
    found = told[name]
    assert isinstance(found, dict)
    return list(found.items())


def _moment(event: Event, iso: object) -> str:
    return show_moment(datetime.fromisoformat(str(iso)).replace(tzinfo=UTC).astimezone(event.zone))


def _number(count: object) -> str:
    return str(format_decimal(int(str(count)), locale=locale()))
